"""What SDKs, pixels and people's own clients send to the tracking calls: one bad part never costs the rest."""

import json
from collections import Counter
from typing import Any

import pytest
import requests

from support.client import REQUEST_SECONDS
from support.convert import Body, ConvertProject, convert_client
from support.convert_kinds import GOALS
from support.serving import add, live, new_project, new_sdk_key, reached, saw, send, track
from support.server import Sextant


class Shop:
    """A project with one experience and one goal, and what came of what was sent."""

    def __init__(self, server: Sextant, http: requests.Session) -> None:
        projects = server.credentials["projects"]
        self.own = new_project(ConvertProject(convert_client(server), projects["fullstack"]["id"]))
        self.http = http
        self.key = new_sdk_key(self.own)["sdk_key"]
        self.goal = GOALS.add(self.own)
        self.experience = add(self.own, [50, 50], goals=[self.goal["id"]])
        self.buckets = {str(self.experience["id"]): str(self.experience["variations"][0]["id"])}

    def track(self, *visitors: Body, **members: Any) -> Body:
        return track(self.own, self.http, self.key, *visitors, **members)

    def send(self, body: Any) -> Body:
        response = send(self.own, self.http, self.key, body)
        assert response.status_code == 200, response.text
        answer: Body = response.json()
        return answer

    def post(self, path: str, body: Any) -> requests.Response:
        url = f"{self.own.client.base_url}{path}"
        headers = {"User-Agent": "ConvertAgent/1.0", "Content-Type": "application/json"}
        return self.http.post(url, data=json.dumps(body), headers=headers, timeout=REQUEST_SECONDS)

    def kinds(self) -> Counter[str]:
        return Counter(event["event_type"] for event in live(self.own))

    def view(self, visitor: str, **members: Any) -> Body:
        return {"visitorId": visitor, "events": [saw(self.experience)], **members}


@pytest.fixture
def shop(server: Sextant, http: requests.Session) -> Shop:
    return Shop(server, http)


def test_bad_parts_are_refused_alone(shop: Shop) -> None:
    good = saw(shop.experience)
    events = [
        good, None, 5, {"eventType": "other", "data": {}}, {"eventType": "bucketing"}, {"eventType": "bucketing", "data": []},
        {"eventType": "bucketing", "data": {"experienceId": {}, "variationId": 1}}, reached({"id": "no number"}),
    ]  # fmt: skip
    answer = shop.track({"visitorId": "a", "events": events}, "b", {"events": [good]}, shop.view("c"), None)
    assert answer["rejected"] == {"malformed": 6, "event_type": 1, "experience": 1, "goal": 1, "visitor": 1}, answer
    assert answer["message"].startswith("Not stored: 1 event_type, 1 experience, 1 goal, 6 malformed, 1 visitor.")
    assert shop.kinds() == {"view_experience": 2}
    listed = shop.http.get(f"{shop.own.client.base_url}/metrics", timeout=REQUEST_SECONDS).text
    assert 'sextant_experiment_events_rejected_total{reason="malformed"}' in listed
    assert 'sextant_experiment_events_rejected_total{reason="event_type"}' in listed


BAD_TEXT = {
    "NUL": '"\\u0000"', "lone surrogate": '"\\ud800"', "too large": "1e400", "not a number": "NaN",
    "twice": '{"a": 1, "a": 2}', "deep": "[" * 65 + "]" * 65, "escape": '"\\x"',
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_TEXT)
def test_what_json_may_not_hold_costs_one_event(shop: Shop, name: str) -> None:
    view = json.dumps(saw(shop.experience))
    bad = view.replace('"bucketing"', f'"bucketing", "more": {BAD_TEXT[name]}')
    visitors = [
        f'{{"visitorId": "a", "events": [{bad}, {view}, {bad}]}}',
        f'{{"visitorId": "b", "segments": {{"campaign": {BAD_TEXT[name]}}}, "events": [{view}]}}',
        f'{{"visitorId": "c", "events": [{view}]}}',
    ]
    body = f'{{"enrichData": true, "visitors": [{", ".join(visitors)}]}}'
    url = f"{shop.own.client.base_url}/v1/track/{shop.key}"
    headers = {"User-Agent": "ConvertAgent/1.0", "Content-Type": "application/json"}
    response = shop.http.post(url, data=body, headers=headers, timeout=REQUEST_SECONDS)
    assert response.status_code == 200 and response.json()["rejected"] == {"malformed": 3}, response.text
    assert shop.kinds() == {"view_experience": 2}


