"""Every operation of Convert's contract that has an account in its address, called by those to whom it is not.

The requests are made from the contract, so that an operation that is served from now on is called here too. The victim
is a pair of projects in which everything has a marker in its name; the intruders are a key of another account, and one
that may use another pair of projects only. No answer may hold a marker, and nothing of the victim's may change."""

import itertools
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from support.convert import (
    Body, ConvertClient, ConvertProject, Operation, assert_refused, client_of, contract, convert_client, form, new_key,
    operations, resolved,
)  # fmt: skip
from support.convert_kinds import DOMAINS, KINDS, Kind, hypothesis, rules
from support.pictures import encoded
from support.server import REPOSITORY, Launch, Sextant

MARKER = "Wombat"
ACCOUNT_MARKER = "Quokka"
MISSING = set((REPOSITORY / "Tests/e2e/missing_operations.txt").read_text().split())
OPERATIONS = [
    operation
    for operation in operations()
    if "{account_id}" in operation.path and f"convert.{operation.name}" not in MISSING
]
IN_PROJECTS = [operation for operation in OPERATIONS if "{project_id}" in operation.path]
PICTURE = encoded((2, 2), (255, 0, 0))
# Members of bodies that hold rules, which may name goals and segments.
RULES = ("rules", "triggering_rule")
EXPERIENCES = "/accounts/{account_id}/projects/{project_id}/experiences"
# Parameters that name what comes with an experience.
PARTS = ("variation_id", "change_id")
numbers = itertools.count(1)


def named(operation: Operation) -> list[str]:
    """The parameters of the address behind account and project, such as goal_id."""
    return [name for name in re.findall(r"\{(\w+)\}", operation.path) if name not in ("account_id", "project_id")]


NAMING = [operation for operation in OPERATIONS if named(operation)]


# ---- bodies from the contract


def described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = contract()["paths"][operation.path][operation.method.lower()]
    return found


def media_of(operation: Operation) -> tuple[str, dict[str, Any]] | None:
    """The media type and schema of the operation's body."""
    if "requestBody" not in described(operation):
        return None
    ((media_type, media),) = resolved(described(operation)["requestBody"])["content"].items()
    return media_type, media["schema"]


def members(schema: dict[str, Any]) -> dict[str, Any]:
    """All members that a body may have, with their schemas."""
    schema = resolved(schema)
    found: dict[str, Any] = dict(schema.get("properties", {}))
    for part in itertools.chain.from_iterable(schema.get(word, []) for word in ("allOf", "oneOf", "anyOf")):
        found = {**members(part), **found}
    return found


def required(schema: dict[str, Any]) -> set[str]:
    schema = resolved(schema)
    return set(schema.get("required", [])).union(
        *(required(part) for part in [*schema.get("allOf", []), *schema.get("oneOf", [])[:1]])
    )


def values(schema: dict[str, Any]) -> list[Any]:
    """What an enumeration, or a list of its values, may hold."""
    schema = resolved(schema)
    own = schema.get("enum") or values(schema["items"]) if "items" in schema or "enum" in schema else []
    return own or next((found for part in schema.get("allOf", []) if (found := values(part))), [])


def smallest(schema: dict[str, Any], word: str) -> Any:
    """A valid value with no more than is required; text that may be anything is `word` and a number."""
    schema = resolved(schema)
    if values(schema) and schema.get("type") != "array":
        return values(schema)[0]
    known = members(schema)
    if known or schema.get("type") == "object":
        return {name: smallest(known[name], word) for name in sorted(required(schema)) if name in known}
    first = next(iter([*schema.get("oneOf", []), *schema.get("anyOf", []), *schema.get("allOf", [])]), None)
    if first is not None:
        return smallest(first, word)
    match schema.get("type"):
        case "array":
            return [smallest(schema["items"], word) for _ in range(schema.get("minItems", 0))]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return False
        case _ if schema.get("format") == "uri":
            return f"https://{word.lower()}.example/{next(numbers)}"
        case _ if schema.get("pattern", "").endswith("{1,2}$"):
            return two_characters(next(numbers))
        case _:
            return f"{word} {next(numbers)}"[: schema.get("maxLength", 100)]


