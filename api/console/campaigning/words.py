"""The words of the campaign pages, read once from `words.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("words.yml")


@cache
def table(name: str) -> dict[str, str]:
    """A table of words by code."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(_FILE.read_text("utf-8"))
    return {str(key): str(text) for key, text in loaded[name].items()}


def word(name: str, key: str | None) -> str:
    """One word of a table; what has none stands as it is."""
    return table(name).get(key or "", key or "")
