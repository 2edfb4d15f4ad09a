"""The Userpilot surface as its clients meet it: keys, addresses, methods, and what identify and track do."""

from typing import Any

import pytest
import requests

from support.client import EXPORTS, LOOKUPS, SEXTANT, Client
from support.errors import assert_userpilot_error
from support.polling import wait_until
from support.server import Sextant

TODAY = ("2000-01-01", "2100-01-01")
LOOKUP_NAMES = [
    "user_properties", "company_properties", "segments", "features_events", "events_properties", "flows", "banners",
    "embeds", "spotlights", "surveys", "resource_center_modules", "checklists",
]  # fmt: skip
# All 27 operations, each with a body that it takes.
OPERATIONS: list[tuple[str, str, Any]] = [
    ("POST", EXPORTS, {"from": "2024-01-01", "to": "2024-01-02"}),
    ("GET", f"{EXPORTS}/jobs", None),
    ("GET", f"{EXPORTS}/jobs/0b9a3c52-5d0e-4a0e-9d4c-0d4a86b1a9f1", None),
    *[("GET", f"{LOOKUPS}/{name}", None) for name in LOOKUP_NAMES],
    ("POST", "/v1/identify", {"user_id": "u"}),
    ("POST", "/v1/track", {"user_id": "u", "event_name": "e"}),
    ("POST", "/v1/companies/identify", {"company_id": "c"}),
    ("POST", "/v1/users/bulk_identify", {"users": []}),
    ("POST", "/v1/companies/bulk_identify", {"companies": []}),
    ("POST", "/v1/imports", None),
    ("GET", "/v1/background_jobs", None),
    ("GET", "/v1/background_jobs/bulk:jobs:NX-0:0", None),
    ("DELETE", "/v1/users", {"users": []}),
    # At /v1/users Gainsight PX lists users, and takes these tokens too.
    ("GET", "/api/v1/users", None),
    ("DELETE", "/v1/companies", {"companies": []}),
    ("GET", "/v1/validate", None),
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]


def test_all_operations_are_here() -> None:
    assert len(OPERATIONS) == 27


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS, ids=NAMES)
def test_every_operation_wants_a_key(server: Sextant, method: str, path: str, body: Any) -> None:
    for headers in ({}, {"Authorization": "Token no-such-key"}, {"Authorization": "Basic dTpw"}, {"Authorization": ""}):
        response = requests.request(method, server.base_url + path, json=body, headers=headers, timeout=30)
        assert_userpilot_error(response, 401)


@pytest.mark.parametrize(("method", "path", "body"), OPERATIONS, ids=NAMES)
def test_both_slash_forms_are_one_operation(server: Sextant, method: str, path: str, body: Any) -> None:
    client = server.new_environment()
    plain = client.request(method, path, json=body)
    if plain.status_code == 201:
        client.finish_export(plain.json()["job_id"])
    if plain.status_code == 202 and "job_id" in plain.json():
        client.finish_background_job(plain.json()["job_id"])
    slashed = client.request(method, path + "/", json=body)
    assert plain.status_code == slashed.status_code
    assert not plain.is_redirect and plain.status_code not in (405, 501)
    assert type(plain.json()) is type(slashed.json())


@pytest.mark.parametrize("scheme", ["Token", "token", "TOKEN", "Bearer", "bearer"])
def test_scheme_word_in_any_case(server: Sextant, scheme: str) -> None:
    response = requests.get(
        f"{server.base_url}/v1/validate", headers={"Authorization": f"{scheme} {server.token}"}, timeout=30
    )
    assert response.status_code == 200 and response.json() == {}


@pytest.mark.parametrize("path", ["/v1/validate", "/v1/users"])
def test_credential_probes(client: Client, path: str) -> None:
    assert client.get(path).json() == {}


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/v1/identify"), ("GET", "/v1/track"), ("PUT", "/v1/users"), ("POST", f"{LOOKUPS}/flows")],
)
def test_wrong_method(client: Client, method: str, path: str) -> None:
    response = client.request(method, path)
    assert_userpilot_error(response, 405)
    assert response.headers["Allow"]


@pytest.mark.parametrize("path", ["/v1/nothing", f"{LOOKUPS}/nothing", "/api/v1/analytics", "/nothing"])
def test_unknown_address_is_json_404(client: Client, path: str) -> None:
    response = client.get(path, expect=404)
    assert response.headers["Content-Type"].startswith("application/json")
    assert response.json()


# ---- what the clients really send


@pytest.mark.parametrize("version", [None, "2020-09-22", "something-else"])
def test_version_header_is_optional(client: Client, version: str | None) -> None:
    headers = {"X-API-Version": version} if version else {}
    response = client.post("/v1/identify", {"user_id": "version"}, headers=headers, expect=202)
    assert response.json() == {}


def test_identify_merges_and_null_removes(environment: Client) -> None:
    environment.identify("ann", {"name": "Ann", "plan": "free", "score": 1.5, "tags": ["a", {"b": None}]})
    environment.identify("ann", {"plan": "pro", "name": None})
    expected = {"plan": "pro", "score": 1.5, "tags": ["a", {"b": None}]}
    wait_until(lambda: (user := environment.user("ann")) and user["metadata"] == expected, "the merged profile")
    profile = environment.user("ann")
    assert profile is not None and profile["company_id"] is None
    assert profile["first_seen_at"] <= profile["last_seen_at"]


