"""The people of an account: asked, changed and removed by those who may, over real sessions."""

import threading
from typing import Any

import pytest
import requests

from support.convert import (
    Body, ConvertProject, assert_refused, check_answer, client_of, convert_client, convert_project, new_key, operation_at,
)  # fmt: skip
from support.mails import mailed_code, mails, text
from support.people import Person, new_person, numbers
from support.polling import wait_until
from support.server import Launch, Sextant
from support.serving import new_project


@pytest.fixture(scope="module")
def server(launch: Launch) -> Sextant:
    """One of its own: whom it lists is said here."""
    return launch()


@pytest.fixture(scope="module")
def owner(server: Sextant) -> Person:
    return new_person(server, "owner").log_in()


@pytest.fixture(scope="module")
def project(server: Sextant) -> ConvertProject:
    return convert_project(server, "web")


def call(person: Person, act: str, body: Body | None = None, account: int = 1, **query: Any) -> requests.Response:
    """`act` is list, add, update or delete; the answer must be as the contract says."""
    method = {"list": "GET", "update": "PUT"}.get(act, "POST")
    path = f"/accounts/{account}/users-accesses" + ("" if act == "list" else f"/{act}")
    url = path + "".join(f"?{name}={value}" for name, value in query.items())
    response = person.request(method, url, body)
    check_answer(operation_at(method, path), response)
    return response


def new_address() -> str:
    return f"asked-{next(numbers)}@example.com"


def access(role: str, project: int | None = None) -> Body:
    return {"project": project, "role": role}


def invite(person: Person, email: str, *accesses: Body, **members: Any) -> Body:
    response = call(person, "add", {"email": email, "accesses": list(accesses), **members})
    assert response.status_code == 201, response.text
    made: Body = response.json()["data"]
    return made


def accept(server: Sextant, hash: str, **headers: str) -> requests.Response:
    return Person(server, "").request("POST", "/auth/accept-invitation", {"hash": hash}, **headers)


def listed(person: Person, email: str) -> Body | None:
    found = [one for one in call(person, "list").json()["data"] if one["email"] == email]
    assert len(found) <= 1
    return found[0] if found else None


def joined(server: Sextant, by: Person, *accesses: Body) -> tuple[Person, str]:
    """Somebody new who has accepted and logged in, and their id."""
    email = new_address()
    invite(by, email, *accesses)
    assert accept(server, mailed_code(server, email, "invitation")).status_code == 200
    person = Person(server, email, mailed_code(server, email, "Your login"))
    token = person.begin().json()["data"]["sessionToken"]
    data = {"newPassword": "of my own choice", "confirmNewPassword": "of my own choice", "sessionToken": token}
    answer = person.auth({"requestType": "confirmNewPasswordAuth", "username": email, "data": data})
    assert answer.json()["auth-code"] == "SUCCESS", answer.text
    person.password = "of my own choice"
    shown = listed(by, email)
    assert shown is not None
    return person, shown["user_id"]


# ---- invitations


def test_from_an_invitation_to_a_login(server: Sextant, owner: Person, project: ConvertProject) -> None:
    email = new_address()
    owner.request("PUT", "/user", {"firstName": "Olive", "lastName": "Owner"}, expect=200)
    made = invite(
        owner, email, access("edit", project.id), first_name="Ann", last_name="Lee", custom_message="Hello\nfrom us"
    )
    assert made["user_id"] is None and made["email"] == email and made["first_name"] == "Ann"
    expected = {"project": project.id, "role": "edit", "status": "pending", "api_access": False}
    assert made["accesses"] == [expected] and listed(owner, email) == made
    assert_refused(call(owner, "add", {"email": email.upper(), "accesses": [access("edit")]}), 409)
    hash = mailed_code(server, email, "invitation")
    (mail,) = mails(server, email)
    assert "Olive Owner says: Hello from us" in text(mail)
    assert hash not in str(made) and Person(server, email).begin().status_code == 401
    assert accept(server, hash).status_code == 200
    assert accept(server, hash).status_code == 404
    password = mailed_code(server, email, "Your login")
    ann = Person(server, email, password)
    assert ann.begin().json()["auth-code"] == "NEW_PASSWORD_REQUIRED" and not ann.is_logged_in
    shown = listed(owner, email)
    assert shown is not None and shown["user_id"] and shown["accesses"] == [{**expected, "status": "active"}]
    assert_refused(call(owner, "add", {"email": email, "accesses": [access("edit")]}), 409)
    # Secrets are nowhere in the history, and the names of those who did it are.
    entries = convert_client(server).account_history(results_per_page=50)["data"]
    own = [entry for entry in entries if email in str(entry["changes"])]
    assert [(entry["event"], entry["user"], entry["method"]) for entry in own] == [
        ("accept", email, "app"), ("create", "Olive Owner", "app")
    ]  # fmt: skip
    assert hash not in str(entries) and password not in str(entries)


