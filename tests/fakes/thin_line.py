"""A line to a server that lets little through at a time, or nothing any more."""

import contextlib
import socket
import threading
import time
from typing import Self

PIECE_BYTES = 16 * 1024


class ThinLine:
    """Passes bytes on to a port of this machine, and back; by `with`."""

    def __init__(self, port: int, bytes_a_second: int, most_bytes: int = 1 << 40) -> None:
        self._to = ("127.0.0.1", port)
        self._bytes_a_second = bytes_a_second
        self._left = most_bytes
        self._stopping = threading.Event()
        self._listener = socket.socket()
        # What is on its way in buffers would make it wide.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, PIECE_BYTES)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.busy_s = 0.0
        """How long it took to let through what it has."""

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._stopping.set()
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._to)
                threading.Thread(target=self._pass_on, args=(client, server), daemon=True).start()
                threading.Thread(target=self._pass_back, args=(server, client), daemon=True).start()

    def _pass_on(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError), server:
            while data := client.recv(PIECE_BYTES):
                began_s = time.monotonic()
                self._left -= len(data)
                self._stopping.wait(len(data) / self._bytes_a_second if self._left > 0 else None)
                server.sendall(data)
                self.busy_s += time.monotonic() - began_s

    def _pass_back(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            while data := server.recv(PIECE_BYTES):
                client.sendall(data)
