"""Who changed what and when, as the account and its projects tell it."""

import time
from typing import Any

import pytest

from support.convert import Body, ConvertClient, ConvertProject, assert_refused, convert_client, convert_project
from support.convert_kinds import (
    AUDIENCES, CHANGEABLE, DOMAINS, FEATURES, GOALS, HYPOTHESES, KINDS, KNOWLEDGE_BASES, LOCATIONS, OBSERVATIONS,
    TAGS, WITH_CLONE, WITH_STATUS, Kind, fresh, rules,
)  # fmt: skip
from support.server import Sextant

NO_SUCH_ID = 987_654_321
# The members of a history request that name things, and what they name.
NAMED_BY = {
    "goals": GOALS, "audiences": AUDIENCES, "locations": LOCATIONS, "hypotheses": HYPOTHESES, "domains": DOMAINS,
    "tags": TAGS,
}  # fmt: skip
PASSING = {"id", "stats", "created_at", "updated_at", "created_by", "project"}


def of(project: ConvertProject, kind: Kind, id: int) -> list[Body]:
    """The latest changes of one thing, oldest first."""
    changes = project.changes(results_per_page=50)
    return [change for change in reversed(changes) if (change["object"], change["object_id"]) == (kind.object, str(id))]


def events(changes: list[Body]) -> list[str]:
    return [change["event"] for change in changes]


def count(project: ConvertProject) -> int:
    number: int = project.history(onlyCount=True)["extra"]["pagination"]["items_count"]
    return number


def object_ids(changes: list[Body]) -> list[int]:
    return [int(change["object_id"]) for change in changes]


# ---- what is written


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_life(project: ConvertProject, kind: Kind) -> None:
    start = int(time.time())
    sent = kind.body(fresh("history"))
    added = project.add(kind.path, sent)
    expected = ["create"]
    if kind.update == "update":
        renamed = {kind.name: kind.body(fresh("renamed"))[kind.name]}
        project.update(kind.path, added["id"], renamed)
        expected.append("update")
    if kind.second_status:
        for status in (kind.second_status, "active" if kind.first_status == "active" else "draft"):
            project.post(kind.path, added["id"], kind.update, body={"status": status}, expect=200)
        expected += ["archive", "activate" if kind.first_status == "active" else "update"]
    project.bulk(kind.path, "delete", [added["id"]])
    changes = of(project, kind, added["id"])
    assert events(changes) == [*expected, "delete"]
    for change in changes:
        assert change["method"] == "api" and change["project"] == project.id and change["user"]
        assert change["object"] == kind.object and change["object_id"] == str(added["id"])
        assert start - 1 <= change["timestamp"] <= time.time() + 1
        assert change.get("parent_object_id") is None
    created = changes[0]["changes"]
    assert created["old"] is None and {name: created["new"][name] for name in sent} == sent
    deleted = changes[-1]["changes"]
    assert deleted["new"] is None and set(sent) <= set(deleted["old"])
    if kind.update == "update":
        assert changes[1]["changes"] == {"old": {kind.name: sent[kind.name]}, "new": renamed}
        assert deleted["old"][kind.name] == renamed[kind.name]
    if kind.second_status:
        archived = changes[expected.index("archive")]["changes"]
        assert archived == {"old": {"status": kind.first_status}, "new": {"status": kind.second_status}}


@pytest.mark.parametrize("kind", CHANGEABLE, ids=str)
def test_changes_that_change_nothing(project: ConvertProject, kind: Kind) -> None:
    added = kind.add(project)
    before = count(project)
    project.update(kind.path, added["id"], {})
    project.update(kind.path, added["id"], {kind.name: added[kind.name]})
    project.update(kind.path, added["id"], project.get(kind.path, added["id"]))
    project.items(kind.path)
    assert count(project) == before


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_refused_requests_are_not_told(project: ConvertProject, kind: Kind) -> None:
    added = kind.add(project)
    before = count(project)
    for response in (
        project.post(kind.path, "add", body={}),
        project.post(kind.path, "add", body={**kind.body("x"), kind.name: ""}),
        project.post(kind.path, added["id"], kind.update, body={kind.name: 7, "status": 7}),
        project.post(kind.path, NO_SUCH_ID, kind.update, body={"status": "active"}),
        project.delete(kind.path, NO_SUCH_ID, expect=None),
        project.post(kind.path, "bulk-delete", body={"id": []}),
    ):
        assert response.status_code in (404, 422), response.text
    if kind.has_key:
        taken = {**kind.body(fresh("taken")), "key": added["key"]}
        assert project.post(kind.path, "add", body=taken).status_code == 409
    assert len(project.bulk(kind.path, "delete", [NO_SUCH_ID])["errors"]) == 1
    assert count(project) == before


