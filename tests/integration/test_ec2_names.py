"""{{EC2PrivateDNSName}}: names of EC2 instances, from a fake EC2 that judges signatures."""

import concurrent.futures
import datetime
import http.server
import json
import subprocess
import threading

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
SERVER_KEY = keys.Key(
    "AKIASERVEREXAMPLE000", keys.SECRET, ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/Server", "AIDASERVEREXAMPLE000"
)
OTHER_KEY = keys.Key(
    "AKIAOTHEREXAMPLE0000", keys.SECRET, OTHER_ACCOUNT, f"arn:aws:iam::{OTHER_ACCOUNT}:user/Other", "AIDAOTHEREXAMPLE0000"
)
ROLE_ARN = f"arn:aws:iam::{OTHER_ACCOUNT}:role/path/Describer"
SOURCE_ARN = f"arn:aws:eks:us-east-1:{ACCOUNT}:cluster/one"

NODES = {
    "mapRoles": [
        {
            "rolearn": f"arn:aws:iam::{ACCOUNT}:role/Node",
            "username": "system:node:{{EC2PrivateDNSName}}",
            "groups": ["system:bootstrappers", "system:nodes"],
        }
    ]
}


def instance_id(number):
    return f"i-{number:017x}"


def node_key(number, session=None):
    return keys.Key(
        f"ASIANODE{number:012d}",
        keys.SECRET,
        ACCOUNT,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/Node/{session or instance_id(number)}",
        f"AROANODEEXAMPLE000000:{session or instance_id(number)}",
        session_token=f"session-token-of-node-{number}",
    )


def instance(number, name=None, account=ACCOUNT):
    name = f"ip-10-0-0-{number}.ec2.internal" if name is None else name
    return {"instance_id": instance_id(number), "account": account, "private_dns_name": name}


def token_of(key):
    return tokens.by_hand(key, CLUSTER_ID)


@pytest.fixture
def node_server(make_server, fake_sts):
    """node_server(server={…}, key=…, **changes): a daemon whose nodes have names, in us-east-1."""
    fake_sts.add_keys(SERVER_KEY, OTHER_KEY, *(node_key(number) for number in range(1, 101)))

    def start(server=None, key=SERVER_KEY, sts=None, env=None, **changes):
        return make_server(
            {"server": {**NODES, **(server or {})}, "sts": {"region": "us-east-1", **(sts or {})}, **changes},
            env={**(key.environment() if key else {}), **(env or {})},
        )

    return start


INSTANCE_KEY = keys.Key(
    "ASIAINSTANCEEXAMPLE0",
    keys.SECRET,
    ACCOUNT,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/ControlPlane/{instance_id(200)}",
    f"AROAINSTANCEEXAMPLE0:{instance_id(200)}",
    session_token="session-token-of-the-instance",
)


class Metadata(http.server.BaseHTTPRequestHandler):
    """IMDSv2 of an instance with the role ControlPlane."""

    def answer(self, status, text=""):
        self.server.seen.append((self.command, self.path))
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def do_PUT(self):
        self.answer(200, "session")

    def do_GET(self):
        roles = "/latest/meta-data/iam/security-credentials/"
        if self.headers.get("X-aws-ec2-metadata-token") != "session":
            self.answer(401)
        elif self.path == roles:
            self.answer(200, "ControlPlane")
        elif self.path == roles + "ControlPlane":
            end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=6)
            document = {
                "Code": "Success",
                "Type": "AWS-HMAC",
                "AccessKeyId": INSTANCE_KEY.access_key_id,
                "SecretAccessKey": INSTANCE_KEY.secret_access_key,
                "Token": INSTANCE_KEY.session_token,
                "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            self.answer(200, json.dumps(document))
        else:
            self.answer(404)

    def log_message(self, *_):
        pass


@pytest.fixture
def metadata():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metadata) as server:
        server.seen = []
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def ec2_calls(fake_sts):
    outcomes = fake_sts.stats()["outcomes"]
    return sum(count for name, count in outcomes.items() if name not in ("granted", "assumed"))


