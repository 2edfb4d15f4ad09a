"""No query hurts anybody but itself: each has a process of its own, which dies alone."""

import json
import socket
import struct
import threading
from pathlib import Path

import pytest
import requests

from support.client import SEXTANT, Client
from support.errors import assert_sextant_error
from support.polling import wait_until
from support.server import Launch, Sextant
from support.workers import is_alive, running_queries, workers

SQL = f"{SEXTANT}/sql"
ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"


@pytest.fixture(scope="module")
def shop(server: Sextant) -> Client:
    client = server.new_environment()
    client.ingest_all(
        {"user_id": f"user%{number % 7}", "event_name": "view", "metadata": {"amount": number}} for number in range(700)
    )
    return client


@pytest.fixture(scope="module")
def neighbour(server: Sextant) -> Client:
    client = server.new_environment()
    client.track("ann", "seen")
    return client


def assert_harmless(server: Sextant, neighbour: Client) -> None:
    """The next query of somebody else works, and so does everything else."""
    assert neighbour.count_events("event_name = 'seen'") == 1
    assert neighbour.get("/ready").status_code == neighbour.get("/health").status_code == 200
    assert server.process is not None and server.process.poll() is None


def nested(opening: str, middle: str, closing: str, depth: int) -> str:
    """An expression for a text nested so deeply, made by the query itself."""
    return (
        f"(select string_agg('{opening}', '') from range({depth})) || '{middle}' || "
        f"(select string_agg('{closing}', '') from range({depth}))"
    )


BREAKING = [
    "select regexp_extract(i::varchar, 'a', null::varchar[]) from range(5) t(i)",
    "select try(url_decode(user_id)) from events",
    *[
        query
        for depth in (60_000, 120_000)
        for query in (
            f"with t(a) as (select {nested('[', '', ']', depth)}) select json_structure(a) from t",
            f"with t(a) as (select {nested('[', '', ']', depth)}) select json_contains(a, a) from t",
            'with t(a) as (select ' + nested('{"a":', "1", "}", depth) + ") select json_merge_patch(a, a) from t",
        )
    ],
]  # fmt: skip


@pytest.mark.parametrize("query", BREAKING)
def test_what_breaks_the_engine_breaks_nothing_else(
    server: Sextant, shop: Client, neighbour: Client, query: str
) -> None:
    answer = shop.post(SQL, {"query": query})
    if answer.status_code != 200:
        assert_sextant_error(answer, 422 if answer.status_code == 422 else 400)
    assert "/" + "work" not in answer.text and "Stack Trace" not in answer.text
    assert_harmless(server, neighbour)


def test_a_crash_is_told_and_counted(server: Sextant, shop: Client) -> None:
    query = BREAKING[0]
    assert_sextant_error(shop.post(SQL, {"query": query}), 422, "engine")
    assert 'sextant_queries_stopped_total{reason="failure"}' in shop.get("/metrics").text
    assert shop.count_events() == 700


LONG = "(select string_agg(user_id || i, '') as s from events, range(100) t(i))"
HOGS = [
    f"select levenshtein(a.s, reverse(b.s)) from {LONG} a, {LONG} b",
    f"select editdist3(a.s, reverse(b.s)) from {LONG} a, {LONG} b",
    f"select damerau_levenshtein(a.s, reverse(b.s)) from {LONG} a, {LONG} b",
    f"select count(*) from {LONG} a, range(100000) t(i) where regexp_matches(a.s || i, '(.*a){{12}}.*b$')",
    f"select count(*) from {LONG} a, range(100000) t(i) where a.s || i like '" + "%a_" * 400 + "b'",
    "select list_filter(l, x -> list_filter(l, y -> list_filter(l, z -> z > x + y)[1] > 0)[1] > 0) "
    "from (select list(i) l from range(20000) t(i))",
    ENDLESS,
]


@pytest.mark.parametrize("query", HOGS)
def test_hogs_are_gone_when_their_time_is_over(server: Sextant, shop: Client, neighbour: Client, query: str) -> None:
    answer = shop.post(SQL, {"query": query, "timeout_seconds": 2})
    # Some find out by themselves that they need too much.
    assert_sextant_error(answer, 422)
    wait_until(lambda: not running_queries(server), "the end of the query's process")
    assert_harmless(server, neighbour)


@pytest.mark.parametrize("query", ["/*" * 30_000, "select " + "/*" * 30_000 + "*/" * 30_000 + " 1"])
def test_comments_within_comments(server: Sextant, shop: Client, neighbour: Client, query: str) -> None:
    answer = shop.post(SQL, {"query": query, "timeout_seconds": 2})
    assert answer.status_code in (200, 400, 422), answer.text[:300]
    assert_harmless(server, neighbour)


