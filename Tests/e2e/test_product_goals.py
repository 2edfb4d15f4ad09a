"""Track calls of the product as goals of experiments: nothing but the events that a team sends already."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from support.client import SEXTANT, Client
from support.convert import Body, ConvertProject, convert_client, new_key
from support.convert_kinds import fresh
from support.polling import wait_until
from support.server import Launch, Sextant
from support.serving import add, live, new_project, new_sdk_key, reached, saw, track


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


@pytest.fixture
def project(server: Sextant) -> ConvertProject:
    first = ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"])
    environments = {name: {"label": name, "is_default": name == "production"} for name in ("production", "staging")}
    return new_project(first, environments=environments)


def make_key(server: Sextant, project_id: int, authorization: str | None = None, **members: Any) -> requests.Response:
    convert = server.credentials["convert"]
    authorization = authorization or f"Bearer {convert['application_id']}:{convert['secret']}"
    with requests.Session() as session:
        session.trust_env = False
        return session.post(
            f"{server.base_url}{SEXTANT}/projects/{project_id}/keys",
            json={"label": "shop", **members},
            headers={"Authorization": authorization},
            timeout=30,
        )


def product(server: Sextant, project: ConvertProject, **members: Any) -> Client:
    made = make_key(server, project.id, **members)
    assert made.status_code == 201, made.text
    return server.client(made.json()["token"])


def goal(project: ConvertProject, **members: Any) -> Body:
    name = fresh("goal")
    return project.add("goals", {"name": name, "key": name.replace(" ", "_"), "type": "code_trigger", **members})


def conversions(project: ConvertProject, count: int) -> list[Body]:
    """The newest first, once there are so many."""

    def shown() -> list[Body]:
        return [event for event in live(project) if event["event_type"] != "view_experience"]

    wait_until(lambda: len(shown()) >= count, f"{count} conversions")
    events = shown()
    assert len(events) == count, events
    return events


def test_track_calls_and_sdks_reach_the_same_goal(
    server: Sextant, project: ConvertProject, http: requests.Session
) -> None:
    events = product(server, project)
    bought, other = goal(project), goal(project)
    experience = add(project, [50, 50], goals=[bought["id"]])
    key = new_sdk_key(project)["sdk_key"]
    track(project, http, key, {"visitorId": "ann", "segments": {"country": "DE"}, "events": [saw(experience, 1)]})
    events.track("ann", bought["key"], {"amount": 12.5, "products_count": 3, "transaction_id": "t-1"})
    events.track("ann", bought["key"], {"amount": 12.5, "products_count": 3, "transaction_id": "t-1"})
    # Nobody who is in the experiment, and a goal of no experiment.
    events.track("bob", bought["key"])
    events.track("ann", other["key"])
    conversions(project, 2)
    # An SDK's event is in the same listing: another purchase of somebody who has converted.
    track(project, http, key, {"visitorId": "ann", "events": [reached(bought, ("amount", 7))]})
    events_seen = conversions(project, 3)
    assert {event["conversion"]["revenue"] for event in events_seen} == {None, 12.5, 7}
    (told,) = [event for event in events_seen if event["conversion"]["revenue"] == 12.5]
    assert told["event_type"] == "transaction" and told["country"] == "DE"
    assert told["conversion"] == {"goals": [bought["id"]], "revenue": 12.5, "products_ordered_count": 3}
    assert told["experiences"] == [e for e in events_seen if e is not told][0]["experiences"]


def test_rules_ask_for_name_and_properties(server: Sextant, project: ConvertProject, http: requests.Session) -> None:
    events = product(server, project)

    def rule(key: str, value: str) -> Body:
        matching = {"match_type": "matches", "negated": False}
        return {"rule_type": "generic_text_key_value", "key": key, "value": value, "matching": matching}

    both = [{"OR_WHEN": [rule("event_name", "plan_changed")]}, {"OR_WHEN": [rule("plan", "pro")]}]
    upgraded = goal(project, type="advanced", triggering_rule={"OR": [{"AND": both}]})
    experience = add(project, [50, 50], goals=[upgraded["id"]])
    key = new_sdk_key(project)["sdk_key"]
    track(project, http, key, {"visitorId": "ann", "events": [saw(experience)]})
    events.track("ann", "plan_changed", {"plan": "free"})
    events.track("ann", "plan_changed", {"plan": "pro"})
    events.track("ann", "looked", {"plan": "pro"})
    (event,) = conversions(project, 1)
    assert event["event_type"] == "conversion" and event["conversion"]["goals"] == [upgraded["id"]]


def test_identify_joins_visitors_and_deletion_takes_them(
    server: Sextant, project: ConvertProject, http: requests.Session
) -> None:
    events = product(server, project)
    bought = goal(project)
    experience = add(project, [50, 50], goals=[bought["id"]])
    key = new_sdk_key(project)["sdk_key"]
    track(project, http, key, {"visitorId": "cookie-7", "events": [saw(experience)]})
    events.identify("ann", {"visitor_id": "cookie-7"})
    events.track("ann", bought["key"])
    # The event says by itself which visitor it is.
    events.track("bob", bought["key"], {"visitor_id": "cookie-7"})
    conversions(project, 2)
    url = f"{server.base_url}/api/v1/visitor-data/{key}/cookie-7"
    assert http.get(url, timeout=30).status_code == 200
    events.request("DELETE", "/v1/users", json={"users": ["ann"]}, expect=202)
    wait_until(lambda: not live(project), "the deletion of what ann did as a visitor")


def test_environments_are_apart(server: Sextant, project: ConvertProject, http: requests.Session) -> None:
    staging = product(server, project, environment="staging")
    production = product(server, project)
    bought = goal(project)
    experience = add(project, [50, 50], goals=[bought["id"]], environment="production")
    key = new_sdk_key(project)["sdk_key"]
    track(project, http, key, {"visitorId": "ann", "events": [saw(experience)]})
    staging.track("ann", bought["key"], {"amount": 1})
    production.track("ann", bought["key"], {"amount": 2})
    assert {event["conversion"]["revenue"] for event in conversions(project, 2)} == {None, 2}


def test_each_event_counts_once_through_kills(launch: Launch) -> None:
    server = launch()
    project = ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"])
    events = product(server, project)
    bought = goal(project)
    experience = add(project, [50, 50], goals=[bought["id"]])
    key = new_sdk_key(project)["sdk_key"]
    with requests.Session() as http:
        http.trust_env = False
        track(project, http, key, *({"visitorId": f"v{n}", "events": [saw(experience)]} for n in range(10)))
        for round in range(4):
            # A kill comes mostly before they are counted, and every second time after those of before were.
            if round % 2:
                conversions(project, 20 * round)
            for number in range(10):
                events.track(f"v{number}", bought["key"], {"amount": round})
            server.kill()
            server.start()
            project.client.base_url = events.base_url = server.base_url
        # Each event with an amount is a conversion and a transaction.
        told = Counter(event["conversion"]["revenue"] for event in conversions(project, 80))
        assert told == {None: 40, 0: 10, 1: 10, 2: 10, 3: 10}


def test_keys_of_projects(server: Sextant, project: ConvertProject) -> None:
    assert make_key(server, project.id, environment="nowhere").status_code == 400
    assert make_key(server, 999_999).status_code == 404
    convert = server.credentials["convert"]
    for authorization in (f"Token {server.token}", f"Bearer {server.token}"):
        assert make_key(server, project.id, authorization).status_code == 401
    assert make_key(server, project.id, f"Bearer {convert['application_id']}:wrong").status_code == 401
    full, made = product(server, project), product(server, project, can_export=False)
    names = [one["name"] for one in full.get(f"{SEXTANT}/environments", expect=200).json()]
    assert names == ["production", "staging"]
    made.post(f"{SEXTANT}/sql", {"query": "select 1"}, expect=403)
    # A key that may only look, and one of other projects.
    for members in ({"role": "browse"}, {"role": "admin", "projects": [project.id - 1]}):
        key = new_key(project.client, auth_type="secretKey", **members)
        assert make_key(server, project.id, f"Bearer {key['key_id']}:{key['key_secret']}").status_code == 403
