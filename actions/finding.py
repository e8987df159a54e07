"""What was found behind a reply, for whoever keeps figures: the reply itself doesn't carry it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from actions.replies import Reply
from index.search import Outcome
from knowledge.model import Quote


@dataclass(frozen=True, slots=True)
class Finding:
    """`probability` is that of the first candidate, None for a list; `entry` the approved question that was
    answered through; `clause` and `document` what stands nearest, answered or not; `district` the one that
    the conversation is about."""

    probability: float | None = None
    entry: str | None = None
    clause: str | None = None
    document: str | None = None
    district: str | None = None


Observer = Callable[[str, Finding], None]
"""Told the request's id and what was found for it; must be quick and never raise."""


def unobserved(request_id: str, finding: Finding) -> None:
    """For whoever keeps no figures."""


def finding_of(reply: Reply, outcome: Outcome | None, district: str | None) -> Finding:
    """What `reply` was made from. `outcome` is that of the search it came from, None for a list."""
    best = outcome.candidates[0] if outcome is not None and outcome.candidates else None
    if outcome is None or best is None:
        return Finding(district=district)
    entry = best.entry
    through = entry is not None and reply.kind == "answer" and _cites_first(reply, entry.quotes[0])
    return Finding(
        probability=outcome.probability,
        entry=entry.id if entry is not None and through else None,
        clause=best.passage.clause_id,
        document=best.passage.document_id,
        district=district,
    )


def _cites_first(reply: Reply, quote: Quote) -> bool:
    if not reply.citations:
        return False
    first = reply.citations[0]
    return (first.clause_id, first.start, first.end) == (quote.clause_id, quote.start, quote.end)
