"""The open sockets of the console, by session: they end when their session does.

A session that this process ends closes its sockets at once; one that ends elsewhere (the command line,
another process, time) within `SWEPT_EVERY_S`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager

from api.accounts.sessions import Sessions

SWEPT_EVERY_S = 5.0


class LiveSockets:
    def __init__(self, sessions: Sessions, *, swept_every_s: float = SWEPT_EVERY_S) -> None:
        self._sessions, self._swept_every_s = sessions, swept_every_s
        self._open: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._loop: asyncio.AbstractEventLoop | None = None
        sessions.watch(self._on_ended)

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """While the app runs: sweep, and close what ends."""
        self._loop = asyncio.get_running_loop()
        sweeping = asyncio.create_task(self._sweep(), name="console-sockets")
        try:
            yield
        finally:
            sweeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await sweeping
            self._loop = None

    @contextlib.contextmanager
    def registered(self, session: str) -> Iterator[asyncio.Event]:
        """For as long as a socket is open: an event that is set when it must close."""
        over = asyncio.Event()
        self._open[session].add(over)
        try:
            yield over
        finally:
            self._open[session].discard(over)
            if not self._open[session]:
                del self._open[session]

    def count(self) -> int:
        return sum(len(events) for events in self._open.values())

    def _on_ended(self, sessions: Collection[str]) -> None:
        """Called in any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._close, tuple(sessions))

    def _close(self, sessions: Collection[str]) -> None:
        for session in sessions:
            for over in self._open.get(session, ()):
                over.set()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(self._swept_every_s)
            here = set(self._open)
            if here:
                self._close(here - await asyncio.to_thread(self._sessions.still_open, here))
