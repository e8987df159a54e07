"""Small elements of these pages. Texts that people wrote are only ever shown as labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nicegui import ui

from api.console.guard import PREFIX
from index.explained_words import word

_VERDICTS = {"answer": "primary", "clarify": "warning", "abstain": "blue-grey-8"}


def load_trials() -> None:
    """Lets the page in use draw these parts; call it once in a page."""
    ui.add_head_html(f'<link rel="stylesheet" href="{PREFIX}/static/trials.css">')


def verdict_badge(verdict: str) -> ui.badge:
    return ui.badge(word("verdict", verdict), color=_VERDICTS.get(verdict, "grey-7")).classes("console-badge")


def golden_badge(expected: bool | None) -> None:
    """Whether a golden question is done right; nothing where it is none."""
    if expected is not None:
        said, colour = ("黄金题 √", "positive") if expected else ("黄金题 ×", "negative")
        ui.badge(said, color=colour).props("outline").classes("console-badge")


def marked_text(text: str, marks: Iterable[str], *, classes: str = "") -> None:
    """A text with some of its words set off, each piece a label of its own."""
    with ui.element("p").classes(f"trials-text {classes}"):
        for piece, marked in _pieces(text, [mark for mark in marks if mark]):
            ui.label(piece).classes("trials-mark" if marked else "trials-piece")


def _pieces(text: str, marks: list[str]) -> Iterator[tuple[str, bool]]:
    """`text` cut at the marks, the earliest first, of two that begin together the longer."""
    start = 0
    while start < len(text):
        places = [(text.find(mark, start), -len(mark)) for mark in marks]
        found = min((place for place in places if place[0] >= 0), default=None)
        if found is None:
            break
        at, length = found[0], -found[1]
        if at > start:
            yield text[start:at], False
        yield text[at : at + length], True
        start = at + length
    if start < len(text):
        yield text[start:], False


def clause_address(clause_id: str) -> str:
    """Where the public site shows a clause or programme."""
    document, _, path = clause_id.partition("#")
    return f"/policies/{document}#{path}" if path else f"/policies/{document}"


def outside_link(text: str, address: str) -> ui.element:
    """A link to the public site: `ui.link` would put the console's prefix before it."""
    with ui.element("a").classes("nicegui-link") as link:
        link.props["href"], link.props["target"], link.props["rel"] = address, "_blank", "noopener"
        ui.label(text)
    return link
