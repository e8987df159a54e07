"""Undoing releases in the rows: each row that they changed becomes what it was before the first of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy.orm import Session

from knowledge.errors import InvalidContent
from knowledge.publishing import releases, row_images
from knowledge.publishing.model import Row
from knowledge.publishing.row_images import Image
from knowledge.publishing.wording import say
from knowledge.store.editing import withdraw
from knowledge.store.publishing_tables import ReleaseRow

Key = tuple[Any, str]


@dataclass(frozen=True, slots=True)
class Rewind:
    """`kept` names the rows that somebody changed since, which stay as they are."""

    rows: tuple[Row, ...]
    kept: tuple[str, ...]
    before: dict[Key, Image | None]
    after: dict[Key, Image | None]


def rewind(session: Session, release_id: str, *, by: str, at: datetime) -> Rewind:
    """Restore the rows to how they were when `release_id` was the newest release; the caller commits.

    A row that was not there then is withdrawn, never deleted: an id keeps its meaning. Raises UnknownRelease,
    and InvalidContent where nothing has changed since.
    """
    target = releases.get(session, release_id)
    if target.state not in releases.DONE:
        raise InvalidContent(say("not_ready", state=target.state))
    later: list[ReleaseRow] = releases.since(session, target)
    if not later:
        raise InvalidContent(say("rollback.same"))
    by_release = releases.changes_of(session, [row.id for row in later])
    then: dict[Key, Image | None] = {}
    now: dict[Key, Image | None] = {}
    for release in later:
        for change in by_release.get(release.id, ()):
            then.setdefault((change.kind, change.row_id), change.before)
            now[change.kind, change.row_id] = change.after
    rows: list[Row] = []
    kept: list[str] = []
    before: dict[Key, Image | None] = {}
    for key, wanted in then.items():
        current = row_images.image(session, *key)
        if row_images.hash_of(current) != row_images.hash_of(now[key]):
            kept.append(key[1])
        elif row_images.hash_of(current) != row_images.hash_of(wanted):
            before[key] = current
            rows.append(_undo(session, key, wanted, current, by, at))
    if not rows:
        raise InvalidContent(say("rollback.nothing"))
    after = {key: row_images.image(session, *key) for key in before}
    return Rewind(tuple(rows), tuple(kept), before, after)


def _undo(
    session: Session, key: Key, wanted: Image | None, current: Image | None, by: str, at: datetime
) -> Row:
    kind, row_id = key
    row = Row(cast(Any, kind), row_id, row_images.titles((wanted, current)), "withdrawn")
    if wanted is not None:
        row_images.restore(session, kind, row_id, wanted, by=by, at=at)
        return replace(row, becomes=str(wanted["state"]))
    if current is not None and current["state"] != "withdrawn":
        if kind == "lexicon":
            line = row_images.find(session, kind, row_id)
            assert line is not None
            line.state = "withdrawn"
            line.content_hash = row_images.lexicon_hash(line)
            line.updated_at, line.updated_by = at, by
            session.flush()
        else:
            withdraw(session, kind=kind, row_id=row_id, by=by, now=at)
    return row
