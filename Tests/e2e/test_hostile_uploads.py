"""Small files that unpack to a lot hold up neither the server nor its end."""

import gzip
import io
import json
import time
import zlib
from typing import Any

import pyarrow
import pyarrow.parquet
import requests

from support.client import Client
from support.errors import assert_userpilot_error
from support.polling import wait_until
from support.server import Launch


def long(value: int) -> bytes:
    rest, written = value << 1, b""
    while rest >= 0x80:
        rest, written = rest >> 7, written + bytes([rest & 0x7F | 0x80])
    return written + bytes([rest])


def text(value: bytes) -> bytes:
    return long(len(value)) + value


def avro_bomb() -> bytes:
    """Millions of rows with an array of 900,000 nulls each, in a few hundred bytes."""
    schema = {
        "type": "record", "name": "r",
        "fields": [{"name": "metadata", "type": {"type": "array", "items": "null"}}],
    }  # fmt: skip
    row = long(900_000) + long(0)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(row * 8_000_000) + packer.flush()
    head = b"Obj\x01" + long(2) + text(b"avro.schema") + text(json.dumps(schema).encode())
    head += text(b"avro.codec") + text(b"deflate") + b"\0" + bytes(16)
    return gzip.compress(head + long(8_000_000) + text(block) + bytes(16))


def try_for_a_moment(client: Client, content: bytes) -> None:
    """Sends a file, and hangs up unless it is refused at once."""
    try:
        answer = client.request("POST", "/v1/users/bulk_identify", files={"file": ("blob", content)}, timeout=2)
    except requests.exceptions.Timeout:
        return
    assert_userpilot_error(answer, 400, "bytes as JSON")


def test_bombs_hold_nobody_up(launch: Launch) -> None:
    server = launch()
    bomb = avro_bomb()
    assert len(bomb) < 1_000
    client = server.client()
    job = client.upload("/v1/imports", "bomb", bomb, expect=200).json()["job_id"]
    wait_until(lambda: client.background_job(job)["status"] != "queued", "the job's start")
    try_for_a_moment(client, bomb)
    # What is not wanted any more makes room.
    good = b'{"user_id":"ann"}'
    wait_until(lambda: client.upload("/v1/users/bulk_identify", "blob", good).status_code == 202, "the next upload")
    wait_until(lambda: client.user("ann"), "its row")
    assert client.background_job(job)["status"] in ("validating", "failed")
    assert server.stop() == 0


def test_a_packed_document_is_weighed(environment: Client) -> None:
    values = gzip.compress(b'{"users":[' + b"0," * 12_000_000 + b"0]}")
    assert_userpilot_error(environment.upload("/v1/users/bulk_identify", "blob", values), 413, "memory")
    assert environment.get("/v1/background_jobs").json() == []


def test_values_that_nest_deep_are_told_so(environment: Client) -> None:
    value: Any = "x"
    for _ in range(30):
        value = [value]
    content = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"user_id": ["a"], "metadata": [value]}), content)
    started = time.monotonic()
    created = environment.upload("/v1/users/bulk_identify", "deep.parquet", content.getvalue(), expect=202)
    job = environment.finish_background_job(created.json()["job_id"])
    assert job["status"] == "failed" and "nests values more than" in job["error"]
    # The reader's own limit is ten minutes.
    assert time.monotonic() - started < 300
