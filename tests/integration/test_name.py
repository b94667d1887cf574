"""Invoked by the name aws-iam-authenticator, arngate takes that program's place."""

import http.server
import subprocess
import threading

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID


@pytest.fixture
def named(arngate_bin, tmp_path):
    """The link that packages install."""
    link = tmp_path / "aws-iam-authenticator"
    link.symlink_to(arngate_bin)
    return link


def run(*command, cwd=None):
    env = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(command, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


@pytest.mark.go
@pytest.mark.parametrize(
    "arguments",
    [
        ["version", "ignored", "words"],
        ["version", "-o", "xml"],
        ["version", "-xs"],
        ["version", "-s=x"],
        ["-l", "odd", "version"],
        ["-v", "odd", "version"],
        ["-c", "/nonexistent.yaml", "version"],
        ["--feature-gates", "Odd=true", "version"],
        ["nonsense"],
        ["help", "nonsense"],
        ["completion", "nonsense"],
        ["--", "version"],
        ["token"],
        ["token", "--nonsense"],
        ["token", "-i"],
        ["token", "-i", "c", "--token-only=maybe"],
        ["verify"],
        ["server"],
        ["server", "--port", "many"],
        ["init"],
        ["---odd"],
    ],
    ids=" ".join,
)
def test_status_and_streams_are_those_of_the_go_program(named, go_authenticator_bin, tmp_path, arguments):
    ours, theirs = run(named, *arguments, cwd=tmp_path), run(go_authenticator_bin, *arguments, cwd=tmp_path)
    assert ours.returncode == theirs.returncode, ours.stderr
    assert bool(ours.stdout) == bool(theirs.stdout), (ours.stdout, theirs.stdout)
    assert bool(ours.stderr) == bool(theirs.stderr) or "--log-verbosity" in ours.stderr, (ours.stderr, theirs.stderr)
    assert "arngate " not in ours.stdout + ours.stderr


class Metadata(http.server.BaseHTTPRequestHandler):
    """IMDSv2: a session, then the region."""

    seen = []

    def answer(self, text):
        self.seen.append((self.command, self.path, self.headers.get("X-aws-ec2-metadata-token")))
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        self.answer("session")

    def do_GET(self):
        self.answer("xx-new-1")

    def log_message(self, *_):
        pass


@pytest.fixture
def metadata():
    Metadata.seen = []
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metadata) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("compat", "asked"), [("reference", True), ("arngate", False)])
def test_the_region_of_the_instance_is_asked_in_the_reference_profile(make_server, metadata, compat, asked):
    server = make_server(
        {"compat": compat},
        env={"AWS_EC2_METADATA_DISABLED": "false", "AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata},
    )
    expected = [("PUT", "/latest/api/token", None), ("GET", "/latest/meta-data/placement/region", "session")]
    assert Metadata.seen == (expected if asked else [])
    assert ("region=xx-new-1" in server.log) == asked
    assert server.review(tokens.by_hand(keys.USER, CLUSTER_ID)).authenticated


def test_a_reload_names_what_needs_a_restart(server):
    server.write_config({"limits": {"connections": 77}})
    server.reload()
    server.process.wait_for(r"limits\.connections: found another value than at the start\. It acts after a restart")
