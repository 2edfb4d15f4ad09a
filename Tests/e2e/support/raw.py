"""Requests below the level at which HTTP libraries behave well."""

import select
import socket
import time
from collections.abc import Iterator


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
