"""T7, T9 and T10: what reaches STS, and who waits for it."""

import time

from . import generators, reviews, servers, sts
from .case import Case, Row, divide, value

_STREAMS = 250  # what arngate allows on one connection
_BUDGET = 100  # sts.refusalsPerSecond
_MOST_CALLS = 101  # the count begins and ends between two calls
_NEW = "arngate, new tokens, junk of strangers"
_SEEN = "arngate, tokens seen before, junk of the users' key"


def _herd(stage):
    """All tokens of a cluster at once, as after a restart of kube-apiserver, before an STS that throttles."""
    sizes = stage.sizes
    arguments = ["--load", "herd", "--requests", sizes.herd, "--http", "2"]
    arguments += ["--connections", -(-sizes.herd // _STREAMS), "--streams", _STREAMS]
    arguments += ["--duration", "60s", "--drain", "30s", "--timeout", "60s"]
    throttling = f"throttle:above_per_second={sizes.herd_rate}"
    found = {}

    def measure(opened):
        with sts.fake(stage, "--latency", "fixed:100", "--fault", throttling), opened() as server:
            result = generators.Generator(stage, arguments, pids=server.pids()).finish()
        total, kinds = generators.answers(result)
        if total != sizes.herd:
            raise RuntimeError(f"{total} of {sizes.herd} reviews were answered: {kinds}")
        return {
            "granted_share": kinds.get("granted", 0) / sizes.herd,
            "share_of_bound": result["metrics"]["latency_max_ms"] / 1000 * sizes.herd_rate / sizes.herd,
            "seconds": result["metrics"]["latency_max_ms"] / 1000,
        }

    found["arngate"] = measure(lambda: servers.arngate(stage))
    if stage.programs.go_server:
        found["go"] = measure(lambda: servers.go(stage))
    return found


def _same_token(stage):
    count = stage.sizes.same_token
    arguments = ["--load", "herd", "--requests", count, "--population", "one", "--http", "2"]
    arguments += ["--connections", -(-count // _STREAMS), "--streams", _STREAMS, "--timeout", "60s"]
    found = {}

    def measure(name, opened):
        with sts.fake(stage, "--latency", "fixed:500") as fake, opened:
            before = fake.requests()
            generators.run(stage, name, arguments)
            return {"sts_calls": fake.requests() - before}

    found["arngate"] = measure("arngate", servers.arngate(stage))
    if stage.programs.go_server:
        found["go"] = measure("go", servers.go(stage))
    return found


def _junk(stage):
    """Users alone, and then beside well-formed tokens with random signatures: once users with new tokens beside junk of
    keys that nobody knows, and once users with tokens that were seen before beside junk that names their own key."""
    sizes = stage.sizes
    seconds = max(1.0, 1.5 * sizes.seconds)
    constant = ["--load", "constant", "--http", "2", "--timeout", "30s"]
    users = [*constant, "--rate", sizes.users_per_second, "--connections", 2, "--streams", 50]
    users += ["--duration", f"{seconds}s", "--drain", "30s"]
    junk = [*constant, "--rate", sizes.junk_per_second, "--population", "new", "--mix", "bad-signature=1"]
    junk += ["--connections", 40, "--streams", _STREAMS, "--duration", f"{seconds + 20}s", "--drain", "0s"]

    def denied():
        return reviews.metric("arngate_sts_calls_total", outcome="sts_denied")

    def await_junk(generator):
        # Until the first second's budget, which may come at once, is used up.
        while generator.is_at_work() and denied() < _BUDGET:
            time.sleep(0.05)

    def new_tokens_beside(junk_keys):
        of_users = [*users, "--population", "new", "--warmup", "1s"]
        with sts.fake(stage, "--latency", "fixed:5"), servers.arngate(stage):
            alone = generators.run(stage, "users alone", of_users)
            with generators.Generator(stage, junk, junk_keys) as generator:
                await_junk(generator)
                began, before = time.monotonic(), denied()
                beside = generators.run(stage, "users beside junk", of_users)
                return compared(alone, beside, denied() - before, time.monotonic() - began, generator)

    def seen_tokens_beside(junk_keys):
        count = 20
        of_users = [*users, "--tokens", count]
        warm_up = 8 if stage.sizes.seconds >= 1 else 4
        with sts.fake(stage, "--latency", "fixed:5"), servers.arngate(stage):
            alone = generators.run(stage, "users alone", [*of_users, "--warmup", "1s"])
            cached = reviews.metric("arngate_cache_entries")
            started = time.monotonic()
            with generators.Generator(stage, [*of_users, "--warmup", f"{warm_up}s"]) as user:
                while user.is_at_work() and reviews.metric("arngate_cache_entries") < cached + count:
                    time.sleep(0.05)
                with generators.Generator(stage, junk, junk_keys) as generator:
                    await_junk(generator)
                    began, before = time.monotonic(), denied()
                    if began - started > warm_up:
                        raise RuntimeError("the junk began too late: this machine is too busy")
                    beside = generators.only(user.finish(), "users beside junk")
                    return compared(alone, beside, denied() - before, time.monotonic() - began, generator)

    def compared(alone, beside, calls, elapsed, generator):
        if not generator.is_at_work():
            raise RuntimeError("the junk ended before the users did")
        return {
            "junk_calls_per_second": calls / elapsed,
            "p99_ms_alone": alone["metrics"]["latency_p99_ms"],
            "p99_ms": beside["metrics"]["latency_p99_ms"],
            "p99_ratio": divide(beside["metrics"]["latency_p99_ms"], alone["metrics"]["latency_p99_ms"]),
        }

    return {_NEW: new_tokens_beside(reviews.strangers(20)), _SEEN: seen_tokens_beside([reviews.KEY])}


def cases():
    return [
        Case(
            "T7",
            "5,000 new tokens at once; STS takes 100 ms and lets 500 a second through",
            _herd,
            [
                Row("share of reviews granted", value("arngate", "granted_share"), at_least=1, at_most=1, digits=3),
                Row("last answer / 10 s", value("arngate", "share_of_bound"), at_most=1.1),
            ],
        ),
        Case(
            "T9",
            "1,000 concurrent reviews of one new token",
            _same_token,
            [Row("STS calls", value("arngate", "sts_calls"), at_least=1, at_most=1, digits=0)],
        ),
        Case(
            "T10",
            "5,000 junk tokens a second beside 200 reviews a second of users",
            _junk,
            [
                Row("STS calls for junk a second, budget 100", value(_NEW, "junk_calls_per_second"), at_most=_MOST_CALLS,
                    digits=0),
                Row("p99 of users with new tokens: with junk / without", value(_NEW, "p99_ratio"), at_most=2),
                Row("STS calls for junk that names the users' key", value(_SEEN, "junk_calls_per_second"),
                    at_most=_MOST_CALLS, digits=0),
                Row("p99 of users with tokens seen before: with such junk / without", value(_SEEN, "p99_ratio"),
                    at_most=2),
            ],
        ),
    ]
