"""The child's side of reading a file: `python -m knowledge.reading.child`, told and fed on standard input.

It limits its own memory and processor time before it loads any reader, dies with its parent, and opens
nothing but what Python itself needs.
"""

from __future__ import annotations

import ctypes
import json
import resource
import signal
import sys
import time
from dataclasses import asdict
from typing import Any

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.reading.source import Limits, Progress

_PDEATHSIG = 1
_EVERY_S = 0.1


def main() -> int:
    head = json.loads(sys.stdin.buffer.readline())
    name, limits = str(head["name"]), Limits(**head["limits"])
    _confine(limits)
    try:
        _say(asdict(_read(name, limits)))
    except UnreadableDocument as error:
        _say({"error": str(error)})
    except MemoryError:
        _say({"error": say("read.memory", name=name)})
    except RecursionError:
        _say({"error": say("read.too_deep", name=name)})
    return 0


def _read(name: str, limits: Limits) -> Any:
    from knowledge.reading.dispatching import read_bytes  # after the limits stand

    data = sys.stdin.buffer.read(limits.file_bytes + 1)
    return read_bytes(data, name, limits, _Reporter())


def _confine(limits: Limits) -> None:
    for what, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, max(1, round(limits.seconds))),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
    ):
        _, most = resource.getrlimit(what)
        resource.setrlimit(what, (amount if most == resource.RLIM_INFINITY else min(amount, most), most))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class _Reporter:
    """Says where the reading stands, not more than ten times a second."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._said >= _EVERY_S or progress.page == progress.pages:
            self._said = now
            _say(asdict(progress))


def _say(words: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(words, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main())