def two_characters(number: int) -> str:
    """An id of a section or a version."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return digits[number // len(digits) % len(digits)] + digits[number % len(digits)]


def kind_of(path: str) -> Kind | None:
    return next((kind for kind in KINDS if f"/projects/{{project_id}}/{kind.path}" in path), None)


def in_address(kind: Kind) -> tuple[str, str]:
    """The parameter that names one of the kind, and the address that it stands in."""
    return f"{kind.object}_id", f"/accounts/{{account_id}}/projects/{{project_id}}/{kind.path}/{{{kind.object}_id}}"


def revealing(operation: Operation, schema: dict[str, Any]) -> Body:
    """What has an answer tell the most: everything that `include` and `expand` may name in the body."""
    return {name: values(member) for name, member in members(schema).items() if name in ("include", "expand")}


def query_of(operation: Operation) -> dict[str, Any]:
    parameters = [resolved(parameter) for parameter in described(operation).get("parameters", [])]
    return {
        f"{parameter['name']}[]": values(parameter["schema"])
        for parameter in parameters
        if parameter["in"] == "query" and parameter["schema"].get("type") == "array"
    }


# ---- tenants


@dataclass
class Tenant:
    """A key, and the projects in which it makes what its requests name."""

    client: ConvertClient
    projects: dict[str, int]
    word: str
    """Is in all names of what it makes."""
    things: dict[str, Any] = field(default_factory=dict)

    @property
    def account_id(self) -> int:
        return self.client.account_id

    def project_for(self, path: str) -> ConvertProject:
        """The one in which what the address is about can be."""
        kind = kind_of(path)
        fullstack = (kind is not None and kind.project == "fullstack") or "/sdk-keys" in path
        return ConvertProject(self.client, self.projects["fullstack" if fullstack else "web"])

    def ids(self, path: str) -> dict[str, int]:
        return {"account_id": self.account_id, "project_id": self.project_for(path).id}

    def make(self, parameter: str, path: str, known: dict[str, Any] | None = None) -> int | str:
        """A new thing that the parameter of the address names, by the operation that adds to what stands before it;
        of that, what is not known is made too."""
        collection = path.partition(f"/{{{parameter}}}")[0]
        before = dict(known or {})
        for name in re.findall(r"\{(\w+)\}", collection)[2:]:
            if name not in before:
                before[name] = self.make(name, collection, before)
        if parameter in PARTS:
            return self.part(parameter, before["experience_id"])
        adding = next(
            (o for o in OPERATIONS if o.path in (f"{collection}/add", f"{collection}/create") and o.method == "POST"),
            None,
        )
        assert adding is not None, f"the contract serves nothing that makes what {parameter} names"
        answer = self.call(adding, {**self.ids(adding.path), **before}, query={})
        assert answer.status_code == 201, f"{adding.name} takes no body made from the contract: {answer.text[:500]}"
        made = answer.json()
        # Sections are answered as a list, versions inside an object.
        made = made.get("data", made)
        made = made[-1] if isinstance(made, list) else made
        kept = parameter in made
        name: int | str = made[parameter if kept else "key" if parameter.endswith("_key") else "id"]
        return name

    def make_all(self, operation: Operation) -> dict[str, Any]:
        """New things for an address, each in the one before it."""
        names: dict[str, Any] = {}
        for name in named(operation):
            names[name] = self.make(name, operation.path, names)
        return names

    def part(self, parameter: str, experience: int | str) -> int:
        """What comes with an experience that has a section."""
        web = ConvertProject(self.client, self.projects["web"])
        (adding,) = (operation for operation in OPERATIONS if operation.name == "createSection")
        assert self.call(adding, {**self.ids(adding.path), "experience_id": experience}, query={}).status_code == 201
        shown = web.get("experiences", experience, **{"include[]": ["variations", "variations.changes"]})
        variation = shown["variations"][-1]
        if parameter == "variation_id":
            body, content_type = form({"image": PICTURE})
            path = web.path("experiences", experience, "variations", variation["id"], "screenshot")
            self.client.request("POST", path, body, content_type=content_type, expect=200)
        part: int = variation["id"] if parameter == "variation_id" else variation["changes"][0]
        return part

    def thing(self, parameter: str, path: str) -> int | str:
        """The thing made first."""
        if parameter not in self.things:
            self.things[parameter] = self.make(parameter, path)
        name: int | str = self.things[parameter]
        return name

    def body(self, operation: Operation) -> Any:
        """A body that the operation takes, with nothing foreign in it."""
        media = media_of(operation)
        if media is None:
            return None
        media_type, schema = media
        if media_type == "multipart/form-data":
            return form(self.fields(operation, schema))[0]
        kind = kind_of(operation.path)
        last = operation.path.rsplit("/", 1)[1]
        body: Body = smallest(schema, self.word)
        if kind is not None and last == "add":
            body = kind.body(f"{self.word} {next(numbers)}")
            # What addresses call it by is not its name: refusals repeat what they were asked for.
            body |= {"key": f"key-{next(numbers)}"} if kind.has_key else {}
        elif kind is not None and last == "update":
            body = {kind.name: kind.body(f"{self.word} {next(numbers)}")[kind.name]}
        elif kind is not None and last == "update-status":
            body = {"status": kind.second_status}
        if "environment" in members(schema):
            body["environment"] = "production"
        if operation.name == "createExperience":
            # Whose variations follow from sections, which are named in addresses too.
            body |= {"type": "mvt", "name": f"{self.word} {next(numbers)}", "key": f"key-{next(numbers)}"}
        if operation.name in ("createSection", "addExperienceSectionVersion"):
            change = {"type": "customCode", "data": {"js": f"// {self.word}", "css": ""}}
            version = {"id": two_characters(next(numbers)), "name": self.word, "changes": [change]}
            body = version if operation.name != "createSection" else {**body, "name": self.word, "versions": [version]}
            body["id"] = two_characters(next(numbers))
        if operation.name == "updateExperienceChange":
            body = {"type": "customCode", "data": {"js": f"// {self.word}", "css": ""}}
        if operation.name == "convertExperienceVariation":
            body = {"experience_type": "deploy"}
        if last == "check_code":
            # No page of the domain, so that none is fetched.
            body = {"url": "https://elsewhere.example/"}
        if last == "by_url":
            project = self.project_for(operation.path)
            body = {"url": project.get("domains", self.make(*in_address(DOMAINS)))["url"]}
        if last.startswith("bulk-"):
            made = self.make("experience_id", f"{EXPERIENCES}/{{experience_id}}") if EXPERIENCES in operation.path else 0
            body["id"] = [self.make(*in_address(kind)) if kind else made or self.projects["web"]]
        return body | revealing(operation, schema)

    def fields(self, operation: Operation, schema: dict[str, Any]) -> dict[str, bytes]:
        """The fields of a form that the operation takes: pictures are pictures, other files are projects."""
        fields: dict[str, bytes] = {}
        for name, member in members(schema).items():
            if name == "image":
                fields[name] = PICTURE
            elif resolved(member).get("format") == "binary":
                fields[name] = self.project_for(operation.path).post("export", body={}, expect=201).content
            else:
                fields[name] = f"{smallest(member, self.word)}.gif".encode()
        return fields

    def call(
        self, operation: Operation, names: dict[str, Any], body: Any = None, query: dict[str, Any] | None = None
    ) -> requests.Response:
        """The operation at the address with these names, with a body that it takes unless there is one."""
        path = re.sub(r"\{(\w+)\}", lambda match: str(names[match[1]]), operation.path)
        if body is None:
            body = self.body(operation)
        return self.client.request(
            operation.method, path, body, query=query_of(operation) if query is None else query,
            content_type=form({})[1] if isinstance(body, bytes) else "application/json",
        )  # fmt: skip


class Victim(Tenant):
    """Everything that it has is marked, and is to stay as it is."""

    def fill(self) -> None:
        """Makes one of everything that addresses name, and sets what is marked nowhere else."""
        for operation in NAMING:
            for parameter in makeable(operation):
                self.thing(parameter, operation.path)
        for parameter in PARTS:
            self.things[parameter] = self.make(parameter, f"{EXPERIENCES}/{{experience_id}}/parts/{{{parameter}}}")
        for id in self.projects.values():
            environments = {"production": {"label": MARKER, "is_default": True}}
            body = {"global_javascript": f"// {MARKER}", "environments": environments}
            ConvertProject(self.client, id).post("update", body=body, expect=201)

    def state(self) -> list[bytes]:
        """All that there is to see of it, byte by byte."""
        seen: list[bytes] = []
        for operation, body in READING:
            response = self.call(operation, self.ids(operation.path), body if operation.method == "POST" else None)
            assert response.status_code == 200, response.text
            seen.append(response.content)
        for project in (ConvertProject(self.client, id) for id in self.projects.values()):
            seen.append(project.post("export", body={}, expect=201).content)
            # Whatever changes is in the history.
            seen.append(project.post("change-history", body={"onlyCount": True}, expect=200).content)
        return seen

    @property
    def url(self) -> str:
        """The address of its domain."""
        web = ConvertProject(self.client, self.projects["web"])
        url: str = web.get("domains", self.things["domain_id"])["url"]
        return url

    def meant_by(self, reference: str) -> int | str:
        found: int | str = self.projects["web"] if reference == "project_id" else self.things[reference]
        return found


def referred(operation: Operation, member: str) -> str:
    """What a member of a body refers to, named as in addresses; nothing when it is no reference."""
    kind = next((kind for kind in KINDS if member.removeprefix("default_") in (kind.path, kind.object)), None)
    if member in ("id", "only", "except"):
        kind = kind_of(operation.path)
    if kind is not None:
        return f"{kind.object}_id"
    if member in ("project", "projects", "id", "only", "except"):
        return "project_id"
    return member if member in {name for operation in NAMING for name in makeable(operation)} else ""


def lists_of_projects() -> Iterator[tuple[Operation, Body]]:
    """What lists the things of a project, or shows what it has but once."""
    collections = {o.path.rsplit("/", 1)[0] for o in OPERATIONS if o.path.endswith(("/add", "/create"))}
    for operation in IN_PROJECTS:
        # Every token to debug with is a new one.
        is_shown = operation.method == "GET" and not named(operation) and operation.name != "generateDebugToken"
        if is_shown or (operation.path in collections and not named(operation)):
            _, schema = media_of(operation) or ("", {})
            yield operation, {"results_per_page": 50} if "results_per_page" in members(schema) else {}


READING = list(lists_of_projects())


def makeable(operation: Operation) -> list[str]:
    """The parameters that name what an operation that is served makes."""
    makers = {o.path for o in OPERATIONS if o.method == "POST"}
    return [
        name for name in named(operation)
        if name in PARTS or {operation.path.partition(f"{{{name}}}")[0] + word for word in ("add", "create")} & makers
    ]  # fmt: skip


@dataclass
class World:
    victim: Victim
    owner: Tenant
    """The key of all of the victim's account, which works in the projects of `limited`."""
    limited: Tenant
    """A key of the victim's account that may use other projects only."""
    abroad: Tenant
    """A key of another account."""
    state: list[bytes]
    """What the victim was after the test before."""

    @property
    def intruders(self) -> list[Tenant]:
        return [self.limited, self.abroad]


