"""`arngate token` against services on loopback: roles, session names, and the credential cache that it shares with the
Go program."""

import datetime
import json
import os
import stat
import subprocess
import urllib.parse

import pytest
import yaml

from harness import tokens
from harness.fake_aws import FakeAws, secret_of, token_of

ROLE = "arn:aws:iam::123456789012:role/Target"
BASE_KEY = "AKIABASEEXAMPLE00000"


@pytest.fixture(scope="module")
def services():
    fake = FakeAws()
    yield fake
    fake.stop()


@pytest.fixture
def fake_aws(services):
    services.seen.clear()
    services.forms.clear()
    services.clock_ahead(datetime.timedelta())
    return services


@pytest.fixture
def home(tmp_path, fake_aws):
    """A home and an environment with long-lived keys whose role calls reach the fake."""
    (tmp_path / "home").mkdir()
    return tmp_path / "home", {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL_STS": fake_aws.url(),
        "AWS_ACCESS_KEY_ID": BASE_KEY,
        "AWS_SECRET_ACCESS_KEY": secret_of(BASE_KEY),
    }


def run(binary, arguments, environment, status=0):
    ran = subprocess.run(
        [str(binary), "token", "-i", "cluster", *arguments], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == status, ran.stderr
    for secret in ("secret/", "token+"):
        assert secret not in ran.stderr
    return ran


def signer(token):
    query = urllib.parse.urlsplit(tokens.decode(token)).query
    parameters = dict(urllib.parse.parse_qsl(query))
    return parameters["X-Amz-Credential"].split("/")[0], parameters.get("X-Amz-Security-Token")


def asked(fake):
    return [dict(urllib.parse.parse_qsl(body)) for body in fake.forms]


def test_a_role_signs(arngate_bin, fake_aws, home):
    _, environment = home
    out = run(arngate_bin, ["-r", ROLE, "-e", "external", "-s", "jane", "--token-only"], environment).stdout.strip()
    key_id, session_token = signer(out)
    assert key_id.startswith("ASIA") and session_token == token_of(key_id)
    (form,) = asked(fake_aws)
    assert form["Action"] == "AssumeRole"
    assert form["RoleArn"] == ROLE
    assert form["ExternalId"] == "external"
    assert form["RoleSessionName"] == "jane"
    assert form["DurationSeconds"] == "900"


def test_the_session_name_goes_on(arngate_bin, fake_aws, home):
    _, environment = home
    run(arngate_bin, ["-r", ROLE, "--forward-session-name"], environment)
    who, role = asked(fake_aws)
    assert who["Action"] == "GetCallerIdentity"
    assert role["RoleSessionName"] == "forwarded"


def test_a_refusal_says_what_to_do(arngate_bin, home):
    _, environment = home
    said = run(arngate_bin, ["-r", "arn:aws:iam::123456789012:role/Denied"], environment, status=1)
    assert said.stdout == ""
    for part in ("could not get token", "--role", "environment", "AccessDenied", "trust policy"):
        assert part in said.stderr


def test_a_wrong_clock_is_named(arngate_bin, fake_aws, home):
    _, environment = home
    fake_aws.clock_ahead(datetime.timedelta(minutes=17))
    said = run(arngate_bin, ["-r", "arn:aws:iam::123456789012:role/Denied"], environment, status=1)
    assert "17 minutes behind" in said.stderr


def test_debug_shows_decisions_without_secrets(arngate_bin, home):
    _, environment = home
    said = run(arngate_bin, ["-v", "debug"], environment).stderr
    assert "source=environment" in said
    assert "token signed" in said


def test_a_kept_token_asks_nobody(arngate_bin, fake_aws, home):
    folder, environment = home
    first = run(arngate_bin, ["-r", ROLE, "--cache-token"], environment).stdout
    calls = len(fake_aws.seen)
    assert run(arngate_bin, ["-r", ROLE, "--cache-token"], environment).stdout == first
    assert len(fake_aws.seen) == calls
    kept = [path for path in (folder / ".kube/cache/arngate/tokens").iterdir() if path.suffix == ".json"]
    assert [stat.S_IMODE(path.stat().st_mode) for path in kept] == [0o600]


def test_processes_that_race_for_a_token_get_one(arngate_bin, fake_aws, home):
    _, environment = home
    command = [str(arngate_bin), "token", "-i", "cluster", "-r", ROLE, "--cache-token"]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(20)]
    outputs = {process.communicate(timeout=60)[0] for process in running}
    assert [process.returncode for process in running] == [0] * 20
    assert len(outputs) == 1
    assert len(fake_aws.seen) == 1


