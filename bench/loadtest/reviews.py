"""TokenReview bodies with freshly signed tokens."""

import http.client
import json
import pathlib
import sys

from .processes import unverified_tls

_ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(_ROOT / "tests" / "integration"))
from harness import keys, tokens  # noqa: E402

CLUSTER_ID = "bench-cluster"
PORT = 21362
REGION = "us-east-1"
STS_HOST = f"sts.{REGION}.amazonaws.com"
MAPPING = {
    "mapRoles": [
        {"rolearn": "arn:aws:iam::123456789012:role/KubernetesAdmin", "username": "admin", "groups": ["system:masters"]}
    ]
}


def _body(token):
    return json.dumps(
        {
            "kind": "TokenReview",
            "apiVersion": "authentication.k8s.io/v1",
            "metadata": {"creationTimestamp": None},
            "spec": {"token": token, "audiences": ["https://kubernetes.default.svc"]},
            "status": {"user": {}},
        },
        separators=(",", ":"),
    )


def distinct_bodies(count):
    """Tokens of one role, each signed by itself. They differ in their age, as STS sees it, and in X-Amz-Expires."""
    made = []
    for number in range(count):
        token = tokens.by_hand(
            keys.ROLE, CLUSTER_ID, region=REGION, age_seconds=number // 900, expires=str(number % 900 + 1)
        )
        made.append(_body(token))
    return made


def presigned_query():
    """Query of one presigned GetCallerIdentity, for a proxy that sends nothing else."""
    return tokens.presigned_url(keys.ROLE, CLUSTER_ID, region=REGION).partition("?")[2]


def keys_json():
    return json.dumps({"keys": [keys.ROLE.as_json()]})


def connect():
    return http.client.HTTPSConnection("127.0.0.1", PORT, context=unverified_tls(), timeout=60)


def ask(connection, body):
    """Status and body of one review."""
    connection.request("POST", "/authenticate", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def granted_count():
    """Reviews that the server has granted so far, by the metric that arngate and the Go server share."""
    connection = connect()
    try:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    finally:
        connection.close()
    for line in text.splitlines():
        if line.startswith('aws_iam_authenticator_authenticate_latency_seconds_count{result="success"}'):
            return int(float(line.split()[-1]))
    return 0
