"""Users and accounts as Gainsight PX's callers write and read them, where those callers and the documents contradict each other.

The decisions are P3 to P20 of the notes on clients; each test names who wants it."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
import requests

from support.client import SEXTANT
from support.errors import assert_gainsight_error
from support.gainsight import TAG, GainsightClient, at, gainsight, milliseconds, needs
from support.polling import wait_until
from support.server import Launch, Sextant

EVER = ("2000-01-01", "2100-01-01")


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


# ---- P3, P4, P5: writing


def test_p3_created_or_updated(px: GainsightClient) -> None:
    """201 for px-data-loader, RudderStack and Create-Gainsight-PX-Users, who send propertyKeys; else 200 as in the base."""
    body = {"identifyId": "ann", "propertyKeys": [TAG]}
    assert px.send("POST", "/users", body).status_code == 201
    again = px.send("POST", "/users", {**body, "title": "CEO"})
    assert again.status_code == 200 and again.json()["title"] == "CEO"
    for _ in range(2):
        assert px.send("POST", "/users", {"identifyId": "bob"}).status_code == 200
    company = {"id": "acme", "name": "Acme", "propertyKeys": [TAG]}
    assert px.send("POST", "/accounts", company).status_code == 201
    assert px.send("POST", "/accounts", {**company, "plan": "pro"}).json()["plan"] == "pro"
    for _ in range(2):
        assert px.send("POST", "/accounts", {"id": "zoo", "name": "Zoo"}).status_code == 200
    # An empty list is a list.
    assert px.send("POST", "/users", {"identifyId": "cid", "propertyKeys": []}).status_code == 201


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_p4_the_address_names_the_record(px: GainsightClient, method: str) -> None:
    """RudderStack sends no id in the body; the base requires one; px-data-loader sends the same one."""
    status = {"PATCH": 200, "PUT": 204}[method]
    px.make_user("ann")
    px.make_account("acme")
    for body in ({"title": "A"}, {"identifyId": "ann", "title": "A"}, {"identifyId": None, "title": "A"}, {}):
        answer = px.send(method, "/users/ann", body)
        assert answer.status_code == status
        assert answer.json()["title"] == "A" if status == 200 else answer.content == b""
    for body in ({"plan": "pro"}, {"id": "acme", "plan": "pro"}, {"id": "acme", "name": "N"}, {}):
        assert px.send(method, "/accounts/acme", body).status_code == status
    assert px.known_account("acme")["plan"] == "pro" and px.known_account("acme")["name"] == "N"
    for path, key in (("/users/ann", "identifyId"), ("/accounts/acme", "id")):
        assert_gainsight_error(px.send(method, path, {key: "other"}), 400, key)
        assert_gainsight_error(px.send(method, path, {key: 1}), 400, key)
    for path in ("/users/nobody", "/accounts/nobody"):
        assert_gainsight_error(px.send(method, path, {}), 404)
    assert px.user("other") is None and px.user("nobody") is None and px.account("nobody") is None


def test_p5_accounts_without_a_name(px: GainsightClient) -> None:
    """px-data-loader inserts what its file maps; the base requires a name."""
    assert_gainsight_error(px.send("POST", "/accounts", {"id": "acme"}), 400, "name")
    assert px.account("acme") is None
    assert px.send("POST", "/accounts", {"id": "acme", "propertyKeys": [TAG]}, expect=201).json()["name"] == "acme"
    px.send("PUT", "/accounts/acme", {"name": "Acme"}, expect=204)
    # The name that it has stays.
    assert px.send("POST", "/accounts", {"id": "acme", "propertyKeys": [TAG]}, expect=200).json()["name"] == "Acme"


# ---- P6, P10, P13, P16, P17, P19, P20: answers


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "name"),
    [
        ("GET", "/users/nobody", None, 404, "NOT_FOUND"), ("GET", "/accounts/nobody", None, 404, "NOT_FOUND"),
        ("POST", "/users", {}, 400, "BAD_REQUEST"), ("POST", "/users", [], 400, "BAD_REQUEST"),
        ("POST", "/users", {"identifyId": ""}, 400, "BAD_REQUEST"), ("POST", "/users", {"identifyId": 1}, 400, "BAD_REQUEST"),
        ("POST", "/users", {"identifyId": "x" * 256}, 400, "BAD_REQUEST"), ("PUT", "/users/ann", None, 400, "BAD_REQUEST"),
        ("POST", "/accounts", {"id": "", "name": "x"}, 400, "BAD_REQUEST"), ("PUT", "/users/update", {}, 400, "BAD_REQUEST"),
        ("POST", "/users", {"identifyId": "a", "customAttributes": []}, 400, "BAD_REQUEST"),
        ("POST", "/users", {"identifyId": "a", "location": "Berlin"}, 400, "BAD_REQUEST"),
        ("POST", "/users", {"identifyId": "a", "globalUnsubscribe": "maybe"}, 400, "BAD_REQUEST"),
        ("PUT", "/user/preferences/ann", {"surveys": "maybe"}, 400, "BAD_REQUEST"),
        ("PUT", "/users/denylist/ann", {}, 400, "BAD_REQUEST"), ("PUT", "/users/denylist/ann", {"denied": "yes"}, 400, "BAD_REQUEST"),
        ("GET", "/user/preferences/nobody", None, 404, "NOT_FOUND"), ("POST", "/user/preferences", {}, 400, "BAD_REQUEST"),
        ("GET", "/users/denylist/nobody", None, 404, "NOT_FOUND"), ("GET", "/admin/model/thing/attributes", None, 400, "BAD_REQUEST"),
    ],
)  # fmt: skip
def test_p6_errors_have_the_envelope(
    px: GainsightClient, method: str, path: str, body: Any, status: int, name: str
) -> None:
    """RudderStack parses externalapierror, and takes an empty body for an error of its own."""
    px.make_user("ann")
    error = assert_gainsight_error(px.send(method, path, body), status)
    assert error["status"] == name


def test_p10_all_members_are_there(px: GainsightClient) -> None:
    """The base's and the vendor's, as the vendor's samples have what is unknown: "", 0, null."""
    made = px.make_account("acme")
    text = ["trackedSubscriptionId", "sfdcId", "plan", "dunsNumber", "industry", "sicCode", "website", "naicsCode", "parentGroupId"]
    number = ["lastSeenDate", "numberOfUsers", "numberOfVisits", "numberOfEmployees", "renewalDate", "healthScore", "nps"]
    assert {made[name] for name in [*text, "gsId", "csm"]} == {""} and {made[name] for name in number} == {0}
    assert made["customAttributes"] is None and made["location"] is None and made["dupisBuyer"] is False
    person = px.make_user("ann")
    text = ["email", "firstName", "lastName", "title", "phone", "role", "accountId", "subscriptionId", "sfdcContactId", "globalId"]
    number = ["score", "numberOfVisits", "lastSeenDate", "firstVisitDate", "signUpDate"]
    assert {person[name] for name in text} == {""} and {person[name] for name in number} == {0}
    assert person["type"] == "USER" and person["gender"] == "EMPTY_GENDER" and person["globalUnsubscribe"] is False
    assert person["aptrinsicId"] == person["identifyId"] == person["id"] == "ann"
    nothing = ["customAttributes", "location", "lastInferredLocation", "lastVisitedUserAgentData"]
    assert {str(person[name]) for name in nothing} == {"None"} and person["channelMetricList"] == []
    for record in (made, person):
        assert record["propertyKeys"] == [TAG]
        assert milliseconds(1) < record["createDate"] <= record["lastModifiedDate"] <= milliseconds(-1)
        assert all(type(record[name]) is int for name in ("createDate", "lastModifiedDate", "lastSeenDate"))


