"""kill -9: what was acknowledged is there afterwards, once, and what was under way is finished."""

import contextlib
import itertools
import json
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from support.client import SEXTANT, Client, Event, ndjson
from support.convert import ConvertProject, convert_client, form
from support.polling import wait_until
from support.readers import exported, sent
from support.server import Launch, Sextant, binary

FIRST_DAY, LAST_DAY = "2024-01-01", "2025-12-31"
SENDERS = 4
BATCH = 100
ROUNDS = 3


@pytest.fixture
def crashing(launch: Launch) -> Sextant:
    """A server of the test's own, which it may kill."""
    return launch()


def numbered_event(identifier: str, number: int) -> Event:
    """An event whose time depends on its number, spread over two years."""
    month, day, minute = number % 24, number // 24 % 28 + 1, number % 1440
    time = f"{2024 + month // 12}-{month % 12 + 1:02d}-{day:02d}T{minute // 60:02d}:{minute % 60:02d}:00Z"
    return {
        "event_name": "step",
        "user_id": f"user_{number % 50}",
        "event_id": identifier,
        "inserted_at": time,
        "metadata": {"id": identifier},
    }


@dataclass
class Sender:
    """Sends batch after batch, and now and then a single event, until the server goes away."""

    name: str
    acknowledged: list[Event] = field(default_factory=list)
    unanswered: list[Event] = field(default_factory=list)
    sequence: int = 0

    def make(self, count: int) -> list[Event]:
        first = self.sequence
        self.sequence += count
        return [numbered_event(f"{self.name}-{number}", number) for number in range(first, first + count)]

    def run(self, client: Client) -> None:
        for call in itertools.count():
            single = call % 5 == 0
            events = self.make(1 if single else BATCH)
            try:
                if single:
                    answer = client.post("/v1/track", events[0])
                else:
                    answer = client.post(f"{SEXTANT}/events", events)
            except requests.RequestException:
                self.unanswered += events
                return
            if answer.status_code != 202:
                self.unanswered += events
                continue
            if not single:
                assert answer.json()["accepted"] == len(events), answer.text[:500]
            self.acknowledged += events


def acknowledged_count(senders: list[Sender]) -> int:
    return sum(len(sender.acknowledged) for sender in senders)


def exported_identifiers(client: Client) -> Counter[str]:
    return Counter(row["metadata"]["id"] for row in client.export(FIRST_DAY, LAST_DAY).rows)


def test_acknowledged_events_survive_exactly_once(crashing: Sextant) -> None:
    senders = [Sender(f"sender{number}") for number in range(SENDERS)]
    for crash in range(1, ROUNDS + 1):
        target = crash * 3_000
        threads = [threading.Thread(target=sender.run, args=[crashing.client()]) for sender in senders]
        for thread in threads:
            thread.start()
        try:
            wait_until(lambda: acknowledged_count(senders) >= target, f"{target} events", 60)
        finally:
            crashing.kill()
            for thread in threads:
                thread.join(timeout=60)
        crashing.start()
        client = crashing.client()
        acknowledged = {event["event_id"] for sender in senders for event in sender.acknowledged}
        possible = {event["event_id"] for sender in senders for event in sender.unanswered}

        found = exported_identifiers(client)
        assert acknowledged <= set(found), f"{len(acknowledged - set(found))} acknowledged events are lost"
        assert set(found) <= acknowledged | possible
        assert set(found.values()) == {1}, "events are stored twice"

        # The clients retry what was not answered: stored or not, it must be there once in the end.
        for sender in senders:
            if sender.unanswered:
                answer = client.ingest(sender.unanswered)
                assert answer["rejected"] == 0
            sender.acknowledged += sender.unanswered
            sender.unanswered = []
        assert exported_identifiers(client) == Counter(acknowledged | possible)


def test_an_export_under_way_completes_with_exact_rows(crashing: Sextant) -> None:
    events = [numbered_event(f"e{number}", number) for number in range(60_000)]
    client = crashing.client()
    client.ingest_all(events, batch=5_000)
    job_id = client.start_export(FIRST_DAY, LAST_DAY, format="csv")
    # Once with nothing written yet, once in the middle of the chunks if it is still running then.
    crashing.kill()
    crashing.start()
    wait_until(lambda: crashing.client().export_job(job_id)["completed_chunks"], "the first chunk", 60)
    crashing.kill()
    crashing.start()
    export = crashing.client().finish_export(job_id)
    names = [file.filename for file in export.files]
    assert len(names) == len(set(names))
    assert Counter(map(exported, export.rows)) == Counter(map(sent, events))
    times = [row["inserted_at"] for row in export.rows]
    assert times == sorted(times)


