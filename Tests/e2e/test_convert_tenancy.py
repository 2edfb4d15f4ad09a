"""What is not a key's own is not there for it: other accounts, other projects, and what these hold."""

import re
from typing import Any

import pytest

from support.convert import (
    Body, ConvertClient, ConvertProject, Operation, assert_refused, convert_client, convert_project, operations,
)  # fmt: skip
from support.convert_kinds import (
    HYPOTHESES, KINDS, KNOWLEDGE_BASES, OBSERVATIONS, TAGS, URL, VISITS, WITH_STATUS, Kind, fresh, rules,
)  # fmt: skip
from support.server import Sextant

NO_SUCH_ID = 987_654_321
OF_PROJECTS = "/accounts/{account_id}/projects/{project_id}/"
PATHS = re.compile(rf"({'|'.join(kind.path for kind in KINDS)}|change-history)(/.*)?")
OPERATIONS = [
    operation
    for operation in operations()
    if operation.path.startswith(OF_PROJECTS)
    and PATHS.fullmatch(operation.path.removeprefix(OF_PROJECTS))
    and "check_code" not in operation.path
]
# A parameter that names one thing, such as goal_id or goal_key.
NAME = re.compile(r"\{(\w+_(?:id|key))\}")


def kind_of(operation: Operation) -> Kind | None:
    word = operation.path.removeprefix(OF_PROJECTS).split("/")[0]
    return next((kind for kind in KINDS if kind.path == word), None)


def named(operation: Operation) -> list[str]:
    return NAME.findall(operation.path.removeprefix(OF_PROJECTS))


def body_of(operation: Operation, kind: Kind | None) -> Body | None:
    """A body that the operation takes."""
    last = operation.path.rsplit("/", 1)[1]
    if operation.method != "POST" or last in ("clone", "convert"):
        return None
    if kind is None or last == kind.path:
        return {}
    return {
        "add": kind.body(fresh("foreign")),
        "update": {kind.name: kind.body(fresh("foreign"))[kind.name]},
        "update-status": {"status": "archived"},
        "by_url": {"url": "https://foreign.example.com"},
        "bulk-delete": {"id": [1]},
        "bulk-update": {"id": [1], "status": "archived"},
    }[last]


def call(client: ConvertClient, operation: Operation, account_id: int, project_id: int, name: Any = 1) -> Any:
    path = operation.path.replace("{account_id}", str(account_id)).replace("{project_id}", str(project_id))
    path = NAME.sub(str(name), path)
    return client.request(operation.method, path, body_of(operation, kind_of(operation)))


@pytest.fixture
def key(server: Sextant) -> ConvertClient:
    return convert_client(server)


@pytest.fixture
def home(server: Sextant, kind: Kind) -> ConvertProject:
    """The project in which the kind lives."""
    return convert_project(server, kind.project)


@pytest.fixture
def abroad(server: Sextant, kind: Kind) -> ConvertProject:
    """The other project."""
    return convert_project(server, "web" if kind.project == "fullstack" else "fullstack")


def test_all_operations_are_here() -> None:
    assert len(OPERATIONS) > 60 and {kind_of(operation) for operation in OPERATIONS} == {None, *KINDS}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_in_a_foreign_place(key: ConvertClient, web: ConvertProject, operation: Operation) -> None:
    account = key.account_id
    for account_id, project_id in [
        (account + 1, web.id), (NO_SUCH_ID, web.id), (0, web.id), (-account, web.id), (2**63 - 1, web.id),
        (account, NO_SUCH_ID), (account, 0), (account, -web.id), (account, 2**63 - 1), (NO_SUCH_ID, NO_SUCH_ID),
    ]:  # fmt: skip
        assert_refused(call(key, operation, account_id, project_id), (403, 404))


