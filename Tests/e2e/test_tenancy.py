"""Two environments of one server: nothing of one is visible or changeable through a key of the other."""

from urllib.parse import quote

import pytest

from support.client import EXPORTS, SEXTANT, Client
from support.errors import assert_error, assert_sextant_error, assert_userpilot_error
from support.polling import wait_until
from support.server import Sextant

EVER = ("2000-01-01", "2100-01-01")
RULE = {"user_property": "plan", "operator": "equals", "value": "pro"}


@pytest.fixture
def ours(server: Sextant) -> Client:
    """An environment with something of everything."""
    client = server.new_environment()
    client.identify("ann", {"plan": "pro"}, company={"company_id": "acme", "name": "Acme"})
    client.track("ann", "paid", {"amount": 5}, event_id="payment-1")
    client.post(f"{SEXTANT}/segments", {"title": "Pro", "rule": RULE}, expect=201)
    client.post(f"{SEXTANT}/content", {"kind": "flow", "title": "Tour", "status": "published"}, expect=201)
    client.post(f"{SEXTANT}/exclusions", {"users": ["tester"]}, expect=200)
    client.post("/v1/users/bulk_identify", {"users": [{"user_id": "bob"}]}, expect=202)
    client.finish_background_job(client.get("/v1/background_jobs").json()[0]["job_id"])
    client.export(*EVER)
    client.post("/v1/track", {"event_name": "nobody"}, expect=400)
    wait_until(lambda: client.user("ann") and client.user("bob") and client.company("acme"), "the profiles")
    wait_until(lambda: client.lookup("features_events") and client.lookup("user_properties"), "the catalogue")
    return client


@pytest.fixture
def theirs(server: Sextant, ours: Client) -> Client:
    return server.new_environment()


def test_nothing_is_visible_across(ours: Client, theirs: Client) -> None:
    assert theirs.count_events() == 0 and theirs.export(*EVER).rows == []
    assert theirs.user("ann") is None and theirs.company("acme") is None
    for lookup in ("user_properties", "company_properties", "features_events", "flows"):
        assert theirs.lookup(lookup) == [], lookup
    assert theirs.lookup("segments")["data"] == []
    own = [item for item in theirs.lookup("events_properties")["data"] if not item["is_auto_property"]]
    assert own == []
    assert theirs.get(f"{SEXTANT}/segments").json()["metadata"]["total_count"] == 0
    assert theirs.get(f"{SEXTANT}/content").json()["metadata"]["total_count"] == 0
    assert theirs.get(f"{SEXTANT}/exclusions").json() == {"users": [], "companies": []}
    assert theirs.get(f"{SEXTANT}/ingestion/rejections").json() == []
    assert theirs.get("/v1/background_jobs").json() == []
    assert len(theirs.get(f"{EXPORTS}/jobs").json()) == 1


def test_nothing_is_reachable_by_its_id(ours: Client, theirs: Client) -> None:
    export = ours.get(f"{EXPORTS}/jobs").json()[0]["job_id"]
    assert_userpilot_error(theirs.get(f"{EXPORTS}/jobs/{export}", expect=None), 404)
    job = ours.get("/v1/background_jobs").json()[0]["job_id"]
    assert_userpilot_error(theirs.get(f"/v1/background_jobs/{quote(job)}", expect=None), 404)
    segment = ours.get(f"{SEXTANT}/segments").json()["data"][0]["id"]
    content = ours.get(f"{SEXTANT}/content").json()["data"][0]["id"]
    plan = ours.lookup("user_properties")[0]["id"]
    key = ours.get(f"{SEXTANT}/keys").json()[0]["id"]
    for method, path, body in [
        ("GET", f"segments/{segment}", None),
        ("GET", f"segments/{segment}/members", None),
        ("PATCH", f"segments/{segment}", {"title": "Mine"}),
        ("DELETE", f"segments/{segment}", None),
        ("GET", f"content/{content}", None),
        ("PATCH", f"content/{content}", {"title": "Mine"}),
        ("DELETE", f"content/{content}", None),
        ("PATCH", f"properties/{plan}", {"display_name": "Mine"}),
        ("DELETE", f"keys/{key}", None),
    ]:
        assert_sextant_error(theirs.request(method, f"{SEXTANT}/{path}", json=body), 404)
    body = {"from": EVER[0], "to": EVER[1], "segment_id": segment}
    assert_userpilot_error(theirs.post(EXPORTS, body), 400, "segment_id")
    assert ours.get(f"{SEXTANT}/segments/{segment}").json()["title"] == "Pro"
    assert ours.get(f"{SEXTANT}/content/{content}").json()["title"] == "Tour"


