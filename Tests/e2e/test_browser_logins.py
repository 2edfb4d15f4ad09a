"""Logins from pages, in Chromium: pages of origins that the operator has named work with the session, and no others do."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import requests

from support.chromium import open_page, trusting
from support.client import SEXTANT
from support.convert import API, Body
from support.people import Person, new_person
from support.polling import wait_until
from support.server import Launch, Sextant
from support.site import Site

EVIL = 666
"""The account that other pages try to have the victim look at."""
API_HOST = "api.shop.example"
"""The server's own name. Names are the browser's alone: `shop.example` is a site, and no exception is made for it as for this
machine's own names."""
APP, PARTNER = "app.shop.example", "app.partner.example"
"""Where the pages are that the operator has named: of the server's site, and of another."""

PRELUDE = """<!doctype html><meta charset="utf-8"><title>.</title><body><script>
const {server, home, victim, eve} = SETTINGS;
const api = server + '/api/v2';
const say = (name, value) => fetch('/said?' + encodeURIComponent(JSON.stringify([name, value])));
const login = ({email, password}) => ({requestType: 'initiatePasswordAuth', username: email, data: {password}});
const call = (method, path, body, options) => fetch(api + path, {
  method, credentials: 'include', body: body && JSON.stringify(body),
  headers: body ? {'Content-Type': 'application/json'} : {}, ...options,
});
const told = answer => answer.then(
  async it => it.type === 'opaque' ? 'opaque' : [it.status, await it.json()], () => 'unreadable');
const status = async () => (await told(call('GET', '/auth/status')))[0];
const happening = (target, names) => new Promise(done =>
  names.forEach(name => target.addEventListener(name, () => done(name), {once: true})));
const show = (kind, source) => {
  const element = document.createElement(kind);
  const happened = happening(element, ['load', 'error']);
  if (source) element.src = source;
  document.body.append(element);
  return happened.then(name => ({name, element}));
};
const run = steps => steps().catch(error => say('failed', error.stack));
</script><script>
"""

OWN = """
run(async () => {
  await say('before', await status());
  const [code, answer] = await told(call('POST', '/auth', login(victim)));
  await say('login', [code, answer['auth-code']]);
  await say('status', await status());
  const [changed, user] = await told(call('PUT', '/user', {firstName: 'Ann'}));
  await say('changed', [changed, user.profileData ? user.profileData.firstName : null]);
  await say('script sees', document.cookie);
  location.replace(home.hop);
});
"""

AGAIN = """
run(async () => {
  await say('again', await status());
  await say('wrong', (await told(call('PUT', '/user', {newPassword: 'x'})))[0]);
  await say('out', (await told(call('POST', '/auth/logout', {requestType: 'currentSession'})))[0]);
  await say('after', await status());
  await say('end', true);
});
"""

LOGIN = """
run(async () => {
  await say('login', (await told(call('POST', '/auth', login(victim))))[0]);
  location.replace(home.attack);
});
"""

