"""Ids of documents: proposed from the 文号, kept free of those there are, put into clauses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date

from knowledge.model import Clause

_NUMBER = re.compile(r"(.+?)[〔\[﹝（(【](\d{4})[〕\]﹞）)】]\s*(\d+)\s*号")
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,47}")


def proposed_id(number: str | None, *, issued_on: date | None, today: date) -> str:
    """`渝发改规范〔2022〕11号` -> cq-2022-11; other places' numbers begin with doc; without one the day."""
    match = _NUMBER.search(number or "")
    if match is not None:
        return f"{'cq' if match[1].startswith('渝') else 'doc'}-{match[2]}-{int(match[3])}"
    return f"doc-{issued_on or today:%Y-%m%d}"


def free_id(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or with the first number behind it that nothing has."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def is_id(text: str) -> bool:
    """Whether a document may be called so; `import` is where the console imports."""
    return _ID.fullmatch(text) is not None and text != "import"


def renamed(clauses: Iterable[Clause], document_id: str) -> tuple[Clause, ...]:
    """The same clauses as those of another document."""
    return tuple(
        replace(
            clause,
            id=f"{document_id}#{clause.path}",
            document_id=document_id,
            parent=f"{document_id}#{clause.parent.partition('#')[2]}" if clause.parent is not None else None,
        )
        for clause in clauses
    )
