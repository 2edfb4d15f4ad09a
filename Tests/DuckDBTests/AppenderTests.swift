import DuckDB
import Foundation
import TestSupport
import Testing

@Suite struct AppenderTests {
    private let everyType = """
        CREATE TABLE t(i INTEGER, b BIGINT, u UBIGINT, d DOUBLE, o BOOLEAN, s VARCHAR, x BLOB, t TIMESTAMP,
            z TIMESTAMPTZ, g UUID, y DATE)
        """

    @Test func chunkWritesLists() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(s VARCHAR[], b BIGINT[], i INTEGER)")
        let appender = try Appender(connection, table: "t")
        let chunk = try appender.makeChunk()
        let long = String(repeating: "é", count: 5000)
        // More elements than a chunk has rows, twice, as the chunk is used again.
        for round in 0..<2 {
            for row in 0..<chunk.capacity where row != 1 {
                chunk.setStrings(
                    row == 0 ? [] : row == 2 ? ["twelve bytes", "", long] : ["\(round)-\(row)"], column: 0, row: row)
                chunk.setInt64s(row == 0 ? [] : [.min, Int64(row), .max], column: 1, row: row)
            }
            try appender.append(chunk)
        }
        try appender.flush()
        let sums = try #require(
            try connection.query(
                """
                SELECT count(*), count(s), sum(len(s)), sum(b[2]), min(b[1]), count(*) FILTER (s = []),
                    count(*) FILTER (s = ['twelve bytes', '', repeat('é', 5000)]), count(*) FILTER (s[1] = '1-2047')
                FROM t
                """
            ).next())
        let rows = Int64(chunk.capacity)
        let expected = [2 * rows, 2 * rows - 2, 2 * (rows - 2) + 4, (rows - 1) * rows - 2, Int64.min, 2, 2, 1]
        for (column, value) in expected.enumerated() { #expect(try sums.int64(column, 0) == value, "\(column)") }

        chunk.setStrings(["a"], column: 1, row: 0)
        #expect(throws: DuckDBError.self) { try appender.append(chunk) }
        chunk.setInt64s([1], column: 2, row: 0)
        #expect(throws: DuckDBError.self) { try appender.append(chunk) }
        chunk.setStrings(["fine"], column: 0, row: 0)
        try appender.append(chunk)
        try appender.flush()
        #expect(try #require(try connection.query("SELECT count(*) FROM t").next()).int64(0, 0) == 2 * rows + 1)
    }

    @Test func chunkWritesEveryTypeAndNulls() throws {
        let connection = try memory()
        try connection.execute(everyType)
        let appender = try Appender(connection, table: "t")
        let chunk = try appender.makeChunk()
        let long = String(repeating: "é", count: 5000)
        for row in 0..<3 where row != 1 {
            chunk.setInt32(.min, column: 0, row: row)
            chunk.setInt64(.min, column: 1, row: row)
            chunk.setUInt64(.max, column: 2, row: row)
            chunk.setDouble(-0.5, column: 3, row: row)
            chunk.setBool(true, column: 4, row: row)
            chunk.setString(row == 0 ? "twelve bytes" : long, column: 5, row: row)
            [0, 255, 128].withUnsafeBufferPointer { chunk.setBlob($0, column: 6, row: row) }
            chunk.setTimestamp(-1, column: 7, row: row)
            chunk.setTimestamp(1_700_000_000_000_001, column: 8, row: row)
            chunk.setUUID(UInt128.max - 1, column: 9, row: row)
            chunk.setDate(-1, column: 10, row: row)
        }
        chunk.setNull(column: 0, row: 2)
        #expect(chunk.count == 3)
        try appender.append(chunk)
        #expect(chunk.count == 0)
        try appender.flush()

        let read = try #require(try connection.query("SELECT * FROM t").next())
        #expect(read.count == 3)
        #expect(try read.int64(0, 0) == Int64(Int32.min))
        #expect(read.isNull(0, 2))
        #expect(try read.string(5, 2) == long)
        for row in [0, 2] {
            #expect(try read.int64(1, row) == .min)
            #expect(try read.uint64(2, row) == .max)
            #expect(try read.double(3, row) == -0.5)
            #expect(try read.bool(4, row) == true)
            #expect(try read.blob(6, row) == [0, 255, 128])
            #expect(try read.timestamp(7, row) == -1)
            #expect(try read.timestamp(8, row) == 1_700_000_000_000_001)
            #expect(try read.uuid(9, row) == .max - 1)
            #expect(try read.date(10, row) == -1)
        }
        #expect(try read.string(5, 0) == "twelve bytes")
        for column in 0..<11 { #expect(read.isNull(column, 1)) }
        #expect(try connection.text("SELECT g FROM t LIMIT 1") == "ffffffff-ffff-ffff-ffff-fffffffffffe")
    }

    @Test func chunkIsUsedAgainWithoutTracesOfTheRowsBefore() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(n BIGINT, s VARCHAR)")
        let appender = try Appender(connection, table: "t")
        let chunk = try appender.makeChunk()
        for round in 0..<5 {
            for row in 0..<chunk.capacity {
                chunk.setInt64(Int64(round * chunk.capacity + row), column: 0, row: row)
                // Half the texts are set in even rounds only; the others must be NULL, not the round before's.
                if row % 2 == 0 || round % 2 == 0 { chunk.setString("a text of round \(round)", column: 1, row: row) }
            }
            try appender.append(chunk)
        }
        try appender.flush()
        let rows = Int64(5 * chunk.capacity)
        #expect(try connection.integer("SELECT sum(n) FROM t") == rows * (rows - 1) / 2)
        #expect(
            try connection.integer("SELECT count(*) FROM t WHERE s = 'a text of round ' || (n // 2048)")
                == Int64(3 * 2048 + 2 * 1024))
        #expect(try connection.integer("SELECT count(*) FROM t WHERE s IS NULL") == 2 * 1024)
    }

    @Test func misuseOfAChunkIsThrownAndNothingIsAppended() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(n BIGINT, s VARCHAR)")
        let appender = try Appender(connection, table: "t")
        let chunk = try appender.makeChunk()
        let misuses: [(DataChunk) -> Void] = [
            { $0.setString("x", column: 0, row: 0) },
            { $0.setInt64(1, column: 2, row: 0) },
            { $0.setInt64(1, column: -1, row: 0) },
            { $0.setInt64(1, column: 0, row: $0.capacity) },
            { $0.setInt64(1, column: 0, row: -1) },
            { $0.setNull(column: 9, row: 0) },
        ]
        for misuse in misuses {
            chunk.setInt64(1, column: 0, row: 0)
            misuse(chunk)
            #expect(failure { try appender.append(chunk) } == .misuse)
        }
        [0x61, 0xC3].withUnsafeBufferPointer { chunk.setUTF8($0, column: 1, row: 0) }
        #expect(failure { try appender.append(chunk) } == .invalidInput)
        try appender.flush()
        #expect(try connection.integer("SELECT count(*) FROM t") == 0)
        Array("valid é, and longer than twelve".utf8).withUnsafeBufferPointer { chunk.setUTF8($0, column: 1, row: 0) }
        try appender.append(chunk)
        try appender.flush()
        #expect(try connection.text("SELECT s FROM t") == "valid é, and longer than twelve")
    }

    @Test func rowsAreAppendedAndCast() throws {
        let connection = try memory()
        try connection.execute(
            "CREATE TABLE t(n INTEGER, s VARCHAR, g UUID, l VARCHAR[], z TIMESTAMPTZ, x BLOB, o BOOLEAN)")
        let appender = try Appender(connection, table: "t")
        #expect(appender.columns.first == .integer)
        try appender.append(row: [1, "a\u{0}b", .uuid(7), .strings(["x", "y"]), .timestamp(5), .blob([0]), true])
        try appender.append(row: [.null, .null, .null, .null, .null, .null, .null])
        try appender.append(row: [
            .double(2), .int64(5), "00000000-0000-0000-0000-000000000008", .null, .null, .null, false,
        ])
        try appender.flush()
        let chunk = try #require(try connection.query("SELECT * FROM t").next())
        #expect(chunk.count == 3)
        #expect(try chunk.string(1, 0) == "a\u{0}b")
        #expect(try chunk.uuid(2, 0) == 7)
        #expect(try chunk.strings(3, 0) == ["x", "y"])
        #expect(try chunk.timestamp(4, 0) == 5)
        #expect((0..<7).allSatisfy { chunk.isNull($0, 1) })
        #expect(try chunk.int64(0, 2) == 2)
        #expect(try chunk.string(1, 2) == "5")
        #expect(try chunk.uuid(2, 2) == 8)
    }

    @Test func rowThatDoesNotFitIsRefusedAndTheAppenderGoesOn() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(n INTEGER, s VARCHAR)")
        let appender = try Appender(connection, table: "t")
        #expect(failure { try appender.append(row: [1]) } == .misuse)
        #expect(failure { try appender.append(row: ["no number", "x"]) } != nil)
        #expect(failure { try appender.append(row: [.int64(.max), "x"]) } != nil)
        try appender.append(row: [3, "fits"])
        try appender.flush()
        #expect(try connection.text("SELECT string_agg(s) FROM t") == "fits")
    }

    @Test func constraintRefusesTheFlushWithTheEnginesMessage() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(n INTEGER NOT NULL)")
        let appender = try Appender(connection, table: "t")
        try appender.append(row: [1])
        try appender.append(row: [.null])
        let error = #expect(throws: DuckDBError.self) { try appender.flush() }
        #expect(error?.kind == .constraint)
        #expect(error?.message.contains("NOT NULL constraint failed: t.n") == true)
        try appender.append(row: [2])
        try appender.flush()
        #expect(try connection.integer("SELECT sum(n) FROM t") == 2)
    }

    @Test func rowsNotFlushedAreNeverWritten() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(n INTEGER)")
        do {
            let appender = try Appender(connection, table: "t")
            try appender.append(row: [1])
            appender.discard()
            try appender.append(row: [2])
            try appender.flush()
            try appender.append(row: [3])
        }
        #expect(try connection.integer("SELECT sum(n) FROM t") == 2)
    }

    @Test func flushBelongsToTheTransaction() throws {
        struct Refusal: Error {}
        let folder = try TemporaryFolder()
        let connection = try memory()
        try connection.execute(
            "ATTACH '\(folder.file("lake.db"))' AS lake; CREATE SCHEMA lake.s; CREATE TABLE lake.s.t(n INT)")
        let appender = try Appender(connection, catalog: "lake", schema: "s", table: "t")
        #expect(throws: Refusal.self) {
            try connection.transaction {
                try appender.append(row: [1])
                try appender.flush()
                throw Refusal()
            }
        }
        try connection.transaction {
            try appender.append(row: [2])
            try appender.flush()
        }
        #expect(try connection.integer("SELECT sum(n) FROM lake.s.t") == 2)
    }

    @Test func absentTableIsRefused() throws {
        let connection = try memory()
        #expect(failure { _ = try Appender(connection, table: "absent") } == .catalog)
    }
}