def test_a_hundred_nodes_at_once_and_one_that_is_unknown(node_server, fake_sts):
    fake_sts.resources(instance(number) for number in range(1, 101) if number != 37)
    server = node_server()
    fake_sts.faults(hold=True)
    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        reviews = {
            number: pool.submit(server.review, token_of(node_key(number)), timeout=60) for number in range(1, 101)
        }
        fake_sts.wait_until("held", 100)
        fake_sts.faults()
        answers = {number: review.result() for number, review in reviews.items()}

    for number, answer in answers.items():
        assert answer.status == 200, number
        if number == 37:
            assert not answer.authenticated
        else:
            assert answer.user["username"] == f"system:node:ip-10-0-0-{number}.ec2.internal"
    calls = ec2_calls(fake_sts)
    assert calls < 25
    assert server.metric("aws_iam_authenticator_ec2_describe_instances_calls_total") == calls
    assert server.metric("arngate_ec2_batch_instances_count") == calls
    assert server.metric("arngate_ec2_cache_entries") == 99
    assert server.metric("arngate_ec2_reviews_waiting") == 0

    # What was learnt is kept: the name, and for a short while that there is none.
    assert server.review(token_of(node_key(5))).authenticated
    assert ec2_calls(fake_sts) == calls


def test_throttling_passes_or_is_said(node_server, fake_sts):
    fake_sts.resources([instance(1), instance(2)])
    server = node_server()
    fake_sts.ec2_faults({"kind": "throttle", "times": 2})
    assert server.review(token_of(node_key(1))).user["username"] == "system:node:ip-10-0-0-1.ec2.internal"
    assert fake_sts.stats()["outcomes"]["RequestLimitExceeded"] == 2
    assert server.metric("arngate_ec2_calls_total", outcome="throttled") == 2

    fake_sts.ec2_faults({"kind": "throttle"})
    answer = server.review(token_of(node_key(2)))
    assert answer.status == 503
    assert int(answer.headers["retry-after"]) >= 1
    server.process.wait_for(r"access denied.*reason=ec2_unavailable|reason=ec2_unavailable.*access denied")

    fake_sts.ec2_faults()
    assert server.review(token_of(node_key(2))).authenticated


@pytest.mark.parametrize("kind", ["internal_failure", "service_unavailable", "reset_before", "reset_mid", "half_body"])
def test_passing_trouble_is_tried_again(node_server, fake_sts, kind):
    fake_sts.resources([instance(1)])
    server = node_server()
    fake_sts.ec2_faults({"kind": kind, "times": 1})
    assert server.review(token_of(node_key(1))).authenticated


@pytest.mark.parametrize("kind", ["redirect", "huge_body"])
def test_an_answer_that_is_none_is_not_believed(node_server, fake_sts, kind):
    fake_sts.resources([instance(1)])
    server = node_server()
    fake_sts.ec2_faults({"kind": kind, "bytes": 9 * 1024 * 1024})
    assert not server.review(token_of(node_key(1))).authenticated
    fake_sts.ec2_faults()
    assert server.review(token_of(node_key(1))).authenticated


def test_an_empty_name_is_asked_for_again(node_server, fake_sts):
    fake_sts.resources([instance(1, name="")])
    server = node_server()
    for calls in (1, 2):
        answer = server.review(token_of(node_key(1)))
        assert answer.status == 200
        assert not answer.authenticated
        assert answer.error  # not to be remembered by the API server
        assert ec2_calls(fake_sts) == calls
    fake_sts.resources([instance(1, name="ip-10-0-0-1.ec2.internal")])
    assert server.review(token_of(node_key(1))).user["username"] == "system:node:ip-10-0-0-1.ec2.internal"


def test_session_names_that_are_no_instance_ids_cost_no_call(node_server, fake_sts):
    server = node_server()
    for number, session in enumerate(["alice", "i-ABCD_123", "i-0123456", "i-0123456789abcdefg"], start=200):
        key = node_key(number, session)
        fake_sts.add_keys(key)
        assert not server.review(token_of(key)).authenticated
    assert ec2_calls(fake_sts) == 0


def test_an_instance_of_another_account_lends_nobody_its_name(node_server, fake_sts):
    fake_sts.resources([instance(1, account=OTHER_ACCOUNT)])
    server = node_server(key=OTHER_KEY)
    assert not server.review(token_of(node_key(1))).authenticated
    server.process.wait_for(r"reason=template_failed")
    assert "of another account than the caller" in server.log
    assert server.metric("arngate_ec2_foreign_instances_total") == 1

    for changes in ({"server": {"ec2RequireSameAccount": False}}, {"compat": "reference"}):
        lenient = node_server(key=OTHER_KEY, **changes)
        assert lenient.review(token_of(node_key(1))).authenticated


