"""Which facts nothing may be learnt from, so that the evaluation can ask them of the shipped weights.

Whole clauses are held out, as a new document's are: their entries are published and searched like all
others, but neither the encoder nor the decision has seen a word of them.
"""

from __future__ import annotations

import hashlib

from knowledge.model import Entry

HELD_OUT_PERCENT = 8


def held_out(entry: Entry) -> bool:
    """Whether the clause that the entry rests on is one of the eight in a hundred held out."""
    digest = hashlib.sha256(entry.quotes[0].clause_id.encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < HELD_OUT_PERCENT


def wordings(entry: Entry) -> tuple[str, ...]:
    """The question and its variants, each once, the question first."""
    return tuple(dict.fromkeys((entry.question, *entry.variants)))
