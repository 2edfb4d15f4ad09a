"""Experiences as they are listed, copied, told and asked for."""

import time
from typing import Any

import pytest
import requests

from support.convert import Body, ConvertClient, ConvertProject, assert_refused, convert_project
from support.convert_kinds import AUDIENCES, GOALS, HYPOTHESES, LOCATIONS, TAGS, fresh
from support.experiences import (
    ACCEPTED,
    EXPANDED,
    FULLSTACK_TYPES,
    INCLUDED,
    KIND,
    NO_SUCH_ID,
    TYPES,
    add,
    add_section,
    change,
    code,
    delete_variation,
    ids,
    put_variation,
    refuse_update,
    try_convert,
    variation,
    whole,
)
from support.server import Sextant

# ---- answers


def test_include_and_expand(web: ConvertProject) -> None:
    goal, audience, location, tag = GOALS.add(web), AUDIENCES.add(web), LOCATIONS.add(web), TAGS.add(web)
    linked = {"goals": goal, "audiences": audience, "locations": location, "tags": tag}
    made = add(
        web, variations=[variation("A"), variation("B", code("1"))],
        **{name: [one["id"]] for name, one in linked.items()},
    )  # fmt: skip
    id = made["id"]
    bare = web.get(KIND, id)
    assert not set(INCLUDED) & set(bare) and bare["tags"] == [tag["id"]] and bare["project"] == web.id
    for name in INCLUDED:
        shown = web.get(KIND, id, **{"include[]": name})
        extra = set(shown) - set(bare)
        # Statistics come with a report, which a new experience has not.
        assert extra == (set() if name == "stats" else {name.split(".")[0]}), name
    included = web.get(KIND, id, **{"include[]": INCLUDED})
    assert [included[name] for name in ("goals", "audiences", "locations")] == [
        [goal["id"]], [audience["id"]], [location["id"]],
    ]  # fmt: skip
    collapsed = included["variations"]
    assert ids(collapsed) == ids(made["variations"]) and set(collapsed[0]) == {"id", "changes"}
    assert all(isinstance(one, int) for one in collapsed[1]["changes"])
    assert web.get(KIND, id, **{"include[]": "variations"})["variations"] == ids(made["variations"])
    for name, one in linked.items():
        (shown,) = web.get(KIND, id, **{"expand[]": name})[name]
        assert (shown["id"], shown["name"]) == (one["id"], one["name"])
    assert web.get(KIND, id, **{"expand[]": "project"})["project"]["name"]
    expanded = web.get(KIND, id, **{"expand[]": "variations"})["variations"]
    assert [one["name"] for one in expanded] == ["A", "B"] and "changes" not in expanded[1]
    with_data = web.get(KIND, id, **{"expand[]": ["variations", "variations.changes"]})["variations"][1]["changes"]
    assert with_data[0]["data"]["js"] == "1"
    assert web.items(KIND, only=[id], include=INCLUDED, expand=EXPANDED) == [whole(web, id)]
    for wrong in ("include", "expand"):
        assert_refused(web.try_get(KIND, id, **{f"{wrong}[]": "everything"}), 422, wrong)
        assert_refused(web.post(KIND, body={wrong: ["everything"]}), 422, wrong)


@pytest.fixture(scope="module")
def listed(server: Sextant) -> tuple[ConvertProject, list[Body], dict[str, list[int]]]:
    """A project with three experiences, in ascending order, and what they refer to."""
    account = convert_project(server, "web").client
    sent = {"name": fresh("listed")}
    made = account.request("POST", f"/accounts/{account.account_id}/projects/add", sent, expect=201).json()
    project = ConvertProject(account, made["id"])
    linked = {
        kind.path: sorted(kind.add(project)["id"] for _ in range(2)) for kind in (GOALS, AUDIENCES, LOCATIONS, TAGS)
    }
    one = add(project, name="Bravo", key="k-3", goals=linked["goals"], tags=linked["tags"][:1])
    two = add(
        project, "deploy", name="alpha", key="k-1", description="needle %_", status="active",
        audiences=linked["audiences"], locations=linked["locations"][:1],
    )  # fmt: skip
    three = add(
        project, "a/a", name="Charlie", key="k-2", goals=linked["goals"][1:], locations=linked["locations"],
        status="active",
    )  # fmt: skip
    project.update(KIND, three["id"], {"status": "paused"})
    HYPOTHESES.add(project, experiences=[one["id"], three["id"]])
    return project, [one, two, three], linked


