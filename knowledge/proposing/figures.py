"""Which figures of a text are others than in the text that it takes the place of. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass

from knowledge.quantities import Quantity, quantities

_YEAR = re.compile(r"20\d\d年(?:\d{1,2}月(?:\d{1,2}日)?)?")


@dataclass(frozen=True, slots=True)
class FigureChange:
    """Figures of one measure, in the words of each text; one side is empty where figures came or went."""

    measure: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def changed_figures(before: str, after: str) -> tuple[FigureChange, ...]:
    """What differs in amounts, shares, counts and years, by measure, in the order of the newer text."""
    old, new = _by_measure(before), _by_measure(after)
    changes = []
    for measure in dict.fromkeys((*new, *old)):
        gone = {key: words for key, words in old.get(measure, {}).items() if key not in new.get(measure, {})}
        come = {key: words for key, words in new.get(measure, {}).items() if key not in old.get(measure, {})}
        if gone or come:
            changes.append(FigureChange(measure, tuple(gone.values()), tuple(come.values())))
    return tuple(changes)


def _by_measure(text: str) -> dict[str, dict[object, str]]:
    found: dict[str, dict[object, str]] = defaultdict(dict)
    for quantity in quantities(text):
        found[quantity.measure][_key(quantity)] = quantity.words
    for words in _YEAR.findall(text):
        found["date"][words] = words
    return found


def _key(quantity: Quantity) -> object:
    return quantity.value
