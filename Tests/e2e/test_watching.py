"""What operators watch the server by: metrics, with the dashboard and the alarms that name them, and the log."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from mmdb_writer import MMDBWriter
from netaddr import IPSet
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from support.client import EXPORTS, SEXTANT
from support.convert import API, convert_client, convert_project, signed_headers
from support.people import PASSWORD, new_person
from support.polling import wait_until
from support.receiver import Receiver
from support.server import REPOSITORY, Launch, Sextant, binary
from support.serving import add, new_project, new_sdk_key, saw, send

DASHBOARD = REPOSITORY / "packaging/grafana/dashboard.json"
ALARMS = REPOSITORY / "packaging/prometheus/alerts.yaml"
NAME = re.compile(r"\b(?:sextant|process)_[a-z0-9_]+\b")
# What only trouble, or time, brings about, of a kind that this server is not put in.
RARE = {
    "sextant_set_aside_total": "test_set_aside.py damages a store",
    "sextant_unreadable_rows_total": "test_damaged_folder.py does, too",
    "sextant_event_checkpoint_seconds": "there is one a minute after events came",
    "sextant_tls_certificate_expiry_timestamp_seconds": "a test of its own below has a certificate",
}
# Of what has happened, in all that the test below brings about, with room for as much again.
MOST_BYTES = 80_000


ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"


def catalogue() -> dict[str, dict[str, Any]]:
    shown = subprocess.run([binary(), "metrics", "--json"], capture_output=True, text=True, timeout=60, check=True)
    return {metric["name"]: metric for metric in json.loads(shown.stdout)}


def scrape(server: Sextant, **options: Any) -> str:
    answer = requests.get(f"{server.base_url}/metrics", timeout=30, **options)
    assert answer.status_code == 200 and answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return answer.text


def families(text: str) -> dict[str, Metric]:
    """By the name in the text: the parser leaves out the end of a counter's."""
    found: dict[str, Metric] = {}
    for family in text_string_to_metric_families(text):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        assert name not in found, f"{name} is there twice"
        found[name] = family
    return found


def value(server: Sextant, name: str, **labels: str) -> float | None:
    for family in families(scrape(server)).values():
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


def plain(name: str) -> str:
    """Of which metric a series is: a histogram has three."""
    known = catalogue()
    shortened = re.sub(r"_(bucket|sum|count)$", "", name)
    return shortened if name not in known and shortened in known else name


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def busy(launch: Launch, receiver: Receiver, http: requests.Session, tmp_path_factory: pytest.TempPathFactory) -> Sextant:
    """A server that has done a bit of everything."""
    database = tmp_path_factory.mktemp("locations") / "places.mmdb"
    writer = MMDBWriter(6, "Test-City", languages=["en"], ipv4_compatible=True, float_type="f64")
    writer.insert_network(IPSet(["203.0.113.0/24"]), {"country": {"iso_code": "DE", "names": {"en": "Germany"}}})
    writer.to_db_file(str(database))
    server = launch(
        environment={
            "SEXTANT_FETCH_NETWORKS": "127.0.0.0/8",
            "SEXTANT_TRUSTED_PROXIES": "127.0.0.0/8",
            "SEXTANT_LOCATION_DATABASE": str(database),
        }
    )
    client = server.new_environment()
    hook = {"name": "test", "callback_url": receiver.url("/hook"), "event_type": "CUSTOM"}
    client.post(f"{SEXTANT}/webhooks", hook, expect=201)
    client.post(f"{SEXTANT}/webhooks", {**hook, "callback_url": "http://127.0.0.1:1/nobody"}, expect=201)
    client.identify("ann", {"plan": "pro"})
    client.ingest([{"event_id": "o-1", "user_id": "ann", "event_name": "paid"}] * 2 + [{"user_id": "ann", "zzz": 1}])
    visit = {"event_type": "page_view", "user_id": "ann", "source": "web-client", "hostname": "x.io", "pathname": "/"}
    client.request("POST", f"{SEXTANT}/events", json=[visit], headers={"X-Forwarded-For": "203.0.113.7"}, expect=202)
    assert client.count_events() >= 2
    client.post(f"{SEXTANT}/sql", {"query": ENDLESS, "timeout_seconds": 1}, expect=422)
    assert client.export("2024-01-01", "2030-12-31", format="csv").rows
    client.request("DELETE", "/v1/users", json={"users": ["ben"]}, expect=202)
    project = new_project(convert_project(server, "fullstack"))
    key = new_sdk_key(project)["sdk_key"]
    experience = add(project, [50, 50])
    visitor = {"visitorId": "a", "events": [saw(experience), {"eventType": "bucketing", "data": {}}]}
    visitor["segments"] = {"country": "nowhere at all"}
    send(project, http, key, {"visitors": [visitor]})
    database.write_bytes(b"damaged")
    wait_until(lambda: value(server, "sextant_log_lines_total", level="warning"), "a warning")
    wait_until(lambda: value(server, "sextant_webhook_waiting"), "a message that waits")
    wait_until(lambda: value(server, "sextant_job_runs_total", kind="deletion", outcome="completed"), "a deletion")
    wait_until(lambda: value(server, "sextant_store_bytes", store="blobs"), "the size of the folder")
    return server


