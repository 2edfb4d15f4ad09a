"""Experiences of all types: their variations, changes, goals and pages, and what can be made of them."""

import time
from typing import Any

import pytest
import requests

from support.convert import Body, ConvertClient, ConvertProject, assert_refused, convert_project
from support.convert_kinds import AUDIENCES, FEATURES, GOALS, HYPOTHESES, LOCATIONS, TAGS, Kind, fresh
from support.server import Sextant

KIND = "experiences"
NO_SUCH_ID = 987_654_321
URL = "https://www.example.com/"

WEB_TYPES = ["a/b", "a/a", "mvt", "split_url", "multipage", "deploy"]
FULLSTACK_TYPES = ["a/b_fullstack", "feature_rollout"]
TYPES = WEB_TYPES + FULLSTACK_TYPES
WITHOUT_BASELINE = ["deploy", "feature_rollout"]

CODE = ["richStructure", "customCode", "defaultCode"]
ACCEPTED = {
    "a/b": CODE,
    "a/a": CODE,
    "mvt": CODE,
    "deploy": CODE,
    "split_url": ["defaultRedirect", "customCode", "richStructure"],
    "multipage": ["defaultCodeMultipage", "customCode", "richStructure"],
    "a/b_fullstack": ["fullStackFeature"],
    "feature_rollout": ["fullStackFeature"],
}
CHANGE_TYPES = [*CODE, "defaultRedirect", "defaultCodeMultipage", "fullStackFeature"]
CHANGES: dict[str, Body] = {
    "richStructure": {"js": "convert.$('h1').text('Héllo 🚀')", "selector": "h1"},
    "customCode": {"css": "h1 { color: red }", "js": None},
    "defaultCode": {"js": "one()", "css": None, "custom_js": "two()"},
    "defaultRedirect": {
        "case_sensitive": False, "original_pattern": "https://a.example/(.*)",
        "variation_pattern": "https://b.example/$1",
    },
    "defaultCodeMultipage": {"js": "one()", "css": None, "custom_js": None},
    "fullStackFeature": {"variables_data": {"title": "New", "limit": 3, "enabled": True, "more": '{"a": [1]}'}},
}  # fmt: skip
PAGES = [{"id": "a", "name": "Start", "url": URL}, {"id": "b2", "name": "Cart", "url": f"{URL}cart"}]
VARIABLES = [
    {"key": "title", "type": "string", "default_value": "Old"},
    {"key": "limit", "type": "integer", "default_value": 1},
    {"key": "enabled", "type": "boolean", "default_value": False},
    {"key": "more", "type": "json", "default_value": "{}"},
]

INCLUDED = [
    "alerts", "goals", "stats", "variations", "variations.changes", "min_running_timestamp", "max_running_timestamp",
    "audiences", "locations", "collaborators",
]  # fmt: skip
EXPANDED = ["project", "audiences", "goals", "locations", "variations", "variations.changes", "tags"]
WHOLE = {"include[]": INCLUDED, "expand[]": EXPANDED}


@pytest.fixture
def home(server: Sextant, type: str) -> ConvertProject:
    """The project in which experiences of the type live."""
    return convert_project(server, "fullstack" if type in FULLSTACK_TYPES else "web")


def body(type: str = "a/b", **members: Any) -> Body:
    """The smallest that may be added."""
    pages = {"multipage_pages": PAGES} if type == "multipage" else {}
    return {"name": fresh("experience"), "type": type, "status": "draft", "url": URL, **pages, **members}


def add(project: ConvertProject, type: str = "a/b", **members: Any) -> Body:
    return project.add(KIND, body(type, **members))


def whole(project: ConvertProject, id: int | str) -> Body:
    return project.get(KIND, id, **WHOLE)


def refuse_add(project: ConvertProject, sent: Body, field: str) -> None:
    """It is refused for the field, and nothing comes of it."""
    assert_refused(project.post(KIND, "add", body=sent), 422, field)
    assert project.items(KIND, search=sent["name"]) == []


def refuse_update(project: ConvertProject, id: int, sent: Body, field: str) -> None:
    before = whole(project, id)
    assert_refused(project.post(KIND, id, "update", body=sent), 422, field)
    assert whole(project, id) == before


def variation(name: str = "Other", *changes: Body, **members: Any) -> Body:
    return {"name": name, "changes": list(changes), **members}


