"""Personal numbers in a resident's message, found and replaced before anything else sees the message.

Owns the patterns and their checks: identity cards by their birthday, mobile and fixed telephone numbers,
bank cards by Luhn, licence plates, e-mail addresses. Amounts, years, document numbers and hotlines stay:
they are the stuff of questions here. It must not know who calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

_GAP = r"[ \-\u2010-\u2015]?"
_FREE, _ENDS = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"
_PLATE_SIGN = "0-9A-HJ-NP-Za-hj-np-z"
_DIGITS = {ord("０") + digit: str(digit) for digit in range(10)}
_HALF_WIDTH = _DIGITS | {ord("Ｘ"): "X", ord("ｘ"): "x", ord("＠"): "@"}
"""One character for one, so that offsets stay."""

_IDENTITY_CARD = re.compile(rf"{_FREE}[1-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9Xx]{_ENDS}")
_BANK_CARD = re.compile(rf"{_FREE}[2-9](?:{_GAP}[0-9]){{14,18}}{_ENDS}")
_MOBILE = re.compile(rf"{_FREE}(?:\+?86{_GAP})?1[3-9][0-9](?:{_GAP}[0-9]){{8}}{_ENDS}")
_FIXED = re.compile(rf"{_FREE}0[1-9][0-9]{{1,2}}{_GAP}[2-9][0-9]{{6,7}}{_ENDS}")
_PLATE = re.compile(
    rf"(?<![最全更])[{_PROVINCES}] ?[A-HJ-Za-hj-z][ ·•・.]?"
    rf"[{_PLATE_SIGN}]{{4}}[{_PLATE_SIGN}挂学警港澳][{_PLATE_SIGN}]?{_ENDS}"
)
_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z]{2,24}", re.ASCII
)

_PROVINCE_CODES = range(11, 84)


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` holds a placeholder such as 〔电话号码〕 for each number; `rest` is the text without them."""

    text: str
    rest: str
    kinds: tuple[str, ...]


def mask(text: str, *, name_of: Callable[[str], str]) -> Masked:
    """Replace every personal number in `text`; `name_of` gives the words for a kind of number."""
    kinds: list[str] = []
    plain = text.translate(_HALF_WIDTH)
    pieces: list[tuple[int, int, str]] = []
    for kind, pattern, holds in _KINDS:
        for found in pattern.finditer(plain):
            start, end = found.span()
            if not holds(found.group()) or any(start < b and a < end for a, b, _ in pieces):
                continue
            pieces.append((start, end, kind))
            if kind not in kinds:
                kinds.append(kind)
    if not pieces:
        return Masked(text, text, ())
    pieces.sort()
    return Masked(
        text=_replace(text, [(start, end, f"〔{name_of(kind)}〕") for start, end, kind in pieces]),
        rest=_replace(text, [(start, end, " ") for start, end, _ in pieces]),
        kinds=tuple(kinds),
    )


def _replace(text: str, pieces: list[tuple[int, int, str]]) -> str:
    parts, position = [], 0
    for start, end, words in pieces:
        parts += [text[position:start], words]
        position = end
    return "".join([*parts, text[position:]])


def _compact(number: str) -> str:
    return re.sub(r"[^0-9Xx]", "", number)


def _is_identity_card(number: str) -> bool:
    """GB 11643: province, then the day of birth in places 7 to 14.

    The check digit is not asked for: a number with a slip of the finger is still somebody's.
    """
    digits = _compact(number)
    return int(digits[:2]) in _PROVINCE_CODES and _is_birthday(digits[6:14])


def _is_birthday(digits: str) -> bool:
    try:
        return 1880 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year <= 2100
    except ValueError:
        return False


def _is_luhn(number: str) -> bool:
    digits = [int(digit) for digit in _compact(number)]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _always(number: str) -> bool:
    return True


def _has_digit(plate: str) -> bool:
    """Letters alone are a word, not a plate."""
    return any(letter.isdigit() for letter in plate)


_KINDS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", _EMAIL, _always),
    ("identity_card", _IDENTITY_CARD, _is_identity_card),
    ("bank_card", _BANK_CARD, _is_luhn),
    ("phone", _MOBILE, _always),
    ("phone", _FIXED, _always),
    ("plate", _PLATE, _has_digit),
)
