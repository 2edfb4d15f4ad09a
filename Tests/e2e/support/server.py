"""A real server process on a free port of this machine."""

import itertools
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from .client import SEXTANT, Client
from .polling import wait_until

REPOSITORY = Path(__file__).resolve().parents[3]
START_SECONDS = 60
STOP_SECONDS = 60
environment_numbers = itertools.count(1)


def binary() -> Path:
    """The program under test: $SEXTANT_BINARY, else the debug build."""
    path = Path(os.environ.get("SEXTANT_BINARY", REPOSITORY / ".build/debug/sextant"))
    if not path.is_file():
        raise FileNotFoundError(f"{path} does not exist; build it (swift build) or set SEXTANT_BINARY")
    return path


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Sextant:
    """One data folder and the process that serves it; may be stopped, killed and started again."""

    def __init__(
        self, folder: Path, environment: dict[str, str] | None = None, certificate: tuple[Path, Path] | None = None
    ) -> None:
        self.data = folder / "data"
        self.log = folder / "server.log"
        self.certificate = certificate
        self.port = free_port()
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("SEXTANT_") or name.startswith(("SEXTANT_DUCKDB_", "SEXTANT_STATEMENT_LOG"))
        }
        self.environment.update(environment or {})
        self.process: subprocess.Popen[bytes] | None = None
        self.credentials: dict[str, Any] = {}

    @property
    def base_url(self) -> str:
        scheme = "https" if self.certificate else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        token: str = self.credentials["userpilot"]["token"]
        return token

    def client(self, token: str | None = None) -> Client:
        """A new client; by default with the key of the first environment."""
        verify = str(self.certificate[0]) if self.certificate else True
        return Client(self.base_url, token or self.token, verify=verify)

    def new_environment(self) -> Client:
        """A client of an environment that nobody else uses."""
        name = f"test-{next(environment_numbers)}"
        created = self.client().post(f"{SEXTANT}/environments", {"name": name}, expect=201).json()
        return self.client(created["token"])

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs another command of the program to its end."""
        return subprocess.run(
            [str(binary()), *arguments], env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    def initialize(self) -> None:
        result = self.run("init", "--data", str(self.data), "--json")
        assert result.returncode == 0, f"sextant init failed: {result.stderr}"
        self.credentials = json.loads(result.stdout)

    def start(self, *options: str) -> None:
        """Starts the process and waits until it says that it is ready."""
        arguments = [str(binary()), "serve", "--data", str(self.data), "--port", str(self.port), *options]
        if self.certificate:
            arguments += ["--tls-cert", str(self.certificate[0]), "--tls-key", str(self.certificate[1])]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(arguments, env=self.environment, stdout=log, stderr=log)
        wait_until(self._is_ready, f"{self.base_url}/ready", START_SECONDS)

    def _is_ready(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise AssertionError(f"the server ended while starting:\n{self.log_tail()}")
        verify = str(self.certificate[0]) if self.certificate else True
        try:
            return requests.get(f"{self.base_url}/ready", timeout=5, verify=verify).status_code == 200
        except requests.ConnectionError:
            return False

    def stop(self) -> int:
        """Asks the process to end (SIGTERM) and returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=STOP_SECONDS)
        self.process = None
        return code

    def kill(self) -> None:
        """Ends the process as a crash would (SIGKILL)."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(timeout=STOP_SECONDS)
        self.process = None

    def log_tail(self, lines: int = 60) -> str:
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


Launch = Callable[..., Sextant]
"""Starts a server with a fresh data folder; takes `environment` and `certificate`."""
