"""Tokens of every minter, and tokens that no minter makes."""

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID

MINTERS = ["awscli", "botocore", "arngate", pytest.param("go", marks=pytest.mark.go)]


@pytest.mark.parametrize("minter", MINTERS)
@pytest.mark.parametrize(
    ("key", "username"),
    [(keys.USER, "alice"), (keys.ROLE, "kubernetes-admin:session-name"), (keys.LONG_SESSION, "kubernetes-admin:long")],
    ids=["long-lived", "session token", "session token of 4096 bytes"],
)
def test_accepted_and_refused_with_a_changed_signature(server, fake_sts, mint, minter, key, username):
    token = mint[minter](key, CLUSTER_ID)
    answer = server.review(token)
    assert answer.status == 200
    assert answer.authenticated
    assert answer.user["username"] == username
    assert answer.user["uid"] == f"aws-iam-authenticator:{key.account}:{key.user_id.split(':')[0]}"

    mark = server.process.mark()
    refused = server.review(tokens.flip_signature(token))
    assert refused.status == 200
    assert not refused.authenticated
    server.process.wait_for(r"access denied.*sts_denied|sts_denied.*access denied", since=mark)
    assert fake_sts.stats()["outcomes"] == {"granted": 1, "SignatureDoesNotMatch": 1}


@pytest.mark.parametrize("minter", ["awscli", "botocore", "arngate"])
@pytest.mark.parametrize("region", ["eu-west-1", "ap-southeast-2"])
def test_other_regions(server, mint, minter, region):
    assert server.review(mint[minter](keys.USER, CLUSTER_ID, region=region)).authenticated


def test_global_host(server):
    assert server.review(tokens.by_hand(keys.USER, CLUSTER_ID, host="sts.amazonaws.com")).authenticated


@pytest.mark.parametrize("digit", [0, 1, 31, 62, 63])
def test_each_digit_of_the_signature_counts(server, digit):
    url = tokens.presigned_url(keys.USER, CLUSTER_ID)
    at = len(url) - 64 + digit
    changed = url[:at] + ("0" if url[at] != "0" else "1") + url[at + 1 :]
    assert not server.review(tokens.encode(changed)).authenticated


def test_another_cluster_is_refused_by_the_signature(server, fake_sts):
    answer = server.review(tokens.by_hand(keys.USER, "another-cluster"))
    assert answer.status == 200
    assert not answer.authenticated
    assert fake_sts.stats()["outcomes"] == {"SignatureDoesNotMatch": 1}


def test_fifteen_minutes_less_a_little_is_still_good(server):
    assert server.review(tokens.by_hand(keys.USER, CLUSTER_ID, age_seconds=840)).authenticated


def hand(**changes):
    return lambda: tokens.by_hand(keys.USER, CLUSTER_ID, **changes)


def with_url(change):
    return lambda: tokens.encode(change(tokens.presigned_url(keys.USER, CLUSTER_ID)))


HOPELESS = {
    "another kind of token": (lambda: "eyJhbGciOiJSUzI1NiJ9.e30.sig", "bad_prefix"),
    "empty": (lambda: "", None),
    "prefix alone": (lambda: tokens.PREFIX, None),
    "padding": (lambda: tokens.by_hand(keys.USER, CLUSTER_ID) + "=", "bad_encoding"),
    "standard base64": (lambda: tokens.PREFIX + "a+b/", "bad_encoding"),
    "too large": (lambda: tokens.PREFIX + "a" * 16384, "token_too_large"),
    "expired": (hand(age_seconds=1000), "expired"),
    "from the future": (hand(age_seconds=-1000), "from_future"),
    "http": (hand(scheme="http"), "bad_scheme"),
    "other host": (hand(host="sts.us-east-1.amazonaws.com.example.com"), "bad_host"),
    "unknown region": (hand(region="us-west-99"), "bad_host"),
    "other service": (hand(host="iam.amazonaws.com"), "bad_host"),
    "other partition": (hand(region="cn-north-1", host="sts.cn-north-1.amazonaws.com.cn"), "bad_host"),
    "sibling partition": (hand(region="us-gov-west-1"), "bad_host"),
    "port": (hand(host="sts.us-east-1.amazonaws.com:443"), "bad_host"),
    "trailing dot": (hand(host="sts.us-east-1.amazonaws.com."), "bad_host"),
    "loopback": (hand(host="127.0.0.1"), "bad_host"),
    "user information": (with_url(lambda url: url.replace("https://", "https://u:p@")), None),
    "fragment": (with_url(lambda url: url + "#x"), None),
    "path": (hand(path="/x"), "bad_path"),
    "action": (hand(action="GetSessionToken"), "bad_action"),
    "expires": (hand(expires="901"), "bad_expires"),
    "expires not a number": (hand(expires="6O"), "bad_expires"),
    "cluster id not signed": (hand(signed_cluster_id=False), "cluster_id_not_signed"),
    "unknown parameter": (hand(extra_parameters=[("Extra", "1")]), "unknown_param"),
    "repeated parameter": (with_url(lambda url: url + "&Action=GetCallerIdentity"), "duplicate_param"),
    "repeated in other letters": (with_url(lambda url: url + "&x-amz-credential=AKIAOTHER"), "duplicate_param"),
    "broken escape": (with_url(lambda url: url + "&X=%zz"), None),
}


def test_hopeless_tokens_never_reach_sts(server, fake_sts):
    for name, (make, reason) in HOPELESS.items():
        mark = server.process.mark()
        answer = server.review(make())
        assert answer.status == 200, name
        assert not answer.authenticated, name
        assert answer.error is None, name
        if reason:
            server.process.wait_for(rf"\b{reason}\b", since=mark)
    assert fake_sts.stats()["requests"] == 0
    assert fake_sts.stats()["connections"] == 0


def test_hopeless_tokens_in_the_reference_profile(make_server, fake_sts):
    server = make_server({"compat": "reference"})
    for name, (make, reason) in HOPELESS.items():
        if reason in ("from_future", "bad_host"):
            continue  # some of these are judged as the Go server does
        answer = server.review(make())
        assert answer.status == 403, name
        assert answer.body == b'{"metadata":{},"spec":{},"status":{"user":{}}}', name
    assert fake_sts.stats()["requests"] == 0
