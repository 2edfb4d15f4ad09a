"""How programs prove who they are to the experimentation API: signed requests, and the secret as a bearer token."""

import base64
import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from support.convert import (
    API, ConvertClient, assert_refused, convert_client, convert_project, operations, sign, signed_headers,
)  # fmt: skip
from support.convert_kinds import KINDS, fresh
from support.server import Launch, Sextant

BODY = b'{"name": "signed"}'
SERVED = re.compile(rf"/({'|'.join(kind.path for kind in KINDS)}|change-history)(/|$)")
OPERATIONS = [
    operation
    for operation in operations()
    if SERVED.search(operation.path) and "/experiences/" not in operation.path and "check_code" not in operation.path
]


@pytest.fixture
def key(server: Sextant) -> ConvertClient:
    return convert_client(server)


def tags_url(key: ConvertClient, server: Sextant) -> str:
    project_id = server.credentials["projects"]["web"]["id"]
    return f"{key.base_url}{API}/accounts/{key.account_id}/projects/{project_id}/tags"


def in_seconds(seconds: float) -> str:
    return str(int(time.time() + seconds))


def send(url: str, headers: dict[str, str], body: bytes = b"", method: str = "POST") -> requests.Response:
    headers = {"Content-Type": "application/json", **headers}
    prepared = requests.Request(method, url, headers, data=body).prepare()
    # What the library would take out of a netrc file or change in the address is not what was signed.
    prepared.url = url
    with requests.Session() as session:
        session.trust_env = False
        return session.send(prepared, timeout=30, allow_redirects=False)


# ---- what is let in


def test_signed_requests(server: Sextant) -> None:
    project = convert_project(server, "web")
    tag = project.add("tags", {"name": fresh("signed")})
    assert project.get("tags", tag["id"]) == tag
    assert project.update("tags", tag["id"], {"name": fresh("signed")})["id"] == tag["id"]
    assert project.delete("tags", tag["id"]).json()["code"] == 200


def test_secret_as_bearer_token(server: Sextant, key: ConvertClient) -> None:
    bearer = convert_client(server, bearer=True)
    path = tags_url(key, server).removeprefix(key.base_url + API)
    made = bearer.request("POST", f"{path}/add", {"name": fresh("bearer")}, expect=201).json()
    assert key.request("GET", f"{path}/{made['id']}", expect=200).json() == made


@pytest.mark.parametrize("body", [b"", b"{}", b' {\n "search" : "x" }\n', '{"search": "Łódź 🚀"}'.encode()])
def test_body_is_signed_byte_by_byte(server: Sextant, key: ConvertClient, body: bytes) -> None:
    url = tags_url(key, server)
    headers = signed_headers(key.application_id, key.secret, url, body)
    assert send(url, headers, body).status_code == 200
    assert_refused(send(url, headers, body + b" "), 401)
    assert_refused(send(url, headers, b'{"search": "y"}'), 401)


@pytest.mark.parametrize(
    "query", ["include%5B%5D=stats", "include[]=stats", "include[]=stats&include[]=triggering_rule"]
)
def test_query_is_signed_as_written(server: Sextant, key: ConvertClient, query: str) -> None:
    project = convert_project(server, "web")
    goal = project.add("goals", {"name": fresh("goal"), "type": "visits_page"})
    address = f"{key.base_url}{API}{project.path('goals', goal['id'])}"
    headers = signed_headers(key.application_id, key.secret, f"{address}?{query}")
    answer = send(f"{address}?{query}", headers, method="GET")
    assert answer.status_code == 200 and "stats" in answer.json(), answer.text
    for other in (address, f"{address}?{query}&x=1", f"{address}?include[]=triggering_rule"):
        assert_refused(send(other, headers, method="GET"), 401)


def test_query_escaped_after_signing(server: Sextant, key: ConvertClient) -> None:
    """Many clients sign the address as they write it, and their HTTP library escapes it on the way."""
    project = convert_project(server, "web")
    goal = project.add("goals", {"name": fresh("goal"), "type": "visits_page"})
    address = f"{key.base_url}{API}{project.path('goals', goal['id'])}"
    headers = signed_headers(key.application_id, key.secret, f"{address}?include[]=stats")
    assert send(f"{address}?include%5B%5D=stats", headers, method="GET").status_code == 200