ATTACK = """
run(async () => {
  const change = {generalSettings: {lastOpenAccount: EVIL}};
  const silent = {mode: 'no-cors', headers: {'Content-Type': 'text/plain'}};
  const all = {requestType: 'allSessions'};
  await say('login', await told(call('POST', '/auth', login(eve))));
  await say('silent login', await told(call('POST', '/auth', login(eve), silent)));
  await say('read', await told(call('GET', '/user')));
  await say('silent read', await told(call('GET', '/user', undefined, {mode: 'no-cors'})));
  await say('change', await told(call('POST', '/user/preferences', change)));
  await say('silent change', await told(call('POST', '/user/preferences', change, silent)));
  await say('silent logout', await told(call('POST', '/auth/logout', all, silent)));
  await say('silent end', await told(call('POST', '/user/sessions/revoke-all', {}, silent)));
  await say('beacon', navigator.sendBeacon(api + '/user/preferences', JSON.stringify(change)));
  // Forms: what they send is JSON but for a member that nobody knows.
  const submit = (path, body, target) => {
    const form = document.createElement('form');
    Object.assign(form, {method: 'post', enctype: 'text/plain', action: api + path, target});
    const text = JSON.stringify({...body, '': ''});
    const field = document.createElement('input');
    field.name = text.slice(0, -2);
    field.value = '"}';
    form.append(field);
    document.body.append(form);
    form.submit();
  };
  for (const [path, body] of [['/user/preferences', change], ['/auth', login(eve)], ['/auth/logout', all],
      ['/accounts/1/projects/add', {name: 'Evil', project_type: 'web'}]]) {
    const {element} = await show('iframe');
    element.name = element.contentWindow.name = 'frame of ' + path;
    const sent = happening(element, ['load']);
    submit(path, body, element.name);
    await sent;
    await say('form ' + path, element.contentDocument === null ? 'unreadable' : 'read');
  }
  const {name: image} = await show('img', api + '/user');
  await say('image', image);
  await show('img', api + '/auth/logout');
  await show('script', api + '/user');
  const {element: frame} = await show('iframe', api + '/user');
  await say('frame', frame.contentDocument === null ? 'unreadable' : 'read');
  // Windows of their own: whoever follows a link comes with the cookie.
  const isRead = opened => { try { return opened.document.URL !== ''; } catch { return false; } };
  for (const [name, begin] of [
    ['window', () => window.open(api + '/user', 'window')],
    ['window with form', () => {
      const opened = window.open('', 'form');
      submit('/user/preferences', change, 'form');
      return opened;
    }],
  ]) {
    const opened = begin();
    if (!opened) throw new Error(`no ${name}`);
    while (isRead(opened)) await new Promise(done => setTimeout(done, 50));
    await say(name, 'unreadable');
  }
  location.replace(home.after);
});
"""

AFTER = """
run(async () => {
  const [code, {profileData, preferences}] = await told(call('GET', '/user'));
  await say('still', [code, profileData.email, (preferences.generalSettings || {}).lastOpenAccount || null]);
  await say('end', true);
});
"""

FORMS = ["/user/preferences", "/auth", "/auth/logout", "/accounts/1/projects/add"]
TRIED = [
    ["login", "unreadable"], ["silent login", "opaque"], ["read", "unreadable"], ["silent read", "opaque"],
    ["change", "unreadable"], ["silent change", "opaque"], ["silent logout", "opaque"], ["silent end", "opaque"],
    ["beacon", True], *[[f"form {path}", "unreadable"] for path in FORMS], ["image", "error"],
    ["frame", "unreadable"], ["window", "unreadable"], ["window with form", "unreadable"],
]  # fmt: skip
ARRIVED = {
    "doAuth": 2, "updateUserPreferences": 4, "doLogout": 2, "revokeAllUserSessions": 1, "createProject": 1,
}  # fmt: skip
"""What other pages get as far as the server, without it ever being done."""


@dataclass
class World:
    """A server, the site that its people log in from, and one that nobody has named."""

    server: Sextant
    app: Site
    others: dict[str, Site]
    """By scheme."""
    options: list[str]

    @property
    def scheme(self) -> str:
        return "http" if self.server.certificate is None else "https"

    def person(self, role: str) -> Person:
        person = new_person(self.server, role)
        if self.server.certificate is not None:
            # Which the environment of the tests would go before.
            person.session.trust_env = False
            person.session.verify = str(self.server.certificate[0])
        return person

    def logged(self) -> Counter[tuple[str, str, int]]:
        """How often there was an answer to what people do: method, operation, status."""
        found = re.findall(r"\b(GET|POST|PUT) convert\.(\w+) (\d{3})\b", self.server.log.read_text())
        return Counter((method, operation, int(status)) for method, operation, status in found)

    def visit(self, folder: Path, pages: dict[str, str], begin: str, settings: Body) -> list[Any]:
        """What the pages say until the last one says that it is the end."""
        sites = [self.app, *self.others.values()]
        for site in sites:
            site.visits.clear()
            site.cookies.clear()
            site.pages |= {"/said": "."}
            for path, script in pages.items():
                prelude = PRELUDE.replace("SETTINGS", json.dumps({"server": f"{self.scheme}://{API_HOST}:{self.server.port}", **settings}))
                site.pages[path] = prelude + script.replace("EVIL", str(EVIL)) + "</script>"

        def said() -> list[Any]:
            visits = [visit for site in sites for visit in site.visits if visit.startswith("/said?")]
            return [json.loads(unquote(visit.split("?", 1)[1])) for visit in visits]

        options = [
            *self.options, "--disable-popup-blocking", "--host-resolver-rules=MAP *.example 127.0.0.1",
            "--disable-features=HttpsUpgrades",
        ]  # fmt: skip
        with open_page(begin, folder, *options) as log:
            try:
                wait_until(lambda: bool({"end", "failed"} & {name for name, _ in said()}), "the last page")
            finally:
                print(log.read_text(errors="replace"))
        return said()


