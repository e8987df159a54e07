"""Open pages that wait for notices: one look at the database a second serves them all.

Whoever writes a notice may be another process, so the database is asked, and only while a page is open.
Lives on the event loop; knows nothing of HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 1.0
MOST_STREAMS = 1000
"""Pages kept open at once by one process; a page beyond them looks for itself now and then."""
MOST_A_CONVERSATION = 4
AT_ONCE = 400
"""Conversations asked for in one query: below every database's limit of parameters."""

Counts = Callable[[Collection[str]], Mapping[str, int]]


@dataclass(eq=False, slots=True)
class Stream:
    """One open page. `news` is set when there may be something new, or the stream is to end."""

    conversation_id: str
    news: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False

    def end(self) -> None:
        self.ended = True
        self.news.set()


class Streams:
    def __init__(
        self, counts: Counts, *, look_every_s: float = LOOK_EVERY_S, most: int = MOST_STREAMS
    ) -> None:
        """`counts` tells how many notices each conversation has; it blocks and runs in a thread."""
        self._counts, self._look_every_s, self._most = counts, look_every_s, most
        self._open: dict[str, list[Stream]] = {}
        self._seen: dict[str, int] = {}
        self._watching: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def size(self) -> int:
        return sum(map(len, self._open.values()))

    @contextmanager
    def opened(self, conversation_id: str) -> Iterator[Stream]:
        """A stream for as long as the page holds it. One that has ended already where there are too many;
        a conversation's oldest gives way to its newest."""
        stream = Stream(conversation_id)
        if self._closed or self.size >= self._most:
            stream.end()
            yield stream
            return
        mine = self._open.setdefault(conversation_id, [])
        if len(mine) >= MOST_A_CONVERSATION:
            mine.pop(0).end()
        mine.append(stream)
        if self._watching is None or self._watching.done():
            self._watching = asyncio.get_running_loop().create_task(self._watch(), name="notices")
        try:
            yield stream
        finally:
            if stream in mine:
                mine.remove(stream)
            if not mine and self._open.get(conversation_id) is mine:
                del self._open[conversation_id]
                self._seen.pop(conversation_id, None)

    def close(self) -> None:
        """End every stream, so that a server that stops need not wait for them. Safe to call twice."""
        self._closed = True
        for stream in [stream for mine in self._open.values() for stream in mine]:
            stream.end()
        if self._watching is not None:
            self._watching.cancel()

    async def _watch(self) -> None:
        while self._open:
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - the edge of this loop: it must go on
                log.error("notices_not_looked_for", exc_type=type(error).__name__)
            await asyncio.sleep(self._look_every_s)

    async def _look(self) -> None:
        waiting = list(self._open)
        for start in range(0, len(waiting), AT_ONCE):
            asked = waiting[start : start + AT_ONCE]
            counts = await asyncio.to_thread(self._counts, asked)
            for conversation_id in asked:
                now = counts.get(conversation_id, 0)
                if self._seen.get(conversation_id) != now:
                    self._seen[conversation_id] = now
                    for stream in self._open.get(conversation_id, ()):
                        stream.news.set()
