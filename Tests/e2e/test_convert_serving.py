"""Config and tracking, by hand, over TLS."""

import gzip
import json
import socket
import struct
from collections import Counter
from typing import Any

import pytest
import requests

from support.client import REQUEST_SECONDS
from support.convert import Body, ConvertProject, convert_client
from support.convert_kinds import GOALS
from support.server import Launch
from support.serving import KIND, add, live, new_project, new_sdk_key, reached, saw, send, track
from support.serving_over_tls import check, config, debug_token, http, project, server  # noqa: F401 - fixtures

# ---- config


def test_config_by_key(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    goal = GOALS.add(own)
    experience = add(own, [50, 50], goals=[goal["id"]])
    first = config(own, http, key)
    assert first.status_code == 200 and first.headers["Content-Type"] == "application/json"
    document = first.json()
    check(document)
    (served,) = document["experiences"]
    assert served["id"] == str(experience["id"]) and served["goals"] == [str(goal["id"])]
    assert [one["id"] for one in served["variations"]] == [str(one["id"]) for one in experience["variations"]]
    assert document["project"]["id"] == str(own.id) and not document["is_debug"]

    url, tag = f"{own.client.base_url}/api/v1/config/{key}", first.headers["ETag"]
    same = http.get(url, headers={"If-None-Match": tag}, timeout=REQUEST_SECONDS)
    assert same.status_code == 304 and not same.content and same.headers["ETag"] == tag
    packed = http.get(url, headers={"Accept-Encoding": "gzip"}, timeout=REQUEST_SECONDS, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.raw.read()) == first.content
    plain = http.get(url, headers={"Accept-Encoding": "identity"}, timeout=REQUEST_SECONDS)
    assert "Content-Encoding" not in plain.headers and plain.content == first.content

    # What has changed is in the next answer, whoever changed it.
    for status, count in (("paused", 0), ("active", 1), ("archived", 0)):
        own.update(KIND, experience["id"], {"status": status})
        answer = http.get(url, headers={"If-None-Match": tag}, timeout=REQUEST_SECONDS)
        if answer.status_code == 200:
            assert len(answer.json()["experiences"]) == count
            tag = answer.headers["ETag"]
    assert config(own, http, key).json()["archived_experiences"] == [str(experience["id"])]
    assert config(own, http, key, _conv_low_cache="1").headers["Cache-Control"] == "no-store"


def test_secrets_and_keys(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    made = new_sdk_key(own, has_secret=True)
    url = f"{own.client.base_url}/api/v1/config/{made['sdk_key']}"
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Bearer {made['sdk_secret']}"}, 200),
    ):
        assert http.get(url, headers=headers, timeout=REQUEST_SECONDS).status_code == status
    assert config(own, http, "no-such-key").status_code == 404
    assert config(own, http, made["sdk_key"], debug_token="wrong").status_code == 401
    own.client.request("DELETE", own.path("sdk-keys", made["sdk_key"], "delete"), expect=200)
    assert http.get(url, timeout=REQUEST_SECONDS).status_code == 404


def test_config_by_account_and_project(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    root = f"{own.client.base_url}/api/v1"
    address = f"{own.client.account_id}/{own.id}"
    check(http.get(f"{root}/config/{address}", timeout=REQUEST_SECONDS).json())
    settings = http.get(f"{root}/project-settings/{address}", timeout=REQUEST_SECONDS).json()
    assert settings["project_id"] == str(own.id)
    assert http.get(f"{root}/project-optional-settings/{address}", timeout=REQUEST_SECONDS).status_code == 200
    foreign = f"{own.client.account_id + 1}/{own.id}"
    for path in ("config", "project-settings", "project-optional-settings", "visitor-data"):
        tail = "/v" if path == "visitor-data" else ""
        assert http.get(f"{root}/{path}/{foreign}{tail}", timeout=REQUEST_SECONDS).status_code == 404
    own.post("update", body={"settings": {"disable_default_config": True}}, expect=201)
    assert http.get(f"{root}/config/{address}", timeout=REQUEST_SECONDS).status_code == 404


def test_previews(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    draft, running = add(own, [50, 50], status="draft"), add(own, [50, 50])
    token = debug_token(own)
    assert [one["id"] for one in config(own, http, key).json()["experiences"]] == [str(running["id"])]
    shown = config(own, http, key, debug_token=token)
    assert shown.headers["Cache-Control"] == "no-store" and shown.json()["is_debug"]
    assert {one["id"] for one in shown.json()["experiences"]} == {str(draft["id"]), str(running["id"])}
    only = config(own, http, key, debug_token=token, exp=str(draft["id"])).json()["experiences"]
    assert [one["id"] for one in only] == [str(draft["id"])]
    assert config(own, http, key, exp="x").status_code == 422
    other = new_project(project)
    foreign = config(other, http, new_sdk_key(other)["sdk_key"], debug_token=token)
    assert foreign.status_code == 401


# ---- tracking


def test_events_are_stored_once(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    goal, other = GOALS.add(own), GOALS.add(own)
    experience = add(own, [50, 50], goals=[goal["id"]])
    segments = {"browser": "CH", "devices": ["ALLPH", "IPH"], "country": "DE", "source": "search"}
    first = track(own, http, key, {"visitorId": "a", "segments": segments, "events": [saw(experience)]})
    assert first["message"] == "All events are stored."
    # Seen again, in whatever variation: the first one counts.
    assert "1 repeated" in track(own, http, key, {"visitorId": "a", "events": [saw(experience, 1)]})["message"]
    bought = reached(goal, ("amount", 9.5), ("productsCount", 2), ("transactionId", "t1"))
    track(own, http, key, {"visitorId": "a", "events": [bought]})
    assert "1 transaction" in track(own, http, key, {"visitorId": "a", "events": [bought]})["message"]
    track(own, http, key, {"visitorId": "a", "events": [reached(other)]})
    events = live(own)
    # A purchase is a conversion, too.
    assert [one["event_type"] for one in events] == ["conversion", "transaction", "conversion", "view_experience"]
    transaction, view = events[1], events[3]
    assert transaction["conversion"] == {"goals": [goal["id"]], "revenue": 9.5, "products_ordered_count": 2}
    # What was told of the visitor once is filled in.
    for event in (transaction, view):
        assert event["browser"] == "chrome" and event["country"] == "DE" and "iPhone" in event["devices"], event
    url = f"{own.client.base_url}/api/v1/visitor-data/{key}/a"
    known = http.get(url, timeout=REQUEST_SECONDS).json()
    assert known["data"]["country"] == "DE" and known["data"]["devices"] == "ALLPH,IPH"


def test_clients_that_remember_answer_for_duplicates(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    goal = GOALS.add(own)
    experience = add(own, [50, 50], goals=[goal["id"]])
    for _ in range(2):
        track(own, http, key, {"visitorId": "a", "events": [saw(experience)]}, enrichData=False)
    track(own, http, key, {"visitorId": "a", "events": [reached(goal)]}, enrichData=False)
    buckets = {str(experience["id"]): str(experience["variations"][1]["id"])}
    track(own, http, key, {"visitorId": "a", "events": [reached(goal, buckets=buckets)]}, enrichData=False)
    counted = Counter(event["event_type"] for event in live(own))
    assert counted == {"view_experience": 2, "conversion": 2}
    # Without its bucketing a conversion counts for no experience.
    counted = Counter(event["event_type"] for event in live(own, experiences=[experience["id"]]))
    assert counted["conversion"] == 1


def test_what_cannot_count_is_dropped(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    goal, archived = GOALS.add(own), GOALS.add(own)
    running, paused = add(own, [50, 50], goals=[goal["id"]]), add(own, [50, 50])
    own.update("goals", archived["id"], {"status": "archived"})
    own.update(KIND, paused["id"], {"status": "paused"})
    foreign = saw(running)
    foreign["data"]["variationId"] = saw(paused)["data"]["variationId"]
    nowhere = {"eventType": "bucketing", "data": {"experienceId": "none", "variationId": "1"}}
    events = [saw(paused), nowhere, foreign, reached(archived), reached({"id": 987654321}), saw(running)]
    message = track(own, http, key, {"visitorId": "a", "events": events}, {"visitorId": "", "events": [saw(running)]})
    assert message["message"] == "Not stored: 2 experience, 2 goal, 1 variation, 1 visitor."
    sent = {"visitors": [{"visitorId": "b", "events": [saw(running)]}]}
    bot = send(own, http, key, sent, **{"User-Agent": "Googlebot"})
    assert bot.status_code == 200 and "1 bot" in bot.json()["message"]
    counted = http.get(f"{own.client.base_url}/metrics", timeout=REQUEST_SECONDS).text
    for reason in ("bot", "experience", "goal", "variation", "visitor"):
        assert f'sextant_experiment_events_rejected_total{{reason="{reason}"}}' in counted, counted[-3000:]
    assert len(live(own)) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"visitors": None},
        {"visitors": {"visitorId": "a"}},
        {"visitors": [], "projectId": "987654321"},
        {"visitors": [], "accountId": 987654321},
        [],
    ],
    ids=["nothing", "null", "visitor", "project", "account", "array"],
)
def test_bad_bodies(project: ConvertProject, http: requests.Session, body: Body) -> None:
    own = new_project(project)
    response = send(own, http, new_sdk_key(own)["sdk_key"], body)
    # What is wrong with the whole body has no field.
    assert response.status_code == 422 and (body == [] or response.json()["fields"]), response.text
    assert live(own) == []
    assert send(own, http, "no-such-key", {"visitors": []}).status_code == 404


PROXY = {"SEXTANT_TRUSTED_PROXIES": "127.0.0.0/8"}


def test_blocked_addresses_are_left_out(launch: Launch) -> None:
    server = launch(PROXY)
    project = ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"])
    key = new_sdk_key(project)["sdk_key"]
    experience = add(project, [50, 50])
    http = requests.Session()
    http.trust_env = False

    def told(client: str, visitor: str) -> str:
        body = {"visitors": [{"visitorId": visitor, "events": [saw(experience)]}]}
        message: str = send(project, http, key, body, **{"X-Forwarded-For": client}).json()["message"]
        return message

    def block(path: str, **lists: Any) -> requests.Response:
        member = "reporting_settings" if path == own else "settings"
        return project.client.request("POST", path, {member: {"blocked_ips": lists}})

    own = f"/accounts/{project.client.account_id}/projects/{project.id}/update"
    account = f"/accounts/{project.client.account_id}/details"
    single, range = [{"value": "203.0.113.7", "name": "office"}], [{"start": "2001:db8::", "end": "2001:db8::ff"}]
    assert told("203.0.113.7", "before") == "All events are stored."
    assert block(own, single=single, range=range).ok
    for address in ("203.0.113.7", "198.51.100.1, 203.0.113.7", "2001:db8::80", "::ffff:203.0.113.7"):
        assert told(address, "office") == "Not stored: 1 address."
    # What is written before the last stranger may be made up.
    assert told("203.0.113.7, 198.51.100.1", "a") == told("2001:db8::100", "b") == "All events are stored."
    decision = {"visitor_id": "office", "record": True}
    headers = {"Authorization": f"Bearer {key}", "X-Forwarded-For": "203.0.113.7"}
    url = f"{server.base_url}/api/sextant/v1/decide"
    decided = http.post(url, json=decision, headers=headers, timeout=REQUEST_SECONDS).json()
    assert [one["id"] for one in decided["experiences"]] == [str(experience["id"])]
    # The account's hold in all its projects.
    assert block(account, range=[{"start": "198.51.100.0", "end": "198.51.100.255"}]).ok
    assert told("198.51.100.1", "c") == "Not stored: 1 address."
    assert block(own, single=[], range=[]).ok
    assert told("203.0.113.7", "office") == "All events are stored."
    assert len(live(project)) == 4
    for path in (own, account):
        assert block(path, range=[{"start": "1.1.1.2", "end": "1.1.1.1"}]).status_code == 422
        assert block(path, range=[{"start": "1.1.1.2", "end": "::1"}]).status_code == 422
        assert block(path, single=[{"value": "1.1.1"}]).status_code == 422


def test_nobody_else_says_whom_they_speak_for(project: ConvertProject, http: requests.Session) -> None:
    blocked = {"reporting_settings": {"blocked_ips": {"single": [{"value": "203.0.113.7"}]}}}
    own = new_project(project, **blocked)
    key = new_sdk_key(own)["sdk_key"]
    body = {"visitors": [{"visitorId": "a", "events": [saw(add(own, [50, 50]))]}]}
    sent = send(own, http, key, body, **{"X-Forwarded-For": "203.0.113.7"})
    assert sent.json()["message"] == "All events are stored."


def test_who_hangs_up_is_blocked_all_the_same(launch: Launch) -> None:
    server = launch()
    own = ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"])
    key = new_sdk_key(own)["sdk_key"]
    experience = add(own, [50, 50])
    blocked = {"reporting_settings": {"blocked_ips": {"single": [{"value": "127.0.0.1"}]}}}
    assert own.post("update", body=blocked).ok
    for number in range(30):
        body = json.dumps({"visitors": [{"visitorId": f"v{number}", "events": [saw(experience)]}]})
        head = f"POST /v1/track/{key} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    # One that is heard to the end comes after them.
    assert send(own, requests.Session(), key, {"visitors": []}).status_code == 200
    assert not live(own)


def test_both_addresses_take_events(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    experience = add(own, [50, 50])
    key, root = new_sdk_key(own)["sdk_key"], own.client.base_url
    for number, path in enumerate(
        f"{prefix}/track/{name}" for prefix in ("/v1", "/api/v1") for name in (key, f"{own.client.account_id}/{own.id}")
    ):
        body = {"visitors": [{"visitorId": f"v{number}", "events": [saw(experience)]}]}
        assert http.post(root + path, json=body, timeout=REQUEST_SECONDS).status_code == 200, path
    assert {event["event_type"] for event in live(own)} == {"view_experience"} and len(live(own)) == 4


def test_nothing_acknowledged_is_lost(launch: Launch) -> None:
    """Killed right after an answer, again and again: what was answered is there, once."""
    server = launch()
    project = ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"])
    key = new_sdk_key(project)["sdk_key"]
    experience = add(project, [50, 50])
    with requests.Session() as http:
        for round in range(3):
            for number in range(10):
                track(project, http, key, {"visitorId": f"{round}-{number}", "events": [saw(experience)]})
            server.kill()
            server.start()
            project.client.base_url = server.base_url
            # Sent again, as a client does that got no answer.
            again = track(project, http, key, {"visitorId": f"{round}-9", "events": [saw(experience)]})
            assert "1 repeated" in again["message"]
    assert len(live(project)) == 30
