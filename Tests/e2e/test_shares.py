"""Nobody takes more than a share: of what keys may do, of memory, of connections, of time."""

import contextlib
import gzip
import select
from concurrent.futures import ThreadPoolExecutor

import requests

from support import raw
from support.client import SEXTANT, Client
from support.convert import Body, ConvertProject
from support.convert_kinds import fresh
from support.errors import assert_error
from support.memory import forget_peak, peak_megabytes
from support.polling import wait_until
from support.server import Sextant
from support.serving import add, new_project, new_sdk_key


def limited(full: Client, server: Sextant) -> Client:
    """A key of the same environment that only sends."""
    body = {"label": "website", "can_export": False}
    return server.client(full.post(f"{SEXTANT}/keys", body, expect=201).json()["token"])


# ---- keys


def test_a_key_that_only_sends_changes_nothing_and_names_the_right(server: Sextant, environment: Client) -> None:
    environment.identify("ann")
    website = limited(environment, server)
    for method, path, body in (
        ("DELETE", "/v1/users", {"users": ["ann"]}),
        ("POST", f"{SEXTANT}/exclusions", {"users": ["ann"]}),
        ("POST", f"{SEXTANT}/environments", {"name": "mine"}),
        ("POST", f"{SEXTANT}/segments", {"title": "all", "rule": {"all": []}}),
        ("POST", f"{SEXTANT}/keys", {"label": "more", "can_export": False}),
        ("GET", f"{SEXTANT}/keys", None),
    ):
        refused = website.request(method, path, json=body)
        assert refused.status_code == 403, f"{method} {path} answered {refused.status_code}"
        assert f"the right to {'read' if method == 'GET' and 'keys' not in path else 'manage'}" in refused.text
    assert environment.count_events("user_id = 'ann'") == 1
    assert environment.get(f"{SEXTANT}/exclusions").json() == {"users": [], "companies": []}


def test_a_key_that_only_sends_follows_its_own_uploads(server: Sextant, environment: Client) -> None:
    website, other = limited(environment, server), limited(environment, server)
    sent = {"users": [{"user_id": "ann", "metadata": {"plan": "pro"}}]}
    job = website.post("/v1/users/bulk_identify", sent, expect=202).json()["job_id"]
    assert [listed["job_id"] for listed in website.get("/v1/background_jobs").json()] == [job]
    assert [listed["job_id"] for listed in environment.get("/v1/background_jobs").json()] == [job]
    website.get(f"/v1/background_jobs/{job}", expect=200)
    assert other.get("/v1/background_jobs").json() == []
    other.get(f"/v1/background_jobs/{job}", expect=404)


def test_a_key_that_only_sends_sends(server: Sextant, environment: Client) -> None:
    website = limited(environment, server)
    website.identify("ann", {"plan": "pro"})
    website.identify_company("acme")
    website.track("ann", "paid")
    website.ingest([{"event_type": "track", "user_id": "ann", "event_name": "seen"}])
    assert environment.count_events("user_id = 'ann'") == 3
    assert requests.get(f"{server.base_url}/metrics", timeout=30).status_code == 200


# ---- memory

ZEROS = gzip.compress(b'{"user_id":"ann","event_name":"x","unknown":[' + b"0," * 999_999 + b"0]}", 9)
PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}


def post_packed(server: Sextant, path: str, token: str | None) -> int:
    headers = PACKED | ({"Authorization": f"Token {token}"} if token else {})
    return requests.post(server.base_url + path, data=ZEROS, headers=headers, timeout=120).status_code


def test_bodies_of_many_values_take_a_share_and_no_more(
    server: Sextant, environment: Client, fullstack: ConvertProject
) -> None:
    """Two kilobytes that unpack to a million zeros, from a hundred connections at once: once these took 6.9 GB."""
    assert len(ZEROS) < 3_000
    account = fullstack.client.account_id
    key = server.credentials["projects"]["fullstack"]["sdk_key"]
    senders: list[tuple[str, str | None]] = [
        ("/v1/identify", environment.token),
        ("/v1/track", environment.token),
        (f"{SEXTANT}/events", environment.token),
        (f"{SEXTANT}/segments", environment.token),
        (f"/api/v1/track/{account}/{fullstack.id}", None),
        (f"/api/v1/track/{key}", None),
        (f"/v1/track/{account}/{fullstack.id}", None),
    ]
    forget_peak(server)
    before = peak_megabytes(server)
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda number: post_packed(server, *senders[number % len(senders)]), range(105)))
    assert set(answers) <= {202, 400, 413, 422, 429}, sorted(answers)
    grown = peak_megabytes(server) - before
    assert grown < 700, f"grew by {grown:.0f} MB"
    environment.track("ann", "after")
    assert environment.count_events("event_name = 'after'") == 1


