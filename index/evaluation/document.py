"""`docs/evaluation.md` and its pictures: words from a template, every figure from the run."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from index.evaluation.calibration import calibration_error
from index.evaluation.figures import Share
from index.evaluation.pictures import draw_reliability, draw_risk_coverage
from index.evaluation.run import Evaluation
from index.ranking import Ranking
from index.snapshot import Ingredients
from index.training.choosing import SHARES
from index.training.split import wordings
from knowledge.model import Knowledge

NAME = "evaluation.md"
RISK_COVERAGE, RELIABILITY = "evaluation-risk-coverage.svg", "evaluation-reliability.svg"


@dataclass(frozen=True, slots=True)
class Configuration:
    """What was measured, on which day and by which command."""

    day: date
    command: str
    encoder: str
    ranking: str
    knowledge: str
    entries: int
    wordings: int
    clauses: int
    programmes: int

    @classmethod
    def of(cls, knowledge: Knowledge, ingredients: Ingredients, day: date, command: str) -> Configuration:
        return cls(
            day=day,
            command=command,
            encoder=ingredients.encoder_name,
            ranking=ranking_fingerprint(ingredients.ranking),
            knowledge=knowledge.fingerprint,
            entries=len(knowledge.entries),
            wordings=sum(len(wordings(entry)) for entry in knowledge.entries),
            clauses=len(knowledge.clauses),
            programmes=len(knowledge.programmes),
        )

    @property
    def fingerprints(self) -> str:
        """The line by which a reader, or a test, tells what the figures belong to."""
        return f"encoder `{self.encoder}`, ranking `{self.ranking}`, knowledge `{self.knowledge}`"


def ranking_fingerprint(ranking: Ranking) -> str:
    return hashlib.sha256(ranking.to_json().encode()).hexdigest()[:16]


def write(evaluation: Evaluation, configuration: Configuration, folder: Path) -> Path:
    """Writes the document and its pictures into `folder`; gives the document's path."""
    folder.mkdir(parents=True, exist_ok=True)
    draw_risk_coverage(evaluation.curve, evaluation.operating_point, folder / RISK_COVERAGE)
    error = calibration_error(evaluation.bins)
    draw_reliability(evaluation.bins, error, evaluation.answer_at, folder / RELIABILITY)
    environment = Environment(  # noqa: S701 - the text is Markdown, and all of it our own
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cell": _cell, "number": _number, "signed": _signed}
    text = environment.get_template("document.md.j2").render(
        evaluation=evaluation,
        configuration=configuration,
        error=error,
        mass=SHARES,
        pictures={"risk_coverage": RISK_COVERAGE, "reliability": RELIABILITY},
    )
    path = folder / NAME
    path.write_text(text, encoding="utf-8")
    return path


def _cell(share: Share) -> str:
    low, high = share.interval
    return f"{share.value:.3f} ({share.hits} of {share.total}; {low:.3f} to {high:.3f})"


def _number(value: Share | float) -> str:
    return f"{value.value if isinstance(value, Share) else value:.3f}"


def _signed(value: float) -> str:
    return f"{value:+.3f}"
