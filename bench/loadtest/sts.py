"""The STS of a measurement, on port 443 of loopback. One at a time."""

import contextlib
import json
import urllib.request

from . import reviews
from .processes import ServerProcess


class FakeSts:
    """tests/support's STS, which checks every signature. It offers HTTP/2 and HTTP/1.1 unless its arguments say less."""

    def __init__(self, stage, arguments):
        ready_file = stage.directory / "sts-ready.json"
        ready_file.unlink(missing_ok=True)
        keys_file = stage.directory / "keys.json"
        if not keys_file.exists():
            keys_file.write_text(reviews.keys_json([reviews.KEY]))
        command = [stage.programs.fake_sts, "--keys", keys_file, "--cert-dir", stage.directory]
        command += ["--host", reviews.STS_HOST, "--port", "443", "--control-port", "0", "--ready-file", ready_file]
        self.process = ServerProcess([*command, *arguments], log=stage.log("fake-sts"))
        self.process.wait_until(ready_file.exists)
        self._control = json.loads(ready_file.read_text())["control_port"]

    def _ask(self, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self._control}{path}", body)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def add_keys(self, text):
        self._ask("/keys", text.encode())

    def requests(self):
        return json.loads(self._ask("/stats"))["requests"]


@contextlib.contextmanager
def fake(stage, *arguments):
    """A FakeSts with these arguments of its command line, ended at the end."""
    sts = FakeSts(stage, arguments)
    try:
        yield sts
    finally:
        sts.process.stop()
