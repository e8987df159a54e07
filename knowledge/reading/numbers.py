"""How a number is written in each of the formats that Word names, and pages too."""

from __future__ import annotations

from knowledge.parsing.numbering import numeral

_LEGAL = str.maketrans("零一二三四五六七八九十百千", "零壹贰叁肆伍陆柒捌玖拾佰仟")
_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")
_FULL = str.maketrans("0123456789", "０１２３４５６７８９")
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_COUNTING = {
    "chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCounting",
    "taiwaneseCountingThousand", "ideographDigitalCounting",
}  # fmt: skip
_SILENT = {"bullet", "none"}


def written(number: int, style: str) -> str:
    """`number` in Word's format `style`; unknown formats are decimal, bullets have no text."""
    if style in _SILENT:
        return ""
    if style in _COUNTING:
        return numeral(number)
    if style in ("chineseLegalSimplified", "ideographLegalTraditional", "japaneseLegal"):
        return numeral(number).translate(_LEGAL)
    if style in ("ideographDigital", "japaneseDigitalTenThousand", "taiwaneseDigital"):
        return str(number).translate(_DIGITS)
    if style in ("decimalFullWidth", "decimalFullWidth2"):
        return str(number).translate(_FULL)
    if style == "decimalZero":
        return f"{number:02d}"
    for name, start, last in (
        ("decimalEnclosedCircle", "①", 20),
        ("decimalEnclosedCircleChinese", "①", 20),
        ("decimalEnclosedParen", "⑴", 20),
        ("decimalEnclosedFullstop", "⒈", 20),
        ("ideographEnclosedCircle", "㊀", 10),
    ):
        if style == name and 1 <= number <= last:
            return chr(ord(start) + number - 1)
    if style in ("upperLetter", "lowerLetter") and number > 0:
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if style == "upperLetter" else letter
    if style in ("upperRoman", "lowerRoman") and 0 < number < 4000:
        return _roman(number).upper() if style == "upperRoman" else _roman(number)
    if style == "ideographTraditional" and 1 <= number <= 10:
        return _STEMS[number - 1]
    if style == "ideographZodiac" and 1 <= number <= 12:
        return _BRANCHES[number - 1]
    return str(number)


def _roman(number: int) -> str:
    out = ""
    for size, sign in _ROMAN:
        while number >= size:
            out, number = out + sign, number - size
    return out
