"""Variations of experiences: their shares, changes and keys; goals, and what is kept while an experience runs."""

from typing import Any

import pytest

from support.convert import Body, ConvertProject, assert_refused
from support.convert_kinds import AUDIENCES, FEATURES, GOALS, LOCATIONS, Kind, fresh
from support.experiences import (
    CHANGES,
    KIND,
    NO_SUCH_ID,
    add,
    body,
    code,
    delete_variation,
    ids,
    put_variation,
    refuse_add,
    refuse_update,
    shares,
    variation,
    whole,
)

# ---- variations


def test_traffic_is_shared(web: ConvertProject) -> None:
    three = [variation("A"), variation("B"), variation("C")]
    equal = whole(web, add(web, variations=three)["id"])
    assert shares(equal) == [33.3334, 33.3333, 33.3333]
    given = [{**one, "traffic_distribution": share} for one, share in zip(three, (50, 12.5, 0.0001), strict=True)]
    made = whole(web, add(web, variations=given)["id"])
    assert shares(made) == [50, 12.5, 0.0001], "what is all given stays, be it less than everything"
    partly = whole(web, add(web, variations=[given[0], *three[1:]])["id"])
    assert shares(partly) == [33.3334, 33.3333, 33.3333]
    first, second, third = ids(made["variations"])
    web.update(KIND, made["id"], {"variations": [{"id": first}, {"id": second}, {"id": third}, variation("D")]})
    assert shares(whole(web, made["id"])) == [25, 25, 25, 25]
    assert put_variation(web, made["id"], first, {"traffic_distribution": 10}).ok
    assert shares(whole(web, made["id"])) == [10, 25, 25, 25]


@pytest.mark.parametrize("given", [(60, 40.0001), (100, 100), (100.0001, 0), (-1, 50), (0.00001, 1), ("50", 50)])
def test_traffic_that_is_none(web: ConvertProject, given: tuple[Any, Any]) -> None:
    sent = [variation(f"V{share}", traffic_distribution=share) for share in given]
    refuse_add(web, body(variations=sent), "traffic_distribution")
    made = add(web)
    old = [{"id": id, "traffic_distribution": share} for id, share in zip(ids(made["variations"]), given, strict=True)]
    refuse_update(web, made["id"], {"variations": old}, "traffic_distribution")


@pytest.mark.parametrize("given", [100.0001, -0.0001, 0.00001, "5", None])
def test_traffic_of_experiences(web: ConvertProject, given: Any) -> None:
    refuse_add(web, body(traffic_distribution=given), "traffic_distribution")
    made = add(web, traffic_distribution=12.5)
    assert made["traffic_distribution"] == 12.5
    refuse_update(web, made["id"], {"traffic_distribution": given}, "traffic_distribution")


def test_one_is_the_baseline(web: ConvertProject) -> None:
    two = [variation("A", is_baseline=True), variation("B"), variation("C", is_baseline=True)]
    refuse_add(web, body(variations=two), "variations[2].is_baseline")
    made = add(web, variations=[variation("A"), variation("B", is_baseline=True)])
    first, second = ids(made["variations"])
    assert [one["is_baseline"] for one in whole(web, made["id"])["variations"]] == [False, True]
    refuse_update(web, made["id"], {"variations": [{"id": first, "is_baseline": True}, {"id": second}]}, "is_baseline")
    assert put_variation(web, made["id"], first, {"is_baseline": True}).json()["is_baseline"]
    assert [one["is_baseline"] for one in whole(web, made["id"])["variations"]] == [True, False]
    none = add(web, variations=[variation("A"), variation("B")])
    assert [one["is_baseline"] for one in whole(web, none["id"])["variations"]] == [True, False]


def test_deploys_have_one_variation_and_no_goals(web: ConvertProject) -> None:
    goal = GOALS.add(web)["id"]
    for sent in ([], [variation("A"), variation("B")]):
        refuse_add(web, body("deploy", variations=sent), "variations")
    refuse_add(web, body("deploy", goals=[goal]), "goals")
    refuse_add(web, body("deploy", primary_goal=goal), "goal")
    made = add(web, "deploy", variations=[variation("Only", code("x"))])
    assert whole(web, made["id"])["goals"] == []
    refuse_update(web, made["id"], {"goals": [goal]}, "goals")
    refuse_update(web, made["id"], {"variations": [{"id": made["variations"][0]["id"]}, variation("B")]}, "variations")


