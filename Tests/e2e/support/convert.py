"""A client of the experimentation API, written from its public documentation, that holds every answer against the
contract."""

import hashlib
import hmac
import itertools
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import requests
import yaml
from openapi_schema_validator import OAS30Validator

from .client import REQUEST_SECONDS
from .server import REPOSITORY, Sextant

key_numbers = itertools.count(1)

API = "/api/v2"
CONTRACT = REPOSITORY / "Sources/Gateway/Contract/Documents/convert.yaml"
LIFETIME_SECONDS = 300

Body = dict[str, Any]


def sign(application_id: str, secret: str, expires: str, url: str, body: bytes = b"") -> str:
    """The signature of a request: hexadecimal HMAC-SHA256 of four parts joined by line feeds."""
    message = "\n".join([application_id, expires, url]).encode() + b"\n" + body
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def signed_headers(application_id: str, secret: str, url: str, body: bytes = b"", expires: str = "") -> dict[str, str]:
    expires = expires or str(int(time.time()) + LIFETIME_SECONDS)
    return {
        "Convert-Application-ID": application_id,
        "Expires": expires,
        "Authorization": f"Convert-HMAC-SHA256 Signature={sign(application_id, secret, expires, url, body)}",
    }


# ---- the contract


@cache
def contract() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(CONTRACT.read_text(encoding="utf-8"), Loader=loader)
    allow_null(loaded)
    return loaded


def allow_null(node: Any) -> None:
    """Has `nullable` next to `allOf` mean what its authors meant: by the letter, only a `type` can be nullable."""
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        allow_null(child)
    if isinstance(node, dict) and node.get("nullable") is True and "allOf" in node and "type" not in node:
        node["anyOf"] = [{"enum": [None]}, {"allOf": node.pop("allOf")}]


@dataclass(frozen=True)
class Operation:
    name: str
    method: str
    path: str
    """With its parameters in braces, below `API`."""

    def matches(self, method: str, path: str) -> bool:
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", self.path)
        return self.method == method and re.fullmatch(pattern, path) is not None


@cache
def operations() -> tuple[Operation, ...]:
    return tuple(
        Operation(operation["operationId"], method.upper(), path)
        for path, item in contract()["paths"].items()
        for method, operation in item.items()
        if method in ("get", "post", "put", "delete")
    )


@cache
def operation_at(method: str, path: str) -> Operation:
    """The operation at an address without query; one without parameters at its end goes before one with."""
    found = [operation for operation in operations() if operation.matches(method, path)]
    assert found, f"the contract has no {method} {path}"
    return min(found, key=lambda operation: operation.path.count("{"))


def resolved(node: Any) -> Any:
    """What a reference within the contract refers to."""
    while "$ref" in node:
        target: Any = contract()
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        node = target
    return node


@cache
def validator(operation: Operation, status: int) -> OAS30Validator:
    responses = contract()["paths"][operation.path][operation.method.lower()]["responses"]
    success = [code for code in responses if code != "default"]
    assert status >= 400 or str(status) in success, f"{operation.name} answered {status}, not {success}"
    response = resolved(responses["default" if status >= 400 else str(status)])
    # Where there is more than one form, a stream is the other.
    media = response["content"].get("application/json") or next(iter(response["content"].values()))
    schema = media["schema"]
    return OAS30Validator({"allOf": [schema], "components": contract()["components"]})


def check_answer(operation: Operation, response: requests.Response) -> None:
    media_type = response.headers["Content-Type"].split(";")[0]
    expected = "download/json" if operation.name == "exportProject" and response.ok else "application/json"
    assert media_type == expected, response.text[:500]
    wrong = [
        f"{'.'.join(str(step) for step in error.absolute_path)}: {error.message[:300]}"
        for error in validator(operation, response.status_code).iter_errors(response.json())
    ]
    assert not wrong, (
        f"{operation.name} {response.status_code} breaks the contract: {wrong[:3]}; {response.text[:1000]}"
    )


def assert_refused(response: requests.Response, status: int | tuple[int, ...], *fields: str) -> Body:
    """Checks status and error envelope; each of `fields` must be the end or beginning of a field that it names."""
    statuses = status if isinstance(status, tuple) else (status,)
    assert response.status_code in statuses, f"{response.status_code}, not {statuses}: {response.text[:1000]}"
    body: Body = response.json()
    assert set(body) <= {"code", "message", "fields"} and body["code"] == response.status_code, body
    assert isinstance(body["message"], str) and body["message"], body
    named = body.get("fields", [])
    assert isinstance(named, list) and all(isinstance(name, str) and name for name in named), body
    for field in fields:
        assert any(field in name for name in named), f"nothing about {field!r} in {body}"
    return body


# ---- the client


def form(fields: Mapping[str, bytes]) -> tuple[bytes, str]:
    """A form's body and its content type."""
    parts = [
        b'--b\r\nContent-Disposition: form-data; name="%s"; filename="f"\r\n\r\n%s\r\n' % (name.encode(), content)
        for name, content in fields.items()
    ]
    return b"".join(parts) + b"--b--\r\n", "multipart/form-data; boundary=b"


