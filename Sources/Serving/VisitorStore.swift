public import ControlStore
import GRDB
import JSON

/// Reads what is known of visitors.
public struct VisitorStore: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// What a visitor was last seen with: experience to variation, and segments; nil for one never seen.
    public func visitor(
        _ id: String, projectID: Int64
    ) async throws -> (buckets: [Int64: Int64], segments: VisitorSegments)? {
        let state = try await store.database.read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM visitors WHERE project_id = ? AND visitor_id = ?",
                arguments: [projectID, id]
            ).map { try VisitorState(row: $0) }
        }
        return state.map { ($0.buckets, $0.segments) }
    }
}