def test_filters(listed: tuple[ConvertProject, list[Body], dict[str, list[int]]]) -> None:
    project, experiences, linked = listed
    (hypothesis,) = ids(project.items("hypotheses"))
    filters: list[tuple[Body, list[int]]] = [
        ({}, [0, 1, 2]),
        ({"status": ["draft", "paused"]}, [0, 2]),
        ({"status": ["completed"]}, []),
        ({"type": ["a/b", "deploy"]}, [0, 1]),
        ({"tags": linked["tags"]}, [0]),
        ({"tags": linked["tags"][1:]}, []),
        ({"audiences": linked["audiences"][:1]}, [1]),
        ({"goals": linked["goals"][:1]}, [0]),
        ({"goals": linked["goals"][1:]}, [0, 2]),
        ({"locations": linked["locations"][:1]}, [1, 2]),
        ({"locations": linked["locations"][1:]}, [2]),
        ({"hypotheses": [hypothesis]}, [0, 2]),
        ({"hypotheses": [NO_SUCH_ID]}, []),
        ({"features": [NO_SUCH_ID]}, []),
        ({"environments": ["production"]}, [0, 1, 2]),
        ({"environments": ["nowhere"]}, []),
        ({"search": "ALPHA"}, [1]),
        ({"search": "needle %_"}, [1]),
        ({"search": "%"}, [1]),
        ({"only": [experiences[0]["id"], NO_SUCH_ID]}, [0]),
        ({"except": [experiences[0]["id"]]}, [1, 2]),
        ({"status": ["paused", "draft"], "goals": linked["goals"], "type": ["a/a"]}, [2]),
        ({"status": None, "type": None, "tags": None, "goals": None, "search": None, "goal_id": None}, [0, 1, 2]),
        ({"goal_id": linked["goals"][0]}, [0, 1, 2]),
    ]
    for sent, expected in filters:
        found = project.page(KIND, sort_direction="asc", **sent)
        assert ids(found["data"]) == [experiences[index]["id"] for index in expected], sent
        assert found["extra"]["pagination"]["items_count"] == len(expected)
        assert project.page(KIND, onlyCount=True, **sent)["extra"]["pagination"]["items_count"] == len(expected)
    for name in ("status", "type", "tags", "goals", "environments", "sort_by", "search"):
        assert_refused(project.post(KIND, body={name: [{}]}), 422, name)


def test_sorts(listed: tuple[ConvertProject, list[Body], dict[str, list[int]]]) -> None:
    project, experiences, _ = listed
    sorts: dict[str, tuple[list[int], list[int]]] = {
        "id": ([0, 1, 2], [2, 1, 0]),
        "name": ([1, 0, 2], [2, 0, 1]),
        "key": ([1, 2, 0], [0, 2, 1]),
        "primary_goal": ([0, 2, 1], [2, 0, 1]),
        "end_time": ([2, 0, 1], [2, 1, 0]),
        # Nothing is known of these so far.
        "conversions": ([0, 1, 2], [2, 1, 0]),
        "improvement": ([0, 1, 2], [2, 1, 0]),
        "environment": ([0, 1, 2], [2, 1, 0]),
    }
    for name, (ascending, descending) in sorts.items():
        for direction, expected in (("asc", ascending), ("desc", descending)):
            found = ids(project.items(KIND, sort_by=name, sort_direction=direction))
            assert found == [experiences[index]["id"] for index in expected], (name, direction)
    for direction in ("asc", "desc"):
        found = project.items(KIND, sort_by="start_time", sort_direction=direction)
        assert found[2]["id"] == experiences[0]["id"], "what has not started comes last"
        statuses = [one["status"] for one in project.items(KIND, sort_by="status", sort_direction=direction)]
        assert sorted(statuses) == (statuses if direction == "asc" else statuses[::-1])
    assert ids(project.items(KIND)) == [one["id"] for one in experiences[::-1]]


