"""What people do, on a real API server: kubectl whose exec plugin is `arngate token`, an API server whose authentication
webhook is `arngate server`, RBAC, and the chart."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

import pytest
import yaml

from api_server import ApiServer, free_ports, kubectl_of
from test_sources import ARNGATE, CRD, ROOT, SERVER, FakeSts, Server, config_map, keys, pytestmark, until  # noqa: F401

sys.path.insert(0, str(ROOT / "tests/chart"))
from combinations import COMBINATIONS  # noqa: E402
from harness.socket_unit import SocketUnit  # noqa: E402

CLUSTER = "test-cluster"
HELM = os.environ.get("ARNGATE_HELM", "")
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"
MAP_USERS = "- userarn: {arn}\n  username: {name}\n  groups: {groups}\n"


class Person:
    """Somebody with AWS credentials, kubectl and a kubeconfig that `arngate kubeconfig` wrote."""

    def __init__(self, api, home, key, *flags):
        home.mkdir()
        self.last_error = ""
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "KUBECONFIG": str(home / "config"),
                            "AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", **key.environment()}
        subprocess.run([ARNGATE, "kubeconfig", "--cluster-id", CLUSTER, "--server", f"https://127.0.0.1:{api.port}",
                        "--ca-file", api.authority, "--command", ARNGATE, *flags], env=self.environment, check=True, capture_output=True)

    def kubectl(self, *words, check=True):
        done = subprocess.run([kubectl_of(SERVER), *words], env=self.environment, capture_output=True, text=True,
                              timeout=120, check=False)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def whoami(self):
        done = self.kubectl("auth", "whoami", "--output", "json", check=False)
        self.last_error = done.stderr
        return json.loads(done.stdout)["status"]["userInfo"] if done.returncode == 0 else None

    def name(self):
        """The username that the API server gives, or None."""
        user = self.whoami()
        return user and user["username"]

    def may(self, *words):
        return self.kubectl("auth", "can-i", *words, check=False).stdout.strip() == "yes"


class Loop:
    """One who calls kubectl again and again until it is stopped."""

    def __init__(self, person):
        self.calls = 0
        self.failures = []
        self._person = person
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._stop.is_set():
            done = self._person.kubectl("auth", "whoami", check=False)
            self.calls += 1
            if done.returncode != 0:
                self.failures.append(done.stderr)

    def wait(self, calls):
        target = self.calls + calls
        until(lambda: self.calls >= target, f"{calls} calls", 120)

    def stop(self):
        self._stop.set()
        self._thread.join()
        assert self.failures == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("login")


@pytest.fixture(scope="module")
def sts(folder):
    one = FakeSts(os.environ["ARNGATE_FAKE_STS_BIN"], folder / "sts", keys.ALL)
    yield one
    one.stop()


class Cluster:
    """An API server and its daemon, which may be stopped and started again at the same port."""

    def __init__(self, folder, sts):
        self.folder = folder
        self.sts = sts
        self.api = ApiServer(SERVER, folder / "api", start=False)
        self.server = None
        self.port = free_ports(1)[0]
        self.start_server()
        webhook = folder / "webhook.yaml"  # read once, as by kube-apiserver
        shutil.copy(self.server.kubeconfig, webhook)
        self.api.webhook = webhook
        self.api.start()
        # In a test the credentials of the API server come from a file; in a pod they are the service account's.
        self.api.apply(config_map(mapUsers=MAP_USERS.format(arn=keys.USER.arn, name="alice", groups="[developers]")))

    def start_server(self, program=ARNGATE, **more):
        changes = {"server": {"backendMode": ["MountedFile", "EKSConfigMap"], "mapRoles": [], "mapUsers": [],
                              "kubeconfig": str(self.api.kubeconfig()), "port": self.port,
                              "reusePort": True},
                   "cache": {"ttl": "1s"}}
        self.server = Server(program, self.folder / "server", self.sts, changes, **more)
        self.server.port = self.port

    def stop(self):
        self.server.stop()
        self.api.stop()


@pytest.fixture(scope="module")
def cluster(folder, sts):
    one = Cluster(folder, sts)
    yield one
    one.stop()


@pytest.fixture(scope="module")
def alice(cluster, folder):
    person = Person(cluster.api, folder / "alice", keys.USER)
    try:
        until(lambda: person.whoami(), "alice gets in")
    except AssertionError:
        print(person.last_error, cluster.server.log[-3000:])
        raise
    return person


def test_whoami(alice):
    user = alice.whoami()
    assert user["username"] == "alice"
    assert user["groups"] == ["developers", "system:authenticated"]
    assert user["extra"]["arn"] == [keys.USER.arn]


def test_who_is_not_mapped_does_not_get_in(cluster, alice, folder):
    stranger = Person(cluster.api, folder / "stranger", keys.UNMAPPED)
    done = stranger.kubectl("get", "pods", check=False)
    assert done.returncode != 0
    assert "Unauthorized" in done.stderr or "must be logged in" in done.stderr


def test_rbac_decides_what_a_mapped_user_may_do(cluster, alice):
    assert not alice.may("list", "pods", "--namespace", "default")
    cluster.api.kubectl("create", "role", "pod-reader", "--verb=get,list,watch", "--resource=pods")
    cluster.api.kubectl("create", "rolebinding", "developers", "--role=pod-reader", "--group=developers")
    until(lambda: alice.may("list", "pods", "--namespace", "default"), "the binding counts")
    assert not alice.may("list", "pods", "--namespace", "kube-system")
    assert not alice.may("create", "pods", "--namespace", "default")


def test_an_edit_of_the_mapping_acts_soon(cluster, alice):
    entry = MAP_USERS.format(arn=keys.USER.arn, name="alicia", groups="[developers, writers]")
    since = cluster.server.process.mark()
    cluster.api.apply(config_map(mapUsers=entry))
    edited = time.monotonic()
    cluster.server.process.wait_for(r"mapping reloaded.*changed=1", since=since)
    print(f"the edit acted after {time.monotonic() - edited:.3f} s")
    # kube-apiserver itself remembers for ten seconds; tokens of the same second are the same token.
    until(lambda: alice.name() == "alicia", "the new name")
    cluster.api.apply(config_map(mapUsers=MAP_USERS.format(arn=keys.USER.arn, name="alice", groups="[developers]")))
    until(lambda: alice.name() == "alice", "the old name is back")


def test_no_call_fails_while_the_certificate_rotates(cluster, alice):
    calls = Loop(alice)
    try:
        for finish in ([], []):
            since = cluster.server.process.mark()
            subprocess.run([ARNGATE, "cert", "rotate", *finish, "--config", cluster.server.config_file], check=True,
                           capture_output=True)
            cluster.server.process.wait_for("took a new certificate", since=since)
            calls.wait(3)
    finally:
        calls.stop()


def test_no_call_fails_while_the_daemon_is_replaced(cluster, alice, folder):
    """As the chart does it: the new one starts, then the old one ends."""
    newer = folder / "newer-arngate"
    shutil.copy(ARNGATE, newer)
    calls = Loop(alice)
    try:
        for program in (ARNGATE, newer):
            old = cluster.server
            cluster.start_server(program)
            assert old.stop() == 0
            calls.wait(12)
    finally:
        calls.stop()


def test_no_call_fails_while_the_daemon_restarts_behind_a_socket_unit(cluster, alice, folder):
    """As systemd does it: the old one ends, calls wait in the unit's socket, the new one starts."""
    unit = SocketUnit(folder, ARNGATE, cluster.port, shared=True)
    calls = Loop(alice)
    try:
        old = cluster.server
        cluster.start_server(unit.program, env=unit.environment, pass_fds=unit.pass_fds)
        assert old.stop() == 0
        for _ in range(2):
            calls.wait(12)
            assert cluster.server.stop() == 0
            cluster.start_server(unit.program, env=unit.environment, pass_fds=unit.pass_fds)
        calls.wait(12)
        old = cluster.server
        cluster.start_server()
        assert old.stop() == 0
    finally:
        unit.close()
        calls.stop()


