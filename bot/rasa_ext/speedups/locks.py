"""A second message of a conversation waits for the first one's end, not for the next full second.

Stock Rasa looks once a second whether a conversation's lock is free. Messages come here one after another,
so this counts only after a message was given up: then the next one went on up to a second late.
"""

from __future__ import annotations

from rasa.core.lock import TicketLock
from rasa.core.lock_store import InMemoryLockStore, LockStore

LOOK_AGAIN_S = 0.02


def install() -> None:
    InMemoryLockStore._acquire_lock = _acquire_lock


async def _acquire_lock(
    self: InMemoryLockStore, conversation_id: str, ticket: int, wait_time_in_seconds: float
) -> TicketLock:
    wait_s = min(wait_time_in_seconds, LOOK_AGAIN_S)
    return await LockStore._acquire_lock(self, conversation_id, ticket, wait_s)
