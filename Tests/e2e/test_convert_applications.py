"""What the applications of an account may do: each in its projects, in its role, in its way to prove itself."""


from typing import Any

import pytest
import requests

from support.convert import (
    API, Body, ConvertClient, ConvertProject, assert_refused, client_of, convert_client, convert_project, new_key, signed_headers,
)  # fmt: skip
from support.convert_kinds import GOALS, KINDS, OBSERVATIONS, TAGS, WITH_STATUS, Kind, fresh
from support.server import Launch, Sextant

def delete_key(account: ConvertClient, key: Body) -> None:
    account.request("DELETE", f"/accounts/{account.account_id}/api-keys/{key['key_id']}/delete", expect=200)


@pytest.fixture(params=["requestSigning", "secretKey"])
def way(request: pytest.FixtureRequest) -> str:
    way: str = request.param
    return way


# ---- projects


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_key_of_one_project(server: Sextant, account: ConvertClient, way: str, kind: Kind) -> None:
    whole = convert_project(server, kind.project)
    other = convert_project(server, "web" if kind.project == "fullstack" else "fullstack")
    own = client_of(account, new_key(account, auth_type=way, projects=[whole.id]))
    thing = kind.add(ConvertProject(own, whole.id))
    assert whole.get(kind.path, thing["id"])["id"] == thing["id"]
    foreign = client_of(account, new_key(account, auth_type=way, projects=[other.id]))
    abroad = ConvertProject(foreign, whole.id)
    for response in (
        abroad.post(kind.path, body={}),
        abroad.try_get(kind.path, thing["id"]),
        abroad.post(kind.path, "add", body=kind.body(fresh("foreign"))),
        abroad.post(kind.path, thing["id"], kind.update, body={}),
        abroad.delete(kind.path, thing["id"], expect=None),
        abroad.post(kind.path, "bulk-delete", body={"id": [thing["id"]]}),
        abroad.post("change-history", body={}),
    ):
        assert_refused(response, (403, 404))
    assert whole.get(kind.path, thing["id"])["id"] == thing["id"]


def test_history_of_a_key_of_one_project(server: Sextant, account: ConvertClient) -> None:
    web, fullstack = convert_project(server, "web"), convert_project(server, "fullstack")
    tag, other = TAGS.add(web)["id"], TAGS.add(fullstack)["id"]
    own = client_of(account, new_key(account, projects=[web.id]))
    told = own.account_history(results_per_page=50)["data"]
    assert {change["project"] for change in told} == {web.id}
    assert str(tag) in [change["object_id"] for change in told if change["object"] == "tag"]
    assert str(other) not in [change["object_id"] for change in told]
    assert own.account_history(projects=[fullstack.id])["data"] == []
    counted = own.account_history(onlyCount=True)["extra"]["pagination"]["items_count"]
    assert counted == web.history(onlyCount=True)["extra"]["pagination"]["items_count"]


def test_key_of_several_projects(server: Sextant, account: ConvertClient) -> None:
    both = [convert_project(server, name).id for name in ("web", "fullstack")]
    for projects in (both, [], None):
        own = client_of(account, new_key(account, projects=projects))
        for id in both:
            assert TAGS.add(ConvertProject(own, id))["id"]


def test_a_key_of_one_project_makes_no_keys(server: Sextant, account: ConvertClient) -> None:
    own = client_of(account, new_key(account, projects=[convert_project(server, "web").id]))
    path = f"/accounts/{account.account_id}/api-keys"
    assert_refused(own.request("POST", f"{path}/add", {"name": "wider"}), 403)
    assert_refused(own.request("GET", path), 403)


# ---- roles


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("role", ["browse", "review"])
def test_keys_that_may_only_look(server: Sextant, account: ConvertClient, kind: Kind, role: str) -> None:
    project = convert_project(server, kind.project)
    thing = kind.add(project)
    own = ConvertProject(client_of(account, new_key(account, role=role)), project.id)
    assert own.get(kind.path, thing["id"]) == project.get(kind.path, thing["id"])
    assert own.items(kind.path, only=[thing["id"]]) == project.items(kind.path, only=[thing["id"]])
    before = own.history(onlyCount=True)
    status = {"status": kind.second_status}
    requests = [
        own.post(kind.path, "add", body=kind.body(fresh("looking"))),
        own.post(kind.path, thing["id"], kind.update, body=status if kind.update != "update" else {kind.name: "x"}),
        own.delete(kind.path, thing["id"], expect=None),
        own.post(kind.path, "bulk-delete", body={"id": [thing["id"]]}),
    ]
    if kind in WITH_STATUS:
        requests.append(own.post(kind.path, "bulk-update", body={"id": [thing["id"]], **status}))
    if kind.has_clone:
        requests.append(own.post(kind.path, thing["id"], "clone"))
    for response in requests:
        assert_refused(response, 403)
    assert own.history(onlyCount=True) == before
    assert project.get(kind.path, thing["id"])[kind.name] == thing[kind.name]


@pytest.mark.parametrize("role", ["edit", "publish", "account_manager", "admin"])
def test_keys_that_may_change(server: Sextant, account: ConvertClient, role: str) -> None:
    project = convert_project(server, "web")
    own = ConvertProject(client_of(account, new_key(account, role=role)), project.id)
    goal = GOALS.add(own)
    assert own.update("goals", goal["id"], {"name": "changed"})["name"] == "changed"
    own.bulk("goals", "update", [goal["id"]], status="archived")
    own.delete("goals", goal["id"])


def test_domains_are_looked_up_by_those_who_look(server: Sextant, account: ConvertClient) -> None:
    project = convert_project(server, "web")
    url = f"https://{fresh('look').replace(' ', '-')}.example.com"
    added = project.add("domains", {"url": url})
    own = ConvertProject(client_of(account, new_key(account, role="browse")), project.id)
    assert own.post("domains", "by_url", body={"url": url}, expect=200).json() == added