def test_p13_ways_to_show_a_key(px: GainsightClient) -> None:
    """The header of the base, and Bearer, as gainsight-px-integration has it."""
    px.make_user("ann")
    for headers in ({"X-APTRINSIC-API-KEY": px.key}, {"x-aptrinsic-api-key": px.key}, {"Authorization": f"Bearer {px.key}"}):
        assert requests.get(f"{px.base_url}/v1/users/ann", headers=headers, timeout=30).status_code == 200
    for headers in (
        {}, {"X-APTRINSIC-API-KEY": ""}, {"X-APTRINSIC-API-KEY": "wrong"}, {"Authorization": "Bearer x"},
        {"X-APTRINSIC-API-KEY": px.product.token}, {"Authorization": f"Token {px.key}"},
    ):  # fmt: skip
        answer = requests.get(f"{px.base_url}/v1/users/ann", headers=headers, timeout=30)
        error = assert_gainsight_error(answer, 401, "Authentication failed in loginAwareAuthentication")
        assert error["status"] == "UNAUTHORIZED"


def test_p16_names_in_addresses_come_before_ids(px: GainsightClient) -> None:
    """The vendor's /users/update."""
    px.make_user("ann")
    px.send("PUT", "/users/update", {"identifyId": "ann", "title": "CEO"}, expect=204)
    assert px.known_user("ann")["title"] == "CEO"
    px.make_account("acme")
    px.send("PUT", "/accounts/update", {"id": "acme", "name": "N"}, expect=204)
    assert px.known_account("acme")["name"] == "N"
    assert_gainsight_error(px.send("PUT", "/users/update", {"identifyId": "nobody"}), 404)
    assert_gainsight_error(px.send("PUT", "/accounts/update", {"id": "nobody", "name": "N"}), 404)