def start_bulk(client: Client) -> str:
    users = [{"user_id": f"bulk_{number}", "metadata": {"number": number}} for number in range(10_000)]
    answer = client.post("/v1/users/bulk_identify", {"users": users}, expect=202).json()
    return str(answer["job_id"])


def start_import(client: Client) -> str:
    rows: list[dict[str, Any]] = [
        {**numbered_event(f"i{number}", number), "event_type": "track", "source": "backend-http-import"}
        for number in range(10_000)
    ]
    for row in rows:
        row["user_id"] = f"import_{row.pop('event_id')}"
    answer = client.upload("/v1/imports", "history.ndjson", ndjson(rows), expect=200).json()
    return str(answer["job_id"])


@pytest.mark.parametrize(
    ("start", "condition"),
    [(start_bulk, "event_type = 'identify_user'"), (start_import, "event_type = 'track'")],
    ids=["bulk_identify", "import"],
)
def test_a_background_job_under_way_completes_once(crashing: Sextant, start: Any, condition: str) -> None:
    job_id = start(crashing.client())
    crashing.kill()
    crashing.start()
    client = crashing.client()
    job = client.finish_background_job(job_id)
    assert job["status"] == "completed" and job["total_rows"] == job["completed_rows"] == 10_000, job
    rows, users = client.sql(f"select count(*), count(distinct user_id) from events where {condition}")[0]
    assert (rows, users) == (10_000, 10_000)


def test_an_import_of_a_project_is_there_whole_or_not_at_all(crashing: Sextant) -> None:
    goals = [{"id": number, "name": f"goal {number}", "type": "code_trigger"} for number in range(1, 2_001)]
    file = {"version": 1, "project": {"name": "imported", "project_type": "web"}, "goals": goals}
    body, content_type = form({"file": json.dumps(file).encode()})
    account = convert_client(crashing)
    path = f"/accounts/{account.account_id}/projects"

    def begin() -> None:
        with contextlib.suppress(requests.RequestException):
            convert_client(crashing).request("POST", f"{path}/import-project", body, content_type=content_type)

    def staged() -> list[Any]:
        return list(crashing.data.glob("control.sqlite-staged-*"))

    for patience in (0, 0.3):
        importing = threading.Thread(target=begin)
        importing.start()
        try:
            wait_until(staged, "the file beside the store", 60)
            # Nobody waits for the import.
            account.request("POST", f"{path}/add", {"name": "meanwhile", "project_type": "web"}, expect=201)
            time.sleep(patience)
        finally:
            crashing.kill()
            importing.join(timeout=60)
        crashing.start()
        assert staged() == []
    with sqlite3.connect(crashing.data / "control.sqlite") as store:
        whole = store.execute("SELECT id FROM projects WHERE name = 'imported'").fetchall()
        assert store.execute("SELECT count(*) FROM resources").fetchone() == (len(whole) * len(goals),)
    answer = account.request("POST", f"{path}/import-project", body, expect=201, content_type=content_type).json()
    copy = ConvertProject(account, answer["id"])
    assert copy.page("goals")["extra"]["pagination"]["items_count"] == len(goals)


def test_a_project_that_is_deleted_stays_so_and_its_visitors_go(crashing: Sextant) -> None:
    account = convert_client(crashing)
    path = f"/accounts/{account.account_id}/projects"
    gone, kept = (
        int(account.request("POST", f"{path}/add", {"name": name, "project_type": "web"}, expect=201).json()["id"])
        for name in ("gone", "kept")
    )

    def visitors(project: int) -> int:
        with contextlib.closing(sqlite3.connect(crashing.data / "control.sqlite")) as store:
            found: int = store.execute("SELECT count(*) FROM visitors WHERE project_id = ?", (project,)).fetchone()[0]
            return found

    with contextlib.closing(sqlite3.connect(crashing.data / "control.sqlite", timeout=30)) as store:
        store.executemany(
            "INSERT INTO visitors (project_id, visitor_id, buckets, segments, updated_at) VALUES (?, ?, '{}', '{}', 0)",
            ((project, f"v{number}") for project in (gone, kept) for number in range(100_000)),
        )
        store.commit()
    account.request("DELETE", f"{path}/{gone}/delete", expect=200)
    crashing.kill()
    # The removal is due a minute later; here it is due at once, and interrupted.
    make_due(crashing, "environment_removal")
    crashing.start()
    wait_until(lambda: visitors(gone) < 100_000, "the first piece", 60)
    crashing.kill()
    assert visitors(gone) > 0
    crashing.start()
    account = convert_client(crashing)
    account.request("GET", f"{path}/{gone}", expect=404)
    account.request("GET", f"{path}/{kept}", expect=200)
    wait_until(lambda: visitors(gone) == 0, "the removal", 120)
    assert visitors(kept) == 100_000


