"""What staff decided on groups, in the database: by whom, when, and which wordings were in the group then.

Every decision is one guarded UPDATE or one INSERT: where somebody else was first, nothing is changed. The
journal is told the group's name and state, never a resident's words. All methods block.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.insights.model import Decision, GroupChanged, GroupState
from api.insights.tables import question_groups, question_marks
from api.store.erasing import writing
from knowledge.journal import Journal

KIND = "question_group"
_AT_ONCE = 500
_FRESH = timedelta(days=1)
"""How old a mark gets before it is dated anew: once a day is enough for what is kept for months."""


class Decisions:
    def __init__(self, engine: Engine, *, journal: Journal) -> None:
        self._engine, self._journal = engine, journal

    def decide(
        self,
        group: str,
        state: GroupState,
        *,
        keys: Collection[str],
        by: str,
        at: datetime,
        revision: int,
        entry: str | None = None,
    ) -> Decision:
        """Keep that the group of the wordings `keys` is in `state` now. `revision` is the one that was seen,
        0 for a group that nobody decided on. Raises GroupChanged."""
        values: dict[str, Any] = {
            "state": state,
            "entry": entry,
            "changed_at": at,
            "changed_by": by,
            "revision": revision + 1,
        }
        with writing(self._engine) as connection:
            before = _decided(connection, group)
            if (before.revision if before else 0) != revision:
                raise GroupChanged.of(before)
            _keep(connection, group, values, before)
            _mark(connection, group, keys, at)
            self._journal.record(
                connection,
                by=by,
                what=f"group.{state}",
                kind=KIND,
                subject=group,
                before={"state": before.state, "entry": before.entry} if before else {"state": "open"},
                after={"state": state, "entry": entry},
            )
        return Decision(group, state, entry, by, at, revision + 1)

    def all(self) -> dict[str, Decision]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(question_groups)).mappings().all()
        return {row["id"]: _decision(row) for row in rows}

    def marks(self) -> dict[str, str]:
        """The decided group of each wording that was in one."""
        with self._engine.connect() as connection:
            found = connection.execute(select(question_marks.c.question, question_marks.c.group_id))
            return {row.question: row.group_id for row in found}

    def stamp(self) -> int:
        """Changes with every decision."""
        with self._engine.connect() as connection:
            return int(connection.scalar(select(func.sum(question_groups.c.revision))) or 0)

    def joined(self, members: dict[str, Collection[str]], at: datetime) -> None:
        """Mark wordings that joined a decided group of themselves, and date the marks that are still seen."""
        with self._engine.connect() as connection:
            found = connection.execute(
                select(question_marks.c.question, question_marks.c.group_id, question_marks.c.seen_at)
            )
            fresh = {(row.question, row.group_id) for row in found if row.seen_at > at - _FRESH}
        stale = {group: [key for key in keys if (key, group) not in fresh] for group, keys in members.items()}
        if not any(stale.values()):
            return
        with writing(self._engine) as connection:
            for group, keys in stale.items():
                if keys and _decided(connection, group) is not None:
                    _mark(connection, group, keys, at)

    def forget(self, before: datetime) -> int:
        """Delete the marks of wordings not seen since `before`, and decisions that nothing hangs on any more.
        Returns how many marks these were."""
        with writing(self._engine) as connection:
            old = delete(question_marks).where(question_marks.c.seen_at <= before)
            gone = len(connection.scalars(old.returning(question_marks.c.question)).all())
            connection.execute(
                delete(question_groups).where(
                    question_groups.c.state != "drafted",
                    ~exists().where(question_marks.c.group_id == question_groups.c.id),
                )
            )
        return gone


def _keep(connection: Connection, group: str, values: dict[str, Any], before: Decision | None) -> None:
    if before is not None:
        same = (question_groups.c.id == group, question_groups.c.revision == before.revision)
        if not connection.execute(update(question_groups).where(*same).values(values)).rowcount:
            raise GroupChanged.of(_decided(connection, group))
        return
    try:
        with connection.begin_nested():
            connection.execute(insert(question_groups).values(id=group, **values))
    except IntegrityError:
        raise GroupChanged.of(_decided(connection, group)) from None


def _mark(connection: Connection, group: str, keys: Iterable[str], at: datetime) -> None:
    every = sorted(set(keys))
    for start in range(0, len(every), _AT_ONCE):
        some = every[start : start + _AT_ONCE]
        connection.execute(delete(question_marks).where(question_marks.c.question.in_(some)))
        rows = [{"question": key, "group_id": group, "seen_at": at} for key in some]
        connection.execute(insert(question_marks), rows)


def _decided(connection: Connection, group: str) -> Decision | None:
    found = select(question_groups).where(question_groups.c.id == group)
    row = connection.execute(found).mappings().one_or_none()
    return _decision(row) if row is not None else None


def _decision(row: Any) -> Decision:
    return Decision(
        row["id"], row["state"], row["entry"], row["changed_by"], row["changed_at"], row["revision"]
    )
