"""SQL over the events: what works, what is refused, and that no query hurts the server."""

import csv
import io
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pyarrow.parquet
import pytest

from support.client import SEXTANT, Client
from support.errors import assert_sextant_error
from support.server import Sextant

SQL = f"{SEXTANT}/sql"
USERS = 7
EVENTS = 700


@pytest.fixture(scope="module")
def shop(server: Sextant) -> Client:
    other = server.new_environment()
    other.ingest_all([{"user_id": "spy", "event_name": "secret", "metadata": {"password": "hunter2"}}] * 10)
    client = server.new_environment()
    client.ingest_all(
        {
            "user_id": f"user_{number % USERS}",
            "event_name": ["view", "cart", "paid"][number % 3],
            "inserted_at": f"2024-05-{number % 28 + 1:02d}T10:00:00.25Z",
            "metadata": {"amount": number, "tags": ["a", "b"]},
        }
        for number in range(EVENTS)
    )
    return client


# ---- allowed


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("select count(*) from events", [[EVENTS]]),
        ("SELECT count(DISTINCT user_id) FROM Events", [[USERS]]),
        ("select user_id, count(*) c from events group by all order by user_id limit 1", [["user_0", 100]]),
        ("select event_name from events group by 1 having count(*) > 1 order by 1", [["cart"], ["paid"], ["view"]]),
        ("with paid as (select * from events where event_name = 'paid') select count(*) from paid", [[233]]),
        ("select sum((metadata->>'amount')::int) from events where event_name = 'view'", [[81783]]),
        ("select json_extract_string(metadata, '$.tags[1]') from events limit 1", [["b"]]),
        ("select strftime(min(inserted_at), '%Y-%m-%d %H') from events", [["2024-05-01 10"]]),
        ("select date_trunc('month', inserted_at)::date::varchar, count(*) from events group by 1", [["2024-05-01", 700]]),
        ("select count(*) from events a join events b using (event_id)", [[EVENTS]]),
        ("select user_id from (select user_id, row_number() over (order by user_id) n from events) where n = 1", [["user_0"]]),
        ("select (select count(*) from events) - count(*) from events", [[0]]),
        ("select 1 union all select 2 order by 1", [[1], [2]]),
        ("select 'a;b' -- comment; with a semicolon", [["a;b"]]),
        ("select 1;", [[1]]),
        ("with recursive n(i) as (select 1 union all select i + 1 from n where i < 5) select max(i) from n", [[5]]),
        ("select case when true then null end", [[None]]),
        ("select x from generate_series(1, 3) t(x)", [[1], [2], [3]]),
        ("from events select count(*)", [[EVENTS]]),
    ],
)  # fmt: skip
def test_allowed_queries(shop: Client, query: str, rows: list[list[Any]]) -> None:
    assert shop.sql(query) == rows


FIRST = "(select min(event_id) from events)"
NO_IDS = ["big-1", "", "é", "01a224b5-cf17-7035-87d3-1e5abadef21", "+1a224b5-cf17-7035-87d3-1e5abadef211", "{}", "-"]


@pytest.mark.parametrize("text", NO_IDS)
def test_ids_are_compared_with_texts_that_are_none(shop: Client, text: str) -> None:
    def count(condition: str, source: str = "events e") -> int:
        rows = shop.post(SQL, {"query": f"select count(*) from {source} where {condition}"}, expect=200).json()["rows"]
        return int(rows[0][0])

    for condition in (
        f"event_id = '{text}'", f"'{text}' = E.Event_ID", f"event_id in ('{text}', null)", f"event_id in ('{text}', 'b')",
        f"event_id is not distinct from '{text}'", f"case event_id when '{text}' then true else false end",
        "event_id = user_id", "event_id in (select user_id from events)", "event_id = metadata->>'amount'",
        f"event_id between '{text}' and '{text}'", f"event_id = lower('{text}')", f"event_id = '{text}'::varchar",
    ):  # fmt: skip
        assert count(condition) == 0, condition
    for condition in (
        f"event_id <> '{text}'", f"event_id not in ('{text}', 'b')", f"event_id is distinct from '{text}'",
        "event_id <> user_id", f"not (event_id = '{text}')", f"event_id >= '{text}' or event_id < '{text}'",
        "event_id = event_id", "event_id in (select event_id from events)",
    ):  # fmt: skip
        assert count(condition) == EVENTS, condition
    assert count("true", "events a join events b on a.event_id = b.user_id") == 0
    assert count("true", "events a left join events b on b.session = a.event_id") == EVENTS
    assert count(f"exposure_id = '{text}'", "experiment_events") == 0


