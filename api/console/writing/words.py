"""The words of the pages for writing, read once from `words.yml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _file() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text("utf-8"))
    return loaded


def table(name: str) -> dict[str, Any]:
    """One table of the file, in its order."""
    return dict(_file()[name])


def word(name: str, key: object) -> str:
    """What people call `key`; the key itself where the table has no word for it."""
    return str(_file()[name].get(key, key))
