"""The markers that number a Chinese policy text, and their numerals.

Knows the shapes of markers and what they count; where they stand in the tree is `tree`'s business.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum


class Style(IntEnum):
    """The families of markers; the value is the default rank, the outermost first."""

    BOOK = 0
    CHAPTER = 1
    DIVISION = 2
    ARTICLE = 3
    PART = 4
    SECTION = 5
    ITEM = 6
    SUBITEM = 7
    BRACKET = 8
    CIRCLED = 9


STYLE_NAMES: dict[str, Style] = {style.name.lower(): style for style in Style}
FORMAL = (Style.BOOK, Style.CHAPTER, Style.DIVISION, Style.ARTICLE)
_HAN = "〇零一二两三四五六七八九十百千"
_NUMERAL = rf"(?:[{_HAN}]{{1,9}}|[0-9０-９]{{1,4}})"
_PATTERNS: tuple[tuple[Style, re.Pattern[str]], ...] = (
    (Style.BOOK, re.compile(rf"第\s*({_NUMERAL})\s*(?:分\s*)?编")),
    (Style.CHAPTER, re.compile(rf"第\s*({_NUMERAL})\s*章")),
    (Style.DIVISION, re.compile(rf"第\s*({_NUMERAL})\s*节")),
    (Style.ARTICLE, re.compile(rf"第\s*({_NUMERAL})\s*条(?:\s*之\s*([{_HAN}]{{1,3}}))?")),
    (Style.PART, re.compile(rf"([{_HAN}]{{1,5}})\s*[、．](?!\s*[{_HAN}]+\s*[、（(])")),
    (Style.SECTION, re.compile(rf"[（(]\s*([{_HAN}]{{1,5}})\s*[)）]、?")),
    (Style.ITEM, re.compile(r"([0-9０-９]{1,3})\s*[.．、](?![0-9０-９])")),
    (Style.SUBITEM, re.compile(r"[（(]\s*([0-9０-９]{1,3})\s*[)）]、?")),
    (Style.BRACKET, re.compile(r"([0-9０-９]{1,2})[)）]")),
    (Style.CIRCLED, re.compile(r"([①-⑳])")),
)
_WRITTEN = {
    Style.BOOK: "第{}编",
    Style.CHAPTER: "第{}章",
    Style.DIVISION: "第{}节",
    Style.ARTICLE: "第{}条",
    Style.PART: "{}、",
    Style.SECTION: "（{}）",
    Style.ITEM: "{}.",
    Style.SUBITEM: "（{}）",
    Style.BRACKET: "{}）",
}
_OPENERS = re.compile(r"[第（(0-9０-９①-⑳〇零一二两三四五六七八九十百千]")
_TERMINAL = "。；：！？!?;:"
_HEADING_LIMIT = 40
_REFERENCE = re.compile(r"[规所的和与至或、中及到第]|之[^一二三四五六七八九十]")


@dataclass(frozen=True, slots=True)
class Marker:
    """A marker at the start of a paragraph. `certain` is False where only the order can confirm it; `forced`
    is True where a person said so, whatever the words are, and then `text` may be empty."""

    style: Style
    number: int
    text: str
    suffix: int = 0
    certain: bool = True
    forced: bool = False

    @property
    def written(self) -> str:
        """The marker as the text has it, or as it would be written."""
        return self.text or written(self.style, self.number)

    @property
    def step(self) -> str:
        return f"{self.number}-{self.suffix}" if self.suffix else str(self.number)


def chinese_number(text: str) -> int:
    """`二十七` -> 27, `一百零三` -> 103, `１２` -> 12. Raises ValueError on anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.isascii() and plain.isdigit():
        return int(plain)
    if not plain or any(sign not in _HAN for sign in plain):
        raise ValueError(f"not a Chinese numeral: {text!r}")
    if not any(sign in "十百千" for sign in plain):
        return int("".join(str(_digit(sign)) for sign in plain))
    total, digit = 0, 0
    for sign in plain:
        unit = {"十": 10, "百": 100, "千": 1000}.get(sign)
        if unit is None:
            digit = _digit(sign)
        else:
            total += (digit or 1) * unit
            digit = 0
    return total + digit


def numeral(number: int) -> str:
    """27 -> `二十七`; for labels, 1 to 9999."""
    if number <= 0 or number >= 10000:
        return str(number)
    words, rest, gap = "", number, False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, rest = divmod(rest, unit)
        if digit:
            words += ("零" if gap else "") + "零一二三四五六七八九"[digit] + name
            gap = False
        elif words and rest:
            gap = True
    return words.removeprefix("一") if 10 <= number < 20 else words


def written(style: Style, number: int) -> str:
    """How a marker of that style is commonly written: SECTION 3 -> `（三）`."""
    if style is Style.CIRCLED:
        return chr(ord("①") + number - 1) if number <= 20 else str(number)
    return _WRITTEN[style].format(numeral(number) if style < Style.ITEM else number)


def marker_of(text: str, raw: str | None = None) -> Marker | None:
    """The marker `text` begins with, if any; `raw` is the paragraph before its spaces were dropped."""
    if not text or not _OPENERS.match(text[0]):
        return None
    for style, pattern in _PATTERNS:
        match = pattern.match(text)
        if match is None:
            continue
        number = _circled(match[1]) if style is Style.CIRCLED else chinese_number(match[1])
        if number == 0:
            return None
        rest = text[match.end() :].strip()
        certain = True
        if style in (Style.BOOK, Style.CHAPTER, Style.DIVISION):
            if not is_heading(rest) or (rest and _REFERENCE.match(rest) and not _gap(pattern, raw)):
                return None
        elif style is Style.ARTICLE:
            certain = not rest or _gap(pattern, raw) or rest[0] in "【[（("
            if not certain and _REFERENCE.match(rest):
                return None
        suffix = chinese_number(match[2]) if style is Style.ARTICLE and match[2] else 0
        return Marker(style, number, match[0], suffix, certain)
    return None


def is_heading(text: str) -> bool:
    """A short run of words without a sentence in it."""
    return len(text) <= _HEADING_LIMIT and not any(sign in _TERMINAL for sign in text)


def _gap(pattern: re.Pattern[str], raw: str | None) -> bool:
    match = pattern.match(raw.lstrip()) if raw else None
    return bool(match and raw and raw.lstrip()[match.end() : match.end() + 1].isspace())


def _digit(sign: str) -> int:
    return {"〇": 0, "零": 0, "两": 2}.get(sign, "零一二三四五六七八九".find(sign))


def _circled(sign: str) -> int:
    return ord(sign) - ord("①") + 1
