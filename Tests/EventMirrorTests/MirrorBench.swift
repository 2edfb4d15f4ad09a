import DuckDB
import EventMirror
import Logging
import TestSupport
import Testing
import Time

@testable import EventStore

/// A log whose ids rise as the writer's do, and a mirror of it in a folder.
final class MirrorBench {
    static let environment: Int64 = 7

    let store: EventStore
    let folder: TemporaryFolder
    private(set) var mirror: EventMirror
    private let segmentRows: Int
    private var nextNumber = 1

    /// - Parameter log: its file; nil for one in memory.
    init(segmentRows: Int = 1_000_000, log: String? = nil) throws {
        folder = try TemporaryFolder()
        self.segmentRows = segmentRows
        store = try EventStore(path: log, logger: Self.logger)
        mirror = try EventMirror(
            store: store, folder: folder.file("mirror"), logger: Self.logger, segmentRows: segmentRows)
    }

    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// The mirror as another process would find it.
    func restart() throws {
        mirror = try EventMirror(
            store: store, folder: folder.file("mirror"), logger: Self.logger, segmentRows: segmentRows)
    }

    var path: String { folder.file("mirror/\(Self.environment)") }

    /// Adds events of `user`, and as many of another environment among them.
    func add(_ count: Int, user: String = "ann") async throws {
        let first = nextNumber
        nextNumber += count
        let range = "range(\(first), \(first + count)) AS r(i)"
        let user = user
        try await store.readers.run { connection in
            for environment in [Self.environment, Self.environment + 1] {
                try connection.execute(
                    """
                    INSERT INTO lake.main.events_1 (environment_id, project_id, event_id, internal_event_id, event_type,
                        source, surface, occurred_at, received_at, event_name, user_id, properties)
                    SELECT \(environment), 1,
                        (printf('%012x', 1700000000000 + i) || printf('70008000%012x', \(environment)))::UUID, hash(i),
                        'track', 'backend-http', 'sextant', TIMESTAMP '2024-05-01' + to_minutes(i), TIMESTAMP '2024-06-01',
                        'step', '\(user)', CASE WHEN i % 3 > 0 THEN '{"n": ' || i || '}' END
                    FROM \(range)
                    """)
            }
        }
    }

    /// Adds experiment events of a visitor, each for two experiences, with ids of these numbers.
    func addExperimentEvents(_ numbers: Range<Int>, visitor: String = "vera") async throws {
        try await store.append(
            numbers.map { number in
                ExperimentEvent(
                    id: EventIdentifier(value: UInt128(number)), environmentID: Self.environment, projectID: 1,
                    kind: .viewExperience, occurredAt: Timestamp(seconds: 1_700_000_000),
                    receivedAt: Timestamp(seconds: 1_700_000_000), visitorID: visitor,
                    assignments: [
                        ExperimentEvent.Assignment(experienceID: 1, variationID: 11),
                        ExperimentEvent.Assignment(experienceID: 2, variationID: 21),
                    ])
            })
    }

    func experimentSnapshot() async throws -> MirrorSnapshot {
        try await mirror.snapshot(of: .experimentEvents, environmentID: Self.environment, waitingSeconds: 60)
    }

    func delete(user: String) async throws {
        _ = try await store.deleteEvents(
            of: .users, ids: [user], visitors: [user], environmentID: Self.environment, upTo: .end)
    }

    func snapshot() async throws -> MirrorSnapshot {
        try await mirror.snapshot(environmentID: Self.environment, waitingSeconds: 60)
    }

    /// Rows and a sum over all of what they hold, of the log and of files.
    func logDigest() async throws -> String {
        let columns = ShownTable.events.columns.map { $0.name == "inserted_at" ? "occurred_at" : $0.name }
            .map { $0 == "metadata" ? "coalesce(properties, '{}'::JSON)" : $0 }
        return try await digest(columns, "lake.main.events WHERE environment_id = \(Self.environment)")
    }

    func digest(of files: [String]) async throws -> String {
        if files.isEmpty { return "0 null" }
        return try await digest(ShownTable.events.columns.map(\.name), "read_parquet(\(SQLText.list(files)))")
    }

    private func digest(_ columns: [String], _ source: String) async throws -> String {
        let row = columns.map { "coalesce(\($0)::VARCHAR, '-')" }.joined(separator: " || '/' || ")
        return try await store.readers.run { connection in
            let rows = try connection.query("SELECT count(*), sum(hash(\(row))::HUGEINT)::VARCHAR FROM \(source)")
            guard let chunk = try rows.next() else { return "" }
            return "\(try chunk.int64(0, 0) ?? 0) \(try chunk.string(1, 0) ?? "null")"
        }
    }
}
