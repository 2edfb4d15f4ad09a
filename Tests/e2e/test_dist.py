"""The archive of `make dist` in a Debian 12 that has nothing installed: unpacked, initialised, served, asked, copied.

The archive is made of the binary under test, which is the debug build: a release would have to be built first, and differs in nothing
that is tried here. `SEXTANT_ARCHIVE=dist/sextant-….tar.gz` has a release tried. The system is a folder of the test's own, which goes
with it. Each program in it has a `/proc` that it alone sees, so that none stays mounted, and ends when the test does, however that
ends."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from support.polling import wait_until
from support.server import REPOSITORY, binary, free_port

BARE = REPOSITORY / ".deps/bare-debian.tar.gz"
# Why there is none, where bootstrap could not make it.
FAILURE = BARE.with_suffix("").with_suffix(".failed")
COMMAND_SECONDS = 120
# What a shell mounts behind this is seen by it and what it starts, and gone with them.
ALONE = ["unshare", "--mount", "sh", "-c"]
# What the archive leaves to the system: the C library with its parts, and its loader.
OF_THE_SYSTEM = re.compile(r"lib(c|m|dl|pthread|rt|resolv|util)\.so\.\d+|ld-linux[\w-]*\.so\.\d+|linux-vdso\.so\.1")


class BareDebian:
    """A system of its own below a folder, with the archive unpacked in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = free_port()

    def command(self, *arguments: str) -> list[str]:
        """As in a new login: nothing of this machine's environment. It ends when the test's process does."""
        inside = ["chroot", str(self.root), "env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", *arguments]
        return ["setpriv", "--pdeathsig", "KILL", *ALONE, 'mount -t proc proc "$0/proc" && exec "$@"', str(self.root), *inside]

    def run(self, *arguments: str, expect: int = 0) -> str:
        ran = subprocess.run(self.command(*arguments), capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False)
        assert ran.returncode == expect, f"{arguments}\n{ran.stdout}\n{ran.stderr}"
        return ran.stdout

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def serving(self, data: str) -> Iterator[subprocess.Popen[bytes]]:
        """Until the block ends; then the server must end by itself when it is asked to."""
        log = self.root / "tmp/server.log"
        with log.open("ab") as output:
            server = subprocess.Popen(
                self.command("sextant", "serve", "--data", data, "--port", str(self.port)), stdout=output, stderr=output
            )
        try:
            wait_until(lambda: self._is_ready(server, log), "a server that is ready")
            yield server
            server.terminate()
            assert server.wait(timeout=COMMAND_SECONDS) == 0, log.read_text(errors="replace")
        finally:
            server.kill()
            server.wait()

    def _is_ready(self, server: subprocess.Popen[bytes], log: Path) -> bool:
        assert server.poll() is None, log.read_text(errors="replace")
        try:
            return requests.get(f"{self.url}/ready", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("SEXTANT_ARCHIVE")
    if given:
        return Path(given).resolve()
    folder = tmp_path_factory.mktemp("dist")
    # Level 1: what is packed is unpacked once, and thrown away.
    command = [str(REPOSITORY / "scripts/dist"), str(binary()), str(REPOSITORY / ".deps/engine"), "0.0.0", str(folder), "1"]
    made = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=False)
    assert made.returncode == 0, made.stderr
    return Path(made.stdout.strip())


