"""One call for many reviews, and what happens to reviews while STS refuses, fails or throttles."""

import json
import socket

import pytest

from harness import keys, tokens
from harness.http2 import Http2
from harness.server import CLUSTER_ID, review_body


def good(key=keys.USER, **changes):
    return tokens.by_hand(key, CLUSTER_ID, **changes)


def until(condition, limit=20_000):
    """Asks again and again; what it asks is itself a round trip, so nothing spins."""
    for _ in range(limit):
        if condition():
            return
    raise AssertionError("it did not happen in time")


class Http1:
    """Sends one review and reads its answer later."""

    def __init__(self, server, body):
        self.socket = server.tls().wrap_socket(
            socket.create_connection(("127.0.0.1", server.port), timeout=30), server_hostname="localhost"
        )
        head = f"POST /authenticate HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
        self.socket.sendall(head.encode() + b"Connection: close\r\n\r\n" + body)

    def answer(self):
        received = b""
        while part := self.socket.recv(65536):
            received += part
        self.socket.close()
        head, body = received.split(b"\r\n\r\n", 1)
        return int(head.split()[1]), body


def granted(answer):
    status, body = answer
    return status == 200 and json.loads(body)["status"].get("authenticated") is True


def test_a_thousand_reviews_of_a_new_token_on_all_loops_make_one_call(make_server, fake_sts):
    server = make_server({"server": {"threads": 4}})
    fake_sts.faults(hold=True)
    body = review_body(good())
    h2 = [Http2(server) for _ in range(8)]
    streams = []
    for client in h2:
        client.ping()
        client.read_until(lambda client=client: client.pings_answered == 1)  # and so the windows are known
        streams += [(client, client.request("POST", "/authenticate", body)) for _ in range(115)]
        client.flush()
    h1 = [Http1(server, body) for _ in range(80)]
    until(lambda: server.metric("arngate_reviews_pending") == 1000)
    fake_sts.faults()
    assert all(granted(client.answer(stream)) for client, stream in streams)
    assert all(granted(client.answer()) for client in h1)
    for client in h2:
        client.close()
    assert fake_sts.requests() == 1
    assert server.metric("arngate_single_flight_shared_total") == 999
    assert server.metric("arngate_reviews_pending") == 0


def test_what_sts_refused_is_refused_without_asking(server, fake_sts):
    bad = tokens.flip_signature(good())
    for _ in range(5):
        assert not server.review(bad).authenticated
    assert fake_sts.requests() == 1
    assert server.metric("arngate_refusals_reused_total") == 4
    assert server.metric("arngate_reviews_total", result="refused", reason="sts_denied") == 5
    assert server.review(good()).authenticated


def test_refusals_may_be_forgotten_at_once(make_server, fake_sts):
    server = make_server({"cache": {"refusalsTTL": "0s"}})
    bad = tokens.flip_signature(good())
    for _ in range(3):
        assert not server.review(bad).authenticated
    assert fake_sts.requests() == 3


@pytest.mark.parametrize("fault", ["throttle", "service_unavailable", "reset_before"])
def test_a_proven_token_stays_valid_while_sts_is_in_trouble(make_server, fake_sts, fault):
    server = make_server({"cache": {"ttl": "1s"}, "sts": {"maxAttempts": 1}})
    token = good()
    assert server.review(token).authenticated
    fake_sts.faults({"kind": fault})

    def is_stale():
        assert server.review(token).authenticated
        return server.metric("arngate_cache_stale_used_total") >= 1

    until(is_stale)
    assert not server.review(good(keys.ROLE)).authenticated
    server.process.wait_for(r"STS cannot be asked")
    server.process.wait_for(r"access granted.*stale=true|stale=true.*access granted")
    fake_sts.faults()
    until(lambda: server.review(token).authenticated and "STS answers again" in server.process.output)


def test_nothing_stays_valid_longer_where_that_is_switched_off(make_server, fake_sts):
    server = make_server({"cache": {"ttl": "1s", "staleWhileUnavailable": False}, "sts": {"maxAttempts": 1}})
    token = good()
    assert server.review(token).authenticated
    fake_sts.faults({"kind": "service_unavailable"})
    until(lambda: server.review(token).status == 503)


def test_an_endpoint_that_fails_is_left_alone_and_found_again(make_server, fake_sts):
    server = make_server({"sts": {"circuitFailures": 3, "maxAttempts": 1}})
    fake_sts.faults({"kind": "reset_before"})
    for _ in range(3):
        assert server.review(good(), timeout=30).status == 503
    server.process.wait_for(r"STS circuit.*state=open|state=open.*STS circuit")
    asked = fake_sts.requests()
    answer = server.review(good())
    assert answer.status == 503
    assert fake_sts.requests() == asked
    assert server.metric("arngate_sts_not_asked_total", why="circuit_open") >= 1
    fake_sts.faults()
    until(lambda: server.review(good()).authenticated)
    server.process.wait_for(r"STS circuit.*state=closed|state=closed.*STS circuit")
    assert server.metric("arngate_sts_circuit_state", endpoint="sts.us-east-1.amazonaws.com") == 0


def test_throttling_above_a_rate_refuses_nobody(server, fake_sts):
    """STS lets twenty calls a second through: the rate is learnt, and all get their turn."""
    fake_sts.faults({"kind": "throttle", "above_per_second": 20})
    client = Http2(server)
    streams = [client.request("POST", "/authenticate", review_body(good(expires=str(60 + i)))) for i in range(60)]
    client.flush()
    assert all(granted(client.answer(stream)) for stream in streams)
    client.close()
    assert server.metric("arngate_sts_rate_cuts_total") >= 1
    assert server.metric("arngate_reviews_total", result="refused", reason="sts_throttled") == 0