def new_projects(client: ConvertClient, word: str) -> dict[str, int]:
    path = f"/accounts/{client.account_id}/projects/add"
    return {
        type: client.request("POST", path, {"name": f"{word} {type}", "project_type": type}, expect=201).json()["id"]
        for type in ("web", "fullstack")
    }


def give_away(server: Sextant, client: ConvertClient, projects: dict[str, int]) -> None:
    """Gives projects and a key to a new account. No interface makes accounts, so this is done to the stopped server's
    database."""
    assert server.stop() == 0
    marks = ", ".join(str(id) for id in projects.values())
    with closing(sqlite3.connect(server.data / "control.sqlite")) as database, database:
        made = database.execute("INSERT INTO accounts (name, created_at) VALUES ('Abroad', 0)")
        assert made.lastrowid is not None
        client.account_id = made.lastrowid
        for table, condition in [
            ("projects", f"id IN ({marks})"),
            ("changes", f"project_id IN ({marks})"),
            ("api_keys", f"project_id IN ({marks}) OR identifier = '{client.application_id}'"),
        ]:
            changed = database.execute(f"UPDATE {table} SET account_id = ? WHERE {condition}", [client.account_id])
            assert changed.rowcount > 0, table
    server.start()


@pytest.fixture(scope="module")
def world(launch: Launch) -> World:
    server = launch()
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
