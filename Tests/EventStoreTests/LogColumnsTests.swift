import DuckDB
import TestSupport
import Testing
import Time

@testable import EventStore

/// The columns of the log: those that folders have stay where they are, and new ones are added to them.
@Suite struct LogColumnsTests {
    private let hand = HandClock()

    /// As folders of 2026-12 have them. Never changed: a new column is a new line below.
    private static let events = [
        "environment_id BIGINT", "project_id BIGINT", "event_id UUID", "internal_event_id UBIGINT",
        "event_type VARCHAR", "source VARCHAR", "surface VARCHAR", "occurred_at TIMESTAMP", "received_at TIMESTAMP",
        "screen_width INTEGER", "screen_height INTEGER", "event_name VARCHAR", "user_id VARCHAR",
        "company_id VARCHAR", "hostname VARCHAR", "pathname VARCHAR", "referrer VARCHAR", "operating_system VARCHAR",
        "browser VARCHAR", "browser_language VARCHAR", "user_agent VARCHAR", "device_type VARCHAR",
        "country_code VARCHAR", "session VARCHAR", "properties JSON", "client_event_id VARCHAR",
    ]
    private static let exposures = [
        "environment_id BIGINT", "project_id BIGINT", "exposure_id UUID", "event_type VARCHAR",
        "occurred_at TIMESTAMP", "received_at TIMESTAMP", "visitor_id VARCHAR", "experience_id BIGINT",
        "variation_id BIGINT", "goal_id BIGINT", "revenue DOUBLE", "products_count BIGINT", "transaction_id VARCHAR",
        "devices VARCHAR[]", "browser VARCHAR", "country VARCHAR", "visitor_type VARCHAR", "campaign VARCHAR",
        "sources VARCHAR[]", "custom_segments BIGINT[]",
    ]
    /// As queries see them, and exports but for the last.
    private static let shown = [
        "event_type", "event_name", "source", "user_id", "company_id", "inserted_at", "hostname", "pathname",
        "screen_width", "screen_height", "operating_system", "browser", "browser_language", "user_agent",
        "device_type", "country_code", "metadata", "session", "internal_event_id", "referrer", "event_id",
        "client_event_id", "received_at", "surface",
    ]

    @Test func columnsOfStoredEventsStayWhereTheyAre() {
        #expect(EventTable.table.columns.map(\.definition).prefix(Self.events.count) == Self.events[...])
        #expect(ExposureTable.table.columns.map(\.definition).prefix(Self.exposures.count) == Self.exposures[...])
        #expect(EventTable.shown.map(\.name).prefix(Self.shown.count) == Self.shown[...])
    }

    @Test func namesAreUsedOnce() {
        for names in [
            EventTable.columns.map(\.name), ExposureTable.columns.map(\.name),
            ExposureTable.columns.compactMap(\.member), EventTable.shown.map(\.name),
        ] {
            #expect(Set(names).count == names.count)
        }
        #expect(EventTable.shown.count == EventTable.columns.compactMap(\.shown).count)
    }

    @Test func everyFieldHasAColumnAndRoom() {
        #expect(EventTable.columns.compactMap(\.content.field).count == EventField.allCases.count)
        #expect(EventTexts(repeating: .none).count == EventField.allCases.count)
        #expect(Set(EventTable.places).count == EventField.allCases.count)
    }

    /// Makes a log that lacks the last columns, with one row in each half.
    private func makeOldLog(at path: String, lacking count: Int) throws {
        let connection = try Database(path: nil, settings: [:]).connect()
        try connection.execute("ATTACH '\(path)' AS lake")
        for (table, columns) in [(EventTable.table, Self.events), (ExposureTable.table, Self.exposures)] {
            let old = LogTable(
                name: table.name, columns: table.columns.dropLast(table.columns.count - columns.count + count))
            try old.make(on: connection)
            for half in LogHalf.allCases {
                try connection.execute(
                    "INSERT INTO \(half.of(table.name)) (environment_id, occurred_at) VALUES (1, now()::TIMESTAMP)")
            }
        }
    }

    @Test(arguments: [0, 1, 3]) func columnsThatCameLaterAreAdded(count: Int) async throws {
        let folder = try TemporaryFolder()
        try makeOldLog(at: folder.file("events.duckdb"), lacking: count)
        var log = try Log(in: folder)
        // The second time there is nothing to add. Two engines must never have one file, so that is a copy.
        for number in 1...2 {
            if number > 1 { log = try log.afterKill() }
            var builder = EventBatchBuilder(receivedAt: hand.now)
            builder.begin(.track, in: .first, source: .webClient, surface: .sextant, occurredAt: hand.now)
            builder.set(.clientEventID, to: "id \(number)")
            builder.set(.properties, to: #"{"a":1}"#)
            builder.finish(in: .first)
            _ = try log.committer(hand.clock).commit([builder.build()])
            var event = ExperimentEvent(
                id: EventIdentifier(earliestAt: hand.now.adding(seconds: Int64(number))), environmentID: 1,
                projectID: 1,
                kind: .conversion, occurredAt: hand.now, receivedAt: hand.now, visitorID: "v", assignments: [])
            event.segments.sources = ["search"]
            event.segments.customSegments = [7]
            try await log.store.append([event])
            let ids = try await log.column(
                "SELECT client_event_id || ' ' || properties FROM lake.main.events WHERE event_id IS NOT NULL ORDER BY 1"
            )
            #expect(ids == (1...number).map { #"id \#($0) {"a":1}"# })
            let read = try await log.store.recentEvents(ExperimentEventFilter(projectIDs: [1]), limit: 1)
            #expect(read == [event])
            #expect(try await log.count == 2 + number)
        }
    }

    @Test(arguments: ["ADD COLUMN added_later VARCHAR", "RENAME COLUMN session TO sitting"])
    func aTableOfAnotherVersionIsNotWrittenTo(change: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("events.duckdb")
        try makeOldLog(at: path, lacking: 0)
        do {
            let connection = try Database(path: nil, settings: [:]).connect()
            try connection.execute("ATTACH '\(path)' AS lake")
            try connection.execute("ALTER TABLE lake.main.events_2 \(change)")
        }
        #expect(throws: UnknownColumns.self) { try EventStore(path: path, logger: Log.logger) }
    }
}
