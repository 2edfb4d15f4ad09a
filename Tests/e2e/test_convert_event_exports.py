"""What visitors did in an experience, as files in five formats: told by mail, listed in a manifest, read by others."""

import hashlib
import json
import re
from collections import Counter
from typing import Any

import pytest
import requests

from support.client import JOB_SECONDS, SEXTANT
from support.convert import Body, ConvertProject, assert_refused, client_of, convert_client, new_key
from support.polling import wait_until
from support.readers import read_rows
from support.reports import ReportedShop
from support.server import Launch, Sextant
from support.serving import add, environment_client, reached, saw

FORMATS = ["csv", "json", "ndjson", "parquet", "avro"]


@pytest.fixture(scope="module")
def shop(server: Sextant, http: requests.Session) -> ReportedShop:
    shop = ReportedShop(server, http, [40, 30, 30])
    shop.simulate(300, [0.2, 0.3, 0.25])
    # Another experience of the same project, and the visitors of both.
    other = add(shop.project, [50, 50], goals=[shop.goal["id"]])
    shop.send({"visitorId": "elsewhere", "events": [saw(other), *shop.buy("ruby", 9, 1)]})
    return shop


def job(server: Sextant, shop: ReportedShop, job_id: str, http: requests.Session) -> requests.Response:
    convert = server.credentials["convert"]
    headers = {"Authorization": f"Bearer {convert['application_id']}:{convert['secret']}"}
    url = f"{server.base_url}{SEXTANT}/experiences/{shop.experience['id']}/report/exports/{job_id}"
    return http.get(url, headers=headers, timeout=60)


def finished(server: Sextant, shop: ReportedShop, job_id: str, http: requests.Session) -> Body:
    def ended() -> Body | None:
        answer: Body = job(server, shop, job_id, http).json()
        return answer if answer["status"] != "in_progress" else None

    export = wait_until(ended, f"export {job_id}", JOB_SECONDS) or {}
    assert export["status"] == "completed", export
    return export


def exported(server: Sextant, shop: ReportedShop, http: requests.Session, **body: Any) -> list[Body]:
    job_id = shop.post("export_raw_data", body).json()["data"]["jobId"]
    export = finished(server, shop, job_id, http)
    rows: list[Body] = []
    for file in export["files"]:
        content = http.get(file["url"], timeout=60).content
        assert hashlib.sha256(content).hexdigest() == file["sha256"] and len(content) == file["bytes"]
        found = read_rows(file["filename"], content)
        assert len(found) == file["rows"]
        rows += found
    return rows


def summary(rows: list[Body]) -> Counter[tuple[Any, ...]]:
    """Of each row what is the same in every format."""

    def number(value: Any) -> float | None:
        return None if value in (None, "") else float(value)

    return Counter(
        (row["visitor_id"], row["event_type"], number(row["variation_id"]), number(row["goal_id"]),
         number(row["revenue"]), number(row["products_count"]), row["country"], row["browser"])
        for row in rows
    )  # fmt: skip


def sent(shop: ReportedShop) -> Counter[str]:
    counts = Counter(view_experience=len(shop.visitors))
    for visitor in shop.visitors.values():
        counts["conversion"] += bool(visitor.has_converted)
        counts["transaction"] += len(visitor.amounts)
    return counts


