"""Where on the page each fault is said: beside the field that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nicegui import ui

from campaigns.content import DEFAULT
from campaigns.finding import Finding

_OF_CODE = {
    "name_unknown": "text",
    "text_too_long": "text",
    "version_missing": "text",
    "link_not_https": "links",
    "picture_not_https": "picture",
    "picture_without_alternative": "picture",
    "quiz_without_clause": "quiz",
}
_ELSEWHERE = {
    "clause_not_in_force": "grounds",
    "nothing_cited": "grounds",
    "audience_nobody": "audience",
    "audience_everybody": "audience",
    "channel_without_sender": "audience",
}


@dataclass(frozen=True, slots=True)
class Note:
    """One thing said at a place. With `asks` it is a question, without it must be mended."""

    place: str
    text: str
    asks: bool = False


def note_of(found: Finding) -> Note:
    """A check's finding at its place; what is about no field of message or audience is about the time."""
    if found.code in _OF_CODE:
        version = found.where if found.code != "version_missing" else DEFAULT
        return Note(f"{version or DEFAULT}:{_OF_CODE[found.code]}", found.text, found.asks)
    return Note(_ELSEWHERE.get(found.code, "schedule"), found.text, found.asks)


class Places:
    def __init__(self) -> None:
        self._columns: dict[str, ui.column] = {}
        self._told: dict[str, list[Note]] = {}

    def here(self, place: str) -> None:
        """From now on what is said of `place` stands here."""
        self._columns[place] = ui.column().classes("camp-notes").props("aria-live=polite")
        self._draw(place)

    def tell(self, notes: Iterable[Note]) -> None:
        """Say these, and nothing that was said before."""
        before, self._told = self._told, {}
        for note in notes:
            self._told.setdefault(note.place, []).append(note)
        for place in {*before, *self._told}:
            if before.get(place) != self._told.get(place):
                self._draw(place)

    @property
    def told(self) -> Mapping[str, Sequence[Note]]:
        return self._told

    def _draw(self, place: str) -> None:
        column = self._columns.get(place)
        if column is None or column.is_deleted:
            return
        column.clear()
        with column:
            for note in self._told.get(place, []):
                with ui.row().classes("camp-finding" + (" asks" if note.asks else "")):
                    ui.icon("help_outline" if note.asks else "error_outline", size="18px")
                    ui.label(note.text).classes("writing-grow")
        column.set_visibility(bool(self._told.get(place)))
