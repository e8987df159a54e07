"""What a question was about, as people read it: the section of the text that it led to, or the programme.

The texts' own headings, so that a new document brings its topics along.
"""

from __future__ import annotations

from knowledge.model import Clause, Knowledge

NOWHERE = "未找到相关内容"
GONE = "已下架的内容"
_WRAPS = frozenset({"part", "book", "division"})
"""Levels above a topic: they say how a text is built rather than what it is about."""


def topic_of(knowledge: Knowledge | None, document: str | None, clause: str | None) -> str:
    """The name of a topic; `NOWHERE` for what led to no text, `GONE` for a text no longer published."""
    if document is None:
        return NOWHERE
    if knowledge is None:
        return GONE
    programme = knowledge.programme_by_id.get(document)
    if programme is not None:
        return programme.title
    found = knowledge.document_by_id.get(document)
    if found is None:
        return GONE
    section = _section(knowledge, knowledge.clause_by_id.get(clause or ""))
    return section.heading if section is not None and section.heading else found.title


def _section(knowledge: Knowledge, clause: Clause | None) -> Clause | None:
    """The widest clause around `clause` that is no mere wrapping."""
    widest = None
    while clause is not None and clause.kind not in _WRAPS:
        widest = clause if clause.heading else widest
        clause = knowledge.clause_by_id.get(clause.parent) if clause.parent else None
    return widest
