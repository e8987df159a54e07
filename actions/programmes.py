"""Which lines of a programme's card are shown: beside a clause, and where the card itself answers.

Beside a clause stands what is in force today on the subject, never what has ended; an editor names it in the
entry. Programmes' words are ours, so that whoever shows them adds the disclaimer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from actions.catalogue import LIVE
from actions.citations import cite
from actions.replies import Citation
from actions.wording import load
from index.constraints import asked
from index.passages import Passage
from knowledge.model import UNVERIFIED, Entry, Knowledge, Programme, Quote, status_on


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


def told(programme: Programme, found: Passage, question: str) -> tuple[Quote, ...]:
    """What the card answers where `found` is the line nearest to `question`.

    A condition says nothing without what it is a condition of, so the summary leads; whoever asks how it is
    done gets the line that tells it, whichever line stood nearest.
    """
    *_, last = _lines(programme)
    if programme.how_to_apply and "procedure" in asked(question).kinds:
        return _quotes(programme, last, _lines(programme)[0])
    line = (found.start, found.end)
    if line in _lines(programme)[: 1 + len(programme.amounts)]:
        return _quotes(programme, line)
    return _quotes(programme, _lines(programme)[0], line)


def telling_line(programme: Programme, day: date) -> tuple[int, int] | None:
    """Where the card says the first amount that holds on `day`, else its summary."""
    summary, *rest = _lines(programme)
    amounts = zip(programme.amounts, rest, strict=False)
    holding = [span for a, span in amounts if status_on(day, a.valid_from, a.valid_to) in LIVE]
    lines = [*holding, summary]
    return next((span for span in lines if UNVERIFIED not in programme.text[slice(*span)]), None)


def _lines(programme: Programme) -> list[tuple[int, int]]:
    """Start and end of each line of the card: its summary, its amounts, its conditions, how it is done."""
    spans: list[tuple[int, int]] = []
    start = 0
    for line in programme.text.split("\n"):
        spans.append((start, start + len(line)))
        start += len(line) + 1
    return spans


def _quotes(programme: Programme, *spans: tuple[int, int]) -> tuple[Quote, ...]:
    """The spans as quotes, a condition without its number."""
    quotes = []
    for start, end in dict.fromkeys(spans):
        text = programme.text[start:end]
        bare = next((c for c in programme.conditions if text.endswith(f" {c}")), text)
        quotes.append(Quote(programme.id, end - len(bare), end, bare))
    return tuple(quotes)
