"""The Chinese sentences that campaign staff read, kept in `words.yml`; code names them by key."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from campaigns.errors import shown


@cache
def _words() -> Mapping[str, str]:
    path = Path(__file__).with_name("words.yml")
    return {str(key): str(text) for key, text in yaml.safe_load(path.read_text(encoding="utf-8")).items()}


def say(key: str, /, **values: object) -> str:
    """The sentence of `key` with its values filled in. Raises KeyError for an unknown key."""
    return _words()[key].format(**values)


def given(value: object) -> str:
    """What somebody gave, as staff read it: nothing, a number, a text (its beginning and length), or else."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return say("given_nothing")
    if type(value) is int:
        return str(value)
    if isinstance(value, str):
        return say("given_text", value=shown(value), count=len(value))
    return say("given_other")
