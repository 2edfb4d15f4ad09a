"""What logins must stand: long, odd and huge passwords, codes that are tried again, people who are gone, and a log that tells of it all
without telling what is secret."""

import itertools
import re
import string
import unicodedata
from typing import Any

import pytest
import requests

from support.client import SEXTANT
from support.convert import Body, assert_refused, check_answer, client_of, convert_client, new_key, operation_at
from support.mails import mailed_code, mails, subjects
from support.one_time_passwords import code_of
from support.people import PASSWORD, Person, new_person, numbers, sextant_user
from support.polling import wait_until
from support.server import Launch, Sextant

addresses = itertools.count(1)
MEGABYTE = "x" * 1_000_000
LONG = (string.ascii_letters + " !") * 2
ALLOWED = {
    "eight characters": "kx93vq7b",
    "sixty-four": "ab" * 32,
    "ninety-nine": LONG[:99],
    "digits alone": "8205713946",
    "spaces alone": " " * 12,
    "of all the world": "Пароль 密码 🔑 ñandú",
    "one letter": "z" * 40,
    "ends in a space": "a password of mine ",
}


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    """One of its own, whose log is read here, and which believes where its clients say they are."""
    return launch(environment={"SEXTANT_TRUSTED_PROXIES": "127.0.0.1"})


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test has one of its own: failures from one address are counted together."""
    own = f"10.1.0.{next(addresses)}"
    begin = requests.Session.__init__

    def begin_there(session: requests.Session) -> None:
        begin(session)
        session.headers["X-Forwarded-For"] = own

    monkeypatch.setattr(requests.Session, "__init__", begin_there)


@pytest.fixture(scope="module")
def owner(server: Sextant) -> Person:
    return new_person(server, "owner").log_in()


def change(person: Person, password: str, current: str | None = None, **members: Any) -> requests.Response:
    body: Body = {"newPassword": password, "confirmPassword": password, **members}
    if current is not None:
        body["currentPassword"] = current
    return person.request("PUT", "/user", body)


def with_app(server: Sextant) -> tuple[Person, str, list[str]]:
    """Somebody whose logins take codes, what the codes are made of, and the codes to fall back on."""
    person = new_person(server).log_in()
    secret = person.request("POST", "/user/mfa-secret", expect=200).json()["mfa_secret"]
    enabling = {"mfa": {"type": "enable", "mfaCode": code_of(secret), "password": PASSWORD}}
    return person, secret, person.request("PUT", "/user", enabling, expect=200).json()["mfa_backup_codes"]


def step_of(person: Person) -> tuple[Person, str]:
    """A login up to the code."""
    browser = Person(person.server, person.email, person.password)
    answer = browser.begin()
    check_answer(operation_at("POST", "/auth"), answer)
    assert answer.json()["auth-code"] == "MFA_TOKEN_REQUIRED" and answer.json()["data"]["username"] == person.email
    return browser, answer.json()["data"]["sessionToken"]


def provide(browser: Person, token: str, code: str) -> requests.Response:
    data = {"mfaCode": code, "sessionToken": token}
    return browser.auth({"requestType": "provideMfaCodeAuth", "username": browser.email, "data": data})


# ---- passwords


@pytest.mark.parametrize("password", ALLOWED.values(), ids=ALLOWED)
def test_passwords_of_any_kind(server: Sextant, password: str) -> None:
    """Whatever they are made of, by three ways; and nothing less or else is as good."""
    person = new_person(server).log_in()
    assert change(person, password, PASSWORD).status_code == 200
    person.password = password
    assert Person(server, person.email, password).begin().status_code == 200
    # Nothing is cut off, and no case is changed.
    for other in {password[:-1], password + " ", password.strip(), password.swapcase(), password.upper()} - {password}:
        assert Person(server, person.email, other).begin().status_code in (401, 429), other
    known = len(mails(server, person.email))
    person.request("POST", "/auth/forgotpassword", {"username": person.email}, expect=200)
    wait_until(lambda: len(mails(server, person.email)) > known, "the code")
    code = mailed_code(server, person.email, "new password")
    again = password[::-1] if password[::-1] != password else password
    body = {"newPassword": again, "confirmNewPassword": again, "code": code}
    assert person.request("POST", "/auth/confirmpasswordreset", body).status_code == 200
    assert Person(server, person.email, again).begin().status_code == 200


def test_what_looks_alike_is_another_password(server: Sextant) -> None:
    composed = unicodedata.normalize("NFC", "é" * 12)
    person = new_person(server).log_in()
    assert change(person, composed, PASSWORD).status_code == 200
    assert Person(server, person.email, unicodedata.normalize("NFD", composed)).begin().status_code == 401
    assert Person(server, person.email, composed).begin().status_code == 200


@pytest.mark.parametrize("password", ["short 7", "x" * 100, "password1", "PASSWORD1", "12345678", "iloveyou", "qwertyuiop"])
def test_passwords_that_nobody_may_have(server: Sextant, password: str) -> None:
    person = new_person(server).log_in()
    assert_refused(change(person, password, PASSWORD), 422, "newPassword")
    person.request("POST", "/auth/forgotpassword", {"username": person.email}, expect=200)
    body = {"newPassword": password, "confirmNewPassword": password, "code": mailed_code(server, person.email, "new password")}
    assert_refused(person.request("POST", "/auth/confirmpasswordreset", body), 422, "newPassword")
    refused = server.run("user", "add", f"weak-{next(numbers)}@example.com", "--password", password, "--data", str(server.data))
    assert refused.returncode != 0 and "--password" in refused.stderr
    refused = server.run("user", "reset-password", person.email, "--password", password, "--data", str(server.data))
    assert refused.returncode != 0 and person.is_logged_in


def test_another_password_takes_the_present_one(server: Sextant) -> None:
    person = new_person(server).log_in()
    for current in (None, "", "wrong password", PASSWORD + "x", PASSWORD[:-1]):
        assert_refused(change(person, "another good one", current), 422, "currentPassword")
    # Guesses count towards those of logins.
    guessed = [change(person, "another good one", f"guess {number}").status_code for number in range(4)]
    assert 429 in guessed and Person(server, person.email).begin().status_code == 429
    assert person.is_logged_in


def test_passwords_of_a_megabyte(server: Sextant) -> None:
    person, nobody = new_person(server).log_in(), Person(server, "nobody@example.com", MEGABYTE)
    assert nobody.begin().status_code == 413
    assert Person(server, person.email, MEGABYTE).begin().status_code == 413
    # What just fits is looked at as any other, and is wrong.
    assert Person(server, person.email, "x" * 60_000).begin().status_code == 401
    assert change(person, MEGABYTE, PASSWORD).status_code in (413, 422)
    assert change(person, "another good one", MEGABYTE).status_code in (413, 422)
    body = {"newPassword": MEGABYTE, "confirmNewPassword": MEGABYTE, "code": "x" * 43}
    assert nobody.request("POST", "/auth/confirmpasswordreset", body).status_code == 413
    for member in ("mfaCode", "sessionToken"):
        data = {"mfaCode": "123456", "sessionToken": "x" * 43} | {member: MEGABYTE}
        assert nobody.auth({"requestType": "provideMfaCodeAuth", "data": data}).status_code == 413
    assert person.is_logged_in and "x" * 1_000 not in server.log.read_text()


def test_fields_for_secrets_show_nothing_and_take_what_is_pasted(server: Sextant) -> None:
    """No page of the server asks for a login; the reference's has a box for a key."""
    page = requests.get(f"{server.base_url}/docs", timeout=60)
    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    scripts = re.findall(r'<script[^>]* src="([^"]+)"', page.text)
    told = page.text + "".join(requests.get(server.base_url + path, timeout=60).text for path in scripts)
    assert not re.search(r"onpaste|[\"']paste[\"']", told)
    fields = re.findall(r"<(?:input|textarea)\b[^>]*>", page.text)
    for field in fields:
        about = re.search(r"key|secret|token|password", re.sub(r'type="\w+"', "", field), re.IGNORECASE)
        assert about is None or 'type="password"' in field, field
        assert "user" not in field.lower() and "mail" not in field.lower(), field
    for path in ("/login", "/api/v2/auth", "/index.html"):
        other = requests.get(server.base_url + path, timeout=60)
        assert other.status_code in (404, 405) and "html" not in other.headers["Content-Type"], path


