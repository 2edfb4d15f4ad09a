"""Requests that nobody should send, many of them: none is answered with a fault of the server's own, none ends it.

`SEXTANT_FUZZ_REQUESTS=100000` sends so many to each contract, `SEXTANT_FUZZ_SEED` makes other ones.
"""

import http.client
import itertools
import os
import random
import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
import requests

from support.client import SEXTANT
from support.convert import convert_client, convert_project, signed_headers
from support.mutation import Mutations, Operation, Request
from support.server import Launch, Sextant

REQUESTS = int(os.environ.get("SEXTANT_FUZZ_REQUESTS", "800"))
SEED = int(os.environ.get("SEXTANT_FUZZ_SEED", "1"))
SECONDS = 60
# With what these take away, all else would be answered 401 or 404; the last two start a browser or fetch a page.
LEFT_OUT = {
    *["revokeKey", "deleteEnvironment", "deleteProject", "deleteApiKey", "deleteSdkKey", "updateSdkKey"],
    *["triggerExperienceScreenshots", "checkCodeDomain"],
}
TRAPS = re.compile(r"sextant crashed|Fatal error|Illegal instruction|overflow|Program crashed|AddressSanitizer")


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    # Refused numbers and texts are told one by one; a full log would only be slower.
    return launch(environment={"SEXTANT_LOG_LEVEL": "info"})


@pytest.fixture(scope="module")
def served(server: Sextant) -> Callable[[str], set[str]]:
    """The operations of a contract that are served and may be called as one likes."""
    listed = server.run("routes").stdout.splitlines()
    names = [line.split("\t")[0] for line in listed if "(not served)" not in line]

    def of(contract: str) -> set[str]:
        return {name.split(".", 1)[1] for name in names if name.startswith(f"{contract}.")} - LEFT_OUT

    return of


Sign = Callable[[Request], dict[str, str]]


class Sender:
    """One connection, opened again whenever the server closes it."""

    def __init__(self, server: Sextant, sign: Sign) -> None:
        self.server = server
        self.sign = sign
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)

    def send(self, request: Request) -> tuple[int, bytes]:
        """The status of the answer and its body."""
        for attempt in itertools.count():
            try:
                return self._send(request)
            except (http.client.HTTPException, ConnectionError):
                # It may have closed an idle or refused connection; a second time it must answer.
                self.connection.close()
                if attempt:
                    raise
        raise AssertionError

    def _send(self, request: Request) -> tuple[int, bytes]:
        self.connection.putrequest(request.method, request.target, skip_accept_encoding=True)
        headers = {**self.sign(request), **dict(request.headers), "Content-Length": str(len(request.body))}
        for name, value in headers.items():
            self.connection.putheader(name, value.encode("utf-8"))
        self.connection.endheaders(request.body)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.will_close:
            self.connection.close()
        return answer.status, body


def run(server: Sextant, mutations: Iterator[tuple[Operation, Request]], sign: Sign) -> Counter[int]:
    process = server.process
    assert process is not None
    sender = Sender(server, sign)
    sender.connection.connect()
    assert sender.connection.sock is not None
    sender.connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    statuses: Counter[int] = Counter()
    for number, (operation, request) in enumerate(itertools.islice(mutations, REQUESTS)):
        try:
            status, body = sender.send(request)
        except Exception as error:
            raise AssertionError(f"no answer to request {number}, {operation.name}: {request}: {error!r}") from error
        assert status < 500, f"{status} for request {number}, {operation.name}: {request}: {body[:2000]!r}"
        statuses[status] += 1
    assert process is server.process and process.poll() is None
    log = server.log.read_text(errors="replace")
    trap = TRAPS.search(log)
    assert trap is None, log[max(trap.start() - 2000, 0) : trap.end() + 2000] if trap else ""
    assert requests.get(f"{server.base_url}/health", timeout=SECONDS).status_code == 200
    print(f"{sum(statuses.values())} requests: {dict(sorted(statuses.items()))}")
    return statuses


def check_reach(statuses: Counter[int]) -> None:
    """Enough of them got past the first door for the others to be tried."""
    total = sum(statuses.values())
    taken = sum(count for status, count in statuses.items() if status < 400)
    assert taken > total / 50, f"hardly anything is taken: {statuses}"
    assert statuses[401] < total / 2, f"the key is gone: {statuses}"


def test_serving(server: Sextant, served: Callable[[str], set[str]]) -> None:
    fullstack = server.credentials["projects"]["fullstack"]
    ids = {
        "account_id": [str(server.credentials["account_id"])],
        "project_id": [str(fullstack["id"])],
        "sdk_key": [fullstack["sdk_key"]],
        "visitor_id": ["ann", "bob"],
    }
    mutations = Mutations("convert-serving", "/api/v1", served("convert-serving"), ids, SEED)
    secret = {"Authorization": f"Bearer {fullstack['sdk_secret']}", "User-Agent": "ConvertAgent/1.0"}
    check_reach(run(server, iter(mutations), lambda _: secret))


def test_convert(server: Sextant, served: Callable[[str], set[str]]) -> None:
    client = convert_client(server)
    project = convert_project(server, "web")
    choice = random.Random(SEED)
    ids = {
        "account_id": [str(client.account_id)],
        "project_id": [str(project.id), str(server.credentials["projects"]["fullstack"]["id"])],
    }

    def sign(request: Request) -> dict[str, str]:
        if choice.random() < 0.5:
            return {"Authorization": f"Bearer {client.application_id}:{client.secret}"}
        return signed_headers(client.application_id, client.secret, server.base_url + request.target, request.body)

    mutations = Mutations("convert", "/api/v2", served("convert"), ids, SEED)
    check_reach(run(server, iter(mutations), sign))


@pytest.mark.parametrize("contract", ["userpilot", "sextant"])
def test_environments(server: Sextant, served: Callable[[str], set[str]], contract: str) -> None:
    ids = {"user_id": ["ann", "bob"], "company_id": ["acme"], "kind": ["flow", "banner", "event"]}
    mutations = Mutations(contract, "", served(contract), ids, SEED)
    assert all(operation.path.startswith("/") for operation in mutations.operations)
    assert any(SEXTANT in operation.path for operation in mutations.operations) == (contract == "sextant")
    token = server.new_environment().token
    check_reach(run(server, iter(mutations), lambda _: {"Authorization": f"Token {token}"}))
