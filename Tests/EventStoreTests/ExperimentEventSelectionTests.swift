import Logging
import Testing
import Time

@testable import EventStore

/// Events of one experience, chosen to be counted or to go.
@Suite struct ExperimentEventSelectionTests {
    private let store: EventStore
    private static let taken = Timestamp(seconds: 1_000)

    init() throws {
        store = try EventStore(path: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func add(
        _ id: UInt128, _ visitor: String, _ kind: ExperimentEvent.Kind = .viewExperience, at second: Int64 = 100,
        received: Timestamp = Self.taken, experiences: [Int64] = [3], goal: Int64? = nil, revenue: Double? = nil,
        country: String? = nil
    ) async throws {
        var segments = ReportingSegments()
        segments.country = country
        segments.devices = ["iPhone"]
        try await store.append([
            ExperimentEvent(
                id: EventIdentifier(value: id), environmentID: 1, projectID: 1, kind: kind,
                occurredAt: Timestamp(seconds: second), receivedAt: received, visitorID: visitor,
                assignments: experiences.map { .init(experienceID: $0, variationID: $0 * 10) }, goalID: goal,
                revenue: revenue, segments: segments)
        ])
    }

    private func selection(
        _ parts: [ExperimentEventSelection.Part]? = nil, _ change: (inout ExperimentEventSelection) -> Void = { _ in }
    ) -> ExperimentEventSelection {
        var selection = ExperimentEventSelection(projectID: 1, experienceID: 3, receivedBy: Self.taken)
        if let parts { selection.parts = parts }
        change(&selection)
        return selection
    }

    private func fill() async throws {
        try await add(1, "a", country: "DE")
        try await add(2, "b", experiences: [2, 3], country: "PT")
        try await add(3, "a", .conversion, at: 110, experiences: [2, 3], goal: 4)
        try await add(4, "a", .transaction, at: 120, goal: 4, revenue: 10)
        try await add(5, "a", .transaction, at: 130, goal: 5, revenue: 20.5)
        try await add(6, "a", .transaction, at: 140, goal: 4)
        try await add(7, "late", received: Self.taken.adding(seconds: 1))
        try await add(8, "elsewhere", experiences: [2])
    }

    @Test func countsWhatIsChosen() async throws {
        try await fill()
        #expect(
            try await store.counts(selection()) == [.viewExperience: 2, .conversion: 1, .transaction: 3])
        #expect(try await store.counts(selection([.init(.transaction, goalIDs: [4])])) == [.transaction: 2])
        #expect(try await store.counts(selection([.init(.transaction, goalIDs: [])])) == [:])
        #expect(
            try await store.counts(selection([.init(.transaction, leastRevenue: 10, mostRevenue: 20)]))
                == [.transaction: 1])
        #expect(try await store.counts(selection([.init(.transaction, mostRevenue: -1)])) == [:])
        #expect(try await store.counts(selection([])) == [:])
        #expect(
            try await store.counts(selection { $0.start = Timestamp(seconds: 110) })
                == [.conversion: 1, .transaction: 3])
        #expect(try await store.counts(selection { $0.end = Timestamp(seconds: 110) }) == [.viewExperience: 2])
        #expect(try await store.counts(selection { $0.segments.countries = ["PT", "'"] }) == [.viewExperience: 1])
        #expect(try await store.counts(selection { $0.segments.devices = ["x"] }) == [:])
        #expect(try await store.counts(selection { $0.segments.customSegments = [1] }) == [:])
    }

    @Test func onlyWhatIsChosenGoes() async throws {
        try await fill()
        try await store.delete(selection([.init(.transaction, leastRevenue: 15), .init(.conversion, goalIDs: [4])]))
        #expect(try await store.counts(selection()) == [.viewExperience: 2, .transaction: 2])
        var other = selection()
        other.experienceID = 2
        #expect(try await store.counts(other) == [.viewExperience: 2, .conversion: 1])
        try await store.delete(selection())
        #expect(try await store.counts(selection()) == [:])
        #expect(try await store.counts(other) == [.viewExperience: 2, .conversion: 1])
        // What came after it was asked for stays.
        let all = selection { $0.receivedBy = Self.taken.adding(seconds: 1) }
        #expect(try await store.counts(all) == [.viewExperience: 1])
        let traffic = try await store.traffic(experienceID: 3, projectID: 1, receivedBy: all.receivedBy)
        #expect(traffic.visitors == 1 && traffic.conversions == 0)
    }

    @Test func whoLosesWhat() async throws {
        try await fill()
        try await add(20, "a", at: 500)
        try await add(21, "a", .conversion, at: 500, goal: 4)
        try await add(22, "a", .conversion, at: 90, goal: 6)
        let early = selection { $0.end = Timestamp(seconds: 200) }
        // A view and a conversion of goal 4 are left to a.
        #expect(
            try await store.losses(early, after: nil, limit: 10) == [
                .init(visitorID: "a", losesView: false, lostGoals: [6]),
                .init(visitorID: "b", losesView: true, lostGoals: []),
            ])
        #expect(
            try await store.losses(early, after: "a", limit: 10) == [
                .init(visitorID: "b", losesView: true, lostGoals: [])
            ])
        #expect(try await store.losses(selection([.init(.transaction)]), after: nil, limit: 10) == [])
        let all = try await store.losses(selection(), after: nil, limit: 1)
        #expect(all.map(\.visitorID) == ["a"] && all[0].losesView && Set(all[0].lostGoals) == [4, 6])
        #expect(try await store.losses(selection { $0.segments.countries = ["FR"] }, after: nil, limit: 10) == [])
    }
}
