"""Saying that there is no answer: why, what stands nearest, who is responsible there, and whom to ask.

An abstention speaks of the library alone and never denies that a rule exists.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from actions.catalogue import responsible
from actions.composing import make_reply, next_questions, related
from actions.replies import Citation, Reason, Reply
from actions.spoken import hotline
from actions.wording import load
from index.search import Outcome, Searcher, Why

_DEPARTMENTS = 4
_REASONS: dict[Why, Reason] = {
    "expired": "expired",
    "silent": "text_is_silent",
    "unverified": "unverified",
    "nothing": "out_of_scope",
}


def abstain_reply(searcher: Searcher, outcome: Outcome, day: date) -> Reply:
    """The reply where nothing found is sure to answer."""
    words = load("answers")["abstain"]
    key, sentence = reason_given(searcher, outcome)
    reason: Reason = "not_in_library" if key == "not_yet" else _REASONS.get(outcome.why, "not_in_library")
    lines = [sentence]
    shown = (
        []
        if reason == "out_of_scope"
        else related(searcher, (c.passage for c in outcome.candidates), day, set())
    )
    if shown:
        lines.append(words["related"])
    if names := _responsible(searcher, shown):
        lines.append(words["responsible"].format(names="、".join(names)))
    lines.append(whom_to_ask())
    plain = "".join(lines)
    quotes = [f"· {c.clause_label}：“{c.quote}”" for c in shown]
    return make_reply(
        "abstain", day, searcher, "\n".join([plain, *quotes]), plain=plain, reason=reason,
        contacts=[hotline()], related=shown,
        suggestions=next_questions(outcome.candidates, set()) if shown else [],
    )  # fmt: skip


def reason_given(searcher: Searcher, outcome: Outcome) -> tuple[str, str]:
    """Which sentence says why there is no answer, by its key, and the sentence itself."""
    key, facts = _reason(searcher, outcome)
    return key, load("answers")["abstain"][key].format(**facts)


def whom_to_ask() -> str:
    contact = hotline()
    name = contact.name.replace(contact.phone, "")
    sentence: str = load("answers")["abstain"]["ask"]
    return sentence.format(name=name, phone=contact.phone)


def _reason(searcher: Searcher, outcome: Outcome) -> tuple[str, dict[str, Any]]:
    """What is lacking, or what does not hold and since or until when."""
    if outcome.why != "expired":
        names = load("answers")["lacking"]
        lacking = "、".join(names[kind] for kind in sorted(outcome.lacking) if kind in names)
        return _REASONS.get(outcome.why, "not_in_library"), {"lacking": lacking or names["other"]}
    past = outcome.candidates[0]
    document = searcher.knowledge.document_by_id.get(past.passage.document_id)
    if document is not None:
        start, end = document.effective_from or document.issued_on, document.effective_to
        return past.status, {"title": document.title, "start": start, "until": end}
    programme = searcher.knowledge.programme_by_id[past.passage.document_id]
    facts = {
        "title": programme.title,
        "start": past.passage.valid_from or programme.valid_from,
        "until": past.passage.valid_to or programme.valid_to,
    }
    return past.status, facts


def _responsible(searcher: Searcher, shown: Iterable[Citation]) -> list[str]:
    """The departments of the nearest clause shown that names any, those that lead first."""
    known, nobody = searcher.knowledge, load("departments")["collective"]
    for citation in shown:
        names, lead = responsible(known, known.clause_by_id.get(citation.clause_id))
        if named := [name for name in dict.fromkeys([*lead, *names]) if not name.startswith(nobody)]:
            return named[:_DEPARTMENTS]
    return []