@pytest.mark.parametrize("kind", WITH_STATUS, ids=str)
def test_bulk_changes_are_told_one_by_one(project: ConvertProject, kind: Kind) -> None:
    ids = [kind.add(project)["id"] for _ in range(3)]
    before = count(project)
    project.bulk(kind.path, "update", [ids[0], NO_SUCH_ID, ids[2]], status=kind.second_status)
    project.bulk(kind.path, "update", ids, status=kind.second_status)
    project.bulk(kind.path, "delete", [NO_SUCH_ID, *ids])
    told = [(change["event"], int(change["object_id"])) for change in reversed(project.changes(results_per_page=6))]
    assert told == [
        ("archive", ids[0]), ("archive", ids[2]), ("archive", ids[1]), *[("delete", id) for id in ids],
    ]  # fmt: skip
    assert count(project) == before + 6


@pytest.mark.parametrize("kind", WITH_CLONE, ids=str)
def test_clones_are_created(project: ConvertProject, kind: Kind) -> None:
    added = kind.add(project)
    copy = project.clone(kind.path, added["id"])
    changes = of(project, kind, copy["id"])
    assert events(changes) == ["create"] and changes[0]["changes"]["new"]["name"] == f"Copy of {added['name']}"
    assert events(of(project, kind, added["id"])) == ["create"]


def test_only_what_changed_is_told(web: ConvertProject) -> None:
    sent = {**GOALS.body(fresh("goal")), "triggering_rule": rules({"rule_type": "url", "value": "/a"})}
    goal = web.add("goals", {**sent, "description": "old"})
    rule = rules({"rule_type": "url", "value": "/b"})
    web.update("goals", goal["id"], {**sent, "description": "new", "triggering_rule": rule})
    change = of(web, GOALS, goal["id"])[-1]["changes"]
    assert change["old"] == {"description": "old", "triggering_rule": sent["triggering_rule"]}
    assert change["new"] == {"description": "new", "triggering_rule": rule}
    web.update("goals", goal["id"], {"description": "newer", "status": "archived"})
    last = of(web, GOALS, goal["id"])[-1]
    assert last["event"] == "update" and last["changes"]["new"] == {"description": "newer", "status": "archived"}


def test_computed_members_are_told(web: ConvertProject) -> None:
    hypothesis = HYPOTHESES.add(web)
    best = {"potential": 5, "importance": 5, "ease": 5}
    web.update("hypotheses", hypothesis["id"], {"prioritization_score_attributes": best})
    change = of(web, HYPOTHESES, hypothesis["id"])[-1]["changes"]
    assert change["old"]["prioritization_score"] == "4.00" and change["new"]["prioritization_score"] == "5.00"
    assert set(change["new"]) == {"prioritization_score", "prioritization_score_attributes"}


def test_references_are_told(web: ConvertProject) -> None:
    one, two = TAGS.add(web)["id"], TAGS.add(web)["id"]
    observation = OBSERVATIONS.add(web, tags=[one])
    web.update("observations", observation["id"], {"tags": [two, one]})
    created, updated = of(web, OBSERVATIONS, observation["id"])
    assert created["changes"]["new"]["tags"] == [one]
    assert updated["changes"] == {"old": {"tags": [one]}, "new": {"tags": [two, one]}}


def test_what_is_made_on_the_way_is_told(web: ConvertProject) -> None:
    name = fresh("on the way")
    tag = OBSERVATIONS.add(web, tags=[{"name": name}])["tags"][0]
    changes = of(web, TAGS, tag)
    assert events(changes) == ["create"] and changes[0]["changes"]["new"]["name"] == name
    hypothesis = HYPOTHESES.add(web)
    entry = web.post("hypotheses", hypothesis["id"], "convert", expect=200).json()
    assert events(of(web, KNOWLEDGE_BASES, entry["id"])) == ["create"]


def test_hostile_texts_are_told_exactly(web: ConvertProject) -> None:
    name, other = "'; DROP TABLE changes; --", '<img src=x onerror="alert(1)"> 🚀 \u2028 \\'
    tag = TAGS.add(web, name)["id"]
    web.update("tags", tag, {"name": other})
    assert of(web, TAGS, tag)[-1]["changes"] == {"old": {"name": name}, "new": {"name": other}}


def test_the_user_is_the_key(server: Sextant, web: ConvertProject) -> None:
    """A signed request and a bearer token are of the same key, whose name is also that of the creator."""
    observation = OBSERVATIONS.add(web)
    bearer = ConvertProject(convert_client(server, bearer=True), web.id)
    bearer.update("observations", observation["id"], {"name": fresh("by bearer")})
    assert {change["user"] for change in of(web, OBSERVATIONS, observation["id"])} == {observation["created_by"]}


