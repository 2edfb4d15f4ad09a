"""The kinds of things a project holds, as the tests of what they share need them described."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .convert import Body, ConvertProject

numbers = itertools.count(1)


def fresh(word: str) -> str:
    """A name that no other test of this run uses."""
    return f"{word} {next(numbers)}"


def rules(*elements: Body) -> Body:
    """Rules that any of the elements satisfies."""
    return {"OR": [{"AND": [{"OR_WHEN": list(elements)}]}]}


VISITS = {"rule_type": "visits_count", "matching": {"match_type": "equalsNumber", "negated": False}, "value": 1}
URL = {"rule_type": "url", "matching": {"match_type": "contains", "negated": False}, "value": "https://example.com/"}


@dataclass(frozen=True, eq=False)
class Kind:
    path: str
    """As addresses call it."""
    object: str
    """As the change history calls it."""
    body: Callable[[str], Body]
    """The smallest body with this name that may be added."""
    project: str = "web"
    name: str = "name"
    second_status: str = "archived"
    """Empty for kinds without status."""
    first_status: str = "active"
    has_key: bool = False
    has_clone: bool = False
    update: str = "update"
    """The last step of the address that changes one; `update-status` for kinds of which nothing else changes."""
    optional: list[str] = field(default_factory=list)
    """What `include` may hold."""
    sorts: list[str] = field(default_factory=list)
    default_sort: str = "id"
    searched: list[str] = field(default_factory=list)
    """The members that searches look through."""
    expands: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return self.path

    def add(self, project: ConvertProject, name: str = "", **members: Any) -> Body:
        return project.add(self.path, {**self.body(name or fresh(self.object)), **members})


def hypothesis(name: str) -> Body:
    return {
        "name": name,
        "status": "draft",
        "prioritization_score_type": "PIE",
        "prioritization_score_attributes": {"potential": 3, "importance": 4, "ease": 5},
    }


def domain(name: str) -> Body:
    return {"url": f"https://{name.replace(' ', '-').lower()}.example.com"}


TAGS = Kind("tags", "tag", lambda name: {"name": name}, second_status="", searched=["name"])
GOALS = Kind(
    "goals", "goal", lambda name: {"name": name, "type": "visits_page"},
    has_key=True, has_clone=True, optional=["triggering_rule", "stats"],
    sorts=["id", "goal_tracking_status", "name", "times_used", "type", "key", "status"],
    searched=["name", "description"],
)  # fmt: skip
AUDIENCES = Kind(
    "audiences", "audience", lambda name: {"name": name, "type": "transient", "rules": rules(VISITS)},
    has_clone=True, optional=["rules", "stats.experiences_usage"],
    sorts=["id", "type", "name", "usage", "status", "key"], searched=["name", "description"],
)  # fmt: skip
LOCATIONS = Kind(
    "locations", "location", lambda name: {"name": name, "rules": rules(URL)},
    has_clone=True, optional=["rules", "trigger", "stats.experiences_usage"],
    sorts=["id", "name", "usage", "status", "key"], searched=["name", "description"],
)  # fmt: skip
FEATURES = Kind(
    "features", "feature", lambda name: {"name": name, "variables": []},
    project="fullstack", has_key=True, optional=["stats"],
    sorts=["id", "name", "key", "status"], searched=["name", "description"],
)  # fmt: skip
HYPOTHESES = Kind(
    "hypotheses", "hypothesis", hypothesis, first_status="draft",
    sorts=["id", "name", "score", "start_date", "status"], searched=["name", "description"],
    expands=["project", "tags"],
)  # fmt: skip
KNOWLEDGE_BASES = Kind(
    "knowledge-bases", "knowledge_base", lambda name: {"name": name, "summary": "What we learned"},
    update="update-status", sorts=["name", "updated_at", "status"], default_sort="name",
    searched=["name"], expands=["project", "tags"],
)  # fmt: skip
OBSERVATIONS = Kind(
    "observations", "observation", lambda name: {"name": name},
    sorts=["name", "created_by", "date_added", "status"], default_sort="name",
    searched=["name", "description"], expands=["project", "tags"],
)  # fmt: skip
DOMAINS = Kind("domains", "domain", domain, name="url", second_status="")

KINDS = [TAGS, GOALS, AUDIENCES, LOCATIONS, FEATURES, HYPOTHESES, KNOWLEDGE_BASES, OBSERVATIONS, DOMAINS]
NAMED = [kind for kind in KINDS if kind is not DOMAINS]
WITH_STATUS = [kind for kind in KINDS if kind.second_status]
CHANGEABLE = [kind for kind in KINDS if kind.update == "update"]
WITH_KEY = [kind for kind in KINDS if kind.has_key]
WITH_CLONE = [kind for kind in KINDS if kind.has_clone]
SORTED = [kind for kind in KINDS if kind.sorts]
SEARCHED = [kind for kind in KINDS if kind.searched]
WITH_TAGS = [kind for kind in KINDS if "tags" in kind.expands]
