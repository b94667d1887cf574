"""Medians, ranges and ratios, for people and as JSON."""

import json
import os
import platform
import statistics

# A run during which other programs used more of the machine than this says little about req/s and latency.
QUIET_SHARE = 0.10

_RATIOS = (
    # name, numerator, denominator, key
    ("CPU: Go server / arngate", "go", "arngate", "cpu_seconds_per_1000"),
    ("CPU: Go server / arngate without cache", "go", "arngate-uncached", "cpu_seconds_per_1000"),
    ("CPU: arngate / nginx static", "arngate", "nginx-static", "cpu_seconds_per_1000"),
    ("CPU: arngate without cache / nginx proxy", "arngate-uncached", "nginx-proxy", "cpu_seconds_per_1000"),
    ("req/s: arngate / Go server", "arngate", "go", "requests_per_second"),
    ("req/s: arngate without cache / Go server", "arngate-uncached", "go", "requests_per_second"),
    ("p99: Go server / arngate", "go", "arngate", "p99_ms"),
    ("idle memory: Go server / arngate", "go", "arngate", "idle_rss_bytes"),
    ("memory with connections: Go server / arngate", "go", "arngate", "rss_bytes_with_connections"),
)


def summary(runs):
    """{"cpu_seconds_per_1000": {"median": …, "min": …, "max": …}, …} over the runs of one case."""
    result = {}
    for key in runs[0]:
        values = [run[key] for run in runs]
        result[key] = {"median": statistics.median(values), "min": min(values), "max": max(values)}
    return result


def ratios(summaries):
    found = {}
    for name, above, below, key in _RATIOS:
        if above in summaries and below in summaries and summaries[below][key]["median"] > 0:
            found[name] = summaries[above][key]["median"] / summaries[below][key]["median"]
    return found


def _cell(values, form, scale=1.0):
    numbers = [format(values[name] * scale, form) for name in ("median", "min", "max")]
    return f"{numbers[0]} [{numbers[1]}-{numbers[2]}]"


def as_text(load, results, summaries):
    lines = [
        f"{load['connections']} connections, {load['seconds']} s a run, {load['runs']} runs, alternating; "
        "median [min-max]",
        "CPU: user+system seconds of the server's processes per 1,000 reviews",
        "",
    ]
    rows = [("server", "CPU s/1000", "req/s", "p50 ms", "p99 ms", "idle MiB", "loaded MiB",
             f"{load['memory_connections']} conns MiB", "quiet runs")]
    for name, values in summaries.items():
        quiet = sum(run["others_share"] < QUIET_SHARE for run in results[name])
        rows.append((
            name,
            _cell(values["cpu_seconds_per_1000"], ".4f"),
            _cell(values["requests_per_second"], ",.0f"),
            _cell(values["p50_ms"], ".2f"),
            _cell(values["p99_ms"], ".2f"),
            format(values["idle_rss_bytes"]["median"] / 2**20, ".1f"),
            format(values["rss_bytes"]["median"] / 2**20, ".1f"),
            format(values["rss_bytes_with_connections"]["median"] / 2**20, ".1f"),
            f"{quiet} of {len(results[name])}",
        ))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) if column == 0 else cell.rjust(width)
                 for column, (cell, width) in enumerate(zip(row, widths))]
        lines.append("  ".join(cells).rstrip())
    lines.append("")
    found = ratios(summaries)
    width = max((len(name) for name in found), default=0)
    lines += [f"{name.ljust(width)}  {value:6.2f}" for name, value in found.items()]
    return "\n".join(lines)


def write_json(path, load, results, summaries):
    machine = {"system": platform.platform(), "processors": os.cpu_count()}
    content = {"load": load, "machine": machine, "runs": results, "summary": summaries, "ratios": ratios(summaries)}
    with open(path, "w") as file:
        json.dump(content, file, indent=1)
        file.write("\n")
