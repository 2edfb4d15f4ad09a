"""What browsers may do from pages of other sites, and what they send: CORS, beacons, forms."""

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
import requests

from support.chromium import open_page
from support.client import SEXTANT, Client
from support.convert import Body, ConvertProject
from support.convert_kinds import GOALS
from support.polling import wait_until
from support.server import Sextant
from support.serving import add, live, new_project, new_sdk_key
from support.site import Site

SHOP = "https://shop.example"
WITHOUT_KEY = {"Origin": SHOP}


def ask(
    server: Sextant, path: str, method: str = "POST", origin: str | None = SHOP, **headers: str
) -> requests.Response:
    """A browser's question before it sends a request; it shows no key."""
    sent = {"Access-Control-Request-Method": method, **headers}
    if origin is not None:
        sent["Origin"] = origin
    return requests.options(server.base_url + path, headers=sent, timeout=30)


def writer(server: Sextant, environment: Client) -> Client:
    """A key that may only send."""
    made = environment.post(f"{SEXTANT}/keys", {"label": "website", "can_export": False}, expect=201).json()
    return server.client(made["token"])


def listed(response: requests.Response, field: str) -> set[str]:
    return {name.strip().lower() for name in response.headers.get(field, "").split(",") if name.strip()}


def assert_readable(response: requests.Response, origin: str = "*") -> None:
    """Whether the page that asked may read the answer, and none with cookies."""
    assert response.headers.get("Access-Control-Allow-Origin") == origin, (response.status_code, response.headers)
    assert {"etag", "retry-after", "x-request-id"} <= listed(response, "Access-Control-Expose-Headers")
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert "origin" in listed(response, "Vary")


def assert_unreadable(response: requests.Response) -> None:
    assert not [name for name in response.headers if name.lower().startswith("access-control-allow")]


@pytest.fixture
def project(fullstack: ConvertProject) -> ConvertProject:
    return new_project(fullstack)


@pytest.fixture
def key(project: ConvertProject) -> str:
    made: str = new_sdk_key(project)["sdk_key"]
    return made


def paths(project: ConvertProject, key: str) -> dict[str, str]:
    """All that is open to pages, by its path, with the method."""
    account = project.client.account_id
    return {
        f"/api/v1/config/{key}": "GET",
        f"/api/v1/config/{account}/{project.id}": "GET",
        f"/api/v1/visitor-data/{key}/ann": "GET",
        f"/api/v1/visitor-data/{account}/{project.id}/ann": "GET",
        f"/api/v1/project-settings/{account}/{project.id}": "GET",
        f"/api/v1/track/{key}": "POST",
        f"/v1/track/{key}": "POST",
        f"/api/v1/track/{account}/{project.id}": "POST",
        f"/v1/track/{account}/{project.id}": "POST",
        f"{SEXTANT}/decide": "POST",
        f"{SEXTANT}/events": "POST",
        "/v1/identify": "POST",
        "/v1/track": "POST",
        "/v1/companies/identify": "POST",
        "/api/v1/identify": "POST",
    }


# ---- preflights


def test_pages_may_ask_whether_they_may_call(server: Sextant, project: ConvertProject, key: str) -> None:
    for path, method in paths(project, key).items():
        fields = "authorization,content-type,convert-debug-token,x-of-my-own"
        answer = ask(server, path, method, **{"Access-Control-Request-Headers": fields})
        assert (answer.status_code, answer.content) == (204, b""), path
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert method.lower() in listed(answer, "Access-Control-Allow-Methods")
        assert listed(answer, "Access-Control-Allow-Headers") >= set(fields.split(","))
        assert int(answer.headers["Access-Control-Max-Age"]) >= 600
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert {"origin", "access-control-request-headers", "access-control-request-method"} <= listed(answer, "Vary")
        assert "Access-Control-Allow-Private-Network" not in answer.headers
        inside = ask(server, path, method, **{"Access-Control-Request-Private-Network": "true"})
        assert inside.headers["Access-Control-Allow-Private-Network"] == "true"


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/v1/analytics/exports", "POST"),
        ("/v1/users/bulk_identify", "POST"),
        ("/v1/users", "DELETE"),
        (f"{SEXTANT}/sql", "POST"),
        (f"{SEXTANT}/keys", "GET"),
        ("/api/v2/accounts/1/projects/1", "GET"),
        (f"{SEXTANT}/decide", "PUT"),
        ("/health", "GET"),
    ],
)
def test_what_is_not_for_pages_does_not_say_that_it_is(server: Sextant, path: str, method: str) -> None:
    answer = ask(server, path, method)
    assert answer.status_code == 204 and answer.headers["Allow"]
    assert_unreadable(answer)


