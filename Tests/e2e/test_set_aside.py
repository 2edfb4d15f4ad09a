"""What cannot be digested is set aside: it stops nobody and nothing else, and can be tried again."""

import sqlite3
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from support.client import SEXTANT, Client
from support.convert import Body, ConvertProject, convert_client
from support.convert_kinds import fresh
from support.polling import wait_until
from support.server import Launch, Sextant
from support.serving import add, live, new_project, new_sdk_key, saw, send

HOUR = 3_600
DAMAGED = "{"


@pytest.fixture
def own(launch: Launch) -> Sextant:
    """A server of the test's own, whose stores it may damage."""
    return launch()


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def change(server: Sextant, *statements: tuple[str, tuple[Any, ...]]) -> None:
    """Changes the control store behind the server's back."""
    connection = sqlite3.connect(server.data / "control.sqlite", timeout=30)
    try:
        with connection:
            for statement, arguments in statements:
                connection.execute(statement, arguments)
    finally:
        connection.close()


def ask(server: Sextant, query: str, *arguments: Any) -> Any:
    connection = sqlite3.connect(server.data / "control.sqlite", timeout=30)
    try:
        return connection.execute(query, arguments).fetchone()[0]
    finally:
        connection.close()


def listed(client: Client, kind: str | None = None) -> list[Body]:
    items: list[Body] = client.get(f"{SEXTANT}/set-aside", params={"kind": kind} if kind else {}).json()["data"]
    return items


def retry(client: Client, item: Body) -> Body:
    outcome: Body = client.post(f"{SEXTANT}/set-aside/{item['id']}/retry", expect=200).json()
    return outcome


def metadata(client: Client, user: str) -> Any:
    return (client.user(user) or {}).get("metadata")


# ---- profiles


def rejections(client: Client) -> list[tuple[str, int]]:
    return [(one["reason"], one["count"]) for one in client.get(f"{SEXTANT}/ingestion/rejections").json()]


def test_profiles_grow_no_further_than_they_may_and_stay_readable(own: Sextant) -> None:
    client, other = own.client(), own.new_environment()
    zeros = [0] * 700_000
    for name, value in [("a", zeros), ("b", zeros), ("c", 1)]:
        client.identify("big", {name: value})
    other.identify("innocent", {"n": 1})
    wait_until(lambda: metadata(other, "innocent") == {"n": 1}, "the profile of another environment")
    wait_until(lambda: metadata(client, "big") == {"c": 1}, "the property that fits")
    # They are noted after the profile is.
    wait_until(lambda: rejections(client) == [("profile_limit", 2)], "the rejections of what is too large")
    (counted,) = client.get(f"{SEXTANT}/ingestion/rejections").json()
    assert "'b'" in counted["last_detail"]
    assert own.stop() == 0

    # As large as versions before let it grow.
    text = "[" + ",".join(["0"] * 700_000) + "]"
    change(own, ("UPDATE persons SET properties = ? WHERE user_id = 'big'", (f'{{"a":{text},"b":{text},"c":1}}',)))
    own.start()
    profile = metadata(client, "big")
    assert len(profile["a"]) == len(profile["b"]) == 700_000
    client.identify("big", {"c": 2})
    wait_until(lambda: metadata(client, "big")["c"] == 2, "a change that makes it no larger")
    rule = {"user_property": "c", "operator": "equals", "value": 2}
    segment = client.post(f"{SEXTANT}/segments", {"title": "big", "rule": rule}, expect=201).json()
    assert client.get(f"{SEXTANT}/segments/{segment['id']}/members").json()["user_ids"] == ["big"]
    client.identify("big", {"a": None, "b": None})
    wait_until(lambda: metadata(client, "big") == {"c": 2}, "the removal of what is too large")
    assert listed(client) == []


def test_stopping_amid_a_failure_passes_nobody_over(own: Sextant) -> None:
    client = own.client()
    client.identify("broken", {"n": 0})
    wait_until(lambda: metadata(client, "broken"), "the profile")
    change(own, ("UPDATE persons SET properties = ? WHERE user_id = 'broken'", (DAMAGED,)))
    events = [{"event_type": "identify_user", "user_id": f"innocent{number}", "metadata": {"n": 1}} for number in range(3)]
    client.ingest([*events[:2], {"event_type": "identify_user", "user_id": "broken", "metadata": {"n": 1}}, events[2]])
    assert own.stop() == 0
    own.start()
    for number in range(3):
        assert metadata(client, f"innocent{number}") == {"n": 1}
    wait_until(lambda: [item["user_id"] for item in listed(client, "people")] == ["broken"], "what is set aside")


# ---- one failing row of each kind


