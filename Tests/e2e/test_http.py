"""HTTP as the RFCs have it, byte for byte: what libraries hide and other clients rely on."""

import gzip
import http.client
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from support.client import SEXTANT, Client
from support.convert import ConvertProject
from support.raw import Answer, Connection
from support.server import Sextant
from support.serving import add, new_project, new_sdk_key

TRACK = "/v1/track"
EVENTS = f"{SEXTANT}/events"
VALIDATE = "/v1/validate"


def event(number: int = 0, **more: Any) -> bytes:
    return json.dumps({"user_id": "ann", "event_name": f"event {number}", **more}).encode()


class Peer:
    """A client of one environment that writes its own HTTP."""

    def __init__(self, server: Sextant, environment: Client) -> None:
        self.port = server.port
        self.environment = environment

    def connect(self) -> Connection:
        return Connection(self.port)

    def head(self, first: str, *fields: str, host: bool = True, key: bool = True) -> list[str]:
        usual = ["Host: sextant.example"] if host else []
        if key:
            usual.append(f"Authorization: Token {self.environment.token}")
        return [first, *usual, *fields]

    def ask(self, first: str, *fields: str, body: bytes = b"", **how: bool) -> Answer:
        with self.connect() as connection:
            connection.send(*self.head(first, *fields, **how), body=body)
            return connection.answer()


@pytest.fixture
def peer(server: Sextant, environment: Client) -> Peer:
    return Peer(server, environment)


def message(answer: Answer) -> str:
    body = json.loads(answer.body)
    error = body.get("error") or body.get("errors")
    return json.dumps(error)


# ---- Expect: 100-continue (RFC 9110, 10.1.1)


def test_a_client_that_waits_is_told_to_go_on(peer: Peer) -> None:
    body = event()
    with peer.connect() as connection:
        for number in range(2):
            fields = ["Content-Type: application/json", f"Content-Length: {len(body)}", "Expect: 100-continue"]
            connection.send(*peer.head(f"POST {TRACK} HTTP/1.1", *fields))
            invitation = connection.answer()
            assert (invitation.status, invitation.fields) == (100, {})
            connection.socket.sendall(body)
            assert connection.answer().status == 202, number
        for several in (["Expect: 100-continue, foo"], ["Expect: foo", "Expect: 100-continue"]):
            fields = ["Content-Type: application/json", f"Content-Length: {len(body)}", *several]
            connection.send(*peer.head(f"POST {TRACK} HTTP/1.1", *fields))
            assert connection.answer().status == 100, several
            connection.socket.sendall(body)
            assert connection.answer().status == 202
        chunked = ["Content-Type: application/json", "Transfer-Encoding: chunked", "Expect: 100-Continue"]
        connection.send(*peer.head(f"POST {TRACK} HTTP/1.1", *chunked))
        assert connection.answer().status == 100
        connection.socket.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        assert connection.answer().status == 202
    assert peer.environment.count_events() == 5


def test_a_client_that_sends_at_once_is_not_told_so(peer: Peer) -> None:
    with peer.connect() as connection:
        fields = ["Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue"]
        connection.send(*peer.head(f"POST {SEXTANT}/noop HTTP/1.1", *fields), body=b"{}")
        # Whether it is depends on which of the two arrives first; the answer comes either way.
        answer = connection.answer()
        if answer.status == 100:
            answer = connection.answer()
        assert answer.status == 202


@pytest.mark.parametrize(
    ("first", "fields", "key", "status"),
    [
        ("POST /v1/identify HTTP/1.1", ["Content-Length: 9"], False, 401),
        (f"POST {TRACK} HTTP/1.1", [f"Content-Length: {60 << 20}"], True, 413),
        (f"POST {TRACK} HTTP/1.1", ["Content-Length: 9", "Content-Encoding: br"], True, 415),
        (f"POST {TRACK} HTTP/1.1", ["Content-Length: 9", "Content-Type: application/json; charset=latin1"], True, 415),
        ("POST /nowhere HTTP/1.1", ["Content-Length: 9"], True, 404),
        (f"PUT {TRACK} HTTP/1.1", ["Content-Length: 9"], True, 405),
        ("POST /v1/track/sdk_unknown HTTP/1.1", ["Content-Length: 9"], False, 404),
        (f"GET {VALIDATE} HTTP/1.1", ["Content-Length: 9"], True, 200),
    ],
)
def test_who_is_refused_is_not_asked_for_the_body(
    peer: Peer, first: str, fields: list[str], key: bool, status: int
) -> None:
    with peer.connect() as connection:
        connection.send(*peer.head(first, *fields, "Expect: 100-continue", key=key))
        answer = connection.answer()
        # The body may come or not: what follows on this connection could be taken for it.
        assert (answer.status, answer.fields["connection"]) == (status, "close")
        assert connection.is_closed()