def test_ids_are_found_in_each_of_their_forms(shop: Client) -> None:
    rows = shop.post(SQL, {"query": f"select {FIRST}"}, expect=200).json()["rows"]
    known = rows[0][0]
    for form in (known, known.upper(), known.replace("-", ""), "{" + known + "}"):
        for condition in (
            f"event_id = '{form}'", f"event_id in ('big-1', '{form}')", f"event_id not in ('big-1', '{form}') is false",
            f"event_id between '{form}' and '{form}'", f"event_id in ({FIRST}, '{form}')", f"event_id = '{form}'::uuid",
        ):  # fmt: skip
            query = {"query": f"select event_id from events where {condition}"}
            assert shop.post(SQL, query, expect=200).json()["rows"] == [[known]], condition


def test_a_funnel(shop: Client) -> None:
    rows = shop.sql(
        """
        with firsts as (
            select user_id, min(inserted_at) filter (event_name = 'view') as viewed,
                   min(inserted_at) filter (event_name = 'paid') as paid
            from events group by user_id
        )
        select count(viewed), count(paid), count(*) filter (paid >= viewed) <= count(viewed) from firsts
        """
    )
    assert rows == [[USERS, USERS, True]]


def test_the_answer_in_json(shop: Client) -> None:
    query = (
        "select user_id, metadata, inserted_at, 1.5::double as half from events order by inserted_at, user_id limit 2"
    )
    answer = shop.post(SQL, {"query": query, "format": "json"}, expect=200).json()
    assert [column["name"] for column in answer["columns"]] == ["user_id", "metadata", "inserted_at", "half"]
    assert answer["row_count"] == 2 and answer["truncated"] is False
    assert answer["rows"][0][0].startswith("user_") and answer["rows"][0][3] == 1.5
    assert answer["rows"][0][2].startswith("2024-05-01T10:00:00.25")


def test_csv_and_parquet(shop: Client) -> None:
    query = "select user_id, count(*) as n from events group by 1 order by 1"
    expected = [(f"user_{number}", 100) for number in range(USERS)]
    answer = shop.post(SQL, {"query": query, "format": "csv"}, expect=200)
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.headers["X-Sextant-Row-Count"] == str(USERS) and answer.headers["X-Sextant-Truncated"] == "false"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["user_id"], int(row["n"])) for row in rows] == expected
    answer = shop.post(SQL, {"query": query, "format": "parquet"}, expect=200)
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    table = pyarrow.parquet.read_table(io.BytesIO(answer.content)).to_pylist()
    assert [(row["user_id"], row["n"]) for row in table] == expected


@pytest.mark.parametrize("query", ["select user_id from events where false", "select user_id from events"])
@pytest.mark.parametrize("file_format", ["json", "csv", "parquet"])
def test_empty_and_truncated_results(shop: Client, query: str, file_format: str) -> None:
    answer = shop.post(SQL, {"query": query, "format": file_format, "max_rows": 10}, expect=200)
    count, truncated = ("0", "false") if "false" in query else ("10", "true")
    assert (answer.headers["X-Sextant-Row-Count"], answer.headers["X-Sextant-Truncated"]) == (count, truncated)


def test_exactly_as_many_rows_as_asked_for_is_not_truncated(shop: Client) -> None:
    answer = shop.post(SQL, {"query": "select user_id from events", "max_rows": EVENTS}, expect=200).json()
    assert (answer["row_count"], answer["truncated"]) == (EVENTS, False)


def test_tables_are_described_as_they_are(shop: Client) -> None:
    tables = shop.get(f"{SQL}/tables").json()
    assert [table["name"] for table in tables] == ["events", "experiment_events"]
    columns = [(column["name"], column["type"]) for column in tables[0]["columns"]]
    answer = shop.post(SQL, {"query": "select * from events limit 1"}, expect=200).json()
    assert [(column["name"], column["type"]) for column in answer["columns"]] == columns
    names = {name for name, _ in columns}
    assert {"event_type", "event_name", "user_id", "company_id", "inserted_at", "metadata", "event_id"} <= names
    assert {"environment_id", "project_id"}.isdisjoint(names)


# ---- refused