def test_account_wide_list(account: ConvertClient, web: ConvertProject, fullstack: ConvertProject) -> None:
    path, name = f"/accounts/{account.account_id}/experiences", fresh("everywhere")
    active = add(web, "a/a", name=f"{name} b", status="active")["id"]
    completed = add(fullstack, "a/b_fullstack", name=f"{name} a", status="active")["id"]
    fullstack.update(KIND, completed, {"status": "completed"})
    add(web, name=f"{name} draft")
    web.update(KIND, add(web, name=f"{name} paused", status="active")["id"], {"status": "paused"})

    def found(**sent: Any) -> list[int]:
        return ids(account.request("POST", path, {"search": name, **sent}, expect=200).json()["data"])

    assert found() == [completed, active] and found(sort_direction="asc") == [active, completed]
    assert found(sort_by="name", sort_direction="asc") == [completed, active]
    assert found(sort_by="project_id", sort_direction="asc") == [active, completed]
    assert found(projects=[web.id]) == [active] and found(type=["a/b_fullstack"]) == [completed]
    assert found(results_per_page=1, page=2) == [active]
    counted = account.request("POST", path, {"search": name, "onlyCount": True}, expect=200).json()
    assert counted["extra"]["pagination"]["items_count"] == 2
    sent = {"search": name, "include": INCLUDED, "expand": EXPANDED}
    shown = account.request("POST", path, sent, expect=200).json()["data"]
    assert shown == [whole(fullstack, completed), whole(web, active)]
    assert_refused(account.request("POST", path, {"type": ["a/c"]}), 422, "type")
    assert_refused(account.request("POST", f"/accounts/{NO_SUCH_ID}/experiences", {}), 404)


# ---- copies


def portable(experience: Body) -> Body:
    """An experience without what is a copy's own."""
    times = ("start_time", "end_time", "min_running_timestamp")
    own = ("id", "key", "name", "status", "concurrency_key", "alerts", "screenshots_info", *times)
    shown = {name: value for name, value in experience.items() if name not in own}
    for one in (*shown["variations"], *(change for one in shown["variations"] for change in one["changes"])):
        for name in ("id", "key", "concurrency_key"):
            one.pop(name, None)
    return shown


@pytest.mark.parametrize("type", TYPES)
def test_clones(home: ConvertProject, type: str) -> None:
    goals = {} if type == "deploy" else {"goals": [GOALS.add(home)["id"], GOALS.add(home)["id"]]}
    made = add(home, type, description="Why", settings={"min_running_time": 3}, tags=[TAGS.add(home)["id"]], **goals)
    if type == "mvt":
        add_section(home, made["id"], "a", code("2"))
    else:
        last = whole(home, made["id"])["variations"][-1]
        sent = {"changes": [change(home, ACCEPTED[type][0], type)], "description": "What"}
        assert put_variation(home, made["id"], last["id"], sent).ok
    home.update(KIND, made["id"], {"status": "active"})
    original = whole(home, made["id"])
    copy = home.clone(KIND, made["id"])
    assert copy["name"] == f"Copy of {made['name']}" and copy["status"] == "draft" and not copy["start_time"]
    assert copy["key"] != original["key"]
    shown = whole(home, copy["id"])
    assert not set(ids(shown["variations"])) & set(ids(original["variations"]))
    assert portable(shown) == portable(original)
    named = home.post(KIND, made["id"], "clone", body={"name": "Mine"}, expect=201).json()
    assert named["name"] == "Mine" and named["id"] not in (made["id"], copy["id"])
    # A copy that changes leaves the original alone.
    home.update(KIND, copy["id"], {"description": "Other"})
    home.delete(KIND, named["id"])
    assert home.get(KIND, made["id"])["description"] == "Why"
    assert_refused(home.post(KIND, NO_SUCH_ID, "clone"), 404)
    assert_refused(home.post(KIND, made["id"], "clone", body={"name": "x" * 101}), 422, "name")


