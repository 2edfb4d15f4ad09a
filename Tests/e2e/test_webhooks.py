"""Subscriptions and deliveries: what is sent, to whom, signed how, and what happens when receivers fail."""

import base64
import hmac
import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook

from support.client import SEXTANT, Client
from support.polling import wait_until
from support.receiver import Message, Receiver
from support.reports import ReportedShop
from support.server import Launch, Sextant
from support.serving import KIND, environment_client, saw

HOOKS = f"{SEXTANT}/webhooks"
CRASHES = int(os.environ.get("SEXTANT_CRASHES", "10"))
"""How often a server is killed."""


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch(environment={"SEXTANT_FETCH_NETWORKS": "127.0.0.0/8"})


@pytest.fixture
def environment(server: Sextant) -> Client:
    return server.new_environment()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def subscribe(client: Client, receiver: Receiver, event_type: str = "CUSTOM", path: str = "/hook") -> dict[str, Any]:
    body = {"name": "test", "callback_url": receiver.url(path), "event_type": event_type}
    made: dict[str, Any] = client.post(HOOKS, body, expect=201).json()
    return made


def names(messages: list[Message]) -> list[str]:
    return [message.json["event"]["eventName"] for message in messages]


def deliveries(client: Client, hook: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{HOOKS}/{hook['id']}/deliveries", params=query).json()["data"]
    return found


def test_an_event_is_told_in_the_vendors_shape_and_signed(environment: Client, receiver: Receiver) -> None:
    hook = subscribe(environment, receiver)
    environment.post("/v1/identify", {"user_id": "ann", "metadata": {"email": "ann@x.io"}, "company": {"id": "acme"}}, expect=202)
    environment.track("ann", "paid", {"amount": 5})
    wait_until(lambda: receiver.messages, "the message")
    (message,) = receiver.messages
    Webhook(hook["secret"]).verify(message.body, message.headers)
    moment, signature = (part.split("=")[1] for part in message.headers["x-signature"].split(","))
    key = base64.b64decode(hook["secret"].removeprefix("whsec_"))
    assert hmac.new(key, message.body + f".{moment}".encode(), "sha256").hexdigest() == signature
    assert message.headers["content-type"] == "application/json"
    body = message.json
    assert body["user"]["identifyId"] == "ann" and body["user"]["email"] == "ann@x.io"
    assert isinstance(body["user"]["signUpDate"], int) and body["account"]["id"] == "acme"
    event = body["event"]
    assert event["eventType"] == "CUSTOM" and event["eventName"] == "paid" and event["attributes"] == {"amount": 5}
    assert {"eventId", "propertyKey", "date", "sessionId", "globalContext", "userType"} <= set(event)
    assert body["configId"] == str(hook["id"])
    (delivery,) = wait_until(lambda: deliveries(environment, hook), "the log")
    assert delivery["state"] == "delivered" and delivery["status"] == 204 and delivery["message_id"] == message.id
    whole = environment.get(f"{HOOKS}/{hook['id']}/deliveries/{delivery['id']}").json()
    assert whole["body"].encode() == message.body


def test_a_sign_up_is_told_once(environment: Client, receiver: Receiver) -> None:
    subscribe(environment, receiver, "SIGN_UP")
    everything = subscribe(environment, receiver, "last", "/last")

    def signed_up() -> list[str]:
        told = len(receiver.messages)
        environment.track("zoe", "last")
        wait_until(lambda: [m for m in receiver.messages[told:] if m.path == "/last"], "the last event")
        time.sleep(0.5)
        return [message.json["user"]["identifyId"] for message in receiver.messages if message.path == "/hook"]

    identify = {"event_type": "identify_user", "user_id": "ann"}
    # Several at once are one, and who was seen before signs up when they are identified.
    environment.post(f"{SEXTANT}/events", [identify] * 3, expect=202)
    environment.track("visitor", "seen")
    environment.post("/v1/identify", {"user_id": "visitor"}, expect=202)
    environment.post("/v1/identify", {"user_id": "visitor"}, expect=202)
    assert signed_up() == ["ann", "visitor"] and everything["state"] == "active"
    # Whoever comes back after a deletion is new.
    environment.request("DELETE", "/v1/users", json={"users": ["ann"]}, expect=202)
    wait_until(lambda: environment.get(f"{SEXTANT}/users/ann", expect=None).status_code == 404, "the deletion")
    environment.post("/v1/identify", {"user_id": "ann"}, expect=202)
    assert signed_up() == ["ann", "visitor", "ann"]


def test_in_order_and_only_what_was_asked_for(server: Sextant, environment: Client, receiver: Receiver) -> None:
    environment.track("ann", "before")
    subscribe(environment, receiver)
    subscribe(environment, receiver, "checkout", "/named")
    subscribe(environment, receiver, "sign up", "/new")
    subscribe(environment, receiver, "feature-match", "/features")
    other = server.new_environment()
    other.track("eve", "of another tenant")
    events = [{"event_type": "track", "event_name": f"e{number}", "user_id": "ann"} for number in range(250)]
    events.insert(100, {"event_type": "track", "event_name": "checkout", "user_id": "bob"})
    events.insert(50, {"event_type": "track_feature", "event_name": "tag-1", "user_id": "ann"})
    environment.post(f"{SEXTANT}/events", events, expect=202)
    environment.post("/v1/identify", {"user_id": "new"}, expect=202)
    environment.post("/v1/identify", {"user_id": "new"}, expect=202)
    wanted = [event["event_name"] for event in events if event["event_type"] == "track"]
    wait_until(lambda: len(receiver.of("/hook")) >= len(wanted), "all messages")
    wait_until(lambda: receiver.of("/new") and receiver.of("/features") and receiver.of("/named"), "the other kinds")
    assert names(receiver.of("/hook")) == wanted
    assert names(receiver.of("/named")) == ["checkout"]
    assert [message.json["event"]["featureId"] for message in receiver.of("/features")] == ["tag-1"]
    assert [message.json["user"]["identifyId"] for message in receiver.of("/new")] == ["new"]
    assert len({message.id for message in receiver.messages}) == len(receiver.messages)


def test_what_fails_comes_again_under_its_id(environment: Client, receiver: Receiver) -> None:
    hook = subscribe(environment, receiver)
    failures = {"a": 1, "c": 1}

    def answer(message: Message) -> tuple[int, dict[str, str]]:
        name = message.json["event"]["eventName"]
        if failures.get(name, 0) > 0:
            failures[name] -= 1
            return 503, {"Retry-After": "1"}
        return 200, {}

    receiver.answer = answer
    for name in "abcd":
        environment.track("ann", name)
    wait_until(lambda: not deliveries(environment, hook, state="waiting") and len(receiver.messages) >= 6, "all of them")
    sent = [(message.json["event"]["eventName"], message.id) for message in receiver.messages]
    assert sorted(name for name, _ in sent) == ["a", "a", "b", "c", "c", "d"]
    assert len({identifier for name, identifier in sent if name == "a"}) == 1
    assert {delivery["state"] for delivery in deliveries(environment, hook)} == {"delivered"}
    assert sorted(delivery["attempts"] for delivery in deliveries(environment, hook)) == [1, 1, 2, 2]


def test_gone_disables_and_redirects_are_not_followed(environment: Client, receiver: Receiver) -> None:
    hook = subscribe(environment, receiver)
    receiver.answer = lambda message: (302, {"Location": receiver.url("/elsewhere")})
    environment.track("ann", "redirected")
    (waiting,) = wait_until(lambda: deliveries(environment, hook, state="waiting"), "the failure")
    assert waiting["status"] == 302 and "redirect" in waiting["answer"] and not receiver.of("/elsewhere")
    receiver.answer = lambda message: (410, {})
    environment.post(f"{HOOKS}/{hook['id']}/replay", {"from_id": waiting["id"]}, expect=202)
    shown = wait_until(
        lambda: (now := environment.get(f"{HOOKS}/{hook['id']}").json())["state"] == "disabled" and now, "410"
    )
    assert "410" in shown["reason"]
    environment.track("ann", "unheard")
    receiver.answer = lambda message: (200, {})
    environment.request("PATCH", f"{HOOKS}/{hook['id']}", json={"state": "active"}, expect=200)
    wait_until(lambda: "unheard" in names(receiver.messages), "what happened meanwhile")


def test_pause_rotate_test_and_delete(environment: Client, receiver: Receiver) -> None:
    hook = subscribe(environment, receiver)
    place = f"{HOOKS}/{hook['id']}"
    environment.request("PATCH", place, json={"state": "paused"}, expect=200)
    environment.track("ann", "meanwhile")
    assert environment.post(f"{place}/test", expect=200).json() == {"status": 204, "answer": ""}
    assert [message.json.get("test") for message in receiver.messages] == [True]
    rotated = environment.post(f"{place}/rotate-secret", expect=200).json()["secret"]
    assert rotated != hook["secret"]
    environment.request("PATCH", place, json={"state": "active"}, expect=200)
    wait_until(lambda: len(receiver.messages) == 2, "what happened while it was paused")
    message = receiver.messages[1]
    assert message.json["event"]["eventName"] == "meanwhile"
    # A day long receivers may check with either secret.
    for secret in (hook["secret"], rotated):
        Webhook(secret).verify(message.body, message.headers)
    environment.request("DELETE", place, expect=204)
    environment.get(place, expect=404)
    environment.track("ann", "too late")
    assert environment.get(HOOKS).json() == [] and len(receiver.messages) == 2


def test_events_since_a_time_go_out_again(environment: Client, receiver: Receiver) -> None:
    hook = subscribe(environment, receiver)
    environment.track("ann", "first")
    wait_until(lambda: receiver.messages, "the first")
    wait_until(lambda: deliveries(environment, hook), "its storing")
    environment.post(f"{HOOKS}/{hook['id']}/replay", {"since": "2020-01-01"}, expect=202)
    wait_until(lambda: len(receiver.messages) >= 2, "the second time")
    assert names(receiver.messages)[:2] == ["first", "first"]
    assert receiver.messages[0].id == receiver.messages[1].id


def test_a_dead_receiver_holds_up_nobody(environment: Client, receiver: Receiver) -> None:
    release = threading.Event()
    receiver.answer = lambda message: (release.wait(60) and (200, {})) or (500, {})
    with Receiver() as good:
        subscribe(environment, receiver)
        subscribe(environment, good)
        for number in range(20):
            environment.track("ann", f"e{number}")
        wait_until(lambda: len(good.messages) >= 20, "the good receiver's messages")
        assert len(receiver.messages) <= 1
        release.set()


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.1/x", "http://[::ffff:10.0.0.1]/", "http://169.254.169.254/latest", "http://[fe80::1]/",
        "http://[::1]/", "ftp://example.com/", "file:///etc/passwd", "https://user:secret@example.com/", "//example.com",
        "https://example.com/#part", "https://exa mple.com/", "javascript:alert(1)", "https:///nothing", "http://0x7f.1/ ",
    ],
)  # fmt: skip
def test_addresses_that_may_not_be(environment: Client, address: str) -> None:
    body = {"name": "x", "callback_url": address, "event_type": "CUSTOM"}
    assert environment.post(HOOKS, body).status_code == 400


