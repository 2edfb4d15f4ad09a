"""Makes golden.json: what SciPy makes of visitors' amounts, for the figures of reports.

Usage: pip install scipy==1.17.1; python golden.py > golden.json
"""

import json
import random
import sys
from collections.abc import Callable

import numpy
from scipy import integrate, optimize, stats

random.seed(20261128)
MILLIONTHS = 1_000_000
TAILS: dict[str, str] = {"one_tail": "greater", "one_tail_right": "greater", "one_tail_left": "less", "two_tails": "two-sided"}
Summary = tuple[int, float, float]
"""Visitors, mean, variance."""


def arm(visitors: int, rate: float, value: float) -> dict:
    """Amounts of those who bought, in millionths."""
    amounts = [round(random.lognormvariate(0, 1) * value, 2) for _ in range(visitors) if random.random() < rate]
    return {"visitors": visitors, "amounts": [round(amount * MILLIONTHS) for amount in amounts]}


def rate(arm: dict) -> Summary:
    n, p = arm["visitors"], len(arm["amounts"]) / arm["visitors"]
    return n, p, p * (1 - p)


def revenue(arm: dict) -> Summary:
    amounts = [amount / MILLIONTHS for amount in arm["amounts"]]
    values = numpy.array(amounts + [0.0] * (arm["visitors"] - len(amounts)))
    return arm["visitors"], float(values.mean()), float(values.var(ddof=1))


def tested(own: Summary, before: Summary, settings: dict) -> dict:
    tail = TAILS[settings["test_type"]]
    sides = 2 if tail == "two-sided" else 1
    (n, mean, variance), (m, baseline, other) = own, before
    test = stats.ttest_ind_from_stats(
        mean, variance**0.5, n, baseline, other**0.5, m, equal_var=False, alternative=tail
    )
    alpha = 1 - settings["confidence"] / 100
    error = (variance / n + other / m) ** 0.5
    threshold = stats.norm.isf(alpha / sides)
    difference = settings.get("fixed_mde", 0) / 100 * baseline or mean - baseline
    distance = threshold + stats.norm.ppf(settings["power"] / 100)
    needed = 2 * max(numpy.ceil((distance / difference) ** 2 * (variance + other)), 2)
    score = (mean - baseline) / error
    power: float = {
        "two-sided": stats.norm.sf(threshold - score) + stats.norm.cdf(-threshold - score),
        "greater": stats.norm.sf(threshold - score),
        "less": stats.norm.cdf(-threshold - score),
    }[tail]
    return {
        "confidence": 100 * (1 - test.pvalue),
        "statistically_significant": bool(test.pvalue < alpha),
        "metric_value": mean,
        "metric_change": (mean - baseline) / abs(baseline),
        "metric_interval": stats.t.isf(alpha / 2, n - 1) * (variance / n) ** 0.5,
        "remaining_samples": int(max(needed - n - m, 0)),
        "estimated_progress": min((n + m) / needed, 1) * 100,
        "observed_power": 100 * power,
    }


def believed(own: dict, before: dict, settings: dict) -> dict:
    def rates(of: dict) -> stats.rv_continuous:
        reached = len(of["amounts"])
        return stats.beta(reached + 1, of["visitors"] - reached + 1)

    def whole(function: Callable[[float], float]) -> float:
        points = sorted({0.0, 1.0, *[q for d in (b, c) for q in d.ppf([1e-12, 1e-4, 0.05, 0.5, 0.95, 1 - 1e-4, 1 - 1e-12])]})
        return sum(
            integrate.quad(function, low, high, epsabs=1e-15, epsrel=1e-13, limit=500)[0]
            for low, high in zip(points, points[1:], strict=False)
        )

    b, c = rates(own), rates(before)
    mean = c.mean()
    level = stats.norm.isf((1 - settings["decision_threshold"] / 100) / 2)
    n, _, variance = rate(own)
    return {
        "chance_to_win": 100 * whole(lambda x: b.pdf(x) * c.cdf(x)),
        "expected": (b.mean() - mean) / mean,
        # E max(other - own, 0) is the integral of P(own < x < other).
        "risk": [whole(lambda x: c.cdf(x) * b.sf(x)) / mean, whole(lambda x: b.cdf(x) * c.sf(x)) / mean],
        "metric_interval": level * (variance / n) ** 0.5,
    }


def believed_revenue(own: Summary, before: Summary) -> dict:
    difference = own[1] - before[1]
    error = (own[2] / own[0] + before[2] / before[0]) ** 0.5
    score = difference / error
    taking = error * (stats.norm.pdf(score) - score * stats.norm.sf(score))
    staying = taking + difference
    return {
        "chance_to_win": 100 * stats.norm.cdf(score),
        "expected": difference / before[1],
        "risk": [staying / before[1], taking / before[1]],
    }


