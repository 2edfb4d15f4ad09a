"""Where users are, by a database of the operator's: written by `mmdb_writer`, and compared with what `maxminddb` reads in it."""

import os
from pathlib import Path
from typing import Any

import maxminddb
import pytest
import requests
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from support.client import SEXTANT
from support.gainsight import GainsightClient, gainsight, milliseconds
from support.polling import wait_until
from support.server import Launch, Sextant

VARIABLE = "SEXTANT_LOCATION_DATABASE"


def entry(city: str, country: str, code: str, latitude: float, longitude: float) -> dict[str, Any]:
    return {
        "city": {"names": {"en": city}},
        "continent": {"code": "EU", "names": {"en": "Europe"}},
        "country": {"iso_code": code, "names": {"de": "?", "en": country}},
        "location": {"latitude": latitude, "longitude": longitude, "time_zone": f"Europe/{city}"},
        "postal": {"code": "1000"},
        "subdivisions": [{"iso_code": "S", "names": {"en": "State"}}, {"names": {"en": "Region"}}],
    }


BERNE = entry("Berne", "Switzerland", "CH", 46.9481, 7.4474)
OSLO = entry("Oslo", "Norway", "NO", 59.9127, 10.7461)
NETWORKS = {"203.0.113.0/24": BERNE, "2001:db8::/32": OSLO, "198.51.100.0/24": {"country": {"iso_code": "FR"}}}


def write(path: Path, networks: dict[str, dict[str, Any]]) -> None:
    """Under another name first, as tools that fetch databases do."""
    writer = MMDBWriter(6, "Test-City", languages=["en"], ipv4_compatible=True, float_type="f64")
    for network, found in networks.items():
        writer.insert_network(IPSet([network]), found)
    writer.to_db_file(f"{path}.new")
    os.replace(f"{path}.new", path)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("locations") / "city.mmdb"
    write(path, NETWORKS)
    return path


@pytest.fixture(scope="module")
def server(launch: Launch, database: Path) -> Sextant:
    return launch({VARIABLE: str(database), "SEXTANT_TRUSTED_PROXIES": "127.0.0.0/8"})


def expected(database: Path, address: str) -> dict[str, Any]:
    """What the interface shows, by the format's own reader."""
    with maxminddb.open_database(str(database)) as reader:
        found: Any = reader.get(address)

    def name(node: dict[str, Any] | None) -> str:
        return (node or {}).get("names", {}).get("en", "")

    states = found.get("subdivisions", []) + [{}, {}]
    place = found.get("location", {})
    return {
        "countryName": name(found["country"]),
        "countryCode": found["country"]["iso_code"],
        "stateName": name(states[0]),
        "stateCode": states[0].get("iso_code", ""),
        "city": name(found.get("city")),
        "street": "",
        "postalCode": found.get("postal", {}).get("code", ""),
        "continent": name(found.get("continent")),
        "regionName": name(states[1]),
        "timeZone": place.get("time_zone", ""),
        "coordinates": {key: place[key] for key in ("latitude", "longitude")} if place else None,
    }


def visit(
    px: GainsightClient, user: str, forwarded: str | None, source: str = "web-client", kind: str = "page_view"
) -> None:
    event = {"event_type": kind, "user_id": user, "source": source, "hostname": "x.example", "pathname": "/"}
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    answer = px.session.post(
        f"{px.base_url}{SEXTANT}/events",
        json=[event],
        headers={"Authorization": px.product.session.headers["Authorization"], **headers},
        timeout=60,
    )
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.9", "198.51.100.9"),
        ("2001:db8::5", "2001:db8::5"),
        ("[2001:db8::5]:4711", "2001:db8::5"),
        ("::ffff:203.0.113.200", "203.0.113.200"),
        # Whom the proxy heard from counts, not what they made up.
        ("2001:db8::5, 203.0.113.7", "203.0.113.7"),
    ],
)
def test_a_page_is_where_its_client_is(px: GainsightClient, database: Path, forwarded: str, address: str) -> None:
    visit(px, "ann", forwarded)
    assert px.known_user("ann")["lastInferredLocation"] == expected(database, address)
    visit(px, "ann", forwarded, kind="session_start")
    (session,) = px.all("/events/session", filter="identifyId==ann")
    assert session["inferredLocation"] == expected(database, address)


@pytest.mark.parametrize("forwarded", [None, "10.1.2.3", "127.0.0.1", "::1", "fd00::1", "192.0.2.1", "nonsense"])
def test_who_is_nowhere(px: GainsightClient, forwarded: str | None) -> None:
    visit(px, "ann", forwarded)
    assert px.known_user("ann")["lastInferredLocation"] is None
    # What was known stays.
    visit(px, "ann", "203.0.113.7")
    visit(px, "ann", forwarded)
    assert px.known_user("ann")["lastInferredLocation"]["city"] == "Berne"


def test_a_server_is_not_where_its_users_are(px: GainsightClient) -> None:
    visit(px, "ann", "203.0.113.7", source="backend-http")
    px.make_user("bob")
    headers = {"X-Forwarded-For": "203.0.113.7"}
    px.send("POST", "/users", {"identifyId": "bob"}, headers=headers, expect=200)
    px.send("POST", "/events/custom", {"identifyId": "bob", "eventName": "e"}, headers=headers, expect=201)
    for user in ("ann", "bob"):
        assert px.known_user(user)["lastInferredLocation"] is None


