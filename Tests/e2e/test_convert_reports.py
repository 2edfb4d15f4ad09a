"""Aggregated reports, against what SciPy makes of the same visitors."""

import math
from typing import Any

import numpy
import pytest
import requests
from scipy import stats

from support.convert import Body, ConvertProject, assert_refused, convert_client
from support.convert_kinds import GOALS
from support.reports import ReportedShop, Visitor
from support.server import Sextant
from support.serving import KIND, add, reached, saw

METRICS = [
    "conversion_rate", "avg_revenue_visitor", "avg_products_ordered_visitor", "average_order_value",
    "average_products_per_order",
]  # fmt: skip


@pytest.fixture(scope="module")
def shop(server: Sextant, http: requests.Session) -> ReportedShop:
    """Three variations, of which nobody is sent anything more."""
    shop = ReportedShop(server, http, [40, 30, 30])
    shop.simulate(3_000, [0.10, 0.13, 0.11])
    return shop


@pytest.fixture
def fresh_shop(server: Sextant, http: requests.Session) -> ReportedShop:
    return ReportedShop(server, http, [50, 50])


def is_near(found: float, expected: float) -> bool:
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=1e-12)


def values(visitors: list[Visitor], metric: str) -> numpy.ndarray:
    if metric == "conversion_rate":
        return numpy.array([float(one.has_converted) for one in visitors])
    return numpy.array([sum(one.amounts if metric == "avg_revenue_visitor" else one.products) for one in visitors], float)


def variance(sample: numpy.ndarray, metric: str) -> float:
    # A rate's variance is that of the rate.
    return float(sample.var(ddof=0 if metric == "conversion_rate" else 1))


def test_every_figure_is_what_scipy_makes_of_the_visitors(shop: ReportedShop) -> None:
    report = shop.aggregated()
    assert report["stats_methodology"] == "frequentist"
    assert [one["id"] for one in report["variations_data"]] == shop.variations
    assert [goal["goal_id"] for goal in report["reportData"]] == [shop.goal["id"], shop.other["id"]]
    counts = [len(shop.of(index)) for index in range(3)]
    assert [one["visitors"] for one in report["reportData"][0]["variations"]] == counts
    total = sum(counts)
    mismatch = stats.chisquare(counts, [0.4 * total, 0.3 * total, 0.3 * total])
    assert is_near(report["reportData"][0]["srm_pvalue"], mismatch.pvalue)
    shown = shop.metrics()
    assert all(list(metrics) == METRICS for metrics in shown)
    for metric in METRICS[:3]:
        samples = [values(shop.of(index), metric) for index in range(3)]
        for index, (sample, metrics) in enumerate(zip(samples, shown, strict=True)):
            figures, n = metrics[metric], len(sample)
            assert figures["metric_total"] == round(sample.sum())
            assert is_near(figures["metric_value"], sample.mean())
            error = (variance(sample, metric) / n) ** 0.5
            assert is_near(figures["metric_interval"], stats.t.isf(0.025, n - 1) * error)
            assert is_near(figures["metric_change"], sample.mean() / samples[0].mean() - 1)
            if index == 0:
                continue
            p = stats.ttest_ind_from_stats(
                sample.mean(), variance(sample, metric) ** 0.5, n,
                samples[0].mean(), variance(samples[0], metric) ** 0.5, len(samples[0]), equal_var=False,
            ).pvalue  # fmt: skip
            assert is_near(figures["confidence"], 100 * (1 - p))
            assert figures["statistically_significant"] is bool(p < 0.05)
            pair = [counts[0], counts[index]]
            weights = [0.4 / 0.7 * sum(pair), 0.3 / 0.7 * sum(pair)]
            assert is_near(figures["srm_pvalue"], stats.chisquare(pair, weights).pvalue)
    for index, metrics in enumerate(shown):
        buyers = [one for one in shop.of(index) if one.has_converted]
        assert is_near(metrics["average_order_value"]["metric_value"], sum(one.revenue for one in buyers) / len(buyers))
        products = sum(sum(one.products) for one in buyers)
        assert is_near(metrics["average_products_per_order"]["metric_value"], products / len(buyers))
        assert set(metrics["average_order_value"]) == {"metric_type", "metric_total", "metric_value", "metric_change"}
    for variation in report["reportData"][1]["variations"]:
        assert variation["revenue_data"] is None and variation["conversion_data"]["conversions"] == 0


