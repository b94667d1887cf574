"""The daemon under test: its configuration, its process, and a plain client for it."""

import copy
import http.client
import json
import re
import signal
import socket
import ssl
from dataclasses import dataclass, field

from .process import Process

CLUSTER_ID = "test-cluster"

MAPPING = {
    "mapRoles": [
        {
            "rolearn": "arn:aws:iam::123456789012:role/KubernetesAdmin",
            "username": "kubernetes-admin:{{SessionName}}",
            "groups": ["system:masters"],
        }
    ],
    "mapUsers": [
        {"userarn": "arn:aws:iam::123456789012:user/Alice", "username": "alice", "groups": ["developers", "viewers"]}
    ],
}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def merge(base, changes):
    """`changes` over `base`, mappings merged key by key, everything else replaced."""
    result = copy.deepcopy(base)
    for name, value in changes.items():
        if isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = merge(result[name], value)
        else:
            result[name] = value
    return result


def metric(text, name, **labels):
    """Value of one sample in Prometheus text; 0.0 when it is not there."""
    for line in text.splitlines():
        found = re.match(rf"^{re.escape(name)}(?:\{{(.*)\}})? (\S+)$", line)
        if found:
            have = dict(re.findall(r'(\w+)="([^"]*)"', found.group(1) or ""))
            if all(have.get(key) == value for key, value in labels.items()):
                return float(found.group(2))
    return 0.0


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    json: object = field(default=None)

    @property
    def authenticated(self):
        return bool(self.json and self.json.get("status", {}).get("authenticated", False))

    @property
    def user(self):
        return (self.json or {}).get("status", {}).get("user", {})

    @property
    def error(self):
        return (self.json or {}).get("status", {}).get("error")


def review_body(token, version="v1", audiences=None):
    spec = {"token": token}
    if audiences is not None:
        spec["audiences"] = list(audiences)
    return json.dumps({"apiVersion": f"authentication.k8s.io/{version}", "kind": "TokenReview", "spec": spec}).encode()


class Server:
    """Starts `arngate server` and waits until it listens. `changes` go over the default configuration."""

    def __init__(self, binary, directory, fake_sts, changes=None, *, arguments=(), env=None, pass_fds=()):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.binary = binary
        self.state_dir = directory / "state"
        self.state_dir.mkdir(exist_ok=True)
        self.kubeconfig = directory / "kubeconfig.yaml"
        self.port = free_port()
        self.health_port = free_port()
        base = {
            "clusterID": CLUSTER_ID,
            "log-verbosity": "trace",
            "server": {
                "address": "127.0.0.1",
                "port": self.port,
                "healthAddress": "127.0.0.1",
                "healthPort": self.health_port,
                "stateDir": str(self.state_dir),
                "generateKubeconfig": str(self.kubeconfig),
                **copy.deepcopy(MAPPING),
            },
            "sts": {},
        }
        if fake_sts is not None:
            base["sts"] = {"caFile": str(fake_sts.ca_file), "connectTo": [fake_sts.connect_to]}
        self.config_file = directory / "config.yaml"
        self.config = merge(base, changes or {})
        self.write_config()
        self.process = Process(
            [binary, "server", "--config", self.config_file, *arguments],
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "AWS_EC2_METADATA_DISABLED": "true", **(env or {})},
            pass_fds=pass_fds,
        )
        self.process.wait_for(r"listening on https://")

    def write_config(self, changes=None, text=None):
        """JSON is YAML. `text` writes exactly that instead."""
        if changes:
            self.config = merge(self.config, changes)
        self.config_file.write_text(json.dumps(self.config, indent=1) if text is None else text)

    def tls(self):
        context = ssl.create_default_context(cafile=str(self.state_dir / "cert.pem"))
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        # After a rotation the certificate is signed by the one before.
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        return context

    def connection(self, timeout=30):
        return http.client.HTTPSConnection("localhost", self.port, context=self.tls(), timeout=timeout)

    def request(self, method, path, body=None, headers=None, timeout=30):
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        names = {name.lower(): value for name, value in answer.getheaders()}
        parsed = None
        if names.get("content-type", "").startswith("application/json") and content:
            parsed = json.loads(content)
        return Answer(answer.status, names, content, parsed)

    def review(self, token, version="v1", audiences=None, timeout=30):
        """One TokenReview as kube-apiserver sends it."""
        body = review_body(token, version, audiences)
        return self.request("POST", "/authenticate", body, {"Content-Type": "application/json"}, timeout)

    def metrics(self):
        answer = self.request("GET", "/metrics")
        assert answer.status == 200
        return answer.body.decode()

    def metric(self, name, **labels):
        return metric(self.metrics(), name, **labels)

    @property
    def log(self):
        return self.process.output

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def rss_kib(self):
        with open(f"/proc/{self.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1))

    def stop(self):
        """Exit status after SIGTERM."""
        return self.process.stop()
