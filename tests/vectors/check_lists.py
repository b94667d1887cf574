#!/usr/bin/env python3
"""Every vector file is run by a test or listed in not-yet-run.txt, never both.

A file counts as run when a source under tests/ names it in quotes, with or without its extension. Prints the list of
those not yet run; exits with 1 and says what is wrong if the list and the sources do not agree.
"""

import pathlib
import re
import sys

VECTORS = pathlib.Path(__file__).resolve().parent
TESTS = VECTORS.parent
SOURCE_SUFFIXES = {".cpp", ".hpp", ".py", ".go"}


def read_list():
    listed = {}
    for line in (VECTORS / "not-yet-run.txt").read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            listed[name] = reason.strip()
    return listed


def main():
    sources = [
        path
        for path in sorted(TESTS.rglob("*"))
        if path.suffix in SOURCE_SUFFIXES and path.is_file() and path != pathlib.Path(__file__).resolve()
    ]
    text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in sources)
    files = sorted(path.name for path in VECTORS.glob("*.json"))
    listed = read_list()

    problems = []
    for name in files:
        stem = re.escape(name.removesuffix(".json"))
        is_run = re.search(rf'["/]{stem}(\.json)?"', text) is not None
        if is_run and name in listed:
            problems.append(f"{name} is run by a test: take it out of not-yet-run.txt")
        if not is_run and name not in listed:
            problems.append(f"{name} is neither run by a test nor listed in not-yet-run.txt")
    for name, reason in listed.items():
        if name not in files:
            problems.append(f"{name} is listed in not-yet-run.txt, but there is no such file")
        if not reason:
            problems.append(f"{name} is listed in not-yet-run.txt without a reason")

    print(f"{len(files) - len(listed)} vector files run, {len(listed)} not yet:")
    for name, reason in sorted(listed.items()):
        print(f"  {name}: {reason}")
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
