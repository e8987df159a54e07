"""Deleting conversations with all that hangs on them, at a resident's word or after the time they are kept.

Owns which rows of which tables go. The dialogue process keeps a tracker of its own for each conversation; its
pseudonym goes into `forget_later` in the same transaction, so that it is done even if that process is down.
All methods block; nothing here speaks to the dialogue.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Table,
    delete,
    exists,
    func,
    insert,
    null,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from api.channels.addresses import forget_conversation
from api.clock import Clock
from api.insights import facts
from api.store.erasing import empty_log, erasing, writing
from api.store.tables import (
    contact_stash,
    conversations,
    forget_later,
    ticket_events,
    tickets,
    turn_claims,
    upkeep,
)

BATCH = 200
"""Conversations deleted in one transaction: what waits for the lock waits for no more than these."""
RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep deleted or stripped."""

    conversations: int
    tickets: int
    contacts: int


class Erasure:
    """`pseudonym` makes a conversation's pseudonym from its id (`Keys.pseudonym`)."""

    def __init__(
        self, engine: Engine, *, pseudonym: Callable[[str], str], clock: Clock, keep_days: int
    ) -> None:
        self._engine, self._pseudonym, self._clock = engine, pseudonym, clock
        self._keep = timedelta(days=keep_days)

    def erase(self, conversation_id: str) -> str:
        """Delete everything of one conversation now, its tickets with it. Returns its pseudonym.

        The dialogue is still to forget that pseudonym, whether the app knew the conversation or not.
        """
        pseudonym = self._pseudonym(conversation_id)
        with erasing(self._engine) as connection:
            connection.execute(delete(tickets).where(tickets.c.conversation_id == conversation_id))
            facts.delete_of(connection, conversation_id)
            forget_conversation(connection, conversation_id)
            connection.execute(delete(turn_claims).where(turn_claims.c.conversation_id == conversation_id))
            connection.execute(delete(conversations).where(conversations.c.id == conversation_id))
            self._to_forget(connection, [pseudonym])
        return pseudonym

    def sweep(self) -> Swept:
        """Delete what was not used for the time that things are kept, the last day counted.

        The figures stay, without the messages that they came from.
        """
        now = self._clock.now()
        deleted = stripped = 0
        while batch := self._delete_batch(now):
            deleted += batch[0]
            stripped += batch[1]
        with writing(self._engine) as connection:
            orphaned = (
                tickets.c.conversation_id.is_not(None),
                tickets.c.created_at <= now - self._keep,
                ~exists().where(conversations.c.id == tickets.c.conversation_id),
            )
            stripped += _strip(
                connection, connection.scalars(select(tickets.c.id).where(*orphaned)).all(), now
            )
            expired = delete(contact_stash).where(contact_stash.c.expires_at <= now)
            connection.execute(delete(turn_claims).where(turn_claims.c.held_until <= now))
            contacts = len(connection.scalars(expired.returning(contact_stash.c.pseudonym)).all())
        empty_log(self._engine)
        return Swept(deleted, stripped, contacts)

    def claim(self, job: str, every: timedelta) -> bool:
        """Whether this process should do `job` now: it was not done for `every`, nobody was first."""
        now = self._clock.now()
        due = update(upkeep).where(upkeep.c.job == job, upkeep.c.ran_at <= now - every)
        with writing(self._engine) as connection:
            if connection.execute(due.values(ran_at=now)).rowcount:
                return True
            return bool(_insert_missing(connection, upkeep, [{"job": job, "ran_at": now}]))

    def to_forget(self, limit: int) -> list[str]:
        """Pseudonyms that the dialogue has not forgotten yet, those asked for first before the others."""
        found = select(forget_later.c.sender).order_by(forget_later.c.asked_at, forget_later.c.sender)
        with self._engine.connect() as connection:
            return list(connection.scalars(found.limit(limit)))

    def forgotten(self, senders: Sequence[str]) -> None:
        """The dialogue has forgotten `senders`."""
        with writing(self._engine) as connection:
            connection.execute(delete(forget_later).where(forget_later.c.sender.in_(senders)))

    def _delete_batch(self, now: datetime) -> tuple[int, int] | None:
        """How many conversations were deleted and tickets stripped; None when there was nothing left."""
        before = conversations.c.last_at <= now - self._keep
        old = select(conversations.c.id).where(before).order_by(conversations.c.last_at).limit(BATCH)
        with writing(self._engine) as connection:
            ids = list(
                connection.scalars(
                    delete(conversations)
                    .where(conversations.c.id.in_(old.scalar_subquery()), before)
                    .returning(conversations.c.id)
                )
            )
            if not ids:
                return None
            held = connection.scalars(select(tickets.c.id).where(tickets.c.conversation_id.in_(ids))).all()
            stripped = _strip(connection, held, now)
            self._to_forget(connection, [self._pseudonym(conversation_id) for conversation_id in ids])
            return len(ids), stripped

    def _to_forget(self, connection: Connection, pseudonyms: Sequence[str]) -> None:
        connection.execute(delete(contact_stash).where(contact_stash.c.pseudonym.in_(pseudonyms)))
        now = self._clock.now()
        _insert_missing(connection, forget_later, [{"sender": name, "asked_at": now} for name in pseudonyms])


def _strip(connection: Connection, ticket_ids: Sequence[str], now: datetime) -> int:
    """Close `ticket_ids` and leave of them figures that lead to nobody: channel, district and times."""
    if not ticket_ids:
        return 0
    these = tickets.c.id.in_(ticket_ids)
    unfinished = connection.scalars(select(tickets.c.id).where(these, tickets.c.state != "closed")).all()
    connection.execute(
        update(tickets)
        .where(these)
        .values(
            state="closed",
            closed_at=func.coalesce(tickets.c.closed_at, now),
            conversation_id=None,
            question=None,
            message_ids=null(),
            contact=None,
        )
    )
    if unfinished:
        events = [{"ticket_id": one, "what": "expired", "by": RETENTION, "at": now} for one in unfinished]
        connection.execute(insert(ticket_events), events)
    return len(ticket_ids)


def _insert_missing(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert those of `rows` whose key is not there yet. Returns how many these were."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    missing = dialect.insert(table).values(list(rows)).on_conflict_do_nothing()
    # Counted by what comes back: psycopg's rowcount is -1 here.
    return len(connection.execute(missing.returning(*table.primary_key.columns)).all())
