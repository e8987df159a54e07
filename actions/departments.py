"""Whom a question means: 商务委 is 市商务委, 住建委 and 住房和城乡建设委员会 are 市住房城乡建委.

`Departments` derives short forms from the names that the clauses give; the rules stand in
`departments.yml`. It knows no single department by heart and must not know what a department does.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from actions.wording import any_of, load
from index.text import normalise

_LONGEST = 16
"""Characters that a name may have in a question: 重庆市住房和城乡建设委员会 has 14."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A department named at `[start, end)` of a question; `names` are its names in the documents."""

    names: tuple[str, ...]
    start: int
    end: int


class Departments:
    """The departments of one knowledge; immutable once built."""

    def __init__(self, names: Iterable[str], synonyms: Mapping[str, tuple[str, ...]]) -> None:
        rules = load("departments")
        groups: dict[str, list[str]] = {}
        for name in dict.fromkeys(names):
            if not name.startswith(rules["collective"]):
                groups.setdefault(_without_filler(_stem(normalise(name))), []).append(name)
        self._stems: dict[str, tuple[str, ...]] = {
            _stem(normalise(name)): tuple(group) for group in groups.values() for name in group
        }
        self._endings = any_of({stem[-1] for stem in self._stems} | set(rules["endings"]))
        self._elsewhere = tuple(rules["elsewhere"])
        said = {
            normalise(word): names
            for word, targets in synonyms.items()
            for names in [self._stems.get(_stem(normalise(targets[0])))]
            if names and len(targets) == 1
        }
        said |= {normalise(n): group for group in self._stems.values() for n in group if "（" in n}
        self._said, self._said_pattern = said, any_of(said)

    def named_in(self, text: str) -> tuple[Mention, ...]:
        """The departments that a normalised question names, in order."""
        mentions = [
            Mention(self._said[found.group()], *found.span()) for found in self._said_pattern.finditer(text)
        ]
        for ending in self._endings.finditer(text):
            if mention := self._ending_at(text, ending):
                mentions.append(mention)
        longest_first = sorted(mentions, key=lambda mention: mention.start - mention.end)
        kept: list[Mention] = []
        for mention in longest_first:
            apart = all(mention.end <= other.start or other.end <= mention.start for other in kept)
            if apart and not text[: mention.start].endswith(self._elsewhere):
                kept.append(mention)
        return tuple(sorted(kept, key=lambda mention: mention.start))

    def _ending_at(self, text: str, ending: re.Match[str]) -> Mention | None:
        """The likeliest department that ends there: as in the texts, then shorter, longer, by its end."""
        best: tuple[int, int, Mention] | None = None
        for start in range(max(0, ending.end() - _LONGEST), ending.end() - 1):
            written = text[start : ending.end()]
            if not written.isalnum():
                continue
            for said in {_shortened(written), _stem(written)}:
                kind, names = self._meant(said) if len(said) > 1 else (0, ())
                if names and (best is None or (kind, start) < best[:2]):
                    best = kind, start, Mention(names, start, ending.end())
        return best[2] if best else None

    def _meant(self, said: str) -> tuple[int, tuple[str, ...]]:
        """How sure the reading is (0 is surest) and whom it means; nobody where two could be meant."""
        for kind, agrees in enumerate((_same, _abbreviates, _spells_out, _ends)):
            if found := {self._stems[stem] for stem in self._stems if agrees(said, stem)}:
                return kind, found.pop() if len(found) == 1 else ()
        return len(self._stems), ()


def _same(said: str, stem: str) -> bool:
    alike = load("departments")["interchangeable"]
    return said == stem or (said[:-1] == stem[:-1] != "" and said[-1:] in alike and stem[-1] in alike)


def _abbreviates(said: str, stem: str) -> bool:
    return said[0] == stem[0] and said[-1] == stem[-1] and _within(said, stem)


def _ends(said: str, stem: str) -> bool:
    return stem.endswith(said) and said[-1] in load("departments")["by_their_end"]


def _spells_out(said: str, stem: str) -> bool:
    """教育委 for 教委, 发展和改革委 for 发展改革委: never more than twice as long."""
    return len(said) <= 2 * len(stem) and _abbreviates(stem, said)


def _within(short: str, long: str) -> bool:
    """Whether the characters of `short` stand in `long` in the same order."""
    rest = iter(long)
    return all(character in rest for character in short)


def _shortened(name: str) -> str:
    for long, short in load("departments")["endings"].items():
        name = name.replace(long, short)
    return re.sub(r"\(.*?\)", "", name)


def _stem(name: str) -> str:
    """A normalised name without its city and with its ending short."""
    rules, name = load("departments"), _shortened(name)
    if not name.startswith(tuple(rules["kept"])):
        for prefix in rules["prefixes"]:
            if name.startswith(prefix):
                return name[len(prefix) :]
    return name


def _without_filler(stem: str) -> str:
    for word in load("departments")["filler"]:
        stem = stem.replace(word, "")
    return stem
