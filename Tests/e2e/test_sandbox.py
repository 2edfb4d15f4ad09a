"""What a process that runs strangers' queries cannot do, whatever the query makes of it: the kernel says no."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.polling import wait_until
from support.server import REPOSITORY
from support.workers import is_alive

PRELUDE = """
import ctypes, os, resource, signal, socket, subprocess, sys, threading
sandbox = ctypes.CDLL(sys.argv[1])
folder, parent = sys.argv[2].encode(), int(sys.argv[3])

def paths(*names):
    return (ctypes.c_char_p * len(names))(*names), len(names)

def refused(action, *errors):
    try:
        action()
    except errors or PermissionError:
        return
    raise AssertionError("it was allowed")

os.makedirs(folder + b"/read", exist_ok=True)
os.makedirs(folder + b"/write", exist_ok=True)
open(folder + b"/read/file", "w").close()
assert sandbox.sextant_confine_begin() == 0
has_landlock = ctypes.CDLL(None).syscall(444, None, 0, 1) >= 1
assert sandbox.sextant_confine_files(*paths(folder + b"/read"), *paths(folder + b"/write")) == 0
assert sandbox.sextant_confine_resources(
    ctypes.c_uint64(300_000_000), ctypes.c_uint64(2), ctypes.c_uint64(1_000_000)) == 0
assert sandbox.sextant_confine_calls() == 0
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's own code, in a form that Python can call."""
    path = tmp_path_factory.mktemp("sandbox") / "libsandbox.so"
    compiler = shutil.which("clang") or shutil.which("cc")
    assert compiler is not None, "there is no C compiler; Swift brings clang"
    sources = sorted(str(source) for source in (REPOSITORY / "Sources/C/CSandbox").glob("*.c"))
    include = f"-I{REPOSITORY / 'Sources/C/CSandbox/include'}"
    subprocess.run([compiler, "-shared", "-fPIC", include, *sources, "-o", str(path)], check=True, timeout=120)
    return path


def run(library: Path, folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, "-c", PRELUDE + script, str(library), str(folder), str(os.getpid())]
    return subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "script",
    [
        "refused(lambda: socket.socket())",
        "refused(lambda: socket.socket(socket.AF_UNIX))",
        "refused(lambda: socket.socketpair())",
        "refused(os.fork)",
        "refused(lambda: os.execv('/bin/true', ['true']))",
        "refused(lambda: subprocess.run(['/bin/true']))",
        "refused(lambda: os.kill(parent, 0))",
        "refused(lambda: os.kill(parent, signal.SIGTERM))",
        "refused(lambda: os.pidfd_open(parent))",
        "refused(lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)), ValueError, PermissionError, OSError)",
        "refused(lambda: resource.prlimit(parent, resource.RLIMIT_CPU, (1, 1)))",
        "assert ctypes.CDLL(None, use_errno=True).ptrace(16, parent, None, None) == -1",
        "refused(lambda: os.memfd_create('x'))",
        "refused(lambda: os.unshare(os.CLONE_NEWUSER)) if hasattr(os, 'unshare') else None",
        "assert not has_landlock or refused(lambda: open('/etc/passwd')) is None",
        "assert not has_landlock or refused(lambda: open(f'/proc/{parent}/environ')) is None",
        "assert not has_landlock or refused(lambda: open(folder + b'/read/file', 'w')) is None",
        "assert not has_landlock or refused(lambda: os.unlink(folder + b'/read/file')) is None",
        "assert not has_landlock or refused(lambda: os.symlink('/etc/passwd', folder + b'/write/link')) is None",
    ],
)
def test_refused(library: Path, tmp_path: Path, script: str) -> None:
    result = run(library, tmp_path, script)
    assert result.returncode == 0, result.stderr


def test_what_a_computation_needs_is_there(library: Path, tmp_path: Path) -> None:
    script = """
open(folder + b"/read/file").close()
with open(folder + b"/write/spill", "wb") as file:
    file.write(b"x" * 1000)
os.unlink(folder + b"/write/spill")
done = []
thread = threading.Thread(target=lambda: done.append(1))
thread.start()
thread.join()
assert done == [1] and len(bytes(100_000_000)) == 100_000_000
"""
    result = run(library, tmp_path, script)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("script", "signals"),
    [
        ("while True: pass", {"SIGXCPU", "SIGKILL"}),
        ("open(folder + b'/write/big', 'wb', 0).write(b'x' * 2_000_000)", {"SIGXFSZ", None}),
        ("os.abort()", {"SIGABRT"}),
    ],
)
def test_limits_of_the_kernel_end_it(library: Path, tmp_path: Path, script: str, signals: set[str | None]) -> None:
    import signal as names

    result = run(library, tmp_path, script)
    ended_by = names.Signals(-result.returncode).name if result.returncode < 0 else None
    assert result.returncode != 0 or not script.startswith("while"), result
    assert ended_by in signals, (ended_by, result.stderr)
    big = tmp_path / "write/big"
    assert not big.exists() or big.stat().st_size <= 1_000_000


def test_memory_has_an_end(library: Path, tmp_path: Path) -> None:
    result = run(library, tmp_path, "refused(lambda: bytes(400_000_000), MemoryError)")
    assert result.returncode == 0, result.stderr


def test_it_ends_with_who_started_it(library: Path, tmp_path: Path) -> None:
    script = PRELUDE + "print(os.getpid(), flush=True)\nthreading.Event().wait()"
    starter = (
        "import subprocess, sys; process = subprocess.Popen([sys.executable, '-c', *sys.argv[1:]], "
        "stdout=subprocess.PIPE); print(process.stdout.readline().decode(), flush=True); sys.exit()"
    )
    arguments = [sys.executable, "-c", starter, script, str(library), str(tmp_path), str(os.getpid())]
    started = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)
    wait_until(lambda: not is_alive(int(started.stdout)), "the end of the process whose parent has ended")
