"""Everybody scrolled while users are made, changed, moved and removed: none skipped, none twice.

SEXTANT_SCROLL_USERS=1000000 does it with as many; the default is for every run of the tests.
"""

import json
import math
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from support.client import SEXTANT, Client
from support.gainsight import Body, GainsightClient, gainsight
from support.polling import wait_until
from support.server import Launch, Sextant

USERS = int(os.environ.get("SEXTANT_SCROLL_USERS", "5000"))
PAGE_SIZE = 250 if USERS < 100_000 else 1_000
BATCH = 500


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


def plan(number: int) -> str:
    return f"plan-{number % 7}"


def properties(number: int, turn: int) -> Body:
    """What users are sorted by changes with each turn."""
    mixed = (number + turn) * 0x9E3779B97F4A7C15 % 2**64
    return {"age": mixed % 100, "email": f"person.{mixed >> 44}@example.com", "plan": plan(number)}


def identify(client: Client, users: list[tuple[str, Body]]) -> None:
    events = [{"event_type": "identify_user", "user_id": name, "metadata": said} for name, said in users]
    client.post(f"{SEXTANT}/events", events, expect=202)


@dataclass
class Writers:
    """Keep writing until they are told to stop. Every tenth of the users may be removed, the others may be changed."""

    px: GainsightClient
    stopped: threading.Event = field(default_factory=threading.Event)
    changed: int = 0
    # When it was answered; endless until then.
    removed: dict[str, float] = field(default_factory=dict)
    # When each was asked for, and when it was answered.
    made: list[tuple[str, float, float]] = field(default_factory=list)

    def turns(self) -> Iterator[int]:
        turn = 0
        while not self.stopped.is_set():
            turn += 1
            yield turn

    def change(self) -> None:
        client = Client(self.px.base_url, self.px.product.token)
        for turn in self.turns():
            numbers = [(turn * 7919 + one * 104_729) % USERS for one in range(50)]
            identify(client, [(f"u{number}", properties(number, turn)) for number in numbers if number % 10])
            self.changed += len(numbers)

    def make(self) -> None:
        px = GainsightClient(self.px.product, self.px.key)
        for turn in self.turns():
            began = time.monotonic()
            px.make_user(f"new{turn}", customAttributes=properties(turn, 0))
            self.made.append((f"new{turn}", began, time.monotonic()))

    def remove(self) -> None:
        px = GainsightClient(self.px.product, self.px.key)
        for turn in self.turns():
            number = turn * 9_973 % USERS // 10 * 10
            name = f"u{number}"
            if name in self.removed:
                self.stopped.wait(0.05)
                continue
            self.removed[name] = math.inf
            # The erasure of the others' events is not what this is about.
            hard = "true" if turn % 50 == 0 else "false"
            px.request("DELETE", f"/users/{name}", params={"hardDelete": hard}, expect=204)
            self.removed[name] = time.monotonic()


@pytest.fixture(scope="module")
def writers(server: Sextant) -> Iterator[Writers]:
    px = gainsight(server.new_environment())
    for start in range(0, USERS, BATCH):
        numbers = range(start, min(start + BATCH, USERS))
        identify(px.product, [(f"u{number}", properties(number, 0)) for number in numbers])
    wait_until(lambda: px.get("/users", pageSize=1).json()["totalHits"] == USERS, "all users", 600)
    writers = Writers(px)
    with ThreadPoolExecutor(3) as pool:
        work = [pool.submit(one) for one in (writers.change, writers.make, writers.remove)]
        yield writers
        writers.stopped.set()
    for one in work:
        one.result()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"sort": "-customAttributes.age,email"},
        {"filter": "customAttributes.plan!=plan-3", "sort": "email"},
    ],
    ids=lambda query: " ".join(query) or "everybody",
)
def test_everybody_is_scrolled_once_beside_writers(writers: Writers, query: dict[str, str]) -> None:
    px = writers.px
    changed_before, removed_before, began = writers.changed, dict(writers.removed), time.monotonic()
    first = px.get("/users", pageSize=PAGE_SIZE, **query)
    answered = time.monotonic()
    page = first.json()
    seen: list[str] = []
    waits, scrolls = [answered - began], set()
    while True:
        seen += [row["id"] for row in page["users"]]
        assert page["totalHits"] >= len(seen)
        if page["scrollId"] is None:
            break
        assert len(page["users"]) == PAGE_SIZE and page["scrollId"] not in scrolls
        scrolls.add(page["scrollId"])
        asked = time.monotonic()
        answer = px.get("/users", scrollId=page["scrollId"])
        waits.append(time.monotonic() - asked)
        page = json.loads(answer.content)
    seconds = time.monotonic() - began
    made, removed = list(writers.made), set(writers.removed)

    def is_wanted(name: str) -> bool:
        return "filter" not in query or plan(int(name.removeprefix("new").removeprefix("u"))) != "plan-3"

    print(
        f"\n{query}: {len(seen):,} users on {len(waits):,} pages in {seconds:.1f} s, first {waits[0] * 1000:.0f} ms, "
        f"median {sorted(waits)[len(waits) // 2] * 1000:.0f} ms, worst {max(waits[1:], default=0) * 1000:.0f} ms; meanwhile "
        f"{writers.changed - changed_before:,} changed, {sum(sent > began for _, sent, _ in made):,} made, "
        f"{len(removed) - len(removed_before):,} removed"
    )
    known = set(seen)
    assert len(known) == len(seen), "somebody came twice"
    assert all(is_wanted(name) for name in known)
    stayed = {name for name in (f"u{number}" for number in range(USERS)) if is_wanted(name)} - removed
    assert stayed <= known, f"{len(stayed - known)} were skipped"
    # Who was made before the first page was asked for belongs to it, who was made after it was answered does not; in
    # between it may be either. Who was removed before is not there.
    assert {name for name, _, done in made if done < began and is_wanted(name)} <= known
    assert not known & {name for name, sent, _ in made if sent > answered}
    assert not known & {name for name, done in removed_before.items() if done < began}
