"""What a process that runs strangers' queries cannot do, whatever the query makes of it: the kernel says no."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from support.polling import wait_until
from support.server import REPOSITORY
from support.workers import is_alive

PRELUDE = """
import ctypes, fcntl, mmap, os, resource, signal, socket, subprocess, sys, threading
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
open(folder + b"/read/file", "a").close()
assert sandbox.sextant_confine_begin() == 0
has_landlock = ctypes.CDLL(None).syscall(444, None, 0, 1) >= 1
assert sandbox.sextant_confine_files(*paths(folder + b"/read"), *paths(folder + b"/write")) == 0
assert sandbox.sextant_confine_resources(
    ctypes.c_uint64(300_000_000), ctypes.c_uint64(2), ctypes.c_uint64(1_000_000)) == 0
assert sandbox.sextant_confine_calls() == 0
"""


def compiler() -> str:
    path = shutil.which("clang") or shutil.which("cc")
    assert path is not None, "there is no C compiler; Swift brings clang"
    return path


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The server's own code, in a form that Python can call."""
    path = tmp_path_factory.mktemp("sandbox") / "libsandbox.so"
    sources = sorted(str(source) for source in (REPOSITORY / "Sources/C/CSandbox").glob("*.c"))
    include = f"-I{REPOSITORY / 'Sources/C/CSandbox/include'}"
    subprocess.run([compiler(), "-shared", "-fPIC", include, *sources, "-o", str(path)], check=True, timeout=120)
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
        "assert not has_landlock or refused(lambda: os.rename(folder + b'/read/file', folder + b'/read/other')) is None",
        "assert not has_landlock or refused("
        "lambda: os.rename(folder + b'/read/file', folder + b'/write/file'), OSError) is None",
        "refused(lambda: os.symlink('/etc/passwd', folder + b'/write/link'))",
        "refused(lambda: os.link(folder + b'/read/file', folder + b'/write/link'))",
        "refused(lambda: os.mknod(folder + b'/write/node'))",
        "refused(lambda: os.mkfifo(folder + b'/write/pipe'))",
        "refused(lambda: os.setpriority(os.PRIO_PROCESS, parent, 10))",
        "refused(lambda: os.sched_setaffinity(parent, {0}))",
        "refused(lambda: mmap.mmap(-1, 4096))",
    ],
)
def test_refused(library: Path, tmp_path: Path, script: str) -> None:
    result = run(library, tmp_path, script)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["read/file", "write/mine"])
@pytest.mark.parametrize(
    "change",
    [
        "os.chmod(path, 0o777)",
        "os.fchmod(file, 0o777)",
        "os.chmod(name, 0o777, dir_fd=folder_file)",
        "os.chown(path, os.getuid(), os.getgid())",
        "os.lchown(path, os.getuid(), os.getgid())",
        "os.fchown(file, os.getuid(), os.getgid())",
        "os.setxattr(path, 'user.name', b'value')",
        "os.setxattr(path, 'user.name', b'value', follow_symlinks=False)",
        "os.setxattr(file, 'user.name', b'value')",
        "os.removexattr(path, 'user.name')",
        "os.removexattr(file, 'user.name')",
        "os.utime(path)",
        "os.utime(path, (0, 0), follow_symlinks=False)",
        "os.utime(file, (0, 0))",
        # Flags such as "may not be changed" are set through a file that is open for reading.
        "fcntl.ioctl(file, 0x40086602, 16)",
        "fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)",
        "fcntl.fcntl(file, fcntl.F_NOTIFY, fcntl.DN_MODIFY)",
        "os.truncate(path, 0)",
        "os.open(path, os.O_RDONLY | os.O_TRUNC)",
        "os.open(path, os.O_RDWR | os.O_WRONLY | os.O_TRUNC)",
    ],
)
def test_files_stay_as_they_are(library: Path, tmp_path: Path, name: str, change: str) -> None:
    """Neither what is read nor what is written changes in anything but its bytes."""
    for file in ("read/file", "write/mine"):
        (tmp_path / file).parent.mkdir()
        (tmp_path / file).write_text("mine")
    script = f"""
name = {name!r}
path = os.path.join(os.fsdecode(folder), name)
file, folder_file = os.open(path, os.O_RDONLY), os.open(folder + b"/read", os.O_RDONLY)
before = os.stat(path)
refused(lambda: {change}, OSError)
assert os.stat(path) == before, (before, os.stat(path))
"""
    result = run(library, tmp_path, script)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "script",
    [
        # The kernel sends any signal to any process of the same user when a file is ready.
        "refused(lambda: fcntl.fcntl(0, fcntl.F_SETOWN, parent))",
        "refused(lambda: fcntl.fcntl(0, 10, 9))",
        "refused(lambda: fcntl.ioctl(0, 0x8901, struct.pack('i', parent)), OSError)",
        # Death with the server cannot be undone.
        "assert ctypes.CDLL(None, use_errno=True).prctl(1, 0, 0, 0, 0) == -1 and ctypes.get_errno() == 1",
        "assert ctypes.CDLL(None, use_errno=True).prctl(4, 1, 0, 0, 0) == -1 and ctypes.get_errno() == 1",
    ],
)
def test_no_way_around(library: Path, tmp_path: Path, script: str) -> None:
    result = run(library, tmp_path, "import struct\n" + script)
    assert result.returncode == 0, result.stderr


