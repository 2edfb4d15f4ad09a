"""A data folder that is damaged, partial or another's says so: which file, and the way out."""

import contextlib
import os
import resource
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from support.client import SEXTANT, Client
from support.convert import convert_client, convert_project, new_key
from support.polling import wait_until
from support.server import Launch, Sextant, binary

Damage = Callable[[Path], None]


@pytest.fixture
def filled(launch: Launch) -> Sextant:
    """A server of the test's own that has stored a few events, killed."""
    server = launch()
    client = server.client()
    for number in range(5):
        client.track(f"user_{number}", "step", {"text": "x" * 1_000})
    wait_until(lambda: client.user("user_4"), "the last profile")
    server.kill()
    return server


def refusal(server: Sextant, *arguments: str) -> str:
    """What a start that must fail says."""
    result = subprocess.run(
        [str(binary()), "serve", "--data", str(server.data), "--port", str(server.port), *arguments],
        env=server.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 1, f"exit code {result.returncode}: {result.stderr}"
    # That the HTTP core ends as well is no second trouble.
    assert "CancellationError" not in result.stdout + result.stderr
    # The log may be around it.
    return next(line for line in result.stderr.splitlines() if line.startswith("Error: "))


def test_who_connects_meanwhile_changes_no_refusal(filled: Sextant) -> None:
    (filled.data / "master.key").unlink()
    is_over = threading.Event()

    def knock() -> None:
        while not is_over.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", filled.port), timeout=1) as connection:
                connection.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
                connection.recv(100)

    callers = [threading.Thread(target=knock) for _ in range(3)]
    for caller in callers:
        caller.start()
    try:
        for _ in range(8):
            assert "master.key" in refusal(filled)
    finally:
        is_over.set()
        for caller in callers:
            caller.join()


def count(client: Client) -> int:
    rows: int = client.sql("select count(*) from events")[0][0]
    return rows


def flip(path: Path, position: int) -> None:
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)
        file.seek(position)
        file.write(bytes([byte[0] ^ 1]))


def wal(data: Path) -> Path:
    return data / "events.duckdb.wal"


def remove_events(data: Path) -> None:
    (data / "events.duckdb").unlink()


