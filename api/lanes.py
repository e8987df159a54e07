"""One lane a conversation: its messages are answered one after the other, in the order they came.

Owns the locks and how many may wait. A lane exists only while somebody is in it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


class LaneFull(Exception):
    """Too many messages of this conversation wait already, or this one waited too long."""


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    inside: int = 0


class Lanes:
    """`waiting` may queue behind the one being answered, each for `patience_s` at most."""

    def __init__(self, *, waiting: int, patience_s: float) -> None:
        self._waiting, self._patience_s = waiting, patience_s
        self._lanes: dict[str, _Lane] = {}

    def __len__(self) -> int:
        return len(self._lanes)

    @asynccontextmanager
    async def enter(self, name: str) -> AsyncIterator[None]:
        """Hold the lane `name`. Raises `LaneFull`."""
        lane = self._lanes.setdefault(name, _Lane())
        if lane.inside > self._waiting:
            raise LaneFull
        lane.inside += 1
        try:
            try:
                async with asyncio.timeout(self._patience_s):
                    await lane.lock.acquire()
            except TimeoutError:
                raise LaneFull from None
            try:
                yield
            finally:
                lane.lock.release()
        finally:
            lane.inside -= 1
            if not lane.inside and self._lanes.get(name) is lane:
                del self._lanes[name]
