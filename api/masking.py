"""Personal numbers in a resident's message, found and replaced before anything else sees the message.

Owns what counts as one: identity cards by their birthday, mobile and fixed telephone numbers, bank cards by
Luhn, licence plates, e-mail addresses. Amounts, years, document numbers and hotlines stay: they are the stuff
of questions here. It must not know who calls it, nor how digits are disguised (`api.disguises`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from api.disguises import Group, Plain, numbers, undisguised

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_PLATE_SIGN = "0-9A-HJ-NP-Za-hj-np-z"
_NEWNESS = "最全更的辆台款换购买"
"""Before 新 these speak of a new car, not of Xinjiang: 买新CRV2024款."""
_FIXED = re.compile(
    r"(?<![0-9])(?:\(0[1-9][0-9]{1,2}\)|0[1-9][0-9]{1,2})[ \-\u2010-\u2015]{0,2}"
    r"[2-9][0-9]{2,3}[ \-]?[0-9]{4}(?![0-9])"
)
_PLATE = re.compile(
    rf"(?<![{_NEWNESS}])[{_PROVINCES}] ?[A-HJ-Za-hj-z][ ·•・.\-]{{0,2}}"
    rf"(?:[{_PLATE_SIGN}] ?){{4}}[{_PLATE_SIGN}挂学警港澳](?: ?[{_PLATE_SIGN}])?(?![0-9A-Za-z款型版])"
)
_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63} ?@ ?[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.)+[A-Za-z]{2,24}", re.ASCII
)

_PROVINCE_CODES = range(11, 84)
_SHORTEST, _LONGEST = 11, 19
_MOST_GROUPS = 20
_PHONE_SHAPES = {(11,), (3, 4, 4), (3, 3, 5), (4, 4, 3), (3, 8), (7, 4), (4, 7), (3, 4, 2, 2)}
_CARD_SHAPES = {(4, 6, 5), (6, 13), (6, 10), (4, 12), (6, 4, 4, 5)}
_IS = r"(?:号码|号)?[是为:： ]{0,3}$"
_CALLED_CARD = re.compile(r"卡" + _IS)
_CALLED_IDENTITY = re.compile(r"身份证" + _IS)
_CHECK_LETTER = re.compile(r"[ \-]?[Xx](?![0-9A-Za-z])")


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` holds a placeholder such as 〔电话号码〕 for each number; `rest` is the text without them."""

    text: str
    rest: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """Groups of digits side by side. `alone`: no others stand with them; `called` ends with their name."""

    digits: str
    groups: list[Group]
    alone: bool
    called: str

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(group.digits) for group in self.groups)

    @property
    def tight(self) -> bool:
        return all(group.tight for group in self.groups[1:])

    @property
    def spelled(self) -> bool:
        """Each digit by itself and nothing but them: a list of numbers goes on."""
        return self.alone and set(self.shape) == {1}


def mask(text: str, *, name_of: Callable[[str], str]) -> Masked:
    """Replace every personal number in `text`; `name_of` gives the words for a kind of number."""
    plain = undisguised(text)
    pieces: list[tuple[int, int, str]] = []
    # Between two numbers that were found the next one may show, so look until there is none.
    while found := _of_first_kind(plain):
        pieces += [(*plain.where(start, end), kind) for start, end, kind in found]
        plain = plain.without([(start, end) for start, end, _ in found])
    if not pieces:
        return Masked(text, text, ())
    pieces.sort()
    kinds = {kind for *_, kind in pieces}
    return Masked(
        text=_replace(text, [(start, end, f"〔{name_of(kind)}〕") for start, end, kind in pieces]),
        rest=_replace(text, [(start, end, " ") for start, end, _ in pieces]),
        kinds=tuple(kind for kind in dict.fromkeys(kind for kind, _ in _FINDERS) if kind in kinds),
    )


def _of_first_kind(plain: Plain) -> list[tuple[int, int, str]]:
    """Every number of the first kind that there is one of."""
    for kind, find in _FINDERS:
        if found := [(start, end, kind) for start, end in find(plain.text)]:
            return found
    return []