# ---- connections (RFC 9112, 9)


@pytest.mark.parametrize(
    ("version", "options", "stays"),
    [
        ("1.1", [], True),
        ("1.1", ["close"], False),
        ("1.1", ["Close"], False),
        ("1.1", ["CLOSE"], False),
        ("1.1", ["keep-alive, close"], False),
        ("1.1", ["TE,Close ,x"], False),
        ("1.1", ["TE", "close"], False),
        ("1.1", ["closed, x-close"], True),
        ("1.1", ["Keep-Alive"], True),
        ("1.0", [], False),
        ("1.0", ["keep-alive"], True),
        ("1.0", ["Keep-Alive"], True),
        ("1.0", ["TE, KEEP-ALIVE"], True),
        ("1.0", ["keep-alive", "Close"], False),
        ("1.0", ["TE"], False),
    ],
)
def test_connections_live_as_long_as_both_want(peer: Peer, version: str, options: list[str], stays: bool) -> None:
    fields = [f"Connection: {option}" for option in options]
    body = event()
    for first, more, content, status in [
        (f"GET {VALIDATE}", [], b"", 200),
        (f"POST {TRACK}", ["Content-Type: application/json", f"Content-Length: {len(body)}"], body, 202),
        ("GET /nowhere", [], b"", 404),
        ("GET /health", [], b"", 200),
    ]:
        with peer.connect() as connection:
            connection.send(*peer.head(f"{first} HTTP/{version}", *fields, *more), body=content)
            answer = connection.answer()
            assert answer.status == status
            if stays:
                assert answer.fields.get("connection", "keep-alive") == "keep-alive"
                assert "connection" in answer.fields or version == "1.1"
                connection.send(*peer.head(f"GET {VALIDATE} HTTP/{version}", *fields))
                assert connection.answer().status == 200
            else:
                assert answer.fields["connection"] == "close"
                assert connection.is_closed()


@pytest.mark.parametrize("protocol", ["h2c", "websocket"])
def test_no_other_protocol_is_taken_up(peer: Peer, protocol: str) -> None:
    """The answer is that of HTTP/1.1, and says that the next request needs another connection."""
    with peer.connect() as connection:
        options = ["Connection: Upgrade, HTTP2-Settings", f"Upgrade: {protocol}", "HTTP2-Settings: AAMAAABkAAQAAP__"]
        connection.send("GET /health HTTP/1.1", "Host: x", *options)
        answer = connection.answer()
        assert answer.status == 200 and answer.fields["connection"] == "close" and connection.is_closed()


def test_curl_that_would_rather_speak_http_2_asks_twice(server: Sextant) -> None:
    command = ["curl", "-sS", "-m", "30", "--http2", "-o", "/dev/null", "-o", "/dev/null", "-w", "%{http_code} "]
    ran = subprocess.run([*command, *[f"{server.base_url}/health"] * 2], capture_output=True, text=True, timeout=60)
    assert ran.stdout.split() == ["200", "200"], ran.stderr


def test_an_answer_without_a_length_ends_with_the_connection_of_http_1_0(peer: Peer) -> None:
    peer.environment.ingest_all([{"user_id": "ann", "event_name": f"event {number}"} for number in range(50)])
    query = json.dumps({"query": "SELECT user_id FROM events", "format": "csv"}).encode()
    fields = ["Content-Type: application/json", f"Content-Length: {len(query)}", "Connection: keep-alive"]
    with peer.connect() as connection:
        connection.send(*peer.head(f"POST {SEXTANT}/sql HTTP/1.0", *fields), body=query)
        answer = connection.answer()
    assert answer.status == 200, answer.body
    assert answer.body.split() == [b"user_id", *[b"ann"] * 50]
    # With a length it may stay open; without one the end is the only sign.
    assert "content-length" in answer.fields or answer.fields["connection"] == "close"