# ---- ways to prove themselves


def test_a_key_is_used_in_its_own_way(server: Sextant, account: ConvertClient, way: str) -> None:
    made = new_key(account, auth_type=way)
    right = client_of(account, made)
    wrong = ConvertClient(right.base_url, right.account_id, right.application_id, right.secret, not right.bearer)
    path = convert_project(server, "web").path("tags")
    right.request("POST", path, {}, expect=200)
    assert_refused(wrong.request("POST", path, {}), 401)


def test_keys_are_not_mixed_up(server: Sextant, account: ConvertClient) -> None:
    """The secret of one application proves nothing for another."""
    one, two = new_key(account), new_key(account)
    assert one["key_id"] != two["key_id"] and one["key_secret"] != two["key_secret"]
    url = f"{account.base_url}{API}{convert_project(server, 'web').path('tags')}"
    for id, secret, status in [
        (one["key_id"], one["key_secret"], 200), (two["key_id"], two["key_secret"], 200),
        (one["key_id"], two["key_secret"], 401), (two["key_id"], one["key_secret"], 401),
    ]:  # fmt: skip
        assert requests.post(url, headers=signed_headers(id, secret, url), timeout=30).status_code == status


def test_deleted_keys(server: Sextant, account: ConvertClient, way: str) -> None:
    made = new_key(account, auth_type=way)
    own = ConvertProject(client_of(account, made), convert_project(server, "web").id)
    tag = TAGS.add(own)
    delete_key(account, made)
    assert_refused(own.try_get("tags", tag["id"]), 401)
    assert convert_project(server, "web").get("tags", tag["id"]) == tag


def test_the_secret_is_shown_once(account: ConvertClient) -> None:
    made = new_key(account)
    listed = account.request("GET", f"/accounts/{account.account_id}/api-keys", expect=200)
    assert made["key_id"] in listed.text and made["key_secret"] not in listed.text
    assert account.secret not in listed.text
    assert made["key_secret"] not in str(account.account_history(results_per_page=50))


def test_changes_are_of_the_key(server: Sextant, account: ConvertClient) -> None:
    name = 'CI "deploy" <b>🚀</b>'
    own = ConvertProject(client_of(account, new_key(account, name=name)), convert_project(server, "web").id)
    assert OBSERVATIONS.add(own)["created_by"] == name
    tag = TAGS.add(own)["id"]
    assert [(change["user"], change["method"]) for change in own.changes(tags=[tag])] == [(name, "api")]


# ---- who may do what to keys


@pytest.mark.parametrize("projects", [[1.5], [1, 0.1], [99999999999999999999], ["1"], [0], [-1]])
def test_limits_that_cannot_be_read_make_no_key(account: ConvertClient, projects: list[Any]) -> None:
    body = {"name": "odd", "role": "edit", "projects": projects, "auth_type": "secretKey"}
    refused = account.request("POST", f"/accounts/{account.account_id}/api-keys/add", body)
    assert "projects" in str(assert_refused(refused, 422)["fields"])


def test_keys_do_not_delete_their_betters(account: ConvertClient) -> None:
    admin = client_of(account, new_key(account, role="admin"))
    manager = new_key(account, role="account_manager")
    path = f"/accounts/{account.account_id}/api-keys/{{}}/delete"
    for key_id in (manager["key_id"], account.application_id):
        assert_refused(admin.request("DELETE", path.format(key_id)), 403)
    delete_key(account, manager)
    admin.request("DELETE", path.format(admin.application_id), expect=200)


def test_the_last_managing_key_stays(launch: Launch) -> None:
    server = launch()
    first = convert_client(server)
    path = f"/accounts/{first.account_id}/api-keys/{first.application_id}/delete"
    edit, limited = new_key(first, role="edit"), new_key(first, role="admin", projects=[1])
    assert edit and limited
    assert_refused(first.request("DELETE", path), 409)
    second = client_of(first, new_key(first))
    second.request("DELETE", path, expect=200)
    assert first.request("GET", "/accounts").status_code == 401


def test_limited_keys_see_nothing_of_the_rest(account: ConvertClient, web: ConvertProject) -> None:
    limited = client_of(account, new_key(account, role="admin", projects=[web.id]))
    details = f"/accounts/{account.account_id}/details"
    body = {"accountType": "main", "billing": {"details": {"company": "Secret Ltd", "emails": ["a@b.example"]}}}
    account.request("POST", details, body, expect=200)
    shown = limited.request("GET", details, query={"include[]": "stats"}, expect=200)
    assert shown.json()["data"]["stats"]["active_projects_count"] == 1 and "Secret" not in shown.text
    assert_refused(limited.request("GET", f"/accounts/{account.account_id}/plan_setup/users"), 403)
    browsing = client_of(account, new_key(account, role="browse"))
    assert_refused(browsing.request("GET", f"/accounts/{account.account_id}/plan_setup/users"), 403)


def test_the_way_of_a_key_is_told_to_its_owner_only(account: ConvertClient) -> None:
    key = new_key(account, auth_type="secretKey")
    guess = ConvertClient(account.base_url, account.account_id, key["key_id"], "a guess")
    unknown = ConvertClient(account.base_url, account.account_id, "nobody", "a guess")
    owner = ConvertClient(account.base_url, account.account_id, key["key_id"], key["key_secret"])
    messages = [client.request("GET", "/accounts", expect=401).json()["message"] for client in (guess, unknown, owner)]
    assert messages[0] == messages[1] and "secretKey" in messages[2] and "secretKey" not in messages[0]
