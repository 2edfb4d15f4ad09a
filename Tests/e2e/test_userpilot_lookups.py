"""Lookups: what the catalogue learned from what arrived, segments, and in-app content."""

from collections.abc import Iterator
from typing import Any

import pytest

from support.client import LOOKUPS, SEXTANT, Client
from support.errors import assert_userpilot_error
from support.polling import wait_until

CONTENT: dict[str, tuple[str, dict[str, Any]]] = {
    "flows": ("flow", {"steps": [{"id": 1}]}),
    "banners": ("banner", {}),
    "embeds": ("embed", {"type": "card"}),
    "spotlights": ("spotlight", {}),
    "surveys": ("survey", {"platform": "mobile", "modules": [{"id": 1, "order": 1, "type": "nps", "question": "?"}]}),
    "resource_center_modules": ("resource_center_module", {}),
    "checklists": ("checklist", {"tasks": [{"id": 1, "title": "Say hello"}]}),
}


def by_key(items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {item["key"]: item for item in items}


def pages(client: Client, name: str, limit: int) -> Iterator[dict[str, Any]]:
    """All pages of a lookup, following the cursor as a client would."""
    cursor: str | None = None
    while True:
        query = {"limit": limit, **({"after_cursor": cursor} if cursor else {})}
        page = client.lookup(name, **query)
        yield page
        cursor = page["metadata"]["cursor"]["after"]
        if cursor is None:
            return


def test_properties_of_users_and_companies(environment: Client) -> None:
    environment.identify("ann", {"plan": "pro", "seats": 3, "vip": True, "since": "2024-01-15T10:30:00Z", "tags": [1]})
    environment.identify_company("acme", {"industry": "SaaS"})
    wait_until(lambda: "industry" in by_key(environment.lookup("company_properties")), "the company's property")
    found = by_key(environment.lookup("user_properties"))
    assert {"plan", "seats", "vip", "since", "tags"} <= set(found)
    assert "industry" not in found
    plan = found["plan"]
    assert {"id", "type", "key", "display_name", "data_type", "is_auto_property"} <= set(plan)
    assert isinstance(plan["id"], int) and plan["type"] == "user_property" and plan["is_auto_property"] is False
    assert plan["data_type"] == "string" and found["seats"]["data_type"] != "string"
    assert len({found[key]["data_type"] for key in ("plan", "seats", "vip")}) == 3
    assert by_key(environment.lookup("company_properties"))["industry"]["type"] == "company_property"


def test_a_property_can_be_named(environment: Client) -> None:
    environment.identify("ann", {"plan": "pro"})
    wait_until(lambda: "plan" in by_key(environment.lookup("user_properties")), "the property")
    plan = by_key(environment.lookup("user_properties"))["plan"]
    path = f"{SEXTANT}/properties/{plan['id']}"
    change = {"display_name": "Subscription", "description": "What they pay for"}
    changed = environment.request("PATCH", path, json=change, expect=200).json()
    assert (changed["key"], changed["display_name"], changed["is_archived"]) == ("plan", "Subscription", False)
    # What arrives later does not undo it.
    environment.identify("bob", {"plan": "free"})
    assert by_key(environment.lookup("user_properties"))["plan"]["display_name"] == "Subscription"
    environment.request("PATCH", f"{SEXTANT}/properties/999999999", json={"is_archived": True}, expect=404)


def test_events_properties_page_by_page(environment: Client) -> None:
    for number in range(7):
        environment.track("ann", f"event_{number % 2}", {f"property_{number}": number})
    wanted = {f"property_{number}" for number in range(7)}

    def known() -> list[dict[str, Any]] | None:
        items = [item for page in pages(environment, "events_properties", 50) for item in page["data"]]
        return items if wanted <= {item["key"] for item in items} else None

    items = wait_until(known, "all properties") or []
    in_pages = list(pages(environment, "events_properties", 3))
    assert [item for page in in_pages for item in page["data"]] == items
    for page in in_pages:
        metadata = page["metadata"]
        assert len(page["data"]) <= 3 and metadata["limit"] == 3
        assert metadata["cursor"]["before"] is None
        assert metadata["total_count"] == len(items) and metadata["total_count_cap_exceeded"] is False
    own = next(item for item in items if item["key"] == "property_0")
    assert {
        "id", "key", "display_name", "is_auto_property", "data_type", "category", "description", "is_archived", "event",
        "inserted_at", "last_seen",
    } <= set(own)  # fmt: skip
    assert isinstance(own["id"], int) and set(own["event"]) == {"id", "display_name"}


def test_segments_page_by_page(environment: Client) -> None:
    rule = {"user_property": "plan", "operator": "exists"}
    for number in range(5):
        environment.post(f"{SEXTANT}/segments", {"title": f"Segment {number}", "rule": rule}, expect=201)
    segments = [item for page in pages(environment, "segments", 2) for item in page["data"]]
    assert [item["title"] for item in segments] == [f"Segment {number}" for number in range(5)]
    assert {"id", "title", "usage", "category", "is_hidden", "is_protected", "status"} <= set(segments[0])
    assert environment.lookup("segments")["metadata"]["limit"] == 50


@pytest.mark.parametrize("name", ["segments", "events_properties"])
def test_a_last_page_that_is_full_has_no_cursor(environment: Client, name: str) -> None:
    rule = {"user_property": "plan", "operator": "exists"}
    for number in range(2):
        environment.post(f"{SEXTANT}/segments", {"title": f"Segment {number}", "rule": rule}, expect=201)
    environment.track("ann", "paid", {"amount": 1})
    environment.lookup(name)
    everything = environment.lookup(name, limit=1000)
    count = len(everything["data"])
    assert count > 1 and everything["metadata"]["cursor"]["after"] is None
    full = environment.lookup(name, limit=count)
    assert full["data"] == everything["data"] and full["metadata"]["cursor"]["after"] is None
    first = environment.lookup(name, limit=count - 1)
    rest = environment.lookup(name, limit=1, after_cursor=first["metadata"]["cursor"]["after"])
    assert first["data"] + rest["data"] == everything["data"] and rest["metadata"]["cursor"]["after"] is None
    # As many pages as there are rows, and none that is empty.
    assert [len(page["data"]) for page in pages(environment, name, 1)] == [1] * count


@pytest.mark.parametrize("name", ["segments", "events_properties"])
def test_bad_paging(environment: Client, name: str) -> None:
    for cursor in ("broken", "!!!", "a" * 5_000, "MTIz", "\x00"):
        response = environment.get(f"{LOOKUPS}/{name}", params={"after_cursor": cursor}, expect=None)
        assert_userpilot_error(response, 400, "after_cursor")
    for limit in ("0", "-1", "many", "1.5"):
        response = environment.get(f"{LOOKUPS}/{name}", params={"limit": limit}, expect=None)
        assert_userpilot_error(response, 400, "limit")


def test_features_and_events(environment: Client) -> None:
    assert environment.lookup("features_events") == []
    environment.track("ann", "paid")
    environment.ingest_all([{"event_type": "track_feature", "event_name": "tag_7", "user_id": "ann"}])

    def known() -> dict[str, dict[str, Any]] | None:
        items = {item["display_name"]: item for item in environment.lookup("features_events")}
        return items if len(items) == 2 else None

    items = wait_until(known, "feature and event") or {}
    assert all({"id", "key", "display_name", "data_type"} <= set(item) for item in items.values())
    # A client joins exported track_feature rows to this list by id.
    row = environment.export("2000-01-01", "2100-01-01", event_type=["track_feature"]).rows[0]
    assert row["event_name"] in {str(item["id"]) for item in items.values()}


@pytest.mark.parametrize("name", CONTENT)
def test_content(environment: Client, name: str) -> None:
    kind, parts = CONTENT[name]
    assert environment.lookup(name) == []
    body = {"kind": kind, "title": "Hello there", "status": "published", **parts}
    created = environment.post(f"{SEXTANT}/content", body, expect=201).json()
    environment.post(f"{SEXTANT}/content", {**body, "title": "Draft", "status": "draft"}, expect=201)
    [item] = environment.lookup(name)
    # Banners are embeds too; nothing else is listed twice.
    others = set(CONTENT) - {name} - ({"embeds", "banners"} if name in ("embeds", "banners") else set())
    assert all(environment.lookup(other) == [] for other in others)
    if name in ("resource_center_modules", "checklists"):
        assert item["display_name"] == "Hello there" and item["key"] == created["key"] and item["data_type"]
    else:
        assert item["id"] == created["id"] and item["title"] == "Hello there"
    for field, value in parts.items():
        if field != "steps":
            assert item[field] == value
    path = f"{SEXTANT}/content/{created['id']}"
    # What was shown once may still stand in exported rows.
    environment.request("PATCH", path, json={"status": "archived"}, expect=200)
    assert [item["id"] for item in environment.lookup(name)] == [created["id"]]
    environment.request("DELETE", path, expect=204)
    assert environment.lookup(name) == []
    environment.get(path, expect=404)
