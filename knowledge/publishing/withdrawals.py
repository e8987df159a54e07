"""Taking back at once, in the database: who took what back, why, and what a second person made of it.

Owns the rows and their rules. What is active is kept out of every answer and every snapshot until it is
reversed, or until the row is published anew. An entry, a programme or a document is withdrawn in its row too;
a clause, an audience or a thing has no row of its own: there the withdrawal itself is what keeps it out.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from knowledge.errors import InvalidContent
from knowledge.journal import Journal
from knowledge.model import Entry, Knowledge
from knowledge.publishing import row_images
from knowledge.publishing.errors import SameReviewer, UnknownTarget
from knowledge.publishing.model import Target, Withdrawal
from knowledge.publishing.withheld import Withheld
from knowledge.publishing.wording import say
from knowledge.store.editing import withdraw as withdraw_row
from knowledge.store.publishing_tables import WithdrawalRow

_FIELD = {
    "entry": "entries",
    "clause": "clauses",
    "document": "documents",
    "programme": "documents",
    "tag": "tags",
    "item": "items",
}
_ROWS = ("entry", "document", "programme")


def active(session: Session) -> Withheld:
    """Everything that is kept out of answers at this moment."""
    query = select(WithdrawalRow.kind, WithdrawalRow.target).where(WithdrawalRow.active)
    return withheld_by(Target(cast(Any, kind), target) for kind, target in session.execute(query))


def withheld_by(targets: Iterable[Target]) -> Withheld:
    """What is kept out of answers where these are taken back."""
    taken: dict[str, set[str]] = {}
    for target in targets:
        taken.setdefault(_FIELD[target.kind], set()).add(target.id)
    return Withheld(**{field: frozenset(ids) for field, ids in taken.items()})


def silenced(knowledge: Knowledge, target: Target) -> list[Entry]:
    """The entries of `knowledge` that are not answered with while `target` is taken back, in its order."""
    left = withheld_by([target]).left_of(knowledge).entry_by_id
    return [entry for entry in knowledge.entries if entry.id not in left]


def listed(session: Session, *, only_open: bool = False) -> list[Withdrawal]:
    """The newest first."""
    query = select(WithdrawalRow).order_by(WithdrawalRow.at.desc(), WithdrawalRow.id)
    if only_open:
        query = query.where(WithdrawalRow.state == "open")
    return [withdrawal_of(row) for row in session.scalars(query)]


def title_of(knowledge: Knowledge, target: Target) -> str:
    """What people call it. Raises UnknownTarget where it is not answered from."""
    kind, name = target.kind, target.id
    found: str | None = None
    if kind == "entry" and name in knowledge.entry_by_id:
        found = knowledge.entry_by_id[name].question
    elif kind == "clause" and name in knowledge.clause_by_id:
        found = knowledge.clause_by_id[name].label
    elif kind == "document" and name in knowledge.document_by_id:
        found = knowledge.document_by_id[name].title
    elif kind == "programme" and name in knowledge.programme_by_id:
        found = knowledge.programme_by_id[name].title
    elif (kind == "tag" and any(name in entry.tags for entry in knowledge.entries)) or (
        kind == "item" and name in knowledge.lexicon.items
    ):
        found = name
    if found is None:
        raise UnknownTarget(say("unknown_target", kind=say(f"kind.{kind}"), id=name))
    return found


def take_back(
    session: Session,
    target: Target,
    *,
    title: str,
    by: str,
    reason: str,
    at: datetime,
    journal: Journal,
) -> Withdrawal:
    """Write it down and withdraw the row there may be. The caller commits. Something that is taken back
    already stays the first one's."""
    if not reason.strip():
        raise InvalidContent(say("no_reason"))
    known = session.scalar(
        select(WithdrawalRow).where(
            WithdrawalRow.kind == target.kind, WithdrawalRow.target == target.id, WithdrawalRow.active
        )
    )
    if known is not None:
        return withdrawal_of(known)
    images: list[dict[str, Any]] = []
    if target.kind in _ROWS:
        kind = cast(Any, target.kind)
        before = row_images.image(session, kind, target.id)
        if before is not None and before["state"] == "published":
            withdraw_row(session, kind=kind, row_id=target.id, by=by, now=at)
            row = row_images.find(session, kind, target.id)
            images.append({"kind": kind, "id": target.id, "before": before, "after": row.content_hash})  # type: ignore[union-attr]
    row = WithdrawalRow(
        id=secrets.token_hex(8), kind=target.kind, target=target.id, title=title, reason=reason.strip(),
        by=by, at=at, state="open", active=True, rows=images, review_note="",
    )  # fmt: skip
    session.add(row)
    session.flush()
    journal.record(
        session.connection(), by=by, what="withdrawal.made", kind=target.kind, subject=target.id,
        after={"title": title, "reason": row.reason, "withdrawal": row.id},
    )  # fmt: skip
    return withdrawal_of(row)


