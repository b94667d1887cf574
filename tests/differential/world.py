"""The programs side by side: one fake STS under AWS's names, the Go server, and arngate under both of its names.

Everything here runs inside tests/go/isolated_network.py, so the ports are free and nothing else can be reached.
"""

import http.client
import json
import os
import pathlib
import re
import ssl
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(TESTS / "integration"), str(TESTS / "go")]

from harness.process import Process  # noqa: E402

STS_PORT = 443
CONTROL_PORT = 21390  # of the fake STS
GO_HEALTH_PORT = 21363  # of the Go server, which has no key for it


def partitions():
    """The table of the vectors: id → its description."""
    table = json.loads((TESTS / "vectors" / "partitions.json").read_text())["cases"]
    return {row["id"]: row for row in table}


def hosts_of(row):
    """Every STS host of a partition, {name: region for signing}, without those that both programs refuse."""
    hosts = {}
    for region in row["regions"]:
        if region.endswith("-global") or region == "aws-global":
            continue
        hosts[f"sts.{region}.{row['dns_suffix']}"] = region
        if row["id"] != "aws-us-gov":
            hosts[f"sts-fips.{region}.{row['dns_suffix']}"] = region
        if row["dual_stack_suffix_accepted"]:
            hosts[f"sts.{region}.{row['dual_stack_suffix_accepted']}"] = region
            hosts[f"sts-fips.{region}.{row['dual_stack_suffix_accepted']}"] = region
    if row["id"] == "aws":
        hosts["sts.amazonaws.com"] = "us-east-1"
    return hosts


def all_hosts():
    return {name: region for row in partitions().values() for name, region in hosts_of(row).items()}


class FakeSts:
    def __init__(self, binary, directory, keys):
        directory.mkdir()
        keys_file = directory / "keys.json"
        keys_file.write_text(json.dumps({"keys": keys}))
        self.ca_file = directory / "ca.pem"
        ports = ["--port", STS_PORT, "--control-port", CONTROL_PORT]
        self.process = Process([binary, "--keys", keys_file, "--cert-dir", directory, *ports])
        self.process.wait_for(r"^fake STS listening on ")

    def stop(self):
        self.process.popen.kill()
        self.process.wait()


