"""The lexicon's lines: looked for, changed as drafts, checked, and tried before they are saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.accounts.roles import Actor, Right
from api.services import Services
from api.trials.asked import latest_questions
from api.trials.sources import Source
from index.lexicon_checks import LexiconChecks, Remark
from index.lexicon_effect import Effect, Probe, Progress, effect
from knowledge.editing.model import Draft
from knowledge.errors import InvalidContent
from knowledge.model import LEXICON_TABLES, Knowledge, Lexicon
from knowledge.publishing.golden_store import GoldenQuestions
from knowledge.shipped import Shipped
from knowledge.store.tables import LexiconRow

_SAMPLE = 200


@dataclass(frozen=True, slots=True)
class Line:
    """`words` as published, None where only a draft exists; `proposed` what the draft makes of them, None
    where there is no draft or where it takes the line away."""

    section: str
    name: str
    words: tuple[str, ...] | None
    proposed: tuple[str, ...] | None
    draft: Draft | None

    @property
    def shown(self) -> tuple[str, ...]:
        return self.proposed if self.proposed is not None else self.words or ()


@dataclass(frozen=True, slots=True)
class Wording:
    """What somebody wants a line to be; `words` None to take it away. `was` is the name it had, where the
    line is to be renamed."""

    section: str
    name: str
    words: tuple[str, ...] | None
    was: str | None = None


class LexiconDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._services, self._editing = actor, services, services.editing
        self._checks: tuple[Knowledge, LexiconChecks] | None = None

    def lines(self, section: str, words: str = "", *, drafts_only: bool = False) -> list[Line]:
        """The lines of a section that hold `words`, by name."""
        self._actor.require(Right.read)
        drafts = {draft.row_id: draft for draft in self._editing.drafts(kind="lexicon")}
        with Session(self._services.engine) as session:
            found = session.execute(
                select(LexiconRow.name, LexiconRow.words).where(
                    LexiconRow.section == section, LexiconRow.state == "published"
                )
            ).all()
        lines = {
            name: _line(section, name, tuple(held), drafts.pop(f"{section}/{name}", None))
            for name, held in found
        }
        for draft in drafts.values():
            if draft.content["section"] == section:
                name = str(draft.content["name"])
                lines[name] = _line(section, name, None, draft)
        sought = words.strip()
        return [
            line
            for _, line in sorted(lines.items())
            if (not sought or any(sought in word for word in (line.name, *line.shown, *(line.words or ()))))
            and (line.draft is not None or not drafts_only)
        ]

    def counts(self) -> dict[str, int]:
        """Published lines by section."""
        self._actor.require(Right.read)
        lexicon = self._services.knowledge().lexicon
        return {section: len(getattr(lexicon, section)) for section in LEXICON_TABLES}

    def check(self, wanted: Wording) -> list[Remark]:
        """What to say of a line as it would be, beside the other open drafts; errors first."""
        self._actor.require(Right.read)
        if wanted.words is None:
            return []
        lexicon = _with(self._drafted(), wanted)
        return self._checked().line(lexicon, wanted.section, wanted.name)

    def effect(
        self,
        wanted: Wording,
        *,
        progress: Progress = lambda done, of: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Effect | None:
        """What the change alone would do to the golden questions and to the latest of residents' questions;
        None where it was stopped."""
        self._actor.require(Right.read)
        trials, today = self._services.trials, self._services.clock.today()
        old = trials.open(Source("live")).searcher.knowledge.lexicon
        new = _with(old, wanted)
        changed = trials.with_lexicon(new)
        return effect(
            old,
            new,
            self._probes(),
            trials.ask_live,
            lambda question: changed.ask(question, today),
            progress=progress,
            stopped=stopped,
        )

    def save(self, wanted: Wording, seen: Line | None) -> list[Draft]:
        """Drafts of the change, of a renamed line two; `seen` is the line as the editor had it, None for a
        new one. Raises InvalidContent with what is wrong, DraftConflict where somebody was first."""
        self._actor.require(Right.edit)
        if wanted.words is None:
            raise InvalidContent("请用“删除”来去掉一行。")
        errors = [remark.said for remark in self.check(wanted) if remark.severity == "error"]
        if errors:
            raise InvalidContent("\n".join(errors))
        renamed = seen is not None and seen.name != wanted.name
        own = seen.draft if seen is not None and not renamed else None
        saved = self._editing.save(
            kind="lexicon",
            row_id=f"{wanted.section}/{wanted.name}",
            content={"section": wanted.section, "name": wanted.name, "words": list(wanted.words)},
            by=self._actor.name,
            revision=own.revision if own is not None else None,
        )
        if seen is None or not renamed:
            return [saved]
        return [saved, *self.remove(seen, note=f"改名为“{wanted.name}”")]

    def remove(self, line: Line, *, note: str) -> list[Draft]:
        """A draft that takes the line away once published; a line that was never published loses its draft
        and is gone. Raises InvalidContent without a note, DraftConflict where somebody was first."""
        self._actor.require(Right.edit)
        if not note.strip():
            raise InvalidContent("请写明为什么删除。")
        if line.draft is not None:
            self.discard(line.draft)
        if line.words is None:
            return []
        row_id = f"{line.section}/{line.name}"
        return [
            self._editing.propose_withdrawal(
                kind="lexicon", row_id=row_id, by=self._actor.name, note=note.strip()
            )
        ]

    def discard(self, draft: Draft) -> None:
        """Drop a draft. Raises DraftConflict where it changed."""
        self._actor.require(Right.edit)
        self._editing.discard(draft.id, by=self._actor.name, revision=draft.revision)

    def submit(self, draft: Draft) -> Draft:
        """To review. Raises InvalidContent with every problem."""
        self._actor.require(Right.edit)
        return self._editing.submit(draft.id, by=self._actor.name, revision=draft.revision)

    def today(self) -> date:
        self._actor.require(Right.read)
        return self._services.clock.today()

    def _drafted(self) -> Lexicon:
        """The published lexicon with every open draft laid over it."""
        drafts = self._editing.drafts(kind="lexicon")
        return self._editing.overlay(Shipped(lexicon=self._services.knowledge().lexicon), drafts).lexicon

    def _checked(self) -> LexiconChecks:
        knowledge = self._services.knowledge()
        if self._checks is None or self._checks[0] is not knowledge:
            self._checks = (knowledge, LexiconChecks.of(knowledge))
        return self._checks[1]

    def _probes(self) -> Sequence[Probe]:
        golden = GoldenQuestions(
            self._services.engine, now=self._services.clock.now, journal=self._services.audit
        ).all()
        asked = latest_questions(self._services.engine, _SAMPLE)
        known = {item.text for item in golden if item.active}
        return [
            *(Probe(item.text, item) for item in golden if item.active),
            *(Probe(text) for text in asked if text not in known),
        ]


def _line(section: str, name: str, words: tuple[str, ...] | None, draft: Draft | None) -> Line:
    proposed = tuple(draft.content["words"]) if draft is not None and not draft.withdraws else None
    return Line(section, name, words, proposed, draft)


def _with(lexicon: Lexicon, wanted: Wording) -> Lexicon:
    table = dict(getattr(lexicon, wanted.section))
    if wanted.was is not None:
        table.pop(wanted.was, None)
    if wanted.words is None:
        table.pop(wanted.name, None)
    else:
        table[wanted.name] = wanted.words
    return replace(lexicon, **{wanted.section: {name: table[name] for name in sorted(table)}})
