"""The processes that a server starts for its queries."""

from pathlib import Path

from .server import Sextant


def workers(server: Sextant) -> set[int]:
    """Their numbers, that of the one which waits for the next query included."""
    assert server.process is not None
    return {pid for pid in children_of(server.process.pid) if is_worker(pid)}


def running_queries(server: Sextant) -> set[int]:
    """Those that have begun with a query: the filter of system calls is what they put on last."""
    return {pid for pid in workers(server) if "Seccomp:\t2" in status_of(pid)}


def status_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return ""


def children_of(parent: int) -> set[int]:
    found = set()
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.add(int(folder.name))
    return found


def is_worker(pid: int) -> bool:
    try:
        return b"query-worker" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
