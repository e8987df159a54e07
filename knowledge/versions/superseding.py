"""Supersession has two sides: the newer text names the older, the older the newer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from knowledge.model import Document
from knowledge.shipped import ShippedDocument


def other_sides(held: Mapping[str, Document], published: Iterable[ShippedDocument]) -> dict[str, Document]:
    """The documents that have to change because `published` take their places: those a published one
    supersedes name it, those it no longer supersedes do not, and the one that supersedes it names it.

    `held` is what was there before, by id.
    """
    after = dict(held)
    items = [item for item in published if item.state == "published"]
    after |= {item.document.id: item.document for item in items}
    own = set(after) - set(held) | {item.document.id for item in items}
    for item in items:
        document = item.document
        before = held.get(document.id)
        for name in document.supersedes:
            older = after.get(name)
            if older is not None and name != document.id:
                after[name] = replace(older, superseded_by=document.id)
        for name in before.supersedes if before is not None else ():
            older = after.get(name)
            if name not in document.supersedes and older is not None and older.superseded_by == document.id:
                after[name] = replace(older, superseded_by=None)
        newer = after.get(document.superseded_by or "")
        if newer is not None and document.id not in newer.supersedes and newer.id != document.id:
            after[newer.id] = replace(newer, supersedes=(*newer.supersedes, document.id))
    return {
        name: document
        for name, document in after.items()
        if document != (_own(items, name) if name in own else held[name])
    }


def _own(items: Iterable[ShippedDocument], name: str) -> Document | None:
    return next((item.document for item in items if item.document.id == name), None)
