"""Decisions by the server: which variations and features visitors get."""

from collections import Counter
from typing import Any

import pytest
import requests

from support.client import REQUEST_SECONDS
from support.convert import Body, ConvertProject
from support.convert_kinds import AUDIENCES
from support.serving import KIND, add, live, new_project, new_sdk_key
from support.serving_over_tls import PRO, VARIABLES, check, config, decide, http, project, server  # noqa: F401 - fixtures


def test_decisions_are_recorded_and_kept(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    audience = AUDIENCES.add(own, rules={"OR": [{"AND": [{"OR_WHEN": [PRO]}]}]})
    experience = add(own, [50, 50], audiences=[audience["id"]])
    assert decide(own, http, key, "ann")["experiences"] == []
    looked = decide(own, http, key, "ann", attributes={"plan": "pro"})
    (decided,) = looked["experiences"]
    assert decided["key"] == experience["key"] and live(own) == []
    for _ in range(2):
        assert decide(own, http, key, "ann", attributes={"plan": "pro"}, record=True) == looked
    (event,) = live(own)
    assert str(event["experiences"][0]["variation"]) == decided["variation"]["id"]
    # Who is in stays in, whatever the shares are now, as long as the audience is theirs.
    assert decide(own, http, key, "ann")["experiences"] == []
    other = next(one["id"] for one in experience["variations"] if str(one["id"]) != decided["variation"]["id"])
    ids = [one["id"] for one in experience["variations"]]
    shares = [{"id": id, "traffic_distribution": 100 if id == other else 0} for id in ids]
    own.update(KIND, experience["id"], {"variations": shares})
    assert decide(own, http, key, "ann", attributes={"plan": "pro"}) == looked
    (moved,) = decide(own, http, key, "bob", attributes={"plan": "pro"})["experiences"]
    assert moved["variation"]["id"] == str(other)


def test_features_are_decided_with_their_types(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own, has_secret=True)
    bearer = f"{key['sdk_key']}:{key['sdk_secret']}"
    feature = own.add("features", {"name": "Banner", "key": "banner", "variables": VARIABLES})
    sets = {"on": True, "size": 7, "more": '{"b":2}'}
    change = {"type": "fullStackFeature", "data": {"feature_id": feature["id"], "variables_data": sets}}
    off = decide(own, http, bearer, "ann")["features"]
    named = {"id": str(feature["id"]), "key": "banner", "name": "Banner"}
    assert off == [{**named, "status": "disabled", "experience_key": None, "variables": {}}]
    experience = add(own, [], type="feature_rollout", variations=[{"name": "With", "changes": [change]}])
    (on,) = decide(own, http, bearer, "ann")["features"]
    assert on["status"] == "enabled" and on["experience_key"] == experience["key"]
    assert on["variables"] == {"on": True, "title": "Hello", "size": 7, "ratio": 1.5, "more": {"b": 2}}
    decide(own, http, key["sdk_key"], "ann", expect=401)
    decide(own, http, "sdk_unknown", "ann", expect=401)


def test_who_is_in_one_is_kept_out_of_another(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    first = add(own, [50, 50], traffic_distribution=50)
    rule = {
        "rule_type": "bucketed_into_experience", "value": True,
        "matching": {"match_type": "equals", "negated": True},
    }  # fmt: skip
    audience = AUDIENCES.add(own, rules={"OR": [{"AND": [{"OR_WHEN": [rule]}]}]})
    second = add(own, [50, 50], audiences=[audience["id"]])
    seen = Counter(
        tuple(one["key"] for one in decide(own, http, key, f"visitor-{number}")["experiences"]) for number in range(200)
    )
    assert set(seen) == {(first["key"],), (second["key"],)}


def test_who_is_in_one_is_kept_out_of_another_by_its_key(
    project: ConvertProject, http: requests.Session
) -> None:
    """The server and the SDK's configuration name the first by its key, as the SDKs do."""
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    first = add(own, [50, 50], traffic_distribution=50)
    rule = {"rule_type": "bucketed_into_experience_key", "value": first["key"], "matching": {"negated": True}}
    audience = AUDIENCES.add(own, type="permanent", rules={"OR": [{"AND": [{"OR_WHEN": [rule]}]}]})
    second = add(own, [50, 50], audiences=[audience["id"]])
    seen = Counter(
        tuple(one["key"] for one in decide(own, http, key, f"visitor-{number}")["experiences"]) for number in range(200)
    )
    assert set(seen) == {(first["key"],), (second["key"],)}
    document = config(own, http, key).json()
    check(document)
    (served,) = document["audiences"]
    assert served["type"] == "permanent"
    assert served["rules"]["OR"][0]["AND"][0]["OR_WHEN"] == [
        {**rule, "matching": {"match_type": "equals", "negated": True}}
    ]


def rule_of(match_type: str, value: Any, negated: bool = False) -> Body:
    matching = {"match_type": match_type, "negated": negated}
    return {"rule_type": "generic_key_value", "key": "plan", "matching": matching, "value": value}


TARGETED: dict[str, tuple[Body, list[Any], list[Any]]] = {
    "in a list": (rule_of("isIn", ["pro", "7"]), ["pro", "free|pro", 7], ["free", "prof", ""]),
    "not in a text": (rule_of("isIn", "pro|free", negated=True), ["x", "", "Pro"], ["pro", "x|free"]),
    "there": (rule_of("exists", None), ["x", 0, False], [None, ""]),
    "not there": (rule_of("doesNotExist", None), [None, ""], ["x", 0]),
    "of nothing": (rule_of("not_exists", None), [None, ""], ["x", 0]),
    "a word twice": (rule_of("regexMatches", "\\b(\\w+) \\1\\b"), ["The the", "a bb bb"], ["the then", "ab ba"]),
    "a name twice": (rule_of("regexMatches", "^(?<q>['\"]).*\\k<q>$"), ["'a\"'", '""'], ["'a\"", "a"]),
}


@pytest.mark.parametrize(("rule", "matching", "others"), TARGETED.values(), ids=TARGETED)
def test_rules_that_sdks_know(
    project: ConvertProject, http: requests.Session, rule: Body, matching: list[Any], others: list[Any]
) -> None:
    own = new_project(project)
    key = new_sdk_key(own)
    audience = AUDIENCES.add(own, rules={"OR": [{"AND": [{"OR_WHEN": [rule]}]}]})
    add(own, [50, 50], audiences=[audience["id"]])
    check(config(own, http, key["sdk_key"]).json())
    for values, is_matched in ((matching, True), (others, False)):
        for value in values:
            decided = decide(own, http, key["sdk_key"], "ann", attributes={"plan": value})
            assert bool(decided["experiences"]) == is_matched, (value, decided)


def test_a_pattern_without_end_leaves_the_decision_open(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    audience = AUDIENCES.add(
        own, rules={"OR": [{"AND": [{"OR_WHEN": [rule_of("regexMatches", "^(a+)+\\1$")]}]}]}
    )
    experience = add(own, [50, 50], audiences=[audience["id"]])
    decided = decide(own, http, key, "ann", attributes={"plan": "a" * 200 + "!"})
    assert decided["experiences"] == [] and decided["undecided"] == [experience["key"]]
    assert decide(own, http, key, "ann", attributes={"plan": "aaa"})["experiences"]


def test_values_of_json_are_served_as_values(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    variables = [
        {"key": "value", "type": "json", "default_value": {"a": [1, None]}},
        {"key": "text", "type": "json", "default_value": '{"b": 2}'},
        {"key": "set", "type": "json"},
        {"key": "word", "type": "json", "default_value": '"word"'},
        {"key": "on", "type": "boolean"},
    ]
    feature = own.add("features", {"name": "JSON", "key": "json", "variables": variables})
    data = {"feature_id": feature["id"], "variables_data": {"set": [True], "on": "false"}}
    change = {"type": "fullStackFeature", "data": data}
    add(own, [], type="feature_rollout", variations=[{"name": "With", "changes": [change]}])
    document = config(own, http, key).json()
    check(document)
    served = document["experiences"][0]["variations"][0]["changes"][0]["data"]["variables_data"]
    assert served == {"value": {"a": [1, None]}, "text": {"b": 2}, "set": [True], "word": '"word"', "on": False}
    (decided,) = decide(own, http, key, "ann")["features"]
    assert decided["variables"] == {**served, "word": "word"}


def test_numbers_of_variables_keep_their_text(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    number = "12345678901234567890.123"
    variables = [
        {"key": "text", "type": "json", "default_value": number},
        {"key": "list", "type": "json", "default_value": f"[{number}]"},
        {"key": "float", "type": "float", "default_value": 1.5},
    ]
    feature = own.add("features", {"name": "Exact", "key": "exact", "variables": variables})
    sets = {"feature_id": feature["id"], "variables_data": {"float": number}}
    change = {"type": "fullStackFeature", "data": sets}
    add(own, [], type="feature_rollout", variations=[{"name": "With", "changes": [change]}])
    served = config(own, http, key).text
    assert f'"text":"{number}"' in served and f'"list":[{number}]' in served and f'"float":{number}' in served
    url = f"{project.client.base_url}/api/sextant/v1/decide"
    headers = {"Authorization": f"Bearer {key}"}
    decided = http.post(url, json={"visitor_id": "ann"}, headers=headers, timeout=REQUEST_SECONDS).text
    assert f'"text":{number}' in decided and f'"list":[{number}]' in decided and f'"float":{number}' in decided


def test_a_stopped_variation_keeps_its_place(project: ConvertProject, http: requests.Session) -> None:
    """With version 12 whoever was in another variation stays there; with 11 they move up."""
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    made = {version: add(own, [10, 80, 10], version=version) for version in (11, 12)}
    visitors = [f"anchor-gate-visitor-{number}" for number in range(300)]

    def variations(version: int) -> dict[str, str]:
        keys = [made[version]["key"]]
        decided = {visitor: decide(own, http, key, visitor, experiences=keys)["experiences"] for visitor in visitors}
        return {visitor: one[0]["variation"]["id"] for visitor, one in decided.items() if one}

    before = {version: variations(version) for version in made}
    for experience in made.values():
        second = experience["variations"][1]["id"]
        path = own.path("experiences", experience["id"], "variations", second, "update")
        own.client.request("PUT", path, {"status": "stopped"}, expect=200)
    document = config(own, http, key).json()
    check(document)
    for version, shares in ((11, [10, 0, 10]), (12, [10, 80, 10])):
        (served,) = [one for one in document["experiences"] if one["id"] == str(made[version]["id"])]
        assert served["version"] == version
        assert [one["traffic_allocation"] for one in served["variations"]] == shares
        assert [one["status"] for one in served["variations"]] == ["running", "stopped", "running"]
        after = variations(version)
        stopped = str(made[version]["variations"][1]["id"])
        kept = {visitor: id for visitor, id in before[version].items() if id != stopped}
        if version == 12:
            assert after == kept and len(set(kept.values())) == 2
        else:
            assert {visitor: after.get(visitor) for visitor in kept} != kept


@pytest.mark.parametrize(
    "body",
    [
        {}, {"visitor_id": ""}, {"visitor_id": "x" * 256}, {"visitor_id": 1}, {"attributes": [1]},
        {"experiences": "none"},
    ],
    ids=str,
)
def test_bad_decisions(project: ConvertProject, http: requests.Session, body: Body) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    sent = {"visitor_id": "ann", **body} if body and "visitor_id" not in body else body
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{own.client.base_url}/api/sextant/v1/decide"
    response = http.post(url, json=sent, headers=headers, timeout=REQUEST_SECONDS)
    assert response.status_code == 400 and response.json()["error"]["fields"], response.text


def test_keys_that_cannot_be_decided_on_are_listed(project: ConvertProject, http: requests.Session) -> None:
    own, other = new_project(project), new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    running, paused, draft = add(own, [50, 50]), add(own, [50, 50]), add(own, [50, 50], status="draft")
    foreign = add(other, [50, 50])
    own.update(KIND, paused["id"], {"status": "paused"})
    keys = [one["key"] for one in (running, paused, draft, foreign)] + ["none"]
    decided = decide(own, http, key, "ann", experiences=keys, record=True)
    assert [one["key"] for one in decided["experiences"]] == [running["key"]]
    reasons = {one["key"]: one["reason"] for one in decided["not_decided"]}
    assert reasons == {paused["key"]: "not_running", draft["key"]: "not_running", foreign["key"]: "unknown", "none": "unknown"}
    assert len(live(own)) == 1
    # Nothing there is nothing there, however it is said.
    for nothing in ({}, {"attributes": None, "location": None, "experiences": None}, {"attributes": [], "location": []}):
        answer = decide(own, http, key, "ann", **nothing)
        assert [one["key"] for one in answer["experiences"]] == [running["key"]] and "not_decided" not in answer
