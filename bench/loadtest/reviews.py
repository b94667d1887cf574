"""TokenReview bodies with freshly signed tokens, and whose they are."""

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
KEY = keys.ROLE
_ACCOUNT = "123456789012"


def mapping_entry(role, username):
    """One entry of mapRoles."""
    return f"  - rolearn: arn:aws:iam::{_ACCOUNT}:role/{role}\n    username: {username}\n    groups:\n    - system:masters"


def team_mappings(count):
    """Entries for that many roles, the one of KEY last."""
    made = [mapping_entry(f"team-{number:06}", f"team-{number:06}") for number in range(count - 1)]
    return [*made, mapping_entry("KubernetesAdmin", "admin")]


def team_keys(count):
    """Keys of the roles of `team_mappings`, each a session of a role of its own."""
    return [
        keys.Key(
            f"ASIATEAM{number:05}EXAMPLE",
            keys.SECRET,
            _ACCOUNT,
            f"arn:aws:sts::{_ACCOUNT}:assumed-role/team-{number:06}/session-{number:06}",
            f"AROATEAM{number:05}EXAMPLE:session-{number:06}",
            session_token=keys.ROLE.session_token,
        )
        for number in range(count)
    ]


def strangers(count):
    """Keys that STS does not know, of accounts that nobody has mapped."""
    return [
        keys.Key(
            f"AKIASTRANGE{number:02}EXAMPLE",
            keys.SECRET,
            f"9999000011{number:02}",
            f"arn:aws:iam::9999000011{number:02}:user/Stranger",
            f"AIDASTRANGE{number:02}EXAMPLE",
        )
        for number in range(count)
    ]


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


def body_of(key):
    return _body(tokens.by_hand(key, CLUSTER_ID, region=REGION))


def distinct_bodies(count):
    """Tokens of one role, each signed by itself. They differ in their age, as STS sees it, and in X-Amz-Expires."""
    made = []
    for number in range(count):
        token = tokens.by_hand(
            KEY, CLUSTER_ID, region=REGION, age_seconds=number // 900, expires=str(number % 900 + 1)
        )
        made.append(_body(token))
    return made


def presigned_query():
    """Query of one presigned GetCallerIdentity, for a proxy that sends nothing else."""
    return tokens.presigned_url(KEY, CLUSTER_ID, region=REGION).partition("?")[2]


def keys_json(some_keys):
    return json.dumps({"keys": [key.as_json() for key in some_keys]})


def connect():
    return http.client.HTTPSConnection("127.0.0.1", PORT, context=unverified_tls(), timeout=60)


def ask(connection, body):
    """Status and body of one review."""
    connection.request("POST", "/authenticate", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


def metric(name, connection=None, **labels):
    """Sum of the samples of the server's /metrics that have this name and these labels."""
    asked = connection or connect()
    try:
        asked.request("GET", "/metrics")
        text = asked.getresponse().read().decode()
    finally:
        if connection is None:
            asked.close()
    wanted = {f'{label}="{value}"' for label, value in labels.items()}
    total = 0.0
    for line in text.splitlines():
        sample, _, number = line.rpartition(" ")
        found, _, rest = sample.partition("{")
        if found == name and wanted <= set(rest.rstrip("}").split(",")):
            total += float(number)
    return total


def granted_count():
    """Reviews that the server has granted so far, by the metric that arngate and the Go server share."""
    return int(metric("aws_iam_authenticator_authenticate_latency_seconds_count", result="success"))