def change(project: ConvertProject, type: str, experience_type: str = "a/b") -> Body:
    """One that is right in an experience of a type that accepts it."""
    data = {**CHANGES[type]}
    if experience_type == "multipage" or type == "defaultCodeMultipage":
        data["page_id"] = "a"
    if type == "fullStackFeature":
        features = project.items("features", search="e2e feature")
        data["feature_id"] = (features or [FEATURES.add(project, "e2e feature", variables=VARIABLES)])[0]["id"]
    return {"type": type, "data": data}


def code(text: str) -> Body:
    return {"type": "customCode", "data": {"css": None, "js": text}}


def add_section(project: ConvertProject, id: int, name: str, *changes: Body) -> None:
    """Two versions, of which the second makes the changes."""
    versions = [{"id": "1", "name": "Old"}, {"id": "2", "name": "New", "changes": list(changes)}]
    project.post(KIND, id, "sections", "add", body={"id": name, "name": name, "versions": versions}, expect=201)


def shares(experience: Body) -> list[float]:
    return [one["traffic_distribution"] for one in experience["variations"]]


def put_variation(project: ConvertProject, id: int, variation_id: int, sent: Body) -> requests.Response:
    return project.client.request("PUT", project.path(KIND, id, "variations", variation_id, "update"), sent)


def delete_variation(project: ConvertProject, id: int, variation_id: int) -> requests.Response:
    return project.client.request("DELETE", project.path(KIND, id, "variations", variation_id, "delete"))


def try_convert(project: ConvertProject, id: int, variation_id: int, sent: Body) -> requests.Response:
    return project.post(KIND, id, "variations", variation_id, "convert", body=sent)


def ids(items: list[Body]) -> list[int]:
    return [item["id"] for item in items]


# ---- types


@pytest.mark.parametrize("type", TYPES)
def test_the_smallest_of_each_type(home: ConvertProject, type: str) -> None:
    made = add(home, type)
    shown = whole(home, made["id"])
    assert (shown["type"], shown["status"], shown["version"], shown["url"]) == (type, "draft", 11, URL)
    assert shown["traffic_distribution"] == 100 and shown["project"]["id"] == home.id
    assert shown["alerts"] is not None and shown["audiences"] == shown["collaborators"] == shown["tags"] == []
    baselines = [one["is_baseline"] for one in shown["variations"]]
    expected = {"deploy": [False], "feature_rollout": [False], "mvt": [True]}.get(type, [True, False])
    assert baselines == expected
    assert abs(sum(shares(shown)) - 100) < 1e-6
    assert {one["status"] for one in shown["variations"]} == {"running"}


@pytest.mark.parametrize("type", TYPES)
def test_types_belong_to_projects(server: Sextant, type: str) -> None:
    elsewhere = convert_project(server, "web" if type in FULLSTACK_TYPES else "fullstack")
    refuse_add(elsewhere, body(type), "type")


@pytest.mark.parametrize("type", [type for type in TYPES if type != "mvt"])
def test_change_types(home: ConvertProject, type: str) -> None:
    accepted = [change(home, name, type) for name in ACCEPTED[type]]
    first = [] if type in WITHOUT_BASELINE else [variation("Original", is_baseline=True)]
    made = whole(home, add(home, type, variations=[*first, variation("All", *accepted)])["id"])
    stored = [{name: one[name] for name in ("type", "data")} for one in made["variations"][-1]["changes"]]
    assert stored[: len(accepted)] == accepted
    for one in made["variations"][-1]["changes"]:
        path = home.path(KIND, made["id"], "changes", one["id"])
        assert home.client.request("GET", path, expect=200).json() == one
        again = home.client.request("PUT", path, {"type": one["type"], "data": one["data"]}, expect=200)
        assert again.json() == one
    place = f"variations[{len(first)}].changes[0].type"
    made = whole(home, made["id"])
    for name in CHANGE_TYPES:
        if name in ACCEPTED[type]:
            continue
        wrong = {"type": name, "data": {**CHANGES[name]}}
        if name in ("fullStackFeature", "defaultCodeMultipage"):
            wrong["data"] |= {"feature_id": 1} if name == "fullStackFeature" else {"page_id": "a"}
        refuse_add(home, body(type, variations=[*first, variation("All", wrong)]), place)
        variation_id = made["variations"][-1]["id"]
        assert_refused(put_variation(home, made["id"], variation_id, {"changes": [wrong]}), 422, "changes[0].type")
    assert whole(home, made["id"]) == made