def test_http_1_0_needs_no_host_and_knows_no_expectation(peer: Peer) -> None:
    body = event()
    fields = ["Content-Type: application/json", f"Content-Length: {len(body)}", "Expect: 100-continue"]
    answer = peer.ask(f"POST {TRACK} HTTP/1.0", *fields, body=body, host=False)
    assert answer.status == 202


def test_answers_come_in_the_order_of_requests(peer: Peer) -> None:
    with peer.connect() as connection:
        for first in (f"GET {VALIDATE} HTTP/1.1", "GET /nowhere HTTP/1.1", f"HEAD {VALIDATE} HTTP/1.1"):
            connection.send(*peer.head(first))
        connection.send(*peer.head(f"GET {VALIDATE} HTTP/1.1", "Host: other.example"))
        connection.send(*peer.head(f"GET {VALIDATE} HTTP/1.1"))
        assert [connection.answer().status, connection.answer().status] == [200, 404]
        assert connection.answer(has_body=False).status == 200
        # What comes after a request that nobody can be sure of is not answered.
        assert connection.answer().status == 400
        assert connection.is_closed()


# ---- heads that are refused


@pytest.mark.parametrize(
    ("fields", "status", "mentions"),
    [
        (["Host: a.example", "Host: b.example"], 400, "more than one Host"),
        (["Host: a.example", "hOST: a.example"], 400, "more than one Host"),
        ([], 400, "no Host"),
        (["Host: a.example/x"], 400, "Host header must be"),
        (["Host: a b"], 400, "Host header must be"),
        (["Host: user@a.example"], 400, "Host header must be"),
        (["Host: a.example", "Transfer-Encoding: gzip, chunked"], 501, "Transfer-Encoding"),
        (["Host: a.example", "Bad Name: x"], 400, "malformed"),
        (["Host: a.example", "X: " + "x" * 100_000], 431, "too large"),
    ],
)
def test_heads_that_cannot_be_trusted(peer: Peer, fields: list[str], status: int, mentions: str) -> None:
    with peer.connect() as connection:
        connection.send(*peer.head(f"GET {VALIDATE} HTTP/1.1", *fields, host=False))
        answer = connection.answer()
        assert answer.status == status and mentions in message(answer), answer
        assert answer.fields["content-type"] == "application/json" and answer.fields["connection"] == "close"
        assert connection.is_closed()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]:8080", "sextant.example:443", "SEXTANT.example.", "xn--e1afmkfd", ""])
def test_hosts_of_all_kinds_are_taken(peer: Peer, host: str) -> None:
    assert peer.ask(f"GET {VALIDATE} HTTP/1.1", f"Host: {host}", host=False).status == 200


# ---- codings and charsets


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "utf-8", "gzipx", "identity, br"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", TRACK),
        ("POST", EVENTS),
        ("POST", "/v1/users/bulk_identify"),
        ("GET", VALIDATE),
        ("GET", f"{SEXTANT}/keys"),
        ("DELETE", f"{SEXTANT}/segments/1"),
    ],
)
def test_unknown_codings_are_refused_on_every_call(peer: Peer, method: str, path: str, coding: str) -> None:
    fields = [f"Content-Encoding: {coding}"]
    if method == "POST":
        fields += ["Content-Type: application/json", "Content-Length: 2"]
    answer = peer.ask(f"{method} {path} HTTP/1.1", *fields, body=b"{}" if method == "POST" else b"")
    assert (answer.status, answer.fields["accept-encoding"]) == (415, "gzip"), answer
    assert coding in message(answer)


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip", "X-GZip", "identity, gzip", ""])
def test_known_codings_have_their_names_in_any_case(peer: Peer, coding: str) -> None:
    for path, content in [(TRACK, event()), (EVENTS, b"[" + event(1) + b"]")]:
        packed = gzip.compress(content) if "g" in coding.lower() else content
        fields = ["Content-Type: application/json", f"Content-Encoding: {coding}", f"Content-Length: {len(packed)}"]
        assert peer.ask(f"POST {path} HTTP/1.1", *fields, body=packed).status == 202, path
    assert peer.environment.count_events() == 2