@pytest.mark.parametrize("seconds", [2, 60, 3_590])
@pytest.mark.parametrize("form", ["{:.0f}", "{:.3f}", "{:.6f}"])
def test_expiry_within_an_hour(server: Sextant, key: ConvertClient, seconds: int, form: str) -> None:
    url = tags_url(key, server)
    expires = form.format(time.time() + seconds)
    assert send(url, signed_headers(key.application_id, key.secret, url, expires=expires)).status_code == 200


@pytest.mark.parametrize("name", ["Expires", "expires", "Expire"])
def test_spellings_of_the_expiry_header(server: Sextant, key: ConvertClient, name: str) -> None:
    """The documentation and its clients say Expires, the contract says Expire."""
    url = tags_url(key, server)
    headers = signed_headers(key.application_id, key.secret, url)
    headers[name] = headers.pop("Expires")
    assert send(url, headers).status_code == 200


def test_the_address_is_the_one_the_client_sees(server: Sextant, key: ConvertClient) -> None:
    url = tags_url(key, server).replace("127.0.0.1", "localhost")
    headers = signed_headers(key.application_id, key.secret, url)
    assert send(url, headers).status_code == 200
    assert_refused(send(tags_url(key, server), headers), 401)
    assert_refused(send(url, {**headers, "Host": "experiments.example.com"}), 401)


def test_nobody_but_the_operator_says_what_the_public_address_is(server: Sextant, key: ConvertClient) -> None:
    url = tags_url(key, server)
    public = "https://experiments.example.com"
    headers = signed_headers(key.application_id, key.secret, url.replace(key.base_url, public))
    forwarded = {
        "X-Forwarded-Host": "experiments.example.com",
        "X-Forwarded-Proto": "https",
        "Forwarded": "proto=https",
    }
    assert_refused(send(url, {**headers, **forwarded}), 401)


@pytest.mark.parametrize("public", ["https://experiments.example.com", "https://example.com:8443/sextant/"])
def test_public_address_behind_a_proxy(launch: Launch, public: str) -> None:
    server = launch(environment={"SEXTANT_PUBLIC_URL": public})
    key = convert_client(server)
    url = tags_url(key, server)
    signed = url.replace(key.base_url, public.rstrip("/"))
    assert send(url, signed_headers(key.application_id, key.secret, signed)).status_code == 200
    assert_refused(send(url, signed_headers(key.application_id, key.secret, url)), 401)


# ---- what is not

Forge = Callable[[ConvertClient, str], dict[str, str]]


def forged(**changes: str | None) -> Forge:
    """The right headers for the address, but for these."""

    def headers(key: ConvertClient, url: str) -> dict[str, str]:
        right = signed_headers(key.application_id, key.secret, url, BODY)
        named = {name.replace("_", "-"): value for name, value in changes.items()}
        return {name: value for name, value in {**right, **named}.items() if value is not None}

    return headers


def expiring(expires: Callable[[], str]) -> Forge:
    return lambda key, url: signed_headers(key.application_id, key.secret, url, BODY, expires())


def signing(
    application_id: str | None = None, secret: str | None = None, url: str | None = None, body: bytes = BODY
) -> Forge:
    """Right headers under a signature of something else."""

    def headers(key: ConvertClient, right_url: str) -> dict[str, str]:
        expires = in_seconds(60)
        code = sign(application_id or key.application_id, secret or key.secret, expires, url or right_url, body)
        return {
            "Convert-Application-ID": key.application_id,
            "Expires": expires,
            "Authorization": f"Convert-HMAC-SHA256 Signature={code}",
        }

    return headers


def authorized(form: str) -> Forge:
    """Right headers, with `form` as the Authorization; it may hold {id}, {secret}, {code}, {base64}."""

    def headers(key: ConvertClient, url: str) -> dict[str, str]:
        expires = in_seconds(60)
        code = sign(key.application_id, key.secret, expires, url, BODY)
        authorization = form.format(
            id=key.application_id,
            secret=key.secret,
            code=code,
            most_of_code=code[:-2],
            most_of_secret=key.secret[:-1],
            base64=base64.b64encode(bytes.fromhex(code)).decode(),
            basic=base64.b64encode(f"{key.application_id}:{key.secret}".encode()).decode(),
        )
        return {"Convert-Application-ID": key.application_id, "Expires": expires, "Authorization": authorization}

    return headers


