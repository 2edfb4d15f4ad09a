"""Accounts, projects and what belongs to them: settings, environments, keys of SDKs, presets, files."""

import json
import time
from typing import Any

import pytest

from support.convert import Body, ConvertClient, ConvertProject, assert_refused, client_of, form, new_key
from support.server import Sextant

NAMING_RULES = ("goal_triggered", "bucketed_into_segment")


def fresh_project(account: ConvertClient, **body: Any) -> Body:
    name = f"Project {time.monotonic_ns()}"
    made: Body = account.request(
        "POST", f"/accounts/{account.account_id}/projects/add", {"name": name, **body}, expect=201
    ).json()
    return made


def in_project(account: ConvertClient, project: Body) -> ConvertProject:
    return ConvertProject(account, project["id"])


def test_the_account(account: ConvertClient) -> None:
    path = f"/accounts/{account.account_id}/details"
    (listed,) = account.request("GET", "/accounts", expect=200).json()["data"]
    assert listed["id"] == account.account_id and listed["accountType"] == "main" and "stats" not in listed
    shown = account.request("GET", path, query={"include[]": "stats"}, expect=200).json()["data"]
    assert shown["stats"]["active_projects_count"] >= 2
    body = {
        "accountType": "main",
        "name": "Acme",
        "billing": {"details": {"company": "Acme 🎉", "emails": ["a@b.example"]}},
    }
    changed = account.request("POST", path, body, expect=200).json()["data"]
    assert (changed["name"], changed["billing"]["details"]["company"]) == ("Acme", "Acme 🎉")
    (entry,) = account.account_history(objects=["account"])["data"]
    assert entry["event"] == "update" and entry["changes"]["new"]["name"] == "Acme"
    assert_refused(account.request("POST", path, {"accountType": "main", "name": " "}), 422, "name")
    assert_refused(account.request("GET", "/accounts/987654321/details"), 404)


def test_life_of_a_project(account: ConvertClient) -> None:
    made = fresh_project(
        account,
        domains=[{"url": "https://a.example"}, {"url": "https://b.example"}],
        environments={"production": {"label": "Live", "is_default": True}, "qa": {"label": "QA", "is_default": False}},
        settings={"time_zone": "Europe/London", "do_not_track": "EU ONLY"},
        include=["domains", "default_goals"],
    )
    project = in_project(account, made)
    assert made["settings"]["time_zone"] == "Europe/London" and made["default_goals"] == []
    goal = project.post("goals", "add", body={"name": "Buy", "type": "code_trigger"}, expect=201).json()
    kept = made["domains"][0]["id"]
    changed = project.post(
        "update",
        body={
            "settings": {"time_format": "12h"},
            "domains": [kept, {"url": "https://c.example"}],
            "default_goals": [goal["id"]],
            "include": ["domains", "default_goals", "stats.active_goals_count"],
            "expand": ["default_goals"],
        },
        expect=201,
    ).json()
    assert changed["settings"]["time_zone"] == "Europe/London" and changed["settings"]["time_format"] == "12h"
    assert [domain["url"] for domain in changed["domains"]] == ["https://a.example", "https://c.example"]
    assert changed["default_goals"] == [{"id": goal["id"], "name": "Buy"}]
    assert changed["stats"] == {"active_goals_count": 1}
    assert project.post("goals", body={"is_default": True}, expect=200).json()["data"][0]["id"] == goal["id"]
    plain = account.request("GET", project.path(), expect=200).json()
    assert not {"domains", "default_goals", "stats", "global_javascript"} & set(plain)
    assert set(plain["environments"]) == {"production", "qa"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"environments": {"a": {"label": "A", "is_default": False}}}, "environments"),
        ({"environments": {}}, "environments"),
        ({"settings": {"time_zone": "Mars/Olympus"}}, "time_zone"),
        ({"settings": {"do_not_track": "MAYBE"}}, "do_not_track"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"project_type": "fullstack"}, "project_type"),
        ({"default_goals": [987654321]}, "default_goals"),
        ({"domains": [987654321]}, "domains"),
        ({"domains": [{"url": "nonsense"}]}, "domains"),
        ({"status": "suspended"}, "status"),
        ({"include": "domains"}, "include"),
    ],
)
def test_bad_changes_of_projects(account: ConvertClient, body: Body, field: str) -> None:
    made = fresh_project(account)
    project = in_project(account, made)
    assert_refused(project.post("update", body=body), 422, field)
    assert account.request("GET", project.path(), expect=200).json() == made


