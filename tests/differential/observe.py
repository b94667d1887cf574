"""What one server did with one request, and whether two servers did the same."""

from dataclasses import dataclass, field

LATENCY = "authenticate_latency_seconds_count"
# Of each answer's own; the rest of the head is compared.
OWN_HEADERS = {"date"}
MOST_LOOKS = 200  # at metrics that have not moved yet


@dataclass
class Seen:
    status: int
    headers: dict
    body: bytes
    moved: dict  # metric sample → by how much
    log: tuple = field(default=None)  # (class, level, fields), filled in after the run

    @property
    def outcome(self):
        """The label under which the latency was observed; "" for what is no review."""
        labels = [name.partition('result="')[2].partition('"')[0] for name in self.moved if name.startswith(LATENCY)]
        return "+".join(sorted(labels))

    @property
    def sts(self):
        """Movement of the metrics about STS."""
        return {name: by for name, by in self.moved.items() if name.startswith("sts_")}

    def brief(self):
        log = f"\n      log {self.log}" if self.log else ""
        return f"{self.status} {self.headers} {self.body[:600]!r}\n      metrics {self.moved}{log}"


def _reviews(samples):
    return sum(value for name, value in samples.items() if name.startswith(LATENCY))


def observe(server, request):
    ask = server.ask_over_http2 if request.http2 else server.ask
    status, headers, body = ask(request.method, request.path, request.body, request.headers)
    before = server.counted
    after = server.metrics()
    # Of a connection of its own the answer may come before its metric; on the connection that is kept it cannot.
    for _ in range(MOST_LOOKS if request.http2 and request.to_authenticate and status not in (404, 413) else 0):
        if _reviews(after) > _reviews(before):
            break
        after = server.metrics()
    server.counted = after
    moved = {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}
    return Seen(status, {name: value for name, value in headers.items() if name not in OWN_HEADERS}, body, moved)


def inconsistent(seen, request):
    """Why what a server said in four places does not fit together; None when it does."""
    if not seen.outcome and (seen.status in (404, 413) or not request.to_authenticate):
        return "a metric moved" if seen.moved else None
    classes = {
        200: {"success"},
        400: {"malformed_request"},
        403: {"invalid_token", "sts_error", "uknown_user"},
        405: {"malformed_request"},
        413: {"malformed_request"},
        429: {"sts_throttling"},
    }
    if seen.outcome not in classes.get(seen.status, set()):
        return f"status {seen.status} beside the metric of {seen.outcome or 'nothing'}"
    if seen.log and seen.log[0] != seen.outcome:
        return f"the log says {seen.log[0]}, the metric {seen.outcome}"
    return None


def unlike(go, other):
    """The names of the parts that differ."""
    parts = ["status", "headers", "body", "moved"]
    unequal = [part for part in parts if getattr(go, part) != getattr(other, part)]
    if go.log is not None and other.log is not None and go.log != other.log:
        unequal.append("log")
    return unequal
