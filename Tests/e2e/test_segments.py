"""Segments: their management, and whom each kind of rule holds for."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from support.client import SEXTANT, Client
from support.errors import assert_sextant_error
from support.polling import wait_until
from support.server import Sextant

SEGMENTS = f"{SEXTANT}/segments"
PEOPLE: dict[str, dict[str, Any]] = {
    "ann": {"plan": "pro", "seats": 12, "vip": True, "since": "2024-01-15T10:00:00Z"},
    "bob": {"plan": "free", "seats": 3, "vip": False, "since": "2023-06-01"},
    "cyd": {"plan": "Prototype", "seats": 12.5},
    "dee": {},
}


@pytest.fixture(scope="module")
def people(server: Sextant) -> Client:
    client = server.new_environment()
    for name, properties in PEOPLE.items():
        client.identify(name, properties, company={"company_id": "acme" if name < "c" else "bloom"})
    client.identify_company("acme", {"industry": "SaaS"})
    now = datetime.now(timezone.utc)
    for user, days_ago in [("ann", [1, 2, 40]), ("bob", [40, 50]), ("cyd", [3])]:
        client.ingest_all(
            {"user_id": user, "event_name": "paid", "inserted_at": (now - timedelta(days=days)).isoformat()}
            for days in days_ago
        )
    client.ingest_all([{"user_id": "dee", "event_type": "page_view", "url": "https://shop.example/"}])
    wait_until(lambda: client.user("dee") and client.company("acme"), "the profiles")
    wait_until(lambda: members(client, of_user("plan", "exists")) == ["ann", "bob", "cyd"], "the projection")
    return client


def members(client: Client, rule: dict[str, Any]) -> list[str]:
    segment = client.post(SEGMENTS, {"title": "Members", "rule": rule}, expect=201).json()
    answer = client.get(f"{SEGMENTS}/{segment['id']}/members").json()
    assert answer["total_count"] == len(answer["user_ids"])
    client.request("DELETE", f"{SEGMENTS}/{segment['id']}", expect=204)
    return sorted(answer["user_ids"])


def of_user(key: str, operator: str, *value: Any) -> dict[str, Any]:
    return {"user_property": key, "operator": operator, **({"value": value[0]} if value else {})}


def paid(operator: str, count: int, **more: Any) -> dict[str, Any]:
    return {"event": "paid", "operator": operator, "count": count, **more}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (of_user("plan", "equals", "pro"), "ann"),
        (of_user("plan", "not_equals", "pro"), "bob cyd dee"),
        (of_user("plan", "contains", "ro"), "ann cyd"),
        (of_user("plan", "not_contains", "ro"), "bob dee"),
        (of_user("plan", "starts_with", "pr"), "ann"),
        (of_user("plan", "ends_with", "ee"), "bob"),
        (of_user("plan", "in", ["pro", "free"]), "ann bob"),
        (of_user("plan", "not_in", ["pro", "free"]), "cyd dee"),
        (of_user("plan", "exists"), "ann bob cyd"),
        (of_user("plan", "not_exists"), "dee"),
        (of_user("seats", "equals", 12), "ann"),
        (of_user("seats", "greater_than", 12), "cyd"),
        (of_user("seats", "at_least", 12), "ann cyd"),
        (of_user("seats", "less_than", 12), "bob"),
        (of_user("seats", "at_most", 12.5), "ann bob cyd"),
        (of_user("vip", "is_true"), "ann"),
        (of_user("vip", "is_false"), "bob"),
        (of_user("since", "before", "2024-01-01T00:00:00Z"), "bob"),
        (of_user("since", "after", "2024-01-01"), "ann"),
        ({"company_property": "industry", "operator": "equals", "value": "SaaS"}, "ann bob"),
        ({"company_property": "industry", "operator": "not_exists"}, "cyd dee"),
        (paid("at_least", 2), "ann bob"),
        (paid("at_least", 2, within_days=30), "ann"),
        (paid("exactly", 0), "dee"),
        (paid("at_most", 1), "cyd dee"),
        (paid("exactly", 0, within_days=30), "bob dee"),
        ({"event": None, "event_type": "page_view", "operator": "at_least", "count": 1}, "dee"),
        ({"all": [of_user("plan", "exists"), {"not": of_user("vip", "is_true")}]}, "bob cyd"),
        ({"any": [of_user("vip", "is_false"), of_user("plan", "not_exists")]}, "bob dee"),
        ({"not": {"not": of_user("vip", "is_true")}}, "ann"),
        (of_user("plan'; drop table users; --", "exists"), ""),
        (of_user("plan", "equals", "' or '1'='1"), ""),
        (of_user("plan", "contains", "%"), ""),
        (of_user("plan", "contains", "_"), ""),
    ],
    ids=lambda value: str(value)[:70],
)
def test_who_is_in(people: Client, rule: dict[str, Any], expected: str) -> None:
    assert members(people, rule) == expected.split()


def nested(depth: int) -> dict[str, Any]:
    rule: dict[str, Any] = of_user("plan", "exists")
    for _ in range(depth - 1):
        rule = {"not": rule}
    return rule


@pytest.mark.parametrize(
    "rule",
    [
        {},
        [],
        "plan",
        {"all": []},
        {"all": [of_user("plan", "exists")], "any": [of_user("plan", "exists")]},
        {"not": [of_user("plan", "exists")]},
        of_user("plan", "like", "x"),
        of_user("plan", "equals"),
        of_user("plan", "in", "pro"),
        of_user("plan", "in", []),
        of_user("plan", "greater_than", "many"),
        of_user("plan", "before", "soon"),
        of_user("", "exists"),
        {"event": "paid", "operator": "equals", "count": 1},
        paid("at_least", -1),
        paid("at_least", 1, within_days=0),
        paid("at_least", 1, within_days=3_651),
        {"event": "paid", "event_type": "dance", "operator": "at_least", "count": 1},
        nested(9),
        {"any": [of_user("plan", "exists")] * 101},
        {"any": [{"any": [of_user("plan", "exists")] * 51}] * 2},
    ],
    ids=lambda value: str(value)[:70],
)
def test_bad_rules_are_refused(people: Client, rule: Any) -> None:
    assert_sextant_error(people.post(SEGMENTS, {"title": "Bad", "rule": rule}), 400, "rule")


@pytest.mark.parametrize(
    ("rule", "field", "known", "unknown"),
    [
        (of_user("plan", "like", "x"), "rule.operator", "starts_with", "exactly"),
        ({"company_property": "plan", "operator": "like", "value": "x"}, "rule.operator", "starts_with", "exactly"),
        ({"all": [{"not": of_user("plan", "like", "x")}]}, "rule.all[0].not.operator", "is_true", "exactly"),
        ({"event": "paid", "operator": "equals", "count": 1}, "rule.operator", "exactly", "starts_with"),
        ({"event": None, "operator": "like"}, "rule.operator", "at_most", "starts_with"),
    ],
    ids=str,
)
def test_a_bad_operator_is_told_those_that_there_are(
    people: Client, rule: Any, field: str, known: str, unknown: str
) -> None:
    error = assert_sextant_error(people.post(SEGMENTS, {"title": "Bad", "rule": rule}), 400, field)["error"]
    (message,) = [finding["message"] for finding in error["fields"] if finding["field"] == field]
    assert f'"{known}"' in message and f'"{unknown}"' not in message, message


def test_rules_at_the_limits(people: Client) -> None:
    assert members(people, nested(8)) == ["dee"]
    assert members(people, {"any": [of_user("plan", "exists")] * 100}) == ["ann", "bob", "cyd"]


def test_management(environment: Client) -> None:
    rule = of_user("plan", "equals", "pro")
    created = environment.post(SEGMENTS, {"title": "Pro", "rule": rule}, expect=201).json()
    assert (created["title"], created["status"], created["rule"]) == ("Pro", "published", rule)
    path = f"{SEGMENTS}/{created['id']}"
    assert environment.get(path).json() == created
    changed = environment.request("PATCH", path, json={"title": "Paying", "status": "archived"}, expect=200).json()
    assert (changed["title"], changed["status"], changed["rule"]) == ("Paying", "archived", rule)
    assert changed["updated_at"] >= created["updated_at"] and changed["created_at"] == created["created_at"]
    assert environment.get(SEGMENTS, params={"status": "published"}).json()["data"] == []
    assert environment.get(SEGMENTS, params={"status": "archived"}).json()["data"] == [changed]
    assert_sextant_error(environment.request("PATCH", path, json={}), 400)
    environment.request("PATCH", path, json={"is_protected": True}, expect=200)
    assert_sextant_error(environment.request("PATCH", path, json={"title": "Mine"}), 409, "is_protected")
    assert_sextant_error(environment.request("DELETE", path), 409, "is_protected")
    environment.request("PATCH", path, json={"is_protected": False}, expect=200)
    environment.request("DELETE", path, expect=204)
    for method in ("GET", "DELETE"):
        assert_sextant_error(environment.request(method, path), 404)


def test_only_so_many_members_are_sent(people: Client) -> None:
    segment = people.post(SEGMENTS, {"title": "All", "rule": {"not": of_user("nothing", "exists")}}, expect=201).json()
    answer = people.get(f"{SEGMENTS}/{segment['id']}/members", params={"limit": 2}).json()
    assert answer == {"total_count": 4, "user_ids": ["ann", "bob"]}
