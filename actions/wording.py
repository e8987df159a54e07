"""The words and patterns of actions: YAML files beside the code, each read once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@cache
def load(name: str) -> dict[str, Any]:
    """The content of `<name>.yml` of this folder."""
    loaded = yaml.safe_load((_FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    if not isinstance(loaded, dict):
        raise ValueError(f"actions/{name}.yml holds {type(loaded).__name__}, not a table.")
    return loaded


@cache
def pattern(name: str, key: str) -> re.Pattern[str]:
    """The alternatives that `<name>.yml` lists under `key`, as one pattern; where two begin alike, the
    one listed first wins."""
    return re.compile("|".join(f"(?:{alternative})" for alternative in load(name)[key]))


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Finds the longest of `words`; nothing where there are none."""
    longest_first = sorted({word for word in words if word}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
