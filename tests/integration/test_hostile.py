"""Bytes that no client of good will sends. Whatever comes, the server stays up and serves the next caller."""

import json
import random
import socket
import struct

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID, review_body


def connect(server, tls=True):
    plain = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    return server.tls().wrap_socket(plain, server_hostname="localhost") if tls else plain


def send(server, data, *, tls=True, half_close=False):
    """All that the server says to these bytes, until it closes or falls silent for lack of more."""
    with connect(server, tls) as stream:
        answer = b""
        try:
            stream.sendall(data)
            if half_close:
                stream.shutdown(socket.SHUT_WR)
            while chunk := stream.recv(65536):
                answer += chunk
        except (ConnectionError, OSError):
            pass  # a reset is an answer, too
        return answer


def is_alive(server):
    return server.process.running() and server.review(tokens.by_hand(keys.USER, CLUSTER_ID)).authenticated


def post(body, *headers):
    lines = ["POST /authenticate HTTP/1.1", "Host: localhost", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


BODY = b'{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"x"}}'

HTTP = {
    "nonsense": (b"\x00\x01\x02\x03\r\n\r\n", b"400"),
    "no version": (b"GET /\r\n\r\n", b"400"),
    "bad version": (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", b"505"),
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", b"400"),
    "blank in a name": (b"GET /healthz HTTP/1.1\r\nHost: a\r\nbad name: x\r\n\r\n", b"400"),
    "length and chunks": (post(BODY, f"Content-Length: {len(BODY)}", "Transfer-Encoding: chunked"), b"400"),
    "two lengths": (post(BODY, f"Content-Length: {len(BODY)}", "Content-Length: 1"), b"400"),
    "negative length": (post(BODY, "Content-Length: -1"), b"400"),
    "length past all numbers": (post(BODY, "Content-Length: 99999999999999999999999"), b"400"),
    "bad chunk": (post(b"zz\r\nabc\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), b"400"),
    "body past the limit": (post(b"x" * 70000, "Content-Length: 70000"), b"413"),
    "announced past the limit": (post(b"", "Content-Length: 1000000000"), b"413"),
    "chunks past the limit": (post(b"12000\r\n" + b"x" * 0x12000 + b"\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), b"413"),
    "head past the limit": (b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 20000 + b"\r\n\r\n", b"431"),
}


@pytest.mark.parametrize("name", HTTP)
def test_http(server, name):
    data, status = HTTP[name]
    answer = send(server, data)
    # A server that resets because more came than it reads may lose its own answer on the way.
    assert answer == b"" or answer.split(b" ")[1] == status
    assert is_alive(server)


JSON = {
    "empty": b"",
    "blank": b" ",
    "array": b"[]",
    "text": b'"x"',
    "number": b"7",
    "cut": BODY[:-1],
    "trailing": BODY + b"x",
    "NUL": b"\0" * 100,
    "not UTF-8": BODY.replace(b'"x"', b'"\xff\xfe"'),
    "token a number": BODY.replace(b'"x"', b"7"),
    "token an object": BODY.replace(b'"x"', b'{"a":[]}'),
    "spec a text": b'{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":"x"}',
    "nested deep": b"[" * 30000 + b"]" * 30000,
    "lone surrogate": BODY.replace(b'"x"', b'"\\ud800"'),
}


@pytest.mark.parametrize("name", JSON)
def test_json(server, name):
    body = JSON[name]
    answer = server.request("POST", "/authenticate", body, {"Content-Type": "application/json"})
    assert answer.status in (200, 400)
    assert not answer.authenticated
    assert is_alive(server)


def test_random_bodies(server):
    generator = random.Random(20260102)
    connection = server.connection()
    valid = review_body(tokens.by_hand(keys.USER, CLUSTER_ID, age_seconds=7))
    for turn in range(300):
        body = bytearray(valid)
        for _ in range(generator.randint(1, 8)):
            at = generator.randrange(len(body))
            choice = generator.randrange(3)
            if choice == 0:
                body[at] = generator.randrange(256)
            elif choice == 1:
                del body[at : at + generator.randint(1, 50)]
            else:
                body[at:at] = generator.randbytes(generator.randint(1, 50))
        connection.request("POST", "/authenticate", bytes(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status in (200, 400), turn
        if answer.will_close:
            connection.close()
    connection.close()
    assert is_alive(server)


def test_random_tokens(server, fake_sts):
    """Changed URLs are refused; whatever reaches STS there is refused there."""
    generator = random.Random(7)
    url = tokens.presigned_url(keys.USER, CLUSTER_ID)
    for _ in range(200):
        changed = list(url)
        changed[generator.randrange(len(changed))] = chr(generator.randrange(0x21, 0x7F))
        text = "".join(changed)
        if text == url:
            continue
        answer = server.review(tokens.encode(text))
        assert answer.status in (200, 503, 429)
        if answer.authenticated:
            # An escape has two spellings (%2f, %2F) that say the same; everything else is signed.
            assert text.lower() == url.lower()


def client_hello():
    body = b"\x03\x03" + b"\x11" * 32 + b"\x00" + struct.pack("!H", 2) + b"\x13\x01" + b"\x01\x00" + b"\x00\x00"
    handshake = b"\x01" + struct.pack("!I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake


TLS = {
    "nothing": b"",
    "nonsense": b"\xff" * 500,
    "plain HTTP": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "half a hello": client_hello()[:20],
    "a hello without a shared group": client_hello(),
    "a record of no known type": b"\x63\x03\x03\x00\x05hello",
    "a record past the limit": b"\x16\x03\x01\xff\xff" + b"x" * 65535,
    "an alert first": b"\x15\x03\x01\x00\x02\x02\x28",
    "SSL 2": b"\x80\x2e\x01\x00\x02" + b"\x00" * 44,
}


@pytest.mark.parametrize("name", TLS)
def test_tls(server, name):
    send(server, TLS[name], tls=False, half_close=True)
    assert is_alive(server)


def test_random_tls(server):
    generator = random.Random(11)
    for _ in range(100):
        send(server, generator.randbytes(generator.randint(1, 400)), tls=False, half_close=True)
    assert is_alive(server)


def test_closing_at_any_byte(server):
    data = post(BODY, f"Content-Length: {len(BODY)}")
    for size in range(0, len(data), 7):
        with connect(server) as stream:
            stream.sendall(data[:size])
    assert is_alive(server)


def test_pipelined_requests_are_answered_in_order(server):
    one = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    two = b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = send(server, one * 20 + two + last)
    statuses = [part.split(b" ")[1] for part in answer.split(b"HTTP/1.1")[1:]]
    assert statuses == [b"200"] * 20 + [b"404", b"200"]


def test_a_review_whose_caller_left(server, fake_sts):
    fake_sts.faults(hold=True)
    body = json.dumps(
        {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": tokens.by_hand(keys.USER, CLUSTER_ID, age_seconds=3)},
        }
    ).encode()
    stream = connect(server)
    stream.sendall(post(body, f"Content-Length: {len(body)}"))
    fake_sts.wait_until("held", 1)
    stream.close()
    fake_sts.faults()
    assert is_alive(server)
