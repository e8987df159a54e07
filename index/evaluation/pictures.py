"""The two pictures of the decision, drawn as SVG: the same figures always give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from index.evaluation.calibration import Bin, Curve

_INK, _MARK, _FAINT = "#1f6f54", "#c2410c", "#8a8f98"
_STYLE: Any = {
    "svg.hashsalt": "evaluation",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "path.simplify_threshold": 0.5,
}
_LARGEST = 220.0
"""Points of area of a bin's dot that holds half of the mass."""


def draw_risk_coverage(curve: Curve, operating_point: tuple[float, float], path: Path) -> None:
    """Share of answers that are wrong against share of questions answered, the operating point marked."""
    coverage, risk = operating_point

    def draw(axes: Axes) -> None:
        axes.plot(curve.coverage, curve.risk, color=_INK, linewidth=1.6, label="all thresholds")
        axes.plot(
            [coverage],
            [risk],
            "o",
            color=_MARK,
            label=f"in use: answers {coverage:.2f}, of these wrong {risk:.2f}",
        )
        axes.set(xlabel="Share of questions answered", ylabel="Share of answers that are wrong")
        axes.set(xlim=(0, 1), ylim=(0, None), title="Risk and coverage")
        axes.legend(loc="upper left", edgecolor="none", framealpha=0.9)

    _save(draw, path)


def draw_reliability(bins: Sequence[Bin], error: float, answer_at: float, path: Path) -> None:
    """Share right against probability in ten bins; a dot's area is the bin's mass."""

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=_FAINT, linewidth=1, linestyle="--", label="perfectly calibrated")
        axes.plot([b.confidence for b in bins], [b.right for b in bins], color=_INK, linewidth=1.2)
        sizes = [max(8.0, 2 * _LARGEST * b.mass) for b in bins]
        axes.scatter(
            [b.confidence for b in bins], [b.right for b in bins], s=sizes, color=_INK,
            label=f"measured (area: share of questions), error {error:.3f}",
        )  # fmt: skip
        axes.axvline(answer_at, color=_MARK, linewidth=1, label=f"answers from {answer_at:.2f} on")
        axes.set(xlabel="Probability given by the decision", ylabel="Share right")
        axes.set(xlim=(0, 1), ylim=(0, 1), title="Reliability")
        axes.legend(loc="upper left", edgecolor="none", framealpha=0.9)

    _save(draw, path)


def _save(draw: Callable[[Axes], None], path: Path) -> None:
    with mpl.rc_context(_STYLE):
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.add_subplot()
        axes.grid(color="#e5e7eb", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes)
        figure.savefig(path, metadata={"Date": None})
