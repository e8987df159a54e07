"""What a person should look at in a parsed text, each remark at its place; not how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge.messages import say

RemarkKind = Literal["read", "jump", "implausible", "repeated", "row_cut", "unstructured"]
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Remark:
    """`line` counts from 0 in the source, `path` is the clause's; None where the whole text is meant."""

    kind: RemarkKind
    text: str
    line: int | None = None
    path: str | None = None


def in_words(remarks: Sequence[Remark]) -> tuple[str, ...]:
    """The remarks as sentences, the first fifty and how many more there are."""
    words = [remark.text for remark in remarks]
    more = len(words) - _SHOWN
    if more > 0:
        words[_SHOWN:] = [say("parse.more", count=more)]
    return tuple(words)
