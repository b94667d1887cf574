"""T1 to T4 and T6: a load that stays the same, on each server in turn."""

from . import generators, reviews, servers, sts
from .case import Case, Row, ratio, value

_CPU = "cpu_seconds_per_1000"
_UNCACHED = {"cache": {"enabled": False}}


def _each(stage, measure, nginx=None, arngate=(), names=("arngate", "nginx", "go")):
    """{name: measure(name, server)} of arngate and of the peers that are installed; `arngate`: sections of its file."""
    found = {}
    with servers.arngate(stage, **dict(arngate)) as server:
        found[names[0]] = measure(names[0], server)
    if nginx and stage.programs.nginx:
        with nginx(stage) as server:
            found[names[1]] = measure(names[1], server)
    if stage.programs.go_server:
        with servers.go(stage) as server:
            found[names[2]] = measure(names[2], server)
    return found


def _by_wrk(stage, connections):
    bodies = reviews.distinct_bodies(stage.sizes.tokens)

    def measure(name, server):
        return generators.wrk(stage, name, server, bodies, connections, verifies=not name.startswith("nginx"))

    return measure


def _cached_h1(stage):
    with sts.fake(stage):
        return _each(stage, _by_wrk(stage, stage.sizes.connections), servers.nginx_static)


def _for_a_while(stage, *more):
    arguments = ["--duration", f"{stage.sizes.seconds}s", "--warmup", f"{stage.sizes.warm_up}s"]
    return [*arguments, "--tokens", stage.sizes.tokens, "--timeout", "30s", "--drain", "30s", *more]


def _cached_h2(stage):
    arguments = _for_a_while(stage, "--http", "2", "--connections", 1, "--streams", stage.sizes.streams)

    def measure(name, server):
        return generators.figures(generators.run(stage, name, arguments, pids=server.pids()))

    with sts.fake(stage):
        return _each(stage, measure, servers.nginx_static)


def _not_cached(stage):
    measure = _by_wrk(stage, stage.sizes.connections)
    with sts.fake(stage):
        found = _each(stage, measure, servers.nginx_proxy, _UNCACHED)
    if stage.programs.nginx:
        names = ("arngate, STS h2", None, "go, STS h2")
        with sts.over_http2(stage):
            found |= _each(stage, measure, None, _UNCACHED, names)
    return found


def _slow_sts(stage):
    with sts.fake(stage, "--latency", "fixed:20"):
        return _each(stage, _by_wrk(stage, stage.sizes.slow_sts_in_flight), servers.nginx_proxy, _UNCACHED)


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

    with sts.fake(stage):
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
                Row("CPU: Go server / arngate", ratio("go", "arngate", _CPU), at_least=30, digits=1),
            ],
        ),
        Case(
            "T2",
            "cached, HTTP/2, one connection × 100 streams",
            _cached_h2,
            [
                Row("CPU: arngate / nginx, a constant answer", ratio("arngate", "nginx", _CPU), at_most=1.25),
                Row("CPU: Go server / arngate", ratio("go", "arngate", _CPU), at_least=25, digits=1),
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
                Row("req/s: arngate / Go server", ratio("arngate", "go", "per_second"), at_least=7, digits=1),
                Row("req/s: arngate / nginx, proxy of STS", ratio("arngate", "nginx", "per_second"), at_least=0.9),
                Row("p99, ms", value("arngate", "p99_ms"), at_most=60, digits=1),
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
