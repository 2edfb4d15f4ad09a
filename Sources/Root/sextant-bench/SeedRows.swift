import ArgumentParser
import DuckDB
import EventStore
import Foundation

/// Fills a server's event file with rows made by the engine itself: a server that has been at work for a while.
struct SeedRows: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed", abstract: "Add events spread evenly over the four weeks before a day.")

    @Argument(help: "Database file, not in use by a server.")
    var path: String

    @Option(help: "Rows to add.") var rows = 1_000_000
    @Option(help: "The day after the last event, YYYY-MM-DD.") var before: String
    @Option(help: "Environment.") var environment: Int64 = 1

    func run() throws {
        guard before.range(of: #"^\d{4}-\d{2}-\d{2}$"#, options: .regularExpression) != nil else {
            throw ValidationError("--before must be a day, YYYY-MM-DD.")
        }
        let connection = try EventFile.open(path, memoryLimit: "4GB")
        let start = "(TIMESTAMP '\(before)' - INTERVAL 28 DAY)"
        let step = 28 * 86_400 * 1_000_000 / rows
        // Ids older than anything the server gives out: 48 bits of milliseconds, then the row's number.
        let statement = """
            INSERT INTO \(LogHalf.first.of(EventTable.name)) BY NAME
            SELECT \(environment) AS environment_id, 1 AS project_id,
                (printf('%012x', epoch_ms(\(start)) + i // 1000) || printf('7%03x8000%012x', i % 1000, i))::UUID AS event_id,
                hash(i) AS internal_event_id, 'track' AS event_type, 'backend-http' AS source, 'sextant' AS surface,
                \(start) + to_microseconds(i * \(step)) AS occurred_at, \(start) + to_microseconds(i * \(step)) AS received_at,
                ['page_opened', 'product_viewed', 'added_to_cart', 'checkout_started', 'purchased'][1 + i % 5] AS event_name,
                'user-' || (hash(i) % 50000) AS user_id,
                '{"plan": "pro", "price": ' || (i % 1000) || '.5, "quantity": 2, "currency": "EUR", "step": ' || (i % 100) || '}'
                    AS properties
            FROM range(\(rows)) AS r(i)
            """
        let inserted = try connection.execute(statement, [])
        try connection.execute("CHECKPOINT lake")
        print(#"{"rows": \#(inserted)}"#)
    }
}
