import DuckDB
import EventMirror
import EventStore
import JSON
import Logging
import Queries
import TestSupport
import Testing

/// An event store with the events of two environments, and queries over it.
///
/// Environment 1 has 700 events of 7 users in May 2024; environment 2 has 10 events of the user `spy`.
struct QueryBench {
    static let ours: Int64 = 1
    static let theirs: Int64 = 2

    let store: EventStore
    let mirror: EventMirror
    let service: QueryService
    let folder: TemporaryFolder

    init(
        limits: QueryLimits = QueryLimits(), memoryLimit: MemorySize = MemorySize(bytes: 1_000_000_000),
        program: WorkerProgram = Self.program, folder: TemporaryFolder? = nil
    ) async throws {
        let folder = try folder ?? TemporaryFolder()
        self.folder = folder
        var settings = EventStore.Settings()
        settings.memoryLimit = memoryLimit
        settings.temporaryDirectory = folder.file("spill")
        store = try EventStore(
            path: nil, settings: settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        mirror = try EventMirror(store: store, folder: folder.file("mirror"), logger: logger)
        service = try QueryService(
            mirror: mirror, mirrorFolder: folder.file("mirror"), workFolder: folder.file("queries"),
            program: program, limits: limits, logger: logger)
        try await store.readers.run { connection in
            try connection.execute(
                """
                INSERT INTO lake.main.events_1 (environment_id, project_id, event_id, internal_event_id, event_type, source,
                    surface, occurred_at, received_at, event_name, user_id, properties)
                SELECT 1, 1, uuid(), i, 'track', 'backend-http', 'sextant',
                    TIMESTAMP '2024-05-01 10:00:00.25' + to_days((i % 28)::INTEGER), TIMESTAMP '2024-06-01 00:00:00',
                    ['view', 'cart', 'paid'][i % 3 + 1], 'user_' || i % 7,
                    '{"amount": ' || i || ', "plan": "pro", "tags": ["a", "b"]}'
                FROM range(700) t(i);
                INSERT INTO lake.main.events_1 (environment_id, project_id, event_id, event_type, source, surface,
                    occurred_at, received_at, event_name, user_id, properties)
                SELECT 2, 1, uuid(), 'track', 'backend-http', 'sextant', now()::TIMESTAMP, now()::TIMESTAMP, 'secret', 'spy',
                    '{"password": "hunter2"}' FROM range(10);
                """)
        }
    }

    /// The server's binary, which the build lays beside the tests.
    static let program: WorkerProgram = {
        let tests = WorkerProgram.this("").path
        let folder = tests[..<(tests.lastIndex(of: "/") ?? tests.startIndex)]
        return WorkerProgram(path: "\(folder)/sextant", arguments: ["query-worker"])
    }()

    /// Limits for tests that run many queries at once and all want an answer.
    static var patient: QueryLimits {
        var limits = QueryLimits()
        limits.concurrentQueries = 4
        limits.queriesOfEnvironment = 3
        limits.waitingQueriesOfEnvironment = 200
        limits.waitingSeconds = 600
        return limits
    }

    /// Adds an event to ours, as the writer would.
    func addEvent() async throws {
        try await store.readers.run { connection in
            try connection.execute(
                """
                INSERT INTO lake.main.events_1 (environment_id, project_id, event_id, event_type, occurred_at, received_at)
                VALUES (1, 1, 'ffffffff-0000-7000-8000-000000000000', 'track', now()::TIMESTAMP, now()::TIMESTAMP)
                """)
        }
    }

    /// Runs a query in JSON.
    func answer(
        _ sql: String, environment: Int64 = Self.ours, maxRows: Int = 1_000, seconds: Int = 30
    ) async throws -> JSONValue {
        let result = try await service.run(
            sql: sql, environmentID: environment, maxRows: maxRows, timeoutSeconds: seconds, format: .json)
        return try JSONValue(parsing: result.bytes)
    }

    /// The rows of a query, as JSON text.
    func rows(_ sql: String, environment: Int64 = Self.ours, maxRows: Int = 1_000) async throws -> String {
        try await answer(sql, environment: environment, maxRows: maxRows)["rows"]?.encodedString ?? ""
    }

    /// The error of a query; nil when it ran.
    func failure(_ sql: String, seconds: Int = 10) async throws -> QueryError? {
        do {
            _ = try await answer(sql, seconds: seconds)
            return nil
        } catch let error as QueryError {
            return error
        }
    }
}
