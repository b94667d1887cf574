"""kube-apiserver's own webhook client, tests/go/webhookclient."""

import json
import subprocess


class WebhookClient:
    """One process of the client: reviews in, events out, one review at a time."""

    def __init__(self, binary, kubeconfig, *arguments, env=None):
        self.popen = subprocess.Popen(
            [binary, "-kubeconfig", kubeconfig, *arguments],
            env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def send(self, token, audiences=()):
        self.popen.stdin.write(json.dumps({"name": "review", "token": token, "audiences": list(audiences)}) + "\n")
        self.popen.stdin.flush()

    def event(self):
        line = self.popen.stdout.readline()
        if not line:
            raise AssertionError("the client ended: see its standard error")
        return json.loads(line)

    def result(self):
        while True:
            event = self.event()
            if event["event"] == "result":
                return event

    def ask(self, token, audiences=()):
        self.send(token, audiences)
        return self.result()

    def stop(self):
        self.popen.stdin.close()
        self.popen.stdout.read()
        return self.popen.wait(60)
