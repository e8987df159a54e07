"""Figures by name: shares with their 95 % interval, plain numbers, and the bounds they must keep."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `total`."""

    hits: int
    total: int

    @property
    def value(self) -> float:
        return self.hits / self.total if self.total else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval (Wilson 1927)."""
        return interval(self.hits, self.total)

    def __str__(self) -> str:
        low, high = self.interval
        return f"{self.value:.3f} share ({self.hits} of {self.total}, 95 % {low:.3f} to {high:.3f})"


Figures = Mapping[str, Share | float]


class UnknownFigure(ValueError):
    """A bound on a figure that this run does not make."""


def interval(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share; nothing is known of none."""
    if total == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / total
    centre = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (centre - spread) / (1 + z * z / total), (centre + spread) / (1 + z * z / total)


def value(figure: Share | float) -> float:
    return figure.value if isinstance(figure, Share) else figure


def line(name: str, figure: Share | float) -> str:
    return f"{name} {figure if isinstance(figure, Share) else format(figure, '.4f')}"


def parse_bound(text: str) -> tuple[str, float]:
    """`FIGURE=VALUE`; raises ValueError."""
    name, separator, number = text.partition("=")
    if not (name and separator):
        raise ValueError(f"{text!r} is not FIGURE=VALUE")
    return name, float(number)


def falling_short(
    figures: Figures, minima: Sequence[tuple[str, float]], maxima: Sequence[tuple[str, float]]
) -> list[str]:
    """A sentence for each bound that does not hold. Raises UnknownFigure, naming the known ones."""
    unknown = [name for name, _ in (*minima, *maxima) if name not in figures]
    if unknown:
        raise UnknownFigure(f"unknown figure {', '.join(unknown)}; known: {', '.join(sorted(figures))}")
    low = [(name, "below", bound) for name, bound in minima if value(figures[name]) < bound]
    high = [(name, "above", bound) for name, bound in maxima if value(figures[name]) > bound]
    return [f"{name} {value(figures[name]):.4f} is {side} {bound:g}" for name, side, bound in low + high]
