"""{{EC2PrivateDNSName}}: both servers learn names of instances from the fake EC2 under its real name."""

import json
import urllib.request

from differences import Row
from principals import ACCOUNTS, Principal, SECRET

REGION = "us-east-1"
HOST = f"ec2.{REGION}.amazonaws.com"
ACCOUNT, OTHER_ACCOUNT = ACCOUNTS[:2]
SERVER = Principal("AKIASERVEREXAMPLE000", f"arn:aws:iam::{ACCOUNT}:user/Server", "AIDASERVEREXAMPLE000", ACCOUNT)
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": SERVER.access_key_id, "AWS_SECRET_ACCESS_KEY": SECRET}
NAMES = {f"i-{number:017x}": f"ip-10-0-0-{number}.ec2.internal" for number in range(1, 6)}
SHORT = {"i-0123abcd": "ip-10-1-0-1.ec2.internal"}
NAMELESS, UNKNOWN = "i-000000000000000aa", "i-000000000000000bb"
NO_INSTANCES = ("alice@example.com", "i-", "i-xyz", "i-0123456789abcdef0123", "I-0123ABCD", "@", "i-0123abcd@x")


def mappings():
    groups = ["system:nodes", "g:{{EC2PrivateDNSName}}"]
    node = {"username": "system:node:{{EC2PrivateDNSName}}", "groups": groups}
    return [{"rolearn": f"arn:aws:iam::{account}:role/Node", **node} for account in (ACCOUNT, OTHER_ACCOUNT)]


def add_principals(principals):
    """Each instance's session, sessions that are no instance's, and a node of another account than the server's."""
    sessions = [*NAMES, *SHORT, NAMELESS, UNKNOWN, *NO_INSTANCES]
    for account, names in ((ACCOUNT, sessions), (OTHER_ACCOUNT, [*NAMES][:1])):
        for session in names:
            arn = f"arn:aws:sts::{account}:assumed-role/Node/{session}"
            principals.add(arn, f"AROANODEEXAMPLE000000:{session}", account)
    principals.add(f"arn:aws:iam::{ACCOUNT}:role/Node", "AROANODEEXAMPLE000000", ACCOUNT)


def add_instances(control_port):
    known = {**NAMES, **SHORT, NAMELESS: ""}
    instances = [{"instance_id": id, "account": ACCOUNT, "private_dns_name": name} for id, name in known.items()]
    body = json.dumps({"instances": instances, "roles": []}).encode()
    urllib.request.urlopen(f"http://127.0.0.1:{control_port}/resources", body, timeout=60).close()


def _session(request):
    return request.principal.arn.rpartition("/")[2] if request.principal else ""


def is_of_another_account(request):
    """Whether the caller is no instance's of its own account, but one of the server's."""
    return f":{OTHER_ACCOUNT}:assumed-role/Node/" in (request.principal.arn if request.principal else "")


def _is_f13(request, go, ours):
    """No name is no name, and no text that is not an instance's id is asked about."""
    nameless = _session(request) == NAMELESS and go.outcome == "success"
    return nameless and ours.outcome == "uknown_user" and ours.status == 403 and go.sts == ours.sts


ROWS = (Row("F13", "instances without a name", "no user of an empty name", _is_f13),)
