"""Bulk updates, imports and deletes of the Userpilot surface."""

import csv
import io
import json
import re
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from support.client import Client, ndjson
from support.errors import assert_userpilot_error
from support.polling import wait_until
from support.server import Sextant

EVER = ("2000-01-01", "2100-01-01")
JOB_ID = re.compile(r"\w+:jobs:NX-\w+:[0-9a-f-]{36}")
JOB_KEYS = {"job_id", "type", "status", "filename", "file_size", "total_rows", "start_time", "links", "submitted_at"}
STATUSES = {"queued", "validating", "processing", "pending_refresh", "completed", "failed"}


def check_job(job: dict[str, Any]) -> None:
    assert JOB_KEYS <= set(job), f"missing: {JOB_KEYS - set(job)}"
    assert JOB_ID.fullmatch(job["job_id"])
    assert job["status"] in STATUSES
    assert all(isinstance(job[name], int) for name in ("file_size", "total_rows") if job[name] is not None)
    assert job["links"] and job["start_time"]


# ---- bulk identify


def test_bulk_users_as_json(environment: Client) -> None:
    users: list[dict[str, Any]] = [
        {"user_id": "ann", "company_id": "acme", "metadata": {"plan": "pro"}},
        {"user_id": "bob", "metadata": {"plan": "free", "seats": 3}},
    ]
    created = environment.post("/v1/users/bulk_identify", {"users": users}, expect=202)
    check_job(created.json())
    job = environment.finish_background_job(created.json()["job_id"])
    check_job(job)
    assert (job["status"], job["total_rows"], job["completed_rows"]) == ("completed", 2, 2)
    assert job["end_time"] and isinstance(job["elapsed_time"], int)
    ann = wait_until(lambda: environment.user("ann"), "the profile")
    assert ann is not None and (ann["company_id"], ann["metadata"]) == ("acme", {"plan": "pro"})
    rows = environment.export(*EVER).rows
    assert {(row["event_type"], row["user_id"]) for row in rows} == {("identify_user", "ann"), ("identify_user", "bob")}


def test_bulk_companies_as_ndjson_file(environment: Client) -> None:
    companies = [{"company_id": f"c{number}", "metadata": {"number": number}} for number in range(50)]
    created = environment.upload("/v1/companies/bulk_identify", "companies.ndjson", ndjson(companies), expect=202)
    check_job(created.json())
    assert created.json()["filename"] == "companies.ndjson"
    job = environment.finish_background_job(created.json()["job_id"])
    assert (job["status"], job["total_rows"], job["completed_rows"]) == ("completed", 50, 50)
    last = wait_until(lambda: environment.company("c49"), "the last company")
    assert last is not None and last["metadata"] == {"number": 49}


def test_bulk_file_with_bad_rows(environment: Client) -> None:
    content = b'{"user_id":"ann"}\n{"user_id":5}\nnot json\n\n{"metadata":{}}\n{"user_id":"bob","metadata":{"a":1}}\n'
    created = environment.upload("/v1/users/bulk_identify", "users.ndjson", content, expect=202).json()
    job = environment.finish_background_job(created["job_id"])
    assert job["status"] == "completed" and job["completed_rows"] == 2, job
    errors = {error["row"]: error["message"] for error in job["errors"]}
    assert set(errors) == {2, 3, 5}, errors
    assert "user_id" in errors[2] and "user_id" in errors[5]
    assert environment.count_events("event_type = 'identify_user'") == 2


def test_job_ids_plain_and_percent_encoded(server: Sextant, environment: Client) -> None:
    created = environment.post("/v1/users/bulk_identify", {"users": [{"user_id": "ann"}]}, expect=202).json()
    job_id = created["job_id"]
    assert job_id.split(":")[2].startswith("NX-") and ":" in job_id
    for spelling in (job_id, quote(job_id, safe=""), quote(job_id, safe="").replace("%3A", "%3a") + "/"):
        assert environment.get(f"/v1/background_jobs/{spelling}").json()["job_id"].lower() == job_id.lower()
    listed = environment.get("/v1/background_jobs").json()
    assert [job["job_id"] for job in listed] == [job_id]
    check_job(listed[0])
    assert_userpilot_error(environment.get(f"/v1/background_jobs/{quote(job_id)}x", expect=None), 404)


@pytest.mark.parametrize("kind", ["users", "companies"])
def test_ten_thousand_records_and_no_more(environment: Client, kind: str) -> None:
    key = {"users": "user_id", "companies": "company_id"}[kind]
    records = [{key: f"r{number}"} for number in range(10_001)]
    path = f"/v1/{kind}/bulk_identify"
    assert_userpilot_error(environment.post(path, {kind: records}), 413, "10,000")
    assert_userpilot_error(environment.upload(path, "many.ndjson", ndjson(records)), 413, "10,000")
    assert environment.count_events() == 0
    created = environment.post(path, {kind: records[:10_000]}, expect=202).json()
    assert environment.finish_background_job(created["job_id"])["completed_rows"] == 10_000


