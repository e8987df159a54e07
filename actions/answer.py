"""From a question to a reply: approved words, quoted spans, or a plain statement that there is none.

`Answerer` is the one place where an answer is composed. Rasa's action and the way round Rasa both
come here. It writes no sentence of its own: the words around a quote are in `answers.yml`, the rest
is published text. The question itself is never logged.
"""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.citations import cite
from actions.context import TurnContext
from actions.replies import Citation, Reason, Reply, Suggestion
from actions.spoken import hotline
from index.search import Candidate, Outcome, Searcher, Why
from knowledge.force import force_of
from knowledge.model import Force, Quote

log = logging.getLogger(__name__)
_CLAIMABLE: frozenset[Force] = frozenset({"right", "duty", "price"})
_FOLLOW_UP = re.compile(r"^(那么|那|还有|要是|如果是|换成)?\s*(.{1,12}?)(呢|勒|喃|咧|嘞)[?？。!！]*$")
_THINGS = frozenset({"item", "district"})
_CHOICES = 4
_REASONS: dict[Why, Reason] = {
    "expired": "expired",
    "silent": "text_is_silent",
    "unverified": "unverified",
    "nothing": "out_of_scope",
}


class Answerer:
    """Answers from whatever snapshot is live at the moment of the question."""

    def __init__(self, searcher: Callable[[], Searcher], today: Callable[[], date]) -> None:
        self._searcher = searcher
        self._today = today

    def reply(
        self,
        question: str,
        *,
        request_id: str,
        as_of: date | None = None,
        context: TurnContext | None = None,
    ) -> Reply:
        """`as_of` is the day asked about, today in Chongqing by default.

        Raises only where the index itself fails; the two edges (the action webhook, the way round Rasa)
        turn that into a spoken failure or into 503.
        """
        day = as_of or self._today()
        searcher = self._searcher()
        log.debug("answering", extra={"request_id": request_id, "snapshot": searcher.snapshot_id})
        return _compose(searcher, _understand(searcher, question, day, context), day)


def _understand(searcher: Searcher, question: str, day: date, context: TurnContext | None) -> Outcome:
    """What the index makes of the question; one that says too little alone is read with the one before."""
    outcome = searcher.search(question, as_of=day)
    if outcome.verdict == "answer" or context is None or not context.previous_question:
        return outcome
    elliptic = _FOLLOW_UP.match(question.strip())
    names_a_thing = any(entity in _THINGS for entity, _ in context.entities)
    if not elliptic and not (names_a_thing and outcome.why in {"vague", "nothing"}):
        return outcome  # what names nothing here ("红烧肉怎么做") is no question about the one before
    named = elliptic.group(2) if elliptic else question
    joined = searcher.search(f"{named} {context.previous_question}", as_of=day)
    return joined if joined.verdict == "answer" else outcome


def _compose(searcher: Searcher, outcome: Outcome, day: date) -> Reply:
    if outcome.verdict == "answer":
        return _answer(searcher, outcome, day)
    if outcome.verdict == "clarify":
        return _clarify(searcher, outcome, day)
    return _abstain(searcher, outcome, day)


def _answer(searcher: Searcher, outcome: Outcome, day: date) -> Reply:
    best = outcome.candidates[0]
    quotes = _quotes(best)
    citations = [cite(searcher.knowledge, q.clause_id, q.start, q.end, day) for q in quotes]
    first = citations[0]
    words = _words()["answer"]
    if first.source_kind == "programme":
        force: Force = _entry_force(best) or searcher.knowledge.programme_by_id[first.document_id].force
        lead = words["programme"].format(checked_on=first.checked_on)
    else:
        force = _entry_force(best) or force_of(first.quote)
        lead = words["clause"].format(title=first.document_title, label=first.clause_label)
    plain = best.entry.plain if best.entry else None
    lines = [plain] if plain else []
    lines.append(
        f"{lead}“{first.quote}”"
        if not plain
        else words["quote"].format(source=_source(first), quote=first.quote)
    )
    lines += [words["more"].format(label=c.clause_label, quote=c.quote) for c in citations[1:]]
    if any(citation.source_kind == "programme" for citation in citations):
        lines.append(words["disclaimer"])
    elif force == "target":
        lines.append(words["target"])
    elif force not in _CLAIMABLE:
        lines.append(words["wish"])
    return _reply(
        "answer", day, searcher, "\n".join(lines), plain=plain, force=force, citations=citations,
        related=_related(searcher, outcome.candidates[1:], day, {c.clause_id for c in citations}),
        suggestions=_next_questions(outcome.candidates[1:], {best.entry.id if best.entry else ""}),
    )  # fmt: skip