def test_nobody_is_mailed_codes_without_end(server: Sextant) -> None:
    person = new_person(server)
    asked = [person.request("POST", "/auth/forgotpassword", {"username": person.email}) for _ in range(12)]
    statuses = [answer.status_code for answer in asked]
    assert statuses[:5] == [200] * 5 and 429 in statuses, statuses
    late = next(answer for answer in asked if answer.status_code == 429)
    assert int(late.headers["Retry-After"]) >= 1
    code = mailed_code(server, person.email, "new password")
    assert len(mails(server, person.email)) <= statuses.count(200) and code
    # Who knows the password is not kept out by it.
    person.log_in()


# ---- sessions


def test_what_opens_a_session_is_the_servers_choice(server: Sextant) -> None:
    """256 random bits, another one each time; a cookie that somebody has planted is none."""
    person = new_person(server)
    tokens = []
    for _ in range(20):
        browser = Person(server, person.email)
        browser.session.cookies.set("sid", "sxs_" + "planted" * 6 + "x")
        answer = browser.begin()
        assert answer.status_code == 200
        match = re.match(r"sid=(sxs_[\w-]{43});", answer.headers["Set-Cookie"])
        assert match, answer.headers["Set-Cookie"]
        tokens.append(match[1])
    assert len(set(tokens)) == 20 and not any("planted" in token for token in tokens)
    # No character is the same in all of them.
    bodies = [token.removeprefix("sxs_") for token in tokens]
    assert all(len({body[place] for body in bodies}) > 1 for place in range(43))
    assert not any(token in server.log.read_text() for token in tokens)
    stored = [path for path in server.data.rglob("*") if path.is_file()]
    assert not any(token.encode() in path.read_bytes() for path in stored for token in tokens)


