"""Tenants whose things are marked, and requests of every operation of Convert's contract that name them."""

import itertools
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import requests

from .convert import Body, ConvertClient, ConvertProject, Operation, contract, form, operations, resolved
from .convert_kinds import DOMAINS, KINDS, Kind, rules
from .pictures import encoded
from .server import REPOSITORY, Sextant

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