def test_profiles_catch_up_after_a_crash(crashing: Sextant) -> None:
    client = crashing.client()
    for number in range(200):
        client.identify(f"user_{number}", {"number": number})
    crashing.kill()
    crashing.start()
    client = crashing.client()
    last = wait_until(lambda: client.user("user_199"), "the last profile")
    assert last is not None and last["metadata"] == {"number": 199}
    profiles = [client.user(f"user_{number}") for number in range(200)]
    assert [profile and profile["metadata"]["number"] for profile in profiles] == list(range(200))

def test_deletions_and_their_erasure_survive_kills(crashing: Sextant) -> None:
    """A deletion that was taken happens, and is taken off the disk, whatever moment the process ends at."""
    client = crashing.client()
    marker = "marker-that-no-other-text-has"
    client.ingest_all(
        {"event_name": "step", "user_id": f"user_{number % 20}", "metadata": {"text": f"{marker}-{number % 20}"}}
        for number in range(20_000)
    )
    client.request("DELETE", "/v1/users", json={"users": [f"user_{number}" for number in range(10)]}, expect=202)
    for _ in range(3):
        crashing.kill()
        crashing.start()
    client = crashing.client()
    wait_until(lambda: client.count_events() == 10_000, "the deletion", 60)
    assert client.count_events("user_id in ('user_1', 'user_9')") == 0

    # The erasure is due at the next full hour; here it is due at once, and interrupted again and again.
    crashing.kill()
    make_due(crashing, "erasure")
    for delay in (0.0, 0.1, 0.3, 0.6):
        crashing.start()
        time.sleep(delay)
        crashing.kill()
        make_due(crashing, "erasure")
    crashing.start()
    wait_until(lambda: is_finished(crashing, "erasure"), "the erasure", 60)
    assert crashing.client().count_events() == 10_000
    assert crashing.stop() == 0
    files = [path for path in crashing.data.glob("events.duckdb*") if path.is_file()]
    for path in files:
        assert f"{marker}-3".encode() not in path.read_bytes(), path.name
    crashing.start()
    assert crashing.client().count_events() == 10_000


def make_due(server: Sextant, kind: str) -> None:
    with contextlib.closing(sqlite3.connect(server.data / "control.sqlite")) as store:
        store.execute("UPDATE jobs SET run_at = 0 WHERE kind = ? AND state <> 'completed'", (kind,))
        store.commit()


def is_finished(server: Sextant, kind: str) -> bool:
    with contextlib.closing(sqlite3.connect(server.data / "control.sqlite")) as store:
        return store.execute(
            "SELECT count(*) FROM jobs WHERE kind = ? AND state NOT IN ('completed', 'failed')", (kind,)
        ).fetchone() == (0,)


def test_a_first_start_that_is_killed_can_be_repeated(tmp_path_factory: pytest.TempPathFactory, launch: Launch) -> None:
    """All migrations run in `sextant init`: killed at any moment, the next one goes on."""
    for step in range(12):
        server = Sextant(tmp_path_factory.mktemp("killed"))
        process = subprocess.Popen(
            [str(binary()), "init", "--data", str(server.data), "--json"],
            env=server.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(step * 0.03)
        process.kill()
        process.wait()
        result = server.run("init", "--data", str(server.data), "--json")
        assert result.returncode == 0 or "already" in result.stderr, result.stderr
        with contextlib.closing(sqlite3.connect(server.data / "control.sqlite")) as store:
            assert store.execute("SELECT count(*) FROM accounts").fetchone() == (1,)
            assert store.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_kills_while_checkpoints_run_lose_nothing(crashing: Sextant) -> None:
    """Enough events that the write-ahead log is folded into the file again and again, and kills at any moment of it."""
    batches = 0
    for kill in range(4):
        client = crashing.client()
        goal = (kill + 1) * 30
        while batches < goal:
            events = [
                {**numbered_event(f"{batches}-{number}", number), "metadata": {"id": f"{batches}-{number}", "t": "x" * 900}}
                for number in range(1_000)
            ]
            client.ingest(events)
            batches += 1
        crashing.kill()
        crashing.start()
        assert crashing.client().count_events() == batches * 1_000
