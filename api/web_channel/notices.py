"""Notices in the database: kept once a delivery, opened, answered and pledged once, with their sums.

All functions block; the app calls them in a worker thread. A step and its sum commit together or not at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from sqlalchemy import (
    JSON,
    Connection,
    Engine,
    Executable,
    RowMapping,
    String,
    bindparam,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from api.clock import Clock
from api.store.erasing import writing
from api.store.tables import UtcDateTime, conversations
from api.web_channel.tables import notices
from campaigns import sums
from campaigns.content import Link, Picture, Quiz, Rendered
from campaigns.delivery.senders import Outgoing

MOST_SHOWN = 50
"""Notices of one conversation that are shown; older ones can't be scrolled to in a chat anyway."""

Kept = Literal["kept", "there", "nobody"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A campaign's message in one conversation. `chosen` is the quiz's option that was taken first."""

    position: int
    id: str
    conversation_id: str
    run_id: str
    content: Rendered
    created_at: datetime
    opened_at: datetime | None
    chosen: int | None
    pledged_at: datetime | None


class NoSuchOption(ValueError):
    """A quiz that the notice doesn't ask, or an option that it doesn't have."""


class NoticeStore:
    def __init__(self, engine: Engine, *, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    def keep(self, delivery: Outgoing) -> Kept:
        """Put a notice into the conversation whose pseudonym is the delivery's person; "there" if its key was
        kept before, "nobody" where no conversation has the pseudonym (any more)."""
        return self.keep_all([delivery])[0]

    def keep_all(self, deliveries: Sequence[Outgoing]) -> list[Kept]:
        """`keep` for each, all in one transaction."""
        now = self._clock.now()
        # Hundreds a second in a run, and nothing deleted: what `writing` does for deletions is left out.
        with self._engine.connect().execution_options(immediate=True) as connection, connection.begin():
            return [_keep(connection, delivery, now) for delivery in deliveries]

    def of(
        self, conversation_id: str, *, unopened: bool = False, most: int | None = MOST_SHOWN
    ) -> list[Notice]:
        """The conversation's `most` latest notices, the oldest first; opened ones too, or the others only."""
        latest = (
            select(notices)
            .where(notices.c.conversation_id == conversation_id)
            .order_by(notices.c.position.desc())
            .limit(most)
        )
        if unopened:
            latest = latest.where(notices.c.opened_at.is_(None))
        with self._engine.connect() as connection:
            return [_notice(row) for row in reversed(connection.execute(latest).mappings().all())]

    def one(self, conversation_id: str, notice_id: str) -> Notice | None:
        with self._engine.connect() as connection:
            return _one(connection, conversation_id, notice_id)

    def kept_as(self, idempotency_key: str) -> str | None:
        """The id of the notice that was kept with this key."""
        found = select(notices.c.id).where(notices.c.idempotency_key == idempotency_key)
        with self._engine.connect() as connection:
            return connection.scalar(found)

    def shown(self, notice_id: str) -> None:
        """A chat app has taken the notice: what is said next may reply to it. Nobody knows whether it was
        opened, so that is not counted."""
        unseen = update(notices).where(notices.c.id == notice_id, notices.c.opened_at.is_(None))
        with writing(self._engine) as connection:
            connection.execute(unseen.values(opened_at=self._clock.now()))

    def counts(self, conversation_ids: Collection[str]) -> Mapping[str, int]:
        """How many notices each of these conversations has; one without any is left out."""
        asked = (
            select(notices.c.conversation_id, func.count())
            .where(notices.c.conversation_id.in_(conversation_ids))
            .group_by(notices.c.conversation_id)
        )
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(asked)}

    def open(self, conversation_id: str, notice_ids: Sequence[str]) -> int:
        """The resident has these before their eyes, which is a use of the conversation. Returns how many
        were not opened before; each counts once."""
        now = self._clock.now()
        mine = (notices.c.conversation_id == conversation_id, notices.c.id.in_(notice_ids))
        opened = (
            update(notices)
            .where(*mine, notices.c.opened_at.is_(None))
            .values(opened_at=now)
            .returning(notices.c.run_id)
        )
        with writing(self._engine) as connection:
            runs = connection.scalars(opened).all()
            if runs:
                connection.execute(
                    update(conversations).where(conversations.c.id == conversation_id).values(last_at=now)
                )
            for run_id in runs:
                sums.add(connection, run_id, "opened", now)
        return len(runs)

    def answer(self, conversation_id: str, notice_id: str, option: int) -> Notice | None:
        """The quiz's option taken, unless one was taken before: that one stays. None for an unknown notice;
        raises NoSuchOption."""
        now = self._clock.now()
        with writing(self._engine) as connection:
            notice = _one(connection, conversation_id, notice_id)
            if notice is None:
                return None
            quiz = notice.content.quiz
            if quiz is None or not 0 <= option < len(quiz.options):
                raise NoSuchOption(f"The notice {notice_id} has no option {option}.")
            taken = update(notices).where(notices.c.id == notice_id, notices.c.chosen.is_(None))
            if connection.execute(taken.values(chosen=option)).rowcount:
                sums.add(connection, notice.run_id, "quiz", now, which=str(option))
            return _one(connection, conversation_id, notice_id)

    def pledge(self, conversation_id: str, notice_id: str) -> Notice | None:
        """The pledge taken, which counts once. None for a notice that is unknown or asks for none."""
        now = self._clock.now()
        with writing(self._engine) as connection:
            notice = _one(connection, conversation_id, notice_id)
            if notice is None or notice.content.pledge is None:
                return None
            taken = update(notices).where(notices.c.id == notice_id, notices.c.pledged_at.is_(None))
            if connection.execute(taken.values(pledged_at=now)).rowcount:
                sums.add(connection, notice.run_id, "pledge", now)
            return _one(connection, conversation_id, notice_id)

    def count(self, run_id: str, what: sums.What, *, which: str = "0") -> bool:
        """One more of `what` for a run. False for an unknown run."""
        with writing(self._engine) as connection:
            return sums.add(connection, run_id, what, self._clock.now(), which=which)


