"""Fixtures: a real server a module, and an empty environment on it for each test that wants one."""

from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from support.client import Client
from support.convert import ConvertClient, ConvertProject, convert_client, convert_project
from support.convert_kinds import Kind
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
def server(launch: Launch) -> Sextant:
    return launch()


@pytest.fixture
def client(server: Sextant) -> Client:
    """The first environment of the module's server, which its tests share."""
    return server.client()


@pytest.fixture
def environment(server: Sextant) -> Client:
    """An empty environment of the test's own."""
    return server.new_environment()


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