def test_lists_of_projects(account: ConvertClient) -> None:
    path = f"/accounts/{account.account_id}/projects"
    made = [fresh_project(account, name=f"Zebra {index} %_", project_type="fullstack") for index in range(3)]

    def ids(**body: Any) -> list[int]:
        return [project["id"] for project in account.request("POST", path, body, expect=200).json()["data"]]

    own = [project["id"] for project in made]
    assert ids(search="zebra", sort_by="project_name", sort_direction="asc") == own
    assert ids(search="%_", project_type=["fullstack"]) == own[::-1] and ids(search="%_", project_type=["web"]) == []
    assert ids(only=own[:2], **{"except": own[:1]}) == own[1:2]
    assert ids(search="zebra", results_per_page=2, page=2) == own[:1]
    account.request("POST", f"{path}/{own[0]}/update", {"status": "inactive"}, expect=201)
    assert ids(search="zebra", status=["inactive"]) == own[:1]
    page = account.request("POST", path, {"search": "zebra", "onlyCount": True}, expect=200).json()
    assert page["data"] == [] and page["extra"]["pagination"]["items_count"] == 3
    done = account.request(
        "POST", f"{path}/bulk-update",
        {"id": [*own, 987654321], "settings": {"tracking_script": {"current_version": "v2.1.0"}}}, expect=200,
    ).json()  # fmt: skip
    assert [error["id"] for error in done["errors"]] == [987654321]
    assert sorted(ids(tracking_script_version={"is": "v2.1.0"})) == own


def test_keys_of_sdks(account: ConvertClient) -> None:
    project = in_project(account, fresh_project(account, project_type="fullstack"))
    first = project.post(
        "sdk-keys", "create", body={"name": "one", "environment": "production", "selected_default": True}
    )
    second = project.post("sdk-keys", "create", body={"name": "two", "environment": "production", "has_secret": False})
    assert first.status_code == second.status_code == 201 and second.json()["sdk_secret"] is None
    secret = first.json()["sdk_secret"]
    listed = account.request("GET", project.path("sdk-keys"), expect=200).json()["data"]
    assert [key["name"] for key in listed] == ["one", "two"] and secret not in json.dumps(listed)
    key = second.json()["sdk_key"]
    changed = project.post("sdk-keys", key, "update", body={"selected_default": True, "status": "disabled"}, expect=200)
    assert changed.json()["status"] == "disabled" and changed.json()["name"] == "two"
    listed = account.request("GET", project.path("sdk-keys"), expect=200).json()["data"]
    assert [key["selected_default"] for key in listed] == [False, True]
    assert_refused(project.post("sdk-keys", "create", body={"name": "x", "environment": "nowhere"}), 422, "environment")
    account.request("DELETE", project.path("sdk-keys", key, "delete"), expect=200)
    assert_refused(account.request("DELETE", project.path("sdk-keys", key, "delete")), 404)


def test_presets_are_rules_that_work(web: ConvertProject) -> None:
    for kind, more in (("audiences", {"type": "permanent"}), ("locations", {})):
        presets = web.client.request("GET", web.path(f"{kind}-presets"), expect=200).json()["data"]
        assert len(presets) >= 5
        for preset in presets:
            web.post(kind, "add", body={"name": preset["name"], "rules": preset["rules"], **more}, expect=201)


def test_debug_tokens(web: ConvertProject) -> None:
    tokens = [web.client.request("GET", web.path("generate-debug-token"), expect=200).json()["data"] for _ in range(2)]
    assert tokens[0]["value"] != tokens[1]["value"] and tokens[0]["ttl"] > time.time()


def upload(account: ConvertClient, path: str, content: Any, expect: int | None = None) -> Any:
    text = content if isinstance(content, str) else json.dumps(content)
    body, content_type = form({"file": text.encode()})
    return account.request("POST", path, body, expect=expect, content_type=content_type)


