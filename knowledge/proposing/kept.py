"""Proposals as rows: what was proposed for a document, and what an editor decided of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from knowledge.editing.forms import to_plain
from knowledge.errors import Conflict, UnknownRow
from knowledge.messages import say
from knowledge.proposing.proposals import ProposedEntry
from knowledge.shipped import ShippedEntry
from knowledge.store.version_tables import ProposalRow

ProposalState = Literal["open", "accepted", "struck"]


@dataclass(frozen=True, slots=True)
class KeptProposal:
    """`entry` is the entry's plain form; `figures` and `asked` are those of `ProposedEntry`, plain."""

    id: str
    document_id: str
    state: ProposalState
    fact: str
    entry: Mapping[str, Any]
    departments: tuple[str, ...]
    figures: tuple[Mapping[str, Any], ...]
    asked: tuple[Mapping[str, Any], ...]
    updates: str | None
    entry_id: str | None
    decided_by: str | None
    decided_at: datetime | None

    @property
    def clause_id(self) -> str:
        return str(self.entry["quotes"][0]["clause"])

    @property
    def quote(self) -> str:
        return str(self.entry["quotes"][0]["text"])


def keep_proposals(session: Session, document_id: str, proposals: Sequence[ProposedEntry]) -> None:
    """The proposals of a document as they are now; what was decided stays decided. The caller commits."""
    rows = {
        row.id: row
        for row in session.scalars(select(ProposalRow).where(ProposalRow.document_id == document_id))
    }
    keys = {proposal.id for proposal in proposals}
    gone = [name for name, row in rows.items() if row.state == "open" and name not in keys]
    if gone:
        session.execute(delete(ProposalRow).where(ProposalRow.id.in_(gone)))
    for position, proposal in enumerate(proposals):
        key = proposal.id
        row = rows.get(key)
        if row is None:
            row = rows[key] = ProposalRow(id=key, document_id=document_id, state="open")
            session.add(row)
        row.position = position
        if row.state == "open":
            row.content = _plain(proposal)
    session.flush()


def proposals_of(session: Session, document_id: str) -> list[KeptProposal]:
    """In the order of the text."""
    found = select(ProposalRow).where(ProposalRow.document_id == document_id)
    return [_kept(row) for row in session.scalars(found.order_by(ProposalRow.position, ProposalRow.id))]


def proposal(session: Session, proposal_id: str) -> KeptProposal:
    """Raises UnknownRow."""
    row = session.get(ProposalRow, proposal_id)
    if row is None:
        raise UnknownRow(say("propose.unknown"))
    return _kept(row)


def decide(
    session: Session,
    proposal_id: str,
    state: ProposalState,
    *,
    by: str,
    now: datetime,
    entry_id: str | None = None,
) -> None:
    """Accepts, strikes out or opens again. Raises Conflict where somebody decided meanwhile."""
    expected = ("accepted", "struck") if state == "open" else ("open",)
    result = session.execute(
        update(ProposalRow)
        .where(ProposalRow.id == proposal_id, ProposalRow.state.in_(expected))
        .values(state=state, entry_id=entry_id, decided_by=by, decided_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise Conflict(say("propose.decided"))


def forget_proposals(session: Session, document_id: str) -> None:
    """Drops what was proposed and not accepted for a draft that is no more."""
    session.execute(
        delete(ProposalRow).where(ProposalRow.document_id == document_id, ProposalRow.state != "accepted")
    )


def _plain(proposal: ProposedEntry) -> dict[str, Any]:
    return {
        "fact": proposal.fact,
        "entry": to_plain(ShippedEntry(proposal.entry)),
        "departments": list(proposal.departments),
        "figures": [asdict(change) for change in proposal.figures],
        "asked": [asdict(question) for question in proposal.asked],
        "updates": proposal.updates,
    }


def _kept(row: ProposalRow) -> KeptProposal:
    content = row.content
    return KeptProposal(
        id=row.id,
        document_id=row.document_id,
        state=row.state,  # type: ignore[arg-type]
        fact=content["fact"],
        entry=content["entry"],
        departments=tuple(content["departments"]),
        figures=tuple(content["figures"]),
        asked=tuple(content["asked"]),
        updates=content["updates"],
        entry_id=row.entry_id,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )
