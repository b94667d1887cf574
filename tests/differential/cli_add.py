"""`add user` and `add role`: each program edits a ConfigMap of its own, and both maps must mean the same afterwards."""

import json
import re
from dataclasses import dataclass, field

from fake_api import FakeApi

ROLE = "arn:aws:iam::012345678901:role/New"
USER = "arn:aws:iam::012345678901:user/new"
ROLES = """- rolearn: arn:aws:iam::012345678901:role/Old
  username: old:{{SessionName}}
  groups:
  - developers
  - 'system:masters'
- rolearn: "arn:aws:iam::012345678901:role/Other"
  username: other
"""
USERS = "- userarn: arn:aws:iam::012345678901:user/old\n  username: old\n  groups:\n  - developers\n"
SSO_ENTRY = """- sso:
    permissionSetName: Admin
    accountID: "012345678901"
    partition: aws
  username: a
  groups:
  - b
"""
ACCOUNTS = '- "012345678901"\n- "123456789012"\n'


def _scalar(text):
    if text[:1] == '"':
        return json.loads(text)
    if text[:1] == "'":
        return text[1:-1].replace("''", "'")
    return text


def meaning(text):
    """A list of texts, or of flat maps of texts and lists of texts, as both programs write them in YAML."""
    entries, values = [], None
    for line in (text or "").splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        begins, rest = re.fullmatch(r"(- |  )(.*)", line).groups()
        pair = re.fullmatch(r"(\w+):(?: (.*))?", rest)
        if begins == "- " and pair is None:
            entries.append(_scalar(rest))
            continue
        if begins == "- ":
            entries.append({})
        if pair is None:
            values.append(_scalar(re.fullmatch(r" *- (.*)", rest)[1]))
            continue
        values = []
        entries[-1][pair[1]] = values if pair[2] in (None, "[]") else _scalar(pair[2])
    return [{k: v for k, v in entry.items() if v != []} if isinstance(entry, dict) else entry for entry in entries]


def meanings(data):
    return {key: meaning(text) for key, text in (data or {}).items()}


@dataclass
class Case:
    what: str
    arguments: list
    data: dict = field(default_factory=dict)
    refusals: tuple = ()
    given: str = ""
    exact: bool = False  # standard output is the same, byte for byte


def entry(kind, *more, arn=None, username="{{SessionName}}", groups="a,system:masters"):
    arn = arn or (ROLE if kind == "role" else USER)
    return [kind, f"--{kind}arn", arn, "--username", username, "--groups", groups, *more]


def cases():
    full = {"mapRoles": ROLES, "mapUsers": USERS, "mapAccounts": ACCOUNTS}
    silent = "--prompt=false"
    for kind in ("role", "user"):
        for what, data in (("nothing", {}), ("entries", full), ("no data", None)):
            if data is not None:
                yield Case(f"{kind} beside {what}", entry(kind, silent), data)
        yield Case(f"{kind} by a yes", entry(kind), full, given="y\n")
        yield Case(f"{kind} by a yes in capitals", entry(kind), full, given=" YES \n")
        for given in ("n\n", "\n", "yes please\n", "", "y"):
            yield Case(f"{kind} by {given!r}", entry(kind), full, given=given, exact=True)
        yield Case(f"{kind} at the third try", entry(kind, silent), full, refusals=(409, 409))
        yield Case(f"{kind} forbidden", entry(kind, silent), full, refusals=(403,))
        yield Case(f"{kind} by nobody", entry(kind, silent, "--kubeconfig-context", "nobody"), full)
        yield Case(f"{kind} in no context", entry(kind, silent, "--kubeconfig-context", "none"), full)
        yield Case(f"{kind} without a map", entry(kind, silent), None, exact=True)
        yield Case(f"{kind} without a username", entry(kind, silent, username=""), full, exact=True)
        yield Case(f"{kind} without a group", entry(kind, silent, groups=""), full, exact=True)
        yield Case(f"{kind} with flags before the word", [silent, "--master-url=", *entry(kind)], full)
        yield Case(f"{kind} with more words", entry(kind, silent, "more", "--", "words"), full)
        yield Case(f"{kind} with an unknown flag", entry(kind, silent, "--nonsense"), full)
        yield Case(f"{kind} with quoted groups", entry(kind, silent, groups='"a,b",c'), full)
        yield Case(f"{kind} with broken groups", entry(kind, silent, groups='a"b'), full)
        yield Case(f"{kind} with odd texts", entry(kind, silent, username="yes", groups="on,1,~,#a,: b"), full)
        yield Case(f"{kind} beside YAML that is none", entry(kind, silent), {"mapRoles": "- a: [\n"})
    for arn in ("arn:aws:iam::012345678901:role/Old", "arn:aws:iam::012345678901:role/OLD"):
        yield Case("role a second time", entry("role", silent, arn=arn), full)
    yield Case("user a second time", entry("user", silent, arn="arn:aws:iam::012345678901:user/old"), full)
    yield Case("user in capitals", entry("user", silent, arn="arn:aws:iam::012345678901:user/OLD"), full)
    yield Case("an ARN of nobody", entry("role", silent, arn="nonsense"), full)
    yield Case("neither", [], full)
    yield Case("somebody else", ["group"], full)
    both = entry("role", silent, "--sso", "permissionSetName=A,accountID=012345678901")
    yield Case("role and sso", both, full, exact=True)


