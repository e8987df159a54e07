"""What a reader gives back, how far it may go, and how it says where it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, get_args

from knowledge.errors import KnowledgeError
from knowledge.messages import say

Kind = Literal["txt", "markdown", "docx", "html", "pdf", "ofd", "pasted"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_MIB = 1024 * 1024


class Cancelled(KnowledgeError):
    """The person who started a reading stopped it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a file may ask for. Bytes, pages, seconds, characters of text."""

    file_bytes: int = 64 * _MIB
    unpacked_bytes: int = 256 * _MIB
    text_chars: int = 20_000_000
    pages: int = 3000
    seconds: float = 240.0
    memory_bytes: int = 1024 * _MIB
    in_process_bytes: int = 2 * _MIB
    """Plain text up to this size is read in the calling process; everything else in a child."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Page `page` of `pages` is read; formats without pages count 1 of 1 when they are done."""

    page: int
    pages: int


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class SetAside:
    """Words of the file that are not part of its text; `where` says in Chinese what they were."""

    where: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceText:
    """The text, one paragraph or table row a line, cells with tabs between; `pages` is 0 without pages."""

    text: str
    kind: Kind
    warnings: tuple[str, ...] = ()
    furniture: tuple[SetAside, ...] = ()
    pages: int = 0


@dataclass
class Draft:
    """A text while it is being read; readers add lines, warnings and what they set aside."""

    name: str
    lines: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    furniture: list[SetAside] = field(default_factory=list)
    pages: int = 0

    def warn(self, key: str, **values: object) -> None:
        words = say(key, name=self.name, **values)
        if words not in self.warnings:
            self.warnings.append(words)

    def aside(self, where: str, text: str) -> None:
        words = " ".join(text.split())
        if words:
            self.furniture.append(SetAside(say(f"aside.{where}"), words))
