"""`sextant key`, beside a running server, and where first keys are kept."""

import json
import os
import resource
import signal
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import requests

from support.polling import wait_until
from support.server import Sextant, binary


def run(server: Sextant, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(binary()), "key", *arguments, "--data", str(server.data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def key(server: Sextant, *arguments: str) -> list[dict[str, str]]:
    done = run(server, *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def id_of(server: Sextant, made: dict[str, str], label: str) -> str:
    return next(one["id"] for one in key(server, "list") if one["label"] == label and one["identifier"] == made["identifier"])


def status(server: Sextant, kind: str, made: dict[str, str]) -> int:
    """What a request with the key is answered."""
    secret = made.get("secret", "")
    if kind == "userpilot":
        headers = {"Authorization": f"Token {secret}"}
        return requests.get(f"{server.base_url}/api/sextant/v1/keys", headers=headers, timeout=30).status_code
    if kind == "gainsight":
        headers = {"X-APTRINSIC-API-KEY": secret}
        return requests.get(f"{server.base_url}/v1/users", headers=headers, timeout=30).status_code
    if kind == "convert":
        headers = {"Authorization": f"Bearer {made['identifier']}:{secret}"}
        return requests.get(f"{server.base_url}/api/v2/accounts", headers=headers, timeout=30).status_code
    return requests.get(f"{server.base_url}/api/v1/config/{made['identifier']}", timeout=30).status_code


@pytest.mark.parametrize("kind", ["userpilot", "gainsight", "convert", "sdk"])
def test_a_running_server_follows(server: Sextant, kind: str) -> None:
    project = str(server.credentials["projects"]["fullstack"]["id"])
    options = ["--authentication", "secretKey"] if kind == "convert" else ["--project", project]
    (made,) = key(server, "create", kind, "--label", f"spare {kind}", *options)
    wait_until(lambda: status(server, kind, made) == 200, f"the {kind} key to work")
    number = id_of(server, made, f"spare {kind}")
    key(server, "revoke", number)
    wait_until(lambda: status(server, kind, made) in (401, 403, 404), f"the {kind} key to end")
    assert number not in [one["id"] for one in key(server, "list")]
    assert [one for one in key(server, "list", "--all") if one["id"] == number and one["revoked"]]
    again = run(server, "revoke", number)
    assert again.returncode != 0 and f"no valid key {number}" in again.stderr


def test_what_is_wrong_is_said(server: Sextant, tmp_path: Path) -> None:
    project = str(server.credentials["projects"]["web"]["id"])
    for arguments, word in [
        (["userpilot"], "--project must name one project"),
        (["userpilot", "--project", "999999"], "--project must name one project"),
        (["sdk", "--project", project, "--environment", "nowhere"], "production"),
        (["convert", "--role", "owner"], "--role must be one of"),
        (["convert", "--project", "999999"], "project 999999 not found"),
        (["convert", "--account", "999999"], "no account 999999"),
        (["userpilot", "--project", project, "--label", "x" * 256], "--label"),
        (["other"], "kind"),
    ]:
        done = run(server, "create", *arguments)
        assert done.returncode != 0 and word in done.stderr, done.stderr
    nowhere = subprocess.run(
        [str(binary()), "key", "list", "--data", str(tmp_path / "none")], capture_output=True, text=True, timeout=60, check=False
    )
    assert nowhere.returncode != 0 and "sextant init" in nowhere.stderr and not (tmp_path / "none").exists()


def test_secrets_are_listed_nowhere(server: Sextant) -> None:
    shown = run(server, "list", "--all").stdout + run(server, "list", "--all", "--json").stdout
    for secret in [server.token, server.credentials["convert"]["secret"], server.credentials["gainsight_px"]["api_key"]]:
        assert secret not in shown


@pytest.mark.parametrize("command", [[], ["list"], ["create"], ["revoke"]])
def test_help_fits_a_terminal(command: list[str]) -> None:
    shown = subprocess.run([str(binary()), "key", *command, "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert all(len(line) <= 80 for line in shown.stdout.splitlines()), shown.stdout


def init(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [str(binary()), "init", *arguments, "--json"]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def secrets_in(folder: Path, made: dict[str, Any]) -> list[str]:
    secrets = [made["user"]["password"], made["userpilot"]["token"], made["convert"]["secret"], made["gainsight_px"]["api_key"]]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(secret.encode() in path.read_bytes() for secret in secrets)]


def test_first_keys_are_in_no_file_unless_asked_for(tmp_path: Path) -> None:
    done = init("--data", str(tmp_path / "data"))
    assert done.returncode == 0, done.stderr
    assert secrets_in(tmp_path, json.loads(done.stdout)) == []
    file = tmp_path / "keys.json"
    asked = init("--data", str(tmp_path / "other"), "--credentials", str(file))
    assert asked.returncode == 0, asked.stderr
    made = json.loads(file.read_text(encoding="utf-8"))
    assert made == json.loads(asked.stdout) and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secrets_in(tmp_path, made) == [str(file)]
    # A file that is there is not written over, and nothing is made that would be told of nowhere.
    refused = init("--data", str(tmp_path / "third"), "--credentials", str(file))
    assert refused.returncode != 0 and "keys.json" in refused.stderr
    assert not (tmp_path / "third").exists()


def small_files() -> None:
    """No file grows beyond 64 KB, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))


def test_an_init_that_fails_leaves_nothing(tmp_path: Path) -> None:
    there = tmp_path / "there"
    (there / "work").mkdir(parents=True)
    (there / "work" / "spill").write_text("")
    keys = tmp_path / "keys.json"
    before = sorted(tmp_path.rglob("*"))

    def refused(told: str, *arguments: str, **options: Any) -> None:
        command = [str(binary()), "init", "--json", "--credentials", str(keys), *arguments]
        options = {"stdout": subprocess.DEVNULL, **options}
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False, **options)
        assert done.returncode == 1 and told in done.stderr, done
        assert sorted(tmp_path.rglob("*")) == before

    deep = str(tmp_path / "some" / "where" / "data")
    refused("characters", "--data", deep, "--password", "short")
    refused("e-mail", "--data", deep, "--email", "nobody")
    refused("spill", "--data", str(there))
    refused("", "--data", deep, preexec_fn=small_files, restore_signals=False)
    with open("/dev/full", "wb") as full:
        refused("cannot be shown", "--data", deep, stdout=full)
    reader, writer = os.pipe()
    os.close(reader)
    refused("cannot be shown", "--data", deep, stdout=writer)
    os.close(writer)
    done = init("--data", deep, "--credentials", str(keys))
    assert done.returncode == 0 and json.loads(done.stdout) == json.loads(keys.read_text(encoding="utf-8"))
    # What is there by then is left alone by one more.
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and "sqlite" not in path.suffix}
    again = init("--data", deep, "--credentials", str(tmp_path / "more.json"))
    assert again.returncode == 1 and "already" in again.stderr and not (tmp_path / "more.json").exists()
    assert {path: path.read_bytes() for path in files} == files
