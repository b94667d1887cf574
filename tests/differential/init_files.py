"""What `init` writes: the same files with the same modes, the same kubeconfig, a certificate with the same fields."""

import re
import stat
import subprocess


def _certificate(path):
    """What openssl says of it, without what is drawn or depends on the moment; extensions in no order."""
    said = subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-text"], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    lines = []
    for line in said.splitlines():
        line = line.strip()
        if re.fullmatch("([0-9a-fA-F]{2}:)*[0-9a-fA-F]{0,2}:?", line):
            continue
        lines.append(re.sub(r"(Not Before|Not After) ?: .*", r"\1", line))
    return sorted(lines)


def _days(path):
    said = subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-checkend", str(36499 * 86400)], capture_output=True, timeout=60
    )
    return said.returncode


def _summary(directory):
    """Everything that has to be equal."""
    found = {}
    for path in sorted(directory.iterdir()):
        found[path.name] = stat.S_IMODE(path.stat().st_mode)
    certificate = directory / "cert.pem"
    if certificate.exists():
        found["certificate"] = _certificate(certificate)
        found["valid for 36499 days"] = _days(certificate)
        found["form of the key"] = (directory / "key.pem").read_text().splitlines()[0]
    kubeconfig = directory / "aws-iam-authenticator.kubeconfig"
    if kubeconfig.exists():
        found["kubeconfig"] = re.sub("(certificate-authority-data: ).*", r"\1X", kubeconfig.read_text())
    return found


def _differences(go, ours):
    return [name for name in {**go, **ours} if go.get(name) != ours.get(name)]


def _run(pair, arguments, keep=None):
    go, ours = pair.run(["init", "-i", "c", *arguments], keep=keep)
    return go, ours, keep or pair.directories()


def _started(ran):
    return ran.status == 0 and re.fullmatch(r'Authenticator Version: "[^"]*", "[^"]*"\n', ran.out)


def compare(pair):
    """(what, whether alike, row, go, ours) for each run."""
    for arguments in ([], ["--hostname", "api.example"], ["--hostname", "192.0.2.7"], ["--hostname", "2001:db8::1"]):
        go, ours, where = _run(pair, arguments)
        summaries = {name: _summary(path) for name, path in where.items()}
        unequal = _differences(summaries["go"], summaries["ours"])
        what = f"init {' '.join(arguments)}: {unequal}"
        yield what, _started(go) and _started(ours) and not unequal, None, go, ours
        # Again: key and certificate stay, also for another host name; the kubeconfig follows.
        before = {
            name: [(path / file).read_bytes() for file in ("cert.pem", "key.pem")] for name, path in where.items()
        }
        go, ours, _ = _run(pair, ["--hostname", "other.example"], where)
        after = {name: [(path / file).read_bytes() for file in ("cert.pem", "key.pem")] for name, path in where.items()}
        unequal = _differences(*(_summary(where[name]) for name in ("go", "ours")))
        yield f"init again: {unequal}", before == after and not unequal and _started(ours), None, go, ours
    yield from _address(pair)
    yield from _configured(pair)


def _address(pair):
    go, ours, where = _run(pair, ["--address", "192.0.2.9"])
    texts = {name: " ".join(_certificate(path / "cert.pem")) for name, path in where.items()}
    obeyed = "IP Address:192.0.2.9" in texts["ours"] and "192.0.2.9" not in texts["go"]
    yield "init --address", _started(ours) and obeyed, "F20", go, ours


CONFIGURED = """server:
  stateDir: state
  generateKubeconfig: aws-iam-authenticator.kubeconfig
  address: 0.0.0.0
  hostname: api.example
  port: 8443
"""


def _configured(pair):
    """By the feature gate into the configured directories, which have to be there."""
    for state_exists in (True, False):
        where = {name: pair.directory / f"configured-{state_exists}-{name}" for name in pair.binaries}
        for root in where.values():
            root.mkdir()
            (root / "config.yaml").write_text(CONFIGURED)
            if state_exists:
                (root / "state").mkdir()
        arguments = ["-c", "config.yaml", "--feature-gates", "ConfiguredInitDirectories=true"]
        go, ours, _ = _run(pair, arguments, where)
        above = _differences(*(_summary(where[name]) for name in ("go", "ours")))
        below = _differences(*(_summary(where[name] / "state") if state_exists else {} for name in ("go", "ours")))
        alike = go.status == ours.status == (0 if state_exists else 1) and not above and not below
        what = f"init, configured, state directory {state_exists}: {above} {below}"
        yield what, alike, None if state_exists else "C2", go, ours
