"""The shop event stream that `scripts/test-data` finds, as events to send."""

import csv
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .server import REPOSITORY

USER_PROPERTIES = ["platform", "acquisition_channel", "user_cohort", "user_lifecycle"]


@dataclass
class Clickstream:
    source: str
    """Which of its sources `scripts/test-data` took."""
    users: dict[str, dict[str, str]]
    """The properties of each user, as its last event has them."""
    events: list[dict[str, Any]]
    """Track events with ids and times, in the stream's order."""
    first_day: str
    last_day: str


def load_clickstream(folder: Path) -> Clickstream:
    found = subprocess.run(
        [sys.executable, str(REPOSITORY / "scripts/test-data"), str(folder)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    with (folder / "clickstream.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    latest = sorted(rows, key=lambda row: row["timestamp"])
    return Clickstream(
        source=found.stdout.strip(),
        users={row["user_id"]: {name: row[name] for name in USER_PROPERTIES} for row in latest},
        events=[_event(number, row) for number, row in enumerate(rows)],
        first_day=latest[0]["timestamp"][:10],
        last_day=latest[-1]["timestamp"][:10],
    )


def _event(number: int, row: dict[str, str]) -> dict[str, Any]:
    return {
        "event_type": "track",
        "event_name": row["event"],
        "user_id": row["user_id"],
        "inserted_at": row["timestamp"].replace(" ", "T") + "Z",
        "event_id": f"clickstream-{number}",
        "metadata": {"session_id": row["session_id"], **{name: row[name] for name in USER_PROPERTIES}},
    }
