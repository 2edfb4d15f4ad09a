"""What programs send that deliver product events: the CDPs that know the vendor, and people's own."""

from typing import Any

from .experiment_clients import compact
from .wire import Call

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
