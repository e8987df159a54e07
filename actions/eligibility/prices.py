"""A price in a resident's words: 15w, 15万8, 十二万五, 158,000元.

Reads one number of yuan or names what is wrong; a range is never guessed into a number. What a sensible price
is stands in reading.yml.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

from actions.eligibility.money import FEN
from actions.eligibility.problems import Problem
from actions.wording import load
from index.text import normalise

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_SMALL = {"十": 10, "百": 100, "千": 1000, "k": 1000}
_LARGE = {"万": 10_000, "w": 10_000, "亿": 100_000_000}
_HAN = "零〇一二两三四五六七八九"
_LONGEST = 24
_NUMERAL = rf"\d{_HAN}十百千"
_NUMBER = rf"[{_NUMERAL}](?:[{_NUMERAL},.点万亿]|\s(?=[十百千万亿wk])|[wk](?![a-z])|e\+?(?=\d))*"
_EXPRESSION = re.compile(rf"(?<![a-z0-9.第])(?<!\d,)(?P<sign>[-负]\s?)?(?P<number>{_NUMBER})")
_RANGE = re.compile(
    rf"(?<![{_NUMERAL}.])(?:{_NUMBER})\s?[元块]?\s?(?:-|—|~|到|至|、|或者?|还是)\s?(?:{_NUMBER})"
)
_ADJACENT = re.compile(
    rf"(?<![{_HAN}])[一二两三四五六七八九]{{2}}(?=[十百千万亿wk])|十[一二两三四五六七八九]{{2}}(?=[万亿])"
)
_GROUPED = re.compile(r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,])")
_SCIENTIFIC = re.compile(r"e\+?(\d+)")


def read_price(text: str) -> Decimal | Problem:
    """The price in yuan, to the fen at most. Never raises."""
    words = load("eligibility/reading")["price"]
    plain = re.sub(r"(?<=\d)[。点](?=\d)", ".", normalise(text))
    if re.search(words["discount"], plain):
        return Problem("price.discount", text.strip())
    if (found := _RANGE.search(plain) or _ADJACENT.search(plain)) is not None:
        return Problem("price.range", found.group() if found.re is _RANGE else plain)
    numbers = _numbers(plain)
    if not numbers:
        if re.search(r"几|数[十百千万]|[十百千万亿]多", plain):
            return Problem("price.range", plain)
        return Problem("price.zero", plain) if re.search(words["free"], plain) else Problem("price.none")
    if len(numbers) > 1:
        return Problem("price.several", "、".join(found["number"].rstrip(" ,.点") for found in numbers))
    return _checked(numbers[0], plain)


def _numbers(plain: str) -> list[re.Match[str]]:
    """The numbers that may be a price; those with 元 if there are any."""
    words = load("eligibility/reading")["price"]
    other, money = re.compile(rf"\s?(?:{words['not_money']})"), re.compile(rf"\s?(?:{words['money']})")
    found = [match for match in _EXPRESSION.finditer(plain) if not other.match(plain, match.end())]
    found = [match for match in found if len(match["number"]) > 1 or match["number"].isascii()] or found
    marked = [m for m in found if money.match(plain, m.end()) or plain[: m.start()].rstrip().endswith("¥")]
    return marked or found


def _checked(found: re.Match[str], plain: str) -> Decimal | Problem:
    words = load("eligibility/reading")["price"]
    number, behind = found["number"].rstrip(" ,.点"), plain[found.end() :].strip()
    if found["sign"]:
        return Problem("price.negative", found.group())
    if re.match(rf"(?:{words['roughly']})", behind) or re.search(
        r"(?:几|不到|不超过|最多|至少)\s?$", plain[: found.start()]
    ):
        return Problem("price.range", plain)
    value = _value(number)
    if value is None or re.match(rf"(?:{words['money']})\s?[\d{_HAN}]", behind):
        return Problem("price.unclear", f"{number}{behind}" if behind else number)
    if value == 0:
        return Problem("price.zero", number)
    if value > Decimal(words["most"]):
        return Problem("price.too_large", number)
    if value != value.quantize(FEN):
        return Problem("price.fraction", number)
    unitless = re.fullmatch(rf"[\d.{_HAN}十]+", number) and not re.match(rf"(?:{words['money']})", behind)
    if unitless and "¥" not in plain and value < Decimal(words["bare_least"]):
        return Problem("price.unit", number)
    return value


def _value(number: str) -> Decimal | None:
    """15万8 as 158000; None where it can be read in two ways. Too large a number is only told to be so."""
    number = _GROUPED.sub(lambda found: found.group().replace(",", ""), number).replace(" ", "")
    beyond = Decimal(load("eligibility/reading")["price"]["most"]) + 1
    power = _SCIENTIFIC.search(number)
    if len(number) > _LONGEST or (power and len(power[1]) > 2):
        return beyond
    try:
        return _sum(number)
    except (InvalidOperation, KeyError, ValueError):
        return None


def _sum(number: str) -> Decimal:
    """Raises ValueError for what can be read in two ways."""
    for sign in ("亿", "万", "w"):
        head, found, tail = number.partition(sign)
        if found:
            if not head:
                raise ValueError(number)
            while tail and tail[0] in _LARGE:  # 万亿
                head, tail, sign = f"{head}{sign}", tail[1:], tail[0]
            return _sum(head) * _LARGE[sign] + _tail(tail, _LARGE[sign])
    return _small(number)


def _tail(tail: str, unit: int) -> Decimal:
    """What stands behind a unit: one digit counts tenths of it, as in 15万8."""
    if not tail:
        return Decimal(0)
    if len(tail) == 1 and tail not in _SMALL:
        return _small(tail) * (unit // 10)
    if tail.isdigit() and tail.isascii() and len(str(unit)) - 1 != len(tail):
        raise ValueError(tail)
    value = _sum(tail.lstrip("零〇"))
    if value >= unit:
        raise ValueError(tail)
    return value


def _small(number: str) -> Decimal:
    """Below 万: 5.8千, 一千五, 二九九九, 三点五."""
    if re.fullmatch(r"\d+(\.\d+)?(e\+?\d+)?", number):
        return Decimal(number)
    if (found := re.fullmatch(r"(\d+(?:\.\d+)?)([十百千k])(.*)", number)) is not None:
        unit = _SMALL[found[2]]
        return Decimal(found[1]) * unit + _tail(found[3], unit)
    whole, point, decimals = number.partition("点")
    if point:
        return _small(whole) + Decimal("0." + "".join(str(_DIGITS[sign]) for sign in decimals))
    if all(sign in _DIGITS for sign in number):
        if len(number) == 2:
            raise ValueError(number)
        return Decimal("".join(str(_DIGITS[sign]) for sign in number))
    return Decimal(_spoken(number))


def _spoken(number: str) -> int:
    """一千五 is 1500, 一千零五 is 1005, 十五 is 15."""
    total, digit, unit, zero = 0, None, 0, False
    for sign in number:
        if sign in _SMALL:
            if (digit is None and total) or (unit and _SMALL[sign] >= unit):
                raise ValueError(number)
            unit = _SMALL[sign]
            total += (1 if digit is None else digit) * unit
            digit, zero = None, False
        elif sign in "零〇" and digit is None:
            zero = True
        elif sign in _DIGITS and digit is None:
            digit = _DIGITS[sign]
        else:
            raise ValueError(number)
    if digit is None:
        return total
    return total + digit * (unit // 10 if unit > 10 and not zero else 1)
