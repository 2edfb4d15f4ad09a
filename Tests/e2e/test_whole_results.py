"""Whole results of queries: streamed with little memory, recognisable when they break off, and no trouble for others."""

import csv
import fcntl
import io
import json
import os
import pty
import select
import signal
import socket
import struct
import subprocess
import termios
import threading
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet
import pytest
import requests

from support.client import SEXTANT, Client
from support.errors import assert_sextant_error
from support.memory import forget_peak, peak_megabytes
from support.polling import wait_until
from support.server import Launch, Sextant, binary
from support.workers import running_queries

SQL = f"{SEXTANT}/sql"
DONE, REFUSED, INCOMPLETE, BAD_USE = 0, 1, 3, 64
EVENTS = 1_000
# A million rows out of a thousand events.
MILLION = "select a.user_id, b.metadata, row_number() over () as n from events a, events b"
# Rows at once, and an error after some hundred thousands of them.
BREAKING = (
    f"select case when n < 400000 then '{'x' * 100}' else (user_id::int)::varchar end as x from "
    "(select a.user_id, row_number() over () as n from events a, events b)"
)
ENDLESS = "select a.user_id from events a, events b, events c, events d"
TERMINAL_COLUMNS = 100


@pytest.fixture(scope="module")
def shop(launch: Launch) -> Sextant:
    server = launch()
    server.client().ingest_all(
        {"user_id": f"user_{number % 7}", "event_name": "view", "metadata": {"amount": number}} for number in range(EVENTS)
    )
    return server


def of(server: Sextant) -> list[str]:
    return ["--url", server.base_url, "--token", server.token]


def run(server: Sextant, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(binary()), "sql", *arguments, *of(server)], capture_output=True, text=True, timeout=300, check=False
    )


def ask(client: Client, query: str, **more: Any) -> requests.Response:
    return client.post(SQL, {"query": query, "all": True, **more}, stream=True, timeout=300)


# ---- the interface


@pytest.mark.parametrize("file_format", ["json", "ndjson", "csv"])
def test_a_million_rows_take_little_memory(shop: Sextant, file_format: str) -> None:
    client = shop.client()
    client.sql("select count(*) from events")
    forget_peak(shop)
    before = peak_megabytes(shop)
    answer = ask(client, MILLION, format=file_format)
    assert answer.status_code == 200 and answer.headers["X-Sextant-Truncated"] == "false"
    size = rows = 0
    last = b""
    for chunk in answer.iter_content(1 << 20):
        size += len(chunk)
        # A word may be cut in two by the chunks.
        rows += (last[-len("amoun") :] + chunk).count(b"amount")
        last = (last + chunk)[-200:]
    assert rows == EVENTS**2 and size > 30_000_000
    if file_format == "json":
        assert last.endswith(b'"row_count":1000000,"truncated":false}')
    elif file_format == "ndjson":
        assert json.loads(last.splitlines()[-1]).keys() == {"user_id", "metadata", "n"}
    assert peak_megabytes(shop) - before < 64


def test_a_whole_parquet_file(shop: Sextant) -> None:
    answer = ask(shop.client(), MILLION, format="parquet")
    assert answer.headers["Content-Type"] == "application/vnd.apache.parquet"
    table = pyarrow.parquet.read_table(io.BytesIO(answer.content))
    assert table.num_rows == EVENTS**2 and table.column("n").to_pylist()[:3] == [1, 2, 3]


def test_a_small_whole_result_is_told_with_its_size(shop: Sextant) -> None:
    answer = ask(shop.client(), "select 1 as a, null as b, 'x' as a", format="ndjson")
    assert answer.content == b'{"a":1,"b":null,"a_1":"x"}\n'
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert answer.headers["Content-Length"] == "27" and answer.headers["X-Sextant-Row-Count"] == "1"
    for file_format in ("json", "ndjson", "csv", "parquet"):
        empty = ask(shop.client(), "select user_id from events where false", format=file_format)
        assert empty.status_code == 200 and empty.headers["X-Sextant-Row-Count"] == "0"


