"""A web site for the server, or a browser, to visit."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class Site:
    """A web site whose pages a test writes."""

    def __init__(self, certificate: tuple[Path, Path] | None = None) -> None:
        """With a certificate and its key the site is reached over TLS."""
        self.pages: dict[str, str] = {}
        """By path; what begins with `http` redirects there."""
        self.visits: list[str] = []
        self.cookies: list[str] = []
        """What browsers have sent along."""
        pages, visits, cookies = self.pages, self.visits, self.cookies

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                visits.append(self.path)
                cookies.extend(self.headers.get_all("Cookie", []))
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
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            # Each connection shakes hands on its own thread.
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.scheme = "http" if certificate is None else "https"
        self.url = self.at("127.0.0.1")
        Thread(target=self.server.serve_forever, daemon=True).start()

    def at(self, host: str) -> str:
        """Its address by another name."""
        return f"{self.scheme}://{host}:{self.server.server_address[1]}"

    @classmethod
    @contextmanager
    def serve(cls, certificate: tuple[Path, Path] | None = None) -> Iterator["Site"]:
        site = cls(certificate)
        try:
            yield site
        finally:
            site.server.shutdown()
            site.server.server_close()
