"""What accounts pay and want besides: through localstripe, through a provider of our own for what it lacks and does wrong, and by mail."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from support.convert import Body, ConvertClient, assert_refused, convert_client, new_key
from support.mails import assert_both_say_the_same, mails, text
from support.payments import Provider, Reply, Sent, as_documented, localstripe
from support.people import new_person
from support.polling import wait_until
from support.server import Launch, Sextant

KEY = "sk_test_of_the_server"
OPERATOR = "operator@example.com"


def setup(client: ConvertClient, body: object = None) -> requests.Response:
    raw = b"null" if body is None else body
    return client.request("POST", f"/accounts/{client.account_id}/payment-setup", raw)


def portal(client: ConvertClient) -> requests.Response:
    return client.request("GET", f"/accounts/{client.account_id}/billing-portal")


def customers(url: str) -> list[str]:
    listed = requests.get(f"{url}/v1/customers", headers={"Authorization": f"Bearer {KEY}"}, timeout=30).json()
    return [customer["id"] for customer in listed["data"]]


# ---- localstripe


def test_a_payment_is_set_up(launch: Launch) -> None:
    with localstripe() as url:
        server = launch(environment={"SEXTANT_STRIPE_URL": url, "SEXTANT_STRIPE_KEY": KEY})
        client = convert_client(server)
        answer = setup(client, {}).json()
        assert answer["provider"] == "stripe"
        secret: str = answer["client_secret"]
        (customer,) = customers(url)
        intent = requests.get(
            f"{url}/v1/setup_intents/{secret.split('_secret_')[0]}", headers={"Authorization": f"Bearer {KEY}"}, timeout=30
        ).json()
        assert intent["client_secret"] == secret and intent["customer"] == customer and intent["usage"] == "off_session"
        assert intent["metadata"] == {"account_id": str(client.account_id)}
        # The page's script goes on with the secret, as Stripe.js does.
        card = {"type": "card", "card[number]": "4242424242424242", "card[exp_month]": "12", "card[exp_year]": "2030", "card[cvc]": "123"}
        fields = {f"payment_method_data[{name.replace('[', '][', 1).rstrip(']')}]": value for name, value in card.items()}
        confirmed = requests.post(
            f"{url}/v1/setup_intents/{intent['id']}/confirm",
            data=fields | {"client_secret": secret, "key": "pk_test_of_the_page"}, timeout=30,
        )  # fmt: skip
        assert confirmed.json()["status"] == "succeeded", confirmed.text
        # The account has one customer, also after a restart.
        for _ in range(2):
            assert setup(client).json()["client_secret"] != secret
            server.stop()
            server.start()
        assert customers(url) == [customer]
        # What localstripe does not know is told.
        assert "(404)" in assert_refused(portal(client), 502)["message"]


def test_calls_at_the_same_moment_agree_on_a_customer(launch: Launch) -> None:
    with localstripe() as url:
        server = launch(environment={"SEXTANT_STRIPE_URL": url, "SEXTANT_STRIPE_KEY": KEY})
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda _: setup(convert_client(server), {}), range(6)))
        secrets = [answer.json()["client_secret"] for answer in answers]
        found = {
            requests.get(f"{url}/v1/setup_intents/{secret.split('_secret_')[0]}", headers={"Authorization": f"Bearer {KEY}"}, timeout=30).json()["customer"]
            for secret in secrets
        }
        assert len(found) == 1


# ---- a provider of our own


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider() as provider:
        yield provider


@pytest.fixture(autouse=True)
def as_ever(provider: Provider) -> None:
    provider.answer = as_documented
    provider.sent.clear()


@pytest.fixture(scope="module")
def paying(launch: Launch, provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Sextant:
    plans = tmp_path_factory.mktemp("plans") / "plans.json"
    plans.write_text(json.dumps(PLANS))
    return launch(
        environment={
            "SEXTANT_STRIPE_URL": provider.url, "SEXTANT_STRIPE_KEY": KEY, "SEXTANT_PUBLIC_URL": "http://sextant.example.com/",
            "SEXTANT_OPERATOR_EMAIL": OPERATOR, "SEXTANT_BILLING_PLANS": str(plans), "SEXTANT_LOG_LEVEL": "trace",
        }
    )  # fmt: skip


@pytest.fixture
def client(paying: Sextant) -> ConvertClient:
    return convert_client(paying, bearer=True)


def test_the_portal(client: ConvertClient, provider: Provider) -> None:
    assert portal(client).json() == {"data": {"url": "https://billing.stripe.com/session/acct_1/live_2"}}
    asked = provider.sent[-1]
    assert asked.path == "/v1/billing_portal/sessions" and asked.headers["authorization"] == f"Bearer {KEY}"
    assert asked.fields == {"customer": "cus_documented", "return_url": "http://sextant.example.com"}


def test_names_are_escaped(client: ConvertClient, provider: Provider, paying: Sextant) -> None:
    name = "A&B = [c] + 100% ü\n"
    client.request("POST", f"/accounts/{client.account_id}/details", {"name": name}, expect=200)
    provider.answer = lambda sent: gone(sent) if sent.fields.get("customer") == "cus_documented" else as_documented(sent)
    setup(client, {})
    (made,) = [sent for sent in provider.sent if sent.path == "/v1/customers"]
    assert made.fields == {"name": name, "metadata[account_id]": str(client.account_id)}


def gone(sent: Sent) -> Reply:
    return 400, {"error": {"code": "resource_missing", "param": "customer", "message": "No such customer"}}


def test_a_customer_that_is_gone_is_made_anew(client: ConvertClient, provider: Provider) -> None:
    portal(client)
    provider.sent.clear()

    def other_account(sent: Sent) -> Reply:
        if sent.path == "/v1/customers":
            return 200, {"id": "cus_new"}
        return as_documented(sent) if sent.fields["customer"] == "cus_new" else gone(sent)

    provider.answer = other_account
    assert setup(client, {}).json()["client_secret"] == "seti_1_secret_2"
    assert [sent.path for sent in provider.sent] == ["/v1/setup_intents", "/v1/customers", "/v1/setup_intents"]
    # It is done once, however often it is asked for, and it stays.
    assert provider.sent[1].headers["idempotency-key"]
    provider.sent.clear()
    assert portal(client).status_code == 200 and [sent.fields["customer"] for sent in provider.sent] == ["cus_new"]
    # One that is always gone is an error, and no endless work.
    provider.answer = lambda sent: as_documented(sent) if sent.path == "/v1/customers" else gone(sent)
    provider.sent.clear()
    assert portal(client).status_code == 502 and len(provider.sent) == 3


def test_what_providers_do_wrong(client: ConvertClient, provider: Provider, paying: Sextant) -> None:
    portal(client)
    cases: list[tuple[Reply, int, str]] = [
        ((401, {"error": {"message": f"Invalid API Key provided: {KEY}"}}), 502, "SEXTANT_STRIPE_KEY"),
        ((400, {"error": {"message": f"Bad {KEY}"}}), 502, "(400)"),
        ((400, {"error": {"message": "No configuration\n of the portal"}}), 502, "No configuration  of the portal"),
        ((500, b"broken"), 502, "(500)"), ((302, b""), 502, "(302)"), ((200, b"{broken"), 502, "no JSON"), ((200, []), 502, "no JSON"),
        ((200, {}), 502, "holds no"), ((200, {"url": 7, "client_secret": 7}), 502, "holds no"),
        ((200, {"url": "javascript:alert(1)", "client_secret": ""}), 502, "holds no"),
        ((200, b" " * 300_000), 502, "more than"), ((429, {"error": {}}), 429, "no more requests"),
    ]  # fmt: skip
    for reply, status, told in cases:
        provider.answer = lambda _, reply=reply: reply  # type: ignore[misc]
        for answer in (portal(client), setup(client, {})):
            message = assert_refused(answer, status)["message"]
            assert told in message and KEY not in message, reply
    assert KEY not in paying.log.read_text(errors="replace")


PLANS: list[Body] = [
    {"id": 1, "name": "Small", "price": 99.5, "billingCycleDuration": "1M", "contract": "pay_as_you_go", "product": "experiences",
     "usageLimits": {"projects": {"limitValue": 3}, "testedUsers": {"limitValue": "unlimited"}}},
    {"id": 7, "name": "More", "billingCycleDuration": "1M", "secret": "of no caller's business"},
    {"id": 8, "name": "Long", "billingCycleDuration": "2Y", "contract": "year"},
]  # fmt: skip


def test_plans_are_listed_and_chosen(client: ConvertClient, provider: Provider) -> None:
    listed = client.request("GET", "/billing-plans", expect=200).json()["data"]
    assert [plan["id"] for plan in listed] == [1, 7, 8] and listed[0] == PLANS[0] and "secret" not in listed[1]
    for body in ({}, {"billingPlans": []}, None):
        assert setup(client, body).status_code == 200 and "metadata[billing_plans]" not in provider.sent[-1].fields
    assert setup(client, {"billingPlans": [7, 1]}).status_code == 200
    assert provider.sent[-1].fields["metadata[billing_plans]"] == "7,1"
    provider.sent.clear()
    for plans in ([2], [1, 8], [1] * 21, ["1"], [1.5]):
        assert_refused(setup(client, {"billingPlans": plans}), 422, "billingPlans")
    assert not provider.sent


def test_who_may(client: ConvertClient, paying: Sextant) -> None:
    key = new_key(client, role="admin", auth_type="secretKey")
    admin = ConvertClient(client.base_url, client.account_id, key["key_id"], key["key_secret"], bearer=True)
    assert portal(admin).status_code == 403 and setup(admin, {}).status_code == 403 and addon(admin).status_code == 403
    person = new_person(paying, "owner").log_in()
    person.request("GET", f"/accounts/{client.account_id}/billing-portal", expect=200)
    person.request("GET", f"/accounts/{client.account_id + 1}/billing-portal", expect=404)


# ---- add-ons


def addon(client: ConvertClient, **members: object) -> requests.Response:
    return client.request("POST", f"/accounts/{client.account_id}/addons", {"addon": "convert_remote_1h"} | members)


def test_add_ons_are_mailed_to_the_operator(client: ConvertClient, paying: Sextant) -> None:
    before = len(mails(paying, OPERATOR))
    hostile = "Ann\r\nBcc: all@example.com\u2028Add-on: free"
    assert addon(client, collaborator_email="ann@example.com", collaborator_name=hostile).json()["code"] == 200
    wait_until(lambda: len(mails(paying, OPERATOR)) > before, "the mail")
    mail = mails(paying, OPERATOR)[-1]
    assert_both_say_the_same(mail)
    assert f"account {client.account_id}" in str(mail["Subject"]) and mail["Bcc"] is None
    lines = text(mail).splitlines()
    assert any("convert_remote_1h" in line for line in lines) and any("ann@example.com" in line for line in lines)
    assert not [line for line in lines if line.startswith(("Bcc", "Add-on: free"))]


def test_what_is_wrong_with_a_wish(client: ConvertClient) -> None:
    assert_refused(addon(client, addon="a_pony"), 422, "addon")
    for address in ("none", "a@b\r\nBcc: c@d", "ä@example.com", "a" * 101):
        assert_refused(addon(client, collaborator_email=address), 422, "collaborator_email")
    assert_refused(addon(client, collaborator_name="x" * 201), 422, "collaborator_name")


# ---- settings


def test_without_settings(server: Sextant) -> None:
    client = convert_client(server)
    assert client.request("GET", "/billing-plans", expect=200).json() == {"data": []}
    for answer, setting in (
        (portal(client), "SEXTANT_STRIPE_KEY"), (setup(client, {}), "SEXTANT_STRIPE_KEY"), (addon(client), "SEXTANT_OPERATOR_EMAIL"),
    ):  # fmt: skip
        assert setting in assert_refused(answer, 409)["message"]


def test_settings_that_cannot_be(server: Sextant, tmp_path_factory: pytest.TempPathFactory) -> None:
    broken = tmp_path_factory.mktemp("plans") / "plans.json"
    broken.write_text('[{"id": 1, "name": "Small", "billingCycleDuration": "monthly"}]')
    for settings in (
        {"SEXTANT_BILLING_PLANS": str(broken)}, {"SEXTANT_BILLING_PLANS": "/nowhere"}, {"SEXTANT_STRIPE_URL": "stripe.com"}, {"SEXTANT_OPERATOR_EMAIL": "somebody"}, {"SEXTANT_STRIPE_KEY": "two words"},
    ):  # fmt: skip
        refused = Sextant(tmp_path_factory.mktemp("settings"), environment=settings).run("serve", "--data", str(server.data))
        assert refused.returncode != 0 and next(iter(settings)) in refused.stderr and "two words" not in refused.stderr
