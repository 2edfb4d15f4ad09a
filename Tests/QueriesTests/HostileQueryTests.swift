import Queries
import Testing

/// What must not run, whatever it is dressed up as.
@Suite struct HostileQueryTests {
    private static let statements = [
        "insert into events select * from events", "update events set user_id = 'x'", "delete from events",
        "truncate events", "drop table events", "drop view events", "create table t as select 1",
        "create view v as select * from events", "create macro f() as 1", "create type t as enum ('a')",
        "create or replace temp table events as select 1", "alter table events add column x int",
        "copy events to '/tmp/stolen.csv'", "copy (select * from events) to '/tmp/stolen.csv'",
        "copy events from '/etc/passwd'", "export database '/tmp/stolen'", "import database '/tmp/stolen'",
        "attach '/tmp/x.db' as x", "detach lake", "use lake", "install httpfs", "load '/tmp/x.duckdb_extension'",
        "pragma database_list", "pragma version", "set memory_limit = '100GB'",
        "set global enable_external_access = true", "reset memory_limit", "call pragma_version()", "checkpoint",
        "vacuum", "analyze", "begin", "commit", "rollback", "prepare p as select 1", "execute p", "deallocate p",
        "explain select * from events", "explain analyze select * from events", "describe events", "show tables",
        "show all tables", "summarize events", "summarize select * from events", "set variable x = 1",
        "merge into events using events e on true when matched then delete",
        "select 1; select 2", "select 1; drop table events", "select 1;; delete from events",
        "select 1; /* */ select 2; -- x",
    ]

    private static let files = [
        "select * from '/etc/passwd'", "select * from \"/etc/passwd\"", "select * from 'x.csv'",
        "select * from \"x.csv\"",
        "select * from 'data/*.parquet'", "select * from read_csv('/etc/passwd')",
        "select * from read_csv_auto('/etc/passwd')",
        "select * from read_text('/etc/passwd')", "select * from read_blob('/etc/passwd')",
        "select * from read_parquet('x.parquet')", "select * from read_json('x.json')",
        "select * from read_ndjson_objects('x.json')", "select * from parquet_scan('x.parquet')",
        "select * from parquet_metadata('x.parquet')", "select * from sniff_csv('/etc/passwd')",
        "select * from glob('/etc/*')", "select * from 'https://127.0.0.1:1/x.csv'",
        "select * from 's3://bucket/x.parquet'",
        "SeLeCt * FrOm ReAd_TeXt('/etc/passwd')", "select * from /* x */ read_text /* y */ ('/etc/passwd')",
        "select (select content from read_text('/etc/passwd'))",
        "select * from events where user_id in (select content from read_text('/etc/passwd'))",
        "with x as (select * from read_text('/etc/passwd')) select * from x", "from read_text('/etc/passwd')",
        "from 'x.csv' select *", "select * from events, lateral (select * from glob('/etc/*'))",
        "select * from (values (1)) t, read_text('/etc/passwd')",
        "select * from unnest([1]) t, read_text('/etc/passwd')",
        "select * from unnest((select list(content) from read_text('/etc/passwd')))",
        // A name that means a file wherever the expression of that name is not in scope.
        "with \"/etc/passwd\" as (select 1) select * from \"/etc/passwd\"",
        "select * from (with \"x.csv\" as (select 1) select * from \"x.csv\"), \"x.csv\"",
        "select * from (with duckdb_settings as (select 1) select 1) t, duckdb_settings",
        "select * from (with pg_class as (select 1) select 1) t, pg_class",
        "select * from (with columns as (select 1) select 1) t, columns",
        "with a as (select * from b), b as (select 1) select * from a",
    ]

