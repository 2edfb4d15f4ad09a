"""Reports with what visitors did before taken out: NumPy and SciPy make the same from what was sent."""

import random
from dataclasses import dataclass

import numpy
import pytest
import requests
from numpy.typing import NDArray
from scipy import stats

from support.client import SEXTANT
from support.convert import Body, new_key
from support.reports import ReportedShop
from support.server import Sextant
from support.serving import environment_client, saw

VISITORS = 600
LIFT = 4.0


@dataclass
class History:
    """A shop whose visitors' purchases before and after are known."""

    shop: ReportedShop
    variation: list[int]
    before: list[float]
    after: list[float]

    def of(self, variation: int, amounts: list[float]) -> NDArray[numpy.float64]:
        return numpy.array([amount for amount, own in zip(amounts, self.variation, strict=True) if own == variation])


@pytest.fixture(scope="module")
def history(server: Sextant, http: requests.Session) -> History:
    shop = ReportedShop(server, http, [50, 50])
    chance = random.Random(5)
    variation = [chance.randrange(2) for _ in range(VISITORS)]
    before = [round(chance.lognormvariate(3, 0.8), 2) if chance.random() < 0.6 else 0.0 for _ in range(VISITORS)]
    after = [
        round(max(0.7 * amount + chance.gauss(10, 5) + LIFT * own, 0.01), 2) if amount or chance.random() < 0.3 else 0.0
        for amount, own in zip(before, variation, strict=True)
    ]
    bought = [shop.buy("javascript", amount, 2) if amount else [] for amount in before]
    shop.send(*[visitor(number, events) for number, events in enumerate(bought) if events])
    # Of somebody who never sees the experience.
    shop.send(visitor(VISITORS, shop.buy("ruby", 1e6, 1)))
    for number, amount in enumerate(after):
        bought[number] = shop.buy("ruby", amount, 1) if amount else []
    shop.send(
        *[visitor(number, [saw(shop.experience, variation[number]), *events]) for number, events in enumerate(bought)]
    )
    return History(shop, variation, before, after)


def visitor(number: int, events: list[Body]) -> Body:
    return {"visitorId": f"known-{number}", "events": events}


def adjusted(server: Sextant, shop: ReportedShop, **query: object) -> requests.Response:
    key = new_key(shop.project.client, auth_type="secretKey", role="browse")
    headers = {"Authorization": f"Bearer {key['key_id']}:{key['key_secret']}"}
    url = f"{server.base_url}{SEXTANT}/experiences/{shop.experience['id']}/report/adjusted"
    return requests.get(url, params=query, headers=headers, timeout=60)


def metrics(report: Body, goal: Body) -> dict[str, Body]:
    (own,) = [one for one in report["goals"] if one["goal_id"] == goal["id"]]
    return {metric["metric_type"]: metric for metric in own["metrics"]}


