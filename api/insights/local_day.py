"""The day in Chongqing on which a moment lies, said in SQL, as YYYY-MM-DD on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, String
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import GenericFunction

from api.clock import LOCAL

_AHEAD_H = 8
"""Asia/Shanghai has had no summer time since 1991; SQLite knows no time zones by name."""


class local_day(GenericFunction[str]):
    type = String()
    inherit_cache = True
    name = "local_day"

    def __init__(self, moment: ColumnElement[Any]) -> None:
        super().__init__(moment)


@compiles(local_day, "sqlite")
def _sqlite(element: local_day, compiler: Any, **options: Any) -> str:
    return f"date({compiler.process(element.clauses, **options)}, '+{_AHEAD_H} hours')"


@compiles(local_day, "postgresql")
def _postgresql(element: local_day, compiler: Any, **options: Any) -> str:
    moment = compiler.process(element.clauses, **options)
    return f"to_char(timezone('{LOCAL.key}', {moment}), 'YYYY-MM-DD')"
