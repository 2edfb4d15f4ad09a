"""Text is its bytes: spellings that look alike, such as composed and decomposed accents, are different everywhere."""

import itertools
import json
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from convert_sdk.evaluation import rules as sdk_rules

from support.client import REQUEST_SECONDS, SEXTANT, Client
from support.convert import Body, ConvertProject, convert_client
from support.convert_kinds import AUDIENCES
from support.polling import wait_until
from support.server import Sextant
from support.serving import add, new_project, new_sdk_key

# Pairs that Unicode holds for canonically equal.
PAIRS = [
    ("caf\u00e9", "cafe\u0301"), ("\u00c5ngstr\u00f6m", "\u212bngstr\u00f6m"), ("Kelvin", "\u212aelvin"),
    ("\uac00\ub098", "\u1100\u1161\u1102\u1161"), ("a;b", "a\u037eb"),
]  # fmt: skip
NAMES = [name for pair in PAIRS for name in pair]


@pytest.fixture(autouse=True)
def one_process(server: Sextant) -> Iterator[None]:
    process = server.process
    yield
    assert process is server.process and process is not None and process.poll() is None
    assert requests.get(f"{server.base_url}/health", timeout=REQUEST_SECONDS).status_code == 200


def crowd(pair: tuple[str, str], others: int) -> dict[str, Any]:
    """Both names of a pair, and so many others: past sixteen members objects are looked up by hash."""
    return {pair[0]: 1, pair[1]: "two", **{f"k{number}": number for number in range(others)}}


def test_the_pairs_are_canonically_equal() -> None:
    for first, second in PAIRS:
        assert first != second and unicodedata.normalize("NFD", first) == unicodedata.normalize("NFD", second)


@pytest.mark.parametrize("others", [0, 15, 40])
@pytest.mark.parametrize("pair", PAIRS)
def test_objects_without_a_key(server: Sextant, pair: tuple[str, str], others: int) -> None:
    body = crowd(pair, others)
    for sent in (body, {"visitors": [body]}, {"visitors": [{"visitorId": "ann", "segments": body, "events": []}]}):
        response = requests.post(f"{server.base_url}/v1/track/1/1", json=sent, timeout=REQUEST_SECONDS)
        assert response.status_code < 500, response.text


def test_a_name_twice_is_refused_still(environment: Client) -> None:
    body = '{"user_id":"ann","metadata":{"caf\u00e9":1,"caf\\u00e9":2}}'.encode()
    headers = {"Content-Type": "application/json"}
    response = environment.request("POST", "/v1/identify", data=body, headers=headers)
    assert response.status_code == 400 and "twice" in response.text


def test_properties_of_users_companies_and_events(environment: Client) -> None:
    metadata = {name: number for number, name in enumerate(NAMES)} | {f"k{number}": number for number in range(20)}
    environment.identify("ann", metadata, company={"company_id": "acme", **metadata})
    environment.track("ann", "bought", metadata)
    user = wait_until(lambda: environment.user("ann"), "the profile")
    company = wait_until(lambda: environment.company("acme"), "the company")
    assert user["metadata"] == metadata and company["metadata"] == metadata
    environment.identify("ann", {NAMES[0]: None, NAMES[3]: "changed"})
    expected = {name: value for name, value in metadata.items() if name != NAMES[0]} | {NAMES[3]: "changed"}
    wait_until(lambda: (environment.user("ann") or {})["metadata"] == expected, "the change")
    (stored,) = environment.sql("select metadata from events where event_name = 'bought'")[0]
    assert (json.loads(stored) if isinstance(stored, str) else stored) == metadata


def members(client: Client, rule: Body) -> set[str]:
    segment = client.post(f"{SEXTANT}/segments", {"title": "Members", "rule": rule}, expect=201).json()
    answer = client.get(f"{SEXTANT}/segments/{segment['id']}/members").json()
    assert answer["total_count"] == len(answer["user_ids"]) == len(set(answer["user_ids"]))
    return set(answer["user_ids"])


