"""Features applied to the past: a job finds in the log what would have been found had the feature been there."""

import time
from typing import Any

import pytest

from support.client import SEXTANT, Client
from support.polling import wait_until
from support.receiver import Receiver
from support.server import Launch, Sextant

FEATURES = f"{SEXTANT}/features"
ELEMENTS = [{"url": "/checkout*"}, {"event_name": "pa?d", "element": "#pay"}]


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch(environment={"SEXTANT_FETCH_NETWORKS": "127.0.0.0/8"})


@pytest.fixture
def environment(server: Sextant) -> Client:
    return server.new_environment()


def px_of(environment: Client) -> Client:
    """The same environment with a key of Gainsight PX."""
    made = environment.post(f"{SEXTANT}/keys", {"label": "px", "kind": "gainsight_px"}, expect=201).json()
    return Client(environment.base_url, made["token"], scheme="Bearer")


def view(number: int, path: str, **more: Any) -> dict[str, Any]:
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400 * (1 + number % 3)))
    moment = f"{day}T{number // 3_600 % 24:02d}:{number // 60 % 60:02d}:{number % 60:02d}Z"
    event = {"event_type": "page_view", "user_id": f"u{number % 7}", "url": f"https://x.io{path}", "inserted_at": moment}
    return event | more


def send(environment: Client, events: list[dict[str, Any]]) -> None:
    for start in range(0, len(events), 5_000):
        answer = environment.post(f"{SEXTANT}/events", events[start : start + 5_000], expect=202).json()
        assert answer["rejected"] == 0, answer


def add(environment: Client, tag: str = "pay", elements: list[dict[str, Any]] | None = None) -> None:
    environment.post(FEATURES, {"name": tag, "tag": tag, "elements": elements or ELEMENTS}, expect=201)


def apply(environment: Client, tag: str = "pay", **body: Any) -> dict[str, Any]:
    job: dict[str, Any] = environment.post(f"{FEATURES}/{tag}/apply", body, expect=202).json()
    return job


def job_of(environment: Client, tag: str = "pay") -> dict[str, Any]:
    job: dict[str, Any] = environment.get(f"{FEATURES}/{tag}/apply").json()
    return job


def ended(environment: Client, tag: str = "pay") -> dict[str, Any]:
    def job() -> dict[str, Any] | None:
        found = job_of(environment, tag)
        return found if found["finished_at"] else None

    found = wait_until(job, "the job's end")
    assert found is not None
    return found


def uses(environment: Client, px: Client, tag: str = "pay") -> tuple[list[tuple[str, int, str]], int, int]:
    """Uses in the log, and what is counted of them."""
    rows: list[dict[str, Any]] = []
    query = {"pageSize": 500, "filter": f"date>{int(time.time() * 1000) - 9 * 86_400_000}"}
    while True:
        page = px.get("/v1/events/feature_match", params=query).json()
        rows += page["featureMatchEvents"]
        if page["scrollId"] is None:
            break
        query = {"scrollId": page["scrollId"], "pageSize": 500}
    feature = environment.get(f"{FEATURES}/{tag}").json()
    seen = sorted((row["identifyId"], row["date"], row.get("accountId") or "") for row in rows)
    return seen, feature["total_event_count"], feature["total_user_count"]


def history(count: int) -> list[dict[str, Any]]:
    events = []
    for number in range(count):
        more = {"event_id": f"e{number}"} if number % 2 else {}
        match number % 4:
            case 0: events.append(view(number, f"/checkout/{number}", **more))
            case 1: events.append(view(number, "/other", **more))
            case 2: events.append(view(number, "", **more) | {"event_type": "track", "event_name": "paid", "metadata": {"element": "#pay"}})
            case _: events.append(view(number, "", **more) | {"event_type": "track", "event_name": "paid", "company_id": "acme"})
    return events  # fmt: skip


def test_the_past_is_as_if_the_feature_had_been_there(server: Sextant) -> None:
    known, late = server.new_environment(), server.new_environment()
    events = history(900)
    add(known)
    send(known, events)
    send(late, events[:600])
    add(late)
    send(late, events[600:])
    first = apply(late)
    assert first["state"] in ("queued", "running") and first["since"] is None
    job = ended(late)
    assert job["state"] == "completed" and job["added_uses"] == 300 and job["error"] is None, job
    assert job["examined_events"] == job["total_events"] >= 600
    expected = uses(known, px_of(known))
    assert len(expected[0]) == expected[1] == 450 and uses(late, px_of(late)) == expected
    # Nothing is found twice, neither by another search nor by another rule that finds the same.
    apply(late)
    assert ended(late)["added_uses"] == 0
    late.request("PATCH", f"{FEATURES}/pay", json={"elements": [*ELEMENTS, {"url": "/nothing"}]}, expect=200)
    apply(late)
    assert ended(late)["added_uses"] == 0 and uses(late, px_of(late)) == expected
    # Profiles know no difference.
    for user in range(7):
        one, other = (px_of(client).get(f"/v1/users/u{user}").json() for client in (known, late))
        for name in ("numberOfVisits", "score", "lastSeenDate", "firstVisitDate"):
            assert one[name] == other[name], name