def portable(value: Any) -> Any:
    """A file without what another project numbers in its own way."""
    if isinstance(value, list):
        return [portable(element) for element in value]
    if not isinstance(value, dict):
        return value
    names = value.get("rule_type") in NAMING_RULES
    return {
        name: portable(member)
        for name, member in value.items()
        if name not in ("id", "tags") and not (names and name == "value")
    }


def test_a_project_travels_as_a_file(account: ConvertClient) -> None:
    project = in_project(account, fresh_project(account, domains=[{"url": "https://a.example"}]))
    goal = project.post("goals", "add", body={"name": "Buy 🎉", "type": "code_trigger"}, expect=201).json()
    rule = {"rule_type": "goal_triggered", "matching": {"match_type": "equals", "negated": False}, "value": goal["id"]}
    rules = {"OR": [{"AND": [{"OR_WHEN": [rule]}]}]}
    project.post("audiences", "add", body={"name": "Buyers", "type": "segmentation", "rules": rules}, expect=201)
    hypothesis = {"status": "draft", "prioritization_score_type": "PIE", "prioritization_score_attributes": {"ease": 3}}
    project.post("hypotheses", "add", body={"name": "H", "tags": [{"name": "t"}], **hypothesis}, expect=201)
    file = project.post("export", body={}, expect=201).json()
    root = f"/accounts/{account.account_id}/projects"
    imported = upload(account, f"{root}/import-project", file, expect=201).json()
    assert str(imported["id"]) in imported["message"]
    copy = ConvertProject(account, imported["id"])
    assert portable(copy.post("export", body={}, expect=201).json()) == portable(file)
    (buyers,) = copy.items("audiences", include=["rules"])
    (goal_there,) = copy.items("goals")
    assert buyers["rules"]["OR"][0]["AND"][0]["OR_WHEN"][0]["value"] == goal_there["id"] != goal["id"]

    imported = upload(account, copy.path("import-project-data"), file, expect=201).json()["imported"]
    assert imported["goals"] == [goal_there["id"]] and len(imported["audiences"]) == 1 and imported["experiences"] == []
    before = account.account_history(onlyCount=True)["extra"]["pagination"]["items_count"]
    for broken in (
        "{", "[]", "{}", {**file, "goals": []}, {**file, "version": 2}, {**file, "goals": [{"name": 5, "type": "x"}]},
        {**file, "audiences": "none"},
    ):  # fmt: skip
        assert_refused(upload(account, f"{root}/import-project", broken), 422)
        assert_refused(upload(account, copy.path("import-project-data"), broken), 422)
    assert account.account_history(onlyCount=True)["extra"]["pagination"]["items_count"] == before


def test_rules_follow_experiences_that_get_another_key(account: ConvertClient) -> None:
    project = in_project(account, fresh_project(account))
    body = {"name": "First", "key": "first", "type": "a/b", "status": "draft", "url": "https://x.example/"}
    first = project.post("experiences", "add", body=body, expect=201).json()
    matching = {"match_type": "equals", "negated": True}
    named = [
        {"rule_type": "bucketed_into_experience_key", "matching": matching, "value": "first"},
        {"rule_type": "bucketed_into_experience_key", "matching": matching, "value": "elsewhere"},
        {"rule_type": "bucketed_into_experience", "matching": matching, "value": first["id"]},
    ]
    rules = {"OR": [{"AND": [{"OR_WHEN": named}]}]}
    audience = {"name": "Not in the first", "type": "transient", "rules": rules}
    project.post("audiences", "add", body=audience, expect=201)
    file = project.post("export", body={}, expect=201).json()
    imported = upload(account, project.path("import-project-data"), file, expect=201).json()["imported"]
    (second,) = imported["experiences"]
    key = project.get("experiences", second)["key"]
    assert key != "first" and second != first["id"]
    (copy,) = imported["audiences"]
    shown = project.get("audiences", copy, **{"include[]": "rules"})["rules"]["OR"][0]["AND"][0]["OR_WHEN"]
    assert [rule["value"] for rule in shown] == [key, "elsewhere", second]


