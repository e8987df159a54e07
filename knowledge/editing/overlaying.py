"""The store's content as it would be with some drafts published. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from knowledge.editing.forms import Item, from_plain, id_of
from knowledge.editing.model import Draft, LexiconLine
from knowledge.model import Lexicon
from knowledge.shipped import Shipped, ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store.loading import moved, texts_of
from knowledge.versions.superseding import other_sides

T = TypeVar("T", ShippedDocument, ShippedEntry, ShippedProgramme)


def overlay(shipped: Shipped, drafts: Sequence[Draft]) -> Shipped:
    """`shipped` with the drafts' contents in place of its own, each in the state it is to have, quotes where
    they stand in the new texts. Equal to what the store holds once the drafts are applied."""
    return laid_over(shipped, [from_plain(draft.kind, draft.content) for draft in drafts])


def laid_over(shipped: Shipped, items: Sequence[Item]) -> Shipped:
    """As `overlay`, with the items themselves."""
    documents = _linked(shipped.documents, _replaced(shipped.documents, items, ShippedDocument), items)
    programmes = _replaced(shipped.programmes, items, ShippedProgramme)
    texts = texts_of(documents, programmes)
    entries = tuple(moved(entry, texts) for entry in _replaced(shipped.entries, items, ShippedEntry))
    lines = [item for item in items if isinstance(item, LexiconLine)]
    return Shipped(documents, entries, programmes, _worded(shipped.lexicon, lines))


def _replaced(held: Iterable[T], items: Iterable[Any], kind: type[T]) -> tuple[T, ...]:
    by_id = {id_of(item): item for item in held}
    by_id |= {id_of(item): item for item in items if isinstance(item, kind)}
    return tuple(by_id[name] for name in sorted(by_id))


def _linked(
    held: Iterable[ShippedDocument], documents: Iterable[ShippedDocument], items: Iterable[Any]
) -> tuple[ShippedDocument, ...]:
    """The documents with both sides of each supersession said."""
    published = [item for item in items if isinstance(item, ShippedDocument)]
    changed = other_sides({item.document.id: item.document for item in held}, published)
    return tuple(
        replace(item, document=changed[item.document.id]) if item.document.id in changed else item
        for item in documents
    )


def _worded(lexicon: Lexicon, lines: Iterable[LexiconLine]) -> Lexicon:
    tables: dict[str, Mapping[str, tuple[str, ...]]] = {}
    for line in lines:
        table = dict(tables.get(line.section) or getattr(lexicon, line.section))
        if line.state == "published":
            table[line.name] = line.words
        else:
            table.pop(line.name, None)
        tables[line.section] = {name: table[name] for name in sorted(table)}
    return replace(lexicon, **tables)
