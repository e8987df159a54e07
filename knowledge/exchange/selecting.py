"""Which part of the store is exported."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from knowledge.editing.forms import Item, from_plain
from knowledge.editing.model import Stock
from knowledge.editing.overlaying import laid_over
from knowledge.errors import UnknownRow
from knowledge.exchange.wording import say
from knowledge.shipped import Shipped


def with_drafts(stock: Stock, ids: Collection[str] | None) -> Shipped:
    """Everything in the store, or only what has one of these ids, whatever kind it is.

    A row that is only a draft yet is taken from its draft where it is named, in the state of a draft. Raises
    UnknownRow where an id is nobody's.
    """
    if ids is None:
        return stock.content
    wanted = set(ids)
    drafted: list[Item] = [
        replace(from_plain(draft.kind, draft.content), state="draft")
        for draft in stock.drafts
        if draft.row_id in wanted and (draft.kind, draft.row_id) not in stock.hashes
    ]
    content = laid_over(stock.content, drafted)
    found = Shipped(
        documents=tuple(item for item in content.documents if item.document.id in wanted),
        entries=tuple(item for item in content.entries if item.entry.id in wanted),
        programmes=tuple(item for item in content.programmes if item.programme.id in wanted),
    )
    known = {item.document.id for item in found.documents} | {item.entry.id for item in found.entries}
    missing = wanted - known - {item.programme.id for item in found.programmes}
    if missing:
        raise UnknownRow(say("unknown_ids", ids="、".join(sorted(missing)[:10])))
    return found
