"""The vocabulary of editing, as plain immutable data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from knowledge.model import State
from knowledge.shipped import Shipped

Kind = Literal["document", "entry", "programme", "lexicon"]
KINDS: tuple[Kind, ...] = ("document", "entry", "programme", "lexicon")
DraftState = Literal["draft", "in_review", "approved"]
What = Literal[
    "saved", "submitted", "approved", "sent_back", "scheduled", "rebased", "discarded", "published",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class LexiconLine:
    """One line of the lexicon; its row id is `section/name`."""

    section: str
    name: str
    words: tuple[str, ...]
    state: State = "published"

    @property
    def id(self) -> str:
        return f"{self.section}/{self.name}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed content of one row, beside what is published.

    `content` is the plain form (see `forms`), whole; its `state` says what the row is to become: published
    or, where the draft proposes to withdraw it, withdrawn. `base_hash` is the row's `content_hash` when the
    draft was begun, None for a new row. `revision` counts every change of the draft. `author` began it,
    `edited_by` wrote its content last, `updated_by` did the last thing to it.
    """

    id: int
    kind: Kind
    row_id: str
    content: Mapping[str, Any]
    base_hash: str | None
    state: DraftState
    author: str
    edited_by: str
    reviewer: str | None
    publish_at: datetime | None
    revision: int
    note: str
    created_at: datetime
    updated_at: datetime
    updated_by: str

    @property
    def withdraws(self) -> bool:
        return self.content.get("state") == "withdrawn"

    @property
    def title(self) -> str:
        """What people call the row."""
        content = self.content
        return str(content.get("question") or content.get("title") or content.get("name") or self.row_id)


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a draft; kept when the draft is gone. `fields` are the fields that a save changed."""

    draft_id: int
    kind: Kind
    row_id: str
    revision: int
    what: What
    by: str
    at: datetime
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """`draft_id` is the draft that was open when it was made, None where there was none."""

    id: int
    kind: Kind
    row_id: str
    draft_id: int | None
    by: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Revision:
    """What a row was from one publication on. Number 0 is what it was before the first one here.

    `by` published it, `snapshot` is the index snapshot it went into; `reason` tells why, for a withdrawal.
    """

    kind: Kind
    row_id: str
    number: int
    content: Mapping[str, Any]
    author: str
    reviewer: str | None
    by: str
    at: datetime
    snapshot: str | None
    reason: str = ""

    @property
    def state(self) -> str:
        return str(self.content["state"])


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of the plain form, before and after; `label` is what people call it."""

    field: str
    label: str
    before: Any
    after: Any


ANY = "*"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What somebody wants saved: see `Editing.save_all`. `base` is the `content_hash` that its row must have,
    None for no row, ANY where that is of no account."""

    kind: Kind
    row_id: str
    content: Mapping[str, Any]
    revision: int | None = None
    withdraws: bool = False
    base: str | None = ANY


@dataclass(frozen=True, slots=True)
class Stock:
    """The store at one moment: its content, the `content_hash` of each row, the open drafts."""

    content: Shipped
    hashes: Mapping[tuple[Kind, str], str]
    drafts: tuple[Draft, ...]

    def draft_of(self, kind: Kind, row_id: str) -> Draft | None:
        return next((draft for draft in self.drafts if (draft.kind, draft.row_id) == (kind, row_id)), None)


@dataclass(frozen=True, slots=True)
class Ending:
    """Something published whose own validity ends soon, with the days left (0: today is its last)."""

    kind: Kind
    id: str
    title: str
    ends_on: date
    days_left: int


@dataclass(frozen=True, slots=True)
class Ageing:
    """A published entry that nobody has touched for long and that many are answered from."""

    id: str
    question: str
    updated_at: datetime
    uses: int
