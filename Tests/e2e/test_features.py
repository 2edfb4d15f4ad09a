"""Tracked features: what is looked for, how it is counted, and how Gainsight PX's clients read it."""

import time
from typing import Any

import pytest

from support.client import SEXTANT, Client
from support.polling import wait_until
from support.server import Sextant

FEATURES = f"{SEXTANT}/features"


@pytest.fixture
def environment(server: Sextant) -> Client:
    return server.new_environment()


@pytest.fixture
def px(environment: Client) -> Client:
    """The same environment with a key of Gainsight PX."""
    made = environment.post(f"{SEXTANT}/keys", {"label": "px", "kind": "gainsight_px"}, expect=201).json()
    return Client(environment.base_url, made["token"], scheme="Bearer")


def send(environment: Client, *events: dict[str, Any]) -> None:
    body = [{"user_id": "ann"} | event for event in events]
    answer = environment.post(f"{SEXTANT}/events", body, expect=202).json()
    assert answer["accepted"] == len(events), answer


def view(url: str, **more: Any) -> dict[str, Any]:
    return {"event_type": "page_view", "url": url} | more


def used(px: Client) -> dict[str, tuple[int, int]]:
    rows = px.get("/v1/feature_match", params={"pageSize": 500}).json()["results"]
    return {row["name"]: (row["totalEventCount"], row["totalUserCount"]) for row in rows}


def test_elements_are_looked_for_in_what_arrives(environment: Client, px: Client) -> None:
    send(environment, view("https://shop.example.com/checkout/1"))
    made = {
        "page": {"url": "shop.example.com/checkout/*"}, "path": {"url": "/checkout/?"},
        "event": {"event_name": "pa?d*"}, "button": {"event_name": "clicked", "element": "#pay"},
        "text": {"text": "Pay now", "url": "/checkout*"}, "off": {"url": "*", "enabled": False},
    }  # fmt: skip
    for name, element in made.items():
        environment.post(FEATURES, {"name": name, "elements": [element]}, expect=201)
    either = {"name": "either", "elements": [{"url": "/a"}, {"event_name": "a"}]}
    environment.post(FEATURES, either, expect=201)
    send(
        environment,
        view("https://shop.example.com/checkout/2", event_id="1"), view("https://shop.example.com/checkout/2", event_id="1b"),
        view("http://other.example.com/checkout/22", user_id="bob"), view("https://x.example.com/a"),
        {"event_name": "paid twice"}, {"event_name": "clicked", "metadata": {"element": "#pay"}},
        {"event_name": "clicked", "metadata": {"element": "#other"}}, {"event_name": "a", "user_id": "bob"},
        {"event_name": "any", "url": "https://x.example.com/checkout", "metadata": {"text": "Pay now"}},
    )  # fmt: skip
    assert used(px) == {
        "page": (2, 1), "path": (2, 1), "event": (1, 1), "button": (1, 1), "text": (1, 1), "off": (0, 0),
        "either": (2, 2),
    }  # fmt: skip
    # They are events like all others.
    rows = px.get("/v1/events/feature_match").json()["featureMatchEvents"]
    assert len(rows) == 9 and {row["identifyId"] for row in rows} == {"ann", "bob"}


def test_what_is_sent_again_is_counted_once(environment: Client, px: Client) -> None:
    environment.post(FEATURES, {"name": "home", "elements": [{"url": "/"}]}, expect=201)
    for _ in range(2):
        body = [view("https://x.io/", user_id="ann", event_id="e-1")]
        answer = environment.post(f"{SEXTANT}/events", body, expect=202).json()
    assert answer["duplicates"] == 1 and used(px) == {"home": (1, 1)}


def test_tags_that_clients_send_are_features(environment: Client, px: Client) -> None:
    for user in ("ann", "bob", "ann"):
        send(environment, {"event_type": "track_feature", "event_name": "tag-7", "user_id": user})
    assert used(px) == {"tag-7": (3, 2)}
    (node,) = px.get("/v1/feature").json()["features"]
    assert node["id"] == "tag-7" and node["type"] == "FEATURE" and node["status"] == "ACTIVATED"
    environment.request("DELETE", "/v1/users", json={"users": ["ann"]}, expect=202)
    wait_until(lambda: used(px) == {"tag-7": (1, 1)}, "what a deleted user did to leave the counts")


