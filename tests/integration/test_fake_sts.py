"""The fake STS itself over its sockets: what its faults look like to a client."""

import http.client
import socket
import ssl

import pytest

from harness import keys, tokens
from harness.fake_sts import FakeSts
from harness.http2 import Http2

CLUSTER_ID = "a-cluster"


def ask(fake_sts, token, accept="application/json", cluster_id=CLUSTER_ID):
    """Status, headers and body of one request, as the daemon would send it."""
    host, _, target = tokens.decode(token)[len("https://") :].partition("/")
    context = ssl.create_default_context(cafile=fake_sts.ca_file)
    plain = socket.create_connection(("127.0.0.1", fake_sts.port), timeout=30)
    connection = http.client.HTTPConnection(host)
    connection.sock = context.wrap_socket(plain, server_hostname=host)
    try:
        connection.request("GET", "/" + target, headers={"x-k8s-aws-id": cluster_id, "accept": accept})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


@pytest.fixture
def token():
    return tokens.by_hand(keys.USER, CLUSTER_ID)


def test_proper_answers(fake_sts, token):
    status, headers, body = ask(fake_sts, token)
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert headers["x-amzn-RequestId"].encode() in body
    assert keys.USER.arn.encode() in body
    status, headers, body = ask(fake_sts, token, accept="text/xml")
    assert status == 200
    assert headers["Content-Type"] == "text/xml"
    assert f"<Arn>{keys.USER.arn}</Arn>".encode() in body


@pytest.mark.parametrize(
    "host", ["sts.cn-north-1.amazonaws.com.cn", "sts-fips.us-east-1.amazonaws.com", "sts.us-gov-west-1.api.aws"]
)
def test_its_certificate_names_every_partition(fake_sts, host):
    region = host.split(".")[1]
    assert ask(fake_sts, tokens.by_hand(keys.USER, CLUSTER_ID, region=region, host=host))[0] == 200


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("throttle", 400, b"Throttling"),
        ("internal_failure", 500, b"InternalFailure"),
        ("service_unavailable", 503, b"ServiceUnavailable"),
    ],
)
def test_errors(fake_sts, token, kind, status, code):
    fake_sts.faults({"kind": kind})
    answer = ask(fake_sts, token)
    assert answer[0] == status
    assert code in answer[2]


@pytest.mark.parametrize("kind", ["reset_before", "reset_mid", "half_body"])
def test_connections_that_break(fake_sts, token, kind):
    fake_sts.faults({"kind": kind})
    with pytest.raises((OSError, http.client.HTTPException)):
        ask(fake_sts, token)
    assert fake_sts.stats()["outcomes"] == {kind: 1}


def test_odd_bodies(fake_sts, token):
    fake_sts.faults({"kind": "wrong_content_type", "times": 1}, {"kind": "huge_body", "bytes": 200000, "times": 1})
    assert ask(fake_sts, token)[1]["Content-Type"] == "text/html"
    assert len(ask(fake_sts, token)[2]) > 200000
    fake_sts.faults({"kind": "redirect"})
    status, headers, _ = ask(fake_sts, token)
    assert status == 301
    assert headers["Location"] == "https://localhost/"
    fake_sts.faults({"kind": "slow_body", "delay_ms": 0})
    assert ask(fake_sts, token)[0] == 200


def test_keys_added_later(fake_sts):
    key = keys.Key("AKIALATEREXAMPLE0000", "secret", "123456789012", "arn:aws:iam::123456789012:user/Late", "AIDALATE")
    token = tokens.by_hand(key, CLUSTER_ID)
    assert ask(fake_sts, token)[0] == 403
    fake_sts.add_keys(key)
    assert ask(fake_sts, token)[0] == 200


def test_many_threads(fake_sts_bin, tmp_path, token):
    fake = FakeSts(fake_sts_bin, tmp_path / "sts", keys.ALL, "--threads", "4")
    try:
        assert [ask(fake, token)[0] for _ in range(20)] == [200] * 20
        assert fake.stats()["outcomes"] == {"granted": 20}
    finally:
        assert fake.stop() == 0


