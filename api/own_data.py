"""What is kept about one conversation, for the resident who asks for a copy of it.

Owns gathering it. It must be asked only by who holds the conversation's token or writes from its chat, and it
changes nothing.
All functions block.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from api.services import Services
from api.store.conversations import ConversationStore
from api.store.tables import feedback, messages, tickets
from campaigns.model import Subscriber


def own_data(
    services: Services, store: ConversationStore, conversation_id: str, *, medium: str = "web"
) -> dict[str, Any]:
    """JSON values: messages, judgements, questions handed to staff, subscriptions, consents, notices.

    `medium` is the channel that the conversation is held in.
    """
    person = services.keys.pseudonym(conversation_id)
    subscriber = Subscriber(person, medium)
    subscriptions = services.subscriptions.subscriptions_of(subscriber=subscriber, include_ended=True)
    channel = services.web_channel
    return {
        "exported_at": services.clock.now().isoformat(),
        "conversation_id": conversation_id,
        "kept_days": services.settings.keep_days,
        "messages": store.history(conversation_id, limit=None),
        "notices": channel.showing.shown(channel.notices.of(conversation_id, most=None)),
        "feedback": _feedback(services, conversation_id),
        "handed_to_staff": _tickets(services, conversation_id),
        "subscriptions": [
            {
                "topics": list(one.topics),
                "district": one.district,
                "setting": one.setting,
                "frequency": one.frequency,
                "state": one.state,
                "consented_at": one.consented_at.isoformat(),
                "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            }
            for one in subscriptions
        ],
        "consents": [
            {
                "kind": one.kind,
                "at": one.at.isoformat(),
                "topics": list(one.topics),
                "wording": one.wording.text,
            }
            for one in services.subscriptions.consents_of(subscriber=subscriber)
        ],
    }


def _feedback(services: Services, conversation_id: str) -> list[dict[str, Any]]:
    given = (
        select(*feedback.c["message_id", "useful", "reason", "comment", "given_at"])
        .join(messages, messages.c.id == feedback.c.message_id)
        .where(messages.c.conversation_id == conversation_id)
        .order_by(messages.c.position)
    )
    with services.engine.connect() as connection:
        rows = connection.execute(given).mappings().all()
    return [{**row, "given_at": row["given_at"].isoformat()} for row in rows]


def _tickets(services: Services, conversation_id: str) -> list[dict[str, Any]]:
    """Only whether a contact is kept: it stands sealed, for the staff member who calls back."""
    asked = (
        select(*tickets.c["id", "state", "question", "district", "contact", "created_at"])
        .where(tickets.c.conversation_id == conversation_id)
        .order_by(tickets.c.created_at)
    )
    with services.engine.connect() as connection:
        rows = connection.execute(asked).mappings().all()
    return [
        {**row, "contact": row["contact"] is not None, "created_at": row["created_at"].isoformat()}
        for row in rows
    ]
