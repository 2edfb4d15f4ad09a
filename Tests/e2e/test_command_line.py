"""The commands besides `serve`: what they say, how they end, and what scripts read of them."""

import hashlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller

from support.client import ndjson
from support.polling import wait_until
from support.server import START_SECONDS, Launch, Sextant, binary, free_port

DONE, REFUSED, INCOMPLETE, BAD_USE, UNREACHABLE = 0, 1, 3, 64, 69
COMMANDS = ["init", "serve", "routes", "sql", "import", "export", "user", "key", "metrics", "doctor", "backup", "restore"]


def run(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("SEXTANT_") or "DUCKDB" in name}
    return subprocess.run(
        [str(binary()), *arguments], env={**known, **(environment or {})}, capture_output=True, text=True, timeout=120, check=False
    )


def of(server: Sextant) -> list[str]:
    return ["--url", server.base_url, "--token", server.token]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("folder") / "data"
    assert run("init", "--data", str(path)).returncode == DONE
    return path


# ---- settings


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("SEXTANT_PORT", "99999", ["SEXTANT_PORT", "between 0 and 65535"]),
        ("SEXTANT_PORT", "tcp://10.0.0.1:8080", ["SEXTANT_PORT", "enableServiceLinks"]),
        ("SEXTANT_PUBLIC_URL", "sextant.example.com", ["SEXTANT_PUBLIC_URL", "https://"]),
        ("SEXTANT_PUBLIC_URL", "https://", ["SEXTANT_PUBLIC_URL"]),
        ("SEXTANT_PUBLIC_URL", "https://user@x.example", ["SEXTANT_PUBLIC_URL"]),
        ("SEXTANT_PUBLIC_ULR", "https://x.example", ["SEXTANT_PUBLIC_ULR", "did you mean SEXTANT_PUBLIC_URL?"]),
        ("SEXTANT_MEMORYLIMIT", "1GB", ["did you mean SEXTANT_MEMORY_LIMIT?"]),
        ("SEXTANT_SOMETHING_ELSE_ALTOGETHER", "1", ["There is no setting SEXTANT_SOMETHING_ELSE_ALTOGETHER. "]),
        ("SEXTANT_LOG_FORMAT", "xml", ["SEXTANT_LOG_FORMAT", "text or json"]),
        ("SEXTANT_LOG_REQUESTS", "yes", ["SEXTANT_LOG_REQUESTS", "on or off"]),
    ],
)
def test_wrong_settings_are_refused_by_name(folder: Path, variable: str, value: str, told: list[str]) -> None:
    ended = run("serve", "--data", str(folder), environment={"SEXTANT_PORT": "0", variable: value})
    assert ended.returncode == BAD_USE, ended.stderr
    for words in told:
        assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1 and "opening" not in ended.stderr
    if variable != "SEXTANT_PORT":
        (folder / "sextant.conf").write_text(f"{variable}={value}\n")
        ended = run("serve", "--data", str(folder), "--port", "0")
        (folder / "sextant.conf").unlink()
        assert ended.returncode == BAD_USE and variable in ended.stderr


def test_what_kubernetes_sets_for_a_service_is_no_setting(folder: Path) -> None:
    links = {"SEXTANT_SERVICE_HOST": "10.0.0.1", "SEXTANT_PORT_8080_TCP_ADDR": "10.0.0.1"}
    assert run("key", "list", "--data", str(folder), environment=links).returncode == DONE


