"""A server on this machine for what the server under test sends to others."""

import http.server
import threading
from typing import Any


class Handler(http.server.BaseHTTPRequestHandler):
    """Keeps connections, and writes no log."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    def sent_body(self) -> bytes:
        return self.rfile.read(int(self.headers["Content-Length"]))

    def sent_headers(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}

    def log_message(self, *_arguments: Any) -> None:
        pass


class LocalServer:
    """Serves with `handler()` for as long as the context lasts."""

    def handler(self) -> type[Handler]:
        raise NotImplementedError

    def __enter__(self) -> Any:
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"