def test_without_leave_of_the_operator_this_machine_is_not_reached(launch: Launch, receiver: Receiver) -> None:
    client = launch().new_environment()
    refused = client.post(HOOKS, {"name": "x", "callback_url": receiver.url(), "event_type": "CUSTOM"})
    assert refused.status_code == 400 and "public internet" in refused.text
    # A name that leads there is refused when it is connected to.
    port = receiver.server.server_address[1]
    named = {"name": "x", "callback_url": f"http://127.0.0.1.nip.invalid:{port}/", "event_type": "CUSTOM"}
    hook = client.post(HOOKS, named, expect=201).json()
    answer = client.post(f"{HOOKS}/{hook['id']}/test", expect=200).json()
    assert answer["status"] is None and answer["answer"]
    assert not receiver.messages


def test_keys_and_tenants(server: Sextant, environment: Client, receiver: Receiver) -> None:
    hook = subscribe(environment, receiver)
    other = server.new_environment()
    for method, path, body in (
        ("GET", "", None), ("PATCH", "", {"name": "mine"}), ("DELETE", "", None), ("POST", "/test", None),
        ("POST", "/rotate-secret", None), ("GET", "/deliveries", None), ("POST", "/replay", {"from_id": 1}),
    ):  # fmt: skip
        other.request(method, f"{HOOKS}/{hook['id']}{path}", json=body, expect=404)
    assert other.get(HOOKS).json() == []


