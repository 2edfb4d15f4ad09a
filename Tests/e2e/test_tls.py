"""TLS with a certificate of one's own; HTTP/1.1 and HTTP/2 on the same port."""

import asyncio
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest

from support.client import SEXTANT
from support.server import Launch, Sextant


@pytest.fixture(scope="module")
def secure(launch: Launch, certificate: tuple[Path, Path]) -> Sextant:
    return launch(certificate=certificate)


def http_client(server: Sextant, http2: bool) -> httpx.Client:
    assert server.certificate is not None
    context = ssl.create_default_context(cafile=str(server.certificate[0]))
    headers = {"Authorization": f"Token {server.token}"}
    return httpx.Client(
        base_url=server.base_url, http1=not http2, http2=http2, verify=context, headers=headers, timeout=60
    )


@pytest.mark.parametrize(("http2", "version"), [(False, "HTTP/1.1"), (True, "HTTP/2")])
def test_requests_of_both_versions(secure: Sextant, http2: bool, version: str) -> None:
    before = secure.client().count_events()
    with http_client(secure, http2) as client:
        for number in range(20):
            answer = client.post("/v1/track", json={"user_id": "ann", "event_name": f"{version} {number}"})
            assert (answer.status_code, answer.http_version) == (202, version)
        batch = [{"user_id": "ann", "event_name": "big", "metadata": {"text": "x" * 2_000}}] * 2_000
        answer = client.post(f"{SEXTANT}/events", json=batch)
        assert answer.status_code == 202 and answer.json()["accepted"] == 2_000
        assert client.post("/v1/track", json={"user_id": 5}).status_code == 400
        assert client.get("/nothing").status_code == 404
        assert client.get("/v1/identify").status_code == 405
    assert secure.client().count_events() == before + 2_020


def test_many_streams_of_one_connection(secure: Sextant) -> None:
    # The client with an event loop: threads that share a synchronous one mix up its frames (pydantic/httpx2 #1153).
    before = secure.client().count_events()
    assert set(asyncio.run(send_at_once(secure, 300))) == {202}
    assert secure.client().count_events() == before + 300


async def send_at_once(server: Sextant, count: int) -> list[int]:
    assert server.certificate is not None
    context = ssl.create_default_context(cafile=str(server.certificate[0]))
    headers = {"Authorization": f"Token {server.token}"}
    one_connection = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(
        base_url=server.base_url,
        http1=False,
        http2=True,
        verify=context,
        headers=headers,
        timeout=60,
        limits=one_connection,
    ) as client:

        async def send(number: int) -> int:
            body = {"user_id": f"u{number}", "event_name": "parallel"}
            answer = await client.post("/v1/track", json=body)
            return answer.status_code

        return await asyncio.gather(*(send(number) for number in range(count)))


def test_a_large_body_over_http2_is_refused(secure: Sextant, tmp_path: Path) -> None:
    # curl reads an answer that comes before it has sent everything; httpx waits for room to send and never looks.
    large = tmp_path / "large.json"
    large.write_bytes(b"x" * (60 * 1024 * 1024))
    command = ["curl", "-sk", "--http2", "-o", str(tmp_path / "answer"), "-w", "%{http_code}", "--max-time", "20"]
    headers = ["-H", f"Authorization: Token {secure.client().token}", "-H", "Content-Type: application/json"]
    sent = subprocess.run(
        [*command, *headers, "--data-binary", f"@{large}", f"{secure.base_url}/v1/track"], capture_output=True, text=True
    )
    assert sent.stdout == "413", sent
    with http_client(secure, http2=True) as client:
        assert client.get("/v1/validate").status_code == 200


def test_exports_over_tls(secure: Sextant) -> None:
    client = secure.new_environment()
    client.track("ann", "paid")
    export = client.export("2000-01-01", "2100-01-01")
    assert [row["event_name"] for row in export.rows] == ["paid"]
    assert all(file.url.startswith(f"https://127.0.0.1:{secure.port}/") for file in export.files)


def test_plain_and_broken_handshakes_hurt_nobody(secure: Sextant) -> None:
    for opening in (b"GET /v1/validate HTTP/1.1\r\nHost: a\r\n\r\n", b"\x16\x03\x01\x00\x05hello", b"\x00" * 100):
        with socket.create_connection(("127.0.0.1", secure.port), timeout=30) as connection:
            connection.sendall(opening)
            try:
                answer = connection.recv(1_024)
            except ConnectionResetError:
                answer = b""
            assert not answer.startswith(b"HTTP/1.1 200")
    assert secure.client().get("/v1/validate").status_code == 200


def test_old_protocol_versions_are_refused(secure: Sextant) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        with socket.create_connection(("127.0.0.1", secure.port), timeout=30) as connection:
            context.wrap_socket(connection)


def test_wrong_files_are_explained(secure: Sextant, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("not a certificate")
    for certificate in (broken, tmp_path / "missing.pem"):
        arguments = ["serve", "--data", str(tmp_path / "data"), "--port", "0"]
        result = secure.run(*arguments, "--tls-cert", str(certificate), "--tls-key", str(broken))
        assert result.returncode != 0 and certificate.name in result.stderr + result.stdout