def test_users_whose_ids_look_alike(environment: Client) -> None:
    for number, name in enumerate(NAMES):
        environment.identify(name, {"number": number, "plan": name}, company={"company_id": name, "size": number})
        for _ in range(number + 1):
            environment.track(name, name, {name: number})
    last = NAMES[-1]
    wait_until(lambda: environment.user(last) and environment.company(last), "the profiles")
    for number, name in enumerate(NAMES):
        user, company = environment.user(name), environment.company(name)
        assert user and company
        assert (user["user_id"], user["metadata"]) == (name, {"number": number, "plan": name})
        assert user["company_id"] == name and company["metadata"] == {"size": number}
    # Segments: by property, by list, by part, and by how often an event was caused.
    for number, (first, second) in enumerate(PAIRS):
        for name, other in ((first, second), (second, first)):
            for operator in ("equals", "contains", "starts_with", "ends_with"):
                assert members(environment, {"user_property": "plan", "operator": operator, "value": name}) == {name}
            among = {"user_property": "plan", "operator": "in", "value": [name, "nobody"]}
            assert members(environment, among) == {name}
            assert members(environment, {"not": among}) == set(NAMES) - {name}
            times = NAMES.index(name) + 1
            caused = {"event": name, "operator": "exactly", "count": times}
            assert members(environment, caused) == {name}
            assert members(environment, {**caused, "event": other}) == set()
    # Exclusions.
    first, second = PAIRS[0]
    added = environment.post(f"{SEXTANT}/exclusions", {"users": [first, second], "companies": [first]}, expect=200)
    assert added.json() == {"users": 2, "companies": 1}
    removed = environment.request("DELETE", f"{SEXTANT}/exclusions", json={"users": [second]}, expect=200).json()
    assert removed["users"] == 1
    assert environment.get(f"{SEXTANT}/exclusions").json() == {"users": [first], "companies": [first]}
    # The catalogue.
    wait_until(lambda: len(environment.lookup("features_events")) == len(NAMES), "the catalogue of events")
    own = [item for item in environment.lookup("events_properties", limit=100)["data"] if not item["is_auto_property"]]
    assert len(own) == len(NAMES)
    # A deletion takes one of the two.
    environment.request("DELETE", "/v1/users", json={"users": [first]}, expect=202)
    wait_until(lambda: environment.user(first) is None, "the deletion")
    assert environment.user(second) is not None
    counted = dict(environment.sql("select user_id, count(*) from events where event_type = 'track' group by user_id"))
    assert counted == {name: NAMES.index(name) + 1 for name in NAMES if name != first}


# ---- decisions

def rule(key: str, operator: str, value: str) -> Body:
    matching = {"match_type": operator, "negated": False}
    element = {"rule_type": "generic_text_key_value", "key": key, "value": value, "matching": matching}
    return {"OR": [{"AND": [{"OR_WHEN": [element]}]}]}


def test_decisions_are_those_of_the_sdk(server: Sextant) -> None:
    """Of every rule about one of two keys and one of two values, the same holds here and in the vendor's SDK."""
    project = new_project(ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"]))
    key = new_sdk_key(project)["sdk_key"]
    (first, second), *_ = PAIRS
    # The contract of audiences lists fewer ways to match than the SDKs know.
    served = ["matches", "contains", "startsWith", "endsWith"]
    rules = [rule(*choice) for choice in itertools.product((first, second), served, (first, second))]
    experiences = {}
    for each in rules:
        audience = AUDIENCES.add(project, rules=each)
        experiences[add(project, [50, 50], audiences=[audience["id"]])["key"]] = each
    visitors: list[Body] = [{name: value} for name, value in itertools.product((first, second), repeat=2)]
    visitors += [{first: one, second: two} for one, two in itertools.product((first, second, "x"), repeat=2)]
    visitors += [{second: one, first: two} for one, two in itertools.product((first, second), repeat=2)]
    for number, attributes in enumerate(visitors):
        response = requests.post(
            f"{server.base_url}/api/sextant/v1/decide",
            json={"visitor_id": f"visitor-{number}", "attributes": attributes},
            headers={"Authorization": f"Bearer {key}"},
            timeout=REQUEST_SECONDS,
        )
        assert response.status_code == 200, response.text
        decided = {one["key"] for one in response.json()["experiences"]}
        expected = {key for key, each in experiences.items() if sdk_rules.is_rule_matched(attributes, each)}
        assert decided == expected, attributes
