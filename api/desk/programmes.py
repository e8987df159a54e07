"""What somebody who writes a programme is shown while writing: the list, the card, and what the calculator
would say. Changes nothing; drafts are the entries' desk's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from actions.eligibility import Facts, entitlements
from actions.eligibility import card as say
from api.accounts.roles import Actor, Right
from api.desk.cards import programme_card
from api.rendering import on_wire
from api.services import Services
from knowledge.editing.forms import from_plain, normalised
from knowledge.editing.model import Draft
from knowledge.errors import InvalidContent
from knowledge.model import Knowledge, Programme
from knowledge.rule_checks import check_rules
from knowledge.shipped import ShippedProgramme
from knowledge.store.citing import list_programmes

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ProgrammeLine:
    """A programme in a list. `state` is the row's, None where only a draft exists; `draft` is the open
    draft's. `rules` counts the rules."""

    id: str
    title: str
    summary: str
    kind: str
    state: str | None
    draft: str | None
    checked_on: date
    valid_to: date | None
    ended: bool
    confidence: str
    rules: int


class ProgrammeDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor = services, actor

    def card(self, content: Content) -> dict[str, Any]:
        """The message that a question about the programme would get."""
        self._actor.require(Right.read)
        return on_wire(programme_card(Knowledge((), ()), programme_of(content), self._services.clock.today()))

    def text(self, content: Content) -> str:
        """The card's whole text, as it is rendered from the fields."""
        self._actor.require(Right.read)
        return programme_of(content).text

    def lines(self) -> list[ProgrammeLine]:
        """Every programme, those that exist only as drafts behind the others."""
        self._actor.require(Right.read)
        today = self._services.clock.today()
        drafts = {draft.row_id: draft for draft in self._services.editing.drafts(kind="programme")}
        with Session(self._services.engine) as session:
            held = list_programmes(session)
        lines = [
            _programme_line(
                item.state, item.programme, item.confidence, today, drafts.pop(item.programme.id, None)
            )
            for item in held
        ]
        for draft in drafts.values():
            item = from_plain("programme", draft.content)
            assert isinstance(item, ShippedProgramme)
            lines.append(_programme_line(None, item.programme, item.confidence, today, draft))
        return lines

    def blank(self) -> dict[str, Any]:
        """What a new programme's form begins with."""
        self._actor.require(Right.edit)
        today = self._services.clock.today().isoformat()
        begun = {"id": "new", "kind": "subsidy", "force": "right", "checked_on": today, "region": "重庆"}
        return {**normalised("programme", begun), "id": ""}

    def reckon(self, content: Content, told: Content) -> list[str]:
        """What somebody would get, by the programme as it is being written and the others as published, in
        the words that residents read. `told` are facts in plain form. Raises ValueError for a fact that
        nobody can have, InvalidContent for rules that don't fit the card."""
        self._actor.require(Right.read)
        programme, known = programme_of(content), self._services.knowledge()
        if problems := check_rules(programme):
            raise InvalidContent("\n".join(problems))
        others = tuple(other for other in known.programmes if other.id != programme.id)
        knowledge = replace(known, programmes=(*others, programme))
        today = self._services.clock.today()
        try:
            facts = Facts.from_plain(told)
        except ArithmeticError as error:  # what Decimal says of a text that is no number
            raise ValueError("价格和排量要写成数字，例如 160000 或 1.6。") from error
        lines, _ = say(entitlements(knowledge.programmes, facts, today), knowledge, today)
        return lines


def _programme_line(
    state: str | None, programme: Programme, confidence: str, today: date, draft: Draft | None
) -> ProgrammeLine:
    return ProgrammeLine(
        id=programme.id,
        title=programme.title,
        summary=programme.summary,
        kind=programme.kind,
        state=state,
        draft=draft.state if draft else None,
        checked_on=programme.checked_on,
        valid_to=programme.valid_to,
        ended=programme.valid_to is not None and programme.valid_to < today,
        confidence=confidence,
        rules=len(programme.rules),
    )


def programme_of(content: Content) -> Programme:
    item = from_plain("programme", content)
    assert isinstance(item, ShippedProgramme)
    return item.programme