@pytest.mark.parametrize("key", ["company_id", "id"])
def test_identify_with_company_of_either_spelling(environment: Client, key: str) -> None:
    environment.identify("ann", {}, company={key: "acme", "name": "Acme", "seats": 12})
    user = wait_until(lambda: environment.user("ann"), "the user")
    company = wait_until(lambda: environment.company("acme"), "the company")
    assert user is not None and user["company_id"] == "acme"
    assert company is not None and company["metadata"] == {"name": "Acme", "seats": 12}


def test_a_user_moves_to_a_new_company(environment: Client) -> None:
    environment.identify("ann", {}, company={"company_id": "first"})
    environment.identify("ann", {}, company={"company_id": "second"})
    wait_until(lambda: (user := environment.user("ann")) and user["company_id"] == "second", "the move")
    # A call that names no company leaves the user where she is.
    environment.identify("ann", {"plan": "pro"})
    wait_until(lambda: (user := environment.user("ann")) and user["metadata"] == {"plan": "pro"}, "the plan")
    user = environment.user("ann")
    assert user is not None and user["company_id"] == "second"


def test_company_without_any_id(environment: Client) -> None:
    response = environment.post("/v1/identify", {"user_id": "ann", "company": {"name": "Acme"}})
    assert_userpilot_error(response, 400, "company")
    assert environment.user("ann") is None and environment.count_events() == 0


def test_company_null_is_no_company(environment: Client) -> None:
    environment.identify("ann", {}, company=None)
    assert environment.count_events() == 1


def test_companies_identify(environment: Client) -> None:
    response = environment.post("/v1/companies/identify", {"company_id": "acme", "metadata": {"plan": "pro"}})
    assert response.status_code == 202 and response.json() == {}
    company = wait_until(lambda: environment.company("acme"), "the company")
    assert company is not None and company["metadata"] == {"plan": "pro"}


def test_track_of_an_unknown_user_with_extra_keys(environment: Client) -> None:
    body = {"user_id": "stranger", "event_name": "signed_up", "company": {"id": "acme"}, "anything": [1, 2]}
    assert environment.post("/v1/track", body, expect=202).json() == {}
    row = environment.export(*TODAY).rows[0]
    assert (row["event_type"], row["event_name"], row["user_id"]) == ("track", "signed_up", "stranger")
    assert row["company_id"] == "acme" and row["metadata"] == {}


def test_metadata_of_any_shape_is_kept(environment: Client) -> None:
    metadata = {
        "nested": {"list": [1, 2.5, "x", None, True]},
        "text": 'quote " comma , newline \n tab \t emoji 🛒 accent é',
        "empty": "",
        "big": 9007199254740993,
        "negative": -0.25,
        "=formula": "=1+1",
    }
    environment.track("ann", "shapes", metadata)
    for file_format in ("json", "csv", "parquet", "avro"):
        rows = environment.export(*TODAY, format=file_format).rows
        assert [row["metadata"] for row in rows] == [metadata], file_format


def test_same_event_id_is_stored_once(environment: Client) -> None:
    for _ in range(3):
        environment.track("ann", "paid", {"amount": 5}, event_id="payment-1")
    environment.track("ann", "paid", {"amount": 5}, event_id="payment-2")
    assert environment.count_events("event_name = 'paid'") == 2


def test_same_idempotency_key_is_stored_once(environment: Client) -> None:
    for _ in range(3):
        body = {"user_id": "ann", "event_name": "paid"}
        environment.post("/v1/track", body, headers={"Idempotency-Key": "request-1"}, expect=202)
    assert environment.count_events() == 1


LONG_NAME, LONG_VALUE = "n" * 256, "v" * 65_536


@pytest.mark.parametrize(
    ("metadata", "mentions"),
    [
        ({f"p{number}": number for number in range(501)}, "500"),
        ({LONG_NAME: 1}, "255"),
        ({"text": LONG_VALUE}, "text"),
    ],
    ids=["501 properties", "name of 256", "value of 65,536"],
)
def test_property_limits(environment: Client, metadata: dict[str, Any], mentions: str) -> None:
    response = environment.post("/v1/identify", {"user_id": "ann", "metadata": metadata})
    assert_userpilot_error(response, 400, mentions)
    assert environment.count_events() == 0


def test_property_limits_are_inclusive(environment: Client) -> None:
    environment.identify("ann", {f"p{number}": number for number in range(500)})
    environment.identify("bob", {LONG_NAME[:255]: LONG_VALUE[:65_535]})
    assert environment.count_events() == 2


def test_uploads_that_are_refused_and_their_bad_rows_are_counted(environment: Client) -> None:
    environment.post("/v1/users/bulk_identify", {"users": {"metadata": {}}}, expect=400)
    created = environment.post("/v1/users/bulk_identify", {"users": [{"metadata": {}}]}, expect=202).json()
    assert environment.finish_background_job(created["job_id"])["failed_rows"] == 1
    environment.upload("/v1/users/bulk_identify", "users.ndjson", b'{"user_id": "ann"}\n{\n[]\n', expect=202)
    wait_until(
        lambda: sum(item["count"] for item in environment.get(f"{SEXTANT}/ingestion/rejections").json()) == 4,
        "the refused list, its bad row and two of the file",
    )


def test_rejections_are_counted(environment: Client) -> None:
    environment.post("/v1/track", {"event_name": "nobody"}, expect=400)
    environment.ingest([{"event_name": "x"}, {"event_name": "y"}])
    counts = wait_until(lambda: environment.get(f"{SEXTANT}/ingestion/rejections").json(), "the counts")
    wait_until(
        lambda: sum(item["count"] for item in environment.get(f"{SEXTANT}/ingestion/rejections").json()) >= 2,
        "both rejected events",
    )
    assert {"reason", "day", "count", "last_at", "last_detail"} == set(counts[0])