def test_keys_are_looked_at_before_bodies(server: Sextant, fullstack: ConvertProject) -> None:
    """Whoever shows no key that is known is answered although the body never comes."""
    account = fullstack.client.account_id
    for path, status in (
        ("/v1/identify", 401),
        (f"{SEXTANT}/events", 401),
        (f"{SEXTANT}/decide", 401),
        ("/api/v1/track/sdk_nothing", 404),
        (f"/api/v1/track/{account}/999999", 404),
        (f"/v1/track/999999/{fullstack.id}", 404),
        (f"/api/v2/accounts/{account}/projects", 401),
        (f"{SEXTANT}/projects/{fullstack.id}/keys", 401),
    ):
        lines = ("Content-Type: application/json", "Content-Length: 1000000")
        head = raw.head("POST", path, "nobody", *lines)
        answer = raw.exchange(server.port, [head, b"{"], seconds=20)
        assert raw.status_of(answer) == status, f"{path}: {answer[:200]!r}"


# ---- slow bodies


def test_bodies_that_drip_hold_little(server: Sextant, environment: Client) -> None:
    """Connections that announce nine megabytes and send a few bytes hold what they sent, not what they announced."""
    lines = ("Content-Type: application/json", "Content-Length: 9000000")
    other = server.new_environment()
    with contextlib.ExitStack() as open_connections:
        connections = []
        for _ in range(300):
            connection = open_connections.enter_context(raw.connect(server.port))
            connection.sendall(raw.head("POST", f"{SEXTANT}/events", environment.token, *lines) + b"[" + b" " * 1_400)
            connections.append(connection)
        events = [{"event_type": "track", "user_id": f"u{number}", "event_name": "seen"} for number in range(5_000)]
        for client in (environment, other):
            assert client.ingest(events)["accepted"] == 5_000
        for connection in connections:
            connection.sendall(b" " * 1_400)
        assert other.count_events() == 5_000


def test_strangers_that_fill_their_share_leave_the_rest(server: Sextant, environment: Client) -> None:
    """Keyless bodies of one address are refused once they hold much; who has a key goes on."""
    key = server.credentials["projects"]["fullstack"]["sdk_key"]
    lines = ("Content-Type: application/json", "Content-Length: 9000000")
    head = raw.head("POST", f"/api/v1/track/{key}", "none", *lines)
    refused = 0
    with contextlib.ExitStack() as open_connections:
        for _ in range(10):
            connection = open_connections.enter_context(raw.connect(server.port))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(head + b"{" + b" " * 6_000_000)
            readable, _, _ = select.select([connection], [], [], 2)
            refused += bool(readable) and raw.status_of(connection.recv(65_536)) == 429
        assert refused >= 4
        events = [{"event_type": "track", "user_id": f"u{number}", "event_name": "seen"} for number in range(5_000)]
        assert environment.ingest(events)["accepted"] == 5_000


# ---- rules

COSTLY: Body = {
    "rule_type": "generic_text_key_value",
    "key": "text",
    "matching": {"match_type": "regexMatches", "negated": False},
    "value": "(a?){110}[bc]",
}


def any_of(rule: Body, count: int) -> Body:
    return {"OR": [{"AND": [{"OR_WHEN": [rule] * count}]}]}


def test_rules_are_bounded_where_they_are_saved(fullstack: ConvertProject, environment: Client) -> None:
    many, few = any_of(COSTLY, 20_000), any_of(COSTLY, 10)
    for kind, name, member, more in (
        ("goals", fresh("goal"), "triggering_rule", {"type": "advanced"}),
        ("audiences", fresh("audience"), "rules", {"type": "transient"}),
        ("locations", fresh("location"), "rules", {}),
    ):
        body = {"name": name, member: many, **more}
        refused = fullstack.post(kind, "add", body=body, expect=422).json()
        assert member in str(refused) and "at most" in str(refused)
        added = fullstack.add(kind, {**body, member: few})
        fullstack.post(kind, added["id"], "update", body={member: many}, expect=422)
        fullstack.update(kind, added["id"], {"name": fresh("renamed")})
    condition = {"user_property": "plan", "operator": "in", "value": [f"{n}" + "x" * 300 for n in range(1_000)]}
    segment = {"title": "large", "rule": condition}
    assert_error(environment.post(f"{SEXTANT}/segments", segment), 400, "at most")


