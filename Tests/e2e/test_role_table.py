"""Every operation of the management interface with people of every role, in every place, against one table of who may."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests

from support.convert import Body, Operation, convert_client, convert_project, operations
from support.convert_kinds import AUDIENCES, LOCATIONS, fresh
from support.people import Person, new_person, sextant_user
from support.role_table import (
    EVERYBODY, PROJECT, PROJECT_BY_ACCOUNT, ROLES, Held, by_operation, expected, is_enough, least_roles, permissions_of_the_contract,
)  # fmt: skip
from support.server import Launch, Sextant, binary

NOBODY = 999_999
TABLE = by_operation()
LEAST = least_roles()
# After these there is no session any more.
ENDING = {"doLogout", "revokeAllUserSessions"}
DEMO = "Demo project"


@dataclass
class World:
    """Two accounts: the one that there is, with two projects, and one under it with a project."""

    server: Sextant
    owner: Person
    home: int
    """The account."""
    first: int
    """A project of it, as `second` is."""
    second: int
    abroad: int
    """Another account."""
    foreign: int
    """A project of that one."""
    abroad_owner: Person

    @property
    def projects(self) -> dict[int, set[int]]:
        return {self.home: {self.first, self.second}, self.abroad: {self.foreign}}

    def person(self, *accesses: tuple[int | None, str]) -> Person:
        """Somebody with these roles, each in a project or in the whole account."""
        made = new_person(self.server, "browse")
        self.give(made, *accesses)
        return made.log_in()

    def give(self, person: Person, *accesses: tuple[int | None, str]) -> None:
        """What somebody may do from now on, in the account; nothing at all where nothing is listed."""
        if not accesses:
            body: Body = {"email": person.email}
            self.owner.request("POST", f"/accounts/{self.home}/users-accesses/delete", body, expect=200)
            return
        if any(role == "owner" for _, role in accesses):
            # That is given on the server's machine only.
            (project, role), = accesses
            options = [] if project is None else [f"--project={project}"]
            sextant_user(self.server, "add", person.email, "--role", role, *options)
            if project is None:
                return
            taken = {"email": person.email, "accesses": [{"project": None}]}
            self.owner.request("POST", f"/accounts/{self.home}/users-accesses/delete", taken, expect=200)
            return
        body = {"email": person.email, "accesses": [{"project": project, "role": role} for project, role in accesses]}
        self.owner.request("PUT", f"/accounts/{self.home}/users-accesses/update", body, expect=200)

    def held(self, *accesses: tuple[int | None, str]) -> Held:
        return Held(dict(accesses).get(None), {project: role for project, role in accesses if project is not None})


@pytest.fixture(scope="module")
def world(launch: Launch) -> World:
    server = launch()
    owner = new_person(server, "owner").log_in()
    limits = ("domains", "goals", "deploys", "projects", "segments", "testedVisitors", "testedUsers")
    plan = {"product": "experiences", "usageLimits": {name: {"limitValue": 10} for name in limits}}
    other = new_person(server, "browse")
    sub = {"name": "Abroad", "billing": {"products": {"experiences": {"plan": plan}}}, "userName": "Bo", "userEmail": other.email}
    abroad: int = owner.request("POST", "/accounts/1/sub-accounts/add", sub, expect=200).json()["data"]["id"]

    def project(by: Person, account: int, name: str) -> int:
        body = {"name": name, "project_type": "web"}
        made: int = by.request("POST", f"/accounts/{account}/projects/add", body, expect=201).json()["id"]
        return made

    # Where there is one of this name, no demo project is made.
    second = project(owner, 1, DEMO)
    foreign = project(other.log_in(), abroad, DEMO)
    return World(server, owner, 1, convert_project(server, "web").id, second, abroad, foreign, other)


def call(world: World, person: Person, operation: Operation, account: int, project: int, is_allowed: bool) -> int:
    """Bodies are wrong and things are not there, so that what is allowed changes nothing."""
    if operation.name == "deleteProject" and is_allowed:
        body = {"name": fresh("to be deleted"), "project_type": "web"}
        maker = world.owner if account == world.home else world.abroad_owner
        project = maker.request("POST", f"/accounts/{account}/projects/add", body, expect=201).json()["id"]
    known = {"account_id": account, "project_id": project}
    path = re.sub(r"\{(\w+)\}", lambda match: str(known.get(match[1], NOBODY)), operation.path)
    answer = person.request(operation.method, path, None if operation.method == "GET" else {})
    if operation.name in ENDING and answer.ok:
        person.log_in()
    return answer.status_code


def walk(world: World, person: Person, held: dict[int, Held], *, is_mixed: bool = False) -> list[str]:
    """Calls every operation in every place, and says where an answer is not as the table has it."""
    wrong: list[str] = []
    places = [(world.home, world.first), (world.home, world.second), (world.abroad, world.foreign)]
    if is_mixed:
        places += [(world.home, world.foreign), (world.abroad, world.first)]
    for operation in operations():
        row = TABLE[operation.name]
        seen: set[tuple[int, int]] = set()
        for account, project in places:
            place = (account if "{account_id}" in operation.path else 0, project if "{project_id}" in operation.path else 0)
            if place in seen:
                continue
            seen.add(place)
            due = expected(row, held, account, project, world.projects)
            status = call(world, person, operation, account, project, due == 200)
            is_right = status not in (401, 403) and status < 500 if due == 200 else status == due
            if not is_right:
                wrong.append(f"{operation.name} ({row.permission}) in {place} answered {status}, not {due}")
    return wrong


# ---- the table itself


def test_the_table_is_whole() -> None:
    assert set(TABLE) == {operation.name for operation in operations()}
    assert set(LEAST) == permissions_of_the_contract()
    assert all(("{project_id}" in operation.path) == (TABLE[operation.name].place in (PROJECT, PROJECT_BY_ACCOUNT)) for operation in operations())


def test_roles_are_told_as_they_are(world: World) -> None:
    told = world.owner.request("GET", "/access-roles", expect=200).json()["data"]
    assert [role["name"] for role in told] == ROLES
    for role in told:
        permitted = {f"{thing}.{act}": is_permitted for thing, acts in role["permissions"].items() for act, is_permitted in acts.items()}
        assert permitted == {name: is_enough(role["name"], least) for name, least in LEAST.items()}, role["name"]


def test_the_server_lists_the_same() -> None:
    """`sextant routes --access`, which the answers themselves are held against below."""
    listed = subprocess.run([binary(), "routes", "--access"], capture_output=True, text=True, timeout=120, check=True)
    callers = {line.split("\t")[0].removeprefix("convert."): set(line.split("\t")[4].split(",")) for line in listed.stdout.splitlines() if line.startswith("convert.")}
    wrong = []
    for name, row in TABLE.items():
        if row.place == EVERYBODY:
            assert callers[name] == {"stranger"}, name
            continue
        for caller, held in [
            *[(f"user:{role}", {1: Held(role)}) for role in ROLES], ("user:admin:project", {1: Held(None, {1: "admin"})}), ("user:nothing", {}),
        ]:  # fmt: skip
            if (caller in callers[name]) != (expected(row, held, 1, 1, {1: {1}}) == 200):
                wrong.append(f"{name} {caller}")
    assert not wrong


# ---- people


@pytest.mark.parametrize("role", ROLES)
def test_a_role_in_the_whole_account(world: World, role: str) -> None:
    person = world.person((None, role))
    assert walk(world, person, {world.home: Held(role)}, is_mixed=role == "owner") == []


@pytest.mark.parametrize("role", ROLES)
def test_a_role_in_one_project(world: World, role: str) -> None:
    person = world.person((world.first, role))
    held = {world.home: Held(None, {world.first: role})}
    assert walk(world, person, held, is_mixed=role == "admin") == []


MIXED = {
    # The greater one holds, whichever of the two it is.
    "more in a project": [(None, "browse"), ("first", "publish")],
    "less in a project": [(None, "publish"), ("first", "browse")],
    # Whoever publishes edits, though nobody has said so.
    "publish here, browse there": [("first", "publish"), ("second", "browse")],
}  # fmt: skip


@pytest.mark.parametrize("accesses", MIXED.values(), ids=MIXED)
def test_several_roles(world: World, accesses: list[tuple[str | None, str]]) -> None:
    places = {None: None, "first": world.first, "second": world.second}
    given = [(places[place], role) for place, role in accesses]
    assert walk(world, world.person(*given), {world.home: world.held(*given)}) == []


def test_roles_in_two_accounts(world: World) -> None:
    person = world.person((None, "browse"))
    sextant_user(world.server, "add", person.email, "--role", "admin", "--account", str(world.abroad))
    held = {world.home: Held("browse"), world.abroad: Held("admin")}
    assert walk(world, person, held, is_mixed=True) == []


def test_roles_that_are_taken_away(world: World) -> None:
    """Under a session that stays open; at the end there is nothing left of them, and it is still a login."""
    person = world.person((None, "account_manager"))
    world.give(person, (world.first, "edit"))
    assert walk(world, person, {world.home: Held(None, {world.first: "edit"})}) == []
    world.give(person)
    assert walk(world, person, {}) == []


# ---- what a body makes of it

ACTS: dict[str, tuple[str, str, Body]] = {
    # Of a draft, and of what runs: what is asked for, and the permission that this takes.
    "draft renamed": ("draft", "experience.edit", {"name": "renamed"}),
    "draft started": ("draft", "experience.pauseplay", {"status": "active"}),
    "draft scheduled": ("draft", "experience.pauseplay", {"status": "scheduled", "start_time": 4_000_000_000}),
    "draft archived": ("draft", "experience.edit", {"status": "archived"}),
    "running renamed": ("active", "experience.edit_running", {"description": "changed"}),
    "running paused": ("active", "experience.pauseplay", {"status": "paused"}),
    "running completed": ("active", "experience.pauseplay", {"status": "completed"}),
    "variation stopped": ("draft variation", "variation.pauseplay", {"status": "stopped"}),
    "running variation renamed": ("active variation", "experience.edit_running", {"name": "renamed"}),
    "other baseline": ("draft variation", "variation.changebaseline", {"is_baseline": True}),
    "location in use": ("locations", "location.edit_running", {"description": "changed"}),
    "audience in use": ("audiences", "audience.edit_running", {"description": "changed"}),
}


@pytest.fixture(scope="module")
def editors(world: World) -> Iterator[list[tuple[str, str, Person]]]:
    """People of each role, in the whole account and in the project alone."""
    yield [
        (f"{role} in {'the account' if place is None else 'the project'}", role, world.person((place, role)))
        for role in ROLES for place in (None, world.first)
    ]  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
def test_what_is_asked_for_takes_its_permission(world: World, editors: list[tuple[str, str, Person]], act: str) -> None:
    subject, permission, change = ACTS[act]
    project = f"/accounts/{world.home}/projects/{world.first}"
    variations = [{"name": name, "traffic_distribution": 50.0} for name in ("one", "two")]

    def prepared() -> tuple[str, str]:
        """The method and address by which it is changed, of something new."""
        members: Body = {}
        found = ("", "")
        if subject in ("locations", "audiences"):
            kind = (LOCATIONS if subject == "locations" else AUDIENCES).body(fresh(subject))
            used = world.owner.request("POST", f"{project}/{subject}/add", kind, expect=201).json()["id"]
            members, found = {subject: [used]}, ("POST", f"{project}/{subject}/{used}/update")
        status = "draft" if subject.startswith("draft") else "active"
        body = {"name": fresh("act"), "type": "a/b", "status": status, "url": "https://x.example/", "variations": variations, **members}
        made = world.owner.request("POST", f"{project}/experiences/add?expand[]=variations", body, expect=201).json()
        path = f"{project}/experiences/{made['id']}"
        if subject.endswith("variation"):
            return "PUT", f"{path}/variations/{made['variations'][1]['id']}/update"
        return found if found[0] else ("POST", f"{path}/update")

    wrong = []
    for name, role, person in editors:
        method, path = prepared()
        answer = person.request(method, path, change)
        due = 200 if is_enough(role, LEAST[permission]) else 403
        if answer.status_code != due:
            wrong.append(f"{name}: {answer.status_code}, not {due}: {answer.text[:200]}")
        elif due == 403 and is_enough(role, "edit"):
            # Whoever may change drafts is told what is missing here.
            assert "permission" in answer.json()["message"], answer.text
    assert not wrong


def test_those_without_a_login_are_nobody(world: World) -> None:
    """Neither without a cookie nor with one of nobody's."""
    for cookies in ({}, {"sid": "sxs_" + "x" * 43}):
        with requests.Session() as session:
            session.cookies.update(cookies)
            stranger = Person(world.server, "nobody@example.com", session=session)
            for operation in operations():
                row = TABLE[operation.name]
                status = call(world, stranger, operation, world.home, world.first, False)
                is_right = status in (200, 401, 404, 422, 429) if row.place == EVERYBODY else status == 401
                assert is_right, (operation.name, status)
