"""The life of an experience: which moves it may make, what they leave behind, and those that it makes by itself."""

import time
from typing import Any

import pytest
import requests

from support.convert import Body, ConvertProject, assert_refused, convert_project
from support.convert_kinds import fresh
from support.polling import wait_until
from support.server import Launch

KIND = "experiences"
STATUSES = ["draft", "scheduled", "active", "paused", "completed", "archived"]

# An archived experience goes back to where it could have come from, which depends on whether anybody saw it.
LEGAL = {
    "draft": ["active", "scheduled", "archived"],
    "scheduled": ["draft", "active", "archived"],
    "active": ["paused", "completed", "archived"],
    "paused": ["active", "completed", "archived"],
    "completed": ["active", "archived"],
    "archived": ["draft", "active", "scheduled"],
    "archived after a start": ["active", "paused", "completed"],
}
MOVES = [(old, new) for old in LEGAL for new in STATUSES]

SOON_SECONDS = 2
"""How far ahead plans lie: long enough to be still in the future when the server reads them."""
LOOK_SECONDS = 5
"""How often the server looks what is due."""
PATIENCE_SECONDS = 3 * LOOK_SECONDS
HOUR = 3_600
DAY = 86_400


def add(project: ConvertProject, status: str = "draft", **members: Any) -> Body:
    name = fresh("life")
    return project.add(
        KIND, {"name": name, "type": "a/b", "status": status, "url": "https://www.example.com/", **members}
    )


def move(project: ConvertProject, id: int, status: str, **members: Any) -> Body:
    moved = project.update(KIND, id, {"status": status, **members})
    assert moved["status"] == status
    return moved


def plan(status: str) -> Body:
    """What a request for the status needs besides it."""
    return {"start_time": int(time.time()) + HOUR} if status == "scheduled" else {}


def at(project: ConvertProject, status: str) -> Body:
    """A new experience that has come to the status in a legal way."""
    if status in ("draft", "scheduled", "active"):
        return add(project, status, **plan(status))
    started = status != "archived"
    made = add(project, "active" if started else "draft")
    return move(project, made["id"], status.split()[0])


def put_status(project: ConvertProject, experience: Body, number: int, status: str) -> requests.Response:
    """Changes the status of one of its variations."""
    variation = experience["variations"][number]
    id = variation if isinstance(variation, int) else variation["id"]
    path = project.path(KIND, experience["id"], "variations", id, "update")
    return project.client.request("PUT", path, {"status": status})


def has_status(project: ConvertProject, id: int, status: str) -> Body | None:
    shown = project.get(KIND, id)
    return shown if shown["status"] == status else None


def wait_for(project: ConvertProject, id: int, status: str) -> Body:
    shown = wait_until(lambda: has_status(project, id, status), f"{status} of {id}", PATIENCE_SECONDS, 0.2)
    assert shown is not None
    return shown


# ---- moves


@pytest.mark.parametrize(("old", "new"), MOVES, ids=[f"{old} to {new}" for old, new in MOVES])
def test_moves(web: ConvertProject, old: str, new: str) -> None:
    before = at(web, old)
    if new in (*LEGAL[old], before["status"]):
        moved = move(web, before["id"], new, **plan(new))
        assert web.get(KIND, before["id"])["status"] == new
        if new == before["status"]:
            # Staying is no move: nothing starts or stops by it.
            assert new == "scheduled" or all(moved[name] == before[name] for name in ("start_time", "end_time"))
        return
    shown = web.get(KIND, before["id"])
    refused = assert_refused(web.post(KIND, before["id"], "update", body={"status": new, **plan(new)}), 422, "status")
    assert all(name in str(refused["message"]) for name in LEGAL[old]), "the message says what would be possible"
    assert web.get(KIND, before["id"]) == shown


@pytest.mark.parametrize("old", LEGAL)
def test_bulk_moves_obey_the_same_rules(web: ConvertProject, old: str) -> None:
    for new in ("active", "paused", "archived"):
        made = at(web, old)
        errors = web.bulk(KIND, "update", [made["id"]], status=new)["errors"]
        is_legal = new in (*LEGAL[old], made["status"])
        assert [error["id"] for error in errors] == ([] if is_legal else [made["id"]])
        assert web.get(KIND, made["id"])["status"] == (new if is_legal else made["status"])


@pytest.mark.parametrize("status", ["paused", "completed"])
def test_experiences_are_not_born_stopped(web: ConvertProject, status: str) -> None:
    body = {"name": fresh("life"), "type": "a/b", "status": status, "url": "https://www.example.com/"}
    assert_refused(web.post(KIND, "add", body=body), 422, "status")
    assert web.items(KIND, search=body["name"]) == []


