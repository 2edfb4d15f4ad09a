"""What reports are made of, removed: all of it, or some events. Figures are then as if they had never been sent."""

import threading
import time
from typing import Any

import pytest
import requests

from support.convert import Body, ConvertProject, assert_refused, client_of, convert_client, new_key
from support.polling import wait_until
from support.reports import ReportedShop
from support.server import Launch, Sextant
from support.serving import add, environment_client, saw

ALWAYS = {"start_time": None, "end_time": None}


@pytest.fixture
def shop(server: Sextant, http: requests.Session) -> ReportedShop:
    shop = ReportedShop(server, http, [50, 50])
    shop.simulate(200, [0.3, 0.4])
    return shop


def remove(shop: ReportedShop, *events: Body, **members: Any) -> dict[str, int]:
    body = {**ALWAYS, **({"events": list(events)} if events else {}), **members}
    answer = shop.post("remove_report_data", body).json()["data"]
    return {one["event"]: one["count"] for one in answer}


def visitors(shop: ReportedShop) -> list[int]:
    return [one["visitors"] for one in shop.aggregated()["reportData"][0]["variations"]]


def totals(shop: ReportedShop, metric: str) -> list[float]:
    return [metrics[metric]["metric_value"] for metrics in shop.metrics()]


def changes(shop: ReportedShop, event: str) -> list[Body]:
    listed = shop.project.changes(experiences=[shop.experience["id"]])
    return [one for one in listed if one["event"] == event]


def test_simulation_only_counts(shop: ReportedShop) -> None:
    before = shop.aggregated()
    buyers = sum(one.has_converted for one in shop.visitors.values())
    orders = sum(len(one.amounts) for one in shop.visitors.values())
    everything = remove(shop)
    assert everything == {"view_experience": 200, "conversion": buyers, "transaction": orders}
    assert remove(shop, {"type": "conversion"}, simulate=True) == {"conversion": buyers}
    assert remove(shop, {"type": "transaction", "goals": [shop.other["id"]]}) == {"transaction": 0}
    assert remove(shop, end_time=5) == dict.fromkeys(everything, 0)
    germans = sum(one.segments["country"] == "DE" for one in shop.visitors.values())
    narrowed = remove(shop, {"type": "view_experience"}, segments={"countries": ["DE"]})
    assert narrowed == {"view_experience": germans}
    assert shop.aggregated() == before and changes(shop, "remove_report_data") == []


