"""Putting a reply together: approved words, quoted spans and what is said around them.

Writes no sentence of its own: those stand in `answers.yml`. It must not know how a question was understood;
it takes what search found and gives what people read.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Protocol

from actions.citations import cite
from actions.premise import differing
from actions.programmes import Beside, beside, told
from actions.replies import Citation, Kind, Reply, Suggestion
from actions.wording import load
from index.passages import Passage
from index.search import Candidate, Outcome
from knowledge.force import force_of
from knowledge.model import Force, Knowledge, Quote

_CLAIMABLE: frozenset[Force] = frozenset({"right", "duty", "price"})
_CHOICES = 4
_AS_LIKELY = 1.0
"""How far behind the answer, in order score, another span of the same clause is still quoted with it."""


class Held(Protocol):
    """What a reply's words are taken from: the live snapshot's knowledge, or that of a draft."""

    @property
    def knowledge(self) -> Knowledge: ...

    @property
    def snapshot_id(self) -> str | None:
        """None where nothing of it was ever live."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one candidate says: `plain` beside cards, `lines` where there are none. `citations` begins with
    what answers."""

    plain: str | None
    lines: tuple[str, ...]
    force: Force
    citations: tuple[Citation, ...]

    @property
    def disclaimers(self) -> list[str]:
        """The line that programmes' words need: they are ours."""
        ours = any(citation.source_kind == "programme" for citation in self.citations)
        return [load("answers")["answer"]["disclaimer"]] if ours else []


def answer(searcher: Held, best: Candidate, question: str, day: date, also: Iterable[Quote] = ()) -> Answer:
    """What `best` answers to `question`, with what else of its text is `also` shown and with the programmes
    that an editor put beside it."""
    words = load("answers")["answer"]
    entry = best.entry
    quotes = (*_quotes(searcher, best, question), *also)
    citations = [cite(searcher.knowledge, q.clause_id, q.start, q.end, day) for q in quotes]
    first = citations[0]
    plain = entry.plain if entry else None
    lines: list[str] = []
    if said := differing(question, (c.quote for c in citations), first.issued_on):
        premise = words["differs"][first.source_kind].format(said=said)
        lines.append(premise)
        plain = f"{premise}{plain or ''}"
    if entry and entry.plain:
        lines.append(entry.plain)
        lines.append(words["quote"].format(source=_source(first), quote=first.quote))
    else:
        lines.append(f"{_lead(first)}“{first.quote}”")
    for before, more in pairwise(citations):
        same = more.clause_id == before.clause_id
        lines.append(words["same" if same else "more"].format(label=more.clause_label, quote=more.quote))
    force = _force(searcher, best, first)
    if first.source_kind == "clause":
        if force not in _CLAIMABLE:
            lines.append(words["target" if force == "target" else "wish"])
        shown: Beside = beside(searcher.knowledge, entry, day, {c.document_id for c in citations})
        lines += shown.lines
        citations += shown.citations
    return Answer(plain, tuple(lines), force, tuple(citations))


def answer_reply(searcher: Held, outcome: Outcome, question: str, day: date) -> Reply:
    """The reply where the first candidate answers."""
    best = outcome.candidates[0]
    given = answer(searcher, best, question, day, _as_likely(searcher, outcome, question))
    return make_reply(
        "answer", day, searcher, "\n".join([*given.lines, *given.disclaimers]),
        plain=given.plain, force=given.force, citations=list(given.citations),
        related=related(searcher, _elsewhere(outcome), day, {c.clause_id for c in given.citations}),
        suggestions=next_questions(outcome.candidates[1:], {best.entry.id if best.entry else ""}),
    )  # fmt: skip


def clarify_reply(searcher: Held, outcome: Outcome, day: date) -> Reply | None:
    """Asks back with choices; None where there are fewer than two."""
    words = load("answers")["clarify"]
    district = outcome.why == "district"
    offered = _suggested(words["of_a_district"]) if district else choices(outcome.candidates)
    if len(offered) < 2:
        return None
    text = words[outcome.why]
    listed = "\n".join(f"{number}. {choice.label}" for number, choice in enumerate(offered, 1))
    return make_reply("clarify", day, searcher, f"{text}\n{listed}", plain=text, suggestions=offered)