def only(name: str) -> Forge:
    """One of the right headers alone."""
    return lambda key, url: {name: signed_headers(key.application_id, key.secret, url, BODY)[name]}


REFUSED: dict[str, Forge] = {
    "nothing": lambda key, url: {},
    "application id alone": only("Convert-Application-ID"),
    "expiry alone": only("Expires"),
    "signature alone": only("Authorization"),
    "no application id": forged(Convert_Application_ID=None),
    "no expiry": forged(Expires=None),
    "no authorization": forged(Authorization=None),
    "empty application id": forged(Convert_Application_ID=""),
    "empty expiry": forged(Expires=""),
    "empty authorization": forged(Authorization=""),
    "unknown application": forged(Convert_Application_ID="app_000000000000000000000000"),
    "SQL for application": forged(Convert_Application_ID="' OR '1'='1"),
    "other expiry than signed": forged(Expires=in_seconds(120.5)),
    "signed for another application": signing(application_id="app_000000000000000000000000"),
    "signed with another secret": signing(secret="sxc_0000000000000000000000000000000000000000000"),
    "signed with no secret": signing(secret="\0"),
    "signed for another address": signing(url="http://127.0.0.1/api/v2/accounts/1/projects/1/goals/add"),
    "signed for the path alone": signing(url="/api/v2/accounts/1/projects/1/tags/add"),
    "signed for another body": signing(body=b'{"name": "other"}'),
    "signed without the body": signing(body=b""),
    "expired just now": expiring(lambda: in_seconds(-1)),
    "expired yesterday": expiring(lambda: in_seconds(-86_400)),
    "expires in more than an hour": expiring(lambda: in_seconds(3_700)),
    "expires in milliseconds": expiring(lambda: str(int(time.time() * 1_000))),
    "expires at a date": expiring(lambda: "Sat, 21 Nov 2099 08:00:00 GMT"),
    "expires at words": expiring(lambda: "tomorrow"),
    "expires never": expiring(lambda: "inf"),
    "expires at no number": expiring(lambda: "nan"),
    "expires beyond all numbers": expiring(lambda: "1" + "0" * 400),
    "expires at zero": expiring(lambda: "0"),
    "expires before time": expiring(lambda: "-1"),
    "expires twice": expiring(lambda: f"{in_seconds(60)}, {in_seconds(60)}"),
    "scheme alone": authorized("Convert-HMAC-SHA256"),
    "no signature": authorized("Convert-HMAC-SHA256 Signature="),
    "code without its name": authorized("Convert-HMAC-SHA256 {code}"),
    "code under another name": authorized("Convert-HMAC-SHA256 Code={code}"),
    "shortened code": authorized("Convert-HMAC-SHA256 Signature={most_of_code}"),
    "lengthened code": authorized("Convert-HMAC-SHA256 Signature={code}00"),
    "code in base64": authorized("Convert-HMAC-SHA256 Signature={base64}"),
    "code of zeros": authorized("Convert-HMAC-SHA256 Signature=" + "0" * 64),
    "code of no digits": authorized("Convert-HMAC-SHA256 Signature=" + "z" * 64),
    "secret in place of the code": authorized("Convert-HMAC-SHA256 Signature={secret}"),
    "other scheme": authorized("Convert-HMAC-SHA512 Signature={code}"),
    "no scheme": authorized("Signature={code}"),
    "basic": authorized("Basic {basic}"),
    "token": authorized("Token {secret}"),
    "bearer of the code": authorized("Bearer {code}"),
    "bearer of the id": authorized("Bearer {id}"),
    "bearer of the secret": authorized("Bearer {secret}"),
    "bearer without secret": authorized("Bearer {id}:"),
    "bearer without id": authorized("Bearer :{secret}"),
    "bearer of nothing": authorized("Bearer"),
    "bearer of a colon": authorized("Bearer :"),
    "bearer with another secret": authorized("Bearer {id}:sxc_0000000000000000000000000000000000000000000"),
    "bearer with most of the secret": authorized("Bearer {id}:{most_of_secret}"),
    "bearer with more than the secret": authorized("Bearer {id}:{secret}x"),
    "bearer the wrong way round": authorized("Bearer {secret}:{id}"),
    "bearer of an unknown application": authorized("Bearer app_000000000000000000000000:{secret}"),
}


