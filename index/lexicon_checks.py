"""What must hold for a line of the lexicon, and what an editor should know before saving it.

Pure. Errors forbid a line, warnings only inform. Words are compared as search reads them: in normal form.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Literal

import yaml

from index.text import normalise as read_normally
from knowledge.model import LEXICON_TABLES, Knowledge, Lexicon

GENERAL = 0.05
"""Share of the approved wordings from which a word is too general. Of the words that ship, the commonest that
earns its place (啥) stands in 4.6 % of 20,958 wordings; 买, which no search should widen, in 5.5 %."""
COMMON = 0.01
_AT_LEAST = 20
"""Wordings that must have a word before their share says anything."""
LONGEST = 40
_STUTTER = re.compile(r"(.)\1\1")
normalise = lru_cache(maxsize=100_000)(read_normally)
"""A line is held against every other one, so each word is read thousands of times."""
_NAMED_SECTIONS = ("items", "districts", "audiences")


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing to say of the line `name` of `section`; only an `error` forbids it."""

    severity: Literal["error", "warning"]
    code: str
    section: str
    name: str
    said: str


class LexiconChecks:
    """Checks against what is published: `wordings` the approved questions, `texts` what is quoted."""

    def __init__(self, wordings: Sequence[str], texts: Sequence[str]) -> None:
        self._wordings, self._texts = wordings, texts

    @classmethod
    def of(cls, knowledge: Knowledge) -> LexiconChecks:
        return cls(
            [text for entry in knowledge.entries for text in (entry.question, *entry.variants)],
            [clause.text for clause in knowledge.clauses] + [card.text for card in knowledge.programmes],
        )

    def line(self, lexicon: Lexicon, section: str, name: str) -> list[Remark]:
        """Everything to say of one line as it stands in `lexicon`, errors first."""
        remarks = [*self._form(lexicon, section, name), *_clashes(lexicon, section, name)]
        if section == "synonyms":
            remarks += [*_cycles(lexicon, name), *self._reach(lexicon, name)]
        return sorted(dict.fromkeys(remarks), key=lambda remark: remark.severity != "error")

    def whole(self, lexicon: Lexicon) -> list[Remark]:
        """The errors of a whole lexicon, and what its lines do too much; for the list of lines."""
        found = (
            remark
            for section in LEXICON_TABLES
            for name in getattr(lexicon, section)
            for remark in self.line(lexicon, section, name)
        )
        return [remark for remark in found if remark.severity == "error" or remark.code == "squeezed"]

    def standing_in(self, word: str) -> int:
        """How many approved wordings have a word, as search reads them."""
        form = normalise(word)
        return sum(form in text for text in self._forms) if form else 0

    @cached_property
    def _forms(self) -> list[str]:
        return [normalise(text) for text in self._wordings]

    @cached_property
    def _held(self) -> str:
        return "\n".join([*self._forms, *(normalise(text) for text in self._texts)])

    def _form(self, lexicon: Lexicon, section: str, name: str) -> Iterator[Remark]:
        words = getattr(lexicon, section)[name]
        if not normalise(name):
            yield _error("empty_name", section, name)
        if section == "synonyms" and not any(normalise(word) for word in words):
            yield _error("empty_words", section, name)
        for word in (name, *words):
            if len(word) > LONGEST:
                yield _error("long", section, name, word=word, count=len(word), most=LONGEST)
        counts = Counter(normalise(word) for word in words)
        for word in words:
            if counts[normalise(word)] > 1:
                yield _warning("repeated", section, name, word=word)
        if section == "items":
            for word in (name, *words):
                if len(normalise(word)) == 1:
                    yield _error("short", section, name, word=word, form=normalise(word))

    def _reach(self, lexicon: Lexicon, name: str) -> Iterator[Remark]:
        """How much of what is asked a synonym would touch, and what it adds."""
        form, words = normalise(name), lexicon.synonyms[name]
        if not form:
            return
        count = self.standing_in(name)
        share = count / len(self._wordings) if self._wordings else 0.0
        told = {"word": name, "share": f"{share:.1%}", "count": count, "words": "、".join(words)}
        if _STUTTER.search(name) and len(form) < len(name):
            yield _warning("squeezed", "synonyms", name, word=name, form=form)
        if share >= GENERAL and count >= _AT_LEAST:
            yield _error("general", "synonyms", name, **told)
        elif share >= COMMON:
            yield _warning("common", "synonyms", name, **told)
        elif len(form) == 1:
            yield _warning("short", "synonyms", name, word=name, form=form)
        for word in words:
            target = normalise(word)
            if target and target == form:
                yield _warning("itself", "synonyms", name, word=word)
            elif target and target not in self._held:
                yield _warning("unknown_target", "synonyms", name, word=word)


def _clashes(lexicon: Lexicon, section: str, name: str) -> Iterator[Remark]:
    """Words of a line that another line of the same table has, too."""
    owners: dict[str, set[str]] = defaultdict(set)
    for other, words in getattr(lexicon, section).items():
        for word in (other, *(words if section in _NAMED_SECTIONS else ())):
            owners[normalise(word)].add(other)
    own = getattr(lexicon, section)[name]
    for word in (name, *(own if section in _NAMED_SECTIONS else ())):
        for other in sorted(owners[normalise(word)] - {name}):
            if normalise(word):
                yield _error("two_lines", section, name, word=word, other=other)


def _cycles(lexicon: Lexicon, name: str) -> Iterator[Remark]:
    """A way from a word over others back to itself, the shortest; that a word names itself is no cycle."""
    targets: Mapping[str, tuple[str, ...]] = {
        normalise(word): tuple(normalise(target) for target in words)
        for word, words in lexicon.synonyms.items()
    }
    start = normalise(name)
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    while ways:
        way = ways.pop(0)
        for target in targets.get(way[-1], ()):
            if target == start and len(way) > 1:
                yield _error("cycle", "synonyms", name, path=" → ".join((*way, start)))
                return
            if target not in seen and target in targets:
                seen.add(target)
                ways.append((*way, target))


def _error(code: str, section: str, name: str, **values: object) -> Remark:
    return Remark("error", code, section, name, said(code, name=name, **values))


def _warning(code: str, section: str, name: str, **values: object) -> Remark:
    return Remark("warning", code, section, name, said(code, name=name, **values))


def said(key: str, **values: object) -> str:
    """The Chinese sentence of a key of `lexicon_checks.yml`."""
    return _sentences()[key].format(**values)


@cache
def _sentences() -> Mapping[str, str]:
    raw = yaml.safe_load(Path(__file__).with_name("lexicon_checks.yml").read_text(encoding="utf-8"))
    return {str(key): str(text) for key, text in raw.items()}
