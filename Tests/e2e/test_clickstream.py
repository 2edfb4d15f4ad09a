"""The main job: a shop's events go in through the public API and come out of exports, in every format, unchanged."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial

import pytest

from support.clickstream import Clickstream, load_clickstream
from support.client import Client, Export
from support.polling import wait_until
from support.readers import exported, sent
from support.server import Sextant

FORMATS = {"json": ".json.gz", "ndjson": ".ndjson.gz", "csv": ".csv.gz", "parquet": ".parquet", "avro": ".avro"}
SINGLE_CALLS = 400
SENDERS = 4
# The columns that the vendor documents; what Sextant adds may follow.
VENDOR_COLUMNS = {
    "app_token", "event_type", "event_name", "source", "user_id", "company_id", "inserted_at", "hostname", "pathname",
    "screen_width", "screen_height", "operating_system", "browser", "browser_language", "user_agent", "device_type",
    "country_code", "metadata", "session", "internal_event_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Clickstream:
    stream = load_clickstream(tmp_path_factory.mktemp("clickstream"))
    print(stream.source)
    assert len(stream.events) > 30_000 and len(stream.users) > 500
    return stream


@pytest.fixture(scope="module")
def loaded(server: Sextant, stream: Clickstream) -> Iterator[Client]:
    """Identifies every user, then sends every event: some one by one, the rest in batches."""

    def identify(users: list[str]) -> None:
        sender = server.client()
        for user in users:
            sender.identify(user, dict(stream.users[user]))

    users = list(stream.users)
    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(identify, [users[number::SENDERS] for number in range(SENDERS)]))
    client = server.client()
    for event in stream.events[:SINGLE_CALLS]:
        client.post("/v1/track", {name: value for name, value in event.items() if name != "event_type"}, expect=202)
    client.ingest_all(stream.events[SINGLE_CALLS:])
    yield client


@pytest.mark.parametrize("file_format", FORMATS)
def test_an_export_holds_exactly_the_events_sent(
    server: Sextant, loaded: Client, stream: Clickstream, file_format: str
) -> None:
    print(stream.source)
    export = loaded.export(stream.first_day, stream.last_day, format=file_format)
    assert all(file.filename.endswith(FORMATS[file_format]) for file in export.files)
    assert Counter(map(exported, export.rows)) == Counter(map(sent, stream.events))
    for row in export.rows:
        assert row["app_token"] == server.credentials["userpilot"]["app_token"]
        assert row["event_type"] == "track" and row["source"] == "backend-http"
        assert VENDOR_COLUMNS <= set(row)
    check_order(export)
    check_manifest(loaded, export)


def check_order(export: Export) -> None:
    times = [row["inserted_at"] for row in export.rows]
    assert times == sorted(times), "rows are not in time order within and across files"
    assert all(file.rows for file in export.files), "an export has empty files"


def check_manifest(client: Client, export: Export) -> None:
    manifest = client.manifest(export.job)
    listed = {entry["filename"]: (entry["rows"], entry["sha256"]) for entry in manifest["files"]}
    assert listed == {file.filename: (len(file.rows), file.sha256) for file in export.files}
    assert manifest["rows"] == len(export.rows)


def test_identify_events_are_exported_with_their_properties(loaded: Client, stream: Clickstream) -> None:
    # Two days around today, because midnight may pass while the test runs.
    first, last = date.today() - timedelta(days=1), date.today() + timedelta(days=1)
    export = loaded.export(first.isoformat(), last.isoformat(), event_type=["identify_user"])
    assert {row["user_id"]: row["metadata"] for row in export.rows} == stream.users
    assert len(export.rows) == len(stream.users)
    assert {(row["event_type"], row["event_name"]) for row in export.rows} == {("identify_user", "")}


def test_profiles_and_catalogue_know_what_was_sent(loaded: Client, stream: Clickstream) -> None:
    for user in list(stream.users)[:20]:
        profile = wait_until(partial(loaded.user, user), f"the profile of {user}")
        assert profile is not None and profile["metadata"] == stream.users[user]
    names = {event["event_name"] for event in stream.events}
    wait_until(lambda: names <= {item["key"] for item in loaded.lookup("features_events")}, "all event names")
    properties = {item["key"]: item for item in loaded.lookup("user_properties")}
    assert properties["acquisition_channel"]["data_type"] == "string"


def test_a_monthly_chunk_and_a_weekly_file_for_all_of_the_span(loaded: Client, stream: Clickstream) -> None:
    export = loaded.export(stream.first_day, stream.last_day)
    first_month, last_month = stream.first_day[:7], stream.last_day[:7]
    months = export.job["all_chunks"]
    assert months == sorted(months) and months[0] == f"{first_month}-01" and months[-1] == f"{last_month}-01"
    assert export.job["completed_chunks"] == months
    assert export.job["progress"] == f"{len(months)} out of {len(months)} partitions"
    for file in export.files:
        monday = date.fromisoformat(file.filename.split(".")[0])
        assert monday.weekday() == 0
        assert {(date.fromisoformat(row["inserted_at"][:10]) - monday).days // 7 for row in file.rows} == {0}


def test_sending_everything_again_stores_nothing(loaded: Client, stream: Clickstream) -> None:
    before = loaded.count_events()
    for start in range(0, len(stream.events), 5_000):
        part = stream.events[start : start + 5_000]
        answer = loaded.ingest(part)
        assert answer["duplicates"] == len(part) and answer["accepted"] == answer["rejected"] == 0
    assert loaded.count_events() == before


def test_an_exported_row_can_be_sent_back(loaded: Client, server: Sextant, stream: Clickstream) -> None:
    rows = loaded.export(stream.first_day, stream.last_day, user_id=list(stream.users)[:5]).rows
    copy = server.new_environment()
    # The id of an exported row is the server's own; as a client's id it is as good as any.
    assert copy.ingest_all(rows) == len(rows) > 0
    again = copy.export(stream.first_day, stream.last_day).rows
    assert Counter(map(exported, again)) == Counter(map(exported, rows))
