"""kill -9: what was acknowledged is there afterwards, once, and what was under way is finished."""

import itertools
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from support.client import SEXTANT, Client, Event, ndjson
from support.polling import wait_until
from support.readers import exported, sent
from support.server import Launch, Sextant

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