def test_the_same_rows_as_in_pieces(shop: Sextant) -> None:
    query = "select user_id, inserted_at, metadata, event_id from events order by event_id"
    client = shop.client()
    rows = client.sql(query, max_rows=EVENTS)
    assert ask(client, query).json()["rows"] == rows
    lines = ask(client, query, format="ndjson").text.splitlines()
    assert [list(json.loads(line).values()) for line in lines] == rows
    table = list(csv.reader(io.StringIO(ask(client, query, format="csv").text)))
    assert [[row[0], row[1], json.loads(row[2]), row[3]] for row in table[1:]] == rows


def test_more_lines_than_asked_for_are_told(shop: Sextant) -> None:
    answer = shop.client().post(SQL, {"query": "select user_id from events", "format": "ndjson", "max_rows": 3})
    assert (answer.headers["X-Sextant-Row-Count"], answer.headers["X-Sextant-Truncated"]) == ("3", "true")
    assert answer.text.count("\n") == 3


def test_what_does_not_go_together_is_refused(shop: Sextant) -> None:
    client = shop.client()
    assert_sextant_error(ask(client, "select 1", max_rows=5), 400, "max_rows")
    assert_sextant_error(client.post(SQL, {"query": "select 1", "timeout_seconds": 61}), 400, "timeout_seconds")
    assert_sextant_error(ask(client, "select 1", timeout_seconds=601), 400, "timeout_seconds")


def test_what_fails_before_the_first_row_is_an_answer(shop: Sextant) -> None:
    client = shop.client()
    assert_sextant_error(ask(client, "select nothing from events"), 400, "nothing")
    assert_sextant_error(ask(client, "delete from events"), 400)
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    assert_sextant_error(ask(client, endless, timeout_seconds=1), 422, "1 seconds")


@pytest.mark.parametrize("file_format", ["json", "ndjson", "csv"])
def test_a_result_that_breaks_off_does_not_look_whole(shop: Sextant, file_format: str) -> None:
    answer = ask(shop.client(), BREAKING, format=file_format)
    assert answer.status_code == 200 and "Content-Length" not in answer.headers
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        for _ in answer.iter_content(1 << 16):
            pass
    # Others, and the same one, go on.
    assert shop.client().count_events() == EVENTS


def test_a_result_that_breaks_off_over_http2(launch: Launch, certificate: tuple[Path, Path]) -> None:
    server = launch()
    server.client().ingest_all({"user_id": f"u{number}", "event_name": "view"} for number in range(EVENTS))
    server.stop()
    server.certificate = certificate
    server.start()
    headers = {"Authorization": f"Token {server.token}"}
    with httpx.Client(http1=False, http2=True, verify=False, timeout=60, headers=headers) as client:  # noqa: S501
        with client.stream("POST", server.base_url + SQL, json={"query": BREAKING, "all": True, "format": "csv"}) as answer:
            assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
            with pytest.raises(httpx.RemoteProtocolError):
                for _ in answer.iter_bytes():
                    pass
        whole = client.post(server.base_url + SQL, json={"query": MILLION, "all": True, "format": "ndjson"})
        assert whole.text.count("\n") == EVENTS**2


def test_a_time_that_is_over_breaks_off(shop: Sextant) -> None:
    answer = ask(shop.client(), ENDLESS, format="csv", timeout_seconds=2)
    assert answer.status_code == 200
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        for _ in answer.iter_content(1 << 20):
            pass
    wait_until(lambda: not running_queries(shop), "the end of the query's process")


@pytest.mark.parametrize(
    "query",
    [
        ENDLESS,
        # Nothing more to send for as long as it runs.
        f"select x from (select '{'x' * 1_000}' as x from range(1000) union all "
        "select 'y' from events a, events b, events c, events d where a.user_id > b.user_id || c.user_id || d.user_id)",
    ],
)
def test_a_client_that_goes_away_ends_its_query(shop: Sextant, query: str) -> None:
    body = json.dumps({"query": query, "all": True, "format": "ndjson", "timeout_seconds": 600}).encode()
    with socket.create_connection(("127.0.0.1", int(shop.base_url.rpartition(":")[2]))) as connection:
        head = f"POST {SQL} HTTP/1.1\r\nHost: x\r\nAuthorization: Token {shop.token}\r\n"
        head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        assert connection.recv(12) == b"HTTP/1.1 200"
        assert running_queries(shop)
    wait_until(lambda: not running_queries(shop), "the end of the query's process")
    # Its place is free again.
    assert ask(shop.client(), "select 1").status_code == 200