def world_of(launch: Launch, certificate: tuple[Path, Path] | None, authority: Path) -> Iterator[World]:
    pair = certificate
    with Site.serve(pair) as app, Site.serve() as plain, Site.serve(pair) as other:
        environment = {"SEXTANT_APP_ORIGINS": f"{app.at(APP)},{app.at(PARTNER)}", "SEXTANT_LOG_LEVEL": "debug"}
        server = launch(environment=environment, certificate=pair)
        others = {plain.scheme: plain} | {other.scheme: other}
        yield World(server, app, others, [] if pair is None else [trusting(authority)])


@pytest.fixture(scope="module")
def http_world(launch: Launch, certificate: tuple[Path, Path]) -> Iterator[World]:
    yield from world_of(launch, None, certificate[0])


@pytest.fixture(scope="module")
def https_world(launch: Launch, certificate: tuple[Path, Path]) -> Iterator[World]:
    yield from world_of(launch, certificate, certificate[0])


@pytest.fixture
def world(request: pytest.FixtureRequest, scheme: str) -> World:
    found: World = request.getfixturevalue(f"{scheme}_world")
    return found


def who(person: Person) -> Body:
    return {"email": person.email, "password": person.password}


# ---- origins that the operator has named


@pytest.mark.parametrize(
    ("scheme", "host", "is_kept"), [("http", APP, True), ("https", APP, True), ("https", PARTNER, True), ("http", PARTNER, False)]
)
def test_pages_of_an_origin_that_is_named(world: World, scheme: str, host: str, is_kept: bool, tmp_path: Path) -> None:
    """Logging in, looking, changing and logging out; the session outlives a page, and a visit elsewhere. Browsers keep the
    cookie for pages of another site over TLS only."""
    begin = world.app.at(host)
    victim = world.person("admin")
    # Another server of the server's name, which cookies know no ports for, reached in clear.
    plain = world.others["http"]
    plain.pages["/hop"] = f"{begin}/again"
    home = {"hop": f"{plain.at(API_HOST)}/hop"}
    said = world.visit(tmp_path, {"/": OWN, "/again": AGAIN}, f"{begin}/", {"victim": who(victim), "eve": {}, "home": home})
    code = 200 if is_kept else 401
    assert said == [
        ["before", 401], ["login", [200, "SUCCESS"]], ["status", code], ["changed", [code, "Ann" if is_kept else None]],
        ["script sees", ""], ["again", code], ["wrong", 422 if is_kept else 401], ["out", code], ["after", 401],
        ["end", True],
    ]  # fmt: skip
    assert "/hop" in plain.visits
    if scheme == "http" and is_kept:
        assert all(re.fullmatch(r"sid=sxs_[\w-]{43}", cookie) for cookie in plain.cookies) and plain.cookies
    else:
        assert not plain.cookies, "what was set over TLS is not sent in clear"
    assert not world.app.cookies


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_what_a_cookie_says(world: World, scheme: str) -> None:
    def flags(origin: str | None, site: str | None) -> set[str]:
        headers = {name: value for name, value in (("Origin", origin), ("Sec-Fetch-Site", site)) if value is not None}
        answer = world.person("browse").begin(**headers)
        assert answer.status_code == 200, answer.text
        return {part.strip() for part in answer.headers["Set-Cookie"].split(";")[1:]}

    lax = {"Path=/", "HttpOnly", "SameSite=Lax", *(["Secure"] if scheme == "https" else [])}
    assert flags(None, None) == flags(world.server.base_url, "same-origin") == flags(world.app.at(APP), "same-site") == lax
    other_site = flags(world.app.at(PARTNER), "cross-site")
    assert other_site == ((lax - {"SameSite=Lax"}) | {"SameSite=None", "Partitioned"} if scheme == "https" else lax)


