"""Noting what has ended. Search itself lets nothing speak that does not hold on the day asked about, so an
ending needs no publication: but whoever looks after the entry should find it in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from knowledge.model import Knowledge
from knowledge.publishing.publisher import Publisher


def note_expired(publisher: Publisher, knowledge: Knowledge, day: date) -> list[str]:
    """Write a line for each entry, programme and document whose last day was `day`, once for all processes;
    returns their ids."""
    return [row_id for kind, row_id in _ending(knowledge, day) if publisher.note_ended(kind, row_id, day)]


def _ending(knowledge: Knowledge, day: date) -> Iterator[tuple[str, str]]:
    yield from (("entry", entry.id) for entry in knowledge.entries if entry.valid_to == day)
    yield from (("programme", item.id) for item in knowledge.programmes if item.valid_to == day)
    yield from (("document", item.id) for item in knowledge.documents if item.effective_to == day)