def test_a_deleted_project_is_gone_with_its_keys(account: ConvertClient) -> None:
    made = fresh_project(account, domains=[{"url": "https://gone.example"}])
    project = in_project(account, made)
    key = project.post("sdk-keys", "create", body={"name": "k", "environment": "production"}, expect=201).json()
    limited = client_of(account, new_key(account, role="admin", projects=[made["id"]]))
    assert_refused(limited.request("DELETE", project.path("delete")), 403)
    account.request("DELETE", project.path("delete"), expect=200)
    assert_refused(account.request("GET", project.path()), 404)
    assert_refused(account.request("DELETE", project.path("delete")), 404)
    assert_refused(account.request("GET", project.path("sdk-keys")), 404)
    # A key that was limited to it does not become one for all projects.
    assert limited.request("POST", f"/accounts/{account.account_id}/projects", {}, expect=200).json()["data"] == []
    entries = [e for e in account.account_history(projects=[made["id"]])["data"] if e["event"] == "delete"]
    assert entries[0]["object"] == "project" and entries[0]["changes"]["old"]["name"] == made["name"]
    assert key["sdk_key"] not in json.dumps(entries)


def test_live_data_of_quiet_projects(account: ConvertClient, web: ConvertProject) -> None:
    filters = {
        "event_types": ["view_experience", "conversion"],
        "segments": {"devices": ["desktop"], "countries": ["PT"], "custom_segments": [1], "sources": None},
        "expand": ["project", "experiences", "experiences.variation", "conversion.goals", "custom_segments"],
    }
    whole = f"/accounts/{account.account_id}/livedata"
    assert account.request("POST", whole, {"projects": [web.id], **filters}, expect=200).json() == {"data": []}
    assert web.post("livedata", body={"goals": [1], "experiences": [2], **filters}, expect=200).json() == {"data": []}
    assert web.post("livedata", expect=200).json() == {"data": []}
    for wrong, field in [
        ({"event_types": ["click"]}, "event_types"),
        ({"expand": "project"}, "expand"),
        ({"goals": list(range(21))}, "goals"),
        ({"segments": {"browsers": ["netscape"]}}, "segments.browsers"),
    ]:
        assert field in str(assert_refused(web.post("livedata", body=wrong), 422))
    assert_refused(account.request("POST", "/accounts/987654321/livedata", {}), 404)


def test_plans_and_who_could_choose_one(account: ConvertClient, server: Sextant) -> None:
    assert account.request("GET", "/billing-plans", expect=200).json() == {"data": []}
    users = account.request("GET", f"/accounts/{account.account_id}/plan_setup/users", expect=200).json()["data"]
    assert server.credentials["user"]["email"] in [user["email"] for user in users]


def test_a_default_key_that_moves_leaves_one_default(account: ConvertClient) -> None:
    environments = {name: {"label": name, "is_default": name == "production"} for name in ("production", "staging")}
    project = in_project(account, fresh_project(account, project_type="fullstack", environments=environments))
    for environment in environments:
        body = {"name": environment, "environment": environment, "selected_default": True}
        moved = project.post("sdk-keys", "create", body=body, expect=201).json()["sdk_key"]
    project.post("sdk-keys", moved, "update", body={"environment": "production"}, expect=200)
    listed = account.request("GET", project.path("sdk-keys"), expect=200).json()["data"]
    assert [key["sdk_key"] for key in listed if key["selected_default"]] == [moved]


@pytest.mark.parametrize(
    ("project", "field"),
    [
        ({"status": "bogus"}, "project.status"),
        ({"name": "x" * 201}, "project.name"),
        ({"reporting_settings": [1]}, "project.reporting_settings"),
        ({"custom_domain": "x"}, "project.custom_domain"),
        ({"settings": {"do_not_track": "nope"}}, "project.settings.do_not_track"),
        ({"settings": "dark"}, "project.settings"),
        ({"domains": "x"}, "project.domains"),
        ({"environments": [1]}, "project.environments"),
    ],
)
def test_imported_settings_are_checked(account: ConvertClient, project: Body, field: str) -> None:
    file = {"version": 1, "project": {"name": "Imported", "project_type": "web", **project}}
    before = account.request("POST", f"/accounts/{account.account_id}/projects", {"onlyCount": True}, expect=200).json()
    refused = upload(account, f"/accounts/{account.account_id}/projects/import-project", file)
    assert field in str(assert_refused(refused, 422)["fields"])
    after = account.request("POST", f"/accounts/{account.account_id}/projects", {"onlyCount": True}, expect=200).json()
    assert before == after
