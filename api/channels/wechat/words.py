"""The words of `words.yml`, by key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def words() -> Mapping[str, Any]:
    path = Path(__file__).with_name("words.yml")
    found: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found


def say(key: str, /, **values: object) -> str:
    """The sentence of `key` with its values filled in. Raises KeyError for an unknown key."""
    return str(words()[key]).strip().format(**values)