def test_whoever_is_removed_is_out(server: Sextant, owner: Person) -> None:
    """All their sessions, a login under way, and what they were mailed; the answers are those of a login that never was."""
    person, elsewhere = new_person(server, "admin").log_in(), None
    elsewhere = Person(server, person.email).log_in()
    person.request("POST", "/accounts/1/projects/add", {"name": f"of {person.email}", "project_type": "web"}, expect=201)
    person.request("POST", "/auth/forgotpassword", {"username": person.email}, expect=200)
    code = mailed_code(server, person.email, "new password")
    sextant_user(server, "remove", person.email)
    for browser in (person, elsewhere):
        assert browser.request("GET", "/user").status_code == 401
        assert browser.request("POST", "/accounts/1/projects", {}).status_code == 401
    never = Person(server, "never@example.com")
    assert person.begin().json() == never.begin().json()
    body = {"newPassword": "another good one", "confirmNewPassword": "another good one", "code": code}
    assert person.request("POST", "/auth/confirmpasswordreset", body).status_code == 401
    assert person.email not in str(owner.request("GET", "/accounts/1/users-accesses", expect=200).json())
    history = owner.request("POST", "/accounts/1/change-history", {"results_per_page": 50}, expect=200).json()["data"]
    assert any(entry["user"] == person.email for entry in history)
    # Somebody else may have the address later, and none of what was there.
    again = new_person(server, "browse", email=person.email).log_in()
    again.request("GET", "/accounts/1/users-accesses", expect=403)
    assert server.run("user", "remove", "never@example.com", "--data", str(server.data)).returncode != 0


def test_the_last_owner_is_not_removed(launch: Launch) -> None:
    server = launch()
    first: str = server.credentials["user"]["email"]
    refused = server.run("user", "remove", first, "--data", str(server.data))
    assert refused.returncode != 0 and "last owner" in refused.stderr
    second = new_person(server, "owner").log_in()
    sextant_user(server, "remove", first)
    refused = server.run("user", "remove", second.email, "--data", str(server.data))
    assert refused.returncode != 0 and second.is_logged_in


