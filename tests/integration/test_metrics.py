"""Names and labels that dashboards and alerts read."""

import re

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID, metric

FROM_THE_START = [
    ("aws_iam_authenticator_ec2_describe_instances_calls_total", "counter"),
    ("aws_iam_authenticator_configmap_watch_failures_total", "counter"),
    ("aws_iam_authenticator_dynamicfile_failures_total", "counter"),
    ("aws_iam_authenticator_dynamic_file_enabled", "gauge"),
    ("aws_iam_authenticator_dynamic_file_only", "gauge"),
]
LATENCY = "aws_iam_authenticator_authenticate_latency_seconds"
BUCKETS = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"]


@pytest.mark.parametrize(("name", "kind"), FROM_THE_START)
def test_there_from_the_start(server, name, kind):
    text = server.metrics()
    assert f"# TYPE {name} {kind}" in text
    assert re.search(rf"^{name} 0$", text, re.MULTILINE)


def test_every_outcome_moves_its_metrics(server, fake_sts):
    good = tokens.by_hand(keys.USER, CLUSTER_ID)
    assert server.review(good).authenticated
    assert server.review(good).authenticated
    server.review(tokens.flip_signature(good))
    server.review("k8s-aws-v1.x")
    server.review(tokens.by_hand(keys.UNMAPPED, CLUSTER_ID))
    server.request("GET", "/authenticate")
    server.request("POST", "/authenticate", b"[]")
    fake_sts.faults({"kind": "throttle"})
    server.review(tokens.by_hand(keys.USER, CLUSTER_ID, age_seconds=5))
    text = server.metrics()

    def count(result):
        return metric(text, f"{LATENCY}_count", result=result)

    assert count("success") == 2
    assert count("sts_error") == 1
    assert count("invalid_token") == 1
    assert count("uknown_user") == 1
    assert count("malformed_request") == 2
    assert count("sts_throttling") == 1
    bounds = re.findall(rf'^{LATENCY}_bucket{{result="success",le="([^"]+)"}}', text, re.MULTILINE)
    assert [float(bound) for bound in bounds] == [float(bound) for bound in BUCKETS]
    sts = "aws_iam_authenticator_sts_responses_total"
    assert metric(text, sts, ResponseCode="200", StsRegion="us-east-1") == 2
    assert metric(text, sts, ResponseCode="403", StsRegion="us-east-1") == 1
    assert metric(text, sts, ResponseCode="400", StsRegion="us-east-1") >= 1
    assert metric(text, "aws_iam_authenticator_sts_throttling_total", StsRegion="us-east-1") >= 1
    assert metric(text, "arngate_cache_lookups_total", result="hit") == 1


def test_a_connection_that_fails_is_counted(server, fake_sts):
    fake_sts.faults({"kind": "reset_before"})
    server.review(tokens.by_hand(keys.USER, CLUSTER_ID))
    name = "aws_iam_authenticator_sts_connection_failures_total"
    assert server.metric(name, StsRegion="us-east-1") >= 1


def test_the_global_host_is_its_own_region(server):
    assert server.review(tokens.by_hand(keys.USER, CLUSTER_ID, host="sts.amazonaws.com")).authenticated
    assert server.metric("aws_iam_authenticator_sts_responses_total", ResponseCode="200", StsRegion="global") == 1


def test_our_own(server):
    server.review(tokens.by_hand(keys.USER, CLUSTER_ID))
    text = server.metrics()
    for name in [
        "arngate_build_info",
        "arngate_reviews_total",
        "arngate_review_seconds",
        "arngate_cache_lookups_total",
        "arngate_cache_entries",
        "arngate_sts_calls_total",
        "arngate_sts_call_seconds",
        "arngate_https_connections_open",
        "arngate_http_connections",
        "arngate_http_requests_total",
        "arngate_tls_handshakes_total",
        "arngate_mapping_entries",
        "arngate_mapping_generation",
        "process_resident_memory_bytes",
        "process_open_fds",
    ]:
        assert f"# TYPE {name} " in text, name


def test_text_format(server):
    """Each line is a comment or a sample; each sample has a type above it."""
    server.review(tokens.by_hand(keys.USER, CLUSTER_ID))
    typed = set()
    for line in server.metrics().splitlines():
        if line.startswith("# TYPE "):
            typed.add(line.split()[2])
        elif not line.startswith("#"):
            found = re.match(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? [^ ]+$', line)
            assert found, line
            assert found.group(1) in typed or re.sub(r"_(bucket|sum|count)$", "", found.group(1)) in typed, line


def test_hostile_hosts_make_no_series(server):
    for number in range(50):
        server.review(tokens.by_hand(keys.USER, CLUSTER_ID, host=f"sts.us-east-{number + 10}.amazonaws.com"))
    assert "us-east-10" not in server.metrics()
