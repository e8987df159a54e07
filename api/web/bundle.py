"""The widget's script, put together from its parts: other sites load one file, people read several.

The parts are plain scripts that share one function scope, in the order of `PARTS`; the words that
residents read come from a JSON file beside them. Nothing is compiled or changed.
"""

from __future__ import annotations

import hashlib
import json
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
    "stream",
    "messages",
    "campaign",
    "element",
    "start",
)
CARD_PARTS = ("settings", "words", "text", "nodes", "messages", "campaign", "card")
_HERE = Path(__file__).parent / "widget"


@dataclass(frozen=True, slots=True)
class Script:
    content: bytes
    etag: str


@lru_cache(maxsize=1)
def widget_script() -> Script:
    """The whole script and its entity tag."""
    return _script(PARTS, (_HERE / "head.txt").read_text("utf-8"))


@lru_cache(maxsize=1)
def card_script() -> Script:
    """`<lvxiaoyu-card>` alone: a message drawn by the widget's own parts, for previews."""
    return _script(
        CARD_PARTS, "/* A message of 绿小渝 as residents see it: <lvxiaoyu-card>, see card.js. */\n"
    )


def _script(names: tuple[str, ...], head: str) -> Script:
    parts = "\n".join(f"/* ---- {name} ---- */\n{_part(name)}" for name in names)
    content = f'{head}(function () {{\n"use strict";\n\n{parts}\n}})();\n'.encode()
    return Script(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


def _part(name: str) -> str:
    if name == "words":
        words = json.loads((_HERE / "words.zh.json").read_text("utf-8"))
        return f"const WORDS = {json.dumps(words, ensure_ascii=False, indent=2)};\n"
    return (_HERE / f"{name}.js").read_text("utf-8")
