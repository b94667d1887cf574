"""Fixtures of the integration tests: real programs, real sockets on loopback, nothing outside this machine.

Programs come from the environment that tests/integration/CMakeLists.txt sets:
    ARNGATE_BIN                 the daemon and CLI
    ARNGATE_FAKE_STS_BIN        the fake STS (tests/support/README.md)
    ARNGATE_GO_AUTHENTICATOR    the Go aws-iam-authenticator, built by tests/go
    ARNGATE_WEBHOOK_CLIENT      the Go webhook client, built by tests/go
    ARNGATE_SOURCE_DIR          the source tree

Fixtures:
    arngate_bin, fake_sts_bin, awscli_bin, go_authenticator_bin, webhook_client_bin   paths; a missing one is a failure
    fake_sts         a fake STS of its own for this test (harness/fake_sts.py): .faults(...), .stats(), .wait_until(...)
    make_server      make_server({"cache": {"enabled": False}}, arguments=[...], env={...}) starts a daemon that talks to
                     `fake_sts` and returns harness.server.Server; stopped at the end, exit status checked
    server           make_server() with the default configuration (harness/server.py: CLUSTER_ID, MAPPING)
    mint             {"awscli" | "botocore" | "arngate" | "go": f(key, cluster_id, region="us-east-1") -> token}
    secrets_seen     texts that no program under test may print; every token reviewed or minted through `mint` adds its
                     signature, and the end of each test greps the output of the daemons for all of them

Keys are in harness/keys.py (USER, ROLE, LONG_SESSION, UNMAPPED); hand-made tokens in harness/tokens.py (by_hand).
Tests wait on a line of output (Process.wait_for) or on a counter of the fake STS (wait_until), never on the clock.
"""

import os
import pathlib
import sys

import pytest

from harness import keys, tokens
from harness.fake_sts import FakeSts
from harness.server import Server


def program(variable):
    path = os.environ.get(variable)
    if not path:
        pytest.fail(f"{variable} is not set: run these tests with ctest -L integration")
    if not os.access(path, os.X_OK):
        pytest.fail(f"{variable} names {path}, which is not a program: build it first")
    return pathlib.Path(path)


@pytest.fixture(scope="session")
def arngate_bin():
    return program("ARNGATE_BIN")


@pytest.fixture(scope="session")
def fake_sts_bin():
    return program("ARNGATE_FAKE_STS_BIN")


@pytest.fixture(scope="session")
def awscli_bin():
    path = pathlib.Path(sys.prefix) / "bin" / "aws"
    if not path.exists():
        pytest.fail(f"{path} is missing: the virtual environment comes from tests/integration/requirements.txt")
    return path


@pytest.fixture(scope="session")
def go_authenticator_bin():
    return program("ARNGATE_GO_AUTHENTICATOR")


@pytest.fixture(scope="session")
def webhook_client_bin():
    return program("ARNGATE_WEBHOOK_CLIENT")


@pytest.fixture
def secrets_seen():
    return {keys.SECRET, keys.ROLE.session_token, keys.LONG_SESSION.session_token[:64]}


@pytest.fixture
def fake_sts(fake_sts_bin, tmp_path):
    fake = FakeSts(fake_sts_bin, tmp_path / "sts", keys.ALL)
    yield fake
    fake.stop()


@pytest.fixture
def make_server(arngate_bin, fake_sts, tmp_path, secrets_seen):
    servers = []

    def start(changes=None, **options):
        started = Server(arngate_bin, tmp_path / f"server-{len(servers)}", fake_sts, changes, **options)
        plain_review = started.review

        def review(token, *arguments, **named):
            if token.startswith(tokens.PREFIX):
                secrets_seen.add(token[len(tokens.PREFIX) :])
                try:
                    secrets_seen.add(tokens.signature_of(token))
                except (KeyError, ValueError):
                    pass  # a broken token has no signature to look for
            return plain_review(token, *arguments, **named)

        started.review = review
        servers.append(started)
        return started

    yield start
    failures = []
    for started in servers:
        was_running = started.process.running()
        status = started.stop()
        if was_running and status != 0:
            failures.append(f"the daemon ended with {status}:\n{started.log[-4000:]}")
        for secret in secrets_seen:
            if len(secret) >= 16 and secret in started.log:
                failures.append("the daemon printed a token, a signature or a key")
    assert not failures, "\n".join(failures)


@pytest.fixture
def server(make_server):
    return make_server()


@pytest.fixture
def mint(request, arngate_bin, awscli_bin):
    """Asks for the Go program only when its minter is used."""

    class Minters(dict):
        def __missing__(self, name):
            if name != "go":
                raise KeyError(name)
            binary = request.getfixturevalue("go_authenticator_bin")
            return lambda key, cluster_id, region="us-east-1": tokens.by_go(binary, key, cluster_id, region)

    def checked(function, *first):
        return lambda key, cluster_id, region="us-east-1": function(*first, key, cluster_id, region)

    return Minters(
        awscli=checked(tokens.by_awscli, awscli_bin),
        botocore=checked(tokens.by_botocore),
        arngate=checked(tokens.by_arngate, arngate_bin),
    )
