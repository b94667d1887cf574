"""The servers under test. Each case starts one afresh, on the same port, before the same fake STS."""

import http.client
import json
import pathlib
from dataclasses import dataclass

from . import reviews
from .processes import ServerProcess

STATIC_ANSWER = json.dumps(
    {
        "kind": "TokenReview",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {},
        "spec": {},
        "status": {
            "authenticated": True,
            "user": {
                "username": "admin",
                "uid": "aws-iam-authenticator:123456789012:AROACKCEVSQ6C2EXAMPLE",
                "groups": ["system:masters"],
                "extra": {"sessionName": ["session-name"], "principalId": ["AROACKCEVSQ6C2EXAMPLE"]},
            },
        },
    },
    separators=(",", ":"),
)


@dataclass(frozen=True)
class Programs:
    arngate: pathlib.Path
    go_server: pathlib.Path
    fake_sts: pathlib.Path
    nginx: pathlib.Path


@dataclass(frozen=True)
class Surroundings:
    """What all cases share: the programs, the fake STS's authority and certificate, and how many threads to use."""

    programs: Programs
    directory: pathlib.Path
    threads: int
    log_directory: pathlib.Path | None = None

    @property
    def ca_file(self):
        return json.loads((self.directory / "sts-ready.json").read_text())["ca_file"]

    def log(self, name):
        return self.log_directory / f"{name}.log" if self.log_directory else None


def start_fake_sts(around, arguments):
    (around.directory / "keys.json").write_text(reviews.keys_json())
    ready_file = around.directory / "sts-ready.json"
    command = [around.programs.fake_sts, "--keys", around.directory / "keys.json", "--cert-dir", around.directory]
    command += ["--host", reviews.STS_HOST, "--port", "443", "--ready-file", ready_file, *arguments]
    process = ServerProcess(command, log=around.log("fake-sts"))
    process.wait_until(ready_file.exists)
    return process


def _state(around, name):
    state = around.directory / name
    state.mkdir(exist_ok=True)
    return state


def _webhook_config(around, name, **more):
    state = _state(around, name)
    server = {
        "port": reviews.PORT,
        "stateDir": str(state),
        "generateKubeconfig": str(state / "kubeconfig.yaml"),
        **reviews.MAPPING,
    }
    config = state / "config.json"
    config.write_text(json.dumps({"clusterID": reviews.CLUSTER_ID, "server": server, **more}))
    return config


def arngate_command(around, name, **more):
    config = _webhook_config(around, name, sts={"caFile": around.ca_file}, **more)
    return [around.programs.arngate, "server", "--config", config, "--threads", around.threads]


def _start_arngate(around, name, **more):
    command = arngate_command(around, name, **more)
    return ServerProcess(command, {"AWS_EC2_METADATA_DISABLED": "true"}, around.log(name))


def _start_go(around, name):
    config = _webhook_config(around, name)
    environment = {
        "SSL_CERT_FILE": around.ca_file,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": reviews.REGION,
    }
    return ServerProcess([around.programs.go_server, "server", "--config", config], environment, around.log(name))


def _start_nginx(around, name, location, upstream=""):
    """TLS 1.3 and the key type that arngate generates, one worker a thread; the access log is off."""
    state = _state(around, name)
    certificate, key = around.directory / "bench-cert.pem", around.directory / "bench-key.pem"
    config = state / "nginx.conf"
    config.write_text(
        f"""
daemon off;
worker_processes {around.threads};
pid {state}/pid;
error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {state}/body;
    proxy_temp_path {state}/proxy;
    fastcgi_temp_path {state}/fastcgi;
    uwsgi_temp_path {state}/uwsgi;
    scgi_temp_path {state}/scgi;
    keepalive_requests 100000000;
    {upstream}
    server {{
        listen 127.0.0.1:{reviews.PORT} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        client_body_buffer_size 64k;
        location /authenticate {{ {location} }}
    }}
}}
"""
    )
    # -e: not even the start may touch the log of the machine's own nginx.
    return ServerProcess([around.programs.nginx, "-e", "stderr", "-c", config], log=around.log(name))


def _start_nginx_static(around, name):
    return _start_nginx(around, name, f"default_type application/json; return 200 '{STATIC_ANSWER}';")


def _start_nginx_proxy(around, name):
    """Both TLS hops and nothing else: every request becomes one signed GetCallerIdentity over kept connections."""
    upstream = (
        "upstream sts { server 127.0.0.1:443; keepalive 256; keepalive_requests 100000000; }\n"
        f"proxy_ssl_trusted_certificate {around.ca_file}; proxy_ssl_verify on; proxy_ssl_server_name on; "
        f"proxy_ssl_name {reviews.STS_HOST}; proxy_ssl_protocols TLSv1.2 TLSv1.3; proxy_http_version 1.1;"
    )
    location = (
        'proxy_method GET; proxy_pass_request_body off; proxy_set_header Content-Length ""; '
        'proxy_set_header Content-Type ""; proxy_set_header Connection ""; '
        f"proxy_set_header Host {reviews.STS_HOST}; proxy_set_header Accept application/json; "
        f"proxy_set_header x-k8s-aws-id {reviews.CLUSTER_ID}; proxy_pass https://sts/?{reviews.presigned_query()};"
    )
    return _start_nginx(around, name, location, upstream)


@dataclass(frozen=True)
class Case:
    """One server in one configuration. `verifies`: it must grant every review, by its own metric."""

    name: str
    start: object
    verifies: bool

    def open(self, around, body):
        """Starts the server; returns when it has answered one review as it should."""
        process = self.start(around, self.name)
        try:
            process.wait_until(lambda: self._answers(body))
        except BaseException:
            process.stop()
            raise
        return process

    def _answers(self, body):
        connection = reviews.connect()
        try:
            status, answer = reviews.ask(connection, body)
        except (OSError, http.client.HTTPException):
            return False  # not listening yet
        finally:
            connection.close()
        if status != 200 or (self.verifies and not json.loads(answer)["status"].get("authenticated")):
            raise RuntimeError(f"{self.name} answers {status} and does not grant the review")
        return True


def cases():
    return [
        Case("arngate", lambda around, name: _start_arngate(around, name), True),
        Case(
            "arngate-uncached", lambda around, name: _start_arngate(around, name, cache={"enabled": False}), True
        ),
        Case("go", _start_go, True),
        Case("nginx-static", _start_nginx_static, False),
        Case("nginx-proxy", _start_nginx_proxy, False),
    ]
