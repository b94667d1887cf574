"""kube-apiserver's own webhook client (tests/go/webhookclient) against the daemon, in both API versions.

The client is given the kubeconfig that the daemon wrote, as kube-apiserver would be; retries are its own.
"""

import json
import subprocess

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID, free_port
from harness.webhook_client import WebhookClient

pytestmark = pytest.mark.go

API_AUDIENCE = "https://kubernetes.default.svc"
THROTTLE = {"kind": "throttle"}
RESET = {"kind": "reset_before"}


@pytest.fixture
def client_of(webhook_client_bin):
    clients = []

    def start(server_or_kubeconfig, *arguments, env=None):
        kubeconfig = getattr(server_or_kubeconfig, "kubeconfig", server_or_kubeconfig)
        clients.append(WebhookClient(webhook_client_bin, kubeconfig, *arguments, env=env))
        return clients[-1]

    yield start
    assert [client.stop() for client in clients] == [0] * len(clients)


@pytest.fixture
def token_of(secrets_seen):
    """A fresh token of a key; the daemon's output is searched for its signature afterwards."""

    def make(key, **changes):
        token = tokens.by_hand(key, CLUSTER_ID, **changes)
        secrets_seen.update((token[len(tokens.PREFIX) :], tokens.signature_of(token)))
        return token

    return make


@pytest.fixture(params=["v1", "v1beta1"])
def version(request):
    return f"-version={request.param}"


def test_granted(server, client_of, token_of, version):
    result = client_of(server, version).ask(token_of(keys.USER))
    assert result["authenticated"], result
    assert result["username"] == "alice"
    assert result["groups"] == ["developers", "viewers"]
    assert result["uid"] == f"aws-iam-authenticator:{keys.USER.account}:{keys.USER.user_id}"
    assert result["extra"] == {
        "accessKeyId": [keys.USER.access_key_id],
        "arn": [keys.USER.arn],
        "canonicalArn": [keys.USER.arn],
        "principalId": [keys.USER.user_id],
        "sessionName": [""],
        "sigs.k8s.io/aws-iam-authenticator/principalId": [keys.USER.user_id],
    }
    assert result["statuses"] == [200]


def test_granted_to_an_assumed_role(server, client_of, token_of, version):
    result = client_of(server, version).ask(token_of(keys.ROLE))
    assert result["authenticated"], result
    assert result["username"] == "kubernetes-admin:session-name"
    assert result["groups"] == ["system:masters"]
    assert result["extra"]["sessionName"] == ["session-name"]
    assert result["extra"]["canonicalArn"] == ["arn:aws:iam::123456789012:role/KubernetesAdmin"]


def test_one_client_asks_often(server, client_of, token_of, version):
    client = client_of(server, version)
    token = token_of(keys.USER)
    assert [client.ask(token)["username"] for _ in range(50)] == ["alice"] * 50
    assert client.ask(token_of(keys.ROLE))["username"] == "kubernetes-admin:session-name"


@pytest.mark.parametrize(
    ("env", "protocol"), [({}, "HTTP/2.0"), ({"DISABLE_HTTP2": "1"}, "HTTP/1.1")], ids=["h2", "h1"]
)
def test_both_protocols(server, client_of, token_of, version, env, protocol):
    """It takes HTTP/2 of its own accord; client-go's own switch takes it back to HTTP/1.1."""
    client = client_of(server, version, env=env)
    client.send(token_of(keys.USER))
    attempt = client.event()
    assert (attempt["event"], attempt["protocol"]) == ("attempt", protocol)
    assert client.result()["username"] == "alice"


def test_refused_by_sts_is_no_error(server, client_of, token_of, version):
    """A "no" that will stay one: kube-apiserver caches it, so it must not look like an outage."""
    result = client_of(server, version).ask(tokens.flip_signature(token_of(keys.USER)))
    assert not result["authenticated"]
    assert "error" not in result
    assert result["statuses"] == [200]


@pytest.mark.parametrize(
    "token",
    ["eyJhbGciOiJSUzI1NiJ9.e30.c2ln", "k8s-aws-v1.", "k8s-aws-v1.aHR0cHM6Ly9leGFtcGxlLmNvbS8"],
    ids=["of another kind", "prefix alone", "another host"],
)
def test_refused_here_is_no_error(server, fake_sts, client_of, token, version):
    result = client_of(server, version).ask(token)
    assert not result["authenticated"]
    assert "error" not in result
    assert result["statuses"] == [200]
    assert fake_sts.requests() == 0


def test_a_review_without_a_token_is_malformed(server, client_of, version):
    """The client leaves an empty token out; kube-apiserver itself never asks about one. It is not tried again."""
    result = client_of(server, version).ask("")
    assert not result["authenticated"]
    assert result["statuses"] == [400]


def test_not_mapped_is_an_error_with_its_reason(server, client_of, token_of, version):
    result = client_of(server, version).ask(token_of(keys.UNMAPPED))
    assert not result["authenticated"]
    assert "map" in result["error"]
    assert keys.UNMAPPED.access_key_id not in result["error"]
    assert result["statuses"] == [200]


@pytest.mark.parametrize(
    ("fault", "status"), [(THROTTLE, 429), (RESET, 503), ({"kind": "service_unavailable"}, 503)], ids=str
)
def test_trouble_at_sts_is_tried_again(server, fake_sts, client_of, token_of, version, fault, status):
    fake_sts.faults(fault)
    client = client_of(server, version)
    client.send(token_of(keys.USER))
    first = client.event()
    assert (first["event"], first["status"]) == ("attempt", status)
    assert int(first["retryAfter"]) >= 1
    fake_sts.faults()
    result = client.result()
    assert result["authenticated"], result
    assert result["attempts"] >= 2
    assert result["statuses"][0] == status
    assert result["statuses"][-1] == 200


