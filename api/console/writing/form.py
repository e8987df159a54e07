"""What is being written, and who wants to know that it changed: previews at once, saving a moment later."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from nicegui import ui
from nicegui.element import Element

Act = Callable[[], Awaitable[None]]
TICK_S = 0.25


@dataclass(slots=True)
class _Watcher:
    delay_s: float
    act: Act
    shows: bool
    owner: Element | None
    seen: int


class Form:
    """The plain form in one editor's page. Parts change `content` through `put`, or in place and then say
    `touch`; watchers hear of it once nothing has changed for their delay."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.content = content
        self.version = 0
        self.editable = True
        self._changed_at = time.monotonic()
        self._watchers: list[_Watcher] = []
        self._redraws: list[Callable[[], None]] = []

    def put(self, field: str, value: Any) -> None:
        if self.content.get(field) != value:
            self.content[field] = value
            self.touch()

    def touch(self) -> None:
        self.version += 1
        self._changed_at = time.monotonic()

    def watch(self, act: Act, *, delay_s: float, shows: bool = True, owner: Element | None = None) -> None:
        """Calls `act` once the form has been left alone for `delay_s`. With `shows`, it draws something: then
        it is called at the start and after a redraw, too. It ends with the `owner` element."""
        self._watchers.append(_Watcher(delay_s, act, shows, owner, -1 if shows else self.version))

    def on_redraw(self, draw: Callable[[], None]) -> None:
        """`draw` shows `content` anew, when it was changed by something other than the part itself."""
        self._redraws.append(draw)

    def replace(self, content: dict[str, Any]) -> None:
        """Another content altogether: parts show it."""
        self.content = content
        self.touch()
        self.redraw()

    def redraw(self) -> None:
        """Every part shows the content anew."""
        for draw in self._redraws:
            draw()
        for watcher in self._watchers:
            if watcher.shows:
                watcher.seen = -1

    def start(self) -> None:
        """Begin to tell the watchers; call it once all of them are there."""
        ui.timer(TICK_S, self.tick)

    async def tick(self) -> None:
        quiet_s = time.monotonic() - self._changed_at
        self._watchers = [w for w in self._watchers if w.owner is None or not w.owner.is_deleted]
        for watcher in list(self._watchers):
            if watcher.seen != self.version and (quiet_s >= watcher.delay_s or watcher.seen < 0):
                watcher.seen = self.version
                await watcher.act()