def test_variations_are_a_final_list(web: ConvertProject) -> None:
    listed = [variation("A"), variation("B", code("1"), code("2")), variation("C")]
    made = whole(web, add(web, variations=listed)["id"])
    first, second, third = made["variations"]
    kept = second["changes"][1]["id"]
    sent = [
        {"id": third["id"], "name": "C changed"},
        {"id": first["id"]},
        variation("D", code("3"), key=fresh("key-d").replace(" ", "-")),
        {"id": second["id"], "changes": [code("new"), {"id": kept}]},
    ]
    web.update(KIND, made["id"], {"variations": sent})
    after = whole(web, made["id"])["variations"]
    assert [one["name"] for one in after] == ["C changed", "A", "D", "B"] and after[2]["key"] == sent[2]["key"]
    assert [one["data"]["js"] for one in after[3]["changes"]] == ["new", "2"] and after[3]["changes"][1]["id"] == kept
    gone = web.client.request("GET", web.path(KIND, made["id"], "changes", second["changes"][0]["id"]))
    assert_refused(gone, 404)
    assert [one["is_baseline"] for one in after] == [False, True, False, False], "the baseline is not the first one"
    web.update(KIND, made["id"], {"variations": [{"id": first["id"]}, sent[3]]})
    assert ids(whole(web, made["id"])["variations"]) == [first["id"], second["id"]]
    refuse_update(web, made["id"], {"variations": [{"id": first["id"]}, {"id": third["id"]}]}, "variations[1].id")
    foreign = add(web)["variations"][0]["id"]
    refuse_update(web, made["id"], {"variations": [{"id": foreign}]}, "variations[0].id")
    refuse_update(web, made["id"], {"variations": [variation(" ")]}, "variations[0].name")
    refuse_update(web, made["id"], {"variations": [{"changes": []}]}, "variations[0]")


def test_one_variation_is_changed(web: ConvertProject) -> None:
    made = add(web, variations=[variation("A"), variation("B", code("1"))])
    _, second = ids(made["variations"])
    changed = put_variation(web, made["id"], second, {"name": "B 🎉", "description": "Why", "status": "stopped"}).json()
    assert (changed["name"], changed["description"], changed["status"]) == ("B 🎉", "Why", "stopped")
    assert whole(web, made["id"])["variations"][1] == changed and len(changed["changes"]) == 1
    for wrong, field in (({"name": ""}, "name"), ({"status": "paused"}, "status"), ({"name": "x" * 201}, "name")):
        assert_refused(put_variation(web, made["id"], second, wrong), 422, field)
    assert put_variation(web, made["id"], second, {"changes": []}).json()["changes"] == []
    assert_refused(put_variation(web, made["id"], NO_SUCH_ID, {"name": "x"}), 404)
    assert_refused(put_variation(web, add(web)["id"], second, {"name": "x"}), 404)


def test_errors_name_fields_as_they_were_sent(web: ConvertProject) -> None:
    made = add(web)
    second = made["variations"][1]["id"]
    wrong: list[tuple[Body, str]] = [
        ({"name": " "}, "name"),
        ({"changes": [{"id": NO_SUCH_ID}]}, "changes[0].id"),
        ({"changes": [{"type": "defaultRedirect", "data": CHANGES["defaultRedirect"]}]}, "changes[0].type"),
    ]
    for sent, field in wrong:
        refused = assert_refused(put_variation(web, made["id"], second, sent), 422)
        assert refused["fields"] == [field]


def test_variations_are_deleted_before_the_start(web: ConvertProject) -> None:
    made = add(web, variations=[variation("A"), variation("B"), variation("C")])
    first, second, third = ids(made["variations"])
    assert delete_variation(web, made["id"], second).ok
    after = whole(web, made["id"])
    assert ids(after["variations"]) == [first, third] and shares(after) == [50, 50]
    assert_refused(delete_variation(web, made["id"], second), 404)
    assert_refused(delete_variation(web, made["id"], first), 409)
    for status in ("active", "paused"):
        web.update(KIND, made["id"], {"status": status})
        assert_refused(delete_variation(web, made["id"], third), 409)
        refuse_update(web, made["id"], {"variations": [{"id": first}]}, "variations")
        refuse_update(web, made["id"], {"variations": [{"id": first}, {"id": third}, variation("D")]}, "variations")


def test_changes_are_changed_one_by_one(web: ConvertProject) -> None:
    made = whole(web, add(web, variations=[variation("A"), variation("B", code("1"))])["id"])
    (one,) = made["variations"][1]["changes"]
    path = web.path(KIND, made["id"], "changes", one["id"])
    changed = web.client.request("PUT", path, code("2"), expect=200).json()
    assert changed["id"] == one["id"] and changed["data"]["js"] == "2"
    assert changed["concurrency_key"] != one["concurrency_key"]
    assert whole(web, made["id"])["variations"][1]["changes"] == [changed]
    other = {"type": "defaultCode", "data": CHANGES["defaultCode"]}
    assert_refused(web.client.request("PUT", path, other), 422, "type")
    assert_refused(web.client.request("PUT", path, {"type": "customCode", "data": {"js": "x"}}), 422)
    for id, missing in ((made["id"], NO_SUCH_ID), (add(web)["id"], one["id"]), (NO_SUCH_ID, one["id"])):
        elsewhere = web.path(KIND, id, "changes", missing)
        assert_refused(web.client.request("GET", elsewhere), 404)
        assert_refused(web.client.request("PUT", elsewhere, code("3")), 404)
    assert whole(web, made["id"])["variations"][1]["changes"] == [changed]


