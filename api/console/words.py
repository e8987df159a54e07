"""The console's words, read once from `words.yml`; code holds their names."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("words.yml")


@cache
def words(section: str) -> dict[str, Any]:
    """One section of the file, such as `frame`."""
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return dict(loaded[section])
