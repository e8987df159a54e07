"""What can be done with a ticket: open, take, reply, close, and look at the contact.

Owns the order of these steps, masking what is stored and sealing the contact. It knows no HTTP and no
console; channels other than the web page's history are `Delivery`s that the wiring hands in. All methods
block.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Engine

from actions.replies import Reply
from api import texts
from api.accounts.audit import AuditLog
from api.clock import Clock
from api.keys import Keys
from api.masking import mask
from api.settings import Settings
from api.tickets import words
from api.tickets.contacts import ContactBox, checked_contact
from api.tickets.errors import WrongWords
from api.tickets.hours import StaffHours
from api.tickets.model import STATES, Event, Line, Outcome, Post, State, Ticket, outcome_of, read_id
from api.tickets.outbox import PostState
from api.tickets.store import TicketStore
from knowledge.journal import Journal, NoJournal

LONGEST_REPLY = 2000
LONGEST_NAME = 64
RESIDENT = "resident"
SYSTEM = "app"


class Delivery(Protocol):
    """A channel that can speak first. Never raises."""

    def deliver(self, conversation_id: str, message: Reply) -> Outcome:
        """Hand `message` to the resident; it stands in the conversation's stored messages already."""


class InHistory:
    """The web page: it reads the stored messages by itself, so that being stored is being delivered."""

    def deliver(self, conversation_id: str, message: Reply) -> Outcome:
        return "delivered"


