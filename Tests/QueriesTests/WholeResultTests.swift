import JSON
import Queries
import Synchronization
import Testing

/// Results that are handed over as they come.
@Suite struct WholeResultTests {
    private static let bench = Task { try await QueryBench(limits: QueryBench.patient) }

    private func whole(_ sql: String, _ format: QueryFormat) async throws -> (rows: Int, pieces: [[UInt8]]) {
        let pieces = Mutex<[[UInt8]]>([])
        let rows = try await Self.bench.value.service.stream(
            sql: sql, environmentID: QueryBench.ours, timeoutSeconds: 60, format: format
        ) { bytes, _ in
            pieces.withLock { $0.append(bytes) }
        }
        return (rows, pieces.withLock { $0 })
    }

    @Test(arguments: [QueryFormat.json, .ndjson, .csv])
    func itIsTheSameAsInOnePiece(_ format: QueryFormat) async throws {
        let sql =
            "select a.user_id, a.metadata, b.inserted_at from events a, events b where a.user_id = 'user_1' order by all"
        let (rows, pieces) = try await whole(sql, format)
        #expect(rows == 70_000 && pieces.count > 10)
        #expect(pieces.allSatisfy { $0.count <= 256 * 1_024 })
        let once = try await Self.bench.value.service.run(
            sql: sql, environmentID: QueryBench.ours, maxRows: 100_000, timeoutSeconds: 60, format: format)
        #expect(Array(pieces.joined()) == once.bytes && once.rowCount == rows)
    }

    @Test func linesHaveNamesThatDiffer() async throws {
        let (_, pieces) = try await whole(
            "select 1 as a, 2 as \"A\", 3 as a, null as b, 'é\"' as \"q\"\"\"", .ndjson)
        #expect(
            String(decoding: pieces.joined(), as: UTF8.self)
                == "{\"a\":1,\"A_1\":2,\"a_2\":3,\"b\":null,\"q\\\"\":\"é\\\"\"}\n")
    }

    @Test func whatIsRefusedHandsNothingOver() async throws {
        await #expect(throws: QueryError.self) { try await whole("delete from events", .csv) }
        #expect(try await whole("select 1 where false", .ndjson).pieces == [])
    }

    @Test func anErrorOfWhoTakesItEndsTheQuery() async throws {
        struct Full: Error {}
        await #expect(throws: Full.self) {
            try await Self.bench.value.service.stream(
                sql: "select a.user_id from events a, events b, events c", environmentID: QueryBench.ours,
                timeoutSeconds: 60, format: .csv
            ) { _, _ in throw Full() }
        }
        #expect(try await Self.bench.value.rows("select count(*) from events") == "[[700]]")
    }

    @Test func whoTakesItIsToldWhenItsTimeIsOver() async throws {
        await #expect(throws: QueryError.timedOut(seconds: 1)) {
            try await Self.bench.value.service.stream(
                sql: "select a.user_id from events a, events b, events c", environmentID: QueryBench.ours,
                timeoutSeconds: 1, format: .csv
            ) { _, isOver in
                while !isOver() {}
                throw CancellationError()
            }
        }
    }
}
