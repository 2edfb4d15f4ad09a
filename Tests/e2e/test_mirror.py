"""The copy of the events that queries read: always what the log says, also after a crash, and readable by others."""

import json
import subprocess
import threading
import time
from pathlib import Path

import pyarrow.parquet
import pytest
import requests

from support.polling import wait_until
from support.server import Launch, Sextant, binary

ROWS = 300_000
CRASHES = 4


def folders(server: Sextant) -> set[Path]:
    return set((server.data / "mirror").iterdir())


def test_others_may_read_it(server: Sextant) -> None:
    before = folders(server)
    client = server.new_environment()
    client.ingest_all({"user_id": f"user_{n}", "event_name": "view", "metadata": {"n": n}} for n in range(100))
    assert client.count_events() == 100
    (folder,) = folders(server) - before
    table = pyarrow.parquet.read_table(sorted(folder.glob("*.parquet")))
    assert sorted(table["user_id"].to_pylist()) == sorted(f"user_{n}" for n in range(100))
    assert sorted(json.loads(metadata)["n"] for metadata in table["metadata"].to_pylist()) == list(range(100))


def test_deleted_users_are_in_no_file(server: Sextant) -> None:
    before = folders(server)
    client = server.new_environment()
    client.ingest_all({"user_id": f"user_{n}", "event_name": "view"} for n in range(50))
    client.ingest_all({"user_id": "zz_forgotten", "event_name": "view"} for _ in range(5))
    assert client.count_events() == 55
    (folder,) = folders(server) - before
    client.request("DELETE", "/v1/users", json={"users": ["zz_forgotten"]}, expect=202)
    wait_until(lambda: client.count_events() == 50, "the deletion")

    def held() -> bool:
        paths = sorted(folder.glob("*.parquet"))
        users = {user for path in paths for user in pyarrow.parquet.read_table(path)["user_id"].to_pylist()}
        return "zz_forgotten" in users or any(b"zz_forgo" in path.read_bytes() for path in paths)

    wait_until(lambda: not held(), "the files without the deleted user")
    assert client.count_events() == 50


@pytest.fixture(scope="module")
def full(launch: Launch) -> Sextant:
    """A server with events enough for copying them to take a moment."""
    server = launch()
    server.client().track("first", "first")
    assert server.stop() == 0
    seed = [binary().with_name("sextant-bench"), "seed", server.data / "events.duckdb", "--rows", str(ROWS)]
    subprocess.run([*seed, "--before", "2026-03-02"], check=True, timeout=300)
    server.start()
    return server


def test_it_is_whole_after_crashes_while_it_is_made(full: Sextant) -> None:
    folder = full.data / "mirror"
    for round in range(CRASHES):
        for path in folder.glob("*/manifest.json"):
            path.unlink()

        def ask() -> None:
            try:
                full.client().count_events()
            except requests.ConnectionError:
                pass

        thread = threading.Thread(target=ask)
        thread.start()
        if round > 0:
            wait_until(lambda: list(folder.glob("*/*")), "the copy to begin")
            time.sleep(0.1 * round)
        full.kill()
        thread.join()
        full.start()
        assert full.client().count_events() == ROWS + 1
        assert full.client().count_events("event_name = 'purchased'") == ROWS / 5
        names = {path.suffix for path in folder.glob("*/*")}
        assert names == {".parquet", ".json"}


def test_the_command_line_reads_it(full: Sextant) -> None:
    result = full.run("sql", "select count(*) from events", "--url", full.base_url, "--token", full.token)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["count_star()", str(ROWS + 1)]


def test_damaged_files_are_made_anew(server: Sextant) -> None:
    """Whether the damage shows while a query reads them, or would only make it count wrong after the next start."""
    before = folders(server)
    client = server.new_environment()
    client.ingest_all({"user_id": f"user_{n}", "event_name": "view", "metadata": {"n": n}} for n in range(3_000))
    question = "select count(distinct user_id), sum((metadata->>'n')::int) from events"
    right = client.sql(question)
    (folder,) = folders(server) - before
    for path in folder.glob("*.parquet"):
        content = path.read_bytes()
        # Its foot stays as it is: the engine notices as it reads the columns.
        path.write_bytes(content[:4] + bytes(len(content) - 4_004) + content[-4_000:])
    assert client.sql(question) == right
    assert "a copy of events was damaged" in server.log.read_text(errors="replace")


def test_damage_is_noticed_by_the_next_start(full: Sextant) -> None:
    (path,) = sorted(full.data.glob("mirror/*/*.parquet"), key=lambda path: path.stat().st_size)[-1:]
    assert full.stop() == 0
    content = bytearray(path.read_bytes())
    for position in range(len(content) // 4, len(content) // 2, 10_000):
        content[position] ^= 0x55
    path.write_bytes(content)
    full.start()
    assert full.client().count_events("event_name = 'purchased'") == ROWS / 5
    assert "a copy of events was damaged" in full.log.read_text(errors="replace")
    assert not path.exists() or path.read_bytes() != content
