"""Programmes shown beside a clause: what is in force today on the subject, never what has ended.

An editor names them in the entry. Their words are ours, so that whoever shows them adds the disclaimer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from actions.catalogue import LIVE
from actions.citations import cite
from actions.replies import Citation
from actions.wording import load
from knowledge.model import UNVERIFIED, Entry, Knowledge, Programme, status_on


@dataclass(frozen=True, slots=True)
class Beside:
    """One line and one citation for each programme, in the entry's order."""

    lines: tuple[str, ...] = ()
    citations: tuple[Citation, ...] = ()


def beside(knowledge: Knowledge, entry: Entry | None, day: date, cited: set[str]) -> Beside:
    """The entry's programmes in force on `day` that are not among the `cited` documents already."""
    template: str = load("answers")["answer"]["beside"]
    lines: list[str] = []
    citations: list[Citation] = []
    for programme_id in entry.programmes if entry else ():
        programme = knowledge.programme_by_id.get(programme_id)
        if programme is None or programme_id in cited or programme.status_on(day) not in LIVE:
            continue
        span = telling_line(programme, day)
        if span:
            citation = cite(knowledge, programme_id, *span, day)
            lines.append(template.format(title=programme.title, quote=citation.quote))
            citations.append(citation)
    return Beside(tuple(lines), tuple(citations))


def telling_line(programme: Programme, day: date) -> tuple[int, int] | None:
    """Where the card says the first amount that holds on `day`, else its summary; a card renders its
    summary first and then its amounts, a line each."""
    spans: list[tuple[int, int]] = []
    start = 0
    for line in programme.text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    amounts = zip(programme.amounts, spans[1:], strict=False)
    holding = [span for a, span in amounts if status_on(day, a.valid_from, a.valid_to) in LIVE]
    lines = [*holding, *spans[:1]]
    return next((span for span in lines if UNVERIFIED not in programme.text[slice(*span)]), None)