def test_change_types_of_combinations(web: ConvertProject) -> None:
    id = add(web, "mvt")["id"]
    add_section(web, id, "a", *[change(web, name) for name in ACCEPTED["mvt"]])
    assert [one["type"] for one in whole(web, id)["variations"][1]["changes"]] == ACCEPTED["mvt"]


WRONG_CHANGES: dict[str, tuple[str, Body, str]] = {
    "no type": ("a/b", {"data": CHANGES["customCode"]}, "changes[0]"),
    "unknown type": ("a/b", {"type": "magic", "data": {}}, "changes[0]"),
    "no data": ("a/b", {"type": "customCode"}, "changes[0]"),
    "code without css": ("a/b", {"type": "customCode", "data": {"js": "x"}}, "changes[0]"),
    "code with more": ("a/b", {"type": "customCode", "data": {"js": "x", "css": "x", "html": "x"}}, "changes[0]"),
    "default code without js": ("a/b", {"type": "defaultCode", "data": {"css": "", "custom_js": ""}}, "changes[0]"),
    "structure without js": ("a/b", {"type": "richStructure", "data": {"selector": "a"}}, "changes[0]"),
    "number in a structure": ("a/b", {"type": "richStructure", "data": {"js": "", "size": 5}}, "changes[0]"),
    "page of no pages": ("a/b", {"type": "customCode", "data": {"js": "", "css": "", "page_id": "a"}}, "page_id"),
    "half a redirect": ("split_url", {"type": "defaultRedirect", "data": {"original_pattern": "x"}}, "changes[0]"),
    "redirect to nowhere": (
        "split_url", {"type": "defaultRedirect", "data": {"original_pattern": "x", "variation_pattern": ""}},
        "changes[0].data.variation_pattern",
    ),
    "no page": ("multipage", {"type": "defaultCodeMultipage", "data": {"js": ""}}, "changes[0]"),
    "code without page": ("multipage", code(""), "changes[0].data.page_id"),
    "unknown page": ("multipage", {"type": "defaultCodeMultipage", "data": {"page_id": "c"}}, "data.page_id"),
    "id of another": ("a/b", {"id": NO_SUCH_ID}, "changes[0]"),
}  # fmt: skip


@pytest.mark.parametrize(("type", "wrong", "field"), WRONG_CHANGES.values(), ids=WRONG_CHANGES)
def test_changes_that_are_none(web: ConvertProject, type: str, wrong: Body, field: str) -> None:
    refuse_add(web, body(type, variations=[variation("Original"), variation("Other", wrong)]), field)
    made = add(web, type)
    first, second = (one["id"] for one in whole(web, made["id"])["variations"])
    refuse_update(web, made["id"], {"variations": [{"id": first}, {"id": second, "changes": [wrong]}]}, field)
    before = whole(web, made["id"])
    assert_refused(put_variation(web, made["id"], second, {"changes": [wrong]}), 422, field)
    assert whole(web, made["id"]) == before


@pytest.mark.parametrize("type", FULLSTACK_TYPES)
def test_features_in_variations(fullstack: ConvertProject, type: str) -> None:
    right = change(fullstack, "fullStackFeature")
    wrong: list[tuple[Body, str]] = [
        ({**right["data"], "feature_id": NO_SUCH_ID}, "data.feature_id"),
        ({"feature_id": right["data"]["feature_id"]}, "changes[0]"),
        ({**right["data"], "variables_data": {"unknown": 1}}, "variables_data.unknown"),
        ({**right["data"], "variables_data": {"limit": "3.5"}}, "variables_data.limit"),
        ({**right["data"], "variables_data": {"limit": "three"}}, "variables_data.limit"),
        ({**right["data"], "variables_data": {"enabled": 1}}, "variables_data.enabled"),
        ({**right["data"], "variables_data": {"enabled": "yes"}}, "variables_data.enabled"),
        ({**right["data"], "variables_data": {"title": 1}}, "variables_data.title"),
        ({**right["data"], "variables_data": {"more": "{"}}, "variables_data.more"),
        ({**right["data"], "variables_data": {"more": "word"}}, "variables_data.more"),
    ]
    for values in ({"more": {"a": [1]}}, {"more": [{"b": None}]}, {"more": 5}, {"limit": "3", "enabled": "false"}):
        sent = {**right, "data": {**right["data"], "variables_data": values}}
        kept = whole(fullstack, add(fullstack, type, variations=[variation("Off"), variation("On", sent)])["id"])
        assert kept["variations"][1]["changes"][0]["data"]["variables_data"] == values
    for data, field in wrong:
        refuse_add(fullstack, body(type, variations=[variation("On", {**right, "data": data})]), field)
    made = add(fullstack, type, variations=[variation("Off"), variation("On", right)])
    feature = right["data"]["feature_id"]
    assert ids(fullstack.items(KIND, features=[feature], only=[made["id"]])) == [made["id"]]
    fullstack.update(KIND, made["id"], {"status": "active"})
    assert_refused(fullstack.delete("features", feature, expect=None), 409)


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


