"""What plain searches search: sentences, and approved wordings if wanted, that hold on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from index.evaluation.cases import live_texts
from index.passages import collect
from knowledge.model import Knowledge


@dataclass(frozen=True, slots=True)
class Texts:
    """Row by row: a text, the clause it speaks for and its entry ("" for a sentence)."""

    texts: tuple[str, ...]
    clauses: tuple[str, ...]
    entries: tuple[str, ...]


def searchable_texts(knowledge: Knowledge, day: date, *, entries: bool = True) -> Texts:
    found, live = collect(knowledge), live_texts(knowledge, day)
    rows = [
        (text, found.passages[number].clause_id, entry or "")
        for units in ((found.sentences, found.questions) if entries else (found.sentences,))
        for text, number, entry in zip(units.texts, units.passages, units.entries, strict=True)
        if found.passages[number].document_id in live
    ]
    texts, clauses, owners = zip(*rows, strict=True)
    return Texts(texts, clauses, owners)
