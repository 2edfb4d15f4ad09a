"""A receiver of webhooks of our own, which answers as a test wants."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .local_server import Handler, LocalServer

Answer = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Message:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver(LocalServer):
    """Keeps what it is sent. `answer` decides by the message, 204 unless it is replaced."""

    answer: Callable[[Message], Answer] = lambda _message: (204, {})
    messages: list[Message] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def handler(self) -> type[Handler]:
        receiver = self

        class Receiving(Handler):
            wbufsize = -1  # an answer is one packet

            def do_POST(self) -> None:
                message = Message(self.path, self.sent_headers(), self.sent_body())
                with receiver.lock:
                    receiver.messages.append(message)
                status, more = receiver.answer(message)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", "0")
                self.end_headers()
                self.wfile.flush()

        return Receiving

    def url(self, path: str = "/hook") -> str:
        return f"{self.address}{path}"

    def of(self, path: str) -> list[Message]:
        with self.lock:
            return [message for message in self.messages if message.path == path]
