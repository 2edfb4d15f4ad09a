"""Accounts under another one, with owners and quotas of their own."""

from typing import Any

import pytest

from support.convert import Body, assert_refused, check_answer, client_of, convert_client, new_key, operation_at
from support.mails import mailed_code, mails, text
from support.people import Person, new_person, numbers
from support.polling import wait_until
from support.server import Sextant

LIMITS = ("domains", "goals", "deploys", "projects", "segments", "testedVisitors", "testedUsers")
PATH = "/accounts/1/sub-accounts/add"


def body(email: str, limit: int | str = 10, **members: Any) -> Body:
    plan = {"product": "experiences", "usageLimits": {name: {"limitValue": limit} for name in LIMITS}}
    billing = {"products": {"experiences": {"plan": plan}}}
    return {"name": "Branch", "billing": billing, "userName": "Bo Branch", "userEmail": email, **members}


def new_address() -> str:
    return f"branch-{next(numbers)}@example.com"


def make(person: Person, email: str, expect: int = 200, path: str = PATH, **members: Any) -> Body:
    response = person.request("POST", path, body(email, **members), expect=expect)
    check_answer(operation_at("POST", path), response)
    made: Body = response.json()
    return made


def listed(person: Person) -> dict[int, Body]:
    response = person.request("GET", "/accounts", expect=200)
    check_answer(operation_at("GET", "/accounts"), response)
    return {account["id"]: account for account in response.json()["data"]}


@pytest.fixture(scope="module")
def manager(server: Sextant) -> Person:
    return new_person(server, "account_manager").log_in()


def test_a_sub_account_and_its_owner(server: Sextant, manager: Person) -> None:
    email = new_address()
    made = make(manager, email, sendUserEmail=True, customEmailText="Welcome\nhere", accountType="main", id=1)["data"]
    assert made["accountType"] == "sub" and made["parentAccountId"] == 1 and made["name"] == "Branch" and made["id"] != 1
    plan = made["billing"]["products"]["experiences"]["plan"]
    assert plan["usageLimits"]["domains"]["limitValue"] == 10 and plan["product"] == "experiences"
    owner = Person(server, email, mailed_code(server, email, "Your login"))
    token = owner.begin().json()["data"]["sessionToken"]
    data = {"newPassword": "of my own choice", "confirmNewPassword": "of my own choice", "sessionToken": token}
    owner.auth({"requestType": "confirmNewPasswordAuth", "username": email, "data": data})
    assert set(listed(owner)) == {made["id"]} and listed(owner)[made["id"]]["accessRole"] == "owner"
    wait_until(lambda: len(mails(server, email)) == 2, "the notice")
    notice = next(mail for mail in mails(server, email) if "Your login" not in str(mail["Subject"]))
    assert "Welcome here" in text(notice)
    # People and projects of its own.
    path = f"/accounts/{made['id']}"
    project = owner.request("POST", f"{path}/projects/add", {"name": "Own", "project_type": "web"}, expect=201).json()
    owner.request("GET", f"{path}/projects/{project['id']}", expect=200)
    owner.request("GET", "/accounts/1/details", expect=404)
    shown = owner.request("GET", f"{path}/details", expect=200)
    check_answer(operation_at("GET", f"{path}/details"), shown)
    assert shown.json()["data"]["accountType"] == "sub"
    # The parent's people see that it is there, and nothing in it.
    assert listed(manager)[made["id"]]["accountType"] == "sub"
    manager.request("GET", f"{path}/projects/{project['id']}", expect=404)
    for role in ("admin", "browse"):
        assert set(listed(new_person(server, role).log_in())) == {1}
    assert [account["id"] for account in convert_client(server).request("GET", "/accounts").json()["data"]] == [1]
    entry = convert_client(server).account_history()["data"][0]
    assert (entry["object"], entry["event"], entry["method"]) == ("account", "create", "app") and email in str(entry)


def test_an_owner_who_is_there(server: Sextant, manager: Person) -> None:
    person = new_person(server, "browse").log_in()
    made = make(manager, person.email.upper())["data"]
    assert set(listed(person)) == {1, made["id"]} and listed(person)[made["id"]]["accessRole"] == "owner"
    assert not mails(server, person.email) and not mails(server, person.email.upper())
    refused = make(person, new_address(), 409, f"/accounts/{made['id']}/sub-accounts/add")
    assert "sub-account" in refused["message"]


def test_quotas_are_within_the_parents(manager: Person, server: Sextant) -> None:
    owner = new_person(server, "browse").log_in()
    make(manager, owner.email, limit="unlimited")
    for limit in (-1, 1.5, "many", None):
        make(manager, new_address(), 422, billing=body("", limit)["billing"])  # type: ignore[arg-type]


def test_who_may(server: Sextant, manager: Person) -> None:
    for role in ("browse", "admin"):
        make(new_person(server, role).log_in(), new_address(), 403)
    account = convert_client(server)
    key = client_of(account, new_key(account, role="account_manager"))
    made = key.request("POST", PATH, body(new_address()), expect=200).json()["data"]
    assert made["accountType"] == "sub"
    assert_refused(client_of(account, new_key(account, role="admin")).request("POST", PATH, body(new_address())), 403)
    for wrong in ({"userEmail": "nobody"}, {"userEmail": "a@b\r\nBcc: c@d"}, {"name": "  "}, {"userName": "x" * 201}):
        make(manager, new_address(), 422, **wrong)
