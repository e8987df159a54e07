"""The staff's side of editing: drafts of entries, programmes, documents and the lexicon, and their review."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from api.accounts.roles import Actor, Right
from api.services import Services
from knowledge.editing.model import (
    Ageing,
    Comment,
    Draft,
    DraftState,
    Ending,
    Event,
    FieldChange,
    Kind,
    Revision,
)
from knowledge.exchange import (
    ImportPlan,
    carry_out,
    content_files,
    entries_csv,
    entries_xlsx,
    next_id,
    plan,
    read_import,
    with_drafts,
    zipped,
)

_CSV = "text/csv; charset=utf-8"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Format = Literal["yaml", "xlsx", "csv"]


@dataclass(frozen=True, slots=True)
class Exported:
    """A file to save."""

    name: str
    media_type: str
    data: bytes


class EntryDesk:
    """`Editing` in the name of whoever is signed in. Everything raises Forbidden without the right, and what
    `Editing` raises."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._editing = actor, services.editing
        self._services = services

    # ---- reading

    def current(self, kind: Kind, row_id: str) -> dict[str, Any] | None:
        """The row as it is now in plain form, its state included; None where there is none."""
        self._actor.require(Right.read)
        return self._editing.current(kind, row_id)

    def draft_of(self, kind: Kind, row_id: str) -> Draft | None:
        self._actor.require(Right.read)
        return self._editing.draft_of(kind, row_id)

    def draft(self, draft_id: int) -> Draft:
        self._actor.require(Right.read)
        return self._editing.draft(draft_id)

    def drafts(self, *, kind: Kind | None = None, state: DraftState | None = None) -> list[Draft]:
        """Open drafts, those touched last first."""
        self._actor.require(Right.read)
        return self._editing.drafts(kind=kind, state=state)

    def changes(self, draft: Draft) -> tuple[FieldChange, ...]:
        """What the draft would change of the row as it is now."""
        self._actor.require(Right.read)
        return self._editing.changes(draft)

    def problems(self, draft: Draft) -> list[str]:
        """What keeps the draft from review or publication, in whole sentences."""
        self._actor.require(Right.read)
        return self._editing.problems(draft)

    def comments(self, kind: Kind, row_id: str) -> list[Comment]:
        self._actor.require(Right.read)
        return self._editing.comments(kind, row_id)

    def events(self, kind: Kind, row_id: str) -> list[Event]:
        """Everything that happened to the row's drafts, oldest first."""
        self._actor.require(Right.read)
        return self._editing.events(kind, row_id)

    def revisions(self, kind: Kind, row_id: str) -> list[Revision]:
        """What the row was at each publication, the newest first."""
        self._actor.require(Right.read)
        return self._editing.revisions(kind, row_id)

    # ---- lists

    def ending(self, *, days: int = 30) -> list[Ending]:
        """What is published and ends within `days`, the soonest first."""
        self._actor.require(Right.read)
        return self._editing.ending(self._services.clock.today(), days=days)

    def ageing(self) -> list[Ageing]:
        """Entries that nobody has touched for long and that many are answered from, the most used first."""
        self._actor.require(Right.read)
        return self._editing.ageing(self._services.insights.figures.uses)

    def waiting(self) -> list[Draft]:
        """Approved drafts that have a time to be published, the earliest first."""
        self._actor.require(Right.read)
        timed = [draft for draft in self._editing.drafts(state="approved") if draft.publish_at is not None]
        return sorted(timed, key=lambda draft: (draft.publish_at, draft.id))

    def next_id(self, clause_id: str) -> str | None:
        """A free id for a new entry on a clause or programme; None where somebody has to think of one."""
        self._actor.require(Right.read)
        stock = self._editing.stock()
        taken = [row_id for kind, row_id in stock.hashes if kind == "entry"]
        return next_id(clause_id, [*taken, *(draft.row_id for draft in stock.drafts)])

    # ---- files

    def export(self, form: Format, ids: Collection[str] | None = None) -> Exported:
        """Everything, or what has these ids, as files of `knowledge/content` in one archive or as a table of
        entries. Of an entry that is only a draft yet, its draft. Raises UnknownRow where nothing is left."""
        self._actor.require(Right.read)
        stock, day = self._editing.stock(), self._services.clock.today()
        content = with_drafts(stock, ids)
        name = f"lvxiaoyu-{day:%Y%m%d}"
        if form == "yaml":
            files = content_files(content, lexicon=ids is None)
            return Exported(f"{name}.zip", "application/zip", zipped(files))
        if form == "csv":
            return Exported(f"{name}.csv", _CSV, entries_csv(content.entries))
        return Exported(f"{name}.xlsx", _XLSX, entries_xlsx(content.entries))

    def template(self, form: Literal["xlsx", "csv"]) -> Exported:
        """A table without entries, to be filled in; the workbook explains each column."""
        self._actor.require(Right.read)
        if form == "csv":
            return Exported("lvxiaoyu-template.csv", _CSV, entries_csv(()))
        return Exported("lvxiaoyu-template.xlsx", _XLSX, entries_xlsx(()))

    def plan_import(self, data: bytes, name: str) -> ImportPlan:
        """What importing an uploaded file would do; changes nothing. Raises ImportRefused where the file
        can't be read at all."""
        self._actor.require(Right.edit)
        return plan(read_import(data, name), self._editing.stock())

    def carry_out_import(self, planned: ImportPlan, *, note: str = "") -> list[Draft]:
        """Makes drafts of every new and changed row, all or none. Raises ImportRefused, DraftConflict and
        RowChanged, and then nothing is imported."""
        self._actor.require(Right.edit)
        return carry_out(self._editing, planned, by=self._actor.name, note=note)

    # ---- writing

    def save(
        self,
        *,
        kind: Kind,
        row_id: str,
        content: Mapping[str, Any],
        revision: int | None = None,
        note: str = "",
    ) -> Draft:
        self._actor.require(Right.edit)
        return self._editing.save(
            kind=kind, row_id=row_id, content=content, by=self._actor.name, revision=revision, note=note
        )

    def propose_withdrawal(self, *, kind: Kind, row_id: str, note: str) -> Draft:
        self._actor.require(Right.edit)
        return self._editing.propose_withdrawal(kind=kind, row_id=row_id, by=self._actor.name, note=note)

    def propose_withdrawals(self, rows: Sequence[tuple[Kind, str]], *, note: str) -> list[Draft]:
        """Several at once, all or none."""
        self._actor.require(Right.edit)
        return self._editing.propose_withdrawals(rows, by=self._actor.name, note=note)

    def submit(self, draft_id: int, *, revision: int) -> Draft:
        self._actor.require(Right.edit)
        return self._editing.submit(draft_id, by=self._actor.name, revision=revision)

    def rebase(self, draft_id: int, *, revision: int) -> Draft:
        self._actor.require(Right.edit)
        return self._editing.rebase(draft_id, by=self._actor.name, revision=revision)

    def discard(self, draft_id: int, *, revision: int) -> None:
        self._actor.require(Right.edit)
        self._editing.discard(draft_id, by=self._actor.name, revision=revision)

    def comment(self, kind: Kind, row_id: str, text: str) -> Comment:
        self._actor.require(Right.edit)
        return self._editing.comment(kind=kind, row_id=row_id, by=self._actor.name, text=text)

    # ---- review

    def approve(self, draft_id: int, *, revision: int, publish_at: datetime | None = None) -> Draft:
        self._actor.require(Right.review)
        return self._editing.approve(draft_id, by=self._actor.name, revision=revision, publish_at=publish_at)

    def schedule(self, draft_id: int, *, revision: int, publish_at: datetime | None) -> Draft:
        self._actor.require(Right.review)
        return self._editing.schedule(draft_id, by=self._actor.name, revision=revision, publish_at=publish_at)

    def send_back(self, draft_id: int, *, revision: int, reason: str) -> Draft:
        self._actor.require(Right.review)
        return self._editing.send_back(draft_id, by=self._actor.name, revision=revision, reason=reason)
