"""Published answers that contradict each other: one question, different numbers.

Pure. Two entries ask the same where a wording of one is nearly a wording of the other (see `wordings`) and
both name the same figures (years too) and distinguishing words. They contradict each other where, in one
measure, each holds a quantity that the other lacks; an answer that only says less, or that held at another
time, contradicts nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.messages import say
from knowledge.model import Entry
from knowledge.quantities import Quantity, quantities
from knowledge.wordings import marks, near_pairs, telling_bigrams


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two entries, each with the wording and the quantities in which it differs from the other."""

    first: Entry
    second: Entry
    wording: str
    other_wording: str
    held: tuple[Quantity, ...]
    other_held: tuple[Quantity, ...]


def check_contradictions(entries: Iterable[Entry], of: str | Collection[str] | None = None) -> list[str]:
    """One sentence for every pair that contradicts itself; with `of`, an id or several, only for pairs with
    one of these."""
    ids = {of} if isinstance(of, str) else of
    return [
        say(
            "check.contradiction",
            first=found.first.id,
            second=found.second.id,
            wording=found.wording,
            other_wording=found.other_wording,
            held=_words(found.held),
            other_held=_words(found.other_held),
        )
        for found in contradictions(entries, ids)
        if ids is None or found.first.id in ids or found.second.id in ids
    ]


def contradictions(entries: Iterable[Entry], of: Collection[str] | None = None) -> Iterator[Contradiction]:
    """Each pair of entries once, by the first of their wordings that are nearly the same; with `of`, only
    pairs with one of these ids, which is much less work."""
    asked = [(entry, text) for entry in entries for text in (entry.question, *entry.variants)]
    only = None if of is None else [place for place, (entry, _) in enumerate(asked) if entry.id in of]
    answers: dict[str, Mapping[str, list[Quantity]]] = {}
    compared: set[tuple[str, str]] = set()
    for here, there in near_pairs([telling_bigrams(text) for _, text in asked], only):
        (first, wording), (second, other_wording) = asked[here], asked[there]
        pair = (first.id, second.id)
        if first.id == second.id or pair in compared or marks(wording) != marks(other_wording):
            continue
        compared.add(pair)
        if not _overlap(first, second):
            continue
        held, other_held = _apart(
            answers.setdefault(first.id, _answer(first)), answers.setdefault(second.id, _answer(second))
        )
        if held:
            yield Contradiction(first, second, wording, other_wording, held, other_held)


def _answer(entry: Entry) -> Mapping[str, list[Quantity]]:
    """What an entry's answer states, by measure."""
    by_measure: dict[str, list[Quantity]] = defaultdict(list)
    for quantity in quantities("\n".join((entry.plain or "", *(quote.text for quote in entry.quotes)))):
        by_measure[quantity.measure].append(quantity)
    return by_measure


def _apart(
    first: Mapping[str, list[Quantity]], second: Mapping[str, list[Quantity]]
) -> tuple[tuple[Quantity, ...], tuple[Quantity, ...]]:
    """The quantities of each that the other lacks, in the measures in which both lack some."""
    held: list[Quantity] = []
    other_held: list[Quantity] = []
    for measure in (measure for measure in first if measure in second):
        values, other_values = ({item.value for item in side[measure]} for side in (first, second))
        if values - other_values and other_values - values:
            held += [item for item in first[measure] if item.value not in other_values]
            other_held += [item for item in second[measure] if item.value not in values]
    return tuple(held), tuple(other_held)


def _overlap(first: Entry, second: Entry) -> bool:
    """Whether there is a day on which both hold."""
    start = max(first.valid_from or date.min, second.valid_from or date.min)
    return start <= min(first.valid_to or date.max, second.valid_to or date.max)


def _words(held: Iterable[Quantity]) -> str:
    return "、".join(dict.fromkeys(item.words for item in held))
