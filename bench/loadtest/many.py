"""T8: a hundred thousand mappings."""

import itertools
import signal
import threading
import time

from . import generators, reviews, servers, sts
from .case import Case, Row, divide, ratio, value

# How often the metrics are asked whether a reload is over. Closely where the reload is what is measured; seldom beside a
# load, since to write and read them takes the processors that the load needs.
_CLOSELY = 0.005
_SELDOM = 0.1


class _Reloads(threading.Thread):
    """Changes the file and has it read again, one reload after another; notes how long each took."""

    def __init__(self, server, config, generation):
        super().__init__()
        self.seconds = []
        self.failure = None
        self._server, self._config, self._generation = server, config, generation
        # Written beforehand and moved into place: to write that much would take the processor that the reviews need.
        text = config.read_text()
        other = text.replace("username: team-000000\n", "username: other\n")
        files = {config.with_suffix(".other"): other, config.with_suffix(".same"): text}
        for file, content in files.items():
            file.unlink(missing_ok=True)  # of an earlier round: the configuration may be another name of it
            file.write_text(content)
        self._files = itertools.cycle(files)
        self._connection = reviews.connect()
        self._end = threading.Event()

    def once(self, poll_seconds):
        before = self._generation(self._connection)
        coming = self._config.with_suffix(".new")
        coming.hardlink_to(next(self._files))
        coming.rename(self._config)
        began = time.monotonic()
        self._server.popen.send_signal(signal.SIGHUP)
        while self._generation(self._connection) == before:
            if time.monotonic() - began > 60:
                raise RuntimeError("the mapping was not reloaded within 60 s")
            time.sleep(poll_seconds)
        self.seconds.append(time.monotonic() - began)

    def run(self):
        try:
            while not self._end.is_set():
                self.once(_SELDOM)
        except Exception as failure:  # told to whoever waits for the end
            self.failure = failure

    def finish(self):
        self._end.set()
        self.join()
        self._connection.close()
        if self.failure:
            raise self.failure


def _generation(connection):
    return reviews.metric("arngate_mapping_generation", connection)


def _many_mappings(stage):
    sizes = stage.sizes
    bodies = reviews.distinct_bodies(sizes.tokens)
    seconds = max(1.0, 2 * sizes.seconds)
    constant = ["--load", "constant", "--rate", 2000 if sizes.seconds >= 1 else 200, "--http", "2"]
    constant += ["--connections", 1, "--streams", 50, "--duration", f"{seconds}s", "--warmup", "1s"]
    constant += ["--tokens", min(1000, sizes.tokens), "--timeout", "30s", "--drain", "30s"]
    found = {}
    with sts.fake(stage):
        with servers.arngate(stage, reviews.team_mappings(sizes.few_mappings)) as server:
            found["10 mappings"] = generators.wrk(stage, "few mappings", server, bodies, sizes.connections)
        with servers.arngate(stage, reviews.team_mappings(sizes.many_mappings)) as server:
            time.sleep(sizes.settle_seconds)  # memory of the start is given back meanwhile, which is not a review's cost
            many = generators.wrk(stage, "many mappings", server, bodies, sizes.connections)
            many["quiet_p99_ms"] = generators.run(stage, "no reload", constant)["metrics"]["latency_p99_ms"]
            reloads = _Reloads(server, stage.folder("arngate") / "config.yaml", _generation)
            reloads.once(_CLOSELY)
            many["reload_seconds"] = reloads.seconds[0]
            reloads.start()
            try:
                beside = generators.run(stage, "reloads", constant)
            finally:
                reloads.finish()
            many["reloads"] = len(reloads.seconds)
            many["reload_p99_ms"] = beside["metrics"]["latency_p99_ms"]
            many["reload_p99_ratio"] = divide(many["reload_p99_ms"], many["quiet_p99_ms"])
            found["100,000 mappings"] = many
    return found


def cases():
    return [
        Case(
            "T8",
            "100,000 mappings",
            _many_mappings,
            [
                Row("CPU of a review: 100,000 mappings / 10 mappings",
                    ratio("100,000 mappings", "10 mappings", "cpu_seconds_per_1000"), at_most=1.5),
                Row("seconds of a reload", value("100,000 mappings", "reload_seconds"), at_most=1),
                Row("p99: while reloading all the time / without",
                    value("100,000 mappings", "reload_p99_ratio"), at_most=1.3),
            ],
        )
    ]
