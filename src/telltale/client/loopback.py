"""`localhost` is IPv4 first, as for our SDK.

macOS resolves it to ::1 first, where its AirPlay service answers on port 5000.
"""

import httpx2


class LoopbackFirst(httpx2.HTTPTransport):
    """Connects to 127.0.0.1 where `localhost` is meant, and to ::1 if nobody is there.

    It takes no proxy: one from the environment cannot reach our loopback, and must not see it.
    """

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request; its `Host` stays what was given."""
        if request.url.host != "localhost":
            return super().handle_request(request)
        given = request.url
        try:
            request.url = given.copy_with(host="127.0.0.1")
            return super().handle_request(request)
        except httpx2.ConnectError:
            request.url = given.copy_with(host="::1")
            return super().handle_request(request)
