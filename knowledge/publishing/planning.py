"""What a publication would make of the store: which rows, which content, and what is wrong with it. Pure but
for reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from sqlalchemy.orm import Session

from knowledge.editing.checking import problems_of
from knowledge.editing.forms import from_plain, to_plain
from knowledge.editing.model import Draft
from knowledge.editing.stored import hashed
from knowledge.errors import InvalidContent
from knowledge.model import Knowledge
from knowledge.publishing import row_images, withdrawals
from knowledge.publishing.errors import Stale
from knowledge.publishing.model import Row
from knowledge.publishing.ports import Drafts
from knowledge.publishing.wording import say
from knowledge.shipped import Shipped
from knowledge.store.loading import load_all, published_of
from knowledge.store.rows import content_hash

_LISTED = 20


@dataclass(frozen=True, slots=True)
class StateChange:
    """A row that is published or withdrawn as it is, without a draft."""

    kind: str
    row_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`stamp` is that of the store that it was made for; `knowledge` what would be answered from; `hashes`
    what each changed row must be afterwards, by kind and id."""

    drafts: tuple[Draft, ...]
    states: tuple[StateChange, ...]
    stamp: str
    content: Shipped
    knowledge: Knowledge
    rows: tuple[Row, ...]
    hashes: dict[tuple[str, str], str]

    def to_plain(self) -> dict[str, Any]:
        return {
            "drafts": [{"id": draft.id, "revision": draft.revision} for draft in self.drafts],
            "states": [[change.kind, change.row_id, change.state] for change in self.states],
        }


def plan(session: Session, drafts: Sequence[Draft], states: Sequence[StateChange], overlay: Drafts) -> Plan:
    """Raises InvalidContent naming what is wrong, and Stale where the store changes while it is read."""
    if not drafts and not states:
        raise InvalidContent(say("nothing"))
    keys = [(draft.kind, draft.row_id) for draft in drafts] + [(s.kind, s.row_id) for s in states]
    if waiting := withdrawals.open_for(session, cast(Any, keys)):
        raise InvalidContent(say("withheld_open", id="、".join(waiting)))
    stamp = row_images.stamp(session)
    content = load_all(session)
    if row_images.stamp(session) != stamp:
        raise Stale(say("stale"))
    if drafts and (problems := problems_of(content, drafts)):
        more = problems[:_LISTED]
        raise InvalidContent(say("invalid", count=len(problems), problems="\n".join(more)))
    planned = _with_states(overlay.overlay(content, drafts), states)
    held = withdrawals.active(session).without(cast(Any, keys))
    return Plan(
        drafts=tuple(drafts),
        states=tuple(states),
        stamp=stamp,
        content=planned,
        knowledge=held.left_of(published_of(planned)),
        rows=(*(_row_of(draft) for draft in drafts), *(_row_of_state(planned, s) for s in states)),
        hashes={(d.kind, d.row_id): _planned_hash(planned, d) for d in drafts},
    )


def publishable(session: Session) -> Knowledge:
    """What is answered from as the database has it: what is published but for what was taken back."""
    return withdrawals.active(session).left_of(published_of(load_all(session)))


def chosen(drafts: Sequence[Draft], ids: Sequence[int]) -> tuple[Draft, ...]:
    """The approved drafts of these ids. Raises Stale for one that is not there or not approved."""
    by_id = {draft.id: draft for draft in drafts if draft.state == "approved"}
    for name in ids:
        if name not in by_id:
            raise Stale(say("stale_draft", id=name))
    return tuple(by_id[name] for name in dict.fromkeys(ids))


def _planned_hash(content: Shipped, draft: Draft) -> str:
    """The hash of the item as it stands in the planned content, quotes where they will stand."""
    item: Any = from_plain(draft.kind, draft.content)
    if draft.kind == "entry":
        item = next(entry for entry in content.entries if entry.entry.id == draft.row_id)
    return content_hash(hashed(item))


def _row_of(draft: Draft) -> Row:
    becomes = "withdrawn" if draft.withdraws else "published"
    return Row(draft.kind, draft.row_id, draft.title, becomes)


def _row_of_state(content: Shipped, change: StateChange) -> Row:
    item = next(item for item in _items(content, change.kind) if _id(item) == change.row_id)
    plain = to_plain(item)
    return Row(
        cast(Any, change.kind), change.row_id, str(plain.get("question") or plain.get("title")), change.state
    )


def _with_states(content: Shipped, states: Sequence[StateChange]) -> Shipped:
    def changed(kind: str, items: Sequence[Any]) -> tuple[Any, ...]:
        wanted = {change.row_id: change.state for change in states if change.kind == kind}
        state: Callable[[Any], Any] = lambda item: replace(item, state=wanted[_id(item)])  # noqa: E731
        return tuple(state(item) if _id(item) in wanted else item for item in items)

    return replace(
        content,
        documents=changed("document", content.documents),
        entries=changed("entry", content.entries),
        programmes=changed("programme", content.programmes),
    )


def _items(content: Shipped, kind: str) -> Sequence[Any]:
    return {"document": content.documents, "entry": content.entries, "programme": content.programmes}[kind]


def _id(item: Any) -> str:
    for name in ("document", "entry", "programme"):
        if hasattr(item, name):
            return str(getattr(item, name).id)
    raise TypeError(f"{type(item).__name__} has no id")