def _replace(text: str, pieces: list[tuple[int, int, str]]) -> str:
    parts, position = [], 0
    for start, end, words in pieces:
        parts += [text[position:start], words]
        position = end
    return "".join([*parts, text[position:]])


Finder = Callable[[str], Iterator[tuple[int, int]]]


def _in_groups(holds: Callable[[_Written], bool], *, checked_by_letter: bool = False) -> Finder:
    """Finds the longest groups side by side that `holds`, from the left; a letter may stand for the last."""

    def find(text: str) -> Iterator[tuple[int, int]]:
        for groups in numbers(text):
            reached = [0, *accumulate(len(group.digits) for group in groups)]
            first = 0
            while first < len(groups):
                for last in range(min(len(groups), first + _MOST_GROUPS) - 1, first - 1, -1):
                    if not _SHORTEST <= reached[last + 1] - reached[first] <= _LONGEST:
                        continue
                    several = groups[first : last + 1]
                    start, end = several[0].start, several[-1].end
                    digits = "".join(group.digits for group in several)
                    letter = _CHECK_LETTER.match(text, end) if checked_by_letter else None
                    if letter:
                        digits, end = digits + "X", letter.end()
                    called = text[max(0, start - 12) : start]
                    if holds(_Written(digits, several, len(several) == len(groups), called)):
                        yield start - called.endswith("+"), end
                        first = last
                        break
                first += 1

    return find


def _is_identity_card(written: _Written) -> bool:
    """GB 11643: province, then the day of birth in places 7 to 14.

    The check digit is not asked for: a number with a slip of the finger is still somebody's. One that is
    called an identity card needs no birthday either, and may be an old one of 15 digits.
    """
    digits = written.digits
    if len(digits) in (15, 18) and _CALLED_IDENTITY.search(written.called):
        return True
    return len(digits) == 18 and int(digits[:2]) in _PROVINCE_CODES and _is_birthday(digits[6:14])


def _is_birthday(digits: str) -> bool:
    try:
        return 1880 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year <= 2100
    except ValueError:
        return False


def _is_bank_card(written: _Written) -> bool:
    """Luhn, in groups that cards are printed or spelled in; a number that is called a card needs neither."""
    digits, shape = written.digits, written.shape
    if not 15 <= len(digits) <= 19:
        return False
    if _CALLED_CARD.search(written.called):
        return True
    fours = len(shape) >= 4 and set(shape[:-1]) == {4} and shape[-1] <= 4
    years = fours and all(group.digits[:2] in ("19", "20") for group in written.groups)
    printed = written.tight and (len(shape) == 1 or shape in _CARD_SHAPES or (fours and not years))
    return digits[0] not in "01" and (printed or written.spelled) and _is_luhn(digits)


def _is_luhn(number: str) -> bool:
    digits = [int(digit) for digit in number]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_mobile(written: _Written) -> bool:
    """Eleven digits from 13 to 19, the country's code before them or not, in groups that people say."""
    digits, shape = written.digits, written.shape
    code = next((code for code in ("0086", "86", "") if digits.startswith(code)), "")
    number = digits[len(code) :]
    if len(number) != 11 or number[0] != "1" or number[1] not in "3456789":
        return False
    own = shape[1:] if code and shape[0] == len(code) else (shape[0] - len(code), *shape[1:])
    # 一三八0013八000: where the numerals change there is no gap, and the groups mean nothing.
    joined = len(shape) > 1 and not any(group.gap for group in written.groups[1:])
    return (written.tight and own in _PHONE_SHAPES) or written.spelled or joined


def _matches(pattern: re.Pattern[str]) -> Finder:
    return lambda text: (found.span() for found in pattern.finditer(text))


def _plates(text: str) -> Iterator[tuple[int, int]]:
    """Letters alone are a word, not a plate."""
    return (found.span() for found in _PLATE.finditer(text) if any(map(str.isdigit, found.group()[2:])))


_FINDERS: tuple[tuple[str, Finder], ...] = (
    ("email", _matches(_EMAIL)),
    ("identity_card", _in_groups(_is_identity_card, checked_by_letter=True)),
    ("bank_card", _in_groups(_is_bank_card)),
    ("phone", _in_groups(_is_mobile)),
    ("phone", _matches(_FIXED)),
    ("plate", _plates),
)
