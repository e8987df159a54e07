"""The Chinese words of editing, kept in `words.yml`; code names them by key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from knowledge.fields import field_label

_LOCAL = ZoneInfo("Asia/Shanghai")


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    raw: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        Path(__file__).with_name("words.yml").read_text(encoding="utf-8")
    )
    return raw


def say(key: str, **values: object) -> str:
    """The sentence of `key` with its values filled in. Raises KeyError for an unknown key."""
    return _tables()["messages"][key].format(**values)


def word(table: str, key: str) -> str:
    """A word of one of the tables, `key` itself where it has none."""
    return _tables()[table].get(key, key)


def field_labels(fields: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(map(field_label, fields)))


def where(kind: str, row_id: str) -> str:
    return say("where", kind=word("kinds", kind), id=row_id)


def local(at: datetime) -> str:
    """A time as people in Chongqing read it."""
    return f"{at.astimezone(_LOCAL):%m-%d %H:%M}"
