"""Export files go back in as they were downloaded, whatever they are called, and a second time store nothing."""

import csv
import gzip
import io
import json
import random
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import fastavro
import pandas
import pyarrow
import pyarrow.parquet
import pytest

from support.client import EXPORTS, SEXTANT, Client, Export, ndjson
from support.errors import assert_userpilot_error
from support.polling import wait_until
from support.server import Sextant

# "native" is Parquet with the values' own types.
FORMATS = ["json", "ndjson", "csv", "parquet", "native", "avro"]
TYPES = ["identify_user", "identify_company", "page_view", "track", "track_feature", "interaction", "session_start"]
WEEK = ("2024-03-11", "2024-03-17")
NUMBERS = [
    "12345678901234567.89", "50000.0000000000000001", "1e2", "1E+2", "100.0", "-0", "-0.0", "9007199254740993", "2.50",
    "18446744073709551616", "0.1000000000000000055511151231257827", "5e-324", "1e-9999",
]  # fmt: skip

csv.field_size_limit(sys.maxsize)


class Numeral(str):
    """A number as it was written."""


def exact(text: str) -> Any:
    return json.loads(text, parse_float=Numeral, parse_int=Numeral)


def as_text(value: Any) -> Any:
    """A time as the other formats write it; everything else as it is."""
    if not isinstance(value, datetime):
        return value
    assert value.utcoffset() == timedelta(0)
    return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def rows_of(filename: str, content: bytes) -> list[dict[str, Any]]:
    """The rows of a file by programs that are not ours, numbers in `metadata` as they are written."""
    if filename.endswith((".json.gz", ".ndjson.gz")):
        return [exact(line) for line in gzip.decompress(content).decode().split("\n") if line]
    rows: list[dict[str, Any]]
    if filename.endswith(".csv.gz"):
        rows = list(csv.DictReader(io.StringIO(gzip.decompress(content).decode(), newline=""), strict=True))
    elif filename.endswith(".parquet"):
        rows = [
            {name: as_text(value) for name, value in row.items()}
            for row in pyarrow.parquet.read_table(io.BytesIO(content)).to_pylist()
        ]
    else:
        rows = [row for row in fastavro.reader(io.BytesIO(content)) if isinstance(row, dict)]
    return [{**row, "metadata": exact(row["metadata"])} for row in rows]


def numeral(choice: random.Random) -> str:
    digits = "".join(choice.choices("0123456789", k=choice.randint(1, 25)))
    whole = choice.choice(["0", choice.choice("123456789") + digits])
    fraction = choice.choice(["", f".{digits[::-1]}"])
    exponent = choice.choice(["", "", f"{choice.choice('eE')}{choice.choice(['', '+', '-'])}{choice.randint(0, 99)}"])
    return choice.choice(["", "-"]) + whole + fraction + exponent


