"""OFD (GB/T 33190): a zip of XML whose pages hold text with the place of every character.

OFD.xml names a document, the document its pages and page templates, a page its layers of objects. A
TextObject has a Boundary in millimetres, a Size and TextCodes: X, Y from the boundary's corner, DeltaX the
steps between characters, where `g n d` stands for n times d. CTM turns and stretches what is inside.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from lxml import etree

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.reading.layout import Edge, Flow, Glyph, Page
from knowledge.reading.layout.marks import is_wide
from knowledge.reading.packages import Package, resolve
from knowledge.reading.source import Draft, Limits, Progress, Report

_POINTS = 72 / 25.4
_PATH = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_TAKES = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_STEPS = 100_000
_DEPTH = 32
_SHORTEST = 4.0
_TURNED = 0.1
_FEW = 8
Matrix = tuple[float, float, float, float, float, float]
Templates = dict[str, etree._Element]
Place = tuple[str, Templates, tuple[float, float]]  # a page's path, the templates it may use, its size
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def read_ofd(package: Package, draft: Draft, limits: Limits, report: Report) -> None:
    """Adds the text of an OFD to `draft`. Raises UnreadableDocument where it is broken, locked, scanned."""
    root = package.xml("OFD.xml")
    if "Encryptions.xml" in package or _first(root, "Encryptions") is not None:
        raise UnreadableDocument(say("read.ofd_password", name=draft.name))
    bodies = [item for item in root if _name(item) == "DocBody"]
    flow = Flow()
    turned: list[str] = []
    scanned = chars = 0
    places: list[Place] = []
    for body in bodies:
        places += _pages(package, resolve("OFD.xml", _text(_first(body, "DocRoot"))))
    if not places:
        raise UnreadableDocument(say("read.part_missing", name=draft.name, part="ofd:Page"))
    if len(places) > limits.pages:
        raise UnreadableDocument(
            say("read.too_many_pages", name=draft.name, count=len(places), limit=limits.pages)
        )
    draft.pages = len(places)
    for number, place in enumerate(places, 1):
        page = _read_page(package, place, number, turned)
        chars += len(page.glyphs)
        if chars > limits.text_chars:
            raise UnreadableDocument(say("read.text_limit", name=draft.name, limit=limits.text_chars))
        scanned += bool(page.pictures and len(page.glyphs) < _FEW)
        flow.add(page)
        report(Progress(number, len(places)))
    if not chars:
        raise UnreadableDocument(say("read.scanned" if scanned else "read.pdf_no_text", name=draft.name))
    if scanned:
        draft.warn("read.pictures_only", count=scanned)
    if turned:
        draft.aside("turned", "".join(turned[:2000]))
    flow.write(draft)


def _pages(package: Package, path: str) -> Iterator[Place]:
    """The pages that a document lists, in their order."""
    root = package.xml(path)
    common = _first(root, "CommonData")
    size = _page_size(_first(common, "PageArea")) or (595.0, 842.0)
    templates: Templates = {}
    for item in common if common is not None else ():
        if _name(item) == "TemplatePage":
            templates[item.get("ID") or ""] = package.xml(resolve(path, item.get("BaseLoc") or ""))
    listed = _first(root, "Pages")
    for item in listed if listed is not None else ():
        if _name(item) == "Page":
            yield resolve(path, item.get("BaseLoc") or ""), templates, size


def _read_page(package: Package, place: Place, number: int, turned: list[str]) -> Page:
    path, templates, size = place
    root = package.xml(path)
    width, height = _page_size(_first(root, "Area")) or size
    page = Page(number, width, height)
    for item in root:
        template = templates.get(item.get("TemplateID") or "") if _name(item) == "Template" else None
        if template is not None:
            _read_content(template, page, turned)
    _read_content(root, page, turned)
    return page


def _read_content(root: etree._Element, page: Page, turned: list[str]) -> None:
    content = _first(root, "Content")
    stack = [(item, 0) for item in reversed(content)] if content is not None else []
    while stack:
        item, depth = stack.pop()
        name = _name(item)
        if name in ("Layer", "PageBlock") and depth < _DEPTH:
            stack.extend((part, depth + 1) for part in reversed(item))
        elif name == "TextObject" and item.get("Visible", "true") != "false":
            _read_text(item, page, turned)
        elif name == "PathObject" and item.get("Visible", "true") != "false":
            page.edges.extend(_edges(item))
        elif name in ("ImageObject", "CompositeObject"):
            page.pictures += 1


def _read_text(item: etree._Element, page: Page, turned: list[str]) -> None:
    box = _numbers(item.get("Boundary"))
    if len(box) < 4:
        return
    matrix = _matrix(item)
    if abs(math.remainder(math.atan2(matrix[1], matrix[0]), 2 * math.pi)) > _TURNED or item.get(
        "CharDirection", "0"
    ) not in ("0", ""):
        turned.extend("".join(code.itertext()).strip() for code in item if _name(code) == "TextCode")
        return
    size = _number(item.get("Size"), 4.0)
    stretch = _number(item.get("HScale"), 1.0)
    x = y = 0.0
    for code in item:
        if _name(code) != "TextCode":
            continue
        x, y = _number(code.get("X"), x), _number(code.get("Y"), y)
        text = code.text or ""
        steps, drops = _deltas(code.get("DeltaX"), len(text)), _deltas(code.get("DeltaY"), len(text))
        across, down = x, y
        for at, sign in enumerate(text):
            advance = size * stretch * (1.0 if is_wide(sign) else 0.5)
            if not sign.isspace():
                left, base = _apply(matrix, across, down)
                right, _ = _apply(matrix, across + advance, down)
                scale = math.hypot(matrix[2], matrix[3])
                page.glyphs.append(
                    Glyph(
                        sign,
                        (box[0] + left) * _POINTS,
                        (box[0] + right) * _POINTS,
                        (box[1] + base) * _POINTS,
                        round(max(size * scale * _POINTS, 0.1), 2),
                    )
                )
            across += steps[at] if at < len(steps) else advance
            down += drops[at] if at < len(drops) else 0.0


def _deltas(given: str | None, count: int) -> list[float]:
    """The steps between characters: numbers, and `g n d` for n times d. Never more than characters."""
    out: list[float] = []
    words = (given or "").split()
    at = 0
    while at < len(words) and len(out) < min(count, _STEPS):
        if words[at] == "g" and at + 2 < len(words):
            times = int(_number(words[at + 1], 0.0))
            out.extend([_number(words[at + 2], 0.0)] * max(0, min(times, count)))
            at += 3
        else:
            out.append(_number(words[at], 0.0))
            at += 1
    return out


def _edges(item: etree._Element) -> Iterator[Edge]:
    """The straight lines of a path along the page's sides."""
    box = _numbers(item.get("Boundary"))
    data = _first(item, "AbbreviatedData")
    if len(box) < 4 or data is None:
        return
    matrix = _matrix(item)
    begin = here = (0.0, 0.0)
    words = _PATH.findall(data.text or "")[: _STEPS * 4]
    at = 0
    while at < len(words):
        order = words[at].upper()
        count = _TAKES.get(order)
        if count is None or at + count >= len(words) + (count == 0):
            at += 1
            continue
        values = [_number(word, 0.0) for word in words[at + 1 : at + 1 + count]]
        at += 1 + count
        before = here
        if order == "C":
            here = begin
        else:
            x, y = _apply(matrix, values[-2], values[-1])
            here = ((box[0] + x) * _POINTS, (box[1] + y) * _POINTS)
        if order in ("M", "S"):
            begin = here
        elif order in ("L", "C"):
            across, down = abs(here[0] - before[0]), abs(here[1] - before[1])
            if min(across, down) <= 1.0 and max(across, down) >= _SHORTEST:
                yield Edge(
                    min(here[0], before[0]),
                    min(here[1], before[1]),
                    max(here[0], before[0]),
                    max(here[1], before[1]),
                )


def _page_size(area: etree._Element | None) -> tuple[float, float] | None:
    box = _numbers(_text(_first(area, "PhysicalBox")))
    return (box[2] * _POINTS, box[3] * _POINTS) if len(box) == 4 and box[2] > 0 and box[3] > 0 else None


def _matrix(item: etree._Element) -> Matrix:
    found = _numbers(item.get("CTM"))
    return (found[0], found[1], found[2], found[3], found[4], found[5]) if len(found) == 6 else _SAME


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _name(item: etree._Element) -> str:
    return etree.QName(item.tag).localname if isinstance(item.tag, str) else ""


def _first(item: etree._Element | None, name: str) -> etree._Element | None:
    return next((part for part in item if _name(part) == name), None) if item is not None else None


def _text(item: etree._Element | None) -> str:
    return (item.text or "").strip() if item is not None else ""


def _numbers(text: str | None) -> list[float]:
    return [_number(word, 0.0) for word in (text or "").split()]


def _number(text: str | None, default: float) -> float:
    try:
        found = float(text) if text is not None else default
    except ValueError:
        return default
    return found if math.isfinite(found) else default
