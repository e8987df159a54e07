"""A question for everything that concerns somebody, a year or a department, and what belongs on the list.

`Listing` reads such a question and selects from the catalogue. A question about one thing that merely says
哪些 is none: only whom, when or whose limits a list, and words beside these limit it further. The patterns
stand in `listing.yml`. It must not know how a list is worded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from actions.catalogue import Catalogue, Item
from actions.departments import Departments
from actions.wording import any_of, load, pattern
from index.constraints import YEAR, asked
from index.terms import telling_terms
from index.text import normalise
from knowledge.model import Knowledge

_FEWEST = 2
"""A list that further words limit to one line is no list: search answers such a question better."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What limits a list. `departments` holds all names of each department meant; `rest` are the words of
    the question beside these, empty where the whole list is asked for."""

    audiences: tuple[str, ...]
    years: tuple[str, ...]
    departments: tuple[tuple[str, ...], ...]
    led: bool
    rest: str

    @property
    def whole(self) -> bool:
        return not self.rest


class Listing:
    """Lists over one knowledge; immutable once built."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.catalogue = Catalogue(knowledge)
        named = (name for clause in knowledge.clauses for name in clause.departments)
        self._departments = Departments(named, knowledge.lexicon.synonyms)
        self._audience_of = {
            normalise(word): audience
            for audience, words in knowledge.lexicon.audiences.items()
            for word in (audience, *words)
        }
        words = any_of(self._audience_of).pattern
        self._audience = re.compile(f"{load('listing')['framing'][:-1]}(?P<word>{words})")

    def wanted(self, question: str) -> Wanted | None:
        """What a question asks to be listed; None where it asks for no list."""
        text = normalise(question)
        for_audience = pattern("listing", "asks_audience").search(text)
        if not for_audience and not pattern("listing", "asks_scope").search(text):
            return None
        if asked(text).kinds:  # an amount, a place, a result: more than what is written where
            return None
        left = text
        departments = self._departments.named_in(text)
        for mention in departments:
            left = _blank(left, mention.start, mention.end)
        years = [year for year in dict.fromkeys(YEAR.findall(left)) if year in self.catalogue.years]
        for year in years:
            left = re.sub(load("listing")["year"].replace("{year}", year), _blanks, left)
        audiences: list[str] = []
        for found in self._audience.finditer(left):
            if not _asks_for(text[: found.start("word")]):
                audiences.append(self._audience_of[found["word"]])
                left = _blank(left, *found.span())
        scope = bool(departments or years)
        if not (scope or (audiences and for_audience)):
            return None
        rest = " ".join(
            run for run in pattern("listing", "idle").sub(" ", left).split() if telling_terms(run)
        )
        return Wanted(
            audiences=tuple(dict.fromkeys(audiences)),
            years=tuple(years),
            departments=tuple(dict.fromkeys(mention.names for mention in departments)),
            led=bool(departments and re.search(load("listing")["led"], text)),
            rest=rest,
        )

    def follow_up(self, named: str, previous: str) -> Wanted | None:
        """What 那教委呢 asks after 商务委2025年有哪些: the same list with another name in its place."""
        before = self.wanted(previous)
        now = self.wanted(load("listing")["follow_up"].format(named=named))
        if not (before and now and before.whole and now.whole):
            return None
        kinds = [kind for kind in ("audiences", "years", "departments") if getattr(now, kind)]
        if not all(getattr(before, kind) for kind in kinds):
            return now
        return replace(before, **{kind: getattr(now, kind) for kind in kinds})

    def items(self, wanted: Wanted, day: date, covers: Callable[[str, str], bool]) -> list[Item]:
        """What belongs on the list on `day`, in order. `covers(words, text)` says whether a text speaks of
        all the further words that limit the list."""
        names = {name for group in wanted.departments for name in group}
        if wanted.audiences:
            found = self.catalogue.answers(day)
        elif wanted.years:
            found = self.catalogue.targets(day)
        else:
            found = self.catalogue.duties(day, names)
        kept = [
            item
            for item in found
            if _meets(wanted.audiences, item.audiences)
            and _meets(wanted.years, item.years)
            and _meets(names, item.lead if wanted.led else item.departments)
            and (wanted.whole or covers(wanted.rest, item.text))
        ]
        ordered = self.catalogue.in_order(kept, general_last=bool(wanted.audiences))
        return ordered if wanted.whole or len(ordered) >= _FEWEST else []


def _meets(wanted: tuple[str, ...] | set[str], held: frozenset[str]) -> bool:
    return not wanted or not held.isdisjoint(wanted)


def _asks_for(before: str) -> bool:
    """Whether what stands before a name asks which of them: 哪些商场."""
    return bool(re.search(load("listing")["instances"], before))


def _blank(text: str, start: int, end: int) -> str:
    return f"{text[:start]}{' ' * (end - start)}{text[end:]}"


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found.group())
