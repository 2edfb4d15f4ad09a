"""Daily reports, the traffic that variations were to have, and what reports may be narrowed to."""

import time
from typing import Any

import pytest
import requests

from support.convert import Body, assert_refused
from support.convert_kinds import VISITS, rules
from support.reports import ReportedShop
from support.server import Sextant
from support.serving import saw

DAY = 86_400


@pytest.fixture(scope="module")
def shop(server: Sextant, http: requests.Session) -> ReportedShop:
    shop = ReportedShop(server, http, [50, 50])
    shop.simulate(600, [0.2, 0.3])
    return shop


def daily(shop: ReportedShop, **body: Any) -> Body:
    asked = {"goal": shop.goal["id"], "metric": "conversion_rate", "report_type": "cumulative", **body}
    report: Body = shop.post("daily_report", asked).json()["data"]
    return report


@pytest.mark.parametrize("type", ["cumulative", "non_cumulative"])
@pytest.mark.parametrize(
    ("metric", "name"),
    [
        ("conversion_rate", "conversion_rate"), ("avg_revenue_per_visitor", "avg_revenue_visitor"),
        ("avg_products_ordered_per_visitor", "avg_products_ordered_visitor"),
        ("average_order_value", "average_order_value"), ("average_products_per_order", "average_products_per_order"),
    ],
)  # fmt: skip
def test_days_add_up_to_the_aggregated_report(shop: ReportedShop, type: str, metric: str, name: str) -> None:
    report = daily(shop, metric=metric, report_type=type)
    assert [one["id"] for one in report["variations_data"]] == shop.variations
    for index, variation in enumerate(report["reportData"]["variations"]):
        aggregated = shop.metrics()[index][name]
        points = variation["stats"]
        assert [point["timestamp"] % DAY for point in points] == [0] * len(points) and 1 <= len(points) <= 2
        last = points[-1] if type == "cumulative" else {
            "totals": sum(point["totals"] for point in points), "visitors": sum(point["visitors"] for point in points),
        }  # fmt: skip
        assert round(last["totals"]) == aggregated["metric_total"]
        assert last["visitors"] == len(shop.of(index))
        if type == "cumulative":
            assert last["value"] == pytest.approx(aggregated["metric_value"], rel=1e-12)
    extra = {one["type"]: one["stats"] for one in report["reportData"]["extra"]}
    assert set(extra) == {"total_visitors", "avg_conversion_rate", "avg_revenue_visitor", "avg_products_ordered"}
    visitors = [point["value"] for point in extra["total_visitors"]]
    assert (visitors[-1] if type == "cumulative" else sum(visitors)) == 600


def test_segments_and_ranges_narrow(shop: ReportedShop) -> None:
    report = daily(shop, segments={"countries": ["PT"]})
    for index, variation in enumerate(report["reportData"]["variations"]):
        own = [one for one in shop.of(index) if one.segments["country"] == "PT"]
        assert variation["stats"][-1]["visitors"] == len(own)
    past = daily(shop, end_time=1)["reportData"]
    assert [variation["stats"] for variation in past["variations"]] == [[], []]
    offset = daily(shop, utc_offset=3_600)["reportData"]["variations"][0]["stats"]
    assert offset[0]["timestamp"] % DAY == DAY - 3_600


@pytest.mark.parametrize("member", ["goal", "metric", "report_type"])
def test_what_is_needed(shop: ReportedShop, member: str) -> None:
    body = {"goal": shop.goal["id"], "metric": "conversion_rate", "report_type": "cumulative"}
    del body[member]
    assert_refused(shop.post("daily_report", body, expect=None), 422, member)
    assert_refused(shop.post("daily_report", {**body, member: "x"}, expect=None), 422, member)


def test_traffic_allocation(server: Sextant, http: requests.Session) -> None:
    shop = ReportedShop(server, http, [80, 20])

    def allocation(**body: Any) -> list[list[float]]:
        report = shop.post("daily_traffic_allocation", body).json()["data"]
        variations = report["reportData"]["variations"]
        assert [one["id"] for one in variations] == shop.variations
        return [[point["value"] for point in one["stats"]] for one in variations]

    assert [values[-1] for values in allocation()] == [80, 20]
    changed = [{"id": id, "traffic_distribution": share} for id, share in zip(shop.variations, [30, 70], strict=True)]
    shop.project.update("experiences", shop.experience["id"], {"variations": changed})
    assert [values[-1] for values in allocation()] == [30, 70]
    assert allocation(start_time=int(time.time()) + 2 * DAY) == [[], []]
    assert_refused(shop.post("daily_traffic_allocation", {"start_time": 2, "end_time": 1}, expect=None), 422, "start_time")


def test_report_settings(server: Sextant, http: requests.Session) -> None:
    shop = ReportedShop(server, http, [50, 50])
    path = ("experiences", shop.experience["id"], "report_settings")

    def choices() -> Body:
        answer: Body = shop.project.client.request("GET", shop.project.path(*path), expect=200).json()["data"]
        return answer

    assert choices() == {"campaigns": [], "custom_segments": []}
    audience = shop.project.add("audiences", {"name": "Shoppers", "type": "segmentation", "rules": rules(VISITS)})
    for number in range(3):
        segments = {"campaign": "spring" if number else "autumn", "customSegments": [str(audience["id"]), "999999"]}
        shop.send({"visitorId": f"v{number}", "segments": segments, "events": [saw(shop.experience)]})
    assert choices() == {
        "campaigns": [{"name": "spring", "visitors_count": 2}, {"name": "autumn", "visitors_count": 1}],
        "custom_segments": [{"id": audience["id"], "name": "Shoppers"}],
    }


@pytest.mark.parametrize("operation", ["daily_report", "daily_traffic_allocation"])
def test_report_tokens_open_them(server: Sextant, shop: ReportedShop, operation: str) -> None:
    token = shop.post("report_token").json()["token"]
    url = f"{server.base_url}/api/v2{shop.project.path('experiences', shop.experience['id'])}"
    body = {"goal": shop.goal["id"], "metric": "conversion_rate", "report_type": "cumulative"}
    assert requests.post(f"{url}/{operation}", json=body, headers={"report_token": token}, timeout=60).status_code == 200
    assert requests.get(f"{url}/report_settings", headers={"report_token": token}, timeout=60).status_code == 200
    assert requests.get(f"{url}/report_settings", headers={"report_token": "x"}, timeout=60).status_code == 401