def test_p20_keys_that_only_send(px: GainsightClient) -> None:
    """403 "Access denied", as the vendor says of keys without a permission."""
    sender = gainsight(px.product, can_export=False)
    sender.make_user("ann")
    sender.send("PUT", "/users/ann", {"title": "T"}, expect=204)
    for method, path, body in [
        ("GET", "/users/ann", None), ("GET", "/accounts/acme", None), ("GET", "/admin/model/user/attributes", None),
        ("PUT", "/users/denylist/ann", {"denied": True}), ("GET", "/users/denylist/ann", None), ("GET", "/admin/subscription", None),
        ("GET", "/user/preferences/ann", None), ("GET", "/segment", None),
    ]:  # fmt: skip
        error = assert_gainsight_error(sender.send(method, path, body), 403)
        assert error["status"] == "FORBIDDEN" and "Access denied" in error["message"]
    assert px.known_user("ann")["title"] == "T"


# ---- P12: deletion


@needs("deleteUser", "deleteUserByBody", "deleteAccount")
def test_p12_deletion(px: GainsightClient) -> None:
    """204 (the base); an account's users go with it (the vendor)."""
    px.make_account("acme")
    for name in ("ann", "bob", "cid"):
        px.make_user(name, accountId="acme" if name != "cid" else "")
    assert px.request("DELETE", "/users/ann").status_code == 204
    assert px.user("ann") is None
    assert px.send("DELETE", "/users/delete", {"identifyId": "cid"}).status_code == 204
    assert px.user("cid") is None and px.user("bob") is not None
    assert px.request("DELETE", "/accounts/acme").status_code == 204
    assert px.account("acme") is None
    wait_until(lambda: px.user("bob") is None, "the end of the account's users")
    for path in ("/users/nobody", "/accounts/nobody"):
        assert_gainsight_error(px.request("DELETE", path), 404)


# ---- what is stored


IDS = [
    "a/b", "a//b/", "100%", "%41", "a%2Fb", "a b+c", "a?b#c", "ann@example.com", "\u00e9", "e\u0301", "K\u212a", "😀", "'\"\\", "a;b=c",
]  # fmt: skip