def history() -> list[str]:
    """Events of every type as JSON text, with what writers and readers of files stumble over."""
    choice = random.Random(12)
    numbers = iter(NUMBERS + [numeral(choice) for _ in range(10_000)])
    texts = ["plain", "", "é 日本 🎉", 'two "quoted"\nlines,\r\nand a comma', "}{", "\\", "\u0001\u0002", "NULL", "1e2", " x "]
    events = []
    for index in range(140):
        kind = TYPES[index % len(TYPES)]
        event: dict[str, Any] = {"event_type": kind, "inserted_at": f"2024-03-{11 + index % 6}T10:00:00.{index:06d}Z"}
        if kind != "identify_company":
            event["user_id"] = f"user {texts[index % len(texts)]} {index % 9}"
        if kind == "identify_company" or index % 3 == 0:
            event["company_id"] = f"company {texts[index % 4]}"
        if kind in ("track", "track_feature", "interaction"):
            event["event_name"] = f"event {texts[index % len(texts)]} {index % 5}"
        if index % 2 == 0:
            event["event_id"] = f"own {index}"
        if index % 4 == 1:
            event |= {"source": "web-client", "url": f"https://shop.example/{'p' * (40 * index % 3_000)}?q=1"}
        if index % 5 == 2:
            event |= {"screen_width": 65535, "screen_height": 0, "country_code": "DE", "session": "s,7"}
            event["user_agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"
        if index % 5 == 3:
            event |= {"browser": "Lynx", "operating_system": "Plan 9", "device_type": "tablet", "referrer": "x"}
        members = [f'"n{place}" : {next(numbers)}' for place in range(index % 7)]
        members += [f'"t": {json.dumps(texts[index % len(texts)])}, "deep": [[{{"x":{next(numbers)}}}], null, true]']
        metadata = "{" + ", ".join(members) + "}" if index % 10 else "{ }"
        events.append(json.dumps(event, ensure_ascii=False)[:-1] + f', "metadata": {metadata}}}')
    return events


@pytest.fixture(scope="module")
def source(server: Sextant) -> Client:
    """An environment with such a history; the tests store nothing more in it."""
    client = server.new_environment()
    body = "\n".join(history()).encode()
    answer = client.request(
        "POST", f"{SEXTANT}/events", data=body, headers={"Content-Type": "application/x-ndjson"}, expect=202
    ).json()
    assert answer["rejected"] == 0 and answer["accepted"] == 140, answer
    return client


def body(file_format: str) -> dict[str, str]:
    return {"format": "parquet", "types": "native"} if file_format == "native" else {"format": file_format}


def everything(client: Client, file_format: str = "json") -> Export:
    export = client.export(*WEEK, **body(file_format), event_type=TYPES)
    assert len(export.files) == 1
    return export


def send(client: Client, content: bytes, filename: str = "blob", path: str = "/v1/imports") -> dict[str, Any]:
    created = client.upload(path, filename, content, expect=200 if path == "/v1/imports" else 202).json()
    return client.finish_background_job(created["job_id"])


def told(job: dict[str, Any]) -> tuple[str, int, int, int]:
    assert job["errors"] == [], job
    return job["status"], job["completed_rows"], job["duplicate_rows"], job["failed_rows"]


def kept(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows without what a row has of the environment that it is in."""
    own = ("app_token", "event_id", "internal_event_id", "received_at", "client_event_id")
    return [{name: value for name, value in row.items() if name not in own} for row in rows]


@pytest.mark.parametrize("file_format", FORMATS)
def test_numbers_are_the_text_that_came_in(source: Client, file_format: str) -> None:
    sent = [exact(line) for line in history()]
    file = everything(source, file_format).files[0]
    rows = rows_of(file.filename, file.content)
    assert {row["inserted_at"]: row["metadata"] for row in rows} == {row["inserted_at"]: row["metadata"] for row in sent}
    assert len(rows) == len(sent)


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_goes_back_in_as_it_was_downloaded(server: Sextant, source: Client, file_format: str) -> None:
    file = everything(source, file_format).files[0]
    before = rows_of("x.json.gz", everything(source).files[0].content)
    # Where the rows are already, whatever the file is called.
    assert told(send(source, file.content)) == ("completed", 140, 140, 0)
    assert source.count_events() == 140
    # Somewhere else they are stored once.
    other = server.new_environment()
    assert told(send(other, file.content, file.filename)) == ("completed", 140, 0, 0)
    after = rows_of("x.json.gz", everything(other).files[0].content)
    assert kept(after) == kept(before)
    ids = {row["inserted_at"]: row["client_event_id"] or row["event_id"] for row in before}
    assert {row["inserted_at"]: row["client_event_id"] for row in after} == ids
    assert told(send(other, file.content)) == ("completed", 140, 140, 0)
    # Back from there, they are known where they came from.
    back = everything(other, file_format).files[0]
    assert told(send(source, back.content)) == ("completed", 140, 140, 0)
    assert source.count_events() == other.count_events() == 140


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_long_row_goes_back_in(server: Sextant, file_format: str) -> None:
    """Longer than the pieces in which a Parquet file's rows come from the process that reads it."""
    clients = [server.new_environment(), server.new_environment()]
    long = {f"p{number}": "x" * 60_000 for number in range(20)}
    row = {"event_type": "identify_user", "user_id": "long", "inserted_at": "2024-03-12T10:00:00Z"}
    clients[0].post(f"{SEXTANT}/events", [{**row, "metadata": long}, {**row, "user_id": "short"}], expect=202)
    file = everything(clients[0], file_format).files[0]
    assert told(send(clients[1], file.content, file.filename)) == ("completed", 2, 0, 0)
    rows = rows_of("x.json.gz", everything(clients[1]).files[0].content)
    assert {row["user_id"]: row["metadata"] for row in rows} == {"long": long, "short": {}}


# ---- native types


def test_native_types_are_what_readers_see(source: Client) -> None:
    export = everything(source, "native")
    file = export.files[0]
    schema = pyarrow.parquet.ParquetFile(io.BytesIO(file.content)).schema
    kinds = {column.name: (column.physical_type, str(column.logical_type)) for column in map(schema.column, range(len(schema)))}
    time = "Timestamp(isAdjustedToUTC=true, timeUnit=microseconds, is_from_converted_type=false, force_set_converted_type=false)"
    assert kinds["inserted_at"] == kinds["received_at"] == ("INT64", time)
    assert kinds["metadata"] == ("BYTE_ARRAY", "JSON")
    assert {kinds["screen_width"][0], kinds["screen_height"][0]} == {"INT32"}
    numbers = ("inserted_at", "received_at", "metadata", "screen_width", "screen_height")
    assert {kind for name, kind in kinds.items() if name not in numbers} == {("BYTE_ARRAY", "String")}
    assert source.manifest(export.job)["request"]["types"] == "native"
    frame = pandas.read_parquet(io.BytesIO(file.content))
    assert str(frame["inserted_at"].dtype) == "datetime64[us, UTC]"
    assert sorted(frame["inserted_at"].dt.microsecond) == list(range(140))


def test_native_types_hold_what_texts_do(source: Client) -> None:
    """To the letter, numbers and microseconds included, and in the same order."""
    rows = [rows_of(file.filename, file.content) for file in (everything(source, kind).files[0] for kind in ("parquet", "native"))]
    assert rows[0] == rows[1] and len(rows[0]) == 140
    raw = [pyarrow.parquet.read_table(io.BytesIO(everything(source, kind).files[0].content)) for kind in ("parquet", "native")]
    assert raw[0].column_names == raw[1].column_names
    assert raw[0].column("metadata").to_pylist() == raw[1].column("metadata").to_pylist()


def test_edges_of_time(server: Sextant) -> None:
    client, other = server.new_environment(), server.new_environment()
    times = ["1970-01-01T00:00:00.000000Z", "1970-01-01T00:00:00.000001Z", "2024-03-10T02:30:00.999999Z", "2024-11-03T01:30:00.000001Z"]
    client.ingest_all({"user_id": "ann", "event_name": "e", "inserted_at": time} for time in times)
    export = client.export("1970-01-01", "2024-12-31", **body("native"))
    rows = [row for file in export.files for row in rows_of(file.filename, file.content)]
    assert [row["inserted_at"] for row in rows] == times
    for file in export.files:
        send(other, file.content, file.filename)
    again = other.export("1970-01-01", "2024-12-31", **body("parquet"))
    assert [row["inserted_at"] for file in again.files for row in rows_of(file.filename, file.content)] == times


@pytest.mark.parametrize(("more", "reason"), [
    ({"types": "native"}, "parquet"), ({"types": "native", "format": "avro"}, "parquet"),
    ({"types": "struct", "format": "parquet"}, "text or native"), ({"types": 1, "format": "parquet"}, "types"),
])  # fmt: skip
def test_types_that_there_are_not_are_refused(source: Client, more: dict[str, Any], reason: str) -> None:
    answer = source.post(EXPORTS, {"from": WEEK[0], "to": WEEK[1], **more})
    assert_userpilot_error(answer, 400, reason)
    assert rows_of("x.parquet", source.export(*WEEK, format="parquet", types="text").files[0].content)


# ---- rows of exports elsewhere


def test_a_line_of_an_export_can_be_sent_in_a_batch(server: Sextant, source: Client) -> None:
    lines = gzip.decompress(everything(source).files[0].content)
    other = server.new_environment()
    for accepted in (140, 0):
        answer = other.request(
            "POST", f"{SEXTANT}/events", data=lines, headers={"Content-Type": "application/x-ndjson"}, expect=202
        ).json()
        assert (answer["accepted"], answer["duplicates"], answer["rejected"]) == (accepted, 140 - accepted, 0)


def test_an_export_of_others_is_told_by_its_hash(environment: Client) -> None:
    """The vendor's rows have no event_id."""
    row = {
        "app_token": "NX-other", "event_type": "track", "event_name": "paid", "user_id": "ann", "company_id": "",
        "source": "web-client", "inserted_at": "2024-03-12T10:00:00.000001Z", "internal_event_id": "123", "metadata": {},
    }  # fmt: skip
    assert told(send(environment, ndjson([row, {**row, "internal_event_id": "124"}]))) == ("completed", 2, 0, 0)
    assert told(send(environment, ndjson([row]))) == ("completed", 1, 1, 0)
    assert environment.count_events() == 2


# ---- content tells what a file is


ROWS = [{"user_id": "ann", "metadata": {"plan": "pro", "price": 1}}, {"user_id": "bob", "company_id": "acme"}]


def table(separator: str = ",") -> bytes:
    output = io.StringIO()
    writer = csv.DictWriter(output, ["user_id", "company_id", "metadata"], delimiter=separator)
    writer.writeheader()
    writer.writerows({**row, "metadata": json.dumps(row.get("metadata", {}))} for row in ROWS)
    return output.getvalue().encode()


def parquet() -> bytes:
    output = io.BytesIO()
    # The first row names the columns.
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist([{"company_id": None, **row} for row in ROWS]), output)
    return output.getvalue()


def avro(codec: str = "null") -> bytes:
    schema: dict[str, Any] = {
        "type": "record", "name": "user", "fields": [
            {"name": "user_id", "type": "string"}, {"name": "company_id", "type": ["null", "string"]},
            {"name": "metadata", "type": ["null", {"type": "map", "values": ["string", "long"]}]},
        ],
    }  # fmt: skip
    output = io.BytesIO()
    fastavro.writer(output, fastavro.parse_schema(schema), ROWS, codec=codec)
    return output.getvalue()


CONTENTS: dict[str, Callable[[], bytes]] = {
    "ndjson": lambda: ndjson(ROWS),
    "ndjson with a mark": lambda: b"\xef\xbb\xbf" + ndjson(ROWS),
    "ndjson with CRLF": lambda: ndjson(ROWS).replace(b"\n", b"\r\n"),
    "ndjson after blank lines": lambda: b"\n \n" + ndjson(ROWS),
    "array": lambda: json.dumps(ROWS, indent=2).encode(),
    "object": lambda: json.dumps({"users": ROWS}).encode(),
    "object in lines": lambda: b"\xef\xbb\xbf" + json.dumps({"users": ROWS}, indent=2).encode(),
    "csv": table,
    "csv with a mark": lambda: b"\xef\xbb\xbf" + table(),
    "csv with semicolons": lambda: table(";"),
    "csv with tabs": lambda: table("\t"),
    "csv that says its separator": lambda: b"sep=;\r\n" + table(";"),
    "csv with columns without a name": lambda: table().replace(b"\r\n", b",,\r\n"),
    "parquet": parquet,
    "avro": avro,
    "avro with deflate": lambda: avro("deflate"),
}


@pytest.mark.parametrize("content", CONTENTS)
def test_names_do_not_matter(server: Sextant, content: str) -> None:
    for packed, name in ((False, "blob"), (False, "users.txt"), (True, "users.csv"), (False, "users.json")):
        client = server.new_environment()
        data = CONTENTS[content]()
        # As gzip files come from tapes.
        job = send(client, gzip.compress(data) + bytes(512) if packed else data, name, "/v1/users/bulk_identify")
        assert told(job) == ("completed", 2, 0, 0)
        assert client.sql("SELECT user_id, company_id FROM events ORDER BY user_id") == [["ann", None], ["bob", "acme"]]
    ann = wait_until(lambda: client.user("ann"), "the profile")
    assert ann is not None and {name: value for name, value in ann["metadata"].items() if value is not None} == {
        "plan": "pro", "price": 1,
    }  # fmt: skip


def test_typed_columns(environment: Client) -> None:
    """As data frames write them: times that are times, numbers with gaps, objects of columns."""
    time = datetime(2024, 3, 12, 10, 0, 0, 123456, tzinfo=timezone.utc)
    rows = [
        {"event_type": "track", "event_name": "paid", "user_id": 5, "source": "backend-http", "inserted_at": time,
         "screen_width": 1920.0, "metadata": {"amount": 12.5, "items": ["a", "b"]}, "extra": b"\xff"},
        {"event_type": "track", "event_name": "paid", "user_id": 6, "source": "backend-http", "inserted_at": time,
         "screen_width": None, "metadata": None, "extra": None},
    ]  # fmt: skip
    for zone in ("UTC", None):
        schema = pyarrow.Table.from_pylist(rows).schema
        place = schema.get_field_index("inserted_at")
        schema = schema.set(place, pyarrow.field("inserted_at", pyarrow.timestamp("us", tz=zone)))
        output = io.BytesIO()
        moments = [{**row, "inserted_at": time if zone else time.replace(tzinfo=None)} for row in rows]
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(moments, schema=schema), output)
        assert told(send(environment, output.getvalue())) == ("completed", 2, 0, 0)
    found = environment.sql("SELECT DISTINCT user_id, inserted_at, screen_width, metadata FROM events ORDER BY 1")
    assert found == [
        ["5", "2024-03-12T10:00:00.123456Z", 1920, {"amount": 12.5, "items": ["a", "b"]}],
        ["6", "2024-03-12T10:00:00.123456Z", None, {}],
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04" + b"\0" * 40, "ZIP"),
        ("event_type,source\n".encode("utf-16"), "UTF-16"),
        (gzip.compress(gzip.compress(b"{}")), "packed twice"),
        (b"\x28\xb5\x2f\xfd rest", "zstd"),
        (b"Obj\x01 nothing more", "Avro"),
        (gzip.compress(ndjson(ROWS))[:-9], "gzip"),
        (b"a,b\n1,2\n", "event_type"),
        (gzip.compress(b""), "empty"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_files_are_refused_by_name(environment: Client, content: bytes, reason: str) -> None:
    answer = environment.upload("/v1/imports", "blob", content)
    if answer.status_code == 200:
        job = environment.finish_background_job(answer.json()["job_id"])
        assert job["status"] == "failed" and reason in job["error"], job
    else:
        assert_userpilot_error(answer, 400, reason)
    assert environment.count_events() == 0


def past(**more: Any) -> list[dict[str, Any]]:
    """Three rows of an import, with a value each of other columns."""
    row = {"event_type": "track", "event_name": "e", "source": "backend-http", "inserted_at": "2024-03-12T10:00:00Z"}
    return [
        {**row, "user_id": f"u{place}", **{name: values[place] for name, values in more.items()}} for place in range(3)
    ]


def past_as_parquet(**more: Any) -> bytes:
    output = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(past(**more)), output)
    return output.getvalue()


def past_as_avro(**more: Any) -> bytes:
    rows = past(**more)
    types = {str: "string", bytes: "bytes", int: {"type": "long", "logicalType": "timestamp-millis"}}
    fields = [{"name": name, "type": types[type(value)]} for name, value in rows[0].items()]
    # The writer takes numbers for what they are, whatever the type says.
    schema = fastavro.parse_schema({"type": "record", "name": "event", "fields": fields})
    output = io.BytesIO()
    fastavro.writer(output, schema, rows)
    return output.getvalue()


@pytest.mark.parametrize("make", [past_as_parquet, past_as_avro])
def test_a_value_that_is_no_text_costs_its_row(environment: Client, make: Callable[..., bytes]) -> None:
    job = send(environment, make(browser=[b"a", b"\xff", b"c"], amount=[b"\xff", b"\x00", b"\xc3"]))
    assert (job["status"], job["completed_rows"], job["failed_rows"]) == ("completed", 2, 1), job
    assert [(error["row"], error["field"]) for error in job["errors"]] == [(2, "browser")]
    assert "UTF-8" in job["errors"][0]["message"]
    assert environment.sql("SELECT user_id, browser FROM events ORDER BY 1") == [["u0", "a"], ["u2", "c"]]


def test_a_time_that_is_none_costs_its_row(environment: Client) -> None:
    times = [1_710_237_600_000, 1 << 55, 1_710_237_600_000]
    job = send(environment, past_as_avro(timestamp=times, seen=times[::-1]))
    assert (job["status"], job["completed_rows"], job["failed_rows"]) == ("completed", 2, 1), job
    assert [(error["row"], error["field"]) for error in job["errors"]] == [(2, "timestamp")]


@pytest.mark.parametrize("document", [True, False], ids=["object", "list"])
def test_a_bad_row_of_a_json_file_costs_no_other(environment: Client, document: bool) -> None:
    rows = "[" + ",".join([json.dumps(past()[0]), r'{"user_id":"\u0000"}', json.dumps(past()[1])]) + "]"
    job = send(environment, (f'{{"events":{rows}}}' if document else rows).encode())
    assert (job["status"], job["completed_rows"], job["failed_rows"]) == ("completed", 2, 1), job
    assert [error["row"] for error in job["errors"]] == [2]


def test_a_json_file_that_is_cut_off_is_refused(environment: Client) -> None:
    content = json.dumps({"events": past()}).encode()
    assert_userpilot_error(environment.upload("/v1/imports", "blob", content[:-20]), 400)
    assert environment.count_events() == 0


def test_a_damaged_parquet_file_harms_nobody(environment: Client) -> None:
    good = parquet()
    choice = random.Random(3)
    damaged = [b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff" * 400 + b"PAR1", good[: len(good) // 2], good[:-4] + b"XXXX"]
    for _ in range(6):
        content = bytearray(good)
        for _ in range(12):
            content[choice.randrange(4, len(content))] = choice.randrange(256)
        damaged.append(bytes(content))
    for content in damaged:
        job = send(environment, content, "users.parquet", "/v1/users/bulk_identify")
        assert job["status"] in ("completed", "failed"), job
        if job["status"] == "failed":
            assert job["error"].startswith("The Parquet file cannot be read."), job
            assert "/" not in job["error"].replace("Parquet file", "")
    assert send(environment, good, "users.parquet", "/v1/users/bulk_identify")["completed_rows"] == 2