def test_every_format_holds_the_same_events(server: Sextant, shop: ReportedShop, http: requests.Session) -> None:
    analyst = environment_client(server, shop.project)
    names = [one["name"] for one in analyst.sql_columns("experiment_events")]
    summaries = []
    for format in FORMATS:
        rows = exported(server, shop, http, format=format)
        assert all(list(row) == names for row in rows)
        assert {int(row["experience_id"]) for row in rows} == {shop.experience["id"]}
        summaries.append(summary(rows))
    assert all(one == summaries[0] for one in summaries)
    kinds = Counter(kind for _, kind, *_ in summaries[0].elements())
    expected = sent(shop)
    assert kinds["view_experience"] == expected["view_experience"] and kinds["transaction"] == expected["transaction"]
    assert kinds["conversion"] >= expected["conversion"]
    revenue = sum(amount or 0 for _, kind, _, _, amount, *_ in summaries[0].elements() if kind == "transaction")
    assert revenue == pytest.approx(sum(visitor.revenue for visitor in shop.visitors.values()), rel=1e-9)
    # As queries have them.
    count = f"select count(*) from experiment_events where experience_id = {shop.experience['id']}"
    assert analyst.sql(count) == [[summaries[0].total()]]


def test_what_is_asked_for(server: Sextant, shop: ReportedShop, http: requests.Session) -> None:
    expected = sent(shop)
    orders = exported(server, shop, http, events=["transaction"])
    assert {row["event_type"] for row in orders} == {"transaction"} and len(orders) == expected["transaction"]
    assert exported(server, shop, http, events=["conversion", "transaction"], goals=[shop.other["id"]]) == []
    views = exported(server, shop, http, goals=[shop.other["id"]])
    assert {row["event_type"] for row in views} == {"view_experience"}
    germans = exported(server, shop, http, events=["view_experience"], segments={"countries": ["de"]})
    assert len(germans) == sum(visitor.segments["country"] == "DE" for visitor in shop.visitors.values())
    hostile = exported(server, shop, http, segments={"campaigns": ["'; DROP TABLE x; --"]})
    assert hostile == []
    assert exported(server, shop, http, end_time=5) == []
    assert exported(server, shop, http, start_time=4_000_000_000) == []


def test_cells_of_csv_are_no_formulas(server: Sextant, shop: ReportedShop, http: requests.Session) -> None:
    formula = '=HYPERLINK("http://x.example","y")'
    own = ReportedShop(server, http, [50, 50])
    own.send({"visitorId": formula, "events": [saw(own.experience), reached(own.goal, ("amount", -5), ("transactionId", "@x"))]})
    rows = exported(server, own, http, format="csv")
    assert {row["visitor_id"] for row in rows} == {f"'{formula}"}
    assert {row["revenue"] for row in rows} <= {"", "-5.0"}
    assert {row["transaction_id"] for row in rows} <= {"", "'@x"}
    assert {row["visitor_id"] for row in exported(server, own, http, format="json")} == {formula}
    assert all(json.loads(row["devices"]) is not None for row in rows)


def test_mail_and_manifest(server: Sextant, shop: ReportedShop, http: requests.Session) -> None:
    address = "analyst@shop.example"
    body = {"emails": [address], "events": ["view_experience"], "end_time": 4_000_000_000}
    job_id = shop.post("export_raw_data", body).json()["data"]["jobId"]
    export = finished(server, shop, job_id, http)
    manifest = http.get(export["manifest_url"], timeout=60).json()
    assert manifest["request"]["events"] == ["view_experience"]
    assert manifest["request"]["end_time"] == 4_000_000_000 and "emails" not in manifest["request"]
    assert manifest["rows"] == len(shop.visitors)
    assert [file["sha256"] for file in manifest["files"]] == [file["sha256"] for file in export["files"]]

    def message() -> str | None:
        texts = [path.read_text(errors="replace") for path in (server.data / "mail").rglob("*") if path.is_file()]
        found = [text for text in texts if address in text]
        return found[0] if found else None

    text = wait_until(message, "the mail") or ""
    # Long lines are cut in the form of mail.
    text = re.sub(r"=\r?\n", "", text).replace("=3D", "=")
    link = re.search(r"http\S+manifest\.json\S*", text)
    assert link is not None, text
    assert http.get(link[0], timeout=60).json() == manifest
    assert job(server, shop, job_id, http).json()["job_id"] == job_id


