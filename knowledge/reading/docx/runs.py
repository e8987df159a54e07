"""One paragraph of Word: the characters of its runs, and what hangs on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from knowledge.reading.docx.markup import child, is_on, value, word

_THROUGH = {
    "ins", "moveTo", "hyperlink", "fldSimple", "smartTag", "sdtContent", "customXml", "r", "rubyBase",
    "bdo", "dir", "other:Choice", "other:Fallback", "ruby",
}  # fmt: skip
_DROPPED = {"del", "moveFrom"}
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_WINGDINGS = {
    0xFC: "√",
    0xFB: "×",
    0xFE: "☑",
    0xA8: "□",
    0x6F: "□",
    0x6C: "●",
    0x6E: "■",
    0xA7: "▪",
    0xD8: "➢",
}


@dataclass
class Paragraph:
    """`boxes` are the text boxes anchored in it; `private` counts signs that only a font explains."""

    text: str = ""
    hidden: str = ""
    boxes: list[etree._Element] = field(default_factory=list)
    changes: int = 0
    pictures: int = 0
    private: int = 0
    mark_deleted: bool = False
    only_deleted: bool = False


def read_paragraph(element: etree._Element) -> Paragraph:
    out = Paragraph()
    mark = child(element, "pPr", "rPr")
    out.mark_deleted = child(mark, "del") is not None or child(mark, "moveFrom") is not None
    pieces: list[str] = []
    hidden: list[str] = []
    depth = 0  # inside the instructions of a field, which are no text
    codes: list[bool] = []
    for item, is_hidden in _leaves(element, out):
        name = word(item)
        if name == "fldChar":
            kind = value(item, "fldCharType")
            if kind == "begin":
                codes.append(True)
            elif kind == "separate" and codes:
                codes[-1] = False
            elif kind == "end" and codes:
                codes.pop()
            depth = sum(codes)
            continue
        if depth:
            continue
        (hidden if is_hidden else pieces).append(_text_of(item, name, out))
    out.text, out.hidden = "".join(pieces), "".join(hidden)
    out.only_deleted = not out.text and out.changes > 0
    return out


def _leaves(element: etree._Element, out: Paragraph) -> Iterator[tuple[etree._Element, bool]]:
    """What carries text, in order, and whether it is hidden."""
    stack: list[tuple[etree._Element, bool]] = [(item, False) for item in reversed(element)]
    while stack:
        item, hidden = stack.pop()
        name = word(item)
        if name in _DROPPED:
            out.changes += 1
        elif name == "other:AlternateContent":
            if (chosen := next((part for part in item if word(part)), None)) is not None:
                stack.append((chosen, hidden))
        elif name == "sdt":
            if (content := child(item, "sdtContent")) is not None:
                stack.append((content, hidden))
        elif name in _THROUGH:
            if name in ("ins", "moveTo"):
                out.changes += 1
            if name == "r":
                hidden = hidden or is_on(child(item, "rPr", "vanish"))
            stack.extend((part, hidden) for part in reversed(item))
        elif name in ("drawing", "pict", "object"):
            _drawn(item, out)
        elif (
            name == "other:oMath"
            or name == "other:oMathPara"
            or name in ("t", "sym", "br", "fldChar", *_SIGNS)
        ):
            yield item, hidden


def _drawn(item: etree._Element, out: Paragraph) -> None:
    """Text boxes of a drawing, the outermost of each; a drawing without one is a picture."""
    found = False
    stack = [item]
    while stack:
        part = stack.pop()
        if word(part) == "txbxContent":
            out.boxes.append(part)
            found = True
        elif word(part) == "other:AlternateContent":
            stack.extend([first] if (first := next(iter(part), None)) is not None else [])
        else:
            stack.extend(reversed(part))
    out.pictures += not found


def _text_of(item: etree._Element, name: str, out: Paragraph) -> str:
    if name == "t":
        return item.text or ""
    if name == "br":
        return "\n"
    if name.startswith("other:oMath"):
        return "".join(str(text) for text in item.itertext())
    if name == "sym":
        try:
            code = int(value(item, "char") or "", 16)
        except ValueError:
            return ""
        known = _WINGDINGS.get(code & 0xFF) if "wingdings" in (value(item, "font") or "").lower() else None
        if known is not None:
            return known
        if 0xE000 <= code <= 0xF8FF:
            out.private += 1
            return "□"
        return chr(code) if 0x20 <= code < 0xD800 or 0xF900 <= code <= 0x10FFFF else ""
    return _SIGNS[name]