# ---- codes


def test_a_code_is_good_once_wherever_it_is_shown(server: Sextant) -> None:
    person, secret, codes = with_app(server)
    browser, token = step_of(person)
    code = code_of(secret, 1)
    assert provide(browser, token, code).status_code == 200
    # Neither the code nor the step, and not in a request for other codes either.
    other, fresh = step_of(person)
    assert provide(other, fresh, code).status_code == 401 and provide(other, token, codes[0]).status_code == 401
    assert make_codes(person, code=code).status_code == 400
    assert provide(other, fresh, codes[0]).status_code == 200
    assert make_codes(person, code=codes[0]).status_code == 400


def make_codes(person: Person, expect: int | None = None, **body: Any) -> requests.Response:
    answer = person.session.post(f"{person.server.base_url}{SEXTANT}/user/backup-codes", json=body, timeout=60)
    assert expect is None or answer.status_code == expect, answer.text
    return answer


def test_codes_to_fall_back_on_are_made_anew(server: Sextant) -> None:
    person, secret, old = with_app(server)
    assert make_codes(person).json()["error"]["fields"][0]["field"] == "password"
    for wrong in ({"password": "wrong password"}, {"code": "000000"}, {"code": "x" * 10}):
        refused = make_codes(person, 400, **wrong).json()["error"]
        assert refused["fields"][0]["field"] == next(iter(wrong)), refused
    for proof in ({"password": PASSWORD}, {"code": code_of(secret, 1)}):
        new = make_codes(person, 200, **proof).json()["mfa_backup_codes"]
        assert len(new) == len(set(new)) == 10 and not set(new) & set(old)
        browser, token = step_of(person)
        assert provide(browser, token, old[3]).status_code == 401
        assert provide(browser, token, new[3]).status_code == 200 and browser.is_logged_in
        old = new
    # With one of them the rest is replaced.
    make_codes(person, 200, code=old[4])
    wait_until(lambda: sum("login was changed" in own for own in subjects(server, person.email)) == 4, "the notices")
    assert not any(code in server.log.read_text() for code in old)


def test_codes_to_fall_back_on_are_their_owners(server: Sextant) -> None:
    person, _, codes = with_app(server)
    assert make_codes(Person(server, person.email), code=codes[0]).status_code == 401
    assert make_codes(new_person(server).log_in(), password=PASSWORD).status_code == 409
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        person.session.headers.update(headers)
        assert make_codes(person, password=PASSWORD).status_code == 403
        for name in headers:
            del person.session.headers[name]
    token = {"Authorization": f"Token {server.token}"}
    keyed = requests.post(f"{server.base_url}{SEXTANT}/user/backup-codes", json={"password": PASSWORD}, headers=token, timeout=60)
    assert keyed.status_code == 401
    # Guesses are slowed down as those of a login are, which they count towards.
    answers = [make_codes(person, code=f"{number:06d}").status_code for number in range(8)]
    assert answers[:5] == [400] * 5 and 429 in answers, answers
    browser, token_of_step = step_of(person)
    assert provide(browser, token_of_step, codes[0]).status_code == 429


# ---- names and addresses


CONTROLS = ["\r\nBcc: other@example.com", "\n", "\x00", "\x1b[31m", "\x7f", "\x85", "\u2028"]


@pytest.mark.parametrize("control", CONTROLS, ids=ascii)
def test_names_stay_on_their_line(server: Sextant, owner: Person, control: str) -> None:
    email = f"asked-{next(numbers)}@example.com"
    accesses = [{"project": None, "role": "browse"}]
    # NUL is in no JSON that is taken at all.
    refused = 400 if control == "\0" else 422
    name = f"Ann{control}Lee"
    path = "/accounts/1/users-accesses"
    for field in ("first_name", "last_name"):
        body = {"email": email, "accesses": accesses, field: name}
        assert_refused(owner.request("POST", f"{path}/add", body), refused, field)
    assert_refused(owner.request("POST", f"{path}/add", {"email": f"a{control}@example.com", "accesses": accesses}), refused, "email")
    owner.request("POST", f"{path}/add", {"email": email, "accesses": accesses}, expect=201)
    for field in ("first_name", "last_name"):
        assert_refused(owner.request("PUT", f"{path}/update", {"email": email, field: name}), refused, field)
    for field in ("firstName", "lastName"):
        assert_refused(owner.request("PUT", "/user", {field: name}), refused, field)
    assert_refused(owner.request("PUT", "/user", {"email": f"a{control}@example.com", "currentPassword": PASSWORD}), refused, "email")
    for name in ("Zoë", "李小龍", "O'Brien-Smith", "👩‍🚀"):
        owner.request("PUT", "/user", {"firstName": name}, expect=200)