@pytest.mark.parametrize(
    ("body", "mentions"),
    [
        ({"users": "ann"}, "users"),
        ({}, "users"),
    ],
    ids=str,
)
def test_bad_bulk_bodies_name_the_field(environment: Client, body: Any, mentions: str) -> None:
    assert_userpilot_error(environment.post("/v1/users/bulk_identify", body), 400, mentions)
    assert environment.get("/v1/background_jobs").json() == []


def test_a_bad_element_of_a_list_costs_no_other(environment: Client) -> None:
    good = [f'{{"user_id":"u{number}","metadata":null}}' for number in range(6)]
    bad = [
        '{"metadata":{}}', '{"user_id":7}', '{"user_id":"x","metadata":[1]}', '{"user_id":"a\\u0000"}',
        '{"user_id":"x","metadata":{"a":1e400}}', '{"user_id":"x","user_id":"y"}', '{"user_id":"\\ud800"}',
        '{"user_id":"x","metadata":{"a":' + "[" * 65 + "]" * 65 + "}}",
    ]  # fmt: skip
    body = '{"users":[' + ",".join(good[:3] + bad + good[3:]) + "]}"
    headers = {"Content-Type": "application/json"}
    created = environment.request("POST", "/v1/users/bulk_identify", data=body, headers=headers, expect=202).json()
    job = environment.finish_background_job(created["job_id"])
    assert (job["status"], job["completed_rows"], job["failed_rows"]) == ("completed", 6, len(bad)), job
    assert [error["row"] for error in job["errors"]] == list(range(4, 4 + len(bad)))
    assert environment.count_events("event_type = 'identify_user'") == 6


def test_one_bulk_job_at_a_time(environment: Client) -> None:
    users = {"users": [{"user_id": f"u{number}", "metadata": {"n": number}} for number in range(10_000)]}
    companies = {"companies": [{"company_id": "c"}]}
    # The first job may be done before the second call comes; then there was no conflict, and we try again.
    for _ in range(5):
        first = environment.post("/v1/users/bulk_identify", users, expect=202).json()["job_id"]
        second = environment.post("/v1/companies/bulk_identify", companies)
        environment.finish_background_job(first)
        if second.status_code == 409:
            break
        environment.finish_background_job(second.json()["job_id"])
    assert_userpilot_error(second, 409)
    created = environment.post("/v1/companies/bulk_identify", companies, expect=202).json()
    assert environment.finish_background_job(created["job_id"])["status"] == "completed"


# ---- imports


HISTORY: list[dict[str, Any]] = [
    {"event_type": "identify_user", "user_id": "ann", "source": "backend-http-import", "inserted_at": "2023-01-02T03:04:05Z", "metadata": {"plan": "pro"}},
    {"event_type": "identify_company", "company_id": "acme", "source": "backend-http-import", "inserted_at": "2023-01-02T03:04:06Z"},
    {"event_type": "track", "event_name": "paid", "user_id": "ann", "source": "backend-segment", "inserted_at": "2024-07-28 08:55:35.874555", "metadata": {"amount": 12.5}},
    {"event_type": "page_view", "user_id": "ann", "source": "web-client", "inserted_at": "2024-07-28T08:55:36Z", "url": "https://shop.example/cart?x=1", "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0"},
]  # fmt: skip


def as_csv(records: list[dict[str, Any]]) -> bytes:
    columns = list(dict.fromkeys(name for record in records for name in record))
    output = io.StringIO()
    writer = csv.DictWriter(output, columns)
    writer.writeheader()
    for record in records:
        writer.writerow({k: json.dumps(v) if k == "metadata" else v for k, v in record.items()})
    return output.getvalue().encode()


@pytest.mark.parametrize("filename", ["history.csv", "history.ndjson"])
def test_import_of_history(environment: Client, filename: str) -> None:
    content = as_csv(HISTORY) if filename.endswith("csv") else ndjson(HISTORY)
    created = environment.upload("/v1/imports", filename, content, expect=200).json()
    check_job(created)
    assert created["filename"] == filename and created["file_size"] == len(content)
    job = environment.finish_background_job(created["job_id"])
    assert (job["status"], job["completed_rows"]) == ("completed", 4), job
    rows = environment.export("2023-01-01", "2024-12-31").rows
    assert [row["event_type"] for row in rows] == ["identify_user", "identify_company", "track", "page_view"]
    assert [row["source"] for row in rows] == [record["source"] for record in HISTORY]
    assert rows[1]["metadata"] == {} and rows[1]["company_id"] == "acme"
    assert rows[2]["inserted_at"] == "2024-07-28T08:55:35.874555Z" and rows[2]["metadata"] == {"amount": 12.5}
    assert (rows[3]["hostname"], rows[3]["pathname"], rows[3]["browser"]) == ("shop.example", "/cart", "Firefox")
    profile = wait_until(lambda: environment.user("ann"), "the imported profile")
    assert profile is not None and profile["metadata"] == {"plan": "pro"}


