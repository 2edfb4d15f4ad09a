import EventStore
import JSON
import Synchronization
import Testing
import Time

@testable import GainsightAPI

final class ToldProfilesTests: Sendable {
    private let profiles = ToldProfiles()
    private let reads = Mutex(0)

    private func event(_ number: Int64) -> EventIdentifier {
        EventIdentifier(earliestAt: Timestamp(seconds: 1_000_000 + number))
    }

    private func ask(_ event: EventIdentifier, name: String) async throws -> JSONValue {
        try await profiles.profile(of: event) {
            reads.withLock { $0 += 1 }
            return ToldProfile(signedUpBy: nil, user: ["name": .string(name)], account: [:])
        }.user
    }

    @Test func anEventIsReadOnceForAllWhoAreToldOfIt() async throws {
        let (first, second) = (event(1), event(2))
        #expect(try await ask(first, name: "ann") == ["name": "ann"])
        #expect(try await ask(second, name: "bob") == ["name": "bob"])
        for _ in 0..<3 { _ = try await ask(first, name: "ann") }
        #expect(reads.withLock { $0 } >= 2)
        // Large ones are not held.
        let large = String(repeating: "x", count: 100_000)
        let before = reads.withLock { $0 }
        for _ in 0..<3 { _ = try await ask(event(3), name: large) }
        #expect(reads.withLock { $0 } == before + 3)
        for number in 10..<1_000 { _ = try await ask(event(Int64(number)), name: "\(number)") }
        #expect(try await ask(event(999), name: "other") != ["name": "998"])
    }
}