def test_every_address_says_what_it_answers(server: Sextant) -> None:
    for path, methods in [
        ("/v1/track", {"POST", "OPTIONS"}),
        (f"{SEXTANT}/keys", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("/health", {"GET", "HEAD", "OPTIONS"}),
    ]:
        answer = requests.options(server.base_url + path, timeout=30)
        assert (answer.status_code, answer.content) == (204, b"")
        assert {method.strip() for method in answer.headers["Allow"].split(",")} == methods
        assert_unreadable(answer)
    assert requests.options(f"{server.base_url}/nowhere", timeout=30).status_code == 404


# ---- who may read what


def test_any_page_reads_what_is_answered_where_a_project_has_no_domains(
    server: Sextant, project: ConvertProject, key: str
) -> None:
    for path, method in paths(project, key).items():
        for origin in (SHOP, "http://localhost:3000", "null"):
            answer = requests.request(method, server.base_url + path, headers={"Origin": origin}, timeout=30)
            assert answer.status_code in (200, 400, 401, 422), (path, answer.text)
            assert_readable(answer)
        # A cache must know it also from the answer to somebody who is no page.
        own = requests.request(method, server.base_url + path, timeout=30)
        assert "origin" in listed(own, "Vary") and "Access-Control-Allow-Origin" not in own.headers


def test_only_pages_of_its_domains_read_what_is_answered_for_a_project(
    server: Sextant, project: ConvertProject, key: str
) -> None:
    for url in ("https://shop.example/", "https://*.brand.example", "http://localhost:3000/app"):
        project.post("domains", "add", body={"url": url}, expect=201)
    right = [
        SHOP, "http://shop.example", "https://www.brand.example", "https://a.b.brand.example", "https://brand.example",
        "http://localhost:3000", "https://SHOP.example",
    ]  # fmt: skip
    wrong = [
        "https://www.shop.example", "https://shop.example:8443", "https://evilbrand.example", "https://shop.example.evil.example",
        "http://localhost:3001", "http://localhost", "shop.example",
    ]  # fmt: skip
    for path, method in paths(project, key).items():
        if str(project.id) not in path.split("/") and key not in path:
            continue
        # Shops run scripts in frames that have no origin: they send, and read what is answered.
        sandboxed = requests.request(method, server.base_url + path, headers={"Origin": "null"}, timeout=30)
        assert sandboxed.headers.get("Access-Control-Allow-Origin") == ("null" if method == "POST" else None), path
        for origin in right:
            assert_readable(
                requests.request(method, server.base_url + path, headers={"Origin": origin}, timeout=30), origin
            )
            assert ask(server, path, method, origin).headers["Access-Control-Allow-Origin"] == origin
        for origin in wrong:
            answer = requests.request(method, server.base_url + path, headers={"Origin": origin}, timeout=30)
            assert_unreadable(answer)
            assert "origin" in listed(answer, "Vary")
            refused = ask(server, path, method, origin)
            assert refused.status_code == 204 and "origin" in listed(refused, "Vary")
            assert_unreadable(refused)
    body = {"visitor_id": "ann"}
    for origin, readable in [(SHOP, True), ("https://evil.example", False)]:
        headers = {"Origin": origin, "Authorization": f"Bearer {key}"}
        # The question comes without the key: only the call itself tells whose it is.
        assert ask(server, f"{SEXTANT}/decide", origin=origin).headers["Access-Control-Allow-Origin"] == "*"
        answer = requests.post(f"{server.base_url}{SEXTANT}/decide", json=body, headers=headers, timeout=30)
        assert answer.status_code == 200
        assert answer.headers.get("Access-Control-Allow-Origin") == (origin if readable else None)


def test_pages_read_refusals_too(server: Sextant, project: ConvertProject, key: str) -> None:
    secret = new_sdk_key(project, has_secret=True)["sdk_key"]
    big = b" " * (11 << 20)
    for method, path, body, headers, status in [
        ("GET", "/api/v1/config/sdk_unknown", b"", {}, 404),
        ("GET", f"/api/v1/config/{secret}", b"", {}, 401),
        ("POST", f"/v1/track/{key}", b"{", {}, 400),
        ("POST", f"/v1/track/{key}", b"{}", {"Content-Encoding": "br"}, 415),
        ("POST", f"/v1/track/{key}", big, {}, 413),
        ("POST", "/v1/track", b"{}", {}, 401),
        ("POST", f"{SEXTANT}/decide", b"{}", {"Authorization": "Bearer sdk_unknown"}, 401),
    ]:
        sent = {"Origin": SHOP, **headers}
        answer = requests.request(method, server.base_url + path, data=body, headers=sent, timeout=30)
        assert answer.status_code == status, answer.text
        assert_readable(answer)
    config = f"{server.base_url}/api/v1/config/{key}"
    tag = requests.get(config, timeout=30).headers["ETag"]
    same = requests.get(config, headers={"Origin": SHOP, "If-None-Match": tag}, timeout=30)
    assert same.status_code == 304
    assert_readable(same)


def test_only_keys_that_send_belong_into_pages(server: Sextant, environment: Client) -> None:
    sending = writer(server, environment)
    for path, body in [
        ("/v1/identify", {"user_id": "ann"}),
        ("/v1/companies/identify", {"company_id": "acme"}),
        ("/v1/track", {"user_id": "ann", "event_name": "paid"}),
        (f"{SEXTANT}/events", [{"event_type": "track", "user_id": "ann", "event_name": "seen"}]),
    ]:
        answer = sending.request("POST", path, json=body, headers={"Origin": SHOP})
        assert answer.status_code == 202, answer.text
        assert_readable(answer)
        refused = environment.request("POST", path, json=body, headers={"Origin": SHOP})
        assert refused.status_code == 403 and "can_export false" in refused.text
        assert_readable(refused)
    assert environment.count_events() == 4


# ---- what browsers and forms send


def one(name: str, **more: Any) -> bytes:
    return json.dumps({"user_id": "ann", "event_name": name, **more}).encode()


TYPES = [
    "text/plain;charset=UTF-8",
    "text/plain",
    "application/json",
    "application/json; charset=utf-8",
    "application/octet-stream",
    "application/x-www-form-urlencoded",
    "application/vnd.api+json",
    "text/html",
    "nonsense",
    "",
    None,
]


@pytest.mark.parametrize("type", TYPES)
def test_bodies_are_read_as_what_they_are(environment: Client, type: str | None) -> None:
    headers = {"Content-Type": type}
    mark = b"\xef\xbb\xbf"
    for number, body in enumerate([one("a"), b" \r\n" + one("b"), mark + one("c"), gzip.compress(one("d"))]):
        answer = environment.request("POST", "/v1/track", data=body, headers=headers)
        assert answer.status_code == 202, (number, answer.text)
    lists = [b"[" + one("e") + b"]", mark + b"[" + one("f") + b",\n" + one("g") + b"]", one("h") + b"\n" + one("i") + b"\r\n"]
    lists.append(gzip.compress(lists[0].replace(b'"e"', b'"j"')))
    # Printed to be read, over several lines.
    if type is not None and "json" not in type and type:
        lists.append(json.dumps(json.loads(one("k")), indent=1).encode())
    else:
        lists.append(json.dumps([json.loads(one("k"))], indent=1).encode())
    for body in lists:
        answer = environment.request("POST", f"{SEXTANT}/events", data=body, headers=headers)
        assert answer.status_code == 202 and answer.json()["rejected"] == 0, answer.text
    assert sorted(environment.sql("SELECT event_name FROM events")) == [[name] for name in "abcdefghijk"]


def test_forms_are_read_as_what_they_stand_for(environment: Client) -> None:
    fields = {"user_id": "ann", "event_name": "e 1&=é", "metadata[plan]": "pro", "metadata[tags][]": "a"}
    nested = {"user_id": "ann", "event_name": "nested", "metadata": '{"plan":"pro","seats":5}'}
    whole = quote(one("whole", metadata={"a": "b&c=d"}))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body in (urlencode(fields), urlencode(nested), whole, f"data={quote(one('field'))}"):
        environment.request("POST", "/v1/track", data=body, headers=form, expect=202)
    parts = {name: (None, value) for name, value in {**nested, "event_name": "parts"}.items()}
    environment.request("POST", "/v1/track", files=parts, expect=202)
    for body in (urlencode({**nested, "event_name": "row"}), f"events={quote(b'[' + one('in a list') + b']')}"):
        environment.request("POST", f"{SEXTANT}/events", data=body, headers=form, expect=202)
    stored = dict(environment.sql("SELECT event_name, CAST(metadata AS VARCHAR) FROM events"))
    plan = {"plan": "pro", "seats": 5}
    assert {name: json.loads(text) for name, text in stored.items()} == {
        "e 1&=é": {"plan": "pro", "tags": ["a"]}, "nested": plan, "whole": {"a": "b&c=d"}, "field": {}, "parts": plan,
        "row": plan, "in a list": {},
    }  # fmt: skip
    for body, type in [("x=1", form["Content-Type"]), ("<a/>", "text/xml"), ("a,b", "text/csv"), ("hello", "text/plain")]:
        answer = environment.request("POST", "/v1/track", data=body, headers={"Content-Type": type})
        assert answer.status_code in (400, 415), answer.text
    assert environment.count_events() == 7


# ---- a real browser

PAGE = """<!doctype html><title>Shop</title><script>
const {base, key, secret, goal, token} = SETTINGS;
const json = {'Content-Type': 'application/json'};
const say = (...words) => fetch('/said?' + encodeURIComponent(words.join(' ')));

// MurmurHash3 of 32 bits with the SDKs' seed, of ASCII.
function hash(text) {
  let h = 9999, at = 0;
  const mixed = k => { k = Math.imul(k, 0xcc9e2d51); return Math.imul(k << 15 | k >>> 17, 0x1b873593); };
  const byte = i => text.charCodeAt(i);
  for (; at + 4 <= text.length; at += 4) {
    h ^= mixed(byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24);
    h = Math.imul(h << 13 | h >>> 19, 5) + 0xe6546b64 | 0;
  }
  let rest = 0;
  for (let i = text.length - 1; i >= at; i--) rest = rest << 8 | byte(i);
  if (at < text.length) h ^= mixed(rest);
  h ^= text.length;
  h = Math.imul(h ^ h >>> 16, 0x85ebca6b);
  h = Math.imul(h ^ h >>> 13, 0xc2b2ae35);
  return (h ^ h >>> 16) >>> 0;
}

async function run() {
  const config = await fetch(`${base}/api/v1/config/${key}`, {headers: {Authorization: 'Bearer ' + secret}});
  const {account_id: accountId, project: {id: projectId}, experiences: [experience]} = await config.json();
  // A tag that a script may read is what lets it ask again.
  await say('config', config.status, /^".+"$/.test(config.headers.get('ETag')));
  const bucket = id => experience.variations[Math.floor(hash(experience.id + id) / 2 ** 32 * 10000) < 5000 ? 0 : 1];
  const saw = id => ({eventType: 'bucketing', data: {experienceId: experience.id, variationId: bucket(id).id}});
  const bought = {eventType: 'conversion', data: {goalId: goal}};
  const body = (id, ...events) =>
    JSON.stringify({accountId, projectId, enrichData: false, visitors: [{visitorId: id, events: [saw(id), ...events]}]});
  const unknown = await fetch(`${base}/api/v1/config/sdk_unknown`);
  await say('unknown', unknown.status, (await unknown.json()).code);
  const url = `${base}/v1/track/${key}`;
  const sent = await fetch(url, {method: 'POST', keepalive: true, headers: json, body: body('fetched', bought)});
  await say('fetched', sent.status);
  const decision = await fetch(`${base}/api/sextant/v1/decide`, {method: 'POST',
    headers: {...json, Authorization: `Bearer ${key}:${secret}`}, body: JSON.stringify({visitor_id: 'decided', record: true})});
  const [decided] = (await decision.json()).experiences;
  await say('decided', decision.status, decided.variation.id === bucket('decided').id);
  const event = name => JSON.stringify({user_id: 'ann', event_name: name});
  const mine = {Authorization: 'Token ' + token};
  const tracked = await fetch(`${base}/v1/track`, {method: 'POST', keepalive: true, headers: {...json, ...mine}, body: event('tracked')});
  await say('tracked', tracked.status);
  const many = await fetch(`${base}/api/sextant/v1/events`, {method: 'POST', headers: mine, body: '[' + event('many') + ']'});
  await say('many', many.status);
  await say('with cookies', await fetch(`${base}/api/v1/config/${key}`, {credentials: 'include'}).then(() => 'read', () => 'refused'));
  addEventListener('pagehide', () => {
    const beacon = data => navigator.sendBeacon(url, data);
    beacon(body('text'));
    beacon(new Blob([body('blob')], {type: 'text/plain'}));
    beacon(new Blob([body('no-type')]));
    beacon(new Blob([body('form-type')], {type: 'application/x-www-form-urlencoded'}));
    beacon(new URLSearchParams({data: body('form')}));
    const parts = new FormData();
    parts.append('data', body('parts'));
    beacon(parts);
    fetch(url, {method: 'POST', keepalive: true, headers: json, body: body('kept-alive')});
  });
  location = '/gone';
}
run().catch(error => say('failed', error.stack));
</script>"""

SAID = [
    "config 200 true", "unknown 404 404", "fetched 200", "decided 200 true", "tracked 202", "many 202",
    "with cookies refused",
]  # fmt: skip
VISITORS = ["fetched", "decided", "text", "blob", "no-type", "form-type", "form", "parts", "kept-alive"]


def test_a_page_of_another_site_in_chromium(server: Sextant, project: ConvertProject, tmp_path: Path) -> None:
    """A page fetches a config with its secret, decides by it, and sends what it has seen while it is open and as it is
    left: each event is stored once."""
    goal = GOALS.add(project)
    experience = add(project, [50, 50], goals=[goal["id"]])
    made = new_sdk_key(project, has_secret=True)
    environment = server.new_environment()
    settings = {
        "base": server.base_url, "key": made["sdk_key"], "secret": made["sdk_secret"], "goal": str(goal["id"]),
        "token": writer(server, environment).token,
    }  # fmt: skip

    def stored() -> list[Body]:
        return live(project)

    with Site.serve() as site:
        project.post("domains", "add", body={"url": site.url}, expect=201)
        site.pages["/"] = PAGE.replace("SETTINGS", json.dumps(settings))
        site.pages |= {"/gone": "<!doctype html>Gone", "/said": "."}
        with open_page(f"{site.url}/", tmp_path) as log:

            def said() -> list[str]:
                return [unquote(visit.split("?", 1)[1]) for visit in site.visits if visit.startswith("/said?")]

            try:
                wait_until(lambda: "/gone" in site.visits or "failed" in str(said()), "the page to be left")
            finally:
                print(log.read_text(errors="replace"))
            assert said() == SAID
            wait_until(lambda: len(stored()) >= len(VISITORS) + 1, "what was sent as the page was left")
            settled = Counter(event["event_type"] for event in stored())
    assert settled == {"view_experience": len(VISITORS), "conversion": 1}
    assert {one["id"] for event in stored() for one in event["experiences"]} == {experience["id"]}
    assert sorted(environment.sql("SELECT event_name FROM events")) == [["many"], ["tracked"]]
