"""What nothing reads of a body is told and counted; a few of the events that were turned away can be looked at."""

import json
from typing import Any

import requests

from support.client import SEXTANT, Client, ndjson
from support.convert import convert_client, convert_project
from support.gainsight import GainsightClient
from support.server import Sextant

EVENTS = f"{SEXTANT}/events"
FIELD = "Sextant-Unknown-Fields"
MISNAMED = {"user_id": "ann", "event_name": "paid", "properties": {"amount": 3}}


def counts(client: Client) -> dict[str, int]:
    return {one["reason"]: one["count"] for one in client.get(f"{SEXTANT}/ingestion/rejections").json()}


def samples(client: Client, **query: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{SEXTANT}/ingestion/rejections/samples", params=query).json()
    return found


def validate(client: Client, path: str, body: Any, method: str = "POST", expect: int = 200) -> dict[str, Any]:
    asked = {"method": method, "path": path, "body": body}
    answer: dict[str, Any] = client.post(f"{SEXTANT}/validate", asked, expect=expect).json()
    return answer


def test_a_single_call_tells_beside_its_answer(environment: Client) -> None:
    answer = environment.post("/v1/track", MISNAMED, expect=202)
    assert answer.json() == {} and answer.headers[FIELD] == '"properties";did-you-mean="metadata"'
    answer = environment.post("/v1/identify", {"user_id": "ann", "naïve \"%": 1, "traits": {}}, expect=202)
    assert answer.headers[FIELD] == '"na%C3%AFve \\"%25", "traits";did-you-mean="metadata"'
    refused = environment.post("/v1/track", {"userId": "ann", "event_name": "paid"}, expect=400)
    assert refused.text.count("did you mean user_id?") == 1
    refused = environment.post("/v1/identify", {"type": "identify", "uid": "ann", "timestamp": "x"}, expect=400)
    assert refused.text.count("did you mean") == 1 and "did you mean user_id?" in refused.text
    assert FIELD not in environment.post("/v1/track", {"user_id": "ann", "event_name": "paid"}, expect=202).headers
    assert counts(environment)["unknown_field"] == 2


def test_a_batch_tells_of_each_event(environment: Client) -> None:
    answer = environment.ingest([MISNAMED, {"user_id": "ann", "event_name": "paid"}, {"event": "x", "user_id": "ann"}])
    assert (answer["accepted"], answer["rejected"], answer["with_unknown_fields"]) == (2, 1, 2)
    assert [one.get("unknown_fields") for one in answer["results"]] == [
        [{"field": "properties", "did_you_mean": "metadata"}],
        None,
        [{"field": "event", "did_you_mean": "event_name"}],
    ]
    assert counts(environment) == {"unknown_field": 2, "missing_field": 1}
    assert "with_unknown_fields" not in environment.ingest([{"user_id": "ann", "event_name": "paid"}])


def test_exported_rows_have_nothing_unknown(environment: Client) -> None:
    environment.track("ann", "paid", {"n": 1})
    rows = [row for file in environment.export("2024-01-01", "2030-12-31").files for row in file.rows]
    assert rows and "with_unknown_fields" not in environment.ingest(rows)


def test_a_file_tells_of_its_members_and_columns(environment: Client) -> None:
    lines = ndjson([{"user_id": f"u{n}", "traits": {"n": n}, **({"zzz": 1} if n % 2 else {})} for n in range(9)])
    job = environment.upload("/v1/users/bulk_identify", "users.ndjson", lines, expect=202).json()
    ended = environment.finish_background_job(job["job_id"])
    assert ended["unknown_fields"] == [
        {"field": "traits", "did_you_mean": "metadata", "rows": 9},
        {"field": "zzz", "did_you_mean": None, "rows": 4},
    ]
    table = b"user_id,properties\nann,1\nbob,2\n"
    job = environment.upload("/v1/users/bulk_identify", "users.csv", table, expect=202).json()
    ended = environment.finish_background_job(job["job_id"])
    assert ended["unknown_fields"] == [{"field": "properties", "did_you_mean": "metadata", "rows": 2}]
    assert counts(environment) == {"unknown_field": 11}


def test_events_are_validated_without_being_stored(environment: Client) -> None:
    events = [MISNAMED, {"event_name": "paid"}, {"event_name": "paid", "user_id": "ann"}]
    answer = environment.post(f"{EVENTS}/validate", events, expect=200).json()
    assert (answer["valid"], answer["rejected"], answer["with_unknown_fields"]) == (2, 1, 1)
    assert [one["status"] for one in answer["results"]] == ["valid", "rejected", "valid"]
    assert answer["results"][0]["unknown_fields"] == [{"field": "properties", "did_you_mean": "metadata"}]
    assert answer["results"][1]["error"]["reason"] == "missing_field"
    headers = {"Content-Type": "application/x-ndjson"}
    lines = environment.request("POST", f"{EVENTS}/validate", data=b"{\n" + ndjson(events), headers=headers, expect=200)
    assert [one["status"] for one in lines.json()["results"]] == ["rejected", "valid", "rejected", "valid"]
    assert environment.count_events() == 0 and counts(environment) == {} and samples(environment) == []


def test_any_body_is_validated(environment: Client) -> None:
    project = validate(environment, "/api/v2/accounts/1/projects/add", {"name": "Shop", "type": "web"})
    assert project["operation"] == "convert.createProject"
    assert {"field": "type", "did_you_mean": "project_type"} in project["unknown_fields"]
    track = validate(environment, "/v1/track", MISNAMED)
    assert track["valid"] and track["unknown_fields"] == [{"field": "properties", "did_you_mean": "metadata"}]
    missing = validate(environment, "/v1/identify?x=1", {"uid": "ann"})
    assert not missing["valid"] and missing["errors"][0]["field"] == "user_id"
    export = validate(environment, "/api/v1/analytics/exports", {"fromat": "csv"})
    assert not export["valid"] or export["unknown_fields"]
    for path in ["/nothing", "", "//", "/v1/%zz"]:
        refused = environment.post(f"{SEXTANT}/validate", {"path": path, "body": {}}, expect=400).json()
        assert refused["error"]["message"]
    assert validate(environment, "/v1/background_jobs", {}, expect=400)
    assert "events/validate" in validate(environment, EVENTS, [MISNAMED], expect=400)["error"]["message"]
    rows = {"users": [{"user_id": "ann", "country_code": "DE"}, {"userId": "bob", "traits": {}}]}
    bulk = validate(environment, "/v1/users/bulk_identify", rows)
    assert [error["field"] for error in bulk["errors"]] == ["users[1].user_id"]
    assert bulk["unknown_fields"] == [
        {"field": "users[1].userId", "did_you_mean": "user_id"},
        {"field": "users[1].traits", "did_you_mean": "metadata"},
    ]
    assert validate(environment, "/v1/events/custom", {"identifyId": "a", "eventName": "e", "x": 1})["unknown_fields"] == []
    assert environment.count_events() == 0


def test_resources_tell_too(server: Sextant) -> None:
    key = convert_client(server)
    body = {"name": "Shop", "type": "web", "project_type": "web"}
    answer = key.request("POST", f"/accounts/{key.account_id}/projects/add", body, expect=201)
    assert '"type";did-you-mean="project_type"' in answer.headers[FIELD]
    goal = {"name": "Paid", "type": "visits_page", "descripton": "x", "status": "active"}
    answer = convert_project(server, "web").post("goals", "add", body=goal)
    assert '"descripton";did-you-mean="description"' in answer.headers[FIELD], answer.text
    stranger = {"Authorization": "Token nobody"}
    refused = requests.post(f"{server.base_url}/v1/identify", json={"zzz": "x"}, headers=stranger, timeout=30)
    assert refused.status_code == 401 and FIELD not in refused.headers
    scraped = requests.get(f"{server.base_url}/metrics", timeout=30).text
    assert 'sextant_unknown_fields_total{operation="convert.createProject"}' in scraped


def test_what_gainsight_keeps_is_known(px: GainsightClient) -> None:
    answer = px.send("POST", "/users", {"identifyId": "ann", "shoeSize": 43}, expect=200)
    assert FIELD not in answer.headers
    answer = px.send("POST", "/events/custom", {"identifyId": "ann", "eventName": "e", "shoeSize": 43}, expect=201)
    assert FIELD not in answer.headers and counts(px.product) == {}
    preferences = px.send("PUT", "/user/preferences/ann", {"trackUsge": True}, expect=204)
    assert preferences.headers[FIELD] == '"trackUsge";did-you-mean="trackUsage"'
    answer = px.send("POST", "/subscriptions", {"eventtype": "CUSTOM"}, expect=400)
    assert 'did-you-mean="eventType"' in answer.headers[FIELD]


def test_samples_show_what_was_sent(environment: Client, server: Sextant) -> None:
    environment.ingest([{"user_id": "ann", "event": "x"}, {"user_id": "b" * 300, "event_name": "x"}])
    environment.request("POST", EVENTS, data=b"[{", headers={"Content-Type": "application/json"}, expect=400)
    assert [one["reason"] for one in samples(environment)] == ["malformed", "too_long", "missing_field"]
    (missing,) = samples(environment, reason="missing_field")
    assert json.loads(missing["event"]) == {"user_id": "ann", "event": "x"}
    assert missing["field"] == "event_name" and missing["key_id"] > 0 and missing["event_bytes"] == len(missing["event"])
    (malformed,) = samples(environment, reason="malformed")
    assert malformed["event"] == "[{"
    assert len(samples(environment, limit=1)) == 1
    environment.get(f"{SEXTANT}/ingestion/rejections/samples", params={"reason": "Ä"}, expect=400)
    assert samples(server.new_environment()) == []


def test_samples_go_with_their_person_and_survive_a_crash(server: Sextant) -> None:
    client = server.new_environment()
    events = [{"user_id": "ann"}, {"event_name": "x", "metadata": {"friend": "ann"}}, {"user_id": "bob", "event_name": 3}]
    client.ingest(events)
    assert len(samples(client)) == 3
    server.kill()
    server.start()
    assert len(samples(client)) == 3
    job = client.request("DELETE", "/v1/users", json={"users": ["ann"]}, expect=202).json()
    client.finish_background_job(job["job_id"])
    assert [json.loads(one["event"])["user_id"] for one in samples(client)] == ["bob"]


def test_whoever_is_denied_leaves_none(px: GainsightClient) -> None:
    px.send("PUT", "/users/denylist/mallory", {"denied": True}, expect=200)
    # Whatever else is wrong with them.
    events = [{"user_id": "mallory", "event_name": name} for name in ("paid", 5)] + [{"user_id": "mallory"}]
    assert px.product.ingest(events)["rejected"] == 3
    px.send("POST", "/events/custom", {"identifyId": "mallory", "date": "never"}, expect=400)
    assert counts(px.product) == {"denied": 4} and samples(px.product) == []


def test_words_of_counts_go_with_their_person(environment: Client) -> None:
    name = "pia@mail.example"
    environment.ingest([{"user_id": name, "event_name": "x", name: 1}, {"user_id": "ann", "event_name": "x", "zzz": 1}])
    (counted,) = environment.get(f"{SEXTANT}/ingestion/rejections").json()
    assert counted["count"] == 2
    environment.ingest([{"user_id": name, "event_name": "x", name: 1}])
    assert name in environment.get(f"{SEXTANT}/ingestion/rejections").text
    job = environment.request("DELETE", "/v1/users", json={"users": [name]}, expect=202).json()
    environment.finish_background_job(job["job_id"])
    (counted,) = environment.get(f"{SEXTANT}/ingestion/rejections").json()
    assert counted["count"] == 3 and counted["last_detail"] is None


def test_validating_counts_what_it_does_not_tell(environment: Client) -> None:
    event = {"user_id": "ann", "event_name": "x", **{f"unknown{n}": 1 for n in range(20)}}
    answer = environment.post(f"{EVENTS}/validate", [event] * 200, expect=200).json()
    assert answer["with_unknown_fields"] == 200 > sum("unknown_fields" in one for one in answer["results"])
