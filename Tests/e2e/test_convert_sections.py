"""Multivariate tests: sections, their versions, and the variations that follow from them."""

from collections.abc import Callable
from typing import Any

import pytest
import requests

from support.convert import Body, ConvertProject, assert_refused
from support.convert_kinds import fresh

KIND = "experiences"
NO_SUCH_ID = 987_654_321
WRONG_IDS = ["abc", "A", "é", "a-", "", " a", 5]
OTHER_TYPES = ["a/b", "a/a", "split_url", "deploy", "a/b_fullstack", "feature_rollout"]

WHOLE = {"include[]": ["versions", "versions.changes"], "expand[]": ["versions", "versions.changes"]}
VARIATIONS = {"expand[]": ["variations", "variations.changes"]}


def code(text: str) -> Body:
    return {"type": "customCode", "data": {"css": None, "js": text}}


def version(id: str, *changes: Body) -> Body:
    return {"id": id, "name": f"Version {id}", "changes": list(changes)}


def section(id: str, *versions: str | Body) -> Body:
    """A section with these versions; those that are only named do nothing."""
    whole = [version(one) if isinstance(one, str) else one for one in versions]
    return {"id": id, "name": f"Section {id}", "versions": whole}


def add(project: ConvertProject, type: str = "mvt", **members: Any) -> Body:
    body = {"name": fresh("combined"), "type": type, "status": "draft", "url": "https://www.example.com/"}
    return project.add(KIND, {**body, **members})


def sections(project: ConvertProject, id: int, **query: Any) -> Body:
    path = project.path(KIND, id, "sections")
    answer: Body = project.client.request("GET", path, query=query or WHOLE, expect=200).json()
    return answer


def try_replace(project: ConvertProject, id: int, *list: Body, **members: Any) -> requests.Response:
    return project.post(KIND, id, "sections", "update", body={"sections": [*list], **members}, **WHOLE)


def replace(project: ConvertProject, id: int, *list: Body) -> Body:
    response = try_replace(project, id, *list)
    assert response.status_code == 200, response.text
    answer: Body = response.json()
    return answer


def combined(project: ConvertProject, *list: Body) -> int:
    """A multivariate test with these sections."""
    id: int = add(project)["id"]
    replace(project, id, *list)
    return id


def variations(project: ConvertProject, id: int) -> list[Body]:
    """In order, with all that they do."""
    shown: list[Body] = project.get(KIND, id, **VARIATIONS)["variations"]
    return shown


def combinations(project: ConvertProject, id: int) -> dict[str, int]:
    """By the versions of each, such as `a1 b2`, the ids of the variations, in order."""
    names: dict[int, list[str]] = {variation["id"]: [] for variation in variations(project, id)}
    for one in sections(project, id)["data"]:
        for versioned in one["versions"]:
            for variation in versioned["variations"]:
                names[variation].append(one["id"] + versioned["id"])
    return {" ".join(name): variation for variation, name in names.items()}


def codes(variation: Body) -> list[str]:
    return [change["data"]["js"] for change in variation["changes"]]


def delete_version(project: ConvertProject, id: int, of: str, name: str) -> requests.Response:
    path = project.path(KIND, id, "sections", of, "versions", name, "delete")
    return project.client.request("DELETE", path)


def shape(answer: Body) -> list[tuple[str, list[str]]]:
    return [(one["id"], [versioned["id"] for versioned in one["versions"]]) for one in answer["data"]]


# ---- what follows from sections


def test_a_new_one_has_no_sections(web: ConvertProject) -> None:
    made = add(web)
    assert sections(web, made["id"])["data"] == []
    (original,) = variations(web, made["id"])
    assert original["is_baseline"] and original["traffic_distribution"] == 100 and original["changes"] == []