def related(searcher: Held, spans: Iterable[Quote | Passage], day: date, cited: set[str]) -> list[Citation]:
    """Up to two further readings, each of another clause than those `cited`."""
    shown = set(cited)
    found: list[Citation] = []
    for span in spans:
        if span.clause_id not in shown:
            shown.add(span.clause_id)
            found.append(cite(searcher.knowledge, span.clause_id, span.start, span.end, day))
    return found[:2]


def next_questions(candidates: Iterable[Candidate], said: set[str]) -> list[Suggestion]:
    questions = dict.fromkeys(c.entry.question for c in candidates if c.entry and c.entry.id not in said)
    return [Suggestion(label=question, message=question) for question in list(questions)[:3]]


def make_reply(kind: Kind, day: date, searcher: Held, text: str, **fields: Any) -> Reply:
    return Reply(
        id=uuid.uuid4().hex, as_of=day, snapshot=searcher.snapshot_id, kind=kind, text=text, **fields
    )


def _elsewhere(outcome: Outcome) -> list[Quote | Passage]:
    """Where the texts say the same as the answer does, then what else was found."""
    best, *rest = outcome.candidates
    also = best.entry.also if best.entry else ()
    return [*also, *(candidate.passage for candidate in rest)]


def _quotes(searcher: Held, best: Candidate, question: str) -> tuple[Quote, ...]:
    if best.entry is not None:
        return best.entry.quotes
    passage = best.passage
    if passage.programme:
        return told(searcher.knowledge.programme_by_id[passage.clause_id], passage, question)
    return (Quote(passage.clause_id, passage.start, passage.end, passage.text),)


def _as_likely(searcher: Held, outcome: Outcome, question: str) -> list[Quote]:
    """The next span of the same clause or card that search could hardly tell from the answer; none where an
    editor approved the question's very words."""
    best, *others = outcome.candidates
    shown = _quotes(searcher, best, question)
    for other in others if outcome.why != "worded" else ():
        same = other.passage.clause_id == best.passage.clause_id
        if same and other.score >= best.score - _AS_LIKELY:
            span = other.entry.quotes[0] if other.entry else other.passage
            apart = all(span.end <= quote.start or quote.end <= span.start for quote in shown)
            if apart:
                return [Quote(span.clause_id, span.start, span.end, span.text)]
    return []


def _force(searcher: Held, best: Candidate, first: Citation) -> Force:
    if best.entry and best.entry.force:
        return best.entry.force
    if first.source_kind == "programme":
        return searcher.knowledge.programme_by_id[first.document_id].force
    return force_of(first.quote)


def _lead(first: Citation) -> str:
    words = load("answers")["answer"]
    if first.source_kind == "programme":
        return str(words["programme"].format(title=first.document_title, checked_on=first.checked_on))
    return str(words["clause"].format(title=first.document_title, label=first.clause_label))


def _source(citation: Citation) -> str:
    form = "numbered" if citation.document_number else "plain"
    label = "" if citation.source_kind == "programme" else citation.clause_label
    template: str = load("answers")["source"][form]
    return template.format(
        title=citation.document_title, number=citation.document_number, label=label
    ).strip()


def choices(candidates: Iterable[Candidate]) -> list[Suggestion]:
    """Two to four readings of the question, each an approved question: of other clauses first."""
    entries = [(c.passage.clause_id, c.entry.question) for c in candidates if c.entry is not None]
    first_of_clause: dict[str, str] = {}
    for clause_id, question in entries:
        first_of_clause.setdefault(clause_id, question)
    return _suggested([*first_of_clause.values(), *(question for _, question in entries)])


def _suggested(questions: Iterable[str]) -> list[Suggestion]:
    return [Suggestion(label=text, message=text) for text in list(dict.fromkeys(questions))[:_CHOICES]]
