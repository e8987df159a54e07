"""Which entry says a question already, in whichever way it is written; kept for one snapshot at a time."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge.model import Entry, Knowledge
from knowledge.wordings import same_form


@dataclass(frozen=True, slots=True)
class Owner:
    """An entry and how it words the question."""

    entry_id: str
    text: str


class KnownWordings:
    """The published wordings by their common form. Levelling tens of thousands of them takes a second, so it
    is done once a snapshot."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Knowledge, Mapping[str, tuple[Owner, ...]]] | None = None

    def owners(self, knowledge: Knowledge) -> Mapping[str, tuple[Owner, ...]]:
        with self._lock:
            if self._kept is None or self._kept[0] is not knowledge:
                self._kept = (knowledge, _owners(knowledge))
            return self._kept[1]


def wordings_of(entry: Entry) -> dict[str, str]:
    """The entry's wordings by their common form, each form once."""
    forms: dict[str, str] = {}
    for text in (entry.question, *entry.variants):
        form = same_form(text)
        if form:
            forms.setdefault(form, text)
    return forms


def _owners(knowledge: Knowledge) -> Mapping[str, tuple[Owner, ...]]:
    found: dict[str, tuple[Owner, ...]] = {}
    for entry in knowledge.entries:
        for form, text in wordings_of(entry).items():
            found[form] = (*found.get(form, ()), Owner(entry.id, text))
    return found