def test_variations_become_experiences(web: ConvertProject) -> None:
    goal = GOALS.add(web)["id"]
    made = whole(
        web, add(web, goals=[goal], variations=[variation("A"), variation("Winner", code("1"), code("2"))])["id"]
    )
    winner = made["variations"][1]["id"]
    deployed = whole(web, try_convert(web, made["id"], winner, {"experience_type": "deploy"}).json()["id"])
    assert (deployed["type"], deployed["status"], deployed["goals"]) == ("deploy", "draft", [])
    (only,) = deployed["variations"]
    assert [one["data"]["js"] for one in only["changes"]] == ["1", "2"] and only["traffic_distribution"] == 100
    assert only["id"] != winner and "Winner" in deployed["name"]
    tested = whole(web, try_convert(web, made["id"], winner, {"experience_type": "a/b"}).json()["id"])
    assert tested["type"] == "a/b" and ids(tested["goals"]) == [goal] and tested["primary_goal"] == goal
    assert [one["is_baseline"] for one in tested["variations"]] == [True, False]
    assert [len(one["changes"]) for one in tested["variations"]] == [0, 2]
    assert whole(web, made["id"]) == made
    for wrong in ({"experience_type": "mvt"}, {"experience_type": None}, {}):
        assert_refused(try_convert(web, made["id"], winner, wrong), 422, "experience_type")
    assert_refused(try_convert(web, made["id"], NO_SUCH_ID, {"experience_type": "deploy"}), 404)


def test_combinations_become_experiences(web: ConvertProject) -> None:
    id = add(web, "mvt")["id"]
    for letter in ("a", "b"):
        add_section(web, id, letter, code(letter))
    best = whole(web, id)["variations"][3]["id"]
    deployed = whole(web, try_convert(web, id, best, {"experience_type": "deploy"}).json()["id"])
    assert [one["data"]["js"] for one in deployed["variations"][0]["changes"]] == ["a", "b"]


@pytest.mark.parametrize("type", ["split_url", "multipage", *FULLSTACK_TYPES])
def test_variations_that_cannot_become_experiences(home: ConvertProject, type: str) -> None:
    made = add(home, type)
    count = home.page(KIND)["extra"]["pagination"]["items_count"]
    for wanted in ("a/b", "deploy"):
        refused = try_convert(home, made["id"], made["variations"][-1]["id"], {"experience_type": wanted})
        assert_refused(refused, 409)
    assert home.page(KIND)["extra"]["pagination"]["items_count"] == count


# ---- many at once


def test_bulk(web: ConvertProject) -> None:
    drafts = [add(web)["id"] for _ in range(3)]
    done = web.bulk(KIND, "update", [*drafts, NO_SUCH_ID, drafts[0]], status="active")
    assert ids(done["errors"]) == [NO_SUCH_ID]
    assert {one["status"] for one in web.items(KIND, only=drafts)} == {"active"}
    assert ids(web.bulk(KIND, "delete", [drafts[0], NO_SUCH_ID])["errors"]) == [NO_SUCH_ID]
    assert_refused(web.try_get(KIND, drafts[0]), 404)
    assert sorted(ids(web.items(KIND, only=drafts))) == drafts[1:]
    for wrong, field in (({"id": []}, "id"), ({"id": list(range(1, 102))}, "id"), ({}, "id")):
        assert_refused(web.post(KIND, "bulk-delete", body=wrong), 422, field)
        assert_refused(web.post(KIND, "bulk-update", body={**wrong, "status": "active"}), 422, field)
    web.delete(KIND, drafts[1])
    assert_refused(web.delete(KIND, drafts[1], expect=None), 404)


# ---- report tokens


