"""The arithmetic of a comparison: figures taken in turn, their medians and spread, and whether we keep our word."""

import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

RUNS = int(os.environ.get("BENCH_RUNS", "5"))
"""How often each pair is measured."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What we promise: at least or at most so much, of the ratio ours / partner or of our own figure."""

    bound: float
    at: Literal["least", "most"] = "least"
    of: Literal["ratio", "ours"] = "ratio"

    def keeps(self, value: float) -> bool:
        return value >= self.bound if self.at == "least" else value <= self.bound

    def __str__(self) -> str:
        sign = "≥" if self.at == "least" else "≤"
        return f"{self.of} {sign} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Result:
    """One line of the table: the same thing measured of us and of a partner, pair by pair. No list is empty."""

    what: str
    unit: str
    ours: Sequence[float]
    partner: Sequence[float]
    beside: str
    """Who or what the partner is."""
    wanted: Wanted | None
    """None: told for comparison, nothing is promised."""

    @property
    def ratios(self) -> list[float]:
        """Ours / partner of each pair, in order of size."""
        return sorted(mine / theirs for mine, theirs in zip(self.ours, self.partner, strict=True) if theirs)

    @property
    def kept(self) -> bool | None:
        """Judged by the median. None: nothing was promised."""
        if self.wanted is None:
            return None
        return self.wanted.keeps(statistics.median(self.ratios if self.wanted.of == "ratio" else self.ours))

    def cells(self) -> list[str]:
        ratios = self.ratios
        verdict = {None: "", True: "kept", False: "MISSED"}[self.kept]
        return [
            self.what, f"{spread(self.ours)} {self.unit}", f"{spread(self.partner)} {self.unit}", self.beside,
            spread(ratios) if ratios else "–", str(self.wanted or ""), verdict,
        ]  # fmt: skip


HEAD = ("what", "ours", "partner", "who that is", "ratio", "wanted", "")


def spread(figures: Sequence[float]) -> str:
    """`2.1 (1.9–2.4)`: the median, the lowest and the highest."""
    ordered = sorted(figures)
    return f"{_short(statistics.median(ordered))} ({_short(ordered[0])}–{_short(ordered[-1])})"


def _short(figure: float) -> str:
    if figure >= 1000:
        return f"{figure:,.0f}"
    return f"{figure:.3g}" if figure < 100 else f"{figure:.0f}"


def table(results: Sequence[Result]) -> str:
    """As Markdown, in columns that also read well on a terminal."""
    rows = [list(HEAD), *(result.cells() for result in results)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
