"""Experiments with visitors whose every purchase is known, and the reports on them."""

import random
from dataclasses import dataclass, field
from typing import Any

import requests

from .convert import Body, ConvertProject, convert_client
from .convert_kinds import GOALS
from .server import Sextant
from .serving import KIND, add, new_project, new_sdk_key, reached, saw, track


@dataclass
class Visitor:
    variation: int
    """The first is 0."""
    amounts: list[float] = field(default_factory=list)
    products: list[int] = field(default_factory=list)
    has_converted: bool = False
    segments: Body = field(default_factory=dict)

    @property
    def revenue(self) -> float:
        return sum(self.amounts)


class ReportedShop:
    """A project with one running experience of two goals, `goal` and `other`, and the visitors that were sent."""

    def __init__(self, server: Sextant, http: requests.Session, shares: list[float], **members: Any) -> None:
        projects = server.credentials["projects"]
        self.project = new_project(ConvertProject(convert_client(server), projects["fullstack"]["id"]))
        self.http = http
        self.key = new_sdk_key(self.project)["sdk_key"]
        self.goal, self.other = GOALS.add(self.project), GOALS.add(self.project)
        goals = [self.goal["id"], self.other["id"]]
        self.experience = add(self.project, shares, goals=goals, **members)
        self.variations = [variation["id"] for variation in self.experience["variations"]]
        self.visitors: dict[str, Visitor] = {}

    def buy(self, style: str, amount: float, products: int) -> list[Body]:
        """A purchase as an SDK sends it."""
        values = (("amount", amount), ("productsCount", products))
        if style == "ruby":
            return [reached(self.goal, *values)]
        return [reached(self.goal), reached(self.goal, *values)]

    def send(self, *visitors: Body, **members: Any) -> None:
        for start in range(0, len(visitors), 500):
            track(self.project, self.http, self.key, *visitors[start : start + 500], **members)

    def simulate(self, count: int, rates: list[float], seed: int = 1) -> None:
        """Visitors of all variations; some buy, some of them twice, through SDKs of either kind."""
        chance = random.Random(seed)
        sent = []
        for number in range(count):
            name = f"visitor-{seed}-{number}"
            own = Visitor(chance.randrange(len(self.variations)))
            own.segments = {"country": chance.choice(["DE", "PT"]), "browser": chance.choice(["CH", "SF"])}
            events = [saw(self.experience, own.variation)]
            for _ in range(chance.choice([1, 1, 1, 2]) if chance.random() < rates[own.variation] else 0):
                own.amounts.append(round(chance.lognormvariate(3, 1), 2))
                own.products.append(chance.randint(1, 4))
                events += self.buy(chance.choice(["javascript", "ruby"]), own.amounts[-1], own.products[-1])
            own.has_converted = bool(own.amounts)
            self.visitors[name] = own
            sent.append({"visitorId": name, "segments": own.segments, "events": events})
        self.send(*sent)

    def of(self, variation: int) -> list[Visitor]:
        return [visitor for visitor in self.visitors.values() if visitor.variation == variation]

    def post(self, operation: str, body: Body | None = None, expect: int | None = 200) -> requests.Response:
        return self.project.post(KIND, self.experience["id"], operation, body=body or {}, expect=expect)

    def aggregated(self, **body: Any) -> Body:
        report: Body = self.post("aggregated_report", body).json()["data"]
        return report

    def metrics(self, goal: int = 0, **body: Any) -> list[dict[str, Body]]:
        """By variation and metric."""
        return [
            {metric["metric_type"]: metric for metric in variation["metrics"]}
            for variation in self.aggregated(**body)["reportData"][goal]["variations"]
        ]
