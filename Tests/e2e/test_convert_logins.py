"""Logging in and out as people do, step by step."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from support.convert import Body, convert_project
from support.mails import mailed_code, mails, subjects
from support.one_time_passwords import code_of
from support.people import PASSWORD, Person, new_person, sextant_user
from support.polling import wait_until
from support.server import Launch, Sextant
from support.serving import add


# ---- sessions


def test_a_session_from_login_to_logout(server: Sextant) -> None:
    person = new_person(server, "edit")
    answer = person.begin()
    assert answer.status_code == 200
    data = answer.json()["data"]
    assert data["profileData"]["email"] == person.email and data["preferences"]["mfaEnabled"] is False
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("sid=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie
    assert person.request("GET", "/auth/status").json()["code"] == 200
    shown = person.request("GET", "/user", expect=200).json()["profileData"]
    assert shown["user_id"] and shown["onlyCollaborator"] is True
    first = person.session.cookies["sid"]
    # Another login is another session, and ends the one before.
    assert person.begin().status_code == 200
    second = person.session.cookies["sid"]
    person.session.cookies.set("sid", first, domain=urlsplit(server.base_url).hostname)
    assert second != first and not person.is_logged_in
    person.log_in().request("POST", "/auth/logout", {"requestType": "currentSession"}, expect=200)
    assert not person.is_logged_in


def test_wrong_ones_are_answered_alike(server: Sextant) -> None:
    person, nobody = new_person(server), Person(server, "nobody@example.com")
    answers = [person.begin("wrong password").json(), nobody.begin().json(), Person(server, "").begin().json()]
    assert answers[0] == answers[1] == answers[2] and answers[0]["code"] == 401
    assert not person.is_logged_in and "sid" not in person.session.cookies
    # The address is one in whatever case.
    assert Person(server, person.email.upper()).begin().status_code == 200


def test_sessions_are_listed_and_ended(server: Sextant) -> None:
    here = new_person(server).log_in()
    there = Person(server, here.email)
    there.session.headers["User-Agent"] = "Another browser"
    there.log_in()
    listed = here.request("POST", "/user/sessions", expect=200).json()["data"]
    assert len(listed) == 2 and {entry["authorized_type"] for entry in listed} == {"session_cookie"}
    (other,) = [entry for entry in listed if entry["client"] == "Another browser"]
    assert other["created_at"] <= other["last_used_at"] < other["expires_at"]
    # What is listed opens nothing.
    stolen = Person(server, here.email)
    stolen.session.cookies.set("sid", other["sid"])
    assert not stolen.is_logged_in
    here.request("POST", "/user/sessions/revoke", {"sid": other["sid"]}, expect=200)
    here.request("POST", "/user/sessions/revoke", {"sid": other["sid"]}, expect=404)
    assert here.is_logged_in and not there.is_logged_in
    there.log_in()
    here.request("POST", "/auth/logout", {"requestType": "otherSessions"}, expect=200)
    assert here.is_logged_in and not there.is_logged_in
    there.log_in()
    here.request("POST", "/user/sessions/revoke-all", expect=200)
    assert not here.is_logged_in and not there.is_logged_in
    # Nobody ends a stranger's.
    theirs = new_person(server).log_in()
    sid = theirs.request("POST", "/user/sessions").json()["data"][0]["sid"]
    here.log_in().request("POST", "/user/sessions/revoke", {"sid": sid}, expect=404)
    assert theirs.is_logged_in


def test_guessing_is_slowed_down(server: Sextant) -> None:
    person = new_person(server)
    answers = [person.begin(f"guess {number}") for number in range(12)]
    statuses = [answer.status_code for answer in answers]
    assert statuses[:5] == [401] * 5 and 429 in statuses, statuses
    late = next(answer for answer in answers if answer.status_code == 429)
    assert int(late.headers["Retry-After"]) >= 1 and "seconds" in late.json()["message"]
    # Not even the right one is looked at meanwhile; and names that nobody has are no different.
    assert person.begin().status_code == 429
    nobody = Person(server, f"not-{person.email}")
    assert 429 in [nobody.begin("guess").status_code for _ in range(12)]
    assert new_person(server).begin().status_code == 200


# ---- passwords


def test_a_given_password_is_changed_at_the_first_login(server: Sextant) -> None:
    made = sextant_user(server, "add", "given@example.com", "--role", "admin")
    person = Person(server, "given@example.com", made["password"])
    answer = person.begin().json()
    assert answer["auth-code"] == "NEW_PASSWORD_REQUIRED" and not person.is_logged_in
    token = answer["data"]["sessionToken"]

    def choose(new: str, again: str | None = None, token: str = token) -> requests.Response:
        data = {"newPassword": new, "confirmNewPassword": again or new, "sessionToken": token}
        return person.auth({"requestType": "confirmNewPasswordAuth", "username": person.email, "data": data})

    for password in ("short", "password1", "Password1", "x" * 100):
        assert choose(password).status_code == 422, password
    assert choose("another good one", "another bad one").status_code == 422
    assert choose("another good one", token="x" * 43).status_code == 401
    assert choose("another good one").json()["auth-code"] == "SUCCESS" and person.is_logged_in
    assert choose("another good two").status_code == 401
    assert person.begin().status_code == 401
    person.password = "another good one"
    person.log_in()


def test_logins_are_listed_with_their_roles(server: Sextant) -> None:
    person = new_person(server, "publish", [1])
    listed = sextant_user(server, "list")["all"]
    (own,) = [entry for entry in listed if entry["email"] == person.email]
    assert own["roles"] == "publish of project 1" and own["mfa"] == "false"
    assert any("owner of account 1" in entry["roles"] for entry in listed)


def test_a_forgotten_password(server: Sextant) -> None:
    person = new_person(server).log_in()
    asked = [Person(server, name).request("POST", "/auth/forgotpassword", {"username": name}) for name in (person.email, "nobody@x.example")]
    assert asked[0].status_code == asked[1].status_code == 200 and asked[0].json() == asked[1].json()
    code = mailed_code(server, person.email, "new password")
    assert not mails(server, "nobody@x.example")
    lost = Person(server, person.email)

    def confirm(code: str, password: str = "remembered now") -> requests.Response:
        body = {"newPassword": password, "confirmNewPassword": password, "code": code}
        return lost.request("POST", "/auth/confirmpasswordreset", body)

    assert confirm("wrong").status_code == 401 and confirm(code, "12345678").status_code == 422
    assert confirm(code).json()["auth-code"] == "SUCCESS" and lost.is_logged_in
    assert confirm(code).status_code == 401
    # Whoever was logged in is not any more, and is told.
    assert not person.is_logged_in and person.begin().status_code == 401
    wait_until(lambda: any("login was changed" in own for own in subjects(server, person.email)), "the notice")


def test_profile_and_password(server: Sextant) -> None:
    here, there = new_person(server).log_in(), None
    there = Person(server, here.email).log_in()
    shown = here.request("PUT", "/user", {"firstName": "Ann", "lastName": "Lee"}, expect=200).json()
    assert shown["profileData"]["firstName"] == "Ann" and shown["profileData"]["lastName"] == "Lee"
    body: Body = {"newPassword": "brand new one", "confirmPassword": "brand new one"}
    here.request("PUT", "/user", body, expect=422)
    here.request("PUT", "/user", {**body, "currentPassword": "wrong"}, expect=422)
    here.request("PUT", "/user", {**body, "currentPassword": PASSWORD, "confirmPassword": "x"}, expect=422)
    assert there.is_logged_in
    here.request("PUT", "/user", {**body, "currentPassword": PASSWORD}, expect=200)
    assert here.is_logged_in and not there.is_logged_in
    preferences = {"uiSettings": {"hide_demo_project": True}, "generalSettings": {"lastOpenAccount": 1}, "notificationsSeen": ["release-5"]}
    here.request("POST", "/user/preferences", preferences, expect=200)
    kept = here.request("POST", "/user/preferences", {"generalSettings": {"lastOpenProject": 2}}, expect=200).json()["preferences"]
    assert kept["uiSettings"]["hide_demo_project"] is True and kept["notificationsSeen"] == ["release-5"]
    assert kept["generalSettings"] == {"lastOpenAccount": 1, "lastOpenProject": 2} and kept["mfaEnabled"] is False


def test_another_address_counts_once_it_is_confirmed(server: Sextant) -> None:
    person, other = new_person(server).log_in(), new_person(server)
    new = f"new-{person.email}"
    person.request("PUT", "/user", {"email": new, "currentPassword": PASSWORD}, expect=200)
    assert Person(server, new).begin().status_code == 401
    code = mailed_code(server, new, "Confirm")
    other.log_in().request("POST", "/user/confirm-email", {"code": code}, expect=401)
    person.request("POST", "/user/confirm-email", {"code": "wrong"}, expect=401)
    shown = person.request("POST", "/user/confirm-email", {"code": code}, expect=200).json()
    assert shown["profileData"]["email"] == new
    assert Person(server, new).begin().status_code == 200 and person.begin().status_code == 401
    person.request("PUT", "/user", {"email": other.email, "currentPassword": PASSWORD}, expect=200)
    taken = mailed_code(server, other.email, "Confirm")
    person.request("POST", "/user/confirm-email", {"code": taken}, expect=409)


def test_what_was_begun_ends_with_the_old_password(server: Sextant) -> None:
    made = sextant_user(server, "add", "leaked@example.com", "--role", "admin")
    thief = Person(server, "leaked@example.com", made["password"])
    token = thief.begin().json()["data"]["sessionToken"]
    sextant_user(server, "reset-password", thief.email)
    data = {"newPassword": "the thief's own", "confirmNewPassword": "the thief's own", "sessionToken": token}
    answer = thief.auth({"requestType": "confirmNewPasswordAuth", "username": thief.email, "data": data})
    assert answer.status_code == 401 and not thief.is_logged_in


@pytest.mark.parametrize("change", ["address", "password"])
def test_a_mailed_code_ends_with_what_it_was_for(server: Sextant, change: str) -> None:
    person = new_person(server).log_in()
    old = person.email
    person.request("POST", "/auth/forgotpassword", {"username": old}, expect=200)
    code = mailed_code(server, old, "new password")
    if change == "address":
        person.request("PUT", "/user", {"email": f"other-{old}", "currentPassword": PASSWORD}, expect=200)
        confirmed = {"code": mailed_code(server, f"other-{old}", "Confirm")}
        person.request("POST", "/user/confirm-email", confirmed, expect=200)
    else:
        new = {"currentPassword": PASSWORD, "newPassword": "quite another", "confirmPassword": "quite another"}
        person.request("PUT", "/user", new, expect=200)
    body = {"newPassword": "remembered now", "confirmNewPassword": "remembered now", "code": code}
    Person(server, old).request("POST", "/auth/confirmpasswordreset", body, expect=401)


def test_a_busy_server_forgets_no_guesses(launch: Launch) -> None:
    """However many others log in at once, no guess is forgotten. The address waits afterwards, so the server is one of its own."""
    server = launch()
    victim = new_person(server)
    codes = [victim.begin(f"guess {number}").status_code for number in range(5)]
    assert codes == [401] * 5

    def guess(number: int) -> int:
        return (victim if number % 10 == 0 else Person(server, f"nobody-{number}@example.com")).begin(f"guess {number}").status_code

    with ThreadPoolExecutor(100) as pool:
        list(pool.map(guess, range(100)))
    # What was guessed before still counts: the next ones wait, by the name as by the address.
    later = [victim.begin(f"later {number}").status_code for number in range(4)]
    assert 429 in later


def test_leaving_needs_no_body(server: Sextant) -> None:
    person = new_person(server).log_in()
    assert person.session.post(f"{server.base_url}/api/v2/auth/logout", timeout=60).status_code == 200
    assert not person.is_logged_in


# ---- the second factor


def test_the_second_factor(server: Sextant) -> None:
    person = new_person(server).log_in()
    secret = person.request("POST", "/user/mfa-secret", expect=200).json()["mfa_secret"]

    def enable(code: str, password: str = PASSWORD) -> requests.Response:
        return person.request("PUT", "/user", {"mfa": {"type": "enable", "mfaCode": code, "password": password}})

    assert enable("000000").status_code == 422 and enable(code_of(secret), "wrong").status_code == 422
    enabled = enable(code_of(secret)).json()
    assert enabled["preferences"]["mfaEnabled"] is True
    codes = enabled["mfa_backup_codes"]
    assert len(codes) == 10 and len(set(codes)) == 10
    person.request("POST", "/user/mfa-secret", expect=409)

    def step() -> tuple[Person, str]:
        browser = Person(server, person.email)
        answer = browser.begin().json()
        assert answer["auth-code"] == "MFA_TOKEN_REQUIRED" and not browser.is_logged_in
        return browser, answer["data"]["sessionToken"]

    def provide(browser: Person, token: str, code: str) -> requests.Response:
        data = {"mfaCode": code, "sessionToken": token}
        return browser.auth({"requestType": "provideMfaCodeAuth", "username": person.email, "data": data})

    browser, token = step()
    # The code that turned it on was good once.
    assert provide(browser, token, code_of(secret)).status_code == 401
    following = code_of(secret, 1)
    assert provide(browser, token, following).json()["auth-code"] == "SUCCESS" and browser.is_logged_in
    assert provide(browser, token, following).status_code == 401
    browser, token = step()
    assert provide(browser, token, following).status_code == 401
    assert provide(browser, token, codes[0]).json()["auth-code"] == "SUCCESS"
    browser, token = step()
    assert provide(browser, token, codes[0]).status_code == 401
    # A step takes a few codes only.
    assert {provide(browser, token, f"{number:06d}").status_code for number in range(12)} <= {401, 429}
    sextant_user(server, "disable-mfa", person.email)
    sextant_user(server, "reset-password", person.email, "--password", "by the operator")
    assert not person.is_logged_in
    fresh = Person(server, person.email, "by the operator")
    assert fresh.begin().status_code == 200


def test_a_mailbox_does_not_open_the_second_factor(server: Sextant) -> None:
    """Whoever reads the mail sets the password anew, and may not try codes for ever."""
    person = new_person(server).log_in()
    secret = person.request("POST", "/user/mfa-secret", expect=200).json()["mfa_secret"]
    enabled = person.request("PUT", "/user", {"mfa": {"type": "enable", "mfaCode": code_of(secret), "password": PASSWORD}})
    assert enabled.status_code == 200
    answers = []
    for round in range(3):
        known = len(mails(server, person.email))
        person.request("POST", "/auth/forgotpassword", {"username": person.email}, expect=200)
        wait_until(lambda known=known: len(mails(server, person.email)) > known, "the next mail")
        password = f"set by the mailbox {round}"
        body = {"code": mailed_code(server, person.email, "new password"), "newPassword": password, "confirmNewPassword": password}
        step = person.request("POST", "/auth/confirmpasswordreset", body, expect=200).json()
        assert step["auth-code"] == "MFA_TOKEN_REQUIRED"
        for number in range(5):
            data = {"mfaCode": f"{round}{number:05d}", "sessionToken": step["data"]["sessionToken"]}
            answers.append(person.auth({"requestType": "provideMfaCodeAuth", "data": data}).status_code)
    assert answers[:5] == [401] * 5 and 429 in answers[5:], answers


def test_who_has_no_code_has_nothing_hashed(server: Sextant) -> None:
    body = {"code": "x" * 43, "newPassword": "a good enough one", "confirmNewPassword": "a good enough one"}
    nobody = Person(server, "nobody@example.com")
    for _ in range(5):
        nobody.request("POST", "/auth/confirmpasswordreset", body, expect=401)


# ---- what a cookie may be used for


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}]
)  # fmt: skip
def test_pages_of_other_sites_change_nothing(server: Sextant, headers: dict[str, str]) -> None:
    person = new_person(server, "admin").log_in()
    refused = person.request("PUT", "/user", {"firstName": "Eve"}, **headers)
    assert refused.status_code == 403 and "SEXTANT_APP_ORIGINS" in refused.json()["message"]
    assert "Access-Control-Allow-Credentials" not in refused.headers and "Access-Control-Allow-Origin" not in refused.headers
    # Not even a login: a page could log somebody in as somebody else.
    assert new_person(server).begin(**headers).status_code == 403
    read = person.request("GET", "/user", **headers)
    assert "Access-Control-Allow-Origin" not in read.headers
    own = {"Origin": server.base_url}
    person.request("PUT", "/user", {"firstName": "Ann"}, expect=200, **own)
    person.request("PUT", "/user", {"firstName": "Ann"}, expect=200, **{"Sec-Fetch-Site": "same-origin", **own})


def test_a_stale_cookie_hides_no_report_token(server: Sextant) -> None:
    project = convert_project(server, "web")
    experience = add(project, [50.0, 50.0], type="a/b")["id"]
    token = project.post("experiences", experience, "report_token", expect=200).json()["token"]
    stale = Person(server, "nobody@example.com")
    stale.session.cookies.set("sid", "sxs_stale")
    path = project.path("experiences", experience)
    assert stale.request("GET", path).status_code == 401
    assert stale.request("GET", path, report_token=token).status_code == 200


def test_what_people_see_is_kept_nowhere(server: Sextant) -> None:
    person = new_person(server, "admin").log_in()
    assert person.request("GET", "/accounts", expect=200).headers["Cache-Control"] == "no-store"


def test_a_key_in_the_request_goes_before_the_cookie(server: Sextant) -> None:
    person = new_person(server, "owner").log_in()
    answer = person.request("GET", "/user", Authorization="Bearer wrong:wrong")
    assert answer.status_code == 401