@pytest.mark.parametrize(
    ("charset", "status"),
    [
        ("utf-8", 202),
        ("UTF-8", 202),
        ('"utf-8"', 202),
        ("utf8", 202),
        ("us-ascii", 202),
        ("iso-8859-1", 415),
        ("ISO-8859-1", 415),
        ("windows-1252", 415),
        ("utf-16", 415),
        ('"latin1"', 415),
        ("'utf-8'", 202),
        ("utf-8; foo", 202),
    ],
)
def test_text_is_utf_8(peer: Peer, charset: str, status: int) -> None:
    for path, type in [(TRACK, "application/json"), (TRACK, "text/plain"), (EVENTS, "application/x-ndjson")]:
        body = event()
        fields = [f"Content-Type: {type};charset={charset}", f"Content-Length: {len(body)}"]
        answer = peer.ask(f"POST {path} HTTP/1.1", *fields, body=body)
        assert answer.status == status, answer
        assert status == 202 or "UTF-8" in message(answer)
    assert peer.environment.count_events() == (3 if status == 202 else 0)


# ---- entities


def test_each_coding_has_its_own_tag(server: Sextant, fullstack: ConvertProject) -> None:
    project = new_project(fullstack)
    for _ in range(5):
        add(project, [50, 50])
    url = f"{server.base_url}/api/v1/config/{new_sdk_key(project)['sdk_key']}"

    def get(coding: str, known: str = "") -> requests.Response:
        headers = {"Accept-Encoding": coding} | ({"If-None-Match": known} if known else {})
        return requests.get(url, headers=headers, timeout=30)

    plain, packed = get("identity"), get("gzip")
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert plain.json() == packed.json()
    tags = plain.headers["ETag"], packed.headers["ETag"]
    assert tags[0] != tags[1]
    for coding, own, other in [("identity", tags[0], tags[1]), ("gzip", tags[1], tags[0])]:
        for known in (own, f"W/{own}", f"{other}, {own}", "*"):
            same = get(coding, known)
            assert (same.status_code, same.headers["ETag"], same.content) == (304, own, b""), known
            assert "Accept-Encoding" in same.headers["Vary"]
        assert get(coding, other).status_code == 200
    add(project, [50, 50])
    assert get("gzip", ", ".join(tags)).status_code == 200


def test_ranges_outside_of_a_file_are_said_to_be(environment: Client) -> None:
    day = "2024-03-13"
    sent = [{"user_id": "ann", "event_name": f"event {number}", "inserted_at": f"{day}T10:00:00Z"} for number in range(20)]
    environment.ingest_all(sent)
    file = environment.export(day, day).files[0]
    size, tag = len(file.content), requests.head(file.url, timeout=30).headers["ETag"]

    def get(range: str, **headers: str) -> requests.Response:
        return requests.get(file.url, headers={"Range": range, **headers}, timeout=30)

    for outside in (f"bytes={size}-", f"bytes={size + 5}-{size + 9}", "bytes=-0", f"bytes={size}-,{size + 1}-"):
        refused = get(outside)
        assert (refused.status_code, refused.headers["Content-Range"]) == (416, f"bytes */{size}"), outside
        assert f"{size} bytes" in refused.text
    first = get("bytes=0-9", **{"If-Range": tag})
    rest = get("bytes=10-", **{"If-Range": tag})
    assert (first.status_code, rest.status_code) == (206, 206)
    assert first.headers["ETag"] == tag and first.content + rest.content == file.content
    # Of another file, or one that is known by its date only, a part would not fit.
    for other in ('"x"', f"W/{tag}", "Fri, 27 Nov 2026 00:00:00 GMT"):
        assert get("bytes=10-", **{"If-Range": other}).content == file.content
    assert get("bytes=3-1").content == get("lines=0-1").content == get("bytes=0-0,2-2").content == file.content
    assert get("bytes=0-9", **{"If-None-Match": tag}).status_code == 304
    # Of the answer to a HEAD there are no parts (RFC 9110, 14.2).
    head = requests.head(file.url, headers={"Range": "bytes=0-9"}, timeout=30)
    assert (head.status_code, head.headers["Content-Length"]) == (200, str(size)) and "Content-Range" not in head.headers


