"""One measured run: load by wrk, CPU of the server's processes, latency, and what else the machine was doing."""

import json
import os
import pathlib
import resource
import subprocess
from dataclasses import dataclass

from . import reviews
from .processes import machine_busy_seconds

_SCRIPT = pathlib.Path(__file__).with_name("reviews.lua")


@dataclass(frozen=True)
class Load:
    connections: int
    seconds: float
    warm_up_seconds: float
    wrk_threads: int


def _children_seconds():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _wrk(load, seconds, bodies_file):
    command = ["wrk", "--threads", load.wrk_threads, "--connections", load.connections]
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


def run(case, server, fake_sts, load, bodies_file):
    """A dictionary of plain numbers. Raises when an answer was not what it should be: such a run measures nothing."""
    idle_rss = server.rss_bytes()
    if load.warm_up_seconds > 0:
        _wrk(load, load.warm_up_seconds, bodies_file)
    granted = reviews.granted_count() if case.verifies else 0
    cpu, fake_cpu = server.cpu_seconds(), fake_sts.cpu_seconds()
    own_cpu, machine = _children_seconds(), machine_busy_seconds()
    result = _wrk(load, load.seconds, bodies_file)
    cpu = server.cpu_seconds() - cpu
    fake_cpu = fake_sts.cpu_seconds() - fake_cpu
    own_cpu = _children_seconds() - own_cpu
    machine = machine_busy_seconds() - machine
    if result["errors"] > 0 or result["requests"] == 0:
        raise RuntimeError(f"{case.name}: {result['errors']} of {result['requests']} requests failed")
    if case.verifies:
        granted = reviews.granted_count() - granted
        # Reviews that were under way when wrk stopped, here and after the warm-up, are granted but not counted by it.
        if not result["requests"] <= granted <= result["requests"] + 2 * load.connections:
            raise RuntimeError(f"{case.name}: {granted} reviews granted, {result['requests']} answered")
    seconds = result["seconds"]
    others = max(0.0, machine - cpu - fake_cpu - own_cpu)
    return {
        "requests": result["requests"],
        "requests_per_second": result["requests"] / seconds,
        "cpu_seconds_per_1000": cpu / result["requests"] * 1000,
        "p50_ms": result["p50_us"] / 1000,
        "p99_ms": result["p99_us"] / 1000,
        "max_ms": result["max_us"] / 1000,
        "idle_rss_bytes": idle_rss,
        "rss_bytes": server.rss_bytes(),
        "others_share": others / (seconds * os.cpu_count()),
    }


def memory(server, connections, body):
    """Resident bytes with this many kept connections that have each done one review."""
    held = []
    try:
        for _ in range(connections):
            held.append(reviews.connect())
            status, _ = reviews.ask(held[-1], body)
            if status != 200:
                raise RuntimeError(f"a review was answered with {status}")
        with_connections = server.rss_bytes()
    finally:
        for connection in held:
            connection.close()
    return {"rss_bytes_with_connections": with_connections}
