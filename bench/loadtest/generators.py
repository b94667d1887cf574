"""The programs that put load on a server: wrk where it can, as it is the leanest, arngate-bench for all other shapes."""

import json
import os
import pathlib
import subprocess
import tempfile

from . import reviews

_SCRIPT = pathlib.Path(__file__).with_name("reviews.lua")
_LONGEST = 16  # seconds of a load that has had no answer yet


def _wrk(stage, connections, seconds, bodies_file):
    command = [stage.programs.wrk, "--threads", 1, "--connections", connections]
    # wrk takes whole seconds only.
    command += ["--duration", f"{max(1, round(seconds))}s", "--timeout", "30s", "--script", _SCRIPT]
    command += [f"https://127.0.0.1:{reviews.PORT}/authenticate"]
    done = subprocess.run(
        [str(part) for part in command],
        env={**os.environ, "ARNGATE_BENCH_BODIES": str(bodies_file)},
        capture_output=True,
        text=True,
        timeout=seconds + 120,
    )
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return json.loads(line.removeprefix("RESULT "))
    raise RuntimeError(f"wrk ended with {done.returncode}: {done.stdout[-1000:]}{done.stderr[-1000:]}")


def wrk(stage, name, server, bodies, connections, verifies=True):
    """Closed loop over kept HTTP/1.1 connections. Raises when an answer was not right: such a run measures nothing.

    `verifies`: the server counts the reviews that it granted, and that must be all of them.
    """
    bodies_file = stage.directory / "bodies.jsonl"
    bodies_file.write_text("".join(body + "\n" for body in bodies))
    if stage.sizes.warm_up > 0:
        _wrk(stage, connections, stage.sizes.warm_up, bodies_file)
    seconds = stage.sizes.seconds
    while True:
        granted = reviews.granted_count() if verifies else 0
        cpu = server.cpu_seconds()
        result = _wrk(stage, connections, seconds, bodies_file)
        cpu = server.cpu_seconds() - cpu
        # On a machine that is busy with other programs, a moment may not be enough for the first answer.
        if result["requests"] + result["errors"] > 0 or seconds >= _LONGEST:
            break
        seconds = min(4 * max(1, seconds), _LONGEST)
    if result["errors"] > 0 or result["requests"] == 0:
        raise RuntimeError(f"{name}: {result['errors']} of {result['requests']} requests failed")
    if verifies:
        granted = reviews.granted_count() - granted
        # Reviews that were under way when wrk stopped, here and after the warm-up, are granted but not counted by it.
        if not result["requests"] <= granted <= result["requests"] + 2 * connections:
            raise RuntimeError(f"{name}: {granted} reviews granted, {result['requests']} answered")
    return {
        "cpu_seconds_per_1000": cpu / result["requests"] * 1000,
        "per_second": result["requests"] / result["seconds"],
        "p50_ms": result["p50_us"] / 1000,
        "p99_ms": result["p99_us"] / 1000,
    }


class Generator:
    """One arngate-bench at work on the server. `arguments` are those of its `run`; `pids` are the server's."""

    def __init__(self, stage, arguments, keys=(reviews.KEY,), pids=(), path="/authenticate"):
        self._folder = tempfile.TemporaryDirectory(dir=stage.directory)
        folder = pathlib.Path(self._folder.name)
        (folder / "keys.json").write_text(reviews.keys_json(keys))
        self._result = folder / "result.json"
        command = [stage.programs.arngate_bench, "run", "--url", f"https://127.0.0.1:{reviews.PORT}{path}"]
        command += ["--insecure", "--keys", folder / "keys.json", "--cluster-id", reviews.CLUSTER_ID]
        command += ["--region", reviews.REGION, "--no-progress", "--text", "/dev/null", "--json", self._result]
        command += [part for pid in pids for part in ("--pid", pid)]
        self._popen = subprocess.Popen(
            [str(part) for part in [*command, *arguments]], stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
        )

    def finish(self):
        """Waits for its end; the result as docs/benchmarking.md describes it."""
        try:
            _, said = self._popen.communicate(timeout=900)
            if self._popen.returncode != 0:
                raise RuntimeError(f"arngate-bench ended with {self._popen.returncode}: {said[-1000:]}")
            return json.loads(self._result.read_text())
        finally:
            self.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def is_at_work(self):
        return self._popen.poll() is None

    def stop(self):
        if self.is_at_work():
            self._popen.kill()
        self._popen.wait(30)
        self._folder.cleanup()


def answers(result):
    """How many requests were answered, and of which kinds those are that there were any of."""
    kinds = {name: count for name, count in result["counts"].items() if count > 0}
    return sum(count for name, count in kinds.items() if name != "wrong"), kinds


def figures(result):
    """The usual figures of a result."""
    metrics = result["metrics"]
    found = {
        "per_second": metrics["throughput_per_second"],
        "p50_ms": metrics["latency_p50_ms"],
        "p99_ms": metrics["latency_p99_ms"],
    }
    if "server_cpu_seconds_per_1000" in metrics:
        found["cpu_seconds_per_1000"] = metrics["server_cpu_seconds_per_1000"]
    return found


def only(result, name, expected="granted"):
    """The result. Raises unless every answer was of the `expected` kind."""
    total, kinds = answers(result)
    if total == 0 or kinds != {expected: total}:
        raise RuntimeError(f"{name}: answers were {kinds}, all should be {expected}")
    return result


def run(stage, name, arguments, **more):
    """A Generator's result from begin to end, all answers granted."""
    return only(Generator(stage, arguments, **more).finish(), name)