class ConvertClient:
    """One application; signs every request, or sends its secret when `bearer` is set."""

    def __init__(self, base_url: str, account_id: int, application_id: str, secret: str, bearer: bool = False) -> None:
        self.base_url = base_url
        self.account_id = account_id
        self.application_id = application_id
        self.secret = secret
        self.bearer = bearer
        self.session = requests.Session()
        self.session.trust_env = False

    def request(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        expect: int | None = None,
        content_type: str = "application/json",
    ) -> requests.Response:
        """One request; its answer must be as the contract says. `body` may be bytes, which are sent as they are."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {"Content-Type": content_type} if raw else {}
        prepared = requests.Request(method, self.base_url + API + path, headers, data=raw, params=query).prepare()
        assert prepared.url is not None
        prepared.headers.update(self.credentials(prepared.url, raw))
        response = self.session.send(prepared, timeout=REQUEST_SECONDS, allow_redirects=False)
        if expect is not None:
            assert response.status_code == expect, (
                f"{method} {path} answered {response.status_code}, not {expect}: {response.text[:1000]}"
            )
        check_answer(operation_at(method, path), response)
        return response

    def credentials(self, url: str, raw: bytes) -> dict[str, str]:
        if self.bearer:
            return {"Authorization": f"Bearer {self.application_id}:{self.secret}"}
        return signed_headers(self.application_id, self.secret, url, raw)

    def account_history(self, **body: Any) -> Body:
        answer: Body = self.request("POST", f"/accounts/{self.account_id}/change-history", body, expect=200).json()
        return answer


class ConvertProject:
    """What a project holds, by the kinds' names in addresses, such as `goals`."""

    def __init__(self, client: ConvertClient, project_id: int) -> None:
        self.client = client
        self.id = project_id

    def path(self, *steps: Any) -> str:
        return "/".join(
            [f"/accounts/{self.client.account_id}/projects/{self.id}", *(quote(str(step), safe="") for step in steps)]
        )

    def post(self, *steps: Any, body: Any = None, expect: int | None = None, **query: Any) -> requests.Response:
        return self.client.request("POST", self.path(*steps), body, query=query, expect=expect)

    def page(self, kind: str, **body: Any) -> Body:
        answer: Body = self.post(kind, body=body, expect=200).json()
        return answer

    def items(self, kind: str, **body: Any) -> list[Body]:
        items: list[Body] = self.page(kind, **body)["data"]
        return items

    def try_get(self, kind: str, name: int | str, **query: Any) -> requests.Response:
        return self.client.request("GET", self.path(kind, name), query=query)

    def get(self, kind: str, name: int | str, **query: Any) -> Body:
        answer: Body = self.client.request("GET", self.path(kind, name), query=query, expect=200).json()
        return answer

    def add(self, kind: str, body: Body, **query: Any) -> Body:
        answer: Body = self.post(kind, "add", body=body, expect=201, **query).json()
        return answer

    def update(self, kind: str, id: int, body: Body, **query: Any) -> Body:
        answer: Body = self.post(kind, id, "update", body=body, expect=200, **query).json()
        return answer

    def delete(self, kind: str, id: int, expect: int | None = 200) -> requests.Response:
        return self.client.request("DELETE", self.path(kind, id, "delete"), expect=expect)

    def clone(self, kind: str, id: int, **query: Any) -> Body:
        answer: Body = self.post(kind, id, "clone", expect=201, **query).json()
        return answer

    def bulk(self, kind: str, action: str, ids: list[int], **body: Any) -> Body:
        """`action` is `update` or `delete`; checks the envelope."""
        answer: Body = self.post(kind, f"bulk-{action}", body={"id": ids, **body}, expect=200).json()
        assert answer["code"] == 200 and answer["message"], answer
        assert all(set(error) == {"id", "message"} and error["message"] for error in answer["errors"]), answer
        return answer

    def history(self, **body: Any) -> Body:
        answer: Body = self.post("change-history", body=body, expect=200).json()
        return answer

    def changes(self, **body: Any) -> list[Body]:
        changes: list[Body] = self.history(**body)["data"]
        return changes


def new_key(account: ConvertClient, **members: Any) -> Body:
    body = {"name": f"key {next(key_numbers)}", **members}
    made: Body = account.request("POST", f"/accounts/{account.account_id}/api-keys/add", body, expect=201).json()
    return made


def client_of(account: ConvertClient, key: Body) -> ConvertClient:
    bearer = key["auth_type"] == "secretKey"
    return ConvertClient(account.base_url, account.account_id, key["key_id"], key["key_secret"], bearer)


def convert_client(server: Sextant, bearer: bool = False) -> ConvertClient:
    """A client with the key that the server began with."""
    key = server.credentials["convert"]
    account_id: int = server.credentials["account_id"]
    return ConvertClient(server.base_url, account_id, key["application_id"], key["secret"], bearer)


def convert_project(server: Sextant, name: str) -> ConvertProject:
    """The project `web` or `fullstack` that the server began with."""
    return ConvertProject(convert_client(server), server.credentials["projects"][name]["id"])
