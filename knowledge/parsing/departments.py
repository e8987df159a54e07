"""The responsible departments that a clause names in its closing brackets, or a table in a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass

_DUTY = re.compile(r"(负责|牵头|配合|落实|参加)")
_SUFFIX = re.compile(
    r"(?:等)?(?:有关|相关)?(?:部门|单位|部门和单位)?(?:按照|依|按|根据)?(?:各自)?(?:职责|职能)?(?:分工)?"
    r"(?:分别)?(?:共同)?(?:负责|落实|配合|参加|参与)(?:落实)?$"
)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is responsible; `start` is where the brackets open, or None where a clause names nobody."""

    departments: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    start: int | None = None


def duty_of(text: str) -> Duty:
    """The departments in the brackets that close `text`: （市发展改革委牵头，市商务委等负责）."""
    start = _closing_bracket(text)
    if start is None:
        return Duty()
    inside = text[start + 1 :].rstrip("。").rstrip()[:-1]
    if not _DUTY.search(inside):
        return Duty()
    names: list[str] = []
    lead: list[str] = []
    for phrase in _split(inside, "，,；;"):
        leading = phrase.endswith("牵头") or "牵头负责" in phrase
        found = [_name(piece) for piece in _split(phrase, "、")]
        for name in found:
            if name and name not in names:
                names.append(name)
                if leading:
                    lead.append(name)
    return Duty(tuple(names), tuple(lead), start)


def departments_in(cell: str) -> tuple[str, ...]:
    """The departments of a table's cell, `市商务委、市公安局等` -> two names."""
    names = [_name(piece) for phrase in _split(cell, "，,；;\n") for piece in _split(phrase, "、")]
    return tuple(dict.fromkeys(name for name in names if name))


def _name(piece: str) -> str:
    piece = re.sub(r"^(?:由|会同)", "", piece.strip())
    if piece.startswith("各") and "部门" in piece:
        return piece[: piece.index("部门") + 2]
    piece = re.sub(r"牵头(?:负责)?$", "", piece)
    return re.sub(r"等(?:有关|相关)?(?:部门|单位)?$", "", _SUFFIX.sub("", piece)).strip()


def _closing_bracket(text: str) -> int | None:
    """Where the bracket opens that closes at the very end of `text`."""
    end = len(text.rstrip().rstrip("。"))
    if not end or text[end - 1] not in "）)":
        return None
    depth = 0
    for i in range(end - 1, -1, -1):
        if text[i] in "）)":
            depth += 1
        elif text[i] in "（(":
            depth -= 1
            if depth == 0:
                return i
    return None


def _split(text: str, signs: str) -> list[str]:
    """Split at `signs`, but never inside brackets."""
    out, depth, piece = [], 0, ""
    for sign in text:
        depth += (sign in "（(") - (sign in "）)")
        if depth == 0 and sign in signs:
            out.append(piece)
            piece = ""
        else:
            piece += sign
    return [*out, piece]
