"""A service of our own that speaks OpenAI's chat completions, and answers as a test wants."""

import http.server
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .local_server import Handler, LocalServer

Body = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: Body

    @property
    def count(self) -> int:
        return int(self.body.get("n", 1))

    @property
    def material(self) -> str:
        (text,) = [message["content"] for message in self.body["messages"] if message["role"] == "user"]
        return str(text)

    @property
    def instructions(self) -> str:
        (text,) = [message["content"] for message in self.body["messages"] if message["role"] == "system"]
        return str(text)


class Writer:
    """An answer that is being written."""

    def __init__(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        self.handler = handler

    def head(self, status: int = 200, type: str = "application/json", length: int | None = None, **headers: str) -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", type)
        self.handler.send_header("Content-Length" if length is not None else "Connection", str(length) if length is not None else "close")
        for name, value in headers.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.end_headers()

    def write(self, data: bytes) -> None:
        self.handler.wfile.write(data)
        self.handler.wfile.flush()

    def json(self, body: Any, status: int = 200, **headers: str) -> None:
        data = json.dumps(body).encode()
        self.head(status, length=len(data), **headers)
        self.write(data)

    def texts(self, *texts: str | None, **members: Any) -> None:
        choices = [
            {"index": index, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"} | members
            for index, text in enumerate(texts)
        ]
        self.json({"object": "chat.completion", "choices": choices})

    def error(self, status: int, message: str, **headers: str) -> None:
        self.json({"error": {"message": message, "type": "error"}}, status, **headers)

    def event(self, content: str | None = None, **choice: Any) -> None:
        delta = {} if content is None else {"content": content}
        chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": delta, "finish_reason": None} | choice]}
        self.write(f"data: {json.dumps(chunk)}\n\n".encode())


def by_number(asked: Asked, writer: Writer) -> None:
    writer.texts(*[f"Variant {number}" for number in range(1, asked.count + 1)])


def as_asked(asked: Asked, writer: Writer) -> None:
    """Whole, or in pieces."""
    if not asked.body.get("stream"):
        by_number(asked, writer)
        return
    writer.head(type="text/event-stream")
    writer.event("Variant ")
    writer.event("1", finish_reason="stop")
    writer.write(b"data: [DONE]\n\n")


@dataclass
class LanguageModel(LocalServer):
    """`answer` decides by the request; one variant after the other unless it is replaced."""

    answer: Callable[[Asked, Writer], None] = by_number
    asked: list[Asked] = field(default_factory=list)

    def handler(self) -> type[Handler]:
        model = self

        class Receiving(Handler):
            def do_POST(self) -> None:
                asked = Asked(self.path, self.sent_headers(), json.loads(self.sent_body()))
                model.asked.append(asked)
                try:
                    model.answer(asked, Writer(self))
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

        return Receiving

    @property
    def url(self) -> str:
        return f"{self.address}/v1"
