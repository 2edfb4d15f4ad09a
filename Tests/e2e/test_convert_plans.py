"""What plans limit: environments of projects, and visitors who are tested, of an account and those under it together."""

import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from support.client import REQUEST_SECONDS, SEXTANT
from support.convert import Body, ConvertClient, ConvertProject, assert_refused, check_answer, convert_client, operation_at
from support.mails import mailed_code
from support.payments import Provider, localstripe
from support.people import Person, new_person
from support.polling import wait_until
from support.server import Launch, Sextant
from support.serving import add, new_project, new_sdk_key, saw, track

KEY = "sk_test_of_the_server"
numbers = itertools.count(1)


def limits(**values: int | str) -> Body:
    return {name: {"limitValue": value} for name, value in values.items()}


def plan(id: int, default: bool = False, **values: int | str) -> Body:
    own: Body = {"id": id, "name": f"Plan {id}", "product": "experiences", "billingCycleDuration": "1M", "usageLimits": limits(**values)}
    return own | ({"default": True} if default else {})


def with_plans(launch: Launch, folder: Path, *plans: Body, **settings: str) -> Sextant:
    file = folder / f"plans-{next(numbers)}.json"
    file.write_text(json.dumps(plans))
    return launch(environment={"SEXTANT_BILLING_PLANS": str(file), **settings})


def details(client: ConvertClient) -> Body:
    path = f"/accounts/{client.account_id}/details"
    shown: Body = client.request("GET", path, query={"include[]": ["stats"]}, expect=200).json()["data"]
    return shown


def used(client: ConvertClient) -> tuple[int, int]:
    usage = details(client)["stats"]["usage"]
    return usage["used_tested_visitors"], usage["used_tested_users"]


def environments(*names: str) -> Body:
    return {name: {"label": name, "is_default": index == 0} for index, name in enumerate(names)}


class Shop:
    """A project with a test that runs, and visitors who come into it."""

    def __init__(self, project: ConvertProject, http: requests.Session, **members: Any) -> None:
        self.project = new_project(project, **members)
        self.web = members.get("project_type") == "web"
        self.experience = add(self.project, [50, 50], type="a/b" if self.web else "a/b_fullstack")
        self.key = new_sdk_key(self.project)["sdk_key"]
        self.http = http

    def see(self, *visitors: str, experience: Body | None = None) -> Body:
        """The counts of what was not stored."""
        seen = saw(experience or self.experience)
        answer = track(self.project, self.http, self.key, *({"visitorId": visitor, "events": [seen]} for visitor in visitors))
        rejected: Body = answer.get("rejected", {})
        return rejected

    def shares(self) -> list[float]:
        url = f"{self.project.client.base_url}/api/v1/config/{self.key}"
        served = self.http.get(url, timeout=REQUEST_SECONDS).json()["experiences"]
        (own,) = [one for one in served if one["id"] == str(self.experience["id"])]
        return [variation["traffic_allocation"] for variation in own["variations"]]

    @property
    def used(self) -> Body:
        usage: Body = self.project.client.request(
            "GET", self.project.path(), query={"include[]": ["stats.usage"]}, expect=200
        ).json()["stats"]["usage"]
        return usage


def project_of(client: ConvertClient) -> ConvertProject:
    return ConvertProject(client, 0)


# ---- environments


@pytest.fixture(scope="module")
def small(launch: Launch, tmp_path_factory: pytest.TempPathFactory) -> Sextant:
    """The plan of everybody allows two environments, and five visitors, three of them known to the program."""
    return with_plans(launch, tmp_path_factory.mktemp("plans"), plan(1, True, environments=2, testedVisitors=5, testedUsers=3), plan(2))


def update(project: ConvertProject, **members: Any) -> requests.Response:
    return project.client.request("POST", f"/accounts/{project.client.account_id}/projects/{project.id}/update", members)


def test_environments(small: Sextant) -> None:
    client = convert_client(small)
    own = new_project(project_of(client))
    assert update(own, environments=environments("production", "staging")).status_code == 201
    # Names that look alike are two, and there is room for neither.
    for more in ("e\u0301", "\u00e9"):
        refused = assert_refused(update(own, environments=environments("production", "staging", more)), 409)
        assert "allows 2 environments" in refused["message"]
    assert update(own, environments=environments("e\u0301", "\u00e9")).status_code == 201
    body = {"name": "many", "project_type": "web", "environments": environments("production", "a", "b")}
    assert_refused(client.request("POST", f"/accounts/{client.account_id}/projects/add", body), 409)
    listed = client.request("GET", "/billing-plans", expect=200).json()["data"]
    assert [own["id"] for own in listed] == [1, 2] and not any("default" in own for own in listed)
    account = details(client)
    assert account["billing"]["products"]["experiences"]["plan"]["id"] == 1
    assert account["limitsAndCapabilities"]["usageLimits"]["environments"] == {"limitValue": 2}


