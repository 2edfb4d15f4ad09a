"""schemathesis makes signed requests from Convert's contract, and holds every answer against it.

Each operation has a project of its own, so that what one does to it is nothing to the others, and addresses that name
something name a thing that is there, but for those that are wrong on purpose and a few that are left to chance."""

import copy
import itertools
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

from support.convert import API, ConvertClient, Operation, contract, convert_client, operations
from support.convert_places import EXPERIENCES, MAKERS, PARTS, Place, alters, named, nodes, tags_of
from support.language_model import LanguageModel, as_asked
from support.payments import Provider
from support.server import REPOSITORY, Launch

TAGS = EXPERIENCES | {
    "Accounts", "Collaborators", "API Keys", "Projects", "SDK Keys", "Domains", "Tags", "Goals", "Audiences", "Locations",
    "Features", "Hypotheses", "Knowledge Bases", "Observations", "Cdn Images", "AI content",
}  # fmt: skip
MISSING = set((REPOSITORY / "Tests/e2e/missing_operations.txt").read_text().split())
# With the project gone, all else in it would be answered 404; test_convert_projects.py deletes projects.
DESTRUCTIVE = {"deleteProject"}
# What they take is not made from the contract: files of projects, pictures, addresses of pages that are there. With
# these they are tested by test_convert_projects.py, test_convert_images.py and test_convert_domains.py. Others need addresses of
# people, or what was mailed to them, which are no formats of the contract: test_convert_collaborators.py and
# test_convert_sub_accounts.py.
NEEDING_MORE = {
    "importProject", "importProjectData", "uploadCdnImage", "checkCodeDomain", "createSubAccount",
    "addAccountUserAccesses", "updateAccountUserAccesses", "deleteAccountUserAccesses", "acceptInvitation",
}  # fmt: skip
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

OPERATIONS = [
    operation
    for operation in operations()
    if tags_of(operation) & TAGS and f"convert.{operation.name}" not in MISSING and operation.name not in DESTRUCTIVE
]


# ---- the contract


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
def client(launch: Launch) -> Iterator[ConvertClient]:
    with LanguageModel(answer=as_asked) as model, Provider() as provider:
        server = launch(
            environment={
                "SEXTANT_AI_URL": model.url, "SEXTANT_AI_MODEL": "some-model", "SEXTANT_STRIPE_URL": provider.url,
                "SEXTANT_STRIPE_KEY": "sk_test", "SEXTANT_OPERATOR_EMAIL": "operator@example.com",
            }
        )  # fmt: skip
        yield convert_client(server)


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
        if response.status_code < 300 and alters(operation):
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
    makeless = {name for operation in OPERATIONS for name in named(operation)} - set(MAKERS) - PARTS
    assert not makeless, f"say in MAKERS how to make what {makeless} name"