def test_a_costly_decision_says_so_and_holds_nobody_up(server: Sextant, fullstack: ConvertProject) -> None:
    own = new_project(fullstack)
    key = new_sdk_key(own)["sdk_key"]
    plain = add(own, [50, 50])
    audience = own.add("audiences", {"name": fresh("costly"), "type": "transient", "rules": any_of(COSTLY, 500)})
    costly = add(own, [50, 50], audiences=[audience["id"]])
    url = f"{server.base_url}{SEXTANT}/decide"
    body = {"visitor_id": "ann", "attributes": {"text": "a" * 5_000}}

    def decide(number: int) -> Body:
        response = requests.post(
            url, json=body | {"visitor_id": f"v{number}"}, headers={"Authorization": f"Bearer {key}"}, timeout=300
        )
        assert response.status_code == 200, response.text
        decided: Body = response.json()
        return decided

    with ThreadPoolExecutor(4) as threads:
        deciding = [threads.submit(decide, number) for number in range(4)]
        answered = 0
        while not all(one.done() for one in deciding):
            server.client().get("/v1/validate", expect=200)
            answered += 1
    assert answered > 0
    for one in deciding:
        assert one.result()["undecided"] == [costly["key"]]
        assert [decided["key"] for decided in one.result()["experiences"]] == [plain["key"]]
    cheap = requests.post(
        url,
        json=body | {"experiences": [plain["key"]]},
        headers={"Authorization": f"Bearer {key}"},
        timeout=60,
    ).json()
    assert "undecided" not in cheap


def test_costly_rules_of_a_goal_are_counted_and_the_rest_goes_on(server: Sextant, fullstack: ConvertProject) -> None:
    own = new_project(fullstack)
    goal = own.add("goals", {"name": fresh("goal"), "type": "advanced", "triggering_rule": any_of(COSTLY, 500)})
    add(own, [50, 50], goals=[goal["id"]])
    convert = server.credentials["convert"]
    bearer = {"Authorization": f"Bearer {convert['application_id']}:{convert['secret']}"}
    keys = f"{server.base_url}{SEXTANT}/projects/{own.id}/keys"
    made = requests.post(keys, json={"label": "shop", "environment": "production"}, headers=bearer, timeout=60)
    sender = server.client(made.json()["token"])
    sender.ingest([{"event_type": "track", "user_id": "ann", "event_name": "x", "metadata": {"text": "a" * 5_000}}] * 20)
    other = server.new_environment()
    other.identify("bob", {"plan": "pro"})

    def counted() -> bool:
        metrics = requests.get(f"{server.base_url}/metrics", timeout=30).text
        return 'sextant_experiment_events_rejected_total{reason="rules"} 20' in metrics

    wait_until(counted, "the events whose rules took too much")
    other.lookup("user_properties")
    assert other.user("bob") is not None


def test_a_costly_segment_says_so(environment: Client) -> None:
    people = [
        {"event_type": "identify_user", "user_id": f"u{number}", "metadata": {"text": "a" * 60_000}}
        for number in range(60)
    ]
    for start in range(0, len(people), 20):
        environment.ingest(people[start : start + 20])
    condition = {"user_property": "text", "operator": "contains", "value": "aab"}
    segment = {"title": "costly", "rule": {"any": [condition] * 100}}
    made = environment.post(f"{SEXTANT}/segments", segment, expect=201).json()
    environment.lookup("user_properties")
    refused = environment.get(f"{SEXTANT}/segments/{made['id']}/members", expect=422)
    assert_error(refused, 422, "more work")
    light = {"title": "light", "rule": condition}
    made = environment.post(f"{SEXTANT}/segments", light, expect=201).json()
    assert environment.get(f"{SEXTANT}/segments/{made['id']}/members").json()["total_count"] == 0
