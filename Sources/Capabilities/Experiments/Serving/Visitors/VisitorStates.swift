import ControlStore
import JSON
import Time

/// What is known of the visitors in some requests, inside a transaction.
struct VisitorStates {
    private struct Key: Hashable {
        let projectID: Int64
        /// UTF-8: what Swift takes for the same text are two visitors where bytes differ.
        let visitorID: [UInt8]

        init(projectID: Int64, visitorID: String) {
            self.projectID = projectID
            self.visitorID = Array(visitorID.utf8)
        }
    }

    private var stored: [Key: VisitorState] = [:]
    private var changed: [Key: VisitorState] = [:]

    /// Reads them. One that cannot be read is set aside, and its visitor begins anew.
    /// - Parameter visitors: by project.
    init(_ visitors: [(projectID: Int64, ids: [String])], at now: Timestamp, from database: Database) throws {
        for (projectID, visitors) in Dictionary(grouping: visitors, by: \.projectID) {
            let ids = Set(visitors.flatMap { $0.ids.map { Array($0.utf8) } })
                .map { JSONValue.string(String(decoding: $0, as: UTF8.self)) }
            let rows = try database.rows(
                sql: """
                    SELECT * FROM visitors WHERE project_id = ? AND visitor_id IN \(SQL.list("?"))
                    """,
                arguments: [projectID, ListArgument(.array(ids))])
            for row in rows {
                do {
                    let key = Key(projectID: projectID, visitorID: try row.read("visitor_id"))
                    stored[key] = try VisitorState(row: row)
                } catch {
                    try VisitorState.setAside(row, "\(error)", at: now, in: database)
                }
            }
        }
    }

    subscript(projectID: Int64, visitorID: String) -> VisitorState {
        get {
            let key = Key(projectID: projectID, visitorID: visitorID)
            return changed[key] ?? stored[key] ?? VisitorState()
        }
        set { changed[Key(projectID: projectID, visitorID: visitorID)] = newValue }
    }

    /// Stores those that have changed. Those of a project that is gone are nobody's.
    func save(at now: Timestamp, in database: Database) throws {
        var projects: [Int64: Bool] = [:]
        for (key, state) in changed where state != stored[key] ?? VisitorState() {
            let isThere = try projects[key.projectID] ?? database.hasProject(key.projectID)
            projects[key.projectID] = isThere
            guard isThere else { continue }
            try database.execute(
                prepared: """
                    INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at, goals, tested_in)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET
                        buckets = excluded.buckets, segments = excluded.segments, updated_at = excluded.updated_at,
                        goals = excluded.goals, tested_in = excluded.tested_in
                    """,
                arguments: [
                    key.projectID, String(decoding: key.visitorID, as: UTF8.self),
                    state.bucketsDocument.encodedString, JSONValue.object(state.segments.members).encodedString, now,
                    state.goalsDocument.encodedString, state.testedIn,
                ])
        }
    }
}

extension VisitorState {
    /// - Throws: `UnreadableColumn`, or `JSONError` for a document that is none.
    init(row: Row) throws {
        self.init(
            buckets: try JSONValue(stored: row.read("buckets", as: String.self)),
            segments: try JSONValue(stored: row.read("segments", as: String.self)),
            goals: try JSONValue(stored: row.read("goals", as: String.self)))
        testedIn = try row.read("tested_in")
    }
}