@pytest.mark.parametrize("status", ["deleted", "running", "", None, 1])
def test_statuses_that_are_none(web: ConvertProject, status: Any) -> None:
    made = web.get(KIND, add(web)["id"])
    assert_refused(web.post(KIND, made["id"], "update", body={"status": status}), 422, "status")
    assert_refused(web.post(KIND, "bulk-update", body={"id": [made["id"]], "status": status}), 422, "status")
    assert web.get(KIND, made["id"]) == made


@pytest.mark.parametrize("status", ["draft", "completed", "scheduled"])
def test_bulk_updates_set_few_statuses(web: ConvertProject, status: str) -> None:
    id = add(web)["id"]
    assert_refused(web.post(KIND, "bulk-update", body={"id": [id], "status": status}), 422, "status")


def test_what_runs_has_something_to_compare(web: ConvertProject) -> None:
    made = add(web)
    assert put_status(web, made, 1, "stopped").ok
    shown = web.get(KIND, made["id"], **{"expand[]": "variations"})
    assert_refused(web.post(KIND, made["id"], "update", body={"status": "active"}), 422, "variations")
    assert web.get(KIND, made["id"], **{"expand[]": "variations"}) == shown
    assert put_status(web, made, 1, "running").ok
    move(web, made["id"], "active")
    for number in (0, 1):
        assert_refused(put_status(web, made, number, "stopped"), 422, "variations")


# ---- times


def test_times_of_starts_and_stops(web: ConvertProject) -> None:
    made = add(web)
    assert not made["start_time"] and not made["end_time"]
    before = int(time.time())
    active = move(web, made["id"], "active")
    started = active["start_time"]
    assert before <= started <= time.time() and not active["end_time"]
    for stop in ("paused", "completed", "archived"):
        stopped = move(web, made["id"], stop)
        assert stopped["start_time"] == started <= stopped["end_time"] <= time.time()
        running = move(web, made["id"], "active")
        assert running["start_time"] == started and not running["end_time"], "the first start is the start"


def test_what_is_stopped_stays_stopped_since(web: ConvertProject) -> None:
    stopped = at(web, "paused")
    for status in ("completed", "archived", "completed"):
        assert move(web, stopped["id"], status)["end_time"] == stopped["end_time"]


def test_a_draft_that_was_archived_has_never_run(web: ConvertProject) -> None:
    archived = at(web, "archived")
    assert not archived["start_time"] and not archived["end_time"]
    before = int(time.time())
    assert move(web, archived["id"], "active")["start_time"] >= before


@pytest.mark.parametrize("start", [None, 0, 1_000_000_000])
def test_schedules_lie_in_the_future(web: ConvertProject, start: int | None) -> None:
    made = web.get(KIND, add(web)["id"])
    refused = web.post(KIND, made["id"], "update", body={"status": "scheduled", "start_time": start})
    assert_refused(refused, 422, "start_time")
    assert web.get(KIND, made["id"]) == made
    body = {"name": fresh("life"), "type": "a/b", "status": "scheduled", "url": "https://www.example.com/"}
    assert_refused(web.post(KIND, "add", body={**body, "start_time": start}), 422, "start_time")


def test_ends_come_after_starts(web: ConvertProject) -> None:
    start = int(time.time()) + HOUR
    made = web.get(KIND, add(web)["id"])
    for status in ("draft", "scheduled"):
        body = {"status": status, "start_time": start, "end_time": start - 1}
        assert_refused(web.post(KIND, made["id"], "update", body=body), 422, "end_time")
    assert web.get(KIND, made["id"]) == made
    planned = move(web, made["id"], "scheduled", start_time=start, end_time=start + 1)
    assert (planned["start_time"], planned["end_time"]) == (start, start + 1)


def test_a_planned_end_survives_an_early_start(web: ConvertProject) -> None:
    end = int(time.time()) + 2 * HOUR
    planned = add(web, "scheduled", start_time=end - HOUR, end_time=end)
    started = move(web, planned["id"], "active")
    assert started["start_time"] < end - HOUR and started["end_time"] == end


