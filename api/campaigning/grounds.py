"""Whether what a campaign rests on is published and in force: the port `Grounds` over live knowledge."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date

from api.campaigning.words import say
from knowledge.model import Knowledge


class PublishedGrounds:
    """`knowledge` gives what may be answered from at this moment, None while there is no snapshot."""

    def __init__(self, knowledge: Callable[[], Knowledge | None]) -> None:
        self._knowledge = knowledge

    def problems(self, clause_ids: Collection[str], on: date) -> Mapping[str, str]:
        held = self._knowledge()
        found = {clause: _reason(held, clause, on) for clause in clause_ids}
        return {clause: reason for clause, reason in found.items() if reason is not None}


def _reason(knowledge: Knowledge | None, clause_id: str, on: date) -> str | None:
    if knowledge is None:
        return say("ground_no_snapshot")
    clause = knowledge.clause_by_id.get(clause_id)
    resting = (
        knowledge.document_by_id.get(clause.document_id)
        if clause is not None
        else knowledge.programme_by_id.get(clause_id)
    )
    if resting is None:
        return say("ground_unpublished")
    status = resting.status_on(on)
    return None if status in ("in_force", "unstated") else say(f"ground_{status}", title=resting.title)