def test_a_slow_reader_keeps_nobody_waiting(launch: Launch) -> None:
    """The query of a result that nobody reads has ended long before: what was not read is on disk."""
    server = launch()
    reader, other = server.client(), server.new_environment()
    for client in (reader, other):
        client.ingest_all({"user_id": f"user_{number}", "event_name": "view"} for number in range(EVENTS))
    unread = ask(reader, MILLION.replace("b.metadata", "b.event_name"), format="csv")
    assert unread.status_code == 200
    wait_until(lambda: not running_queries(server), "the end of the query")
    # The next one of the same environment need not wait either.
    assert ask(server.client(), "select 1").status_code == 200
    assert ask(other, "select count(*) as n from events", format="ndjson").json() == {"n": EVENTS}
    assert sum(chunk.count(b"\n") for chunk in unread.iter_content(1 << 20)) == EVENTS**2 + 1


def test_whole_results_leave_room_for_other_queries(launch: Launch) -> None:
    server = launch()
    environments = [server.new_environment() for _ in range(4)]
    for client in environments:
        client.track("ann", "seen")
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"
    statuses: list[int] = []

    def hog(token: str) -> None:
        statuses.append(ask(server.client(token), endless, timeout_seconds=20).status_code)

    hogs = [threading.Thread(target=hog, args=(client.token,)) for client in environments for _ in range(2)]
    for thread in hogs:
        thread.start()
    wait_until(lambda: len(running_queries(server)) == 2, "two whole results to be under way")
    for client in environments:
        assert client.count_events() == 1
    for thread in hogs:
        thread.join()
    assert set(statuses) == {422, 429}


# ---- the command


def test_a_cut_result_ends_with_3_and_says_how_to_get_the_rest(shop: Sextant, tmp_path: Path) -> None:
    for file_format in ("csv", "json", "ndjson", "table"):
        cut = run(shop, "SELECT user_id FROM events", "--max-rows", "5", "--format", file_format)
        assert cut.returncode == INCOMPLETE, cut
        assert "cut after 5 rows" in cut.stderr and "--all" in cut.stderr and len(cut.stderr.splitlines()) == 1
        assert cut.stdout.count("user_") >= 5 and "cut" not in cut.stdout
    file = tmp_path / "cut.parquet"
    cut = run(shop, "SELECT user_id FROM events", "--max-rows", "5", "-o", str(file))
    assert cut.returncode == INCOMPLETE and cut.stdout == ""
    assert pyarrow.parquet.read_table(file).num_rows == 5
    whole = run(shop, "SELECT user_id FROM events", "--max-rows", str(EVENTS))
    assert whole.returncode == DONE and whole.stderr == ""
    assert len(whole.stdout.splitlines()) == EVENTS + 1


def test_all_rows_into_a_file(shop: Sextant, tmp_path: Path) -> None:
    for name in ("all.csv", "all.ndjson", "all.json", "all.parquet", "all"):
        file = tmp_path / name
        file.write_text("old")
        ended = run(shop, MILLION, "--all", "--output", str(file))
        assert ended.returncode == DONE and ended.stdout == ended.stderr == "", ended
        assert [path.name for path in tmp_path.iterdir()] == [name]
        if name.endswith("parquet"):
            assert pyarrow.parquet.read_table(file).num_rows == EVENTS**2
        elif name.endswith(".json"):
            assert json.loads(file.read_text())["row_count"] == EVENTS**2
        else:
            with file.open() as lines:
                assert sum(1 for _ in lines) == EVENTS**2 + (not name.endswith("ndjson"))
        file.unlink()


def test_what_breaks_off_is_told_and_leaves_no_file(shop: Sextant, tmp_path: Path) -> None:
    broken = run(shop, BREAKING, "--all")
    assert broken.returncode == INCOMPLETE and "broke off" in broken.stderr and broken.stdout.startswith("x")
    file = tmp_path / "broken.csv"
    file.write_text("old")
    broken = run(shop, BREAKING, "--all", "-o", str(file))
    assert broken.returncode == INCOMPLETE and "broke off" in broken.stderr
    assert file.read_text() == "old" and list(tmp_path.iterdir()) == [file]