# ---- all others


@pytest.mark.parametrize(
    ("scheme", "app", "other", "host", "comes_along"),
    [
        # Of the server's own site the cookie comes along, and the origin alone tells them apart.
        ("http", APP, "http", "evil.shop.example", True),
        ("http", APP, "http", API_HOST, True),
        ("http", APP, "http", "www.evil.example", False),
        ("https", APP, "https", "evil.shop.example", True),
        ("https", APP, "https", API_HOST, True),
        ("https", APP, "https", "www.evil.example", False),
        ("https", APP, "http", API_HOST, False),
        # What is kept for the pages of another site comes along from that site only.
        ("https", PARTNER, "https", "evil.partner.example", True),
        ("https", PARTNER, "https", "www.evil.example", False),
    ],
)
def test_pages_of_other_origins(world: World, app: str, other: str, host: str, comes_along: bool, tmp_path: Path) -> None:
    """Another name of the server's site, another port of its own name, and another site, while somebody is logged in: nothing is
    read, nothing is changed, nobody is logged in or out."""
    victim, eve = world.person("admin"), world.person("browse")
    attacker = world.others[other]
    home = {"attack": f"{attacker.at(host)}/attack", "after": f"{world.app.at(app)}/after"}
    pages = {"/": LOGIN, "/attack": ATTACK, "/after": AFTER}
    before = world.logged()
    settings = {"victim": who(victim), "eve": who(eve), "home": home}
    said = world.visit(tmp_path, pages, f"{world.app.at(app)}/", settings)
    assert said == [["login", 200], ["still", [200, victim.email, None]], ["end", True], *TRIED]
    answered = world.logged() - before
    changes = {operation: {status for (method, name, status) in answered if name == operation and method != "GET"} for operation in ARRIVED}
    refused = 403 if comes_along else 401
    due = {**{operation: {refused} for operation in ARRIVED}, "doAuth": {200, 403}}
    if app == PARTNER:
        # A window of its own is of the server's site, where there is no such cookie.
        due["updateUserPreferences"] = {refused, 401}
    assert changes == due, answered
    assert answered["POST", "doAuth", 200] == 1
    for operation, count in ARRIVED.items():
        assert sum(answered["POST", operation, status] for status in (401, 403)) == count, (operation, answered)
    names = [one["name"] for one in victim.log_in().request("POST", "/accounts/1/projects", {}, expect=200).json()["data"]]
    assert "Evil" not in names


# ---- without a browser


def test_a_page_is_asked_about_before_it_calls(http_world: World) -> None:
    """The questions that browsers ask beforehand: only pages that are named are told that they may."""
    for origin, is_named in ((http_world.app.at(APP), True), (http_world.others["http"].url, False), ("null", False)):
        for path, method in (
            (f"{API}/auth", "POST"), (f"{API}/user", "PUT"), (f"{API}/user", "GET"), (f"{API}/accounts/1/projects/add", "POST"),
            (f"{SEXTANT}/user/backup-codes", "POST"),
        ):  # fmt: skip
            headers = {"Origin": origin, "Access-Control-Request-Method": method}
            answer = requests.options(http_world.server.base_url + path, headers=headers, timeout=60)
            allowed = answer.headers.get("Access-Control-Allow-Origin"), answer.headers.get("Access-Control-Allow-Credentials")
            assert allowed == ((origin, "true") if is_named else (None, None)), (origin, path)
