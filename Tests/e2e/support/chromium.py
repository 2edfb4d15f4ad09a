"""A real browser that shows a page until it is told to stop."""

import base64
import hashlib
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


@contextmanager
def open_page(url: str, folder: Path, *options: str) -> Iterator[Path]:
    """Opens a page in a headless Chromium with a profile of its own; gives the file with what the page's console says."""
    log = folder / "chromium.log"
    arguments = [
        *["chromium", "--headless", f"--user-data-dir={folder / 'profile'}", "--no-first-run", "--disable-gpu"],
        *["--no-default-browser-check", "--disable-dev-shm-usage", "--disable-sync", "--disable-extensions"],
        *["--disable-background-networking", "--disable-component-update", "--disable-breakpad"],
        # As people have it: what calls itself headless is turned away as a bot.
        f"--user-agent={USER_AGENT}",
        # Only needed where tests run as root; the pages are the tests' own.
        *["--no-sandbox", "--enable-logging=stderr", "--remote-debugging-port=0", *options, url],
    ]
    with log.open("wb") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=output, start_new_session=True)
    try:
        yield log
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def trusting(certificate: Path) -> str:
    """The option that has Chromium trust one certificate, and no others."""
    command = ["openssl", "x509", "-in", str(certificate), "-pubkey", "-noout"]
    public = subprocess.run(command, check=True, capture_output=True, timeout=60).stdout
    command = ["openssl", "pkey", "-pubin", "-outform", "der"]
    key = subprocess.run(command, input=public, check=True, capture_output=True, timeout=60).stdout
    return f"--ignore-certificate-errors-spki-list={base64.b64encode(hashlib.sha256(key).digest()).decode()}"
