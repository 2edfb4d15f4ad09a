"""Reads export files with programs that are not ours."""

import csv
import gzip
import io
import json
import sys
from datetime import datetime, timezone
from typing import Any, NamedTuple

import fastavro
import pyarrow.parquet

Row = dict[str, Any]

csv.field_size_limit(sys.maxsize)


class ExportedEvent(NamedTuple):
    """What of a row must come back as it was sent."""

    user_id: str
    event_name: str
    inserted_at: str
    metadata: str


def read_rows(filename: str, content: bytes) -> list[Row]:
    """The rows of a file, by the ending of its name; `metadata` is parsed where the format holds it as text."""
    if filename.endswith((".json.gz", ".ndjson.gz")):
        lines = gzip.decompress(content).decode("utf-8").split("\n")
        rows = [json.loads(line) for line in lines if line]
    elif filename.endswith(".csv.gz"):
        text = gzip.decompress(content).decode("utf-8")
        rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    elif filename.endswith(".parquet"):
        rows = pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()
    elif filename.endswith(".avro"):
        rows = [row for row in fastavro.reader(io.BytesIO(content)) if isinstance(row, dict)]
    else:
        raise AssertionError(f"no reader for {filename}")
    for row in rows:
        if isinstance(row.get("metadata"), str):
            row["metadata"] = json.loads(row["metadata"])
    return rows


def canonical(metadata: Any) -> str:
    return json.dumps(metadata, sort_keys=True, ensure_ascii=False)


def instant(value: Any) -> str:
    """A time in one spelling: UTC with microseconds."""
    time = value if isinstance(value, datetime) else datetime.fromisoformat(value.replace("Z", "+00:00"))
    if time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    return time.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def exported(row: Row) -> ExportedEvent:
    return ExportedEvent(row["user_id"], row["event_name"], instant(row["inserted_at"]), canonical(row["metadata"]))


def sent(event: Row) -> ExportedEvent:
    """The same of an event as it was sent."""
    return ExportedEvent(
        event.get("user_id", ""),
        event.get("event_name", ""),
        instant(event["inserted_at"]),
        canonical(event.get("metadata", {})),
    )