@pytest.mark.parametrize("forge", REFUSED.values(), ids=REFUSED)
def test_every_wrong_combination(server: Sextant, key: ConvertClient, forge: Forge) -> None:
    url = f"{tags_url(key, server)}/add"
    response = send(url, forge(key, url), BODY)
    assert_refused(response, 401)
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.headers["WWW-Authenticate"]
    assert key.secret not in response.text and key.application_id not in response.text


def test_the_message_names_the_part_that_is_missing(server: Sextant, key: ConvertClient) -> None:
    url = f"{tags_url(key, server)}/add"
    for name in ("Authorization", "Convert-Application-ID", "Expires"):
        headers = signed_headers(key.application_id, key.secret, url, BODY)
        del headers[name]
        assert name in assert_refused(send(url, headers, BODY), 401)["message"]
    assert "expired" in assert_refused(send(url, REFUSED["expired yesterday"](key, url), BODY), 401)["message"]
    assert "hour" in assert_refused(send(url, REFUSED["expires in more than an hour"](key, url), BODY), 401)["message"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("unknown application", "signed with another secret"),
        ("unknown application", "code of zeros"),
        ("bearer of an unknown application", "bearer with another secret"),
    ],
)
def test_guessing_finds_no_applications(server: Sextant, key: ConvertClient, first: str, second: str) -> None:
    """Whether an application exists is not told to those who have not its secret."""
    url = f"{tags_url(key, server)}/add"
    answers = [send(url, REFUSED[name](key, url), BODY).json() for name in (first, second)]
    assert answers[0] == answers[1]


def test_refused_requests_change_nothing(server: Sextant, key: ConvertClient) -> None:
    project = convert_project(server, "web")
    before = project.page("tags", results_per_page=0)["extra"]["pagination"]["items_count"]
    url = f"{tags_url(key, server)}/add"
    for forge in REFUSED.values():
        assert send(url, forge(key, url), BODY).status_code == 401
    assert project.page("tags", results_per_page=0)["extra"]["pagination"]["items_count"] == before


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_operation_wants_authentication(server: Sextant, key: ConvertClient, operation: Any) -> None:
    url = key.base_url + API + re.sub(r"\{[^}]*\}", "1", operation.path)
    for headers in (
        {},
        {"Authorization": f"Bearer {key.application_id}:wrong"},
        {"Cookie": "sid=1234567890abcdef"},
        signed_headers(key.application_id, "wrong", url),
    ):
        assert_refused(send(url, headers, method=operation.method), 401)


def test_authentication_comes_first(server: Sextant, key: ConvertClient) -> None:
    """Who has not proved who they are learns nothing about what is there and what is valid."""
    unknown = f"{key.base_url}{API}/accounts/987654/projects/987654/tags"
    for url, body in [(unknown, b"{}"), (f"{tags_url(key, server)}/add", b"{broken"), (f"{unknown}/x", b"[]")]:
        assert_refused(send(url, {}, body, "GET" if url.endswith("/x") else "POST"), 401)
        headers = signed_headers(key.application_id, "wrong", url, body)
        assert_refused(send(url, headers, body, "GET" if url.endswith("/x") else "POST"), 401)


# ---- next to the other interfaces


def test_keys_of_other_interfaces(server: Sextant, key: ConvertClient) -> None:
    url = tags_url(key, server)
    sdk = server.credentials["projects"]["fullstack"]
    for authorization in (
        f"Token {server.token}",
        f"Bearer {server.token}",
        f"Bearer {sdk['sdk_key']}:{sdk['sdk_secret']}",
        f"Bearer {server.credentials['user']['email']}:{server.credentials['user']['password']}",
    ):
        assert_refused(send(url, {"Authorization": authorization}), 401)
    userpilot = server.client(token=key.secret)
    assert userpilot.get("/v1/validate", expect=None).status_code == 401


def test_keys_outlive_a_restart(server: Sextant, key: ConvertClient) -> None:
    tag = convert_project(server, "web").add("tags", {"name": fresh("kept")})
    assert server.stop() == 0
    server.start()
    assert convert_project(server, "web").get("tags", tag["id"]) == tag
    bearer = convert_client(server, bearer=True)
    listed = bearer.request("POST", convert_project(server, "web").path("tags"), {"only": [tag["id"]]}, expect=200)
    assert json.loads(listed.content)["data"] == [tag]
