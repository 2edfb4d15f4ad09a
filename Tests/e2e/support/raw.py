"""Requests below the level at which HTTP libraries behave well."""

import select
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def head(method: str, path: str, token: str, *lines: str) -> bytes:
    """The first part of a request, up to and including the empty line."""
    fields = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Token {token}", *lines]
    return "\r\n".join(fields).encode() + b"\r\n\r\n"


def status_of(answer: bytes) -> int:
    """The status of the answer's first line; 0 when nothing came."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def exchange(port: int, parts: Iterator[bytes] | list[bytes], seconds: float = 30) -> bytes:
    """Sends all parts, or as many as the server takes, and returns what it answers until it closes or is quiet."""
    answer = b""
    with connect(port) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass  # The server has answered and closed; what it said may still be read.
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            readable, _, _ = select.select([connection], [], [], 1 if answer else seconds)
            if not readable:
                break
            try:
                piece = connection.recv(65_536)
            except ConnectionResetError:
                break
            if not piece:
                break
            answer += piece
    return answer


def seconds_until_cut(port: int, first: bytes, drip: bytes, limit: float) -> float | None:
    """Sends `first`, then `drip` every second; how long until the server closes, None when it does not in time."""
    start = time.monotonic()
    with connect(port) as connection:
        connection.sendall(first)
        while time.monotonic() - start < limit:
            readable, _, _ = select.select([connection], [], [], 1)
            try:
                if readable and not connection.recv(65_536):
                    return time.monotonic() - start
                if drip:
                    connection.sendall(drip)
            except (BrokenPipeError, ConnectionResetError):
                return time.monotonic() - start
    return None


@dataclass
class Answer:
    """One response, taken apart."""

    version: str
    status: int
    fields: dict[str, str]
    """By their names in lower case."""
    body: bytes


class Connection:
    """Speaks HTTP/1 byte by byte, one answer at a time."""

    def __init__(self, port: int) -> None:
        self.socket = connect(port)
        self.received = b""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, *lines: str, body: bytes = b"") -> None:
        """The lines of a head, the empty one added, and a body."""
        self.socket.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body)

    def _more(self) -> bool:
        try:
            piece = self.socket.recv(65_536)
        except ConnectionResetError:
            piece = b""
        self.received += piece
        return bool(piece)

    def answer(self, has_body: bool = True) -> Answer:
        """The next response; one without a length goes on to the end of the connection."""
        while b"\r\n\r\n" not in self.received:
            assert self._more(), f"the connection ended in a head: {self.received[:200]!r}"
        head, self.received = self.received.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        version, status, _ = first.split(" ", 2)
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines)}
        assert len(fields) == len(lines), f"a field stands there twice: {lines}"
        assert "transfer-encoding" not in fields, fields
        length = int(fields["content-length"]) if "content-length" in fields else None
        if not has_body or int(status) in (204, 304) or int(status) < 200:
            length = 0
        while len(self.received) < (1 << 62 if length is None else length):
            if not self._more():
                assert length is None, f"the body ended after {len(self.received)} of {length} bytes"
                break
        length = len(self.received) if length is None else length
        body, self.received = self.received[:length], self.received[length:]
        return Answer(version, int(status), fields, body)

    def is_closed(self) -> bool:
        """Waits until the server says that it sends no more; false when it sends something else."""
        return not self.received and not self._more()
