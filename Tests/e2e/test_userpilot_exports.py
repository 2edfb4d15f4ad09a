"""Export jobs: answers, filters, and the rows they hold."""

import re
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest

from support.client import EXPORTS, SEXTANT, Client
from support.errors import assert_userpilot_error
from support.polling import wait_until
from support.server import Sextant

NO_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}")
WITH_ZONE = re.compile(NO_ZONE.pattern + "Z")
DAYS = ("2024-05-02", "2024-05-04")


def event(user: str, name: str, time: str, **more: Any) -> dict[str, Any]:
    return {"user_id": user, "event_name": name, "inserted_at": time, **more}


@pytest.fixture
def shop(server: Sextant) -> Client:
    """An environment with a few events of each type, around the edges of three days."""
    client = server.new_environment()
    client.ingest_all(
        [
            event("ann", "too early", "2024-05-01T23:59:59.999999Z"),
            event("ann", "first", "2024-05-02T00:00:00Z", company_id="acme"),
            event("bob", "second", "2024-05-03T12:00:00.5+02:00", company_id="acme", metadata={"n": 1}),
            event("cyd", "last", "2024-05-04T23:59:59.999999Z"),
            event("cyd", "too late", "2024-05-05T00:00:00Z"),
            event("ann", "", "2024-05-03T08:00:00Z", event_type="page_view", url="https://shop.example/a?b=c"),
            event("ann", "tag_7", "2024-05-03T08:00:01Z", event_type="track_feature"),
            event("bob", "checklist:2:SEEN", "2024-05-03T08:00:02Z", event_type="interaction"),
            event("bob", "", "2024-05-03T08:00:03Z", event_type="session_start"),
            event("ann", "", "2024-05-03T07:00:00Z", event_type="identify_user", metadata={"plan": "pro"}),
            event("bob", "", "2024-05-03T07:00:01Z", event_type="identify_user", metadata={"plan": "free"}),
            {"event_type": "identify_company", "company_id": "acme", "inserted_at": "2024-05-03T07:00:02Z"},
        ]
    )
    return client


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["event_name"] or row["event_type"] for row in rows]


EVERYTHING = [
    "first", "identify_user", "identify_user", "identify_company", "page_view", "tag_7", "checklist:2:SEEN", "second",
    "last",
]  # fmt: skip


# ---- answers


def test_the_answer_to_a_start(server: Sextant, shop: Client) -> None:
    body = shop.post(EXPORTS, {"from": DAYS[0], "to": DAYS[1]}, expect=201).json()
    assert {"environment_app_token", "environment_name", "job_id", "links", "start_time"} <= set(body)
    assert body["environment_app_token"].startswith("NX-")
    assert body["links"] == f"{EXPORTS}/jobs/{body['job_id']}"
    assert NO_ZONE.fullmatch(body["start_time"])
    assert shop.get(body["links"]).json()["job_id"] == body["job_id"]


def test_the_list_of_jobs(shop: Client) -> None:
    assert shop.get(f"{EXPORTS}/jobs/").json() == []
    first = shop.export(*DAYS).job["job_id"]
    second = shop.export(*DAYS, format="csv").job["job_id"]
    jobs = shop.get(f"{EXPORTS}/jobs").json()
    assert {job["job_id"] for job in jobs} == {first, second}
    for job in jobs:
        assert job["status"] == "completed"
        assert isinstance(job["elapsed_time_seconds"], int)
        assert re.fullmatch(rf"{job['elapsed_time_seconds']} seconds?", job["elapsed_time"])
        assert NO_ZONE.fullmatch(job["start_time"]) and WITH_ZONE.fullmatch(job["end_time"])
        assert job["progress"] == "1 out of 1 partitions"


def test_one_job(shop: Client) -> None:
    job = shop.export("2024-02-10", "2024-05-04").job
    months = ["2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"]
    assert job["type"] == "export" and job["app_token"].startswith("NX-")
    assert job["all_chunks"] == job["completed_chunks"] == months
    assert job["progress"] == "4 out of 4 partitions"
    assert WITH_ZONE.fullmatch(job["start_time"]) and WITH_ZONE.fullmatch(job["end_time"])
    assert job["presigned_urls"]
    assert all(set(link) >= {"filename", "url"} for link in job["presigned_urls"])
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d\.json\.gz", link["filename"]) for link in job["presigned_urls"])


@pytest.mark.parametrize("job_id", ["ba111778-f28a-40ca-8c64-e83e2a3bb96ee", "0", "%00", "..%2f..%2fetc"])
def test_an_unknown_job(shop: Client, job_id: str) -> None:
    response = shop.get(f"{EXPORTS}/jobs/{job_id}", expect=None)
    if response.status_code != 400:
        assert_userpilot_error(response, 404)


def test_only_one_running_job_a_token(server: Sextant) -> None:
    client = server.new_environment()
    client.ingest_all(
        event(f"u{number % 97}", "step", f"{2022 + number % 3}-{number % 12 + 1:02d}-{number % 28 + 1:02d}T10:00:00Z")
        for number in range(30_000)
    )
    body = {"from": "2022-01-01", "to": "2024-12-31"}
    # The first job may be done before the second call comes; then there was no conflict, and we try again.
    for _ in range(5):
        first = client.post(EXPORTS, body, expect=201).json()["job_id"]
        second = client.post(EXPORTS, body)
        if second.status_code == 409:
            break
        assert second.status_code == 201, second.text
        client.finish_export(second.json()["job_id"])
    else:
        raise AssertionError("five times in a row a second job was let in at once")
    error = assert_userpilot_error(second, 409)["errors"][0]
    assert error["error"] == "Conflict" and "already an export job in progress" in error["details"]
    running = client.export_job(first)
    assert running["status"] in ("in_progress", "completed")
    assert re.fullmatch(r"\d+ out of 36 partitions", running["progress"])
    assert len(client.finish_export(first).rows) == 30_000
    # Another environment was free all the time, and this one is free again.
    client.export("2022-01-01", "2022-01-31")


