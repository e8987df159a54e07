"""The app's own words for people, read once from `texts.yml`; code holds only their names."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("texts.yml")


@cache
def _tables() -> dict[str, Any]:
    tables: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return tables


def notice(name: str, **values: object) -> str:
    """A sentence to a resident."""
    return str(_tables()["notices"][name]).format(**values)


def masked_kind(kind: str) -> str:
    return str(_tables()["notices"]["masked_kinds"][kind])


def around_a_number() -> tuple[str, ...]:
    """Words that introduce a number and ask nothing."""
    return tuple(_tables()["notices"]["around_a_number"])


def suggestions() -> list[dict[str, str]]:
    """What to offer somebody who has asked nothing yet."""
    return [dict(item) for item in _tables()["suggestions"]]


def problem(name: str, **values: object) -> str:
    """The `detail` of a problem document."""
    return str(_tables()["problems"][name]).format(**values)


def field_problem(kind: str, field: str, **values: object) -> str:
    """What is wrong with one field; `kind` is pydantic's name of the error."""
    table = _tables()["fields"]
    return str(table.get(kind, table["other"])).format(field=field, **values)
