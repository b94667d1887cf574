"""The fake STS itself over its sockets: what its faults look like to a client."""

import http.client
import socket
import ssl

import pytest

from harness import keys, tokens

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
    from harness.fake_sts import FakeSts

    fake = FakeSts(fake_sts_bin, tmp_path / "sts", keys.ALL, "--threads", "4")
    try:
        assert [ask(fake, token)[0] for _ in range(20)] == [200] * 20
        assert fake.stats()["outcomes"] == {"granted": 20}
    finally:
        assert fake.stop() == 0
