"""The one way in: a file's bytes, a path, or pasted words become a `SourceText`.

Small plain text is read where it is asked for. Everything that others built - packages, pages, sites - is
read by a child process with limits on time, memory and output, and is killed with it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.reading.detecting import container_of, looks_like_html
from knowledge.reading.dispatching import finished, read_bytes
from knowledge.reading.isolating import read_in_child
from knowledge.reading.source import Draft, Limits, Progress, Report, SourceText

_LIMITS = Limits()


def read_source(
    data: bytes,
    name: str,
    *,
    limits: Limits = _LIMITS,
    progress: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SourceText:
    """The text of a file of any format, told by its content; `name` is for messages and a hint.

    `progress` is called from this thread as pages are read; `cancelled` is asked a few times a second.
    Raises UnreadableDocument naming the file and the remedy, Cancelled when `cancelled` said so.
    """
    report = progress or _silent
    if len(data) > limits.file_bytes:
        raise UnreadableDocument(_too_large(name, len(data), limits))
    if not data.strip():
        raise UnreadableDocument(say("read.empty", name=name))
    plain = container_of(data, name) == "text" and not looks_like_html(data, name)
    if plain and len(data) <= limits.in_process_bytes:
        return read_bytes(data, name, limits, report)
    return read_in_child(data, name, limits, report, cancelled)


def read_file(
    path: Path | str,
    *,
    limits: Limits = _LIMITS,
    progress: Report | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SourceText:
    """`read_source` of a file; one that is too large is not even loaded."""
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > limits.file_bytes:
            raise UnreadableDocument(_too_large(str(file), size, limits))
        with file.open("rb") as stream:
            data = stream.read(limits.file_bytes + 1)
    except OSError as error:
        raise UnreadableDocument(say("read.unopened", name=file, reason=error.strerror)) from error
    return read_source(data, str(file), limits=limits, progress=progress, cancelled=cancelled)


def read_pasted(text: str, *, limits: Limits = _LIMITS) -> SourceText:
    """Words pasted from wherever, as they are; what only a page needs is left to the parser."""
    draft = Draft(say("kind.pasted"))
    if len(text) > limits.text_chars:
        raise UnreadableDocument(say("read.text_limit", name=draft.name, limit=limits.text_chars))
    draft.lines = text.split("\n")
    return finished(draft, "pasted", limits)


def _too_large(name: str, size: int, limits: Limits) -> str:
    mebi = 1024 * 1024
    return say("read.too_large", name=name, size=-(-size // mebi), limit=limits.file_bytes // mebi)


def _silent(progress: Progress) -> None:
    return None