REFUSED = [
    # other statements
    "insert into events select * from events",
    "update events set user_id = 'x'",
    "delete from events",
    "truncate events",
    "drop table events",
    "create table t as select 1",
    "create view v as select * from events",
    "create macro f() as 1",
    "create or replace temp table events as select 1",
    "alter table events add column x int",
    "copy events to '/tmp/stolen.csv'",
    "copy (select * from events) to '/tmp/stolen.csv'",
    "copy events from '/etc/passwd'",
    "export database '/tmp/stolen'",
    "import database '/tmp/stolen'",
    "attach '/tmp/x.db' as x",
    "detach lake",
    "use lake",
    "install httpfs",
    "load '/tmp/x.duckdb_extension'",
    "pragma database_list",
    "pragma version",
    "set memory_limit = '100GB'",
    "set global enable_external_access = true",
    "reset memory_limit",
    "call pragma_version()",
    "checkpoint",
    "vacuum",
    "begin",
    "prepare p as select 1",
    "execute p",
    "explain select * from events",
    "explain analyze select * from events",
    "describe events",
    "show tables",
    "summarize events",
    # several at once
    "select 1; select 2",
    "select 1; drop table events",
    "select 1;; delete from events",
    # files and the network
    "select * from '/etc/passwd'",
    "select * from 'data/*.parquet'",
    "select * from \"/etc/passwd\"",
    "select * from read_csv('/etc/passwd')",
    "select * from read_csv_auto('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from read_blob('/etc/passwd')",
    "select * from read_parquet('x.parquet')",
    "select * from read_json('x.json')",
    "select * from read_ndjson_objects('x.json')",
    "select * from parquet_scan('x.parquet')",
    "select * from parquet_metadata('x.parquet')",
    "select * from sniff_csv('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from 'https://127.0.0.1:1/x.csv'",
    "select * from 's3://bucket/x.parquet'",
    # the engine's own
    "select * from information_schema.tables",
    "select * from information_schema.columns",
    "select * from pg_catalog.pg_tables",
    "select * from pg_tables",
    "select * from sqlite_master",
    "select * from duckdb_tables()",
    "select * from duckdb_settings()",
    "select * from duckdb_secrets()",
    "select * from duckdb_databases()",
    "select * from duckdb_functions()",
    "select * from pragma_database_list()",
    "select * from pragma_storage_info('events')",
    "select * from pragma_table_info('lake.main.events')",
    "select getenv('HOME')",
    "select current_setting('memory_limit')",
    "select set_config('memory_limit', '1GB', false)",
    "select getvariable('x')",
    "select current_database()",
    "select nextval('s')",
    "select * from which_secret('s3://x', 's3')",
    "select * from query('select 1')",
    "select * from query_table('events')",
    "select * from query_table(['lake.main.events'])",
    "select * from checkpoint()",
    "select * from force_checkpoint()",
    "select * from test_all_types()",
    "select write_log('x')",
    # the real table behind events, and other people's rows
    "select * from lake.main.events",
    "select * from lake.events",
    "select * from main.events",
    "select * from temp.export_users",
    "select environment_id from events",
    "select * from exposures",
    # the same in disguise
    "SeLeCt * FrOm ReAd_TeXt('/etc/passwd')",
    "select * from /* x */ read_text /* y */ ('/etc/passwd')",
    "select (select content from read_text('/etc/passwd'))",
    "select * from events where user_id in (select content from read_text('/etc/passwd'))",
    "select * from events order by (select count(*) from duckdb_settings())",
    "select * from events limit (select count(*) from lake.main.events)",
    "with x as (select * from read_text('/etc/passwd')) select * from x",
    "with x as materialized (select * from lake.main.events) select * from x",
    "with events as (select * from lake.main.events) select * from events",
    "with recursive x as (select 1 i union all select (select count(*) from lake.main.events) from x where i < 2) select * from x",
    "with x as (delete from events returning *) select * from x",
    "select 1 union all select count(*) from duckdb_tables()",
    "select * from events, lateral (select * from glob('/etc/*'))",
    "select * from (values (1)) t, read_text('/etc/passwd')",
    "from read_text('/etc/passwd')",
    "from 'x.csv' select *",
    "pivot lake.main.events on event_name",
    "unpivot (select 1 a, 2 b) on a, b into name k value v; select 1",
    "select count(*) filter (where (select true from duckdb_settings() limit 1)) from events",
    "select sum(1) over (order by (select count(*) from lake.main.events)) from events",
    "select list_transform([1], x -> (select count(*) from lake.main.events))",
    "select case when exists (select 1 from pg_catalog.pg_class) then 1 end",
    "select main.getenv('HOME')",
    "select system.main.getenv('HOME')",
    "table lake.main.events",
    "values ((select count(*) from lake.main.events))",
    # no query at all
    "nonsense",
    "select",
    "",
    " ",
    ";",
    "-- nothing",
    "select 'unclosed",
    "select \u0000",
    "select * from events where",
    "select no_such_column from events",
    "select no_such_function(1)",
    "select * from no_such_table",
]  # fmt: skip