def test_environments_by_the_other_interface_at_the_same_moment(small: Sextant) -> None:
    # The first project has one environment.
    def make(number: int) -> int:
        answer = small.client().session.post(
            f"{small.base_url}{SEXTANT}/environments", json={"name": f"more-{number}"}, timeout=REQUEST_SECONDS
        )
        assert answer.status_code == 201 or "allows 2 environments" in answer.text, answer.text
        return answer.status_code

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(make, range(6))) == [201] + [409] * 5


def test_without_plans_nothing_is_limited(server: Sextant, http: requests.Session) -> None:
    client = convert_client(server)
    own = Shop(project_of(client), http)
    assert update(own.project, environments=environments("production", *"abcdefgh")).status_code == 201
    before = used(client)
    assert own.see(*(f"v{number}" for number in range(20))) == {}
    assert used(client) == (before[0] + 20, before[1] + 20) and own.used == {"used_tested_visitors": 20, "used_tested_users": 20}
    account = details(client)
    assert account["billing"]["details"]["isPausedByQuota"] is False and "limitsAndCapabilities" not in account
    start, end = (account["billing"]["details"][f"{name}BillingCycleStart"] for name in ("current", "next"))
    assert start <= time.time() < end


# ---- visitors


def test_visitors_are_counted_once_and_an_end_is_an_end(
    launch: Launch, http: requests.Session, tmp_path: Path
) -> None:
    server = with_plans(launch, tmp_path, plan(1, True, testedVisitors=4, testedUsers=3))
    client = convert_client(server)
    web, code = (Shop(project_of(client), http, project_type=kind) for kind in ("web", "fullstack"))
    second = add(web.project, [50, 50], type="a/b")
    # Canonically equal spellings are two visitors; whoever comes again, or elsewhere in the project, is one.
    assert web.see("e\u0301", "\u00e9") == {} and web.see("e\u0301") == {"repeated": 1} and web.see("\u00e9", experience=second) == {}
    assert used(client) == (2, 0) and web.used == {"used_tested_visitors": 2, "used_tested_users": 0}
    deploy = add(web.project, [], type="deploy", variations=[{"name": "all"}])
    assert web.see("somebody", experience=deploy) == {} and used(client) == (2, 0)
    assert code.see("ann") == {} and used(client) == (3, 1)
    assert web.shares() == [50, 50] and details(client)["billing"]["details"]["isPausedByQuota"] is False
    # Two at once, where there is room for one.
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: code.see(f"at-once-{number}"), range(8)))
    assert sorted(json.dumps(answer) for answer in answers) == sorted([json.dumps({})] + [json.dumps({"quota": 1})] * 7)
    assert used(client) == (4, 2) and details(client)["billing"]["details"]["isPausedByQuota"] is True
    # Nobody new comes into a test any more, and those who are in one go on.
    assert web.shares() == code.shares() == [0, 0]
    assert web.see("new") == {"quota": 1} and web.see("e\u0301") == {"repeated": 1}
    assert web.see("e\u0301", experience=second) == {} and used(client) == (4, 2)
    assert web.see("anybody", experience=deploy) == {}
    server.stop()
    server.start()
    assert used(client) == (4, 2) and web.see("after a start") == {"quota": 1} and web.shares() == [0, 0]
    # The operator's other file has more in it.
    plans = Path(server.environment["SEXTANT_BILLING_PLANS"])
    plans.write_text(json.dumps([plan(1, True, testedVisitors=5, testedUsers=3)]))
    server.stop()
    server.start()
    assert web.shares() == [50, 50] and web.see("after a start") == {} and web.see("another") == {"quota": 1}
    # A project that goes takes nothing of what was used along.
    client.request("DELETE", f"/accounts/{client.account_id}/projects/{web.project.id}/delete", expect=200)
    assert used(client) == (5, 2) and code.see("one more") == {"quota": 1}


