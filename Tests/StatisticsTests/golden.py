"""Makes golden.json: what SciPy, statsmodels and mpmath say of distributions, tests, corrections and posteriors.

Usage: pip install scipy==1.17.1 statsmodels==0.15.0 mpmath==1.4.1; python golden.py > golden.json

Where SciPy is less exact than a `Double` can be (quantiles and densities far out), mpmath is asked with 50 digits.
"""

import json
import math
import random

import mpmath
import numpy
from scipy import integrate, stats
from statsmodels.stats.multitest import multipletests

mpmath.mp.dps = 50
M = mpmath.mpf
random.seed(20261128)


def log_uniform(low: float, high: float) -> float:
    return math.exp(random.uniform(math.log(low), math.log(high)))


def normal() -> list[dict]:
    rows = []
    for z in [0.0, 1e-9, 0.5, 1.0, 1.959963984540054, 3.0, 5.0, 8.0, 20.0, 37.0]:
        for sign in (1, -1):
            x = M(sign * z)
            tail = mpmath.erfc(x / mpmath.sqrt(2)) / 2
            rows.append({"z": sign * z, "density": float(mpmath.npdf(x)), "upper": float(tail)})
    return rows


def student_tail(t: float, n: float) -> mpmath.mpf:
    """P(T > t) for t >= 0."""
    n, t = M(n), M(t)
    if n <= 1e4:
        return mpmath.betainc(n / 2, M(1) / 2, 0, n / (n + t * t), regularized=True) / 2
    scale = mpmath.exp(mpmath.loggamma((n + 1) / 2) - mpmath.loggamma(n / 2)) / mpmath.sqrt(n * mpmath.pi)
    # Far out the density falls within 1 / t.
    ends = [t + step / max(1, t) for step in (0, 0.5, 1, 2, 4, 8, 16, 40, 80)]
    return scale * mpmath.quad(lambda s: mpmath.exp(-(n + 1) / 2 * mpmath.log1p(s * s / n)), ends)


def student() -> list[dict]:
    rows = []
    for n in [0.7, 1.0, 2.0, 3.3, 10.0, 29.5, 1000.0, 1e6, 1e9]:
        for t in [0.0, 1e-6, 0.3, 1.0, 2.0, 4.5, 9.0, 30.0]:
            rows.append({"n": n, "t": t, "upper": float(student_tail(t, n)), "density": float(stats.t.pdf(t, n))})
    return rows


def chi_square() -> list[dict]:
    rows = []
    for n in [0.8, 1.0, 2.0, 3.0, 7.0, 50.0, 1e4]:
        for factor in [1e-6, 0.1, 0.5, 0.9, 1.0, 1.1, 2.0, 6.0, 40.0]:
            x = n * factor
            a, h = M(n) / 2, M(x) / 2
            rows.append(
                {
                    "n": n,
                    "x": x,
                    "lower": float(mpmath.gammainc(a, 0, h, regularized=True)),
                    "upper": float(mpmath.gammainc(a, h, regularized=True)),
                    "density": float(mpmath.exp((a - 1) * mpmath.log(h) - h - mpmath.loggamma(a)) / 2),
                }
            )
    return rows


def beta() -> list[dict]:
    rows = []
    for a, b in [(1, 1), (0.5, 0.5), (2, 5), (101, 901), (1e4 + 1, 9e4 + 1), (3, 1e6), (0.4, 30)]:
        mean = a / (a + b)
        deviation = math.sqrt(mean * (1 - mean) / (a + b + 1))
        for step in [-6, -3, -1, 0, 0.5, 2, 5]:
            x = mean + step * deviation
            if not 0 < x < 1:
                continue
            rows.append(
                {
                    "a": a,
                    "b": b,
                    "x": x,
                    "lower": float(stats.beta.cdf(x, a, b)),
                    "upper": float(stats.beta.sf(x, a, b)),
                    "density": float(stats.beta.pdf(x, a, b)),
                }
            )
    return rows


def means() -> list[dict]:
    """Welch's test, and the classic one by the normal distribution, on drawn samples."""
    rows = []
    for _ in range(60):
        counts = [int(log_uniform(2, 5_000)) for _ in range(2)]
        shift = random.choice([0, 0.05, 0.5, 3])
        base = 10 ** random.uniform(-3, 6)
        samples = [
            base * (numpy.random.default_rng(random.getrandbits(32)).lognormal(index * shift * 0.2, 1.0, count))
            for index, count in enumerate(counts)
        ]
        row = {
            "counts": counts,
            "sums": [math.fsum(values) for values in samples],
            "squares": [math.fsum(value * value for value in values) for values in samples],
        }
        for name, alternative in (("twoSided", "two-sided"), ("greater", "greater"), ("less", "less")):
            result = stats.ttest_ind(samples[1], samples[0], equal_var=False, alternative=alternative)
            interval = result.confidence_interval(0.95)
            row[name] = {"p": result.pvalue, "interval": [end if math.isfinite(end) else None for end in interval]}
        rows.append(row)
    return rows


def corrections() -> list[dict]:
    names = {"bonferroni": "bonferroni", "sidak": "sidak", "holm": "holm", "benjaminiHochberg": "fdr_bh"}
    rows = []
    for count in [1, 2, 5, 20]:
        for _ in range(3):
            p = [random.choice([random.random(), log_uniform(1e-12, 1)]) for _ in range(count)]
            adjusted = {ours: list(multipletests(p, method=theirs)[1]) for ours, theirs in names.items()}
            rows.append({"p": p, **adjusted})
    return rows


def rates() -> list[dict]:
    """Which of several rates is the greatest, and what is lost by taking each."""
    rows = []
    for arms in [[(10, 3), (12, 5)], [(1000, 100), (1000, 130)], [(50_000, 2_500), (50_000, 2_600), (20_000, 1_100)]]:
        posteriors = [stats.beta(1 + s, 1 + n - s) for n, s in arms]
        low = min(p.ppf(1e-14) for p in posteriors)
        high = max(p.isf(1e-14) for p in posteriors)
        points = sorted(p.mean() for p in posteriors)

        def over(function):
            edges = [low, *points, high]
            return sum(integrate.quad(function, a, b, epsabs=1e-13, limit=500)[0] for a, b in zip(edges, edges[1:]))

        chances, losses = [], []
        for own in range(len(arms)):
            others = [p for index, p in enumerate(posteriors) if index != own]
            chances.append(over(lambda x: posteriors[own].pdf(x) * math.prod(p.cdf(x) for p in others)))
            losses.append(over(lambda x: posteriors[own].cdf(x) * (1 - math.prod(p.cdf(x) for p in others))))
        rows.append({"arms": arms, "chances": chances, "losses": losses})
    return rows


def mismatches() -> list[dict]:
    rows = []
    for weights, observed in [
        ([50, 50], [5000, 5200]), ([95, 5], [9550, 450]), ([1, 1, 1], [3333, 3000, 3600]), ([33.3, 66.7], [10, 30]),
    ]:
        expected = [weight / sum(weights) * sum(observed) for weight in weights]
        result = stats.chisquare(observed, expected)
        rows.append({"weights": weights, "observed": observed, "statistic": result.statistic, "p": result.pvalue})
    return rows


print(
    json.dumps(
        {
            "normal": normal(), "student": student(), "chiSquare": chi_square(), "beta": beta(), "means": means(),
            "corrections": corrections(), "rates": rates(), "mismatches": mismatches(),
        },
        indent=1,
    )
)
