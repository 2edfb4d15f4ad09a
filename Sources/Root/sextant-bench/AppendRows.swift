import ArgumentParser
import DuckDB
import EventStore
import Foundation

/// The bare appender: the event table's columns in data chunks, nothing else between the rows and the disk.
struct AppendRows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append", abstract: "Append rows through data chunks, committing every few thousand.")

    @Argument(help: "Database file to make.")
    var path: String

    @Option(help: "Rows in all.")
    var rows = 1_000_000

    @Option(help: "Rows of one commit.")
    var commitRows = 5_000

    func run() throws {
        let connection = try EventFile.open(path)
        let appender = try Appender(connection, catalog: "lake", schema: "main", table: LogHalf.first.of("events"))
        let chunk = try appender.makeChunk()
        let started = ContinuousClock.now
        var written = 0
        while written < rows {
            try connection.transaction {
                let end = min(written + commitRows, rows)
                while written < end {
                    let count = min(chunk.capacity, end - written)
                    for row in 0..<count { SampleEvent.fill(chunk, row: row, number: written + row) }
                    try appender.append(chunk)
                    written += count
                }
                try appender.flush()
            }
        }
        let seconds = started.duration(to: .now) / .seconds(1)
        print(#"{"rows": \#(written), "seconds": \#(seconds), "rows_per_second": \#(Double(written) / seconds)}"#)
    }
}

/// The kind of event that the benchmark's clients send.
enum SampleEvent {
    private static let names = ["page_opened", "product_viewed", "added_to_cart", "checkout_started", "purchased"]

    /// The places of the columns, looked up once.
    private struct Places {
        let environment = Self.place("environment_id"), project = Self.place("project_id"),
            identifier = Self.place("event_id")
        let internalID = Self.place("internal_event_id"), type = Self.place("event_type"), source = Self.place("source")
        let surface = Self.place("surface"), occurredAt = Self.place("occurred_at"),
            receivedAt = Self.place("received_at")
        let name = Self.place("event_name"), user = Self.place("user_id"), properties = Self.place("properties")

        private static func place(_ name: String) -> Int {
            guard let place = EventTable.place(of: name) else { fatalError("the log has no column \(name)") }
            return place
        }
    }

    private static let places = Places()

    static func fill(_ chunk: DataChunk, row: Int, number: Int) {
        let at = places
        chunk.setInt64(1, column: at.environment, row: row)
        chunk.setInt64(1, column: at.project, row: row)
        chunk.setUUID(
            UInt128(number) << 64 | UInt128(truncatingIfNeeded: number &* 0x9E37_79B9), column: at.identifier, row: row)
        chunk.setUInt64(UInt64(number) &* 0x9E37_79B9_7F4A_7C15, column: at.internalID, row: row)
        chunk.setString("track", column: at.type, row: row)
        chunk.setString("backend-http", column: at.source, row: row)
        chunk.setString("sextant", column: at.surface, row: row)
        chunk.setTimestamp(1_700_000_000_000_000 + Int64(number), column: at.occurredAt, row: row)
        chunk.setTimestamp(1_700_000_000_000_000 + Int64(number), column: at.receivedAt, row: row)
        chunk.setString(names[number % names.count], column: at.name, row: row)
        chunk.setString("user-\(number % 5_000)", column: at.user, row: row)
        chunk.setString(
            #"{"plan": "pro", "price": 12.5, "quantity": 2, "currency": "EUR", "coupon": null, "returning": true, "channel": "email", "step": \#(number % 100)}"#,
            column: at.properties, row: row)
    }
}

/// The event table in a file of its own, as the server lays it out.
enum EventFile {
    static func open(_ path: String, memoryLimit: String = "1GB") throws -> Connection {
        let database = try Database(
            path: nil,
            settings: [
                "memory_limit": memoryLimit, "checkpoint_threshold": "\(CheckpointPolicy().bytes)B",
                "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
                "temp_directory": "\(path).tmp",
            ])
        let connection = try database.connect()
        try connection.execute("ATTACH '\(path.replacing("'", with: "''"))' AS lake")
        try EventTable.make(on: connection)
        return connection
    }
}
