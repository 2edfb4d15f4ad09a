"""Pages of profiles as heavy as they may be, many at once: memory stays within a bound, and nobody else waits for them."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from support.errors import assert_gainsight_error
from support.gainsight import GainsightClient, gainsight
from support.memory import forget_peak, peak_megabytes
from support.server import Launch, Sextant

# Within a page's limits: 40 profiles of 24,000 values, in 48 KB each.
USERS = 40
VALUES = 24_000
CALLS = 20


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


@pytest.fixture(scope="module")
def heavy(server: Sextant) -> GainsightClient:
    px = gainsight(server.new_environment())
    for number in range(USERS):
        px.make_user(f"u{number}", customAttributes={"a": [1] * VALUES}, score=number)
    return px


@pytest.mark.parametrize("sort", [None, "score"])
def test_many_heavy_pages_at_once(server: Sextant, heavy: GainsightClient, px: GainsightClient, sort: str | None) -> None:
    px.make_user("ann")
    query = {"pageSize": USERS, **({"sort": sort} if sort else {})}
    whole = heavy.get("/users", **query).json()
    assert len(whole["users"]) == USERS and whole["results"] == whole["users"]
    assert all(user["customAttributes"] == {"a": [1] * VALUES} for user in whole["users"])
    forget_peak(server)
    before = peak_megabytes(server)

    def ask(_: int) -> int:
        answer = requests.get(
            f"{heavy.base_url}/v1/users", params=query, headers={"X-APTRINSIC-API-KEY": heavy.key}, timeout=120
        )
        if answer.status_code == 429:
            assert int(answer.headers["Retry-After"]) > 0
        else:
            assert answer.status_code == 200 and len(answer.json()["users"]) == USERS
        return answer.status_code

    with ThreadPoolExecutor(CALLS) as pool:
        asked = [pool.submit(ask, number) for number in range(CALLS)]
        waits = []
        while not all(one.done() for one in asked):
            began = time.monotonic()
            assert [user["id"] for user in px.get("/users").json()["users"]] == ["ann"]
            px.get("/segment")
            waits.append(time.monotonic() - began)
        codes = [one.result() for one in asked]
    grown = peak_megabytes(server) - before
    print(f"grown by {grown:.0f} MB, {codes.count(200)} answered, others waited {max(waits):.2f} s at most")
    assert 200 in codes
    # All pages at once would be 19 million JSON values: more than a gigabyte.
    assert grown < 256


def test_pages_that_are_too_heavy(heavy: GainsightClient, px: GainsightClient) -> None:
    """More values, or more bytes, than a page may have; smaller pages show all."""
    for number in range(25):
        px.make_user(f"u{number}", customAttributes={"a": [1] * 45_000})
    refused = px.get("/users", expect=None, pageSize=25)
    assert_gainsight_error(refused, 422)
    assert "smaller pages" in refused.json()["message"]
    assert len(px.all("/users", "users", pageSize=10)) == 25
    for number in range(10):
        px.make_account(f"a{number}", customAttributes={"t": "x" * 60_000, **{f"t{n}": "x" * 60_000 for n in range(14)}})
    assert_gainsight_error(px.get("/accounts", expect=None, sort="name"), 422)
    assert len(px.all("/accounts", "accounts", pageSize=5, sort="name")) == 10
