"""Fixtures: a real server a module, and an empty environment on it for each test that wants one."""

import subprocess
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
import requests

from support.client import Client
from support.convert import ConvertClient, ConvertProject, convert_client, convert_project
from support.convert_kinds import Kind
from support.experiences import FULLSTACK_TYPES
from support.gainsight import GainsightClient, gainsight
from support.server import Launch, Sextant

running: list[Sextant] = []


@pytest.fixture(scope="module")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launch]:
    """Starts servers with fresh data folders; at the module's end each must stop cleanly."""
    launched: list[Sextant] = []

    def start(environment: dict[str, str] | None = None, certificate: tuple[Path, Path] | None = None) -> Sextant:
        server = Sextant(tmp_path_factory.mktemp("sextant"), environment, certificate)
        launched.append(server)
        running.append(server)
        server.initialize()
        server.start()
        return server

    yield start
    codes = [server.stop() for server in launched if server.process is not None]
    for server in launched:
        running.remove(server)
    assert all(code == 0 for code in codes), f"exit codes after SIGTERM: {codes}\n{launched[-1].log_tail()}"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate of one's own and its key, for the names of this machine."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(
        [
            *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"],
            *["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    return certificate, key


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


@pytest.fixture(scope="module")
def http() -> requests.Session:
    """Keeps connections, and asks the environment for no proxy."""
    session = requests.Session()
    session.trust_env = False
    return session


@pytest.fixture
def client(server: Sextant) -> Client:
    """The first environment of the module's server, which its tests share."""
    return server.client()


@pytest.fixture
def environment(server: Sextant) -> Client:
    """An empty environment of the test's own."""
    return server.new_environment()


@pytest.fixture
def px(environment: Client) -> GainsightClient:
    """Gainsight PX's interface of an empty environment of the test's own."""
    return gainsight(environment)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds the ends of the servers' logs to what is shown of a failure."""
    report = yield
    if report.failed:
        for server in running:
            report.sections.append((f"log of {server.base_url}", server.log_tail()))
    return report


@pytest.fixture
def account(server: Sextant) -> ConvertClient:
    """Convert's interface with the first key, which may use all projects."""
    return convert_client(server)


@pytest.fixture
def web(server: Sextant) -> ConvertProject:
    return convert_project(server, "web")


@pytest.fixture
def fullstack(server: Sextant) -> ConvertProject:
    return convert_project(server, "fullstack")


@pytest.fixture
def project(server: Sextant, kind: Kind) -> ConvertProject:
    """The project in which the kind lives."""
    return convert_project(server, kind.project)


@pytest.fixture
def home(server: Sextant, type: str) -> ConvertProject:
    """The project in which experiences of the type live."""
    return convert_project(server, "fullstack" if type in FULLSTACK_TYPES else "web")