def test_who_has_a_login_accepts_too(server: Sextant, owner: Person) -> None:
    person = new_person(server)
    user = listed(owner, person.email)
    assert user is not None
    assert call(owner, "delete", {"user_id": user["user_id"]}).status_code == 200
    # Nothing tells that the address is somebody's.
    made = invite(owner, person.email.upper(), access("publish"))
    assert made["user_id"] is None and made["accesses"][0]["status"] == "pending"
    person.log_in().request("GET", "/accounts/1/details", expect=404)
    assert accept(server, mailed_code(server, person.email.upper(), "invitation")).status_code == 200
    person.request("GET", "/accounts/1/details", expect=200)
    assert not [mail for mail in mails(server, person.email) if "Your login" in str(mail["Subject"])]


@pytest.mark.parametrize("hash", ["x" * 43, "x" * 200, "é" * 43])
def test_guesses_are_none(server: Sextant, hash: str) -> None:
    assert accept(server, hash).status_code in (404, 422)


def test_other_sites_accept_nothing(server: Sextant, owner: Person) -> None:
    email = new_address()
    invite(owner, email, access("browse"))
    hash = mailed_code(server, email, "invitation")
    assert accept(server, hash, **{"Sec-Fetch-Site": "cross-site"}).status_code == 403
    refused = owner.request("POST", "/accounts/1/users-accesses/delete", {"email": email}, Origin="https://evil.example")
    assert refused.status_code == 403
    assert accept(server, hash).status_code == 200


def test_what_is_pending_is_changed_and_taken_back(server: Sextant, owner: Person, project: ConvertProject) -> None:
    email = new_address()
    invite(owner, email, access("browse"))
    hash = mailed_code(server, email, "invitation")
    body = {"email": email.upper(), "first_name": "Bo", "accesses": [access("publish", project.id)]}
    changed = call(owner, "update", body).json()["data"]
    assert changed["first_name"] == "Bo" and changed["accesses"][0]["role"] == "publish" and changed["user_id"] is None
    assert call(owner, "delete", {"email": email}).status_code == 200
    assert listed(owner, email) is None and accept(server, hash).status_code == 404
    assert_refused(call(owner, "delete", {"email": email}), 422, "email")


BAD: list[tuple[Body, str]] = [
    ({"email": "nobody", "accesses": [access("edit")]}, "email"),
    ({"email": "a@x.example\r\nBcc: b@x.example", "accesses": [access("edit")]}, "email"),
    ({"email": "a@x.example" * 20, "accesses": [access("edit")]}, "email"),
    ({"email": "a@x.example"}, "accesses"),
    ({"accesses": [access("edit")]}, "email"),
    ({"email": "a@x.example", "accesses": []}, "accesses"),
    ({"email": "a@x.example", "accesses": [{"role": "edit"}]}, "project"),
    ({"email": "a@x.example", "accesses": [{"project": None}]}, "role"),
    ({"email": "a@x.example", "accesses": [access("owner")]}, "role"),
    ({"email": "a@x.example", "accesses": [access("edit", 999_999)]}, "accesses"),
    ({"email": "a@x.example", "accesses": [access("edit"), access("browse")]}, "project"),
    ({"email": "a@x.example", "accesses": [access("edit")], "custom_message": "x" * 201}, "custom_message"),
]


@pytest.mark.parametrize(("body", "field"), BAD, ids=lambda value: str(value)[:50])
def test_bad_invitations(owner: Person, body: Body, field: str) -> None:
    assert_refused(call(owner, "add", body), 422, field)


def test_mails_are_limited(server: Sextant, launch: Launch) -> None:
    """Two hundred a day: what an address gets over and over is stopped."""
    boss = new_person(launch(), "owner").log_in()
    email = new_address()
    for _ in range(200):
        invite(boss, email, access("browse"))
        assert call(boss, "delete", {"email": email}).status_code == 200
    late = call(boss, "add", {"email": email, "accesses": [access("browse")]})
    assert late.status_code == 429 and int(late.headers["Retry-After"]) > 80_000


