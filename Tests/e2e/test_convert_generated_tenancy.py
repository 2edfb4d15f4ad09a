"""Every operation of Convert's contract that has an account in its address, called by those to whom it is not.

The requests are made from the contract, so that an operation that is served from now on is called here too. The victim
is a pair of projects in which everything has a marker in its name; the intruders are a key of another account, and one
that may use another pair of projects only. No answer may hold a marker, and nothing of the victim's may change."""

import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from support.convert import (
    Body, Operation, assert_refused, client_of, contract, convert_client, form, new_key, resolved,
)  # fmt: skip
from support.convert_kinds import KINDS, hypothesis, rules
from support.generated_tenancy import (
    ACCOUNT_MARKER, IN_PROJECTS, MARKER, NAMING, OPERATIONS, RULES, Tenant, Victim, World, give_away, in_address,
    makeable, media_of, members, named, new_projects, referred, values,
)  # fmt: skip
from support.language_model import LanguageModel, as_asked
from support.server import Launch


@pytest.fixture(scope="module")
def model() -> Iterator[LanguageModel]:
    with LanguageModel(answer=as_asked) as model:
        yield model


@pytest.fixture(scope="module")
def world(launch: Launch, model: LanguageModel) -> World:
    server = launch(environment={"SEXTANT_AI_URL": model.url, "SEXTANT_AI_MODEL": "some-model"})
    client = convert_client(server)
    details = {"accountType": "main", "name": ACCOUNT_MARKER}
    client.request("POST", f"/accounts/{client.account_id}/details", details, expect=200)
    theirs, ours, far = (new_projects(client, word) for word in (MARKER, "Ours", "Far"))
    stranger = client_of(client, new_key(client))
    give_away(server, stranger, far)
    victim = Victim(client, theirs, MARKER)
    victim.fill()
    limited = Tenant(client_of(client, new_key(client, projects=[*ours.values()])), ours, "Ours")
    return World(victim, Tenant(client, ours, "Ours"), limited, Tenant(stranger, far, "Far"), victim.state())


@pytest.fixture(autouse=True)
def nothing_changes(world: World) -> Iterator[None]:
    """The victim is after each test what it was before."""
    yield
    before, world.state = world.state, world.victim.state()
    assert world.state == before


def assert_nothing_leaks(world: World, intruder: Tenant, response: requests.Response, said: Any = None) -> None:
    """The answer holds no marker but in what the request itself said in its address or body."""
    text = response.text
    for word in strings(said):
        text = text.replace(word, "")
    # The name of the account is no secret to its own keys.
    markers = [MARKER, MARKER.lower(), *([ACCOUNT_MARKER] if intruder is world.abroad else [])]
    assert not [marker for marker in markers if marker in text], f"{response.status_code} tells: {response.text[:2000]}"


def strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from strings(child)


# ---- the tests


def test_everything_is_here(world: World) -> None:
    assert len(OPERATIONS) >= 90
    for kind in KINDS:
        parameter, path = in_address(kind)
        shown = world.victim.project_for(path).try_get(kind.path, world.victim.things[parameter]).text
        assert MARKER.lower() in shown.lower(), f"the victim's {kind} are not marked"


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if makeable(o) == named(o)], ids=lambda operation: operation.name
)
def test_the_requests_are_right(world: World, operation: Operation) -> None:
    """What is refused below is answered to whom it is: the requests are in order but for who makes them."""
    owner = Tenant(world.owner.client, new_projects(world.owner.client, "Own"), "Ours")
    names = owner.make_all(operation)
    response = owner.call(operation, {**owner.ids(operation.path), **names})
    assert response.status_code < 500 and response.status_code not in (401, 403, 404), response.text[:1000]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_foreign_places(world: World, operation: Operation) -> None:
    victim = world.victim
    ids = {**dict.fromkeys(named(operation), 1), **victim.things, **victim.ids(operation.path)}
    for intruder, places in [
        (world.abroad, [ids, {**ids, "account_id": world.abroad.account_id}]),
        (world.limited, [ids]),
    ]:  # fmt: skip
        for place in places:
            is_own = place["account_id"] == intruder.account_id and "{project_id}" not in operation.path
            if is_own and named(operation) == []:
                continue
            response = intruder.call(operation, place)
            assert_refused(response, (403, 404))
            assert_nothing_leaks(world, intruder, response, place)


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if o not in IN_PROJECTS and not named(o)], ids=lambda operation: operation.name
)
def test_what_is_the_accounts(world: World, operation: Operation) -> None:
    """A key of some projects sees nothing of the others in what it may see of the account."""
    response = world.limited.call(operation, world.limited.ids(operation.path))
    assert response.status_code in (200, 403), response.text
    assert_nothing_leaks(world, world.limited, response)