def case(number: int) -> dict:
    share = random.choice([1, 1, 2])
    visitors = random.choice([40, 300, 2_000])
    before = arm(visitors, 0.2, 30)
    own = arm(visitors * share, random.choice([0.2, 0.25, 0.3]), random.choice([30, 33]))
    settings = {
        "confidence": random.choice([80, 90, 95, 99]), "power": random.choice([50, 80, 95]),
        "test_type": random.choice(list(TAILS)),
    }  # fmt: skip
    if number % 3 == 0:
        settings |= {"power_calculation_type": "fixed_mde", "fixed_mde": random.choice([5, 20, 80])}
    bayesian = {"decision_threshold": random.choice([80, 95]), "risk_threshold": 5}
    total = before["visitors"] + own["visitors"]
    weights = [1 / (1 + share), share / (1 + share)]
    if number % 4 == 3:
        weights = [0.5, 0.5]
    mismatch = stats.chisquare([before["visitors"], own["visitors"]], [weight * total for weight in weights])
    return {
        "baseline": before, "variation": own, "weights": [weight * 100 for weight in weights], "settings": settings,
        "bayesian_settings": bayesian, "srm_pvalue": float(mismatch.pvalue),
        "conversion_rate": tested(rate(own), rate(before), settings),
        "avg_revenue_visitor": tested(revenue(own), revenue(before), settings),
        "bayesian": {
            "conversion_rate": believed(own, before, bayesian),
            "avg_revenue_visitor": believed_revenue(revenue(own), revenue(before)),
        },
    }  # fmt: skip


def sequential() -> list[dict]:
    """p-values by the interval: the least alpha whose interval leaves out zero."""
    rows = []
    for n, m, own, before in [(500, 500, 120, 90), (5_000, 4_900, 600, 480), (80, 90, 20, 21)]:
        p, q = own / n, before / m
        error = (p * (1 - p) / n + q * (1 - q) / m) ** 0.5
        alpha, tuning = 0.05, 5_000
        surprise = -2 * numpy.log(alpha)
        mixture = (n + m) * (surprise + numpy.log1p(surprise)) / tuning

        def width(level: float, error: float = error, mixture: float = mixture) -> float:
            return error * (2 * (mixture + 1) / mixture * numpy.log(numpy.sqrt(mixture + 1) / level)) ** 0.5

        gap = abs(p - q)
        # No interval of any level up to 1 may leave it out.
        value = 1.0 if width(1) >= gap else optimize.brentq(
            lambda log: width(numpy.exp(log)) - gap, -600, 0, xtol=1e-14, rtol=1e-14)  # fmt: skip
        rows.append({
            "visitors": [m, n], "conversions": [before, own],
            "confidence": 100 * (1 - (1.0 if value == 1.0 else float(numpy.exp(value)))),
            "plans": [sequential_plan((n, p), (m, q), planned, power) for planned in (None, 2, 25) for power in (50, 80)],
        })  # fmt: skip
    return rows


def sequential_plan(own: tuple[int, float], before: tuple[int, float], planned: float | None, power: int) -> dict:
    """The visitors with whom the threshold of the sequence and the quantile of the power are the planned effect away."""
    (n, p), (m, q) = own, before
    variance, difference = p * (1 - p) + q * (1 - q), p - q if planned is None else planned / 100 * q
    surprise = -2 * numpy.log(0.05)
    rate = (surprise + numpy.log1p(surprise)) / 5_000

    def threshold(both: float) -> float:
        return (2 * (both * rate + 1) / (both * rate) * (numpy.log1p(both * rate) / 2 - numpy.log(0.05))) ** 0.5

    def lack(each: float) -> float:
        return each * difference**2 / variance - (threshold(2 * each) + stats.norm.ppf(power / 100)) ** 2

    needed = 2 * int(numpy.ceil(optimize.brentq(lack, 2, 1e12, xtol=1e-6, rtol=1e-14)))
    score = (p - q) / (p * (1 - p) / n + q * (1 - q) / m) ** 0.5
    edge = threshold(n + m)
    shown = {
        "remaining_samples": max(needed - n - m, 0), "estimated_progress": min((n + m) / needed, 1) * 100,
        "observed_power": 100 * float(stats.norm.sf(edge - score) + stats.norm.cdf(-edge - score)),
    }  # fmt: skip
    settings = {"power": power}
    if planned is not None:
        settings |= {"power_calculation_type": "fixed_mde", "fixed_mde": planned}
    return {"settings": settings, "conversion_rate": shown}


json.dump({"cases": [case(number) for number in range(16)], "sequential": sequential()}, sys.stdout, indent=1)
