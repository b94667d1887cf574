"""The servers under test. Each is started afresh, on the same port, before the STS of the measurement."""

import contextlib
import http.client
import json

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


def write_config(stage, name, mappings=None, **more):
    """A configuration in block style, as people and tools write it; returns its path. `more`: further sections."""
    state = stage.folder(name)
    lines = [f"clusterID: {reviews.CLUSTER_ID}"]
    for section, content in more.items():
        lines += [f"{section}:", *(f"  {key}: {json.dumps(value)}" for key, value in content.items())]
    lines += ["server:", f"  port: {reviews.PORT}", f"  stateDir: {state}"]
    lines += [f"  generateKubeconfig: {state}/kubeconfig.yaml", "  mapRoles:"]
    lines += mappings or [reviews.mapping_entry("KubernetesAdmin", "admin")]
    config = state / "config.yaml"
    config.write_text("\n".join(lines) + "\n")
    return config


def arngate_command(stage, name, mappings=None, **more):
    config = write_config(stage, name, mappings, sts={"caFile": str(stage.ca_file)}, **more)
    return [stage.programs.arngate, "server", "--config", config, "--threads", stage.threads]


def _answers(name, body, must_grant):
    connection = reviews.connect()
    try:
        status, answer = reviews.ask(connection, body)
    except (OSError, http.client.HTTPException):
        return False  # not listening yet
    finally:
        connection.close()
    if status != 200 or (must_grant and not json.loads(answer)["status"].get("authenticated")):
        raise RuntimeError(f"{name} answers {status} and does not grant the review")
    return True


@contextlib.contextmanager
def _running(name, process, body=None, must_grant=True):
    """Gives the process when it has answered one review as it should, and ends it."""
    try:
        body = body or reviews.body_of(reviews.KEY)
        process.wait_until(lambda: _answers(name, body, must_grant), 60.0)
        yield process
    finally:
        process.stop()


def arngate(stage, mappings=None, body=None, **more):
    command = arngate_command(stage, "arngate", mappings, **more)
    process = ServerProcess(command, {"AWS_EC2_METADATA_DISABLED": "true"}, stage.log("arngate"))
    return _running("arngate", process, body)


def go(stage, mappings=None, body=None):
    environment = {
        "SSL_CERT_FILE": stage.ca_file,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": reviews.REGION,
    }
    command = [stage.programs.go_server, "server", "--config", write_config(stage, "go", mappings)]
    return _running("the Go server", ServerProcess(command, environment, stage.log("go")), body)


def _nginx(stage, name, location, upstream=""):
    """TLS 1.3, HTTP/1.1 and HTTP/2, the key type that arngate generates, one worker a thread; the access log is off."""
    folder = stage.folder(name)
    config = folder / "nginx.conf"
    config.write_text(
        f"""
daemon off;
worker_processes {stage.threads};
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
    {upstream}
    server {{
        listen 127.0.0.1:{reviews.PORT} ssl http2;
        ssl_certificate {stage.directory}/bench-cert.pem;
        ssl_certificate_key {stage.directory}/bench-key.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        client_body_buffer_size 64k;
        location /authenticate {{ {location} }}
    }}
}}
"""
    )
    # -e: not even the start may touch the log of the machine's own nginx.
    command = [stage.programs.nginx, "-e", "stderr", "-c", config]
    process = ServerProcess(command, log=stage.log(name), ends_children=True)
    return _running(name, process, must_grant=False)


def nginx_static(stage):
    return _nginx(stage, "nginx-static", f"default_type application/json; return 200 '{STATIC_ANSWER}';")


def nginx_proxy(stage):
    """Both TLS hops and nothing else: every request becomes one signed GetCallerIdentity over kept connections."""
    upstream = (
        "upstream sts { server 127.0.0.1:443; keepalive 256; keepalive_requests 100000000; }\n"
        f"proxy_ssl_trusted_certificate {stage.ca_file}; proxy_ssl_verify on; proxy_ssl_server_name on; "
        f"proxy_ssl_name {reviews.STS_HOST}; proxy_ssl_protocols TLSv1.2 TLSv1.3; proxy_http_version 1.1;"
    )
    location = (
        'proxy_method GET; proxy_pass_request_body off; proxy_set_header Content-Length ""; '
        'proxy_set_header Content-Type ""; proxy_set_header Connection ""; '
        f"proxy_set_header Host {reviews.STS_HOST}; proxy_set_header Accept application/json; "
        f"proxy_set_header x-k8s-aws-id {reviews.CLUSTER_ID}; proxy_pass https://sts/?{reviews.presigned_query()};"
    )
    return _nginx(stage, "nginx-proxy", location, upstream)