@pytest.mark.parametrize("identifier", IDS)
def test_any_text_is_an_id(px: GainsightClient, identifier: str) -> None:
    """px-data-loader takes ids from a file, whatever they hold."""
    px.make_user(identifier, title="first")
    assert px.known_user(identifier)["identifyId"] == identifier
    px.send("PUT", at("/users", identifier), {"title": "second"}, expect=204)
    assert px.send("PATCH", at("/users", identifier), {"phone": "1"}, expect=200).json()["title"] == "second"
    px.send("PUT", at("/user/preferences", identifier), {"surveys": True}, expect=204)
    assert px.get(at("/user/preferences", identifier)).json()["surveys"] is True
    assert px.get(at("/users/denylist", identifier)).json() == {"denied": False, "identifyId": identifier}
    px.make_account(identifier, name="N")
    assert px.known_account(identifier)["id"] == identifier
    px.custom(identifier, "opened")
    assert [row["identifyId"] for row in px.all("/events/custom")] == [identifier]


def test_spellings_of_one_letter_are_two_users(px: GainsightClient) -> None:
    for number, name in enumerate(["caf\u00e9", "cafe\u0301"]):
        px.make_user(name, score=number + 1)
    assert px.known_user("caf\u00e9")["score"] == 1 and px.known_user("cafe\u0301")["score"] == 2
    px.send("PUT", "/users/denylist/" + quote("caf\u00e9"), {"denied": True}, expect=200)
    assert px.get("/users/denylist/" + quote("cafe\u0301")).json()["denied"] is False


def test_many_and_large_attributes(px: GainsightClient) -> None:
    """The limits that Userpilot documents hold here as well: 500 attributes, 65,535 characters each."""
    large = {f"p{number}": "é" * 1000 for number in range(499)}
    assert len(json.dumps(large, ensure_ascii=False).encode()) > 990_000
    px.make_user("ann", customAttributes=large)
    shown = px.known_user("ann")
    assert shown["customAttributes"] == large
    for body in (
        {f"q{number}": number for number in range(501)}, {"a": "x" * 65_536}, {"n" * 256: 1},
    ):  # fmt: skip
        assert_gainsight_error(px.send("PUT", "/users/ann", {"customAttributes": body}), 400)
        assert_gainsight_error(px.send("POST", "/users", {"identifyId": "bob", "propertyKeys": [TAG], "customAttributes": body}), 400)
    assert px.known_user("ann")["customAttributes"] == large and px.user("bob") is None
    px.send("POST", "/users", {"identifyId": "cid", "customAttributes": {f"q{number}": number for number in range(500)}}, expect=200)
    assert len(px.known_user("cid")["customAttributes"]) == 500


def test_attributes_that_are_called_like_fields(px: GainsightClient) -> None:
    attributes = {
        "email": "other", "identifyId": "x", "id": 1, "score": "high", "customAttributes": {"a": 1}, "preferences": [1],
        "customAttributes.email": 2, "numberOfVisits": -1, "": "empty", "a.b": {"c": None}, "$context": 0, "nested": {"x": [1, {"y": 2.5}]},
    }  # fmt: skip
    px.make_user("ann", email="ann@b.c", customAttributes=attributes)
    shown = px.known_user("ann")
    assert shown["email"] == "ann@b.c" and shown["identifyId"] == "ann" and shown["score"] == 0
    assert shown["customAttributes"] == attributes
    assert px.get("/user/preferences/ann").json()["surveys"] is None
    px.make_account("acme", customAttributes={"name": "other", "plan": 1, "id": None})
    assert px.known_account("acme")["customAttributes"] == {"name": "other", "plan": 1}
    assert px.known_account("acme")["name"] == "acme"
    # What is no field is an attribute, wherever it stands.
    px.send("PUT", "/users/ann", {"shoe": 44}, expect=204)
    assert px.known_user("ann")["customAttributes"]["shoe"] == 44


