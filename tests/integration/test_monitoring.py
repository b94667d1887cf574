"""Alerts and dashboard against what a server really says: their metrics exist, and alerts fire when they should."""

import json
import os
import pathlib
import re
import shutil
import subprocess

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


def expressions():
    rules = yaml.safe_load(ALERTS.read_text())
    yield from (rule["expr"] for group in rules["groups"] for rule in group["rules"])
    dashboard = json.loads((CHART / "dashboard.json").read_text())
    for panel in dashboard["panels"]:
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


def test_each_alert_has_its_entry_in_the_runbook():
    rules = yaml.safe_load(ALERTS.read_text())
    headings = set(re.findall(r"^## (\w+)$", (CHART.parents[2] / "docs" / "alerts.md").read_text(), re.MULTILINE))
    alerts = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
    assert alerts == headings
    for group in rules["groups"]:
        for rule in group["rules"]:
            assert rule["annotations"]["runbook_url"] == f"docs/alerts.md#{rule['alert'].lower()}"


def test_the_rules_are_well_formed(promtool):
    subprocess.run([promtool, "check", "rules", ALERTS], check=True, capture_output=True)


class Recording:
    """Scrapes of a real server, taken as if a minute apart."""

    def __init__(self):
        self.scrapes = []

    def take(self, server, minutes=1):
        now = series(server.metrics())
        self.scrapes.extend([now] * minutes)

    def input_series(self):
        names = sorted(set().union(*self.scrapes))
        for name in names:
            if name.startswith(("arngate_", "aws_iam_authenticator_")):
                labels = name[name.index("{") + 1 : -1] + "," if "{" in name else ""
                bare = name.split("{")[0]
                values = " ".join(scrape.get(name, "_") for scrape in self.scrapes)
                yield {"series": f'{bare}{{{labels}instance="node-1"}}', "values": values}


def firing(promtool, recording, tmp_path, minute, alerts):
    """Whether exactly these of `alerts` fire at this minute; the dictionary says which."""
    tests = {
        "rule_files": [str(ALERTS)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": list(recording.input_series()),
                "alert_rule_test": [],
                "promql_expr_test": [
                    {
                        "expr": f'count(ALERTS{{alertname="{name}",alertstate="firing"}}) or vector(0)',
                        "eval_time": f"{minute}m",
                        "exp_samples": [{"labels": "{}", "value": value}],
                    }
                    for name, value in alerts.items()
                ],
            }
        ],
    }
    path = tmp_path / f"alerts-{minute}.yaml"
    path.write_text(yaml.safe_dump(tests))
    done = subprocess.run([promtool, "test", "rules", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_outage_of_sts_is_told_and_its_end(make_server, fake_sts, promtool, tmp_path):
    server = make_server({"sts": {"circuitFailures": 3, "maxAttempts": 1}})
    recording = Recording()
    for _ in range(3):
        assert server.review(good()).authenticated
        recording.take(server)
    fake_sts.faults({"kind": "service_unavailable"})
    for second in range(15):
        server.review(tokens.by_hand(keys.ROLE, CLUSTER_ID, age_seconds=second))
        recording.take(server)
    firing(promtool, recording, tmp_path, 17, {
        "ArngateStsDown": 1, "ArngateReviewsFailing": 1, "ArngateAbsent": 0, "ArngateMappingStale": 0,
        "ArngateCertificateEnds": 0, "ArngateBreakGlassUsed": 0, "ArngateMappingEntriesRejected": 0,
    })


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