def test_broken_grammar_is_refused_as_a_whole(shop: Shop) -> None:
    url = f"{shop.own.client.base_url}/v1/track/{shop.key}"
    for body in ('{"visitors": [', '{"visitors": [{}},]}', '{"visitors": [{"visitorId": "a" "events": []}]}'):
        headers = {"Content-Type": "application/json"}
        assert shop.http.post(url, data=body, headers=headers, timeout=REQUEST_SECONDS).status_code == 400, body
    assert live(shop.own) == []


@pytest.mark.parametrize(
    ("segments", "told"),
    [
        ([], {}), (None, {}), ({}, {}),
        ({"country": "United States", "browser": "chrome", "devices": "mobile", "campaign": 123}, {
            "country": "US", "browser": "CH", "devices": "ALLPH", "campaign": "123"}),
        ({"country": "de", "visitorType": "new", "source": "search"}, {
            "country": "DE", "visitorType": "new", "source": "search"}),
    ],
    ids=str,
)  # fmt: skip
def test_segments_are_read_as_people_write_them(shop: Shop, segments: Any, told: Body) -> None:
    answer = shop.track(shop.view("a", segments=segments))
    assert answer == {"code": 200, "message": "All events are stored."}
    url = f"{shop.own.client.base_url}/api/v1/visitor-data/{shop.key}/a"
    assert shop.http.get(url, timeout=REQUEST_SECONDS).json()["data"] == told
    (event,) = live(shop.own)
    assert event.get("country") == told.get("country")


def test_what_is_no_segment_is_left_out_and_counted(shop: Shop) -> None:
    segments = {"visitorType": "vip", "country": "Atlantis", "browser": "chrome", "plan": "pro", "devices": ["toaster"]}
    answer = shop.track(shop.view("a", segments=segments))
    assert answer["left_out"] == {"visitor_type": 1, "country": 1, "segments": 1, "devices": 1} and "rejected" not in answer
    assert shop.kinds() == {"view_experience": 1} and live(shop.own)[0]["browser"] == "chrome"
    metrics = shop.http.get(f"{shop.own.client.base_url}/metrics", timeout=REQUEST_SECONDS).text
    assert 'sextant_experiment_values_left_out_total{value="visitor_type"}' in metrics


def test_ids_are_text_or_numbers(shop: Shop) -> None:
    data = {"experienceId": shop.experience["id"], "variationId": float(shop.experience["variations"][0]["id"])}
    conversion = {"goalId": shop.goal["id"], "bucketingData": {str(shop.experience["id"]): int(*shop.buckets.values())}}
    events = [{"eventType": "bucketing", "data": data}, {"eventType": "conversion", "data": conversion}]
    visitor = {"visitorId": 12345678901234567890, "segments": [], "events": events}
    body = {"accountId": shop.own.client.account_id, "projectId": shop.own.id, "enrichData": False, "visitors": [visitor]}
    assert shop.send(body)["message"] == "All events are stored."
    assert shop.kinds() == {"view_experience": 1, "conversion": 1}
    assert all(event["experiences"] for event in live(shop.own))
    # The same visitor, by the text of the number.
    assert shop.track(shop.view("12345678901234567890"))["rejected"] == {"repeated": 1}


def values(data: Any, buckets: Any = None) -> Any:
    return {"goalData": data, "bucketingData": buckets}


def buy(shop: Shop, data: Any, visitor: str = "a", **members: Any) -> Body:
    event = {"eventType": "conversion", "data": {"goalId": str(shop.goal["id"]), **values(data, shop.buckets)}}
    return shop.track({"visitorId": visitor, "events": [event]}, **members)


@pytest.mark.parametrize(
    ("amount", "revenue"),
    [(" 12.50 ", 12.5), ("12.5\n", 12.5), ("+1e1", 10), (7, 7), ("12,50", None), ("0x10", None), ("", None), ([1], None),
     (True, None), ("nan", None)],
    ids=repr,
)  # fmt: skip
def test_amounts_are_decimal_numbers(shop: Shop, amount: Any, revenue: float | None) -> None:
    answer = buy(shop, [{"key": "amount", "value": amount}, {"key": "transactionId", "value": "t"}])
    assert answer.get("left_out") == (None if revenue is not None else {"amount": 1}), answer
    assert shop.kinds() == {"conversion": 1, "transaction": 1}
    (bought,) = [event for event in live(shop.own) if event["event_type"] == "transaction"]
    assert bought["conversion"]["revenue"] == revenue


