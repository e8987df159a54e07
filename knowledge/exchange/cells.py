"""Text in table cells: made harmless to spreadsheets, and read back exactly as it was.

A cell that a spreadsheet could take for a formula gets an apostrophe in front. Items of a list stand one a
line; what would not survive (line ends within an item, white space at its ends, control characters) is
written with a backslash.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from knowledge.exchange.wording import say
from knowledge.model import Quote

# Full-width forms count, too: some spreadsheets take them for the half-width ones.
_GUARDED = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_CONTROL = re.compile(
    "[\\\\\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]"
    "|_(?=x[0-9A-Fa-f]{4}_)"  # what spreadsheets take for the code of a character
)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.|$)", re.DOTALL)
_QUOTE = re.compile(r"【([^】]+)】(.*)", re.DOTALL)
_PLAIN = {"\\": "\\\\", "\n": "\\n"}


def guard(text: str) -> str:
    """The cell's text so that no spreadsheet runs it."""
    return f"'{text}" if _GUARDED.match(text) else text


def unguard(text: str) -> str:
    """The inverse of `guard`; what a person typed without an apostrophe stays as it is."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def escape(text: str, *, lines: bool = False) -> str:
    """The text as a cell keeps it; `lines` keeps its line ends (a cell with one value)."""
    out = _CONTROL.sub(lambda found: _code(found[0]), text)
    if not lines:
        out = out.replace("\n", "\\n")
    return _END.sub(lambda found: "".join(_code(sign) for sign in found[0]), out)


def unescape(text: str) -> str:
    """The inverse of `escape`. Raises ValueError with a sentence for a backslash that means nothing."""

    def meant(found: re.Match[str]) -> str:
        word = found[1]
        if word in ("\\", "n"):
            return "\n" if word == "n" else "\\"
        if len(word) == 5:
            return chr(int(word[1:], 16))
        raise ValueError(say("escape", value=text[:40]))

    return _ESCAPE.sub(meant, text)


def list_cell(items: Iterable[str]) -> str:
    """One item a line."""
    return "\n".join(escape(item) for item in items)


def items_of(cell: str) -> list[str]:
    """The lines that hold something, without the white space around them."""
    return [unescape(line.strip()) for line in cell.split("\n") if line.strip()]


def quotes_cell(quotes: Iterable[Quote]) -> str:
    return "\n".join(f"【{escape(quote.clause_id)}】{escape(quote.text)}" for quote in quotes)


def quotes_of(cell: str) -> list[dict[str, str]]:
    """The plain forms of quotes. Raises ValueError with a sentence for a line without a clause id."""
    found = []
    for line in cell.split("\n"):
        if not line.strip():
            continue
        match = _QUOTE.fullmatch(line.strip())
        if match is None:
            raise ValueError(say("quote", value=line.strip()[:40]))
        found.append({"clause": unescape(match[1].strip()), "text": unescape(match[2].strip())})
    return found


def _code(sign: str) -> str:
    return _PLAIN.get(sign) or f"\\u{ord(sign):04x}"


_END = re.compile(r"^\s+|\s+$")
