import EventStore
import JSON
import Jobs
import Notices
import Testing
import Text
import Time

@testable import Exports

@Suite struct ExportFilterTests {
    private static let april = ExportRequest(from: .day("2025-04-01"), to: .day("2025-04-30"))

    private static let events = [
        SampleEvent(name: "a1", user: "a", company: "x", at: "2025-04-02"),
        SampleEvent(name: "a2", user: "a", at: "2025-04-03"),
        SampleEvent(name: "b1", user: "b", company: "x", at: "2025-04-04"),
        SampleEvent(name: "b2", user: "b", company: "y", at: "2025-04-05"),
        SampleEvent(type: .identifyCompany, name: "nobody", company: "y", at: "2025-04-06"),
        SampleEvent(name: "quote", user: "o'brien", at: "2025-04-07"),
        SampleEvent(type: .pageView, name: "view", user: "a", at: "2025-04-08"),
        SampleEvent(name: "other environment", user: "a", company: "x", at: "2025-04-02", environmentID: 2),
        SampleEvent(name: "day before", user: "a", at: "2025-03-31T23:59:59.999999Z"),
        SampleEvent(name: "day after", user: "a", at: "2025-05-01"),
    ]

    private func names(
        _ audience: FixedAudience = FixedAudience(), _ change: (inout ExportRequest) -> Void
    ) async throws -> [String] {
        let rig = try ExportRig(Self.events)
        var request = Self.april
        change(&request)
        return try await rig.names(of: rig.finish(request, audience))
    }

    @Test func withoutFiltersAllOfTheEnvironmentComesOut() async throws {
        #expect(try await names { _ in } == ["a1", "a2", "b1", "b2", "nobody", "quote", "view"])
    }

    @Test func usersCompaniesAndTypesSelect() async throws {
        #expect(try await names { $0.userIDs = ["a", "missing"] } == ["a1", "a2", "view"])
        #expect(try await names { $0.userIDs = ["A"] } == [])
        #expect(try await names { $0.companyIDs = ["x"] } == ["a1", "b1"])
        #expect(
            try await names {
                $0.userIDs = ["b"]
                $0.companyIDs = ["x", "y"]
            } == ["b1", "b2"])
        #expect(try await names { $0.eventTypes = [.pageView, .identifyCompany] } == ["nobody", "view"])
        #expect(try await names { $0.eventTypes = [.sessionStart] } == [])
    }

    @Test func idsAreNeverPartOfAStatement() async throws {
        #expect(try await names { $0.userIDs = ["o'brien"] } == ["quote"])
        let hostile = [
            "'", "\"", "'); DROP TABLE lake.main.events; --", "a' OR '1'='1", "%", "\\", "{}", "$1", "",
            String(repeating: "x", count: 100_000),
        ]
        #expect(try await names { $0.userIDs = hostile } == [])
        #expect(try await names { $0.companyIDs = hostile } == [])
        #expect(try await names { $0.userIDs = hostile + ["b"] } == ["b1", "b2"])
    }

    @Test func aSegmentSelectsItsMembers() async throws {
        let audience = FixedAudience(segments: [5: ["b", "'; DELETE FROM lake.main.events; --"], 6: []])
        #expect(try await names(audience) { $0.segmentID = 5 } == ["b1", "b2"])
        #expect(try await names(audience) { $0.segmentID = 6 } == [])
        #expect(
            try await names(audience) {
                $0.segmentID = 5
                $0.userIDs = ["a"]
            } == [])
    }

    @Test func exclusionsLeaveOutOnlyTheExcluded() async throws {
        let audience = FixedAudience(excluded: (["a", "o'brien"], ["y"]))
        #expect(try await names(audience) { $0.leavesOutExcluded = true } == ["b1"])
        #expect(try await names(audience) { $0.leavesOutExcluded = false }.count == 7)
        // Nothing on the list leaves everything in, events without a user or a company too.
        #expect(try await names { $0.leavesOutExcluded = true }.count == 7)
    }

    @Test func anUnknownSegmentFailsWithAReason() async throws {
        let rig = try ExportRig(Self.events)
        var request = Self.april
        request.segmentID = 99
        request.emails = ["a@example.com"]
        let export = try await rig.finish(request)
        #expect(export.status == .failed)
        #expect(export.failureReason?.contains("99") == true)
        #expect(export.files.isEmpty)
        #expect(try rig.service.links(of: export).isEmpty)
        #expect(try rig.service.manifestURL(of: export) == nil)
        let mail = try await rig.jobs.list(kinds: [LetterJob.noticeKind], environmentID: 1)
        #expect(mail.count == 1)
        #expect(try rig.letter(mail.first)?.text.contains("no segment 99") == true)
    }
}
