import EventStore
import JSON
import Time

/// What a row of an uploaded file tells that was exported once, here or elsewhere.
package struct ExportedRow {
    /// Ids under which the event may be stored already, the client's first.
    let ids: [String]
    private let occurredAt: Timestamp?
    private let internalID: String?

    init(_ row: JSONNode) {
        func text(_ key: String) -> String? {
            guard row.kind == .object, let value = row[key]?.string, !value.isEmpty else { return nil }
            return value
        }
        internalID = text("internal_event_id").map { "internal event id \($0)" }
        let own = ["client_event_id", "event_id"].compactMap(text)
        ids = own.isEmpty ? internalID.map { [$0] } ?? [] : own
        occurredAt = text("inserted_at").flatMap { Timestamp($0) }
    }

    /// How a stored event is known again; nil for a row that says too little.
    var mark: EventMark? {
        guard !ids.isEmpty, let occurredAt else { return nil }
        return EventMark(ids: ids, occurredAt: occurredAt)
    }

    /// The id of an event that has neither a client's nor a server's: files that others exported have the hash of what
    /// makes the event what it is.
    var derivedID: String? { internalID }

    /// The columns that are read here besides those of an event.
    package static let columns = ["app_token", "internal_event_id"]

    /// Whether the row has the columns that only exports have. It was an event once, whatever imports ask of rows.
    static func isExported(_ row: JSONNode) -> Bool {
        row["internal_event_id"]?.string?.isEmpty == false && row["app_token"]?.string?.isEmpty == false
    }
}