@pytest.fixture(scope="module")
def bare(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareDebian]:
    if subprocess.run([*ALONE, "mount -t proc proc /proc && chroot / true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("mounts and chroot are not allowed here: run the tests as root to try the archive in a bare Debian")
    if FAILURE.is_file() and not BARE.is_file():
        pytest.skip(f"a bare Debian could not be made, see scripts/fetch-bare-debian: {FAILURE.read_text().strip()}")
    assert BARE.is_file(), f"{BARE} is missing: run scripts/bootstrap --tests"
    root = tmp_path_factory.mktemp("debian")
    # `mktemp` lets nobody but its owner in; a system's root is open to all.
    root.chmod(0o755)
    try:
        subprocess.run(["tar", "-xzf", str(BARE), "-C", str(root)], check=True, timeout=COMMAND_SECONDS)
        system = BareDebian(root)
        (root / "opt/sextant").mkdir()
        shutil.copyfile(archive, root / "tmp/sextant.tar.gz")
        system.run("tar", "-xzf", "/tmp/sextant.tar.gz", "-C", "/opt/sextant", "--strip-components=1")
        (root / "tmp/sextant.tar.gz").unlink()
        # By a link, as a package would have it.
        (root / "usr/local/bin/sextant").symlink_to("/opt/sextant/sextant")
        yield system
    finally:
        shutil.rmtree(root)


def foreign(bare: BareDebian, libraries: Iterable[str]) -> list[str]:
    """Those that are neither the archive's nor of the C library."""
    own = {"/opt/sextant", str(bare.root / "opt/sextant")}
    return [
        name for name in libraries
        if not any(Path(name).is_relative_to(folder) for folder in own) and not OF_THE_SYSTEM.fullmatch(Path(name).name)
    ]  # fmt: skip


def test_there_is_no_swift(bare: BareDebian) -> None:
    """Nor another library of the archive's own that the system would lend it."""
    assert not list((bare.root / "usr").glob("**/libswift*")) and not list((bare.root / "usr").glob("**/libcurl*"))
    bare.run("sh", "-c", "command -v swift || command -v curl || command -v python3", expect=127)


def test_libraries_are_the_archives_or_the_c_library(bare: BareDebian) -> None:
    """As the loader finds them inside, and as a server that works has them in memory."""
    found = re.findall(r"^\s+(\S+)(?: => (.+?))?(?: \(0x[0-9a-f]+\))?$", bare.run("ldd", "/opt/sextant/sextant"), re.MULTILINE)
    assert len(found) > 10
    assert not foreign(bare, [where or name for name, where in found])
    bare.run("sextant", "init", "--data", "/srv/loaded")
    with bare.serving("/srv/loaded") as server:
        maps = Path(f"/proc/{server.pid}/maps").read_text()
    loaded = set(re.findall(r" (/\S*\.so(?:\.\S+)?)$", maps, re.MULTILINE))
    assert any(name.endswith("/libduckdb_engine.so") for name in loaded)
    assert not foreign(bare, loaded)


def test_first_hour(bare: BareDebian) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+( \([0-9a-f]+\+?\))?\n", bare.run("sextant", "--version"))
    keys: dict[str, Any] = json.loads(bare.run("sextant", "init", "--data", "/srv/data", "--json"))
    token = keys["userpilot"]["token"]
    speaking = ["--url", bare.url, "--token", token]
    # It ends with 1 where something is wrong.
    bare.run("env", f"SEXTANT_PORT={bare.port}", "sextant", "doctor", "--data", "/srv/data")
    with bare.serving("/srv/data"):
        answer = requests.post(
            f"{bare.url}/v1/track",
            headers={"Authorization": f"Token {token}"},
            json={"user_id": "first", "event_name": "hello"},
            timeout=60,
        )
        assert answer.status_code == 202, answer.text
        asked = json.loads(bare.run("sextant", "sql", "SELECT user_id, event_name FROM events", *speaking, "--json"))
        assert asked["rows"] == [["first", "hello"]]
        bare.run("sextant", "export", "--from", "2024-01-01", "--format", "parquet", "-o", "/srv/files", *speaking)
        assert list((bare.root / "srv/files").glob("*.parquet"))
        assert "Sextant" in requests.get(f"{bare.url}/docs", timeout=60).text
        bare.run("sextant", "backup", "/srv/saved", "--data", "/srv/data")
    bare.run("sextant", "restore", "/srv/saved", "--data", "/srv/restored")
    with bare.serving("/srv/restored"):
        asked = json.loads(bare.run("sextant", "sql", "SELECT event_name FROM events", *speaking, "--json"))
        assert asked["rows"] == [["hello"]]
