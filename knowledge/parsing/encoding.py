"""From a text file's bytes to its characters."""

from __future__ import annotations

from knowledge.errors import UnreadableDocument
from knowledge.messages import say

_CONTROL = {chr(code) for code in range(32)} - {"\t", "\n"}
_CUT = 3  # bytes that a character cut off by the end of a file can leave


def decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """UTF-8 (with or without a mark), UTF-16 with a mark or, with a warning, GB18030; with a warning too
    where the file ends within a character."""
    if not data.strip():
        raise UnreadableDocument(say("read.empty", name=name))
    text, warnings = _characters(data, name)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    if not text.strip():
        raise UnreadableDocument(say("read.blank", name=name))
    if sum(sign in _CONTROL for sign in text) > len(text) // 100:
        raise UnreadableDocument(say("read.control", name=name))
    return text, warnings


def _characters(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    cut = (say("read.cut", name=name),)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = data[: len(data) // 2 * 2].decode("utf-16")
        except UnicodeDecodeError as error:
            raise UnreadableDocument(say("read.encoding", name=name)) from error
        if "\x00" in text:
            raise UnreadableDocument(say("read.binary", name=name))
        if text.count("\ufffd") > len(text) // 100:
            raise UnreadableDocument(say("read.encoding", name=name))
        return text, cut if len(data) % 2 else ()
    if b"\x00" in data:
        raise UnreadableDocument(say("read.binary", name=name))
    for encoding, warning in (("utf-8-sig", ()), ("gb18030", (say("read.gb18030", name=name),))):
        found, ended = _decoded(data, encoding)
        if found is not None:
            return found, (*warning, *(() if ended else cut))
    raise UnreadableDocument(say("read.encoding", name=name))


def _decoded(data: bytes, encoding: str) -> tuple[str | None, bool]:
    """The text, and whether it ended with a whole character; None where the bytes are not so encoded."""
    try:
        return data.decode(encoding), True
    except UnicodeDecodeError as error:
        if error.start < len(data) - _CUT or error.end < len(data) or error.start == 0:
            return None, False
        try:
            return data[: error.start].decode(encoding), False
        except UnicodeDecodeError:
            return None, False
