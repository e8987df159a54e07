"""The reply as data: what every channel renders and what travels in Rasa's `custom` payload.

The field names are the public chat contract. Channels render these objects; nobody parses prose.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from knowledge.model import Force, Status

Kind = Literal["answer", "clarify", "abstain", "smalltalk", "form", "notice", "refuse", "handoff"]
Reason = Literal["out_of_scope", "not_in_library", "text_is_silent", "unverified", "expired"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceLink(_Frozen):
    """A page that a resident can open; programmes only."""

    title: str
    publisher: str
    url: str


class Citation(_Frozen):
    """A verbatim span: `quote` stands at `[start, end)`, code points of the clause's cleaned text."""

    clause_id: str
    document_id: str
    document_title: str
    document_number: str | None = None
    issuers: list[str] = Field(default_factory=list)
    issued_on: date | None = None
    clause_label: str
    quote: str
    start: int
    end: int
    url: str
    source_kind: Literal["clause", "programme"] = "clause"
    checked_on: date | None = None
    status: Status = "unstated"
    sources: list[SourceLink] = Field(default_factory=list)


class Contact(_Frozen):
    name: str
    phone: str
    hours: str | None = None
    checked_on: date | None = None


class Suggestion(_Frozen):
    """A button: `label` is shown, `message` is what is sent when it is pressed."""

    label: str
    message: str


class FormStep(_Frozen):
    """A step of a guided task: `field` is what is being asked for, None where nothing is; `outcome` what a
    task that is done leaves to be done by the app."""

    task: str
    field: str | None = None
    done: bool = False
    outcome: str | None = None


class Reply(_Frozen):
    """One message of the assistant. `text` is complete in itself, for channels without cards."""

    id: str
    as_of: date
    snapshot: str | None
    kind: Kind
    text: str
    plain: str | None = None
    force: Force | None = None
    reason: Reason | None = None
    contacts: list[Contact] = Field(default_factory=list)
    citations: list[Citation] = Field(default_factory=list)
    related: list[Citation] = Field(default_factory=list)
    suggestions: list[Suggestion] = Field(default_factory=list)
    form: FormStep | None = None