@pytest.mark.parametrize("nothing", [None, [], {}], ids=repr)
def test_empty_maps_are_nothing(shop: Shop, nothing: Any) -> None:
    event = {"eventType": "conversion", "data": {"goalId": str(shop.goal["id"]), **values(nothing, nothing)}}
    answer = shop.track(shop.view("a"), {"visitorId": "b", "segments": nothing, "events": nothing}, {"visitorId": "a", "events": [event]})
    assert answer["message"] == "All events are stored."
    assert shop.kinds() == {"view_experience": 1, "conversion": 1}


def test_transactions_are_known_by_their_number(shop: Shop) -> None:
    """One program writes 1004, another 1004.0, a third the text."""
    for number, id in enumerate((1004, 1004.0, "1004")):
        answer = buy(shop, [{"key": "transactionId", "value": id}])
        assert answer.get("rejected") == ({"transaction": 1} if number else None)
    # Text is an id as it is.
    for id in ("1004.0", "1004.10", "1004.1"):
        assert "rejected" not in buy(shop, [{"key": "transactionId", "value": id}])
    assert shop.kinds() == {"conversion": 1, "transaction": 4}
    left = buy(shop, [{"key": "amount", "value": 1}, {"key": "transactionId", "value": "x" * 256}])
    assert left["left_out"] == {"transaction_id": 1} and shop.kinds()["transaction"] == 5


AMOUNT = ("amount", 5)


@pytest.mark.parametrize("enriched", [True, False])
@pytest.mark.parametrize("order", ["Ruby", "JavaScript", "pixel"])
def test_a_purchase_is_one_conversion_and_one_transaction(shop: Shop, order: str, enriched: bool) -> None:
    plain, bought = reached(shop.goal, buckets=shop.buckets), reached(shop.goal, AMOUNT, buckets=shop.buckets)
    events = {"Ruby": [bought], "JavaScript": [plain, bought], "pixel": [bought, plain]}[order]
    for visitor in ("a", "b"):
        shop.track({"visitorId": visitor, "events": events}, enrichData=enriched)
    assert shop.kinds() == {"conversion": 2, "transaction": 2}
    # Who buys again has converted before.
    shop.track({"visitorId": "a", "events": [bought]}, enrichData=enriched)
    assert shop.kinds() == {"conversion": 2, "transaction": 3}
    stats = [event["conversion"].get("revenue") for event in live(shop.own) if event["event_type"] == "conversion"]
    assert stats == [None, None]


def test_sent_again_it_counts_once(shop: Shop) -> None:
    """The SDK for JavaScript sends a batch twice when another is full before the answer is there."""
    events = [saw(shop.experience), reached(shop.goal), reached(shop.goal, AMOUNT, ("transactionId", "t"))]
    visitor = {"visitorId": "a", "segments": {"custom_segments": ["4"]}, "events": events}
    assert "rejected" not in shop.send({"accountId": "", "projectId": "", "enrichData": True, "visitors": [visitor]})
    again = shop.track(visitor)
    assert again["rejected"] == {"repeated": 2, "transaction": 1} and "left_out" not in again
    assert shop.kinds() == {"view_experience": 1, "conversion": 1, "transaction": 1}


def test_much_at_once(shop: Shop) -> None:
    """Clients that could not send for long send all at once, and again until it is taken."""
    visitors = [shop.view(f"v{number}") for number in range(9_000)]
    answer = shop.track(*visitors, "bad")
    assert answer["rejected"] == {"malformed": 1}
    assert shop.track(*visitors[:10])["rejected"] == {"repeated": 10}
    assert shop.track(*visitors[-10:])["rejected"] == {"repeated": 10}


