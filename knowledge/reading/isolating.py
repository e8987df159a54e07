"""Reading in a child process that can be killed: the parent's side.

The child gets the file on its standard input and answers in lines of JSON: where it stands, then the text
or what is wrong. It is alone in its process group, may not live longer than `limits.seconds`, use more memory
than `limits.memory_bytes`, or say more than a text may hold; whatever it does, the caller gets a SourceText
or an UnreadableDocument.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.reading.source import Cancelled, Limits, Progress, Report, SetAside, SourceText

_CHILD = "knowledge.reading.child"
_ROOT = Path(__file__).resolve().parents[2]
_ASK_S = 0.2
_CHUNK = 1 << 16
_BYTES_A_CHAR = 8  # JSON in UTF-8, what is set aside and the warnings included
_OVERHEAD = 4 * 1024 * 1024


def read_in_child(
    data: bytes, name: str, limits: Limits, report: Report, cancelled: Callable[[], bool] | None = None
) -> SourceText:
    process = subprocess.Popen(  # noqa: S603 - our own module, no shell
        [sys.executable, "-m", _CHILD],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        env=_environment(),
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    head = json.dumps({"name": name, "limits": asdict(limits)}).encode() + b"\n"
    feeder = threading.Thread(target=_feed, args=(process.stdin, head, data), daemon=True)
    feeder.start()
    try:
        answer = _listen(process.stdout, name, limits, report, cancelled)
        if answer is None:
            raise UnreadableDocument(_died(process.wait(), name, limits))
    finally:
        _kill(process)
        feeder.join()
        process.stdout.close()
    if "error" in answer:
        raise UnreadableDocument(str(answer["error"]))
    return _source(answer)


def _listen(
    stream: IO[bytes], name: str, limits: Limits, report: Report, cancelled: Callable[[], bool] | None
) -> dict[str, Any] | None:
    """The child's last word; None if it fell silent without one."""
    ends = time.monotonic() + limits.seconds
    left = limits.text_chars * _BYTES_A_CHAR + _OVERHEAD
    pieces: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        while True:
            if cancelled is not None and cancelled():
                raise Cancelled(say("read.cancelled", name=name))
            if time.monotonic() > ends:
                raise UnreadableDocument(say("read.too_slow", name=name, seconds=round(limits.seconds)))
            if not selector.select(_ASK_S):
                continue
            chunk = os.read(stream.fileno(), _CHUNK)
            if not chunk:
                return None
            left -= len(chunk)
            if left < 0:
                raise UnreadableDocument(say("read.text_limit", name=name, limit=limits.text_chars))
            *lines, rest = chunk.split(b"\n")
            for line in lines:
                pieces.append(line)
                said: dict[str, Any] = json.loads(b"".join(pieces))
                pieces = []
                if "page" not in said:
                    return said
                report(Progress(int(said["page"]), int(said["pages"])))
            pieces.append(rest)


def _feed(stream: IO[bytes], head: bytes, data: bytes) -> None:
    """Hands the file over; a child that no longer listens has its reasons."""
    with contextlib.suppress(BrokenPipeError, OSError), stream:
        stream.write(head)
        stream.write(data)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _died(status: int, name: str, limits: Limits) -> str:
    if status == -signal.SIGXCPU:
        return say("read.too_slow", name=name, seconds=round(limits.seconds))
    return say("read.crashed", name=name)


def _environment() -> dict[str, str]:
    """What the child needs, and no secret of the app: no setting is passed on."""
    kept = {
        key: text for key, text in os.environ.items() if key in ("PATH", "LANG", "LC_ALL", "TMPDIR", "HOME")
    }
    return {**kept, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}


def _source(answer: dict[str, Any]) -> SourceText:
    return SourceText(
        text=answer["text"],
        kind=answer["kind"],
        warnings=tuple(answer["warnings"]),
        furniture=tuple(SetAside(item["where"], item["text"]) for item in answer["furniture"]),
        pages=answer["pages"],
    )
