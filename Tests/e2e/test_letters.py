"""Letters that the server sends: two parts that say the same, by real mail servers, which are down, refuse, or are not trusted."""

import itertools
import re
from pathlib import Path

import pytest

from support.client import EXPORTS
from support.convert import convert_client
from support.mails import ShownText, assert_both_say_the_same, code_in, part, text
from support.people import Person, new_person
from support.polling import wait_until
from support.server import Launch, Sextant, free_port
from support.smtp import PASSWORD, USER, MailServer

numbers = itertools.count(1)
SERVER = "http://sextant.example/a&b"


def ask_for_code(server: Sextant) -> str:
    """Has a letter sent, and says to whom."""
    person = new_person(server)
    Person(server, person.email).request("POST", "/auth/forgotpassword", {"username": person.email}, expect=200)
    return person.email


def log_lines(server: Sextant, words: str) -> list[str]:
    return [line for line in server.log.read_text(errors="replace").splitlines() if words in line]


def with_mail(launch: Launch, url: str) -> Sextant:
    return launch(environment={"SEXTANT_SMTP_URL": url, "SEXTANT_PUBLIC_URL": SERVER, "SEXTANT_OPERATOR_EMAIL": "operator@example.com"})


# ---- by which way


@pytest.mark.parametrize("login", [False, True], ids=["open", "login"])
@pytest.mark.parametrize("encryption", ["none", "starttls", "implicit"])
def test_letters_arrive(launch: Launch, certificate: tuple[Path, Path], encryption: str, login: bool) -> None:
    with MailServer(certificate, encryption, login) as mail:
        server = with_mail(launch, mail.url())
        address = ask_for_code(server)
        got = mail.wait_for(address, "new password")
        assert got.encrypted == (encryption != "none") and got.user == (USER if login else None)
        message = got.message
        assert message["To"] == address and message["From"] == "Sextant <sextant@example.com>"
        assert str(message["Message-ID"]).endswith("@example.com>") and message["Date"] and message["Auto-Submitted"]
        assert_both_say_the_same(message)
        # Mail servers take no longer lines, and many nothing but ASCII.
        assert all(len(line) <= 78 for line in got.content.split(b"\r\n")) and got.content.isascii()
        code = code_in(message)
        body = {"newPassword": "remembered now", "confirmNewPassword": "remembered now", "code": code}
        Person(server, address).request("POST", "/auth/confirmpasswordreset", body, expect=200)
        assert mail.wait_for(address, "login was changed")
        # As it waited, nobody could read it.
        assert all(code.encode() not in file.read_bytes() for file in server.data.glob("control.sqlite*"))
        assert not log_lines(server, PASSWORD)


# ---- what goes wrong


def test_a_wrong_password_loses_no_letter(launch: Launch) -> None:
    with MailServer(login=True) as mail:
        mail.password = "another one"
        server = with_mail(launch, mail.url())
        address = ask_for_code(server)
        wait_until(lambda: log_lines(server, "check user and password in the SMTP address"), "the line")
        assert not mail.received and mail.wrong_passwords
        mail.password = PASSWORD
        mail.wait_for(address)
        assert len(mail.received) == 1 and not log_lines(server, PASSWORD)


@pytest.mark.parametrize("encryption", ["starttls", "implicit"])
def test_a_server_that_is_not_trusted_gets_nothing(launch: Launch, certificate: tuple[Path, Path], encryption: str) -> None:
    with MailServer(certificate, encryption, login=True) as mail:
        server = with_mail(launch, mail.url(trusted=False))
        address = ask_for_code(server)
        wait_until(lambda: log_lines(server, "could not be protected"), "the line")
        assert not mail.received and not mail.wrong_passwords
        server.stop()
        server.environment["SEXTANT_SMTP_URL"] = mail.url()
        server.start()
        assert mail.wait_for(address).encrypted and len(mail.received) == 1


def test_encryption_that_is_not_offered_is_not_done_without(launch: Launch, certificate: tuple[Path, Path]) -> None:
    with MailServer(login=True) as mail:
        server = with_mail(launch, mail.url().replace("starttls=none", "starttls=required"))
        ask_for_code(server)
        wait_until(lambda: log_lines(server, "could not be protected"), "the line")
        assert not mail.received and not mail.wrong_passwords


