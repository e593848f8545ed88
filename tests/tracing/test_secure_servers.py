"""A server behind TLS is known by the name that its user typed."""

import http.server
import json
import shutil
import ssl
import subprocess
import threading

import pytest

from fakes.journal_server import VERSION
from telltale.tracing.post import Away, Connection

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl to certify with")


class Greeting(http.server.BaseHTTPRequestHandler):
    """Says that Telltale is here."""

    def do_GET(self):
        body = json.dumps(VERSION).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture
def certified_for(tmp_path, monkeypatch):
    """Starts a server with a certificate for a name, which is trusted here; answers its port."""
    servers = []

    def start(name):
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        making = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
        named = ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
        kept = ["-keyout", key, "-out", certificate]
        subprocess.run([*making, *named, *kept], check=True, capture_output=True)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Greeting)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server.server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@needs_openssl
def test_localhost_is_dialled_by_number_and_known_by_name(certified_for):
    connection = Connection(f"https://localhost:{certified_for('localhost')}")

    connection.greet()
    connection.close()


@needs_openssl
def test_who_is_certified_for_another_name_is_not_spoken_to(certified_for):
    with pytest.raises(Away, match="localhost"):
        Connection(f"https://localhost:{certified_for('example.org')}").greet()