def test_concurrency_keys(web: ConvertProject) -> None:
    made = whole(web, add(web, variations=[variation("A"), variation("B", code("1"))])["id"])
    second = made["variations"][1]
    seen = second["concurrency_key"]
    assert put_variation(web, made["id"], second["id"], {"name": "mine", "concurrency_key": seen}).ok
    assert_refused(put_variation(web, made["id"], second["id"], {"name": "late", "concurrency_key": seen}), 409)
    assert put_variation(web, made["id"], second["id"], {"name": "unguarded", "concurrency_key": None}).ok
    late = {"variations": [{"id": made["variations"][0]["id"]}, {**second, "changes": [], "concurrency_key": seen}]}
    assert_refused(web.post(KIND, made["id"], "update", body=late), 409)
    (one,) = second["changes"]
    path = web.path(KIND, made["id"], "changes", one["id"])
    guarded = {"id": one["id"], **code("2"), "concurrency_key": one["concurrency_key"]}
    assert put_variation(web, made["id"], second["id"], {"changes": [guarded]}).ok
    late_change = {"changes": [{**guarded, "data": code("3")["data"]}]}
    assert_refused(put_variation(web, made["id"], second["id"], late_change), 409)
    assert web.client.request("GET", path, expect=200).json()["data"]["js"] == "2"
    shown = whole(web, made["id"])["variations"][1]
    assert shown["name"] == "unguarded" and ids(shown["changes"]) == [one["id"]]


def test_a_late_change_of_one_change(web: ConvertProject) -> None:
    made = whole(web, add(web, variations=[variation("A"), variation("B", code("1"))])["id"])
    (one,) = made["variations"][1]["changes"]
    path = web.path(KIND, made["id"], "changes", one["id"])
    web.client.request("PUT", path, {**code("2"), "concurrency_key": one["concurrency_key"]}, expect=200)
    assert_refused(web.client.request("PUT", path, {**code("3"), "concurrency_key": one["concurrency_key"]}), 409)
    assert web.client.request("GET", path, expect=200).json()["data"]["js"] == "2"


# ---- keys


def test_keys(web: ConvertProject) -> None:
    name = fresh("Keys of Experiences!")
    first, second = add(web, name=name), add(web, name=fresh("other"), key=fresh("given").replace(" ", "-"))
    assert first["key"] == name.lower().replace("!", "").replace(" ", "-")
    assert whole(web, first["key"]) == whole(web, first["id"])
    assert_refused(web.post(KIND, "add", body=body(key=first["key"])), 409)
    assert_refused(web.post(KIND, second["id"], "update", body={"key": first["key"]}), 409)
    assert_refused(web.post(KIND, "add", body=body(key="x" * 33)), 422, "key")
    assert_refused(web.try_get(KIND, "no-such-key"), 404)
    renamed = web.update(KIND, first["id"], {"key": fresh("renamed").replace(" ", "-"), "name": fresh("renamed")})
    assert web.get(KIND, renamed["key"])["id"] == first["id"]
    assert_refused(web.try_get(KIND, first["key"]), 404)


def test_keys_of_variations(web: ConvertProject) -> None:
    """Unique in the project, whichever experience they belong to."""
    key = fresh("variation-key").replace(" ", "-")
    first = add(web, variations=[variation("A", key=key), variation("B")])
    second = whole(web, add(web)["id"])
    assert_refused(web.post(KIND, "add", body=body(variations=[variation("C", key=key)])), 409)
    assert_refused(put_variation(web, second["id"], second["variations"][0]["id"], {"key": key}), 409)
    keys = [one["key"] for one in [*whole(web, first["id"])["variations"], *second["variations"]]]
    assert len(set(keys)) == 4


# ---- goals


