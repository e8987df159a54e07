"""Scores the running configuration on question sets and prints the figures.

    python -m index.evaluate [--data FOLDER] [--date YYYY-MM-DD] [--show N] [--json FILE] [--min FIGURE=VALUE]

The project's own held-out questions (`tests/data/`) were written apart from the approved questions and
are never trained on. `--data` names a folder with further sets, one JSON object a line: `question` with
`clauses` (ids, any of which answers it) or with `expect` other than "answer". What is measured is the
search and its decision; small talk belongs to the dialogue and is left out.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from index.encoder import BUILTIN
from index.ingredients import gather_ingredients
from index.search import Outcome, Searcher
from index.snapshot import assemble
from knowledge.content_loader import load_shipped

OWN_SETS = Path(__file__).resolve().parent.parent / "tests" / "data"


@dataclass(frozen=True, slots=True)
class Case:
    """`due` holds the clauses or programmes that answer; empty where the texts hold no answer.
    `allowed` are further ones that a fair judge passes, without being due."""

    question: str
    due: frozenset[str]
    allowed: frozenset[str] = frozenset()


def judge(case: Case, outcome: Outcome) -> str:
    """right, wrong or missed for a question with an answer; safe or unsafe for one without."""
    cited = outcome.candidates[0].passage.clause_id if outcome.candidates else ""
    if outcome.verdict != "answer":
        return "missed" if case.due else "safe"
    if cited in case.due or cited in case.allowed:
        return "right" if case.due else "safe"
    return "wrong" if case.due else "unsafe"


def interval(hits: int, total: int) -> tuple[float, float]:
    """Wilson's 95 % interval for a share (Wilson 1927)."""
    if total == 0:
        return 0.0, 1.0
    z, share = 1.96, hits / total
    centre = share + z * z / (2 * total)
    spread = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    return (centre - spread) / (1 + z * z / total), (centre + spread) / (1 + z * z / total)


def score(searcher: Searcher, cases: Sequence[Case], day: date) -> tuple[dict[str, float], list[str]]:
    """Shares of each verdict, and a line for each failure."""
    tally: Counter[str] = Counter()
    failures = []
    for case in cases:
        outcome = searcher.search(case.question, as_of=day)
        verdict = judge(case, outcome)
        tally[verdict] += 1
        if verdict not in {"right", "safe"}:
            cited = outcome.candidates[0].passage.clause_id if outcome.candidates else "-"
            due = ", ".join(sorted(case.due)) or "no answer"
            failures.append(
                f"  [{verdict}] {case.question} -> {outcome.verdict}/{outcome.why} "
                f"{outcome.probability:.2f} {cited}; due {due}"
            )
    verdicts = ("right", "wrong", "missed") if any(case.due for case in cases) else ("unsafe",)
    return {verdict: tally[verdict] / len(cases) for verdict in verdicts}, failures


def question_sets(folder: Path | None) -> Iterator[tuple[str, list[Case]]]:
    """The project's own sets, then those of `folder`."""
    for path in sorted(OWN_SETS.glob("heldout_*.yml")):
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield path.stem, [Case(item["question"], frozenset(item.get("clauses", ()))) for item in listed]
    for path in sorted(folder.glob("*.jsonl")) if folder else ():
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        cases = [_case(line) for line in lines if _asks_the_index(line)]
        if cases:
            yield path.stem, cases


def _asks_the_index(line: dict[str, Any]) -> bool:
    return "question" in line and ("clauses" in line or line.get("expect") in {"abstain", "refer"})


def _case(line: dict[str, Any]) -> Case:
    programme = frozenset({line["programme_id"]} if line.get("programme_id") else ())
    return Case(line["question"], frozenset(line.get("clauses", ())), programme)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        prog="python -m index.evaluate",
    )
    parser.add_argument("--data", type=Path, help="a folder with further question sets (*.jsonl)")
    parser.add_argument("--date", type=date.fromisoformat, default=date.today(), help="the day asked about")
    parser.add_argument("--encoder", default=BUILTIN)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print up to N failures of each set")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--min", action="append", default=[], metavar="FIGURE=VALUE")
    options = parser.parse_args(arguments)
    knowledge = load_shipped()
    ingredients, notes = gather_ingredients(
        options.encoder,
        trust_remote_code=False,
        knowledge=knowledge,
        data_dir=Path("var"),
        today=options.date,
        progress=print,
    )
    for note in notes:
        print(f"warning: {note}")
    searcher = assemble(knowledge, ingredients)
    figures: dict[str, float] = {}
    for name, cases in question_sets(options.data):
        shares, failures = score(searcher, cases, options.date)
        for verdict, share in shares.items():
            low, high = interval(round(share * len(cases)), len(cases))
            figures[f"{name}.{verdict}"] = share
            print(
                f"{name}.{verdict} {share:.3f} share ({len(cases)} questions, 95 % {low:.3f} to {high:.3f})"
            )
        print("\n".join(failures[: options.show]), end="\n" if options.show and failures else "")
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1))
    short = [bound for bound in options.min if not _holds(bound, figures)]
    if short:
        print("falls short: " + ", ".join(short))
    return 1 if short else 0


def _holds(bound: str, figures: dict[str, float]) -> bool:
    name, _, value = bound.partition("=")
    return figures.get(name, float("-inf")) >= float(value)


if __name__ == "__main__":
    sys.exit(main())