def test_a_name_passes_for_nobodys_address(server: Sextant, owner: Person) -> None:
    """The history and letters tell who has done something by their names."""
    accesses = [{"project": None, "role": "admin"}]
    for name in ("admin@localhost", "see https://x.example", "\u202eadmin"):
        body = {"email": f"sock-{next(numbers)}@example.com", "first_name": name, "accesses": accesses}
        assert_refused(owner.request("POST", "/accounts/1/users-accesses/add", body), 422, "first_name")


def test_addresses_in_either_case(server: Sextant, owner: Person) -> None:
    person = new_person(server, email=f"Case-{next(numbers)}@Example.com").log_in()
    for email in (person.email.lower(), person.email.upper()):
        assert Person(server, email).begin().status_code == 200
        # Neither a second login, nor a second collaborator.
        known = len(sextant_user(server, "list")["all"])
        sextant_user(server, "add", email, "--role", "browse")
        assert len(sextant_user(server, "list")["all"]) == known
        body = {"email": email, "accesses": [{"project": None, "role": "edit"}]}
        assert_refused(owner.request("POST", "/accounts/1/users-accesses/add", body), 409)
    # Guesses at all spellings count together.
    guessed = [Person(server, email, "wrong").begin().status_code for email in (person.email.lower(), person.email.upper()) * 4]
    assert 429 in guessed and Person(server, person.email).begin().status_code == 429
    # What looks like another one is none: letters go to ASCII only.
    for alike in (f"ren\u00e9-{next(numbers)}@example.com", f"re\u0301-{next(numbers)}@example.com", "ann@ex\u0430mple.com", "\u212Aim@example.com"):
        assert server.run("user", "add", alike, "--data", str(server.data)).returncode != 0
        body = {"email": alike, "accesses": [{"project": None, "role": "edit"}]}
        assert_refused(owner.request("POST", "/accounts/1/users-accesses/add", body), 422, "email")
        assert_refused(owner.request("PUT", "/user", {"email": alike, "currentPassword": PASSWORD}), 422, "email")
        assert Person(server, alike).begin().status_code == 401
    # Another case of one's own address is nothing new, and nobody is written to.
    plain = new_person(server).log_in()
    plain.request("PUT", "/user", {"email": plain.email.upper(), "currentPassword": PASSWORD}, expect=200)
    assert not mails(server, plain.email.upper())


def test_roles_in_answers(server: Sextant, owner: Person) -> None:
    """`accessRole`: of an account the greatest that there is, of a project the one in it."""
    own = server.credentials["projects"]
    web, fullstack = own["web"]["id"], own["fullstack"]["id"]
    person = new_person(server, "browse")
    accesses = [{"project": None, "role": "browse"}, {"project": web, "role": "publish"}]
    owner.request("PUT", "/accounts/1/users-accesses/update", {"email": person.email, "accesses": accesses}, expect=200)
    person.log_in()

    def shown(method: str, path: str, body: Body | None = None) -> Body:
        answer = person.request(method, path, body, expect=200)
        check_answer(operation_at(method, path), answer)
        found: Body = answer.json()
        return found

    (account,) = shown("GET", "/accounts")["data"]
    assert account["accessRole"] == "publish" and account["access_all_projects"] is True
    assert shown("GET", "/accounts/1/details")["data"]["accessRole"] == "publish"
    listed = {project["id"]: project["accessRole"] for project in shown("POST", "/accounts/1/projects", {})["data"]}
    assert listed[web] == "publish" and listed[fullstack] == "browse"
    assert shown("GET", f"/accounts/1/projects/{web}")["accessRole"] == "publish"
    limited = new_person(server, "edit", [fullstack]).log_in()
    (account,) = limited.request("GET", "/accounts", expect=200).json()["data"]
    assert account["accessRole"] == "edit" and account["access_all_projects"] is False
    made = owner.request("POST", "/accounts/1/projects/add", {"name": "Roles", "project_type": "web"}, expect=201).json()
    assert made["accessRole"] == "owner"
    changed = owner.request("POST", f"/accounts/1/projects/{made['id']}/update", {"name": "Role"}, expect=201).json()
    assert changed["accessRole"] == "owner"
    client = convert_client(server)
    key = client_of(client, new_key(client, role="edit"))
    assert key.request("GET", f"/accounts/1/projects/{web}", expect=200).json()["accessRole"] == "edit"