@pytest.fixture
def over_http2(fake_sts):
    """Sends the request of a token; the connection and the stream."""
    connections = []

    def send(token, connection=None, accept="application/json"):
        host, _, target = tokens.decode(token)[len("https://") :].partition("/")
        if connection is None:
            connection = Http2(fake_sts, host=host)
            connections.append(connection)
        headers = [("x-k8s-aws-id", CLUSTER_ID), ("accept", accept)]
        return connection, connection.request("GET", "/" + target, headers=headers)

    yield send
    for connection in connections:
        connection.close()


def test_http2_is_judged_as_http11_is(fake_sts, over_http2, token):
    connection, stream = over_http2(token)
    status, body = connection.answer(stream)
    assert status == 200
    assert keys.USER.arn.encode() in body
    _, forged = over_http2(tokens.flip_signature(token), connection)
    assert connection.answer(forged)[0] == 403
    elsewhere, stream = over_http2(tokens.by_hand(keys.USER, "another-cluster"))
    assert elsewhere.answer(stream)[0] == 403
    stats = fake_sts.stats()
    assert stats["http2_handshakes"] == stats["connections"] == 2
    assert stats["outcomes"] == {"granted": 1, "SignatureDoesNotMatch": 2}


def test_http2_answers_many_at_once(fake_sts, over_http2, token):
    connection, first = over_http2(token)
    fake_sts.faults(hold=True)
    streams = [first, *(over_http2(token, connection)[1] for _ in range(249))]
    connection.flush()
    fake_sts.wait_until("held", 250)
    fake_sts.faults()
    assert [connection.answer(stream)[0] for stream in streams] == [200] * 250
    assert fake_sts.stats()["connections"] == 1


@pytest.mark.parametrize("kind", ["reset_before", "reset_mid", "half_body"])
def test_http2_connections_that_break(fake_sts, over_http2, token, kind):
    fake_sts.faults({"kind": kind})
    connection, stream = over_http2(token)
    with pytest.raises((OSError, AssertionError)):
        connection.answer(stream)
    status, body, complete = connection.answers[stream]
    assert not complete
    if kind == "reset_before":
        assert status is None
    elif kind == "half_body":
        assert status == 200
        assert len(body) > 0
    assert fake_sts.stats()["outcomes"] == {kind: 1}


def test_http2_streams_and_connections_that_end_in_order(fake_sts, over_http2, token):
    fake_sts.faults({"kind": "reset_stream", "times": 1}, {"kind": "goaway", "every": 2})
    connection, stream = over_http2(token)
    connection.read_until(lambda: connection.resets.get(stream) == 2)
    _, answered = over_http2(token, connection)
    assert connection.answer(answered)[0] == 200
    _, left_out = over_http2(token, connection)
    with pytest.raises(AssertionError, match="the connection ended"):
        connection.answer(left_out)
    assert connection.goaways == [0]
    assert connection.last_streams == [answered]


def test_http2_odd_bodies(fake_sts, over_http2, token):
    fake_sts.faults({"kind": "huge_body", "bytes": 200000, "times": 1}, {"kind": "redirect", "times": 1})
    connection, stream = over_http2(token)
    assert len(connection.answer(stream)[1]) > 200000
    assert connection.answer(over_http2(token, connection)[1]) == (301, b"")
    fake_sts.faults({"kind": "slow_body", "delay_ms": 0})
    assert b":user/Somebody" in connection.answer(over_http2(token, connection)[1])[1]


@pytest.mark.parametrize(("flag", "http2", "http11"), [("--http1-only", False, True), ("--http2-only", True, False)])
def test_one_version_alone(fake_sts_bin, tmp_path, token, flag, http2, http11):
    fake = FakeSts(fake_sts_bin, tmp_path / "sts", keys.ALL, flag)
    try:
        connection = Http2(fake, protocols=("h2", "http/1.1"), host="sts.us-east-1.amazonaws.com")
        assert connection.protocol == ("h2" if http2 else "http/1.1")
        connection.close()
        if http11:
            assert ask(fake, token)[0] == 200
        else:
            with pytest.raises((OSError, http.client.HTTPException)):
                ask(fake, token)
    finally:
        assert fake.stop() == 0
