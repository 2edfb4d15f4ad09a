"""Who may do what: every operation with every kind of caller, against what `sextant routes --access` says.

What people may by their roles is tried in `test_role_table.py`; here they are callers of the other interfaces."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests

from support.client import SEXTANT
from support.convert import Body, ConvertClient, convert_client, convert_project, new_key
from support.people import Person, new_person
from support.server import Launch, Sextant, binary
from support.serving import add, new_project, new_sdk_key

NOBODY = 999_999
ROLES = ["browse", "review", "edit", "publish", "admin", "account_manager"]
CALLERS = [
    "environment-key", "environment-key:send", "gainsight-key", "gainsight-key:send", *[f"convert-key:{role}" for role in ROLES],
    "convert-key:admin:project", *[f"user:{role}" for role in [*ROLES, "owner"]], "user:admin:project", "user:nothing", "sdk-key", "sdk-key:without-secret", "report-token", "stranger",
]  # fmt: skip


@dataclass(frozen=True)
class Line:
    """An operation, and the kinds of callers that its policy lets in."""

    name: str
    method: str
    path: str
    policy: str
    callers: tuple[str, ...]

    @property
    def document(self) -> str:
        return self.name.split(".")[0]


def matrix() -> Iterator[Line]:
    listed = subprocess.run([binary(), "routes", "--access"], capture_output=True, text=True, timeout=120, check=True)
    for line in listed.stdout.splitlines():
        name, method, path, policy, callers = line.split("\t")
        yield Line(name, method, path, policy, tuple(callers.split(",")) if callers else ())


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return list(matrix())


@dataclass
class Caller:
    headers: dict[str, str]
    """What it shows."""
    sdk_key: str = str(NOBODY)
    """The key that it puts into addresses."""
    experience_id: int = NOBODY
    person: Person | None = None
    """Goes by a session."""
    signing: ConvertClient | None = None
    """Signs each request, instead of showing anything."""


@dataclass
class Home:
    """A server, a project of it, and one caller of each kind that is at home there."""

    server: Sextant
    account: ConvertClient
    project_id: int
    callers: dict[str, Caller] = field(default_factory=dict)

    def call(self, line: Line, caller: Caller) -> requests.Response:
        """Bodies are wrong and things are not there, so that what is allowed changes nothing."""
        project_id = self.project_id
        if line.name == "convert.deleteProject":
            project_id = new_project(convert_project(self.server, "web")).id
        known = {
            "account_id": self.account.account_id, "project_id": project_id, "sdk_key": caller.sdk_key,
            "experience_id": caller.experience_id if "report-token" in line.callers else NOBODY,
        }  # fmt: skip
        path = re.sub(r"\{(\w+)\}", lambda match: str(known.get(match[1], NOBODY)), line.path)
        body: Any = {} if line.method in ("POST", "PATCH", "PUT", "DELETE") else None
        if line.name == "userpilot.trackEvent":
            body = {"accountId": self.account.account_id, "projectId": self.project_id, "visitors": []}
        if caller.signing is not None:
            raw = b"" if body is None else b"{}"
            headers = caller.signing.credentials(self.server.base_url + path, raw) | {"Content-Type": "application/json"}
            return requests.request(line.method, self.server.base_url + path, headers=headers, data=raw, timeout=60)
        if caller.person is not None:
            # What ended the session before is not to end what comes.
            if not caller.person.is_logged_in:
                caller.person.log_in()
            return caller.person.session.request(line.method, self.server.base_url + path, json=body, timeout=60)
        return requests.request(line.method, self.server.base_url + path, headers=caller.headers, json=body, timeout=60)


def bearer(key: Body) -> Caller:
    return Caller({"Authorization": f"Bearer {key['key_id']}:{key['key_secret']}"})


@pytest.fixture(scope="module")
def home(launch: Launch) -> Home:
    server = launch()
    account = convert_client(server)
    project = convert_project(server, "web")
    home = Home(server, account, project.id)
    sending = server.client().post(f"{SEXTANT}/keys", {"label": "site", "can_export": False}, expect=201).json()
    callers = home.callers
    callers["environment-key"] = Caller({"Authorization": f"Token {server.token}"})
    for suffix, can_export in (("", True), (":send", False)):
        key = {"label": "sync", "kind": "gainsight_px", "can_export": can_export}
        made = server.client().post(f"{SEXTANT}/keys", key, expect=201).json()
        callers[f"gainsight-key{suffix}"] = Caller({"X-APTRINSIC-API-KEY": made["token"]})
    callers["environment-key:send"] = Caller({"Authorization": f"Token {sending['token']}"})
    for role in ROLES:
        callers[f"convert-key:{role}"] = bearer(new_key(account, role=role, auth_type="secretKey"))
        # A signature proves the same as the secret, where signatures are taken.
        key = new_key(account, role=role)
        signing = ConvertClient(account.base_url, account.account_id, key["key_id"], key["key_secret"])
        callers[f"convert-key:{role} signing"] = Caller({}, signing=signing)
    limited = new_key(account, role="admin", auth_type="secretKey", projects=[project.id])
    callers["convert-key:admin:project"] = bearer(limited)
    callers["user:owner"] = Caller({}, person=new_person(server, "owner"))
    sdk = new_sdk_key(project, has_secret=True)
    callers["sdk-key:without-secret"] = Caller({"Authorization": f"Bearer {sdk['sdk_key']}"}, sdk["sdk_key"])
    callers["sdk-key"] = Caller({"Authorization": f"Bearer {sdk['sdk_key']}:{sdk['sdk_secret']}"}, sdk["sdk_key"])
    callers["sdk-key in the address"] = Caller({"Authorization": f"Bearer {sdk['sdk_secret']}"}, sdk["sdk_key"])
    experience = add(project, [50.0, 50.0], type="a/b")["id"]
    token = project.post("experiences", experience, "report_token", expect=200).json()["token"]
    callers["report-token"] = Caller({"report_token": token}, experience_id=experience)
    callers["stranger"] = Caller({})
    return home


def is_let_in(line: Line, name: str, caller: Caller) -> bool:
    if name in line.callers:
        return True
    # Who is open to strangers does not look at keys; one surface does where a key is shown.
    is_open = line.document == "convert-serving" or line.policy == "anybody" or "Authorization" not in caller.headers and caller.signing is None
    return "stranger" in line.callers and is_open


def refusal(line: Line, name: str) -> int:
    """The status for a caller that is not let in."""
    kind = name.split(":")[0]
    if line.document == "convert-serving" and kind != "sdk-key":
        # It puts a key into the address that is none.
        return 404
    is_recognized = kind in {other.split(":")[0] for other in line.callers}
    # The vendor answers 401 where exports and lookups are not among what a key may do.
    if kind == "sdk-key" or not is_recognized or (line.document == "userpilot" and line.policy == "read"):
        return 401
    return 403


def test_every_operation_that_is_served_has_a_policy(lines: list[Line]) -> None:
    def listed(*options: str) -> set[str]:
        command = [str(binary()), "routes", *options]
        shown = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
        return {line.split("\t")[0] for line in shown.splitlines()}

    assert {line.name for line in lines} == listed() - listed("--missing")
    assert {line.document for line in lines} == {"userpilot", "sextant", "convert", "convert-serving", "gainsight-px"}
    assert {caller for line in lines for caller in line.callers} == set(CALLERS)
    assert all(line.callers for line in lines), "what nobody may do need not be served"
    assert listed("--rights") == {line.name for line in lines}


@pytest.mark.parametrize(
    "name",
    [
        *[name for name in CALLERS if not name.startswith("user:")], "user:owner",
        *[f"convert-key:{role} signing" for role in ROLES], "sdk-key in the address",
    ],
)  # fmt: skip
def test_every_operation_with_every_kind_of_caller(home: Home, lines: list[Line], name: str) -> None:
    caller = home.callers[name]
    kind = name.split(" ")[0]
    wrong = []
    for line in lines:
        if name == "sdk-key" and "{sdk_key}" in line.path:
            # Where the key stands in the address, its secret stands alone in the header.
            continue
        if name == "sdk-key in the address" and "{sdk_key}" not in line.path:
            continue
        if (caller.signing is not None and line.document != "convert") or (caller.person is not None and line.document == "convert"):
            continue
        status = home.call(line, caller).status_code
        if is_let_in(line, kind, caller):
            is_right = status not in (401, 403) and status < 500 and (line.document, status) != ("convert-serving", 404)
        else:
            is_right = status == refusal(line, kind)
        if not is_right:
            wrong.append(f"{line.name} ({line.policy}) answered {status}")
    assert not wrong, f"{name}: {wrong}"


def test_those_who_look_only_look(lines: list[Line]) -> None:
    """What the matrix must say, whatever the policies do."""
    looking = {line.name.split(".")[1] for line in lines if "convert-key:browse" in line.callers}
    others = {name for name in looking if not name.startswith("get")}
    assert others == {"generateDebugToken", "exportProject", "exportExperienceReport"}
    by_name = {line.name.split(".")[1]: line for line in lines}
    keys = ("convert-key:admin", "convert-key:account_manager")
    managing = (*keys, "user:admin", "user:account_manager", "user:owner")
    for name in ("createApiKey", "deleteApiKey", "getApiKeysList", "createProject", "deleteProject", "importProject"):
        assert by_name[name].callers == managing, name
    for line in lines:
        if line.document in ("userpilot", "sextant") and line.method in ("PATCH", "DELETE"):
            assert line.callers == ("environment-key",), line.name
    assert by_name["createProjectKey"].callers == (*keys, "convert-key:admin:project")
    assert by_name["getExperience"].callers == (
        *[f"convert-key:{role}" for role in ROLES], "convert-key:admin:project",
        *[f"user:{role}" for role in [*ROLES, "owner"]], "user:admin:project", "report-token",
    )  # fmt: skip


def test_what_may_not_be_done_is_told_before_what_is_wrong_with_the_body(home: Home) -> None:
    """Access is asked before the body is read, so nobody learns what a body should be for what they may not do."""
    url = f"{home.server.base_url}/api/v2/accounts/{home.account.account_id}"
    headers = home.callers["convert-key:browse"].headers | {"Content-Type": "application/json"}
    for path, status in (
        (f"/projects/{home.project_id}/goals/add", 403), (f"/projects/{NOBODY}/goals/add", 404), ("/projects/add", 403),
    ):  # fmt: skip
        assert requests.post(url + path, data=b"{broken", headers=headers, timeout=60).status_code == status