def test_the_role_is_assumed_for_its_source(node_server, fake_sts):
    fake_sts.resources(
        [instance(1, account=OTHER_ACCOUNT), instance(2, account=OTHER_ACCOUNT)],
        [
            {
                "role_arn": ROLE_ARN,
                "trusted_account": ACCOUNT,
                "source_arn": SOURCE_ARN,
                "source_account": ACCOUNT,
            }
        ],
    )
    settings = {"ec2DescribeInstancesRoleARN": ROLE_ARN, "sourceARN": SOURCE_ARN, "ec2RequireSameAccount": False}
    server = node_server(server=settings)
    assert server.review(token_of(node_key(1))).authenticated
    assert server.review(token_of(node_key(2))).authenticated
    assert fake_sts.stats()["outcomes"]["assumed"] == 1

    for wrong in ("", SOURCE_ARN + "-of-another"):
        refused = node_server(server={**settings, "sourceARN": wrong})
        answer = refused.review(token_of(node_key(1)))
        assert answer.status == 200
        assert not answer.authenticated
        refused.process.wait_for(r"AssumeRole was answered with 403 \(AccessDenied\)")


def test_a_source_without_an_account_keeps_the_server_from_starting(arngate_bin, node_server, fake_sts):
    server = node_server()
    server.write_config(
        {"server": {"ec2DescribeInstancesRoleARN": ROLE_ARN, "sourceARN": "arn:aws:s3:::bucket", "port": 0}}
    )
    done = subprocess.run(
        [str(arngate_bin), "server", "--config", str(server.config_file)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "server.sourceARN" in done.stderr


def test_what_is_missing_is_said_at_start_and_refuses_nodes_alone(node_server, fake_sts):
    user = {
        "mapUsers": [{"userarn": f"arn:aws:iam::{ACCOUNT}:user/Alice", "username": "alice", "groups": ["developers"]}]
    }
    cases = [
        ({"key": None}, "no AWS credentials found"),
        ({"sts": {"region": ""}}, "the region is not known"),
        ({"sts": {"region": "cn-north-1"}}, "is not of the partition aws"),
    ]
    for options, what in cases:
        server = node_server(server=user, **options)
        assert what in server.log
        answer = server.review(token_of(node_key(1)))
        assert answer.status == 200
        assert not answer.authenticated
        assert answer.error
        assert server.review(token_of(keys.USER)).authenticated
    assert ec2_calls(fake_sts) == 0


def test_keys_that_ec2_does_not_take_are_said(node_server, fake_sts):
    fake_sts.resources([instance(1)])
    wrong = keys.Key(SERVER_KEY.access_key_id, "notTheSecretOfThisKey", ACCOUNT, SERVER_KEY.arn, SERVER_KEY.user_id)
    server = node_server(key=wrong)
    assert server.review(token_of(node_key(1))).status == 503
    server.process.wait_for(r"EC2 answered 401 \(AuthFailure\)")
    assert "notTheSecret" not in server.log


def test_the_credentials_of_the_instance_are_used_where_there_are_no_others(node_server, fake_sts, metadata):
    fake_sts.add_keys(INSTANCE_KEY)
    fake_sts.resources([instance(1), instance(2)])
    env = {
        "AWS_EC2_METADATA_DISABLED": "false",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{metadata.server_port}/",
    }
    server = node_server(key=None, env=env)
    for number in (1, 2):
        answer = server.review(token_of(node_key(number)))
        assert answer.user["username"] == f"system:node:ip-10-0-0-{number}.ec2.internal"
    assert "cannot be asked" not in server.log
    path = "/latest/meta-data/iam/security-credentials/"
    # Once, at the start or for the first of them.
    asked = [(method, target) for method, target in metadata.seen if target.startswith(path)]
    assert asked == [("GET", path), ("GET", path + "ControlPlane")]
    for secret in (keys.SECRET, INSTANCE_KEY.session_token):
        assert secret not in server.log

    metadata.seen.clear()
    with_keys = node_server(env=env)
    assert with_keys.review(token_of(node_key(1))).authenticated
    assert metadata.seen == []


def test_stopping_answers_who_waits_for_ec2(node_server, fake_sts):
    fake_sts.resources([instance(1)])
    server = node_server(server={"drainTimeout": "10s"})
    fake_sts.ec2_faults(hold=True)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        review = pool.submit(server.review, token_of(node_key(1)), timeout=60)
        fake_sts.wait_until("held", 1)
        server.process.send_signal(15)
        server.process.wait_for(r"stopping")
        fake_sts.ec2_faults()
        assert review.result().authenticated
    assert server.process.wait() == 0
