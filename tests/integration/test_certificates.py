"""A new certificate for a running server, and what tells whether a server is well."""

import os
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID, Server, review_body
from test_life import until


def good():
    return tokens.by_hand(keys.USER, CLUSTER_ID)


def arngate(arngate_bin, server, *words):
    return subprocess.run(
        [arngate_bin, *words, "--config", server.config_file], capture_output=True, text=True, timeout=60, check=False
    )


class Client:
    """One who knows certain CA certificates and asks over a new connection each time, until it is stopped."""

    def __init__(self, server, ca_pem):
        self.server = server
        self.context = ssl.create_default_context(cadata=ca_pem)
        self.answers = 0
        self.failures = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def ask(self):
        body = review_body(good())
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=30) as plain:
            with self.context.wrap_socket(plain, server_hostname="localhost") as tls:
                tls.sendall(
                    b"POST /authenticate HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body
                )
                answer = b""
                while piece := tls.recv(65536):
                    answer += piece
        assert b'"authenticated":true' in answer, answer
        return True

    def _run(self):
        while not self._stop.is_set():
            try:
                self.ask()
                self.answers += 1
            except Exception as error:
                self.failures.append(error)

    def stop(self):
        self._stop.set()
        self._thread.join()


def test_a_rotation_loses_no_review(arngate_bin, server):
    old = (server.state_dir / "cert.pem").read_text()
    old_client = Client(server, old)
    try:
        since = server.process.mark()
        done = arngate(arngate_bin, server, "cert", "rotate")
        assert done.returncode == 0, done.stderr
        server.process.wait_for("took a new certificate", since=since)
        until(lambda: old_client.answers > 20)
        both = (server.state_dir / "roots.pem").read_text()
        new_client = Client(server, both)
        try:
            until(lambda: new_client.answers > 20)
            # Everybody has read the new kubeconfig by now.
            old_client.stop()
            since = server.process.mark()
            done = arngate(arngate_bin, server, "cert", "rotate", "--finish")
            assert done.returncode == 0, done.stderr
            server.process.wait_for("took a new certificate", since=since)
            before = new_client.answers
            until(lambda: new_client.answers > before + 20)
        finally:
            new_client.stop()
    finally:
        old_client.stop()
    assert old_client.failures == []
    assert new_client.failures == []
    with pytest.raises(ssl.SSLError):
        old_client.ask()


def test_open_connections_go_on_with_a_new_certificate(arngate_bin, server):
    connection = server.connection()
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b"ok"
    since = server.process.mark()
    assert arngate(arngate_bin, server, "cert", "rotate").returncode == 0
    server.process.wait_for("took a new certificate", since=since)
    connection.request("GET", "/healthz")
    assert connection.getresponse().read() == b"ok"
    connection.close()


def test_a_pair_that_does_not_belong_together_is_not_taken(server, tmp_path):
    fresh = tmp_path / "other"
    fresh.mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-days", "1", "-keyout",
         fresh / "key.pem", "-out", fresh / "cert.pem"],
        check=True, capture_output=True,
    )
    kept = Client(server, (server.state_dir / "cert.pem").read_text())
    since = server.process.mark()
    shutil.copy(fresh / "key.pem", server.state_dir / "key.new")
    os.replace(server.state_dir / "key.new", server.state_dir / "key.pem")
    server.process.wait_for("the new certificate cannot be used, the old one stays.*do not belong together", since=since)
    before = kept.answers
    until(lambda: kept.answers > before + 5)
    kept.stop()
    assert kept.failures == []

    shutil.copy(fresh / "cert.pem", server.state_dir / "cert.new")
    os.replace(server.state_dir / "cert.new", server.state_dir / "cert.pem")
    server.process.wait_for("took a new certificate", since=since)
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        context = ssl.create_default_context(cafile=fresh / "cert.pem")
        context.check_hostname = False
        with context.wrap_socket(plain) as tls:
            assert tls.getpeercert()["subject"] == ((("commonName", "x"),),)


def test_health_asks_the_server_of_the_configuration(arngate_bin, server):
    healthy = arngate(arngate_bin, server, "health")
    assert (healthy.returncode, healthy.stdout) == (0, "ok\n"), healthy.stderr
    verbose = subprocess.run(
        [arngate_bin, "health", f"--url=http://127.0.0.1:{server.health_port}/readyz?verbose"],
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert verbose.returncode == 0
    for check in ("shutdown", "mapping", "certificate"):
        assert f"[+]{check} ok" in verbose.stdout
    lost = subprocess.run(
        [arngate_bin, "health", f"--url=http://127.0.0.1:{server.health_port}/nowhere-to-be-found"],
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert lost.returncode == 0, "the health listener answers every path, as that of aws-iam-authenticator"
    server.stop()
    gone = arngate(arngate_bin, server, "health")
    assert gone.returncode == 1
    assert "not healthy" in gone.stderr


def test_the_service_manager_hears_of_start_and_stop(make_server, tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(path)
        manager.settimeout(30)
        server = make_server(env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "200000"})
        messages = [manager.recv(4096).decode()]
        assert messages[0].startswith("READY=1\nSTATUS=answers on https://127.0.0.1:")
        assert manager.recv(4096) == b"WATCHDOG=1\n"
        assert manager.recv(4096) == b"WATCHDOG=1\n"
        server.stop()
        while not messages[-1].startswith("STOPPING=1"):
            messages.append(manager.recv(4096).decode())
