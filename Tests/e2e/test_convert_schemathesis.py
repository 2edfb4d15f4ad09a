"""schemathesis makes signed requests from Convert's contract, and holds every answer against it.

Each operation has a project of its own, so that what one does to it is nothing to the others, and addresses that name
something name a thing that is there, but for those that are wrong on purpose and a few that are left to chance."""

import copy
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import AcceptedNegativeData, Failure, FailureGroup
from schemathesis.schemas import BaseSchema

from support.convert import (
    API, ConvertClient, ConvertProject, Operation, contract, convert_client, form, operations,
)  # fmt: skip
from support.convert_kinds import DOMAINS, KINDS, fresh
from support.server import REPOSITORY, Sextant

TAGS = {
    "Accounts", "API Keys", "Projects", "SDK Keys", "Domains", "Tags", "Goals", "Audiences", "Locations", "Features",
    "Hypotheses", "Knowledge Bases", "Observations", "Cdn Images",
}  # fmt: skip
MISSING = set((REPOSITORY / "Tests/e2e/missing_operations.txt").read_text().split())
# With the project gone, all else in it would be answered 404; test_convert_projects.py deletes projects.
DESTRUCTIVE = {"deleteProject"}
# What they take is not made from the contract: files of projects, pictures, addresses of pages that are there. With
# these they are tested by test_convert_projects.py, test_convert_images.py and test_convert_domains.py.
NEEDING_MORE = {"importProject", "importProjectData", "uploadCdnImage", "checkCodeDomain"}
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
]
SEED = 20240513
# Requests an operation: so many of those that stand on a boundary of the contract, evenly chosen where there are more,
COVERING = 90
# and so many at random, valid ones and then as many that are not.
RANDOM = 4


def tags_of(operation: Operation) -> set[str]:
    return set(contract()["paths"][operation.path][operation.method.lower()]["tags"])


OPERATIONS = [
    operation
    for operation in operations()
    if tags_of(operation) & TAGS and f"convert.{operation.name}" not in MISSING and operation.name not in DESTRUCTIVE
]


# ---- the contract


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in the document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def say_what_is_meant(document: dict[str, Any]) -> None:
    """Has the contract mean by the letter what its authors meant, and what docs/convert.md says."""
    for node in list(nodes(document)):
        if node.get("nullable") is True and "enum" in node:
            node["enum"] = [*node["enum"], *([] if None in node["enum"] else [None])]
        if "discriminator" in node and "oneOf" in node:
            # The member tells which one is meant. More than one fits what leaves it out, such as a change of the rest.
            node["anyOf"] = [chosen(alternative, **node["discriminator"]) for alternative in node.pop("oneOf")]
            del node["discriminator"]
        if node.get("in") == "query" and node["schema"].get("type") == "array":
            node["name"] += "[]"


def chosen(alternative: dict[str, Any], propertyName: str, mapping: dict[str, str]) -> dict[str, Any]:
    names = [name for name, reference in mapping.items() if reference == alternative["$ref"]]
    return {"allOf": [alternative, {"type": "object", "properties": {propertyName: {"enum": names}}}]}


@cache
def schema() -> BaseSchema:
    document = copy.deepcopy(contract())
    say_what_is_meant(document)
    config = {
        "checks": {"negative_data_rejection": {"expected-statuses": ["4xx"]}},
        # Other methods at the same address belong to other operations, or are tested by test_bad_input.py.
        "phases": {"coverage": {"unexpected-methods": []}},
    }
    return schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_dict(config))


@cache
def checks() -> list[Any]:
    """The functions named in CHECKS."""
    schemathesis.checks.load_all_checks()
    return schemathesis.checks.CHECKS.get_by_names(CHECKS)


class Signing(requests.auth.AuthBase):
    """Signs requests with the client's key."""

    def __init__(self, client: ConvertClient) -> None:
        self.client = client

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        assert request.url is not None and isinstance(body, str | bytes)
        raw = body.encode() if isinstance(body, str) else body
        request.headers.update(self.client.credentials(request.url, raw))
        return request


# ---- what addresses name


