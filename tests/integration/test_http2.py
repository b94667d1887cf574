"""HTTP/2 on the webhook, with clients that are not ours: the `h2` package, curl, and nghttp2's where they are there."""

import json
import shutil
import signal
import ssl
import subprocess

import pytest

from harness import keys, tokens
from harness.http2 import Http2
from harness.server import CLUSTER_ID, review_body


@pytest.fixture
def connect():
    connections = []

    def make(server, **options):
        connections.append(Http2(server, **options))
        return connections[-1]

    yield make
    for connection in connections:
        connection.close()


def good(**changes):
    return tokens.by_hand(keys.USER, CLUSTER_ID, **changes)


def granted(answer):
    status, body = answer
    return status == 200 and json.loads(body)["status"].get("authenticated") is True


def test_reviews_over_one_connection(server, fake_sts, connect):
    client = connect(server)
    assert client.protocol == "h2"
    body = review_body(good())
    for _ in range(4):
        streams = [client.request("POST", "/authenticate", body) for _ in range(50)]
        client.flush()
        assert all(granted(client.answer(stream)) for stream in streams)
    assert fake_sts.requests() == 1
    assert server.metric("arngate_http_connections_total", protocol="h2") == 1
    assert client.goaways == []


def test_http11_is_chosen_by_those_who_want_it(server, connect):
    client = connect(server, protocols=("http/1.1",))
    assert client.protocol == "http/1.1"


def test_http2_can_be_switched_off(make_server, connect):
    server = make_server({"server": {"http2": False}})
    assert connect(server, protocols=("h2", "http/1.1")).protocol == "http/1.1"
    with pytest.raises(ssl.SSLError):
        connect(server, protocols=("h2",))


def test_a_waiting_review_holds_up_neither_pings_nor_others(server, fake_sts, connect):
    client = connect(server)
    fake_sts.faults(hold=True)
    waiting = client.request("POST", "/authenticate", review_body(good()))
    client.flush()
    fake_sts.wait_until("held", 1)
    client.ping()
    client.read_until(lambda: client.pings_answered == 1)
    assert client.answer(client.request("GET", "/healthz")) == (200, b"ok")
    assert not client.answers[waiting][2]
    fake_sts.faults()
    assert granted(client.answer(waiting))


def test_a_reset_review_is_not_answered_and_its_verdict_is_kept(server, fake_sts, connect):
    client = connect(server)
    token = good()
    fake_sts.faults(hold=True)
    given_up = client.request("POST", "/authenticate", review_body(token))
    client.flush()
    fake_sts.wait_until("held", 1)
    client.h2.reset_stream(given_up)
    client.flush()
    fake_sts.faults()
    assert granted(client.answer(client.request("POST", "/authenticate", review_body(token))))
    assert client.answers[given_up][0] is None
    assert fake_sts.requests() == 1


def curl(server, directory, *options):
    """A review sent by curl. A process, whose last line of output is the version of HTTP that it spoke."""
    (directory / "body.json").write_bytes(review_body(good()))
    command = ["curl", "--silent", "--cacert", server.state_dir / "cert.pem", "--data-binary", "@body.json", *options]
    command += ["--write-out", "\n%{http_version}", f"https://localhost:{server.port}/authenticate"]
    return subprocess.Popen(command, cwd=directory, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_loses_no_review(server, fake_sts, connect, tmp_path, number):
    idle = connect(server)
    assert idle.answer(idle.request("GET", "/healthz")) == (200, b"ok")
    fake_sts.faults(hold=True)
    waiting = curl(server, tmp_path, "--http2")
    fake_sts.wait_until("held", 1)
    server.process.send_signal(number)
    idle.read_until(lambda: idle.goaways)
    assert idle.goaways[0] == 0
    idle.close()
    fake_sts.faults()
    answer, version = waiting.communicate(timeout=60)[0].rsplit("\n", 1)
    assert json.loads(answer)["status"]["authenticated"]
    assert version == "2"
    assert server.process.wait() == 0


def test_limits_end_a_stream_not_the_connection(server, connect):
    client = connect(server)
    too_large = client.request("POST", "/authenticate", headers=[("content-length", "70000")], body=b"x" * 16384)
    assert client.answer(too_large)[0] == 413
    long_header = client.request("GET", "/healthz", headers=[(f"x{i}", "v" * 1000) for i in range(20)])
    assert client.answer(long_header)[0] == 431
    assert client.answer(client.request("GET", "/healthz")) == (200, b"ok")


@pytest.mark.parametrize(("option", "version"), [("--http2", "2"), ("--http1.1", "1.1")])
def test_curl(server, tmp_path, option, version):
    answer, spoken = curl(server, tmp_path, option).communicate(timeout=60)[0].rsplit("\n", 1)
    assert json.loads(answer)["status"]["authenticated"]
    assert spoken == version


@pytest.mark.skipif(not shutil.which("nghttp"), reason="nghttp is not installed (scripts/install-deps bench)")
def test_nghttp(server, tmp_path):
    (tmp_path / "body.json").write_bytes(review_body(good()))
    command = ["nghttp", "--no-verify-peer", "--data=body.json", "--multiply=40"]
    command += [f"https://127.0.0.1:{server.port}/authenticate"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=True)
    answers = done.stdout.count('"authenticated":true')
    assert answers == 40, done.stdout


@pytest.mark.skipif(not shutil.which("h2load"), reason="h2load is not installed (scripts/install-deps bench)")
def test_thousands_of_streams_on_one_connection(server, fake_sts, tmp_path):
    (tmp_path / "body.json").write_bytes(review_body(good()))
    assert server.request("GET", "/healthz").status == 200
    command = ["h2load", "--requests=10000", "--clients=1", "--max-concurrent-streams=100", "--data=body.json"]
    command += [f"https://127.0.0.1:{server.port}/authenticate"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True)
    assert "10000 succeeded, 0 failed, 0 errored, 0 timeout" in done.stdout, done.stdout
    assert fake_sts.requests() == 1