def test_a_server_that_takes_it_later(launch: Launch) -> None:
    with MailServer() as mail:
        mail.refusals = ["451 try again later", "452 no room"]
        server = with_mail(launch, mail.url())
        address = ask_for_code(server)
        got = mail.wait_for(address)
        # One letter, so that programs that got it twice would know.
        assert mail.refused == [str(got.message["Message-ID"])] * 2 and len(mail.received) == 1
        assert log_lines(server, "451 try again later")


def test_a_server_that_never_takes_it(launch: Launch) -> None:
    with MailServer() as mail:
        mail.refusals = ["554 looks like spam"]
        server = with_mail(launch, mail.url())
        ask_for_code(server)
        wait_until(lambda: log_lines(server, "554 looks like spam"), "the line")
        other = ask_for_code(server)
        mail.wait_for(other)
        assert len(mail.received) == 1 and len(mail.refused) == 1


def test_a_server_that_is_down_and_a_crash(launch: Launch) -> None:
    port = free_port()
    mail = MailServer(port=port)
    server = with_mail(launch, mail.url())
    address = ask_for_code(server)
    wait_until(lambda: log_lines(server, "could not be used"), "the line")
    server.kill()
    with mail:
        server.start()
        assert_both_say_the_same(mail.wait_for(address).message)
        assert len(mail.received) == 1


# ---- what is in them


HOSTILE = [
    "<script>alert(1)</script>",
    "{{code}}{{{hash}}}{{#files}}{{/files}}{{>html}}",
    "<\u0301img src=x onerror=alert(1)>",
    "&lt;b&gt; \" onload='x' &",
    "e\u0301 \u00e9 \u212b K\u212a",
    "\U0001f600\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "x" * 170,
]


@pytest.fixture(scope="module")
def post() -> MailServer:
    return MailServer()


@pytest.fixture(scope="module")
def posting(launch: Launch, post: MailServer):  # type: ignore[no-untyped-def]  # a generator of a server
    with post:
        yield with_mail(launch, post.url())


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_names(posting: Sextant, post: MailServer, name: str) -> None:
    owner = new_person(posting, "owner").log_in()
    owner.request("PUT", "/user", {"firstName": name[:100], "lastName": "Lee"}, expect=200)
    client = convert_client(posting, bearer=True)
    client.request("POST", f"/accounts/{client.account_id}/details", {"name": name}, expect=200)
    address = f"invited-{next(numbers)}@example.com"
    access = [{"project": None, "role": "edit"}]
    body = {"email": address, "first_name": "A", "last_name": "B", "accesses": access, "custom_message": f"{name}\r\nBcc: x@example.com"}
    owner.request("POST", f"/accounts/{client.account_id}/users-accesses/add", body, expect=201)
    message = post.wait_for(address).message
    assert_both_say_the_same(message)
    assert message["Bcc"] is None and len(message.get_all("To", [])) == 1
    assert f'in the account "{name}" at {SERVER}.' in text(message)
    assert f"says: {name}  Bcc: x@example.com" in text(message) or f"says: {name} Bcc: x@example.com" in text(message)
    page = part(message, "html")
    assert not re.search(r"<\W*(script|img)", page) and f'"{name}" at {SERVER}.' in ShownText(page).shown
    # A name cannot bring what only the letter holds.
    assert text(message).count(code_in(message)) == 1


def test_letters_about_exports_and_add_ons(posting: Sextant, post: MailServer) -> None:
    client = posting.new_environment()
    client.ingest_all([{"user_id": "ann", "event_name": "<b>", "inserted_at": "2024-05-01T12:00:00Z"}])
    job_id = client.start_export("2024-05-01", "2024-06-30", emails=["ann@example.com"])
    message = post.wait_for("ann@example.com", "export is ready").message
    assert_both_say_the_same(message)
    assert ShownText(part(message, "html")).links == [f"{SERVER}{EXPORTS}/jobs/{job_id}"]
    convert = convert_client(posting, bearer=True)
    body = {"addon": "convert_remote_1h", "collaborator_name": "<i>Ann</i>\u2028Add-on: free", "collaborator_email": "ann@example.com"}
    convert.request("POST", f"/accounts/{convert.account_id}/addons", body, expect=200)
    message = post.wait_for("operator@example.com", "add-on").message
    assert_both_say_the_same(message)
    assert "For:     <i>Ann</i> Add-on: free\n" in text(message)
