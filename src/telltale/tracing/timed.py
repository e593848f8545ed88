"""An HTTP answer that has to be whole by a moment, however busily its bytes drip in."""

import http.client
import io
import socket
import time
from typing import Any


class TimedAnswer(http.client.HTTPResponse):
    """An answer that raises TimeoutError once its time is over."""

    def __init__(self, of: socket.socket, *args: Any, deadline: float, **more: Any) -> None:
        super().__init__(of, *args, **more)
        self.fp: Any = io.BufferedReader(_Timed(of, self.fp.detach(), deadline))


class _Timed(io.RawIOBase):
    """What a socket receives until a moment: its own time-out begins anew with every byte."""

    def __init__(self, of: socket.socket, file: io.RawIOBase, deadline: float) -> None:
        self._socket = of
        self._file = file
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            raise TimeoutError
        self._socket.settimeout(left_s)
        return self._file.readinto(buffer)

    def close(self) -> None:
        super().close()
        self._file.close()