def test_addresses_that_events_name(px: GainsightClient, database: Path) -> None:
    def push(event: dict[str, Any]) -> None:
        address = f"{px.base_url}/rte/segmentio/v1/push"
        answer = requests.post(address, json=event, auth=(px.key, ""), timeout=60)
        assert answer.status_code == 200, answer.text

    push({"type": "page", "userId": "ann", "context": {"ip": "203.0.113.1"}})
    push({"type": "identify", "userId": "bob", "traits": {"plan": "pro"}, "context": {"ip": "2001:db8::1"}})
    push({"type": "group", "userId": "cid", "groupId": "acme", "context": {"ip": "198.51.100.1"}})
    px.custom("dan", "paid", remoteHost="203.0.113.1")
    for odd in ("localhost", "203.0.113", 7, {"ip": 1}, None, ""):
        px.custom("eve", "paid", remoteHost=odd)
        push({"type": "track", "event": "e", "userId": "eve", "context": {"ip": odd}})
    users = [("ann", "203.0.113.1"), ("bob", "2001:db8::1"), ("cid", "198.51.100.1"), ("dan", "203.0.113.1")]
    for user, address in users:
        assert px.known_user(user)["lastInferredLocation"] == expected(database, address), user
    assert px.known_user("eve")["lastInferredLocation"] is None
    # The latest in the log counts, whenever it happened.
    push({"type": "page", "userId": "ann", "timestamp": "2025-01-01T00:00:00Z", "context": {"ip": "2001:db8::1"}})
    assert px.known_user("ann")["lastInferredLocation"]["city"] == "Oslo"
    # Who says so is not believed.
    px.send("PATCH", "/users/ann", {"lastInferredLocation": {"city": "Rome"}}, expect=200)
    assert px.known_user("ann")["lastInferredLocation"]["city"] == "Oslo"


def test_lists_go_by_locations(px: GainsightClient) -> None:
    for user, address in (("ann", "203.0.113.1"), ("bob", "2001:db8::1"), ("cid", "198.51.100.1"), ("dan", "10.0.0.1")):
        visit(px, user, address)

    def found(**query: str) -> list[str]:
        return [row["id"] for row in px.all("/users", "users", **query)]

    assert found(filter="lastInferredLocation.city==oslo") == ["bob"]
    assert found(filter="lastInferredLocation.countryCode!=CH", sort="id") == ["bob", "cid", "dan"]
    assert found(sort="-lastInferredLocation.cityName")[:2] == ["bob", "ann"]
    assert found(filter="lastInferredLocation.coordinates.latitude~46*") == ["ann"]
    # Lists follow who moves.
    visit(px, "ann", "2001:db8::1")
    assert found(filter="lastInferredLocation.city==Oslo", sort="id") == ["ann", "bob"]


def test_the_log_has_places_and_no_addresses(px: GainsightClient) -> None:
    visit(px, "ann", "203.0.113.77")
    visit(px, "bob", None)
    query = "SELECT user_id, inferred_location ->> 'city' AS city, to_json(events)::VARCHAR AS whole FROM events ORDER BY 1"
    rows = px.product.post(f"{SEXTANT}/sql", {"query": query}, expect=200).json()["rows"]
    assert [(row[0], row[1]) for row in rows] == [("ann", "Berne"), ("bob", None)]
    assert "203.0.113" not in rows[0][2]


def test_places_go_with_their_users(px: GainsightClient) -> None:
    visit(px, "ann", "203.0.113.7")
    px.request("DELETE", "/users/ann", expect=204)
    # Back as they were.
    px.send("POST", "/users", {"identifyId": "ann"}, expect=200)
    assert px.known_user("ann")["lastInferredLocation"]["city"] == "Berne"
    px.request("DELETE", "/users/ann", params={"hardDelete": "true"}, expect=204)
    px.send("POST", "/users", {"identifyId": "ann"}, expect=200)
    assert px.known_user("ann")["lastInferredLocation"] is None


def test_a_database_is_replaced_under_the_server(launch: Launch, tmp_path: Path) -> None:
    path = tmp_path / "city.mmdb"
    write(path, {"203.0.113.0/24": BERNE})
    server = launch({VARIABLE: str(path), "SEXTANT_TRUSTED_PROXIES": "127.0.0.0/8"})
    px = gainsight(server.new_environment())

    def city(user: str) -> str | None:
        visit(px, user, "203.0.113.7")
        location = px.known_user(user)["lastInferredLocation"]
        return location and location["city"]

    assert city("ann") == "Berne"
    write(path, {"203.0.113.0/24": OSLO})
    wait_until(lambda: city("ann") == "Oslo", "the new database", 60)
    # What cannot be read is told, and the old one goes on; cut where it lies, as by a careless copy.
    whole = path.read_bytes()
    with path.open("r+b") as file:
        file.truncate(len(whole) // 2)
    wait_until(lambda: "goes on being used" in server.log_tail(), "the warning", 60)
    assert city("bob") == "Oslo"
    write(path, {"203.0.113.0/24": BERNE})
    wait_until(lambda: city("ann") == "Berne", "the whole database", 60)
    # The profile is a projection of the log: kept over a restart, also without a database.
    server.kill()
    del server.environment[VARIABLE]
    server.start()
    assert px.known_user("ann")["lastInferredLocation"]["city"] == "Berne"
    visit(px, "ann", "203.0.113.7")
    assert px.known_user("ann")["lastInferredLocation"]["city"] == "Berne"
    visit(px, "cid", "203.0.113.7")
    assert px.known_user("cid")["lastInferredLocation"] is None
    assert px.known_user("cid")["createDate"] <= milliseconds()


@pytest.mark.parametrize("content", [None, b"", b"no database", b"\xab\xcd\xefMaxMind.com"])
def test_a_start_refuses_what_is_no_database(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "city.mmdb"
    if content is not None:
        path.write_bytes(content)
    server = Sextant(tmp_path, {VARIABLE: str(path)})
    server.initialize()
    result = server.run("serve", "--data", str(server.data), "--port", str(server.port))
    assert result.returncode == 1
    assert VARIABLE in result.stderr and str(path) in result.stderr
