"""What a user does is stored with the company they are in by then."""

from typing import Any

from support.client import Client
from support.polling import wait_until
from support.server import Launch, Sextant

EVER = ("2000-01-01", "2100-01-01")


def companies(client: Client, user: str = "ann") -> list[Any]:
    """Of the user's track events, in the order in which they came."""
    query = f"SELECT company_id FROM events WHERE user_id = '{user}' AND event_type = 'track' ORDER BY event_id"
    return [row[0] for row in client.sql(query)]


def company_of(client: Client, user: str) -> Any:
    profile = client.user(user)
    return profile["company_id"] if profile else "no profile"


def test_rows_carry_the_users_company(environment: Client) -> None:
    environment.track("ann", "before")
    environment.identify("ann", company={"company_id": "acme", "name": "ACME"})
    environment.track("ann", "paid")
    environment.identify("ann", {"plan": "pro"})
    environment.track("ann", "paid", company={"id": "other"})
    answer = environment.ingest(
        [
            {"user_id": "ann", "event_name": "paid"},
            {"user_id": "ann", "event_type": "identify_user", "company_id": "bloom"},
            {"user_id": "ann", "event_name": "paid", "company": None, "metadata": None},
            {"user_id": "bob", "event_name": "paid", "company": {}},
        ]
    )
    assert answer["accepted"] == 4
    assert companies(environment) == [None, "acme", "other", "acme", "bloom"]
    assert companies(environment, "bob") == [None]
    rows = [row for row in environment.export(*EVER).rows if row["user_id"] == "ann"]
    assert {row["company_id"] for row in rows if row["event_type"] == "identify_user"} == {"acme", "bloom"}
    assert sorted(row["company_id"] for row in rows if row["event_type"] == "track") == ["", "acme", "acme", "bloom", "other"]


def test_a_user_leaves_their_company(environment: Client) -> None:
    environment.identify("ann", company={"id": "acme"})
    wait_until(lambda: company_of(environment, "ann") == "acme", "the company")
    # Nothing says nothing, and forms cannot say null.
    for company in (None, {}, [], "", {"id": ""}, {"company_id": "acme", "id": None}):
        environment.identify("ann", company=company)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for fields in ("company[id]=", "company=", "metadata=", "company[company_id]=&company_id=&metadata="):
        environment.request("POST", "/v1/identify", data=f"user_id=ann&{fields}", headers=form, expect=202)
        environment.request("POST", "/v1/track", data=f"user_id=ben&event_name=e&{fields}", headers=form, expect=202)
    answer = environment.ingest([{"user_id": "ben", "event_name": "e", "company": {"id": ""}, "metadata": ""}])
    assert answer["accepted"] == 1, answer
    environment.identify("ann", company={"company_id": None})
    environment.track("ann", "alone")
    wait_until(lambda: company_of(environment, "ann") is None, "the user to leave")
    assert companies(environment) == [None]
    environment.identify("ann", company={"company_id": None, "id": "z"})
    environment.track("ann", "paid")
    wait_until(lambda: company_of(environment, "ann") == "z", "the next company")
    assert companies(environment) == [None, "z"]


def test_companies_are_known_after_a_crash(launch: Launch) -> None:
    server: Sextant = launch()
    client = server.client()
    for number in range(20):
        client.identify(f"u{number}", company={"id": f"c{number % 3}"})
    server.kill()
    server.start()
    client = server.client()
    for number in range(20):
        client.track(f"u{number}", "paid")
        assert companies(client, f"u{number}") == [f"c{number % 3}"]


def test_deleted_companies_and_users_are_in_none(environment: Client) -> None:
    for user in ("ann", "bob"):
        environment.identify(user, company={"id": "acme"})
    environment.identify("cid", company={"id": "bloom"})
    environment.request("DELETE", "/v1/companies", json={"companies": ["acme"]}, expect=202)
    environment.request("DELETE", "/v1/users", json={"users": ["cid"]}, expect=202)
    for user in ("ann", "bob", "cid"):
        environment.track(user, "later")
        assert companies(environment, user) == [None]


def test_a_deletion_under_way_is_known_after_a_crash(launch: Launch) -> None:
    server: Sextant = launch()
    client = server.client()
    for user in ("ann", "bob"):
        client.identify(user, company={"id": "acme"})
        wait_until(lambda user=user: company_of(client, user) == "acme", "the company")
    client.request("DELETE", "/v1/companies", json={"companies": ["acme"]}, expect=202)
    client.identify("bob", company={"id": "acme"})
    server.kill()
    server.start()
    client = server.client()
    for user, company in (("ann", None), ("bob", "acme")):
        client.track(user, "later")
        assert companies(client, user) == [company]


def test_history_is_stored_as_it_was(environment: Client) -> None:
    environment.identify("ann", company={"id": "acme"})
    row = b'{"event_type":"track","event_name":"old","user_id":"ann","source":"backend-http","inserted_at":"2023-03-01"}'
    created = environment.upload("/v1/imports", "history.ndjson", row, expect=200).json()
    assert environment.finish_background_job(created["job_id"])["completed_rows"] == 1
    environment.track("ann", "new")
    assert companies(environment) == [None, "acme"]
    row = b'{"event_type":"identify_user","user_id":"ann","company_id":"bloom","source":"backend-http","inserted_at":"2023-03-01"}'
    created = environment.upload("/v1/imports", "history.ndjson", row, expect=200).json()
    assert environment.finish_background_job(created["job_id"])["completed_rows"] == 1
    environment.track("ann", "newer")
    assert companies(environment) == [None, "acme", "bloom"]
    wait_until(lambda: company_of(environment, "ann") == "bloom", "the profile to say the same")
