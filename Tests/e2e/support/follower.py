"""Somebody who follows a document: does what its blocks say, one after the other, in one folder."""

import json
import re
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from .browser import open_browser
from .chromium import USER_AGENT, trusting
from .server import Sextant
from .site import Site

ADDRESSES = ["http://localhost:8080", "https://localhost:8443"]
"""What documents call the server, without and with TLS."""
DATA = "/srv/sextant"
"""What documents call the data folder."""
BLOCK_SECONDS = 60
COMPILE_SECONDS = 300

PROGRAMS = {
    "sh": ["bash", "-euo", "pipefail", "-c"],
    "python": [sys.executable, "-c"],
    "js": ["node", "--input-type=module", "-e"],
}
MARKS = {*PROGRAMS, "swift", "conf", "html"}
"""What blocks are marked as that are followed: programs, lines of `sextant.conf`, and pages with a button."""


def answers(printed: str) -> list[Any]:
    """The JSON values that come one after the other, up to what is none."""
    found: list[Any] = []
    while printed := printed.strip():
        try:
            value, end = json.JSONDecoder().raw_decode(printed)
        except ValueError:
            break
        found.append(value)
        printed = printed[end:]
    return found


def shape(value: Any) -> Any:
    """A value without its texts and numbers."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [shape(element) for element in value]
    return type(value).__name__


class Follower:
    """One folder, one server, and what a document has made so far."""

    def __init__(self, server: Sextant, folder: Path, environment: dict[str, str]) -> None:
        """The `environment` is that of all programs, besides the server's address."""
        self.server = server
        self.folder = folder
        self.environment = {**server.environment, **environment, "SEXTANT_URL": server.base_url, "no_proxy": "*"}
        self._open = ExitStack()
        self._answers: list[Any] = []
        """What the last program has printed, where that was JSON."""

    def __enter__(self) -> "Follower":
        return self

    def __exit__(self, *_exception: object) -> None:
        self._open.close()

    def compare(self, text: str) -> None:
        """What a document shows as an answer must look like one of the last answers: other values, the same members."""
        shown = shape(json.loads(text))
        assert shown in [shape(answer) for answer in self._answers], f"{text}\nnone of {self._answers}"

    def follow(self, mark: str, text: str) -> None:
        for address in ADDRESSES:
            text = text.replace(address, self.server.base_url)
        text = text.replace(DATA, str(self.server.data))
        if mark in PROGRAMS:
            self._run([*PROGRAMS[mark], text], text)
        elif mark == "swift":
            self._compile(text)
        elif mark == "conf":
            self._configure(text)
        else:
            self._order(text)

    def _run(self, command: list[str], text: str, seconds: float = BLOCK_SECONDS) -> None:
        ran = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False
        )
        assert ran.returncode == 0, f"{text}\n{ran.stdout}\n{ran.stderr}"
        self._answers = answers(ran.stdout)

    def _compile(self, text: str) -> None:
        """One file is a whole program: it needs no package, and nothing but what Swift brings."""
        source, program = self.folder / "program.swift", self.folder / "program"
        source.write_text(text)
        self._run(["swiftc", "-warnings-as-errors", "-o", str(program), str(source)], text, COMPILE_SECONDS)
        self._run([str(program)], text)

    def _configure(self, text: str) -> None:
        """Writes the settings, and starts the server anew."""
        (self.server.data / "sextant.conf").write_text(text)
        settings = dict(line.split("=", 1) for line in text.splitlines())
        assert self.server.stop() == 0
        self.server.certificate = (Path(settings["SEXTANT_TLS_CERT"]), Path(settings["SEXTANT_TLS_KEY"]))
        self.server.start()
        # Nobody has signed this certificate: programs are told to trust it, whatever this machine would have them trust.
        trusted = dict.fromkeys(("SSL_CERT_FILE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"), settings["SEXTANT_TLS_CERT"])
        self.environment.update(trusted, SEXTANT_URL=self.server.base_url)

    def _order(self, text: str) -> None:
        """Opens the page, with what `experiment.json` has for its names in capitals, and presses its button."""
        made = json.loads((self.folder / "experiment.json").read_text())
        page = re.sub(r'"([A-Z_]{6,})"', lambda name: json.dumps(str(made[name[1]])), text)
        site = self._open.enter_context(Site.serve())
        site.pages.update({"/checkout.html": page, "/favicon.ico": ""})
        folder = self.folder / "browser"
        folder.mkdir()
        options = [trusting(self.server.certificate[0])] if self.server.certificate else []
        # It stays open until the document ends: what a page sends goes out when the browser comes to it.
        browser = self._open.enter_context(open_browser(folder, f"--user-agent={USER_AGENT}", *options))
        browser.open(f"{site.url}/checkout.html")
        shown = browser.wait("document.body.dataset.variation")
        assert shown != "none", (page, browser.complaints)
        browser.evaluate("document.querySelector('button').click()")
        assert not browser.complaints, browser.complaints