def test_cursors_do_not_carry_over(ours: Client, theirs: Client) -> None:
    ours.post(f"{SEXTANT}/segments", {"title": "Second", "rule": RULE}, expect=201)
    page = ours.get(f"{SEXTANT}/segments", params={"limit": 1}).json()
    cursor = page["metadata"]["cursor"]["after"]
    response = theirs.get(f"{SEXTANT}/segments", params={"after_cursor": cursor}, expect=None)
    assert response.status_code == 400 or response.json()["data"] == []


def test_same_ids_are_different_things(ours: Client, theirs: Client) -> None:
    theirs.track("ann", "paid", event_id="payment-1")
    assert theirs.count_events() == 1
    theirs.identify("ann", {"plan": "free"})
    wait_until(lambda: theirs.user("ann"), "their profile")
    mine = ours.user("ann")
    assert mine is not None and mine["metadata"] == {"plan": "pro"}
    theirs.request("DELETE", "/v1/users", json={"users": ["ann"]}, expect=202)
    theirs.request("DELETE", "/v1/companies", json={"companies": ["acme"]}, expect=202)
    wait_until(lambda: theirs.user("ann") is None and theirs.count_events() == 0, "their deletion")
    assert ours.user("ann") == mine and ours.company("acme") is not None
    assert ours.count_events("user_id = 'ann'") == 2


def test_one_environments_export_does_not_block_the_other(ours: Client, theirs: Client) -> None:
    first = ours.start_export(*EVER)
    second = theirs.start_export(*EVER)
    ours.finish_export(first)
    theirs.finish_export(second)


def test_environments_are_listed_without_secrets(server: Sextant, theirs: Client) -> None:
    response = theirs.get(f"{SEXTANT}/environments")
    names = [environment["name"] for environment in response.json()]
    assert "production" in names and len(names) >= 3
    assert theirs.token not in response.text and server.token not in response.text
    taken = theirs.post(f"{SEXTANT}/environments", {"name": "production"})
    assert_sextant_error(taken, 409, "production")


def test_keys_are_made_limited_and_revoked(server: Sextant, ours: Client) -> None:
    created = ours.post(f"{SEXTANT}/keys", {"label": "website", "can_export": False}, expect=201).json()
    limited = server.client(created["token"])
    limited.track("ann", "seen")
    assert_userpilot_error(limited.post(EXPORTS, {"from": EVER[0], "to": EVER[1]}), 401)
    assert_error(limited.post(f"{SEXTANT}/sql", {"query": "select 1"}), 403)
    listed = ours.get(f"{SEXTANT}/keys")
    assert created["token"] not in listed.text
    assert (created["id"], "website", False) in [(key["id"], key["label"], key["can_export"]) for key in listed.json()]
    ours.request("DELETE", f"{SEXTANT}/keys/{created['id']}", expect=204)
    assert_userpilot_error(limited.post("/v1/track", {"user_id": "ann", "event_name": "late"}), 401)
    assert_sextant_error(ours.request("DELETE", f"{SEXTANT}/keys/{created['id']}"), 404)
    assert ours.count_events("event_name = 'seen'") == 1 and ours.count_events("event_name = 'late'") == 0
