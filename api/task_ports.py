"""What guided tasks ask of the app: the staff's inbox and the residents' opinions, by pseudonym.

A task knows a resident by the dialogue's pseudonym alone; here stands which conversation that is.
"""

from __future__ import annotations

from collections.abc import Callable

from api.feedback import Feedback
from api.tickets.contacts import ContactStash
from api.tickets.service import Tickets

ConversationOf = Callable[[str], str | None]


class NoConversation(LookupError):
    """A pseudonym that no stored conversation has: its turns could not be kept, or it was erased."""

    def __init__(self, person: str) -> None:
        super().__init__(f"No conversation has the pseudonym {person}; it was erased or never stored.")


class TicketInbox:
    def __init__(self, tickets: Tickets, stash: ContactStash, conversation_of: ConversationOf) -> None:
        self._tickets, self._stash, self._conversation_of = tickets, stash, conversation_of

    def open(
        self, *, person: str, channel: str, question: str, district: str | None, with_contact: bool
    ) -> str:
        """A ticket, and what the resident is told about it. Raises `NoConversation`."""
        conversation = self._conversation_of(person)
        if conversation is None:
            raise NoConversation(person)
        ticket = self._tickets.open(
            conversation_id=conversation,
            channel=channel,
            question=question,
            contact=self._stash.take(person) if with_contact else None,
            district=district,
        )
        return self._tickets.told(ticket)


class KeptOpinions:
    def __init__(self, feedback: Feedback, conversation_of: ConversationOf) -> None:
        self._feedback, self._conversation_of = feedback, conversation_of

    def judge_last(self, *, person: str, useful: bool, reason: str | None, comment: str | None) -> bool:
        """False where there is no conversation or no answer in it."""
        conversation = self._conversation_of(person)
        return conversation is not None and self._feedback.judge_last(
            conversation, useful=useful, reason=reason, comment=comment
        )
