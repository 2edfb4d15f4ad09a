import DuckDB
import Foundation
import Testing

@Suite(.serialized) struct RowsTests {
    @Test func extremesAndNullsMakeTheRoundTrip() throws {
        let connection = try memory()
        let values: [(String, Value)] = [
            ("BIGINT", .int64(.min)), ("BIGINT", .int64(.max)), ("UBIGINT", .uint64(.max)), ("BOOLEAN", true),
            ("DOUBLE", .double(-.greatestFiniteMagnitude)), ("DOUBLE", .double(.leastNonzeroMagnitude)),
            ("DOUBLE", .double(.infinity)), ("VARCHAR", ""), ("VARCHAR", "twelve bytes"), ("VARCHAR", "thirteen byte"),
            ("VARCHAR", "é😀 \u{0} after a NUL"), ("VARCHAR", .string(String(repeating: "long ", count: 200_000))),
            ("BLOB", .blob([])), ("BLOB", .blob([0, 255, 0, 128])),
            ("BLOB", .blob([UInt8](repeating: 7, count: 100_000))),
            ("TIMESTAMP", .timestamp(0)), ("TIMESTAMP", .timestamp(-62_135_596_800_000_000)),
            ("TIMESTAMP", .timestamp(253_402_300_799_999_999)), ("TIMESTAMPTZ", .timestamp(1_700_000_000_123_456)),
            ("UUID", .uuid(0)), ("UUID", .uuid(.max)), ("UUID", .uuid(0x0197_0000_0000_7000_8000_0000_0000_0001)),
            ("VARCHAR[]", .strings([])), ("VARCHAR[]", .strings(["a", "", "longer than twelve bytes"])),
        ]
        for (type, value) in values {
            let rows = try connection.query("SELECT CAST(? AS \(type)), CAST(NULL AS \(type))", [value])
            let chunk = try #require(try rows.next())
            #expect(try chunk.value(0, 0) == value, "\(type)")
            #expect(chunk.isNull(1, 0), "\(type)")
            #expect(try chunk.value(1, 0) == .null, "\(type)")
            #expect(try rows.next() == nil)
        }
        #expect(try connection.query("SELECT ?", [nil]).next()?.isNull(0, 0) == true)
        #expect(try connection.query("SELECT 'nan'::DOUBLE").next()?.double(0, 0)?.isNaN == true)
    }

    @Test func everyIntegerWidthReadsAsInt64OrSaysWhyNot() throws {
        let connection = try memory()
        let chunk = try #require(
            try connection.query(
                """
                SELECT (-128)::TINYINT, (-32768)::SMALLINT, (-2147483648)::INTEGER, 255::UTINYINT, 65535::USMALLINT,
                    4294967295::UINTEGER, 18446744073709551615::UBIGINT, sum(5), (-9223372036854775809)::HUGEINT
                """
            ).next())
        let expected: [Int64] = [-128, -32768, -2_147_483_648, 255, 65535, 4_294_967_295]
        for (column, value) in expected.enumerated() { #expect(try chunk.int64(column, 0) == value) }
        #expect(failure { _ = try chunk.int64(6, 0) } == .outOfRange)
        #expect(try chunk.uint64(6, 0) == .max)
        #expect(try chunk.int64(7, 0) == 5)
        #expect(failure { _ = try chunk.int64(8, 0) } == .outOfRange)
        #expect(failure { _ = try chunk.uint64(0, 0) } == .outOfRange)
        #expect(try chunk.string(8, 0) == "-9223372036854775809")
        #expect(failure { _ = try chunk.bool(0, 0) } == .misuse)
        #expect(failure { _ = try chunk.uuid(0, 0) } == .misuse)
        #expect(failure { _ = try chunk.timestamp(0, 0) } == .misuse)
        #expect(failure { _ = try chunk.withUTF8(0, 0) { $0.count } } == .misuse)
    }

