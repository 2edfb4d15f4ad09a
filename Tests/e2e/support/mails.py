"""What the server has mailed, into a folder."""

import email
import email.policy
import re
from email.message import EmailMessage
from html.parser import HTMLParser

from .polling import wait_until
from .server import Sextant


def mails(server: Sextant, address: str) -> list[EmailMessage]:
    """Those to an address, oldest first."""
    files = sorted((server.data / "mail/new").glob("*"), key=lambda file: file.stat().st_mtime_ns)
    found = [parsed(file.read_bytes()) for file in files]
    return [message for message in found if message["To"] == address]


def parsed(content: bytes) -> EmailMessage:
    """A message without a fault in its form."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    faults = [str(fault) for part in message.walk() for fault in part.defects]
    assert not faults and not [header for header in message.values() if getattr(header, "defects", ())], faults
    return message


def subjects(server: Sextant, address: str) -> list[str]:
    return [str(mail["Subject"]) for mail in mails(server, address)]


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None, f"no {kind} part"
    content: str = body.get_content()
    return content.replace("\r\n", "\n")


def text(mail: EmailMessage) -> str:
    return part(mail, "plain")


def mailed_code(server: Sextant, address: str, subject: str) -> str:
    wait_until(lambda: any(subject in own for own in subjects(server, address)), f"a mail to {address}")
    return code_in([own for own in mails(server, address) if subject in str(own["Subject"])][-1])


def code_in(mail: EmailMessage) -> str:
    match = re.search(r"^ {2}(\w{43})$", text(mail), re.MULTILINE)
    assert match, text(mail)
    return match[1]


class ShownText(HTMLParser):
    """What a page shows, and where its links lead."""

    INLINE = frozenset({"a", "b"})
    HIDDEN = frozenset({"title", "style"})
    ALLOWED = INLINE | {"html", "head", "meta", "title", "body", "div", "p", "table", "tr", "td", "th"}

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shown = ""
        self.links: list[str] = []
        self.hidden = 0
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Nothing that is loaded, nothing that runs.
        assert tag in self.ALLOWED, tag
        assert {name for name, _ in attrs} <= {"lang", "charset", "name", "content", "style", "href", "role"}, attrs
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.hidden += tag in self.HIDDEN
        self.shown += "" if tag in self.INLINE else "\n"

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in self.HIDDEN
        self.shown += "" if tag in self.INLINE else "\n"

    def handle_data(self, data: str) -> None:
        self.shown += "" if self.hidden else data


def assert_both_say_the_same(mail: EmailMessage) -> None:
    """A text and an HTML part, with the same words in the same order; addresses that only links have are left out."""
    assert mail.get_content_type() == "multipart/alternative"
    assert [own.get_content_type() for own in mail.iter_parts()] == ["text/plain", "text/html"]
    page = ShownText(part(mail, "html"))
    shown = page.shown.split()
    words = [word for word in text(mail).replace("\n-- \n", "\n").split() if word in shown or word not in page.links]
    assert words == shown
    assert all(link in text(mail) for link in page.links)
