"""Who else has the same row open: told early, so that two people don't write the same thing twice.

The console runs in one process, so a table in memory is enough; saving is guarded elsewhere.
"""

from __future__ import annotations

from collections import defaultdict

from nicegui import Client, ui

_OPEN: dict[str, dict[str, str]] = defaultdict(dict)
"""Names of those who have a row open, by the row and by the page's number."""


class Presence:
    """Draws a line while others have the row open."""

    def __init__(self, row: str, name: str) -> None:
        self._row, client = row, ui.context.client
        self._mine = client.id
        _OPEN[row][client.id] = name
        client.on_delete(lambda: self._leave(client))
        with ui.row().classes("writing-banner calm") as self._banner:
            ui.icon("group", size="20px")
            self._label = ui.label().classes("writing-grow")
        self._banner.props("role=status")
        self._show()
        ui.timer(3.0, self._show)

    def _leave(self, client: Client) -> None:
        _OPEN[self._row].pop(client.id, None)
        if not _OPEN[self._row]:
            _OPEN.pop(self._row, None)

    def _show(self) -> None:
        others = sorted({name for page, name in _OPEN[self._row].items() if page != self._mine})
        self._label.set_text(f"{'、'.join(others)} 也打开了这一页；谁先保存，另一位会收到提示。")
        self._banner.set_visibility(bool(others))
