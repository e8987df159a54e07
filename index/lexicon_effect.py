"""What another lexicon would change: golden questions and residents' questions asked under both.

Cheap: a question that both lexicons read alike gets the same answer, so only the others are asked twice. How
a reply is composed is not known here; whoever asks hands in the two ways of asking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.expansion import Expansion
from index.text import normalise
from knowledge.model import LEXICON_TABLES, Lexicon
from knowledge.publishing.golden import Answered, Given, GoldenQuestion

Ask = Callable[[str], Given]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question to try. Without a golden question nobody wrote down what answers it: then a change is told
    without saying which of the two is right."""

    text: str
    golden: GoldenQuestion | None = None

    def right(self, given: Given) -> bool | None:
        return Answered(self.golden, given).right if self.golden else None


@dataclass(frozen=True, slots=True)
class Change:
    """A question that gets another answer."""

    probe: Probe
    before: Given
    after: Given

    @property
    def broken(self) -> bool:
        return bool(self.probe.right(self.before)) and not self.probe.right(self.after)

    @property
    def mended(self) -> bool:
        return bool(self.probe.right(self.after)) and not self.probe.right(self.before)


@dataclass(frozen=True, slots=True)
class Effect:
    """`touched` of the `asked` questions are read otherwise; of the `known`, golden ones, so many are done
    right before and after. The changes stand broken ones first."""

    asked: int
    touched: int
    known: int
    right_before: int
    right_after: int
    changes: tuple[Change, ...]

    @property
    def broken(self) -> int:
        return sum(change.broken for change in self.changes)

    @property
    def mended(self) -> int:
        return sum(change.mended for change in self.changes)


def effect(
    old: Lexicon,
    new: Lexicon,
    probes: Sequence[Probe],
    before: Ask,
    after: Ask,
    *,
    progress: Progress = lambda done, of: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Effect | None:
    """What `new` in place of `old` does to `probes`; None where it was stopped. `progress` gets how many are
    done, of how many."""
    touched = set(_read_otherwise(old, new, [probe.text for probe in probes]))
    changes: list[Change] = []
    known = right_before = right_after = 0
    for number, probe in enumerate(probes):
        if stopped():
            return None
        if number in touched or probe.golden is not None:
            was = before(probe.text)
            becomes = after(probe.text) if number in touched else was
            if probe.golden is not None:
                known += 1
                right_before += bool(probe.right(was))
                right_after += bool(probe.right(becomes))
            if was != becomes:
                changes.append(Change(probe, was, becomes))
        progress(number + 1, len(probes))
    changes.sort(key=lambda change: (not change.broken, not change.mended))
    return Effect(len(probes), len(touched), known, right_before, right_after, tuple(changes))


def _read_otherwise(old: Lexicon, new: Lexicon, questions: Sequence[str]) -> Iterator[int]:
    """The places of questions that the two lexicons may read differently: those that are widened otherwise
    or have a word of a changed line; with another table of things, all that name one, since the texts are
    read for things, too."""
    one, other, words = Expansion(old), Expansion(new), _changed_words(old, new)
    items_differ = old.items != new.items
    for number, question in enumerate(questions):
        text = normalise(question)
        read = other.widen(text)
        if (
            one.widen(text) != read
            or (items_differ and bool(read.items))
            or any(word in text for word in words)
        ):
            yield number


def _changed_words(old: Lexicon, new: Lexicon) -> frozenset[str]:
    """The words, in normal form, by which a question could meet a line that is not the same in both: of a
    synonym only its own, for what it stands for is never looked for in a question."""
    words: set[str] = set()
    for section in LEXICON_TABLES:
        one, other = getattr(old, section), getattr(new, section)
        for name in one.keys() | other.keys():
            if one.get(name) != other.get(name):
                words.add(name)
                if section != "synonyms":
                    words |= {*one.get(name, ()), *other.get(name, ())}
    return frozenset(normalise(word) for word in words) - {""}
