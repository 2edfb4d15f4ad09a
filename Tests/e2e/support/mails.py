"""What the server has mailed, into a folder."""

import mailbox
import re
from mailbox import MaildirMessage as Message

from .polling import wait_until
from .server import Sextant


def mails(server: Sextant, address: str) -> list[Message]:
    """Those to an address, oldest first."""
    box = mailbox.Maildir(server.data / "mail", create=False)
    found = [message for message in box if message["To"] == address]
    return sorted(found, key=lambda message: message.get_date())


def subjects(server: Sextant, address: str) -> list[str]:
    return [str(mail["Subject"]) for mail in mails(server, address)]


def mailed_code(server: Sextant, address: str, subject: str) -> str:
    wait_until(lambda: any(subject in own for own in subjects(server, address)), f"a mail to {address}")
    mail = [own for own in mails(server, address) if subject in str(own["Subject"])][-1]
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    match = re.search(rb"^ {2}(\w{43})\r?$", text, re.MULTILINE)
    assert match, text
    return match[1].decode()
