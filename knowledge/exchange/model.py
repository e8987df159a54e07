"""What comes in from a file, what is wrong with it, and what importing it would do. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from knowledge.editing.model import Draft, FieldChange, Kind, Proposal
from knowledge.errors import InvalidContent
from knowledge.exchange.wording import say

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class RowProblem:
    """`sheet` is the sheet's or the file's name; `row` counts from 1 as tables show it, None where the whole
    file is meant; `value` is what stands there; `problem` names the remedy."""

    sheet: str
    row: int | None
    column: str
    value: str
    problem: str

    def __str__(self) -> str:
        if self.row is None:
            return say("file", sheet=self.sheet, problem=self.problem)
        key = "place" if self.column else "row"
        return say(key, sheet=self.sheet, row=self.row, column=self.column, problem=self.problem)


class ImportRefused(InvalidContent):
    """Nothing was imported. The message tells the first `problems`, one a line."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:_SHOWN]]
        if len(self.problems) > _SHOWN:
            lines.append(say("more", count=len(self.problems) - _SHOWN))
        if len(self.problems) > 1:
            lines.insert(0, say("refused", count=len(self.problems)))
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Incoming:
    """One row of a file: the fields that it has, in plain form. `row_id` is None where it is to be made."""

    kind: Kind
    row_id: str | None
    content: Mapping[str, Any]
    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds; where there are problems, the rows that have them are left out."""

    rows: tuple[Incoming, ...]
    problems: tuple[RowProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One row and what importing it would change; `draft` is one that stands in its way."""

    incoming: Incoming
    proposal: Proposal
    title: str
    changes: tuple[FieldChange, ...] = ()
    draft: Draft | None = None

    @property
    def row_id(self) -> str:
        return self.proposal.row_id


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do. It can be carried out where nothing is wrong and nothing stands in its way.

    `skipped` are rows that say of something unknown here that it is withdrawn.
    """

    new: tuple[Planned, ...]
    changed: tuple[Planned, ...]
    unchanged: tuple[Planned, ...]
    conflicts: tuple[Planned, ...]
    skipped: tuple[Planned, ...]
    problems: tuple[RowProblem, ...]

    @property
    def ready(self) -> bool:
        return not self.problems and not self.conflicts