def test_a_person_who_is_deleted_leaves_the_log_of_deliveries(environment: Client, receiver: Receiver) -> None:
    hook = subscribe(environment, receiver)
    environment.track("zz_gone", "seen")
    wait_until(lambda: deliveries(environment, hook), "the delivery")
    environment.request("DELETE", "/v1/users", json={"users": ["zz_gone"]}, expect=202)
    wait_until(lambda: not deliveries(environment, hook), "its removal")


def announced(receiver: Receiver, path: str) -> list[dict[str, Any]]:
    """What was told there, whatever is the same of all taken out."""
    bodies = [message.json for message in receiver.of(path)]
    assert all(set(body) >= {"event", "configId"} and body["event"]["eventId"] for body in bodies)
    return bodies


def test_what_becomes_of_experiences_is_told_in_their_environment(
    server: Sextant, http: requests.Session, receiver: Receiver
) -> None:
    settings = {"stats_engine_processing": {"stats_type": "frequentist", "test_type": "sequential"}}
    shop = ReportedShop(server, http, [50, 50], settings=settings)
    client = environment_client(server, shop.project)
    for kind in ("STARTED", "STOPPED", "SIGNIFICANT", "SRM"):
        subscribe(client, receiver, f"EXPERIENCE_{kind}", f"/{kind}")
        # Nobody else hears of it: neither another tenant nor another environment.
        subscribe(server.new_environment(), receiver, f"EXPERIENCE_{kind}", "/others")
    subscribe(client, receiver, "experience_started", "/custom")
    id = shop.experience["id"]
    shop.project.update(KIND, id, {"status": "paused"})
    shop.project.update(KIND, id, {"status": "active"})
    (stopped,) = wait_until(lambda: announced(receiver, "/STOPPED"), "the pause")
    assert stopped["event"]["eventType"] == "EXPERIENCE_STOPPED" and stopped["cause"] is None
    assert stopped["experience"]["id"] == id and stopped["experience"]["status"] == "paused"
    wait_until(lambda: announced(receiver, "/STARTED"), "the start")
    shop.simulate(2_000, [0.05, 0.4])
    (found,) = wait_until(lambda: announced(receiver, "/SIGNIFICANT"), "the finding", seconds=120)
    assert found["result"] == "winner" and found["goal_id"] == shop.goal["id"]
    assert [one["id"] for one in found["variations"]] == shop.variations
    # What stays so is told once; what is new is.
    shop.send(*({"visitorId": f"more-{number}", "events": [saw(shop.experience, 0)]} for number in range(2_000)))
    (mismatch,) = wait_until(lambda: announced(receiver, "/SRM"), "the alarm", seconds=120)
    assert [one["id"] for one in mismatch["variations"]] == shop.variations
    assert len(announced(receiver, "/SIGNIFICANT")) == 1
    shop.project.delete(KIND, id)
    wait_until(lambda: len(announced(receiver, "/STOPPED")) == 2, "the removal")
    assert announced(receiver, "/STOPPED")[1]["experience"]["status"] == "deleted"
    assert not receiver.of("/others") and not receiver.of("/custom")
    assert len({message.id for message in receiver.messages}) == len(receiver.messages)


