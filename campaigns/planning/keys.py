"""Idempotency keys: a button pressed twice does its work once, and says the same both times.

A key belongs to one step on one thing by one person. It is claimed in the transaction of the step, so that a
step that fails leaves its key free, and two presses at once wait for each other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from campaigns.errors import InvalidInput, KeyTaken, shown
from campaigns.store.campaign_tables import campaign_keys
from campaigns.words import say

KEY = re.compile(r"[\x21-\x7e]{1,64}")
KEPT = timedelta(days=30)
"""How long a key is remembered."""


def earlier(connection: Connection, key: str, *, what: str, subject: str, by: str) -> dict[str, Any] | None:
    """What the step gave when this key was used first; None where it is new.

    Raises KeyTaken where it was used for another step, thing or person, InvalidInput for no key.
    """
    if not isinstance(key, str) or KEY.fullmatch(key) is None:
        raise InvalidInput(say("key_shape", value=shown(key)))
    row = connection.execute(select(campaign_keys).where(campaign_keys.c.key == key)).one_or_none()
    if row is None:
        return None
    if (row.what, row.subject, row.by) != (what, subject, by):
        raise KeyTaken(say("key_taken", key=key))
    return dict(row.result)


def claim(
    connection: Connection, key: str, *, what: str, subject: str, by: str, at: datetime
) -> dict[str, Any] | None:
    """Take the key within this transaction; what was given before where somebody took it first.

    Waits for another transaction that is using the same key. Raises as `earlier` does.
    """
    if not isinstance(key, str) or KEY.fullmatch(key) is None:
        raise InvalidInput(say("key_shape", value=shown(key)))
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"key": key, "what": what, "subject": subject, "by": by, "result": {}, "at": at}
    taken = make(campaign_keys).values(values).on_conflict_do_nothing().returning(campaign_keys.c.key)
    if connection.execute(taken).one_or_none() is not None:
        return None
    return earlier(connection, key, what=what, subject=subject, by=by)


def keep(connection: Connection, key: str, result: Mapping[str, Any]) -> None:
    """What the step gave, for the next press of the same key."""
    connection.execute(update(campaign_keys).where(campaign_keys.c.key == key).values(result=dict(result)))


def forget_old(connection: Connection, now: datetime) -> int:
    """Drop keys that nobody will press again; how many."""
    return connection.execute(delete(campaign_keys).where(campaign_keys.c.at < now - KEPT)).rowcount