def test_report_tokens(web: ConvertProject) -> None:
    id = add(web)["id"]
    before = int(time.time())
    first = web.post(KIND, id, "report_token", expect=200).json()
    assert first["id"] == id and first["token"]
    assert before + 24 * 3_600 <= first["expiration"] <= time.time() + 24 * 3_600
    assert web.post(KIND, id, "report_token", body={"token_expiration": 5}, expect=200).json() == first, "it is valid"
    for hours in (1, 48):
        before = int(time.time())
        sent = {"token_action": "regenerate", "token_expiration": hours}
        fresh_one = web.post(KIND, id, "report_token", body=sent, expect=200).json()
        assert fresh_one["token"] != first["token"]
        assert before + hours * 3_600 <= fresh_one["expiration"] <= time.time() + hours * 3_600
    assert web.post(KIND, id, "report_token", body={}, expect=200).json() == fresh_one
    assert "token" not in web.post(KIND, id, "report_token", body={"token_action": "delete"}, expect=200).json()
    last = web.post(KIND, id, "report_token", expect=200).json()
    assert last["token"] not in (first["token"], fresh_one["token"])
    other = web.post(KIND, add(web)["id"], "report_token", expect=200).json()
    assert other["token"] != last["token"]
    for name, values in {"token_expiration": [0, 49, -1, 1.5, "1"], "token_action": ["get", "renew", 1]}.items():
        for value in values:
            assert_refused(web.post(KIND, id, "report_token", body={name: value}), 422, name)
    assert web.post(KIND, id, "report_token", expect=200).json() == last
    assert_refused(web.post(KIND, NO_SUCH_ID, "report_token"), 404)


# ---- live data and history


def test_live_data_of_a_quiet_experience(web: ConvertProject) -> None:
    id = add(web, status="active")["id"]
    sent = {
        "event_types": ["view_experience", "conversion", "transaction"],
        "goals": [1],
        "segments": {"devices": ["desktop"], "countries": ["PT"], "custom_segments": [1], "sources": None},
        "expand": ["project", "experiences", "experiences.variation", "conversion.goals", "custom_segments"],
    }
    for filters in (None, {}, sent):
        assert web.post(KIND, id, "livedata", body=filters, expect=200).json() == {"data": []}
    for wrong, field in (({"event_types": ["click"]}, "event_types"), ({"goals": list(range(21))}, "goals")):
        assert_refused(web.post(KIND, id, "livedata", body=wrong), 422, field)
    assert_refused(web.post(KIND, NO_SUCH_ID, "livedata"), 404)


def test_history_of_an_experience(web: ConvertProject) -> None:
    made = whole(web, add(web, variations=[variation("A"), variation("B", code("1")), variation("C")])["id"])
    id, (first, second, third) = made["id"], made["variations"]
    (one,) = second["changes"]

    def history(**sent: Any) -> list[Body]:
        entries: list[Body] = web.post(KIND, id, "change-history", body=sent, expect=200).json()["data"]
        return entries

    add(web)
    created = {(entry["object"], entry["object_id"]) for entry in history()}
    variations = {("variation", str(variation_id)) for variation_id in ids(made["variations"])}
    assert created == {("experience", str(id)), ("change", str(one["id"])), *variations}
    parts = history(objects=["variation", "change"])
    assert len(parts) == 4 and {entry["parent_object_id"] for entry in parts} == {str(id)}
    assert {entry["event"] for entry in parts} == {"create"}
    web.client.request("PUT", web.path(KIND, id, "changes", one["id"]), code("2"), expect=200)
    changed = history(changes=[one["id"]])[0]
    assert changed["event"] == "update" and changed["object"] == "change"
    sides = [changed["changes"][side]["data"]["js"] for side in ("old", "new")]
    assert sides == ["1", "2"]
    assert put_variation(web, id, second["id"], {"name": "B changed"}).ok
    renamed = history(variations=[second["id"]])[0]
    assert renamed["changes"] == {"old": {"name": "B"}, "new": {"name": "B changed"}}
    assert delete_variation(web, id, third["id"]).ok
    gone = history(objects=["variation"], variations=[third["id"]])
    assert [entry["event"] for entry in gone] == ["delete", "create"] and gone[0]["changes"]["old"]["name"] == "C"
    assert history(objects=["report"]) == [] and history(methods=["app"]) == []
    everything = history(sort_direction="asc")
    assert history() == everything[::-1]
    assert history(results_per_page=2, page=2) == everything[::-1][2:4]
    author = everything[0]["user"]
    assert history(author_id=author) == everything[::-1] and history(author_id="nobody") == []
    page = web.post(KIND, id, "change-history", body={"onlyCount": True}, expect=200).json()
    assert page["extra"]["pagination"]["items_count"] == len(everything)
    assert history(expand=["project"])[0]["project"]["id"] == web.id
    assert first["id"] in [int(entry["object_id"]) for entry in history(objects=["variation"])]
    for wrong in ("objects", "methods", "sort_by", "variations"):
        assert_refused(web.post(KIND, id, "change-history", body={wrong: ["goal"]}), 422, wrong)
    assert_refused(web.post(KIND, NO_SUCH_ID, "change-history"), 404)


