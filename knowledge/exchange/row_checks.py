"""What is wrong with rows that would become drafts, each sentence at its row and column. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.editing.forms import Item, Plain, id_of
from knowledge.editing.model import Kind, Stock
from knowledge.editing.overlaying import laid_over, overlay
from knowledge.editing.wording import where as place_of
from knowledge.exchange.model import Incoming, RowProblem
from knowledge.exchange.wording import words
from knowledge.model import Entry
from knowledge.shipped import ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.validation import check_document, check_id, check_programme, entry_problems, ground_of
from knowledge.wordings import check_shared_wordings

_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,44}")
_NAMED = re.compile(r"\S+ (\S+?)：.*已属于 (\S+?)（", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its item as it would be, and what the store holds of it now."""

    incoming: Incoming
    item: Item
    current: Plain | None

    @property
    def kind(self) -> Kind:
        return self.incoming.kind

    @property
    def row_id(self) -> str:
        return id_of(self.item)


def next_id(clause_id: str, taken: Iterable[str]) -> str | None:
    """The next free id of an entry on a clause or programme; None where the clause's own can't be one."""
    stem = clause_id.replace("#", "-")
    if not _ID.fullmatch(stem):
        stem = clause_id.partition("#")[0]
        if not _ID.fullmatch(stem):
            return None
    known = set(taken)
    number = 1
    while f"{stem}-{number:02}" in known:
        number += 1
    return f"{stem}-{number:02}"


def problems_of_rows(rows: Sequence[Row], stock: Stock) -> list[RowProblem]:
    """The rows checked as drafts beside what the store holds and what else comes in."""
    coming = [row for row in rows if row.incoming.content.get("state") != "withdrawn"]
    if not coming:
        return []
    drafted = [draft for draft in stock.drafts if draft.kind != "entry" and not draft.withdraws]
    after = laid_over(overlay(stock.content, drafted), [_published(row.item) for row in coming])
    ground, known = ground_of(after), {item.programme.id for item in after.programmes}
    problems: list[RowProblem] = []
    for row in coming:
        found: list[tuple[str, str]] = []
        if isinstance(row.item, ShippedEntry):
            entry = row.item.entry
            found += [("id", text) for text in check_id(place_of("entry", entry.id), entry.id)]
            found += entry_problems(entry, ground, published=False)
        elif isinstance(row.item, ShippedDocument):
            found += [("", text) for text in check_document(row.item)]
        elif isinstance(row.item, ShippedProgramme):
            found += [("", text) for text in check_programme(replace(row.item, state="draft"), (), known)]
        problems += [_problem(row, field, text) for field, text in found]
    entries = {row.row_id: row for row in coming if row.kind == "entry"}
    return problems + _shared([item.entry for item in after.entries if item.state != "withdrawn"], entries)


def _shared(standing: Iterable[Entry], entries: Mapping[str, Row]) -> list[RowProblem]:
    problems: list[RowProblem] = []
    for text in check_shared_wordings(standing, of=set(entries)):
        named = _NAMED.match(text)
        row = next((entries[name] for name in (named.groups() if named else ()) if name in entries), None)
        if row is not None:
            problems.append(_problem(row, "variants", text))
    return problems


def _published(item: Item) -> Item:
    return replace(item, state="published")


def _problem(row: Row, field: str, text: str) -> RowProblem:
    title = words()["columns"].get(field, "").partition("（")[0]
    value = row.incoming.content.get(field)
    shown = value if isinstance(value, str) else "" if value is None else str(value)
    return RowProblem(row.incoming.sheet, row.incoming.row, title, shown[:40], text)