def review(
    session: Session, withdrawal_id: str, *, confirm: bool, by: str, note: str, at: datetime, journal: Journal
) -> Withdrawal:
    """A second person's word on it; the caller commits. Reversed, it is answered from again, and its row is
    as it was unless somebody has changed it since. A confirmed one can be reversed later, by anybody but who
    took it back. Raises SameReviewer, UnknownTarget, InvalidContent."""
    row = session.get(WithdrawalRow, withdrawal_id, populate_existing=True)
    if row is None:
        raise UnknownTarget(say("unknown_withdrawal", id=withdrawal_id))
    if row.by == by:
        raise SameReviewer(say("same_reviewer"))
    state = "confirmed" if confirm else "reversed"
    if row.state in (state, "reversed"):
        raise InvalidContent(say("reviewed_already", by=row.reviewed_by))
    before = row.state
    result = session.execute(
        update(WithdrawalRow)
        .where(WithdrawalRow.id == row.id, WithdrawalRow.state == before)
        .values(state=state, active=confirm, reviewed_by=by, reviewed_at=at, review_note=note.strip())
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise InvalidContent(say("reviewed_already", by=row.reviewed_by))
    session.refresh(row)
    if not confirm:
        for held in row.rows:
            current = row_images.find(session, held["kind"], held["id"])
            if current is not None and current.content_hash == held["after"]:
                row_images.restore(session, held["kind"], held["id"], held["before"], by=by, at=at)
    journal.record(
        session.connection(), by=by, what=f"withdrawal.{state}", kind=row.kind, subject=row.target,
        before={"state": before}, after={"state": state, "note": note.strip(), "withdrawal": row.id},
    )  # fmt: skip
    return withdrawal_of(row)


def open_for(session: Session, rows: Iterable[tuple[str, str]]) -> list[str]:
    """Of some rows, the ids of those whose withdrawal nobody has reviewed yet."""
    waiting = select(WithdrawalRow.kind, WithdrawalRow.target).where(WithdrawalRow.state == "open")
    found = {(kind, target) for kind, target in session.execute(waiting)}
    return [row_id for kind, row_id in rows if (kind, row_id) in found]


def lift(session: Session, rows: Iterable[tuple[str, str]]) -> None:
    """Published anew: the withdrawals of these rows hold nothing back any longer. The caller commits."""
    for kind, row_id in rows:
        session.execute(
            update(WithdrawalRow)
            .where(WithdrawalRow.kind == kind, WithdrawalRow.target == row_id, WithdrawalRow.active)
            .values(active=False)
        )


def withdrawal_of(row: WithdrawalRow) -> Withdrawal:
    return Withdrawal(
        id=row.id,
        target=Target(cast(Any, row.kind), row.target),
        title=row.title,
        reason=row.reason,
        by=row.by,
        at=row.at,
        state=cast(Any, row.state),
        active=row.active,
        reviewed_by=row.reviewed_by,
        reviewed_at=row.reviewed_at,
        review_note=row.review_note,
        rows=tuple(row.rows),
    )