def _clarify(searcher: Searcher, outcome: Outcome, day: date) -> Reply:
    choices = _choices(searcher, outcome.candidates)
    if len(choices) < 2:
        return _abstain(searcher, outcome, day)
    text = _words()["clarify"][outcome.why]
    listed = "\n".join(f"{number}. {choice.label}" for number, choice in enumerate(choices, 1))
    return _reply("clarify", day, searcher, f"{text}\n{listed}", plain=text, suggestions=choices)


def _abstain(searcher: Searcher, outcome: Outcome, day: date) -> Reply:
    words = _words()["abstain"]
    sentence, facts = _abstention(searcher, outcome)
    reason: Reason = (
        "not_in_library" if sentence == "not_yet" else _REASONS.get(outcome.why, "not_in_library")
    )
    lines = [words[sentence].format(**facts)]
    related = [] if reason == "out_of_scope" else _related(searcher, outcome.candidates, day, set())
    if related:
        lines.append(words["related"])
    lines.append(_ask())
    plain = "".join(lines)
    lines += [f"· {c.clause_label}：“{c.quote}”" for c in related]
    return _reply(
        "abstain", day, searcher, "\n".join(lines), plain=plain, reason=reason, contacts=[hotline()],
        related=related,
        suggestions=_next_questions(outcome.candidates, set()) if related else [],
    )  # fmt: skip


def _abstention(searcher: Searcher, outcome: Outcome) -> tuple[str, dict[str, Any]]:
    """Which sentence an abstention says, and what it names: what is lacking, or what does not hold and since
    or until when."""
    if outcome.why != "expired":
        names = _words()["lacking"]
        lacking = "、".join(names[kind] for kind in sorted(outcome.lacking) if kind in names)
        return _REASONS.get(outcome.why, "not_in_library"), {"lacking": lacking or names["other"]}
    past = outcome.candidates[0]
    document = searcher.knowledge.document_by_id.get(past.passage.document_id)
    if document is not None:
        start, end = document.effective_from or document.issued_on, document.effective_to
        return past.status, {"title": document.title, "start": start, "until": end}
    programme = searcher.knowledge.programme_by_id[past.passage.document_id]
    facts = {"title": programme.title, "start": programme.valid_from, "until": programme.valid_to}
    return past.status, facts


def _quotes(best: Candidate) -> tuple[Quote, ...]:
    if best.entry is not None:
        return best.entry.quotes
    passage = best.passage
    return (Quote(passage.clause_id, passage.start, passage.end, passage.text),)


def _entry_force(best: Candidate) -> Force | None:
    return best.entry.force if best.entry else None


def _related(
    searcher: Searcher, candidates: Iterable[Candidate], day: date, cited: set[str]
) -> list[Citation]:
    """Up to two further readings, each of another clause."""
    shown = set(cited)
    related: list[Citation] = []
    for candidate in candidates:
        passage = candidate.passage
        if passage.clause_id not in shown:
            shown.add(passage.clause_id)
            related.append(cite(searcher.knowledge, passage.clause_id, passage.start, passage.end, day))
    return related[:2]


def _choices(searcher: Searcher, candidates: Iterable[Candidate]) -> list[Suggestion]:
    """Two to four readings of the question, each an approved question of another clause."""
    choices: dict[str, Suggestion] = {}
    for candidate in candidates:
        clause_id = candidate.passage.clause_id
        if candidate.entry is not None and clause_id not in choices:
            choices[clause_id] = Suggestion(label=candidate.entry.question, message=candidate.entry.question)
    return list(choices.values())[:_CHOICES]


def _next_questions(candidates: Iterable[Candidate], said: set[str]) -> list[Suggestion]:
    questions = dict.fromkeys(c.entry.question for c in candidates if c.entry and c.entry.id not in said)
    return [Suggestion(label=question, message=question) for question in list(questions)[:3]]


def _source(citation: Citation) -> str:
    form = "numbered" if citation.document_number else "plain"
    label = "" if citation.source_kind == "programme" else citation.clause_label
    template: str = _words()["source"][form]
    return template.format(
        title=citation.document_title, number=citation.document_number, label=label
    ).strip()


def _ask() -> str:
    contact = hotline()
    name = contact.name.replace(contact.phone, "")
    sentence: str = _words()["abstain"]["ask"]
    return sentence.format(name=name, phone=contact.phone)


def _reply(kind: Any, day: date, searcher: Searcher, text: str, **fields: Any) -> Reply:
    return Reply(
        id=uuid.uuid4().hex, as_of=day, snapshot=searcher.snapshot_id, kind=kind, text=text, **fields
    )


@cache
def _words() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("answers.yml").read_text(encoding="utf-8")
    )
    return words
