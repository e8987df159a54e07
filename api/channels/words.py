"""What the desk of channels says by itself, kept in `words.yml`; code names the sentences by key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _words() -> Mapping[str, Any]:
    path = Path(__file__).with_name("words.yml")
    words: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


def say(key: str, /, **values: object) -> str:
    """The sentence of `key` with its values filled in. Raises KeyError for an unknown key."""
    return str(_words()[key]).strip().format(**values)


def table(key: str, /) -> Mapping[str, str]:
    """The words of `key`, by name."""
    return {str(name): str(text).strip() for name, text in _words()[key].items()}


def listed(key: str, /) -> tuple[str, ...]:
    """The names that stand under `key`."""
    return tuple(str(name) for name in _words()[key])