def test_memory_of_a_query_has_an_end(server: Sextant, shop: Client, neighbour: Client) -> None:
    steps = ", ".join(f"a{n} as (select x || x || x as x from a{n - 1})" for n in range(1, 6))
    first = "a0 as (select string_agg(a.metadata::varchar, '') as x from events a, events b)"
    answer = shop.post(SQL, {"query": f"with {first}, {steps} select length(x) from a5", "timeout_seconds": 30})
    assert_sextant_error(answer, 422)
    assert_harmless(server, neighbour)


def test_a_query_has_nothing_of_the_server(server: Sextant, shop: Client) -> None:
    """While it runs: no files but its pipes, nothing of the environment, and the kernel's filter."""
    answers: list[requests.Response] = []
    query = threading.Thread(
        target=lambda: answers.append(
            server.client(shop.token).post(SQL, {"query": ENDLESS, "timeout_seconds": 10})
        )
    )
    query.start()

    (pid,) = wait_until(lambda: running_queries(server), "the query to be under way")
    status = Path(f"/proc/{pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    environment = Path(f"/proc/{pid}/environ").read_bytes().decode()
    names = {variable.partition("=")[0] for variable in environment.split("\0") if variable}
    assert names == {"SEXTANT_DUCKDB_LIBRARY", "SWIFT_BACKTRACE"}
    files = {file.name: file.readlink() for file in Path(f"/proc/{pid}/fd").iterdir()}
    assert not [path for path in files.values() if str(path).startswith(("socket:", str(server.data)))], files
    limits = Path(f"/proc/{pid}/limits").read_text()
    for name in ("Max cpu time", "Max file size", "Max data size"):
        assert "unlimited" not in next(line for line in limits.splitlines() if line.startswith(name)), limits
    query.join()
    assert answers[0].status_code == 422


def test_stopping_does_not_wait_for_queries(launch: Launch) -> None:
    server = launch()
    server.client().track("ann", "seen")
    answers: list[int | None] = []

    def ask() -> None:
        try:
            body = {"query": ENDLESS, "timeout_seconds": 60}
            answers.append(server.client().post(SQL, body).status_code)
        except requests.ConnectionError:
            answers.append(None)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(running_queries(server)) == 2, "both queries to be under way")
    pids = workers(server)
    assert server.stop() == 0
    for thread in threads:
        thread.join()
    assert set(answers) <= {503, None}
    assert not [pid for pid in pids if is_alive(pid)]


def test_a_killed_server_takes_its_queries_along(launch: Launch) -> None:
    server = launch()
    server.client().track("ann", "seen")

    def ask() -> None:
        with pytest.raises(requests.ConnectionError):
            server.client().post(SQL, {"query": ENDLESS, "timeout_seconds": 60})

    thread = threading.Thread(target=ask)
    thread.start()
    wait_until(lambda: running_queries(server), "the query to be under way")
    pids = workers(server)
    server.kill()
    thread.join()
    wait_until(lambda: not [pid for pid in pids if is_alive(pid)], "the end of the query's process")
    server.start()
    assert server.client().count_events() == 1


def test_one_environment_does_not_keep_others_from_asking(launch: Launch) -> None:
    server = launch()
    crowd, neighbour = server.new_environment(), server.new_environment()
    crowd.track("ann", "seen")
    neighbour.track("ann", "seen")
    answers: list[int] = []

    def ask() -> None:
        body = {"query": ENDLESS, "timeout_seconds": 20}
        answers.append(server.client(crowd.token).post(SQL, body).status_code)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(running_queries(server)) == 2, "two queries to be under way")
    for _ in range(3):
        assert neighbour.count_events() == 1
        assert len(running_queries(server)) >= 2
    for thread in threads:
        thread.join()
    assert set(answers) <= {422, 503, 429} and answers.count(422) >= 2


@pytest.mark.parametrize("closing", ["hang up", "reset"])
def test_a_query_ends_when_its_caller_is_gone(server: Sextant, shop: Client, closing: str) -> None:
    body = json.dumps({"query": ENDLESS, "timeout_seconds": 60}).encode()
    head = (
        f"POST {SQL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Token {shop.token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    caller = socket.create_connection(("127.0.0.1", server.port))
    caller.sendall(head.encode() + body)
    (pid,) = wait_until(lambda: running_queries(server), "the query to be under way")
    if closing == "reset":
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.close()
    wait_until(lambda: not is_alive(pid), "the end of the query", 30)
    # Its deadline is far.
    assert shop.count_events() == 700