def test_one_that_goes_on_in_another_environment_ends_in_its_own(
    server: Sextant, http: requests.Session, receiver: Receiver
) -> None:
    shop = ReportedShop(server, http, [50, 50])
    environments = {name: {"label": name, "is_default": name == "production"} for name in ("production", "staging")}
    shop.project.post("update", body={"environments": environments}, expect=201)
    for environment in environments:
        client = environment_client(server, shop.project, environment)
        for kind in ("STARTED", "STOPPED"):
            subscribe(client, receiver, f"EXPERIENCE_{kind}", f"/{environment}/{kind}")
    shop.project.update(KIND, shop.experience["id"], {"environment": "staging"})
    (started,) = wait_until(lambda: announced(receiver, "/staging/STARTED"), "the start where it is now")
    (stopped,) = wait_until(lambda: announced(receiver, "/production/STOPPED"), "the end where it was")
    assert started["experience"]["environment"] == "staging" and started["experience"]["status"] == "active"
    assert stopped["experience"]["environment"] == "production" and stopped["experience"]["status"] == "moved"
    shop.project.update(KIND, shop.experience["id"], {"name": "Another name"})
    shop.project.update(KIND, shop.experience["id"], {"status": "paused"})
    wait_until(lambda: announced(receiver, "/staging/STOPPED"), "the pause")
    assert len(announced(receiver, "/staging/STARTED")) == 1 and len(announced(receiver, "/production/STOPPED")) == 1


