"""Bad input: each gets an error that names the field, and costs no stored event."""

import gzip
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from support import raw
from support.client import EXPORTS, LOOKUPS, SEXTANT, Client
from support.errors import assert_error, assert_userpilot_error
from support.server import Sextant

JSON = {"Content-Type": "application/json"}
EVENTS = f"{SEXTANT}/events"
TRACK = "/v1/track"
DAYS = {"from": "2024-01-01", "to": "2024-01-31"}
MEGABYTE = 1024 * 1024
# What an idle or dribbling client may take, from its first byte to being cut off.
SLOW_CLIENT_SECONDS = 75


@pytest.fixture(scope="module")
def stored(server: Sextant) -> Client:
    """An environment with three events, which no test of this module may change."""
    client = server.new_environment()
    client.ingest_all([{"user_id": "ann", "event_name": f"event {number}"} for number in range(3)])
    return client


@pytest.fixture(autouse=True)
def nothing_lost_or_added(stored: Client, server: Sextant) -> Iterator[None]:
    assert stored.count_events() == 3
    yield
    assert stored.count_events() == 3
    assert server.process is not None and server.process.poll() is None
    assert stored.get("/health").status_code == 200


def track(**changes: Any) -> dict[str, Any]:
    event = {"user_id": "ann", "event_name": "paid", "metadata": {"a": 1}, **changes}
    return {name: value for name, value in event.items() if value is not ...}


# ---- keys


@pytest.mark.parametrize("path", [TRACK, EVENTS, f"{SEXTANT}/sql"])
@pytest.mark.parametrize("key", ["Token nonsense", "Token ", "nonsense", "Token a b c", "Token \u00e9\u00e9"])
def test_unknown_key(server: Sextant, path: str, key: str) -> None:
    headers = {"Authorization": key.encode("utf-8")}
    response = requests.post(server.base_url + path, json=track(), headers=headers, timeout=30)
    assert_error(response, 401)


# ---- bodies that are not JSON


def deep(levels: int) -> bytes:
    return b'{"user_id":"ann","event_name":"x","metadata":{"a":' + b"[" * levels + b"]" * levels + b"}}"