# ---- filters


def test_days_are_inclusive_and_sessions_left_out(shop: Client) -> None:
    assert names(shop.export(*DAYS).rows) == EVERYTHING


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"event_type": ["track"]}, ["first", "second", "last"]),
        ({"event_type": ["session_start", "page_view"]}, ["page_view", "session_start"]),
        ({"event_type": []}, EVERYTHING),
        ({"event_types": ["track"]}, EVERYTHING),
        ({"user_id": ["cyd"]}, ["last"]),
        ({"user_id": ["ann", "nobody"]}, ["first", "identify_user", "page_view", "tag_7"]),
        ({"user_id": []}, EVERYTHING),
        ({"company_id": ["acme"]}, ["first", "identify_company", "second"]),
        ({"company_id": ["acme"], "user_id": ["ann"]}, ["first"]),
        ({"start_date": "x", "end_date": 5, "emails": []}, EVERYTHING),
    ],
    ids=str,
)
def test_filters(shop: Client, filters: dict[str, Any], expected: list[str]) -> None:
    assert names(shop.export(*DAYS, **filters).rows) == expected


@pytest.mark.parametrize("spelling", [str, int])
def test_segment_filter(shop: Client, spelling: Callable[[Any], Any]) -> None:
    rule = {"user_property": "plan", "operator": "equals", "value": "free"}
    segment = shop.post(f"{SEXTANT}/segments", {"title": "Free", "rule": rule}, expect=201).json()
    members = f"{SEXTANT}/segments/{segment['id']}/members"
    wait_until(lambda: shop.get(members).json() == {"total_count": 1, "user_ids": ["bob"]}, "the member")
    rows = shop.export(*DAYS, segment_id=spelling(segment["id"])).rows
    assert names(rows) == ["identify_user", "checklist:2:SEEN", "second"]
    assert {row["user_id"] for row in rows} == {"bob"}


@pytest.mark.parametrize("segment", ["999999", 999999, "abc", [], True])
def test_unknown_segment(shop: Client, segment: Any) -> None:
    response = shop.post(EXPORTS, {"from": DAYS[0], "to": DAYS[1], "segment_id": segment})
    assert_userpilot_error(response, 400, "segment_id")


@pytest.mark.parametrize(("value", "leaves_out"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_exclusions(shop: Client, value: Any, leaves_out: bool) -> None:
    added = shop.post(f"{SEXTANT}/exclusions", {"users": ["cyd"], "companies": ["acme"]}, expect=200).json()
    assert added == {"users": 1, "companies": 1}
    rows = shop.export(*DAYS, exclusions=value).rows
    gone = {"first", "second", "identify_company", "last"} if leaves_out else set()
    # A user of an excluded company may be left out whole or only where the company stands in the event.
    assert gone.isdisjoint(names(rows))
    assert leaves_out or names(rows) == EVERYTHING
    shop.request("DELETE", f"{SEXTANT}/exclusions", json={"users": ["cyd"], "companies": ["acme"]}, expect=200)
    assert names(shop.export(*DAYS, exclusions=value).rows) == EVERYTHING


# ---- rows


def test_rows_in_full(server: Sextant, shop: Client) -> None:
    rows = {row["event_name"] or row["event_type"]: row for row in shop.export(*DAYS).rows}
    page = rows["page_view"]
    assert (page["hostname"], page["pathname"]) == ("shop.example", "/a")
    assert page["event_name"] == "" and page["metadata"] == {} and page["source"] == "backend-http"
    second = rows["second"]
    assert second["inserted_at"] == "2024-05-03T10:00:00.500000Z"
    assert (second["user_id"], second["company_id"], second["metadata"]) == ("bob", "acme", {"n": 1})
    assert rows["identify_company"]["user_id"] == "" and rows["identify_company"]["company_id"] == "acme"
    assert len({row["internal_event_id"] for row in rows.values()}) == len(rows)


def test_a_span_without_events(shop: Client) -> None:
    export = shop.export("2020-01-01", "2020-03-01")
    assert export.rows == [] and export.job["status"] == "completed"
    assert export.job["all_chunks"] == ["2020-01-01", "2020-02-01", "2020-03-01"]


def test_weeks_are_cut_where_the_span_is(shop: Client) -> None:
    # 2024-04-29 and 2024-12-30 are Mondays; the second week lies in two years.
    shop.ingest_all([event("ann", f"e{day}", f"{day}T10:00:00Z") for day in ("2024-12-30", "2025-01-05", "2025-01-06")])
    export = shop.export("2024-05-02", "2025-01-06", event_type=["track"])
    found = {file.filename[:10]: names(file.rows) for file in export.files}
    assert found == {
        "2024-04-29": ["first", "second", "last", "too late"],
        "2024-12-30": ["e2024-12-30", "e2025-01-05"],
        "2025-01-06": ["e2025-01-06"],
    }


def test_start_time_is_now(shop: Client) -> None:
    before = datetime.now(timezone.utc).replace(tzinfo=None)
    body = shop.post(EXPORTS, {"from": DAYS[0], "to": DAYS[1]}, expect=201).json()
    assert abs((datetime.fromisoformat(body["start_time"]) - before).total_seconds()) < 30
    shop.finish_export(body["job_id"])
