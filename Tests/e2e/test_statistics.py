"""The statistics against SciPy and statsmodels: on thousands of drawn questions, and on the purchases of a real shop."""

import json
import math
import random
import subprocess
from fractions import Fraction
from importlib.metadata import distribution
from typing import Any

import numpy
import pytest
import requests
from scipy import stats
from statsmodels.stats import gof, multitest, power, proportion, weightstats

from support.convert import Body
from support.reports import ReportedShop, Visitor
from support.server import Sextant, binary
from support.serving import saw

QUESTIONS = 3_000
SPLITS = 1_000
ALPHA = 0.05
TAILS = {"twoSided": "two-sided", "greater": "greater", "less": "less"}
LEAST = 1e-300
"""Below it neither keeps its digits."""


def computed(questions: list[Body]) -> list[Any]:
    """What the statistics answer, one answer a question."""
    asked = "".join(json.dumps(question) + "\n" for question in questions)
    run = subprocess.run(
        [binary().with_name("sextant-bench"), "compute"], input=asked, capture_output=True, text=True, check=True
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


def log_uniform(chance: random.Random, low: float, high: float) -> float:
    return math.exp(chance.uniform(math.log(low), math.log(high)))


def is_near(found: float | None, expected: float, relative: float, absolute: float = LEAST) -> bool:
    return found is not None and math.isclose(found, expected, rel_tol=relative, abs_tol=absolute)


# MARK: drawn questions


def rate(chance: random.Random) -> Body:
    """From one visitor to a thousand million; nobody and everybody among them."""
    visitors = chance.choice([1, 2, 3, 1_000_000_000, round(log_uniform(chance, 2, 1e9))])
    part = chance.choice([0.0, 1.0, 0.5, log_uniform(chance, 1e-6, 1)])
    return {"visitors": visitors, "successes": round(visitors * part)}


def amounts(chance: random.Random) -> Body:
    """Sums of whole numbers, which both have exactly."""
    visitors = chance.choice([1, 2, 3, round(log_uniform(chance, 2, 1e5))])
    most = chance.choice([0, 1, 1_000, 100_000])
    shift = chance.choice([0, 0, 50_000])
    if visitors > 50:
        # A few kinds of visitors stand for many.
        counts = [visitors // 4] * 4
        values = [shift + chance.randint(0, most) for _ in counts]
    else:
        counts = [1] * visitors
        values = [shift + chance.randint(-most, most) for _ in counts]
    pairs = list(zip(counts, values, strict=True))
    return {
        "visitors": sum(counts), "sum": sum(count * value for count, value in pairs),
        "squares": sum(count * value * value for count, value in pairs),
    }  # fmt: skip


def moments(sample: Body) -> tuple[int, float, Fraction] | None:
    """Visitors, mean, and the variance of the mean; without rounding up to there."""
    n = sample["visitors"]
    if n < 2:
        return None
    if "successes" in sample:
        mean = Fraction(sample["successes"], n)
        return n, float(mean), mean * (1 - mean) / n
    total = Fraction(sample["sum"])
    return n, float(total / n), (sample["squares"] - total * total / n) / (n - 1) / n


def expected(question: Body) -> Body | None:
    """What SciPy answers."""
    own, base = moments(question["variation"]), moments(question["baseline"])
    if own is None or base is None or own[2] + base[2] == 0:
        return None
    variance = own[2] + base[2]
    error = math.sqrt(variance)
    degrees = float(variance**2 / (own[2] ** 2 / (own[0] - 1) + base[2] ** 2 / (base[0] - 1)))
    law = stats.t(degrees) if question["compare"] == "t" else stats.norm()
    difference = own[1] - base[1]
    score = difference / error
    one = question["alternative"]
    p = {"twoSided": min(2 * law.sf(abs(score)), 1), "greater": law.sf(score), "less": law.cdf(score)}[one]
    width = law.isf(ALPHA / 2 if one == "twoSided" else ALPHA) * error
    low = None if one == "less" else difference - width
    high = None if one == "greater" else difference + width
    return {"estimate": difference, "error": error, "degrees": degrees, "p": p, "interval": [low, high], "score": score}


@pytest.mark.parametrize("drawn", [rate, amounts])
def test_comparisons(drawn: Any) -> None:
    chance = random.Random(11)
    questions = [
        {
            "compare": chance.choice(["t", "z"]), "alternative": chance.choice(list(TAILS)), "alpha": ALPHA,
            "baseline": drawn(chance), "variation": drawn(chance),
        }
        for _ in range(QUESTIONS)
    ]  # fmt: skip
    known = 0
    for question, answer in zip(questions, computed(questions), strict=True):
        right = expected(question)
        if right is None:
            assert answer is None, question
            continue
        known += 1
        # A relative error of the score is one of the tail's logarithm.
        digits = 1e-9 * max(1.0, right["score"] ** 2)
        scale = abs(right["estimate"]) + right["error"]
        assert is_near(answer["estimate"], right["estimate"], 1e-10, 1e-10 * scale), (question, answer, right)
        assert is_near(answer["standard_error"], right["error"], 1e-10), (question, answer, right)
        assert is_near(answer["degrees"], right["degrees"], 1e-9), (question, answer, right)
        assert is_near(answer["p"], right["p"], min(digits, 1e-4)), (question, answer, right)
        for found, end in zip(answer["interval"], right["interval"], strict=True):
            # SciPy's quantiles of the t distribution have fewer digits far out.
            assert (found is None) if end is None else is_near(found, end, 1e-8, 1e-8 * scale), (question, answer, right)
    assert known > QUESTIONS / 4


def test_distributions() -> None:
    chance = random.Random(12)
    questions: list[Body] = []
    laws: list[Any] = []
    for _ in range(QUESTIONS):
        degrees, a, b = (log_uniform(chance, 1, 1e6) for _ in range(3))
        name, law, members = chance.choice([
            ("normal", stats.norm(), {}), ("student", stats.t(degrees), {"degrees": degrees}),
            ("chiSquare", stats.chi2(degrees), {"degrees": degrees}), ("beta", stats.beta(a, b), {"alpha": a, "beta": b}),
        ])  # fmt: skip
        mean, deviation = (0, 1) if name in ("normal", "student") else (law.mean(), law.std())
        x = mean + deviation * chance.choice([0.0, chance.uniform(-8, 8), chance.uniform(-36, 36)])
        questions.append({"distribution": name, "x": x, **members})
        laws.append(law)
    for question, law, answer in zip(questions, laws, computed(questions), strict=True):
        for found, right in ((answer["lower"], law.cdf(question["x"])), (answer["upper"], law.sf(question["x"]))):
            assert is_near(found, right, 1e-8, 1e-290), (question, found, right)


def test_corrections() -> None:
    chance = random.Random(13)
    methods = ["bonferroni", "sidak", "holm", "benjaminiHochberg"]
    questions = []
    for _ in range(QUESTIONS // 3):
        p = [chance.choice([0.0, 1.0, chance.random(), log_uniform(chance, LEAST, 1)]) for _ in range(chance.randint(1, 30))]
        questions.append({"correct": chance.choice(methods), "p": p})
    for question, answer in zip(questions, computed(questions), strict=True):
        p = numpy.array(question["p"])
        order, m = numpy.argsort(p, kind="stable"), len(p)
        holm = numpy.empty(m)
        holm[order] = numpy.minimum(numpy.maximum.accumulate(p[order] * (m - numpy.arange(m))), 1)
        with numpy.errstate(divide="ignore"):
            sidak = -numpy.expm1(m * numpy.log1p(-p))
        right = {
            "bonferroni": numpy.minimum(p * m, 1), "sidak": sidak, "holm": holm,
            "benjaminiHochberg": stats.false_discovery_control(p),
        }[question["correct"]]  # fmt: skip
        assert numpy.allclose(answer["p"], right, rtol=1e-10, atol=1e-299), (question, answer)


# MARK: the same questions to statsmodels

SIDES = {"twoSided": "two-sided", "greater": "larger", "less": "smaller"}


def test_rates_and_statsmodels() -> None:
    """The difference of two rates, each with its own variance (Wald)."""
    chance = random.Random(15)
    questions, right = [], []
    for _ in range(QUESTIONS):
        visitors = [round(log_uniform(chance, 5, 1e9)) for _ in range(2)]
        reached = [chance.randint(1, count - 1) for count in visitors]
        if chance.random() < 0.7:
            # Not far from each other, so that p-values of all sizes come up.
            near = visitors[1] * reached[0] / visitors[0] + chance.gauss(0, 3) * math.sqrt(visitors[1]) / 3
            reached[1] = min(max(round(near), 1), visitors[1] - 1)
        side = chance.choice(list(SIDES))
        questions.append({
            "compare": "z", "alternative": side, "alpha": ALPHA,
            "baseline": {"visitors": visitors[0], "successes": reached[0]},
            "variation": {"visitors": visitors[1], "successes": reached[1]},
        })  # fmt: skip
        right.append(proportion.test_proportions_2indep(
            reached[1], visitors[1], reached[0], visitors[0], method="wald", compare="diff", alternative=SIDES[side],
            correction=False,
        ))  # fmt: skip
    for question, answer, test in zip(questions, computed(questions), right, strict=True):
        digits = 1e-9 * max(1.0, test.statistic**2)
        assert is_near(answer["p"], test.pvalue, min(digits, 1e-4)), (question, answer, test.pvalue)
        assert is_near(answer["estimate"] / answer["standard_error"], test.statistic, 1e-8, 1e-6), question


def test_rates_and_the_pooled_test() -> None:
    """`proportions_ztest` pools the variances, which is as good only while the rates hardly differ: then both say the same."""
    chance = random.Random(16)
    questions, right = [], []
    for _ in range(QUESTIONS):
        visitors = round(log_uniform(chance, 1e7, 1e9))
        rate = chance.uniform(0.05, 0.95)
        far = math.sqrt(visitors * rate * (1 - rate)) * chance.uniform(-4, 4)
        reached = [round(visitors * rate), round(visitors * rate + far)]
        side = chance.choice(list(SIDES))
        questions.append({
            "compare": "z", "alternative": side, "alpha": ALPHA,
            "baseline": {"visitors": visitors, "successes": reached[0]},
            "variation": {"visitors": visitors, "successes": reached[1]},
        })  # fmt: skip
        right.append(proportion.proportions_ztest(reached[::-1], [visitors] * 2, alternative=SIDES[side])[1])
    for question, answer, p in zip(questions, computed(questions), right, strict=True):
        assert is_near(answer["p"], p, 1e-4), (question, answer, p)


def test_amounts_and_statsmodels() -> None:
    """Welch's test of weighted values."""
    chance = random.Random(17)
    questions, right = [], []
    for _ in range(QUESTIONS):
        arms, shown = [], []
        for _ in range(2):
            counts = [round(log_uniform(chance, 2, 1e6)) for _ in range(5)]
            values = [chance.randint(-1_000, 1_000) for _ in counts]
            pairs = list(zip(counts, values, strict=True))
            sums = [sum(count * value**power_ for count, value in pairs) for power_ in range(3)]
            arms.append({"visitors": sums[0], "sum": sums[1], "squares": sums[2]})
            shown.append(weightstats.DescrStatsW(numpy.array(values, float), weights=numpy.array(counts, float)))
        side = chance.choice(list(SIDES))
        questions.append(
            {"compare": "t", "alternative": side, "alpha": ALPHA, "baseline": arms[0], "variation": arms[1]}
        )
        right.append(weightstats.CompareMeans(shown[1], shown[0]).ttest_ind(alternative=SIDES[side], usevar="unequal"))
    for question, answer, (score, p, degrees) in zip(questions, computed(questions), right, strict=True):
        assert is_near(answer["degrees"], degrees, 1e-8), (question, answer, degrees)
        assert is_near(answer["p"], p, min(1e-9 * max(1.0, score**2), 1e-4)), (question, answer, p)


def test_corrections_and_statsmodels() -> None:
    chance = random.Random(18)
    methods = {"bonferroni": "bonferroni", "sidak": "sidak", "holm": "holm", "benjaminiHochberg": "fdr_bh"}
    questions = []
    # It takes its time for each.
    for _ in range(QUESTIONS // 10):
        p = [chance.choice([1.0, chance.random(), log_uniform(chance, LEAST, 1)]) for _ in range(chance.randint(1, 30))]
        questions.append({"correct": chance.choice(list(methods)), "p": p})
    for question, answer in zip(questions, computed(questions), strict=True):
        with numpy.errstate(divide="ignore"):
            right = multitest.multipletests(question["p"], ALPHA, methods[question["correct"]])[1]
        assert numpy.allclose(answer["p"], right, rtol=1e-10, atol=1e-299), (question, answer, right)


def test_plans_and_statsmodels() -> None:
    """How many visitors are needed. Half of alpha on the one side: the solver counts the other side too, by a hair."""
    chance = random.Random(19)
    questions, right = [], []
    for _ in range(QUESTIONS // 3):
        alpha, wanted = chance.uniform(0.001, 0.2), chance.uniform(0.6, 0.99)
        variances = [log_uniform(chance, 1e-3, 1e4) for _ in range(2)]
        size = log_uniform(chance, 1e-3, 0.3)
        is_two_sided = chance.random() < 0.5
        difference = size * math.sqrt(sum(variances) / 2)
        questions.append({
            "plan": "z", "alternative": "twoSided" if is_two_sided else "greater", "alpha": alpha, "power": wanted,
            "difference": difference, "variances": variances,
        })  # fmt: skip
        right.append(power.NormalIndPower().solve_power(
            effect_size=size, alpha=alpha / 2 if is_two_sided else alpha, power=wanted, ratio=1, alternative="larger"
        ))  # fmt: skip
    for question, answer, needed in zip(questions, computed(questions), right, strict=True):
        assert abs(answer["visitors"] - max(needed, 2)) <= 1 + 1e-6 * needed, (question, answer, needed)


def test_shares_and_statsmodels() -> None:
    chance = random.Random(20)
    questions, right = [], []
    for _ in range(QUESTIONS):
        weights = [chance.choice([50.0, 1.0, chance.uniform(0.1, 100)]) for _ in range(chance.randint(2, 10))]
        total = round(log_uniform(chance, 10, 1e8))
        mean = [weight / sum(weights) * total for weight in weights]
        visitors = [max(round(one + chance.gauss(0, 1.5) * math.sqrt(one)), 0) for one in mean]
        if sum(visitors) == 0:
            visitors[0] = 1
        questions.append({"shares": weights, "visitors": visitors})
        expected_ = numpy.array(weights) / sum(weights) * sum(visitors)
        right.append(gof.chisquare(numpy.array(visitors, float), expected_))
    for question, answer, (statistic, p) in zip(questions, computed(questions), right, strict=True):
        assert is_near(answer["statistic"], statistic, 1e-7, 1e-9), (question, answer, statistic)
        assert is_near(answer["p"], p, 1e-6), (question, answer, p)


# MARK: real purchases


def purchases(name: str, amount: int) -> dict[str, list[float]]:
    """What each customer of CDNOW paid for each order.

    Args:
        amount: the column of the amount.
    """
    rows = str(distribution("Lifetimes").locate_file(f"lifetimes/datasets/{name}"))
    orders: dict[str, list[float]] = {}
    with open(rows) as lines:
        for line in lines:
            cells = line.split()
            if cells[0].isdigit():
                orders.setdefault(cells[0], []).append(float(cells[amount]))
    return orders


def test_no_winners_among_random_halves() -> None:
    """Customers who are shared out at random: the difference between halves is chance, and no more is found than that."""
    paid = numpy.array([sum(orders) for orders in purchases("CDNOW_master.txt", 3).values()])
    assert len(paid) == 23_570
    chance = numpy.random.default_rng(14)
    questions, right = [], []
    for _ in range(SPLITS):
        is_own = chance.random(len(paid)) < 0.5
        halves = paid[~is_own], paid[is_own]
        base, own = ({"visitors": len(one), "sum": math.fsum(one), "squares": math.fsum(one * one)} for one in halves)
        questions.append({"compare": "t", "alternative": "twoSided", "alpha": ALPHA, "baseline": base, "variation": own})
        right.append(stats.ttest_ind(halves[1], halves[0], equal_var=False).pvalue)
    answers = computed(questions + [{**question, "compare": "sequential"} for question in questions])
    fixed, sequential = answers[:SPLITS], answers[SPLITS:]
    assert all(is_near(answer["p"], p, 1e-8) for answer, p in zip(fixed, right, strict=True))
    most = SPLITS * ALPHA + 3 * math.sqrt(SPLITS * ALPHA * (1 - ALPHA))
    found = sum(answer["p"] < ALPHA for answer in fixed)
    print(f"false winners of {SPLITS}: {found}, at most {most:.0f}")
    assert found <= most
    assert sum(answer["p"] < ALPHA for answer in sequential) <= found


@pytest.mark.parametrize("seed", [1, 2])
def test_reports_of_random_halves(server: Sextant, http: requests.Session, seed: int) -> None:
    """The same through the server, with every order tracked: what SciPy says of the customers."""
    shop = ReportedShop(server, http, [50, 50])
    chance = random.Random(seed)
    sent = []
    for name, orders in purchases("CDNOW_sample.txt", 4).items():
        visitor = Visitor(chance.randrange(2), amounts=orders, has_converted=True)
        shop.visitors[name] = visitor
        events = [event for amount in orders for event in shop.buy("ruby", amount, 1)]
        sent.append({"visitorId": name, "events": [saw(shop.experience, visitor.variation), *events]})
    shop.send(*sent)
    base, own = ([visitor.revenue for visitor in shop.of(variation)] for variation in (0, 1))
    right = stats.ttest_ind(own, base, equal_var=False)
    shown = shop.metrics()[1]["avg_revenue_visitor"]
    assert shown["metric_value"] == pytest.approx(numpy.mean(own), rel=1e-9)
    assert shown["confidence"] == pytest.approx(100 * (1 - right.pvalue), rel=1e-7)
    assert shown["statistically_significant"] == (right.pvalue < ALPHA)
