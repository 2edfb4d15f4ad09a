import DuckDB
import EventMirror
import Foundation
import JSON
import Queries
import TestSupport
import Testing
import Time

@testable import EventStore

/// What people ask, and how the answers look.
@Suite struct UsefulQueryTests {
    private static let bench = Task { try await QueryBench(limits: QueryBench.patient) }

    @Test(arguments: [
        ("select count(*) from events", "[[700]]"), ("SELECT count(DISTINCT user_id) FROM Events", "[[7]]"),
        ("select user_id, count(*) c from events group by all order by user_id limit 1", "[[\"user_0\",100]]"),
        (
            "select event_name from events group by 1 having count(*) > 1 order by 1",
            "[[\"cart\"],[\"paid\"],[\"view\"]]"
        ),
        ("with paid as (select * from events where event_name = 'paid') select count(*) from paid", "[[233]]"),
        ("with a as (select 1 x), b as (select x + 1 y from a) select x, y from a, b", "[[1,2]]"),
        ("select sum((metadata->>'amount')::int) from events where event_name = 'view'", "[[81783]]"),
        ("select count(*) from events where metadata->>'$.plan' = 'pro'", "[[700]]"),
        ("select metadata->'tags' from events limit 1", "[[[\"a\",\"b\"]]]"),
        ("select json_extract_string(metadata, '$.tags[1]') from events limit 1", "[[\"b\"]]"),
        ("select strftime(min(inserted_at), '%Y-%m-%d %H') from events", "[[\"2024-05-01 10\"]]"),
        ("select date_trunc('month', inserted_at)::date, count(*) from events group by 1", "[[\"2024-05-01\",700]]"),
        ("select count(*) from events a join events b using (event_id)", "[[700]]"),
        ("select count(*) from events a asof join events b on a.inserted_at >= b.inserted_at", "[[700]]"),
        (
            "select user_id from (select user_id, row_number() over (order by user_id) n from events) where n = 1",
            "[[\"user_0\"]]"
        ),
        (
            "select user_id from events qualify row_number() over (partition by user_id order by inserted_at) = 1 order by 1 limit 1",
            "[[\"user_0\"]]"
        ),
        ("select (select count(*) from events) - count(*) from events", "[[0]]"),
        ("select exists (select 1 from events where user_id = 'spy')", "[[false]]"),
        (
            "select count(*) from events where user_id in (select user_id from events where event_name = 'paid')",
            "[[700]]"
        ),
        ("select 1 union all select 2 order by 1", "[[1],[2]]"), ("select 1 union select 1", "[[1]]"),
        ("select 'a;b' -- comment; with a semicolon", "[[\"a;b\"]]"), ("select 1;", "[[1]]"),
        ("with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select max(i) from n", "[[5]]"),
        ("select case when true then null end", "[[null]]"),
        ("select x from generate_series(1, 3) t(x)", "[[1],[2],[3]]"),
        ("select * from range(3, 0, -1)", "[[3],[2],[1]]"), ("select unnest([1, 2])", "[[1],[2]]"),
        (
            "select distinct u from events, unnest(json_extract_string(metadata, '$.tags[*]')) t(u) order by 1",
            "[[\"a\"],[\"b\"]]"
        ),
        ("from events select count(*)", "[[700]]"),
        ("from events select count(*) where event_name = 'view'", "[[234]]"),
        ("values (1, 'a'), (2, null)", "[[1,\"a\"],[2,null]]"),
        (
            "select median((metadata->>'amount')::int), quantile_cont((metadata->>'amount')::int, 0.9) from events",
            "[[349.5,629.1]]"
        ),
        ("select percentile_cont(0.5) within group (order by (metadata->>'amount')::int) from events", "[[349.5]]"),
        ("select approx_count_distinct(user_id) between 6 and 8 from events", "[[true]]"),
        ("select count(*) filter (where event_name = 'view') from events", "[[234]]"),
        (
            "select event_name, grouping(event_name) g, count(*) from events group by rollup (event_name) order by g, 1 limit 1",
            "[[\"cart\",0,233]]"
        ),
        (
            "select count(*) from events group by grouping sets ((event_name), ()) order by 1 desc",
            "[[700],[234],[233],[233]]"
        ),
        (
            "select sum(c) over (order by d rows between 1 preceding and current row) from (values (1, 1), (2, 2), (3, 3)) t(c, d)",
            "[[1],[3],[5]]"
        ),
        ("select lag(x ignore nulls) over (order by x), x from (values (1), (2)) t(x)", "[[null,1],[1,2]]"),
        (
            "select distinct on (user_id) user_id, event_name from events order by user_id, inserted_at, event_name limit 1",
            "[[\"user_0\",\"cart\"]]"
        ),
        ("select user_id || '/' || event_name from events order by 1 limit 1", "[[\"user_0/cart\"]]"),
        ("select max(columns(*)) from (values (1, 2), (3, 1)) t", "[[3,2]]"),
        ("select * exclude (a) from (select 1 a, 2 b)", "[[2]]"),
        ("select * replace (a + 1 as a) from (select 1 a, 2 b)", "[[2,2]]"),
        ("select #2 from (select 1 a, 2 b)", "[[2]]"),
        ("select * from (select 3 a order by a) limit 1 offset 0", "[[3]]"),
        ("select i from (values (1), (2), (3)) t(i) order by i desc limit 2 offset 1", "[[2],[1]]"),
        (
            "select count(*) from events where inserted_at >= timestamp '2024-05-02' and inserted_at < date '2024-05-03'",
            "[[25]]"
        ),
        ("select max(inserted_at) - min(inserted_at) = interval 27 days from events", "[[true]]"),
        ("select extract(year from inserted_at), count(*) from events group by 1", "[[2024,700]]"),
        (
            "select user_id like 'user%', user_id ilike 'USER%', user_id similar to 'user_\\d' from events limit 1",
            "[[true,true,true]]"
        ),
        ("select regexp_replace('a1b2', '[0-9]', '#', 'g'), replace('aXb', 'X', '-')", "[[\"a#b#\",\"a-b\"]]"),
        ("select list(x order by x desc), [1, 2][1], {'a': 1}.a from (values (1), (2)) t(x)", "[[[2,1],1,1]]"),
        ("select list_filter([1, 2, 3], x -> x > 1)", "[[[2,3]]]"),
        ("select coalesce(null, 1), nullif(1, 1), ifnull(null, 2)", "[[1,null,2]]"),
        ("select count(*) from events tablesample 100 percent (system)", "[[700]]"),
        ("select 1 intersect select 1", "[[1]]"), ("select 'it''s', '\"', '\\'", "[[\"it's\",\"\\\"\",\"\\\\\"]]"),
        ("select \"user_id\" from \"events\" as \"odd \"\" name\" order by user_id limit 1", "[[\"user_0\"]]"),
    ])
    func gives(_ sql: String, _ rows: String) async throws {
        #expect(try await Self.bench.value.rows(sql) == rows)
    }

