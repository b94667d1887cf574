"""Start, reload, stop."""

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID, free_port


def good(key=keys.USER, **changes):
    return tokens.by_hand(key, CLUSTER_ID, **changes)


def until(condition, timeout=30):
    """Asks again and again; what it asks is itself a round trip, so nothing spins."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"


def reloads(server):
    """How many reloads there were, good and bad."""
    lines = [line for line in server.metrics().splitlines() if line.startswith("arngate_reload_total{")]
    return sum(float(line.split()[-1]) for line in lines)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_loses_no_review(server, fake_sts, number):
    fake_sts.faults(hold=True)
    answers = []
    caller = threading.Thread(target=lambda: answers.append(server.review(good())))
    caller.start()
    fake_sts.wait_until("held", 1)
    server.process.send_signal(number)

    def refused():
        try:
            server.request("GET", "/healthz", timeout=5)
        except (OSError, ssl.SSLError, http.client.HTTPException):
            return True
        return False

    until(refused)
    assert not answers
    assert server.process.running()
    fake_sts.faults()
    caller.join()
    assert answers[0].status == 200
    assert answers[0].authenticated
    assert server.process.wait() == 0


def test_an_idle_server_stops_at_once(server):
    with_connection = server.connection()
    with_connection.connect()
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait() == 0
    with_connection.close()


@pytest.mark.parametrize("turn", range(5))
def test_a_signal_to_stop_loses_no_scrape(make_server, turn):
    """Whoever had asked on the metrics listener before the signal is answered, however many they are."""
    server = make_server({"server": {"metricsPort": free_port(), "drainTimeout": "60s"}})
    with contextlib.ExitStack() as open_ones:
        clients = [
            open_ones.enter_context(socket.create_connection(("127.0.0.1", server.config["server"]["metricsPort"]), 60))
            for _ in range(500)
        ]
        for client in clients:
            client.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        server.process.send_signal(signal.SIGTERM)
        for client in clients:
            assert client.makefile("rb").readline() == b"HTTP/1.1 200 OK\r\n"
    assert server.process.wait() == 0


def test_reload_takes_a_new_mapping(server):
    assert not server.review(good(keys.UNMAPPED)).authenticated
    before = reloads(server)
    server.write_config(
        {"server": {"mapUsers": [{"userarn": keys.UNMAPPED.arn, "username": "nobody", "groups": ["viewers"]}]}}
    )
    server.reload()
    until(lambda: reloads(server) > before)
    answer = server.review(good(keys.UNMAPPED))
    assert answer.authenticated
    assert answer.user["username"] == "nobody"
    assert not server.review(good()).authenticated


@pytest.mark.parametrize(
    "text",
    ["", "clusterID: [", "{", "server: {mapUsers: [{userarn: not-an-arn, username: x}]}\nclusterID: test-cluster\n"],
    ids=["empty", "broken YAML", "broken flow", "bad ARN"],
)
def test_reload_keeps_the_old_mapping_when_the_new_one_is_broken(server, text):
    before = reloads(server)
    server.write_config(text=text)
    server.reload()
    until(lambda: reloads(server) > before)
    assert server.review(good()).authenticated


def test_reload_under_load(make_server):
    """One review is decided by one mapping: the name and the groups always belong together."""
    server = make_server({"server": {"threads": 2}})
    token = good()
    seen = set()
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            user = server.review(token).user
            seen.add((user["username"], tuple(user["groups"])))

    callers = [threading.Thread(target=ask) for _ in range(2)]
    for caller in callers:
        caller.start()
    for turn in range(20):
        name = f"alice-{turn}"
        before = reloads(server)
        server.write_config({"server": {"mapUsers": [{"userarn": keys.USER.arn, "username": name, "groups": [name]}]}})
        server.reload()
        until(lambda before=before: reloads(server) > before)
    stop.set()
    for caller in callers:
        caller.join()
    assert seen
    for username, groups in seen:
        assert groups in ((username,), ("developers", "viewers"))


def test_a_broken_configuration_starts_nothing(arngate_bin, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("clusterID: x\nserver:\n  port: many\n  mapUsers: 7\n")
    done = subprocess.run(
        [arngate_bin, "server", "--config", config], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    said = done.stdout + done.stderr
    assert f"{config}:3:" in said
    assert f"{config}:4:" in said


def test_a_taken_port_is_fatal(make_server, server, arngate_bin):
    second = subprocess.run(
        [arngate_bin, "server", "--config", server.config_file],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert second.returncode == 1
    assert str(server.port) in second.stdout + second.stderr
    assert server.review(good()).authenticated


def test_a_hundred_inits_at_once_keep_one_pair(arngate_bin, tmp_path):
    state = tmp_path / "state"
    state.mkdir()
    config = tmp_path / "config.yaml"
    settings = {
        "clusterID": CLUSTER_ID,
        "server": {"stateDir": str(state), "generateKubeconfig": str(tmp_path / "kubeconfig.yaml")},
    }
    config.write_text(json.dumps(settings))
    children = [
        subprocess.Popen(
            [arngate_bin, "init", "--config", config],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=tmp_path,
        )
        for _ in range(100)
    ]
    for child in children:
        said, _ = child.communicate(timeout=300)
        assert child.returncode == 0, said.decode()
    # Python checks that certificate and key belong together.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(state / "cert.pem", state / "key.pem")
    assert os.stat(state / "key.pem").st_mode & 0o777 == 0o600
    assert sorted(path.name for path in state.iterdir() if path.suffix == ".pem") == ["cert.pem", "key.pem"]
    key = (state / "key.pem").read_bytes()
    done = subprocess.run([arngate_bin, "init", "--config", config], cwd=tmp_path, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert (state / "key.pem").read_bytes() == key


def test_curl(server, tmp_path):
    body = tmp_path / "review.json"
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": good()}}
    body.write_text(json.dumps(review))
    base = f"https://localhost:{server.port}"
    curl = ["curl", "--silent", "--show-error", "--fail", "--cacert", server.state_dir / "cert.pem"]

    def run(*arguments):
        done = subprocess.run([*curl, *arguments], capture_output=True, text=True, timeout=60, check=True)
        return done.stdout

    answer = json.loads(run("--data-binary", f"@{body}", f"{base}/authenticate"))
    assert answer["status"]["user"]["username"] == "alice"
    assert run(f"{base}/healthz") == "ok"
    assert run(f"http://127.0.0.1:{server.health_port}/") == "ok"
    assert "arngate_" in run(f"{base}/metrics")


def test_idle_memory(server, capsys):
    resident = server.rss_kib()
    with capsys.disabled():
        print(f"\nresident set of an idle server of this build: {resident} KiB")
    assert resident > 0
