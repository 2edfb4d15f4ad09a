"""The demo project: what its reports find out is what its descriptions say, and it comes and goes as a whole."""

import contextlib
import sqlite3
import threading
import time
from typing import Any

import pytest
import requests

from support.convert import Body, ConvertProject, convert_client
from support.people import Person, new_person
from support.polling import wait_until
from support.server import Launch, Sextant

NAME = "Demo project"
VISITORS = {
    "demo-checkout-button": 4_000, "demo-twins": 3_000, "demo-pricing-page": 4_000, "demo-free-shipping": 4_000,
    "demo-banner": 1_000,
}  # fmt: skip
DAY = 86_400


def accept(person: Person) -> requests.Response:
    return person.request("POST", "/user/accept-demo-project", {})


def demo_projects(server: Sextant) -> list[ConvertProject]:
    account = convert_client(server)
    listed = account.request("POST", f"/accounts/{account.account_id}/projects", {}, expect=200).json()["data"]
    return [ConvertProject(account, one["id"]) for one in listed if one["name"] == NAME]


def rows(server: Sextant, query: str) -> Any:
    with contextlib.closing(sqlite3.connect(server.data / "control.sqlite", timeout=30)) as store:
        return store.execute(query).fetchall()


def is_made(server: Sextant) -> bool:
    return rows(server, "SELECT 1 FROM jobs WHERE kind = 'demo_project' AND state = 'completed'") != []


class Demo:
    def __init__(self, project: ConvertProject) -> None:
        self.project = project
        self.goals = {goal["key"]: goal["id"] for goal in project.items("goals")}
        self.experiences = {one["key"]: one for one in project.items("experiences", include=["stats"])}

    def report(self, key: str, goal: str = "demo-purchase") -> list[dict[str, Body]]:
        """By variation and metric."""
        body = {"goals": [self.goals[goal]]}
        answer = self.project.post("experiences", self.experiences[key]["id"], "aggregated_report", body=body, expect=200).json()
        variations = answer["data"]["reportData"][0]["variations"]
        return [
            {"visitors": variation["visitors"], **{metric["metric_type"]: metric for metric in variation["metrics"]}}
            for variation in variations
        ]


@pytest.fixture(scope="module")
def owner(server: Sextant) -> Person:
    return new_person(server, "owner").log_in()


@pytest.fixture(scope="module")
def demo(server: Sextant, owner: Person) -> Demo:
    answer = accept(owner)
    assert answer.status_code == 200, answer.text
    wait_until(lambda: is_made(server), "the traffic")
    (project,) = demo_projects(server)
    return Demo(project)


def test_reports_find_what_descriptions_say(demo: Demo) -> None:
    original, green = demo.report("demo-checkout-button")
    assert "14%: the green button wins" in demo.experiences["demo-checkout-button"]["description"]
    rate = green["conversion_rate"]
    assert rate["statistically_significant"] is True and rate["metric_change"] > 0
    assert original["conversion_rate"]["metric_value"] == pytest.approx(0.10, abs=0.02)
    assert rate["metric_value"] == pytest.approx(0.14, abs=0.02)

    _, twin = demo.report("demo-twins")
    assert twin["conversion_rate"]["statistically_significant"] is False
    assert twin["avg_revenue_visitor"]["statistically_significant"] is False

    _, new = demo.report("demo-pricing-page")
    assert new["conversion_rate"]["statistically_significant"] is True and new["conversion_rate"]["metric_change"] < 0

    _, free = demo.report("demo-free-shipping")
    assert free["conversion_rate"]["statistically_significant"] is False
    assert free["avg_revenue_visitor"]["statistically_significant"] is True
    assert free["avg_revenue_visitor"]["metric_change"] > 0
    assert free["average_order_value"]["metric_value"] == pytest.approx(54, rel=0.1)
    for key in ("demo-checkout-button", "demo-pricing-page", "demo-free-shipping"):
        sign_ups = demo.report(key, "demo-newsletter")
        assert sign_ups[1]["conversion_rate"]["statistically_significant"] is False


def test_days_are_thirty_and_in_the_past(demo: Demo) -> None:
    today = int(time.time()) // DAY * DAY
    body = {"goal": demo.goals["demo-purchase"], "metric": "conversion_rate", "report_type": "non_cumulative"}
    for key in ("demo-checkout-button", "demo-twins", "demo-pricing-page", "demo-free-shipping"):
        id = demo.experiences[key]["id"]
        report = demo.project.post("experiences", id, "daily_report", body=body, expect=200).json()["data"]
        days: dict[int, int] = {}
        for variation in report["reportData"]["variations"]:
            for point in variation["stats"]:
                days[point["timestamp"]] = days.get(point["timestamp"], 0) + point["visitors"]
        seen = sorted(day for day, count in days.items() if count > 0)
        # The server may have begun before midnight.
        assert len(seen) == 30 and seen[-1] in (today - DAY, today - 2 * DAY) and seen[0] == seen[-1] - 29 * DAY
        assert sum(days.values()) == VISITORS[key]


