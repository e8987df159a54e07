"""Hard-wrapped lines back to paragraphs, by where they stand.

A line goes on in the next one only if it had to break: what follows would not have fitted before the margin.
Even then a paragraph ends where the next line is indented as beginnings are, where the distance is wider, or
where a sentence ended and a number of the text's own count begins.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence

from knowledge.parsing.numbering import marker_of
from knowledge.reading.layout.marks import Line, is_wide

_TERMINAL = "。！？：；）)”》!?:;"
_WIDER = 1.3
_INDENT = 1.2
_DEEPEST = 4.5
_SAME = 0.5


class Margins:
    """The left and right margin of the text, by page side and column."""

    def __init__(self, lines: Sequence[Line]) -> None:
        groups: dict[tuple[int, int, int], list[Line]] = defaultdict(list)
        for line in lines:
            groups[self._side(line)].append(line)
        whole = _bounds(lines) if lines else (0.0, 0.0)
        self._bounds = {
            side: _bounds(group) if len(group) >= 6 else whole if side[1] == 1 else _bounds(group)
            for side, group in groups.items()
        }

    def of(self, line: Line) -> tuple[float, float]:
        return self._bounds[self._side(line)]

    @staticmethod
    def _side(line: Line) -> tuple[int, int, int]:
        return line.page % 2, line.columns, line.column


def join(lines: Sequence[Line], margins: Margins) -> list[str]:
    """The paragraphs of consecutive lines."""
    pitch = _pitch(lines, margins)
    out: list[str] = []
    run: list[Line] = []
    for line in lines:
        if run and not _goes_on(run, line, margins, pitch):
            out.append(_joined(run))
            run = []
        run.append(line)
    if run:
        out.append(_joined(run))
    return out


def _goes_on(run: Sequence[Line], line: Line, margins: Margins, pitch: float) -> bool:
    last = run[-1]
    if not _had_to_break(last, line, margins) or abs(last.size - line.size) > 0.15 * line.size:
        return False
    if last.page == line.page and last.column == line.column:
        if line.base <= last.base:
            return False
        if pitch and line.base - last.base > _WIDER * pitch * line.size:
            return False
    if not _in_place(run, line, margins):
        return False
    return not (last.text[-1:] in _TERMINAL and marker_of(line.text.strip(), line.text) is not None)


def _had_to_break(last: Line, line: Line, margins: Margins) -> bool:
    _, right = margins.of(last)
    return right - last.x1 < line.lead + 0.1 * line.size


def _in_place(run: Sequence[Line], line: Line, margins: Margins) -> bool:
    """Whether a line begins where the second and further lines of the paragraph do."""
    size = line.size
    begin = _offset(line, margins)
    if len(run) > 1:
        return abs(begin - _offset(run[-1], margins)) <= _SAME * size
    first = _offset(run[0], margins)
    if first > _DEEPEST * size and run[0].length < 12:
        return False  # set to the right or the middle, like a signature
    if begin < first - _SAME * size:
        return begin <= _SAME * size or first - begin <= 3 * size
    if begin > first + _SAME * size:  # a hanging number before the text
        hanging = marker_of(run[0].text.strip(), run[0].text) is not None
        return hanging and begin - first <= 4 * size
    return first <= _INDENT * size or first > 2.6 * size


def _offset(line: Line, margins: Margins) -> float:
    return line.x0 - margins.of(line)[0]


def _joined(run: Sequence[Line]) -> str:
    out = run[0].text
    for line in run[1:]:
        text = line.text.strip()
        before = out[-1:]
        if before and text and not is_wide(before) and not is_wide(text[0]) and before != "-":
            out += " "
        out += text
    return out


def _bounds(lines: Sequence[Line]) -> tuple[float, float]:
    """Left: the smallest beginning that several lines share. Right: the furthest end that several share, but
    never much less than the mirror of the left: short lines alone show no margin."""
    size = sorted(line.size for line in lines)[len(lines) // 2]
    least = max(2, len(lines) // 33) if len(lines) > 3 else 1
    starts, ends = Counter(round(line.x0 / size * 2) for line in lines), [line.x1 for line in lines]
    shared = [place for place in sorted(starts) if sum(starts[place + off] for off in (-1, 0, 1)) >= least]
    low = (shared[0] - 1.5) / 2 * size if shared else min(line.x0 for line in lines)
    left = min(line.x0 for line in lines if line.x0 >= low)
    furthest = sorted(ends, reverse=True)
    right = furthest[min(least, len(furthest)) - 1]
    if lines[0].columns == 1:
        right = max(right, lines[0].width - left - 2.5 * size)
    return left, right


def _pitch(lines: Sequence[Line], margins: Margins) -> float:
    """The usual distance of a paragraph's lines, in ems: the least that lines that had to break keep."""
    distances = sorted(
        (line.base - last.base) / line.size
        for last, line in itertools.pairwise(lines)
        if last.page == line.page
        and last.column == line.column
        and line.base > last.base
        and abs(last.size - line.size) <= 0.15 * line.size
        and _had_to_break(last, line, margins)
        and line.length > 4
    )
    return distances[len(distances) // 5] if distances else 0.0
