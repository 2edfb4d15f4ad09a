"""What programs send that deliver product events: the CDPs that know the vendor, and people's own."""

import json
from typing import Any

from .experiment_clients import compact
from .wire import Call, Fields

AUTHORIZED = "Token {token}"


def segment(token: str) -> list[Call]:
    """Segment's cloud destination: users without an id go by their anonymous one, and what has no value is left out."""
    fields = [
        ("host", " {host}"), ("connection", " keep-alive"), ("authorization", f" {AUTHORIZED}"),
        ("content-type", " application/json"), ("user-agent", " Segment (Actions)"), ("x-api-version", " 2020-09-22"),
        ("accept", " */*"), ("accept-language", " *"), ("sec-fetch-mode", " cors"), ("accept-encoding", " gzip, deflate"),
    ]  # fmt: skip
    sized = [*fields, ("content-length", " {length}")]
    traits = {"name": "Jörg ☃", "email": "ann@example.com", "plan": None, "address": {"city": "X"}, "seats": 0}
    properties = {"revenue": 0.5, "products": [{"id": 1, "price": 2.5}], "coupon": None}

    def call(path: str, body: Any) -> Call:
        return Call("POST", path, sized, compact(body), expect=202, secrets={"{token}": token})

    return [
        Call("GET", "/v1/validate", fields, secrets={"{token}": token}),
        call("/v1/identify", {"user_id": "ann", "metadata": {**traits, "created_at": "2024-01-02T03:04:05.000Z"}}),
        call("/v1/identify", {"user_id": "anonymous-1", "metadata": {}}),
        call("/v1/companies/identify", {"company_id": "acme", "metadata": {"name": "Acme", "employees": 12}}),
        call("/v1/track", {"user_id": "ann", "event_name": "Order Completed", "metadata": properties}),
        call("/v1/track", {"user_id": "anonymous-1", "event_name": "Opened"}),
    ]


def segment_deletion(token: str, user: str) -> Call:
    """Deletes with a body."""
    fields = [*segment(token)[0].fields, ("content-length", " {length}")]
    return Call("DELETE", "/v1/users", fields, compact({"users": [user]}), expect=202, secrets={"{token}": token})


def rudderstack(token: str) -> list[Call]:
    """The server of RudderStack: members in alphabetical order, and a user's company as the traits hold it."""
    fields = [
        ("Host", " {host}"), ("User-Agent", " RudderLabs"), ("Content-Length", " {length}"),
        ("Authorization", f" {AUTHORIZED}"), ("Content-Type", " application/json"), ("X-Api-Version", " 2020-09-22"),
        ("Accept-Encoding", " gzip"),
    ]  # fmt: skip
    company = {"id": "12345", "name": "Company123"}
    traits = {"city": "Austin", "company": company, "email": "name.surname@domain.com", "name": "John Doe"}

    def call(path: str, body: Any) -> Call:
        written = json.dumps(body, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()
        return Call("POST", path, fields, written, expect=202, secrets={"{token}": token})

    return [
        call("/v1/identify", {"user_id": "customUserID", "company": company, "metadata": traits}),
        call("/v1/identify", {"user_id": "other", "metadata": {"company": "Company123", "created_at": 1704164645}}),
        call("/v1/companies/identify", {"company_id": "sample_group_id", "metadata": {"location": "USA", "name": "Apple"}}),
        call("/v1/track", {"user_id": "customUserID", "event_name": "test track event 1",
                           "metadata": {"currency": "USD", "revenue": 30, "user_actual_id": 12345}}),
        call("/v1/track", {"user_id": "customUserID", "event_name": "without properties", "metadata": {}}),
    ]  # fmt: skip


def dotnet(token: str) -> list[Call]:
    """HttpClient of .NET: no User-Agent, a charset with the type, and chunks where the length is not known."""
    fields = [
        ("Authorization", f" {AUTHORIZED}"), ("X-API-Version", " 2020-09-22"),
        ("Content-Type", " application/json; charset=utf-8"), ("Content-Length", " {length}"), ("Host", " {host}"),
    ]  # fmt: skip
    chunked = [("Transfer-Encoding", " chunked"), *[one for one in fields if one[0] != "Content-Length"]]

    def call(path: str, body: Any, fields: Fields = fields, chunks: int = 0) -> Call:
        return Call("POST", path, fields, compact(body), 202, chunks, {"{token}": token})

    return [
        call("/v1/identify", {"user_id": "ann", "metadata": {"name": "Jörg ☃", "seats": 3}, "company": None}),
        call("/v1/identify", {"user_id": "bob", "metadata": None, "company": {"id": "acme", "name": "Acme"}}),
        call("/v1/track", {"user_id": "ann", "event_name": "opened", "metadata": None}),
        call("/v1/track", {"user_id": "ann", "event_name": "paid", "metadata": {"amount": 0.5}}, chunked, 16),
    ]