    /// Every rendering must be the one of the engine's own cast.
    @Test(arguments: [
        "true", "1.50::DECIMAL(4,2)", "-0.001::DECIMAL(9,3)", "123456789012.5::DECIMAL(18,1)",
        "'-1234567890123456789012345678.0123456789'::DECIMAL(38,10)",
        "170141183460469231731687303715884105727::HUGEINT",
        "340282366920938463463374607431768211455::UHUGEINT", "1.0::DOUBLE", "1e300", "'-inf'::FLOAT", "0.1::FLOAT",
        "DATE '2024-02-29'", "DATE '0044-03-15 (BC)'", "'infinity'::DATE", "TIME '23:59:59.999999'",
        "TIMETZ '12:00:00+05:30'", "INTERVAL '1 year 2 days 3.5 seconds'", "TIMESTAMP '2024-01-01 00:00:00.000001'",
        "'-infinity'::TIMESTAMP", "TIMESTAMP_S '2024-01-01 01:02:03'", "TIMESTAMP_MS '2024-01-01 01:02:03.004'",
        "TIMESTAMP_NS '2024-01-01 01:02:03.000000004'", "'\\x00\\xFFabc'::BLOB", "'0101'::BIT",
        "uuid '01970000-0000-7000-8000-00000000000f'", "'b'::ENUM('a', 'b')", "[1, NULL, 3]", "[]::INT[]",
        "['it''s', NULL]", "[[1], [2, 3]]", "array_value(1, 2, 3)", "{'a': 1, 'b': 'x', 'c': [1.5]}",
        "map {'k': 1, 'l': NULL}", "union_value(n := 5)", "union_value(n := NULL::INT)",
        "[union_value(t := 'x'), NULL]", "(-5)::TINYINT", "[5::UTINYINT]",
        "[uuid '01970000-0000-7000-8000-00000000000f']",
        "'{\"a\": [1, 2]}'::JSON",
        "[{'t': TIMESTAMP '2024-01-01', 'm': map {1: ['x']}}]",
    ])
    func everyTypeRendersAsTheEngineDoes(expression: String) throws {
        let connection = try memory()
        let sql = "SELECT v, v::VARCHAR FROM (SELECT \(expression) AS v FROM range(3))"
        let chunk = try #require(try connection.query(sql).next())
        #expect(chunk.count == 3)
        for row in 0..<3 { #expect(try chunk.string(0, row) == chunk.string(1, row)) }
    }

    @Test func columnsTellNamesAndTypes() throws {
        let rows = try memory().query(
            "SELECT 1 AS a, 1.5::DECIMAL(5,2) AS a, ['x'] AS \"l st\", {'k': 1::BIGINT} AS s, 'a'::ENUM('a','b') AS e")
        #expect(rows.columns.map(\.name) == ["a", "a", "l st", "s", "e"])
        #expect(
            rows.columns.map(\.type) == [
                .integer, .decimal(width: 5, scale: 2), .list(.varchar),
                .structure([.init(name: "k", type: .bigint)]), .enumeration(["a", "b"]),
            ])
    }