def new_key(project: ConvertProject) -> str:
    """Not the key that signs: with that one deleted, all else would be answered 401."""
    path = f"/accounts/{project.client.account_id}/api-keys/add"
    identifier: str = project.client.request("POST", path, {"name": fresh("key")}, expect=201).json()["key_id"]
    return identifier


def new_sdk_key(project: ConvertProject) -> str:
    body = {"name": fresh("SDK"), "environment": "production"}
    key: str = project.post("sdk-keys", "create", body=body, expect=201).json()["sdk_key"]
    return key


def new_image(project: ConvertProject) -> str:
    body, content_type = form({"image_name": f"{fresh('image')}.gif".encode(), "image": GIF})
    made = project.client.request("POST", project.path("images", "add"), body, content_type=content_type, expect=201)
    key: str = made.json()["key"]
    return key


MAKERS: dict[str, Callable[[ConvertProject], int | str]] = {
    "key_id": new_key,
    "sdk_key": new_sdk_key,
    "image_key": new_image,
    **{f"{kind.object}_id": lambda project, kind=kind: kind.add(project)["id"] for kind in KINDS},
    **{f"{kind.object}_key": lambda project, kind=kind: kind.add(project)["key"] for kind in KINDS if kind.has_key},
}


def named(operation: Operation) -> list[str]:
    """The parameters of the address behind account and project."""
    return [name for name in re.findall(r"\{(\w+)\}", operation.path) if name not in ("account_id", "project_id")]


class Place:
    """A new project, in which things are made as the requests to one operation need them."""

    def __init__(self, client: ConvertClient, operation: Operation) -> None:
        self.client = client
        self.operation = operation
        fullstack = tags_of(operation) & {"Features", "SDK Keys"}
        body = {"name": fresh(operation.name), "project_type": "fullstack" if fullstack else "web"}
        path = f"/accounts/{client.account_id}/projects/add"
        self.project = ConvertProject(client, client.request("POST", path, body, expect=201).json()["id"])
        self.things: dict[str, int | str] = {}

    def thing(self, name: str) -> int | str:
        if name not in self.things:
            self.things[name] = MAKERS[name](self.project)
        return self.things[name]

    def bulk_thing(self) -> int | None:
        """What is meant by an id in the body of a bulk request."""
        if not self.operation.path.endswith(("/bulk-update", "/bulk-delete")):
            return None
        if "Projects" in tags_of(self.operation):
            return self.project.id
        word = self.operation.path.split("/")[-2]
        kind = next(kind for kind in KINDS if kind.path == word)
        return int(self.thing(f"{kind.object}_id"))

    def furnish(self, case: Case, is_real: bool) -> None:
        """Has the request name what is there, unless its address is wrong on purpose."""
        meta = case.meta
        assert meta is not None
        wrong = {location.value for location, part in meta.components.items() if part.mode.is_negative}
        if "path" not in wrong:
            ids = {"account_id": self.client.account_id, "project_id": self.project.id}
            case.path_parameters.update({name: id for name, id in ids.items() if name in case.path_parameters})
            if is_real:
                case.path_parameters.update({name: self.thing(name) for name in named(self.operation)})
        if is_real and "body" not in wrong and isinstance(case.body, dict):
            self.fill(case.body)

    def fill(self, body: dict[str, Any]) -> None:
        """Has a valid body hold what only a reader of the documentation knows."""
        if isinstance(body.get("name"), str):
            body["name"] = fresh("name")
        if isinstance(body.get("key"), str):
            body["key"] = fresh("key").replace(" ", "-")
        if isinstance(body.get("settings"), dict) and "time_zone" in body["settings"]:
            body["settings"]["time_zone"] = "Europe/London"
        match self.operation.name:
            case "getDomainByUrl":
                body["url"] = self.project.get("domains", self.thing("domain_id"))["url"]
            case "createDomain" | "updateDomain":
                body["url"] = DOMAINS.body(fresh("site"))["url"]
        if "SDK Keys" in tags_of(self.operation) and "environment" in body:
            body["environment"] = "production"
        bulk = self.bulk_thing() if body.get("id") else None
        if bulk is not None:
            body["id"] = [bulk, *body["id"][1:]]

    def forget(self) -> None:
        """The things may be gone."""
        self.things.clear()


# ---- requests