def test_every_number_says_what_it_is(busy: Sextant) -> None:
    text, known = scrape(busy), catalogue()
    served = families(text)
    for name, family in served.items():
        described = known[name]
        assert (family.type, family.documentation) == (described["type"], described["meaning"] + "."), name
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(described["labels"]), sample
    assert text.endswith("\n") and len(text.encode()) < MOST_BYTES


def test_what_a_busy_server_says_is_so(busy: Sextant) -> None:
    series = {(sample.name, *sample.labels.values()): sample.value for family in families(scrape(busy)).values() for sample in family.samples}
    assert series["sextant_events_duplicate_total",] == 1 and series["sextant_events_accepted_total",] >= 2
    assert series["sextant_events_rejected_total", "missing_field"] == 1
    assert series["sextant_export_rows_total", "csv"] >= 2 and series["sextant_export_bytes_total", "csv"] > 0
    assert series["sextant_export_files_total", "csv"] >= 1
    assert series["sextant_webhook_attempts_total", "delivered"] >= 1 and series["sextant_webhook_waiting",] >= 1
    assert series["sextant_queries_stopped_total", "time"] == 1
    assert series["sextant_location_lookups_total", "found"] == 1
    assert series["sextant_ready",] == 1 and series["sextant_connections",] >= 1
    assert series["process_resident_memory_bytes",] > 10_000_000 and series["process_open_fds",] > 10
    assert 0 < series["sextant_disk_free_bytes",] < series["sextant_disk_size_bytes",]
    for store in ("control", "events", "mirror", "blobs"):
        assert series["sextant_store_bytes", store] > 0
    # All that is known of what waits is there from the start, as zero.
    for name in ("event_queue_batches", "projection_queue_events", "projection_replay_events", "engine_reopenings_total"):
        assert series[f"sextant_{name}",] == 0, name


def test_what_never_happened_takes_no_room(launch: Launch) -> None:
    fresh = families(scrape(launch()))
    assert not fresh.get("sextant_http_request_seconds") and not fresh.get("sextant_http_requests_total")
    # An alarm can tell never from unknown.
    assert fresh["sextant_connections_refused_total"].samples[0].value == 0


def test_numbers_do_not_grow_with_what_is_stored(launch: Launch) -> None:
    server = launch()
    client = server.new_environment()

    def lines() -> int:
        client.ingest([{"user_id": f"u{n}", "event_name": f"e{n}", "metadata": {f"p{n}": n}} for n in range(count)])
        wait_until(lambda: value(server, "sextant_projection_queue_events") == 0.0, "the profiles")
        wait_until(lambda: value(server, "sextant_store_bytes", store="work"), "the size of the folder")
        return len(scrape(server).splitlines())

    count = 1
    before = lines()
    count = 400
    assert lines() - before <= 2


def test_all_metrics_of_the_sources_are_listed_and_none_else() -> None:
    emitted: set[str] = set()
    for path in (REPOSITORY / "Sources").glob("**/*.swift"):
        if path.name != "MetricCatalogue.swift":
            text = path.read_text(encoding="utf-8")
            emitted |= set(re.findall(r'(?:label: |MetricReading\(\s*)"((?:sextant|process)_\w+)"', text))
    assert emitted == set(catalogue()) and len(emitted) > 50


def named_in_dashboard() -> set[str]:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    assert len(queries) > 30
    return {plain(name) for query in queries for name in NAME.findall(query)}


