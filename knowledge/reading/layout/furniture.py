"""Which lines are a page's header or footer: they stand outermost, page after page, at one height.

A page number is one by its shape; other words must be the same on several pages and keep apart from the text,
by distance or by size, so that a text that repeats itself loses nothing.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from knowledge.reading.layout.marks import Line

_NUMBER = re.compile(
    r"[-—–－·.\s]*(?:第?\s*\d{1,4}\s*页?|[ivxlcIVXLC]{1,6})[-—–－·.\s]*"
    r"|第\s*[\d一二三四五六七八九十百]+\s*页(?:[，,/\s]*共\s*[\d一二三四五六七八九十百]+\s*页)?"
    r"|\d{1,4}\s*[/／]\s*\d{1,4}|(?:page|p\.)\s*\d{1,4}(?:\s*of\s*\d{1,4})?",
    re.IGNORECASE,
)
_MARKED = re.compile(
    r"[-—–－]{1,2}\s*\d{1,4}\s*[-—–－]{1,2}|第.*页.*|\d{1,4}\s*[/／]\s*\d{1,4}|page.*", re.IGNORECASE
)
_DIGITS = re.compile(r"\d+")
_OUTERMOST = 4
_ZONE = 0.15
_APART = 1.45


def furniture_of(lines: Sequence[Line], pages: int) -> set[int]:
    """The places in `lines` of what is furniture, of all `pages` pages."""
    by_page: dict[int, list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        by_page[line.page].append(place)
    for places in by_page.values():
        places.sort(key=lambda place: lines[place].base)
    pitch, size = _pitch(lines, by_page), _body_size(lines)
    edges = {
        (page, end): _outer(places, lines, from_top=end == "top")
        for page, places in by_page.items()
        for end in ("top", "bottom")
    }
    seen: Counter[tuple[str, str, int]] = Counter()
    for (_, end), places in edges.items():
        seen.update({_key(lines[place], end) for place in places})
    least = 2 if pages <= 6 else max(3, pages // 5)
    out: set[int] = set()
    for (page, end), places in edges.items():
        for step, place in enumerate(places):
            line = lines[place]
            number = _NUMBER.fullmatch(line.text.strip()) is not None
            repeated = _repeats(seen, line, end) >= least
            if (number and (repeated or _says_page(line, page, pages))) or (
                repeated
                and (
                    _is_apart(lines, by_page[page], places, step, pitch) or abs(line.size - size) > 0.1 * size
                )
            ):
                out.add(place)
            else:
                break  # nothing of the page's frame stands inside its text
    return out


def _outer(places: Sequence[int], lines: Sequence[Line], *, from_top: bool) -> list[int]:
    ordered = list(places) if from_top else list(reversed(places))
    out: list[int] = []
    for place in ordered[:_OUTERMOST]:
        line = lines[place]
        share = line.base / line.height if line.height else 0.0
        if (share > _ZONE + 0.05) if from_top else (share < 1 - _ZONE):
            break
        out.append(place)
    return out


def _key(line: Line, end: str) -> tuple[str, str, int]:
    text = line.text.strip()
    if _NUMBER.fullmatch(text) or re.search(r"\d\s*[/／]\s*\d|页", text):
        text = _DIGITS.sub("#", text)
    return text, end, round(line.base / 4)


def _repeats(seen: Counter[tuple[str, str, int]], line: Line, end: str) -> int:
    text, _, height = _key(line, end)
    return sum(seen[text, end, height + off] for off in (-1, 0, 1))


def _says_page(line: Line, page: int, pages: int) -> bool:
    """A number that is the page's own; on a page alone, any between dashes."""
    text = line.text.strip()
    if _MARKED.fullmatch(text) and (pages == 1 or str(page) in _DIGITS.findall(text)):
        return True
    return pages == 1 and text == str(page) and line.base > 0.9 * line.height


def _is_apart(
    lines: Sequence[Line], all_places: Sequence[int], outer: Sequence[int], step: int, pitch: float
) -> bool:
    """Whether a wider gap than between lines of text parts it from the text, it or what stands inside it."""
    ordered = list(all_places) if outer[0] == all_places[0] else list(reversed(all_places))
    for at in range(step, min(len(outer), len(ordered) - 1)):
        if abs(lines[ordered[at + 1]].base - lines[ordered[at]].base) > _APART * pitch:
            return True
    return len(ordered) == 1


def _pitch(lines: Sequence[Line], by_page: dict[int, list[int]]) -> float:
    gaps = sorted(
        lines[after].base - lines[before].base
        for places in by_page.values()
        for before, after in itertools.pairwise(places)
        if lines[after].base - lines[before].base > 0.3 * lines[after].size
    )
    return gaps[len(gaps) // 3] if gaps else 0.0


def _body_size(lines: Sequence[Line]) -> float:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0