def test_the_request_is_told(web: ConvertProject) -> None:
    response = web.post("tags", "add", body={"name": fresh("request")}, expect=201)
    change = web.changes(tags=[response.json()["id"]])[0]
    assert change["request_id"] == response.headers["X-Request-ID"]


def test_secrets_are_not_told(server: Sextant, account: ConvertClient) -> None:
    told = str(account.account_history(results_per_page=50))
    assert server.credentials["convert"]["secret"] not in told


# ---- how it is listed


def test_newest_first(web: ConvertProject) -> None:
    ids = [TAGS.add(web)["id"] for _ in range(3)]
    assert object_ids(web.changes(results_per_page=3)) == list(reversed(ids))
    assert object_ids(web.changes(tags=ids, sort_direction="asc")) == ids
    times = [change["timestamp"] for change in web.changes(results_per_page=50)]
    assert times == sorted(times, reverse=True)


def test_pages(web: ConvertProject) -> None:
    ids = [TAGS.add(web)["id"] for _ in range(5)]
    seen = []
    for number in (1, 2, 3):
        page = web.history(tags=ids, results_per_page=2, page=number)
        assert page["extra"]["pagination"] == {
            "current_page": number, "items_count": 5, "items_per_page": 2, "pages_count": 3,
        }  # fmt: skip
        seen += object_ids(page["data"])
    assert seen == list(reversed(ids))
    assert web.changes(tags=ids, page=4, results_per_page=2) == []
    assert web.changes(tags=ids, page=2**62) == []
    nothing = web.history(tags=ids, results_per_page=0)
    assert nothing["data"] == [] and nothing["extra"]["pagination"]["items_count"] == 5
    counted = web.history(tags=ids, onlyCount=True)
    assert not counted.get("data") and counted["extra"]["pagination"]["items_count"] == 5
    assert web.history()["extra"]["pagination"]["items_per_page"] == 30


@pytest.mark.parametrize("member", NAMED_BY)
def test_filter_by_what_changed(web: ConvertProject, member: str) -> None:
    kind = NAMED_BY[member]
    one, two = kind.add(web)["id"], kind.add(web)["id"]
    web.update(kind.path, one, {kind.name: kind.body(fresh("again"))[kind.name]})
    web.bulk(kind.path, "delete", [two])
    assert events(web.changes(**{member: [one]})) == ["update", "create"]
    assert events(web.changes(**{member: [two]})) == ["delete", "create"]
    assert object_ids(web.changes(**{member: [one, two]})) == [two, one, two, one]
    assert web.changes(**{member: [NO_SUCH_ID]}) == []
    assert web.changes(**{member: None}, results_per_page=1)
    assert_refused(web.post("change-history", body={member: list(range(101))}), 422, member)
    wrongs: list[Any] = [[str(one)], one, [1.5], {}]
    for wrong in wrongs:
        assert_refused(web.post("change-history", body={member: wrong}), 422, member)


def test_filters_by_what_changed_add_up(web: ConvertProject) -> None:
    goal, tag, audience = GOALS.add(web)["id"], TAGS.add(web)["id"], AUDIENCES.add(web)["id"]
    assert object_ids(web.changes(goals=[goal], tags=[tag])) == [tag, goal]
    assert object_ids(web.changes(goals=[goal], tags=[tag], audiences=[audience], objects=["tag"])) == [tag]
    assert web.changes(goals=[tag], tags=[goal]) == [], "an id is of its kind only"
    assert web.changes(experiences=[goal]) == []


@pytest.mark.parametrize("kind", [TAGS, GOALS, AUDIENCES, LOCATIONS, FEATURES, HYPOTHESES, DOMAINS], ids=str)
def test_filter_by_kind(project: ConvertProject, kind: Kind) -> None:
    other = OBSERVATIONS.add(project)["id"]
    id = kind.add(project)["id"]
    changes = project.changes(objects=[kind.object], results_per_page=50)
    assert {change["object"] for change in changes} == {kind.object}
    assert object_ids(changes)[0] == id and other not in object_ids(changes)
    both = project.changes(objects=[kind.object, "experience"], results_per_page=1)
    assert object_ids(both) == [id]


def test_filter_by_method(web: ConvertProject) -> None:
    tag = TAGS.add(web)["id"]
    assert object_ids(web.changes(tags=[tag], methods=["api"])) == [tag]
    assert web.changes(tags=[tag], methods=["app"]) == []
    assert object_ids(web.changes(tags=[tag], methods=["api", "app"])) == [tag]
    assert object_ids(web.changes(tags=[tag], methods=None, objects=None)) == [tag]


