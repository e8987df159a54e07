"""Which words of a clause a text rests on: those that it quotes, else the sentence nearest to it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from actions.citations import cite
from actions.replies import Citation
from knowledge.model import Clause, Knowledge
from knowledge.sentences import sentences

_QUOTED = re.compile('[“「『"]([^”」』"]{4,})[”」』"]')


def citations_for(knowledge: Knowledge, clause_ids: Iterable[str], words: str, day: date) -> list[Citation]:
    """One citation a clause or programme, in the order given; what is no longer published is left out."""
    found = []
    for clause_id in dict.fromkeys(clause_ids):
        if span := _span(knowledge, clause_id, words):
            found.append(cite(knowledge, clause_id, *span, day))
    return found


def _span(knowledge: Knowledge, clause_id: str, words: str) -> tuple[int, int] | None:
    clause = knowledge.clause_by_id.get(clause_id)
    if clause is None:
        programme = knowledge.programme_by_id.get(clause_id)
        if programme is None:
            return None
        start = programme.text.find(programme.summary)
        return (start, start + len(programme.summary)) if start >= 0 else (0, len(programme.text))
    for quoted in sorted(_QUOTED.findall(words), key=len, reverse=True):
        start = clause.text.find(quoted)
        if start >= 0:
            return start, start + len(quoted)
    return _nearest(clause, words)


def _nearest(clause: Clause, words: str) -> tuple[int, int]:
    """The sentence that shares most of its pairs of characters with `words`; the heading says too little."""
    spans = sentences(clause)
    told = [span for span in spans if span.kind == "sentence"] or spans
    pairs = _pairs(words)
    best = max(told, key=lambda span: len(_pairs(span.text) & pairs) / max(len(_pairs(span.text)), 8))
    return best.start, best.end


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}