def named_in_alarms() -> set[str]:
    groups = yaml.safe_load(ALARMS.read_text(encoding="utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 15 and all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)
    return {plain(name) for rule in rules for name in NAME.findall(rule["expr"])}


def test_dashboard_and_alarms_name_what_is_served(busy: Sextant) -> None:
    served, known = set(families(scrape(busy))), set(catalogue())
    # The dashboard shows all there is.
    assert named_in_dashboard() == known
    assert named_in_alarms() <= known and len(named_in_alarms()) > 15
    assert known - served <= set(RARE) <= known


def test_a_certificate_says_when_it_ends(launch: Launch, certificate: tuple[Path, Path]) -> None:
    server = launch(certificate=certificate)
    expiry = families(scrape(server, verify=str(certificate[0])))["sextant_tls_certificate_expiry_timestamp_seconds"]
    shown = subprocess.run(
        ["openssl", "x509", "-noout", "-checkend", "86400", "-in", str(certificate[0])], capture_output=True, timeout=60
    )
    assert shown.returncode == 0 and expiry.samples[0].value > 1_700_000_000


# ---- the log


def lines(server: Sextant) -> list[dict[str, Any]]:
    return [json.loads(line) for line in server.log.read_text().splitlines()]


def messages_of_last_life(server: Sextant) -> list[str]:
    """Those since the server was last started; the file holds its earlier lives too."""
    messages = [line["message"] for line in lines(server)]
    return messages[len(messages) - 1 - messages[::-1].index("opening") :]


def of_requests(server: Sextant) -> list[dict[str, Any]]:
    return [line for line in lines(server) if "operation" in line]


@pytest.fixture(scope="module")
def logging(launch: Launch) -> Sextant:
    return launch(
        environment={
            "SEXTANT_LOG_FORMAT": "json",
            "SEXTANT_LOG_REQUESTS": "on",
            "SEXTANT_TRUSTED_PROXIES": "127.0.0.0/8",
        }
    )


def test_a_request_is_a_line_that_says_who_did_what(logging: Sextant) -> None:
    client = logging.new_environment()
    client.request("POST", "/v1/track", json={"user_id": "ann", "event_name": "x"}, headers={"X-Forwarded-For": "203.0.113.9"}, expect=202)
    line = of_requests(logging)[-1]
    assert line["message"] == "POST userpilot.trackEvent 202" and line["level"] == "info"
    assert (line["operation"], line["status"], line["client"]) == ("userpilot.trackEvent", 202, "203.0.113.9")
    assert line["milliseconds"] > 0 and line["request"] and re.fullmatch(r".+ \(\d+\)", line["key"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["time"])


def test_a_label_is_a_part_of_its_line(logging: Sextant) -> None:
    client = logging.new_environment()
    label = 'mine\n{"level":"error","message":"forged"}\u2028\u202e'
    key = client.post(f"{SEXTANT}/keys", {"label": label}, expect=201).json()
    logging.client(key["token"]).track("ann", "x")
    found = of_requests(logging)[-1]["key"]
    assert found.startswith('mine?{"level"') and not re.search("[\n\u2028\u202e]", found)


def test_no_secret_is_in_the_log(logging: Sextant, http: requests.Session) -> None:
    """Whatever opens something is sent in every place where it may be, rightly and wrongly."""
    client = logging.new_environment()
    client.track("ann", "x")
    credentials = logging.credentials
    secrets = {"token": client.token, "first token": logging.token, "password": PASSWORD}
    secrets |= {f"convert {part}": credentials["convert"][part] for part in ("secret",)}
    secrets["gainsight"] = credentials["gainsight_px"]["api_key"]
    secrets["sdk secret"] = credentials["projects"]["fullstack"]["sdk_secret"]
    person = new_person(logging, "edit", email="somebody.secret@example.com")
    person.begin("a wrong password of mine")
    person.log_in()
    assert person.is_logged_in
    secrets |= {"wrong password": "a wrong password of mine", "session": person.session.cookies["sid"], "login": person.email}
    job = client.export("2024-01-01", "2030-12-31").job
    link = job["presigned_urls"][0]["url"]
    secrets["signature of a link"] = re.search(r"[Ss]ignature=([0-9a-f]+)", link)[1]  # type: ignore[index]
    requests.get(link + "0", timeout=30)
    url = f"{logging.base_url}/api/v2/accounts/1/projects"
    signed = signed_headers(credentials["convert"]["application_id"], credentials["convert"]["secret"], url)
    requests.get(url, headers=signed, timeout=30)
    secrets["signature"] = signed["Authorization"].partition("=")[2]
    for secret in list(secrets.values()):
        places = {"params": {"token": secret, secret: "1"}}, {"headers": {"Authorization": f"Bearer {secret}"}}
        for options in (*places, {"cookies": {"sid": secret.replace(" ", "")}}, {"json": {"user_id": secret, secret: 1}}):
            for path in ("/v1/track", f"/{secret}", f"/v1/{secret}", "/api/v2/user", "/metrics", f"/blobs/{secret}", f"/cdn/1/{secret}"):
                method = "POST" if "json" in options else "GET"
                http.request(method, logging.base_url + path, timeout=30, **options)  # type: ignore[arg-type]
    http.request("GET", f"{logging.base_url}/v1/users/{person.email}", timeout=30)
    text = logging.log.read_text()
    assert len(of_requests(logging)) > 200
    assert {name for name, secret in secrets.items() if secret in text or secret.replace(" ", "%20") in text} == set()
    by_label = {line["operation"] for line in of_requests(logging)}
    assert {"unknown", "page.status", "page.file", "page.image", "convert.doAuth"} <= by_label, by_label
    # Who logs in is a number.
    assert any(re.fullmatch(r"user \d+", line.get("key", "")) for line in of_requests(logging))


def test_the_log_tells_a_life_from_beginning_to_end(launch: Launch) -> None:
    server = launch(environment={"SEXTANT_LOG_FORMAT": "json"})
    client = server.new_environment()
    client.ingest([{"user_id": f"u{n}", "event_name": "x"} for n in range(500)])
    server.kill()
    server.start()
    wait_until(lambda: "ready" in messages_of_last_life(server), "the line")
    assert server.stop() == 0
    server.process = None
    life = messages_of_last_life(server)
    expected = ["opening", "replaying the write-ahead log", "replayed the write-ahead log", "open", "ready", "stopping", "stopped"]
    assert [message for message in life if message in expected] == expected
    told = {line["message"]: line for line in lines(server)}
    assert told["replayed the write-ahead log"]["commits"] > 0
    for message in ("replayed the write-ahead log", "open", "ready"):
        assert told[message]["milliseconds"] >= 0
    assert told["stopped"]["seconds"] >= 0
    # Successes are quiet unless they are asked for.
    assert all(line["status"] >= 400 for line in of_requests(server))
    server.start()


# ---- links behind a proxy


HTTPS = [{"X-Forwarded-Proto": "https"}, {"Forwarded": 'for=203.0.113.1;proto="https";by=10.0.0.1'}]


@pytest.mark.parametrize("headers", HTTPS)
def test_a_trusted_proxy_makes_links_https(logging: Sextant, headers: dict[str, str]) -> None:
    client = logging.new_environment()
    client.track("ann", "x")
    job_id = client.start_export("2024-01-01", "2030-12-31")
    wait_until(lambda: client.export_job(job_id)["status"] == "completed", "the export")
    host = logging.base_url.removeprefix("http://")

    def link(**options: Any) -> str:
        job = client.get(f"{EXPORTS}/jobs/{job_id}", **options).json()
        return str(job["presigned_urls"][0]["url"])

    assert link().startswith(f"http://{host}/") and link(headers=headers).startswith(f"https://{host}/")
    # The link is as good over the proxy as without it.
    path = link(headers=headers).removeprefix(f"https://{host}")
    assert requests.get(logging.base_url + path, timeout=30).status_code == 200
    person = new_person(logging, "edit")
    assert "Secure" not in person.begin().headers["Set-Cookie"]
    assert person.begin(**headers).headers["Set-Cookie"].endswith("; Secure")
    key = convert_client(logging)
    tags = f"{API}/accounts/{key.account_id}/projects/{convert_project(logging, 'web').id}/tags"
    signed = signed_headers(key.application_id, key.secret, f"https://{host}{tags}")
    assert requests.post(logging.base_url + tags, headers={**signed, **headers}, timeout=30).status_code == 200
    assert requests.post(logging.base_url + tags, headers=signed, timeout=30).status_code == 401


@pytest.mark.parametrize("headers", HTTPS)
def test_nobody_else_does(server: Sextant, headers: dict[str, str]) -> None:
    client = server.new_environment()
    client.track("ann", "x")
    job = client.export("2024-01-01", "2030-12-31").job
    shown = client.get(f"{EXPORTS}/jobs/{job['job_id']}", headers=headers).json()
    assert all(link["url"].startswith(server.base_url) for link in shown["presigned_urls"])
    assert "Secure" not in new_person(server, "edit").begin(**headers).headers["Set-Cookie"]