@pytest.mark.parametrize("query", REFUSED)
def test_refused_queries(shop: Client, query: str) -> None:
    answer = shop.post(SQL, {"query": query})
    assert_sextant_error(answer, 400)
    assert "root:" not in answer.text and "hunter2" not in answer.text


def test_other_environments_are_out_of_reach(server: Sextant, shop: Client) -> None:
    assert shop.sql("select count(*) from events where user_id = 'spy'") == [[0]]
    tricks = [
        "select count(*) from events where user_id = 'spy' or true",
        "select count(*) from events where true union all select 0",
        "select count(*) from events as e right join events on true where e.user_id = 'spy'",
        "with events as (select * from events) select count(*) from events",
    ]
    for query in tricks:
        answer = shop.post(SQL, {"query": query})
        assert answer.status_code in (200, 400)
        if answer.status_code == 200:
            assert max(row[0] for row in answer.json()["rows"]) <= EVENTS
    found = shop.post(SQL, {"query": "select * from events", "max_rows": 100_000}, expect=200).text
    assert "spy" not in found and "hunter2" not in found


def test_nothing_was_written(server: Sextant, shop: Client) -> None:
    # Whatever the refused statements tried, everything is as it was.
    assert shop.count_events() == EVENTS
    assert server.run("sql", "--help").returncode == 0


# ---- limits


ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
HUGE = "select count(*) from events a, events b, events c, events d, events e where a.user_id > b.user_id || c.user_id"


@pytest.mark.parametrize("query", [ENDLESS, HUGE])
def test_endless_queries_are_stopped(shop: Client, query: str) -> None:
    start = time.monotonic()
    answer = shop.post(SQL, {"query": query, "timeout_seconds": 2})
    assert_sextant_error(answer, 422, "2 seconds")
    assert time.monotonic() - start < 20
    assert shop.count_events() == EVENTS


def test_the_server_stays_healthy_under_endless_queries(server: Sextant, shop: Client) -> None:
    def run(_: int) -> int:
        body = {"query": ENDLESS, "timeout_seconds": 5}
        return server.client(shop.token).post(SQL, body).status_code

    writer = server.new_environment()
    with ThreadPoolExecutor(8) as clients:
        queries = [clients.submit(run, number) for number in range(8)]
        sent = 0
        while not all(query.done() for query in queries):
            writer.track("ann", "meanwhile")
            sent += 1
            assert writer.get("/ready").elapsed.total_seconds() < 5
        assert {query.result() for query in queries} <= {422, 429}
    assert writer.count_events() == sent > 0


@pytest.mark.parametrize(
    "query",
    [
        "select repeat('x', 2000000000)",
        "select list(range) from range(1000000000)",
        "select string_agg(repeat(user_id, 100000), '') from events, events b",
        "select * from range(100000000) t(a) order by hash(a)",
    ],
)
def test_hungry_queries_end(server: Sextant, shop: Client, query: str) -> None:
    answer = shop.post(SQL, {"query": query, "timeout_seconds": 10, "max_rows": 100})
    assert answer.status_code in (200, 400, 422), answer.text[:500]
    assert len(answer.content) < 64 * 1024 * 1024
    assert server.process is not None and server.process.poll() is None


def test_a_huge_result_is_cut(shop: Client) -> None:
    query = "select a.user_id, b.metadata from events a, events b"
    answer = shop.post(SQL, {"query": query, "max_rows": 100_000}, expect=200).json()
    assert (answer["row_count"], answer["truncated"], len(answer["rows"])) == (100_000, True, 100_000)


def test_a_query_that_is_too_long(shop: Client) -> None:
    assert_sextant_error(shop.post(SQL, {"query": "select 1" + " " * 100_000}), 400, "query")
    deep = "select " + "(" * 5_000 + "1" + ")" * 5_000
    assert shop.post(SQL, {"query": deep}).status_code in (200, 400)
