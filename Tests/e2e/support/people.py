"""People who log in: made by the command line, logged in as a browser is."""

import itertools
import json
import subprocess
from dataclasses import dataclass, field
from typing import Any

import requests

from .client import REQUEST_SECONDS
from .convert import API, Body
from .server import Sextant, binary

numbers = itertools.count(1)
PASSWORD = "correct horse battery"


def sextant_user(server: Sextant, *arguments: str) -> Body:
    command = [str(binary()), "user", *arguments, "--data", str(server.data), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return lines[0] if len(lines) == 1 else {"all": lines}


@dataclass
class Person:
    """Somebody with a login and a browser of their own."""

    server: Sextant
    email: str
    password: str = PASSWORD
    session: requests.Session = field(default_factory=requests.Session)

    def request(self, method: str, path: str, body: Any = None, expect: int | None = None, **headers: str) -> requests.Response:
        url = self.server.base_url + API + path
        response = self.session.request(method, url, json=body, headers=headers, timeout=REQUEST_SECONDS)
        if expect is not None:
            assert response.status_code == expect, f"{method} {path} answered {response.status_code}: {response.text[:500]}"
        return response

    def auth(self, body: Body, **headers: str) -> requests.Response:
        return self.request("POST", "/auth", body, **headers)

    def begin(self, password: str | None = None, **headers: str) -> requests.Response:
        body = {"requestType": "initiatePasswordAuth", "username": self.email, "data": {"password": password or self.password}}
        return self.auth(body, **headers)

    def log_in(self) -> "Person":
        answer = self.begin()
        assert answer.status_code == 200 and answer.json()["auth-code"] == "SUCCESS", answer.text
        return self

    @property
    def is_logged_in(self) -> bool:
        return self.request("GET", "/auth/status").status_code == 200


def new_person(server: Sextant, role: str = "browse", projects: list[int] | None = None, **members: Any) -> Person:
    email = members.pop("email", f"person-{next(numbers)}@example.com")
    options = [f"--project={project}" for project in projects or []]
    sextant_user(server, "add", email, "--password", PASSWORD, "--role", role, *options)
    return Person(server, email)