def test_variations_are_the_product_of_versions(web: ConvertProject) -> None:
    id = combined(web, section("h", "o", "n"), section("b2", "1", "2", "3"))
    assert list(combinations(web, id)) == ["ho b21", "ho b22", "ho b23", "hn b21", "hn b22", "hn b23"]
    shown = variations(web, id)
    assert [variation["is_baseline"] for variation in shown] == [True] + [False] * 5
    shares = [variation["traffic_distribution"] for variation in shown]
    assert abs(sum(shares) - 100) < 1e-6 and max(shares) - min(shares) < 0.001
    assert [variation["name"] for variation in shown][1:3] == ["Version o + Version 2", "Version o + Version 3"]
    assert len({variation["key"] for variation in shown}) == 6


def test_what_answers_hold(web: ConvertProject) -> None:
    id = combined(web, section("a", version("1", code("one")), "2"))
    (bare,) = sections(web, id, **{"include[]": []})["data"]
    assert set(bare) == {"id", "name", "concurrency_key"}
    named = sections(web, id, **{"include[]": "versions"})["data"][0]
    assert named["versions"] == ["1", "2"]
    expanded = sections(web, id, **{"expand[]": "versions"})["data"][0]["versions"][0]
    assert expanded["name"] == "Version 1" and "changes" not in expanded
    with_ids = sections(web, id, **{"include[]": "versions.changes"})["data"][0]["versions"][0]
    whole = sections(web, id)["data"][0]["versions"][0]
    (change,) = whole["changes"]
    assert with_ids["changes"] == [change["id"]] and change["data"] == {"css": None, "js": "one"}
    for wrong in ("include[]", "expand[]"):
        path = web.path(KIND, id, "sections")
        assert_refused(web.client.request("GET", path, query={wrong: "everything"}), 422, wrong.removesuffix("[]"))


def test_combinations_do_what_their_versions_do(web: ConvertProject) -> None:
    id = combined(
        web,
        section("a", "1", version("2", code("a2"), code("a2 more"))),
        section("b", version("1", code("b1")), version("2", code("b2"))),
    )
    expected = [["b1"], ["b2"], ["a2", "a2 more", "b1"], ["a2", "a2 more", "b2"]]
    assert [codes(variation) for variation in variations(web, id)] == expected
    change = variations(web, id)[3]["changes"][2]
    path = web.path(KIND, id, "changes", change["id"])
    assert web.client.request("GET", path, expect=200).json() == change
    web.client.request("PUT", path, code("b2 changed"), expect=200)
    assert [codes(variation)[-1] for variation in variations(web, id)] == ["b1", "b2 changed", "b1", "b2 changed"]


