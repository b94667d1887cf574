"""T5: resident memory."""

import time

from . import generators, reviews, servers, sts
from .case import Case, Row, value


def _with_connections(count, server):
    """MiB with that many kept connections that have each done one review."""
    held = []
    body = reviews.body_of(reviews.KEY)
    try:
        for _ in range(count):
            held.append(reviews.connect())
            status, _ = reviews.ask(held[-1], body)
            if status != 200:
                raise RuntimeError(f"a review was answered with {status}")
        return server.rss_mib()
    finally:
        for connection in held:
            connection.close()


def _connections(stage, opened):
    with opened as server:
        # What the start alone has needed is given back by then; the review brings back what reviews need.
        time.sleep(stage.sizes.settle_seconds / 10)
        at_rest = _with_connections(1, server)
        return {"rss_mib": at_rest, "rss_mib_connections": _with_connections(stage.sizes.held_connections, server)}


def _identities(stage, opened, keys):
    """MiB after one review for each of many identities, each mapped by an entry of its own."""
    with opened as server:
        arguments = ["--requests", len(keys), "--tokens", len(keys), "--population", "new", "--duration", "120s"]
        arguments += ["--http", "2", "--connections", 1, "--streams", 50]
        generators.run(stage, "identities", arguments, keys=keys)
        kept = reviews.metric("arngate_cache_entries")
        time.sleep(stage.sizes.settle_seconds)
        return {"rss_mib_identities": server.rss_mib(), "identities_kept": kept}


def _memory(stage):
    sizes = stage.sizes
    keys = reviews.team_keys(sizes.identities)
    mappings = reviews.team_mappings(sizes.identities + 1)
    with sts.fake(stage) as fake:
        fake.add_keys(reviews.keys_json(keys))
        found = {"arngate": _connections(stage, servers.arngate(stage))}
        found["arngate"] |= _identities(stage, servers.arngate(stage, mappings), keys)
        if found["arngate"]["identities_kept"] < sizes.identities:
            raise RuntimeError(f"only {found['arngate']['identities_kept']:.0f} identities were kept")
        if stage.programs.nginx:
            found["nginx"] = _connections(stage, servers.nginx_static(stage))
        if stage.programs.go_server:
            found["go"] = _connections(stage, servers.go(stage))
            found["go"] |= _identities(stage, servers.go(stage, mappings), keys)
    return found


def cases():
    return [
        Case(
            "T5",
            "resident memory",
            _memory,
            [
                Row("MiB at rest", value("arngate", "rss_mib"), at_most=12, digits=1),
                Row("MiB with 256 connections", value("arngate", "rss_mib_connections"), at_most=24, digits=1),
                Row(
                    "MiB with 10,000 cached identities and 10,000 mappings",
                    value("arngate", "rss_mib_identities"),
                    at_most=32,
                    digits=1,
                ),
            ],
        )
    ]