@pytest.mark.parametrize("sort", ["timestamp", "event", "object", "project_id"])
def test_every_order(web: ConvertProject, sort: str) -> None:
    tags = [TAGS.add(web)["id"] for _ in range(2)]
    goals = [GOALS.add(web)["id"]]
    web.update("goals", goals[0], {"name": fresh("sorted")})
    web.delete("tags", tags[0])
    up = web.changes(tags=tags, goals=goals, sort_by=sort, sort_direction="asc")
    down = web.changes(tags=tags, goals=goals, sort_by=sort, sort_direction="desc")
    assert len(up) == 5 and down == list(reversed(up))
    assert web.changes(tags=tags, goals=goals, sort_by=sort) == down
    if sort in ("event", "object", "timestamp"):
        values = [change[sort] for change in up]
        assert values == sorted(values)


@pytest.mark.parametrize(
    ("member", "values"),
    [
        ("methods", [["web"], "api", [None]]),
        ("objects", [["nothing"], "goal", ["knowledge_base"], [None]]),
        ("sort_by", ["user", "id", "", 1]),
        ("sort_direction", ["up", 1]),
        ("page", [0, -1, "1", None]),
        ("results_per_page", [51, -1, "1"]),
        ("onlyCount", ["yes", 1]),
        ("expand", ["project", ["user"]]),
    ],
)
def test_requests_that_are_none(account: ConvertClient, web: ConvertProject, member: str, values: list[Any]) -> None:
    for wrong in values:
        assert_refused(web.post("change-history", body={member: wrong}), 422, member)
        path = f"/accounts/{account.account_id}/change-history"
        assert_refused(account.request("POST", path, {member: wrong}), 422, member)


def test_the_project_in_full(account: ConvertClient, web: ConvertProject) -> None:
    tag = TAGS.add(web)["id"]
    for changes in (
        web.changes(tags=[tag], expand=["project"]),
        account.account_history(results_per_page=1, expand=["project"])["data"],
    ):
        assert changes[0]["object_id"] == str(tag)
        assert changes[0]["project"]["id"] == web.id and changes[0]["project"]["name"]


def test_no_body(account: ConvertClient, web: ConvertProject) -> None:
    TAGS.add(web)
    whole = web.post("change-history", expect=200).json()
    assert whole == web.history()
    of_account = account.request("POST", f"/accounts/{account.account_id}/change-history", expect=200).json()
    assert of_account == account.account_history()


# ---- of the account


def test_the_account_tells_of_all_its_projects(
    account: ConvertClient, web: ConvertProject, fullstack: ConvertProject
) -> None:
    one, two = GOALS.add(web)["id"], FEATURES.add(fullstack)["id"]
    latest = account.account_history(results_per_page=2)["data"]
    assert [(change["object"], int(change["object_id"]), change["project"]) for change in latest] == [
        ("feature", two, fullstack.id), ("goal", one, web.id),
    ]  # fmt: skip
    assert object_ids(account.account_history(results_per_page=1, projects=[web.id])["data"]) == [one]
    assert object_ids(account.account_history(results_per_page=1, projects=[fullstack.id])["data"]) == [two]
    assert account.account_history(projects=[NO_SUCH_ID])["data"] == []
    assert object_ids(account.account_history(results_per_page=1, objects=["goal"])["data"]) == [one]
    assert account.account_history(methods=["app"], objects=["goal"])["data"] == []
    by_project = account.account_history(sort_by="project_id", results_per_page=50)["data"]
    projects = [change["project"] for change in by_project if change["project"] is not None]
    assert projects == sorted(projects, reverse=True)
    counted = account.account_history(onlyCount=True)["extra"]["pagination"]["items_count"]
    assert counted >= count(web) + count(fullstack)


def test_a_project_tells_of_nothing_else(web: ConvertProject, fullstack: ConvertProject) -> None:
    one, two = TAGS.add(web)["id"], TAGS.add(fullstack)["id"]
    assert fullstack.changes(tags=[one]) == [] and web.changes(tags=[two]) == []
    assert {change["project"] for change in web.changes(results_per_page=50)} == {web.id}
    assert {change["project"] for change in fullstack.changes(results_per_page=50)} == {fullstack.id}


def test_history_outlives_a_restart(server: Sextant, web: ConvertProject) -> None:
    tag = TAGS.add(web)["id"]
    web.delete("tags", tag)
    before = web.history(tags=[tag])
    assert events(before["data"]) == ["delete", "create"]
    assert server.stop() == 0
    server.start()
    assert convert_project(server, "web").history(tags=[tag]) == before