def _sso(pair, apis, run):
    """A permission set, with which the Go program ends by a panic."""
    arguments = ["role", "--sso", "permissionSetName=Admin,accountID=012345678901", "--username", "a", "--groups", "b"]
    go, ours = run(Case("", [*arguments, "--prompt=false"], {"mapRoles": ROLES}))
    added = apis["ours"].data["mapRoles"].removeprefix(ROLES)
    alike = go.status not in (0, 1) and "panic" in go.err and apis["go"].updates == 0
    return alike and ours.status == 0 and added == SSO_ENTRY, go, ours


def _kept(apis, run):
    """What the Go program does not know, and comments, stay."""
    extra = "# who\n- rolearn: arn:aws:iam::012345678901:role/Old\n  username: old # why\n  unknown: 1\n"
    go, ours = run(Case("", entry("role", "--prompt=false"), {"mapRoles": extra, "other": "kept"}))
    after = apis["ours"].data
    alike = go.status == ours.status == 0 and after["other"] == "kept" and after["mapRoles"].startswith(extra)
    return alike and "other" not in apis["go"].data and "unknown" not in apis["go"].data["mapRoles"], go, ours


def compare(pair, directory):
    directory.mkdir()
    apis = {name: FakeApi(directory / name) for name in ("go", "ours")}
    homes = {name: directory / f"{name}-home" for name in apis}
    for name, home in homes.items():
        home.mkdir()
        (home / "kubeconfig").write_text(apis[name].kubeconfig())

    def run(case, kubeconfig="kubeconfig"):
        for api in apis.values():
            api.reset(case.data, case.refusals)
        command = ["add", *case.arguments, *(["--kubeconfig", kubeconfig] if kubeconfig else [])]
        return pair.run(command, keep=homes, given=case.given)

    try:
        for case in cases():
            go, ours = run(case)
            after = [apis[name].data for name in ("go", "ours")]
            updates = [apis[name].updates for name in ("go", "ours")]
            alike = go.status == ours.status and updates[0] == updates[1] and meanings(after[0]) == meanings(after[1])
            alike = alike and (not case.exact or go.out == ours.out)
            if updates[0]:
                alike = alike and all("updated configmap:\n\ndata:\n" in ran.out for ran in (go, ours))
            row = None if (go.out, go.err) == (ours.out, ours.err) else "C9" if updates[0] else "C2"
            yield "add: " + case.what, alike, row, go, ours
        go, ours = run(Case("", entry("role", "--prompt=false"), {}), kubeconfig=None)
        yield "add: no kubeconfig", (go.status, go.out) == (ours.status, ours.out), None, go, ours
        go, ours = run(Case("", entry("role", "--prompt=false"), {}), kubeconfig="nowhere")
        yield "add: a kubeconfig that is not there", go.status == ours.status == 1, "C2", go, ours
        alike, go, ours = _sso(pair, apis, run)
        yield "add: a permission set", alike, "C9", go, ours
        alike, go, ours = _kept(apis, run)
        yield "add: what others wrote", alike, "C9", go, ours
    finally:
        for api in apis.values():
            api.stop()
