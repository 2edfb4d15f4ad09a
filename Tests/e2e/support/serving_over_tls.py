"""A server of experiments that is reached over TLS, as SDKs reach it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from openapi_schema_validator import OAS30Validator

from .client import REQUEST_SECONDS
from .convert import Body, ConvertProject, convert_client
from .server import REPOSITORY, Launch, Sextant

VARIABLES = [
    {"key": "on", "type": "boolean", "default_value": False},
    {"key": "title", "type": "string", "default_value": "Hello"},
    {"key": "size", "type": "integer", "default_value": 4},
    {"key": "ratio", "type": "float", "default_value": 1.5},
    {"key": "more", "type": "json", "default_value": '{"a":1}'},
]
PRO = {
    "rule_type": "generic_text_key_value",
    "key": "plan",
    "value": "pro",
    "matching": {"match_type": "matches", "negated": False},
}


@pytest.fixture(scope="module")
def server(launch: Launch, certificate: tuple[Path, Path]) -> Sextant:
    return launch(certificate=certificate)


@pytest.fixture(scope="module")
def http(server: Sextant) -> Iterator[requests.Session]:
    assert server.certificate is not None
    with requests.Session() as session:
        session.verify = str(server.certificate[0])
        session.trust_env = False
        yield session


@pytest.fixture(scope="module")
def project(server: Sextant, http: requests.Session) -> ConvertProject:
    client = convert_client(server)
    client.session.verify = http.verify
    return ConvertProject(client, server.credentials["projects"]["fullstack"]["id"])


def debug_token(project: ConvertProject) -> str:
    token: str = project.client.request("GET", project.path("generate-debug-token"), expect=200).json()["data"]["value"]
    return token


def config(project: ConvertProject, http: requests.Session, key: str, **query: str) -> requests.Response:
    url = f"{project.client.base_url}/api/v1/config/{key}"
    return http.get(url, params=query, timeout=REQUEST_SECONDS)


def check(document: Body) -> None:
    loaded = yaml.safe_load((REPOSITORY / "Sources/Gateway/Contract/Documents/convert-serving.yaml").read_text())
    schema = {"$ref": "#/components/schemas/ConfigResponseData", "components": loaded["components"]}
    assert not [error.message for error in OAS30Validator(schema).iter_errors(document)]


def decide(
    project: ConvertProject, http: requests.Session, key: str, visitor: str, expect: int = 200, **members: Any
) -> Body:
    response = http.post(
        f"{project.client.base_url}/api/sextant/v1/decide",
        json={"visitor_id": visitor, **members},
        headers={"Authorization": f"Bearer {key}"},
        timeout=REQUEST_SECONDS,
    )
    assert response.status_code == expect, response.text
    answer: Body = response.json()
    return answer