def _keep(connection: Connection, delivery: Outgoing, now: datetime) -> Kept:
    values = {
        "id": secrets.token_urlsafe(16),
        "key": delivery.idempotency_key,
        "run": delivery.run_id,
        "content": _plain(delivery.content),
        "at": now,
        "person": delivery.person,
    }
    if connection.scalar(_KEEP[connection.dialect.name], values) is not None:
        return "kept"
    there = select(notices.c.position).where(notices.c.idempotency_key == delivery.idempotency_key)
    return "nobody" if connection.scalar(there) is None else "there"


def _keeping(dialect: Any) -> Executable:
    """The statement that keeps a notice, built once: building it costs more than running it."""
    values = select(
        bindparam("id", type_=String),
        conversations.c.id,
        bindparam("key", type_=String),
        bindparam("run", type_=String),
        bindparam("content", type_=JSON),
        bindparam("at", type_=UtcDateTime),
    ).where(conversations.c.pseudonym == bindparam("person", type_=String))
    columns = ["id", "conversation_id", "idempotency_key", "run_id", "content", "created_at"]
    made: Executable = (
        dialect.insert(notices)
        .from_select(columns, values.limit(1))
        .on_conflict_do_nothing(index_elements=["idempotency_key"])
        .returning(notices.c.position)
    )
    return made


_KEEP: Mapping[str, Executable] = {"sqlite": _keeping(sqlite), "postgresql": _keeping(postgresql)}


@lru_cache(maxsize=64)
def _plain(content: Rendered) -> dict[str, Any]:
    """As JSON values. A run sends the same few contents again and again."""
    return asdict(content)


def _one(connection: Connection, conversation_id: str, notice_id: str) -> Notice | None:
    found = select(notices).where(notices.c.id == notice_id, notices.c.conversation_id == conversation_id)
    row = connection.execute(found).mappings().first()
    return None if row is None else _notice(row)


def _notice(row: RowMapping) -> Notice:
    fields: dict[str, Any] = {name: row[name] for name in Notice.__dataclass_fields__ if name != "content"}
    return Notice(**fields, content=_rendered(row["content"]))


def _rendered(kept: Mapping[str, Any]) -> Rendered:
    """The content as it was sent; whatever a later version adds to it is not there yet."""
    picture, quiz = kept.get("picture"), kept.get("quiz")
    return Rendered(
        text=kept["text"],
        picture=Picture(**picture) if picture else None,
        links=tuple(Link(**link) for link in kept.get("links", ())),
        quick_replies=tuple(kept.get("quick_replies", ())),
        quiz=Quiz(**quiz | {"options": tuple(quiz["options"])}) if quiz else None,
        pledge=kept.get("pledge"),
        clause_ids=tuple(kept.get("clause_ids", ())),
        activity_id=kept.get("activity_id"),
    )
