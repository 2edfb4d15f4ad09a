"""Requests as programs put them on the wire: fields in their order and spelling, bodies byte for byte."""

import http.client
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from .raw import connect

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Call:
    """One request. In `fields`, `{host}` stands for the server's address and `{length}` for the length of the body."""

    method: str
    target: str
    fields: Fields
    body: bytes = b""
    expect: int = 200
    chunks: int = 0
    """Where it is not 0, the body goes in chunks of this size, and has no length."""
    secrets: dict[str, str] = field(default_factory=dict)
    """What further names in braces stand for, such as keys."""

    def head(self, host: str) -> bytes:
        known = {"{host}": host, "{length}": str(len(self.body)), **self.secrets}
        lines = [f"{self.method} {self.target} HTTP/1.1"]
        for name, value in self.fields:
            for placeholder, text in known.items():
                value = value.replace(placeholder, text)
            lines.append(f"{name}:{value}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n"

    def sent_body(self) -> bytes:
        if not self.chunks:
            return self.body
        pieces = [self.body[start : start + self.chunks] for start in range(0, len(self.body), self.chunks)]
        return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes


def send(connection: socket.socket, call: Call) -> Answer:
    """Sends one request and reads its answer; the connection is kept, as clients keep theirs."""
    host, port = connection.getpeername()[:2]
    connection.sendall(call.head(f"{host}:{port}") + call.sent_body())
    response = http.client.HTTPResponse(connection, method=call.method)
    response.begin()
    answer = Answer(response.status, response.headers, response.read())
    response.close()
    return answer


def send_all(port: int, calls: Iterable[Call]) -> list[Answer]:
    """Sends one after the other, on one connection where the client keeps it; each must be answered as the client wants."""
    answers = []
    connection = connect(port)
    try:
        for call in calls:
            answer = send(connection, call)
            shown = f"{call.method} {call.target}: {answer.status}, not {call.expect}: {answer.body[:500]!r}"
            assert answer.status == call.expect, f"{shown}; sent {call.body[:500]!r}"
            answers.append(answer)
            if ("Connection", " close") in call.fields:
                assert not connection.recv(1), "the connection stays open though the client wants it closed"
                connection.close()
                connection = connect(port)
    finally:
        connection.close()
    return answers