def test_only_since(environment: Client) -> None:
    now = time.time()
    for age in (1, 2, 5):
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - age * 86_400))
        send(environment, [view(age, "/checkout", inserted_at=moment)])
    add(environment)
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - 3 * 86_400))
    assert apply(environment, since=since)["since"].startswith(since[:19])
    assert ended(environment)["added_uses"] == 2


def test_what_cannot_be_applied(environment: Client) -> None:
    environment.post(FEATURES, {"name": "empty", "tag": "empty"}, expect=201)
    environment.post(f"{FEATURES}/empty/apply", {}, expect=400)
    environment.post(f"{FEATURES}/nothing/apply", {}, expect=404)
    add(environment)
    environment.post(f"{FEATURES}/pay/apply", {"since": "yesterday"}, expect=400)
    environment.get(f"{FEATURES}/pay/apply", expect=404)
    environment.request("DELETE", f"{FEATURES}/pay/apply", expect=404)
    environment.request("DELETE", f"{FEATURES}/pay", expect=204)
    environment.post(f"{FEATURES}/pay/apply", {}, expect=400)


def test_webhooks_are_told_of_the_present_only(environment: Client) -> None:
    with Receiver() as receiver:
        body = {"name": "uses", "callback_url": receiver.url("/hook"), "event_type": "FEATURE_MATCH"}
        environment.post(f"{SEXTANT}/webhooks", body, expect=201)
        send(environment, [view(1, "/checkout", user_id="past")])
        add(environment)
        apply(environment)
        assert ended(environment)["added_uses"] == 1
        send(environment, [view(2, "/checkout", user_id="present")])
        wait_until(lambda: receiver.messages, "the message")
        assert [message.json["event"]["identifyId"] for message in receiver.messages] == ["present"]


def test_nothing_is_made_of_whom_is_erased_or_denied(environment: Client) -> None:
    px = px_of(environment)
    send(environment, [view(number, "/checkout", user_id=f"v{number % 4}") for number in range(4_000)])
    add(environment)
    apply(environment)
    # While it runs.
    px.request("DELETE", "/v1/users/v0?hardDelete=true", expect=204)
    environment.request("DELETE", "/v1/users", json={"users": ["v1"]}, expect=202)
    px.request("PUT", "/v1/users/denylist/v2", json={"denied": True}, expect=200)
    assert ended(environment)["state"] == "completed"
    wait_until(lambda: {user for user, _, _ in uses(environment, px)[0]} == {"v3"}, "what was made of the others to go")
    assert uses(environment, px)[1:] == (1_000, 1)
    px.get("/v1/users/v0", expect=404)
    # Nobody who is hidden comes back by what is found of them.
    px.request("DELETE", "/v1/users/v3", expect=204)
    add(environment, "again")
    apply(environment, "again")
    assert ended(environment, "again")["added_uses"] == 1_000
    px.get("/v1/users/v3", expect=404)


def test_a_job_can_be_cancelled_and_ends_with_its_feature(environment: Client) -> None:
    send(environment, [view(number, "/checkout") for number in range(30_000)])
    add(environment)
    apply(environment)
    wait_until(lambda: job_of(environment)["examined_events"], "progress")
    conflict = environment.post(f"{FEATURES}/pay/apply", {}, expect=409)
    assert "cancel" in conflict.text
    environment.request("DELETE", f"{FEATURES}/pay/apply", expect=204)
    cancelled = ended(environment)
    assert cancelled["state"] == "cancelled" and 0 < cancelled["examined_events"] < 30_000
    environment.request("DELETE", f"{FEATURES}/pay/apply", expect=404)
    apply(environment)
    environment.request("DELETE", f"{FEATURES}/pay", expect=204)
    failed = ended(environment)
    assert failed["state"] == "failed" and "no longer" in failed["error"]


def test_kill_in_the_middle(launch: Launch) -> None:
    server = launch()
    environment = server.client()
    send(environment, history(24_000))
    add(environment)
    apply(environment)
    for share in (0.1, 0.4, 0.7):
        wait_until(lambda share=share: (job_of(environment)["examined_events"] or 0) >= share * 24_000, "progress", interval=0.01)
        server.kill()
        server.start()
        assert job_of(environment)["state"] in ("queued", "running")
    job = ended(environment)
    assert job["state"] == "completed" and job["examined_events"] == job["total_events"] == 24_000, job
    seen, events, users = uses(environment, px_of(environment))
    assert len(seen) == events == 12_000 and users == 7