def test_whose_it_is(server: Sextant, shop: ReportedShop, http: requests.Session) -> None:
    job_id = shop.post("export_raw_data", {}).json()["data"]["jobId"]
    finished(server, shop, job_id, http)
    url = f"{server.base_url}{SEXTANT}/experiences/{shop.experience['id']}/report/exports"
    keys = [
        (new_key(shop.project.client, auth_type="secretKey", role="browse"), 200),
        (new_key(shop.project.client, auth_type="secretKey", role="admin", projects=[shop.project.id - 1]), 404),
    ]
    for key, status in keys:
        headers = {"Authorization": f"Bearer {key['key_id']}:{key['key_secret']}"}
        assert http.get(f"{url}/{job_id}", headers=headers, timeout=30).status_code == status
        assert http.get(f"{url}/none", headers=headers, timeout=30).status_code == 404
    token = environment_client(server, shop.project).token
    answer = http.get(f"{url}/{job_id}", headers={"Authorization": f"Token {token}"}, timeout=30)
    assert answer.status_code == 401
    other = ReportedShop(server, http, [50, 50])
    assert job(server, other, job_id, http).status_code == 404
    # Who may only look starts none: mail goes out.
    key = new_key(shop.project.client, role="browse")
    browser = ConvertProject(client_of(shop.project.client, key), shop.project.id)
    refused = browser.post("experiences", shop.experience["id"], "export_raw_data", body={}, expect=None)
    assert refused.status_code == 403


def test_what_is_refused(shop: ReportedShop) -> None:
    for body, field in [
        ({"goals": [999_999]}, "goals[0]"),
        ({"events": ["page_view"]}, "events[0]"),
        ({"start_time": 9, "end_time": 5}, "start_time"),
        ({"format": "xlsx"}, "format"),
        ({"emails": ["not an address\r\nBcc: x@example.com"]}, "emails[0]"),
    ]:
        assert_refused(shop.post("export_raw_data", body, expect=None), (400, 422), field)


def test_a_killed_server_finishes_it(launch: Launch, http: requests.Session) -> None:
    server = launch()
    shop = ReportedShop(server, http, [50, 50])
    shop.simulate(500, [0.3, 0.3])
    jobs = [shop.post("export_raw_data", {"format": format}).json()["data"]["jobId"] for format in FORMATS]
    server.kill()
    server.start()
    shop.project = ConvertProject(convert_client(server), shop.project.id)
    for job_id in jobs:
        export = finished(server, shop, job_id, http)
        rows = [row for file in export["files"] for row in read_rows(file["filename"], http.get(file["url"], timeout=60).content)]
        kinds = Counter(row["event_type"] for row in rows)
        assert kinds["view_experience"] == 500 and kinds["transaction"] == sent(shop)["transaction"]


def test_product_exports_hold_experiment_events_by_name(server: Sextant, shop: ReportedShop) -> None:
    analyst = environment_client(server, shop.project)
    visitor = next(name for name, one in shop.visitors.items() if len(one.amounts) == 2)
    analyst.track(visitor, "looked")
    days = ("2020-01-01", "2040-01-01")
    for format in FORMATS:
        rows = analyst.export(*days, format=format, event_type=["transaction", "track"], user_id=[visitor]).rows
        assert Counter(row["event_type"] for row in rows) == {"transaction": 2, "track": 1}
        for row in rows:
            assert row["user_id"] == visitor
            if row["event_type"] == "track":
                continue
            assert row["metadata"]["experience_id"] == shop.experience["id"]
            assert row["metadata"]["goal_id"] == shop.goal["id"] and row["event_name"] == ""
        revenue = sum(row["metadata"].get("revenue", 0) for row in rows)
        assert revenue == pytest.approx(shop.visitors[visitor].revenue)
    assert {row["event_type"] for row in analyst.export(*days).rows} <= {"track"}
    assert analyst.export(*days, event_type=["conversion"], company_id=["c"]).rows == []
