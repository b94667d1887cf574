"""The STS of a measurement, on port 443 of loopback. One at a time."""

import contextlib
import json
import urllib.request

from . import reviews
from .processes import ServerProcess


class FakeSts:
    """tests/support's STS, which checks every signature. It speaks HTTP/1.1."""

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


@contextlib.contextmanager
def over_http2(stage):
    """An STS that speaks HTTP/2, as the fake one does not: nginx, which gives the same identity to whoever asks."""
    with fake(stage):
        pass  # it has made the certificates
    folder = stage.folder("sts-http2")
    identity = {
        "GetCallerIdentityResponse": {
            "GetCallerIdentityResult": {
                "Account": reviews.KEY.account,
                "Arn": reviews.KEY.arn,
                "UserId": reviews.KEY.user_id,
            },
            "ResponseMetadata": {"RequestId": "00000000-0000-4000-8000-000000000000"},
        }
    }
    config = folder / "nginx.conf"
    config.write_text(
        f"""
daemon off;
worker_processes 1;
pid {folder}/pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 100000000;
    large_client_header_buffers 8 32k;
    server {{
        listen 127.0.0.1:443 ssl http2;
        ssl_certificate {stage.directory}/cert.pem;
        ssl_certificate_key {stage.directory}/key.pem;
        location / {{ default_type application/json; return 200 '{json.dumps(identity)}'; }}
    }}
}}
"""
    )
    command = [stage.programs.nginx, "-e", "stderr", "-c", config]
    process = ServerProcess(command, log=stage.log("sts-http2"), ends_children=True)
    try:
        yield process
    finally:
        process.stop()
