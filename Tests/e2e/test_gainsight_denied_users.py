"""Users whose events are refused, over every way in."""

import pytest
import requests

from support.client import SEXTANT, Client
from support.errors import assert_error, assert_gainsight_error
from support.gainsight import TAG, Body, GainsightClient, at, gainsight
from support.polling import wait_until
from support.server import Launch, Sextant


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


def rejected(product: Client) -> dict[str, int]:
    return {one["reason"]: one["count"] for one in product.get(f"{SEXTANT}/ingestion/rejections").json()}


def deny(px: GainsightClient, user_id: str, denied: bool = True) -> None:
    answer = px.send("PUT", at("/users/denylist", user_id), {"denied": denied}, expect=200)
    assert answer.json() == {"denied": denied, "identifyId": user_id}


def test_whoever_is_denied_loses_the_profile(px: GainsightClient) -> None:
    px.make_user("ann", title="T")
    px.custom("ann", "opened")
    px.custom("bob", "opened")
    assert px.get("/users/denylist/ann").json() == {"denied": False, "identifyId": "ann"}
    deny(px, "ann")
    assert px.get("/users/denylist/ann").json()["denied"] is True
    wait_until(lambda: px.user("ann") is None, "the removal")
    wait_until(lambda: [row["identifyId"] for row in px.all("/events/custom")] == ["bob"], "the removal of the events")
    deny(px, "ann", False)
    px.make_user("ann")
    assert px.known_user("ann")["title"] == ""


def segment_push(px: GainsightClient, event: Body) -> requests.Response:
    return requests.post(f"{px.base_url}/rte/segmentio/v1/push", json=event, auth=(px.key, ""), timeout=30)


WAYS_IN = [
    "PX user", "PX user by body", "PX custom event", "PX custom event (base)", "Segment track", "Segment identify", "Segment page",
    "Segment group", "Userpilot identify", "Userpilot track",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS_IN)
def test_denied_users_come_in_nowhere(px: GainsightClient, way: str) -> None:
    deny(px, "mallory")
    event = {"identifyId": "mallory", "eventName": "e"}
    product = px.product
    answer = {
        "PX user": lambda: px.send("POST", "/users", {"identifyId": "mallory", "propertyKeys": [TAG]}),
        "PX user by body": lambda: px.send("POST", "/users", {"identifyId": "mallory"}),
        "PX custom event": lambda: px.send("POST", "/events/custom", event),
        "PX custom event (base)": lambda: px.send("POST", "/custom_events", event),
        "Segment track": lambda: segment_push(px, {"type": "track", "userId": "mallory", "event": "e"}),
        "Segment identify": lambda: segment_push(px, {"type": "identify", "userId": "mallory", "traits": {}}),
        "Segment page": lambda: segment_push(px, {"type": "page", "userId": "mallory"}),
        "Segment group": lambda: segment_push(px, {"type": "group", "userId": "mallory", "groupId": "g", "traits": {}}),
        "Userpilot identify": lambda: product.post("/v1/identify", {"user_id": "mallory"}),
        "Userpilot track": lambda: product.post("/v1/track", {"user_id": "mallory", "event_name": "e"}),
    }[way]()
    assert_error(answer, 400, "denylist")
    assert rejected(product) == {"denied": 1}
    assert product.count_events() == 0 and px.user("mallory") is None


def test_denied_users_in_batches_and_uploads(px: GainsightClient) -> None:
    deny(px, "mallory")
    product = px.product
    answer = product.ingest(
        [{"event_type": "track", "user_id": name, "event_name": "e"} for name in ("ann", "mallory", "Mallory")]
    )
    assert [result["status"] for result in answer["results"]] == ["accepted", "rejected", "accepted"]
    assert rejected(product) == {"denied": 1}
    job = product.post("/v1/users/bulk_identify", {"users": [{"user_id": "mallory"}, {"user_id": "bob"}]}, expect=202)
    product.finish_background_job(job.json()["job_id"])
    assert rejected(product) == {"denied": 2}
    lines = b'{"user_id":"mallory","metadata":{"a":1}}\n{"user_id":"cid","metadata":{"a":1}}\n'
    job = product.upload("/v1/users/bulk_identify", "users.ndjson", lines, expect=202)
    product.finish_background_job(job.json()["job_id"])
    assert rejected(product) == {"denied": 3}
    assert product.sql("select distinct user_id from events order by 1") == [["Mallory"], ["ann"], ["bob"], ["cid"]]
    assert px.user("mallory") is None


def test_denial_survives_a_restart_and_stays_in_its_environment(server: Sextant) -> None:
    px, other = gainsight(server.new_environment()), gainsight(server.new_environment())
    deny(px, "mallory")
    server.stop()
    server.start()
    assert_gainsight_error(px.send("POST", "/users", {"identifyId": "mallory"}), 400, "denylist")
    other.make_user("mallory")
    deny(px, "mallory", False)
    px.make_user("mallory")