def covering(operation: Operation) -> list[Case]:
    """Every member at its limits, and every way to be wrong: of COVERING half may be valid, and a third of the others
    hold what only answers have."""
    described = schema()[operation.path][operation.method]
    cases = list(
        described.schema.iter_coverage_cases(
            described, generation_modes=list(GenerationMode), generation_config=described.schema.config.generation
        )
    )
    valid = [case for case in cases if case.meta and case.meta.generation.mode.is_positive]
    invalid = [case for case in cases if case.meta and not case.meta.generation.mode.is_positive]
    read_only = [case for case in invalid if holds_read_only(case)]
    others = [case for case in invalid if not holds_read_only(case)]
    return evenly(valid, COVERING // 2) + evenly(read_only, COVERING // 6) + evenly(others, COVERING // 3)


def evenly(cases: list[Case], most: int) -> list[Case]:
    count = min(len(cases), most)
    return [cases[index * len(cases) // count] for index in range(count)]


def at_random(operation: Operation, mode: GenerationMode, send: Callable[[Case], None]) -> None:
    described = schema()[operation.path][operation.method]

    @seed(SEED)
    @settings(
        max_examples=RANDOM, database=None, deadline=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )  # fmt: skip
    @given(case=described.as_strategy(generation_mode=mode))
    def run(case: Case) -> None:
        send(case)

    run()


def told(case: Case, response: schemathesis.Response, failure: Failure) -> str:
    body = response.request.body or b""
    return (
        f"{failure.title}: {failure.message[:600]}\n  {case.method} {case.path} as {case.meta and case.meta.phase}\n"
        f"  {response.request.url}\n  {body[:1000]!r}\n  -> {response.status_code} {response.text[:600]}"
    )


def holds_read_only(case: Case) -> bool:
    """Whether all that is wrong with a request is a member that only answers have: these are dropped, not refused.

    That is how schemathesis says it: the contract itself has no schema with `not`."""
    return str(case.meta and getattr(case.meta.phase.data, "location", "")).endswith("/not")


def failures_of(case: Case, response: schemathesis.Response) -> list[str]:
    try:
        case.validate_response(response, checks=checks())
    except FailureGroup as group:
        return [
            told(case, response, failure)
            for failure in group.exceptions
            if not (isinstance(failure, AcceptedNegativeData) and holds_read_only(case))
        ]
    return []


@pytest.fixture(scope="module")
def client(server: Sextant) -> ConvertClient:
    return convert_client(server)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_operation(client: ConvertClient, operation: Operation) -> None:
    place = Place(client, operation)
    failures: list[str] = []
    statuses: Counter[int] = Counter()
    numbers = itertools.count()

    def send(case: Case) -> None:
        # Of three requests two name what is there.
        place.furnish(case, next(numbers) % 3 < 2)
        response = case.call(base_url=client.base_url + API, auth=Signing(client), session=client.session)
        statuses[response.status_code] += 1
        assert response.status_code != 401, response.text
        failures.extend(failures_of(case, response))
        if response.status_code < 300 and operation.path.endswith("delete"):
            place.forget()

    for case in covering(operation):
        send(case)
    at_random(operation, GenerationMode.POSITIVE, send)
    if "{" in operation.path:
        # What takes nothing cannot be given anything wrong.
        at_random(operation, GenerationMode.NEGATIVE, send)
    print(operation.name, dict(statuses))
    # The first of each sort; what is wrong once may be shown by all answers after it.
    distinct = list({failure.partition("\n")[0]: failure for failure in reversed(failures)}.values())[::-1]
    assert not failures, f"{len(failures)} of {statuses.total()}:\n" + "\n".join(distinct[:8])
    is_taken = any(status < 300 for status in statuses)
    assert is_taken or operation.name in NEEDING_MORE, f"nothing was accepted: {statuses}"


def test_every_operation_with_these_tags_is_here() -> None:
    assert len(OPERATIONS) >= 90
    assert {tag for operation in OPERATIONS for tag in tags_of(operation)} >= TAGS
    makeless = {name for operation in OPERATIONS for name in named(operation)} - set(MAKERS)
    assert not makeless, f"say in MAKERS how to make what {makeless} name"