    private static let engine = [
        "select * from information_schema.tables", "select * from information_schema.columns",
        "select * from pg_catalog.pg_tables", "select * from pg_tables", "select * from sqlite_master",
        "select * from duckdb_tables", "select * from duckdb_tables()", "select * from duckdb_settings()",
        "select * from duckdb_secrets()", "select * from duckdb_databases()", "select * from duckdb_functions()",
        "select * from duckdb_views()", "select * from duckdb_memory()", "select * from duckdb_temporary_files()",
        "select * from pragma_database_list()", "select * from pragma_storage_info('events')",
        "select * from pragma_table_info('lake.main.events')", "select * from query('select 1')",
        "select * from query_table('events')", "select * from query_table(['lake.main.events'])",
        "select * from checkpoint()", "select * from force_checkpoint()", "select * from test_all_types()",
        "select * from which_secret('s3://x', 's3')", "select * from json_execute_serialized_sql('{}')",
        "select * from seq_scan('events')", "select * from repeat(1, 10)", "select * from repeat_row(1, num_rows = 10)",
        "select getenv('HOME')", "select main.getenv('HOME')", "select system.main.getenv('HOME')",
        "select \"getenv\"('HOME')",
        "select GETENV('HOME')", "select current_setting('memory_limit')",
        "select set_config('memory_limit', '1GB', false)",
        "select getvariable('x')", "select current_database()", "select current_schemas(true)", "select nextval('s')",
        "select currval('s')", "select write_log('x')", "select version()", "select txid_current()", "select random()",
        "select setseed(0.5)", "select uuid()", "select pg_sleep(10)", "select sleep_ms(10000)",
        "select current_query()",
        "select json_serialize_sql('select 1')", "select json_deserialize_sql('{}')",
        "select json_serialize_plan('select 1')",
        "select cast_to_type(1, 'a')", "select in_search_path('a', 'b')", "select f(1)", "select no_such_function(1)",
        "select parse_path('/a')", "select events.getenv('HOME')", "select 'HOME'.getenv()",
        "select list_transform(['HOME'], x -> getenv(x))", "select list_filter(['HOME'], x -> getenv(x) = '/root')",
        "select list_filter(['HOME'], lambda x: getenv(x) = '/root')", "select [getenv(x) for x in ['HOME']]",
        "select list_aggregate([1], 'sum')", "select apply([1], x -> x)", "select list_reduce(['a'], (x, y) -> x || y)",
    ]

    private static let tables = [
        "select * from lake.main.events", "select * from \"lake\".\"main\".\"events\"",
        "select * from LAKE.MAIN.EVENTS",
        "select * from lake.events", "select * from main.events", "select * from temp.events",
        "select * from temp.main.events",
        "select * from memory.events", "select * from memory.main.events", "select * from temp.export_users",
        "select * from exposures", "select * from no_such_table", "table lake.main.events", "table no_such_table",
        "select * from events join lake.main.events using (event_id)", "select * from events e, lake.main.events f",
        "select * from events union select * from lake.main.events",
        "select * from events except select * from lake.main.events",
        "select * from events order by (select count(*) from lake.main.events)",
        "select * from events limit (select count(*) from lake.main.events)",
        "select * from events offset (select count(*) from lake.main.events)",
        "select * from events group by (select count(*) from lake.main.events)",
        "select count(*) from events having exists (select 1 from lake.main.events)",
        "select * from events qualify row_number() over (order by (select count(*) from lake.main.events)) = 1",
        "select sum(1) over (order by (select count(*) from lake.main.events)) from events",
        "select sum(1) over w from events window w as (order by (select count(*) from lake.main.events))",
        "select count(*) filter (where (select true from lake.main.events limit 1)) from events",
        "select case when exists (select 1 from pg_catalog.pg_class) then 1 end",
        "select list_filter([1], x -> (select count(*) > 0 from lake.main.events))",
        "select * replace ((select count(*) from lake.main.events)::varchar as user_id) from events",
        "select array(select user_id from lake.main.events)", "select 1 = any (select 1 from lake.main.events)",
        "select distinct on ((select count(*) from lake.main.events)) 1",
        "values ((select count(*) from lake.main.events))",
        "select * from (values ((select count(*) from lake.main.events))) t",
        "with x as (select * from lake.main.events) select * from x",
        "with x as materialized (select * from lake.main.events) select * from x",
        "with x as (with y as (select * from lake.main.events) select * from y) select * from x",
        "with events as (select * from lake.main.events) select * from events",
        "with events as (select 1) select * from events",
        "with EVENTS as (select 1) select * from events", "with x as (select 1) select * from main.x",
        "with recursive x as (select 1 i union all select (select count(*) from lake.main.events) from x where i < 2) select * from x",
        "with recursive x as (select count(*) i from lake.main.events union all select i from x where i < 2) select * from x",
        "with x as (delete from events returning *) select * from x", "select * from events at (version => 1)",
        "pivot lake.main.events on event_name", "pivot events on event_name",
        "from events pivot (count(*) for event_name in ('view'))",
        "unpivot events on user_id, company_id into name k value v", "select * from (describe events)",
        "select * from (show tables)",
        "select * from (summarize events)", "select environment_id from events", "select project_id from events",
        "select e.environment_id from events e", "select lake.main.events.environment_id from events",
        "select rowid from events", "select columns('user.*') from events",
        "select columns(c -> c like 'u%') from events", "select ?", "select $1", "select $name",
        "select 1::weird", "select 1::main.weird", "select 'a'::enum('a')", "select [1]::int[1000000]",
        "select user_id collate de from events",
        "nonsense", "select", "", " ", ";", "-- nothing", "/* */", "select 'unclosed", "select \u{0}",
        "select * from events where",
        "select no_such_column from events", "select 1 from events where user_id =",
    ]