def test_changes_of_a_version_are_a_final_list(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", version("2", code("first"), code("second"), code("third"))))
    kept = variations(web, id)[1]["changes"]
    updated = [{"id": kept[2]["id"]}, {"id": kept[0]["id"], **code("first changed")}, code("new")]

    def store(changes: list[Body]) -> Body:
        steps = (KIND, id, "sections", "a", "versions", "2", "update")
        body: Body = web.post(*steps, body={"changes": changes}, expect=200, **{"expand[]": "changes"}).json()["data"]
        return body

    stored = store(updated)
    assert codes(stored) == ["third", "first changed", "new"] == codes(variations(web, id)[1])
    assert [change["id"] for change in stored["changes"]][:2] == [kept[2]["id"], kept[0]["id"]]
    assert store([])["changes"] == [] == variations(web, id)[1]["changes"]


@pytest.mark.parametrize("type", ["defaultRedirect", "defaultCodeMultipage", "fullStackFeature"])
def test_changes_that_do_not_fit(web: ConvertProject, type: str) -> None:
    data: dict[str, Body] = {
        "defaultRedirect": {"original_pattern": "a", "variation_pattern": "b"},
        "defaultCodeMultipage": {"page_id": "a"},
        "fullStackFeature": {"feature_id": 1, "variables_data": {}},
    }
    id = combined(web, section("a", "1", "2"))
    before = sections(web, id)
    wrong = {"type": type, "data": data[type]}
    refused = try_replace(web, id, section("a", "1", version("2", wrong)))
    assert_refused(refused, 422, "sections[0].versions[1].changes[0].type")
    assert_refused(web.post(KIND, id, "sections", "add", body=section("b", version("1", wrong))), 422, "changes[0]")
    refused = web.post(KIND, id, "sections", "a", "versions", "1", "update", body={"changes": [wrong]})
    assert_refused(refused, 422, "changes[0].type")
    assert sections(web, id) == before


# ---- one by one


def test_sections_and_versions_come_and_go(web: ConvertProject) -> None:
    id = add(web)["id"]
    answer = web.post(KIND, id, "sections", "add", body=section("a", "1", "2"), expect=201, **WHOLE).json()
    assert shape(answer) == [("a", ["1", "2"])]
    first = combinations(web, id)

    web.post(KIND, id, "sections", "add", body=section("b", "1", "2"), expect=201)
    second = combinations(web, id)
    assert list(second) == ["a1 b1", "a1 b2", "a2 b1", "a2 b2"]
    assert second["a1 b1"] == first["a1"] and second["a2 b1"] == first["a2"], "a new section begins with its first"

    added = web.post(KIND, id, "sections", "a", "versions", "add", body=version("3", code("a3")), expect=201).json()
    assert (added["data"]["id"], added["data"]["name"]) == ("3", "Version 3")
    third = combinations(web, id)
    assert list(third) == ["a1 b1", "a1 b2", "a2 b1", "a2 b2", "a3 b1", "a3 b2"]
    assert {name: third[name] for name in second} == second
    assert sorted(added["data"]["variations"]) == sorted([third["a3 b1"], third["a3 b2"]])

    assert delete_version(web, id, "a", "1").ok
    fourth = combinations(web, id)
    assert fourth == {name: third[name] for name in third if not name.startswith("a1")}
    assert variations(web, id)[0]["is_baseline"]

    answer = web.post(KIND, id, "sections", "b", "update", body=section("b", "2", "4"), expect=200, **WHOLE).json()
    assert shape(answer) == [("a", ["2", "3"]), ("b", ["2", "4"])]
    fifth = combinations(web, id)
    assert list(fifth) == ["a2 b2", "a2 b4", "a3 b2", "a3 b4"]
    assert fifth["a2 b2"] == fourth["a2 b2"] and fifth["a3 b2"] == fourth["a3 b2"]
    assert not {fifth["a2 b4"], fifth["a3 b4"]} & set(third.values()), "ids are not used again"


def test_renaming_keeps_the_combinations(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", version("2", code("kept"))), section("b", "1", "2"))
    before = combinations(web, id)
    body = {"name": "Other"}
    renamed = web.post(KIND, id, "sections", "a", "versions", "2", "update", body=body, expect=200).json()["data"]
    assert renamed["name"] == "Other" and len(renamed["changes"]) == 1
    assert combinations(web, id) == before and codes(variations(web, id)[2]) == ["kept"]


def test_names_may_be_missing_or_long(web: ConvertProject) -> None:
    """Names are no one's identity: no version needs one, and however long they are, their variation has one."""
    id = add(web)["id"]
    body = {"id": "a", "name": "A", "versions": [{"id": "1"}, {"id": "2"}]}
    assert web.post(KIND, id, "sections", "add", body=body).status_code == 201
    assert len(combinations(web, id)) == 2
    long = [{"id": name, "name": name * 200} for name in ("1", "2")]
    replace(web, id, {"id": "a", "name": "A", "versions": long}, {"id": "b", "name": "B", "versions": long})
    names = [variation["name"] for variation in variations(web, id)]
    assert len(names) == 4 and all(0 < len(name) <= 200 for name in names)


def test_ids_are_made_when_none_is_given(web: ConvertProject) -> None:
    id = combined(web, section("a", "a", "b"))
    body = {"name": "Next", "versions": [{"name": "One"}, {"name": "Two"}]}
    made = web.post(KIND, id, "sections", "add", body=body, expect=201, **WHOLE).json()["data"][1]
    ids = [versioned["id"] for versioned in made["versions"]]
    assert made["id"] != "a" and len(set(ids)) == 2 and all(len(name) <= 2 for name in [made["id"], *ids])
    added = web.post(KIND, id, "sections", "a", "versions", "add", body={"name": "Third"}, expect=201).json()["data"]
    assert added["id"] not in ("a", "b") and len(combinations(web, id)) == 6


# ---- as a list


def test_a_list_replaces_everything_in_its_order(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", "2"), section("b", "1", "2"))
    before = combinations(web, id)
    assert shape(replace(web, id, section("b", "2", "1"), section("a", "2", "1"))) == [
        ("b", ["2", "1"]), ("a", ["2", "1"]),
    ]  # fmt: skip
    turned = combinations(web, id)
    assert list(turned) == ["b2 a2", "b2 a1", "b1 a2", "b1 a1"]
    assert {" ".join(sorted(name.split())): variation for name, variation in turned.items()} == before
    assert [variation["is_baseline"] for variation in variations(web, id)] == [True, False, False, False]


def test_a_list_drops_what_it_does_not_name(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", version("2", code("a2"))), section("b", "1", version("2", code("b2"))))
    before = combinations(web, id)
    replace(web, id, section("a", "1", "2"))
    after = combinations(web, id)
    assert list(after) == ["a1", "a2"] and set(after.values()) < set(before.values())
    assert after["a1"] == before["a1 b1"] and after["a2"] == before["a2 b1"]
    assert [codes(variation) for variation in variations(web, id)] == [[], []]
    replace(web, id)
    assert sections(web, id)["data"] == [] and len(variations(web, id)) == 1


def test_versions_keep_changes_that_are_not_sent(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", version("2", code("kept"))))
    silent = {"id": "a", "name": "A", "versions": [{"id": "1", "name": "One"}, {"id": "2", "name": "Two"}]}
    replace(web, id, silent)
    assert [codes(variation) for variation in variations(web, id)] == [[], ["kept"]]


def test_a_list_that_says_the_same_changes_nothing(web: ConvertProject) -> None:
    whole = (section("a", "1", "2"), section("b", "1", "2"))
    id = combined(web, *whole)
    path = web.path(KIND, id, "variations", combinations(web, id)["a2 b2"], "update")
    web.client.request("PUT", path, {"name": "Mine", "description": "Theirs", "status": "stopped"}, expect=200)
    before = variations(web, id)
    replace(web, id, *whole)
    assert variations(web, id) == before


# ---- bad input


Store = Callable[[ConvertProject, int, Body], requests.Response]
WAYS_TO_STORE: dict[str, Store] = {
    "add": lambda web, id, body: web.post(KIND, id, "sections", "add", body=body),
    "list": lambda web, id, body: try_replace(web, id, section("a", "1", "2"), body),
}


@pytest.mark.parametrize("way", WAYS_TO_STORE)
def test_sections_that_are_none(web: ConvertProject, way: str) -> None:
    id = combined(web, section("a", "1", "2"))
    before = (sections(web, id), variations(web, id))
    wrong: list[tuple[Body, str]] = [({**section("b", "1"), "id": name}, "id") for name in WRONG_IDS]
    wrong += [(section("b", {**version("1"), "id": name}), "versions[0].id") for name in WRONG_IDS]
    wrong += [
        (section("a", "1"), "id"),
        (section("b", "1", "2", "1"), "versions[2].id"),
        (section("b"), "versions"),
        ({"id": "b", "name": "B"}, "versions"),
        ({**section("b", "1"), "name": "x" * 201}, "name"),
        (section("b", {**version("1"), "name": "x" * 201}), "versions[0].name"),
        (section("b", {"id": "1", "changes": [{"id": NO_SUCH_ID}]}), "changes[0]"),
        (section("b", {"id": "1", "changes": [{"type": "customCode", "data": {"js": "x"}}]}), "changes[0]"),
    ]
    for body, field in wrong:
        assert_refused(WAYS_TO_STORE[way](web, id, body), 422, field)
    assert (sections(web, id), variations(web, id)) == before


def test_versions_that_are_none(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", "2"))
    before = (sections(web, id), variations(web, id))
    for name in (*WRONG_IDS, "1"):
        refused = web.post(KIND, id, "sections", "a", "versions", "add", body={"id": name, "name": "x"})
        assert_refused(refused, 422, "id")
    for steps in (("b", "versions", "add"), ("a", "versions", "9", "update"), ("b", "update")):
        body = section("b", "1") if steps == ("b", "update") else {"name": "x"}
        assert_refused(web.post(KIND, id, "sections", *steps, body=body), 404)
    assert_refused(delete_version(web, id, "a", "9"), 404)
    assert_refused(delete_version(web, id, "b", "1"), 404)
    refused = web.post(KIND, id, "sections", "a", "versions", "1", "update", body={"id": "3"})
    assert_refused(refused, 422, "id")
    assert_refused(web.post(KIND, id, "sections", "a", "update", body=section("c", "1")), 422, "id")
    assert (sections(web, id), variations(web, id)) == before


def test_the_last_version_stays(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", "2"))
    assert delete_version(web, id, "a", "2").ok
    assert_refused(delete_version(web, id, "a", "1"), 409)
    assert list(combinations(web, id)) == ["a1"]


def test_a_cap_of_combinations(web: ConvertProject) -> None:
    """A thousand are the most: 7 * 11 * 13 is one more."""
    names = [f"{number}" for number in range(13)]
    id = combined(web, section("a", *names[:7]), section("b", *names[:11]))
    before = (sections(web, id), list(combinations(web, id).values()))
    assert len(before[1]) == 77
    assert_refused(web.post(KIND, id, "sections", "add", body=section("c", *names)), 422, "sections")
    assert_refused(try_replace(web, id, *[section(letter, *names[:10]) for letter in "abcd"]), 422, "sections")
    endless = [section(f"{first}{second}", "1", "2") for first in "abcdefgh" for second in "abcdefghij"]
    assert_refused(try_replace(web, id, *endless), 422, "sections")
    assert (sections(web, id), list(combinations(web, id).values())) == before


def test_variations_follow_from_sections_only(web: ConvertProject) -> None:
    body = {"name": fresh("combined"), "type": "mvt", "status": "draft", "url": "https://www.example.com/"}
    refused = web.post(KIND, "add", body={**body, "variations": [{"name": "Mine"}]})
    assert_refused(refused, 422, "variations[0]")
    assert web.items(KIND, search=body["name"]) == []
    id = combined(web, section("a", "1", "2"))
    before = variations(web, id)
    first, second = (variation["id"] for variation in before)
    for wrong in ({"name": "Mine"}, {"id": NO_SUCH_ID}, {"id": second, "changes": [code("mine")]}):
        refused = web.post(KIND, id, "update", body={"variations": [{"id": first}, wrong]})
        assert_refused(refused, 422, "variations[1]")
    path = web.path(KIND, id, "variations", second)
    assert_refused(web.client.request("PUT", f"{path}/update", {"changes": [code("mine")]}), 422, "changes")
    assert_refused(web.client.request("DELETE", f"{path}/delete"), 409)
    assert variations(web, id) == before


def test_a_running_one_may_change_but_not_end(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", "2", "3"))
    web.update(KIND, id, {"status": "active"})
    assert delete_version(web, id, "a", "3").ok and list(combinations(web, id)) == ["a1", "a2"]
    before = (sections(web, id), variations(web, id))
    assert_refused(delete_version(web, id, "a", "2"), 422, "variations")
    # What is compared with stays what it was.
    assert_refused(delete_version(web, id, "a", "1"), 409)
    assert_refused(try_replace(web, id, section("a", "2", "1")), 409)
    assert_refused(try_replace(web, id), 422, "variations")
    assert (sections(web, id), variations(web, id)) == before
    assert web.post(KIND, id, "sections", "a", "versions", "2", "update", body={"name": "Better"}).ok


@pytest.mark.parametrize("type", OTHER_TYPES)
def test_other_types_have_no_sections(web: ConvertProject, fullstack: ConvertProject, type: str) -> None:
    project = fullstack if type in ("a/b_fullstack", "feature_rollout") else web
    made = project.get(KIND, add(project, type)["id"], **VARIATIONS)
    id = made["id"]
    path = project.path(KIND, id, "sections")
    assert_refused(project.client.request("GET", path), 409)
    assert_refused(project.post(KIND, id, "sections", "add", body=section("a", "1")), 409)
    assert_refused(project.post(KIND, id, "sections", "a", "update", body=section("a", "1")), 409)
    assert_refused(try_replace(project, id, section("a", "1")), 409)
    assert_refused(project.post(KIND, id, "sections", "a", "versions", "add", body=version("1")), 409)
    assert_refused(project.post(KIND, id, "sections", "a", "versions", "1", "update", body={"name": "x"}), 409)
    assert_refused(delete_version(project, id, "a", "1"), 409)
    assert project.get(KIND, id, **VARIATIONS) == made


def test_sections_of_nothing(web: ConvertProject) -> None:
    assert_refused(web.client.request("GET", web.path(KIND, NO_SUCH_ID, "sections")), 404)
    assert_refused(web.post(KIND, NO_SUCH_ID, "sections", "add", body=section("a", "1")), 404)
    assert_refused(delete_version(web, NO_SUCH_ID, "a", "1"), 404)


# ---- concurrency keys


def test_the_list_is_guarded_by_its_key(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", "2"))
    seen = sections(web, id)["concurrency_key"]
    changed = try_replace(web, id, section("a", "1", "2", "3"), concurrency_key=seen)
    assert changed.status_code == 200 and changed.json()["concurrency_key"] != seen
    before = sections(web, id)
    assert_refused(try_replace(web, id, section("b", "1"), concurrency_key=seen), 409)
    assert sections(web, id) == before
    assert try_replace(web, id, section("a", "1", "2"), concurrency_key=before["concurrency_key"]).ok


def test_a_section_is_guarded_by_its_key(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", "2"), section("b", "1"))
    seen = sections(web, id)["data"][0]["concurrency_key"]
    web.post(KIND, id, "sections", "b", "update", body={**section("b", "1"), "name": "Other"}, expect=200)
    body = {**section("a", "1", "3"), "concurrency_key": seen}
    web.post(KIND, id, "sections", "a", "update", body=body, expect=200)
    before = sections(web, id)
    assert before["data"][0]["concurrency_key"] != seen
    assert_refused(web.post(KIND, id, "sections", "a", "update", body=body), 409)
    assert sections(web, id) == before


def test_a_version_is_guarded_by_its_key(web: ConvertProject) -> None:
    id = combined(web, section("a", "1", "2"))
    seen = sections(web, id)["data"][0]["versions"][1]["concurrency_key"]
    steps = (KIND, id, "sections", "a", "versions", "2", "update")
    web.post(*steps, body={"name": "Other", "concurrency_key": seen}, expect=200)
    assert_refused(web.post(*steps, body={"name": "Third", "concurrency_key": seen}), 409)
    assert sections(web, id)["data"][0]["versions"][1]["name"] == "Other"


def test_keys_know_of_changes(web: ConvertProject) -> None:
    """What a version does is part of its state, and of its section's and the list's."""
    id = combined(web, section("a", "1", version("2", code("seen"))))
    whole = sections(web, id)
    of_section = whole["data"][0]
    steps = (KIND, id, "sections", "a", "versions", "2", "update")
    web.post(*steps, body={"changes": [code("by somebody else")]}, expect=200)
    mine = version("2", code("mine"))
    version_key = of_section["versions"][1]["concurrency_key"]
    assert_refused(web.post(*steps, body={**mine, "concurrency_key": version_key}), 409)
    body = {**section("a", "1", mine), "concurrency_key": of_section["concurrency_key"]}
    assert_refused(web.post(KIND, id, "sections", "a", "update", body=body), 409)
    assert_refused(try_replace(web, id, section("a", mine), concurrency_key=whole["concurrency_key"]), 409)
    assert codes(variations(web, id)[1]) == ["by somebody else"]
