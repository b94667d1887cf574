"""What kube-apiserver gets, in good days and bad."""

import threading

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID

PEER_DENIAL = b'{"metadata":{},"spec":{},"status":{"user":{}}}'


def good(**changes):
    return tokens.by_hand(keys.USER, CLUSTER_ID, **changes)


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_granted(server, version):
    answer = server.review(good(), version=version)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json["apiVersion"] == f"authentication.k8s.io/{version}"
    assert answer.json["kind"] == "TokenReview"
    user = answer.user
    assert user["username"] == "alice"
    assert user["groups"] == ["developers", "viewers"]
    assert user["uid"] == "aws-iam-authenticator:123456789012:AIDACKCEVSQ6C2EXAMPLE"
    assert user["extra"] == {
        "accessKeyId": [keys.USER.access_key_id],
        "arn": [keys.USER.arn],
        "canonicalArn": [keys.USER.arn],
        "principalId": ["AIDACKCEVSQ6C2EXAMPLE"],
        "sessionName": [""],
        "sigs.k8s.io/aws-iam-authenticator/principalId": ["AIDACKCEVSQ6C2EXAMPLE"],
    }


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_denied(server, version):
    answer = server.review(tokens.flip_signature(good()), version=version)
    assert answer.status == 200
    assert answer.json["apiVersion"] == f"authentication.k8s.io/{version}"
    assert answer.json["status"].get("authenticated") is False
    assert answer.error is None


def test_not_mapped_is_an_error_that_may_be_fixed(server):
    answer = server.review(tokens.by_hand(keys.UNMAPPED, CLUSTER_ID))
    assert answer.status == 200
    assert not answer.authenticated
    assert "not mapped" in answer.error


def test_the_second_time_comes_from_the_cache(server, fake_sts):
    token = good()
    first = server.review(token)
    second = server.review(token)
    assert first.authenticated
    assert second.body == first.body
    assert fake_sts.requests() == 1
    assert server.metric("arngate_cache_lookups_total", result="hit") == 1


def test_without_a_cache_each_review_asks(make_server, fake_sts):
    server = make_server({"cache": {"enabled": False}})
    token = good()
    for _ in range(3):
        assert server.review(token).authenticated
    assert fake_sts.requests() == 3


def test_equal_tokens_at_once_ask_once(make_server, fake_sts):
    server = make_server({"server": {"threads": 1}})
    fake_sts.faults(hold=True)
    token = good()
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(server.review(token))) for _ in range(8)]
    for thread in threads:
        thread.start()
    fake_sts.wait_until("held", 1)
    fake_sts.faults()
    for thread in threads:
        thread.join()
    assert [answer.authenticated for answer in answers] == [True] * 8
    assert fake_sts.requests() == 1


def test_throttled(server, fake_sts):
    fake_sts.faults({"kind": "throttle"})
    answer = server.review(good())
    assert answer.status == 429
    assert int(answer.headers["retry-after"]) >= 1
    assert fake_sts.stats()["outcomes"]["Throttling"] >= 1
    fake_sts.faults()
    assert server.review(good()).authenticated


@pytest.mark.parametrize(
    "fault", ["internal_failure", "service_unavailable", "reset_before", "reset_mid", "half_body"]
)
def test_sts_in_trouble(server, fake_sts, fault):
    fake_sts.faults({"kind": fault})
    answer = server.review(good())
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1
    fake_sts.faults()
    assert server.review(good()).authenticated


@pytest.mark.parametrize("fault", ["throttle", "internal_failure", "service_unavailable", "reset_before"])
def test_one_hiccup_of_sts_is_not_seen(server, fake_sts, fault):
    fake_sts.faults({"kind": fault, "times": 1})
    assert server.review(good()).authenticated


@pytest.mark.parametrize("fault", ["garbage_json", "redirect", "huge_body"])
def test_a_wrong_answer_of_sts_is_never_believed(server, fake_sts, fault):
    fake_sts.faults({"kind": fault})
    assert not server.review(good()).authenticated
    fake_sts.faults()
    assert server.review(good()).authenticated


def test_sts_gone_and_back(make_server, fake_sts, fake_sts_bin):
    server = make_server({"sts": {"connectTo": ["::127.0.0.1:1"]}})
    answer = server.review(good())
    assert answer.status == 503
    assert "retry-after" in answer.headers


def test_a_verified_identity_outlives_sts(server, fake_sts):
    token = good()
    assert server.review(token).authenticated
    fake_sts.faults({"kind": "reset_before"})
    assert server.review(token).authenticated
    assert server.review(good(age_seconds=60)).status == 503


def test_sts_of_a_stranger_is_not_believed(make_server, fake_sts, tmp_path):
    """A server whose certificate no configured authority signed."""
    server = make_server({"sts": {"caFile": "/etc/ssl/certs/ca-certificates.crt"}})
    answer = server.review(good())
    assert answer.status == 503
    assert fake_sts.requests() == 0


class TestReferenceProfile:
    @pytest.fixture
    def reference(self, make_server):
        return make_server({"compat": "reference"})

    def test_granted(self, reference):
        answer = reference.review(good())
        assert answer.status == 200
        assert "apiVersion" not in answer.json
        assert "kind" not in answer.json
        assert answer.body.startswith(b'{"metadata":{},"spec":{},"status":{"authenticated":true,"user":{"username":"alice"')
        assert answer.headers["content-type"] == "application/json; charset=UTF-8"

    @pytest.mark.parametrize(
        "make", [lambda: tokens.flip_signature(good()), lambda: tokens.by_hand(keys.UNMAPPED, CLUSTER_ID)]
    )
    def test_denied(self, reference, make):
        answer = reference.review(make())
        assert answer.status == 403
        assert answer.body == PEER_DENIAL

    def test_throttled(self, reference, fake_sts):
        fake_sts.faults({"kind": "throttle"})
        answer = reference.review(good())
        assert answer.status == 429
        assert answer.body == PEER_DENIAL

    def test_sts_down(self, reference, fake_sts):
        fake_sts.faults({"kind": "reset_before"})
        answer = reference.review(good())
        assert answer.status == 403
        assert answer.body == PEER_DENIAL


def test_other_paths_and_methods(server):
    assert server.request("GET", "/authenticate").status == 405
    assert server.request("GET", "/nothing").status == 404
    assert server.request("GET", "/healthz").body == b"ok"
