"""Tokens of `arngate token` before the Go server, which believes that it talks to AWS.

It runs in a network of its own (tests/go/isolated_network.py) together with a fake STS on port 443, to which the hosts
file leads AWS's names. Nothing else can be reached from in there, the instance metadata address included.
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest

from harness import keys, tokens
from harness.process import Process
from harness.server import CLUSTER_ID, MAPPING, review_body

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "go"))
import isolated_network  # noqa: E402

pytestmark = pytest.mark.go

PORT = 21362  # its own network: nobody else can have it


class GoServer:
    """The Go server, the fake STS beside it, and curl to ask with; all in one network of their own."""

    def __init__(self, go_binary, fake_binary, directory):
        directory.mkdir()
        self.directory = directory
        # A program that only waits holds the network; the others join it.
        self.holder = subprocess.Popen(
            isolated_network.command(["sh", "-c", "echo ready && exec cat"]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.holder.stdout.readline() == b"ready\n"
        self.processes = []
        try:
            self._start_fake(fake_binary)
            self._start_server(go_binary)
        except BaseException:
            self.stop()
            raise

    def inside(self, *command):
        namespaces = ["--net", "--mount"]
        if os.geteuid() != 0:
            namespaces += ["--user", "--preserve-credentials"]
        return ["nsenter", f"--target={self.holder.pid}", *namespaces, "--", *(str(part) for part in command)]

    def _start_fake(self, binary):
        keys_file = self.directory / "keys.json"
        keys_file.write_text(json.dumps({"keys": [key.as_json() for key in keys.ALL]}))
        ready_file = self.directory / "ready.json"
        command = [binary, "--keys", keys_file, "--cert-dir", self.directory, "--port", 443, "--ready-file", ready_file]
        fake = Process(self.inside(*command))
        self.processes.append(fake)
        fake.wait_for(r"^fake STS listening on ")
        self.ca_file = json.loads(ready_file.read_text())["ca_file"]

    def _start_server(self, binary):
        state_dir = self.directory / "state"
        state_dir.mkdir()
        self.certificate = state_dir / "cert.pem"
        config = {
            "clusterID": CLUSTER_ID,
            "server": {
                "port": PORT,
                "stateDir": str(state_dir),
                "generateKubeconfig": str(self.directory / "kubeconfig.yaml"),
                **MAPPING,
            },
        }
        config_file = self.directory / "config.json"
        config_file.write_text(json.dumps(config))
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": "/nonexistent",
            "SSL_CERT_FILE": self.ca_file,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": "us-east-1",
        }
        server = Process(self.inside(binary, "server", "--config", config_file), env=environment)
        self.processes.append(server)
        server.wait_for(r"listening on 127\.0\.0\.1:")

    def review(self, token):
        """Status and parsed body."""
        command = ["curl", "--silent", "--show-error", "--max-time", "60", "--cacert", self.certificate]
        command += ["--write-out", "\n%{http_code}", "--data-binary", "@-", f"https://localhost:{PORT}/authenticate"]
        done = subprocess.run(self.inside(*command), input=review_body(token), capture_output=True, timeout=120)
        assert done.returncode == 0, done.stderr.decode()
        body, status = done.stdout.rsplit(b"\n", 1)
        return int(status), json.loads(body)

    def stop(self):
        for process in reversed(self.processes):
            # The Go server needs two signals; it keeps nothing that would be lost.
            process.popen.kill()
            process.wait()
        self.holder.stdin.close()
        self.holder.wait(30)


@pytest.fixture(scope="module")
def go_server(go_authenticator_bin, fake_sts_bin, tmp_path_factory):
    reason = isolated_network.why_not()
    if reason:
        pytest.skip(reason)
    server = GoServer(go_authenticator_bin, fake_sts_bin, tmp_path_factory.mktemp("go") / "server")
    yield server
    server.stop()


@pytest.fixture(params=["arngate", "go", "botocore", "awscli"])
def minted(request, mint):
    return mint[request.param]


@pytest.mark.parametrize(
    ("key", "username"),
    [(keys.USER, "alice"), (keys.ROLE, "kubernetes-admin:session-name")],
    ids=["long-lived key", "session token"],
)
def test_accepts_a_token(go_server, minted, key, username):
    status, answer = go_server.review(minted(key, CLUSTER_ID))
    assert status == 200
    assert answer["status"]["authenticated"] is True
    assert answer["status"]["user"]["username"] == username


@pytest.mark.parametrize("region", ["us-west-2", "eu-central-1"])
def test_accepts_a_token_of_another_region(go_server, mint, region):
    status, answer = go_server.review(mint["arngate"](keys.USER, CLUSTER_ID, region=region))
    assert (status, answer["status"].get("authenticated")) == (200, True)


def test_refuses_a_changed_signature(go_server, minted):
    status, answer = go_server.review(tokens.flip_signature(minted(keys.USER, CLUSTER_ID)))
    assert status == 403
    assert not answer["status"].get("authenticated", False)


def test_refuses_a_token_for_another_cluster(go_server, mint):
    status, _ = go_server.review(mint["arngate"](keys.USER, "another-" + CLUSTER_ID))
    assert status == 403


def test_refuses_who_is_not_mapped(go_server, mint):
    status, _ = go_server.review(mint["arngate"](keys.UNMAPPED, CLUSTER_ID))
    assert status == 403
