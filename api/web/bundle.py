"""The widget's script, put together from its parts: other sites load one file, people read several.

The parts are plain scripts that share one function scope, in the order of `PARTS`; the words that
residents read come from a JSON file beside them. Nothing is compiled: only
indentation and comments stay at home.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PARTS = (
    "settings",
    "words",
    "text",
    "nodes",
    "memory",
    "client",
    "outbox",
    "stream",
    "colours",
    "speech",
    "tools",
    "messages",
    "campaign",
    "reader",
    "sheet",
    "transcript",
    "composer",
    "frame",
    "element",
    "start",
)
CARD_PARTS = (
    "settings",
    "words",
    "text",
    "nodes",
    "colours",
    "speech",
    "tools",
    "messages",
    "campaign",
    "card",
)
_COMMENT = re.compile(r"^[ \t]*(/\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
_HERE = Path(__file__).parent / "widget"


@dataclass(frozen=True, slots=True)
class File:
    content: bytes
    etag: str
    packed: bytes
    """`content` with gzip, for browsers that take it: nearly all."""


@lru_cache(maxsize=1)
def widget_script() -> File:
    """The whole script and its entity tag."""
    return _script(PARTS, (_HERE / "head.txt").read_text("utf-8"))


@lru_cache(maxsize=1)
def card_script() -> File:
    """`<lvxiaoyu-card>` alone: a message drawn by the widget's own parts, for previews."""
    return _script(
        CARD_PARTS, "/* A message of 绿小渝 as residents see it: <lvxiaoyu-card>, see card.js. */\n"
    )


def _script(names: tuple[str, ...], head: str) -> File:
    parts = "\n".join(f"/* ---- {name} ---- */\n{_part(name)}" for name in names)
    content = f'{head}(function () {{\n"use strict";\n\n{parts}\n}})();\n'.encode()
    return packed(content)


@lru_cache(maxsize=1)
def widget_style() -> File:
    """The one stylesheet."""
    return packed(lean((_HERE.parent / "static" / "widget.css").read_text("utf-8")).encode())


@lru_cache(maxsize=1)
def english() -> File:
    """The surface's words in English."""
    return packed(wording("en").encode())


def packed(content: bytes) -> File:
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    return File(content, etag, gzip.compress(content, 9, mtime=0))


def _part(name: str) -> str:
    if name == "words":
        return f"const WORDINGS = {{ zh: {wording('zh')} }};\nlet WORDS = WORDINGS.zh;\n"
    return lean((_HERE / f"{name}.js").read_text("utf-8"))


def wording(lang: str) -> str:
    """What the surface says in a language, as JSON: Chinese is in the script, another fetched when wanted."""
    words = json.loads((_HERE / f"words.{lang}.json").read_text("utf-8"))
    return json.dumps(words, ensure_ascii=False, separators=(",", ":"))


def lean(text: str) -> str:
    """Without indentation and without comments that have lines of their own: a browser needs neither."""
    bare = _COMMENT.sub("", text)
    return "".join(f"{line.strip()}\n" for line in bare.splitlines() if line.strip())