@pytest.mark.parametrize(
    "operation", [operation for operation in OPERATIONS if named(operation)], ids=lambda operation: operation.name
)
def test_every_operation_on_a_foreign_thing(server: Sextant, key: ConvertClient, operation: Operation) -> None:
    """What one project holds is not there for the other."""
    kind = kind_of(operation)
    assert kind is not None
    home = convert_project(server, kind.project)
    abroad = convert_project(server, "web" if kind.project == "fullstack" else "fullstack")
    thing = kind.add(home)
    before = home.get(kind.path, thing["id"], **{"include[]": kind.optional})
    name = thing["key"] if named(operation) == [f"{kind.object}_key"] else thing["id"]
    assert_refused(call(key, operation, key.account_id, abroad.id, name), 404)
    assert home.get(kind.path, thing["id"], **{"include[]": kind.optional}) == before


def test_account_history_of_another(key: ConvertClient) -> None:
    for account_id in (key.account_id + 1, NO_SUCH_ID, 0, -1, 2**63 - 1):
        assert_refused(key.request("POST", f"/accounts/{account_id}/change-history", {}), (403, 404))


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_lists_hold_nothing_foreign(home: ConvertProject, abroad: ConvertProject, kind: Kind) -> None:
    thing = kind.add(home)
    assert abroad.items(kind.path, only=[thing["id"]]) == []
    if kind.searched:
        assert abroad.items(kind.path, search=thing["name"]) == []
    assert thing["id"] not in [item["id"] for item in abroad.items(kind.path, results_per_page=50)]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_bulk_calls_leave_foreign_things_alone(home: ConvertProject, abroad: ConvertProject, kind: Kind) -> None:
    thing = kind.add(home)["id"]
    before = home.get(kind.path, thing)
    answer = abroad.bulk(kind.path, "delete", [thing])
    assert [error["id"] for error in answer["errors"]] == [thing]
    if kind in WITH_STATUS:
        answer = abroad.bulk(kind.path, "update", [thing], status=kind.second_status)
        assert [error["id"] for error in answer["errors"]] == [thing]
    assert home.get(kind.path, thing) == before


@pytest.mark.parametrize("kind", [HYPOTHESES, KNOWLEDGE_BASES, OBSERVATIONS], ids=str)
def test_foreign_references(web: ConvertProject, fullstack: ConvertProject, kind: Kind) -> None:
    foreign = TAGS.add(fullstack)
    for tag in (foreign["id"], {"id": foreign["id"], "name": foreign["name"]}):
        response = web.post(kind.path, "add", body={**kind.body(fresh("tagged")), "tags": [tag]})
        if response.status_code == 201:
            assert foreign["id"] not in response.json()["tags"]
        else:
            assert_refused(response, 422, "tags")
    assert web.items(kind.path, tags=[foreign["id"]]) == []
    assert fullstack.items(kind.path, tags=[foreign["id"]]) == []


def test_keys_are_unique_in_a_project_only(web: ConvertProject, fullstack: ConvertProject) -> None:
    key = fresh("both").replace(" ", "-")
    body = {"name": "both", "type": "visits_page", "key": key}
    ids = [project.add("goals", body)["id"] for project in (web, fullstack)]
    assert [project.get("goals", key)["id"] for project in (web, fullstack)] == ids
    web.delete("goals", ids[0])
    assert_refused(web.try_get("goals", key), 404)
    assert fullstack.get("goals", key)["id"] == ids[1]


def test_messages_tell_nothing_of_foreign_things(web: ConvertProject, fullstack: ConvertProject) -> None:
    secret = fresh("secret name")
    foreign = fullstack.add("audiences", {"name": secret, "type": "transient", "rules": rules(VISITS)})
    unknown = assert_refused(web.try_get("audiences", NO_SUCH_ID), 404)["message"]
    known = assert_refused(web.try_get("audiences", foreign["id"]), 404)["message"]
    assert known.replace(str(foreign["id"]), "") == unknown.replace(str(NO_SUCH_ID), "")
    assert secret not in web.post("audiences", "bulk-delete", body={"id": [foreign["id"]]}).text
    refused = web.post("audiences", foreign["id"], "update", body={"rules": rules(URL)})
    assert refused.status_code == 404, "what is wrong with a body is told after whether the thing is there"