@pytest.mark.parametrize("filename", ["history.csv", "history.ndjson"])
def test_import_with_bad_rows(environment: Client, filename: str) -> None:
    good = HISTORY[2]
    records = [
        good,
        {**good, "event_type": "dance"},
        {**good, "inserted_at": "2024-13-01T00:00:00Z"},
        {name: value for name, value in good.items() if name != "source"},
        {**good, "event_name": ""},
        {**good, "event_name": "refunded"},
        {**good, "source": "web-client"},
    ]
    content = as_csv(records) if filename.endswith("csv") else ndjson(records)
    created = environment.upload("/v1/imports", filename, content, expect=200).json()
    job = environment.finish_background_job(created["job_id"])
    assert (job["status"], job["completed_rows"]) == ("completed", 2), job
    errors: dict[int, str] = {}
    for error in job["errors"]:
        errors[error["row"]] = errors.get(error["row"], "") + error["message"]
    # Rows are numbered as an editor numbers the file's lines: a CSV file's first is its header.
    header = 1 if filename.endswith("csv") else 0
    for row, field in {2: "event_type", 3: "inserted_at", 4: "source", 5: "event_name", 7: "hostname"}.items():
        assert field in errors[row + header], errors
    assert len(errors) == 5
    assert environment.count_events() == 2


def test_every_fault_of_a_row_is_told(environment: Client) -> None:
    good = HISTORY[2]
    records: list[dict[str, Any]] = [
        {**good, "user_id": 5, "event_name": "", "inserted_at": "soon", "source": "mars", "screen_width": -1,
         "metadata": {"fine": 1, "long": "x" * 70_000, "longer": "x" * 80_000}},
        {"event_type": "dance", "source": "web-client", "url": "nowhere", "country_code": "far too long"},
        {**good, "company": {"name": "Nobody"}, "session": 7},
        good,
    ]  # fmt: skip
    created = environment.upload("/v1/imports", "history.ndjson", ndjson(records), expect=200).json()
    job = environment.finish_background_job(created["job_id"])
    assert (job["status"], job["completed_rows"], job["failed_rows"]) == ("completed", 1, 3), job
    faults: dict[int, set[str]] = {}
    for error in job["errors"]:
        assert error["field"].split(".")[0] in error["message"], error
        faults.setdefault(error["row"], set()).add(error["field"])
    assert faults == {
        1: {"user_id", "event_name", "inserted_at", "source", "screen_width", "metadata.long", "metadata.longer"},
        2: {"inserted_at", "user_agent", "event_type", "url", "country_code"},
        3: {"company.company_id", "session"},
    }
    # A row counts as one, however much is wrong with it.
    many = [{**good, "user_id": 5, "event_name": ""}] * 60
    created = environment.upload("/v1/imports", "history.ndjson", ndjson(many), expect=200).json()
    job = environment.finish_background_job(created["job_id"])
    assert job["failed_rows"] == 60 and len(job["errors"]) == 100


def test_a_file_that_is_no_table(environment: Client) -> None:
    for content in (b"", b"\x00\x01\x02\x03", b"PK\x03\x04 not a table", b'"unclosed,\n' * 3):
        response = environment.upload("/v1/imports", "history.csv", content)
        if response.status_code == 200:
            job = environment.finish_background_job(response.json()["job_id"])
            assert job.get("completed_rows", 0) == 0 and (job["status"] == "failed" or job["errors"]), job
        else:
            assert_userpilot_error(response, 400)
    response = environment.request("POST", "/v1/imports", files={"other": ("history.csv", b"a,b\n1,2\n")})
    assert_userpilot_error(response, 400, "file")
    assert environment.count_events() == 0


def test_a_csv_with_quotes_and_newlines(environment: Client) -> None:
    metadata = {"note": 'two\nlines, "quoted"', "price": "1,5 €"}
    record = {**HISTORY[2], "metadata": metadata}
    content = b"\xef\xbb\xbf" + as_csv([record] * 2).replace(b"\n", b"\r\n")
    created = environment.upload("/v1/imports", "history.csv", content, expect=200).json()
    environment.finish_background_job(created["job_id"])
    rows = environment.export("2024-07-28", "2024-07-28").rows
    assert len(rows) == 2 and json.loads(json.dumps(rows[0]["metadata"]).replace("\\r", "")) == metadata


