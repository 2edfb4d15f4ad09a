"""Payment providers: localstripe, which is Stripe's API as others have built it anew, and one of our own that answers as a test wants."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import requests

from .local_server import Handler, LocalServer
from .polling import wait_until
from .server import free_port

# Its own command listens on every address.
LOCALSTRIPE = "import sys; from aiohttp import web; from localstripe.server import app; web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]), print=None)"


@contextmanager
def localstripe() -> Iterator[str]:
    """Its address."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", LOCALSTRIPE, str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"

    def is_ready() -> bool:
        assert process.poll() is None, "localstripe ended"
        try:
            return requests.get(f"{url}/v1/customers", timeout=5).status_code == 401
        except requests.ConnectionError:
            return False

    try:
        wait_until(is_ready, url, 30)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


@dataclass(frozen=True)
class Sent:
    path: str
    headers: dict[str, str]
    fields: dict[str, str]


Reply = tuple[int, Any]


def as_documented(sent: Sent) -> Reply:
    """What Stripe's documentation shows for what is asked."""
    if sent.path == "/v1/customers":
        return 200, {"id": "cus_documented", "object": "customer", "name": sent.fields["name"]}
    if sent.path == "/v1/setup_intents":
        return 200, {"id": "seti_1", "object": "setup_intent", "client_secret": "seti_1_secret_2", "customer": sent.fields["customer"]}
    if sent.path == "/v1/billing_portal/sessions":
        url = "https://billing.stripe.com/session/acct_1/live_2"
        return 200, {"id": "bps_1", "object": "billing_portal.session", "url": url, "return_url": sent.fields["return_url"]}
    return 404, {"error": {"type": "invalid_request_error", "message": f"Unrecognized request URL (POST: {sent.path})."}}


@dataclass
class Provider(LocalServer):
    answer: Callable[[Sent], Reply] = as_documented
    sent: list[Sent] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    """How set-ups stand, one question after the other; then nobody has entered anything."""

    def handler(self) -> type[Handler]:
        provider = self

        class Receiving(Handler):
            def do_POST(self) -> None:
                body = self.sent_body().decode()
                fields = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True, strict_parsing=True).items()}
                sent = Sent(self.path, self.sent_headers(), fields)
                provider.sent.append(sent)
                self.reply(*provider.answer(sent))

            def do_GET(self) -> None:
                assert self.path.startswith("/v1/setup_intents/"), self.path
                state = provider.states.pop(0) if provider.states else "requires_payment_method"
                self.reply(200, {"id": self.path.rpartition("/")[2], "object": "setup_intent", "status": state})

            def reply(self, status: int, answer: Any) -> None:
                data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        return Receiving

    @property
    def url(self) -> str:
        return self.address
