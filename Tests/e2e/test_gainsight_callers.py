"""Callers of Gainsight PX that are really in use: each test does what one of them does, and insists on what it insists on.

The names are those of their public sources; status codes are to the digit."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from support.errors import assert_gainsight_error
from support.gainsight import READERS, TAG, Body, GainsightClient, iso, milliseconds, needs
from support.polling import wait_until
from support.server import Launch, Sextant


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    return launch()


def send_events(px: GainsightClient, count: int) -> list[str]:
    return [px.custom(f"user {number % 3}", "opened", date=milliseconds(1) + number)["eventId"] for number in range(count)]


# ---- rudderlabs/rudder-transformer, src/v0/destinations/gainsight_px


def rudder_exists(px: GainsightClient, path: str) -> bool:
    response = px.get(path, expect=None)
    if response.status_code == 200:
        return True
    # An empty body is taken for an error of the network.
    assert response.status_code == 404 and response.json()["externalapierror"]
    return False


def test_rudderstack_identify(px: GainsightClient) -> None:
    traits = {
        "email": "jane@example.com", "gender": "FEMALE", "signUpDate": 1735689600000, "score": 9, "firstName": "Jane",
        "lastName": "Doe", "customAttributes": {"hobby": "chess"}, "propertyKeys": [TAG], "type": "USER",
        "location": {"city": "Berlin", "coordinates": {"latitude": 52.5, "longitude": 13.4}},
    }  # fmt: skip
    assert not rudder_exists(px, "/users/jane")
    # Only when it makes a user it sends these two.
    px.send("POST", "/users", {**traits, "createDate": 1735689600000, "identifyId": "jane"}, expect=201)
    assert rudder_exists(px, "/users/jane")
    px.send("PUT", "/users/jane", {**traits, "score": 11, "customAttributes": {"pet": "cat"}}, expect=204)
    user = px.user("jane")
    assert user is not None
    assert {name: user[name] for name in traits} == {**traits, "score": 11, "customAttributes": {"hobby": "chess", "pet": "cat"}}
    assert user["createDate"] > milliseconds(1), "when a profile was made is the server's to say"


def test_rudderstack_group(px: GainsightClient) -> None:
    account = {
        "name": "Acme", "numberOfEmployees": 51, "numberOfUsers": 4, "createDate": 1735689600000, "propertyKeys": [TAG],
        "lastModifiedDate": 1735689600000, "lastSeenDate": 1735689600000, "customAttributes": {"tier": "1"},
        "location": {"city": "Berlin"},
    }  # fmt: skip
    px.send("POST", "/users", {"identifyId": "jane", "propertyKeys": [TAG]}, expect=201)
    assert rudder_exists(px, "/users/jane") and not rudder_exists(px, "/accounts/acme")
    created = px.send("POST", "/accounts", {**account, "id": "acme"})
    assert created.status_code == 201
    # A user is put into the account by a body that holds nothing else.
    px.send("PUT", "/users/jane", {"accountId": "acme"}, expect=204)
    assert rudder_exists(px, "/accounts/acme")
    updated = px.send("PUT", "/accounts/acme", {**account, "plan": "pro"})
    assert updated.status_code == 204 and updated.content == b""
    shown, user = px.account("acme"), px.user("jane")
    assert shown is not None and user is not None
    assert shown["plan"] == "pro" and shown["customAttributes"] == {"tier": "1"} and shown["numberOfUsers"] == 1
    assert shown["lastSeenDate"] == 1735689600000
    assert user["accountId"] == "acme"


def test_rudderstack_group_in_few_calls(px: GainsightClient) -> None:
    """It writes first, and makes the account when it hears 404."""
    assert_gainsight_error(px.send("PUT", "/accounts/acme", {"name": "Acme", "propertyKeys": [TAG]}), 404)
    px.send("POST", "/accounts", {"id": "acme", "name": "Acme", "propertyKeys": [TAG]}, expect=201)


def test_rudderstack_track(px: GainsightClient) -> None:
    # Nested attributes are texts of JSON by then.
    attributes = {"amount": 1, "nested": '{"b":[1]}', "list": "[1,2]"}
    body = {
        "identifyId": "jane", "eventName": "Ordered", "date": milliseconds(1), "attributes": attributes,
        "url": "https://x.example/a?b=c", "referrer": "https://r.example/", "propertyKey": TAG, "userType": "USER",
        "globalContext": {"kubrick": "2001"}, "accountId": "acme", "sessionId": "s-1",
    }  # fmt: skip
    assert px.send("POST", "/events/custom", body).status_code // 100 == 2
    (event,) = px.all("/events/custom")
    assert {name: event[name] for name in body} == body


# ---- aptrinsic/px-data-loader, gainsight-px-data-loader: the vendor's own


def load(px: GainsightClient, place: str, key: str, record: Body) -> str:
    """One row of its file: it updates, and inserts what is not there."""
    headers = {"content-type": "application/json"}
    data = json.dumps({**record, "propertyKeys": [TAG]})
    updated = px.request("PUT", f"/{place}/{record[key]}", data=data, headers=headers)
    if updated.status_code == 204:
        return "updated"
    assert updated.status_code == 404, updated.text
    assert px.request("POST", f"/{place}", data=data, headers=headers).status_code == 201
    return "inserted"


def test_px_data_loader_users(px: GainsightClient) -> None:
    types = {field["apiName"]: field["type"] for field in px.get("/admin/model/user/attributes").json()}
    # It looks for the key under `id`, and for what a location has under its bare names.
    for name in ("id", "email", "title", "phone", "accountId", "role", "city", "stateCode", "countryName", "timeZone"):
        assert types[name] == "STRING", name
    assert types["score"] == "NUMBER" and types["coordinates.latitude"] == "NUMBER"
    assert types["signUpDate"] == "DATE_TIME" and types["globalUnsubscribe"] == "BOOLEAN"
    record = {
        "identifyId": "ann@example.com", "title": "CEO", "signUpDate": 1767351845000, "score": 12,
        # Its booleans are texts.
        "globalUnsubscribe": "true", "location": {"city": "Berlin", "coordinates": {"latitude": 52.5}},
        "customAttributes": {"level": "7"},
    }  # fmt: skip
    assert load(px, "users", "identifyId", record) == "inserted"
    assert load(px, "users", "identifyId", {**record, "globalUnsubscribe": "false"}) == "updated"
    user = px.user("ann@example.com")
    assert user is not None and user["globalUnsubscribe"] is False and user["location"] == record["location"]
    attributes = {field["apiName"]: field for field in px.get("/admin/model/user/attributes").json()}
    assert attributes["level"]["origin"] == "CUSTOM" and attributes["level"]["type"] == "STRING"


def test_px_data_loader_accounts(px: GainsightClient) -> None:
    types = {field["apiName"]: field["type"] for field in px.get("/admin/model/account/attributes").json()}
    assert types["id"] == types["name"] == types["city"] == "STRING" and types["numberOfEmployees"] == "NUMBER"
    assert load(px, "accounts", "id", {"id": "acme", "name": "Acme", "numberOfEmployees": 12}) == "inserted"
    # What the file has no column for is not sent, the name included.
    assert load(px, "accounts", "id", {"id": "bare"}) == "inserted"
    assert load(px, "accounts", "id", {"id": "bare", "plan": "pro"}) == "updated"
    bare = px.account("bare")
    assert bare is not None and bare["name"] == "bare" and bare["plan"] == "pro"


def test_px_data_loader_events_and_preferences(px: GainsightClient) -> None:
    event = {
        "identifyId": "ann", "eventName": "bought", "date": milliseconds(1), "url": "https://x.example", "referrer": "",
        "remoteHost": "h", "attributes": {"Organisation": "Org", "FromTo": ""}, "userType": "USER", "propertyKey": TAG,
    }  # fmt: skip
    assert px.send("POST", "/events/custom", event).status_code == 201
    preferences = {"identifyId": "ann", "trackUsage": "true", "productUpdates": "false", "surveys": "true"}
    assert px.send("PUT", "/user/preferences/ann", preferences).status_code == 204
    shown = px.get("/user/preferences/ann").json()
    assert shown["trackUsage"] is True and shown["productUpdates"] is False and shown["guidedTours"] is None
    assert px.send("PUT", "/user/preferences/nobody", preferences).status_code == 404


def loader_error(text: str) -> str:
    """What it writes beside a row that failed."""
    answer = json.loads(text)
    if answer.get("externalapierror"):
        error = answer["externalapierror"]
        return str(error["subErrors"][0]["message"] if error["subErrors"] else error["status"])
    return str(answer.get("errorMessage"))


def test_px_data_loader_errors(px: GainsightClient) -> None:
    wrong = px.send("PUT", "/users/ann", {"score": "many"})
    assert wrong.status_code == 400 and "score" in loader_error(wrong.text)
    assert loader_error(px.get("/users/nobody", expect=404).text) == "NOT_FOUND"
    response = requests.get(
        f"{px.base_url}/v1/admin/model/user/attributes", headers={"X-APTRINSIC-API-KEY": "wrong"}, timeout=30
    )
    assert response.status_code == 401
    # Then it says that the key is wrong, else just that something is.
    assert "Authentication failed in loginAwareAuthentication" in response.text


# ---- Widen/tap-gainsightpx


def tap_scroll(px: GainsightClient, path: str, key: str, **query: Any) -> Iterator[Body]:
    """Its paging: until a page is empty, the scroll id null, or as many rows seen as there are hits."""
    seen = 0
    while True:
        page = px.get(path, **query).json()
        assert isinstance(page["totalHits"], int)
        yield from page[key]
        seen += len(page[key])
        if not page[key] or page["scrollId"] is None or page["totalHits"] <= seen:
            return
        query["scrollId"] = page["scrollId"]


def test_tap_gainsightpx_events(px: GainsightClient) -> None:
    sent = send_events(px, 5)
    window = {"sort": "date", "filter": f"date>={iso(24)};date<={iso(-1)}"}
    rows = list(tap_scroll(px, "/events/custom", "customEvents", pageSize=2, **window))
    assert [row["eventId"] for row in rows] == sent
    members = {
        "identifyId": str, "propertyKey": str, "date": int, "eventType": str, "sessionId": str, "userType": str,
        "accountId": str, "globalContext": dict, "attributes": dict, "url": str, "referrer": str, "remoteHost": str,
    }  # fmt: skip
    assert all(isinstance(row[name], type) for row in rows for name, type in members.items())
    for path, key in READERS.items():
        query = {"sort": "date"} if path == "/survey/responses" else window
        rows = list(tap_scroll(px, path, key, pageSize=500, **query))
        assert path == "/events/custom" or path == "/events/identify" or rows == [], path


def tap_pages(px: GainsightClient, path: str, key: str, **query: Any) -> list[Body]:
    """Its other paging: the first page is asked for without a number."""
    rows: list[Body] = []
    number = 0
    while True:
        page = px.get(path, **query).json()
        rows += page[key]
        if page["isLastPage"]:
            return rows
        number += 1
        query["pageNumber"] = number


def test_tap_gainsightpx_segments(px: GainsightClient) -> None:
    rule = {"user_property": "plan", "operator": "equals", "value": "pro"}
    for number in range(5):
        px.product.post("/api/sextant/v1/segments", {"title": f"Segment {number}", "rule": rule}, expect=201)
    for size in (2, 5, 200):
        rows = tap_pages(px, "/segment", "segments", pageSize=size)
        assert sorted(row["name"] for row in rows) == [f"Segment {number}" for number in range(5)]
        assert all(isinstance(row["id"], str) for row in rows)
    assert px.get(f"/segment/{rows[0]['id']}").json() == rows[0]
    assert_gainsight_error(px.get("/segment", expect=None, pageSize=201), 400, "pageSize")


@needs("listFeatureCatalog", "listPxEngagements")
def test_tap_gainsightpx_features_and_engagements(px: GainsightClient) -> None:
    events = [{"event_type": "track_feature", "user_id": "ann", "event_name": f"f-{number}"} for number in range(5)]
    px.product.ingest_all(events)
    for size in (2, 5, 200):
        rows = tap_pages(px, "/feature", "features", pageSize=size)
        assert sorted(row["id"] for row in rows) == [f"f-{number}" for number in range(5)], size
        assert {row["type"] for row in rows} == {"FEATURE"} and {row["status"] for row in rows} == {"ACTIVATED"}
    # It sends the filter of events here as well.
    window = f"date>={iso(24)};date<={iso()}"
    assert tap_pages(px, "/engagement", "engagements", pageSize=500, filter=window) == []


@needs("listUsers", "listAccounts")
def test_tap_gainsightpx_users_and_accounts(px: GainsightClient) -> None:
    for number in range(7):
        px.send("POST", "/users", {"identifyId": f"u{number}", "propertyKeys": [TAG]}, expect=201)
        px.send("POST", "/accounts", {"id": f"a{number}", "name": "A", "propertyKeys": [TAG]}, expect=201)
    users = list(tap_scroll(px, "/users", "users", pageSize=3))
    assert sorted(user["aptrinsicId"] for user in users) == [f"u{number}" for number in range(7)]
    accounts = list(tap_scroll(px, "/accounts", "accounts", pageSize=3, sort="lastModifiedDate"))
    assert [account["id"] for account in accounts] == [f"a{number}" for number in range(7)]
    dates = [account["lastModifiedDate"] for account in accounts]
    assert dates == sorted(dates) and all(isinstance(date, int) for date in dates)


# ---- airbytehq/airbyte, source-gainsight-px


@pytest.mark.parametrize("type", ["user", "account"])
def test_airbyte_check(px: GainsightClient, type: str) -> None:
    rows = px.get(f"/admin/model/{type}/attributes").json()
    assert isinstance(rows, list) and rows
    assert all(isinstance(row["createdDate"], int) and isinstance(row["id"], str) for row in rows)
    assert len({row["id"] for row in rows}) == len(rows), "its primary key"


def test_airbyte_segments(px: GainsightClient) -> None:
    assert px.get("/segment").json()["segments"] == []


@needs("listUsers", "listAccounts")
@pytest.mark.parametrize("key", ["users", "accounts"])
def test_airbyte_users_and_accounts(px: GainsightClient, key: str) -> None:
    px.send("POST", "/users", {"identifyId": "ann", "propertyKeys": [TAG]}, expect=201)
    px.send("POST", "/accounts", {"id": "ann", "name": "A", "propertyKeys": [TAG]}, expect=201)
    # No parameter at all, and one page only.
    assert [row["id"] for row in px.get(f"/{key}").json()[key]] == ["ann"]


@needs("listArticles", "listKcBots", "listFeatureCatalog", "listPxEngagements")
def test_airbyte_content(px: GainsightClient) -> None:
    names = {"/articles": "articleExternalViewList", "/kcbot": "kcList", "/feature": "features"}
    for path, key in {**names, "/engagement": "engagements"}.items():
        assert px.get(path).json()[key] == []


# ---- PostHog/posthog, warehouse source gainsight_px


def posthog_scroll(px: GainsightClient, path: str, key: str, size: int, **query: Any) -> Iterator[Body]:
    """It stops on a short page, or without a scroll id."""
    query["pageSize"] = size
    while True:
        page = px.get(path, **query).json()
        yield from page[key]
        if len(page[key]) < size or not page.get("scrollId"):
            return
        query["scrollId"] = page["scrollId"]


def test_posthog_events(px: GainsightClient) -> None:
    sent = send_events(px, 6)
    # Its windows are 180 days at most.
    start, end = milliseconds(180 * 24), milliseconds()
    window = {"sort": "date", "filter": f"date>={start};date<{end}"}
    for size in (1, 2, 3, 6, 7, 1000):
        rows = list(posthog_scroll(px, "/events/custom", "customEvents", size, **window))
        assert [row["eventId"] for row in rows] == sent, size


@needs("listUsers", "listAccounts")
def test_posthog_probe_users_and_accounts(px: GainsightClient) -> None:
    assert px.get("/accounts", pageSize=1).json()["accounts"] == []
    for number in range(6):
        px.send("POST", "/users", {"identifyId": f"u{number}", "propertyKeys": [TAG]}, expect=201)
    for size in (1, 2, 3, 6, 7, 1000):
        rows = list(posthog_scroll(px, "/users", "users", size))
        assert sorted(row["id"] for row in rows) == [f"u{number}" for number in range(6)], size
        assert all(isinstance(row["createDate"], int) for row in rows)


def test_posthog_segments(px: GainsightClient) -> None:
    page = px.get("/segment", pageSize=200, pageNumber=0).json()
    assert page["isLastPage"] is True and page["segments"] == []


# ---- PipedreamHQ/pipedream, components/gainsight_px


def test_pipedream_creates(px: GainsightClient) -> None:
    # What was left empty in the form is not sent; a location may be empty.
    account = px.send("POST", "/accounts", {"id": "acme", "name": "Acme", "propertyKeys": [TAG], "location": {}})
    assert account.status_code // 100 == 2 and account.json()["id"] == "acme"
    user = px.send("POST", "/users", {"identifyId": "ann", "propertyKeys": [TAG], "type": "LEAD", "email": "a@b.c"})
    assert user.status_code // 100 == 2 and user.json()["type"] == "LEAD"


@needs("listUsers", "deleteUserByBody")
def test_pipedream_deletes(px: GainsightClient) -> None:
    for name in ("ann", "bob"):
        px.send("POST", "/users", {"identifyId": name, "propertyKeys": [TAG], "email": f"{name}@b.c"}, expect=201)
    options = [(user["email"], user["identifyId"]) for user in px.get("/users").json()["users"]]
    assert sorted(options) == [("ann@b.c", "ann"), ("bob@b.c", "bob")]
    assert px.send("DELETE", "/users/delete", {"identifyId": "ann"}).status_code // 100 == 2
    wait_until(lambda: px.user("ann") is None, "the deletion")
    assert px.user("bob") is not None


# ---- segmentio/action-destinations, gainsight-px-cloud-action


def push(px: GainsightClient, body: Any, key: str | None = None) -> requests.Response:
    """HTTP Basic with the key as the name, and no password."""
    return requests.post(
        f"{px.base_url}/rte/segmentio/v1/push", json=body, auth=(key or px.key, ""), timeout=30
    )


def test_segment_tries_keys(px: GainsightClient) -> None:
    assert push(px, []).status_code == 400, "a good key"
    assert push(px, [], key="segtest").status_code == 401, "a bad key"
    assert push(px, [], key="segtest").json()["message"]


def test_segment_events(px: GainsightClient) -> None:
    page = {"url": "https://x.example/p?q=1", "path": "/p", "referrer": "", "search": "?q=1", "title": "T"}
    base = {
        "anonymousId": "a1", "userId": "ann", "timestamp": iso(1), "sentAt": iso(1), "receivedAt": iso(1), "version": 2,
        "channel": "client", "integrations": {}, "context": {"ip": "192.0.2.1", "page": page},
    }  # fmt: skip
    events: list[Body] = [
        {"type": "identify", "traits": {"email": "ann@b.c", "firstName": "Ann", "plan": {"name": "pro"}}},
        {"type": "group", "groupId": "acme", "traits": {"name": "Acme", "employees": 12}},
        {"type": "track", "event": "Clicked", "properties": {"a": 1}},
        {"type": "page", "name": "Home", "properties": page},
    ]
    for number, event in enumerate(events):
        for _ in range(2):
            answer = push(px, {**base, **event, "messageId": f"m-{number}"})
            assert answer.status_code == 200 and answer.json() == {}
    user, account = px.user("ann"), px.account("acme")
    assert user is not None and account is not None
    assert user["email"] == "ann@b.c" and user["firstName"] == "Ann" and user["accountId"] == "acme"
    assert user["customAttributes"] == {"plan": {"name": "pro"}}
    assert account["name"] == "Acme" and account["customAttributes"] == {"employees": 12}
    (clicked,) = px.all("/events/custom")
    assert clicked["eventName"] == "Clicked" and clicked["attributes"] == {"a": 1} and clicked["url"] == page["url"]
    (view,) = px.all("/events/pageView")
    assert view["path"] == "/p" and view["queryParams"] == {"q": ["1"]} and view["pageTitle"] == "T"
    assert push(px, {**base, "type": "alias", "previousId": "p"}).status_code == 400


# ---- smaller ones


def test_dashboard_proxy(px: GainsightClient) -> None:
    """The first page by dateRangeStart and dateRangeEnd, the others by nothing but the scroll id."""
    sent = send_events(px, 5)
    query: Body = {"pageSize": 2, "dateRangeStart": milliseconds(24), "dateRangeEnd": milliseconds()}
    rows: list[Body] = []
    while True:
        page = px.get("/events/custom", **query).json()
        rows += page["customEvents"]
        assert page["totalHits"] == 5
        if not page["customEvents"] or not page["scrollId"]:
            break
        query = {"scrollId": page["scrollId"]}
    assert [row["eventId"] for row in rows] == sent


@needs("listFeatureCatalog", "getFeature", "listFeaturesExtended")
def test_gainsight_px_service_features(px: GainsightClient) -> None:
    px.product.ingest_all([{"event_type": "track_feature", "user_id": "ann", "event_name": "f-1"}])
    (row,) = px.get("/feature").json()["features"]
    assert px.get(f"/feature/{row['id']}").json() == row
    extended = px.session.get(f"{px.base_url}/v2/feature_ext", timeout=30)
    assert extended.status_code == 200 and extended.json()["features"][0]["mappedElements"] == []


def test_gainsight_px_service(px: GainsightClient) -> None:
    """It goes on while a page is exactly full: without a scroll id it would begin again."""
    sent = send_events(px, 6)
    rows: list[Body] = []
    query: Body = {"pageSize": 3}
    for _ in range(10):
        page = px.get("/events/custom", **query).json()
        rows += page["customEvents"]
        if len(page["customEvents"]) < 3:
            break
        assert page["scrollId"], "it would begin again"
        query["scrollId"] = page["scrollId"]
    assert sorted(row["eventId"] for row in rows) == sorted(sent)


@needs("listUsers", "listAccounts")
@pytest.mark.parametrize("key", ["users", "accounts"])
def test_polymetrics(px: GainsightClient, key: str) -> None:
    """It stops when a scroll id comes twice."""
    for number in range(5):
        px.send("POST", "/users", {"identifyId": f"{number}", "propertyKeys": [TAG]}, expect=201)
        px.send("POST", "/accounts", {"id": f"{number}", "name": "A", "propertyKeys": [TAG]}, expect=201)
    seen: set[str] = set()
    rows: list[Body] = []
    query: Body = {"pageSize": 1}
    while True:
        page = px.get(f"/{key}", **query).json()
        rows += page[key]
        if not page["scrollId"] or page["scrollId"] in seen:
            break
        seen.add(page["scrollId"])
        query["scrollId"] = page["scrollId"]
    assert sorted(row["id"] for row in rows) == ["0", "1", "2", "3", "4"]


@needs("listUsers", "listAccounts")
def test_airflow_plugin(px: GainsightClient) -> None:
    """Its filters have a wrong name, which is ignored."""
    px.send("POST", "/users", {"identifyId": "ann", "propertyKeys": [TAG]}, expect=201)
    assert len(px.get("/users", pageSize=1000, filters="email==nobody").json()["users"]) == 1
    assert px.get("/accounts", pageSize=1000, filters="name==nobody").json()["accounts"] == []


def bearer(px: GainsightClient, method: str, path: str, **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {px.key}"}
    return requests.request(method, f"{px.base_url}/v1{path}", headers=headers, timeout=30, **options)


def test_gainsight_px_integration(px: GainsightClient) -> None:
    px.custom("ann", "opened")
    assert bearer(px, "GET", "/users/ann").json()["identifyId"] == "ann"
    # A parameter that the vendor ignores too.
    answer = bearer(px, "GET", "/events/custom", params={"from": "2025-01-01"})
    assert len(answer.json()["customEvents"]) == 1 and "scrollId" in answer.json()


@needs("listUsers")
def test_create_gainsight_px_users(px: GainsightClient) -> None:
    body = {"identifyId": "ann+x@b.c", "email": "ann+x@b.c", "propertyKeys": [TAG]}
    created = bearer(px, "POST", "/users", json=body)
    assert created.status_code == 201 and created.json()["email"] == "ann+x@b.c"
    # It writes the filter into the address without any escape.
    found = px.raw("/users?filter=email==ann+x@b.c").json()
    assert [user["id"] for user in found["users"]] == ["ann+x@b.c"]
    assert px.raw("/users?filter=email==bob@b.c").json()["users"] == []


def test_deno_preferences_proxy(px: GainsightClient) -> None:
    px.send("POST", "/users", {"identifyId": "ann", "propertyKeys": [TAG]}, expect=201)
    assert px.send("PUT", "/user/preferences/ann", {"surveys": False}).status_code == 204
    # Null never overrides.
    assert px.send("PUT", "/user/preferences/ann", {"surveys": None, "trackUsage": True}).status_code == 204
    preferences = px.get("/user/preferences/ann").json()
    assert preferences["surveys"] is False and preferences["trackUsage"] is True


@needs("listUsers", "listAccounts")
def test_celigo_ping_and_the_page_that_sends_nothing(px: GainsightClient) -> None:
    assert px.get("/users").status_code == 200
    empty = {"filter": "", "pageSize": "", "scrollId": "", "sort": ""}
    for key in ("users", "accounts"):
        assert px.get(f"/{key}", **empty).json()[key] == []


@pytest.mark.parametrize("path", READERS)
def test_empty_parameters_are_none(px: GainsightClient, path: str) -> None:
    empty = {"filter": "", "pageSize": "", "scrollId": "", "sort": ""}
    assert px.get(path, **empty).json() == {READERS[path]: [], "totalHits": 0, "scrollId": None}
