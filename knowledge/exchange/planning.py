"""What importing some rows would do, and doing it: every row becomes a draft, or nothing does.

`plan` is pure: it compares rows with the store as it was read, and finds what is wrong with each. Carrying a
plan out saves all its drafts in one transaction and refuses where a row changed in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from knowledge.editing.differences import changes
from knowledge.editing.forms import Plain, from_plain, to_plain
from knowledge.editing.model import Draft, LexiconLine, Proposal, Stock
from knowledge.editing.overlaying import overlay
from knowledge.editing.service import Editing
from knowledge.editing.wording import local
from knowledge.editing.wording import where as place_of
from knowledge.errors import InvalidContent
from knowledge.exchange.model import ImportPlan, ImportRefused, Incoming, Planned, Reading, RowProblem
from knowledge.exchange.row_checks import Row, next_id, problems_of_rows
from knowledge.exchange.wording import say
from knowledge.fields import field_label, say_of_field
from knowledge.model import LEXICON_TABLES
from knowledge.shipped import Shipped, ShippedDocument, ShippedEntry, ShippedProgramme
from knowledge.store.loading import moved, texts_of

Held = Mapping[tuple[str, str], Plain]

_LISTS = ("new", "changed", "unchanged", "conflicts", "skipped")
_UNSAID = ("draft", "in_review")


def plan(reading: Reading, stock: Stock) -> ImportPlan:
    """What importing `reading` into the store would do."""
    problems = list(reading.problems)
    rows = _located(_rows(reading.rows, stock, _held(stock.content), problems), stock)
    lists: dict[str, list[Planned]] = {name: [] for name in _LISTS}
    touched: list[Row] = []
    for row in rows:
        name, planned = _compared(row, stock)
        lists[name].append(planned)
        if name in ("new", "changed", "conflicts"):
            touched.append(row)
    problems += problems_of_rows(touched, stock)
    problems.sort(key=lambda problem: (problem.sheet, problem.row or 0))
    return ImportPlan(**{name: tuple(found) for name, found in lists.items()}, problems=tuple(problems))


def carry_out(editing: Editing, plan: ImportPlan, *, by: str, note: str = "") -> list[Draft]:
    """Saves every new and changed row as a draft, all or none.

    Raises ImportRefused where the plan isn't ready, DraftConflict or RowChanged where the store is another by
    now.
    """
    if not plan.ready:
        raise ImportRefused([*plan.problems, *map(_standing, plan.conflicts)])
    proposals = [planned.proposal for planned in (*plan.new, *plan.changed)]
    return editing.save_all(proposals, by=by, note=note)


def _held(content: Shipped) -> Held:
    """The plain form of everything in the store, by kind and id."""
    lines = [
        LexiconLine(section, name, found)
        for section in LEXICON_TABLES
        for name, found in getattr(content.lexicon, section).items()
    ]
    out: dict[tuple[str, str], Plain] = {("lexicon", line.id): to_plain(line) for line in lines}
    out |= {("document", item.document.id): to_plain(item) for item in content.documents}
    out |= {("programme", item.programme.id): to_plain(item) for item in content.programmes}
    return out | {("entry", item.entry.id): to_plain(item) for item in content.entries}


def _rows(incoming: Sequence[Incoming], stock: Stock, held: Held, problems: list[RowProblem]) -> list[Row]:
    """The rows that can be read; what is wrong with the others goes into `problems`."""
    taken = {row_id for kind, row_id in held if kind == "entry"}
    taken |= {draft.row_id for draft in stock.drafts if draft.kind == "entry"}
    taken |= {row.row_id for row in incoming if row.row_id}
    asked = {str(plain["question"]): row_id for (kind, row_id), plain in held.items() if kind == "entry"}
    seen: dict[tuple[str, str], int] = {}
    found: list[Row] = []
    for row in incoming:
        try:
            row_id = row.row_id or _made_id(row, taken, asked)
            taken.add(row_id)
            first = seen.get((row.kind, row_id))
            if first is not None:
                raise InvalidContent(say("id_twice", id=row_id, row=first))
            seen[row.kind, row_id] = row.row
            current = held.get((row.kind, row_id))
            draft = stock.draft_of(row.kind, row_id)
            base = current if current is not None else draft.content if draft is not None else {}
            named = {} if row.kind == "lexicon" else {"id": row_id}
            item = from_plain(row.kind, {**_staying(base, row), **row.content, **named})
            found.append(Row(row, item, current))
        except InvalidContent as error:
            problems.append(RowProblem(row.sheet, row.row, "", "", str(error)))
    return found


def _staying(base: Mapping[str, Any], row: Incoming) -> dict[str, Any]:
    """What stays of the content there is: what a table has no column for. A file of a content folder says
    everything."""
    whole = "state" in row.content
    return {} if whole else dict(base)


def _made_id(row: Incoming, taken: set[str], asked: Mapping[str, str]) -> str:
    question, quotes = str(row.content.get("question") or ""), row.content.get("quotes") or ()
    if row.kind != "entry":
        raise InvalidContent(say_of_field("missing", field=field_label("id")))
    if question in asked:
        raise InvalidContent(say("same_question", question=question[:40], id=asked[question]))
    clause = quotes[0].get("clause") if quotes and isinstance(quotes[0], dict) else None
    made = next_id(clause, taken) if isinstance(clause, str) else None
    if made is None:
        raise InvalidContent(say("no_id"))
    return made


def _located(rows: Sequence[Row], stock: Stock) -> list[Row]:
    """The rows with the quotes of entries where they stand, in the store or in what comes in."""
    documents = {item.document.id: item for item in stock.content.documents}
    documents |= {row.row_id: row.item for row in rows if isinstance(row.item, ShippedDocument)}
    programmes = {item.programme.id: item for item in stock.content.programmes}
    programmes |= {row.row_id: row.item for row in rows if isinstance(row.item, ShippedProgramme)}
    drafted = overlay(Shipped(), [item for item in stock.drafts if item.kind in ("document", "programme")])
    texts = {
        **texts_of(drafted.documents, drafted.programmes),
        **texts_of(documents.values(), programmes.values()),
    }
    return [
        replace(row, item=moved(row.item, texts)) if isinstance(row.item, ShippedEntry) else row
        for row in rows
    ]


def _compared(row: Row, stock: Stock) -> tuple[str, Planned]:
    """Which list of the plan the row belongs to, and its line there."""
    plain = to_plain(row.item)
    said = row.incoming.content.get("state")
    withdraws = said == "withdrawn"
    target = {**plain, "state": "withdrawn" if withdraws else "published"}
    base = stock.hashes.get((row.kind, row.row_id))
    proposal = Proposal(row.kind, row.row_id, target, withdraws=withdraws, base=base)
    planned = Planned(row.incoming, proposal, _title(target, row.row_id))
    draft, current = stock.draft_of(row.kind, row.row_id), row.current
    if current is None and base is not None:  # the content holds no withdrawn lines of the lexicon
        current = {**plain, "words": [], "state": "withdrawn"}
    if current is not None and said in (None, *_UNSAID):
        current = {**current, "state": target["state"]}
    if current == target:
        return "unchanged", planned
    if draft is not None:
        same = draft.content == target
        return ("unchanged", planned) if same else ("conflicts", replace(planned, draft=draft))
    if current is None and withdraws:
        return "skipped", planned
    changed = replace(planned, changes=changes(row.kind, current, target))
    return ("new" if current is None else "changed"), changed


def _standing(planned: Planned) -> RowProblem:
    """A conflict as a problem of its row."""
    draft, row = planned.draft, planned.incoming
    assert draft is not None
    place = place_of(draft.kind, draft.row_id)
    said = say("conflict", where=place, who=draft.updated_by, when=local(draft.updated_at))
    return RowProblem(row.sheet, row.row, "", "", said)


def _title(content: Mapping[str, Any], row_id: str) -> str:
    return str(content.get("question") or content.get("title") or content.get("name") or row_id)
