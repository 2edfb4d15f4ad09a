"""A large export must not grow the server by more than the engine may use."""

import subprocess

import pytest

from support.polling import wait_until
from support.server import Launch, Sextant, binary

ROWS = 3_000_000
LIMIT_MB = 512


@pytest.fixture(scope="module")
def large(launch: Launch) -> Sextant:
    """A server whose log holds more than fits the engine's memory."""
    server = launch({"SEXTANT_MEMORY_LIMIT": f"{LIMIT_MB}MB"})
    # From now on profiles and catalogue are up to date with the log: what is older was dealt with.
    server.client().track("ann", "first")
    server.client().lookup("features_events")
    server.stop()
    seed = [binary().with_name("sextant-bench"), "seed", server.data / "events.duckdb", "--rows", str(ROWS)]
    subprocess.run([*seed, "--before", "2026-03-02"], check=True, timeout=300)
    server.start()
    # What a query needed must not stay beside what the exports need.
    by_user = "SELECT user_id, event_name, count(*) AS n, max(metadata::VARCHAR) AS last FROM events GROUP BY ALL"
    server.client().sql(f"SELECT count(*) FROM ({by_user}) AS by_user", timeout_seconds=60)
    return server


def peak_kilobytes(process_id: int) -> int:
    with open(f"/proc/{process_id}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


@pytest.mark.parametrize("file_format", ["parquet", "avro"])
def test_a_large_export_stays_within_the_engines_limit(large: Sextant, file_format: str) -> None:
    assert large.process is not None
    with open(f"/proc/{large.process.pid}/clear_refs", "w") as reset:
        reset.write("5")
    before = peak_kilobytes(large.process.pid)
    client = large.client()
    job_id = client.start_export("2026-02-01", "2026-03-02", format=file_format)
    finished = wait_until(lambda: client.export_job(job_id)["status"] != "in_progress", "the export", seconds=240)
    assert finished and client.export_job(job_id)["manifest"]["rows"] == ROWS
    grown_mb = (peak_kilobytes(large.process.pid) - before) // 1024
    print(f"{file_format}: grown by {grown_mb} MB")
    assert grown_mb < LIMIT_MB
