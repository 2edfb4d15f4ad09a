"""Config and tracking, by hand and through the vendor's own SDK for Python, over TLS."""

import gzip
import json
import socket
import struct
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from convert_sdk import Core, SDKConfig
from convert_sdk.config import TransportConfig
from openapi_schema_validator import OAS30Validator

from support.client import REQUEST_SECONDS
from support.convert import Body, ConvertProject, convert_client
from support.convert_kinds import AUDIENCES, GOALS
from support.server import REPOSITORY, Launch, Sextant
from support.serving import KIND, add, live, new_project, new_sdk_key, reached, saw, send, track

VARIABLES = [
    {"key": "on", "type": "boolean", "default_value": False},
    {"key": "title", "type": "string", "default_value": "Hello"},
    {"key": "size", "type": "integer", "default_value": 4},
    {"key": "ratio", "type": "float", "default_value": 1.5},
    {"key": "more", "type": "json", "default_value": '{"a":1}'},
]
PRO = {
    "rule_type": "generic_text_key_value",
    "key": "plan",
    "value": "pro",
    "matching": {"match_type": "matches", "negated": False},
}
VISITORS = 10_000


@pytest.fixture(scope="module")
def server(launch: Launch, certificate: tuple[Path, Path]) -> Sextant:
    return launch(certificate=certificate)


@pytest.fixture(scope="module")
def http(server: Sextant) -> Iterator[requests.Session]:
    assert server.certificate is not None
    with requests.Session() as session:
        session.verify = str(server.certificate[0])
        session.trust_env = False
        yield session


@pytest.fixture(scope="module")
def project(server: Sextant, http: requests.Session) -> ConvertProject:
    client = convert_client(server)
    client.session.verify = http.verify
    return ConvertProject(client, server.credentials["projects"]["fullstack"]["id"])


def debug_token(project: ConvertProject) -> str:
    token: str = project.client.request("GET", project.path("generate-debug-token"), expect=200).json()["data"]["value"]
    return token


def config(project: ConvertProject, http: requests.Session, key: str, **query: str) -> requests.Response:
    url = f"{project.client.base_url}/api/v1/config/{key}"
    return http.get(url, params=query, timeout=REQUEST_SECONDS)


def check(document: Body) -> None:
    loaded = yaml.safe_load((REPOSITORY / "Sources/Gateway/Contract/Documents/convert-serving.yaml").read_text())
    schema = {"$ref": "#/components/schemas/ConfigResponseData", "components": loaded["components"]}
    assert not [error.message for error in OAS30Validator(schema).iter_errors(document)]


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


# ---- decisions


def decide(
    project: ConvertProject, http: requests.Session, key: str, visitor: str, expect: int = 200, **members: Any
) -> Body:
    response = http.post(
        f"{project.client.base_url}/api/sextant/v1/decide",
        json={"visitor_id": visitor, **members},
        headers={"Authorization": f"Bearer {key}"},
        timeout=REQUEST_SECONDS,
    )
    assert response.status_code == expect, response.text
    answer: Body = response.json()
    return answer