def test_an_interrupted_command_ends_its_query_and_leaves_no_file(shop: Sextant, tmp_path: Path) -> None:
    command = [str(binary()), "sql", ENDLESS, "--all", "-o", str(tmp_path / "x.csv"), *of(shop)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: running_queries(shop), "the query to be under way")
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == INCOMPLETE and "Nothing was written" in said
    wait_until(lambda: not running_queries(shop), "the end of the query's process")
    assert list(tmp_path.iterdir()) == []


def test_options_that_exclude_each_other(shop: Sextant, tmp_path: Path) -> None:
    assert run(shop, "SELECT 1", "--all", "--max-rows", "1").returncode == BAD_USE
    assert run(shop, "SELECT 1", "--json", "--format", "csv").returncode == BAD_USE
    assert run(shop, "SELECT 1", "--format", "xml").returncode == BAD_USE
    assert run(shop, "SELECT 1", "-o", str(tmp_path)).returncode == BAD_USE
    assert run(shop, "SELECT 1", "--max-rows", "100001").returncode == REFUSED


def on_a_terminal(server: Sextant, *arguments: str) -> tuple[int, str]:
    """How the command ends on a terminal, and what it shows there."""
    terminal, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, TERMINAL_COLUMNS, 0, 0))
    process = subprocess.Popen([str(binary()), "sql", *arguments, *of(server)], stdout=inner, stderr=subprocess.PIPE)
    os.close(inner)
    shown = b""
    while True:
        if not select.select([terminal], [], [], 60)[0]:
            break
        try:
            piece = os.read(terminal, 1 << 16)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(terminal)
    assert process.stderr is not None
    process.stderr.read()
    return process.wait(60), shown.decode().replace("\r\n", "\n")


def test_people_see_a_table(shop: Sextant) -> None:
    query = (
        "SELECT * FROM (VALUES ('日本', 1, NULL, 'x'), ('NULL', 1234, '', e'\\x1b[31mred\\nline'), "
        f"('a\"]}},[', -5, '[\"', '{'long ' * 100}')) AS t(name, n, \"maybe\", value)"
    )
    status, shown = on_a_terminal(shop, query)
    assert status == DONE
    lines = shown.splitlines()
    assert lines[0].split() == ["name", "|", "n", "|", "maybe", "|", "value"]
    assert [line.split(" | ")[1] for line in lines[2:5]] == ["   1", "1234", "  -5"]
    assert lines[2].startswith("日本   |") and lines[2].split(" | ")[2] == "NULL "
    assert lines[3].startswith('"NULL" |') and '""' in lines[3] and lines[3].endswith("\\u{1b}[31mred\\nline")
    assert lines[4].startswith('a"]},[ |') and lines[4].endswith("…") and "\x1b" not in shown
    assert all(len(line) <= TERMINAL_COLUMNS for line in lines) and lines[-1] == "(3 rows)"
    # Explicitly asked for, the rows are as they are; in a pipe they are CSV.
    assert on_a_terminal(shop, "SELECT 1 AS n", "--format", "csv")[1].split() == ["n", "1"]
    assert run(shop, "SELECT 1 AS n").stdout == "n\n1\n"
    assert on_a_terminal(shop, "SELECT 1", "--format", "parquet")[0] == BAD_USE


def test_many_columns_are_shown_as_lines(shop: Sextant) -> None:
    status, shown = on_a_terminal(shop, "SELECT * FROM events LIMIT 2")
    assert status == DONE and shown.startswith("-- row 1\n") and "-- row 2\n" in shown
    assert all(len(line) <= TERMINAL_COLUMNS for line in shown.splitlines())


def test_a_whole_result_on_a_terminal(shop: Sextant) -> None:
    status, shown = on_a_terminal(shop, "SELECT a.user_id, b.user_id AS other FROM events a, events b LIMIT 30000", "--all")
    assert status == DONE and shown.endswith("(30000 rows)\n") and len(shown.splitlines()) == 30_003
    status, shown = on_a_terminal(shop, "SELECT user_id FROM events", "--max-rows", "2")
    assert status == INCOMPLETE and shown.endswith("(2 rows)\n")
