"""What the documentation tells readers to type or to look for is there: commands, flags, keys, metrics, pages."""

import json
import os
import pathlib
import re
import subprocess

import pytest

from harness import keys, tokens
from harness.server import CLUSTER_ID

SOURCE = pathlib.Path(os.environ["ARNGATE_SOURCE_DIR"])
PAGES = sorted([*SOURCE.glob("*.md"), *SOURCE.glob("docs/**/*.md"), SOURCE / "charts" / "arngate" / "README.md"])
METRIC_SOURCES = [path for folder in ("core", "daemon") for path in (SOURCE / folder).glob("**/*.cpp")]
# What ends a command in a shell, a table or a sentence. A line goes on after a backslash, or with a flag that has been
# folded onto the next one.
COMMAND = re.compile(r"(?:^|(?<=[\s`(|]))(?:/usr/(?:local/)?bin/)?arngate(?: |-init /usr/bin/arngate )([^`|;&<>()#\n]*)")
FLAG = re.compile(r"(?<!\S)(--?[A-Za-z][\w-]*)")


def name_of(page):
    return str(page.relative_to(SOURCE))


class Help:
    """The help of each command, asked for once."""

    def __init__(self, binary):
        self.binary = binary
        self.texts = {}

    def of(self, *command):
        if command not in self.texts:
            done = subprocess.run([self.binary, *command, "--help"], capture_output=True, text=True, check=True)
            self.texts[command] = done.stdout
        return self.texts[command]

    def commands(self, *command):
        return set(re.findall(r"^  ([a-z]+)  ", self.of(*command), re.MULTILINE))

    def flags(self, *command):
        return set(re.findall(r"(?<![\w-])(--?[A-Za-z][\w-]*)", self.of(*command)))


@pytest.fixture(scope="module")
def help_of(arngate_bin):
    return Help(arngate_bin)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_and_flags_exist(page, help_of):
    text = re.sub(r"\\\n\s*|\n\s+(?=--[a-z])", " ", page.read_text())
    for found in COMMAND.finditer(text):
        words = found[1].split()
        command = []
        while words and words[0] in help_of.commands(*command):
            command.append(words.pop(0))
        if not command:
            continue  # a sentence
        known = help_of.flags(*command)
        for flag in FLAG.findall(found[1]):
            assert flag in known, f"arngate {' '.join(command)} has no {flag}: {found[0]}"


def test_there_are_commands_to_check(help_of):
    text = "".join(page.read_text() for page in PAGES)
    used = {found[1].split()[0] for found in COMMAND.finditer(text) if found[1].split()}
    assert help_of.commands() & used >= {"server", "init", "token", "kubeconfig", "verify", "check", "cert", "health"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_keys_exist(page):
    schema = json.loads((SOURCE / "docs" / "config.schema.json").read_text())
    sections = {name for name, key in schema["properties"].items() if "properties" in key}
    for path in re.findall(r"`((?:[a-zA-Z0-9]+\.)+[a-zA-Z0-9]+)(?:: [^`]*)?`", page.read_text()):
        section, *rest = path.split(".")
        if section not in sections or "amazonaws" in rest:
            continue
        here = schema["properties"][section]
        for name in rest:
            assert name in here.get("properties", {}), f"there is no key {path}"
            here = here["properties"][name]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), f"there is no {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE)
            anchors = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in anchors, f"{name_of(there)} has no heading for #{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_metrics_that_are_named_exist(page):
    """Some appear with their first event, so the program's text says which there are."""
    known = {name for source in METRIC_SOURCES for name in re.findall(r'"(arngate_[a-z0-9_]+)"', source.read_text())}
    assert len(known) > 40
    named = set(re.findall(r"\b(arngate_[a-z0-9_]+)\b", page.read_text()))
    assert named <= known


def test_metrics_that_exist_are_named(make_server, fake_sts):
    server = make_server()
    assert server.review(tokens.by_hand(keys.USER, CLUSTER_ID)).authenticated
    families = set(re.findall(r"^# TYPE (arngate_\w+) ", server.metrics(), re.MULTILINE))
    named = set(re.findall(r"\b(arngate_[a-z0-9_]+)\b", (SOURCE / "docs" / "operations.md").read_text()))
    assert families <= named
