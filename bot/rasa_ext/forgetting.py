"""Has Rasa forget conversations: their trackers leave the tracker store, its memory and its file.

Owns the order against messages under way. Which rows go is up to the store, who may ask to the channel.
"""

from __future__ import annotations

from typing import Any, List, Text

import sqlalchemy as sa


class CannotForget(Exception):
    """The tracker store in use cannot delete a conversation: stock Rasa's can't."""


async def forget(agent: Any, senders: List[Text]) -> None:
    """Deletes the trackers of `senders`, each once no message of it is under way. Raises `CannotForget`."""
    store = primary(agent.tracker_store)
    if not hasattr(store, "delete"):
        raise CannotForget(type(store).__name__)
    for sender in senders:
        # A turn under way would save its tracker after us: Rasa's own lock of that conversation has us wait.
        async with agent.lock_store.lock(sender):
            store.delete(sender)
            _forget_spare(agent.tracker_store, sender)
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)")).fetchall()


def primary(store: Any) -> Any:
    """The store that was configured, out of the wrappers that Rasa puts around it."""
    while hasattr(store, "_tracker_store"):
        store = store._tracker_store
    return store


def _forget_spare(store: Any, sender: Text) -> None:
    """Where saving failed, Rasa put the tracker into a second store, in memory."""
    spare = getattr(store, "_fallback_tracker_store", None)
    if spare is not None:
        spare.store.pop(sender, None)
