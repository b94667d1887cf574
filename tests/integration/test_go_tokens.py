"""Tokens of the Go `aws-iam-authenticator token` before the daemon, and both programs' credentials side by side."""

import json

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID

pytestmark = pytest.mark.go


@pytest.mark.parametrize(
    ("key", "username"),
    [(keys.USER, "alice"), (keys.ROLE, "kubernetes-admin:session-name"), (keys.LONG_SESSION, "kubernetes-admin:long")],
    ids=["long-lived key", "session token", "session token of 4 KiB"],
)
@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
@pytest.mark.parametrize("profile", ["arngate", "reference"])
def test_accepted(make_server, mint, key, username, region, profile):
    answer = make_server({"compat": profile}).review(mint["go"](key, CLUSTER_ID, region=region))
    assert answer.status == 200
    assert answer.authenticated
    assert answer.user["username"] == username


def test_refused_with_a_changed_signature(server, mint):
    answer = server.review(tokens.flip_signature(mint["go"](keys.USER, CLUSTER_ID)))
    assert answer.status == 200
    assert not answer.authenticated


def test_refused_for_another_cluster(server, mint):
    answer = server.review(mint["go"](keys.USER, "another-" + CLUSTER_ID))
    assert not answer.authenticated


@pytest.mark.parametrize(
    "exec_info",
    [
        None,
        '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","spec":{"interactive":true}}',
        '{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","spec":{}}',
        "{}",
        "not JSON",
    ],
    ids=["none", "v1", "v1beta1", "no version", "not JSON"],
)
def test_the_same_exec_credential(arngate_bin, go_authenticator_bin, exec_info):
    """Everything but the signature and the times is the same, byte for byte, key order included."""
    environment = tokens.environment(keys.ROLE)
    if exec_info is not None:
        environment["KUBERNETES_EXEC_INFO"] = exec_info
    shapes = []
    for binary in (arngate_bin, go_authenticator_bin):
        text = tokens.run([binary, "token", "-i", CLUSTER_ID], environment)
        assert text.endswith("}\n")
        status = json.loads(text)["status"]
        assert status["token"].startswith(tokens.PREFIX)
        shapes.append(text.replace(status["token"], "TOKEN").replace(status["expirationTimestamp"], "TIME"))
    assert shapes[0] == shapes[1]


def parts_of(token):
    """Host, path and the parameters of a presigned URL with those that depend on the time made equal."""
    url, _, query = tokens.decode(token).partition("?")
    parameters = dict(parameter.partition("=")[::2] for parameter in query.split("&"))
    for name in ("X-Amz-Date", "X-Amz-Signature"):
        parameters[name] = len(parameters[name])
    parameters["X-Amz-Credential"] = parameters["X-Amz-Credential"].split("%2F")[:1]
    return url, parameters


@pytest.mark.parametrize("key", [keys.USER, keys.ROLE], ids=["long-lived key", "session token"])
def test_the_same_presigned_url(mint, key):
    assert parts_of(mint["arngate"](key, CLUSTER_ID)) == parts_of(mint["go"](key, CLUSTER_ID))