def test_orders_of_some_amounts(shop: ReportedShop) -> None:
    amounts = sorted(amount for one in shop.visitors.values() for amount in one.amounts)
    least, most = amounts[len(amounts) // 3], amounts[2 * len(amounts) // 3]
    asked = {"type": "transaction", "revenue_start_value": least, "revenue_end_value": most}
    gone = [amount for amount in amounts if least <= amount <= most]
    assert remove(shop, asked) == {"transaction": len(gone)}
    rates = totals(shop, "conversion_rate")
    assert remove(shop, asked, simulate=False) == {"transaction": len(gone)}
    for visitor in shop.visitors.values():
        visitor.amounts = [amount for amount in visitor.amounts if not least <= amount <= most]
    for index, value in enumerate(totals(shop, "avg_revenue_visitor")):
        own = shop.of(index)
        assert value == pytest.approx(sum(one.revenue for one in own) / len(own), rel=1e-9)
    # Who bought has converted all the same.
    assert totals(shop, "conversion_rate") == rates
    (change,) = changes(shop, "remove_report_data")
    assert change["changes"]["old"] == {"transaction": len(gone)}
    assert change["changes"]["new"]["events"] == [asked]
    assert remove(shop, asked, simulate=False) == {"transaction": 0}


def test_conversions_count_again_when_they_are_sent_again(shop: ReportedShop) -> None:
    buyers = [name for name, one in shop.visitors.items() if one.has_converted]
    both = [{"type": "conversion", "goals": [shop.goal["id"]]}, {"type": "transaction", "goals": [shop.goal["id"]]}]
    assert remove(shop, *both, simulate=False)["conversion"] == len(buyers)
    assert totals(shop, "conversion_rate") == [0, 0] and totals(shop, "avg_revenue_visitor") == [0, 0]
    assert sum(visitors(shop)) == 200
    shop.send({"visitorId": buyers[0], "events": shop.buy("javascript", 7, 1)})
    shop.send({"visitorId": buyers[1], "events": shop.buy("ruby", 8, 1)})
    reached = [variation["conversion_data"]["conversions"] for variation in shop.aggregated()["reportData"][0]["variations"]]
    assert sum(reached) == 2
    assert remove(shop) == {"view_experience": 200, "conversion": 2, "transaction": 2}


def test_views_of_some_and_nobody_else(server: Sextant, shop: ReportedShop) -> None:
    other = add(shop.project, [50, 50], goals=[shop.goal["id"]])
    names = list(shop.visitors)
    shop.send(*({"visitorId": name, "events": [saw(other)]} for name in names[:20]))
    germans = [name for name, one in shop.visitors.items() if one.segments["country"] == "DE"]
    remove(shop, segments={"countries": ["DE"]}, simulate=False)
    left = [sum(one.segments["country"] == "PT" for one in shop.of(index)) for index in range(2)]
    assert visitors(shop) == left
    analyst = environment_client(server, shop.project)
    own = f"select count(distinct visitor_id) from experiment_events where experience_id = {shop.experience['id']}"
    assert analyst.sql(own) == [[200 - len(germans)]]
    assert analyst.sql(own.replace(str(shop.experience["id"]), str(other["id"]))) == [[20]]
    # One who comes back is new.
    back = shop.visitors[germans[0]]
    shop.send({"visitorId": germans[0], "segments": back.segments, "events": [saw(shop.experience, back.variation)]})
    left[back.variation] += 1
    assert visitors(shop) == left


def test_only_of_a_time(shop: ReportedShop) -> None:
    time.sleep(1.1)
    moment = int(time.time())
    time.sleep(1.1)
    shop.send(*({"visitorId": f"late-{number}", "events": [saw(shop.experience, 0)]} for number in range(10)))
    assert remove(shop, start_time=moment, simulate=False)["view_experience"] == 10
    assert sum(visitors(shop)) == 200


def test_a_reset_begins_anew(shop: ReportedShop) -> None:
    other = add(shop.project, [50, 50], goals=[shop.goal["id"]])
    shop.send({"visitorId": "elsewhere", "events": [saw(other)]})
    before = shop.project.get("experiences", shop.experience["id"])
    time.sleep(1.1)
    shop.post("reset_report")
    assert visitors(shop) == [0, 0]
    assert remove(shop) == {"view_experience": 0, "conversion": 0, "transaction": 0}
    after = shop.project.get("experiences", shop.experience["id"])
    assert after["start_time"] > before["start_time"] and after["status"] == "active"
    (change,) = changes(shop, "reset_report")
    assert change["changes"]["old"]["view_experience"] == 200
    assert change["changes"]["new"] == {"start_time": after["start_time"]}
    # The same visitors come back, and buy.
    names = list(shop.visitors)[:10]
    for name in names:
        own = shop.visitors[name]
        shop.send({"visitorId": name, "events": [saw(shop.experience, own.variation), *shop.buy("ruby", 5, 1)]})
    assert sum(visitors(shop)) == 10
    assert sum(metrics["conversion_rate"]["metric_total"] for metrics in shop.metrics()) == 10
    report = shop.project.post("experiences", other["id"], "aggregated_report", body={}, expect=200).json()["data"]
    assert sum(one["visitors"] for one in report["reportData"][0]["variations"]) == 1


def test_what_is_refused(shop: ReportedShop) -> None:
    for body, field in [
        ({"start_time": 5}, "end_time"),
        ({**ALWAYS, "events": []}, "events"),
        ({**ALWAYS, "events": [{"type": "page_view"}]}, "events[0].type"),
        ({**ALWAYS, "events": [{"type": "conversion", "goals": [999_999]}]}, "events[0].goals[0]"),
        ({"start_time": 9, "end_time": 5}, "start_time"),
        # Each part is a condition that everybody's readers would wait for.
        ({**ALWAYS, "events": [{"type": "view_experience"}] * 101}, "events"),
        ({**ALWAYS, "events": [{"type": "conversion", "goals": [shop.goal["id"]] * 101}]}, "events[0].goals"),
        (
            {**ALWAYS, "events": [{"type": "transaction", "revenue_start_value": 2, "revenue_end_value": 1}]},
            "events[0].revenue_start_value",
        ),
    ]:
        assert_refused(shop.post("remove_report_data", {**body, "simulate": False}, expect=None), 422, field)
    key = new_key(shop.project.client, role="browse")
    browser = ConvertProject(client_of(shop.project.client, key), shop.project.id)
    for operation in ("reset_report", "remove_report_data"):
        refused = browser.post("experiences", shop.experience["id"], operation, body=ALWAYS, expect=None)
        assert refused.status_code == 403
        assert_refused(shop.project.post("experiences", 999_999, operation, body=ALWAYS, expect=None), 404)
    assert sum(visitors(shop)) == 200


def test_a_kill_loses_no_removal(launch: Launch, http: requests.Session) -> None:
    server = launch()
    shop = ReportedShop(server, http, [50, 50])
    shop.simulate(2_000, [0.3, 0.3])
    for round in range(3):
        gone = threading.Thread(target=lambda: failing(lambda: remove(shop, segments={"countries": ["DE"]}, simulate=False)))
        gone.start()
        time.sleep(0.02 * (round + 1) ** 2)
        server.kill()
        gone.join()
        server.start()
        shop.project = ConvertProject(convert_client(server), shop.project.id)
    remove(shop, segments={"countries": ["DE"]}, simulate=False) if not changes(shop, "remove_report_data") else None
    expected = [sum(one.segments["country"] == "PT" for one in shop.of(index)) for index in range(2)]
    wait_until(lambda: visitors(shop) == expected, "the removal")
    assert shop.aggregated()["reportData"][0]["variations"][0]["visitors"] == expected[0]


def failing(body: Any) -> None:
    """What nobody may get an answer to."""
    try:
        body()
    except (requests.RequestException, AssertionError):
        pass