# ---- the log


def test_the_log_tells_who_and_nothing_secret(launch: Launch) -> None:
    """Logins that were let in and that were not, and what was refused to whom: by numbers, from where, with the request."""
    server = launch()
    person = new_person(server, "browse")
    number = next(entry["id"] for entry in sextant_user(server, "list")["all"] if entry["email"] == person.email)
    typed = "my secret typed as a name"
    wrong = person.begin("a wrong password of mine")
    Person(server, typed).begin("another wrong one")
    person.log_in()
    cookie = person.session.cookies["sid"]
    forbidden = person.request("POST", "/accounts/1/projects/add", {"name": "x"}, expect=403)
    secret = person.request("POST", "/user/mfa-secret", expect=200).json()["mfa_secret"]
    enabling = {"mfa": {"type": "enable", "mfaCode": code_of(secret), "password": PASSWORD}}
    codes = person.request("PUT", "/user", enabling, expect=200).json()["mfa_backup_codes"]
    browser, token = step_of(person)
    provide(browser, token, "000000")
    provide(browser, token, codes[0])
    client = convert_client(server)
    key = new_key(client, role="browse")
    limited = client_of(client, key)
    assert_refused(limited.request("POST", "/accounts/1/projects/add", {"name": "x", "project_type": "web"}), 403)
    limited.secret = "wrong"
    assert_refused(limited.request("GET", "/accounts/1/details"), 401)

    def lines(*parts: str) -> list[str]:
        return [line for line in server.log.read_text().splitlines() if all(part in line for part in parts)]

    who, where = f"user={number}", "client=127.0.0.1"
    request = wrong.headers["X-Request-Id"]
    assert len(lines("a login has failed", "by=password", who, where, request)) == 1
    assert len(lines("a login has failed", "by=password", "user=nobody", where)) == 1
    assert len(lines("somebody has logged in", "by=password", who, where)) == 1
    assert len(lines("a login was changed: authenticator app on", who, where)) == 1
    assert len(lines("a login has failed", "by=a code of the authenticator app", who)) == 1
    assert len(lines("somebody has logged in", "by=a back-up code", who)) == 1
    (line,) = lines("convert.createProject 403", f"key=user {number}", where)
    assert forbidden.headers["X-Request-Id"] in line
    assert len(lines("convert.createProject 403", f"key={key['name']} (", where)) == 1
    assert lines("convert.getAccountDetails 401", where) and not lines("convert.getAccountDetails 401", "key=")
    told = server.log.read_text()
    for hidden in (PASSWORD, "a wrong password of mine", "another wrong one", typed, cookie, secret, token, *codes, key["key_secret"], person.email):
        assert hidden not in told, hidden


def test_guesses_do_not_fill_the_log(launch: Launch) -> None:
    """Of attempts that are not looked at there is no line but the request's own."""
    server = launch()
    nobody = Person(server, "nobody@example.com")
    statuses = [nobody.begin(f"guess {number}").status_code for number in range(40)]
    failed = server.log.read_text().count("a login has failed")
    assert failed == statuses.count(401) < 10 and statuses.count(429) > 30
