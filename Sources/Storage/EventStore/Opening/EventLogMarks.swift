import DuckDB

/// What the log knows of itself: which log it is, and how far it has come even where events were deleted since.
struct EventLogMarks {
    let identity: UInt128
    /// The greatest id that any event ever had; nil before the first.
    let reach: EventIdentifier?

    private static let name = "lake.main.event_log"
    private static let identityMark = "identity"
    private static let reachMark = "reach"

    /// Reads the marks, making them in a log that has none: a new one, or one of an earlier version.
    /// - Parameter believed: how far a log without marks has come.
    static func load(on connection: Connection, believing believed: EventIdentifier?) throws -> EventLogMarks {
        try connection.execute("CREATE TABLE IF NOT EXISTS \(name) (mark VARCHAR, value UUID)")
        // Of the marks of how far it had come only the last is needed.
        try connection.execute(
            """
            DELETE FROM \(name) WHERE mark = '\(reachMark)'
            AND value < (SELECT max(value) FROM \(name) WHERE mark = '\(reachMark)')
            """)
        if let identity = try uuid("SELECT value FROM \(name) WHERE mark = '\(identityMark)'", on: connection) {
            return EventLogMarks(identity: identity, reach: try reach(on: connection))
        }
        let identity = UInt128.random(in: .min ... .max)
        try connection.execute(
            "INSERT INTO \(name) VALUES ('\(identityMark)', $1)", [.uuid(identity)])
        if let believed { try extend(to: believed, on: connection) }
        return EventLogMarks(identity: identity, reach: try reach(on: connection))
    }

    /// Notes that the log has come so far, whatever events it holds.
    static func extend(to last: EventIdentifier, on connection: Connection) throws {
        try connection.execute("INSERT INTO \(name) VALUES ('\(reachMark)', $1)", [.uuid(last.value)])
    }

    /// Moves the mark to the newest event: where that is about to be deleted, within the transaction that does so, and now
    /// and then, so that it is found without reading the whole log.
    /// - Returns: whether it moved.
    @discardableResult
    static func keepReach(on connection: Connection) throws -> Bool {
        let marked = try mark(on: connection)
        guard let last = try last(after: marked, on: connection) else { return false }
        try extend(to: last, on: connection)
        return true
    }

    /// Commits something: what is marked already.
    static func repeatReach(on connection: Connection) throws {
        try extend(to: mark(on: connection) ?? EventIdentifier(value: 0), on: connection)
    }

    /// Reads something of the log.
    static func look(on connection: Connection) throws {
        _ = try mark(on: connection)
    }

    /// The greatest id that any event ever had.
    static func reach(on connection: Connection) throws -> EventIdentifier? {
        let marked = try mark(on: connection)
        return try last(after: marked, on: connection) ?? marked
    }

    private static func mark(on connection: Connection) throws -> EventIdentifier? {
        try uuid("SELECT max(value) FROM \(name) WHERE mark = '\(reachMark)'", on: connection)
            .map(EventIdentifier.init(value:))
    }

    /// The engine passes over the parts of the table that hold none that is newer.
    private static func last(after marked: EventIdentifier?, on connection: Connection) throws -> EventIdentifier? {
        try uuid(
            "SELECT max(event_id) FROM \(EventTable.name) WHERE event_id > $1", [.uuid(marked?.value ?? 0)],
            on: connection
        ).map(EventIdentifier.init(value:))
    }

    /// Writes to the disk, to see whether that can be done.
    static func test(on connection: Connection) throws {
        try connection.transaction {
            try connection.execute("DELETE FROM \(name) WHERE mark = 'test'")
            try connection.execute("INSERT INTO \(name) VALUES ('test', $1)", [.uuid(.random(in: .min ... .max))])
        }
    }

    private static func uuid(_ sql: String, _ values: [Value] = [], on connection: Connection) throws -> UInt128? {
        let rows = try connection.query(sql, values)
        defer { rows.close() }
        guard let chunk = try rows.next(), chunk.count > 0 else { return nil }
        return try chunk.uuid(0, 0)
    }
}
