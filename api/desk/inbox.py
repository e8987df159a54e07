"""The staff's side of questions that residents handed over: to take, to read around, to answer, to close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from api.accounts.roles import Actor, Right
from api.desk.inbox_words import refusal
from api.services import Services
from api.tickets.errors import TicketError
from api.tickets.model import Event, Line, Outcome, State, Ticket


class InboxRefusal(ValueError):
    """A step that could not be done; the message says why, in words for the person."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket with what stands around it. `reachable`: a reply gets to where the resident wrote from;
    `late`: it is past the moment that the resident was told."""

    ticket: Ticket
    lines: tuple[Line, ...]
    events: tuple[Event, ...]
    reachable: bool
    late: bool


class InboxDesk:
    """Everything raises Forbidden without the right, and InboxRefusal where somebody else was first."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor, self._tickets = services, actor, services.tickets

    def listed(self, states: Sequence[State]) -> list[Ticket]:
        """The one that is due first before the others."""
        self._actor.require(Right.edit)
        return self._tickets.listed(states)

    def stamp(self) -> tuple[int, int]:
        """Changes whenever anything happens to any ticket."""
        self._actor.require(Right.edit)
        return self._tickets.stamp()

    def now(self) -> datetime:
        self._actor.require(Right.edit)
        return self._services.clock.now()

    def open(self, ticket_id: str) -> Opened:
        self._actor.require(Right.edit)
        with _in_words():
            ticket = self._tickets.get(ticket_id)
            waits = ticket.state in ("open", "taken")
            return Opened(
                ticket,
                tuple(self._tickets.transcript(ticket.id)),
                tuple(self._tickets.events(ticket.id)),
                self._tickets.reaches(ticket.channel),
                waits and ticket.expected_at < self._services.clock.now(),
            )

    def take(self, ticket_id: str, *, instead_of: str | None = None) -> Ticket:
        """Hold it, so that nobody else answers; `instead_of` who was seen to hold it."""
        self._actor.require(Right.edit)
        with _in_words():
            return self._tickets.take(ticket_id, by=self._actor.name, instead_of=instead_of)

    def reply(self, ticket_id: str, text: str) -> Ticket:
        """`outcome` says whether the reply stands where the resident wrote from."""
        self._actor.require(Right.edit)
        with _in_words():
            return self._tickets.reply(ticket_id, text, by=self._actor.name)

    def outcome(self, ticket_id: str) -> Outcome | None:
        """What became of the last reply; None where there is none, or it is on its way."""
        self._actor.require(Right.edit)
        with _in_words():
            return self._tickets.outcome(ticket_id)

    def close(self, ticket_id: str) -> Ticket:
        """Its contact is erased for good."""
        self._actor.require(Right.edit)
        with _in_words():
            return self._tickets.close(ticket_id, by=self._actor.name)

    def contact(self, ticket_id: str) -> str | None:
        """The contact that was left, after writing down who looked; None where there is none."""
        self._actor.require(Right.edit)
        with _in_words():
            return self._tickets.contact_of(ticket_id, by=self._actor.name)


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except TicketError as error:
        raise InboxRefusal(refusal(error)) from error
