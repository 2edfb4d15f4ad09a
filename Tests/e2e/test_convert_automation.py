"""What experiences do by themselves once their results say so, and what lists show of results."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from scipy import stats

from support.convert import Body, assert_refused, new_key
from support.reports import ReportedShop
from support.server import Sextant
from support.serving import KIND

SEQUENTIAL = {"stats_type": "frequentist", "test_type": "sequential"}
SECONDS = 120


def shown(shop: ReportedShop, **query: Any) -> Body:
    return shop.project.get(KIND, shop.experience["id"], **{"include[]": ["stats"], "expand[]": ["variations"], **query})


def shares(shop: ReportedShop) -> list[float]:
    return [0 if one["status"] == "stopped" else one["traffic_distribution"] for one in shown(shop)["variations"]]


def automation(server: Sextant, shop: ReportedShop) -> Body:
    key = new_key(shop.project.client, auth_type="secretKey", role="browse")
    headers = {"Authorization": f"Bearer {key['key_id']}:{key['key_secret']}"}
    url = f"{server.base_url}/api/sextant/v1/experiences/{shop.experience['id']}/automation"
    answer = requests.get(url, headers=headers, timeout=60)
    assert answer.status_code == 200, answer.text
    state: Body = answer.json()
    return state


def set_project(shop: ReportedShop, settings: Body) -> None:
    shop.project.client.request("POST", shop.project.path("update"), {"reporting_settings": settings}, expect=201)


def until(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + SECONDS
    while not (value := found()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.5)
    return value


def causes(shop: ReportedShop) -> list[Body]:
    """What the change history says automation did, oldest first."""
    changes = shop.project.post("change-history", body={"results_per_page": 50}, expect=200).json()["data"]
    return [one["changes"]["new"]["cause"] for one in reversed(changes) if "cause" in (one["changes"]["new"] or {})]


def evaluated(server: Sextant, shop: ReportedShop) -> Body:
    """The state once all that was sent is looked at."""
    visitors = len(shop.visitors)

    def known() -> Body | None:
        state = automation(server, shop)
        numbers = (state["decision"] or {}).get("variations", [])
        return state if sum(one["visitors"] for one in numbers) == visitors else None

    state: Body = until(known)
    return state


def test_a_winner_gets_all_new_visitors(server: Sextant, http: requests.Session) -> None:
    settings = {"stats_engine_processing": SEQUENTIAL, "keep_winner": True}
    shop = ReportedShop(server, http, [50, 50], settings=settings)
    shop.simulate(2_000, [0.05, 0.4])
    until(lambda: shares(shop) == [0, 100])
    assert shown(shop)["status"] == "active"
    (cause, *others) = causes(shop)
    assert cause["act"] == "keep_winner" and all(one == cause for one in others)
    counts = [len(shop.of(index)) for index in range(2)]
    reached = [sum(one.has_converted for one in shop.of(index)) for index in range(2)]
    assert [one["visitors"] for one in cause["variations"]] == counts
    assert [one["conversions"] for one in cause["variations"]] == reached
    assert cause["variations"][1]["test_result"] == "winner" and cause["variations"][1]["p_value"] < 0.05
    # Nothing more is decided in it, whatever comes.
    shop.simulate(400, [0.9, 0.01], seed=2)
    evaluated(server, shop)
    assert shares(shop) == [0, 100] and shown(shop)["status"] == "active"


def test_a_loser_stops_and_the_others_share_its_part(server: Sextant, http: requests.Session) -> None:
    settings = {"stats_engine_processing": SEQUENTIAL, "stop_loser": True}
    shop = ReportedShop(server, http, [34, 33, 33], settings=settings)
    shop.simulate(3_000, [0.3, 0.03, 0.3])
    until(lambda: [one["status"] for one in shown(shop)["variations"]] == ["running", "stopped", "running"])
    assert shares(shop) == pytest.approx([3400 / 67, 0, 3300 / 67], abs=1e-3)
    assert causes(shop)[0]["act"] == "stop_loser"


def test_a_fixed_test_is_decided_at_its_horizon_only(server: Sextant, http: requests.Session) -> None:
    shop = ReportedShop(server, http, [50, 50], settings={"keep_winner": True})
    shop.simulate(1_500, [0.05, 0.4])
    state = evaluated(server, shop)
    assert state["decides"] == "at_horizon" and state["decision"]["act"] == "none"
    assert "decided once" in state["decision"]["reason"]
    assert shares(shop) == [50, 50]
    # With the effect to plan for, the horizon is known, and passed.
    processing = {"stats_type": "frequentist", "power_calculation_type": "fixed_mde", "fixed_mde": 200}
    shop.project.update(KIND, shop.experience["id"], {"settings": {"stats_engine_processing": processing}})
    shop.simulate(10, [0.05, 0.4], seed=3)
    until(lambda: shares(shop) == [0, 100])


def test_without_a_difference_it_ends_at_the_horizon(server: Sextant, http: requests.Session) -> None:
    processing = {"stats_type": "frequentist", "power_calculation_type": "fixed_mde", "fixed_mde": 100}
    settings = {"stats_engine_processing": processing, "keep_winner": True, "keep_running_until_confidence": False}
    shop = ReportedShop(server, http, [50, 50], settings=settings)
    shop.simulate(1_500, [0.3, 0.3])
    until(lambda: shown(shop)["status"] == "completed")
    assert [one["act"] for one in causes(shop)] == ["complete"]


def test_it_runs_on_until_there_is_confidence(server: Sextant, http: requests.Session) -> None:
    processing = {"stats_type": "frequentist", "power_calculation_type": "fixed_mde", "fixed_mde": 100}
    settings = {"stats_engine_processing": processing, "keep_winner": True}
    shop = ReportedShop(server, http, [50, 50], settings=settings)
    shop.simulate(1_500, [0.3, 0.3])
    state = until(lambda: (found := automation(server, shop))["horizon_passed_at"] and found)
    assert "sequential" in state["decision"]["reason"] and state["decides"] == "any_time"
    shop.simulate(3_000, [0.1, 0.9], seed=4)
    until(lambda: shares(shop) == [0, 100])


def test_the_end_of_its_time_keeps_a_winner(server: Sextant, http: requests.Session) -> None:
    settings = {"keep_winner": True, "max_experience_visitors": 1_000}
    shop = ReportedShop(server, http, [50, 50], settings=settings)
    shop.simulate(1_000, [0.05, 0.4])
    until(lambda: shares(shop) == [0, 100])
    assert shown(shop)["status"] == "active"
    other = ReportedShop(server, http, [50, 50], settings=settings)
    other.simulate(1_000, [0.3, 0.3])
    until(lambda: shown(other)["status"] == "completed")


def test_results_share_new_visitors_out(server: Sextant, http: requests.Session) -> None:
    processing = {"stats_type": "bayesian", "mab_settings": {"strategy": "epsilon_greedy", "exploration_rate": 0.2}}
    shop = ReportedShop(server, http, [50, 50], settings={"stats_engine_processing": processing})
    shop.simulate(600, [0.2, 0.6])
    until(lambda: shares(shop) != [50, 50])
    # The best has all but the part that is explored, and none has less than a hundredth.
    assert shares(shop) == pytest.approx([1 + 98 * 0.1, 1 + 98 * 0.9], abs=1e-3)
    stats_ = until(lambda: shown(shop).get("stats"))
    assert [one["variation_id"] for one in stats_["variations_observed_results"]] == shop.variations
    body = {"variations": [{"id": id, "traffic_distribution": 50} for id in shop.variations]}
    refused = shop.project.post(KIND, shop.experience["id"], "update", body=body, expect=None)
    assert_refused(refused, 422, "variations[0].traffic_distribution")
    allocation = shop.post("daily_traffic_allocation", {}).json()["data"]
    assert str(shop.variations[0]) in str(allocation)


def test_results_follow_changes_without_a_visit(server: Sextant, http: requests.Session) -> None:
    shop = ReportedShop(server, http, [50, 50], settings={"stats_engine_processing": SEQUENTIAL})
    shop.simulate(1_000, [0.05, 0.4])
    until(lambda: shown(shop).get("stats", {}).get("visitors") == 1_000)
    assert shown(shop)["stats"]["goal_id"] == shop.goal["id"]
    shop.project.update(KIND, shop.experience["id"], {"primary_goal": shop.other["id"]})
    until(lambda: shown(shop)["stats"]["goal_id"] == shop.other["id"])
    assert shown(shop)["stats"]["conversions"] == 0
    processing = {"stats_type": "bayesian"}
    shop.project.update(
        KIND, shop.experience["id"], {"primary_goal": shop.goal["id"], "settings": {"stats_engine_processing": processing}}
    )
    until(lambda: (automation(server, shop)["decision"] or {}).get("stats_methodology") == "bayesian")
    assert shares(shop) == [50, 50]
    # What its project says is acted on as well.
    set_project(shop, {"keep_winner": True})
    until(lambda: shares(shop) == [0, 100])
    assert automation(server, shop)["decision"]["act"] == "keep_winner", "what was done is no change to be looked at"


def test_limits_tell_who_sets_them(server: Sextant, http: requests.Session) -> None:
    shop = ReportedShop(server, http, [50, 50], settings={"min_running_time": 0})
    none = {"value": 0, "source": "default"}
    own = {"value": 0, "source": "experience"}
    assert automation(server, shop)["limits"] == {
        "min_running_time": own, "max_running_time": none, "max_experience_visitors": none,
    }  # fmt: skip
    limits = {"min_running_time": 3, "max_running_time": 30, "max_experience_visitors": 100}
    set_project(shop, limits)
    assert automation(server, shop)["limits"] == {
        "min_running_time": own, "max_running_time": {"value": 30, "source": "project"},
        "max_experience_visitors": {"value": 100, "source": "project"},
    }  # fmt: skip
    shop.simulate(100, [0.1, 0.1])
    until(lambda: shown(shop)["status"] == "completed")


def test_a_reset_forgets_what_was_decided(server: Sextant, http: requests.Session) -> None:
    processing = {"stats_type": "frequentist", "power_calculation_type": "fixed_mde", "fixed_mde": 100}
    shop = ReportedShop(server, http, [50, 50], settings={"stats_engine_processing": processing, "keep_winner": True})
    shop.simulate(1_500, [0.3, 0.3])
    until(lambda: automation(server, shop)["horizon_passed_at"])
    shop.project.post(KIND, shop.experience["id"], "reset_report", body={}, expect=None)
    until(lambda: automation(server, shop)["horizon_passed_at"] is None)
    assert automation(server, shop)["decides"] == "at_horizon"
    assert shown(shop).get("stats", {}).get("visitors", 0) == 0


def test_lists_show_and_sort_by_results(server: Sextant, http: requests.Session) -> None:
    first = ReportedShop(server, http, [50, 50])
    first.simulate(600, [0.5, 0.1])
    until(lambda: shown(first).get("stats", {}).get("visitors") == 600)
    stats_ = shown(first)["stats"]
    rates = [sum(one.has_converted for one in first.of(index)) / len(first.of(index)) for index in range(2)]
    reached = [sum(one.has_converted for one in first.of(index)) for index in range(2)]
    assert stats_["goal_id"] == first.goal["id"] and stats_["conversions"] == sum(reached)
    baseline, variation = stats_["variations_observed_results"]
    assert variation["improvement"] == pytest.approx((rates[1] / rates[0] - 1) * 100, rel=1e-9)
    assert variation["mab_allocation"] is None
    counts = [len(first.of(index)) for index in range(2)]
    errors = [rate * (1 - rate) / count for rate, count in zip(rates, counts, strict=True)]
    test = stats.ttest_ind_from_stats(
        rates[1], (errors[1] * counts[1]) ** 0.5, counts[1], rates[0], (errors[0] * counts[0]) ** 0.5, counts[0],
        equal_var=False, alternative="greater",
    )  # fmt: skip
    assert variation["probability_beat_control"] == pytest.approx(100 * (1 - test.pvalue), rel=1e-9, abs=1e-9)
    # A second one, with fewer conversions and a better improvement, and a third that nobody has seen.
    from support.serving import add, reached as reached_goal, saw

    goals = [first.goal["id"], first.other["id"]]
    better, unseen = (add(first.project, [50, 50], goals=goals) for _ in range(2))
    sent = []
    for number in range(200):
        events = [saw(better, number % 2)]
        events += [reached_goal(first.goal, buckets={str(better["id"]): str(better["variations"][number % 2]["id"])})] if (
            number % 2 == 1 or number % 20 == 0
        ) else []
        sent.append({"visitorId": f"other-{number}", "events": events})
    first.send(*sent)
    ids = [first.experience["id"], better["id"], unseen["id"]]

    def listed(**body: Any) -> list[int]:
        found = first.project.post(KIND, body={"include": ["stats"], **body}, expect=200).json()["data"]
        return [one["id"] for one in found]

    until(lambda: listed(sort_by="improvement", sort_direction="desc") == [ids[1], ids[0], ids[2]])
    assert listed(sort_by="conversions", sort_direction="desc") == ids
    assert listed(sort_by="conversions", sort_direction="asc") == [ids[1], ids[0], ids[2]]
    by_other = first.project.post(
        KIND, body={"include": ["stats"], "goal_id": first.other["id"], "only": ids[:1]}, expect=200
    ).json()["data"]
    assert by_other[0]["stats"]["goal_id"] == first.other["id"] and by_other[0]["stats"]["conversions"] == 0