def with_process(home, end):
    """An environment whose credentials come from a program, which appends to a file when it runs."""
    folder, environment = home
    environment = {name: value for name, value in environment.items() if "KEY" not in name}
    (folder / ".aws").mkdir(exist_ok=True)
    document = {
        "Version": 1,
        "AccessKeyId": "ASIAPROCESSEXAMPLE00",
        "SecretAccessKey": secret_of("ASIAPROCESSEXAMPLE00"),
        "SessionToken": token_of("ASIAPROCESSEXAMPLE00"),
        "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    (folder / "document").write_text(json.dumps(document))
    script = folder / "process"
    script.write_text(f"#!/bin/sh\necho >>{folder}/runs\ncat {folder}/document\n")
    script.chmod(0o755)
    (folder / ".aws/config").write_text(f"[default]\ncredential_process = {script}\n")
    return environment, lambda: len((folder / "runs").read_text()) if (folder / "runs").exists() else 0


def ahead(**span):
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**span)


CACHE = ".kube/cache/aws-iam-authenticator/credentials.yaml"


@pytest.mark.go
@pytest.mark.parametrize("writer", ["arngate", "go"])
def test_each_program_reads_what_the_other_keeps(arngate_bin, go_authenticator_bin, home, writer):
    binaries = {"arngate": arngate_bin, "go": go_authenticator_bin}
    reader = "go" if writer == "arngate" else "arngate"
    environment, runs = with_process(home, ahead(hours=1))
    wrote = run(binaries[writer], ["--cache", "--token-only"], environment).stdout.strip()
    assert runs() == 1
    file = home[0] / CACHE
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    read = run(binaries[reader], ["--cache", "--token-only"], environment).stdout.strip()
    assert runs() == 1  # the kept ones were used
    assert signer(read) == signer(wrote) == ("ASIAPROCESSEXAMPLE00", token_of("ASIAPROCESSEXAMPLE00"))

    # Both put their own entries beside each other's.
    for program, cluster in (("go", "second"), ("arngate", "third"), ("go", "fourth")):
        run(binaries[program], ["--cache", "-i", cluster], environment)
    kept = yaml.safe_load(file.read_text())["clusters"]
    assert set(kept) == {"cluster", "second", "third", "fourth"}
    entries = [entry["default"][""] for entry in kept.values()]
    assert {entry["secretaccesskey"] for entry in entries} == {secret_of("ASIAPROCESSEXAMPLE00")}
    assert all(entry["canexpire"] is True for entry in entries)


def test_kept_credentials_that_end_soon_are_replaced(arngate_bin, home):
    environment, runs = with_process(home, ahead(seconds=100))
    run(arngate_bin, ["--cache"], environment)
    run(arngate_bin, ["--cache"], environment)
    assert runs() == 2
    environment, runs = with_process(home, ahead(hours=1))
    run(arngate_bin, ["--cache"], environment)
    run(arngate_bin, ["--cache"], environment)
    assert runs() == 3


def test_a_cache_that_others_can_read_is_not_used(arngate_bin, home):
    environment, runs = with_process(home, ahead(hours=1))
    run(arngate_bin, ["--cache"], environment)
    (home[0] / CACHE).chmod(0o644)
    said = run(arngate_bin, ["--cache"], environment).stderr
    assert "not private" in said
    assert runs() == 2


def test_a_token_ends_with_its_credentials(arngate_bin, home):
    end = ahead(minutes=5).replace(microsecond=0)
    environment, _ = with_process(home, end)
    status = json.loads(run(arngate_bin, [], environment).stdout)["status"]
    told = datetime.datetime.strptime(status["expirationTimestamp"], "%Y-%m-%dT%H:%M:%S%z")
    assert told == end - datetime.timedelta(minutes=1)


def test_a_kubeconfig_is_read_back(arngate_bin, tmp_path):
    file = tmp_path / "config"
    command = [str(arngate_bin), "kubeconfig", "--kubeconfig", str(file), "-i", "prod", "--region", "eu-west-1"]
    command += ["--server", "https://prod.example", "--ca-data", "QUJD"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    file.write_text('users:\n- name: other\n  user: {token: "0123", extra: yes}\n')
    subprocess.run(command, env=environment, check=True, timeout=60)
    read = yaml.safe_load(file.read_text())
    users = {user["name"]: user["user"] for user in read["users"]}
    assert users["other"] == {"token": "0123", "extra": True}
    assert users["prod"]["exec"]["args"] == ["token", "--cluster-id", "prod", "--region", "eu-west-1"]
    assert read["clusters"] == [
        {"name": "prod", "cluster": {"server": "https://prod.example", "certificate-authority-data": "QUJD"}}
    ]
    assert read["current-context"] == "prod"
    before = file.read_bytes()
    subprocess.run(command, env=environment, check=True, timeout=60)
    assert file.read_bytes() == before
