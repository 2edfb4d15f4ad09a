public import ControlStore
import JSON
import Time

extension VisitorState {
    /// Moves a row that cannot be read to what is set aside.
    static func setAside(_ row: Row, _ reason: String, at now: Timestamp, in database: Database) throws {
        let projectID: Int64 = try row.read("project_id")
        let visitorID: String = try row.read("visitor_id")
        // What is not of its column's type is no state of anybody's: there is nothing of it to keep.
        func text(_ column: String) -> JSONValue {
            (try? row.read(column, as: String.self)).map { .string($0) } ?? .null
        }
        let updatedAt = try? row.read("updated_at", as: Timestamp.self)
        let content: JSONValue = [
            "buckets": text("buckets"), "segments": text("segments"),
            "updated_at": updatedAt.map { .integer($0.microseconds) } ?? .null, "goals": text("goals"),
        ]
        try SetAside.insert(
            SetAsideEntry(
                kind: .visitor, environmentID: nil, projectID: projectID, subject: visitorID, userID: visitorID,
                receivedAt: updatedAt, reason: reason, attempts: 1, content: content.encoded()),
            at: now, in: database)
        try database.execute(
            sql: "DELETE FROM visitors WHERE project_id = ? AND visitor_id = ?", arguments: [projectID, visitorID])
    }
}

/// Gives visitors back what was set aside of them.
public struct VisitorRetry: Sendable {
    private let store: ControlStore

    public init(store: ControlStore) {
        self.store = store
    }

    /// What was learned since stays.
    /// - Throws: why it still cannot be read.
    public func retry(_ item: SetAsideItem) async throws {
        let content = try JSONValue(stored: item.entry.content ?? [])
        let old = VisitorState(
            buckets: try JSONValue(stored: content["buckets"]?.string ?? "{}"),
            segments: try JSONValue(stored: content["segments"]?.string ?? "{}"),
            goals: try JSONValue(stored: content["goals"]?.string ?? "{}"))
        let updatedAt = Timestamp(microseconds: content["updated_at"]?.int64 ?? 0)
        guard let projectID = item.entry.projectID else { return }
        let visitorID = item.entry.subject
        try await store.write { database in
            var states = try VisitorStates([(projectID, [visitorID])], at: updatedAt, from: database)
            var state = states[projectID, visitorID]
            for (experienceID, variationID) in old.buckets where state.buckets[experienceID] == nil {
                state.enter(experienceID, variationID, at: old.seenAt[experienceID])
            }
            state.segments = state.segments.laid(over: old.segments)
            state.goals.merge(old.goals) { new, _ in new }
            states[projectID, visitorID] = state
            try states.save(at: updatedAt, in: database)
            try SetAside.remove(item, in: database)
        }
    }
}