def test_decisions_are_recorded_and_kept(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    audience = AUDIENCES.add(own, rules={"OR": [{"AND": [{"OR_WHEN": [PRO]}]}]})
    experience = add(own, [50, 50], audiences=[audience["id"]])
    assert decide(own, http, key, "ann")["experiences"] == []
    looked = decide(own, http, key, "ann", attributes={"plan": "pro"})
    (decided,) = looked["experiences"]
    assert decided["key"] == experience["key"] and live(own) == []
    for _ in range(2):
        assert decide(own, http, key, "ann", attributes={"plan": "pro"}, record=True) == looked
    (event,) = live(own)
    assert str(event["experiences"][0]["variation"]) == decided["variation"]["id"]
    # Who is in stays in, whatever the shares are now, as long as the audience is theirs.
    assert decide(own, http, key, "ann")["experiences"] == []
    other = next(one["id"] for one in experience["variations"] if str(one["id"]) != decided["variation"]["id"])
    ids = [one["id"] for one in experience["variations"]]
    shares = [{"id": id, "traffic_distribution": 100 if id == other else 0} for id in ids]
    own.update(KIND, experience["id"], {"variations": shares})
    assert decide(own, http, key, "ann", attributes={"plan": "pro"}) == looked
    (moved,) = decide(own, http, key, "bob", attributes={"plan": "pro"})["experiences"]
    assert moved["variation"]["id"] == str(other)


def test_features_are_decided_with_their_types(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own, has_secret=True)
    bearer = f"{key['sdk_key']}:{key['sdk_secret']}"
    feature = own.add("features", {"name": "Banner", "key": "banner", "variables": VARIABLES})
    sets = {"on": True, "size": 7, "more": '{"b":2}'}
    change = {"type": "fullStackFeature", "data": {"feature_id": feature["id"], "variables_data": sets}}
    off = decide(own, http, bearer, "ann")["features"]
    named = {"id": str(feature["id"]), "key": "banner", "name": "Banner"}
    assert off == [{**named, "status": "disabled", "experience_key": None, "variables": {}}]
    experience = add(own, [], type="feature_rollout", variations=[{"name": "With", "changes": [change]}])
    (on,) = decide(own, http, bearer, "ann")["features"]
    assert on["status"] == "enabled" and on["experience_key"] == experience["key"]
    assert on["variables"] == {"on": True, "title": "Hello", "size": 7, "ratio": 1.5, "more": {"b": 2}}
    decide(own, http, key["sdk_key"], "ann", expect=401)
    decide(own, http, "sdk_unknown", "ann", expect=401)


def test_who_is_in_one_is_kept_out_of_another(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    first = add(own, [50, 50], traffic_distribution=50)
    rule = {
        "rule_type": "bucketed_into_experience", "value": True,
        "matching": {"match_type": "equals", "negated": True},
    }  # fmt: skip
    audience = AUDIENCES.add(own, rules={"OR": [{"AND": [{"OR_WHEN": [rule]}]}]})
    second = add(own, [50, 50], audiences=[audience["id"]])
    seen = Counter(
        tuple(one["key"] for one in decide(own, http, key, f"visitor-{number}")["experiences"]) for number in range(200)
    )
    assert set(seen) == {(first["key"],), (second["key"],)}


def test_who_is_in_one_is_kept_out_of_another_by_its_key(
    project: ConvertProject, http: requests.Session
) -> None:
    """The server and the SDK's configuration name the first by its key, as the SDKs do."""
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    first = add(own, [50, 50], traffic_distribution=50)
    rule = {"rule_type": "bucketed_into_experience_key", "value": first["key"], "matching": {"negated": True}}
    audience = AUDIENCES.add(own, type="permanent", rules={"OR": [{"AND": [{"OR_WHEN": [rule]}]}]})
    second = add(own, [50, 50], audiences=[audience["id"]])
    seen = Counter(
        tuple(one["key"] for one in decide(own, http, key, f"visitor-{number}")["experiences"]) for number in range(200)
    )
    assert set(seen) == {(first["key"],), (second["key"],)}
    document = config(own, http, key).json()
    check(document)
    (served,) = document["audiences"]
    assert served["type"] == "permanent"
    assert served["rules"]["OR"][0]["AND"][0]["OR_WHEN"] == [
        {**rule, "matching": {"match_type": "equals", "negated": True}}
    ]


def rule_of(match_type: str, value: Any, negated: bool = False) -> Body:
    matching = {"match_type": match_type, "negated": negated}
    return {"rule_type": "generic_key_value", "key": "plan", "matching": matching, "value": value}


TARGETED: dict[str, tuple[Body, list[Any], list[Any]]] = {
    "in a list": (rule_of("isIn", ["pro", "7"]), ["pro", "free|pro", 7], ["free", "prof", ""]),
    "not in a text": (rule_of("isIn", "pro|free", negated=True), ["x", "", "Pro"], ["pro", "x|free"]),
    "there": (rule_of("exists", None), ["x", 0, False], [None, ""]),
    "not there": (rule_of("doesNotExist", None), [None, ""], ["x", 0]),
    "of nothing": (rule_of("not_exists", None), [None, ""], ["x", 0]),
    "a word twice": (rule_of("regexMatches", "\\b(\\w+) \\1\\b"), ["The the", "a bb bb"], ["the then", "ab ba"]),
    "a name twice": (rule_of("regexMatches", "^(?<q>['\"]).*\\k<q>$"), ["'a\"'", '""'], ["'a\"", "a"]),
}


@pytest.mark.parametrize(("rule", "matching", "others"), TARGETED.values(), ids=TARGETED)
def test_rules_that_sdks_know(
    project: ConvertProject, http: requests.Session, rule: Body, matching: list[Any], others: list[Any]
) -> None:
    own = new_project(project)
    key = new_sdk_key(own)
    audience = AUDIENCES.add(own, rules={"OR": [{"AND": [{"OR_WHEN": [rule]}]}]})
    add(own, [50, 50], audiences=[audience["id"]])
    check(config(own, http, key["sdk_key"]).json())
    for values, is_matched in ((matching, True), (others, False)):
        for value in values:
            decided = decide(own, http, key["sdk_key"], "ann", attributes={"plan": value})
            assert bool(decided["experiences"]) == is_matched, (value, decided)


def test_a_pattern_without_end_leaves_the_decision_open(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    audience = AUDIENCES.add(
        own, rules={"OR": [{"AND": [{"OR_WHEN": [rule_of("regexMatches", "^(a+)+\\1$")]}]}]}
    )
    experience = add(own, [50, 50], audiences=[audience["id"]])
    decided = decide(own, http, key, "ann", attributes={"plan": "a" * 200 + "!"})
    assert decided["experiences"] == [] and decided["undecided"] == [experience["key"]]
    assert decide(own, http, key, "ann", attributes={"plan": "aaa"})["experiences"]


def test_values_of_json_are_served_as_values(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    variables = [
        {"key": "value", "type": "json", "default_value": {"a": [1, None]}},
        {"key": "text", "type": "json", "default_value": '{"b": 2}'},
        {"key": "set", "type": "json"},
        {"key": "word", "type": "json", "default_value": '"word"'},
        {"key": "on", "type": "boolean"},
    ]
    feature = own.add("features", {"name": "JSON", "key": "json", "variables": variables})
    data = {"feature_id": feature["id"], "variables_data": {"set": [True], "on": "false"}}
    change = {"type": "fullStackFeature", "data": data}
    add(own, [], type="feature_rollout", variations=[{"name": "With", "changes": [change]}])
    document = config(own, http, key).json()
    check(document)
    served = document["experiences"][0]["variations"][0]["changes"][0]["data"]["variables_data"]
    assert served == {"value": {"a": [1, None]}, "text": {"b": 2}, "set": [True], "word": '"word"', "on": False}
    (decided,) = decide(own, http, key, "ann")["features"]
    assert decided["variables"] == {**served, "word": "word"}


def test_numbers_of_variables_keep_their_text(project: ConvertProject, http: requests.Session) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    number = "12345678901234567890.123"
    variables = [
        {"key": "text", "type": "json", "default_value": number},
        {"key": "list", "type": "json", "default_value": f"[{number}]"},
        {"key": "float", "type": "float", "default_value": 1.5},
    ]
    feature = own.add("features", {"name": "Exact", "key": "exact", "variables": variables})
    sets = {"feature_id": feature["id"], "variables_data": {"float": number}}
    change = {"type": "fullStackFeature", "data": sets}
    add(own, [], type="feature_rollout", variations=[{"name": "With", "changes": [change]}])
    served = config(own, http, key).text
    assert f'"text":"{number}"' in served and f'"list":[{number}]' in served and f'"float":{number}' in served
    url = f"{project.client.base_url}/api/sextant/v1/decide"
    headers = {"Authorization": f"Bearer {key}"}
    decided = http.post(url, json={"visitor_id": "ann"}, headers=headers, timeout=REQUEST_SECONDS).text
    assert f'"text":{number}' in decided and f'"list":[{number}]' in decided and f'"float":{number}' in decided


def test_a_stopped_variation_keeps_its_place(project: ConvertProject, http: requests.Session) -> None:
    """With version 12 whoever was in another variation stays there; with 11 they move up."""
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    made = {version: add(own, [10, 80, 10], version=version) for version in (11, 12)}
    visitors = [f"anchor-gate-visitor-{number}" for number in range(300)]

    def variations(version: int) -> dict[str, str]:
        keys = [made[version]["key"]]
        decided = {visitor: decide(own, http, key, visitor, experiences=keys)["experiences"] for visitor in visitors}
        return {visitor: one[0]["variation"]["id"] for visitor, one in decided.items() if one}

    before = {version: variations(version) for version in made}
    for experience in made.values():
        second = experience["variations"][1]["id"]
        path = own.path("experiences", experience["id"], "variations", second, "update")
        own.client.request("PUT", path, {"status": "stopped"}, expect=200)
    document = config(own, http, key).json()
    check(document)
    for version, shares in ((11, [10, 0, 10]), (12, [10, 80, 10])):
        (served,) = [one for one in document["experiences"] if one["id"] == str(made[version]["id"])]
        assert served["version"] == version
        assert [one["traffic_allocation"] for one in served["variations"]] == shares
        assert [one["status"] for one in served["variations"]] == ["running", "stopped", "running"]
        after = variations(version)
        stopped = str(made[version]["variations"][1]["id"])
        kept = {visitor: id for visitor, id in before[version].items() if id != stopped}
        if version == 12:
            assert after == kept and len(set(kept.values())) == 2
        else:
            assert {visitor: after.get(visitor) for visitor in kept} != kept


@pytest.mark.parametrize(
    "body",
    [
        {}, {"visitor_id": ""}, {"visitor_id": "x" * 256}, {"visitor_id": 1}, {"attributes": [1]},
        {"experiences": "none"},
    ],
    ids=str,
)
def test_bad_decisions(project: ConvertProject, http: requests.Session, body: Body) -> None:
    own = new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    sent = {"visitor_id": "ann", **body} if body and "visitor_id" not in body else body
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{own.client.base_url}/api/sextant/v1/decide"
    response = http.post(url, json=sent, headers=headers, timeout=REQUEST_SECONDS)
    assert response.status_code == 400 and response.json()["error"]["fields"], response.text


def test_keys_that_cannot_be_decided_on_are_listed(project: ConvertProject, http: requests.Session) -> None:
    own, other = new_project(project), new_project(project)
    key = new_sdk_key(own)["sdk_key"]
    running, paused, draft = add(own, [50, 50]), add(own, [50, 50]), add(own, [50, 50], status="draft")
    foreign = add(other, [50, 50])
    own.update(KIND, paused["id"], {"status": "paused"})
    keys = [one["key"] for one in (running, paused, draft, foreign)] + ["none"]
    decided = decide(own, http, key, "ann", experiences=keys, record=True)
    assert [one["key"] for one in decided["experiences"]] == [running["key"]]
    reasons = {one["key"]: one["reason"] for one in decided["not_decided"]}
    assert reasons == {paused["key"]: "not_running", draft["key"]: "not_running", foreign["key"]: "unknown", "none": "unknown"}
    assert len(live(own)) == 1
    # Nothing there is nothing there, however it is said.
    for nothing in ({}, {"attributes": None, "location": None, "experiences": None}, {"attributes": [], "location": []}):
        answer = decide(own, http, key, "ann", **nothing)
        assert [one["key"] for one in answer["experiences"]] == [running["key"]] and "not_decided" not in answer


# ---- the vendor's SDK


def core_for(project: ConvertProject, key: Body, **members: Any) -> Core:
    """The SDK, which takes no address without TLS, and has its own way to trust a certificate that nobody signed."""
    base = project.client.base_url
    secret = key.get("sdk_secret")
    transport = TransportConfig(base_url=base, track_base_url=f"{base}/v1", auth_secret=secret, verify_tls=False)
    return Core(SDKConfig(sdk_key=key["sdk_key"], transport=transport, **members)).initialize()


def within(count: int, share: float) -> bool:
    """Five standard deviations of a binomial distribution."""
    return abs(count - VISITORS * share) <= 5 * (VISITORS * share * (1 - share)) ** 0.5


def test_the_sdk_decides(project: ConvertProject, http: requests.Session) -> None:
    """And the server decides the same for each visitor."""
    own = new_project(project)
    audience = AUDIENCES.add(own, rules={"OR": [{"AND": [{"OR_WHEN": [PRO]}]}]})
    feature = own.add("features", {"name": "Banner", "key": "banner", "variables": VARIABLES})
    sets = {"on": True, "title": "Hi", "size": 7, "ratio": 0.5, "more": '{"b":2}'}
    change = {"type": "fullStackFeature", "data": {"feature_id": feature["id"], "variables_data": sets}}
    halves, thirds = add(own, [50, 50]), add(own, [10, 45, 45])
    partly = add(own, [50, 50], traffic_distribution=30)
    targeted = add(own, [50, 50], audiences=[audience["id"]])
    shown = [{"name": "Without"}, {"name": "With", "changes": [change]}]
    flagged = add(own, [], variations=shown)
    key, measured = new_sdk_key(own, has_secret=True), (halves, thirds, partly, targeted)
    bearer, keys = f"{key['sdk_key']}:{key['sdk_secret']}", [one["key"] for one in measured]
    with core_for(own, key) as core:
        counts: Counter[tuple[str, str | None]] = Counter()
        for number in range(VISITORS):
            context = core.create_context(f"visitor-{number}")
            attributes = {"plan": "pro" if number % 2 else "free"}
            context.set_attributes(attributes)
            decided = decide(own, http, bearer, f"visitor-{number}", attributes=attributes, experiences=keys)
            same = {one["key"]: one["variation"]["id"] for one in decided["experiences"]}
            for experience in measured:
                result = context.run_experience(experience["key"], enable_tracking=False)
                variation = result.variation_id if result else None
                assert same.get(experience["key"]) == variation
                counts[experience["key"], variation] += 1
                if experience is targeted:
                    assert (result is not None) == bool(number % 2)
        for experience, shares in ((halves, [0.5, 0.5]), (thirds, [0.1, 0.45, 0.45]), (partly, [0.15, 0.15])):
            for variation, share in zip(experience["variations"], shares, strict=True):
                assert within(counts[experience["key"], str(variation["id"])], share), (counts, share)
        assert within(counts[partly["key"], None], 0.7)
        values = set()
        for number in range(50):
            found = core.create_context(f"flagged-{number}").run_feature("banner")
            values.add(json.dumps(dict(found.variables), sort_keys=True) if found else None)
        expected = json.dumps({**sets, "more": {"b": 2}}, sort_keys=True)
        assert expected in values and flagged["key"]


def test_the_sdk_tracks(project: ConvertProject) -> None:
    own = new_project(project)
    goal = own.add("goals", {"name": "Buy", "key": "buy", "type": "revenue", "settings": {"triggering_type": "manual"}})
    experience = add(own, [50, 50], goals=[goal["id"]])
    seen = {}
    with core_for(own, new_sdk_key(own)) as core:
        for number in range(30):
            context = core.create_context(f"visitor-{number}")
            result = context.run_experience(experience["key"])
            assert result is not None
            seen[f"visitor-{number}"] = result.variation_id
            if number % 3 == 0:
                context.track_conversion("buy", revenue=number + 0.5)
        core.flush()
    events = live(own)
    views = [event for event in events if event["event_type"] == "view_experience"]
    assert len(views) == 30
    assert sorted(str(event["experiences"][0]["variation"]) for event in views) == sorted(seen.values())
    revenues = sorted(event["conversion"]["revenue"] for event in events if event["event_type"] == "transaction")
    assert revenues == [number + 0.5 for number in range(0, 30, 3)]
    # However the SDK sends a purchase, it is one conversion.
    assert Counter(event["event_type"] for event in events)["conversion"] == 10


def test_the_sdk_previews(project: ConvertProject) -> None:
    own = new_project(project)
    draft = add(own, [50, 50], status="draft")
    token = debug_token(own)
    with core_for(own, new_sdk_key(own), debug_token=token) as core:
        for variation in draft["variations"]:
            context = core.create_context("somebody")
            context.set_preview(str(draft["id"]), str(variation["id"]))
            result = context.run_experience(draft["key"])
            assert result is not None and result.variation_id == str(variation["id"])
    assert live(own) == []
