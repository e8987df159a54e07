"""NiceGUI elements of our own: the card of the residents' widget, a clause whose words can be marked, and a
frame that warns before unsaved words are left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nicegui import events, ui
from nicegui.element import Element

from api.console.guard import PREFIX


def load_writing() -> None:
    """Lets the page in use draw cards and looks of these parts; call it once in a page."""
    ui.add_head_html(
        f'<link rel="stylesheet" href="{PREFIX}/static/writing.css">'
        '<script defer src="/static/card.js"></script>'
    )


class Card(Element):
    """A message as residents see it, drawn by the widget's own code."""

    def __init__(self, reply: dict[str, Any] | None = None) -> None:
        super().__init__("lvxiaoyu-card")
        self.show(reply)

    def show(self, reply: dict[str, Any] | None) -> None:
        self._props["reply"] = reply
        self.set_visibility(reply is not None)
        self.update()


@dataclass(frozen=True, slots=True)
class Marked:
    """Words that somebody marked; offsets count code points of the clause's text."""

    start: int
    end: int
    text: str


class ClauseText(Element, component="clause_text.js"):
    """A clause's text, sentence by sentence, with what is quoted already set off."""

    def __init__(self, *, label: str, on_marked: Callable[[Marked], None]) -> None:
        super().__init__()
        self._props["label"] = label
        self._props["pieces"] = []
        self._on_marked = on_marked
        self.on("marked", self._marked)

    def show(self, pieces: Sequence[tuple[int, str, bool]]) -> None:
        """`pieces` are starts, words and whether they are quoted; together they are the whole text."""
        self._props["pieces"] = [
            {"start": start, "text": text, "quoted": quoted} for start, text, quoted in pieces
        ]
        self.update()

    def _marked(self, event: events.GenericEventArguments) -> None:
        told = event.args
        if isinstance(told, dict) and isinstance(told.get("text"), str):
            self._on_marked(Marked(int(told["start"]), int(told["end"]), told["text"]))


class Leaving(Element, component="leaving.js"):
    """Warns before the page is left while something in it is not saved. Typing marks it by itself."""

    def remember(self, unsaved: bool) -> None:
        self.run_method("remember", unsaved)
