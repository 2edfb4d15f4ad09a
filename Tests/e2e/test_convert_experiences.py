"""Experiences of all types: their bodies, pages and versions."""

import pytest

from support.convert import Body, ConvertClient, ConvertProject, assert_refused, convert_project
from support.convert_kinds import fresh
from support.experiences import (
    ACCEPTED,
    CHANGE_TYPES,
    CHANGES,
    FULLSTACK_TYPES,
    KIND,
    NO_SUCH_ID,
    PAGES,
    TYPES,
    URL,
    WITHOUT_BASELINE,
    add,
    add_section,
    body,
    change,
    code,
    ids,
    put_variation,
    refuse_add,
    refuse_update,
    shares,
    variation,
    whole,
)
from support.server import Sextant

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
