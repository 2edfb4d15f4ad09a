"""Nobody takes more than a share: of what keys may do, of memory, of connections, of time."""

import re
import subprocess

import pytest
import requests

from support.client import SEXTANT, Client
from support.server import Sextant, binary


def rights() -> list[tuple[str, str, str, str]]:
    """Every operation that takes keys of environments: its name, method, path and the right it needs."""
    listed = subprocess.run([binary(), "routes", "--rights"], capture_output=True, text=True, timeout=120, check=True)
    return [tuple(line.split("\t")[:4]) for line in listed.stdout.splitlines()]  # type: ignore[misc]


def limited(full: Client, server: Sextant) -> Client:
    """A key of the same environment that only sends."""
    body = {"label": "website", "can_export": False}
    return server.client(full.post(f"{SEXTANT}/keys", body, expect=201).json()["token"])


# ---- keys


@pytest.mark.parametrize("kind", ["full", "limited", "none"])
def test_each_operation_takes_the_keys_that_the_table_says(server: Sextant, environment: Client, kind: str) -> None:
    """All operations with each kind of key; the bodies are wrong, so that what is allowed answers 400 or 404."""
    client = {"full": environment, "limited": limited(environment, server), "none": server.client("nobody")}[kind]
    table = rights()
    assert len(table) > 50 and {right for *_, right in table} == {"send", "read", "manage", "account"}
    for name, method, path, right in table:
        address = re.sub(r"\{[^}]*\}", "999999", path)
        body = {} if method in ("POST", "PATCH", "PUT", "DELETE") else None
        status = client.request(method, address, json=body).status_code
        if kind == "none" or right == "account":
            expected = 401
        elif kind == "limited" and right in ("read", "manage"):
            # The vendor answers 401 where exports and lookups are not among what a key may do.
            expected = 401 if name.startswith("userpilot.") and right == "read" else 403
        else:
            assert status not in (401, 403) and status < 500, f"{name} answered {status}"
            continue
        assert status == expected, f"{name} answered {status} to a key that is {kind}"


def test_a_key_that_only_sends_changes_nothing_and_names_the_right(server: Sextant, environment: Client) -> None:
    environment.identify("ann")
    website = limited(environment, server)
    for method, path, body in (
        ("DELETE", "/v1/users", {"users": ["ann"]}),
        ("POST", f"{SEXTANT}/exclusions", {"users": ["ann"]}),
        ("POST", f"{SEXTANT}/environments", {"name": "mine"}),
        ("POST", f"{SEXTANT}/segments", {"title": "all", "rule": {"all": []}}),
        ("POST", f"{SEXTANT}/keys", {"label": "more", "can_export": False}),
        ("GET", f"{SEXTANT}/keys", None),
    ):
        refused = website.request(method, path, json=body)
        assert refused.status_code == 403, f"{method} {path} answered {refused.status_code}"
        assert f"the right to {'read' if method == 'GET' and 'keys' not in path else 'manage'}" in refused.text
    assert environment.count_events("user_id = 'ann'") == 1
    assert environment.get(f"{SEXTANT}/exclusions").json() == {"users": [], "companies": []}


def test_a_key_that_only_sends_follows_its_own_uploads(server: Sextant, environment: Client) -> None:
    website, other = limited(environment, server), limited(environment, server)
    sent = {"users": [{"user_id": "ann", "metadata": {"plan": "pro"}}]}
    job = website.post("/v1/users/bulk_identify", sent, expect=202).json()["job_id"]
    assert [listed["job_id"] for listed in website.get("/v1/background_jobs").json()] == [job]
    assert [listed["job_id"] for listed in environment.get("/v1/background_jobs").json()] == [job]
    website.get(f"/v1/background_jobs/{job}", expect=200)
    assert other.get("/v1/background_jobs").json() == []
    other.get(f"/v1/background_jobs/{job}", expect=404)


def test_a_key_that_only_sends_sends(server: Sextant, environment: Client) -> None:
    website = limited(environment, server)
    website.identify("ann", {"plan": "pro"})
    website.identify_company("acme")
    website.track("ann", "paid")
    website.ingest([{"event_type": "track", "user_id": "ann", "event_name": "seen"}])
    assert environment.count_events("user_id = 'ann'") == 3
    assert requests.get(f"{server.base_url}/metrics", timeout=30).status_code == 200