def test_beliefs(shop: ReportedShop) -> None:
    settings = {"stats_type": "bayesian", "decision_threshold": 90}
    report = shop.aggregated(stats_engine_processing=settings)
    assert report["stats_methodology"] == "bayesian"
    shown = shop.metrics(stats_engine_processing=settings)
    revenue = [values(shop.of(index), "avg_revenue_visitor") for index in range(3)]
    for index in (1, 2):
        figures = shown[index]["avg_revenue_visitor"]
        difference = revenue[index].mean() - revenue[0].mean()
        error = sum(revenue[one].var(ddof=1) / len(revenue[one]) for one in (0, index)) ** 0.5
        assert is_near(figures["chance_to_win"], 100 * stats.norm.cdf(difference / error))
        assert is_near(figures["expected"], difference / revenue[0].mean())
        assert figures["risk"][0] - figures["risk"][1] == pytest.approx(figures["expected"], rel=1e-9)
    # By a hundred thousand draws, which is what the server does without.
    draw = numpy.random.default_rng(1)
    reached = [sum(one.has_converted for one in shop.of(index)) for index in range(3)]
    rates = [
        draw.beta(number + 1, len(shop.of(index)) - number + 1, 100_000) for index, number in enumerate(reached)
    ]  # fmt: skip
    for index in (1, 2):
        drawn = 100 * (rates[index] > rates[0]).mean()
        assert shown[index]["conversion_rate"]["chance_to_win"] == pytest.approx(drawn, abs=1)
    best = 100 * ((rates[0] > rates[1]) & (rates[0] > rates[2])).mean()
    assert shown[0]["conversion_rate"]["chance_to_win"] == pytest.approx(best, abs=1)


@pytest.mark.parametrize(
    ("segments", "member", "value"), [({"countries": ["PT"]}, "country", "PT"), ({"browsers": ["safari"]}, "browser", "SF")]
)
def test_segments(shop: ReportedShop, segments: Body, member: str, value: str) -> None:
    report = shop.aggregated(segments=segments)["reportData"][0]["variations"]
    for index, variation in enumerate(report):
        own = [one for one in shop.of(index) if one.segments[member] == value]
        assert variation["visitors"] == len(own)
        assert variation["conversion_data"]["conversions"] == sum(one.has_converted for one in own)
        assert is_near(variation["revenue_data"]["total_revenue"], sum(one.revenue for one in own))


def test_what_is_asked_for(shop: ReportedShop) -> None:
    report = shop.aggregated(goals=[shop.other["id"]], metrics=["average_order_value", "conversion_rate"])
    assert [goal["goal_id"] for goal in report["reportData"]] == [shop.other["id"]]
    metrics = report["reportData"][0]["variations"][0]["metrics"]
    assert [metric["metric_type"] for metric in metrics] == ["conversion_rate", "average_order_value"]
    everything = shop.aggregated()
    assert shop.aggregated(goals=[], metrics=None, segments={"devices": [], "countries": None}) == everything
    past = shop.aggregated(end_time=1)["reportData"][0]["variations"]
    assert [one["visitors"] for one in past] == [0, 0, 0]
    assert all("metric_interval" not in metric for one in past for metric in one["metrics"])
    assert shop.aggregated(start_time=1, end_time=4_000_000_000) == everything


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"start_time": 20, "end_time": 10}, "start_time"),
        ({"goals": [999_999]}, "goals"),
        ({"stats_engine_processing": {"stats_type": "frequentist", "confidence": 100}}, "confidence"),
        ({"stats_engine_processing": {"stats_type": "frequentist", "decision_threshold": 90}}, "decision_threshold"),
        ({"stats_engine_processing": {"stats_type": "bayesian", "power": 80}}, "power"),
        ({"metrics": ["bounce_rate"]}, "metrics"),
        ({"utc_offset": 60_000}, "utc_offset"),
        ({"segments": {"countries": ["Portugal"]}}, "countries"),
    ],
)
def test_what_contradicts_is_refused(shop: ReportedShop, body: Body, field: str) -> None:
    assert_refused(shop.post("aggregated_report", body, expect=None), 422, field)


def test_a_goal_of_another_experience_is_refused(shop: ReportedShop) -> None:
    foreign = GOALS.add(shop.project)
    add(shop.project, [50, 50], goals=[foreign["id"]])
    assert_refused(shop.post("aggregated_report", {"goals": [foreign["id"]]}, expect=None), 422, "goals")


