"""A fault of the program ends it at once, by the signal, with what happened in the log."""

import signal

import pytest

from support.client import Client
from support.polling import wait_until
from support.server import STOP_SECONDS, Launch

FAULTS = [signal.SIGILL, signal.SIGSEGV, signal.SIGABRT]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_told_and_ends_the_process(launch: Launch, fault: signal.Signals) -> None:
    server = launch(environment={"SWIFT_BACKTRACE": ""})
    client: Client = server.client()
    client.track("ann", "paid")
    assert server.process is not None
    server.process.send_signal(fault)
    assert server.process.wait(timeout=STOP_SECONDS) == -fault
    server.process = None
    log = server.log_tail()
    assert f"sextant crashed with {fault.name}" in log and "addr2line" in log, log
    # The Swift runtime's own report would have read the program's symbols for many seconds.
    assert "Backtrace took" not in log and "Program crashed" not in log, log
    server.start()
    wait_until(lambda: client.count_events() == 1, "the event")