def test_fields_that_are_wrong_are_named_as_the_interface_names_them(environment: Client) -> None:
    hook = {"name": "x", "callback_url": "http://10.0.0.1/", "event_type": "paid"}
    refused = environment.post(HOOKS, hook, expect=400).json()
    assert "callback_url" in str(refused) and "callbackUrl" not in str(refused)


def test_finished_exports_are_told_and_told_again(server: Sextant, environment: Client, receiver: Receiver) -> None:
    hook = subscribe(environment, receiver, "EXPORT_FINISHED")
    subscribe(server.new_environment(), receiver, "EXPORT_FINISHED", "/others")
    environment.track("ann", "paid")
    export = environment.export("2020-01-01", "2020-01-02")
    (told,) = wait_until(lambda: announced(receiver, "/hook"), "the end")
    assert told["export"]["id"] == export.job["job_id"] and told["export"]["status"] == "completed"
    assert told["export"]["failure_reason"] is None
    wait_until(lambda: deliveries(environment, hook, state="delivered"), "its storing")
    environment.request("PATCH", f"{HOOKS}/{hook['id']}", json={"state": "paused"}, expect=200)
    environment.export("2020-01-01", "2020-01-02")
    environment.request("PATCH", f"{HOOKS}/{hook['id']}", json={"state": "active"}, expect=200)
    wait_until(lambda: len(receiver.of("/hook")) == 2, "what ended while it was paused")
    wait_until(lambda: len(deliveries(environment, hook, state="delivered")) == 2, "its storing")
    environment.post(f"{HOOKS}/{hook['id']}/replay", {"since": "2020-01-01"}, expect=202)
    wait_until(lambda: len(receiver.of("/hook")) == 4, "both again")
    ids = [message.id for message in receiver.of("/hook")]
    assert ids[:2] == ids[2:] and not receiver.of("/others")


def test_a_hundred_subscriptions_of_an_environment_are_told_within_a_second(
    environment: Client, receiver: Receiver
) -> None:
    for number in range(90):
        subscribe(environment, receiver, f"idle {number}")
    for number in range(10):
        subscribe(environment, receiver, "CUSTOM", f"/{number}")
    environment.track("ann", "warm")
    wait_until(lambda: len(receiver.messages) == 10, "the first")
    for number in range(20):
        environment.track("ann", f"idle {number * 3}")
    wait_until(lambda: len(receiver.messages) == 10 + 20 * 11, "all of them")
    for number in range(10):
        assert names(receiver.of(f"/{number}")) == ["warm"] + [f"idle {number * 3}" for number in range(20)]
    assert names(receiver.of("/hook")).count("idle 3") == 1


def test_kills_between_cause_and_delivery_lose_nothing(launch: Launch, receiver: Receiver) -> None:
    """Every event is told at least once, and what is told twice is told under one id."""
    server = launch(environment={"SEXTANT_FETCH_NETWORKS": "127.0.0.0/8"})
    client = server.client()
    subscribe(client, receiver)
    sent: list[str] = []
    for crash in range(CRASHES):
        for number in range(40):
            name = f"{crash}-{number}"
            client.track("ann", name)
            sent.append(name)
        time.sleep(0.03 * (crash % 20))  # at another moment of their telling
        server.kill()
        server.start()
    wait_until(lambda: set(sent) <= set(names(receiver.messages)), "every event")
    by_id: dict[str, set[str]] = {}
    for message in list(receiver.messages):
        by_id.setdefault(message.json["event"]["eventName"], set()).add(message.id)
    assert all(len(identifiers) == 1 for identifiers in by_id.values())
    print(f"{CRASHES} crashes: {len(sent)} events, {len(receiver.messages) - len(sent)} told twice or more often")
