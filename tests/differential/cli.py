"""The command lines of both programs, output by output. arngate runs under its name `aws-iam-authenticator`."""

import json
import os
import re
import subprocess
from dataclasses import dataclass

import cli_add
import cli_token
import init_files
import shapes
import world
from configuration import CLUSTER_ID
from cli_token import KEY, REGION
from principals import Principals


@dataclass
class Ran:
    status: int
    out: str
    err: str


class Pair:
    """Runs both programs with the same arguments, environment and, each for itself, an empty directory."""

    def __init__(self, programs, directory, ca_file):
        directory.mkdir()
        self.directory = directory
        by_name = directory / "aws-iam-authenticator"
        os.symlink(programs["arngate"], by_name)
        self.binaries = {"go": programs["go"], "ours": by_name}
        self.base = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "TZ": "UTC", "SSL_CERT_FILE": str(ca_file)}
        self.base["AWS_EC2_METADATA_DISABLED"] = "true"
        self.runs = 0

    def directories(self):
        """Of the last run: {"go": …, "ours": …}."""
        return {name: self.directory / f"{self.runs}-{name}" for name in self.binaries}

    def run(self, arguments, environment=None, keep=None, given=""):
        """(of the Go program, of arngate). `keep`: directories of an earlier run, {"go": …, "ours": …};
        `given`: what both read from standard input."""
        self.runs += 1
        ran = []
        for name, binary in self.binaries.items():
            where = (keep or self.directories())[name]
            where.mkdir(exist_ok=True)
            done = subprocess.run(
                [str(binary), *arguments],
                env={**self.base, **(environment or {})},
                cwd=where,
                input=given,
                capture_output=True,
                text=True,
                timeout=60,
            )
            ran.append(Ran(done.returncode, done.stdout, done.stderr))
        return ran


def version(pair):
    shape = lambda text: re.sub(r'(?<=")[^":,{}]*(?="[,}])|(?<=: )\S+$', "X", text, flags=re.MULTILINE)
    for arguments in (
        [],
        ["-o", "json"],
        ["-oyaml"],
        ["-o=yaml"],
        ["--output=yaml"],
        ["-o", "text"],
        ["-s"],
        ["--short"],
        ["-o", "yaml", "-s"],
        ["more"],
    ):
        go, ours = pair.run(["version", *arguments])
        alike = (go.status, go.err) == (ours.status, ours.err)
        if "-s" in arguments or "--short" in arguments:
            alike = alike and len(ours.out.splitlines()) == len(go.out.splitlines()) == 1
        elif go.out.startswith("{"):  # Commit is left out where there is none
            keys, of_go = list(json.loads(ours.out)), list(json.loads(go.out))
            alike = alike and keys[: len(of_go)] == of_go and keys[len(of_go) :] in ([], ["Commit"])
        else:
            alike = alike and shape(go.out) == shape(ours.out)
        yield "version " + " ".join(arguments), alike, "C1" if go.out != ours.out else None, go, ours
    for arguments in (["-v", "loud"], ["--feature-gates", "Nope=true"], ["-c", "/nonexistent.yaml"]):
        go, ours = pair.run([*arguments, "version"])
        yield "version beside " + arguments[0], refused_alike(go, ours), "C2", go, ours


def refused_alike(go, ours):
    """With status 1 and words on the same streams."""
    said = lambda ran: (bool(ran.out.strip()), bool(ran.err.strip()))
    return go.status == ours.status == 1 and said(go) == said(ours) != (False, False)


REFUSED = (
    ["nonsense"],
    ["server", "--nonsense"],
    ["version", "--nonsense"],
    ["token"],
    ["token", "-i"],
    ["token", "-i", "c", "--forward-session-name", "--session-name", "x"],
    ["token", "-i", "c", "-v", "loud"],
    ["token", "-i", "c", "--feature-gates", "Nope=true"],
    ["token", "-i", "c", "--feature-gates", "AllAlpha=perhaps"],
    ["token", "-i", "c", "-c", "/nonexistent.yaml"],
    ["token", "-i", "c", "-c", "/etc/hostname"],
    ["verify"],
    ["verify", "-i", "c"],
    ["verify", "-t", "x"],
    ["init"],
    ["init", "-i", "c", "-c", "/nonexistent.yaml"],
    ["server"],
    ["server", "-c", "/nonexistent.yaml"],
    ["server", "-i", "c", "--port", "abc"],
    ["server", "-i", "c", "--partition", "nowhere"],
    ["server", "-i", "c", "--backend-mode", "Nope"],
    ["server", "-i", "c", "--backend-mode", "mountedfile"],
    ["server", "-i", "c", "--backend-mode", "MountedFile, CRD"],
    ["server", "-i", "c", "--backend-mode", "File,File"],
    ["server", "-i", "c", "--state-dir", "/nonexistent/state"],
)


def refusals(pair):
    for arguments in REFUSED:
        go, ours = pair.run(arguments, {**KEY, **REGION})
        yield "refused: " + " ".join(arguments), refused_alike(go, ours), "C2", go, ours
    for arguments in ([], ["help"], ["--help"], ["help", "token"], ["token", "--help"], ["server", "-h"]):
        go, ours = pair.run(arguments)
        alike = (go.status, go.err) == (ours.status, ours.err) == (0, "") and "Usage:" in ours.out
        yield "help: " + " ".join(arguments), alike, "C3", go, ours


def verify(pair, principals):
    for principal in principals:
        url = shapes.Url(principal, "sts.us-east-1.amazonaws.com", "us-east-1", CLUSTER_ID)
        url.sign()
        given = shapes.encode(url.text())
        for output in ([], ["-o", "json"], ["-o=yaml"]):
            go, ours = pair.run(["verify", "-i", CLUSTER_ID, "-t", given, *output])
            row = None
            if go.status == ours.status == 0:
                alike = go.out == ours.out and ours.err == ""
            elif go.status == 0 and principal.arn.split(":")[4] != principal.account:
                alike, row = ours.status == 1 and ours.out == "" and "could not verify token: " in ours.err, "D3"
            else:
                both = all("could not verify token: " in ran.err and ran.out == "" for ran in (go, ours))
                alike, row = go.status == ours.status == 1 and both, "C2"
            yield f"verify {' '.join(output)} of {principal.arn}", alike, row, go, ours
    for given in ("x", shapes.PREFIX, shapes.encode("https://sts.us-east-1.amazonaws.com/?Action=x")):
        go, ours = pair.run(["verify", "-i", CLUSTER_ID, "-t", given])
        both = all("could not verify token: " in ran.err and ran.out == "" for ran in (go, ours))
        yield "verify a broken token", go.status == ours.status == 1 and both, "C2", go, ours
    go, ours = pair.run(["verify", "-i", CLUSTER_ID, "-t", "x", "--partition", "nowhere"])
    yield "verify in no partition", go.status == ours.status == 1 and "partition" in ours.err, "F20", go, ours


def compare(programs, directory, random, ledger):
    """Every command line once; how many."""
    directory.mkdir()
    principals = Principals(random)
    principals.add_usual(6)
    principals.add_odd()
    sts = world.FakeSts(programs["fake_sts"], directory / "sts", principals.keys())
    pair = Pair(programs, directory / "runs", sts.ca_file)
    try:
        for results in (
            version(pair),
            refusals(pair),
            cli_token.compare(pair),
            verify(pair, principals.all),
            init_files.compare(pair),
            cli_add.compare(pair, directory / "add"),
        ):
            for what, alike, row, go, ours in results:
                ledger.command(what, alike, row, go, ours)
    finally:
        sts.stop()
    return pair.runs