class Server:
    """One server with a connection that is kept, its metrics and its log."""

    def __init__(self, name, binary, directory, port, config_file, ca_file, arguments=(), environment=None):
        directory.mkdir()
        self.name = name
        self.port = port
        self.directory = directory
        state = directory / "state"
        state.mkdir()
        command = [binary, "server", "--config", config_file, "--port", port, "--state-dir", state]
        command += ["--generate-kubeconfig", directory / "kubeconfig.yaml", *arguments]
        self.process = Process(
            command,
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": "/nonexistent",
                "SSL_CERT_FILE": str(ca_file),
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_REGION": "us-east-1",
                "TZ": "UTC",
                **(environment or {}),
            },
        )
        self.process.wait_for(r"listening on ")
        self.certificate = state / "cert.pem"
        self.tls = ssl.create_default_context(cafile=str(self.certificate))
        self.tls.verify_flags &= ~ssl.VERIFY_X509_STRICT
        self.connection = None

    def _connect(self):
        if self.connection is None:
            self.connection = http.client.HTTPSConnection("localhost", self.port, context=self.tls, timeout=60)
        return self.connection

    def ask(self, method, path, body=None, headers=None):
        """(status, {header: value}, body). A connection that the server had closed is made anew, once."""
        for attempt in (1, 2):
            connection = self._connect()
            try:
                connection.putrequest(method, path, skip_accept_encoding=True)
                for name, value in (headers or {}).items():
                    connection.putheader(name, value)
                if body is not None:
                    connection.putheader("Content-Length", str(len(body)))
                try:
                    connection.endheaders(body)
                except OSError:
                    pass  # a server that has read enough answers, and closes before the rest is sent
                answer = connection.getresponse()
                content = answer.read()
            except (http.client.HTTPException, OSError):
                self.hang_up()
                if attempt == 2:
                    raise
                continue
            if answer.will_close:
                self.hang_up()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content
        raise AssertionError("not reached")

    def ask_over_http2(self, method, path, body=None, headers=None):
        """The same over HTTP/2, by curl on a connection of its own."""
        head, content = self.directory / "head", self.directory / "content"
        command = ["curl", "--silent", "--http2", "--path-as-is", "--max-time", "60", "--cacert", self.certificate]
        command += ["--head"] if method == "HEAD" else ["--request", method]
        for name, value in (headers or {}).items():
            command += ["--header", f"{name}: {value}" if value else f"{name};"]
        if body is not None:
            command += ["--data-binary", "@-"]
        command += ["--dump-header", head, "--output", content, f"https://localhost:{self.port}{path}"]
        content.write_bytes(b"")
        subprocess.run([str(part) for part in command], input=body or b"", check=True, timeout=120)
        first, *rest = head.read_bytes().decode("latin-1").split("\r\n\r\n")[-2].split("\r\n")
        version, status = first.split()[:2]
        assert version == "HTTP/2", f"{self.name} speaks {version}"
        named = dict(line.split(": ", 1) for line in rest if ": " in line)
        said = b"" if method == "HEAD" else content.read_bytes()  # with --head curl writes the head there
        return int(status), {name.lower(): value for name, value in named.items()}, said

    def hang_up(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def metrics(self):
        """{sample: value} of the metrics that both programs have; of histograms only the counts."""
        status, _, text = self.ask("GET", "/metrics")
        assert status == 200
        samples = {}
        for line in text.decode().splitlines():
            found = re.match(r"aws_iam_authenticator_(\w+)(?:\{(.*)\})? (\S+)$", line)
            if found and not found[1].endswith(("_bucket", "_sum")):
                labels = ",".join(sorted((found[2] or "").split(",")))
                samples[f"{found[1]}{{{labels}}}"] = float(found[3])
        return samples

    def families(self):
        """Which metrics of both there are: type of each family, and every bucket of those that were observed."""
        text = self.ask("GET", "/metrics")[2].decode()
        types = set(re.findall(r"^# TYPE (aws_iam_authenticator_\w+ \w+)$", text, re.MULTILINE))
        return types | set(re.findall(r"^(aws_iam_authenticator_\w+_bucket\{.*\}) ", text, re.MULTILINE))

    def stop(self):
        """The whole log. The Go server ends at a second signal only, so it is killed."""
        self.hang_up()
        if self.name == "go":
            self.process.popen.kill()
            self.process.wait()
        else:
            status = self.process.stop()
            if status != 0:
                raise AssertionError(f"{self.name} ended with {status}:\n{self.process.output[-4000:]}")
        return self.process.lines


class World:
    """The three servers over one configuration file."""

    def __init__(self, programs, directory, config_text, ca_file, feature_gates=None, environment=None):
        directory.mkdir()
        config_file = directory / "config.yaml"
        config_file.write_text(config_text)
        # Invoked by the other program's name, as packages install it.
        by_name = directory / "bin" / "aws-iam-authenticator"
        by_name.parent.mkdir()
        os.symlink(programs["arngate"], by_name)
        gates = ["--feature-gates", feature_gates] if feature_gates else []
        health = ["--health-address", "127.0.0.1", "--health-port"]
        plan = [
            ("go", programs["go"], 21362, gates),
            ("reference", by_name, 21372, [*gates, *health, 21373]),
            ("arngate", programs["arngate"], 21382, [*gates, *health, 21383]),
        ]
        self.servers = []
        try:
            for name, binary, port, arguments in plan:
                server = Server(name, binary, directory / name, port, config_file, ca_file, arguments, environment)
                self.servers.append(server)
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """{name: lines of the log}"""
        return {server.name: server.stop() for server in self.servers}