    @Test func timestampsOfEveryPrecisionReadAsMicroseconds() throws {
        let chunk = try #require(
            try memory().query(
                """
                SELECT TIMESTAMP_S '1969-12-31 23:59:58', TIMESTAMP_MS '1969-12-31 23:59:59.999',
                    TIMESTAMP_NS '1969-12-31 23:59:59.999999999', 'infinity'::TIMESTAMP, DATE '1970-01-02'
                """
            ).next())
        #expect(try chunk.timestamp(0, 0) == -2_000_000)
        #expect(try chunk.timestamp(1, 0) == -1_000)
        #expect(try chunk.timestamp(2, 0) == -1)
        #expect(try chunk.timestamp(3, 0) == .max)
        #expect(try chunk.date(4, 0) == 1)
    }

    /// In a process of its own: what tests beside it hold would count as well.
    @Test func fiveMillionRowsStreamInFlatMemory() async {
        await #expect(processExitsWith: .success) { try streamFiveMillionRows() }
    }

    @Test func rowsCutShortNeverLookComplete() throws {
        let connection = try memory()
        let rows = try connection.query("SELECT * FROM range(100000)")
        #expect(try rows.next() != nil)
        #expect(try connection.integer("SELECT 7") == 7)
        #expect(failure { _ = try rows.next() } == .misuse)
        rows.close()
        #expect(failure { _ = try rows.next() } == .misuse)
    }

    @Test func errorInTheMiddleOfAStreamIsThrown() throws {
        let connection = try memory(["threads": "1"])
        let rows = try connection.query(
            "SELECT CASE WHEN range = 900000 THEN error('at 900000') ELSE range END FROM range(1000000)")
        var count = 0
        #expect(failure { while let chunk = try rows.next() { count += chunk.count } } == .invalidInput)
        #expect(count > 0 && count <= 900_000)
        #expect(try rows.next() == nil)
    }

    @Test func rowsGivenUpEndTheirTransaction() throws {
        let database = try Database(path: nil)
        let (reader, writer) = (try database.connect(), try database.connect())
        try writer.execute("CREATE TABLE t AS SELECT range AS a FROM range(100000)")
        do {
            let rows = try reader.query("SELECT * FROM t")
            #expect(try rows.next() != nil)
        }
        try writer.execute("INSERT INTO t VALUES (1)")
        #expect(try reader.integer("SELECT count(*) FROM t") == 100_001)
        try writer.execute("DELETE FROM t; CHECKPOINT")
        #expect(try reader.integer("SELECT count(*) FROM t") == 0)
    }

    @Test(.timeLimit(.minutes(1))) func rowsGivenUpAreNotComputed() throws {
        let connection = try memory()
        for _ in 0..<20 {
            let rows = try connection.query("SELECT a.range FROM range(10000000) a, range(10000000) b")
            #expect(try rows.next() != nil)
            rows.close()
            #expect(try connection.integer("SELECT 42") == 42)
        }
    }

    @Test func rowsGivenUpWithinATransactionLeaveItWhole() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(a INT)")
        try connection.transaction {
            try connection.execute("INSERT INTO t VALUES (1)")
            #expect(try connection.query("SELECT * FROM range(10000000)").next() != nil)
            try connection.execute("INSERT INTO t VALUES (2)")
        }
        #expect(try connection.integer("SELECT sum(a) FROM t") == 3)
    }

    @Test func insertReturningHasRunWhenItsRowsComeBack() throws {
        let connection = try memory()
        try connection.execute("CREATE TABLE t(a INT)")
        do { _ = try connection.query("INSERT INTO t SELECT range FROM range(10000) RETURNING a").next() }
        #expect(try connection.integer("SELECT count(*) FROM t") == 10000)
    }

    @Test func preparedStatementRunsAgainWithOtherParameters() throws {
        let connection = try memory()
        let statement = try connection.prepare("SELECT $1 || '-' || $2")
        #expect(statement.parameterCount == 2)
        for number in 0..<3 {
            try statement.bind([.string("a"), .string("\(number)")])
            #expect(try statement.query().map { try $0.string(0, $1) } == ["a-\(number)"])
        }
    }
}

private func streamFiveMillionRows() throws {
    let connection = try memory(["threads": "1"])
    let sql = "SELECT range AS n, 'row number ' || range || ' with a text that is not short' AS t FROM range(5000000)"
    let rows = try connection.query(sql)
    #expect(try rows.next()?.count ?? 0 > 0)
    let before = try residentMemory()
    var count = 0
    var sum: Int64 = 0
    var bytes = 0
    var peak = before
    while let chunk = try rows.next() {
        for row in 0..<chunk.count {
            sum += try chunk.int64(0, row) ?? 0
            bytes += try chunk.withUTF8(1, row) { $0.count } ?? 0
        }
        count += chunk.count
        if count % (512 * 2048) == 0 { peak = max(peak, try residentMemory()) }
    }
    #expect(count + 2048 == 5_000_000)
    #expect(sum == 4_999_999 * 2_500_000 - 2047 * 1024)
    #expect(bytes > 200_000_000)
    #expect(peak - before < 60_000_000, "the rows hold over 200 MB")
    #expect(try connection.integer("SELECT 1") == 1)
}
