"""What every benchmark does with its figures: one `figure value unit` a line, and the same as flat JSON."""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Sequence
from pathlib import Path


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Median and 95th percentile, in milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50": statistics.median(ordered) * 1000,
        "p95": ordered[max(0, round(len(ordered) * 0.95) - 1)] * 1000,
    }


class Report:
    """Prints figures as they come and writes them when asked to."""

    def __init__(self, description: str | None) -> None:
        self.parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
        self.parser.add_argument("--json", type=Path, metavar="FILE")
        self._figures: dict[str, float] = {}

    def figure(self, name: str, value: float, unit: str) -> None:
        self._figures[name] = round(value, 6)
        print(f"{name} {value:.3f} {unit}", flush=True)

    def latencies(self, name: str, seconds: Sequence[float]) -> None:
        """Median and 95th percentile, in milliseconds."""
        for figure, value in percentiles(seconds).items():
            self.figure(f"{name}.{figure}", value, "ms")

    def close(self, path: Path | None) -> None:
        if path:
            path.write_text(json.dumps(self._figures, indent=1) + "\n")
