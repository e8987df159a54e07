"""Personal numbers in a resident's message, found and replaced before anything else sees the message.

Owns what counts as one and how it is recognised: identity cards by their birthday, mobile and fixed telephone
numbers, bank cards by Luhn, licence plates, e-mail addresses, however they are spaced. Amounts, years, document
numbers and hotlines stay: they are the stuff of questions here. It must not know who calls it; what a number
looks like without its disguise is `api.disguises`' own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from api.disguises import Plain, numbers, undisguised

_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_PLATE_SIGN = "0-9A-HJ-NP-Za-hj-np-z"
_NEWNESS = "最全更的辆台款换购买"
"""Before 新 these speak of a new car, not of Xinjiang: 买新CRV2024款."""
_FIXED = re.compile(
    r"(?<![0-9])(?:[(（]0[1-9][0-9]{1,2}[)）]|0[1-9][0-9]{1,2})[ \-\u2010-\u2015]{0,2}"
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
_LONGEST = 20
"""Groups that one number may be written in: each digit alone, and a country code."""
_PHONE_SHAPES = {(11,), (3, 4, 4), (3, 3, 5), (4, 4, 3), (3, 8), (7, 4), (4, 7), (3, 4, 2, 2), (3, 2, 2, 2, 2)}
_CARD_SHAPES = {(4, 6, 5), (6, 13), (6, 10), (4, 12), (6, 6, 4), (6, 4, 4, 5)}
_NAMED_CARD = re.compile(r"(?:银行卡|储蓄卡|信用卡|社保卡|卡)(?:号码|号)?[是为:： ]{0,3}$")
_NAMED_IDENTITY = re.compile(r"身份证(?:号码|号)?[是为:： ]{0,3}$")


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` holds a placeholder such as 〔电话号码〕 for each number; `rest` is the text without them."""

    text: str
    rest: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """Some groups of digits that stand together: `shape` is their lengths, `before` what stands before."""

    digits: str
    shape: tuple[int, ...]
    alone: bool
    tight: bool
    before: str


def mask(text: str, *, name_of: Callable[[str], str]) -> Masked:
    """Replace every personal number in `text`; `name_of` gives the words for a kind of number."""
    plain = undisguised(text)
    found: list[tuple[int, int, str]] = []
    # What stands on both sides of a found number may be the next one, so look until there is no more.
    while pieces := _first_found(plain):
        found += pieces
        plain = plain.without([(start, end) for start, end, _ in pieces])
    if not found:
        return Masked(text, text, ())
    pieces = sorted((*plain.where(start, end), kind) for start, end, kind in found)
    return Masked(
        text=_replace(text, [(start, end, f"〔{name_of(kind)}〕") for start, end, kind in pieces]),
        rest=_replace(text, [(start, end, " ") for start, end, _ in pieces]),
        kinds=tuple(kind for kind in KINDS if any(kind == found_kind for *_, found_kind in pieces)),
    )


def _first_found(plain: Plain) -> list[tuple[int, int, str]]:
    """The numbers of the first kind that occurs."""
    for kind, find in _FINDERS.items():
        pieces: list[tuple[int, int, str]] = []
        for start, end in find(plain.text):
            if not pieces or start >= pieces[-1][1]:
                pieces.append((start, end, kind))
        if pieces:
            return pieces
    return []


def _written_as(holds: Callable[[_Written], bool]) -> Callable[[str], Iterator[tuple[int, int]]]:
    """Finds groups of digits, side by side, that `holds`; the longest from each place."""

    def find(text: str) -> Iterator[tuple[int, int]]:
        for groups in numbers(text):
            lengths = [0, *accumulate(len(group.digits) for group in groups)]
            position = 0
            while position < len(groups):
                for stop in range(min(len(groups), position + _LONGEST), position, -1):
                    if not 11 <= lengths[stop] - lengths[position] <= 19:
                        continue
                    several = groups[position:stop]
                    written = _Written(
                        digits="".join(group.digits for group in several),
                        shape=tuple(len(group.digits) for group in several),
                        alone=len(several) == len(groups),
                        tight=all(group.tight for group in several[1:]),
                        before=text[max(0, several[0].start - 12) : several[0].start],
                    )
                    if holds(written):
                        yield several[0].start, several[-1].end
                        position = stop - 1
                        break
                position += 1

    return find


def _is_identity_card(written: _Written) -> bool:
    """GB 11643: province, then the day of birth in places 7 to 14.

    The check digit is not asked for: a number with a slip of the finger is still somebody's. One that is
    called an identity card needs not even a birthday, and may be an old one of 15 digits.
    """
    digits = written.digits
    if _NAMED_IDENTITY.search(written.before) and len(digits) in (15, 18):
        return True
    if len(digits) != 18 or digits[0] == "0":
        return False
    return int(digits[:2]) in _PROVINCE_CODES and _is_birthday(digits[6:14])


def _is_birthday(digits: str) -> bool:
    try:
        return 1880 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year <= 2100
    except ValueError:
        return False


def _is_bank_card(written: _Written) -> bool:
    """Luhn, in the groups that cards are printed or spelled in; a number called a card needs neither."""
    digits, shape = written.digits, written.shape
    if "X" in digits or not 15 <= len(digits) <= 19:
        return False
    if _NAMED_CARD.search(written.before):
        return True
    fours = {*shape[:-1]} <= {4} and shape[-1] <= 4 and len(shape) >= 4
    printed = len(shape) == 1 or (fours and not _are_years(digits, shape)) or shape in _CARD_SHAPES
    return digits[0] in "23456789" and (printed or _spelled(written)) and written.tight and _is_luhn(digits)


def _are_years(digits: str, shape: tuple[int, ...]) -> bool:
    return all(digits[at : at + 4][:2] in ("19", "20") for at in range(0, len(shape) * 4, 4))


def _is_luhn(number: str) -> bool:
    digits = [int(digit) for digit in number]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_mobile(written: _Written) -> bool:
    """Eleven digits from 13 to 19, with or without the country's code, in the groups that people say."""
    digits, shape = written.digits, written.shape
    for code in ("0086", "86", ""):
        if not digits.startswith(code) or len(digits) != 11 + len(code):
            continue
        if digits[len(code)] != "1" or digits[len(code) + 1] not in "3456789":
            continue
        rest = shape[1:] if code and shape[0] == len(code) else (shape[0] - len(code), *shape[1:])
        if (rest in _PHONE_SHAPES and written.tight) or _spelled(written):
            return True
        # Spoken numerals have no groups of their own: 一三八0013八000.
        if len(shape) > 1 and not written.tight and written.alone and max(shape) <= 8:
            return True
    return False


def _spelled(written: _Written) -> bool:
    """Each digit by itself, and nothing but them: a list of numbers goes on."""
    return written.alone and set(written.shape) == {1}


def _matches(pattern: re.Pattern[str]) -> Callable[[str], Iterator[tuple[int, int]]]:
    return lambda text: (found.span() for found in pattern.finditer(text))


def _plates(text: str) -> Iterator[tuple[int, int]]:
    """Letters alone are a word, not a plate."""
    return (
        found.span() for found in _PLATE.finditer(text) if any(sign.isdigit() for sign in found.group()[2:])
    )


_FINDERS: dict[str, Callable[[str], Iterator[tuple[int, int]]]] = {}
KINDS = ()
