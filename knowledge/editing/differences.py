"""What differs between two plain forms, field by field, and how much of it a journal is told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from knowledge.editing.forms import FIELDS
from knowledge.editing.model import FieldChange, Kind
from knowledge.fields import field_label

_LONG = 2000


def changed_fields(
    kind: Kind, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """The names of the fields that differ, in the order of the form; all that are filled where one side is
    None."""
    return tuple(
        name
        for name in FIELDS[kind]
        if ((before or {}).get(name) or None) != ((after or {}).get(name) or None)
    )


def changes(
    kind: Kind, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[FieldChange, ...]:
    """The fields that differ, with both values; None where there is no such side."""
    return tuple(
        FieldChange(name, field_label(name), (before or {}).get(name), (after or {}).get(name))
        for name in changed_fields(kind, before, after)
    )


def journalled(
    kind: Kind, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Both sides reduced to what changed; a long value is told by its size and hash."""
    names = changed_fields(kind, before, after)
    return tuple(  # type: ignore[return-value]
        {name: _brief(side.get(name)) for name in names} if side is not None else None
        for side in (before, after)
    )


def _brief(value: Any) -> Any:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    if len(text) <= _LONG:
        return value
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"length": len(value) if isinstance(value, (str, list)) else len(text), "sha256": digest}