@dataclass
class Side:
    """A project with an experiment that a visitor is in, and the product's key to it."""

    project: ConvertProject
    events: Client
    environment_id: int
    goal: Body
    experience: Body
    scheduled: Body
    sdk_key: str

    def config(self, http: requests.Session) -> int:
        url = f"{self.project.client.base_url}/api/v1/config/{self.sdk_key}"
        return http.get(url, timeout=30).status_code

    def see(self, http: requests.Session, visitor: str) -> requests.Response:
        visitors = [{"visitorId": visitor, "events": [saw(self.experience)]}]
        return send(self.project, http, self.sdk_key, {"visitors": visitors, "enrichData": True})

    def conversions(self) -> int:
        return sum(event["event_type"] != "view_experience" for event in live(self.project))

    def status(self) -> str:
        status: str = self.project.get("experiences", self.scheduled["id"])["status"]
        return status


def make_side(server: Sextant) -> Side:
    project = new_project(ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"]))
    convert = server.credentials["convert"]
    bearer = f"Bearer {convert['application_id']}:{convert['secret']}"
    made = project.client.session.post(
        f"{server.base_url}{SEXTANT}/projects/{project.id}/keys", json={"label": "shop"},
        headers={"Authorization": bearer}, timeout=30,
    )
    assert made.status_code == 201, made.text
    events = server.client(made.json()["token"])
    name = fresh("goal").replace(" ", "_")
    goal = project.add("goals", {"name": name, "key": name, "type": "code_trigger"})
    return Side(
        project=project,
        events=events,
        environment_id=ask(server, "SELECT id FROM environments WHERE project_id = ?", project.id),
        goal=goal,
        experience=add(project, [50, 50], goals=[goal["id"]]),
        scheduled=add(project, [50, 50], status="scheduled", start_time=int(time.time()) + HOUR),
        sdk_key=new_sdk_key(project)["sdk_key"],
    )


def raising(table: str, condition: str) -> tuple[str, tuple[Any, ...]]:
    """Lets a row into a table no more."""
    return (
        f"CREATE TRIGGER planted_{table} BEFORE INSERT ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'planted'); END",
        (),
    )


def plant(server: Sextant, side: Side, unreadable: Side) -> dict[str, str]:
    """A failing row for everything that is digested, in a stopped server. Returns the ids of some."""
    environment, project = side.environment_id, side.project.id
    job, event = str(uuid.uuid4()), "0192a3f0-5b6c-7d8e-9f01-23456789abcd"
    unknown = f'[{{"id":"{event}","environment":{environment},"project":{project},"kind":"unheard_of","visitor":"x"}}]'
    change(
        server,
        # Everything is read back from the log at the start.
        ("DELETE FROM projection_positions", ()),
        ("DELETE FROM event_definitions WHERE environment_id = ?", (environment,)),
        ("UPDATE persons SET properties = ? WHERE environment_id = ? AND user_id = 'ann'", (DAMAGED, environment)),
        raising("event_definitions", f"new.environment_id = {environment} AND new.name = 'poison'"),
        raising("reached_goals", f"new.environment_id = {environment} AND new.user_id = 'poison'"),
        (
            """
            INSERT INTO jobs (id, sequence, kind, environment_id, state, payload, run_at, created_at)
            SELECT ?, ifnull(max(sequence), 0) + 1, 'deletion', ?, 'queued', ?, 0, 0 FROM jobs
            """,
            (job, environment, DAMAGED),
        ),
        ("INSERT INTO exposure_outbox (first_exposure_id, events) VALUES (?, ?)", (event, unknown)),
        ("INSERT INTO exposure_outbox (first_exposure_id, events) VALUES ('none', ?)", (DAMAGED,)),
        (
            """
            INSERT INTO reached_goals (environment_id, project_id, goal_id, user_id, occurred_at, received_at)
            VALUES (?, ?, ?, 'ann', 'never', 0)
            """,
            (environment, project, side.goal["id"]),
        ),
        ("UPDATE visitors SET buckets = ? WHERE project_id = ?", (DAMAGED, project)),
        ("UPDATE resources SET document = ? WHERE id = ?", (DAMAGED, unreadable.scheduled["id"])),
    )
    return {"job": job, "experiment_event": event}


def test_one_failing_row_of_each_kind_stops_nobody_else(own: Sextant, http: requests.Session) -> None:
    broken, unreadable, sound = (make_side(own) for _ in range(3))
    for side in (broken, sound):
        side.events.identify("ann", {"n": 0})
        side.events.track("ann", "bought before")
        side.events.track("ann", "poison")
        assert side.see(http, "ann").status_code == 200
    wait_until(lambda: metadata(broken.events, "ann") and metadata(sound.events, "ann"), "the profiles")
    assert own.stop() == 0
    ids = plant(own, broken, unreadable)
    own.start()

    # Nobody else notices anything.
    sound.events.identify("ann", {"n": 1})
    wait_until(lambda: metadata(sound.events, "ann") == {"n": 1}, "a profile")
    wait_until(lambda: sound.see(http, "bob").status_code == 200, "an event of a visitor")
    sound.events.track("ann", sound.goal["key"])
    wait_until(lambda: sound.conversions() == 1, "a goal", 60)
    names = {event["key"] for event in sound.events.lookup("features_events")}
    assert names >= {"bought before", "poison", sound.goal["key"]}
    assert sound.config(http) == 200
    sound.events.request("DELETE", "/v1/users", json={"users": ["ann"]}, expect=202)
    wait_until(lambda: sound.events.user("ann") is None, "a deletion", 60)
    change(own, ("UPDATE resources SET document = json_set(document, '$.start_time', 1) WHERE id = ?", (sound.scheduled["id"],)))
    wait_until(lambda: sound.status() == "active", "the start of an experience", 60)
    assert listed(sound.events) == []

    # What is broken is listed, and all else of it goes on, too.
    broken.events.identify("bob", {"n": 1})
    wait_until(lambda: metadata(broken.events, "bob") == {"n": 1}, "a profile beside the damaged one")
    broken.events.track("poison", broken.goal["key"])
    broken.events.track("ann", broken.goal["key"])
    wait_until(lambda: broken.see(http, "ann").status_code == 200, "an event of a visitor who begins anew")
    wait_until(lambda: broken.conversions() == 1, "a goal beside the one that cannot be noted", 60)
    kinds = {"people", "catalogue", "goals", "job", "experiment_event", "reached_goal", "visitor"}
    wait_until(lambda: {item["kind"] for item in listed(broken.events)} == kinds, "all kinds", 60)
    assert unreadable.config(http) == 503
    wait_until(lambda: unreadable.config(http) == 503 and len(listed(unreadable.events)) == 2, "schedule and config", 60)
    assert {item["kind"] for item in listed(unreadable.events)} == {"schedule", "config"}
    assert sound.config(http) == 200 and listed(sound.events) == []
    found = {item["kind"]: item for item in listed(broken.events) + listed(unreadable.events)}
    for kind, subject in ids.items():
        assert found[kind]["subject"] == subject
    assert found["people"]["user_id"] == "ann" and "malformed JSON" in found["people"]["reason"]
    metrics = http.get(f"{own.base_url}/metrics", timeout=30).text
    for kind in found:
        assert f'sextant_set_aside_total{{kind="{kind}"}}' in metrics
    # The other piece of the outbox is nobody's: the log names it.
    assert "id=outbox " in own.log.read_text()

    # Nobody else may touch it.
    for method, path in [("POST", "/retry"), ("DELETE", "")]:
        sound.events.request(method, f"{SEXTANT}/set-aside/{found['people']['id']}{path}", expect=404)

    # Tried again too early, it stays; mended, it takes effect.
    assert retry(broken.events, found["people"])["outcome"] == "failed"
    mend(own, broken, unreadable, found)
    for kind, item in found.items():
        client = (unreadable if kind in ("schedule", "config") else broken).events
        expected = "failed" if kind == "experiment_event" else "done"
        answer = retry(client, item)
        assert answer["outcome"] == expected, (kind, answer)
    assert metadata(broken.events, "ann") == {"a": 1, "n": 0}
    assert "poison" in {event["key"] for event in broken.events.lookup("features_events")}
    assert unreadable.config(http) == 200
    wait_until(lambda: ask(own, "SELECT state FROM jobs WHERE id = ?", ids["job"]) == "completed", "the job", 60)
    (left,) = listed(broken.events)
    broken.events.request("DELETE", f"{SEXTANT}/set-aside/{left['id']}", expect=204)
    assert listed(broken.events) == listed(unreadable.events) == []


def mend(server: Sextant, broken: Side, unreadable: Side, found: dict[str, Body]) -> None:
    document = ask(server, "SELECT document FROM resources WHERE id = ?", broken.scheduled["id"])
    now = int(time.time() * 1_000_000)
    change(
        server,
        ("DROP TRIGGER planted_event_definitions", ()),
        ("DROP TRIGGER planted_reached_goals", ()),
        ("UPDATE persons SET properties = '{\"a\":1}' WHERE properties = ?", (DAMAGED,)),
        (
            "UPDATE jobs SET payload = ? WHERE id = ?",
            ('{"subject":"users","ids":["nobody"],"last":"0192a3f0-5b6c-7d8e-9f01-23456789abcd"}', found["job"]["subject"]),
        ),
        (
            "UPDATE set_aside SET content = CAST(json_set(CAST(content AS TEXT), '$.occurred_at', ?) AS BLOB) WHERE id = ?",
            (now, found["reached_goal"]["id"]),
        ),
        (
            "UPDATE set_aside SET content = CAST(json_set(CAST(content AS TEXT), '$.buckets', '{}') AS BLOB) WHERE id = ?",
            (found["visitor"]["id"],),
        ),
        ("UPDATE resources SET document = ? WHERE id = ?", (document, unreadable.scheduled["id"])),
    )