MALFORMED = {
    "empty": b"",
    "space": b"   ",
    "cut off": b'{"user_id":"ann","event_name":"x"',
    "two values": b'{"user_id":"ann","event_name":"x"}{"user_id":"ann","event_name":"x"}',
    "single quotes": b"{'user_id':'ann','event_name':'x'}",
    "trailing comma": b'{"user_id":"ann","event_name":"x",}',
    "NaN": b'{"user_id":"ann","event_name":"x","metadata":{"a":NaN}}',
    "bare word": b"undefined",
    "form": b"user_id=ann&event_name=x",
    "NUL byte": b'{"user_id":"an\x00n","event_name":"x"}',
    "control byte": b'{"user_id":"an\x01n","event_name":"x"}',
    "invalid UTF-8": b'{"user_id":"an\xff\xfen","event_name":"x"}',
    "UTF-8 surrogate": b'{"user_id":"\xed\xa0\x80","event_name":"x"}',
    "overlong UTF-8": b'{"user_id":"\xc0\xaf","event_name":"x"}',
    "lone surrogate escape": b'{"user_id":"\\ud800","event_name":"x"}',
    "UTF-16": '{"user_id":"ann","event_name":"x"}'.encode("utf-16"),
    "10,000 levels": deep(10_000),
    "1,000,000 levels": deep(1_000_000),
    "unclosed levels": b"[" * 100_000,
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("path", [TRACK, "/v1/identify", EVENTS, EXPORTS])
def test_malformed_json(stored: Client, path: str, name: str) -> None:
    response = stored.request("POST", path, data=MALFORMED[name], headers=JSON)
    assert_error(response, 400)


DUPLICATES = {
    "user_id": b'{"user_id":"ann","event_name":"x","user_id":"bob"}',
    "plan": b'{"user_id":"ann","event_name":"x","metadata":{"plan":1,"seats":2,"plan":3}}',
    "user\\u005fid": b'{"user_id":"ann","event_name":"x","user\\u005fid":"bob"}',
}


@pytest.mark.parametrize("name", DUPLICATES)
def test_duplicate_keys(stored: Client, name: str) -> None:
    mentions = json.loads(f'"{name}"')
    assert_userpilot_error(stored.request("POST", TRACK, data=DUPLICATES[name], headers=JSON), 400, mentions)


# ---- wrong fields


@pytest.mark.parametrize(
    ("path", "body", "mentions"),
    [
        (TRACK, track(user_id=...), "user_id"),
        (TRACK, track(user_id=None), "user_id"),
        (TRACK, track(user_id=5), "user_id"),
        (TRACK, track(user_id=""), "user_id"),
        (TRACK, track(user_id=["ann"]), "user_id"),
        (TRACK, track(user_id="a\u0000b"), "user_id"),
        (TRACK, track(user_id="u" * 256), "user_id"),
        (TRACK, track(event_name=...), "event_name"),
        (TRACK, track(event_name={}), "event_name"),
        (TRACK, track(event_name="n" * 256), "event_name"),
        (TRACK, track(metadata=[1]), "metadata"),
        (TRACK, track(metadata="x"), "metadata"),
        (TRACK, track(metadata={"text": "x" * 11_000}), "metadata"),
        (TRACK, track(metadata={f"p{number}": number for number in range(100_000)}), "metadata"),
        (TRACK, track(inserted_at="yesterday"), "inserted_at"),
        (TRACK, track(inserted_at="2024-13-01T00:00:00Z"), "inserted_at"),
        (TRACK, track(inserted_at="2024-02-30T00:00:00Z"), "inserted_at"),
        (TRACK, track(inserted_at="1969-12-31T23:59:59Z"), "inserted_at"),
        (TRACK, track(inserted_at="2199-01-01T00:00:00Z"), "inserted_at"),
        (TRACK, track(inserted_at=1715000000), "inserted_at"),
        (TRACK, [track()], ""),
        (TRACK, "ann", ""),
        (TRACK, None, ""),
        ("/v1/identify", {"metadata": {}}, "user_id"),
        ("/v1/identify", {"user_id": "ann", "company": "acme"}, "company"),
        ("/v1/identify", {"user_id": "ann", "company": {"company_id": 5}}, "company"),
        ("/v1/companies/identify", {"metadata": {}}, "company_id"),
        ("/v1/companies/identify", {"company_id": True}, "company_id"),
        (EXPORTS, {}, "from"),
        (EXPORTS, {"from": "2024-01-01"}, "to"),
        (EXPORTS, {"from": "2024-02-01", "to": "2024-01-31"}, "from"),
        (EXPORTS, {"from": "2024-13-01", "to": "2024-12-31"}, "from"),
        (EXPORTS, {"from": "2024-02-30", "to": "2024-12-31"}, "from"),
        (EXPORTS, {"from": "01.02.2024", "to": "2024-12-31"}, "from"),
        (EXPORTS, {"from": 20240101, "to": "2024-12-31"}, "from"),
        (EXPORTS, {**DAYS, "format": "xlsx"}, "format"),
        (EXPORTS, {**DAYS, "format": None}, "format"),
        (EXPORTS, {**DAYS, "exclusions": "maybe"}, "exclusions"),
        (EXPORTS, {**DAYS, "exclusions": 1}, "exclusions"),
        (EXPORTS, {**DAYS, "event_type": "track"}, "event_type"),
        (EXPORTS, {**DAYS, "event_type": ["dance"]}, "event_type"),
        (EXPORTS, {**DAYS, "user_id": [5]}, "user_id"),
        (EXPORTS, {**DAYS, "emails": ["not an address\r\nBcc: x@example.com"]}, "emails"),
        (f"{SEXTANT}/sql", {"query": 5}, "query"),
        (f"{SEXTANT}/sql", {"query": "select 1", "format": "xml"}, "format"),
        (f"{SEXTANT}/sql", {"query": "select 1", "max_rows": 0}, "max_rows"),
        (f"{SEXTANT}/sql", {"query": "select 1", "timeout_seconds": 61}, "timeout_seconds"),
        (f"{SEXTANT}/segments", {"title": "x", "rule": {"user_property": "a", "operator": "like"}}, "rule"),
        (f"{SEXTANT}/segments", {"title": "", "rule": {"user_property": "a", "operator": "exists"}}, "title"),
        (f"{SEXTANT}/content", {"kind": "poster", "title": "x"}, "kind"),
        (f"{SEXTANT}/environments", {"name": ""}, "name"),
        (f"{SEXTANT}/exclusions", {"users": [1]}, "users[0]"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_wrong_fields_are_named(stored: Client, path: str, body: Any, mentions: str) -> None:
    # A JSON null is a body, too.
    response = stored.request("POST", path, data=json.dumps(body).encode(), headers=JSON)
    assert_error(response, 400, mentions)


@pytest.mark.parametrize(
    ("path", "mentions"),
    [
        (f"{LOOKUPS}/segments?after_cursor=broken", "after_cursor"),
        (f"{LOOKUPS}/events_properties?after_cursor=%ff%fe", "after_cursor"),
        (f"{LOOKUPS}/events_properties?limit=x", "limit"),
        (f"{SEXTANT}/segments?after_cursor=broken", "after_cursor"),
        (f"{SEXTANT}/segments?limit=201", "limit"),
        (f"{SEXTANT}/segments?status=gone", "status"),
        (f"{SEXTANT}/content?kind=poster", "kind"),
        (f"{SEXTANT}/segments/abc", "segment_id"),
    ],
)
def test_wrong_parameters_are_named(stored: Client, path: str, mentions: str) -> None:
    assert_error(stored.get(path, expect=None), 400, mentions)


def test_error_fields_give_the_path(stored: Client) -> None:
    body = {"users": ["ann", "bob", "cyd", 4]}
    error = assert_error(stored.post(f"{SEXTANT}/exclusions", body), 400)["error"]
    assert [field["field"] for field in error["fields"]] == ["users[3]"]


# ---- size and encoding


def test_a_million_keys(stored: Client) -> None:
    body = json.dumps({f"key{number}": 0 for number in range(1_000_000)}).encode()
    for content in (b'{"user_id":"ann","event_name":"x","metadata":' + body + b"}", body):
        answer = raw.exchange(port_of(stored), [declared(stored, TRACK, len(content)), content])
        assert raw.status_of(answer) in (400, 413), answer[:300]


def port_of(client: Client) -> int:
    return int(client.base_url.rsplit(":", 1)[1])


def test_malformed_chunks_are_the_clients_fault(stored: Client) -> None:
    first = raw.head("POST", TRACK, stored.token, "Content-Type: application/json", "Transfer-Encoding: chunked")
    answer = raw.exchange(port_of(stored), [first, b"zz\r\nabc"])
    assert raw.status_of(answer) == 400 and b"chunks" in answer, answer[:300]


def declared(client: Client, path: str, length: int) -> bytes:
    return raw.head("POST", path, client.token, "Content-Type: application/json", f"Content-Length: {length}")


@pytest.mark.parametrize("path", [TRACK, "/v1/identify", "/v1/users/bulk_identify", "/v1/imports", EVENTS, EXPORTS])
def test_a_body_of_60_megabytes(stored: Client, path: str) -> None:
    # Said at once, before the body has been sent...
    answer = raw.exchange(port_of(stored), [declared(stored, path, 60 * MEGABYTE), b'{"a":"'])
    assert raw.status_of(answer) == 413, answer[:300]
    # ...and while it comes, when its length is not known before.
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    first = raw.head("POST", path, stored.token, "Content-Type: application/json", "Transfer-Encoding: chunked")
    answer = raw.exchange(port_of(stored), [first, *[chunk] * 960, b"0\r\n\r\n"])
    # A client that writes on into a closed connection may see nothing but the reset.
    assert raw.status_of(answer) in (413, 0), answer[:300]


def test_gzip_is_unpacked_only_up_to_the_limit(stored: Client) -> None:
    headers = {**JSON, "Content-Encoding": "gzip"}
    bomb = gzip.compress(b'[{"a":"' + b"x" * (64 * MEGABYTE) + b'"}]')
    assert len(bomb) < 100_000
    assert_error(stored.request("POST", EVENTS, data=bomb, headers=headers), 413)
    cut = gzip.compress(bytes(range(256)) * 400)[:-200]
    for broken in (b"not gzip", cut, gzip.compress(b"[]")[:-4], b""):
        assert_error(stored.request("POST", EVENTS, data=broken, headers=headers), 400)
    for encoding in ("br", "zstd", "gzip, gzip"):
        headers["Content-Encoding"] = encoding
        assert_error(stored.request("POST", EVENTS, data=b"x", headers=headers), (400, 415))


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "multipart/form-data", "nonsense", ""])
def test_wrong_content_type(stored: Client, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    for path in (EVENTS, "/v1/users/bulk_identify"):
        assert_error(stored.request("POST", path, data=b"<users/>", headers=headers), (400, 415))


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=", "multipart/form-data; boundary=x"])
def test_broken_multipart(stored: Client, content_type: str) -> None:
    for body in (
        b"",
        b"--x",
        b"--x\r\n",
        b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nabc',
        b"x" * 99_999,
    ):
        response = stored.request("POST", "/v1/imports", data=body, headers={"Content-Type": content_type})
        assert_userpilot_error(response, 400)


def test_oversized_headers_and_addresses(stored: Client) -> None:
    port = port_of(stored)
    requests_sent = [
        raw.head("GET", "/v1/validate", stored.token, "X-Big: " + "x" * MEGABYTE),
        raw.head("GET", "/v1/validate", stored.token, *[f"X-{number}: y" for number in range(20_000)]),
        raw.head("GET", "/" + "a" * MEGABYTE, stored.token),
    ]
    for sent in requests_sent:
        assert raw.status_of(raw.exchange(port, [sent])) in (400, 404, 413, 414, 431, 0)


@pytest.mark.parametrize(
    "request_text",
    [
        b"\r\n\r\n",
        b"nonsense\r\n\r\n",
        b"GET /v1/validate HTTP/9.9\r\n\r\n",
        b"GET /v1/validate HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /v1/track HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/track HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST /v1/track HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        b"GET /v1/validate HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff",
    ],
    ids=range(10),
)
def test_broken_http(stored: Client, request_text: bytes) -> None:
    answer = raw.exchange(port_of(stored), [request_text], seconds=5)
    assert raw.status_of(answer) in (0, 400, 401, 404, 501, 505), answer[:300]


def test_slow_clients_are_cut_and_do_not_hold_others_up(stored: Client) -> None:
    port = port_of(stored)
    body = declared(stored, TRACK, 1_000_000)
    slow = {
        "silent": (b"", b""),
        "half a header": (b"POST /v1/track HTTP/1.1\r\nHost: a\r\n", b""),
        "a header a second": (b"POST /v1/track HTTP/1.1\r\nHost: a\r\n", b"X-A: b\r\n"),
        "no body": (body, b""),
        "a byte of body a second": (body + b"{", b" "),
    }
    with ThreadPoolExecutor(len(slow)) as clients:
        cuts = {
            name: clients.submit(raw.seconds_until_cut, port, first, drip, SLOW_CLIENT_SECONDS)
            for name, (first, drip) in slow.items()
        }
        while not all(cut.done() for cut in cuts.values()):
            assert stored.get("/v1/validate").elapsed.total_seconds() < 5
    never = [name for name, cut in cuts.items() if cut.result() is None]
    assert not never, f"not cut off within {SLOW_CLIENT_SECONDS} s: {never}"


# ---- batches


def test_a_batch_that_cannot_be_read(stored: Client) -> None:
    for body in (b"", b"[", b"{}", b"5", b"null", b'[{"user_id":"a","event_name":"b"},', b"[]"):
        assert_error(stored.request("POST", EVENTS, data=body, headers=JSON), 400)
    many = json.dumps([{"user_id": "a", "event_name": "b"}] * 10_001).encode()
    assert_error(stored.request("POST", EVENTS, data=many, headers=JSON), (400, 413), "10,000")


@pytest.mark.parametrize(
    ("event", "field", "reason"),
    [
        ({"event_name": "x"}, "user_id", "missing_field"),
        ({"user_id": "ann"}, "event_name", "missing_field"),
        ({"event_type": "identify_company", "user_id": "ann"}, "company_id", "missing_field"),
        ({"event_type": "dance", "user_id": "ann"}, "event_type", "unknown_value"),
        ({"user_id": 5, "event_name": "x"}, "user_id", "wrong_type"),
        ({"user_id": "ann", "event_name": "x", "metadata": 5}, "metadata", "wrong_type"),
        ({"user_id": "ann", "event_name": "x", "inserted_at": "soon"}, "inserted_at", "timestamp_malformed"),
        ({"user_id": "ann", "event_name": "x", "inserted_at": "2199-01-01"}, "inserted_at", "timestamp_in_future"),
        ({"user_id": "ann", "event_name": "x", "inserted_at": "1969-12-31"}, "inserted_at", "timestamp_too_old"),
        ({"user_id": "ann", "event_name": "x", "source": "carrier-pigeon"}, "source", "unknown_value"),
        ({"user_id": "ann", "event_name": "x", "screen_width": 65_536}, "screen_width", "out_of_range"),
        ({"user_id": "ann", "event_name": "x", "event_id": "i" * 256}, "event_id", "too_long"),
        ({"user_id": "ann", "event_name": "x", "metadata": {"a": "x" * 70_000}}, "metadata.a", "too_long"),
        ("not an object", "", "wrong_type"),
        (None, "", "wrong_type"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_bad_event_in_a_batch_says_why(stored: Client, event: Any, field: str, reason: str) -> None:
    answer = stored.ingest([event])
    [result] = answer["results"]
    assert result["status"] == "rejected" and answer["rejected"] == 1
    assert (result["error"]["field"], result["error"]["reason"]) == (field, reason), result
    assert field in result["error"]["message"] and result["error"]["message"]