def test_the_primary_goal_is_one_of_the_goals(web: ConvertProject) -> None:
    goals = [GOALS.add(web)["id"] for _ in range(3)]
    made = add(web, goals=goals[:2])
    assert whole(web, made["id"])["primary_goal"] == goals[0] and made["goals"] == goals[:2]
    assert web.update(KIND, made["id"], {"primary_goal": goals[1]})["primary_goal"] == goals[1]
    joined = web.update(KIND, made["id"], {"primary_goal": goals[2]})
    assert joined["goals"] == goals and joined["primary_goal"] == goals[2]
    refuse_update(web, made["id"], {"goals": goals[:2]}, "goals")
    refuse_update(web, made["id"], {"goals": []}, "goals")
    refuse_update(web, made["id"], {"goals": goals[:2], "primary_goal": goals[2]}, "primary_goal")
    fewer = web.update(KIND, made["id"], {"goals": goals[:2], "primary_goal": goals[0]})
    assert fewer["goals"] == goals[:2] and fewer["primary_goal"] == goals[0]
    for wrong, field in (({"goals": [goals[0], NO_SUCH_ID]}, "goals"), ({"primary_goal": NO_SUCH_ID}, "primary_goal")):
        refuse_update(web, made["id"], wrong, field)
        refuse_add(web, body(**wrong), field)


def test_goals_of_running_experiences_stay(web: ConvertProject) -> None:
    first, second = GOALS.add(web)["id"], GOALS.add(web)["id"]
    id = add(web, status="active", goals=[first, second])["id"]
    for goal in (first, second):
        assert_refused(web.delete("goals", goal, expect=None), 409)
    assert sorted(error["id"] for error in web.bulk("goals", "delete", [first, second])["errors"]) == [first, second]
    web.update(KIND, id, {"status": "paused"})
    # What it is judged by stays for good.
    assert_refused(web.delete("goals", first, expect=None), 409)
    web.delete("goals", second)
    after = whole(web, id)
    assert ids(after["goals"]) == [first] and after["primary_goal"] == first


def test_a_draft_goes_on_with_the_next_goal(web: ConvertProject) -> None:
    first, second = GOALS.add(web)["id"], GOALS.add(web)["id"]
    id = add(web, goals=[first, second])["id"]
    web.delete("goals", first)
    after = whole(web, id)
    assert ids(after["goals"]) == [second] and after["primary_goal"] == second
    entry = web.post(KIND, id, "change-history", body={}, expect=200).json()["data"][0]
    assert entry["changes"] == {"old": {"primary_goal": first}, "new": {"primary_goal": second}}


def test_features_that_variations_set_stay(fullstack: ConvertProject) -> None:
    feature = FEATURES.add(fullstack)["id"]
    change = {"type": "fullStackFeature", "data": {"feature_id": feature, "variables_data": {}}}
    variations = [{"name": "Original"}, {"name": "With", "changes": [change]}]
    id = add(fullstack, "a/b_fullstack", variations=variations)["id"]
    assert_refused(fullstack.delete("features", feature, expect=None), 409)
    fullstack.delete(KIND, id)
    fullstack.delete("features", feature)


def test_experiences_of_other_projects_are_not_cloned(web: ConvertProject) -> None:
    made = web.client.request("POST", f"/accounts/{web.client.account_id}/projects/add", {"name": "apart"}, expect=201)
    apart = ConvertProject(web.client, made.json()["id"])
    id = add(web)["id"]
    assert_refused(apart.post(KIND, id, "clone"), 404)
    assert_refused(apart.post(KIND, id, "trigger-screenshots", body={}), 404)


def test_the_last_goal_may_go(web: ConvertProject) -> None:
    goal = GOALS.add(web)["id"]
    id = add(web, goals=[goal])["id"]
    web.delete("goals", goal)
    shown = whole(web, id)
    assert shown["goals"] == [] and "primary_goal" not in shown
    other = GOALS.add(web)["id"]
    assert web.update(KIND, id, {"goals": [other]})["primary_goal"] == other


@pytest.mark.parametrize("kind", [AUDIENCES, LOCATIONS], ids=str)
def test_targets_of_running_experiences_stay(web: ConvertProject, kind: Kind) -> None:
    target = kind.add(web)["id"]
    id = add(web, **{kind.path: [target]}, status="active")["id"]
    assert_refused(web.delete(kind.path, target, expect=None), 409)
    web.update(KIND, id, {kind.path: []})
    web.delete(kind.path, target)


@pytest.mark.parametrize("kind", [AUDIENCES, LOCATIONS], ids=str)
def test_archived_targets_are_not_for_new_experiences(web: ConvertProject, kind: Kind) -> None:
    target = kind.add(web)["id"]
    old = add(web, **{kind.path: [target]})["id"]
    web.update(kind.path, target, {"status": "archived"})
    refuse_add(web, body(**{kind.path: [target]}), kind.path)
    assert web.update(KIND, old, {kind.path: [target], "description": "as before"})[kind.path] == [target]


@pytest.mark.parametrize("field", ["audiences", "locations", "tags", "goals"])
def test_what_is_named_is_there(web: ConvertProject, field: str) -> None:
    refuse_add(web, body(**{field: [NO_SUCH_ID]}), field)
    refuse_update(web, add(web)["id"], {field: [NO_SUCH_ID]}, field)