def test_a_taken_port_is_told_before_anything_is_opened(folder: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        ended = run("serve", "--data", str(folder), "--port", str(port))
        assert ended.returncode == REFUSED and f"127.0.0.1:{port} is taken" in ended.stderr
        assert len(ended.stderr.splitlines()) == 1
    elsewhere = run("serve", "--data", str(folder), "--port", "0", "--host", "192.0.2.1")
    assert elsewhere.returncode == REFUSED and "not an address of this machine" in elsewhere.stderr
    unknown = run("serve", "--data", str(folder), "--port", "0", "--host", "no such host")
    assert unknown.returncode == REFUSED and "SEXTANT_HOST" in unknown.stderr


# ---- how commands end, and what they show


def test_exit_statuses_are_the_same_in_all_commands(server: Sextant, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.ndjson"
    file.write_text('{"event_type":"track","event_name":"x","user_id":"a","source":"backend-http","inserted_at":"2024-03-01T10:00:00Z"}\n')
    nowhere = ["--url", f"http://127.0.0.1:{free_port()}", "--token", "x"]
    for command in (["sql", "SELECT 1"], ["import", str(file)], ["export", "--from", "2024-01-01"]):
        assert run(*command, "--unknown").returncode == BAD_USE
        without = run(*command, "--url", server.base_url)
        assert without.returncode == BAD_USE and "SEXTANT_TOKEN" in without.stderr
        ended = run(*command, *nowhere)
        assert ended.returncode == UNREACHABLE and "No server answers" in ended.stderr, ended.stderr
        refused = run(*command, "--url", server.base_url, "--token", "wrong")
        assert refused.returncode == REFUSED and "401" in refused.stderr
        assert refused.stderr.startswith("Error: ") and len(refused.stderr.splitlines()) == 1
    missing = run("import", str(tmp_path / "none.csv"), *of(server))
    assert missing.returncode == BAD_USE and "none.csv" in missing.stderr
    for command in ("key", "user"):
        assert run(command, "list", "--data", str(tmp_path / "none")).returncode == REFUSED
    assert run("key", "revoke", "4711", "--data", str(folder)).returncode == REFUSED
    assert run("nothing").returncode == BAD_USE
    chosen = run("key", "create", "userpilot", "--data", str(folder))
    assert chosen.returncode == BAD_USE and "1 (Web), 2 (Fullstack)" in chosen.stderr and "Usage" not in chosen.stderr


def test_help_reads_in_80_columns() -> None:
    for command in [[]] + [[name] for name in COMMANDS]:
        shown = run(*command, "--help", environment={"COLUMNS": "80"})
        assert shown.returncode == DONE
        assert [line for line in shown.stdout.splitlines() if len(line) > 80] == []
    for shell in ("bash", "zsh", "fish"):
        assert "sextant" in run("--generate-completion-script", shell).stdout


def test_the_version_names_the_commit() -> None:
    shown = run("--version").stdout.strip()
    assert re.fullmatch(r"\d+\.\d+\.\d+( \([0-9a-f]{12}\+?\))?", shown), shown


def test_what_scripts_read_is_json(server: Sextant) -> None:
    for line in run("routes", "--json").stdout.splitlines()[:20] + run("routes", "--access", "--json").stdout.splitlines()[:20]:
        assert {"operation", "method", "path"} <= set(json.loads(line))
    assert json.loads(run("sql", "SELECT 1 AS n", "--json", *of(server)).stdout)["rows"] == [[1]]
    assert json.loads(run("metrics", "--json").stdout)[0]["name"]


# ---- through the server


@pytest.fixture(scope="module")
def shop(launch: Launch) -> Sextant:
    server = launch()
    server.client().ingest(
        [{"user_id": f"u{n}", "event_name": "paid", "inserted_at": f"2024-0{1 + n % 3}-05T10:00:00Z"} for n in range(300)]
    )
    return server


def test_an_export_is_fetched_checked_and_gone_on_with(shop: Sextant, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    ended = run("export", "--from", "2024-01-01", "--to", "2024-12-31", "--format", "csv", "-o", str(folder), *of(shop))
    assert ended.returncode == DONE, ended.stderr
    assert "300 rows in 3 files" in ended.stdout
    job = re.search(r"has the id (\S+)\.$", ended.stderr, re.MULTILINE)
    manifest = json.loads((folder / "manifest.json").read_text())
    for file in manifest["files"]:
        assert hashlib.sha256((folder / file["filename"]).read_bytes()).hexdigest() == file["sha256"]
    # What is damaged or missing is fetched again, and nothing else.
    first, second, third = (folder / file["filename"] for file in manifest["files"])
    first.write_bytes(b"damaged")
    second.unlink()
    kept = third.stat().st_mtime_ns
    assert job
    again = run("export", "--job", job[1], "-o", str(folder), "--json", *of(shop))
    assert again.returncode == DONE and json.loads(again.stdout) == manifest
    assert hashlib.sha256(first.read_bytes()).hexdigest() == manifest["files"][0]["sha256"] and second.exists()
    assert third.stat().st_mtime_ns == kept
    assert run("export", "--job", "nothing", *of(shop)).returncode == REFUSED
    wrong = run("export", "--from", "yesterday", *of(shop))
    assert wrong.returncode == REFUSED and wrong.stderr.startswith("Error: The server answered 400: from must be a day")
    assert run("export", *of(shop)).returncode == BAD_USE


def test_an_import_goes_on_when_its_command_is_interrupted(shop: Sextant, tmp_path: Path) -> None:
    rows = [
        {"event_type": "track", "event_name": "old", "user_id": f"u{n}", "source": "backend-http", "inserted_at": "2023-03-01T10:00:00Z", "event_id": f"i{n}"}
        for n in range(60_000)
    ]
    file = tmp_path / "history.ndjson"
    file.write_bytes(ndjson(rows))
    client = shop.client()
    command = subprocess.Popen([str(binary()), "import", str(file), *of(shop)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def is_there() -> bool:
        return any(job["status"] not in ("completed", "failed") for job in client.get("/v1/background_jobs").json())

    wait_until(is_there, "the import")
    command.send_signal(signal.SIGINT)
    _, said = command.communicate(timeout=60)
    assert command.returncode == INCOMPLETE, said
    waiting = re.search(r"goes on at the server\. To wait for it: sextant import --wait (\S+)", said)
    assert waiting
    ended = run("import", "--wait", waiting[1], *of(shop))
    assert ended.returncode == DONE and "60000 rows imported, 0 not taken" in ended.stdout, ended
    assert client.count_events("event_name = 'old'") == 60_000
    sent = run("import", str(file), "--no-wait", *of(shop))
    assert sent.returncode == DONE and client.finish_background_job(sent.stdout.strip())["status"] == "completed"
    assert json.loads(run("import", "--wait", sent.stdout.strip(), "--json", *of(shop)).stdout)["status"] == "completed"
    assert client.count_events("event_name = 'old'") == 60_000


def test_an_import_can_be_ended(shop: Sextant, tmp_path: Path) -> None:
    own, other = shop.new_environment(), shop.new_environment()
    rows = [
        {"event_type": "track", "event_name": "cut", "user_id": f"u{n}", "source": "backend-http", "inserted_at": "2023-03-01T10:00:00Z", "event_id": f"c{n}"}
        for n in range(150_000)
    ]
    file = tmp_path / "long.ndjson"
    file.write_bytes(ndjson(rows))
    connection = ["--url", shop.base_url, "--token", own.token]
    sent = run("import", str(file), "--no-wait", *connection)
    assert sent.returncode == DONE, sent.stderr
    job = sent.stdout.strip()
    foreign = run("import", "--cancel", job, "--url", shop.base_url, "--token", other.token)
    assert foreign.returncode == REFUSED and "404" in foreign.stderr
    ended = run("import", "--cancel", job, "--json", *connection)
    assert ended.returncode == DONE and json.loads(ended.stdout) == {"job_id": job, "cancelled": True}
    assert own.background_job(job)["status"] == "failed" and own.background_job(job)["error"] == "cancelled"
    assert "409" in run("import", "--cancel", job, *connection).stderr
    assert run("import", "--wait", job, *connection).returncode == REFUSED
    # The place is free, and what was stored is recognised.
    known = own.count_events()
    again = run("import", str(file), *connection)
    assert again.returncode == DONE, again.stderr
    told = f" {known} there already," if known else ""
    assert f"long.ndjson: {150_000 - known} rows imported,{told} 0 not taken" in again.stdout
    assert own.count_events() == 150_000
    third = run("import", str(file), *connection)
    assert "long.ndjson: 0 rows imported, 150000 there already, 0 not taken" in third.stdout


def test_links_that_lead_nowhere_are_told(launch: Launch, tmp_path: Path) -> None:
    elsewhere = f"http://127.0.0.1:{free_port()}"
    server = launch(environment={"SEXTANT_PUBLIC_URL": elsewhere})
    server.client().track("ann", "x")
    ended = run("export", "--from", "2024-01-01", "-o", str(tmp_path / "x"), *of(server))
    assert ended.returncode == UNREACHABLE and f"Nothing answers at {elsewhere}, " in ended.stderr


def test_certificates_of_ones_own(launch: Launch, certificate: tuple[Path, Path], tmp_path: Path) -> None:
    secure = launch(certificate=certificate)
    unknown = run("sql", "SELECT 1", *of(secure))
    assert unknown.returncode == UNREACHABLE and "--cacert" in unknown.stderr
    assert run("sql", "SELECT 1", "--cacert", str(certificate[0]), *of(secure)).returncode == DONE
    variable = {"SSL_CERT_FILE": str(certificate[0])}
    assert run("sql", "SELECT 1", *of(secure), environment=variable).returncode == DONE
    secure.client().track("ann", "x")
    fetched = run("export", "--from", "2024-01-01", "-o", str(tmp_path / "x"), *of(secure), environment=variable)
    assert fetched.returncode == DONE, fetched.stderr
    missing = run("sql", "SELECT 1", "--cacert", str(tmp_path / "none.pem"), *of(secure))
    assert missing.returncode == BAD_USE and "none.pem" in missing.stderr


# ---- doctor


def findings(*arguments: str, environment: dict[str, str] | None = None) -> tuple[int, dict[str, dict[str, str]]]:
    ended = run("doctor", "--json", *arguments, environment={"SEXTANT_PORT": "0", **(environment or {})})
    return ended.returncode, {found["subject"]: found for found in map(json.loads, ended.stdout.splitlines())}


class Ignoring:
    """Takes mail, and does nothing with it."""


@pytest.fixture
def mail_port() -> Iterator[int]:
    controller = Controller(Ignoring(), hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    controller.stop()


def test_doctor_looks_at_everything(folder: Path, certificate: tuple[Path, Path], mail_port: int) -> None:
    before = sorted(path.name for path in folder.iterdir())
    status, found = findings("--data", str(folder))
    assert status == DONE and {one["grade"] for one in found.values()} <= {"ok", "look"}
    assert {"folder", "disk", "engine", "clock", "files", "port", "files' store", "mail", "chromium"} == set(found)
    assert sorted(path.name for path in folder.iterdir()) == before
    chain, key = map(str, certificate)
    wrong = {
        "SEXTANT_TLS_CERT": chain, "SEXTANT_TLS_KEY": chain, "SEXTANT_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        "SEXTANT_BLOB_URL": f"s3://bucket/x?endpoint=http://127.0.0.1:{free_port()}", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
        "SEXTANT_DUCKDB_LIBRARY": "/nothing.so",
    }
    status, found = findings("--data", str(folder), environment=wrong)
    assert status == REFUSED
    assert {name for name, one in found.items() if one["grade"] == "wrong"} == {"certificate", "mail", "files' store", "engine"}
    right = {"SEXTANT_TLS_CERT": chain, "SEXTANT_TLS_KEY": key, "SEXTANT_SMTP_URL": f"smtp://127.0.0.1:{mail_port}"}
    status, found = findings("--data", str(folder), environment=right)
    # It ends within two weeks.
    assert status == DONE and found["certificate"]["grade"] == "look" and found["mail"]["grade"] == "ok"
    nowhere, found = findings("--data", str(folder / "none"))
    assert nowhere == REFUSED and "sextant init" in found["folder"]["text"]
    text = run("doctor", "--data", str(folder), environment={"SEXTANT_PORT": "0"}).stdout
    assert re.search(r"^ok +engine +DuckDB v", text, re.MULTILINE)


def test_doctor_asks_a_server_that_runs(server: Sextant) -> None:
    status, found = findings("--data", str(server.data), environment={"SEXTANT_PORT": str(server.port)})
    assert status == DONE and found["server"]["grade"] == "ok" and "ready" in found["server"]["text"]


# ---- backup and restore


def restored(backup: Path, folder: Path, server: Sextant) -> Sextant:
    """Another server on what was saved of one."""
    ended = run("restore", str(backup), "--data", str(folder / "data"))
    assert ended.returncode == DONE, ended.stderr
    other = Sextant(folder)
    other.credentials = server.credentials
    other.start()
    return other


def test_a_backup_of_a_running_server_holds_what_was_acknowledged(launch: Launch, tmp_path: Path) -> None:
    server = launch()
    client = server.client()
    acknowledged: list[str] = []
    stop = threading.Event()

    def send() -> None:
        own = server.client()
        while not stop.is_set():
            names = [f"e{len(acknowledged) + n}" for n in range(200)]
            own.ingest([{"user_id": name, "event_name": "sent", "event_id": name} for name in names])
            acknowledged.extend(names)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        wait_until(lambda: len(acknowledged) > 3_000, "events")
        first = client.export("2024-01-01", "2030-12-31", format="ndjson")
        certain = set(acknowledged)
        ended = run("backup", str(tmp_path / "saved"), "--data", str(server.data), "--json")
        assert ended.returncode == DONE, ended.stderr
        assert json.loads(ended.stdout)["files"] > 3
    finally:
        stop.set()
        sender.join()
    assert client.count_events("event_name = 'sent'") == len(acknowledged)
    assert oct((tmp_path / "saved").stat().st_mode & 0o777) == "0o700"
    other = restored(tmp_path / "saved", tmp_path / "again", server)
    try:
        there = {row[0] for row in other.client().sql("SELECT user_id FROM events WHERE event_name = 'sent'", max_rows=100_000)}
        assert certain <= there <= set(acknowledged)
        wait_until(lambda: other.client().user(max(certain, key=len)) is not None, "the profiles")
        # Files of exports are there, and their links are good.
        job = other.client().export_job(first.job["job_id"])
        for link in job["presigned_urls"]:
            assert other.client().download(link["filename"], link["url"]).sha256
        other.client().track("new", "sent after")
        assert other.client().count_events("event_name = 'sent after'") == 1
    finally:
        assert other.stop() == 0


def test_a_backup_of_a_stopped_server(folder: Path, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    assert run("backup", str(saved), "--data", str(folder)).returncode == DONE
    assert not [name for name in ("mirror", "work", "lists") if (saved / name).exists()]
    full = run("backup", str(saved), "--data", str(folder))
    assert full.returncode == REFUSED and "not empty" in full.stderr
    nowhere = run("backup", str(tmp_path / "x"), "--data", str(tmp_path / "none"))
    assert nowhere.returncode == REFUSED and not (tmp_path / "x").exists()
    occupied = run("restore", str(saved), "--data", str(folder))
    assert occupied.returncode == REFUSED and "not empty" in occupied.stderr
    with (saved / "control.sqlite").open("r+b") as file:
        file.seek(5_000)
        file.write(b"\xff")
    damaged = run("restore", str(saved), "--data", str(tmp_path / "y"))
    assert damaged.returncode == REFUSED and "control.sqlite is not as it was" in damaged.stderr
    (saved / "backup.json").unlink()
    unfinished = run("restore", str(saved), "--data", str(tmp_path / "z"))
    assert unfinished.returncode == REFUSED and "no backup that was finished" in unfinished.stderr