def test_null_clears_and_absence_does_not(px: GainsightClient) -> None:
    px.make_user("ann", title="T", score=5, customAttributes={"a": 1, "b": 2}, location={"city": "Berlin"})
    px.send("PUT", "/users/ann", {"title": None, "customAttributes": {"a": None}}, expect=204)
    shown = px.known_user("ann")
    assert shown["title"] == "" and shown["customAttributes"] == {"b": 2} and shown["score"] == 5
    px.send("PUT", "/users/ann", {"customAttributes": None, "location": None}, expect=204)
    shown = px.known_user("ann")
    assert shown["customAttributes"] == {"b": 2} and shown["location"] is None
    px.send("PUT", "/users/ann", {"customAttributes": {"b": None}}, expect=204)
    assert px.known_user("ann")["customAttributes"] is None


@pytest.mark.parametrize("path", ["/users", "/accounts"])
def test_locations_are_merged(px: GainsightClient, path: str) -> None:
    """Pipedream sends what its form has, members of their own each."""
    px.make_user("it", location={"city": "Berlin", "countryName": "Germany"})
    px.make_account("it", location={"city": "Berlin", "countryName": "Germany"})
    px.send("PUT", f"{path}/it", {"location": {"city": "Bonn", "stateCode": "NW"}}, expect=204)
    merged = {"city": "Bonn", "countryName": "Germany", "stateCode": "NW"}
    assert px.get(f"{path}/it").json()["location"] == merged
    px.send("PUT", f"{path}/it", {"location": {}, "website": "w"}, expect=204)
    assert px.get(f"{path}/it").json()["location"] == merged
    px.send("PUT", f"{path}/it", {"location": {"stateCode": None, "street": None}}, expect=204)
    del merged["stateCode"]
    assert px.get(f"{path}/it").json()["location"] == merged
    px.send("PUT", f"{path}/it", {"location": {"coordinates": {"latitude": 1.5, "longitude": 2}}}, expect=204)
    assert px.get(f"{path}/it").json()["location"] == {**merged, "coordinates": {"latitude": 1.5, "longitude": 2}}


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_user_leaves_an_account(px: GainsightClient, nothing: Any) -> None:
    px.make_account("acme")
    px.make_user("ann", accountId="acme")
    assert px.known_account("acme")["numberOfUsers"] == 1
    px.send("PUT", "/users/ann", {"title": "T"}, expect=204)
    assert px.known_user("ann")["accountId"] == "acme"
    px.send("PUT", "/users/ann", {"accountId": nothing}, expect=204)
    assert px.known_user("ann")["accountId"] == "" and px.known_account("acme")["numberOfUsers"] == 0


def test_dates_move_one_way(px: GainsightClient) -> None:
    px.make_user("ann", lastSeenDate=1700000000000, firstVisitDate=1700000000000, signUpDate=1700000000000)
    px.send("PUT", "/users/ann", {"lastSeenDate": 1600000000000, "firstVisitDate": 1800000000000}, expect=204)
    shown = px.known_user("ann")
    assert shown["lastSeenDate"] == shown["firstVisitDate"] == 1700000000000
    px.send("PUT", "/users/ann", {"lastSeenDate": 1710000000000, "firstVisitDate": 1600000000000}, expect=204)
    shown = px.known_user("ann")
    assert (shown["lastSeenDate"], shown["firstVisitDate"]) == (1710000000000, 1600000000000)


def test_dates_beyond_all_calendars_are_unknown(px: GainsightClient) -> None:
    """PostHog and others make calendar dates of them, and stop at one that is none."""
    for date in (10**18, -(10**18)):
        px.send("POST", "/users", {"identifyId": "ann", "signUpDate": date}, expect=200)
        assert px.known_user("ann")["signUpDate"] == 0


# ---- the same people on all surfaces


