"""The daemon's calls to STS over HTTP/2: many at once on few connections, and whatever happens to those."""

import json
import shutil
import signal
import subprocess

import pytest

from harness import keys, tokens
from harness.fake_sts import FakeSts
from harness.raw_http2 import END_STREAM, RawHttp2, data, post, window_update
from harness.server import CLUSTER_ID, free_port, review_body

STREAMS = 200


def different(count):
    """So many tokens of one user."""
    return [tokens.by_hand(keys.USER, CLUSTER_ID, expires=str(60 + i)) for i in range(count)]


class Reviews:
    """Sends reviews at once, over as many connections as that takes."""

    def __init__(self, server, all_tokens):
        self.connections = []
        for first in range(0, len(all_tokens), STREAMS):
            part = all_tokens[first : first + STREAMS]
            connection = RawHttp2(server)
            connection.send(window_update(0, 2**30))
            for i, token in enumerate(part):
                connection.send(post(1 + 2 * i), data(1 + 2 * i, review_body(token), END_STREAM))
            self.connections.append((connection, len(part)))

    def granted(self):
        """How many were, when all are answered."""
        count = 0
        for connection, expected in self.connections:
            assert connection.read_until(lambda seen: len(seen.ended) == expected)
            for body in connection.seen.bodies.values():
                count += json.loads(body)["status"].get("authenticated", False)
            connection.close()
        return count


def test_many_calls_share_a_connection(make_server, fake_sts):
    server = make_server({"server": {"threads": 1}})
    fake_sts.faults(hold=True)
    reviews = Reviews(server, different(100))
    fake_sts.wait_until("held", 100)
    assert server.metric("arngate_https_streams_open") == 100
    fake_sts.faults()
    assert reviews.granted() == 100
    stats = fake_sts.stats()
    assert stats["connections"] == stats["http2_handshakes"] == 1
    assert stats["outcomes"] == {"granted": 100}
    assert server.metric("arngate_https_streams_open") == 0


def test_http2_can_be_switched_off(make_server, fake_sts):
    server = make_server({"sts": {"http2": False}})
    fake_sts.faults(hold=True)
    reviews = Reviews(server, different(20))
    fake_sts.wait_until("held", 20)
    fake_sts.faults()
    assert reviews.granted() == 20
    stats = fake_sts.stats()
    assert stats["connections"] == 20
    assert stats["http2_handshakes"] == 0


@pytest.mark.parametrize(("flag", "http2"), [("--http1-only", False), ("--http2-only", True)])
def test_sts_decides(make_server, fake_sts_bin, tmp_path, flag, http2):
    other = FakeSts(fake_sts_bin, tmp_path / "other-sts", keys.ALL, flag)
    try:
        server = make_server({"sts": {"caFile": other.ca_file, "connectTo": [other.connect_to]}})
        assert Reviews(server, different(30)).granted() == 30
        assert bool(other.stats()["http2_handshakes"]) == http2
    finally:
        other.stop()


def test_as_many_calls_as_may_be_and_more_reviews(make_server, fake_sts):
    server = make_server({"server": {"threads": 2}})
    first, *others = different(601)
    assert server.review(first).authenticated  # for whom STS has proven nobody has a share of the calls only
    fake_sts.faults(hold=True)
    reviews = Reviews(server, others)
    fake_sts.wait_until("held", 512)
    fake_sts.faults()
    assert reviews.granted() == 600
    stats = fake_sts.stats()
    assert stats["outcomes"] == {"granted": 601}
    assert stats["connections"] <= 6  # 250 calls each, from two event loops


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("throttle", "Throttling"),
        ("internal_failure", "InternalFailure"),
        ("service_unavailable", "ServiceUnavailable"),
        *((kind, kind) for kind in ("reset_before", "reset_mid", "half_body", "reset_stream", "goaway")),
    ],
)
def test_a_fault_costs_no_review(server, fake_sts, kind, outcome):
    assert Reviews(server, different(1)).granted() == 1
    fake_sts.faults({"kind": kind, "times": 2})
    assert Reviews(server, different(11)[1:]).granted() == 10
    assert fake_sts.stats()["outcomes"][outcome] == 2


def test_connections_that_go_away_again_and_again(server, fake_sts):
    first, *others = different(201)
    assert server.review(first).authenticated
    fake_sts.faults({"kind": "goaway", "every": 60})
    assert Reviews(server, others).granted() == 200


def test_an_sts_that_falls_silent_is_given_up_and_found_again(make_server, fake_sts):
    server = make_server({"sts": {"reviewTimeout": "2s", "attemptTimeout": "500ms", "connectTimeout": "500ms"}})
    first, second, third = different(3)
    assert server.review(first).authenticated
    fake_sts.process.send_signal(signal.SIGSTOP)
    try:
        assert not server.review(second).authenticated
    finally:
        fake_sts.process.send_signal(signal.SIGCONT)
    assert server.review(third).authenticated
    assert server.metric("arngate_https_streams_open") == 0


NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    large_client_header_buffers 8 32k;
    keepalive_requests 50;
    http2_max_concurrent_streams 16;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {certificates}/cert.pem;
        ssl_certificate_key {certificates}/key.pem;
        location / {{ proxy_pass https://127.0.0.1:{sts}; proxy_set_header Host $http_host; }}
    }}
}}
"""


@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed (scripts/install-deps bench)")
def test_nginx_in_front_of_sts(make_server, fake_sts, tmp_path):
    """It takes 16 requests at once, and ends each connection after 50 (GOAWAY)."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    port = free_port()
    config = folder / "nginx.conf"
    text = NGINX.format(folder=folder, port=port, certificates=fake_sts.directory, sts=fake_sts.port)
    config.write_text(text)
    nginx = subprocess.Popen(["nginx", "-p", folder, "-c", config], stderr=subprocess.DEVNULL)
    try:
        server = make_server({"server": {"threads": 1}, "sts": {"connectTo": [f"::127.0.0.1:{port}"]}})
        assert Reviews(server, different(400)).granted() == 400
        opened = server.metric("arngate_https_connections_opened_total")
        assert 8 <= opened <= 40
    finally:
        nginx.terminate()
        nginx.wait(30)
