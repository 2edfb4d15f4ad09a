import Exports
import Text

/// Segments and exclusions of environment 1, without any store.
struct FixedAudience: ExportAudience, PendingDeletions, PendingReportRemovals {
    var segments: [Int64: Set<ClientText>] = [:]
    var excluded: (users: [String], companies: [String]) = ([], [])
    /// Done when an export waits for deletions.
    var onWait: @Sendable () throws -> Void

    init(
        segments: [Int64: Set<ClientText>] = [:], excluded: (users: [String], companies: [String]) = ([], []),
        onWait: @escaping @Sendable () throws -> Void = {}
    ) {
        self.segments = segments
        self.excluded = excluded
        self.onWait = onWait
    }

    func catchUp() {}

    func waitUntilNoneIsPending(environmentID: Int64) throws { try onWait() }

    func waitUntilNoneIsPending(experienceID: Int64) throws { try onWait() }

    func segmentMembers(_ segmentID: Int64, environmentID: Int64) -> Set<ClientText>? {
        environmentID == 1 ? segments[segmentID] : nil
    }

    func excludedSubjects(environmentID: Int64) -> (users: [String], companies: [String]) {
        environmentID == 1 ? excluded : ([], [])
    }
}
