"""What is due to be published by itself: which of it may be, and what keeps the rest back.

One draft that has become invalid since its approval must not hold the others up. Those that can't be
published are told apart with their reasons, which are kept as failed releases: staff see them until they act.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from knowledge.editing.checking import problems_of
from knowledge.editing.model import Draft
from knowledge.publishing import row_images, withdrawals
from knowledge.publishing.core import Core
from knowledge.publishing.golden import Comparison
from knowledge.publishing.model import Row
from knowledge.publishing.wording import say
from knowledge.store.loading import load_all
from knowledge.store.publishing_tables import ReleaseRow

_PATIENCE = timedelta(minutes=2)
"""How long after its time a draft is not called late: the loop looks every five seconds and may have to wait
for somebody who publishes."""
_LISTED = 10


@dataclass(frozen=True, slots=True)
class Overdue:
    """A draft whose time has come and that is not published: why, and what to do. `tried_at` is when it was
    tried last, None where it never was."""

    draft: Draft
    why: str
    tried_at: datetime | None


def due(drafts: Iterable[Draft], now: datetime) -> list[Draft]:
    """The approved drafts whose time has come, the longest due first."""
    found = [
        (draft.publish_at, draft.id, draft)
        for draft in drafts
        if draft.state == "approved" and draft.publish_at is not None and draft.publish_at <= now
    ]
    return [draft for *_, draft in sorted(found, key=lambda each: each[:2])]


def separate(
    session: Session, drafts: Sequence[Draft], renew: Callable[[], None]
) -> tuple[list[Draft], dict[int, str]]:
    """Those that can be published together, and why each other one can't, by its id. Where several can't
    stand together, the one without which most is right is left out first. `renew` is called now and then."""
    blocked: dict[int, str] = {}
    for draft in drafts:
        if withdrawals.open_for(session, [(draft.kind, draft.row_id)]):
            blocked[draft.id] = say("withheld_open", id=draft.row_id)
        elif row_images.hash_of(row_images.image(session, draft.kind, draft.row_id)) != draft.base_hash:
            blocked[draft.id] = say("due.row_changed")
    left = [draft for draft in drafts if draft.id not in blocked]
    content = load_all(session)
    problems = problems_of(content, left) if left else []
    while problems:
        without: dict[int, list[str]] = {}
        for draft in left:
            renew()
            rest = [other for other in left if other.id != draft.id]
            without[draft.id] = problems_of(content, rest) if rest else []
        worst = min(left, key=lambda draft: len(without[draft.id]))
        own = [problem for problem in problems if problem not in without[worst.id]] or problems
        blocked[worst.id] = say("due.invalid", problems="\n".join(own[:_LISTED]))
        left = [draft for draft in left if draft.id != worst.id]
        problems = without[worst.id]
    return left, blocked


def keep(core: Core, drafts: Sequence[Draft], blocked: Mapping[int, str]) -> None:
    """Write down why each could not be published; of one draft at one revision, the latest attempt alone."""
    with Session(core.engine) as session:
        for draft in drafts:
            if draft.id not in blocked:
                continue
            becomes = "withdrawn" if draft.withdraws else "published"
            name = hashlib.sha256(f"due {draft.id} {draft.revision}".encode()).hexdigest()[:16]
            held = session.get(ReleaseRow, name)
            if held is not None:
                held.error, held.created_at = blocked[draft.id], core.now()
                continue
            session.add(
                ReleaseRow(
                    **{**core.blank("scheduled", "failed", "system"), "id": name, "error": blocked[draft.id]},
                    proposal={"drafts": [{"id": draft.id, "revision": draft.revision}], "states": []},
                    stamp="", knowledge="", snapshot="", before_snapshot="",
                    report={"rows": [asdict(Row(draft.kind, draft.row_id, draft.title, becomes))]},
                )
            )  # fmt: skip
        session.commit()


def overdue(session: Session, drafts: Iterable[Draft], now: datetime) -> list[Overdue]:
    """What should have been published by itself, the longest due first."""
    late = due(drafts, now)
    if not late:
        return []
    query = (
        select(ReleaseRow)
        .where(ReleaseRow.kind == "scheduled", ReleaseRow.state.in_(("failed", "ready")))
        .order_by(ReleaseRow.created_at)
    )
    tried: dict[tuple[int, int], ReleaseRow] = {}
    for row in session.scalars(query):
        for item in row.proposal.get("drafts", ()):
            tried[item["id"], item["revision"]] = row
    found = []
    for draft in late:
        last = tried.get((draft.id, draft.revision))
        if last is not None:
            found.append(Overdue(draft, _why(last), last.created_at))
        elif draft.publish_at is not None and now - draft.publish_at > _PATIENCE:
            found.append(Overdue(draft, say("due.untried"), None))
    return found


def _why(row: ReleaseRow) -> str:
    if row.state == "failed":
        return row.error
    comparison = Comparison.from_plain(row.report["comparison"])
    broken = [change.question for change in comparison.changed if change.broken]
    why = list(row.report.get("needs_reason", ()))
    if broken:
        more = ["……"] if len(broken) > _LISTED else []
        why.append(say("due.broken", questions="；".join([*broken[:_LISTED], *more])))
    return say("due.reason", why="".join(why))