def test_decisions(small: Sextant, http: requests.Session) -> None:
    client = convert_client(small)
    own = Shop(project_of(client), http)
    secret = new_sdk_key(own.project, has_secret=True)
    bearer = f"{secret['sdk_key']}:{secret['sdk_secret']}"

    def decide(visitor: str) -> int:
        body = {"visitor_id": visitor, "record": True}
        url = f"{small.base_url}{SEXTANT}/decide"
        answer = http.post(url, json=body, headers={"Authorization": f"Bearer {bearer}"}, timeout=REQUEST_SECONDS)
        assert answer.status_code == 200, answer.text
        return len(answer.json()["experiences"])

    assert [decide(f"user-{number}") for number in range(5)] == [1, 1, 1, 0, 0]
    assert [decide(f"user-{number}") for number in range(5)] == [1, 1, 1, 0, 0]
    assert own.used == {"used_tested_visitors": 3, "used_tested_users": 3}
    # Visitors whom no program knows have a number of their own.
    web = Shop(project_of(client), http, project_type="web")
    assert web.see("a", "b", "c") == {"quota": 1} and used(client) == (5, 3)


def test_a_project_has_a_quota_of_its_own(server: Sextant, http: requests.Session) -> None:
    own = Shop(project_of(convert_client(server)), http, reporting_settings={"tested_visitors_quota": 2})
    other = Shop(project_of(convert_client(server)), http)
    assert own.see("a", "b", "c", "d") == {"quota": 2} and own.shares() == [0, 0]
    assert other.see("a", "b", "c", "d") == {} and other.shares() == [50, 50]
    assert update(own.project, reporting_settings={"tested_visitors_quota": 0}).status_code == 201
    assert own.see("c") == {} and own.shares() == [50, 50]


# ---- accounts under another


class Branch:
    """An account under the first one, with an owner."""

    def __init__(self, server: Sextant, manager: Person, users: int | str) -> None:
        email = f"branch-{next(numbers)}@example.com"
        names = ("domains", "goals", "deploys", "projects", "segments", "testedVisitors", "testedUsers")
        own = {"product": "experiences", "usageLimits": {name: {"limitValue": users} for name in names}}
        body = {"name": "Branch", "billing": {"products": {"experiences": {"plan": own}}}, "userName": "Bo", "userEmail": email}
        self.made = manager.request("POST", "/accounts/1/sub-accounts/add", body)
        if self.made.status_code == 200:
            self.id = self.made.json()["data"]["id"]
            self.owner = Person(server, email, mailed_code(server, email, "Your login"))
            token = self.owner.begin().json()["data"]["sessionToken"]
            data = {"newPassword": "of my own choice", "confirmNewPassword": "of my own choice", "sessionToken": token}
            self.owner.auth({"requestType": "confirmNewPasswordAuth", "username": email, "data": data})

    def tested(self, server: Sextant, http: requests.Session) -> Shop:
        key = self.owner.request("POST", f"/accounts/{self.id}/api-keys/add", {"name": "key"}, expect=201).json()
        return Shop(project_of(ConvertClient(server.base_url, self.id, key["key_id"], key["key_secret"])), http)


@pytest.mark.parametrize(("limit", "status"), [(2, 200), (3, 422)])
def test_a_sub_account_may_not_have_more_environments(small: Sextant, limit: int, status: int) -> None:
    manager = new_person(small, "account_manager").log_in()
    limits = {name: {"limitValue": 1} for name in ("domains", "goals", "deploys", "projects", "segments", "testedUsers")}
    plan = {"product": "experiences", "usageLimits": {**limits, "environments": {"limitValue": limit}}}
    body = {
        "name": "Branch", "userName": "Bo Branch", "userEmail": f"other-branch-{limit}@example.com",
        "billing": {"products": {"experiences": {"plan": plan}}},
    }
    answer = manager.request("POST", "/accounts/1/sub-accounts/add", body, expect=status)
    assert status == 200 or "environments.limitValue may not exceed" in answer.text


