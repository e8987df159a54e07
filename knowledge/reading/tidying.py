"""What every format's text goes through: line ends, invisible signs, and characters that only look right.

Many PDF files name a character by the radical that shares its glyph (⼀ for 一, ⻛ for 风): nobody would find
it. Compatibility forms of ideographs are put back likewise; nothing else is changed.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

_LINE_ENDS = re.compile("\r\n|[\r\f\v\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_ODD = re.compile("[\u2e80-\u2fdf\uf900-\ufaff\U0002f800-\U0002fa1f]")


def tidy(text: str) -> str:
    """The text with plain line ends, without invisible signs, each ideograph in its usual form."""
    text = _INVISIBLE.sub("", _LINE_ENDS.sub("\n", text))
    return _ODD.sub(lambda match: _usual(match[0]), text) if _ODD.search(text) else text


def _usual(sign: str) -> str:
    return _radicals().get(sign) or unicodedata.normalize("NFKC", sign)


@cache
def _radicals() -> dict[str, str]:
    lines = Path(__file__).with_name("radicals.txt").read_text(encoding="utf-8").split("\n")
    return {line[0]: line[1:] for line in lines if line and not line.startswith("#")}