def test_other_accounts_are_not_listed(world: World) -> None:
    listed = world.abroad.client.request("GET", "/accounts", expect=200)
    assert [account["id"] for account in listed.json()["data"]] == [world.abroad.account_id]
    assert_nothing_leaks(world, world.abroad, listed)


@pytest.mark.parametrize("operation", [o for o in NAMING if makeable(o)], ids=lambda operation: operation.name)
def test_foreign_things(world: World, operation: Operation) -> None:
    """In the own project, what is another project's is not there, not even for a key that may use both."""
    callers = [*world.intruders, *([world.owner] if operation in IN_PROJECTS else [])]
    for caller, name in itertools.product(callers, makeable(operation)):
        names = {other: caller.make(other, operation.path) for other in makeable(operation) if other != name}
        place = {**dict.fromkeys(named(operation), 1), **caller.ids(operation.path), **names}
        response = caller.call(operation, {**place, name: world.victim.things[name]})
        assert_refused(response, 404 if operation in IN_PROJECTS else (403, 404))
        assert_nothing_leaks(world, caller, response, world.victim.things[name])


def referring_members() -> list[Any]:
    found = []
    for operation in OPERATIONS:
        media_type, schema = media_of(operation) or ("", {})
        for member in sorted(members(schema)) if media_type == "application/json" else []:
            is_search = member == "search" or (member == "url" and operation.path.endswith("/by_url"))
            if is_search or member in RULES or referred(operation, member):
                found.append(pytest.param(operation, member, id=f"{operation.name}-{member}"))
    return found


def ids_in(node: Any) -> list[Any]:
    if isinstance(node, dict):
        return [node.get("id")]
    return [id for child in node for id in ids_in(child)] if isinstance(node, list) else [node]


@pytest.mark.parametrize(("operation", "member"), referring_members())
def test_foreign_ids_in_bodies(world: World, operation: Operation, member: str) -> None:
    """A foreign id is refused or means nothing, wherever a body may hold one."""
    victim = world.victim
    media = media_of(operation)
    assert media is not None
    reference = referred(operation, member)
    foreign = victim.meant_by(reference) if reference else None
    if member in RULES:
        held: list[Any] = [rules(rule) for rule in naming_rules(victim)]
    elif reference:
        is_list = resolved(members(media[1])[member]).get("type") == "array"
        held = [[foreign], [{"id": foreign}]] if is_list else [foreign]
    else:
        held = [MARKER if member == "search" else victim.url]
    for intruder, value in itertools.product([*world.intruders, world.owner], held):
        if intruder is world.owner and operation not in IN_PROJECTS:
            continue
        names = intruder.make_all(operation)
        body = {**intruder.body(operation), member: value}
        response = intruder.call(operation, {**intruder.ids(operation.path), **names}, body)
        assert response.status_code in (200, 201, 400, 403, 404, 422), response.text
        assert_nothing_leaks(world, intruder, response, body)
        if response.status_code < 300:
            assert_means_nothing(operation, member, foreign, value, response.json())


def naming_rules(victim: Victim) -> list[Body]:
    matching = {"match_type": "equals", "negated": False}
    return [
        {"rule_type": type, "matching": matching, "value": victim.things[name]}
        for type, name in [("goal_triggered", "goal_id"), ("bucketed_into_segment", "audience_id")]
    ]


def assert_means_nothing(operation: Operation, member: str, foreign: Any, value: Any, answer: Body) -> None:
    if operation.path.endswith(("bulk-update", "bulk-delete")) and member == "id":
        assert [error["id"] for error in answer["errors"]] == [foreign]
    elif member == "only":
        assert answer["data"] == []
    elif isinstance(answer.get("data"), list):
        assert foreign not in [item.get("id") for item in answer["data"]]
    elif member in RULES:
        assert answer.get(member) != value, "a rule with a foreign id was accepted"
    elif foreign is not None:
        assert foreign not in ids_in(answer.get(member)), answer


def test_foreign_ids_in_files(world: World) -> None:
    """What a file refers to is in the file: ids of others in it mean nothing."""
    victim = world.victim
    (imported,) = (operation for operation in OPERATIONS if operation.name == "importProject")
    for rule, caller in itertools.product(naming_rules(victim), [world.owner, world.abroad]):
        project = caller.project_for(imported.path)
        file = project.post("export", body={}, expect=201).json()
        file["hypothesis"] = [{**hypothesis("tagged"), "id": 1, "tags": [victim.things["tag_id"]]}]
        file["audiences"] = [{"id": 2, "name": "buyers", "type": "segmentation", "rules": rules(rule)}]
        response = caller.call(imported, caller.ids(imported.path), form({"file": json.dumps(file).encode()})[0])
        assert response.status_code in (201, 422), response.text
        assert_nothing_leaks(world, caller, response)
