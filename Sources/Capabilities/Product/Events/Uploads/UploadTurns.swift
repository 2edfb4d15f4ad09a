import Synchronization

/// Uploads that are being looked through before their job is queued: one of a group and environment at a time, as of jobs.
final class UploadTurns: Sendable {
    private struct Turn: Hashable {
        let group: UploadKind.Group
        let environmentID: Int64
    }

    private let taken = Mutex<Set<Turn>>([])

    /// Runs a body while no other of the group and environment runs.
    /// - Throws: `UploadService.Refusal.underWay` when one does.
    func take<Result>(
        _ group: UploadKind.Group, environmentID: Int64, _ body: () async throws -> Result
    ) async throws -> Result {
        let turn = Turn(group: group, environmentID: environmentID)
        guard taken.withLock({ $0.insert(turn).inserted }) else { throw UploadService.Refusal.underWay }
        defer { taken.withLock { _ = $0.remove(turn) } }
        return try await body()
    }
}
