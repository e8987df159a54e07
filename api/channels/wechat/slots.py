"""Answers that are to go out in the response to the request that brought the message.

An answer is offered once and taken by at most one request that WeChat still listens to. WeChat closes a
request after five seconds and makes it again; whoever comes first while the answer is there takes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

SENT_WITHIN_S = 5.0


LATE_S = 0.3
"""A busy loop wakes a request after its time; past this, its answer would come after WeChat hung up."""


def is_late(until: float) -> bool:
    """Whether a request that had time `until` then is not to be answered with words any more."""
    return asyncio.get_running_loop().time() > until + LATE_S


class Slot:
    def __init__(self) -> None:
        self._ready, self._text = asyncio.Event(), ""
        self._outcome: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting, self._taken, self._promised, self._ended = 0, False, False, False

    @property
    def over(self) -> bool:
        """Whether the answer was given, or is to be given in another way, or is none."""
        return self._taken or self._ended

    def promise(self) -> bool:
        """Whether the answer is to be promised now: to the first request that waited for nothing."""
        first, self._promised = not self._promised, True
        return first

    async def offer(self, text: str) -> bool:
        """Whether a request took `text` along; nobody else gets it then."""
        if not self._waiting or self._ready.is_set():
            return False
        self._text = text
        self._ready.set()
        with suppress(TimeoutError):
            return await asyncio.wait_for(asyncio.shield(self._outcome), SENT_WITHIN_S)
        return self._taken

    def end(self) -> None:
        """There is no answer any more to wait for."""
        self._ended = True
        self._ready.set()
        self._settle(False)

    async def wait(self, until: float, gone: Callable[[], Awaitable[bool]]) -> str | None:
        """The text, now this request's; None where time was over, another took it or there is none.

        `until` is a time of the loop's. Where the loop itself comes late, the text stays for another request
        or way. `gone`: whether nobody listens to this request any more. Whoever gets a text calls `sent`
        after it.
        """
        self._waiting += 1
        try:
            async with asyncio.timeout_at(until):
                await self._ready.wait()
            if await gone() or not self._text or self._taken or self._outcome.done():
                return None
            if is_late(until):
                return None
            self._taken = True
            return self._text
        except TimeoutError:
            return None
        finally:
            self._waiting -= 1
            if not self._waiting and self._ready.is_set() and not self._taken:
                self._settle(False)

    async def sent(self) -> None:
        """The text that was taken is on its way."""
        self._settle(True)

    def _settle(self, outcome: bool) -> None:
        if not self._outcome.done():
            self._outcome.set_result(outcome)
