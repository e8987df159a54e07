"""Releases in the database: rows to plain data, and the one way in which a state changes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from knowledge.publishing.errors import Stale, UnknownRelease
from knowledge.publishing.golden import Comparison
from knowledge.publishing.model import Release, Row
from knowledge.publishing.wording import say
from knowledge.store.publishing_tables import ReleaseChangeRow, ReleaseRow

DONE = ("committed", "live")


def release_of(row: ReleaseRow) -> Release:
    report = row.report
    comparison = report.get("comparison")
    return Release(
        id=row.id,
        kind=cast(Any, row.kind),
        state=cast(Any, row.state),
        by=row.by,
        published_by=row.published_by,
        reason=row.reason,
        snapshot=row.snapshot,
        before_snapshot=row.before_snapshot,
        rows=tuple(Row(**item) for item in report.get("rows", ())),
        comparison=Comparison.from_plain(comparison) if comparison else None,
        needs_reason=tuple(report.get("needs_reason", ())),
        error=row.error,
        created_at=row.created_at,
        committed_at=row.committed_at,
        live_at=row.live_at,
        kept=tuple(report.get("kept", ())),
        back_to=row.proposal.get("back_to"),
    )


def get(session: Session, release_id: str) -> ReleaseRow:
    """Raises UnknownRelease."""
    row = session.get(ReleaseRow, release_id, populate_existing=True)
    if row is None:
        raise UnknownRelease(say("unknown_release", id=release_id))
    return row


def move(session: Session, release_id: str, before: str, after: str, **values: Any) -> None:
    """One guarded change of state. Raises Stale where somebody else was first."""
    result = session.execute(
        update(ReleaseRow)
        .where(ReleaseRow.id == release_id, ReleaseRow.state == before)
        .values(state=after, **values)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        row = get(session, release_id)
        raise Stale(say("not_ready", state=row.state))


def close_waiting(session: Session, kind: str, draft_ids: Collection[int], *, why: str) -> None:
    """End the previews of a kind that nobody published and that hold any of these drafts."""
    waiting = select(ReleaseRow).where(ReleaseRow.kind == kind, ReleaseRow.state == "ready")
    for row in session.scalars(waiting).all():
        if any(item["id"] in draft_ids for item in row.proposal["drafts"]):
            move(session, row.id, "ready", "failed", error=why)


def history(session: Session, limit: int) -> list[Release]:
    """What went live, the newest first."""
    query = select(ReleaseRow).where(ReleaseRow.state.in_(DONE)).order_by(ReleaseRow.committed_at.desc())
    return [release_of(row) for row in session.scalars(query.limit(limit))]


def since(session: Session, release: ReleaseRow) -> list[ReleaseRow]:
    """The releases that went live after this one, the oldest first."""
    query = select(ReleaseRow).where(
        ReleaseRow.state.in_(DONE), ReleaseRow.committed_at > release.committed_at
    )
    return list(session.scalars(query.order_by(ReleaseRow.committed_at)))


def changes_of(session: Session, release_ids: Iterable[str]) -> dict[str, list[ReleaseChangeRow]]:
    found: dict[str, list[ReleaseChangeRow]] = {}
    query = select(ReleaseChangeRow).where(ReleaseChangeRow.release_id.in_(list(release_ids)))
    for row in session.scalars(query.order_by(ReleaseChangeRow.kind, ReleaseChangeRow.row_id)):
        found.setdefault(row.release_id, []).append(row)
    return found


def add_changes(
    session: Session,
    release_id: str,
    before: Mapping[tuple[str, str], Mapping[str, Any] | None],
    after: Mapping[tuple[str, str], Mapping[str, Any] | None],
) -> None:
    """What each row was and is, where the two differ."""
    for (kind, row_id), held in before.items():
        now = after[kind, row_id]
        if held != now:
            session.add(
                ReleaseChangeRow(
                    release_id=release_id,
                    kind=kind,
                    row_id=row_id,
                    before=dict(held) if held is not None else None,
                    after=dict(now) if now is not None else None,
                )
            )
    session.flush()


def plain_rows(rows: Iterable[Row]) -> list[dict[str, Any]]:
    return [asdict(row) for row in rows]