# Calls that a confined process has, in groups by why. Every other call of the kernel's headers is refused; one that is new
# in them belongs here or into Sources/C/CSandbox/filter.c.
ALLOWED_CALLS = {
    "files, as far as Landlock lets them be opened or named": """
        access chdir close close_range copy_file_range creat dup dup2 dup3 faccessat faccessat2 fadvise64 fallocate fchdir
        fcntl fdatasync flock fstat fstatfs fsync ftruncate getcwd getdents getdents64 lseek lstat mkdir mkdirat newfstatat
        open openat pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink readlinkat readv rename
        renameat renameat2 rmdir sendfile stat statfs statx sync_file_range umask unlink unlinkat write writev
        cachestat""",
    "attributes, read only": "fgetxattr flistxattr getxattr lgetxattr listxattr llistxattr",
    "memory of its own": """
        brk get_mempolicy madvise mbind membarrier mincore mlock mlock2 mlockall mmap mprotect mremap msync munlock
        munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages set_mempolicy set_mempolicy_home_node shmdt""",
    "threads, waiting and time": """
        alarm clock_getres clock_gettime clock_nanosleep clone epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2
        epoll_wait eventfd eventfd2 exit exit_group futex futex_waitv get_robust_list getcpu getitimer gettimeofday nanosleep
        pause pipe pipe2 poll ppoll pselect6 restart_syscall rseq sched_yield select set_robust_list set_tid_address
        setitimer time timer_create timer_delete timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime
        timerfd_settime times wait4 waitid""",
    "signals to itself": """
        rt_sigaction rt_sigpending rt_sigprocmask rt_sigreturn rt_sigsuspend rt_sigtimedwait sigaltstack signalfd signalfd4
        tgkill""",
    "what it is and has": """
        arch_prctl capget getegid geteuid getgid getgroups getpeername getpgid getpgrp getpid getppid getpriority getrandom
        getresgid getresuid getrlimit getrusage getsid getsockname getsockopt gettid getuid ioprio_get prlimit64
        sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam sched_getscheduler
        sched_rr_get_interval sysinfo uname""",
    "less rights than it has": "landlock_add_rule landlock_create_ruleset landlock_restrict_self seccomp",
}


def test_every_other_call_of_the_kernel_is_refused(library: Path, tmp_path: Path) -> None:
    headers = subprocess.run(
        [compiler(), "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", os.devnull],
        check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    numbers = {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)$", headers, re.MULTILINE)}
    assert len(numbers) > 250, headers[:1000]
    # The headers may be older than the kernel.
    numbers |= {"fchmodat2": 452, "setxattrat": 463, "removexattrat": 466, "open_tree_attr": 467, "file_setattr": 469}
    allowed = {name for group in ALLOWED_CALLS.values() for name in group.split()}
    refused = {name: number for name, number in numbers.items() if name not in allowed}
    script = f"""
library = ctypes.CDLL(None, use_errno=True)
taken = []
for name, number in {refused!r}.items():
    nothing = [ctypes.c_long(-1)] * 6
    answer = library.syscall(ctypes.c_long(number), *nothing)
    # Terminals are what ioctl() says there are none of.
    if answer != -1 or ctypes.get_errno() not in (1, 38, *([25] if name == "ioctl" else [])):
        taken.append((name, answer, ctypes.get_errno()))
assert not taken, taken
"""
    result = run(library, tmp_path, script)
    assert result.returncode == 0, result.stderr


def test_other_threads_are_noticed(library: Path, tmp_path: Path) -> None:
    """Landlock keeps only the thread that asks from files."""
    script = """
import ctypes, errno, sys, threading
sandbox = ctypes.CDLL(sys.argv[1])
end = threading.Event()
threading.Thread(target=end.wait).start()
assert sandbox.sextant_confine_begin() == 0
answer = sandbox.sextant_confine_files(None, 0, None, 0)
end.set()
assert answer == errno.EBUSY, answer
"""
    arguments = [sys.executable, "-c", script, str(library)]
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


def test_a_process_starts_with_nothing_open(library: Path) -> None:
    """Not even what was left open for programs."""
    script = """
import ctypes, os, sys
sandbox = ctypes.CDLL(sys.argv[1])
os.set_inheritable(os.open("/etc/hostname", os.O_RDONLY), True)
os.dup2(os.open("/etc/hostname", os.O_RDONLY), 200)
words = (ctypes.c_char_p * 3)(b"/bin/ls", b"/proc/self/fd", None)
variables = (ctypes.c_char_p * 1)(None)
process, input, output = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
assert sandbox.sextant_spawn(
    b"/bin/ls", words, variables, ctypes.byref(process), ctypes.byref(input), ctypes.byref(output)) == 0
assert os.waitpid(process.value, 0)[1] == 0
# The last one is the folder that is being listed.
assert os.read(output.value, 1000).split() == [b"0", b"1", b"2", b"3"]
"""
    arguments = [sys.executable, "-c", script, str(library)]
    result = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr


def test_what_a_computation_needs_is_there(library: Path, tmp_path: Path) -> None:
    script = """
open(folder + b"/read/file").close()
with open(folder + b"/write/spill", "wb") as file:
    file.write(b"x" * 1000)
    file.truncate(500)
    fcntl.lockf(file, fcntl.LOCK_EX)
assert os.path.getsize(folder + b"/write/spill") == 500
open(folder + b"/write/spill", "w").close()
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
