"""Alerts and dashboard against what a server really says: their metrics exist, and alerts fire when they should."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import time

import pytest
import yaml

from harness import keys, tokens
from harness.server import CLUSTER_ID

CHART = pathlib.Path(os.environ["ARNGATE_SOURCE_DIR"]) / "charts" / "arngate" / "files"
ALERTS = CHART / "alerts.yaml"
SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$")
# What Prometheus adds or computes by itself.
FOREIGN = {"process_cpu_seconds_total", "process_resident_memory_bytes"}


@pytest.fixture(scope="module")
def promtool():
    path = shutil.which("promtool")
    assert path, "promtool is missing: scripts/install-deps test installs the package prometheus"
    return path


def good(key=keys.USER):
    return tokens.by_hand(key, CLUSTER_ID)


def names_in(expression):
    """Names of metrics: words before a brace or a range, or of our prefixes."""
    return set(re.findall(r"\b((?:arngate|aws_iam_authenticator|process)_[a-z0-9_]+)\b", expression))


def rules():
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def panels():
    return json.loads((CHART / "dashboard.json").read_text())["panels"]


def expressions():
    yield from (rule["expr"] for rule in rules())
    for panel in panels():
        yield from (target["expr"] for target in panel.get("targets", []))


def series(text):
    """Every sample of a scrape: name with labels, and value."""
    found = {}
    for line in text.splitlines():
        if not line.startswith("#") and (match := SAMPLE.match(line)):
            found[match[1] + (match[2] or "")] = match[3]
    return found


def test_every_metric_that_is_asked_for_exists(make_server, fake_sts):
    server = make_server({"sts": {"maxAttempts": 1, "reviewTimeout": "2s"}})
    assert server.review(good()).authenticated
    # Some series begin with what they count.
    for age, fault in enumerate(["service_unavailable", "throttle", "reset_before"]):
        fake_sts.faults({"kind": fault})
        server.review(tokens.by_hand(keys.ROLE, CLUSTER_ID, age_seconds=age))
    families = {re.sub(r"_(bucket|sum|count)$", "", name.split("{")[0]) for name in series(server.metrics())}
    families |= {name.split("{")[0] for name in series(server.metrics())}
    asked = set().union(*(names_in(expression) for expression in expressions()))
    assert len(asked) > 25
    missing = {name for name in asked if name not in families and re.sub(r"_(bucket)$", "", name) not in families}
    assert missing <= FOREIGN, missing


def test_every_label_that_is_asked_for_exists(make_server, fake_sts):
    """A misspelt reason or state would never match, and nobody would notice."""
    server = make_server()
    assert server.review(good()).authenticated
    found = {}
    for name in series(server.metrics()):
        bare, _, labels = name.partition("{")
        for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
            found.setdefault((bare, label), set()).add(value)
    asked = 0
    for expression in expressions():
        for bare, labels in re.findall(r"((?:arngate|aws_iam)_\w+)\{([^}]*)\}", expression):
            for label, value in re.findall(r'(\w+)(?:=~|!=|=)"([^"]*)"', labels):
                if label != "instance":
                    asked += 1
                    assert set(value.split("|")) <= found[bare, label], f"{bare}: {label}"
    assert asked > 8


def test_each_alert_has_its_entry_in_the_runbook():
    headings = set(re.findall(r"^## (\w+)$", (CHART.parents[2] / "docs" / "alerts.md").read_text(), re.MULTILINE))
    assert {rule["alert"] for rule in rules()} == headings
    for rule in rules():
        assert rule["annotations"]["runbook_url"] == f"docs/alerts.md#{rule['alert'].lower()}"


def test_the_rules_are_well_formed(promtool):
    subprocess.run([promtool, "check", "rules", ALERTS], check=True, capture_output=True)


class Recording:
    """Scrapes of a real server, taken as if a minute apart; None: it could not be scraped."""

    def __init__(self):
        self.scrapes = []

    def take(self, server, minutes=1):
        now = series(server.metrics())
        self.scrapes.extend([now] * minutes)

    def take_nothing(self, minutes):
        self.scrapes.extend([None] * minutes)

    def input_series(self):
        up = " ".join("0" if scrape is None else "1" for scrape in self.scrapes)
        yield {"series": 'up{job="arngate",instance="node-1"}', "values": up}
        names = sorted(set().union(*(scrape for scrape in self.scrapes if scrape is not None)))
        for name in names:
            if name.startswith(("arngate_", "aws_iam_authenticator_")):
                labels = name[name.index("{") + 1 : -1] + "," if "{" in name else ""
                bare = name.split("{")[0]
                # A target that is down has its series marked as ended.
                values = " ".join("stale" if scrape is None else scrape.get(name, "_") for scrape in self.scrapes)
                yield {"series": f'{bare}{{{labels}job="arngate",instance="node-1"}}', "values": values}


def evaluate(promtool, input_series, tmp_path, minute, values):
    """Checks that at this minute each expression has the value that the dictionary says, without labels."""
    tests = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": list(input_series),
                "promql_expr_test": [
                    {
                        "expr": expression,
                        "eval_time": f"{minute}m",
                        "exp_samples": [{"labels": "{}", "value": value}],
                    }
                    for expression, value in values.items()
                ],
            }
        ],
    }
    path = tmp_path / f"rules-{minute}.yaml"
    path.write_text(yaml.safe_dump(tests))
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def firing(promtool, recording, tmp_path, minute, alerts):
    """Whether exactly these of `alerts` fire at this minute; the dictionary says which."""
    evaluate(promtool, recording.input_series(), tmp_path, minute, {
        f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)': value for name, value in alerts.items()
    })


def reviews_until(server, name, at_least):
    """Sends reviews of new tokens until this metric has come that far."""
    for age in range(600):
        if server.metric(name) >= at_least:
            return
        server.review(tokens.by_hand(keys.ROLE, CLUSTER_ID, age_seconds=age))
        time.sleep(0.05)
    raise AssertionError(f"{name} does not reach {at_least}")


def test_a_stat_has_a_number_even_when_nobody_asks(make_server, promtool, tmp_path):
    recording = Recording()
    recording.take(make_server(), minutes=10)
    stats = [target["expr"].replace("$__rate_interval", "2m").replace("$instance", ".*")
             for panel in panels() if panel["type"] == "stat" for target in panel["targets"]]
    assert len(stats) > 4
    # NaN is not equal to itself, and a count of nothing is nothing.
    evaluate(promtool, recording.input_series(), tmp_path, 9, {f"count(({stat}) == ({stat}))": 1 for stat in stats})


def test_a_ratio_of_nothing_is_no_number(make_server, promtool, tmp_path):
    recording = Recording()
    recording.take(make_server(), minutes=10)
    (found,) = [target["expr"].replace("$__rate_interval", "2m").replace("$instance", ".*")
                for panel in panels() if panel["title"] == "Found in the cache" for target in panel["targets"]]
    evaluate(promtool, recording.input_series(), tmp_path, 9, {f"count({found}) or vector(0)": 0})


def test_an_outage_of_sts_is_told_and_its_end(make_server, fake_sts, promtool, tmp_path):
    server = make_server({"sts": {"circuitFailures": 3, "maxAttempts": 1}})
    recording = Recording()
    for _ in range(3):
        assert server.review(good()).authenticated
        recording.take(server)
    fake_sts.faults({"kind": "service_unavailable"})
    for opened in range(1, 4):
        reviews_until(server, "arngate_sts_circuit_opened_total", opened)
        recording.take(server, minutes=5)
    firing(promtool, recording, tmp_path, 17, {
        "ArngateStsDown": 1, "ArngateReviewsFailing": 1, "ArngateAbsent": 0, "ArngateMappingStale": 0,
        "ArngateCertificateEnds": 0, "ArngateBreakGlassUsed": 0, "ArngateMappingEntriesRejected": 0, "ArngateDown": 0,
    })
    # Nobody asks it any more: whether it is back nobody knows, and nobody waits for it.
    recording.take(server, minutes=8)
    assert server.metric("arngate_sts_circuit_state") > 0
    firing(promtool, recording, tmp_path, 25, {"ArngateStsDown": 0})


def test_waiting_for_sts_is_not_taken_for_a_slow_server(make_server, fake_sts, promtool, tmp_path):
    server = make_server({"sts": {"circuitFailures": 0, "maxAttempts": 1}})
    recording = Recording()
    known = good()
    assert server.review(known).authenticated
    fake_sts.faults({"kind": "service_unavailable"}, latency={"kind": "fixed", "ms": 200})
    for age in range(17):
        server.review(tokens.by_hand(keys.ROLE, CLUSTER_ID, age_seconds=age))
        assert server.review(known).authenticated
        recording.take(server)
    slow = 'histogram_quantile(0.99, rate(arngate_review_seconds_bucket{source="none"}[5m])) > bool 0.1'
    evaluate(promtool, recording.input_series(), tmp_path, 16, {f"sum({slow})": 1})
    firing(promtool, recording, tmp_path, 16, {"ArngateSlow": 0, "ArngateReviewsFailing": 1})


def test_a_server_that_is_gone_is_told(make_server, promtool, tmp_path):
    recording = Recording()
    recording.take(make_server(), minutes=3)
    # A restart is no reason to wake somebody.
    recording.take_nothing(minutes=1)
    recording.take(make_server(), minutes=3)
    recording.take_nothing(minutes=8)
    firing(promtool, recording, tmp_path, 7, {"ArngateDown": 0})
    firing(promtool, recording, tmp_path, 14, {"ArngateDown": 1, "ArngateAbsent": 1})


def test_many_refusals_by_a_server_of_today_are_told(make_server, promtool, tmp_path):
    server = make_server()
    recording = Recording()
    recording.take(server, minutes=40)
    (name,) = [one for one in recording.scrapes[0] if 'reason="not_mapped"' in one]
    recording.scrapes = [{**scrape, name: str(120 * minute)} for minute, scrape in enumerate(recording.scrapes)]
    firing(promtool, recording, tmp_path, 5, {"ArngateRefusalsRise": 0})
    firing(promtool, recording, tmp_path, 39, {"ArngateRefusalsRise": 1})


def test_mappings_are_compared_within_a_cluster(promtool, tmp_path):
    def entries(cluster, instance, values):
        return {"series": f'arngate_mapping_entries{{cluster="{cluster}",job="arngate",instance="{instance}"}}',
                "values": values}

    two_clusters = [entries("a", "1", "5x30"), entries("a", "2", "5x30"), entries("b", "1", "7x30")]
    count = 'count(ALERTS{alertname="ArngateMappingsDiffer",alertstate="firing"}) or vector(0)'
    evaluate(promtool, two_clusters, tmp_path, 25, {count: 0})
    evaluate(promtool, [*two_clusters, entries("b", "2", "8x30")], tmp_path, 26, {count: 1})


def test_a_broken_mapping_is_told(make_server, fake_sts, promtool, tmp_path):
    server = make_server()
    recording = Recording()
    recording.take(server, minutes=2)
    firing(promtool, recording, tmp_path, 1, {"ArngateMappingStale": 0})
    since = server.process.mark()
    server.write_config(text="server: [")
    server.process.wait_for("MountedFile", since=since)
    recording.take(server, minutes=8)
    firing(promtool, recording, tmp_path, 9, {"ArngateMappingStale": 1, "ArngateStsDown": 0, "ArngateReviewsFailing": 0})
