#!/usr/bin/env python3
"""The Go server and arngate side by side: the same configuration, the same STS, the same requests.

    run.py [--seed N] [--count N] [--verbose]

Programs come from ARNGATE_BIN, ARNGATE_FAKE_STS_BIN and ARNGATE_GO_AUTHENTICATOR. Exit status: 0 when every difference
is a row of docs/compatibility.md, 1 when one is not, 77 where this machine has no network namespaces.
"""

import argparse
import os
import pathlib
import random
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import node_names  # noqa: E402
import scenarios  # noqa: E402
import world  # noqa: E402
from differences import Ledger  # noqa: E402

import isolated_network  # noqa: E402

SKIPPED = 77


def programs():
    names = {"arngate": "ARNGATE_BIN", "fake_sts": "ARNGATE_FAKE_STS_BIN", "go": "ARNGATE_GO_AUTHENTICATOR"}
    found = {}
    for name, variable in names.items():
        path = os.environ.get(variable, "")
        if not os.access(path, os.X_OK):
            sys.exit(f"{variable} names no program: run this with ctest -L differential")
        found[name] = os.path.abspath(path)
    return found


def arguments():
    parser = argparse.ArgumentParser(description="Compare arngate with the Go server, request by request.")
    parser.add_argument("--seed", type=int, help="of the generator; a run prints its own")
    parser.add_argument("--count", type=int, default=2000, help="requests in all, at least")
    parser.add_argument("--verbose", action="store_true", help="print each difference, also the explained ones")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def compare(asked):
    print(f"seed {asked.seed}, about {asked.count} requests", flush=True)
    started = time.monotonic()
    ledger = Ledger(asked.verbose)
    with tempfile.TemporaryDirectory(prefix="differential-") as directory:
        total = scenarios.run_all(programs(), pathlib.Path(directory), random.Random(asked.seed), asked.count, ledger)
    print(f"{total} requests to each server, {time.monotonic() - started:.0f} s")
    return ledger.conclude(asked.seed)


def main():
    asked = arguments()
    if asked.seed is None:
        asked.seed = random.SystemRandom().randrange(1_000_000)
    if asked.inside:
        return compare(asked)
    reason = isolated_network.why_not()
    if reason:
        print("skipped: " + reason)
        return SKIPPED
    again = [sys.executable, "-B", os.path.abspath(__file__), "--inside", "--seed", asked.seed, "--count", asked.count]
    again += ["--verbose"] if asked.verbose else []
    command = isolated_network.command(again, sorted([*world.all_hosts(), node_names.HOST]))
    sys.stdout.flush()
    os.execvp(command[0], command)


if __name__ == "__main__":
    sys.exit(main())
