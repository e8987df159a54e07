"""What the app says to campaign staff, kept in `words.yml`; code names the sentences by key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml


@cache
def _words() -> Mapping[str, str]:
    path = Path(__file__).with_name("words.yml")
    return {str(key): str(text) for key, text in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


def say(key: str, /, **values: object) -> str:
    """The sentence of `key` with its values filled in. Raises KeyError for an unknown key."""
    return _words()[key].format(**values)
