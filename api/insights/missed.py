"""The questions that were not answered well, as they stand in the conversations that are still kept.

Unanswered, asked back, or answered and rated as of no use. The words are masked; they are read here and are
stored nowhere else. All functions block.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, and_, or_, select

from api.insights.tables import turn_facts
from api.store.tables import messages
from knowledge.wordings import same_form

Why = Literal["unanswered", "clarified", "disliked"]
WHYS: tuple[Why, ...] = ("unanswered", "clarified", "disliked")
_WHY_OF: dict[str, Why] = {"abstain": "unanswered", "clarify": "clarified"}


@dataclass(frozen=True, slots=True)
class Miss:
    """One question that was not answered well: `reason` is the reply's, `rated_for` the resident's own."""

    text: str
    at: datetime
    why: Why
    reason: str | None
    district: str | None
    rated_for: str | None = None


@dataclass(frozen=True, slots=True)
class Wording:
    """Every time that one question was asked in the same words; `text` is how it was put first.

    `key` is a hash of its normal form: it stands for the wording where its words may not be kept.
    """

    key: str
    text: str
    misses: tuple[Miss, ...]

    @property
    def first_at(self) -> datetime:
        return self.misses[0].at


def key_of(text: str) -> str:
    """The same for the same question, whatever its signs, width and case."""
    return hashlib.sha256(same_form(text).encode()).hexdigest()[:32]


def missed(connection: Connection, *, most: int) -> list[Miss]:
    """What was missed, the oldest first; of more than `most`, the latest. A rating as of no use counts
    before the kind."""
    found = (
        select(
            messages.c.text,
            turn_facts.c.at,
            turn_facts.c.kind,
            turn_facts.c.reason,
            turn_facts.c.rated,
            turn_facts.c.rated_for,
            turn_facts.c.district,
        )
        .join(messages, messages.c.id == turn_facts.c.question_id)
        .where(
            or_(
                turn_facts.c.kind.in_(tuple(_WHY_OF)),
                and_(turn_facts.c.kind == "answer", turn_facts.c.rated.is_(False)),
            )
        )
        .order_by(turn_facts.c.at.desc(), turn_facts.c.position.desc())
        .limit(most)
    )
    return [
        Miss(
            text=row.text,
            at=row.at,
            why="disliked" if row.rated is False else _WHY_OF[row.kind],
            reason=row.reason,
            district=row.district,
            rated_for=row.rated_for,
        )
        for row in reversed(connection.execute(found).all())
    ]


def wordings(misses: Iterable[Miss]) -> list[Wording]:
    """The different wordings among misses that come the oldest first, each as it was first asked."""
    asked: dict[str, list[Miss]] = defaultdict(list)
    for miss in misses:
        asked[key_of(miss.text)].append(miss)
    return [Wording(key, each[0].text, tuple(each)) for key, each in asked.items()]
