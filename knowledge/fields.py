"""Reading the fields of a plain form: each reader gives a value of the right type or names what is wrong.

Owns types and sizes alone; whether values make sense together is `knowledge.validation`'s business.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from knowledge.errors import InvalidContent

T = TypeVar("T")

LONGEST_TEXT = 4_000_000
"""The longest text of one field: a document's body."""
MOST_ITEMS = 100_000

_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")


def field_label(field: str) -> str:
    """What people call a field."""
    return _words()["labels"].get(field, field)


def say_of_field(key: str, **values: object) -> str:
    """What is wrong with a field."""
    return _words()["problems"][key].format(**values)


class Fields:
    """The fields of one table of a plain form; a field that is not among `known` is an error."""

    def __init__(self, raw: object, known: Collection[str], name: str) -> None:
        if not isinstance(raw, Mapping):
            raise InvalidContent(say_of_field("table", field=field_label(name), value=_shown(raw)))
        for key in raw:
            if key not in known:
                raise InvalidContent(say_of_field("unknown", field=key, known="、".join(sorted(known))))
        self._raw: Mapping[str, Any] = raw

    def __contains__(self, name: str) -> bool:
        return self._raw.get(name) is not None

    def raw(self, name: str) -> Any:
        return self._raw.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A text; `default` where there is none, an error where that is None, too."""
        found = self.optional_text(name)
        if found is not None:
            return found
        if name in self:
            return ""
        if default is None:
            raise InvalidContent(say_of_field("missing", field=field_label(name)))
        return default

    def optional_text(self, name: str) -> str | None:
        """A text, None where it is empty."""
        value = self._raw.get(name)
        return None if value is None or value == "" else text(value, name)

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(text(item, name) for item in self._listed(name))

    def each(self, name: str, read: Callable[[Any], T]) -> tuple[T, ...]:
        return tuple(read(item) for item in self._listed(name))

    def day(self, name: str) -> date | None:
        return day(self._raw.get(name), name)

    def decimal(self, name: str) -> str | None:
        """A decimal number as text, never an exponent."""
        value = self._raw.get(name)
        if value is None or value == "":
            return None
        try:
            number = Decimal(value if isinstance(value, str) else str(value))
        except InvalidOperation:
            number = Decimal("NaN")
        if isinstance(value, bool) or not number.is_finite() or abs(number.adjusted()) > 30:
            raise InvalidContent(say_of_field("number", field=field_label(name), value=_shown(value)))
        return f"{number:f}"

    def whole(self, name: str, default: int) -> int:
        value = self._raw.get(name)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise InvalidContent(say_of_field("whole", field=field_label(name), value=_shown(value)))
        return value

    def switch(self, name: str) -> bool:
        value = self._raw.get(name)
        if value is None:
            return False
        if not isinstance(value, bool):
            raise InvalidContent(say_of_field("switch", field=field_label(name), value=_shown(value)))
        return value

    def choice(self, name: str, known: Collection[str], default: str | None = None) -> Any:
        """One of `known`; typed Any because each field has a literal type of its own."""
        value = self._raw.get(name)
        if value is None or value == "":
            if default is None:
                raise InvalidContent(say_of_field("missing", field=field_label(name)))
            return default
        if value not in known:
            raise InvalidContent(
                say_of_field("choice", field=field_label(name), value=_shown(value), known="、".join(known))
            )
        return value

    def optional_choice(self, name: str, known: Collection[str]) -> Any:
        return self.choice(name, known, default="") or None

    def _listed(self, name: str) -> list[Any] | tuple[Any, ...]:
        value = self._raw.get(name)
        if value is None:
            return ()
        if not isinstance(value, (list, tuple)):
            raise InvalidContent(say_of_field("list", field=field_label(name), value=_shown(value)))
        if len(value) > MOST_ITEMS:
            raise InvalidContent(
                say_of_field("many", field=field_label(name), length=len(value), limit=MOST_ITEMS)
            )
        return value


def text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise InvalidContent(say_of_field("text", field=field_label(name), value=_shown(value)))
    if len(value) > LONGEST_TEXT:
        raise InvalidContent(
            say_of_field("long", field=field_label(name), length=len(value), limit=LONGEST_TEXT)
        )
    if found := _UNSTORABLE.search(value):
        raise InvalidContent(say_of_field("signs", field=field_label(name), sign=f"U+{ord(found[0]):04X}"))
    return value


def day(value: object, name: str) -> date | None:
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as error:
        raise InvalidContent(say_of_field("date", field=field_label(name), value=_shown(value))) from error


def _shown(value: object) -> str:
    shown = value if isinstance(value, str) else repr(value)
    return f"“{shown[:40]}”"


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    raw: Mapping[str, Mapping[str, str]] = yaml.safe_load(
        Path(__file__).with_suffix(".yml").read_text(encoding="utf-8")
    )
    return raw