def test_users_of_userpilot_are_users_here(px: GainsightClient) -> None:
    metadata = {"name": "Ann", "email": "ann@b.c", "created_at": "2025-01-01T00:00:00Z", "plan": "pro", "score": "12"}
    px.product.identify("ann", metadata, company={"company_id": "acme", "name": "Acme", "seats": 4})
    shown = px.known_user("ann")
    assert shown["email"] == "ann@b.c" and shown["accountId"] == "acme" and shown["score"] == 12
    assert shown["signUpDate"] == 1735689600000
    assert shown["customAttributes"] == {"name": "Ann", "created_at": "2025-01-01T00:00:00Z", "plan": "pro"}
    company = px.known_account("acme")
    assert company["name"] == "Acme" and company["customAttributes"] == {"seats": 4} and company["numberOfUsers"] == 1
    px.send("PUT", "/users/ann", {"title": "CEO", "customAttributes": {"plan": "free"}}, expect=204)

    def seen() -> bool:
        profile = px.product.user("ann")
        return profile is not None and profile["metadata"].get("title") == "CEO" and profile["metadata"]["plan"] == "free"

    wait_until(seen, "the profile on the other surface")
    # And back again.
    px.product.identify("ann", {"title": None})
    assert px.known_user("ann")["title"] == ""


def test_exports_hold_what_was_sent_here(px: GainsightClient) -> None:
    px.make_account("acme", plan="gold")
    px.make_user("ann", title="CEO", accountId="acme", customAttributes={"plan": "pro", "email": "own"})
    px.custom("ann", "opened", attributes={"a": 1})
    rows = {row["event_type"]: row for row in px.product.export(*EVER).rows}
    assert set(rows) == {"identify_user", "identify_company", "track"}
    identified = rows["identify_user"]
    assert identified["user_id"] == "ann" and identified["company_id"] == "acme" and identified["source"] == "backend-http"
    assert identified["metadata"]["title"] == "CEO" and identified["metadata"]["plan"] == "pro"
    assert identified["metadata"]["customAttributes.email"] == "own"
    assert rows["identify_company"]["metadata"]["plan"] == "gold" and rows["identify_company"]["company_id"] == "acme"
    assert rows["track"]["event_name"] == "opened" and rows["track"]["metadata"]["a"] == 1
    today = datetime.now(UTC).strftime("%Y-%m-%d")
    assert identified["inserted_at"][:10] <= today


def test_segments_of_all_surfaces_are_these(px: GainsightClient) -> None:
    rule = {"user_property": "plan", "operator": "equals", "value": "pro"}
    made = px.product.post(f"{SEXTANT}/segments", {"title": "Pro", "rule": rule}, expect=201).json()
    px.make_user("ann", customAttributes={"plan": "pro"})
    assert px.get("/segment").json()["segments"] == [{"id": str(made["id"]), "name": "Pro"}]

    def members() -> Any:
        return px.product.get(f"{SEXTANT}/segments/{made['id']}/members").json()["user_ids"]

    assert wait_until(members, "the member") == ["ann"]


def test_calls_at_once_merge_and_make_one_user(px: GainsightClient) -> None:
    """Locations and preferences are merged member by member, also when many say something at the same moment."""
    names = ["city", "street", "postalCode", "countryCode", "stateCode", "regionName"]
    with ThreadPoolExecutor(len(names)) as pool:

        def create(name: str) -> int:
            body = {"identifyId": "once", "propertyKeys": [TAG], "location": {name: name}}
            return requests.post(
                f"{px.base_url}/v1/users", json=body, headers={"X-APTRINSIC-API-KEY": px.key}, timeout=60
            ).status_code

        assert sorted(pool.map(create, names)) == [200] * 5 + [201]
    assert px.known_user("once")["location"] == {name: name for name in names}


def test_a_profile_takes_all_of_a_change_or_says_no(px: GainsightClient) -> None:
    px.make_user("big", customAttributes={f"a{number}": number for number in range(400)})
    for attributes in ({f"b{number}": 1 for number in range(200)}, {f"c{number}": "x" * 60_000 for number in range(20)}):
        refused = px.send("PUT", "/users/big", {"customAttributes": attributes}, expect=400)
        assert "customAttributes" in refused.text
    shown = px.known_user("big")["customAttributes"]
    assert shown == {f"a{number}": number for number in range(400)}
    freed = {f"a{number}": None for number in range(200)} | {f"b{number}": 1 for number in range(200)}
    px.send("PUT", "/users/big", {"customAttributes": freed}, expect=204)
    assert len(px.known_user("big")["customAttributes"]) == 400