def test_sts_that_cannot_be_reached_is_tried_again(server, fake_sts, client_of, token_of, version):
    fake_sts.stop()
    client = client_of(server, version, "-timeout=2500ms")
    result = client.ask(token_of(keys.USER))
    assert not result["authenticated"]
    assert result["error"]
    assert result["attempts"] >= 2
    assert set(result["statuses"]) <= {503, 0}  # 0: the attempt that the time limit cut off
    assert result["statuses"][0] == 503


def test_the_reference_profile_answers_as_the_go_server(make_server, fake_sts, client_of, token_of, version):
    client = client_of(make_server({"compat": "reference"}), version, "-initial-backoff=1ms")
    assert client.ask(token_of(keys.USER))["authenticated"]
    refused = client.ask(tokens.flip_signature(token_of(keys.USER)))
    assert refused["statuses"] == [403]
    assert refused["error"]
    unmapped = client.ask(token_of(keys.UNMAPPED))
    assert unmapped["statuses"] == [403]
    assert unmapped["error"]


def test_the_reference_profile_throttles_as_the_go_server(make_server, fake_sts, client_of, token_of, version):
    server = make_server({"compat": "reference"})
    fake_sts.faults(THROTTLE)
    client = client_of(server, version, "-initial-backoff=1ms")
    client.send(token_of(keys.ROLE))
    assert client.event()["status"] == 429
    fake_sts.faults()
    result = client.result()
    assert result["authenticated"], result
    assert result["statuses"][-1] == 200


def test_audiences_of_the_api_server_are_the_tokens(server, client_of, token_of, version):
    client = client_of(server, version, f"-implicit-audiences={API_AUDIENCE},other")
    result = client.ask(token_of(keys.USER), [API_AUDIENCE])
    assert result["authenticated"], result
    assert result["audiences"] == [API_AUDIENCE]


def test_foreign_audiences_are_refused(server, client_of, token_of, version):
    result = client_of(server, version, f"-implicit-audiences={API_AUDIENCE}").ask(token_of(keys.USER), ["vault"])
    assert not result["authenticated"]
    assert result["statuses"] == [200]


def test_what_kube_apiserver_caches(server, client_of, token_of, version):
    """Grants and lasting refusals are; what an operator may repair at any moment is asked again."""
    client = client_of(server, version, "-cache-ttl=10m")
    for token, attempts_of_the_second in (
        (token_of(keys.USER), 0),
        (tokens.flip_signature(token_of(keys.USER)), 0),
        (token_of(keys.UNMAPPED), 1),
    ):
        assert client.ask(token)["attempts"] == 1
        assert client.ask(token)["attempts"] == attempts_of_the_second


def test_the_kubeconfig_that_init_wrote(arngate_bin, make_server, client_of, token_of, tmp_path, version):
    state_dir = tmp_path / "prepared"
    state_dir.mkdir()
    settings = {
        "port": free_port(),
        "stateDir": str(state_dir),
        "generateKubeconfig": str(tmp_path / "prepared-kubeconfig.yaml"),
    }
    config = tmp_path / "init.json"
    config.write_text(json.dumps({"clusterID": CLUSTER_ID, "server": settings}))
    tokens.run([arngate_bin, "init", "--config", config], {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})
    make_server({"server": {**settings, "kubeconfigPregenerated": True}})
    result = client_of(settings["generateKubeconfig"], version).ask(token_of(keys.USER))
    assert result["username"] == "alice"


def test_a_client_that_knows_the_old_certificate_alone_survives_its_rotation(
    server, arngate_bin, client_of, token_of, tmp_path, version
):
    kubeconfig = tmp_path / "read-once.yaml"
    kubeconfig.write_text(server.kubeconfig.read_text())
    for finish in ([], [], ["--finish"]):
        since = server.process.mark()
        subprocess.run([arngate_bin, "cert", "rotate", *finish, "--config", server.config_file], check=True)
        server.process.wait_for("took a new certificate", since=since)
        if not finish:
            assert client_of(kubeconfig, version).ask(token_of(keys.USER))["authenticated"]
        # What kube-apiserver reads at its next start works at each step.
        assert client_of(server.kubeconfig, version).ask(token_of(keys.USER))["authenticated"]


def make_client_certificate(directory):
    """A CA and a certificate of it for a client, by openssl: (CA, certificate, key)."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, capture_output=True, timeout=60, check=True)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test CA", "-days", "2")
    openssl("req", *curve, "-keyout", "client.key", "-out", "client.csr", "-subj", "/CN=kube-apiserver")
    (directory / "client.ext").write_text("extendedKeyUsage=clientAuth\n")
    openssl(
        *("x509", "-req", "-in", "client.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"),
        *("-extfile", "client.ext", "-out", "client.pem", "-days", "2"),
    )
    return directory / "ca.pem", directory / "client.pem", directory / "client.key"


def test_the_api_server_shows_the_certificate_that_the_kubeconfig_names(make_server, client_of, token_of, tmp_path):
    ca, certificate, key = make_client_certificate(tmp_path)
    tls = {"clientCAFile": str(ca), "clientCertFile": str(certificate), "clientKeyFile": str(key)}
    server = make_server({"server": {"tls": tls}})
    assert client_of(server).ask(token_of(keys.USER))["username"] == "alice"


def test_a_client_without_certificate_is_not_heard(make_server, fake_sts, client_of, token_of, tmp_path):
    ca, _, _ = make_client_certificate(tmp_path)
    server = make_server({"server": {"tls": {"clientCAFile": str(ca)}}})
    result = client_of(server, "-timeout=1s").ask(token_of(keys.USER))
    assert not result["authenticated"]
    assert set(result["statuses"]) == {0}
    assert fake_sts.requests() == 0
