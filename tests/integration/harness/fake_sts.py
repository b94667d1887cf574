"""The fake STS (tests/support/README.md): its process and its control port."""

import http.client
import json
import ssl

from .process import Process


class FakeSts:
    def __init__(self, binary, directory, keys, *arguments):
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        keys_file = directory / "keys.json"
        keys_file.write_text(json.dumps({"keys": [key.as_json() for key in keys]}))
        ready_file = directory / "ready.json"
        self.process = Process(
            [binary, "--keys", keys_file, "--cert-dir", directory, "--port", 0, "--control-port", 0]
            + ["--ready-file", ready_file, *arguments]
        )
        self.process.wait_for(r"^fake STS listening on ")
        ready = json.loads(ready_file.read_text())
        self.port = ready["port"]
        self.control_port = ready["control_port"]
        self.ca_file = ready["ca_file"]

    @property
    def connect_to(self):
        """For `sts.connectTo`, and for curl's --connect-to: every host goes to this server."""
        return f"::127.0.0.1:{self.port}"

    def tls(self):
        return ssl.create_default_context(cafile=self.ca_file)

    def control(self, method, path, body=None, timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.control_port, timeout=timeout)
        try:
            connection.request(method, path, None if body is None else json.dumps(body))
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 200:
                raise AssertionError(f"{method} {path}: {answer.status} {text.decode(errors='replace')}")
            return json.loads(text)
        finally:
            connection.close()

    def stats(self):
        """{"requests": n, "connections": n, "handshakes": n, "held": n, …, "outcomes": {"granted": n, …}}"""
        return self.control("GET", "/stats")

    def requests(self):
        return self.stats()["requests"]

    def reset_stats(self):
        return self.control("POST", "/reset")

    def faults(self, *rules, **plan):
        """Replaces the fault plan. `faults()` ends all faults; `faults({"kind": "throttle"})` throttles every request;
        `faults(hold=True)` keeps answers back until the next plan; `faults(latency={"kind": "fixed", "ms": 5})`."""
        return self.control("POST", "/faults", {"rules": list(rules), **plan})

    def wait_until(self, counter, at_least, timeout=30):
        """Blocks until a counter of /stats (or of its outcomes) has this value; the statistics of that moment."""
        path = f"/wait?counter={counter}&at_least={at_least}&timeout_ms={int(timeout * 1000)}"
        return self.control("GET", path, timeout=timeout + 10)

    def add_keys(self, *keys):
        return self.control("POST", "/keys", {"keys": [key.as_json() for key in keys]})

    def resources(self, instances=(), roles=()):
        """Adds EC2 instances, {"instance_id", "account", "private_dns_name"}, and roles that may be assumed,
        {"role_arn", "trusted_account", "source_arn", "source_account"}."""
        return self.control("POST", "/resources", {"instances": list(instances), "roles": list(roles)})

    def ec2_faults(self, *rules, **plan):
        """As `faults`, of EC2 alone."""
        return self.control("POST", "/ec2-faults", {"rules": list(rules), **plan})

    def stop(self):
        return self.process.stop()
