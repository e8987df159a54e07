"""The entries as editors see them listed: rows and open drafts together, filtered, sorted, a page at a time.

Pure: the desk reads the light columns that a list needs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from knowledge.editing.model import Draft
from knowledge.store.entry_lines import EntryLine

SOON = timedelta(days=30)
Sort = Literal["id", "updated", "expiring", "used"]
Special = Literal["expiring", "ageing", "edited", "drafted"]


@dataclass(frozen=True, slots=True)
class Line:
    """`state` is the row's, None where only a draft exists; `draft` is the open draft's, with `author` its
    author. `ends_on` is the first day after which the entry or what it rests on no longer holds. `uses` are
    the answers given from it lately, None where nobody counted."""

    id: str
    question: str
    state: str | None
    draft: str | None
    author: str | None
    force: str | None
    tags: tuple[str, ...]
    document_id: str | None
    wordings: int
    ends_on: date | None
    edited: bool
    updated_at: datetime
    updated_by: str
    uses: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list shall show; None and "" leave a filter out. `page` counts from 1."""

    words: str = ""
    document: str | None = None
    state: str | None = None
    force: str | None = None
    tag: str | None = None
    special: Special | None = None
    sort: Sort = "id"
    descending: bool = False
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class Page:
    """One page of `total` lines; `page` is the last one there is where the wanted one is beyond it."""

    lines: tuple[Line, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What a list needs besides the rows: today, the last days of documents and programmes by id, the ids of
    entries that are old but often used, and how often each entry answered."""

    today: date
    ends: Mapping[str, date]
    ageing: Collection[str] = ()
    uses: Mapping[str, int] | None = None


def page_of(
    rows: Sequence[EntryLine],
    holding: Collection[str] | None,
    drafts: Sequence[Draft],
    wanted: Wanted,
    facts: Facts,
) -> Page:
    """The wanted page of rows and drafts; a draft's words are what is shown of a row that has one."""
    lines = [line for line in _merged(rows, drafts, facts) if _fits(line, wanted, facts)]
    words = wanted.words.strip().casefold()
    if words:
        drafted = {draft.row_id for draft in drafts if words in _words_of(draft).casefold()}
        found = drafted | set(holding or ())
        lines = [line for line in lines if line.id in found]
    lines.sort(key=lambda line: line.id)
    lines.sort(key=lambda line: _rank(line, wanted.sort), reverse=wanted.descending)
    pages = max(1, -(-len(lines) // wanted.size))
    number = min(max(wanted.page, 1), pages)
    start = (number - 1) * wanted.size
    return Page(tuple(lines[start : start + wanted.size]), len(lines), number, pages)


def _merged(rows: Sequence[EntryLine], drafts: Sequence[Draft], facts: Facts) -> list[Line]:
    by_id = {draft.row_id: draft for draft in drafts}
    lines = [_line(row, facts) for row in rows]
    merged = [_drafted(line, by_id.pop(line.id)) if line.id in by_id else line for line in lines]
    for draft in by_id.values():
        empty = Line(draft.row_id, "", None, None, None, None, (), None, 1, None, True, draft.updated_at, "")
        merged.append(_drafted(empty, draft))
    return merged


def _line(row: EntryLine, facts: Facts) -> Line:
    document_id = row.clause_id.partition("#")[0] if row.clause_id else None
    ends = [day for day in (row.valid_to, facts.ends.get(document_id or "")) if day is not None]
    return Line(
        id=row.id,
        question=row.question,
        state=row.state,
        draft=None,
        author=None,
        force=row.force,
        tags=row.tags,
        document_id=document_id,
        wordings=row.wordings,
        ends_on=min(ends, default=None),
        edited=row.edited,
        updated_at=row.updated_at,
        updated_by=row.updated_by,
        uses=facts.uses.get(row.id, 0) if facts.uses is not None else None,
    )


def _drafted(line: Line, draft: Draft) -> Line:
    content = draft.content
    quotes = content.get("quotes") or ()
    return replace(
        line,
        question=content.get("question") or line.question,
        draft=draft.state,
        author=draft.author,
        force=content.get("force"),
        tags=tuple(content.get("tags") or ()),
        document_id=quotes[0]["clause"].partition("#")[0] if quotes else line.document_id,
        wordings=1 + len(content.get("variants") or ()),
        updated_at=draft.updated_at,
        updated_by=draft.updated_by,
    )


def _fits(line: Line, wanted: Wanted, facts: Facts) -> bool:
    if wanted.state and wanted.state not in (line.state, line.draft):
        return False
    if wanted.special == "expiring":
        soon = line.state == "published" and line.ends_on is not None
        if not soon or line.ends_on is None or not facts.today <= line.ends_on <= facts.today + SOON:
            return False
    return (
        (not wanted.document or line.document_id == wanted.document)
        and (not wanted.force or line.force == wanted.force)
        and (not wanted.tag or wanted.tag in line.tags)
        and (wanted.special != "edited" or line.edited)
        and (wanted.special != "drafted" or line.draft is not None)
        and (wanted.special != "ageing" or line.id in facts.ageing)
    )


def _rank(line: Line, sort: Sort) -> tuple[bool, object]:
    if sort == "updated":
        return (False, line.updated_at)
    if sort == "expiring":
        return (line.ends_on is None, line.ends_on or date.max)
    if sort == "used":
        return (False, -(line.uses or 0))
    return (False, line.id)


def _words_of(draft: Draft) -> str:
    content = draft.content
    quotes = (quote["text"] for quote in content.get("quotes") or ())
    named = (draft.row_id, content.get("question") or "", content.get("plain") or "")
    return "\n".join((*named, *(content.get("variants") or ()), *quotes))
