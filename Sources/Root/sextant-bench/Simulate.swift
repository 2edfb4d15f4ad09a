import ArgumentParser
import Foundation
import Simulation

/// Tries what docs/statistics.md promises of tests and intervals on experiments whose truth is known.
struct Simulate: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Draw experiments whose truth is known; fails when tests or intervals do not keep what they promise.")

    @Option(help: "Experiments of each check.") var runs = 10_000
    @Option(help: "The same seed draws the same experiments.") var seed: UInt64 = 1
    @Option(help: "How often an experiment is looked at, where it is looked at more than once.") var looks = 100

    func validate() throws {
        guard runs > 0 else { throw ValidationError("--runs must be at least 1.") }
        guard (1...1_000).contains(looks) else { throw ValidationError("--looks must be from 1 to 1000.") }
    }

    func run() throws {
        print("| Check | Promised | Found | From | To | |\n|---|---|---|---|---|---|")
        let checks = Simulation(runs: runs, seed: seed, looks: looks).run { check in
            print(
                "| \(check.name) | \(check.claim.words) \(percent(check.expected, digits: 0)) | \(percent(check.found)) "
                    + "| \(percent(check.bounds.lowerBound)) | \(percent(check.bounds.upperBound)) "
                    + "| \(check.holds ? "pass" : "FAIL") |")
        }
        guard checks.allSatisfy(\.holds) else { throw ExitCode.failure }
    }

    private func percent(_ part: Double, digits: Int = 2) -> String { String(format: "%.\(digits)f%%", part * 100) }
}

extension Check.Claim {
    fileprivate var words: String {
        switch self {
        case .about: "about"
        case .atMost: "at most"
        case .atLeast: "at least"
        case .moreThan: "more than"
        }
    }
}
