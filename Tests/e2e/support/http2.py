"""HTTP/2 frame by frame, for clients that do not behave."""

import contextlib
import socket
import ssl
import time
from collections import Counter
from collections.abc import Iterator

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes

from .server import Sextant

RECEIVE_BYTES = 64 * 1024


class Multiplexed:
    """One connection; what comes is read only when it is asked for."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.h2 = H2Connection(H2Configuration(client_side=True))
        self.statuses: Counter[int] = Counter()
        self.bytes: Counter[int] = Counter()
        self.ended: set[int] = set()
        self.reset: set[int] = set()
        self.h2.initiate_connection()

    def window(self, size: int) -> None:
        """What the server may send of each stream before it is told to go on, and at least as much of all."""
        self.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: size})
        if size > self.h2.inbound_flow_control_window:
            self.h2.increment_flow_control_window(size - self.h2.inbound_flow_control_window)
        self.send()

    def get(self, path: str) -> int:
        stream: int = self.h2.get_next_available_stream_id()
        head = [(":method", "GET"), (":path", path), (":scheme", "https"), (":authority", "localhost")]
        self.h2.send_headers(stream, head, end_stream=True)
        return stream

    def send(self) -> None:
        self.socket.sendall(self.h2.data_to_send())

    def read(self, seconds: float, acknowledge: bool = True) -> bool:
        """Takes what comes next; false when the connection has ended, or nothing came."""
        self.socket.settimeout(seconds)
        try:
            received = self.socket.recv(RECEIVE_BYTES)
        except (TimeoutError, ConnectionResetError):
            return False
        for event in self.h2.receive_data(received):
            if isinstance(event, ResponseReceived):
                self.statuses[int(dict(event.headers)[b":status"])] += 1
            elif isinstance(event, DataReceived):
                self.bytes[event.stream_id] += len(event.data)
                if acknowledge:
                    self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            elif isinstance(event, StreamEnded):
                self.ended.add(event.stream_id)
            elif isinstance(event, StreamReset):
                self.reset.add(event.stream_id)
        with contextlib.suppress(OSError):
            self.send()
        return bool(received)

    def read_until(self, done: int, seconds: float = 60) -> None:
        """Reads until so many streams are answered, or over."""
        deadline = time.monotonic() + seconds
        while self.statuses.total() + len(self.reset) < done:
            assert time.monotonic() < deadline, f"{self.statuses} and {len(self.reset)} resets of {done}"
            self.read(1)


@contextlib.contextmanager
def connect(server: Sextant) -> Iterator[Multiplexed]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        with context.wrap_socket(connection) as secure:
            yield Multiplexed(secure)
