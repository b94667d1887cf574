"""No token, signature or key in anything that a program of ours prints, at the highest verbosity."""

import dataclasses
import json
import subprocess

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID

MARKER = "MARKEDsessionTOKENmarkedMARKEDsessionTOKENmarked"
SECRET_MARKER = "MARKEDsecretKEYmarkedMARKEDsecretKEYmarked"
KEY = dataclasses.replace(keys.ROLE, session_token=MARKER, secret_access_key=SECRET_MARKER)


def traces(token):
    """Texts that would give the token away: pieces of it, its signature, its session token."""
    rest = token[len(tokens.PREFIX) :]
    found = {MARKER, SECRET_MARKER, *(rest[at : at + 40] for at in range(0, len(rest) - 40, 40))}
    try:
        found.add(tokens.signature_of(token))
    except (ValueError, KeyError):
        pass
    return found


def assert_silent(said, *made):
    for token in made:
        for trace in traces(token):
            assert trace not in said


@pytest.mark.parametrize("log_format", ["text", "json"])
@pytest.mark.parametrize("profile", ["arngate", "reference"])
def test_the_daemon(make_server, fake_sts, profile, log_format):
    fake_sts.add_keys(KEY)
    server = make_server({"compat": profile, "log-format": log_format, "log-verbosity": "trace"})
    made = []
    said = []

    def review(token, **changes):
        made.append(token)
        said.append(server.review(token, **changes).body.decode(errors="replace"))

    token = tokens.by_hand(KEY, CLUSTER_ID)
    url = tokens.decode(token)
    review(token)
    review(token)
    review(tokens.flip_signature(token))
    for changed in (
        url + "#fragment",
        url + "&X-Amz-Date=1",
        url + "&Unknown=1",
        url + "&%zz",
        url.replace("https://", "https://user:password@"),
        url.replace("https://", "http://"),
        url.replace("sts.", "evil."),
        url.replace("/?", "/path?"),
        url.replace("\r", "") + "\r\n",
        url.replace("X-Amz-Expires=60", "X-Amz-Expires=x"),
        url.replace("GetCallerIdentity", "GetSessionToken"),
        url.replace("x-k8s-aws-id", "x-other"),
        url + "\x7f\xff",
    ):
        review(tokens.encode(changed))
    review(tokens.by_hand(KEY, CLUSTER_ID, age_seconds=5000))
    review(tokens.by_hand(KEY, CLUSTER_ID, age_seconds=-5000))
    review(tokens.by_hand(KEY, "other-cluster"))
    review(token + "=")
    review(token + "a" * 17000)
    review(token[len(tokens.PREFIX) :])
    for number, kind in enumerate(
        ["throttle", "internal_failure", "reset_before", "half_body", "garbage_json", "redirect", "wrong_content_type"]
    ):
        fake_sts.faults({"kind": kind})
        review(tokens.by_hand(KEY, CLUSTER_ID, age_seconds=10 + number))
    fake_sts.faults()

    # In the wrong places.
    for method, path, body, headers in (
        ("GET", f"/authenticate?token={token}", None, {}),
        ("GET", f"/{token}", None, {}),
        ("GET", "/healthz", None, {"Authorization": f"Bearer {token}"}),
        ("POST", "/authenticate", token.encode(), {}),
        ("POST", "/authenticate", json.dumps({"spec": {"token": [token]}}).encode(), {}),
        ("POST", "/authenticate", json.dumps({"apiVersion": token, "spec": {"token": token}}).encode(), {}),
        ("POST", "/authenticate", json.dumps({"spec": {"token": token}}).encode()[:-5], {}),
    ):
        answer = server.request(method, path, body, headers)
        said.append(answer.body.decode(errors="replace"))
    said.append(server.metrics())
    server.stop()
    said.append(server.log)
    assert_silent("\n".join(said), *made)


def test_the_log_is_at_its_most_talkative(server):
    """So that the test above looks at something."""
    server.review(tokens.by_hand(keys.USER, CLUSTER_ID))
    server.process.wait_for("access granted")
    server.review(tokens.by_hand(keys.UNMAPPED, CLUSTER_ID))
    server.process.wait_for("access denied")


@pytest.mark.parametrize("change", ["none", "signature", "host", "encoding"])
def test_verify(arngate_bin, fake_sts, change):
    fake_sts.add_keys(KEY)
    token = tokens.by_hand(KEY, CLUSTER_ID)
    if change == "signature":
        token = tokens.flip_signature(token)
    elif change == "host":
        token = tokens.by_hand(KEY, CLUSTER_ID, host="sts.example.com")
    elif change == "encoding":
        token += "="
    done = subprocess.run(
        [arngate_bin, "verify", "-v", "trace", "-i", CLUSTER_ID, "-t", token]
        + ["--sts-ca-file", fake_sts.ca_file, "--sts-connect-to", fake_sts.connect_to],
        env=tokens.environment(KEY),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == (0 if change == "none" else 1), done.stderr
    assert_silent(done.stdout + done.stderr, token)


@pytest.mark.parametrize(
    "arguments",
    [
        ["token", "-v", "trace", "-i", CLUSTER_ID],
        ["token", "-v", "trace", "-i", CLUSTER_ID, "--region", "not a region"],
        ["token", "-v", "trace"],
        ["token", "-v", "trace", "-i", CLUSTER_ID, "--no-such-flag"],
    ],
)
def test_token_says_nothing_beside_the_token(arngate_bin, arguments):
    done = subprocess.run(
        [arngate_bin, *arguments],
        env=tokens.environment(KEY),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert MARKER not in done.stderr
    assert SECRET_MARKER not in done.stderr + done.stdout
    assert MARKER not in done.stdout
