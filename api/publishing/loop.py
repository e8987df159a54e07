"""What this process does for publishing in the background, every second and every five.

Every second it serves what another process made live or withheld; every five it sees that the index is what
the database says and publishes what has fallen due. Several processes may run it: whatever is to be done once
is guarded by a row.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, timedelta

import structlog

from index.live import LiveIndex
from knowledge.publishing.errors import Busy
from knowledge.publishing.expiry import note_expired
from knowledge.publishing.publisher import Publisher

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
SWEEP_EVERY = 5
"""Looks between two sweeps."""


class PublishingLoop:
    def __init__(
        self,
        live: LiveIndex,
        publisher: Publisher,
        *,
        today: Callable[[], date],
        look_every_s: float = LOOK_EVERY_S,
    ) -> None:
        self._live, self._publisher, self._today = live, publisher, today
        self._look_every_s = look_every_s

    async def run(self) -> None:
        """Look again and again until cancelled. What fails is logged and tried again."""
        looks = 0
        while True:
            await self._do("following", self._follow)
            if looks % SWEEP_EVERY == 0:
                await self._do("catching_up", self._publisher.catch_up)
                await self._do("publishing_due", self._publisher.publish_due)
                await self._do("expiring", self._note_expired)
            looks += 1
            await asyncio.sleep(self._look_every_s)

    def _follow(self) -> None:
        self._publisher.hold_back()
        if self._live.follow():
            log.info("following", snapshot=self._live.snapshot)

    def _note_expired(self) -> None:
        """What was good until yesterday is not answered from today; editors find it in the journal."""
        note_expired(self._publisher, self._live.knowledge, self._today() - timedelta(days=1))

    async def _do(self, what: str, work: Callable[[], object]) -> None:
        try:
            await asyncio.to_thread(work)
        except Busy:
            pass  # somebody is publishing, and will finish
        except Exception as error:  # noqa: BLE001 - the edge of this loop: it must go on
            log.error("publishing_upkeep_failed", what=what, exc_type=type(error).__name__, why=str(error))
