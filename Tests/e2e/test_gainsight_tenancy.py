"""Every operation of Gainsight PX's contract that is served, called with the key of another environment.

The requests are made from the contract, so that an operation that is served from now on is called here too. All that the victim
has is marked: no answer may hold the mark, and nothing of the victim's may change."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from support.client import SEXTANT
from support.gainsight import MISSING, READERS, Body, GainsightClient, gainsight
from support.polling import wait_until
from support.server import REPOSITORY, Launch, Sextant

MARK = "Wombat"
CONTRACT: Body = yaml.safe_load((REPOSITORY / "Sources/Gateway/Contract/Documents/gainsight-px.yaml").read_text())
METHODS = {"get", "post", "put", "patch", "delete"}


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str

    def __str__(self) -> str:
        return self.name


OPERATIONS = [
    Operation(item[method]["operationId"], method.upper(), path)
    for path, item in CONTRACT["paths"].items()
    for method in sorted(METHODS & item.keys())
    if f"gainsight-px.{item[method]['operationId']}" not in MISSING
]
# What makes something of the caller's own, whatever the victim has under the same id.
MAKING = {"createUser", "createAccount", "createCustomEvent", "sendCustomEvent", "pushSegmentEvent", "createSubscription", "putUserDenylist"}
# What there is in every environment.
OWN = {"getSubscriptionDetail", "listModelAttributes"}


@dataclass
class World:
    server: Sextant
    victim: GainsightClient
    ids: dict[str, str]
    """Parameters of addresses, by their names, as they name what is the victim's."""

    def state(self) -> list[Any]:
        """All that can be read of the victim."""
        px = self.victim
        lists = [*READERS, "/segment", "/engagement", "/articles", "/kcbot", "/subscriptions", "/feature", "/feature_match", "/users", "/accounts"]
        return [
            px.user("u-1"), px.account("a-1"), px.get("/users/denylist/denied").json(), px.get("/user/preferences/u-1").json(),
            *[px.get(path).json() for path in lists],
        ]  # fmt: skip

    def call(self, caller: GainsightClient, operation: Operation) -> Any:
        path = re.sub(r"\{(\w+)\}", lambda match: self.ids[match[1]], operation.path)
        body = {
            "identifyId": "u-1", "id": "a-1", "name": "x", "eventName": "x", "engagementId": self.ids["engagementId"],
            "state": "PAUSE", "denied": False, "type": "track", "userId": "u-1", "event": "x", "eventType": "CUSTOM",
            "callbackUrl": "https://example.com/hook",
        }  # fmt: skip
        # Two have places of their own beside /v1.
        if path.startswith("/rte"):
            return caller.session.post(caller.base_url + path, json=body, auth=(caller.key, ""), timeout=30)
        if path.startswith("/v2"):
            return caller.session.request(operation.method, caller.base_url + path, timeout=30)
        if operation.method == "GET":
            return caller.get(path, expect=None)
        return caller.send(operation.method, path, body)


@pytest.fixture(scope="module")
def world(launch: Launch) -> World:
    server = launch()
    px = gainsight(server.new_environment())
    attributes = {MARK: MARK}
    px.send("POST", "/users", {"identifyId": "u-1", "title": MARK, "accountId": "a-1", "customAttributes": attributes}, expect=200)
    px.send("POST", "/accounts", {"id": "a-1", "name": MARK, "customAttributes": attributes}, expect=200)
    px.send("PUT", "/user/preferences/u-1", {"surveys": False}, expect=204)
    px.send("PUT", "/users/denylist/denied", {"denied": True}, expect=200)
    px.custom("u-1", MARK, attributes=attributes)
    for kind in ("EMAIL", "FORM_SUBMIT", "SEGMENT_MATCH"):
        px.custom("u-1", MARK, eventType=kind, attributes={"email": MARK, "formData": attributes, "segmentId": MARK})
    base = {"user_id": "u-1", "company_id": "a-1", "metadata": attributes}
    px.product.ingest_all(
        [
            {**base, "event_type": "page_view", "hostname": MARK, "pathname": "/"},
            {**base, "event_type": "session_start", "session": MARK}, {**base, "event_type": "track_feature", "event_name": "f-1"},
            {**base, "event_type": "interaction", "event_name": f"survey:{MARK}:SEEN"},
        ]
    )  # fmt: skip
    rule = {"user_property": MARK, "operator": "equals", "value": MARK}
    segment = px.product.post(f"{SEXTANT}/segments", {"title": MARK, "rule": rule}, expect=201).json()["id"]
    made = {
        kind: px.product.post(f"{SEXTANT}/content", {"kind": kind, "title": MARK}, expect=201).json()["id"]
        for kind in ("flow", "article", "knowledge_center_bot")
    }
    wait_until(lambda: px.get("/feature").json()["features"], "the feature")
    px.send("PUT", "/feature/f-1", {"name": MARK}, expect=204)
    hook = {"name": MARK, "callbackUrl": "https://example.com/hook", "eventType": MARK}
    px.send("POST", "/subscriptions", hook, expect=201)
    wait_until(lambda: MARK in str(px.user("u-1")), "the profile")
    ids = {
        "userId": "u-1", "accountId": "a-1", "identifyId": "u-1", "segmentId": str(segment), "engagementId": str(made["flow"]),
        "type": "user", "featureId": "f-1",
    }  # fmt: skip
    return World(server, px, ids)


@pytest.fixture(autouse=True)
def nothing_changes(world: World) -> Any:
    """The victim is after each test what it was before."""
    before = world.state()
    assert str(before).count(MARK) > 20
    yield
    assert world.state() == before


def test_everything_is_marked(world: World) -> None:
    told = {operation.name: MARK in world.call(world.victim, operation).text for operation in OPERATIONS if operation.method == "GET"}
    silent = {"getUserDenylist", "getUserPreferences", "getSubscriptionDetail", "listLeadEvents", "listIdentifyEvents", "listFeatureMatchEvents"}
    assert {name for name, is_told in told.items() if not is_told} <= silent


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_foreign_things(world: World, operation: Operation) -> None:
    response = world.call(gainsight(world.server.new_environment()), operation)
    assert MARK not in response.text, response.text[:1000]
    is_list = operation.method == "GET" and ("{" not in operation.path or operation.name in OWN)
    if is_list or operation.name in MAKING:
        assert response.status_code in (200, 201), response.text
    else:
        # Most say so; a body may be wrong before that.
        assert response.status_code in (400, 404), response.text