# ---- rights


def test_roles_are_taken_from_open_sessions(server: Sextant, owner: Person, project: ConvertProject) -> None:
    person, id = joined(server, owner, access("edit", project.id))
    path = project.path("goals", "add")
    goal = {"type": "code_trigger"}
    person.request("POST", path, {**goal, "name": f"goal {next(numbers)}"}, expect=201)
    call(owner, "update", {"user_id": id, "accesses": [access("browse", project.id)]})
    person.request("POST", path, {**goal, "name": f"goal {next(numbers)}"}, expect=403)
    person.request("GET", project.path(), expect=200)
    assert call(owner, "delete", {"user_id": id, "accesses": [{"project": project.id}]}).status_code == 200
    person.request("GET", project.path(), expect=404)
    assert person.is_logged_in and listed(owner, person.email) is None
    assert person.request("GET", "/accounts", expect=200).json()["data"] == []


def test_nobody_gives_or_takes_more_than_they_have(server: Sextant, owner: Person) -> None:
    admin, own = joined(server, owner, access("admin"))
    _, manager = joined(server, owner, access("account_manager"))
    email = new_address()
    assert_refused(call(admin, "add", {"email": email, "accesses": [access("account_manager")]}), 403)
    pending = new_address()
    invite(owner, pending, access("account_manager"))
    for body in ({"user_id": manager}, {"email": pending}):
        assert_refused(call(admin, "update", {**body, "accesses": [access("browse")]}), 403)
        assert_refused(call(admin, "delete", body), 403)
    assert_refused(call(admin, "update", {"user_id": own, "accesses": [access("account_manager")]}), 403)
    # What only answers have raises nobody.
    invite(admin, email, {**access("browse"), "status": "active", "api_access": True}, user_id=own, accessRole="owner")
    shown = listed(admin, email)
    assert shown is not None and shown["user_id"] is None
    assert shown["accesses"] == [{"project": None, "role": "browse", "status": "pending", "api_access": False}]
    # Leaving is open to everybody.
    assert call(admin, "delete", {"user_id": own}).status_code == 200
    assert call(admin, "list").status_code == 404


@pytest.mark.parametrize("role", ["browse", "review", "edit", "publish"])
def test_lesser_roles_see_nobody(server: Sextant, role: str) -> None:
    person = new_person(server, role).log_in()
    assert_refused(call(person, "list"), 403)
    assert_refused(call(person, "add", {"email": new_address(), "accesses": [access("browse")]}), 403)
    assert_refused(call(person, "delete", {"email": person.email}), 403)


def test_whoever_has_projects_only_sees_nobody(server: Sextant, owner: Person, project: ConvertProject) -> None:
    person = new_person(server, "admin", [project.id]).log_in()
    for act, body in (("list", None), ("add", {}), ("update", {}), ("delete", {})):
        assert_refused(call(person, act, body), 403)
        assert_refused(call(person, act, body, account=2), 404)
    call(owner, "delete", {"email": invite(owner, new_address(), access("browse"))["email"]})
    for other in (person, new_person(server, "publish").log_in(), owner):
        history = other.request("POST", "/accounts/1/change-history", {"results_per_page": 50}, expect=200).json()
        objects = {entry["object"] for entry in history["data"]}
        assert ("collaborator" in objects) is (other is owner)


def test_keys_by_their_roles(server: Sextant, owner: Person) -> None:
    account = convert_client(server)
    admin = client_of(account, new_key(account, role="admin", name="people key"))
    path, email = "/accounts/1/users-accesses", new_address()
    admin.request("POST", f"{path}/add", {"email": email, "accesses": [access("admin")]}, expect=201)
    assert_refused(admin.request("POST", f"{path}/add", {"email": new_address(), "accesses": [access("account_manager")]}), 403)
    entry = next(one for one in account.account_history()["data"] if email in str(one["changes"]))
    assert (entry["user"], entry["method"], entry["event"]) == ("people key", "api", "create")
    editor = client_of(account, new_key(account, role="publish"))
    assert_refused(editor.request("GET", path), 403)


