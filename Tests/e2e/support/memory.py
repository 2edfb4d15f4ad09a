"""What a server takes of memory, as Linux tells it."""

from .server import Sextant


def _megabytes(server: Sextant, name: str) -> float:
    assert server.process is not None
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(f"{name}:")) / 1024


def peak_megabytes(server: Sextant) -> float:
    """The most since the start, or since it was forgotten."""
    return _megabytes(server, "VmHWM")


def resident_megabytes(server: Sextant) -> float:
    return _megabytes(server, "VmRSS")


def forget_peak(server: Sextant) -> None:
    assert server.process is not None
    with open(f"/proc/{server.process.pid}/clear_refs", "w") as reset:
        reset.write("5")
