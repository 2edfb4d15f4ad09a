"""Custom events that come in by Gainsight PX's interface, where they go, and which are refused."""

from typing import Any

import pytest
import requests

from support.client import SEXTANT
from support.convert import ConvertProject, convert_client
from support.convert_kinds import fresh
from support.errors import assert_gainsight_error
from support.gainsight import Body, GainsightClient, gainsight, milliseconds
from support.polling import wait_until
from support.server import Launch, Sextant
from support.serving import add, live, new_project, new_sdk_key, saw, track

EVER = ("2000-01-01", "2100-01-01")


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


def test_both_paths_record_one_kind(px: GainsightClient) -> None:
    first = px.send("POST", "/custom_events", {"identifyId": "ann", "eventName": "opened"}, expect=200).json()
    second = px.send("POST", "/events/custom", {"identifyId": "ann", "eventName": "closed"}, expect=201).json()
    rows = px.all("/events/custom")
    assert [row["eventId"] for row in rows] == [first["eventId"], second["eventId"]]
    assert rows[0]["date"] > milliseconds(1) and rows[0]["attributes"] == {} and rows[0]["eventType"] == "CUSTOM"
    # Who names no product sent it to the environment's.
    products = px.get("/admin/subscription").json()["products"][0]["productKeys"]
    assert rows[0]["propertyKey"] in [product["productKey"] for product in products]
    exported = px.product.export(*EVER).rows
    assert [(row["event_type"], row["event_name"], row["user_id"]) for row in exported] == [
        ("track", "opened", "ann"), ("track", "closed", "ann"),
    ]  # fmt: skip


def test_what_is_beside_the_attributes_comes_back(px: GainsightClient) -> None:
    attributes = {"nested": {"a": [1, None, "é"]}, "": 0}
    extra = {"remoteHost": "h", "globalContext": {"a": "b"}, "referrer": "r", "sessionId": "s", "anything": [1]}
    px.custom("ann", "opened", attributes=attributes, url="https://x.example/p?q=1#f", **extra)
    (row,) = px.all("/events/custom")
    for name in ("remoteHost", "globalContext", "referrer", "sessionId"):
        assert row[name] == extra[name]
    assert row["url"] == "https://x.example/p?q=1#f" and row["attributes"]["nested"] == attributes["nested"]


@pytest.mark.parametrize("path", ["/custom_events", "/events/custom"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "identifyId"), ({"identifyId": "ann"}, "eventName"), ({"eventName": "e"}, "identifyId"), ([], ""), (None, ""),
        ({"identifyId": "", "eventName": "e"}, "identifyId"), ({"identifyId": 1, "eventName": "e"}, "identifyId"),
        ({"identifyId": "a", "eventName": "e" * 256}, "eventName"), ({"identifyId": "a", "eventName": "e", "date": "x"}, "date"),
        ({"identifyId": "a", "eventName": "e", "date": -1}, "date"), ({"identifyId": "a", "eventName": "e", "attributes": 1}, "attributes"),
        ({"identifyId": "a", "eventName": "e", "date": 9999999999999}, "date"),
        ({"identifyId": "a", "eventName": "e", "attributes": {"a": "x" * 65_536}}, "attributes"),
        ({"identifyId": "a", "eventName": "e", "attributes": {"$context": {"mine": True}}}, "$context"),
        ({"identifyId": "a", "eventName": "e", "attributes": {f"p{n}": n for n in range(501)}}, "500"),
    ],
)  # fmt: skip
def test_wrong_events(px: GainsightClient, path: str, body: Any, field: str) -> None:
    assert_gainsight_error(px.send("POST", path, body), 400, field)
    counted = px.product.get(f"{SEXTANT}/ingestion/rejections").json()
    assert body is None or sum(one["count"] for one in counted) == 1


def test_events_are_known_by_their_ids(px: GainsightClient) -> None:
    for _ in range(2):
        px.custom("ann", "opened", eventId="mine")
    body = {"identifyId": "ann", "eventName": "keyed"}
    for _ in range(2):
        px.send("POST", "/events/custom", body, expect=201, headers={"Idempotency-Key": "k"})
    assert sorted(row["eventName"] for row in px.all("/events/custom")) == ["keyed", "opened"]


def test_a_custom_event_is_an_experiments_goal(server: Sextant, http: requests.Session) -> None:
    first = ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"])
    project = new_project(first)
    convert = server.credentials["convert"]
    made = requests.post(
        f"{server.base_url}{SEXTANT}/projects/{project.id}/keys",
        json={"label": "px"},
        headers={"Authorization": f"Bearer {convert['application_id']}:{convert['secret']}"},
        timeout=30,
    )
    assert made.status_code == 201, made.text
    px = gainsight(server.client(made.json()["token"]))
    name = fresh("goal")
    goal = project.add("goals", {"name": name, "key": name.replace(" ", "_"), "type": "code_trigger"})
    experience = add(project, [50, 50], goals=[goal["id"]])
    key = new_sdk_key(project)["sdk_key"]
    track(project, http, key, {"visitorId": "ann", "events": [saw(experience, 1)]})
    px.custom("ann", goal["key"], attributes={"plan": "pro"})

    def conversions() -> list[Body]:
        return [event for event in live(project) if event["event_type"] != "view_experience"]

    wait_until(conversions, "the conversion")
    (event,) = conversions()
    assert event["conversion"]["goals"] == [goal["id"]]


def test_what_an_event_says_is_not_taken_for_whose_it_is(px: GainsightClient) -> None:
    attributes = {"eventId": "SAME", "identifyId": "victim", "accountId": "other", "date": 0, "email": "a@x"}
    px.custom("ann", "opened", eventType="EMAIL", attributes=attributes)
    (row,) = px.all("/events/email")
    assert row["identifyId"] == "ann" and row["eventId"] != "SAME" and row["date"] > 0 and row["accountId"] == ""
    assert row["email"] == "a@x"


def test_a_push_that_is_sent_again_is_stored_once(px: GainsightClient) -> None:
    for _ in range(2):
        px.session.post(
            f"{px.base_url}/rte/segmentio/v1/push", json={"type": "track", "userId": "s", "event": "paid"},
            headers={"Idempotency-Key": "same"}, timeout=60,
        ).raise_for_status()  # fmt: skip
    assert len(px.all("/events/custom")) == 1


def test_keys_that_only_send_read_nothing_by_writing(px: GainsightClient) -> None:
    px.make_user("ann", email="ann@x.io", location={"city": "Rome"})
    px.make_account("acme", plan="secret")
    made = px.product.post(f"{SEXTANT}/keys", {"label": "s", "kind": "gainsight_px", "can_export": False}, expect=201)
    sender = GainsightClient(px.product, made.json()["token"])
    for method, path, body in (
        ("POST", "/users", {"identifyId": "ann"}), ("PATCH", "/users/ann", {"title": "CEO"}),
        ("POST", "/accounts", {"id": "acme", "name": "Acme"}), ("PATCH", "/accounts/acme", {"sfdcId": "1"}),
    ):  # fmt: skip
        answer = sender.send(method, path, body, expect=200)
        assert "ann@x.io" not in answer.text and "Rome" not in answer.text and "secret" not in answer.text
    sender.get("/users/ann", expect=403)