def test_sub_accounts_share_what_the_account_has(launch: Launch, http: requests.Session, tmp_path: Path) -> None:
    server = with_plans(launch, tmp_path, plan(1, True, testedUsers=5, testedVisitors="unlimited", environments=1))
    manager = new_person(server, "account_manager").log_in()
    assert_refused(Branch(server, manager, 6).made, 422, "billing")
    first, second = Branch(server, manager, 2), Branch(server, manager, 4)
    own, one, two = Shop(project_of(convert_client(server)), http), *(branch.tested(server, http) for branch in (first, second))
    assert one.see("a", "b", "c") == {"quota": 1} and one.shares() == [0, 0]
    # Others go on, until all have used up what the account has.
    assert two.shares() == own.shares() == [50, 50]
    assert own.see("a") == {} and two.see("a", "b", "c") == {"quota": 1}
    assert own.see("b") == {"quota": 1} and own.shares() == two.shares() == [0, 0]
    stats = details(convert_client(server))["stats"]
    assert stats["usage"]["used_tested_users"] == 1 and stats["subAccounts_usage"]["used_tested_users"] == 4
    shown = first.owner.request("GET", f"/accounts/{first.id}/details?include[]=stats", expect=200)
    check_answer(operation_at("GET", f"/accounts/{first.id}/details"), shown)
    assert shown.json()["data"]["stats"]["usage"] == {"used_tested_users": 2, "used_tested_visitors": 2}
    # The account's limits of projects hold in those under it.
    assert_refused(update(one.project, environments=environments("production", "b")), 409)


# ---- plans that are booked


def confirm(url: str, secret: str) -> None:
    """The page's script, when somebody has entered a card."""
    card = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "2030", "card[cvc]": "123"}
    fields = {f"payment_method_data[{name.replace('[', '][', 1).rstrip(']')}]": value for name, value in card.items()}
    done = requests.post(
        f"{url}/v1/setup_intents/{secret.split('_secret_')[0]}/confirm",
        data=fields | {"client_secret": secret, "key": "pk_test_of_the_page"}, timeout=30,
    )  # fmt: skip
    assert done.json()["status"] == "succeeded", done.text


def test_a_plan_is_booked_once_its_payment_is_set_up(launch: Launch, http: requests.Session, tmp_path: Path) -> None:
    with localstripe() as url:
        server = with_plans(
            launch, tmp_path, plan(1, True, testedUsers=1), plan(2, testedUsers=3, environments=2),
            SEXTANT_STRIPE_URL=url, SEXTANT_STRIPE_KEY=KEY,
        )  # fmt: skip
        client = convert_client(server)
        own = Shop(project_of(client), http)
        assert own.see("a", "b") == {"quota": 1} and own.shares() == [0, 0]
        answer = client.request("POST", f"/accounts/{client.account_id}/payment-setup", {"billingPlans": [2]}, expect=200).json()

        def booked() -> int:
            id: int = details(client)["billing"]["products"]["experiences"]["plan"]["id"]
            return id

        server.kill()
        server.start()
        assert booked() == 1 and own.see("b") == {"quota": 1}
        confirm(url, answer["client_secret"])
        wait_until(lambda: booked() == 2, "the booking")
        # Usage is counted anew from the day of the booking on, and visitors come in again.
        assert own.shares() == [50, 50] and own.see("b", "c", "d", "e") == {"quota": 1}
        entry = client.account_history()["data"][0]
        assert (entry["object"], entry["event"]) == ("account", "update") and "billingPlans" in str(entry)
        server.stop()
        server.start()
        assert booked() == 2 and "booking" not in details(client)


def test_a_payment_that_is_not_set_up_books_nothing(launch: Launch, tmp_path: Path) -> None:
    states = ["requires_payment_method", "requires_action", "canceled"]
    with Provider() as provider:
        provider.states = states
        server = with_plans(launch, tmp_path, plan(2, testedUsers=3), SEXTANT_STRIPE_URL=provider.url, SEXTANT_STRIPE_KEY=KEY)
        client = convert_client(server)
        client.request("POST", f"/accounts/{client.account_id}/payment-setup", {"billingPlans": [2]}, expect=200)
        wait_until(lambda: not states, "the questions", 60)
        assert details(client)["billing"]["products"]["experiences"]["plan"] is None


# ---- charges


def test_an_account_may_pay_for_more(launch: Launch, http: requests.Session, tmp_path: Path) -> None:
    own_plan = plan(1, True)
    own_plan["usageLimits"] = {"testedUsers": {"limitValue": 1, "overLimitCostPerUnit": 5, "unitSize": 100}}
    server = with_plans(launch, tmp_path, own_plan)
    client = convert_client(server)
    own = Shop(project_of(client), http)
    assert details(client)["billing"]["settings"]["overQuota_charges"] is False
    assert own.see("a", "b") == {"quota": 1} and own.shares() == [0, 0]
    body = {"accountType": "main", "billing": {"settings": {"overQuota_charges": True}}}
    client.request("POST", f"/accounts/{client.account_id}/details", body, expect=200)
    assert own.shares() == [50, 50] and own.see("b", "c") == {} and used(client) == (3, 3)
    assert details(client)["billing"]["details"]["isPausedByQuota"] is False
