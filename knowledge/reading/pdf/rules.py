"""The ruled lines of a PDF page, out of its paths: straight strokes, thin bars, borders of boxes."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

from pypdfium2 import raw

_LIMIT = 20_000
_STRAIGHT = 1.0
_SHORTEST = 4.0
_THIN = 3.0
_DEPTH = 8
Segment = tuple[float, float, float, float]
Matrix = tuple[float, float, float, float, float, float]
_SAME: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


def edges_and_pictures(page: raw.FPDF_PAGE) -> tuple[list[Segment], int]:
    """Straight lines along the page's sides as (x0, y0, x1, y1), and how many pictures it shows."""
    edges: list[Segment] = []
    pictures = 0
    for item, kind, matrix in _objects(page):
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            pictures += 1
        elif kind == raw.FPDF_PAGEOBJ_PATH and len(edges) < _LIMIT:
            edges.extend(_straight(item, matrix))
    return edges, pictures


def _objects(page: raw.FPDF_PAGE) -> Iterator[tuple[raw.FPDF_PAGEOBJECT, int, Matrix]]:
    """The objects of a page that are no text, those inside forms too, each with its kind and the matrix of
    its form."""
    for at in range(raw.FPDFPage_CountObjects(page)):  # most are text, one a character: passed over at once
        item = raw.FPDFPage_GetObject(page, at)
        kind = raw.FPDFPageObj_GetType(item)
        if kind == raw.FPDF_PAGEOBJ_FORM:
            yield from _inside(item, _SAME, 0)
        elif kind != raw.FPDF_PAGEOBJ_TEXT:
            yield item, kind, _SAME


def _inside(
    form: raw.FPDF_PAGEOBJECT, outer: Matrix, depth: int
) -> Iterator[tuple[raw.FPDF_PAGEOBJECT, int, Matrix]]:
    matrix = _times(_matrix_of(form), outer)
    for at in range(raw.FPDFFormObj_CountObjects(form)):
        item = raw.FPDFFormObj_GetObject(form, at)
        kind = raw.FPDFPageObj_GetType(item)
        if kind != raw.FPDF_PAGEOBJ_FORM:
            yield item, kind, matrix
        elif depth < _DEPTH:
            yield from _inside(item, matrix, depth + 1)


def _straight(item: raw.FPDF_PAGEOBJECT, outer: Matrix) -> Iterator[Segment]:
    if _is_invisible(item):
        return
    matrix = _times(_matrix_of(item), outer)
    points: list[tuple[float, float]] = []
    for start, end in _segments(item, matrix):
        points += [start, end]
        (x0, y0), (x1, y1) = start, end
        level, upright = abs(y1 - y0) <= _STRAIGHT, abs(x1 - x0) <= _STRAIGHT
        if (level and abs(x1 - x0) >= _SHORTEST) or (upright and abs(y1 - y0) >= _SHORTEST):
            yield x0, y0, x1, y1


def _segments(
    item: raw.FPDF_PAGEOBJECT, matrix: Matrix
) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    x, y = ctypes.c_float(), ctypes.c_float()
    begin: tuple[float, float] | None = None
    here: tuple[float, float] | None = None
    for at in range(min(raw.FPDFPath_CountSegments(item), _LIMIT)):
        segment = raw.FPDFPath_GetPathSegment(item, at)
        if not segment or not raw.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = _apply(matrix, x.value, y.value)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_MOVETO:
            begin = point
        elif kind == raw.FPDF_SEGMENT_LINETO and here is not None:
            yield here, point
        here = point
        if raw.FPDFPathSegment_GetClose(segment) and begin is not None and kind != raw.FPDF_SEGMENT_MOVETO:
            yield here, begin
            here = begin


def _is_invisible(item: raw.FPDF_PAGEOBJECT) -> bool:
    """Neither stroked nor filled: a clip."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    return bool(raw.FPDFPath_GetDrawMode(item, fill, stroke)) and not fill.value and not stroke.value


def _matrix_of(item: raw.FPDF_PAGEOBJECT) -> Matrix:
    found = raw.FS_MATRIX()
    if not raw.FPDFPageObj_GetMatrix(item, found):
        return _SAME
    return found.a, found.b, found.c, found.d, found.e, found.f


def _times(first: Matrix, second: Matrix) -> Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _apply(matrix: Matrix, x: float, y: float) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f
