"""The numbers that Word counts itself: kept in numbering.xml and styles.xml, in the text nowhere.

Counters follow Word: lists that share an abstract definition share its count, a deeper level starts anew
under each number above it, an override sets where a list begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree

from knowledge.reading.docx.markup import child, children, is_on, number, value, word
from knowledge.reading.numbers import written

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list: `text` such as `第%1条`, `%1`…`%9` standing for the numbers of the levels."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    gap: bool = True
    legal: bool = False
    restart: int | None = None


@dataclass
class _List:
    abstract: str
    starts: dict[int, int] = field(default_factory=dict)
    levels: dict[int, Level] = field(default_factory=dict)


class Numbering:
    """Gives each paragraph the number that Word would draw before it."""

    def __init__(self, numbering: etree._Element | None, styles: etree._Element | None) -> None:
        self._styles = {value(style, "styleId") or "": style for style in children(styles, "style")}
        self._abstract: dict[str, dict[int, Level]] = {}
        self._by_style: dict[tuple[str, str], int] = {}
        self._links: dict[str, str] = {}
        self._lists: dict[str, _List] = {}
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        for item in numbering if numbering is not None else ():
            if word(item) == "abstractNum":
                self._read_abstract(item)
            elif word(item) == "num":
                self._read_list(item)

    def of(self, paragraph: etree._Element) -> str:
        """The number of the next paragraph, with a space where Word leaves a gap; '' without a number."""
        found = self._place(paragraph)
        if found is None:
            return ""
        name, depth = found
        entry = self._lists.get(name)
        if entry is None or not 0 <= depth < _LEVELS:
            return ""
        level = self._level(entry, depth)
        if level is None:
            return ""
        numbers = self._count(name, entry, depth, level)
        if level.style == "bullet":
            return ""

        def fill(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            style = (self._level(entry, at) or Level()).style
            return written(numbers[at], "decimal" if level.legal and style != "decimal" else style)

        text = _PLACE.sub(fill, level.text)
        return f"{text} " if text and level.gap else text

    def _read_abstract(self, item: etree._Element) -> None:
        name = value(item, "abstractNumId") or ""
        levels = self._abstract.setdefault(name, {})
        if link := value(child(item, "numStyleLink")):
            self._links[name] = link
        for entry in children(item, "lvl"):
            depth = number(entry, "ilvl")
            if depth is None:
                continue
            levels[depth] = _level_of(entry)
            if style := value(child(entry, "pStyle")):
                self._by_style[name, style] = depth

    def _read_list(self, item: etree._Element) -> None:
        entry = _List(value(child(item, "abstractNumId")) or "")
        for override in children(item, "lvlOverride"):
            depth = number(override, "ilvl")
            if depth is None:
                continue
            start = number(child(override, "startOverride"))
            if start is not None:
                entry.starts[depth] = start
            if (own := child(override, "lvl")) is not None:
                entry.levels[depth] = _level_of(own)
        self._lists[value(item, "numId") or ""] = entry

    def _place(self, paragraph: etree._Element) -> tuple[str, int] | None:
        """The list and the level of a paragraph, by itself or by its style."""
        properties = child(paragraph, "pPr")
        own = child(properties, "numPr")
        name, depth = value(child(own, "numId")), number(child(own, "ilvl"))
        style = value(child(properties, "pStyle"))
        seen: set[str] = set()
        first = style
        while name is None and style and style not in seen:
            seen.add(style)
            definition = self._styles.get(style)
            inherited = child(definition, "pPr", "numPr")
            name = value(child(inherited, "numId"))
            if depth is None:
                depth = number(child(inherited, "ilvl"))
            if name is not None and depth is None and name in self._lists:
                depth = self._by_style.get((self._lists[name].abstract, style))
            style = value(child(definition, "basedOn"))
        if name is None or name == "0":
            return None
        if depth is None and first and name in self._lists:
            depth = self._by_style.get((self._lists[name].abstract, first))
        return name, depth or 0

    def _level(self, entry: _List, depth: int) -> Level | None:
        if depth in entry.levels:
            return entry.levels[depth]
        levels = self._abstract.get(entry.abstract) or {}
        if not levels and (link := self._links.get(entry.abstract)):
            name = value(child(self._styles.get(link), "pPr", "numPr", "numId"))
            linked = self._lists.get(name or "")
            if linked is not None and linked is not entry:
                levels = self._abstract.get(linked.abstract) or {}
        return levels.get(depth)

    def _count(self, name: str, entry: _List, depth: int, level: Level) -> list[int]:
        counts = self._counts.setdefault(entry.abstract, [None] * _LEVELS)
        before = counts[depth]
        if depth in entry.starts and (name, depth) not in self._begun:
            counts[depth] = entry.starts[depth]
        else:
            counts[depth] = level.start if before is None else before + 1
        self._begun.add((name, depth))
        for deeper in range(depth + 1, _LEVELS):
            below = self._level(entry, deeper)
            if below is None or below.restart != 0:
                counts[deeper] = None
        return [
            count if count is not None else (self._level(entry, at) or Level()).start
            for at, count in enumerate(counts)
        ]


def _level_of(entry: etree._Element) -> Level:
    start = number(child(entry, "start"))
    return Level(
        start=1 if start is None else start,
        style=value(child(entry, "numFmt")) or "decimal",
        text=value(child(entry, "lvlText")) or "",
        gap=(value(child(entry, "suff")) or "tab") != "nothing",
        legal=is_on(child(entry, "isLgl")),
        restart=number(child(entry, "lvlRestart")),
    )
