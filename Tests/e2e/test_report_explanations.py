"""What a report's figures are made of, from which SciPy makes them again."""

import math

import pytest
import requests
from scipy import stats

from support.convert import Body, new_key
from support.reports import ReportedShop
from support.server import Sextant


@pytest.fixture(scope="module")
def shop(server: Sextant, http: requests.Session) -> ReportedShop:
    shop = ReportedShop(server, http, [40, 30, 30])
    shop.simulate(900, [0.2, 0.3, 0.25])
    return shop


def bearer(shop: ReportedShop, **members: object) -> dict[str, str]:
    key = new_key(shop.project.client, auth_type="secretKey", **members)
    return {"Authorization": f"Bearer {key['key_id']}:{key['key_secret']}"}


def explained(server: Sextant, shop: ReportedShop, headers: dict[str, str], **query: object) -> requests.Response:
    url = f"{server.base_url}/api/sextant/v1/experiences/{shop.experience['id']}/report/explain"
    return requests.get(url, params=query, headers=headers, timeout=60)


def test_everything_is_made_again(server: Sextant, shop: ReportedShop) -> None:
    correction = {"stats_engine_processing": {"stats_type": "frequentist", "multiple_comparison_correction": "bonferroni"}}
    shop.project.update("experiences", shop.experience["id"], {"settings": correction})
    answer = explained(server, shop, bearer(shop, role="browse"))
    assert answer.status_code == 200, answer.text
    explanation: Body = answer.json()
    assert explanation["settings"]["multiple_comparison_correction"] == "bonferroni"
    assert explanation["excluded_visitors"] == 0
    (period,) = explanation["shares"]["periods"]
    visitors = [one["visitors"] for one in period["variations"]]
    weights = [one["weight"] / 100 * sum(visitors) for one in period["variations"]]
    assert explanation["shares"]["p_value"] == pytest.approx(stats.chisquare(visitors, weights).pvalue, rel=1e-9)
    variations = explanation["goals"][0]["variations"]
    shown = shop.metrics()
    for index, name in enumerate(["conversion_rate", "avg_revenue_visitor", "avg_products_ordered_visitor"]):
        baseline, *others = [variation["metrics"][index] for variation in variations]
        assert baseline["metric_type"] == name and baseline["comparison"] is None
        for place, metric in enumerate([baseline, *others]):
            n, mean = metric["n"], metric["sum"] / metric["n"]
            excess = metric["sum_of_squares"] - n * mean**2
            expected = mean * (1 - mean) if name == "conversion_rate" else excess / (n - 1)
            assert metric["mean"] == pytest.approx(mean, rel=1e-12)
            assert metric["variance"] == pytest.approx(expected, rel=1e-9)
            assert shown[place][name]["metric_interval"] == pytest.approx(metric["interval"], rel=1e-12)
        for place, metric in enumerate(others, 1):
            p = stats.ttest_ind_from_stats(
                metric["mean"], metric["variance"] ** 0.5, metric["n"],
                baseline["mean"], baseline["variance"] ** 0.5, baseline["n"], equal_var=False,
            ).pvalue  # fmt: skip
            assert metric["comparison"]["p_value"] == pytest.approx(p, rel=1e-9)
            assert metric["comparison"]["adjusted_p_value"] == pytest.approx(min(2 * p, 1), rel=1e-9)
            plan = metric["comparison"]["plan"]
            distance = stats.norm.isf(0.05 / 2 / 2) + stats.norm.ppf(0.8)
            needed = distance**2 * (metric["variance"] + baseline["variance"]) / (metric["mean"] - baseline["mean"]) ** 2
            assert plan["difference"] == pytest.approx(metric["mean"] - baseline["mean"], rel=1e-9)
            assert plan["visitors_needed"] == 2 * math.ceil(needed)
            assert plan["visitors_present"] == metric["n"] + baseline["n"]
            remaining = max(plan["visitors_needed"] - plan["visitors_present"], 0)
            assert shown[place][name]["remaining_samples"] == remaining
            confidence = 100 * (1 - metric["comparison"]["adjusted_p_value"])
            assert shown[place][name]["confidence"] == pytest.approx(confidence, abs=1e-9)


def test_what_is_asked_for(server: Sextant, shop: ReportedShop) -> None:
    headers = bearer(shop, role="admin")
    one = explained(server, shop, headers, goal=shop.other["id"], end_time=5, stats_type="bayesian").json()
    assert [goal["goal_id"] for goal in one["goals"]] == [shop.other["id"]]
    assert one["end_time"] == 5 and one["settings"]["stats_type"] == "bayesian"
    assert [variation["visitors"] for variation in one["goals"][0]["variations"]] == [0, 0, 0]
    for query in ({"goal": 999_999}, {"start_time": 6, "end_time": 5}, {"stats_type": "other"}):
        refused = explained(server, shop, headers, **query)
        assert refused.status_code == 400 and refused.json()["error"]["fields"], refused.text


def test_who_may_read_it(server: Sextant, shop: ReportedShop) -> None:
    assert explained(server, shop, {}).status_code == 401
    # The server's first key is of another project.
    assert explained(server, shop, {"Authorization": f"Token {server.token}"}).status_code == 404
    other = bearer(shop, role="admin", projects=[server.credentials["projects"]["web"]["id"]])
    assert explained(server, shop, other).status_code == 404
