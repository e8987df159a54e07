"""Keeps to what was promised about keeping: sweeps at the start and every hour, and has the dialogue forget.

Owns when it is done and that two processes don't both do it. What is deleted stands in `erasure`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from api.dialogue.errors import DialogueUnavailable
from api.retention.erasure import RETENTION, Erasure

log = structlog.get_logger(__name__)

SWEEP_EVERY = timedelta(hours=1)
LOOK_EVERY_S = 60.0
"""How often it is looked whether a sweep is due and whether the dialogue has something to forget."""
ERASING_WAITS_S = 2.0
"""How long somebody who has a conversation erased waits for the dialogue; past it, it forgets later."""
AT_ONCE = 200
"""Pseudonyms sent to the dialogue in one request."""


class Forgetting(Protocol):
    """The dialogue, as far as it forgets. Raises `DialogueUnavailable`, and nothing else."""

    async def forget(self, senders: Sequence[str]) -> None: ...


class Retention:
    def __init__(
        self,
        erasure: Erasure,
        *,
        dialogue: Forgetting | None,
        keep_days: int,
        also: Callable[[], object] = lambda: None,
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        """`also` is swept with the rest; it blocks."""
        self._erasure, self._dialogue, self._look_every_s = erasure, dialogue, look_every_s
        self._also = also
        self._job = f"{RETENTION} {keep_days} days"  # another number of days is another job, due at once

    async def erase(self, conversation_id: str) -> bool:
        """Delete everything of one conversation now. False: the dialogue is down or slow, and forgets later.

        Not while a turn of the conversation goes on: the turn would be stored afterwards.
        """
        pseudonym = await asyncio.to_thread(self._erasure.erase, conversation_id)
        try:
            async with asyncio.timeout(ERASING_WAITS_S):
                return await self._have_forgotten([pseudonym])
        except TimeoutError:
            return False

    async def forget_pending(self) -> bool:
        """Have the dialogue forget what it did not forget yet. False: something is left for later."""
        while senders := await asyncio.to_thread(self._erasure.to_forget, AT_ONCE):
            if not await self._have_forgotten(senders):
                return False
        return True

    async def keep_up(self) -> None:
        """One look: sweep if it is due and nobody else does it, then have the dialogue forget."""
        if await asyncio.to_thread(self._erasure.claim, self._job, SWEEP_EVERY):
            swept = await asyncio.to_thread(self._erasure.sweep)
            await asyncio.to_thread(self._also)
            log.info(
                "swept", conversations=swept.conversations, tickets=swept.tickets, contacts=swept.contacts
            )
        await self.forget_pending()

    async def run(self) -> None:
        """Look again and again until cancelled. What fails is logged and tried again."""
        while True:
            try:
                await self.keep_up()
            except Exception as error:  # noqa: BLE001 - the edge of this loop: it must go on
                log.error("upkeep_failed", exc_type=type(error).__name__)
            await asyncio.sleep(self._look_every_s)

    async def _have_forgotten(self, senders: Sequence[str]) -> bool:
        if self._dialogue is None:
            return False
        try:
            await self._dialogue.forget(senders)
        except DialogueUnavailable as error:
            log.warning("dialogue_forgets_later", reason=error.reason, senders=len(senders))
            return False
        await asyncio.to_thread(self._erasure.forgotten, senders)
        return True
