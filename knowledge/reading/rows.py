"""Tables as the parser reads them: a row a line, cells with tabs between, empty where a cell is spanned."""

from __future__ import annotations

from collections.abc import Sequence


def as_line(cells: Sequence[str]) -> str:
    """One row; breaks and tabs inside a cell become spaces, which go beside Chinese characters."""
    return "\t".join(" ".join(cell.split()) for cell in cells)