def test_settings_come_from_the_experience_and_the_project(server: Sextant, http: requests.Session) -> None:
    shop = ReportedShop(server, http, [50, 50])
    shop.simulate(400, [0.2, 0.3])
    plain = shop.metrics()[1]["conversion_rate"]
    body = {"reporting_settings": {"stats_engine_processing": {"stats_type": "frequentist", "confidence": 80}}}
    path = shop.project.path("update")
    shop.project.client.request("POST", path, body, expect=201)
    wider = shop.metrics()[1]["conversion_rate"]
    assert wider["confidence"] == plain["confidence"] and wider["metric_interval"] < plain["metric_interval"]
    settings = {"stats_engine_processing": {"stats_type": "frequentist", "confidence": 99}, "srm_check": False}
    shop.project.update(KIND, shop.experience["id"], {"settings": settings})
    narrower = shop.metrics()[1]["conversion_rate"]
    assert narrower["metric_interval"] > plain["metric_interval"] and narrower["srm"] is None
    asked = shop.metrics(stats_engine_processing={"stats_type": "frequentist", "confidence": 80})[1]["conversion_rate"]
    assert asked["metric_interval"] == wider["metric_interval"]


def test_visitors_of_both_variations_are_left_out(fresh_shop: ReportedShop) -> None:
    shop = fresh_shop
    for number in range(4):
        shop.send({"visitorId": f"v{number}", "events": [saw(shop.experience, number % 2)]}, enrichData=False)
    again = [saw(shop.experience, 1), *shop.buy("ruby", 10, 1)]
    shop.send({"visitorId": "v0", "events": again}, enrichData=False)
    report = shop.aggregated()["reportData"][0]["variations"]
    assert [one["visitors"] for one in report] == [1, 2]
    assert [one["conversion_data"]["conversions"] for one in report] == [0, 0]


def test_conversions_count_from_the_view_on(fresh_shop: ReportedShop) -> None:
    shop = fresh_shop
    buckets = {str(shop.experience["id"]): str(shop.variations[0])}
    early = [reached(shop.goal, buckets=buckets), reached(shop.goal, ("amount", 5), buckets=buckets)]
    shop.send({"visitorId": "a", "events": early}, enrichData=False)
    shop.send({"visitorId": "a", "events": [saw(shop.experience)]}, enrichData=False)
    first = shop.aggregated()["reportData"][0]["variations"][0]
    assert first["visitors"] == 1 and first["conversion_data"]["conversions"] == 0
    late = [reached(shop.goal, buckets=buckets)] * 3 + [reached(shop.goal, ("amount", 7), buckets=buckets)]
    shop.send({"visitorId": "a", "events": late}, enrichData=False)
    first = shop.aggregated()["reportData"][0]["variations"][0]
    assert first["conversion_data"]["conversions"] == 1 and first["revenue_data"]["total_revenue"] == 7


def test_sdks_that_send_a_purchase_differently_give_the_same_figures(fresh_shop: ReportedShop) -> None:
    shop = fresh_shop
    for number in range(20):
        for index, style in enumerate(["javascript", "ruby"]):
            bought = shop.buy(style, 9.99 + number, number) if number % 3 == 0 else []
            events = [saw(shop.experience, index), *bought]
            shop.send({"visitorId": f"{style}-{number}", "events": events})
    first, second = shop.aggregated()["reportData"][0]["variations"]
    for member in ("visitors", "conversion_data", "revenue_data", "products_data"):
        assert first[member] == second[member] or member != "visitors"
    assert first["visitors"] == second["visitors"] == 20
    assert first["revenue_data"]["total_revenue"] == second["revenue_data"]["total_revenue"] > 0
    assert first["conversion_data"]["conversions"] == second["conversion_data"]["conversions"] == 7


