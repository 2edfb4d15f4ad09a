"""Numbers, days and clocks beyond what arithmetic holds: refused with their place, or taken; never the server's end."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from support.client import EXPORTS, JOB_SECONDS, SEXTANT, Client
from support.errors import assert_error
from support.polling import wait_until
from support.server import Launch, Sextant

# Exponents at both ends of 64 bits and beyond.
EXPONENTS = ["0e9223372036854775807", "0.1e-9223372036854775808", "10e99999999999999999999", "1e10000"]
# What the numbers' own types take.
TAKEN = ["0e9999", "1e-9999", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "1.7e308"]
SECONDS = 60


@pytest.fixture(autouse=True)
def one_process(server: Sextant) -> Iterator[None]:
    process = server.process
    yield
    assert process is server.process and process is not None and process.poll() is None
    assert requests.get(f"{server.base_url}/health", timeout=SECONDS).status_code == 200


def post(server: Sextant, path: str, body: str, **headers: str) -> requests.Response:
    sent = {"Content-Type": "application/json", "User-Agent": "ConvertAgent/1.0", **headers}
    return requests.post(server.base_url + path, data=body, headers=sent, timeout=SECONDS)


@pytest.mark.parametrize("number", [*EXPONENTS, *TAKEN, "-1", "1e400", "nan", "0x10"])
def test_numbers_in_addresses_without_a_key(server: Sextant, number: str) -> None:
    for path in (f"{number}/2", f"1/{number}", f"{number}/{number}"):
        response = requests.get(f"{server.base_url}/api/v1/config/{path}", timeout=SECONDS)
        assert 400 <= response.status_code < 500, response.text
        response = requests.get(f"{server.base_url}/api/v1/visitor/{path}/ann", timeout=SECONDS)
        assert 400 <= response.status_code < 500, response.text


@pytest.mark.parametrize("number", EXPONENTS)
def test_numbers_of_visitors_without_a_key(server: Sextant, number: str) -> None:
    path = f"/v1/track/{server.credentials['projects']['fullstack']['sdk_key']}"
    event = '{"eventType":"conversion","data":{"goalId":"1","goalData":[{"key":"amount","value":%s}]}}' % number
    for visitor in (
        '"segments":{},"events":[%s]' % event,
        '"segments":{"age":%s},"events":[]' % number,
        '"unknown":[[%s]],"events":[]' % number,
    ):
        response = post(server, path, '{"visitors":[{"visitorId":"ann",%s}]}' % visitor)
        assert response.status_code == 200 and response.json()["rejected"] == {"malformed": 1}, response.text


@pytest.mark.parametrize("number", EXPONENTS)
def test_numbers_of_profiles_and_events(environment: Client, server: Sextant, number: str) -> None:
    key = {"Authorization": f"Token {environment.token}"}
    for path, name in (("/v1/identify", ""), ("/v1/track", '"event_name":"paid",')):
        body = '{"user_id":"ann",%s"metadata":{"a":[{"b":%s}]}}' % (name, number)
        assert_error(post(server, path, body, **key), 400, "metadata.a[0].b")
    rows = '{"user_id":"bob","metadata":{"a":1}}\n{"user_id":"ann","metadata":{"a":%s}}\n' % number
    created = environment.upload("/v1/users/bulk_identify", "users.ndjson", rows.encode(), expect=202).json()
    job = environment.finish_background_job(created["job_id"])
    assert (job["completed_rows"], job["failed_rows"]) == (1, 1), job
    assert "metadata.a" in json.dumps(job), job
    wait_until(lambda: environment.user("bob"), "the other row's profile")
    assert environment.user("ann") is None


def test_numbers_that_are_taken_come_back(environment: Client, server: Sextant) -> None:
    key = {"Authorization": f"Token {environment.token}"}
    metadata = ",".join('"n%d":%s' % (index, number) for index, number in enumerate(TAKEN))
    for path, name in (("/v1/identify", ""), ("/v1/track", '"event_name":"paid",')):
        response = post(server, path, '{"user_id":"ann",%s"metadata":{%s}}' % (name, metadata), **key)
        assert response.status_code == 202, response.text
    profile = wait_until(lambda: environment.user("ann"), "the profile")
    assert profile is not None
    for index, number in enumerate(TAKEN):
        assert profile["metadata"][f"n{index}"] == json.loads(number)
    assert environment.count_events("event_name = 'paid'") == 1


# ---- days


DAYS: list[tuple[str, str, str]] = [
    ("0000-01-01", "0000-01-02", "from"),
    ("0000-12-31", "0001-01-01", "from"),
    ("2024-01-01", "0000-01-01", "to"),
    ("-001-01-01", "2024-01-01", "from"),
    ("10000-01-01", "10000-01-02", "from"),
    ("2024-01-01", "9999-12-31", "to"),
]


@pytest.mark.parametrize(("first", "last", "field"), DAYS)
def test_exports_of_days_out_of_range(environment: Client, first: str, last: str, field: str) -> None:
    response = environment.post(EXPORTS, {"from": first, "to": last})
    assert_error(response, (400, 422), f"{field}")


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "0001-02-03"), ("9999-11-30", "9999-12-31")])
def test_exports_of_the_first_and_last_days(environment: Client, first: str, last: str) -> None:
    assert environment.export(first, last).files == []


TIMES = [
    "0000-01-01T00:00:00+01:00",
    "0000-01-01",
    "9999-12-31T23:59:59-23:59",
    "9999-12-31",
    "1969-12-31T23:59:59Z",
]


@pytest.mark.parametrize("time", TIMES)
def test_times_of_events_out_of_range(environment: Client, time: str) -> None:
    answer = environment.ingest([{"user_id": "ann", "event_name": "paid", "inserted_at": time}])
    (result,) = answer["results"]
    assert result["status"] == "rejected" and "inserted_at" in json.dumps(result), result


@pytest.mark.parametrize("time", ["0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-23:59"])
def test_times_of_segments_out_of_range(environment: Client, time: str) -> None:
    rule = {"user_property": "since", "operator": "after", "value": time}
    assert_error(environment.post(f"{SEXTANT}/segments", {"title": "late", "rule": rule}), (400, 422), "rule.value")


# ---- clocks


CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

/* The time of the day begins at CLOCK_SECONDS. */
static long shown(void) {
    const char *text = getenv("CLOCK_SECONDS");
    return text ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
    if (clock != CLOCK_REALTIME) return real(clock, time);
    struct timespec passed;
    real(CLOCK_MONOTONIC, &passed);
    static long start;
    if (!start) start = passed.tv_sec;
    time->tv_sec = shown() + passed.tv_sec - start;
    time->tv_nsec = passed.tv_nsec;
    return 0;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that shows a process another time of the day."""
    folder = tmp_path_factory.mktemp("clock")
    source, library = folder / "clock.c", folder / "clock.so"
    source.write_text(CLOCK)
    command = ["clang", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return library


# 1960; three seconds before year 10000; the year 287,000.
@pytest.mark.parametrize("seconds", [-315_619_200, 253_402_300_796, 9_000_000_000_000])
def test_a_clock_that_is_set_wrong(launch: Launch, clock: Path, seconds: int) -> None:
    environment = {"LD_PRELOAD": str(clock), "CLOCK_SECONDS": str(seconds)}
    server = launch(environment=environment)
    client = server.client()
    client.track("ann", "paid")
    client.identify("ann", {"plan": "pro"})
    wait_until(lambda: client.user("ann"), "the profile")
    assert client.count_events() == 2
    (event,) = client.sql("select event_name, inserted_at from events where event_name = 'paid'")
    assert event[1][:4] in ("1970", "9999"), event
    first = "1970-01-01" if seconds < 0 else "9999-12-31"
    job = client.start_export(first, first)

    def ended() -> dict[str, Any] | None:
        shown = client.export_job(job)
        return shown if shown["status"] in ("completed", "failed") else None

    shown = wait_until(ended, "the export", JOB_SECONDS)
    assert shown is not None and shown["status"] == "completed", shown
    assert server.stop() == 0
    server.start()
    assert client.count_events() == 2
