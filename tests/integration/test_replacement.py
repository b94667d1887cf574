"""One server takes the place of another, and whoever asks meanwhile, over new connections, is answered."""

import subprocess
import threading

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID, Server
from harness.socket_unit import SocketUnit
from harness.webhook_client import WebhookClient
from test_life import until


class Callers:
    """kube-apiservers that ask again and again until they are stopped: some that keep their connection while it lasts, and
    some that begin anew with each review. What is to be repeated, and what not, is their own matter."""

    def __init__(self, binary, kubeconfig):
        self.answers = 0
        self.failures = []
        self._binary = binary
        self._kubeconfig = kubeconfig
        self._stop = threading.Event()
        work = (self._stay, self._stay, self._begin_anew, self._begin_anew)
        self._threads = [threading.Thread(target=one) for one in work]
        for thread in self._threads:
            thread.start()

    def _ask(self, client):
        result = client.ask(tokens.by_hand(keys.USER, CLUSTER_ID))
        if not result["authenticated"]:
            self.failures.append(result)
        self.answers += 1

    def _client(self):
        return WebhookClient(self._binary, self._kubeconfig, "-initial-backoff", "20ms")

    def _stay(self):
        client = self._client()
        while not self._stop.is_set():
            self._ask(client)
        client.stop()

    def _begin_anew(self):
        while not self._stop.is_set():
            client = self._client()
            self._ask(client)
            client.stop()

    def wait(self, answers):
        target = self.answers + answers
        until(lambda: self.answers >= target or self.failures)

    def stop(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()
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


@pytest.mark.go
def test_no_review_meets_a_closed_port_while_a_server_is_replaced(start, webhook_client_bin):
    server = start()
    callers = Callers(webhook_client_bin, server.kubeconfig)
    try:
        for _ in range(4):
            callers.wait(20)
            newer = start(port=server.port)
            callers.wait(20)
            assert server.stop() == 0
            server = newer
        callers.wait(20)
    finally:
        callers.stop()


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


@pytest.mark.go
def test_reviews_wait_in_the_service_managers_socket_while_a_server_restarts(
    start, arngate_bin, webhook_client_bin, tmp_path
):
    unit = SocketUnit(tmp_path, arngate_bin)
    try:
        def launched():
            return start(unit.program, port=unit.port, shared=False, env=unit.environment, pass_fds=unit.pass_fds)

        server = launched()
        callers = Callers(webhook_client_bin, server.kubeconfig)
        try:
            for _ in range(3):
                callers.wait(20)
                assert server.stop() == 0
                server = launched()
            callers.wait(20)
        finally:
            callers.stop()
    finally:
        unit.close()
