"""Reports as CSV files: the same figures as the reports themselves, read by Python's csv, and by Arrow."""

import csv
import io
import time
from datetime import UTC, datetime
from typing import Any

import pyarrow.compute
import pyarrow.csv
import pytest
import requests

from support.convert import Body, assert_refused, new_key
from support.convert_kinds import GOALS
from support.reports import ReportedShop
from support.server import Sextant
from support.serving import add, saw

FREQUENTIST = [
    "confidence", "statistically_significant", "estimated_progress", "remaining_samples", "observed_power", "powerful",
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(server: Sextant, http: requests.Session) -> ReportedShop:
    shop = ReportedShop(server, http, [40, 30, 30])
    shop.simulate(900, [0.2, 0.3, 0.25])
    return shop


def fetch(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=60)


def download(shop: ReportedShop, **body: Any) -> str:
    link = shop.post("export_report", body).json()["data"]
    file = fetch(link["download_url"])
    assert file.status_code == 200, file.text
    assert file.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in file.headers["Content-Disposition"] and ".csv" in file.headers["Content-Disposition"]
    return file.content.decode()


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def cell(value: Any) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def same(found: str, expected: Any) -> bool:
    if isinstance(expected, bool) or expected is None:
        return found == cell(expected)
    return float(found) == expected


@pytest.mark.parametrize("statistics", ["frequentist", "bayesian"])
def test_aggregated_files_have_the_reports_figures(shop: ReportedShop, statistics: str) -> None:
    asked = {"stats_engine_processing": {"stats_type": statistics}}
    report = shop.aggregated(**asked)
    found = rows(download(shop, report_type="csv_aggregated_tabular", **asked))
    expected = [
        (goal["goal_id"], variation, metric)
        for goal in report["reportData"]
        for variation in goal["variations"]
        for metric in variation["metrics"]
    ]
    assert len(found) == len(expected) == 2 * 3 * 5
    names = {shop.goal["id"]: shop.goal["name"], shop.other["id"]: shop.other["name"]}
    shown = {one["id"]: one for one in report["variations_data"]}
    for row, (goal, variation, metric) in zip(found, expected, strict=True):
        assert row["goal_id"] == str(goal) and row["goal_name"] == names[goal]
        assert row["variation_id"] == str(variation["id"])
        assert row["variation_name"] == shown[variation["id"]]["name"]
        assert row["is_baseline"] == cell(variation["id"] == shop.variations[0])
        assert row["visitors"] == str(variation["visitors"])
        risk = metric.pop("risk", None) or [None, None]
        metric |= {"risk_of_staying": risk[0], "risk_of_taking": risk[1]}
        assert row["metric_type"] == metric.pop("metric_type")
        for member, value in metric.items():
            assert same(row[member], value), (member, row[member], value)
        for member in set(row) - set(metric) - set(list(row)[:7]):
            assert row[member] == "", member
    assert all(row["chance_to_win"] == "" for row in found) is (statistics == "frequentist")
    assert all(row[name] == "" for row in found for name in FREQUENTIST[:2]) is (statistics == "bayesian")


def test_headings_are_all_that_differs(shop: ReportedShop) -> None:
    for kind in ("csv_aggregated", "csv_daily"):
        people, programs = download(shop, report_type=kind), download(shop, report_type=f"{kind}_tabular")
        assert people.split("\r\n")[1:] == programs.split("\r\n")[1:]
        assert people.split(",")[0] == "Goal ID" and programs.split(",")[0] == "goal_id"
    # What is asked for when nothing is.
    assert download(shop) == download(shop, report_type="csv_aggregated")


@pytest.mark.parametrize("data_type", ["cumulative", "non_cumulative"])
def test_daily_files_have_the_reports_figures(shop: ReportedShop, data_type: str) -> None:
    found = rows(download(shop, report_type="csv_daily_tabular", data_type=data_type, goals=[shop.goal["id"]]))
    assert {row["goal_id"] for row in found} == {str(shop.goal["id"])}
    columns = {
        "conversion_rate": "conversions",
        "avg_revenue_per_visitor": "revenue",
        "average_order_value": "revenue",
        "avg_products_ordered_per_visitor": "products",
        "average_products_per_order": "products",
    }
    for metric, total in columns.items():
        asked = {"goal": shop.goal["id"], "metric": metric, "report_type": data_type}
        report = shop.post("daily_report", asked).json()["data"]["reportData"]["variations"]
        points = [(variation["id"], point) for variation in report for point in variation["stats"]]
        assert len(points) == len(found) > 0
        for row, (variation, point) in zip(found, points, strict=True):
            day = datetime.fromtimestamp(point["timestamp"], UTC)
            assert row["variation_id"] == str(variation) and row["day"] == day.strftime("%Y-%m-%dT%H:%M:%SZ")
            assert int(row["visitors"]) == point["visitors"]
            assert float(row[metric]) == point["value"] and float(row[total]) == point["totals"]


def test_days_begin_where_it_is_asked_for(shop: ReportedShop) -> None:
    found = rows(download(shop, report_type="csv_daily_tabular", utc_offset=3_600))
    assert {row["day"][11:] for row in found} == {"23:00:00Z"}


def test_others_read_it(shop: ReportedShop, tmp_path: Any) -> None:
    path = tmp_path / "report.csv"
    path.write_text(download(shop, report_type="csv_aggregated_tabular"), newline="")
    table = pyarrow.csv.read_csv(path)
    rates = table.filter(pyarrow.compute.equal(table["metric_type"], "conversion_rate"))
    assert pyarrow.compute.sum(rates["visitors"]).as_py() == 2 * len(shop.visitors) and len(rates) == 6
    assert table.schema.field("metric_value").type == pyarrow.float64()


def test_what_people_wrote_is_no_formula(server: Sextant, shop: ReportedShop) -> None:
    formulas = ['=HYPERLINK("http://x.example";"a,b")', "+1", "-1", "@SUM(A1)", "plain"]
    project = shop.project
    goal = GOALS.add(project, name=formulas[0])
    variations = [{"name": name, "traffic_distribution": 25} for name in formulas[1:]]
    experience = add(project, [], goals=[goal["id"]], variations=variations)
    shop.send({"visitorId": "v", "events": [saw(experience)]})
    answer = project.post("experiences", experience["id"], "export_report", body={}, expect=200).json()["data"]
    found = rows(fetch(answer["download_url"]).content.decode())
    assert {row["Goal"] for row in found} == {f"'{formulas[0]}"}
    assert {row["Variation"] for row in found} == {"'+1", "'-1", "'@SUM(A1)", "plain"}


def test_links_end_and_cannot_be_changed(shop: ReportedShop) -> None:
    link: Body = shop.post("export_report", {}).json()["data"]
    assert 3_600 < link["expire_at"] - time.time() <= 86_400
    url = link["download_url"]
    for changed in (url[:-1] + ("0" if url[-1] != "0" else "1"), url.replace("Expires=43200", "Expires=604800"), url.split("?")[0]):
        assert changed != url and fetch(changed).status_code in (401, 403), changed
    other = shop.post("export_report", {}).json()["data"]["download_url"]
    assert other.split("?")[0] != url.split("?")[0]


def test_what_contradicts_itself_is_refused(shop: ReportedShop) -> None:
    assert_refused(shop.post("export_report", {"goals": [999_999]}, expect=None), 422, "goals[0]")
    assert_refused(shop.post("export_report", {"start_time": 9, "end_time": 5}, expect=None), 422, "start_time")
    assert_refused(shop.post("export_report", {"report_type": "pdf"}, expect=None), 422, "report_type")
    goals = [GOALS.add(shop.project)["id"] for _ in range(11)]
    experience = add(shop.project, [50, 50], goals=goals)
    for kind, status in (("csv_daily", 422), ("csv_daily_tabular", 422), ("csv_aggregated", 200)):
        body = {"report_type": kind}
        answer = shop.project.post("experiences", experience["id"], "export_report", body=body, expect=None)
        assert answer.status_code == status, answer.text
    key = new_key(shop.project.client, auth_type="secretKey", role="admin", projects=[shop.project.id - 1])
    with requests.Session() as session:
        session.trust_env = False
        path = shop.project.path("experiences", shop.experience["id"], "export_report")
        headers = {"Authorization": f"Bearer {key['key_id']}:{key['key_secret']}"}
        answer = session.post(f"{shop.project.client.base_url}/api/v2{path}", json={}, headers=headers, timeout=30)
    assert answer.status_code in (403, 404), answer.text