@pytest.mark.parametrize("type", ["frequentist", "bayesian"])
def test_there_is_always_an_answer(server: Sextant, http: requests.Session, type: str) -> None:
    shop = ReportedShop(server, http, [50, 50])
    asked = {"stats_engine_processing": {"stats_type": type}}
    assert [one["visitors"] for one in shop.aggregated(**asked)["reportData"][0]["variations"]] == [0, 0]
    shop.send({"visitorId": "one", "events": [saw(shop.experience), *shop.buy("ruby", 1, 1)]})
    shop.aggregated(**asked)
    for name, amount in (("huge", 1e308), ("negative", -1e308), ("small", 1e-300), ("zero", 0)):
        shop.send({"visitorId": name, "events": [saw(shop.experience, 1), *shop.buy("ruby", amount, 2**62)]})
    report = shop.aggregated(**asked)["reportData"][0]["variations"][1]
    # A billion billions are none: the greatest amount is a million millions.
    assert report["revenue_data"]["total_revenue"] == 0 and report["visitors"] == 4
    single = add(shop.project, [100], type="feature_rollout", goals=[shop.goal["id"]])
    answer = shop.project.post(KIND, single["id"], "aggregated_report", body=asked, expect=200).json()["data"]
    assert len(answer["reportData"][0]["variations"]) == 1
    empty = shop.project.add(KIND, {"name": "draft", "type": "a/b_fullstack", "status": "draft", "url": "https://x.example/"})
    assert shop.project.post(KIND, empty["id"], "aggregated_report", body={}, expect=200).json()["data"]["reportData"] == []
    assert_refused(shop.project.post(KIND, 999_999, "aggregated_report", body={}), 404)


def test_a_stopped_variation_stays_in_the_report(fresh_shop: ReportedShop) -> None:
    shop = fresh_shop
    shop.simulate(200, [0.2, 0.3])
    before = shop.aggregated()["reportData"][0]
    stopped = [{"id": shop.variations[0]}, {"id": shop.variations[1], "status": "stopped"}]
    shop.project.update(KIND, shop.experience["id"], {"status": "paused", "variations": stopped})
    after = shop.aggregated()["reportData"][0]
    assert [one["visitors"] for one in after["variations"]] == [one["visitors"] for one in before["variations"]]
    # The weights of the time in which the visitors came.
    assert after["srm_pvalue"] == before["srm_pvalue"]


def test_outliers(fresh_shop: ReportedShop) -> None:
    shop = fresh_shop
    shop.simulate(400, [0.5, 0.5])
    amounts = [amount for one in shop.visitors.values() for amount in one.amounts]

    def totals(rule: Body) -> list[float]:
        settings = {"outliers": {"order_value": rule}}
        shop.project.update(KIND, shop.experience["id"], {"settings": settings})
        report = shop.aggregated()["reportData"][0]["variations"]
        return [one["revenue_data"]["total_revenue"] for one in report]

    def expected(low: float, high: float) -> list[float]:
        return [
            sum(min(max(amount, low), high) for one in shop.of(index) for amount in one.amounts) for index in (0, 1)
        ]  # fmt: skip

    for found, wanted in zip(totals({"detection_type": "min_max", "min": 10, "max": 40}), expected(10, 40), strict=True):
        assert is_near(found, wanted)
    low, high = numpy.percentile(amounts, [5, 95])
    for found, wanted in zip(totals({"detection_type": "percentile", "min": 5, "max": 95}), expected(low, high), strict=True):
        # The bounds are rounded to a millionth, an order.
        assert math.isclose(found, wanted, abs_tol=1e-3)
    for found, wanted in zip(totals({"detection_type": "none"}), expected(-math.inf, math.inf), strict=True):
        assert is_near(found, wanted)


def test_who_may_see_a_report(server: Sextant, shop: ReportedShop) -> None:
    path = f"{server.base_url}/api/v2{shop.project.path(KIND, shop.experience['id'], 'aggregated_report')}"
    token = shop.project.post(KIND, shop.experience["id"], "report_token", expect=200).json()["token"]

    def status(headers: dict[str, str], address: str = path) -> int:
        return requests.post(address, json={}, headers=headers, timeout=60).status_code

    assert status({"report_token": token}) == 200
    assert status({"report_token": "x"}) == 401 and status({}) == 401
    other = add(shop.project, [50, 50])
    assert status({"report_token": token}, path.replace(f"experiences/{shop.experience['id']}/", f"experiences/{other['id']}/")) == 401


def test_reports_are_the_same_every_time(shop: ReportedShop) -> None:
    def all_of_it(**body: Any) -> list[Body]:
        return [shop.aggregated(**body) for _ in range(3)]

    for body in ({}, {"stats_engine_processing": {"stats_type": "bayesian"}}):
        first, *others = all_of_it(**body)
        assert all(other == first for other in others)


def test_projects_know_their_own_only(server: Sextant, shop: ReportedShop) -> None:
    foreign = ConvertProject(convert_client(server), server.credentials["projects"]["web"]["id"])
    assert_refused(foreign.post(KIND, shop.experience["id"], "aggregated_report", body={}), 404)