def test_the_history_is_taken_out(server: Sextant, history: History) -> None:
    answer = adjusted(server, history.shop)
    assert answer.status_code == 200, answer.text
    report = answer.json()
    assert report["history_days"] == 7
    metric = metrics(report, history.shop.goal)["avg_revenue_visitor"]
    outcomes = [history.of(index, history.after) for index in range(2)]
    befores = [history.of(index, history.before) for index in range(2)]
    pairs = list(zip(outcomes, befores, strict=True))
    products = sum(float(((y - y.mean()) * (x - x.mean())).sum()) for y, x in pairs)
    squares = sum(float(((x - x.mean()) ** 2).sum()) for x in befores)
    spread = sum(float(((y - y.mean()) ** 2).sum()) for y in outcomes)
    theta = products / squares
    assert metric["coefficient"] == pytest.approx(theta, rel=1e-9)
    assert metric["variance_reduction"] == pytest.approx(theta * products / spread, rel=1e-9) and metric["is_usable"]
    values = [y - theta * x for y, x in pairs]
    difference = values[1].mean() - values[0].mean()
    error = (values[0].var(ddof=1) / len(values[0]) + values[1].var(ddof=1) / len(values[1])) ** 0.5
    freedom = stats.ttest_ind(outcomes[1], outcomes[0], equal_var=False).df
    p_value = 2 * stats.t.sf(abs(difference / error), freedom)
    comparison = metric["variations"][1]["comparison"]
    assert comparison["difference"] == pytest.approx(difference, rel=1e-9)
    assert comparison["standard_error"] == pytest.approx(error, rel=1e-9)
    assert comparison["degrees_of_freedom"] == pytest.approx(freedom, rel=1e-9)
    assert comparison["p_value"] == pytest.approx(p_value, rel=1e-6)
    half = stats.t.isf(0.025, freedom) * error
    assert comparison["interval"]["lower"] == pytest.approx(difference - half, rel=1e-9)
    assert comparison["interval"]["upper"] == pytest.approx(difference + half, rel=1e-9)
    assert comparison["relative_difference"] == pytest.approx(difference / outcomes[0].mean(), rel=1e-9)
    assert metric["variations"][0]["comparison"] is None
    for index, shown in enumerate(metric["variations"]):
        assert shown["n"] == len(outcomes[index]) and shown["mean"] == pytest.approx(outcomes[index].mean(), rel=1e-9)
        assert shown["visitors_before"] == int((befores[index] > 0).sum())
        assert shown["before"]["sum"] == pytest.approx(befores[index].sum(), rel=1e-12)
        assert shown["sum_of_products"] == pytest.approx((outcomes[index] * befores[index]).sum(), rel=1e-12)
    means = [shown["adjusted_mean"] for shown in metric["variations"]]
    assert means[1] - means[0] == pytest.approx(difference, rel=1e-9)


def test_it_is_surer_than_the_plain_report(server: Sextant, history: History) -> None:
    metric = metrics(adjusted(server, history.shop).json(), history.shop.goal)["avg_revenue_visitor"]
    plain = stats.ttest_ind(history.of(1, history.after), history.of(0, history.after), equal_var=False)
    assert metric["variations"][1]["comparison"]["p_value"] < plain.pvalue


def test_without_a_history_nothing_is_compared(server: Sextant, history: History) -> None:
    report = adjusted(server, history.shop).json()
    for metric in metrics(report, history.shop.other).values():
        assert not metric["is_usable"] and "5%" in metric["reason"]
        assert [variation["comparison"] for variation in metric["variations"]] == [None, None]
    early = adjusted(server, history.shop, goal=history.shop.goal["id"], end_time=5).json()
    (goal,) = early["goals"]
    assert all("100 visitors" in metric["reason"] and metric["coefficient"] is None for metric in goal["metrics"])


def test_the_statement_gives_the_sums(server: Sextant, history: History) -> None:
    analyst = environment_client(server, history.shop.project)
    report = analyst.get(f"{SEXTANT}/experiences/{history.shop.experience['id']}/report/adjusted").json()
    rows = analyst.sql(report["sql"])
    visitors = {row[1]: row[3] for row in rows if row[0] is None}
    shown = metrics(report, history.shop.goal)["avg_revenue_visitor"]["variations"]
    assert visitors == {variation["id"]: variation["n"] for variation in shown}
    found = {row[1]: row for row in rows if row[0] == 1 and row[2] == history.shop.goal["id"]}
    for variation in shown:
        row = found[variation["id"]]
        assert row[3] == variation["visitors_before"]
        assert int(row[4]) / 1e6 == pytest.approx(variation["outcome"]["sum"], rel=1e-12)
        assert int(row[8]) / 1e6 == pytest.approx(variation["before"]["sum"], rel=1e-12)
        high, mixed, low = (int(part) for part in row[12:15])
        assert (high * 2**60 + mixed * 2**30 + low) / 1e12 == pytest.approx(variation["sum_of_products"], rel=1e-12)


@pytest.mark.parametrize(
    "query", [{"history_days": 0}, {"history_days": 91}, {"goal": 999_999}, {"start_time": 6, "end_time": 5}]
)
def test_what_is_refused(server: Sextant, history: History, query: Body) -> None:
    refused = adjusted(server, history.shop, **query)
    assert refused.status_code == 400 and refused.json()["error"]["fields"], refused.text