@pytest.mark.parametrize("path", ["/track", "/v1/track", "/api/v1/track"])
def test_account_and_project_in_the_body(shop: Shop, path: str) -> None:
    named = {"accountId": str(shop.own.client.account_id), "projectId": shop.own.id}
    answer = shop.post(path, {**named, "enrichData": True, "visitors": [shop.view("a")]})
    assert answer.status_code == 200 and answer.json()["message"] == "All events are stored.", answer.text
    assert shop.kinds() == {"view_experience": 1}
    # There, whoever names nobody is asked for a key as for product events.
    shared = path != "/track"
    for body, status in (
        ({"visitors": []}, 401 if shared else 422), ({**named, "projectId": "x", "visitors": []}, 400 if shared else 422),
        ({**named, "accountId": shop.own.client.account_id + 1, "visitors": []}, 404),
        ({**named, "projectId": 987654321, "visitors": []}, 404),
    ):  # fmt: skip
        assert shop.post(path, body).status_code == status, body
    assert shop.http.get(f"{shop.own.client.base_url}{path}", timeout=REQUEST_SECONDS).status_code == 405


def test_a_pixel_of_a_shop(shop: Shop) -> None:
    """One visitor, several goals an event, and the purchase before its conversion."""
    (experience, variation), goal = next(iter(shop.buckets.items())), str(shop.goal["id"])
    held = {"goals": [goal], "exps": [experience], "vars": [variation]}
    body = {
        "cid": str(shop.own.client.account_id), "pid": str(shop.own.id), "s": "shopify", "vid": "1738012108903-0.26",
        "seg": {"country": "CA", "browser": "CH", "devices": ["DESK"]}, "tid": 5544332211, "ev": [
            {"evt": "viewExp", "exps": [experience], "vars": [variation]},
            {"evt": "tr", **held, "goals": [goal, [goal]], "r": "19.90", "prc": 2},
            {"evt": "hitGoal", **held},
            {"evt": "moon"}, 5,
        ],
    }  # fmt: skip
    answer = shop.post("/track", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["rejected"] == {"event_type": 2, "repeated": 1}
    assert shop.kinds() == {"view_experience": 1, "conversion": 1, "transaction": 1}
    events = {event["event_type"]: event for event in live(shop.own)}
    assert events["transaction"]["conversion"] == {"goals": [shop.goal["id"]], "revenue": 19.9, "products_ordered_count": 2}
    assert events["conversion"]["country"] == "CA" and events["conversion"]["experiences"]
    again = shop.post("/track", {**body, "ev": [{"evt": "tr", **held, "tid": "5544332211", "r": 19.9}]}).json()
    assert again["rejected"] == {"transaction": 1}


def test_what_a_pixel_says_of_no_experience_is_told(shop: Shop) -> None:
    (experience, variation), goal = next(iter(shop.buckets.items())), str(shop.goal["id"])
    named = {"cid": str(shop.own.client.account_id), "pid": str(shop.own.id)}
    known = {"exps": [experience], "vars": [variation]}
    answers: list[tuple[Body, Body | None, Body | None]] = [
        ({"evt": "viewExp"}, {"experience": 1}, None),
        ({"evt": "viewExp", "exps": [experience], "vars": ["x"]}, {"experience": 1}, {"bucketing_data": 1}),
        ({"evt": "viewExp", "exps": [2, experience, 8], "vars": [None, variation]}, None, {"bucketing_data": 2}),
        ({"evt": "viewExp", "exps": [[2], 7, 8], "vars": [1]}, {"experience": 1}, {"bucketing_data": 2}),
        ({"evt": "hitGoal", "goals": [goal], **known, "vars": [variation, 1]}, None, {"bucketing_data": 1}),
        ({"evt": "hitGoal", "goals": [goal]}, None, None),
    ]  # fmt: skip
    for number, (event, rejected, left_out) in enumerate(answers):
        response = shop.post("/track", {**named, "vid": f"pixel {number}", "ev": [event]})
        assert response.status_code == 200, response.text
        answer = response.json()
        assert (answer.get("rejected"), answer.get("left_out")) == (rejected, left_out), (event, answer)
    assert shop.kinds() == {"view_experience": 1, "conversion": 2}


def test_segments_beyond_the_limits_are_counted(shop: Shop) -> None:
    segments = {"customSegments": [str(number) for number in range(150)], "campaign": "c" * 400}
    answer = shop.track(shop.view("ann", segments=segments))
    assert answer["left_out"] == {"custom_segments": 50, "campaign": 1}, answer
