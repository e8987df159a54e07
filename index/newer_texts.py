"""Entries whose text a newer one overtook: nearly the same words, another number or another date.

Pure reading gives no such pairs, since a newer document says it in other words; sentence vectors do. A pair
is a hint for an editor, never a verdict: nothing is taken back by it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from index.encoder import Encoder
from index.passages import Passage, collect
from knowledge.conflicts import Finding, Side
from knowledge.conflicts.checks import clause_side, entry_side, programme_side
from knowledge.messages import say
from knowledge.model import Entry, Knowledge, status_on
from knowledge.quantities import quantities
from knowledge.stated_days import stated_days

ALIKE = 0.6
"""Cosine of quote and newer sentence, figures left out, from which they speak of one thing. Of the shipped
texts' 1,748 pairs of quote and newer sentence that differ in a figure, which all speak of different things,
the nearest has 0.55; of 37 sentences and the part of them that holds the figure, 29 have over 0.6."""
_FIGURE = re.compile(r"[\d.,%]+")
_TOLD = 2
"""Newer sentences named for one entry, the nearest first."""


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a text states, by measure, with the words for each value."""

    by_measure: dict[str, dict[Decimal | str, str]]

    def beside(self, other: _Stated) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The words of each for what the other lacks, in the measures in which both lack some."""
        held: list[str] = []
        other_held: list[str] = []
        for measure, mine in self.by_measure.items():
            theirs = other.by_measure.get(measure, {})
            if mine.keys() - theirs.keys() and theirs.keys() - mine.keys():
                held += [mine[value] for value in mine if value not in theirs]
                other_held += [theirs[value] for value in theirs if value not in mine]
        return tuple(dict.fromkeys(held)), tuple(dict.fromkeys(other_held))


def newer_texts(knowledge: Knowledge, encoder: Encoder, today: date, alike: float = ALIKE) -> list[Finding]:
    """Findings of kind `newer` for the entries that hold today, in the order of their ids."""
    issued = _issued(knowledge)
    passages = [p for p in _sentences(knowledge) if issued.get(p.document_id)]
    entries = [
        entry
        for entry in knowledge.entries
        if issued.get(_text_of(entry)) and status_on(today, entry.valid_from, entry.valid_to) != "expired"
    ]
    stated = [_stated(passage.text) for passage in passages]
    own = [_stated(entry.quotes[0].text) for entry in entries]
    telling = [number for number, one in enumerate(stated) if one.by_measure]
    asking = [number for number, one in enumerate(own) if one.by_measure]
    if not telling or not asking:
        return []
    vectors = encoder.encode([_FIGURE.sub("", passages[number].text) for number in telling])
    quotes = encoder.encode([_FIGURE.sub("", entries[number].quotes[0].text) for number in asking])
    findings = []
    for place, number in enumerate(asking):
        entry, told = entries[number], 0
        cosines = vectors @ quotes[place]
        for row in np.argsort(-cosines, kind="stable"):
            if cosines[row] < alike or told == _TOLD:
                break
            passage = passages[telling[row]]
            if issued[passage.document_id] <= issued[_text_of(entry)]:
                continue
            held, other_held = own[number].beside(stated[telling[row]])
            if held:
                told += 1
                findings.append(_finding(knowledge, entry, passage, held, other_held, issued))
    return findings


def _finding(
    knowledge: Knowledge,
    entry: Entry,
    passage: Passage,
    held: Sequence[str],
    other_held: Sequence[str],
    issued: dict[str, date],
) -> Finding:
    side = _side(knowledge, passage, other_held)
    said = say(
        "conflict.newer",
        day=issued[_text_of(entry)],
        newer_day=issued[passage.document_id],
        title=_title(knowledge, passage.document_id),
        held="、".join(held),
        other_held="、".join(other_held),
    )
    return Finding("newer", entry_side(entry, held), side, said)


def _side(knowledge: Knowledge, passage: Passage, marked: Iterable[str]) -> Side:
    if passage.programme:
        side = programme_side(knowledge.programme_by_id[passage.clause_id], marked)
    else:
        side = clause_side(
            knowledge.clause_by_id[passage.clause_id], _title(knowledge, passage.document_id), marked
        )
    return Side(side.kind, side.id, side.title, passage.text, side.marked)


def _title(knowledge: Knowledge, text_id: str) -> str:
    document = knowledge.document_by_id.get(text_id)
    return document.title if document else knowledge.programme_by_id[text_id].title


def _text_of(entry: Entry) -> str:
    return entry.quotes[0].clause_id.partition("#")[0]


def _issued(knowledge: Knowledge) -> dict[str, date]:
    """Since when each text speaks; texts that do not tell are left out."""
    days = {document.id: document.issued_on for document in knowledge.documents}
    days |= {programme.id: programme.valid_from for programme in knowledge.programmes}
    return {text: day for text, day in days.items() if day}


def _sentences(knowledge: Knowledge) -> Sequence[Passage]:
    found = collect(knowledge)
    return found.passages[: len(found.sentences.texts)]


def _stated(text: str) -> _Stated:
    by_measure: dict[str, dict[Decimal | str, str]] = {}
    days = stated_days(text)
    if days:
        by_measure.setdefault("day", {}).update(days)
    for quantity in quantities(text):
        by_measure.setdefault(quantity.measure, {}).setdefault(quantity.value, quantity.words)
    return _Stated(by_measure)
