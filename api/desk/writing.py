"""What somebody who writes an entry is shown while writing: the card, what a question would find, which
wordings are taken, what may be cited. Changes nothing; drafts are the entries' desk's."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy.orm import Session

from api.accounts.roles import Actor, Right
from api.desk.cards import entry_card
from api.desk.entry_list import Facts as ListFacts
from api.desk.entry_list import Page, Wanted, page_of
from api.desk.grounds import Grounds, entry_of
from api.desk.known_wordings import wordings_of
from api.rendering import on_wire
from api.services import Services
from knowledge.model import Clause, Entry, Knowledge, Quote
from knowledge.store.citing import Citable
from knowledge.store.entry_lines import entries_holding, entry_ids, entry_lines, last_days

Content = Mapping[str, Any]
_SENTENCE_END = re.compile(r"[。！？；\n]+[”’》）)」』]*")
_SHOWN = 4
USED_WITHIN = timedelta(days=90)
"""Over how long uses are counted."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A wording that another entry has already, as it words it; `draft` where that is a draft, too."""

    text: str
    entry_id: str
    theirs: str
    draft: bool


@dataclass(frozen=True, slots=True)
class CitedPlace:
    """Where a quote stands, in words, and whether it stands there still."""

    clause_id: str
    document_title: str
    label: str
    stands: bool


class WritingDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._services, self._actor = services, actor
        self._grounds = Grounds(services.engine, services.editing)

    def lines(self, wanted: Wanted) -> Page:
        """One page of the entries' list."""
        self._actor.require(Right.read)
        services = self._services
        now, words = services.clock.now(), wanted.words.strip()
        uses: Mapping[str, int] | None = None
        ageing: frozenset[str] = frozenset()
        if wanted.special == "ageing" or wanted.sort == "used":
            uses = services.insights.figures.uses(now - USED_WITHIN)
        if wanted.special == "ageing":
            ageing = frozenset(item.id for item in services.editing.ageing(services.insights.figures.uses))
        with Session(services.engine) as session:
            rows, ends = entry_lines(session), last_days(session)
            holding = entries_holding(session, words) if words else None
        facts = ListFacts(services.clock.today(), ends, ageing, uses)
        return page_of(rows, holding, services.editing.drafts(kind="entry"), wanted, facts)

    def audiences(self) -> list[str]:
        """Whom a fact may concern."""
        self._actor.require(Right.read)
        return list(self._services.knowledge().lexicon.audiences)

    def new_id(self) -> str:
        """A free id for an entry that quotes nothing yet: by the day."""
        self._actor.require(Right.edit)
        stem = f"q-{self._services.clock.today():%Y%m%d}"
        with Session(self._services.engine) as session:
            taken = set(entry_ids(session, stem))
        taken |= {draft.row_id for draft in self._services.editing.drafts(kind="entry")}
        number = 1
        while f"{stem}-{number:02}" in taken:
            number += 1
        return f"{stem}-{number:02}"

    def citable(self) -> list[Citable]:
        """Documents and programmes that words can be taken from."""
        self._actor.require(Right.read)
        return self._grounds.listed()

    def clauses(self, document_id: str) -> list[Clause]:
        self._actor.require(Right.read)
        return self._grounds.clauses(document_id)

    def pieces(self, clause_id: str, quoted: Sequence[str] = ()) -> list[tuple[int, str, bool]]:
        """A clause's text, or that of a programme's card, sentence by sentence: where each piece starts, its
        words, and whether they are `quoted`. Joined, the pieces are the text."""
        self._actor.require(Right.read)
        text = self._grounds.text(clause_id)
        spans = [(text.find(words), text.find(words) + len(words)) for words in quoted if words in text]
        edges = {0, len(text), *(edge for span in spans for edge in span)}
        edges |= {match.end() for match in _SENTENCE_END.finditer(text)}
        return [
            (start, text[start:end], any(a <= start and end <= b for a, b in spans))
            for start, end in pairwise(sorted(edges))
        ]

    def cite(self, clause_id: str, start: int, end: int, words: str) -> dict[str, Any]:
        """The plain form of a quote that was marked. Raises UnknownRow; InvalidContent where the words don't
        stand there."""
        self._actor.require(Right.edit)
        return _plain(self._grounds.quote(clause_id, start, end, words))

    def find(self, clause_id: str, words: str) -> dict[str, Any]:
        """The plain form of a quote whose words were typed or pasted. Raises as `cite`."""
        self._actor.require(Right.edit)
        return _plain(self._grounds.find(clause_id, words))

    def places(self, quotes: Sequence[Content]) -> list[CitedPlace]:
        """Where each of some quotes in plain form stands."""
        self._actor.require(Right.read)
        held = self._grounds.resting_on(quote["clause"] for quote in quotes)
        return [_place(held, quote) for quote in quotes]

    def entry_card(self, content: Content) -> dict[str, Any] | None:
        """The message that residents would see, as it goes out; None while nothing is quoted."""
        self._actor.require(Right.read)
        entry = entry_of(content)
        reply = entry_card(self._held(entry), entry, self._services.clock.today())
        return on_wire(reply) if reply else None

    def clashes(self, content: Content) -> list[Clash]:
        """Which of the draft's wordings other entries have already, published or in a draft."""
        self._actor.require(Right.read)
        entry = entry_of(content)
        owners = self._services.known_wordings.owners(self._services.knowledge())
        drafts = {draft.row_id: draft for draft in self._services.editing.drafts(kind="entry")}
        forms = wordings_of(entry)
        found = [
            Clash(text, owner.entry_id, owner.text, False)
            for form, text in forms.items()
            for owner in owners.get(form, ())
            if owner.entry_id != entry.id and owner.entry_id not in drafts
        ]
        for draft in drafts.values():
            if draft.row_id != entry.id and not draft.withdraws:
                theirs = wordings_of(entry_of(draft.content))
                shared = forms.keys() & theirs.keys()
                found += [Clash(forms[form], draft.row_id, theirs[form], True) for form in sorted(shared)]
        return found

    def _held(self, entry: Entry) -> Knowledge:
        ids = [quote.clause_id for quote in (*entry.quotes, *entry.also)]
        return self._grounds.resting_on(ids, entry.programmes)


def _plain(quote: Quote) -> dict[str, Any]:
    return {"clause": quote.clause_id, "text": quote.text, "start": quote.start}


def _place(held: Knowledge, quote: Content) -> CitedPlace:
    name, words = quote["clause"], quote["text"]
    if clause := held.clause_by_id.get(name):
        title = held.document_by_id[clause.document_id].title
        return CitedPlace(name, title, clause.label, words in clause.text)
    if programme := held.programme_by_id.get(name):
        return CitedPlace(name, programme.title, "", words in programme.text)
    return CitedPlace(name, "", name, False)