def test_the_tree(environment: Client, px: Client) -> None:
    module = environment.post(FEATURES, {"name": "Shop", "kind": "module", "tag": "shop"}, expect=201).json()
    body = {
        "name": "Pay", "parent": "shop", "labels": [{"name": "new", "color": "#fff"}],
        "elements": [{"name": "page", "url": "/pay"}, {"name": "button", "element": "#pay", "enabled": False}],
    }  # fmt: skip
    tag = environment.post(FEATURES, body, expect=201).json()["tag"]
    node = px.get(f"/v1/feature/{tag}").json()
    assert node["parentFeatureId"] == module["tag"] and node["featureLabels"][0]["name"] == "new"
    extended = px.get("/v2/feature_ext").json()["features"]
    assert [(e["type"], e["state"]) for e in extended[1]["mappedElements"]] == [("URL", "ENABLED"), ("TAG", "DISABLED")]
    px.request("PUT", f"/v1/feature/{tag}", json={"name": "Paying", "parentFeatureId": "ROOT"}, expect=204)
    node = px.get(f"/v1/feature/{tag}").json()
    assert node["name"] == "Paying" and node["parentFeatureId"] is None
    px.request("PUT", f"/v1/feature/{tag}", json={"parentFeatureId": "shop"}, expect=204)
    for path, change in ((tag, {"parentFeatureId": "nothing"}), ("shop", {"parentFeatureId": tag}), ("shop", {"parentFeatureId": "shop"})):
        px.request("PUT", f"/v1/feature/{path}", json=change, expect=400)
    px.request("PUT", "/v1/feature/nothing", json={"name": "x"}, expect=404)
    environment.request("DELETE", f"{FEATURES}/{tag}", expect=204)
    assert px.get(f"/v1/feature/{tag}").json()["status"] == "DELETED"
    send(environment, view("https://x.io/pay"))
    assert used(px)["Paying"] == (0, 0)


def test_a_rule_that_is_changed_says_from_when_it_counts(environment: Client, px: Client) -> None:
    made = environment.post(FEATURES, {"name": "f", "elements": [{"url": "/old"}]}, expect=201).json()
    send(environment, view("https://x.io/old"))
    changed = environment.request(
        "PATCH", f"{FEATURES}/{made['tag']}", json={"elements": [{"url": "/new"}]}, expect=200
    ).json()
    assert changed["counts_since"] > made["counts_since"]
    send(environment, view("https://x.io/old"), view("https://x.io/new"))
    assert used(px) == {"f": (2, 1)}
    renamed = environment.request("PATCH", f"{FEATURES}/{made['tag']}", json={"name": "g"}, expect=200).json()
    assert renamed["counts_since"] == changed["counts_since"]


def test_adoption(environment: Client, px: Client) -> None:
    now = int(time.time() * 1000)
    day = 86_400_000
    for age, user, company in ((0, "ann", "acme"), (1, "ann", "acme"), (2, "bob", "acme"), (9, "eve", "old")):
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime((now - age * day) / 1000 - 60))
        event = {"event_type": "track_feature", "event_name": "t", "user_id": user, "company_id": company}
        send(environment, event | {"inserted_at": moment})
    shown = px.get("/v1/feature/adoption/t", params={"dateRangeStart": now - 7 * day, "dateRangeEnd": now}).json()
    assert (shown["totalEventCount"], shown["uniqueUserCount"], shown["uniqueAccountCount"]) == (3, 2, 1)
    assert px.get("/v1/feature/adoption/t").json()["totalEventCount"] == 3
    for parameters in ({"dateRangeStart": now - 8 * day, "dateRangeEnd": now}, {"dateRangeStart": now, "dateRangeEnd": 0}):
        px.get("/v1/feature/adoption/t", params=parameters, expect=400)
    px.get("/v1/feature/adoption/nothing", expect=404)


def test_bad_features(environment: Client) -> None:
    environment.post(FEATURES, {"name": "a", "tag": "taken"}, expect=201)
    for body in (
        {"name": "b", "tag": "taken"}, {"name": "b", "elements": [{}]}, {"name": "b", "elements": [{"name": "only"}]},
        {"name": "b", "parent": "nothing"}, {"name": ""}, {"name": "b", "kind": "thing"},
        {"name": "b", "elements": [{"url": "*"}] * 51},
    ):  # fmt: skip
        environment.post(FEATURES, body, expect=400)
    # A pattern that would take long if every star were tried at every place.
    environment.post(FEATURES, {"name": "slow", "elements": [{"event_name": "*a" * 100 + "b"}]}, expect=201)
    send(environment, {"event_name": "a" * 255})


def test_an_event_is_a_use_of_so_many_at_most(environment: Client, px: Client) -> None:
    for number in range(25):
        environment.post(FEATURES, {"name": f"f{number}", "elements": [{"event_name": "*"}]}, expect=201)
    send(environment, {"event_name": "any"})
    assert sum(count for count, _ in used(px).values()) == 20
    rejections = environment.get(f"{SEXTANT}/ingestion/rejections").json()
    assert [row["count"] for row in rejections if row["reason"] == "feature_limit"] == [1]
    many = [{"element": f"#{number}"} for number in range(50)]
    for number in range(39):
        environment.post(FEATURES, {"name": f"m{number}", "elements": many}, expect=201)
    full = environment.post(FEATURES, {"name": "full", "elements": many}, expect=400)
    assert "2000 elements" in full.text
    send(environment, *[{"event_name": "x" * 255, "metadata": {"element": "y", "more": "z" * 9_000}}] * 50)
