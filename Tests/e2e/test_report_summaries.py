"""What reports on large experiences read instead of the log: the same figures, whatever a crash or a deletion leaves of it."""

import hashlib
import shutil
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

import pyarrow.parquet
import pytest
import requests

from support.convert import Body
from support.polling import wait_until
from support.reports import ReportedShop
from support.server import Launch, Sextant, binary
from support.serving import environment_client, saw

ROWS = 3_000_000
"""Enough for a report to take a quarter of a second on the log, on any machine."""
CRASHES = 3


class LargeShop:
    """A server with an experience of millions of events."""

    def __init__(self, server: Sextant, shop: ReportedShop) -> None:
        self.server, self.shop, self.folder = server, shop, server.data / "summaries"

    def report(self) -> Body:
        return self.shop.aggregated(start_time=1_700_000_000, end_time=None)

    def visitors(self) -> int:
        return sum(one["visitors"] for one in self.report()["reportData"][0]["variations"])

    def made(self) -> list[Path]:
        return [path.parent for path in self.folder.glob("*/manifest.json") if path.parent.suffix != ".part"]

    def summary(self) -> Path:
        def one() -> Path | None:
            return next(iter(self.made()), None)

        found = wait_until(one, "the summary")
        assert found is not None
        return found


@pytest.fixture(scope="module")
def large(launch: Launch, http: requests.Session) -> LargeShop:
    server = launch()
    shop = ReportedShop(server, http, [50, 50])
    with sqlite3.connect(server.data / "control.sqlite", timeout=30) as store:
        wanted = "SELECT id FROM environments WHERE project_id = ? AND name = 'production'"
        ((environment,),) = store.execute(wanted, (shop.project.id,)).fetchall()
    assert server.stop() == 0
    options = {"rows": ROWS, "before": "2026-03-02", "environment": environment, "project": shop.project.id}
    options["experience"] = shop.experience["id"]
    seed = [binary().with_name("sextant-bench"), "seed-experiment", server.data / "events.duckdb"]
    seed += [part for name, value in options.items() for part in (f"--{name}", str(value))]
    seed += [part for one in shop.variations for part in ("--variations", str(one))]
    seed += ["--goals", str(shop.goal["id"]), "--goals", str(shop.other["id"])]
    subprocess.run(seed, check=True, timeout=600)
    server.start()
    return LargeShop(server, shop)


def test_figures_are_the_same_after_crashes_while_it_is_made(large: LargeShop) -> None:
    right = large.report()
    for round in range(CRASHES):
        large.server.kill()
        shutil.rmtree(large.folder, ignore_errors=True)
        large.server.start()

        def ask() -> None:
            try:
                large.report()
            except requests.ConnectionError:
                pass

        thread = threading.Thread(target=ask)
        thread.start()
        wait_until(lambda: list(large.folder.glob("*.part/*")), "a summary to begin")
        time.sleep(0.4 * round)
        large.server.kill()
        thread.join()
        large.server.start()
        assert large.report() == right
    large.summary()
    assert large.report() == right
    assert not list(large.folder.glob("*.part"))
    # A new start reads what is there.
    large.server.kill()
    large.server.start()
    before = large.made()
    assert large.report() == right and large.made() == before


def test_what_comes_later_counts(large: LargeShop) -> None:
    large.report()
    summary, before = large.summary(), large.visitors()
    large.shop.send(*({"visitorId": f"late-{n}", "events": [saw(large.shop.experience, n % 2)]} for n in range(100)))
    wait_until(lambda: large.visitors() == before + 100, "the later visitors")
    assert large.made() == [summary]


def test_who_is_deleted_is_in_no_file(large: LargeShop) -> None:
    large.report()
    summary, before = large.summary(), large.visitors()
    analyst = environment_client(large.server, large.shop.project)
    seen = "event_type = 'view_experience' AND visitor_id NOT LIKE 'late-%'"
    ((visitor,),) = analyst.sql(f"SELECT visitor_id FROM experiment_events WHERE {seen} LIMIT 1")
    digest = hashlib.md5(visitor.encode()).digest()
    halves = {int.from_bytes(half, order) for half in (digest[:8], digest[8:]) for order in ("little", "big")}

    def is_held() -> bool:
        tables = [pyarrow.parquet.read_table(path, columns=["high"]) for path in large.folder.glob("*/visitors-*.parquet")]
        return any(not halves.isdisjoint(table["high"].to_pylist()) for table in tables)

    assert is_held()
    analyst.request("DELETE", "/v1/users", json={"users": [visitor]}, expect=202)
    wait_until(lambda: not summary.exists(), "the summary to go")
    assert large.visitors() == before - 1
    large.summary()
    assert large.visitors() == before - 1 and not is_held()
