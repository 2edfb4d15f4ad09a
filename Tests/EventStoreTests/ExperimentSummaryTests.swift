import Foundation
import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct ExperimentSummaryTests {
    private let log: Log

    init() throws { log = try Log { $0.leastScan = .zero } }

    private static let key = ExperimentSummary.Key(projectID: 1, experienceID: 5)

    private var query: ExperimentQuery {
        ExperimentQuery(projectID: 1, experienceID: 5, variationIDs: [1, 2], goalIDs: [7])
    }

    private func event(
        _ number: Int, _ visitor: String, _ kind: ExperimentEvent.Kind = .viewExperience, at second: Int64? = nil,
        browser: String? = nil, experience: Int64 = 5
    ) -> ExperimentEvent {
        let time = HandClock.start.adding(seconds: second ?? Int64(number))
        var segments = ReportingSegments()
        segments.browser = browser
        return ExperimentEvent(
            id: EventIdentifier(value: UInt128(number)), environmentID: 1, projectID: 1, kind: kind, occurredAt: time,
            receivedAt: time, visitorID: visitor, assignments: [.init(experienceID: experience, variationID: 1)],
            goalID: kind == .viewExperience ? nil : 7, segments: segments)
    }

    private func visitors(_ store: EventStore, _ change: (inout ExperimentQuery) -> Void = { _ in }) async throws
        -> Int64
    {
        var query = query
        change(&query)
        return try await store.counts(query).visitors.reduce(0) { $0 + $1.count }
    }

    /// Stores some events and has them summarized.
    private func summarize() async throws -> ExperimentSummary {
        try await log.store.append([event(10, "a"), event(11, "b"), event(12, "a", .conversion)])
        _ = try await visitors(log.store)
        await log.store.summarizeWanted()
        return try #require(log.store.summaries?.summary(of: Self.key))
    }

    private var folders: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: log.folder.file("summaries"))) ?? []
    }

    @Test func whatCameSinceIsCounted() async throws {
        let summary = try await summarize()
        try await log.store.append([event(20, "c"), event(21, "b", .conversion)])
        let counts = try await log.store.counts(query)
        #expect(counts.visitors.map(\.count) == [3] && counts.goals.map(\.converters) == [2])
        #expect(log.store.summaries?.summary(of: Self.key) === summary)
        #expect(folders.count == 1)
    }

    @Test func aShortScanIsWorthNoSummary() async throws {
        let log = try Log { $0.leastScan = .seconds(3_600) }
        try await log.store.append([event(10, "a")])
        #expect(try await visitors(log.store) == 1)
        await log.store.summarizeWanted()
        #expect(log.store.summaries?.all.isEmpty == true)
    }

    /// What it cannot answer, another one could not either.
    @Test func aReportThatEndsBeforeNeedsNone() async throws {
        let summary = try await summarize()
        #expect(try await visitors(log.store) { $0.end = HandClock.start.adding(seconds: 11) } == 1)
        await log.store.summarizeWanted()
        #expect(log.store.summaries?.summary(of: Self.key) === summary)
    }

    @Test func nothingIsMadeOfNothing() async throws {
        _ = try await visitors(log.store)
        await log.store.summarizeWanted()
        #expect(log.store.summaries?.all.isEmpty == true && folders.isEmpty)
    }

    /// A view that came later and was earlier makes a conversion count that did not.
    @Test func anEarlierViewThatComesLateCounts() async throws {
        try await log.store.append([
            event(10, "a", .conversion, at: 5), event(11, "a", at: 8), event(12, "b", .conversion, at: 5),
        ])
        #expect(try await log.store.counts(query).goals.isEmpty)
        await log.store.summarizeWanted()
        try await log.store.append([event(20, "a", at: 4), event(21, "b", at: 3)])
        #expect(try await log.store.counts(query).goals.map(\.converters) == [2])
        #expect(log.store.summaries?.all.count == 1)
    }

    @Test func firstViewsAtTheSameTimeAreOfAllTheirSegments() async throws {
        try await log.store.append([
            event(10, "a", at: 1, browser: "chrome"), event(11, "a", at: 1, browser: "safari"),
            event(12, "a", at: 1, browser: "opera"), event(13, "b", at: 1, browser: "chrome"),
            event(14, "b", at: 2, browser: "safari"), event(15, "a", .conversion, at: 3),
        ])
        _ = try await visitors(log.store)
        await log.store.summarizeWanted()
        #expect(log.store.summaries?.all.map(\.content.hasTies) == [true])
        for (browser, count) in [("chrome", 2), ("safari", 1), ("opera", 1), ("firefox", 0)] as [(String, Int64)] {
            #expect(try await visitors(log.store) { $0.segments.browsers = [browser] } == count)
        }
        var opera = query
        opera.segments.browsers = ["opera"]
        #expect(try await log.store.counts(opera).goals.map(\.converters) == [1])
        // One more at the same time.
        try await log.store.append([event(20, "b", at: 1, browser: "firefox")])
        #expect(try await visitors(log.store) { $0.segments.browsers = ["firefox"] } == 1)
        #expect(try await visitors(log.store) { $0.segments.browsers = ["chrome"] } == 2)
        #expect(log.store.summaries?.all.count == 1)
    }

    @Test func itIsMadeAnewWhenMuchHasCome() async throws {
        let log = try Log { ($0.leastScan, $0.leastNewRows) = (.zero, 3) }
        try await log.store.append([event(10, "a")])
        _ = try await visitors(log.store)
        await log.store.summarizeWanted()
        let first = log.store.summaries?.summary(of: Self.key)
        try await log.store.append((20..<24).map { event($0, "v\($0)") })
        #expect(try await visitors(log.store) == 5)
        await log.store.summarizeWanted()
        let second = log.store.summaries?.summary(of: Self.key)
        #expect(second?.content.check.rows == 5 && second !== first)
        #expect(try await visitors(log.store) == 5)
    }

    @Test func whatIsDeletedIsInNoFile() async throws {
        _ = try await summarize()
        _ = try await log.store.deleteEvents(
            of: .users, ids: ["u"], visitors: ["b"], environmentID: 1, upTo: .end)
        #expect(folders.isEmpty && log.store.summaries?.all.isEmpty == true)
        #expect(try await visitors(log.store) == 1)
    }

    @Test func deletionsOfOthersLeaveItAlone() async throws {
        let summary = try await summarize()
        try await log.store.append([event(20, "a", experience: 6)])
        _ = try await log.store.deleteEvents(of: .users, ids: ["u"], visitors: ["x"], environmentID: 1, upTo: .end)
        try await log.store.deleteExposures(experienceID: 6, projectID: 1)
        #expect(try await visitors(log.store) == 2)
        #expect(log.store.summaries?.summary(of: Self.key) === summary)
    }

    @Test func aNewStartTrustsWhatIsAsItWasWritten() async throws {
        _ = try await summarize()
        let again = try log.reopenedWithSummaries()
        let summary = again.store.summaries?.summary(of: Self.key)
        #expect(summary != nil && summary?.isVerified(at: .init(history: 1, deletions: 0)) == false)
        #expect(try await visitors(again.store) == 2)
        #expect(again.store.summaries?.summary(of: Self.key) === summary)
    }

    @Test func damageAndWhatWasCutOffIsNotRead() async throws {
        let summary = try await summarize()
        let file = try #require(summary.content.files.first { $0.part == .visitors })
        var bytes = try Data(contentsOf: URL(filePath: "\(summary.folder)/\(file.name)"))
        bytes[bytes.count / 3] ^= 1
        let again = try log.reopenedWithSummaries { folder in
            let copy = "\(folder)/\(URL(filePath: summary.folder).lastPathComponent)"
            try bytes.write(to: URL(filePath: "\(copy)/\(file.name)"))
            // As a crash leaves it.
            try FileManager.default.copyItem(atPath: copy, toPath: "\(folder)/1-6-9.part")
        }
        #expect(again.store.summaries?.all.count == 1)
        #expect(try await visitors(again.store) == 2)
        #expect(again.store.summaries?.all.isEmpty == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: again.folder.file("summaries")).isEmpty)
    }

    /// A crash after a deletion leaves files that hold what was deleted.
    @Test func whatWasDeletedBeforeACrashIsNotRead() async throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(atPath: try await summarize().folder, toPath: folder.file("1-5-1"))
        _ = try await log.store.deleteEvents(of: .users, ids: ["u"], visitors: ["b"], environmentID: 1, upTo: .end)
        let again = try log.reopenedWithSummaries { summaries in
            try FileManager.default.createDirectory(atPath: summaries, withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: folder.file("1-5-1"), toPath: "\(summaries)/1-5-1")
        }
        #expect(again.store.summaries?.all.count == 1)
        try await again.store.erase()
        #expect(again.store.summaries?.all.isEmpty == true)
        #expect(try await visitors(again.store) == 1)
    }

    @Test func thereIsRoomForSomeOnly() async throws {
        let log = try Log {
            ($0.leastScan, $0.mostCount, $0.leastIdle) = (.zero, 2, .zero)
        }
        for experience in 1...3 as ClosedRange<Int64> {
            try await log.store.append([event(Int(experience), "a", experience: experience)])
            var query = query
            query.experienceID = experience
            _ = try await log.store.counts(query)
            await log.store.summarizeWanted()
        }
        #expect(log.store.summaries?.all.map(\.content.key.experienceID).sorted() == [2, 3])
        let full = try Log { ($0.leastScan, $0.mostBytes) = (.zero, 10) }
        try await full.store.append([event(1, "a")])
        for _ in 0..<2 {
            #expect(try await visitors(full.store) == 1)
            await full.store.summarizeWanted()
        }
        #expect(full.store.summaries?.all.isEmpty == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: full.folder.file("summaries")).isEmpty)
    }
}

extension Log {
    /// The same files in another place, as a new start finds them.
    /// - Parameter change: changes the folder of the summaries first.
    fileprivate func reopenedWithSummaries(_ change: (String) throws -> Void = { _ in }) throws -> Log {
        let copy = try copy()
        if FileManager.default.fileExists(atPath: folder.file("summaries")) {
            try FileManager.default.copyItem(atPath: folder.file("summaries"), toPath: copy.file("summaries"))
        }
        try change(copy.file("summaries"))
        return try Log(in: copy) { $0.leastScan = .zero }
    }
}
