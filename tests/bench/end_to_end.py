"""arngate-bench against arngate for a moment: every answer right, and results that are well-formed."""

import html.parser
import json
import pathlib
import socket
import subprocess
import sys
import tempfile

VOID = {"meta"}


class WellFormed(html.parser.HTMLParser):
    """Every element that begins ends, in order."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        for name, value in attributes:
            assert not (name in ("src", "href") and value), f"the page needs {value}"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.seen.add(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"</{tag}> ends nothing"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_page(path):
    page = WellFormed()
    page.feed(path.read_text())
    page.close()
    assert not page.open and {"svg", "path", "rect", "table"} <= page.seen, (page.open, page.seen)


def main():
    arngate, bench, keys = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as name:
        directory = pathlib.Path(name)
        port = free_port()
        config = {
            "clusterID": "bench-cluster",
            "server": {
                "address": "127.0.0.1",
                "port": port,
                "healthAddress": "127.0.0.1",
                "healthPort": free_port(),
                "stateDir": name,
                "generateKubeconfig": str(directory / "kubeconfig.yaml"),
                "mapUsers": [
                    {"userarn": "arn:aws:iam::123456789012:user/Alice", "username": "alice"},
                    {"userarn": "arn:aws:iam::123456789012:user/Mallory", "username": "mallory"},
                ],
            },
        }
        (directory / "config.yaml").write_text(json.dumps(config))
        server = [arngate, "server", "--config", directory / "config.yaml", "--sts-ca-file", "{sts-ca}"]
        server += ["--sts-connect-to", "::127.0.0.1:{sts-port}"]

        def run(result, *arguments):
            command = [bench, "run", "--kubeconfig", directory / "kubeconfig.yaml", "--keys", keys]
            command += ["--cluster-id", "bench-cluster", "--sts", "--timeout", "60s", "--drain", "60s"]
            command += ["--json", directory / result, "--html", directory / "page.html", *arguments, "--", *server]
            done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr[-4000:]
            assert "reviews in" in done.stdout
            check_page(directory / "page.html")
            return json.loads((directory / result).read_text())

        closed = run("a.json", "--requests", 300, "--tokens", 100, "--connections", 4)
        assert closed["counts"]["granted"] == 300 and closed["metrics"]["failed_share"] == 0, closed["counts"]
        assert 1 <= closed["sts_requests"] <= 300 and closed["metrics"]["server_max_rss_mib"] > 0

        mixed = "valid=4,bad-signature=1,junk=1,prefix=1"
        opened = run("b.json", "--load", "constant", "--rate", 200, "--requests", 200, "--mix", mixed, "--threads", 2)
        counts = opened["counts"]
        assert counts["granted"] + counts["refused"] == 200 and counts["wrong"] == 0, counts
        assert sum(count for _, _, count in opened["latency_histogram_ns"]) == 200

        herd = run("c.json", "--load", "herd", "--requests", 50, "--connections", 8)
        assert herd["counts"]["granted"] == 50 == herd["sts_requests"], herd["counts"]

        compared = subprocess.run([bench, "compare", directory / "a.json", directory / "a.json"], capture_output=True)
        assert compared.returncode == 0, compared.stderr
        # Servers that end: before they listen, and when the first connection comes.
        listen = "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); s.accept()"
        for dying in (["false"], [sys.executable, "-c", listen, str(port)]):
            command = [bench, "run", "--url", f"https://127.0.0.1:{port}/", "--insecure", "--mix", "junk=1"]
            command += ["--requests", "1", "--connections", "4", "--timeout", "60s", "--", *dying]
            gone = subprocess.run([str(part) for part in command], capture_output=True, text=True)
            assert gone.returncode == 2 and "the server ended" in gone.stderr, gone.stderr
        remote = [bench, "run", "--url", "https://192.0.2.1/", "--mix", "junk=1", "--requests", "1"]
        refused = subprocess.run(remote, capture_output=True, text=True)
        assert refused.returncode == 2 and "loopback" in refused.stderr, refused.stderr


main()
