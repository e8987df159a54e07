"""A reply to a campaign message starts from what the message rests on: its clauses and its activity.

Owns what a conversation takes up from such a message, and what is said where a reply asks nothing that the
texts answer by themselves. It must not know how the message was sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from actions.activities import without_idle
from actions.composing import Held, make_reply
from actions.context import Memory, Prompt
from actions.parts import names
from actions.quoting import citations_for
from actions.replies import Reply, Suggestion
from actions.wording import load
from index.terms import overlap, telling_terms
from index.text import normalise
from knowledge.model import Entry, Knowledge

_NEXT = 3


def taken_up(knowledge: Knowledge, prompt: Prompt, memory: Memory) -> Memory:
    """The memory as if the question that the message's clause answers had just been asked: what leans on the
    message is read with it. Where one lives and who one is stays."""
    entries = _entries(knowledge, prompt)
    heading = next((c.heading for c in map(knowledge.clause_by_id.get, prompt.clause_ids) if c), None)
    asked = entries[0].question if entries else heading
    return Memory(asked=asked, cited=prompt.clause_ids, district=memory.district, role=memory.role)


def basis_reply(held: Held, prompt: Prompt, about: Sequence[str], question: str, day: date) -> Reply | None:
    """What the message rests on, where `question` names nothing of its own; None for any other question, or
    where nothing of it is published. `about` are the lines on its activity."""
    if names(without_idle(normalise(question))):
        return None
    citations = citations_for(held.knowledge, prompt.clause_ids, prompt.text, day)
    if not citations and not about:
        return None
    words = load("activities")["prompted"]
    lines = []
    for citation in citations[:1]:
        form = "programme" if citation.source_kind == "programme" else "basis"
        lines.append(
            words[form].format(
                title=citation.document_title, label=citation.clause_label, quote=citation.quote
            )
        )
    lines += about
    if citations:
        lines.append(words["further"])
    offered = [entry.question for entry in _entries(held.knowledge, prompt)[:_NEXT]]
    return make_reply(
        "notice", day, held, "\n".join(lines), citations=citations,
        suggestions=[Suggestion(label=text, message=text) for text in offered],
    )  # fmt: skip


def _entries(knowledge: Knowledge, prompt: Prompt) -> list[Entry]:
    """The approved questions that the message's clauses answer: of its first clause first, and those that
    speak of the same as the message before the others."""
    said = telling_terms(normalise(prompt.text))

    def rank(entry: Entry) -> tuple[int, float]:
        clause = prompt.clause_ids.index(entry.quotes[0].clause_id)
        return clause, -overlap(said, telling_terms(normalise(entry.question)))

    mine = [e for e in knowledge.entries if e.quotes and e.quotes[0].clause_id in prompt.clause_ids]
    return sorted(mine, key=rank)
