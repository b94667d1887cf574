"""Medians, ranges and verdicts, as text, JSON and Markdown."""

import json
import os
import pathlib
import platform
import statistics
from dataclasses import dataclass

# A run during which other programs used more of the machine than this says little about req/s and latency.
QUIET_SHARE = 0.10


@dataclass(frozen=True)
class Spread:
    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values):
        return cls(statistics.median(values), min(values), max(values))

    def text(self, digits):
        return f"{self.median:,.{digits}f} [{self.least:,.{digits}f}–{self.most:,.{digits}f}]"


@dataclass(frozen=True)
class Judged:
    case: str
    what: str
    spread: Spread
    target: str
    is_met: bool
    digits: int

    @property
    def verdict(self):
        return ("met" if self.is_met else "missed") if self.target else ""

    def cells(self):
        return self.case, self.what, self.spread.text(self.digits), self.target, self.verdict


def judge(case, runs):
    """Rows whose servers were there. The figure of a row is made in each run, from servers that ran side by side."""
    judged = []
    for row in case.rows:
        try:
            spread = Spread.of([row.of(run) for run in runs])
        except KeyError:
            continue
        judged.append(Judged(case.name, row.what, spread, row.target(), row.is_met(spread.median), row.digits))
    return judged


def _digits(number):
    return 0 if abs(number) >= 1000 else 1 if abs(number) >= 10 else 4 if abs(number) < 0.1 else 2


def _details(case, runs):
    """(server, {figure: Spread}) in the order of the runs."""
    for server in runs[0]:
        yield server, {name: Spread.of([run[server][name] for run in runs]) for name in runs[0][server]}


def _machine():
    model = ""
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**30
    return f"{os.cpu_count()} × {model or platform.machine()}, {memory} GiB, {platform.system()} {platform.release()}"


class Table:
    """`results`: {case: its runs}; `shares`: {case: what other programs used of the machine in each}."""

    def __init__(self, cases, results, shares, options):
        self._cases = [case for case in cases if results.get(case.name)]
        self._results, self._shares, self._options = results, shares, options
        self._judged = [row for case in self._cases for row in judge(case, results[case.name])]

    def _quiet(self):
        shares = [share for shares in self._shares.values() for share in shares]
        return f"{sum(share < QUIET_SHARE for share in shares)} of {len(shares)} runs were quiet"

    def _heading(self):
        shape = ", ".join(f"{name} {value}" for name, value in self._options.items())
        return f"{_machine()}; {shape}; median [least–most]; {self._quiet()}"

    def as_text(self):
        rows = [("#", "figure", "measured", "target", "verdict"), *(row.cells() for row in self._judged)]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = [self._heading(), ""]
        lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
        for case in self._cases:
            lines += ["", f"{case.name}: {case.title}"]
            for server, figures in _details(case, self._results[case.name]):
                parts = [f"{name} {spread.text(_digits(spread.median))}" for name, spread in figures.items()]
                lines.append(f"  {server}: {'; '.join(parts)}")
        return "\n".join(lines)

    def as_markdown(self):
        lines = [self._heading() + ".", "", "| # | figure | measured | target | |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(row.cells())} |" for row in self._judged]
        steady = [case for case in self._cases if "cpu_seconds_per_1000" in next(iter(self._results[case.name][0].values()))]
        if steady:
            lines += ["", "| # | server | CPU s / 1,000 | req/s | p50 ms | p99 ms |", "| --- | --- | --- | --- | --- | --- |"]
        for case in steady:
            for server, figures in _details(case, self._results[case.name]):
                names = {"cpu_seconds_per_1000": 4, "per_second": 0, "p50_ms": 2, "p99_ms": 2}
                cells = [figures[name].text(digits) for name, digits in names.items()]
                lines.append(f"| {case.name} | {server} | {' | '.join(cells)} |")
        others = [case for case in self._cases if case not in steady]
        if others:
            lines += ["", "| # | server | measured |", "| --- | --- | --- |"]
        for case in others:
            for server, figures in _details(case, self._results[case.name]):
                parts = [f"{name} {spread.text(_digits(spread.median))}" for name, spread in figures.items()]
                lines.append(f"| {case.name} | {server} | {'; '.join(parts)} |")
        return "\n".join(lines) + "\n"

    def as_json(self):
        rows = [
            {
                "case": row.case,
                "figure": row.what,
                "median": row.spread.median,
                "least": row.spread.least,
                "most": row.spread.most,
                "target": row.target,
                "met": row.is_met if row.target else None,
            }
            for row in self._judged
        ]
        content = {
            "machine": _machine(),
            "options": self._options,
            "rows": rows,
            "runs": self._results,
            "others_share": self._shares,
        }
        return json.dumps(content, indent=1) + "\n"