def test_everything_that_counts_agrees(server: Sextant, demo: Demo) -> None:
    counted = dict(rows(server, "SELECT experience_id, visitors FROM experience_traffic"))
    for key, visitors in VISITORS.items():
        assert counted[demo.experiences[key]["id"]] == visitors
        assert demo.experiences[key]["status"] == "active"
    for key in ("demo-checkout-button", "demo-twins"):
        assert sum(one["visitors"] for one in demo.report(key)) == VISITORS[key]
    assert {one["type"] for one in demo.experiences.values()} == {"a/b", "a/a", "split_url", "deploy"}
    assert len(demo.project.items("audiences")) == 2 and len(demo.project.items("locations")) == 1
    live = demo.project.post("livedata", expect=200).json()["data"]
    assert len(live) == 100
    segments = demo.project.post(
        "experiences", demo.experiences["demo-twins"]["id"], "aggregated_report", body={"segments": {"countries": ["PT"]}}, expect=200
    ).json()["data"]["reportData"][0]["variations"]
    assert 0 < sum(one["visitors"] for one in segments) < VISITORS["demo-twins"]


def test_a_second_one_is_refused(server: Sextant, owner: Person, demo: Demo) -> None:
    for person in (owner, new_person(server, "admin").log_in()):
        answer = accept(person)
        assert answer.status_code == 409 and str(demo.project.id) in answer.text
    assert len(demo_projects(server)) == 1


def test_who_may(server: Sextant, demo: Demo) -> None:
    for role in ("browse", "review", "edit", "publish"):
        assert accept(new_person(server, role).log_in()).status_code == 403
    assert accept(new_person(server, "admin", [demo.project.id]).log_in()).status_code == 403
    assert accept(Person(server, "nobody@example.com")).status_code == 401
    pages = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}
    owner = new_person(server, "owner").log_in()
    assert owner.request("POST", "/user/accept-demo-project", {}, **pages).status_code == 403


def test_it_goes_as_a_whole_and_may_come_again(launch: Launch) -> None:
    server = launch()
    owner = new_person(server, "owner").log_in()
    # Two at the same moment make one.
    answers: list[int] = []
    both = [threading.Thread(target=lambda: answers.append(accept(Person(server, owner.email).log_in()).status_code)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(answers) == [200, 409]
    wait_until(lambda: is_made(server), "the traffic")
    (project,) = demo_projects(server)
    project.client.request("DELETE", project.path("delete"), expect=200)
    tables = ("visitors", "tracked_transactions", "experience_traffic", "environments", "resources")
    left = " UNION ALL ".join(f"SELECT 1 FROM {table} WHERE project_id = {project.id}" for table in tables)
    wait_until(lambda: rows(server, left) == [], "everything to be gone")
    assert demo_projects(server) == []
    assert accept(owner).status_code == 200
    (again,) = demo_projects(server)
    assert again.id != project.id


def test_a_crash_in_the_middle_leaves_nothing_half_made(launch: Launch) -> None:
    server = launch()
    owner = new_person(server, "owner").log_in()

    def ask() -> None:
        with contextlib.suppress(requests.RequestException):
            accept(owner)

    asking = threading.Thread(target=ask)
    asking.start()
    wait_until(lambda: len(rows(server, "SELECT 1 FROM visitors LIMIT 1")) > 0, "the first visitors")
    assert not is_made(server), "the server was too quick to be killed in the middle"
    server.kill()
    asking.join()
    server.start()
    wait_until(lambda: is_made(server), "the rest")
    (project,) = demo_projects(server)
    demo = Demo(project)
    counted = dict(rows(server, "SELECT experience_id, visitors FROM experience_traffic"))
    for key, visitors in VISITORS.items():
        assert counted[demo.experiences[key]["id"]] == visitors
    assert sum(one["visitors"] for one in demo.report("demo-twins")) == VISITORS["demo-twins"]


def test_a_key_is_told_that_it_is_for_people(server: Sextant) -> None:
    key = server.credentials["convert"]
    bearer = {"Authorization": f"Bearer {key['application_id']}:{key['secret']}"}
    answer = requests.post(f"{server.base_url}/api/v2/user/accept-demo-project", headers=bearer, timeout=60)
    assert answer.status_code == 401 and "only people" in answer.json()["message"]
