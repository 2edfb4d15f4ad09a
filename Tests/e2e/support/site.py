"""A web site for the server to visit."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Site:
    """A web site whose pages a test writes."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {}
        """By path; what begins with `http` redirects there."""
        self.visits: list[str] = []
        pages, visits = self.pages, self.visits

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                visits.append(self.path)
                page = pages.get(self.path, pages.get(self.path.split("?")[0]))
                redirected = page is not None and page.startswith("http")
                self.send_response(404 if page is None else 302 if redirected else 200)
                if page is not None and redirected:
                    self.send_header("Location", page)
                body = (page or "").encode()
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    @classmethod
    @contextmanager
    def serve(cls) -> Iterator["Site"]:
        site = cls()
        try:
            yield site
        finally:
            site.server.shutdown()
            site.server.server_close()