def test_limits_of_running_times(web: ConvertProject) -> None:
    wanted = {"include[]": ["min_running_timestamp", "max_running_timestamp"]}
    names = ("min_running_timestamp", "max_running_timestamp")
    made = add(web, settings={"min_running_time": 7, "max_running_time": 28})
    draft = web.get(KIND, made["id"], **wanted)
    assert [draft[name] for name in names] == [None, None], "nothing runs yet"
    start = move(web, made["id"], "active")["start_time"]
    running = web.get(KIND, made["id"], **wanted)
    assert [running[name] for name in names] == [start + 7 * DAY, start + 28 * DAY]
    assert not set(names) & set(web.get(KIND, made["id"]))
    web.update(KIND, made["id"], {"settings": {"max_running_time": 0}})
    unlimited = web.get(KIND, made["id"], **wanted)
    assert [unlimited[name] for name in names] == [start + 7 * DAY, None]
    settings = {"min_running_time": 3, "max_running_time": 2}
    refused = web.post(KIND, made["id"], "update", body={"settings": settings})
    assert_refused(refused, 422, "settings.min_running_time")


def test_alerts_follow_the_life(web: ConvertProject) -> None:
    made = add(web, goals=[])

    def codes() -> list[str]:
        return [alert["code"] for alert in web.get(KIND, made["id"], **{"include[]": "alerts"})["alerts"]]

    assert codes() == ["no_goals_set_up"]
    move(web, made["id"], "active")
    assert codes() == ["no_goals_set_up", "no_visitors_tracked"]
    goal = web.post("goals", "add", body={"name": fresh("goal"), "type": "visits_page"}, expect=201).json()
    web.update(KIND, made["id"], {"goals": [goal["id"]]})
    assert codes() == ["no_visitors_tracked"]
    move(web, made["id"], "completed")
    assert codes() == ["experiments_completed"]


def test_what_runs_can_always_be_stopped(web: ConvertProject) -> None:
    """Whatever its times were said to be."""
    for start in (None, int(time.time()) + HOUR):
        made = add(web, "active")
        web.post(KIND, made["id"], "update", body={"start_time": start})
        assert move(web, made["id"], "paused")["end_time"]


# ---- by itself


def test_experiences_start_and_end_at_their_time(web: ConvertProject) -> None:
    """One wait for many plans: what is due moves, what is not does not."""
    start = int(time.time()) + SOON_SECONDS
    starting = add(web, "scheduled", start_time=start)["id"]
    planned = add(web, "scheduled", start_time=start, end_time=start + HOUR)["id"]
    ending = add(web, "active", end_time=start)["id"]
    incomplete = add(web, "scheduled", start_time=start)
    assert_refused(put_status(web, incomplete, 1, "stopped"), 422, "variations")
    waiting = [
        add(web, "scheduled", start_time=start + HOUR)["id"],
        add(web, "draft", start_time=start)["id"],
        add(web, "active", end_time=start + HOUR)["id"],
        add(web, "active", settings={"max_running_time": 1})["id"],
    ]
    archived = add(web, "scheduled", start_time=start)["id"]
    move(web, archived, "archived")
    untouched = [web.get(KIND, id) for id in (*waiting, archived)]

    started = wait_for(web, starting, "active")
    assert started["start_time"] >= start and not started["end_time"]
    assert wait_for(web, planned, "active")["end_time"] == start + HOUR
    ended = wait_for(web, ending, "completed")
    assert ended["start_time"] <= start <= ended["end_time"]
    wait_for(web, incomplete["id"], "active")
    assert [web.get(KIND, id) for id in (*waiting, archived)] == untouched
    (entry,) = web.post(KIND, starting, "change-history", body={"methods": ["app"]}, expect=200).json()["data"]
    assert entry["changes"]["new"]["status"] == "active"


def test_a_plan_shorter_than_the_server_looks(web: ConvertProject) -> None:
    """Its end has passed when it starts; it must not run for ever."""
    start = int(time.time()) + 1
    id = add(web, "scheduled", start_time=start, end_time=start + 1)["id"]
    assert wait_for(web, id, "completed")["end_time"] >= start + 1


def test_one_that_cannot_end_holds_up_no_other(launch: Launch) -> None:
    """Its environment is gone: that is its own trouble, and none of other projects."""
    server = launch()
    web = convert_project(server, "web")
    root = f"/accounts/{web.client.account_id}/projects/add"
    environments = {name: {"label": name, "is_default": name == "production"} for name in ("production", "qa")}
    sent = {"name": fresh("environments"), "environments": environments}
    project = ConvertProject(web.client, web.client.request("POST", root, sent, expect=201).json()["id"])
    start = int(time.time()) + SOON_SECONDS
    add(project, "active", environment="qa", end_time=start)
    add(project, "scheduled", environment="qa", start_time=start)
    del environments["qa"]
    project.post("update", body={"environments": environments})
    other = add(web, "scheduled", start_time=start)["id"]
    wait_for(web, other, "active")
