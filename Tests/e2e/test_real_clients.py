"""What real clients send, byte for byte: all of it is stored, once, also when they send it again.

The requests are written after what was seen on the wire of the clients themselves; `docs/compatibility.md` lists them."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from support import event_clients
from support.client import Client
from support.convert import ConvertProject, convert_client
from support.convert_kinds import rules
from support.experiment_clients import CLIENTS, ExperimentClient, Shop, expected, stored
from support.polling import wait_until
from support.server import Sextant
from support.serving import add, live, new_project, new_sdk_key
from support.wire import Call, send_all

GERMAN = {
    "rule_type": "generic_text_key_value", "key": "country", "value": "DE",
    "matching": {"match_type": "matches", "negated": False},
}  # fmt: skip


def open_shop(server: Sextant) -> tuple[ConvertProject, Shop]:
    own = new_project(ConvertProject(convert_client(server), server.credentials["projects"]["fullstack"]["id"]))
    signup = own.add("goals", {"name": "Sign up", "type": "code_trigger"})["id"]
    buy = own.add("goals", {"name": "Buy", "type": "revenue", "settings": {"triggering_type": "manual"}})["id"]
    segment = own.add("audiences", {"name": "Germans", "type": "segmentation", "rules": rules(GERMAN)})["id"]
    experiences = [add(own, [50, 50], goals=[signup, buy]) for _ in range(2)]
    variations = {one["id"]: one["variations"][number]["id"] for number, one in enumerate(experiences)}
    key = new_sdk_key(own, has_secret=True)
    shop = Shop(own.client.account_id, own.id, key["sdk_key"], key["sdk_secret"], variations, signup, buy, segment)
    return own, shop


def differences(told: Counter[Any], found: Counter[Any]) -> str:
    lines = [f"missing {count} x {one}" for one, count in (told - found).items()]
    return "\n".join(lines + [f"too much {count} x {one}" for one, count in (found - told).items()])


# ---- experiments


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_experiments(server: Sextant, client: ExperimentClient) -> None:
    own, shop = open_shop(server)
    told = expected(shop, client)
    answers = [json.loads(answer.body) for answer in send_all(server.port, client.calls(shop))]
    assert stored(live(own)) == told, differences(told, stored(live(own)))
    # Some say twice that something was bought, and it is one conversion; nothing else is refused, and nothing left out.
    assert all("left_out" not in answer for answer in answers), answers


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_experiments_sent_again(server: Sextant, client: ExperimentClient) -> None:
    """As clients do that got no answer: those that leave duplicates to the server may send all again."""
    own, shop = open_shop(server)
    told = expected(shop, client)
    for _ in range(2):
        send_all(server.port, client.calls(shop))
    found = stored(live(own))
    if client.remembers:
        told, found = only_transactions(told), only_transactions(found)
    assert found == told, differences(told, found)


def only_transactions(events: Counter[Any]) -> Counter[Any]:
    return Counter({event: count for event, count in events.items() if event[0] == "transaction"})


def test_a_batch_that_overtakes_itself(server: Sextant) -> None:
    """JavaScript sends all that waits again when more comes while a batch is under way: twice the same, at once."""
    own, shop = open_shop(server)
    node = next(client for client in CLIENTS if client.name == "JavaScript in Node")
    calls = node.calls(shop)
    with ThreadPoolExecutor(len(calls) * 4) as pool:
        for _ in pool.map(lambda call: send_all(server.port, [call]), calls * 4):
            pass
    told = expected(shop, node)
    assert stored(live(own)) == told, differences(told, stored(live(own)))


# ---- product events

Row = tuple[str, str, str, str, str]


def sent_rows(calls: list[Call]) -> Counter[Row]:
    """The rows that must come of what was sent: a user's carry the company that the user is in by then."""
    rows: Counter[Row] = Counter()
    companies: dict[str, str] = {}

    def add_row(kind: str, name: str, user: str, company: str, metadata: Any) -> None:
        rows[kind, name, user, company, json.dumps(metadata or {}, sort_keys=True)] += 1

    for call in calls:
        if call.method != "POST":
            continue
        body = json.loads(call.body)
        if call.target == "/v1/companies/identify":
            add_row("identify_company", "", "", body["company_id"], body["metadata"])
            continue
        user, company = body["user_id"], body.get("company")
        if company:
            companies[user] = company["id"]
            about = {name: value for name, value in company.items() if name != "id"}
            add_row("identify_company", "", "", company["id"], about)
        kind = "track" if call.target == "/v1/track" else "identify_user"
        add_row(kind, body.get("event_name", ""), user, companies.get(user, ""), body.get("metadata"))
    return rows


def stored_rows(environment: Client) -> Counter[Row]:
    rows = environment.sql("SELECT event_type, event_name, user_id, company_id, metadata::VARCHAR FROM events")
    return Counter(
        (kind, name or "", user or "", company or "", json.dumps(json.loads(metadata), sort_keys=True))
        for kind, name, user, company, metadata in rows
    )


@pytest.mark.parametrize(
    "calls", [event_clients.segment, event_clients.rudderstack, event_clients.dotnet], ids=lambda calls: calls.__name__
)
def test_product_events(server: Sextant, environment: Client, calls: Any) -> None:
    made = calls(environment.token)
    send_all(server.port, made)
    told = sent_rows(made)
    wait_until(lambda: sum(stored_rows(environment).values()) >= sum(told.values()), "all rows")
    assert stored_rows(environment) == told, differences(told, stored_rows(environment))
    # Profiles hold what was told of everybody.
    named = {json.loads(call.body).get("user_id") for call in made if call.target == "/v1/identify"}
    wait_until(lambda: all(environment.user(user) for user in named), "the profiles")


def test_segment_deletes_users(server: Sextant, environment: Client) -> None:
    made = event_clients.segment(environment.token)
    send_all(server.port, made)
    send_all(server.port, [event_clients.segment_deletion(environment.token, "ann")])
    wait_until(lambda: environment.count_events("user_id = 'ann'") == 0, "the deletion")
    assert environment.count_events("user_id = 'anonymous-1'") == 2