def test_projects_in_full(server: Sextant, owner: Person, project: ConvertProject) -> None:
    email, other = new_address(), new_project(project)
    accesses = [access("browse"), access("edit", project.id), access("publish", other.id)]
    made = invite(owner, email, *accesses, expand=["accesses.project"])
    places = [one["project"] for one in made["accesses"]]
    assert places[0] is None and places[1]["id"] == project.id and places[1]["name"] and places[2]["id"] == other.id
    full = call(owner, "list", **{"expand[]": "accesses.project"}).json()["data"]
    assert made in full
    assert_refused(call(owner, "list", **{"expand[]": "accesses"}), 422)
    plain = listed(owner, email)
    assert plain is not None and [one["project"] for one in plain["accesses"]] == [None, project.id, other.id]
    # A project in full is as good as its id.
    answer = call(owner, "update", {"email": email, "accesses": [{"project": {"id": other.id}, "role": "edit"}]})
    assert answer.json()["data"]["accesses"][0]["project"] == other.id
    # With the project goes what was given in it.
    project.client.request("DELETE", other.path("delete"), expect=200)
    plain = listed(owner, email)
    assert plain is not None and plain["accesses"] == []
    assert accept(server, mailed_code(server, email, "invitation")).status_code == 404


# ---- owners


def test_the_last_owner_stays(launch: Launch) -> None:
    server = launch()
    first = Person(server, server.credentials["user"]["email"], server.credentials["user"]["password"]).log_in()
    (me,) = call(first, "list").json()["data"]
    assert me["accesses"][0]["role"] == "owner"
    assert_refused(call(first, "delete", {"user_id": me["user_id"]}), 409)
    assert_refused(call(first, "delete", {"email": me["email"], "accesses": [{"project": None}]}), 409)
    assert_refused(call(first, "update", {"user_id": me["user_id"], "accesses": [access("admin")]}), 409)
    assert_refused(call(first, "update", {"user_id": me["user_id"], "accesses": [access("owner")]}), 422)
    manager = new_person(server, "account_manager").log_in()
    assert_refused(call(manager, "delete", {"user_id": me["user_id"]}), 403)
    owners = [first, *(new_person(server, "owner").log_in() for _ in range(7))]
    ids = {one["email"]: one["user_id"] for one in call(first, "list").json()["data"]}
    barrier = threading.Barrier(len(owners))
    statuses: list[int] = []

    def leave(number: int) -> None:
        person = owners[number]
        barrier.wait()
        body: Body = {"user_id": ids[person.email]}
        done = call(person, "delete", body) if number % 2 else call(person, "update", {**body, "accesses": [access("browse")]})
        statuses.append(done.status_code)

    threads = [threading.Thread(target=leave, args=[number]) for number in range(len(owners))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 7 + [409], statuses
    left = [one for one in call(manager, "list").json()["data"] if any(own["role"] == "owner" for own in one["accesses"])]
    assert len(left) == 1


def test_removed_by_each_other_at_the_same_moment(launch: Launch) -> None:
    server = launch()
    first = Person(server, server.credentials["user"]["email"], server.credentials["user"]["password"]).log_in()
    second = new_person(server, "owner").log_in()
    ids = {one["email"]: one["user_id"] for one in call(first, "list").json()["data"]}
    barrier = threading.Barrier(2)
    statuses: list[int] = []

    def remove(person: Person, other: Person) -> None:
        barrier.wait()
        statuses.append(call(person, "delete", {"user_id": ids[other.email]}).status_code)

    threads = [threading.Thread(target=remove, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # The other one is removed before they ask, or while they do.
    assert statuses.count(200) == 1 and set(statuses) <= {200, 403, 404, 409}, statuses


# ---- partners


def test_there_are_no_partners(server: Sextant, owner: Person) -> None:
    answer = owner.request("POST", "/check-partner", {"email": "partner@example.com"}, expect=200).json()
    assert answer == {"email": "partner@example.com", "allowed": False, "alreadyGranted": False}


def test_nothing_secret_is_logged_or_stored(server: Sextant, owner: Person) -> None:
    email = new_address()
    invite(owner, email, access("browse"))
    hash = mailed_code(server, email, "invitation")
    assert accept(server, hash).status_code == 200
    password = mailed_code(server, email, "Your login")
    wait_until(lambda: len(mails(server, email)) == 2, "both mails")
    stored = [path for path in server.data.rglob("*") if path.is_file() and "mail" not in path.relative_to(server.data).parts]
    for path in stored:
        content = path.read_bytes()
        assert hash.encode() not in content and password.encode() not in content, path
    assert hash not in server.log.read_text() and password not in server.log.read_text()