def test_lists_in_a_body_are_short(fullstack: ConvertProject) -> None:
    path = f"/accounts/{fullstack.client.account_id}/projects/{fullstack.id}"
    refused = fullstack.client.request("GET", path, body={"include": ["domains"] * 101})
    assert refused.status_code == 422 and "at most 100" in refused.text
    refused = fullstack.client.request("GET", path, body={"include": ["x"] * 100_000})
    assert refused.status_code == 413, refused.text
    fullstack.client.request("GET", path, body={"include": ["domains"] * 100}, expect=200)


def test_lists_with_an_empty_value_are_held_against_the_contract(fullstack: ConvertProject) -> None:
    path = f"/accounts/{fullstack.client.account_id}/projects/{fullstack.id}"
    for query in ("include[]=", "include[]=domains&include[]=", "include[0]="):
        refused = fullstack.client.request("GET", f"{path}?{query}", expect=422).json()
        assert "include" in json.dumps(refused), query


# ---- clients of the machine


def test_double_slashes_do_not_matter(peer: Peer) -> None:
    body = event()
    fields = ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    for path in ("//v1/track", "/v1//track", "/api//v1/track/", "///api/v1/track"):
        assert peer.ask(f"POST {path} HTTP/1.1", *fields, body=body).status == 202, path
    assert peer.environment.count_events() == 4
    for path in ("//health", "/health/", "///ready", "/openapi//sextant.yaml"):
        assert peer.ask(f"GET {path} HTTP/1.1", key=False).status == 200, path
    for path in ("/v1/track", "///v1///track", "/v1/track/"):
        wrong = peer.ask(f"PUT {path} HTTP/1.1", "Origin: https://shop.example", "Content-Length: 0")
        assert (wrong.status, wrong.fields["access-control-allow-origin"]) == (405, "*"), path
        assert wrong.body == peer.ask(f"PUT {TRACK} HTTP/1.1", "Content-Length: 0").body


def test_curl_does_not_wait(peer: Peer, server: Sextant, tmp_path: Path) -> None:
    """Curl waits a second before it sends more than a megabyte; what it says of the exchange shows that it is told."""
    file = tmp_path / "events.json"
    file.write_bytes(b"[" + b",".join(event(number, metadata={"text": "x" * 1_500}) for number in range(1_000)) + b"]")
    assert file.stat().st_size > 1_500_000
    command = ["curl", "-sv", "--data-binary", f"@{file}", "-H", "Content-Type: application/json", "--expect100-timeout", "60"]
    key = f"Authorization: Token {peer.environment.token}"
    done = subprocess.run(
        [*command, "-H", key, server.base_url + EVENTS], capture_output=True, text=True, timeout=120, check=True
    )
    assert "< HTTP/1.1 100 Continue" in done.stderr and "Done waiting" not in done.stderr
    assert json.loads(done.stdout)["accepted"] == 1_000
    old = subprocess.run(
        [*command, "--http1.0", "-H", key, server.base_url + EVENTS], capture_output=True, text=True, timeout=120, check=True
    )
    assert json.loads(old.stdout)["accepted"] == 1_000
    unknown = subprocess.run(
        [*command, "-w", "%{http_code}", "-H", "Authorization: Token no", server.base_url + EVENTS],
        capture_output=True, text=True, timeout=120, check=True,
    )
    assert unknown.stdout.endswith("401") and "100 Continue" not in unknown.stderr


def test_the_http_client_of_python_takes_all_of_it(peer: Peer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=60)
    headers = {"Authorization": f"Token {peer.environment.token}", "Content-Type": "application/json"}
    for close in ("keep-alive", "Close", "keep-alive"):
        connection.request("POST", TRACK, event(), {**headers, "Connection": close})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (202, b"{}")
        assert (connection.sock is None) == (close == "Close")
    connection.request("POST", TRACK, iter([event()[:5], event()[5:]]), headers, encode_chunked=True)
    assert connection.getresponse().status == 202