    @Test(arguments: [
        ("9007199254740991::bigint", "9007199254740991"), ("9007199254740992::bigint", "\"9007199254740992\""),
        ("-9007199254740992::bigint", "\"-9007199254740992\""),
        ("18446744073709551615::ubigint", "\"18446744073709551615\""),
        ("170141183460469231731687303715884105727::hugeint", "\"170141183460469231731687303715884105727\""),
        ("5::hugeint", "5"), ("1.50", "1.5"), ("0.1::decimal(38,30)", "\"0.100000000000000000000000000000\""),
        ("0.1::double", "0.1"), ("'nan'::double", "null"), ("'inf'::double", "null"), ("1.5::float", "1.5"),
        ("true", "true"),
        ("timestamp '2024-05-01 10:00:00.25'", "\"2024-05-01T10:00:00.250000Z\""),
        ("timestamptz '2024-05-01 10:00:00+02'", "\"2024-05-01T08:00:00.000000Z\""),
        ("'infinity'::timestamp", "\"infinity\""),
        ("date '2024-05-01'", "\"2024-05-01\""), ("time '10:00:00'", "\"10:00:00\""),
        ("interval 90 minutes", "\"01:30:00\""),
        ("'018e37b3-2a51-7c44-9d0e-5f7a3c2b1a90'::uuid", "\"018e37b3-2a51-7c44-9d0e-5f7a3c2b1a90\""),
        ("'{\"a\": [1, null]}'::json", "{\"a\":[1,null]}"), ("'NaN'::json", "\"NaN\""), ("[1, null]", "[1,null]"),
        ("{'a': [timestamp '2024-05-01 10:00:00']}", "{\"a\":[\"2024-05-01 10:00:00\"]}"),
        ("map {'k': 1}", "{\"k\":1}"),
        ("null", "null"), ("'\\xAA'::blob", "\"\\\\xAA\""), ("'zoë 😀'", "\"zoë 😀\""), ("''", "\"\""),
    ])
    func valuesKeepTheirMeaning(_ expression: String, _ json: String) async throws {
        #expect(try await Self.bench.value.rows("select \(expression)") == "[[\(json)]]")
    }

    @Test func columnsAreThoseDescribed() async throws {
        let answer = try await Self.bench.value.answer("select * from events limit 1")
        let columns = answer["columns"]?.array?.map { [$0["name"]?.string, $0["type"]?.string] }
        #expect(columns == ShownTable.events.columns.map { [$0.name, $0.type] })
        let row = answer["rows"]?[0]?.array
        #expect(row?.count == ShownTable.events.columns.count)
        #expect(row?[16]["plan"] == "pro")
    }

