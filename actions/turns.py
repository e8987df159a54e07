"""What an action reads from Rasa's tracker: the request's id and channel, the intent, the entities.

Owns the shape of the tracker so that no action digs in it. It must not keep anything between turns.
"""

from __future__ import annotations

from rasa_sdk import Tracker

from actions.context import Prompt


def request_id_of(tracker: Tracker) -> str:
    """The id that the app sent with the message; empty for a message that did not come from the app."""
    return str((tracker.latest_message.get("metadata") or {}).get("request_id") or "")


def entities_of(tracker: Tracker) -> tuple[tuple[str, str], ...]:
    """(entity, value) pairs of the latest message, in the order of the text, each once."""
    found = sorted(tracker.latest_message.get("entities") or [], key=lambda entity: entity.get("start") or 0)
    return tuple(dict.fromkeys((str(entity["entity"]), str(entity["value"])) for entity in found))


def intent_of(tracker: Tracker) -> str:
    """What the dialogue took the latest message for."""
    return str((tracker.latest_message.get("intent") or {}).get("name") or "")


def channel_of(tracker: Tracker) -> str:
    """The channel that the app sent with the message."""
    return str((tracker.latest_message.get("metadata") or {}).get("channel") or "web")


def prompt_of(tracker: Tracker) -> Prompt | None:
    """The campaign message that the latest message replies to, as the app sent it along."""
    return Prompt.of_json((tracker.latest_message.get("metadata") or {}).get("prompt"))