# ---- deletes


def delete(client: Client, kind: str, ids: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = client.request("DELETE", f"/v1/{kind}", json={kind: ids}, expect=202).json()
    return body


def test_deleted_users_are_gone(environment: Client) -> None:
    for user in ("ann", "bob", "cyd"):
        environment.identify(user, {"plan": "pro"})
        environment.track(user, "paid")
    for user in ("ann", "cyd"):
        wait_until(partial(environment.user, user), "the profiles")
    answer = delete(environment, "users", ["ann", "bob", "nobody"])
    assert re.search(r"\d", answer["message"])
    wait_until(lambda: environment.count_events() == 2, "the events to go")
    wait_until(lambda: environment.user("ann") is None, "the profile to go")
    assert {row["user_id"] for row in environment.export(*EVER).rows} == {"cyd"}
    assert environment.user("cyd") is not None
    # The same id may come again, and starts afresh.
    environment.identify("ann", {"score": 1})
    ann = wait_until(lambda: environment.user("ann"), "the new profile")
    assert ann is not None and ann["metadata"] == {"score": 1}


def test_deleted_companies_are_gone(environment: Client) -> None:
    for company in ("acme", "bloom"):
        environment.identify_company(company, {"plan": "pro"})
        wait_until(partial(environment.company, company), "the profiles")
    delete(environment, "companies", ["acme"])
    wait_until(lambda: environment.company("acme") is None, "the profile to go")
    wait_until(lambda: environment.count_events("company_id = 'acme'") == 0, "the events to go")
    rows = environment.export(*EVER, event_type=["identify_company"]).rows
    assert [row["company_id"] for row in rows] == ["bloom"]
    assert environment.company("bloom") is not None


def test_deletions_are_followed_to_their_end(server: Sextant, environment: Client) -> None:
    others = server.new_environment()
    people = [f"secret-person-{number}" for number in range(12)]
    for person in people:
        environment.identify(person, {"plan": "pro"})
        environment.track(person, "paid")
    environment.identify_company("secret-company", {"plan": "pro"})
    wait_until(lambda: environment.user(people[-1]) and environment.company("secret-company"), "the profiles")
    answers = [delete(environment, "users", [person, "secret-nobody"]) for person in people]
    answers.append(delete(environment, "companies", ["secret-company"]))
    assert len({answer["job_id"] for answer in answers}) == len(answers)
    receipts = []
    for answer in answers:
        check_job({**environment.get(answer["links"], expect=200).json()})
        receipt = environment.finish_background_job(answer["job_id"])
        assert receipt["job_id"] == answer["job_id"] and receipt["status"] == "completed", receipt
        assert receipt["submitted_at"] <= receipt["end_time"] and isinstance(receipt["key_id"], int)
        assert "secret" not in json.dumps(receipt)
        others.get(answer["links"], expect=404)
        receipts.append(receipt)
    of_users = receipts[:-1]
    assert {(receipt["type"], receipt["total_rows"]) for receipt in of_users} == {("delete_users", 2)}
    # Those that were done together tell of all of them.
    runs = {(receipt["start_time"], receipt["end_time"]): receipt for receipt in of_users}
    for run, receipt in runs.items():
        together = [other for other in of_users if (other["start_time"], other["end_time"]) == run]
        assert {other["deleted_events"] for other in together} == {receipt["deleted_events"]}
    assert sum(receipt["done_together"] for receipt in runs.values()) == len(people)
    assert sum(receipt["deleted_events"] for receipt in runs.values()) == 2 * len(people)
    assert sum(receipt["deleted_profiles"] for receipt in runs.values()) == len(people)
    company = receipts[-1]
    assert (company["type"], company["deleted_events"], company["deleted_profiles"]) == ("delete_companies", 1, 1)
    listed = environment.get("/v1/background_jobs", expect=200).json()
    assert {job["job_id"] for job in listed} == {answer["job_id"] for answer in answers}
    assert "secret" not in json.dumps(listed)
    assert others.get("/v1/background_jobs", expect=200).json() == []
    # Nobody named is nothing to follow.
    assert set(delete(environment, "users", [])) == {"message"}


@pytest.mark.parametrize("kind", ["users", "companies"])
def test_bad_deletes(environment: Client, kind: str) -> None:
    for body in ({}, {kind: "ann"}, {kind: [1]}, {kind: [None]}):
        response = environment.request("DELETE", f"/v1/{kind}", json=body)
        assert_userpilot_error(response, 400, kind)
    assert delete(environment, kind, [])["message"]