def test_users_stay_in_while_sts_is_down(cluster, alice, folder):
    keeper = Person(cluster.api, folder / "keeper", keys.USER, "--cache-token")
    # Not merely from the memory of kube-apiserver: a token of the same second may have been proven by the daemon before.
    since = cluster.server.process.mark()
    until(lambda: keeper.whoami() and any("access granted" in line for line in cluster.server.process.lines[since:]),
          "this daemon proves a token that is kept")
    cluster.sts.faults({"kind": "service_unavailable"})
    try:
        asked = cluster.server.metric("arngate_cache_stale_used_total")
        until(lambda: keeper.name() == "alice"
              and cluster.server.metric("arngate_cache_stale_used_total") > asked + 3, "the identity is kept")
    finally:
        cluster.sts.faults()
    until(lambda: alice.whoami(), "new tokens are proven again")


def operator_definitions(folder):
    """The CRDs of the Prometheus operator, which come with its Go module; tests/chart checks their sum."""
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "GOWORK": "off"}
    done = subprocess.run([os.environ["ARNGATE_GO"], "mod", "download", "-json", OPERATOR], cwd=folder, env=environment,
                          capture_output=True, text=True, check=True)
    return pathlib.Path(json.loads(done.stdout)["Dir"]) / "example/prometheus-operator-crd"


@pytest.mark.skipif(not HELM, reason="needs helm, named by ARNGATE_HELM: build/dev/tools/helm")
def test_the_api_server_takes_what_the_chart_renders(cluster, folder):
    values = folder / "values.yaml"
    for kind in ("podmonitors", "servicemonitors", "prometheusrules"):
        cluster.api.kubectl("apply", "--server-side", "-f", str(operator_definitions(folder) / f"monitoring.coreos.com_{kind}.yaml"))
    cluster.api.apply(CRD)
    kinds = "podmonitors,servicemonitors,prometheusrules,iamidentitymappings"
    until(lambda: cluster.api.kubectl("get", kinds, check=False).returncode == 0, "the definitions are served")
    # Nobody runs the controller that makes it.
    cluster.api.kubectl("create", "serviceaccount", "default", "--namespace", "kube-system")
    for name, chosen in COMBINATIONS.items():
        values.write_text(yaml.safe_dump(chosen))
        rendered = subprocess.run(
            [HELM, "template", "rel", ROOT / "charts/arngate", "--namespace", "kube-system", "--kube-version", "1.34.0",
             "--values", values], capture_output=True, text=True, check=True).stdout
        objects = [one for one in yaml.safe_load_all(rendered) if one]
        taken = cluster.api.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "-",
                                    stdin=yaml.safe_dump_all(objects), check=False)
        assert taken.returncode == 0, f"{name}: {taken.stderr}"
