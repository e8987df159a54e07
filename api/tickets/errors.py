"""What can go wrong with a ticket. The messages are for staff and name the ticket and the remedy."""

from __future__ import annotations


class TicketError(Exception):
    """Root of this package's errors."""


class UnknownTicket(TicketError):
    def __init__(self, ticket_id: str) -> None:
        super().__init__(
            f"There is no ticket '{ticket_id}'. `lvxiaoyu ticket list` shows those there are; "
            "a resident may have had it erased."
        )


class TicketTaken(TicketError):
    """The ticket is not, or no longer, in a state that allows what was asked; nothing was changed."""

    def __init__(self, ticket_id: str, state: str, held_by: str | None) -> None:
        whose = f" and held by {held_by}" if held_by else ""
        remedy = {
            "closed": "A closed ticket stays closed.",
        }.get(state, "Somebody else was first: look at it again, or take it over from them.")
        super().__init__(f"Ticket {ticket_id} is {state}{whose}. {remedy}")
        self.state, self.held_by = state, held_by


class ConversationGone(TicketError):
    """A reply has nowhere to go: the conversation was erased or never stored."""

    def __init__(self, ticket_id: str) -> None:
        super().__init__(
            f"The conversation of ticket {ticket_id} is no longer stored, so the reply would reach nobody. "
            "Use the contact if one was left, and close the ticket."
        )


class WrongWords(TicketError):
    """A text that cannot be used: empty or too long."""


class ContactUnreadable(TicketError):
    def __init__(self) -> None:
        super().__init__(
            "The stored contact cannot be decrypted: it was written with another key. "
            "Put the file secrets/contact_key of that time back into the data directory."
        )
