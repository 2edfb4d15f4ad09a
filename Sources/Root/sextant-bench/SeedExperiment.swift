import ArgumentParser
import DuckDB
import EventStore
import Foundation

/// Fills a server's event file with the events of one experience, made by the engine itself.
struct SeedExperiment: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed-experiment",
        abstract: "Add events of an experience, spread over the four weeks before a day: half of them views.",
        discussion:
            "Four events a visitor on the average. Of the other half one part are conversions, one transactions.")

    @Argument(help: "Database file, not in use by a server.")
    var path: String

    @Option(help: "Rows to add.") var rows = 1_000_000
    @Option(help: "The day after the last event, YYYY-MM-DD.") var before: String
    @Option(help: "Environment.") var environment: Int64 = 1
    @Option(help: "Project.") var project: Int64
    @Option(help: "Experience.") var experience: Int64
    @Option(help: "Variations, among which visitors are shared out evenly.") var variations: [Int64]
    @Option(help: "Goals, which are reached equally often.") var goals: [Int64]

    func run() throws {
        guard before.range(of: #"^\d{4}-\d{2}-\d{2}$"#, options: .regularExpression) != nil else {
            throw ValidationError("--before must be a day, YYYY-MM-DD.")
        }
        guard rows >= 4, !variations.isEmpty, !goals.isEmpty else {
            throw ValidationError("Give at least 4 rows, one variation and one goal.")
        }
        let connection = try EventFile.open(path, memoryLimit: "4GB")
        try ExposureTable.make(on: connection)
        let inserted = try connection.execute(statement, [])
        try connection.execute("CHECKPOINT lake")
        print(#"{"rows": \#(inserted)}"#)
    }

    private var statement: String {
        let step = 28 * 86_400 * 1_000_000 / rows
        let (arms, aims) = (variations.count, goals.count)
        // Ids older than anything the server gives out: 48 bits of milliseconds, then the row's number.
        return """
            INSERT INTO \(LogHalf.first.of(ExposureTable.name)) BY NAME
            SELECT \(environment) AS environment_id, \(project) AS project_id,
                (printf('%012x', epoch_ms(happened)) || printf('7%03x8000%012x', i % 1000, i))::UUID AS exposure_id,
                kind AS event_type, happened AS occurred_at, happened AS received_at, md5(visitor::VARCHAR)::UUID::VARCHAR AS visitor_id,
                \(experience) AS experience_id, \(variations)[1 + visitor % \(arms)] AS variation_id,
                CASE WHEN kind <> 'view_experience' THEN \(goals)[1 + i // 4 % \(aims)] END AS goal_id,
                CASE WHEN kind = 'transaction' THEN round(exp(3 + hash(i, 1) % 1000 / 500.0), 2) END AS revenue,
                CASE WHEN kind = 'transaction' THEN 1 + i // 4 % 3 END AS products_count,
                CASE WHEN kind = 'transaction' THEN 'order-' || i END AS transaction_id,
                CASE WHEN visitor % 3 = 0 THEN ['iPhone', 'all_phones'] ELSE ['desktop'] END AS devices,
                ['chrome', 'safari', 'firefox'][1 + visitor % 3] AS browser, ['DE', 'FR', 'PT', 'US'][1 + visitor % 4] AS country,
                ['new', 'returning'][1 + visitor % 2] AS visitor_type, ['search'] AS sources, []::BIGINT[] AS custom_segments
            FROM (
                SELECT i, (hash(i) % \(rows / 4))::BIGINT AS visitor,
                    ['view_experience', 'conversion', 'view_experience', 'transaction'][1 + i % 4] AS kind,
                    TIMESTAMP '\(before)' - INTERVAL 28 DAY + to_microseconds(i * \(step)) AS happened
                FROM range(\(rows)) AS r(i)
            )
            """
    }
}