def flip_in_the_middle(data: Path) -> None:
    path = wal(data)
    flip(path, path.stat().st_size // 2)


def replace_by_text(data: Path) -> None:
    (data / "events.duckdb").write_text("nothing of the kind")


LOSSES: dict[str, tuple[Damage, str]] = {
    "missing": (remove_events, "events.duckdb is missing"),
    "damaged": (flip_in_the_middle, "events.duckdb.wal is damaged after byte"),
    "another kind": (replace_by_text, "events.duckdb cannot be the event log"),
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES.keys())
def test_lost_events_are_refused_until_the_operator_accepts(filled: Sextant, loss: tuple[Damage, str]) -> None:
    damage, message = loss
    damage(filled.data)
    before = {path.name: path.read_bytes() for path in filled.data.glob("events.duckdb*")}
    for arguments in ([], ["--accept-loss=secrets"]):
        said = refusal(filled, *arguments)
        assert message in said and "sextant serve --accept-loss=events" in said
    # Nobody has decided anything: the files are as they were.
    assert {path.name: path.read_bytes() for path in filled.data.glob("events.duckdb*")} == before
    filled.start("--accept-loss=events")
    assert "a loss is accepted" in filled.log_tail() or "has been given up" in filled.log_tail()
    client = filled.client()
    client.track("user_new", "after")
    assert count(client) >= 1
    # Profiles stay, and the decision is made once.
    assert client.user("user_4")
    assert filled.stop() == 0
    filled.start()


def test_an_older_event_log_is_noticed(filled: Sextant) -> None:
    filled.start()
    assert filled.stop() == 0
    older = filled.data / "older"
    older.mkdir()
    # What is not folded in yet belongs to the log as well.
    for file in filled.data.glob("events.duckdb*"):
        shutil.copy(file, older)
    filled.start()
    client = filled.client()
    client.track("user_later", "later")
    wait_until(lambda: client.user("user_later"), "the later profile")
    assert filled.stop() == 0
    for file in filled.data.glob("events.duckdb*"):
        file.unlink()
    for file in older.iterdir():
        shutil.copy(file, filled.data)
    said = refusal(filled)
    assert "control.sqlite has taken in events up to" in said and "--accept-loss=events" in said
    filled.start("--accept-loss=events")
    assert count(filled.client()) == 5


def test_a_torn_tail_is_cut_and_told(filled: Sextant) -> None:
    path = wal(filled.data)
    whole = path.read_bytes()
    path.write_bytes(whole + whole[8:100] + bytes(300))
    filled.start()
    assert "has been cut off" in filled.log_tail() and "cut_bytes=392" in filled.log_tail()
    assert count(filled.client()) == 5
    kept = list(filled.data.glob("events.duckdb.wal.cut-*"))
    assert [file.read_bytes() for file in kept] == [whole[8:100] + bytes(300)]


def test_a_missing_master_key_is_not_made_anew(filled: Sextant) -> None:
    key = filled.data / "master.key"
    kept = key.read_bytes()
    key.unlink()
    said = refusal(filled)
    assert "master.key is missing" in said and "sextant serve --accept-loss=secrets" in said
    assert not key.exists()
    # Another folder's key is none either.
    key.write_bytes(bytes(range(32)))
    key.chmod(0o600)
    assert "master.key is not the key" in refusal(filled)
    key.write_bytes(kept)
    filled.start()
    assert filled.stop() == 0

    key.unlink()
    filled.start("--accept-loss=secrets")
    # Signatures cannot be checked any more; the secret itself still proves who calls.
    path = f"/accounts/{filled.credentials['account_id']}/projects"
    assert convert_client(filled).request("POST", path, {}).status_code == 401
    assert convert_client(filled, bearer=True).request("POST", path, {}).status_code == 200
    filled.client().track("user_4", "still")
    assert filled.stop() == 0
    filled.start()


def test_a_master_key_of_another_length_is_refused_until_accepted(filled: Sextant) -> None:
    key = filled.data / "master.key"
    for content in (b"", bytes(31), bytes(33)):
        key.write_bytes(content)
        said = refusal(filled)
        assert f"master.key is no key: it has {len(content)} bytes" in said
        assert "sextant serve --accept-loss=secrets" in said
        assert "master.key is no key" in refusal(filled, "--accept-loss=events")
    assert key.read_bytes() == bytes(33)
    filled.start("--accept-loss=secrets")
    assert len(key.read_bytes()) == 32 and (key.stat().st_mode & 0o777) == 0o600
    assert [path.read_bytes() for path in filled.data.glob("master.key.lost-*")] == [bytes(33)]
    assert filled.stop() == 0
    filled.start()


def test_a_key_that_an_earlier_version_made_anew_is_taken(filled: Sextant) -> None:
    """It sealed the newer secrets, and nobody noted which key there was."""
    key = filled.data / "master.key"
    key.unlink()
    filled.start("--accept-loss=secrets")
    new_key(convert_client(filled, bearer=True))
    assert filled.stop() == 0
    with contextlib.closing(sqlite3.connect(filled.data / "control.sqlite")) as store:
        assert store.execute("DELETE FROM folder_marks WHERE name LIKE '%key%'").rowcount == 1
        store.commit()
    kept = key.read_bytes()
    key.write_bytes(bytes(range(32)))
    assert "master.key is not the key" in refusal(filled)
    key.write_bytes(kept)
    filled.start()


FILES = ["control.sqlite", "events.duckdb", "events.duckdb.wal", "master.key"]
FOLDERS = ["mirror", "blobs", "uploads", "work"]


@pytest.mark.parametrize("name", FILES + FOLDERS)
def test_what_is_not_what_it_should_be_is_named(filled: Sextant, name: str) -> None:
    path, aside = filled.data / name, filled.data / "aside"
    if path.exists():
        path.rename(aside)

    def is_refused(*words: str) -> None:
        said = refusal(filled)
        assert str(path) in said and all(word in said for word in words), said
        assert "Error Domain" not in said and "NSCocoa" not in said

    if name in FILES:
        path.mkdir()
        is_refused("is not a file", "Move it away")
        path.rmdir()
        os.mkfifo(path)
        is_refused("is not a file")
    else:
        path.write_text("")
        is_refused("is not a folder", "Move it away")
    path.unlink()
    path.symlink_to(filled.data / "nowhere")
    is_refused("is a link to nothing")
    path.unlink()
    if aside.exists():
        # A folder may lie elsewhere.
        path.symlink_to(aside) if name in FOLDERS else aside.rename(path)
    filled.start()
    assert count(filled.client()) == 5


def test_who_reads_the_control_store_keeps_nobody_from_starting(filled: Sextant) -> None:
    with contextlib.closing(sqlite3.connect(filled.data / "control.sqlite")) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM accounts").fetchone() == (1,)
        filled.start()
    assert count(filled.client()) == 5


def test_other_control_stores_are_refused(filled: Sextant) -> None:
    path = filled.data / "control.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as store:
        store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for beside in ("-wal", "-shm"):
        Path(f"{path}{beside}").unlink(missing_ok=True)
    whole = path.read_bytes()
    path.write_bytes(b"")
    assert "control.sqlite is empty or no control store" in refusal(filled)
    path.write_bytes(b"nothing of the kind" * 1_000)
    assert "control.sqlite is empty or no control store" in refusal(filled)
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("create table anything (i)")
    other.commit()
    other.close()
    assert "control.sqlite is empty or no control store" in refusal(filled)
    pages = len(whole) // 4096
    for kept in (pages // 2, pages * 3 // 4, pages - 1):
        path.write_bytes(whole[: kept * 4096])
        assert "control.sqlite is damaged" in refusal(filled)
    path.unlink()
    said = refusal(filled)
    assert "control.sqlite is missing" in said and "backup" in said
    # A first account is not made beside what is there either.
    result = filled.run("init", "--data", str(filled.data))
    assert result.returncode == 1 and "control.sqlite is missing" in result.stderr
    # Older than the log by what its own log held, which is no loss: what is missing is applied again.
    path.write_bytes(whole)
    filled.start()
    assert filled.client().user("user_4")


def test_settings_that_are_no_text_are_named(filled: Sextant) -> None:
    settings = filled.data / "sextant.conf"
    settings.write_bytes(b"SEXTANT_LOG_LEVEL=info\n\xff\xfe\n")
    said = refusal(filled)
    assert "sextant.conf" in said and "UTF-8" in said and "line 2" in said
    settings.unlink()
    settings.mkdir()
    assert "sextant.conf" in refusal(filled)
    settings.rmdir()


def test_a_folder_that_is_a_file(tmp_path: Path, filled: Sextant) -> None:
    file = tmp_path / "data"
    file.write_text("")
    result = filled.run("serve", "--data", str(file))
    assert result.returncode == 1 and str(file) in result.stderr


@contextmanager
def files_limited(server: Sextant, size: int) -> Iterator[None]:
    """No file of the server grows beyond this size, as on a full disk."""
    assert server.process is not None
    before = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, before)


def identified(numbers: range) -> list[dict[str, Any]]:
    return [
        {"event_name": "step", "user_id": "u", "event_id": f"e{number}", "metadata": {"n": number}}
        for number in numbers
    ]


def test_a_full_disk_refuses_and_recovers_without_a_restart(launch: Launch) -> None:
    server = launch()
    client = server.client()
    client.ingest(identified(range(100)))
    accepted = refused = 0
    with files_limited(server, wal(server.data).stat().st_size + 200_000):
        for start in range(100, 5_100, 100):
            answer = client.post(f"{SEXTANT}/events", identified(range(start, start + 100)))
            accepted += answer.status_code == 202
            refused += answer.status_code == 503
            assert answer.status_code in (202, 503), answer.text
        assert refused
        assert client.get("/ready", expect=503).json()["reason"]
    wait_until(lambda: client.get("/ready", expect=None).status_code == 200, "the server's recovery")
    assert client.get("/health").json()["status"] == "ok"
    # What was refused is not there.
    assert count(client) == 100 + accepted * 100
    # What is sent again is there once, whatever was said of it.
    for start in range(100, 5_100, 100):
        client.ingest(identified(range(start, start + 100)))
    assert count(client) == 5_100
    assert client.sql("select count(distinct metadata->>'n') from events")[0][0] == 5_100
    server.kill()
    server.start()
    assert count(server.client()) == 5_100


ROWS = b"event_type,event_name,user_id,source,inserted_at\n" + b"track,e,u,backend-http,2024-03-01T10:00:00Z\n" * 500


def test_where_a_full_disk_keeps_from_storing_the_answer_is_to_come_again(launch: Launch) -> None:
    server = launch()
    client, web = server.client(), convert_project(server, "web")
    with files_limited(server, 4_096):
        answers = [
            web.post("tags", "add", body={"name": "one"}),
            client.post(f"{SEXTANT}/exclusions", {"users": ["u"]}),
            client.post("/v1/imports", files={"file": ("rows.csv", ROWS)}),
        ]
    for answer in answers:
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0, answer.text
    web.post("tags", "add", body={"name": "one"}, expect=201)


def test_a_nul_in_a_file_name_is_the_senders_mistake(launch: Launch) -> None:
    server = launch()
    client = server.client()
    for disposition in ('filename="a\0b.csv"', "filename*=UTF-8''a%00b.csv"):
        body = (
            f'--b\r\nContent-Disposition: form-data; name="file"; {disposition}\r\n\r\n'
            "user_id,event_name\r\nu,e\r\n--b--\r\n"
        ).encode()
        answer = requests.post(
            f"{server.base_url}/v1/imports",
            data=body,
            headers={"Authorization": f"Token {server.token}", "Content-Type": "multipart/form-data; boundary=b"},
            timeout=30,
        )
        assert answer.status_code == 400, answer.text


def test_requests_during_the_start_are_told_to_come_back(filled: Sextant) -> None:
    """The socket listens before the stores are open; whoever comes early is told so in the surface's own form."""
    arguments = [str(binary()), "serve", "--data", str(filled.data), "--port", str(filled.port)]
    with filled.log.open("ab") as log:
        filled.process = subprocess.Popen(arguments, env=filled.environment, stdout=log, stderr=log)
    early: list[requests.Response] = []

    def is_ready() -> bool:
        try:
            answer = requests.post(
                f"{filled.base_url}/v1/track",
                json={"event_name": "early", "user_id": "u"},
                headers={"Authorization": f"Token {filled.token}"},
                timeout=30,
            )
        except requests.ConnectionError:
            return False
        if answer.status_code != 202:
            early.append(answer)
            return False
        return True

    wait_until(is_ready, "the first event taken")
    for answer in early:
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1
        assert answer.json()["errors"][0]["message"]
    assert requests.get(f"{filled.base_url}/health", timeout=30).status_code == 200


def test_stopping_does_not_wait_for_the_opening(filled: Sextant) -> None:
    """Whatever the stores are waiting for: here a bucket that takes the connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(120)
        bucket = {
            "SEXTANT_BLOB_URL": f"s3://bucket/?endpoint=http://127.0.0.1:{silent.getsockname()[1]}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "eu-west-1",
        }
        arguments = [str(binary()), "serve", "--data", str(filled.data), "--port", str(filled.port)]
        with filled.log.open("ab") as log:
            filled.process = subprocess.Popen(arguments, env={**filled.environment, **bucket}, stdout=log, stderr=log)
        connection, _ = silent.accept()
        with connection:
            assert requests.get(f"{filled.base_url}/ready", timeout=30).status_code == 503
            assert filled.stop() == 0
    assert "stopped while the stores were being opened" in filled.log_tail()
    filled.start()
    assert count(filled.client()) == 5