    @Test func experimentEventsAreATable() async throws {
        let bench = try await QueryBench()
        let names = try await bench.answer("select * from experiment_events")
        let columns = names["columns"]?.array?.map { [$0["name"]?.string, $0["type"]?.string] }
        #expect(columns == ShownTable.experimentEvents.columns.map { [$0.name, $0.type] })
        #expect(names["rows"] == [])
        for (environment, id) in [(QueryBench.ours, UInt128(7)), (QueryBench.theirs, UInt128(8))] {
            var segments = ReportingSegments()
            segments.devices = ["iPhone", "all_phones"]
            segments.customSegments = [5, 6]
            try await bench.store.append([
                ExperimentEvent(
                    id: EventIdentifier(value: id), environmentID: environment, projectID: 1, kind: .transaction,
                    occurredAt: Timestamp(seconds: 1_700_000_000), receivedAt: Timestamp(seconds: 1_700_000_001),
                    visitorID: "v\(id)",
                    assignments: [ExperimentEvent.Assignment(experienceID: 3, variationID: 31)], goalID: 4,
                    revenue: 9.5, productsCount: 2, transactionID: "t", segments: segments)
            ])
        }
        let answer = try await bench.answer(
            """
            select visitor_id, event_type, experience_id, revenue, devices, custom_segments, epoch(occurred_at)::BIGINT
            from Experiment_Events
            """)
        #expect(
            answer["rows"] == [
                ["v7", "transaction", 3, 9.5, ["iPhone", "all_phones"], [5, 6], 1_700_000_000]
            ])
        let joined = try await bench.answer(
            "select (select count(*) from events), (select count(*) from \"experiment_events\")")
        #expect(joined["rows"] == [[700, 1]])
    }

    @Test func columnsMayShareAName() async throws {
        let answer = try await Self.bench.value.answer("select 1 a, 2 a, 3 as \"A\"")
        #expect(answer["columns"]?.array?.compactMap { $0["name"]?.string } == ["a", "a", "A"])
        #expect(answer["rows"] == [[1, 2, 3]])
    }

    @Test(arguments: [(700, 700, false), (699, 699, true), (1, 1, true), (1_000, 700, false)])
    func rowsAreCapped(_ maxRows: Int, _ count: Int, _ isTruncated: Bool) async throws {
        let bench = try await Self.bench.value
        for format in QueryFormat.allCases {
            let result = try await bench.service.run(
                sql: "select user_id, 1 a, 2 a from events order by user_id", environmentID: 1, maxRows: maxRows,
                timeoutSeconds: 30,
                format: format)
            #expect(result.rowCount == count && result.isTruncated == isTruncated, "\(format)")
        }
    }

    @Test func csvFollowsTheStandard() async throws {
        let sql = """
            select 'a,b' as "x,y", 'say "hi"' q, 'two
            lines' l, '' e, null n, 1.5::double d, true t, {'a': 1} s, timestamp '2024-05-01 10:00:00' w
            """
        let result = try await Self.bench.value.service.run(
            sql: sql, environmentID: 1, maxRows: 10, timeoutSeconds: 30, format: .csv)
        let text = String(decoding: result.bytes, as: UTF8.self)
        #expect(
            text == "\"x,y\",q,l,e,n,d,t,s,w\r\n\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"\",,1.5,true,"
                + "\"{\"\"a\"\":1}\",2024-05-01T10:00:00.000000Z\r\n")
    }

    @Test func parquetCanBeReadBack() async throws {
        let bench = try await QueryBench(limits: QueryBench.patient)
        let result = try await bench.service.run(
            sql: "select user_id, count(*) n, sum(1) s, any_value(metadata) m from events group by 1 order by 1",
            environmentID: 1,
            maxRows: 10, timeoutSeconds: 30, format: .parquet)
        #expect(result.bytes.prefix(4) == Array("PAR1".utf8)[...])
        let file = bench.folder.file("copy.parquet")
        try Data(result.bytes).write(to: URL(filePath: file))
        let read = try await bench.store.readers.run { connection in
            try connection.query("SELECT user_id, n, s::BIGINT FROM read_parquet('\(file)')").map { chunk, row in
                "\(try chunk.string(0, row) ?? "") \(try chunk.int64(1, row) ?? 0) \(try chunk.int64(2, row) ?? 0)"
            }
        }
        #expect(read == (0..<7).map { "user_\($0) 100 100" })
        let left = try FileManager.default.contentsOfDirectory(atPath: bench.folder.file("queries"))
        #expect(left.isEmpty)
    }
}