def test_what_is_refused_leaves_no_history(web: ConvertProject) -> None:
    made = add(web, variations=[variation("A"), variation("B", code("1"))])

    def count() -> int:
        answer: Body = web.post(KIND, made["id"], "change-history", body={"onlyCount": True}, expect=200).json()
        items: int = answer["extra"]["pagination"]["items_count"]
        return items

    before = count()
    first, second = ids(made["variations"])
    sent = {
        "name": "changed", "goals": [GOALS.add(web)["id"]],
        "variations": [{"id": first, "name": "X"}, {"id": second, "changes": [code("2")], "traffic_distribution": 101}],
    }  # fmt: skip
    refuse_update(web, made["id"], sent, "traffic_distribution")
    sent["variations"][1]["traffic_distribution"] = 60
    refuse_update(web, made["id"], {**sent, "environment": "nowhere"}, "environment")
    assert count() == before
    web.update(KIND, made["id"], {})
    assert count() == before, "nothing sent, nothing noted"


def test_experiences_stay_in_their_project(web: ConvertProject, fullstack: ConvertProject) -> None:
    id = add(web)["id"]
    assert_refused(fullstack.try_get(KIND, id), 404)
    assert_refused(fullstack.post(KIND, id, "update", body={"name": "x"}), 404)
    assert_refused(fullstack.post(KIND, id, "clone"), 404)
    assert_refused(fullstack.post(KIND, id, "report_token"), 404)
    assert_refused(fullstack.delete(KIND, id, expect=None), 404)
    goal = GOALS.add(fullstack)["id"]
    refuse_update(web, id, {"goals": [goal]}, "goals")


# ---- what is asked for in a body


def get_with_body(project: ConvertProject, *steps: Any, body: Any, query: Body | None = None) -> requests.Response:
    return project.client.request("GET", project.path(*steps), body, query=query)


@pytest.mark.parametrize("bearer", [False, True], ids=["signed", "secret"])
def test_lists_in_the_body_of_a_get(web: ConvertProject, bearer: bool) -> None:
    """Clients that send `include` and `expand` where other requests have them get what the query would give them."""
    made = add(web, goals=[GOALS.add(web)["id"]])
    client = web.client
    other = ConvertProject(
        ConvertClient(client.base_url, client.account_id, client.application_id, client.secret, bearer), web.id
    )
    lists = {"include": ["goals", "variations"], "expand": ["goals", "variations"]}
    wanted = other.get(KIND, made["id"], **{f"{name}[]": values for name, values in lists.items()})
    assert wanted["goals"][0]["name"] and wanted["variations"][0]["name"]
    for name in (made["id"], made["key"]):
        response = get_with_body(other, KIND, name, body=lists)
        assert response.status_code == 200 and response.json() == wanted, response.text
    # Some in the query, some in the body.
    query = {"include[]": lists["include"]}
    response = get_with_body(other, KIND, made["id"], body={"expand": lists["expand"]}, query=query)
    assert response.json() == wanted
    goal = get_with_body(other, "goals", made["goals"][0], body={"include": ["stats"]}).json()
    assert goal["stats"]["times_used"] == 1
    plain = other.get(KIND, made["id"])
    for body in ({}, {"include": []}, {"include": None, "more": 1}, [], b"  "):
        assert get_with_body(other, KIND, made["id"], body=body).json() == plain
    assert_refused(get_with_body(other, KIND, made["id"], body={"include": "goals"}), 422, "include")
    assert_refused(get_with_body(other, KIND, made["id"], body={"expand": ["moon"]}), 422, "expand")
    assert_refused(get_with_body(other, KIND, made["id"], body=b'{"include": ["goals"'), 400)
