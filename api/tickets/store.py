"""Tickets in the database. Every change of state is one guarded UPDATE: no row changed, somebody was first.

Contacts come and go as ciphertext; this module holds no key. All methods block.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, insert, or_, select, update

from actions.replies import Reply
from api.rendering import on_wire
from api.store.erasing import erasing, writing
from api.store.tables import conversations, messages, ticket_events, tickets
from api.tickets import outbox
from api.tickets.errors import ConversationGone, TicketTaken, UnknownTicket
from api.tickets.model import STATES, Event, Line, Outcome, Post, State, Ticket, What, new_id
from api.tickets.outbox import PostState
from knowledge.journal import Journal

MESSAGES_KEPT = 10
"""Messages before the ticket that staff are shown."""


class TicketStore:
    """What staff do is told to `journal`, without anybody's words."""

    def __init__(self, engine: Engine, *, journal: Journal) -> None:
        self._engine, self._journal = engine, journal

    def add(self, conversation_id: str, values_for: Callable[[str], dict[str, Any]], *, by: str) -> Ticket:
        """Store an open ticket with the last messages of its conversation.

        `values_for(id)` gives the columns that the caller decides; the contact is sealed for the id.
        """
        latest = (
            select(messages.c.id)
            .where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.position.desc())
            .limit(MESSAGES_KEPT)
        )
        with writing(self._engine) as connection:
            while connection.scalar(select(tickets.c.id).where(tickets.c.id == (ticket_id := new_id()))):
                pass
            values = values_for(ticket_id)
            ids = list(reversed(connection.scalars(latest).all()))
            connection.execute(
                insert(tickets).values(
                    id=ticket_id, conversation_id=conversation_id, state="open", message_ids=ids, **values
                )
            )
            _note(connection, ticket_id, "opened", by=by, at=values["created_at"])
            return _one(connection, ticket_id)

    def get(self, ticket_id: str) -> Ticket:
        """Raises `UnknownTicket`."""
        with self._engine.connect() as connection:
            return _one(connection, ticket_id)

    def listed(self, states: Sequence[State] = STATES, *, limit: int = 500) -> list[Ticket]:
        """Those in one of `states`, the one that is due first before the others."""
        found = (
            select(tickets)
            .where(tickets.c.state.in_(states))
            .order_by(tickets.c.expected_at, tickets.c.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [_ticket(row) for row in connection.execute(found).mappings()]

    def events(self, ticket_id: str) -> list[Event]:
        found = (
            select(ticket_events)
            .where(ticket_events.c.ticket_id == ticket_id)
            .order_by(ticket_events.c.position)
        )
        with self._engine.connect() as connection:
            return [Event(row["what"], row["by"], row["at"]) for row in connection.execute(found).mappings()]

    def transcript(self, ticket: Ticket) -> list[Line]:
        """The messages around the ticket, the oldest first."""
        found = select(messages).where(messages.c.id.in_(ticket.message_ids)).order_by(messages.c.position)
        with self._engine.connect() as connection:
            rows = connection.execute(found).mappings().all()
        return [Line(row["role"], row["text"], row["created_at"]) for row in rows]

    def take(self, ticket_id: str, *, by: str, instead_of: str | None, at: datetime) -> None:
        """An open ticket, or one that `instead_of` holds. Raises `UnknownTicket`, `TicketTaken`."""
        free: ColumnElement[bool] = tickets.c.state == "open"
        if instead_of is not None:
            free = or_(free, tickets.c.held_by == instead_of)
        with writing(self._engine) as connection:
            before = _one(connection, ticket_id)
            _change(connection, ticket_id, free, {"state": "taken", "held_by": by})
            _note(connection, ticket_id, "taken", by=by, at=at)
            self._tell(connection, "taken", before, by=by)

    def answer(
        self, ticket_id: str, reply: Reply, *, by: str, at: datetime, post: PostState | None = None
    ) -> None:
        """Put `reply` into the conversation, and the ticket into the hands of `by`; both or neither.

        `post`: the reply goes into a chat app as well; `sending` where the caller does that now. Raises
        `UnknownTicket`, `TicketTaken` and `ConversationGone`.
        """
        free = or_(tickets.c.state == "open", tickets.c.held_by == by)
        with writing(self._engine) as connection:
            before = _one(connection, ticket_id)
            values = {"state": "answered", "held_by": by, "answered_at": at, "delivered": None}
            _change(connection, ticket_id, free, values)
            ticket = _one(connection, ticket_id)
            known = connection.execute(
                update(conversations)
                .where(conversations.c.id == ticket.conversation_id)
                .values(last_at=at)  # counted from here, the resident can still read it
            ).rowcount
            if not known:
                raise ConversationGone(ticket_id)
            connection.execute(insert(messages).values(_message(ticket, reply, at)))
            connection.execute(
                update(tickets)
                .where(tickets.c.id == ticket_id)
                .values(message_ids=[*ticket.message_ids, reply.id])
            )
            if post is not None:
                outbox.add(connection, ticket, reply.id, state=post, at=at)
            _note(connection, ticket_id, "replied", by=by, at=at)
            self._tell(connection, "replied", before, by=by)

    def settle(self, ticket_id: str, message_id: str, outcome: Outcome, *, by: str, at: datetime) -> None:
        """Keep what became of a reply. A ticket erased meanwhile is left alone."""
        with writing(self._engine) as connection:
            outbox.drop(connection, message_id)
            _settle(connection, ticket_id, outcome, by=by, at=at)

    def claim(self, channel: str, *, by: str, at: datetime) -> Post | None:
        """The next reply that waits to be sent in `channel`, now the caller's to send; None where none does.

        What somebody held and let go of, because they died, counts as not delivered: it may have left.
        """
        with writing(self._engine) as connection:
            for ticket_id in outbox.drop_left(connection, channel, at):
                _settle(connection, ticket_id, "undelivered", by=by, at=at)
            while (found := outbox.take(connection, channel, at)) is not None:
                message_id, ticket_id = found
                said = select(messages.c.conversation_id, messages.c.reply).where(messages.c.id == message_id)
                row = connection.execute(said).mappings().first()
                if row is not None:
                    message = Reply.model_validate(row["reply"])
                    return Post(message_id, ticket_id, row["conversation_id"], message)
                outbox.drop(connection, message_id)  # its conversation was deleted
                _settle(connection, ticket_id, "undelivered", by=by, at=at)
        return None

    def close(self, ticket_id: str, *, by: str, at: datetime) -> None:
        """Close, and erase the contact. Raises `UnknownTicket`, `TicketTaken` where it is closed already."""
        with erasing(self._engine) as connection:
            before = _one(connection, ticket_id)
            values = {"state": "closed", "closed_at": at, "contact": None}
            _change(connection, ticket_id, tickets.c.state != "closed", values)
            _note(connection, ticket_id, "closed", by=by, at=at)
            self._tell(connection, "closed", before, by=by)

    def sealed_contact(self, ticket_id: str, *, by: str, at: datetime) -> str | None:
        """The contact's ciphertext, once it is noted that `by` asked for it. Raises `UnknownTicket`."""
        with writing(self._engine) as connection:
            before = _one(connection, ticket_id)
            sealed = connection.scalar(select(tickets.c.contact).where(tickets.c.id == ticket_id))
            if sealed is not None:
                _note(connection, ticket_id, "contact_shown", by=by, at=at)
                self._tell(connection, "contact_shown", before, by=by)
            return sealed

    def stamp(self) -> tuple[int, int]:
        """Changes whenever anything happens to any ticket."""
        with self._engine.connect() as connection:
            last = connection.scalar(select(func.max(ticket_events.c.position)))
            return last or 0, connection.scalar(select(func.count()).select_from(tickets)) or 0

    def _tell(self, connection: Connection, what: What, before: Ticket, *, by: str) -> None:
        after = _one(connection, before.id)
        self._journal.record(
            connection,
            by=by,
            what=f"ticket.{what}",
            kind="ticket",
            subject=before.id,
            before={"state": before.state, "held_by": before.held_by},
            after={"state": after.state, "held_by": after.held_by},
        )


def _change(
    connection: Connection, ticket_id: str, allowed: ColumnElement[bool], values: dict[str, Any]
) -> None:
    changed = update(tickets).where(tickets.c.id == ticket_id, tickets.c.state != "closed", allowed)
    if not connection.execute(changed.values(values)).rowcount:
        ticket = _one(connection, ticket_id)
        raise TicketTaken(ticket_id, ticket.state, ticket.held_by)


def _settle(connection: Connection, ticket_id: str, outcome: Outcome, *, by: str, at: datetime) -> None:
    mine = update(tickets).where(tickets.c.id == ticket_id)
    if connection.execute(mine.values(delivered=outcome == "delivered")).rowcount:
        _note(connection, ticket_id, outcome, by=by, at=at)


def _note(connection: Connection, ticket_id: str, what: What, *, by: str, at: datetime) -> None:
    connection.execute(insert(ticket_events).values(ticket_id=ticket_id, what=what, by=by, at=at))


def _one(connection: Connection, ticket_id: str) -> Ticket:
    row = connection.execute(select(tickets).where(tickets.c.id == ticket_id)).mappings().one_or_none()
    if row is None:
        raise UnknownTicket(ticket_id)
    return _ticket(row)


def _ticket(row: Any) -> Ticket:
    return Ticket(
        id=row["id"],
        channel=row["channel"],
        state=row["state"],
        conversation_id=row["conversation_id"],
        question=row["question"],
        message_ids=tuple(row["message_ids"] or ()),
        has_contact=row["contact"] is not None,
        district=row["district"],
        held_by=row["held_by"],
        delivered=row["delivered"],
        created_at=row["created_at"],
        expected_at=row["expected_at"],
        answered_at=row["answered_at"],
        closed_at=row["closed_at"],
    )


def _message(ticket: Ticket, reply: Reply, at: datetime) -> dict[str, Any]:
    return {
        "id": reply.id,
        "conversation_id": ticket.conversation_id,
        "request_id": f"ticket-{ticket.id}",
        "role": "assistant",
        "kind": reply.kind,
        "text": reply.text,
        "reply": on_wire(reply),
        "degraded": False,
        "created_at": at,
    }