class Tickets:
    """`within_days` are the working days of `hours` in which a ticket is answered; `posted` the channels
    whose replies the app sends, whichever process they were written in."""

    def __init__(
        self,
        engine: Engine,
        *,
        box: ContactBox,
        clock: Clock,
        hours: StaffHours,
        within_days: int = 1,
        deliveries: Mapping[str, Delivery] | None = None,
        posted: Collection[str] = (),
        journal: Journal | None = None,
    ) -> None:
        self._store = TicketStore(engine, journal=journal or NoJournal())
        self._box, self._clock = box, clock
        self._hours, self._within_days = hours, within_days
        self._posted = frozenset(posted)
        self.deliveries: dict[str, Delivery] = dict(deliveries or {})

    def reaches(self, channel: str) -> bool:
        """Whether staff's replies reach residents of `channel` there."""
        return channel in self.deliveries or channel in self._posted

    def open(
        self,
        *,
        conversation_id: str,
        channel: str,
        question: str,
        contact: str | None = None,
        district: str | None = None,
    ) -> Ticket:
        """A new ticket. `contact` is as it was typed; it is sealed here. Raises `WrongWords`."""
        contact = checked_contact(contact) if contact is not None else None
        now = self._clock.now()

        def values(ticket_id: str) -> dict[str, Any]:
            return {
                "channel": channel,
                "question": mask(question, name_of=texts.masked_kind).text,
                "contact": None if contact is None else self._box.seal(contact, owner=ticket_id),
                "district": district,
                "created_at": now,
                "expected_at": self._hours.due(now, self._within_days),
            }

        return self._store.add(conversation_id, values, by=RESIDENT)

    def told(self, ticket: Ticket) -> str:
        """What the resident is told about `ticket` at once."""
        return words.opened(ticket, reachable=self.reaches(ticket.channel))

    def get(self, ticket_id: str) -> Ticket:
        """Raises `UnknownTicket`; the id may be written in any case, with spaces and hyphens."""
        return self._store.get(read_id(ticket_id))

    def listed(self, states: Sequence[State] = STATES) -> list[Ticket]:
        """Those in one of `states`, the one that is due first before the others."""
        return self._store.listed(states)

    def events(self, ticket_id: str) -> list[Event]:
        """What was done with it, the oldest first."""
        return self._store.events(self.get(ticket_id).id)

    def transcript(self, ticket_id: str) -> list[Line]:
        """The last messages before the ticket and the replies to it."""
        return self._store.transcript(self.get(ticket_id))

    def stamp(self) -> tuple[int, int]:
        """Changes whenever anything happens to any ticket: what a list on a screen is stale by."""
        return self._store.stamp()

    def take(self, ticket_id: str, *, by: str, instead_of: str | None = None) -> Ticket:
        """Hold an open ticket, or one from `instead_of`, who holds it now. Raises `TicketTaken`."""
        ticket_id = read_id(ticket_id)
        self._store.take(ticket_id, by=_name(by), instead_of=instead_of, at=self._clock.now())
        return self._store.get(ticket_id)

    def reply(self, ticket_id: str, text: str, *, by: str) -> Ticket:
        """Answer the resident in the channel they wrote in; `outcome` says what became of it.

        Where this process cannot speak in that channel, the app sends the reply as soon as it runs, and
        there is no outcome yet. A ticket that is open, or held by `by`; several replies may follow each
        other. Raises `TicketTaken`, `ConversationGone` and `WrongWords`, and then nothing is stored or sent.
        """
        text, by = text.strip(), _name(by)
        if not 1 <= len(text) <= LONGEST_REPLY:
            raise WrongWords(
                f"A reply has 1 to {LONGEST_REPLY} characters, this one has {len(text)}: shorten or write it."
            )
        ticket = self.get(ticket_id)
        said = Reply(
            id=secrets.token_hex(12),
            as_of=self._clock.today(),
            snapshot=None,
            kind="handoff",
            text=words.replied(ticket.id, text),
        )
        channel = self.deliveries.get(ticket.channel)
        outcome: Outcome = "undelivered"
        post: PostState | None = None
        if ticket.channel in self._posted:
            post = "waiting" if channel is None else "sending"
        self._store.answer(ticket.id, said, by=by, at=self._clock.now(), post=post)
        if channel is not None and ticket.conversation_id is not None:
            outcome = channel.deliver(ticket.conversation_id, said)
        if post != "waiting":
            self._store.settle(ticket.id, said.id, outcome, by=SYSTEM, at=self._clock.now())
        return self._store.get(ticket.id)

    def outcome(self, ticket_id: str) -> Outcome | None:
        """What became of the last reply; None where there is none, or it is on its way."""
        return outcome_of(self.events(ticket_id))

    def next_post(self, channel: str) -> Post | None:
        """A reply for `channel` that was written elsewhere, now the caller's to send and to `settle`."""
        return self._store.claim(channel, by=SYSTEM, at=self._clock.now())

    def settle(self, post: Post, outcome: Outcome) -> None:
        self._store.settle(post.ticket_id, post.message_id, outcome, by=SYSTEM, at=self._clock.now())

    def close(self, ticket_id: str, *, by: str) -> Ticket:
        """Close it, whoever holds it, and erase its contact. Raises `TicketTaken` if it is closed."""
        ticket_id = read_id(ticket_id)
        self._store.close(ticket_id, by=_name(by), at=self._clock.now())
        return self._store.get(ticket_id)

    def contact_of(self, ticket_id: str, *, by: str) -> str | None:
        """The contact, after it is written down that `by` saw it; None where there is none, or no more.

        Raises `ContactUnreadable` where the installation's key is another.
        """
        ticket_id = read_id(ticket_id)
        sealed = self._store.sealed_contact(ticket_id, by=_name(by), at=self._clock.now())
        return None if sealed is None else self._box.unseal(sealed, owner=ticket_id)


def build_tickets(settings: Settings, keys: Keys, engine: Engine, clock: Clock) -> Tickets:
    """The tickets of an installation: replies reach the web page by themselves, chat apps by the app."""
    return Tickets(
        engine,
        box=ContactBox(keys.contact_key),
        clock=clock,
        hours=StaffHours.parse(settings.staff_hours),
        within_days=settings.ticket_days,
        deliveries={"web": InHistory()},
        posted=settings.chat_channels,
        journal=AuditLog(engine, clock=clock),
    )


def _name(by: str) -> str:
    if not 1 <= len(by.strip()) <= LONGEST_NAME:
        raise WrongWords(f"'{by[:80]}' is no name: give who does this, in 1 to {LONGEST_NAME} characters.")
    return by.strip()
