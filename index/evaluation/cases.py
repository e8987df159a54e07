"""The questions that are asked, each with what answers it.

Owns the files' formats and which facts are held out. The project's own questions (`tests/data/`) were
written apart from the approved ones and are never trained on; a held-out fact's approved wordings are
asked with its entry hidden, so that the texts alone must do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from index.passages import collect
from index.training.split import held_out, wordings
from knowledge.model import Document, Entry, Knowledge, Programme, status_on

OWN_SETS = Path(__file__).resolve().parents[2] / "tests" / "data"
WORDINGS, FACTS, NEAR_MISSES = "heldout_questions", "heldout_facts", "heldout_near_misses"
LIVE = {"in_force", "unstated"}


@dataclass(frozen=True, slots=True)
class Case:
    """`due` holds the clauses or programmes that answer; empty where the texts hold no answer. `allowed`
    are further ones that a fair judge passes, without being due. `hidden` entries count as unwritten;
    `asks` names what a question without an answer asks for."""

    question: str
    due: frozenset[str]
    allowed: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()
    asks: str = ""


def question_sets(folder: Path | None) -> Iterator[tuple[str, list[Case]]]:
    """The project's own sets, then those of `folder`: one JSON object a line, `question` with `clauses`
    (ids, any of which answers it) or with `expect` other than "answer"."""
    for path in sorted(OWN_SETS.glob("heldout_*.yml")):
        listed = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield path.stem, [_own_case(item) for item in listed]
    for path in sorted(folder.glob("*.jsonl")) if folder else ():
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        cases = [_case(line) for line in lines if _asks_the_index(line)]
        if cases:
            yield path.stem, cases


def held_out_facts(knowledge: Knowledge, day: date) -> list[Case]:
    """Every wording of each entry that nothing was learnt from, with the entry hidden and every other
    that rests on the same sentence. Entries of texts that don't hold on `day` are left out."""
    rests_on = _sentences_of(knowledge)
    cases = []
    for entry in knowledge.entries:
        if not held_out(entry) or not _holds(entry, knowledge, day):
            continue
        hidden = frozenset(other for other, own in rests_on.items() if own & rests_on[entry.id])
        cases += [Case(text, entry.answered_by, hidden=hidden) for text in wordings(entry)]
    return cases


def live_texts(knowledge: Knowledge, day: date) -> frozenset[str]:
    """Ids of the documents and programmes that hold on `day`."""
    dated: tuple[Document | Programme, ...] = (*knowledge.documents, *knowledge.programmes)
    return frozenset(text.id for text in dated if text.status_on(day) in LIVE)


def _holds(entry: Entry, knowledge: Knowledge, day: date) -> bool:
    text = entry.quotes[0].clause_id.partition("#")[0]
    own = status_on(day, entry.valid_from, entry.valid_to)
    return own in LIVE and text in live_texts(knowledge, day)


def _sentences_of(knowledge: Knowledge) -> dict[str, set[object]]:
    """By entry, the sentences (or lines of a programme's card) that its quotes touch. A quote that
    touches none stands for itself."""
    spans: dict[str, list[tuple[int, int]]] = {}
    found = collect(knowledge)
    for passage in found.passages[: len(found.sentences.texts)]:
        spans.setdefault(passage.clause_id, []).append((passage.start, passage.end))
    touched: dict[str, set[object]] = {}
    for entry in knowledge.entries:
        own: set[object] = set()
        for quote in entry.quotes:
            meets = [
                (quote.clause_id, start, end)
                for start, end in spans.get(quote.clause_id, ())
                if start < quote.end and quote.start < end
            ]
            own.update(meets or [(quote.clause_id, quote.start, quote.end)])
        touched[entry.id] = own
    return touched


def _own_case(item: dict[str, Any]) -> Case:
    return Case(item["question"], frozenset(item.get("clauses", ())), asks=item.get("asks", ""))


def _asks_the_index(line: dict[str, Any]) -> bool:
    return "question" in line and ("clauses" in line or line.get("expect") in {"abstain", "refer"})


def _case(line: dict[str, Any]) -> Case:
    programme = frozenset({line["programme_id"]} if line.get("programme_id") else ())
    return Case(line["question"], frozenset(line.get("clauses", ())), programme)
