"""What a measurement of the table is made of."""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One figure, and its target if it has one. `of` takes what one run measured, {server: {figure: number}}; a server that is not
    installed is not in there, and then the row is left out."""

    what: str
    of: Callable[[dict], float]
    at_most: float | None = None
    at_least: float | None = None
    digits: int = 2

    def target(self):
        parts = []
        if self.at_least is not None and self.at_least == self.at_most:
            return f"{self.at_least:,.{self.digits}f}"
        if self.at_least is not None:
            parts.append(f"≥ {self.at_least:,.{self.digits}f}")
        if self.at_most is not None:
            parts.append(f"≤ {self.at_most:,.{self.digits}f}")
        return " and ".join(parts)

    def is_met(self, value):
        below = self.at_most is None or value <= self.at_most
        return below and (self.at_least is None or value >= self.at_least)


@dataclass(frozen=True)
class Case:
    """`measure` makes one run: it starts every server that the stage has programs for, one after another."""

    name: str
    title: str
    measure: Callable
    rows: list[Row]


def divide(above, below):
    """Infinite where there is nothing to divide by: a moment's CPU time may be none, as the kernel counts it."""
    return above / below if below else math.inf


def ratio(above, below, figure):
    """Of one figure of two servers."""
    return lambda run: divide(run[above][figure], run[below][figure])


def value(server, figure):
    return lambda run: run[server][figure]
