"""Answers that nobody reads, or slowly, and large ones that are made for somebody."""

import contextlib
import random
import statistics
import threading
import time
from pathlib import Path

import pytest
import requests

from support import http2, raw
from support.convert import ConvertProject, convert_project
from support.memory import forget_peak, peak_megabytes
from support.server import Launch, Sextant
from support.serving import new_project

CODE = "var a = 1;" * 20_000
EXPERIENCES = 20
CONFIG_BYTES = EXPERIENCES * len(CODE)
UNREAD_MEGABYTES = 150


def config_path(project: ConvertProject) -> str:
    return f"/api/v1/config/{project.client.account_id}/{project.id}"


def fill(project: ConvertProject) -> list[int]:
    """Experiences that make a config of four megabytes."""
    made = []
    for number in range(EXPERIENCES):
        change = {"type": "customCode", "data": {"css": "", "js": f"{CODE}// {number}"}}
        body = {
            "name": f"large {number}",
            "key": f"large-{number}",
            "type": "a/b",
            "status": "active",
            "url": "https://x.example/",
            "variations": [
                {"name": "original", "traffic_distribution": 50},
                {"name": "other", "traffic_distribution": 50, "changes": [change]},
            ],
        }
        made.append(project.add("experiences", body)["id"])
    return made


@pytest.fixture(scope="module")
def large(server: Sextant) -> tuple[ConvertProject, list[int]]:
    project = new_project(convert_project(server, "web"), project_type="web")
    return project, fill(project)


@pytest.fixture(scope="module")
def secure(launch: Launch, certificate: tuple[Path, Path]) -> tuple[Sextant, str]:
    """A server with TLS, and the path of a large config."""
    server = launch()
    project = new_project(convert_project(server, "web"), project_type="web")
    fill(project)
    server.stop()
    server.certificate = certificate
    server.start()
    return server, config_path(project)


@pytest.mark.parametrize("window", [0, 2**31 - 1])
def test_streams_that_nobody_reads_hold_little(secure: tuple[Sextant, str], window: int) -> None:
    """A hundred streams of one connection: once these took 1.6 GB, a copy of the answer each."""
    server, path = secure
    forget_peak(server)
    before = peak_megabytes(server)
    with http2.connect(server) as connection:
        connection.window(window)
        for _ in range(100):
            connection.get(path)
        connection.send()
        if window == 0:
            # Heads come, and nothing after them.
            connection.read_until(100)
        time.sleep(5)
        server.client().get("/v1/validate", expect=200)
        grown = peak_megabytes(server) - before
    assert grown < UNREAD_MEGABYTES, f"grew by {grown:.0f} MB"


def test_a_reader_that_takes_longer_than_a_request_may_gets_all(secure: tuple[Sextant, str]) -> None:
    """Slowly and steadily over HTTP/2, for longer than a connection may wait for its next request."""
    server, path = secure
    with http2.connect(server) as connection:
        stream = connection.get(path)
        connection.send()
        started = time.monotonic()
        while stream not in connection.ended:
            assert connection.read(60), f"cut after {connection.bytes[stream]} bytes"
            early = 40 * connection.bytes[stream] / CONFIG_BYTES - (time.monotonic() - started)
            time.sleep(max(early, 0))
        assert connection.statuses == {200: 1} and connection.bytes[stream] >= CONFIG_BYTES
        assert time.monotonic() - started > 31, "not slow enough to tell anything"


def test_pipelined_requests_wait_for_their_reader(server: Sextant, large: tuple[ConvertProject, list[int]]) -> None:
    """Answers of HTTP/1.1 that nobody reads are not made before there is room for them."""
    path = config_path(large[0])
    requests.get(server.base_url + path, timeout=60)
    forget_peak(server)
    before = peak_megabytes(server)
    with contextlib.ExitStack() as connections:
        opened = [connections.enter_context(raw.connect(server.port)) for _ in range(20)]
        for connection in opened:
            connection.sendall(raw.head("GET", path, "nobody") * 50)
        time.sleep(3)
        grown = peak_megabytes(server) - before
        assert grown < UNREAD_MEGABYTES, f"grew by {grown:.0f} MB"
    assert requests.get(f"{server.base_url}/health", timeout=30).status_code == 200


def test_others_are_answered_while_configs_of_sets_are_made(
    server: Sextant, large: tuple[ConvertProject, list[int]]
) -> None:
    """Sixteen connections that ask for a set nobody has asked for, one after the other."""
    project, experiences = large
    url = server.base_url + config_path(project)
    whole = requests.get(url, timeout=60)
    is_over = threading.Event()
    statuses: set[int] = set()

    def ask() -> None:
        with requests.Session() as session:
            while not is_over.is_set():
                chosen = random.sample(experiences, random.randint(2, EXPERIENCES - 1))
                statuses.add(session.get(url, params={"exp": ",".join(map(str, chosen))}, timeout=120).status_code)

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    seconds = []
    for _ in range(40):
        started = time.monotonic()
        assert requests.get(f"{server.base_url}/health", timeout=60).status_code == 200
        seconds.append(time.monotonic() - started)
        time.sleep(0.05)
    again = requests.get(url, timeout=60)
    is_over.set()
    for thread in threads:
        thread.join()
    assert statuses <= {200, 429} and 200 in statuses
    assert again.headers["ETag"] == whole.headers["ETag"]
    assert statistics.median(seconds) < 2, f"{max(seconds):.1f} s at most"


def test_a_stop_waits_for_slow_readers_a_while_only(launch: Launch, certificate: tuple[Path, Path]) -> None:
    plain, secure = launch(), launch(certificate=certificate)
    with raw.connect(plain.port) as connection, http2.connect(secure) as multiplexed, raw.connect(secure.port):
        connection.sendall(raw.head("GET", "/docs/convert/schemas", "nobody") * 30)
        multiplexed.window(0)
        for _ in range(5):
            multiplexed.get("/docs/convert/schemas")
        multiplexed.send()
        multiplexed.read_until(5)
        time.sleep(1)
        # Each has a minute, or this fails.
        assert [plain.stop(), secure.stop()] == [0, 0]
