"""A real mail server (aiosmtpd), with and without encryption and logins, which refuses what it is told to."""

import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .mails import parsed
from .polling import wait_until
from .server import free_port

USER, PASSWORD = "mail user", "p@ss:w/rd?"


@dataclass
class Received:
    message: EmailMessage
    content: bytes
    recipients: list[str]
    encrypted: bool
    user: str | None


class MailServer:
    """Listens on a port of this machine until it is stopped."""

    def __init__(
        self, certificate: tuple[Path, Path] | None = None, encryption: str = "none", login: bool = False, port: int | None = None
    ) -> None:
        """`encryption` is none, starttls or implicit, as the name of this machine says."""
        self.received: list[Received] = []
        self.refusals: list[str] = []
        """What it answers to the next messages instead of taking them."""
        self.refused: list[str] = []
        """Message-IDs of what it has not taken."""
        self.password = PASSWORD
        self.wrong_passwords = 0
        self.certificate, self.encryption, self.login = certificate, encryption, login
        self.port = port or free_port()
        options: dict[str, Any] = {}
        context = None
        if encryption != "none":
            assert certificate is not None
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*certificate)
        if encryption == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        if login:
            options |= {"authenticator": self.authenticate, "auth_required": True, "auth_require_tls": False}
        self.controller = Controller(
            self, hostname="127.0.0.1", port=self.port, ssl_context=context if encryption == "implicit" else None, **options
        )

    def __enter__(self) -> "MailServer":
        self.controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.controller.stop()

    def url(self, trusted: bool = True, password: str = PASSWORD) -> str:
        login = f"{quote(USER, safe='')}:{quote(password, safe='')}@" if self.login else ""
        scheme = "smtps" if self.encryption == "implicit" else "smtp"
        url = f"{scheme}://{login}localhost:{self.port}?from=sextant@example.com&from_name=Sextant"
        if self.encryption == "none":
            url += "&starttls=none"
        if self.encryption == "starttls":
            url += "&starttls=required"
        return url + (f"&ca={self.certificate[0]}" if self.certificate and trusted else "")

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
        if isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), self.password.encode()):
            return AuthResult(success=True, auth_data=USER)
        self.wrong_passwords += 1
        return AuthResult(success=False, handled=False)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = parsed(envelope.content)
        if self.refusals:
            self.refused.append(str(message["Message-ID"]))
            return self.refusals.pop(0)
        encrypted = server.transport is not None and server.transport.get_extra_info("ssl_object") is not None
        self.received.append(Received(message, envelope.content, envelope.rcpt_tos, encrypted, session.auth_data))
        return "250 kept"

    def wait_for(self, address: str, subject: str = "") -> Received:
        """The first message to an address whose subject has the words."""

        def found() -> list[Received]:
            return [own for own in self.received if own.recipients == [address] and subject in str(own.message["Subject"])]

        return wait_until(found, f"a mail to {address}")[0]
