"""`arngate add` against a real kube-apiserver. Needs ARNGATE_BIN and ARNGATE_KUBE_APISERVER."""

import os
import pathlib
import shutil
import subprocess

import pytest

from api_server import MAP, ApiServer

ARNGATE = os.environ.get("ARNGATE_BIN", "")
SERVER = os.environ.get("ARNGATE_KUBE_APISERVER", "")

pytestmark = pytest.mark.skipif(
    not (ARNGATE and SERVER and pathlib.Path(SERVER).exists() and shutil.which("etcd")),
    reason="needs etcd, and kube-apiserver named by ARNGATE_KUBE_APISERVER (tests/e2e/README.md)")

ROLE = "arn:aws:iam::012345678901:role/New"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = ApiServer(SERVER, tmp_path_factory.mktemp("api"))
    yield one
    one.stop()


def command(server, *words, user="{token: admin}", arn=ROLE):
    return [ARNGATE, "add", *words, "--kubeconfig", str(server.kubeconfig(user)), "--prompt=false",
            "--rolearn" if words[0] == "role" else "--userarn", arn, "--username", "{{SessionName}}",
            "--groups", "system:masters,yes"]


def add(server, *words, **options):
    return subprocess.run(command(server, *words, **options), capture_output=True, text=True, timeout=60)


def test_keeps_everything_and_adds_one(server):
    roles = "# comment\n- rolearn: arn:aws:iam::1:role/Old\n  username: old\n  groups: [a]\n  unknown: 1\n"
    server.put_map({"mapRoles": roles, "other": "kept"})
    result = add(server, "role")
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.startswith("updated configmap:\n\ndata:\n  mapRoles: |\n    # comment\n")
    assert server.data() == {"mapRoles": roles + f"- rolearn: {ROLE}\n  username: '{{{{SessionName}}}}'\n  groups:\n"
                                                 "  - system:masters\n  - \"yes\"\n", "other": "kept"}
    assert server.ask("GET", f"{MAP}/aws-auth")[1]["metadata"]["annotations"] == {"keep": "me"}
    again = add(server, "role")
    assert again.returncode == 1
    assert "cannot add duplicate role ARN" in again.stderr


def test_adds_at_once_all_arrive(server):
    server.put_map({})
    arns = [f"arn:aws:iam::012345678901:user/u{number}" for number in range(6)]
    running = [subprocess.Popen(command(server, "user", arn=arn), stdout=subprocess.DEVNULL) for arn in arns]
    assert [process.wait(timeout=120) for process in running] == [0] * len(arns)
    users = server.data()["mapUsers"]
    assert all(users.count(f"userarn: {arn}\n") == 1 for arn in arns)


def test_broken_yaml_stays_untouched(server):
    broken = {"mapRoles": "- rolearn: [\n", "mapUsers": ""}
    server.put_map(broken)
    result = add(server, "user", arn="arn:aws:iam::012345678901:user/u")
    assert result.returncode == 1
    assert "failed to parse configmap: mapRoles" in result.stderr
    assert server.data() == broken


def test_says_who_may_not(server):
    server.put_map({})
    result = add(server, "role", user="{token: reader}")
    assert result.returncode == 1
    assert "forbidden" in result.stderr and "verbs get and update" in result.stderr
    unknown = add(server, "role", user="{token: nobody}")
    assert unknown.returncode == 1
    assert "does not accept the credentials" in unknown.stderr


def test_never_creates_the_map(server):
    server.ask("DELETE", f"{MAP}/aws-auth")
    result = add(server, "role")
    assert result.returncode == 1
    assert "there is no ConfigMap kube-system/aws-auth" in result.stderr
    reference = subprocess.run(command(server, "role") + ["--compat", "reference"], capture_output=True, text=True)
    assert (reference.returncode, reference.stdout) == (1, 'configmaps "aws-auth" not found\n')
    assert server.ask("GET", f"{MAP}/aws-auth")[0] == 404
