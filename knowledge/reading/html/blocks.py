"""The lines of an element: a block each, a table's row each, with the numbers a browser would draw."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from bs4 import Tag
from bs4.element import NavigableString

from knowledge.reading.html.tables import grid_of, is_data
from knowledge.reading.numbers import written
from knowledge.reading.rows import as_line

_BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
    "html", "legend", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot",
    "th", "thead", "tr", "ul", "caption",
}  # fmt: skip
_SPACE = re.compile(r"[ \t\n\r\f]+")
_TYPES = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman", "1": "decimal"}
_STYLES = {
    "decimal": ("decimal", "."), "decimal-leading-zero": ("decimalZero", "."),
    "lower-alpha": ("lowerLetter", "."), "lower-latin": ("lowerLetter", "."),
    "upper-alpha": ("upperLetter", "."), "upper-latin": ("upperLetter", "."),
    "lower-roman": ("lowerRoman", "."), "upper-roman": ("upperRoman", "."),
    "cjk-ideographic": ("chineseCounting", "、"), "simp-chinese-informal": ("chineseCounting", "、"),
    "trad-chinese-informal": ("chineseCounting", "、"), "cjk-decimal": ("ideographDigital", "、"),
    "simp-chinese-formal": ("chineseLegalSimplified", "、"), "none": ("none", ""), "disc": ("none", ""),
}  # fmt: skip
_LIST_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z-]+)", re.IGNORECASE)


@dataclass
class _Lines:
    done: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    prefix: str = ""

    def text(self, words: str) -> None:
        self.open.append(words)

    def close(self) -> None:
        line = "".join(self.open)
        self.open = []
        if line.strip():
            self.done.append(self.prefix + (line.strip(" ") if self.prefix else line.rstrip(" ")))
            self.prefix = ""


def lines_of(root: Tag) -> list[str]:
    """The text below `root`, a block a line. White space counts as a browser counts it."""
    out = _Lines()
    counts: dict[int, int] = {}
    stack: list[tuple[object, bool, bool]] = [(root, False, False)]  # node, preformatted, leaving
    while stack:
        node, pre, leaving = stack.pop()
        if isinstance(node, NavigableString):
            _add(out, str(node), pre)
            continue
        if not isinstance(node, Tag):
            continue
        if leaving:
            out.close()
            continue
        name = node.name
        if name == "br":
            out.close()
            continue
        if name in ("wbr", "img"):
            continue
        if name in _BLOCKS:
            out.close()
            stack.append((node, pre, True))
        if name == "table" and is_data(node):
            out.done.extend(as_line(row) for row in grid_of(node, cell_text))
            continue
        if name == "li":
            out.prefix = _number(node, counts)
        pre = pre or name in ("pre", "listing", "xmp") or _keeps_space(node)
        stack.extend((child, pre, False) for child in reversed(list(node.children)))
    out.close()
    return out.done


def cell_text(cell: Tag) -> str:
    return " ".join(lines_of(cell))


def _add(out: _Lines, words: str, pre: bool) -> None:
    if pre:
        first, *more = words.replace("\r\n", "\n").split("\n")
        out.text(first)
        for line in more:
            if not "".join(out.open).strip():
                out.done.append("")  # an empty line of a preformatted text stays one
                out.open = []
            out.close()
            out.text(line)
        return
    words = _SPACE.sub(_collapse, words)
    if words.startswith(" ") and (not out.open or out.open[-1].endswith((" ", "\t"))):
        words = words[1:]
    if words:
        out.text(words)


def _collapse(match: re.Match[str]) -> str:
    """White space is one space; a tab between words on one line, as pasted tables have it, stays a tab."""
    return "\t" if "\t" in match[0] and "\n" not in match[0] and "\r" not in match[0] else " "


def _keeps_space(tag: Tag) -> bool:
    style = tag.get("style")
    return isinstance(style, str) and re.search(r"white-space\s*:\s*(?:pre|break-spaces)", style) is not None


def _number(item: Tag, counts: dict[int, int]) -> str:
    """What a browser draws before an item of a numbered list."""
    holder = item.parent
    if holder is None or holder.name != "ol":
        return ""
    start = _whole(holder.get("start"), 1)
    number = _whole(item.get("value"), counts.get(id(holder), start - 1) + 1)
    counts[id(holder)] = number
    for tag in (item, holder):
        match = _LIST_STYLE.search(str(tag.get("style") or ""))
        if match and match[1].lower() in _STYLES:
            style, sign = _STYLES[match[1].lower()]
            return f"{written(number, style)}{sign}"
    return f"{written(number, _TYPES.get(str(holder.get('type') or '1'), 'decimal'))}."


def _whole(given: object, default: int) -> int:
    try:
        return int(str(given)) if given is not None else default
    except ValueError:
        return default