    @Test(arguments: [statements, files, engine, tables])
    func areTurnedDown(_ queries: [String]) async throws {
        let bench = try await Self.bench.value
        try await withThrowingTaskGroup { group in
            for sql in queries {
                group.addTask { (sql, try await bench.failure(sql)) }
            }
            for try await (sql, failure) in group {
                switch failure {
                case .refused(let message), .invalid(let message): #expect(!message.isEmpty)
                default: Issue.record("\(sql) gave \(String(describing: failure))")
                }
            }
        }
        #expect(try await bench.rows("select count(*) from events") == "[[700]]")
    }

    private static let bench = Task { try await QueryBench(limits: QueryBench.patient) }

    @Test(arguments: [
        ("select getenv('HOME')", "getenv"), ("select * from read_text('x')", "read_text"),
        ("select * from lake.main.events", "lake.main.events"), ("drop table events", "SELECT"),
        ("select 1; select 2", "one statement"), ("select x::weird from events", "weird"),
        ("describe events", "DESCRIBE"), ("with events as (select 1) select 1", "events"),
    ])
    func reasonsNameWhatIsRefused(_ sql: String, _ name: String) async throws {
        let failure = try await Self.bench.value.failure(sql)
        guard case .refused(let reason) = failure else {
            Issue.record("\(sql) gave \(String(describing: failure))")
            return
        }
        #expect(reason.contains(name))
    }

    @Test func engineSaysWhatDoesNotFit() async throws {
        let bench = try await Self.bench.value
        guard case .invalid(let message) = try await bench.failure("select no_such_column from events") else {
            Issue.record("it ran")
            return
        }
        #expect(message.contains("no_such_column"))
    }

    private static let oversized: [String] = {
        func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
        func list(_ count: Int, _ separator: String) -> String {
            [String](repeating: "1", count: count).joined(separator: separator)
        }
        let crossed = (1...80).map { " cross join events e\($0)" }.joined()
        let joined = (1...40).map { " join events e\($0) using (user_id)" }.joined()
        let doubled = (1...25).map { number -> String in
            ", a\(number) as (select x.* from a\(number - 1) x, a\(number - 1) y)"
        }.joined()
        return [
            "select \(repeated("(", 5_000))1\(repeated(")", 5_000))", "select \(list(30_000, "+"))",
            "select \(repeated("case when true then ", 1_500))1\(repeated(" end", 1_500))",
            "select \(repeated("(select ", 3_000))1\(repeated(")", 3_000))",
            "select \(repeated("[", 5_000))\(repeated("]", 5_000))",
            "select 1\(repeated(" union all select 1", 3_400))",
            "select 1 where \(repeated("not ", 15_000))true", "select a\(repeated("[1]", 20_000))",
            "select 1\(repeated("::int", 12_000))", "select 1 in (\(list(30_000, ",")))",
            "select * from events e0\(crossed)", "select * from events e0\(joined) limit 1",
            "with a0 as (select * from events)\(doubled) select count(*) from a25", repeated("x", 70_000),
            "select 1\(repeated(" ", 70_000))",
        ]
    }()

    @Test(arguments: oversized)
    func oversizedQueriesDoNoHarm(_ sql: String) async throws {
        let bench = try await Self.bench.value
        _ = try await bench.failure(sql, seconds: 2)
        #expect(try await bench.rows("select count(*) from events") == "[[700]]")
    }
}
