"""The batch call: mixed events, each answered for itself; JSON and NDJSON, plain and packed; retries."""

import gzip
import json
import threading
from typing import Any
from uuid import UUID

import requests

from support.client import SEXTANT, Client, ndjson
from support.server import Sextant

EVENTS = f"{SEXTANT}/events"
MIXED: list[Any] = [
    {"event_name": "paid", "user_id": "ann", "event_id": "1", "metadata": {"n": 1}},
    {"event_type": "page_view", "user_id": "ann", "url": "https://shop.example/cart?x=1", "event_id": "2"},
    {"event_type": "track", "user_id": "ann"},
    {"event_name": "paid", "user_id": "bob", "event_id": "1"},
    {"event_type": "identify_company", "company_id": "acme", "metadata": {"plan": "pro"}},
    {"event_type": "session_start", "user_id": "ann", "session": "17", "screen_width": 1280, "screen_height": 720},
]
STATUSES = ["accepted", "accepted", "rejected", "duplicate", "accepted", "accepted"]


def check_mixed(environment: Client, answer: dict[str, Any]) -> None:
    assert [result["status"] for result in answer["results"]] == STATUSES
    assert (answer["accepted"], answer["duplicates"], answer["rejected"]) == (4, 1, 1)
    ids = [UUID(result["event_id"]) for result in answer["results"] if result["status"] == "accepted"]
    assert ids == sorted(ids) and {identifier.version for identifier in ids} == {7}
    assert environment.count_events() == 4


def test_mixed_events_as_json(environment: Client) -> None:
    check_mixed(environment, environment.ingest(MIXED))
    rows = environment.sql("select hostname, pathname from events where event_type = 'page_view'")
    assert rows == [["shop.example", "/cart"]]


def test_mixed_events_as_packed_ndjson(environment: Client) -> None:
    headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
    body = gzip.compress(ndjson(MIXED).replace(b"\n", b"\r\n\r\n"))
    response = environment.request("POST", EVENTS, data=body, headers=headers, expect=202)
    check_mixed(environment, response.json())


def test_a_bad_line_does_not_hurt_its_neighbours(environment: Client) -> None:
    good = b'{"event_name":"paid","user_id":"ann"}'
    lines = [good, b"{not json", b'{"event_name":"\xff","user_id":"ann"}', good, b"[]", good + b" " + good, good]
    headers = {"Content-Type": "application/x-ndjson"}
    answer = environment.request("POST", EVENTS, data=b"\n".join(lines), headers=headers, expect=202).json()
    statuses = [result["status"][0] for result in answer["results"]]
    assert statuses == list("arrarra") and answer["accepted"] == environment.count_events() == 3
    assert all(r["error"]["message"] for r in answer["results"] if r["status"] == "rejected")


def test_a_bad_element_does_not_hurt_its_neighbours(environment: Client) -> None:
    """In an array as in lines."""
    good = b'{"event_name":"paid","user_id":"ann"}'
    bad = [
        b'{"event_name":"a\\u0000","user_id":"ann"}', b'{"event_name":"\\ud800","user_id":"ann"}',
        b'{"event_name":"paid","user_id":"ann","metadata":{"a":1e400}}',
        b'{"event_name":"paid","user_id":"ann","metadata":{"a":1,"a":2}}',
        b'{"event_name":"paid","user_id":"ann","metadata":{"a":' + b"[" * 63 + b"]" * 63 + b"}}",
        b'{"event_name":"paid","user_id":"ann","metadata":{"a":NaN}}', b'{"event_name":"\xff","user_id":"ann"}',
    ]  # fmt: skip
    elements = [good]
    for element in bad:
        elements += [element, good]
    packed = {"Content-Type": "application/json"}
    answers = [
        environment.request("POST", EVENTS, data=b"[" + b",\n".join(elements) + b"]", headers=packed, expect=202).json(),
        environment.request(
            "POST", EVENTS, data=b"\n".join(elements), headers={"Content-Type": "application/x-ndjson"}, expect=202
        ).json(),
    ]
    for answer in answers:
        statuses = [result["status"][0] for result in answer["results"]]
        assert statuses == list("a" + "ra" * len(bad)), answer
        assert {one["error"]["reason"] for one in answer["results"] if one["status"] == "rejected"} == {"malformed"}
    assert environment.count_events() == 2 * (len(bad) + 1)
    # Where an element ends nobody can tell.
    for body in (b"[" + good + good + b"]", b"[" + good + b",]", b"[" + good, b'[{"event_name":"a" 1}]'):
        environment.request("POST", EVENTS, data=body, headers=packed, expect=400)
    assert environment.count_events() == 2 * (len(bad) + 1)


def test_idempotency_key_makes_retries_safe(environment: Client) -> None:
    events = [{"event_name": "paid", "user_id": "ann", "metadata": {"n": number}} for number in range(20)]
    first = environment.ingest(events, headers={"Idempotency-Key": "batch-1"})
    again = environment.ingest(events, headers={"Idempotency-Key": "batch-1"})
    other = environment.ingest(events, headers={"Idempotency-Key": "batch-2"})
    assert (first["accepted"], again["duplicates"], other["accepted"]) == (20, 20, 20)
    assert environment.count_events() == 40


def test_ten_thousand_events_at_once(environment: Client) -> None:
    assert environment.ingest_all(({"event_name": "e", "user_id": f"u{n}"} for n in range(10_000)), 10_000) == 10_000
    assert environment.count_events() == 10_000


def test_the_same_batch_from_many_clients_at_once(server: Sextant) -> None:
    first = server.new_environment()
    events = [{"event_name": "e", "user_id": "ann", "event_id": f"same-{number}"} for number in range(500)]
    answers: list[dict[str, Any]] = []

    def send() -> None:
        answers.append(server.client(first.token).ingest(events))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(answer["accepted"] for answer in answers) == 500
    assert sum(answer["duplicates"] for answer in answers) == 2_500
    assert first.count_events() == 500


def test_the_noop_stores_nothing(environment: Client) -> None:
    response = environment.post(f"{SEXTANT}/noop", {"user_id": "ann", "event_name": "paid"}, expect=202)
    assert response.json() == {} and environment.count_events() == 0


def test_pipelined_and_kept_alive_connections(server: Sextant, environment: Client) -> None:
    body = json.dumps({"user_id": "ann", "event_name": "paid"})
    with requests.Session() as session:
        for _ in range(50):
            headers = {"Authorization": f"Token {environment.token}", "Content-Type": "application/json"}
            assert session.post(f"{server.base_url}/v1/track", data=body, headers=headers, timeout=30).ok
    assert environment.count_events() == 50
