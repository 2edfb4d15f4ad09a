import Foundation
import Testing

/// No input ends the process, and what is promised of every input holds.
///
/// In `make test` a few seconds a target with the same seed always; `make fuzz` takes its time, and a new seed. A find is
/// reported with its input and seed, and written to the target's folder under `Cases`, from where it is replayed first.
@Suite struct FuzzTests {
    /// For each target.
    private static var seconds: Double {
        ProcessInfo.processInfo.environment["SEXTANT_FUZZ_SECONDS"].flatMap(Double.init) ?? 2
    }
    private static var seed: UInt64 {
        ProcessInfo.processInfo.environment["SEXTANT_FUZZ_SEED"].flatMap(UInt64.init) ?? 1
    }

    @Test(arguments: FuzzTarget.allCases)
    func noInputIsTooMuch(target: FuzzTarget) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "sextant-fuzz-\(UUID().uuidString)").path
        let run = FuzzRun(target: target, seed: Self.seed, seconds: Self.seconds, inputPath: path)
        defer { for path in [path, run.errorPath] { try? FileManager.default.removeItem(atPath: path) } }
        let result = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            [run = run as FuzzRun] in
            do {
                try run.perform()
            } catch {
                FileHandle.standardError.write(Data("\(error)\n".utf8))
                exit(EXIT_FAILURE)
            }
        }
        if let result {
            print(Self.lines(result.standardOutputContent, with: "fuzzed") ?? "fuzzed \(target.rawValue)")
        } else {
            try Self.report(run)
        }
    }

    private static func report(_ run: FuzzRun) throws {
        let input = InputFile.input(at: run.inputPath)
        let folder = FuzzRun.casesFolder(of: run.target)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let file = folder.appending(path: name(of: input))
        try Data(input).write(to: file)
        let errors = FileManager.default.contents(atPath: run.errorPath) ?? Data()
        Issue.record(
            """
            \(run.target.rawValue), seed \(run.seed): this input, now in \(file.path), is a find:
            \(String(decoding: input, as: UTF8.self).debugDescription)
            \(String(decoding: errors.prefix(4_000), as: UTF8.self))
            """)
    }

    /// The same for the same bytes (FNV-1a).
    private static func name(of input: [UInt8]) -> String {
        let hash = input.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }

    private static func lines(_ content: [UInt8], with word: String) -> String? {
        String(decoding: content, as: UTF8.self).split(separator: "\n").first { $0.contains(word) }.map(String.init)
    }
}
