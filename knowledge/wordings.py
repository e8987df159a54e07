"""When two wordings are one: the same words written otherwise, or the same question put otherwise.

Owns the two forms in which wordings are compared by checks. How residents' questions are searched is not
its business: search has a normal form of its own.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path

import yaml
from opencc import OpenCC

from knowledge.messages import say
from knowledge.model import Entry

NEARLY = 0.9
"""Dice's coefficient of two sets of bigrams from which two questions count as one."""

_REMEMBERED = 50_000
"""Texts whose forms are remembered: each check compares what changed with all the others again."""

_SIGNS = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w%.]|_")
_ASKING_END = re.compile(r"[不没]$")  # "交税不": the negation only asks
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@lru_cache(maxsize=_REMEMBERED)
def same_form(text: str) -> str:
    """Width, case, traditional characters, signs and spaces levelled; only `%` and decimal points stay."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    simplified: str = _simplifier().convert(plain)
    return _SIGNS.sub("", simplified)


@lru_cache(maxsize=_REMEMBERED)
def telling_bigrams(text: str) -> frozenset[str]:
    """What a question is about: its bigrams without function words; one character stands for itself."""
    told = _told(text)
    return frozenset(map("".join, pairwise(told))) or frozenset({told} - {""})


def marks(text: str) -> frozenset[str]:
    """The figures and distinguishing words of a question: two that differ in one ask different things."""
    told = _told(text)
    return frozenset(_NUMBER.findall(told)) | frozenset(_words("distinguishing").findall(told))


def near_pairs(
    questions: Sequence[frozenset[str]], only: Sequence[int] | None = None
) -> Iterator[tuple[int, int]]:
    """Positions (a < b) of sets whose Dice's coefficient reaches NEARLY; with `only`, pairs with one of these
    positions, in the same order.

    Two such sets share at least NEARLY / (2 - NEARLY) of either, so, with the members of each in one order,
    the rarest first, they share one within the short beginnings that are looked up here.
    """
    if only is not None:
        yield from _near_some(questions, only)
        return
    count = Counter(bigram for question in questions for bigram in question)
    seen: dict[str, list[int]] = defaultdict(list)
    least = NEARLY / (2 - NEARLY)
    for second, question in enumerate(questions):
        order = sorted(question, key=lambda bigram: (count[bigram], bigram))
        beginning = order[: len(order) - math.ceil(len(order) * least) + 1]
        for first in sorted({first for bigram in beginning for first in seen[bigram]}):
            other = questions[first]
            if 2 * len(question & other) >= NEARLY * (len(question) + len(other)):
                yield first, second
        for bigram in beginning:
            seen[bigram].append(second)


def _near_some(questions: Sequence[frozenset[str]], only: Sequence[int]) -> Iterator[tuple[int, int]]:
    """A set near to one of `only` has a member of its beginning, whichever order the members are in."""
    least, wanted = NEARLY / (2 - NEARLY), dict[str, list[int]]()
    for place in only:
        order = sorted(questions[place])
        for bigram in order[: len(order) - math.ceil(len(order) * least) + 1]:
            wanted.setdefault(bigram, []).append(place)
    found: set[tuple[int, int]] = set()
    looked_for = frozenset(wanted)
    for place, question in enumerate(questions):
        for one in {one for bigram in question & looked_for for one in wanted[bigram]} - {place}:
            other = questions[one]
            if 2 * len(question & other) >= NEARLY * (len(question) + len(other)):
                found.add((min(place, one), max(place, one)))
    yield from sorted(found, key=lambda pair: (pair[1], pair[0]))


def check_own_wordings(entry: Entry, where: str) -> list[str]:
    """An entry that says one thing twice."""
    counts = Counter(
        unicodedata.normalize("NFKC", text).strip() for text in (entry.question, *entry.variants)
    )
    return [say("check.twice", where=where, text=text) for text, n in counts.items() if n > 1]


def check_shared_wordings(entries: Iterable[Entry], of: str | Collection[str] | None = None) -> list[str]:
    """Wordings that two entries claim, in whichever way they are written: the later entry is named.

    With `of`, an id or several, only what concerns the entries of these.
    """
    ids = {of} if isinstance(of, str) else of
    owners: dict[str, tuple[str, str]] = {}
    problems = []
    for entry in entries:
        forms: dict[str, str] = {}
        for text in (entry.question, *entry.variants):
            forms.setdefault(same_form(text), text)
        for form, text in forms.items():
            owner, theirs = owners.setdefault(form, (entry.id, text))
            if form and owner != entry.id and (ids is None or entry.id in ids or owner in ids):
                where = say("where.entry", id=entry.id)
                problems.append(say("check.shared", where=where, text=text, owner=owner, theirs=theirs))
    return problems


def _told(text: str) -> str:
    return _ASKING_END.sub("", _words("function").sub("", same_form(text)))


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@cache
def _words(table: str) -> re.Pattern[str]:
    raw = yaml.safe_load(Path(__file__).with_name("wordings.yml").read_text(encoding="utf-8"))
    return re.compile("|".join(re.escape(word) for word in sorted(raw[table], key=len, reverse=True)))
