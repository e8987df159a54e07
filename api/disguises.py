"""Digits as people disguise them: full width, in circles, as Chinese numerals, with signs between.

Owns the plain form of a text in which numbers are looked for, the way back to the places of the original, and
which digits stand together. It must not know what a number means.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NUMERALS = str.maketrans("〇零○一幺二两三四五六七八九壹贰叁肆伍陆柒捌玖", "00011223456789123456789")
# 周一, 第一: not the first digit of what follows.
_SPOKEN = r"(?:[〇零○幺二两三四五六七八九壹贰叁肆伍陆柒捌玖]|(?<![周期第唯万统同专])一)+"
_GROUP = re.compile(rf"[0-9]+|{_SPOKEN}")
_SIGNS = r" \t\n\u3000\u2010-\u2015.·_,，、*/|~\-"
_TIGHT = re.compile(r"[ \t\n\u3000\u2010-\u2015.·_\-]{0,2}")
_RUN = re.compile(rf"(?:[0-9]+|{_SPOKEN})(?:[{_SIGNS}]{{0,2}}(?:[0-9]+|{_SPOKEN}))*")
_BARRIER = "\0"
_SHORTEST = 11


@dataclass(frozen=True, slots=True)
class Group:
    """Digits at `[start, end)` with nothing between them; `gap` is what parts them from those before."""

    digits: str
    start: int
    end: int
    gap: str

    @property
    def tight(self) -> bool:
        """Whether the gap is one that people leave within a number: 、 and / stand between two."""
        return _TIGHT.fullmatch(self.gap) is not None


@dataclass(frozen=True, slots=True)
class Plain:
    """`text` without its disguise; `places` are the original's, one for each of its characters."""

    text: str
    places: range | tuple[int, ...]

    def where(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original of `[start, end)`, which must not be empty."""
        return self.places[start], self.places[end - 1] + 1

    def without(self, spans: Iterable[tuple[int, int]]) -> Plain:
        """The same with `spans` closed: no number goes through them."""
        text = self.text
        for start, end in spans:
            text = text[:start] + _BARRIER * (end - start) + text[end:]
        return Plain(text, self.places)


def undisguised(text: str) -> Plain:
    """Without what is not seen, and every digit, letter or sign that has an ASCII form in that form."""
    if text.isascii():
        return Plain(text, range(len(text)))
    kept = [(shown, place) for place, character in enumerate(text) if (shown := _PLAIN[character])]
    return Plain("".join(shown for shown, _ in kept), tuple(place for _, place in kept))


def numbers(plain: str) -> Iterator[list[Group]]:
    """Every run of digits in which a personal number could stand, as its groups."""
    for run in _RUN.finditer(plain):
        if run.end() - run.start() < _SHORTEST:
            continue
        groups: list[Group] = []
        for found in _GROUP.finditer(plain, *run.span()):
            gap = plain[groups[-1].end : found.start()] if groups else ""
            groups.append(Group(found.group().translate(_NUMERALS), *found.span(), gap))
        yield groups


class _PlainCharacters(dict[str, str]):
    """What each character is in plain, decided when it is first met; empty for what is not seen."""

    def __missing__(self, character: str) -> str:
        self[character] = plain = _plain(character)
        return plain


def _plain(character: str) -> str:
    if character.isascii():
        return character
    if unicodedata.category(character) in ("Cf", "Mn", "Me"):
        return ""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    compatible = unicodedata.normalize("NFKC", character)
    return compatible if len(compatible) == 1 and compatible.isascii() else character


_PLAIN = _PlainCharacters()
