"""A server that begins to stream a chat completion and does not finish it."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Self

CHUNK = {
    "id": "chatcmpl-broken",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": "gpt-4.1-mini-2025-04-14",
    "choices": [{"index": 0, "delta": {"role": "assistant", "content": "So far"}}],
}
ERROR = {"error": {"message": "The engine is overloaded.", "type": "server_error"}}


class BrokenStream:
    """Says a few words, then an error if `with_word` is set, then hangs up."""

    def __init__(self, with_word: bool) -> None:
        events = [CHUNK, CHUNK, *([ERROR] if with_word else [])]

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                for event in events:
                    line = f"data: {json.dumps(event)}\n\n".encode()
                    self.wfile.write(b"%x\r\n%b\r\n" % (len(line), line))
                self.close_connection = True  # Without the last chunk, which says the end.

            def log_message(self, format: str, *args: object) -> None:
                """Quiet."""

        self._http = HTTPServer(("127.0.0.1", 0), Handler)
        self.base_url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> Self:
        Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._http.shutdown()
        self._http.server_close()
