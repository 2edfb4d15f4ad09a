"""Speaks to a server as Gainsight PX's clients do."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
import requests

from .client import SEXTANT, Client
from .server import REPOSITORY

REQUEST_SECONDS = 60
MISSING = set((REPOSITORY / "Tests/e2e/missing_operations.txt").read_text().split())

Body = dict[str, Any]
# What the vendor calls a product.
TAG = "AP-XXXXXXXXXXXX-2"
# Each list of events, and the member of its answer that holds them.
READERS = {
    "/events/custom": "customEvents",
    "/events/email": "results",
    "/events/engagementView": "results",
    "/events/feature_match": "featureMatchEvents",
    "/events/formSubmit": "results",
    "/events/identify": "identifyEvents",
    "/events/lead": "results",
    "/events/pageView": "results",
    "/events/segment_match": "featureMatchEvents",
    "/events/session": "sessionInitializedEvents",
    "/survey/responses": "results",
}


def needs(*operations: str) -> pytest.MarkDecorator:
    """For tests of operations that a server may not have yet."""
    missing = [name for name in operations if f"gainsight-px.{name}" in MISSING]
    return pytest.mark.skipif(bool(missing), reason=f"not served yet: {', '.join(missing)}")


def at(path: str, identifier: str) -> str:
    """The address of what has an id, whatever the id holds."""
    return f"{path}/{quote(identifier, safe='')}"


class GainsightClient:
    """One key of one environment; `product` speaks Userpilot's language to the same environment."""

    def __init__(self, product: Client, key: str) -> None:
        self.product = product
        self.key = key
        self.base_url = product.base_url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["X-APTRINSIC-API-KEY"] = key

    def request(self, method: str, path: str, *, expect: int | None = None, **options: Any) -> requests.Response:
        """One request below /v1. With `expect`, any other status fails."""
        options.setdefault("timeout", REQUEST_SECONDS)
        return self._checked(
            self.session.request(method, f"{self.base_url}/v1{path}", allow_redirects=False, **options), expect
        )

    def get(self, path: str, *, expect: int | None = 200, **query: Any) -> requests.Response:
        return self.request("GET", path, expect=expect, params=query)

    def send(self, method: str, path: str, body: Any, *, expect: int | None = None, **options: Any) -> requests.Response:
        return self.request(method, path, expect=expect, json=body, **options)

    def raw(self, target: str, *, expect: int | None = 200) -> requests.Response:
        """GET of a path and query that are sent as they are, without any escape."""
        prepared = self.session.prepare_request(requests.Request("GET", self.base_url))
        prepared.url = f"{self.base_url}/v1{target}"
        return self._checked(self.session.send(prepared, timeout=REQUEST_SECONDS, allow_redirects=False), expect)

    @staticmethod
    def _checked(response: requests.Response, expect: int | None) -> requests.Response:
        if expect is not None:
            sent = response.request
            assert response.status_code == expect, (
                f"{sent.method} {sent.url} answered {response.status_code}, not {expect}: {response.text[:1000]}"
            )
        return response

    # ---- users, accounts, events

    def user(self, user_id: str) -> Body | None:
        return self._found(at("/users", user_id))

    def account(self, account_id: str) -> Body | None:
        return self._found(at("/accounts", account_id))

    def known_user(self, user_id: str) -> Body:
        found = self.user(user_id)
        assert found is not None
        return found

    def known_account(self, account_id: str) -> Body:
        found = self.account(account_id)
        assert found is not None
        return found

    def make_user(self, user_id: str, **members: Any) -> Body:
        """A new user, made as the vendor's clients do."""
        body = {"identifyId": user_id, "propertyKeys": [TAG], **members}
        made: Body = self.send("POST", "/users", body, expect=201).json()
        return made

    def make_account(self, account_id: str, **members: Any) -> Body:
        body = {"id": account_id, "name": account_id, "propertyKeys": [TAG], **members}
        made: Body = self.send("POST", "/accounts", body, expect=201).json()
        return made

    def _found(self, path: str) -> Body | None:
        response = self.get(path, expect=None)
        if response.status_code == 404:
            assert response.json()["externalapierror"]["status"] == "NOT_FOUND"
            return None
        assert response.status_code == 200, response.text
        found: Body = response.json()
        return found

    def custom(self, user_id: str, name: str, **members: Any) -> Body:
        """Sends a custom event as most clients do."""
        body = {"identifyId": user_id, "eventName": name, "propertyKey": "AP-X-2", "userType": "USER", **members}
        sent: Body = self.send("POST", "/events/custom", body, expect=201).json()
        return sent

    # ---- lists

    def pages(self, path: str, **query: Any) -> Iterator[Body]:
        """All pages of a list; the scroll id is sent along with the query, as most clients do."""
        seen: set[str] = set()
        while True:
            page: Body = self.get(path, **query).json()
            yield page
            if page["scrollId"] is None:
                return
            assert page["scrollId"] not in seen, "a scroll id came twice"
            seen.add(page["scrollId"])
            query["scrollId"] = page["scrollId"]

    def all(self, path: str, key: str | None = None, **query: Any) -> list[Body]:
        key = key or READERS[path]
        return [row for page in self.pages(path, **query) for row in page[key]]


def gainsight(product: Client, *, can_export: bool = True) -> GainsightClient:
    """A client with a key of its own for the environment of another."""
    key = {"label": "sync", "kind": "gainsight_px", "can_export": can_export}
    made = product.post(f"{SEXTANT}/keys", key, expect=201).json()
    return GainsightClient(product, made["token"])


def milliseconds(hours_ago: float = 0) -> int:
    return int((time.time() - hours_ago * 3600) * 1000)


def iso(hours_ago: float = 0) -> str:
    return datetime.fromtimestamp(milliseconds(hours_ago) / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