# ---- pages


def test_pages_and_changes_match(web: ConvertProject) -> None:
    made = add(web, "multipage", variations=[variation("A"), variation("B", change(web, "customCode", "multipage"))])
    shown = whole(web, made["id"])
    assert shown["multipage_pages"] == PAGES

    def pages(one: Body) -> list[str]:
        changes = [change for change in one["changes"] if change["type"] == "defaultCodeMultipage"]
        return sorted(change["data"]["page_id"] for change in changes)

    assert [pages(one) for one in shown["variations"]] == [["a", "b2"]] * 2, "every page has its code"
    third = {"id": "c", "name": "End", "url": f"{URL}end"}
    web.update(KIND, made["id"], {"multipage_pages": [PAGES[1], third]})
    after = whole(web, made["id"])
    assert after["multipage_pages"] == [PAGES[1], third]
    assert [pages(one) for one in after["variations"]] == [["b2", "c"]] * 2
    assert all(change["data"]["page_id"] != "a" for one in after["variations"] for change in one["changes"])
    assert put_variation(web, made["id"], after["variations"][1]["id"], {"changes": []}).ok
    assert [pages(one) for one in whole(web, made["id"])["variations"]] == [["b2", "c"]] * 2


@pytest.mark.parametrize(
    ("type", "pages"),
    [
        ("multipage", []),
        ("multipage", [PAGES[0], {**PAGES[1], "id": "a"}]),
        ("multipage", [{**PAGES[0], "id": "abc"}]),
        ("multipage", [{**PAGES[0], "id": ""}]),
        ("multipage", [{"name": "no id", "url": URL}]),
        ("multipage", [{"id": "a", "name": "no url"}]),
        ("multipage", [{**PAGES[0], "more": 1}]),
        ("a/b", PAGES),
        ("split_url", PAGES),
    ],
)
def test_pages_that_are_none(web: ConvertProject, type: str, pages: list[Body]) -> None:
    refuse_add(web, {**body(type), "multipage_pages": pages}, "multipage_pages")
    refuse_update(web, add(web, type)["id"], {"multipage_pages": pages}, "multipage_pages")


# ---- the rest of a body


@pytest.mark.parametrize("member", ["name", "status", "type", "url"])
def test_members_that_are_needed(web: ConvertProject, member: str) -> None:
    sent = {name: value for name, value in body().items() if name != member}
    assert_refused(web.post(KIND, "add", body=sent), 422, member)


WRONG_MEMBERS: list[Body] = [
    {"type": "a/c"}, {"name": ""}, {"name": "x" * 101}, {"url": "nonsense"}, {"description": "x" * 501},
    {"objective": "x" * 5001}, {"environment": "nowhere"}, {"settings": {"max_running_time": 1000}},
    {"settings": {"matching_options": {"audiences": "some"}}}, {"integrations": [{"provider": "unheard of"}]},
    {"variations": "all"}, {"goals": ["x"]}, {"audiences": None}, {"primary_goal": "x"},
    {"settings": {"stats_engine_processing": {"stats_type": "bayesian", "decision_threshold": 10}}},
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG_MEMBERS, ids=str)
def test_members_that_are_wrong(web: ConvertProject, wrong: Body) -> None:
    (field,) = wrong
    assert_refused(web.post(KIND, "add", body=body(**wrong)), 422, field)
    refuse_update(web, add(web)["id"], wrong, field)


