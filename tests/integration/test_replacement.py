"""One server takes the place of another, and whoever asks meanwhile, over new connections, is answered."""

import ssl
import subprocess
import threading

import pytest

from harness import keys, tokens
from harness.http2 import Http2
from harness.server import CLUSTER_ID, Server, review_body
from harness.socket_unit import SocketUnit
from test_life import until

TRIES = 5  # as kube-apiserver


class Caller:
    """Asks over a new HTTP/2 connection each time until it is stopped, and repeats what kube-apiserver repeats: a
    connection that was reset, a request that a GOAWAY excludes. A closed port is a failure."""

    def __init__(self, port, tls):
        self.port = port
        self.tls = tls
        self.answers = 0
        self.failures = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def ask(self):
        """False: it has to be tried again."""
        connection = None
        try:
            connection = Http2(self)
            body = review_body(tokens.by_hand(keys.USER, CLUSTER_ID))
            stream = connection.request("POST", "/authenticate", body, [("content-type", "application/json")])
            while not connection.answers[stream][2]:
                if not connection.read():
                    assert connection.last_streams and connection.last_streams[-1] < stream, "the connection ended"
                    return False
            status, answer, _ = connection.answers[stream]
            assert status == 200 and b'"authenticated":true' in answer, answer
            return True
        except (ConnectionResetError, BrokenPipeError):
            return False
        except ssl.SSLError as error:
            # How OpenSSL reports a reset within the handshake.
            assert isinstance(error, ssl.SSLZeroReturnError) or "reset" in str(error).lower(), error
            return False
        finally:
            if connection is not None:
                connection.close()

    def _run(self):
        while not self._stop.is_set():
            try:
                if not any(self.ask() for _ in range(TRIES)):
                    self.failures.append(f"not answered in {TRIES} tries")
                self.answers += 1
            except Exception as error:  # noqa: BLE001: whatever it is, it is a review that was lost
                self.failures.append(error)

    def wait(self, answers):
        target = self.answers + answers
        until(lambda: self.answers >= target or self.failures)

    def stop(self):
        self._stop.set()
        self._thread.join()
        assert self.failures == []


@pytest.fixture
def start(arngate_bin, fake_sts, tmp_path):
    """Servers over one folder of certificates, the first at any port, the next where they are told."""
    servers = []

    def run(program=arngate_bin, port=None, shared=True, **more):
        changes = {"server": {"threads": 2, "reusePort": shared}}
        if port is not None:
            changes["server"]["port"] = port
        servers.append(Server(program, tmp_path / "server", fake_sts, changes, **more))
        if port is not None:
            servers[-1].port = port
        return servers[-1]

    yield run
    for one in servers:
        one.stop()


def test_no_review_meets_a_closed_port_while_a_server_is_replaced(start):
    server = start()
    caller = Caller(server.port, server.tls)
    try:
        for _ in range(4):
            caller.wait(5)
            newer = start(port=server.port)
            caller.wait(5)
            assert server.stop() == 0
            server = newer
        caller.wait(5)
    finally:
        caller.stop()


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (False, False)])
def test_a_port_is_shared_only_where_the_newcomer_says_so(start, arngate_bin, first, second):
    """The first one shares it in any case, with its own loops; so it is the second that must not slip in by mistake."""
    server = start(shared=first)
    if second:
        assert start(port=server.port, shared=True).review(tokens.by_hand(keys.USER, CLUSTER_ID)).authenticated
        return
    done = subprocess.run(
        [arngate_bin, "server", "--config", server.config_file, "--reuse-port=false", "--health-port=0"],
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode != 0
    assert f"cannot listen on 127.0.0.1:{server.port}: Address already in use" in done.stdout + done.stderr


def test_reviews_wait_in_the_service_managers_socket_while_a_server_restarts(start, arngate_bin, tmp_path):
    unit = SocketUnit(tmp_path, arngate_bin)
    try:
        def launched():
            return start(unit.program, port=unit.port, shared=False, env=unit.environment, pass_fds=unit.pass_fds)

        server = launched()
        caller = Caller(unit.port, server.tls)
        try:
            for _ in range(3):
                caller.wait(5)
                assert server.stop() == 0
                server = launched()
            caller.wait(5)
        finally:
            caller.stop()
    finally:
        unit.close()
