"""T1 to T4 and T6: a load that stays the same, on each server in turn."""

from . import generators, reviews, servers, sts
from .case import Case, Row, ratio, value

_CPU = "cpu_seconds_per_1000"
_UNCACHED = {"cache": {"enabled": False}}


def _arngate(stage, measure, **sections):
    with servers.arngate(stage, **sections) as server:
        return measure("arngate", server)


def _go(stage, measure):
    with servers.go(stage) as server:
        return measure("go", server)


def _nginx(opened, measure):
    with opened as server:
        return measure("nginx", server)


def _each(stage, measure, nginx, sts_arguments=(), **sections):
    """What `measure(name, server)` makes of arngate and of the peers that are installed, {name: …}. `sections` are those
    of arngate's configuration."""
    found = {}
    with sts.fake(stage, *sts_arguments, "--http1-only"):
        found["arngate"] = _arngate(stage, measure, **sections)
        if stage.programs.nginx:
            found["nginx"] = _nginx(nginx(stage), measure)
        if stage.programs.go_server:
            found["go"] = _go(stage, measure)
    return found


def _each_over_http2(stage, measure, sts_arguments=(), **sections):
    """The same of those that ask STS, before one that speaks HTTP/2."""
    found = {}
    with sts.fake(stage, *sts_arguments, "--http2-only"):
        if sections:
            found["arngate, STS h2"] = _arngate(stage, measure, **sections)
        if stage.programs.go_server:
            found["go, STS h2"] = _go(stage, measure)
    return found


def _by_wrk(stage, connections):
    bodies = reviews.distinct_bodies(stage.sizes.tokens)

    def measure(name, server):
        return generators.wrk(stage, name, server, bodies, connections, verifies=not name.startswith("nginx"))

    return measure


def _cached_h1(stage):
    measure = _by_wrk(stage, stage.sizes.connections)
    return _each(stage, measure, servers.nginx_static) | _each_over_http2(stage, measure)


def _for_a_while(stage, *more):
    arguments = ["--duration", f"{stage.sizes.seconds}s", "--warmup", f"{stage.sizes.warm_up}s"]
    return [*arguments, "--tokens", stage.sizes.tokens, "--timeout", "30s", "--drain", "30s", *more]


def _cached_h2(stage):
    arguments = _for_a_while(stage, "--http", "2", "--connections", 1, "--streams", stage.sizes.streams)

    def measure(name, server):
        return generators.figures(generators.run(stage, name, arguments, pids=server.pids()))

    return _each(stage, measure, servers.nginx_static) | _each_over_http2(stage, measure)


def _not_cached(stage):
    measure = _by_wrk(stage, stage.sizes.connections)
    found = _each(stage, measure, servers.nginx_proxy, **_UNCACHED)
    return found | _each_over_http2(stage, measure, **_UNCACHED)


def _slow_sts(stage):
    measure = _by_wrk(stage, stage.sizes.slow_sts_in_flight)
    slow = ["--latency", "fixed:20"]
    found = _each(stage, measure, servers.nginx_proxy, slow, **_UNCACHED)
    return found | _each_over_http2(stage, measure, slow, **_UNCACHED)


def _handshakes(stage):
    """A new connection for every review. None is resumed: arngate-bench keeps no sessions. The token is one of another
    kind, which arngate and the Go server refuse without asking anybody, so that it is the handshake that counts."""
    arguments = _for_a_while(stage, "--connections", min(32, stage.sizes.connections), "--requests-per-connection", 1)
    arguments += ["--mix", "prefix=1"]

    def measure(name, server):
        # The constant answer of nginx grants whatever it is asked.
        expected = {"granted": "wrong"} if name == "nginx" else {"refused": None}
        result = generators.Generator(stage, arguments, pids=server.pids()).finish()
        total, kinds = generators.answers(result)
        if kinds.keys() - expected.keys() - set(expected.values()) or result["handshakes"] < total:
            raise RuntimeError(f"{name}: {kinds} over {result['handshakes']} connections")
        return generators.figures(result)

    return _each(stage, measure, servers.nginx_static)


def cases():
    return [
        Case(
            "T1",
            "cached, HTTP/1.1, 64 connections",
            _cached_h1,
            [
                Row("CPU: arngate / nginx, a constant answer", ratio("arngate", "nginx", _CPU), at_most=1.5),
                Row("req/s: arngate / nginx, a constant answer", ratio("arngate", "nginx", "per_second"), at_least=0.6),
                Row("CPU: Go server / arngate, STS over HTTP/1.1", ratio("go", "arngate", _CPU), at_least=30, digits=1),
                Row("CPU: Go server / arngate, STS over HTTP/2", ratio("go, STS h2", "arngate", _CPU), digits=1),
            ],
        ),
        Case(
            "T2",
            "cached, HTTP/2, one connection × 100 streams",
            _cached_h2,
            [
                Row("CPU: arngate / nginx, a constant answer", ratio("arngate", "nginx", _CPU), at_most=1.25),
                Row("CPU: Go server / arngate, STS over HTTP/1.1", ratio("go", "arngate", _CPU), at_least=25, digits=1),
                Row("CPU: Go server / arngate, STS over HTTP/2", ratio("go, STS h2", "arngate", _CPU), digits=1),
            ],
        ),
        Case(
            "T3",
            "not cached, STS answers at once, 64 connections",
            _not_cached,
            [
                Row("CPU: arngate / nginx, proxy of STS", ratio("arngate", "nginx", _CPU), at_most=1.5),
                Row("CPU: Go server / arngate, STS over HTTP/1.1", ratio("go", "arngate", _CPU), at_least=12, digits=1),
                Row(
                    "CPU: Go server / arngate, STS over HTTP/2",
                    ratio("go, STS h2", "arngate, STS h2", _CPU),
                    at_least=3,
                    digits=1,
                ),
            ],
        ),
        Case(
            "T4",
            "not cached, STS takes 20 ms, 256 in flight",
            _slow_sts,
            [
                Row("req/s: arngate / Go server, STS over HTTP/1.1", ratio("arngate", "go", "per_second"), at_least=7, digits=1),
                Row("req/s: arngate / nginx, proxy of STS", ratio("arngate", "nginx", "per_second"), at_least=0.9),
                Row("p99, ms", value("arngate", "p99_ms"), at_most=60, digits=1),
                Row(
                    "req/s: arngate / Go server, STS over HTTP/2",
                    ratio("arngate, STS h2", "go, STS h2", "per_second"),
                    digits=1,
                ),
                Row("p99, ms, STS over HTTP/2", value("arngate, STS h2", "p99_ms"), at_most=60, digits=1),
            ],
        ),
        Case(
            "T6",
            "new connections, full handshakes",
            _handshakes,
            [
                Row("handshakes per CPU second: arngate / Go server (RSA 2048)", ratio("go", "arngate", _CPU), at_least=2),
                Row("the same: arngate / nginx (ECDSA P-256 both)", ratio("nginx", "arngate", _CPU), at_least=0.95),
            ],
        ),
    ]