def test_a_full_body_comes_back(web: ConvertProject) -> None:
    sent: Body = {
        "description": "Why 🎉", "objective": "More", "global_js": "js()", "global_css": "a {}",
        "traffic_distribution": 80, "settings": {
            "min_order_value": 1, "matching_options": {"audiences": "all", "locations": "any"},
            "max_experience_visitors": 5000, "min_running_time": 7, "max_running_time": 30,
        },
        "integrations": [{"provider": "hotjar", "enabled": True}], "site_area": None,
    }  # fmt: skip
    made = whole(web, add(web, **sent)["id"])
    assert {name: made[name] for name in sent if name != "site_area"} == {
        name: value for name, value in sent.items() if name != "site_area"
    }
    merged = web.update(KIND, made["id"], {"settings": {"max_running_time": 40}})["settings"]
    assert merged == {**sent["settings"], "max_running_time": 40}, "settings that are not sent stay"
    assert_refused(web.post(KIND, made["id"], "update", body={"type": "a/a"}), 422, "type")


def test_environments(account: ConvertClient) -> None:
    environments = {name: {"label": name, "is_default": name == "qa"} for name in ("production", "qa")}
    sent = {"name": fresh("environments"), "environments": environments}
    made = account.request("POST", f"/accounts/{account.account_id}/projects/add", sent, expect=201).json()
    project = ConvertProject(account, made["id"])
    standard = add(project)
    other = add(project, environment="production")
    assert (standard["environment"], other["environment"]) == ("qa", "production")
    refuse_update(project, standard["id"], {"environment": "staging"}, "environment")
    assert ids(project.items(KIND, environments=["production"])) == [other["id"]]
    assert ids(project.items(KIND, sort_by="environment", sort_direction="desc")) == [standard["id"], other["id"]]


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


# ---- versions


def test_anchored_variations(web: ConvertProject) -> None:
    """With version 12 the share of a stopped variation stays taken, and a started experience keeps its layout."""
    assert add(web)["version"] == 11 and add(web, version=6)["version"] == 11
    shares = [{**variation(name), "traffic_distribution": share} for name, share in (("A", 10), ("B", 80), ("C", 10))]
    made = add(web, version=12, variations=shares)
    assert made["version"] == 12 and web.get(KIND, made["id"])["version"] == 12
    assert web.clone(KIND, made["id"])["version"] == 12
    assert web.update(KIND, made["id"], {"version": 11})["version"] == 11
    assert web.update(KIND, made["id"], {"version": 12, "status": "active"})["version"] == 12
    first, second, third = whole(web, made["id"])["variations"]
    put_variation(web, made["id"], second["id"], {"status": "stopped"})
    too_much = put_variation(web, made["id"], third["id"], {"traffic_distribution": 50})
    assert_refused(too_much, 422, "variations")
    lower = put_variation(web, made["id"], second["id"], {"traffic_distribution": 40})
    assert lower.status_code == 200
    assert put_variation(web, made["id"], third["id"], {"traffic_distribution": 50}).status_code == 200
    for version in (11, 3):
        assert_refused(web.post(KIND, made["id"], "update", body={"version": version}), 422, "version")
    assert web.update(KIND, made["id"], {"version": 12, "name": fresh("again")})["version"] == 12
    packed = add(web)
    web.update(KIND, packed["id"], {"status": "active"})
    assert_refused(web.post(KIND, packed["id"], "update", body={"version": 12}), 422, "version")
    assert web.update(KIND, packed["id"], {"version": 11})["version"] == 11
    for version in (12.5, 99, 1e300, -3, 0):
        assert_refused(web.post(KIND, packed["id"], "update", body={"version": version}), 422, "version")
    # What is not given is divided of what those that are stopped leave.
    stopped = {**variation("S"), "traffic_distribution": 50, "status": "stopped"}
    shares = [stopped, variation("A"), variation("B")]
    halved = whole(web, add(web, version=12, status="active", variations=shares)["id"])["variations"]
    assert [one["traffic_distribution"] for one in halved] == [50, 25, 25]
    stopped["traffic_distribution"] = 100
    refuse_add(web, body("a/b", version=12, variations=shares), "variations")
