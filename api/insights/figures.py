"""The figures of a period, reckoned by the database from the facts of turns; days are Chongqing's.

Owns what each figure means. It must not know how it is shown, and no question's words reach it: the questions
it names are approved ones. All methods block.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, func, select

from api.clock import LOCAL, Clock
from api.insights.facts import QUESTIONS
from api.insights.local_day import local_day
from api.insights.tables import turn_facts
from api.insights.topics import topic_of
from knowledge.model import Knowledge
from knowledge.store.tables import EntryRow

LONGEST_DAYS = 400
_AT_ONCE = 500


class WrongPeriod(ValueError):
    """The days asked for make no period; the message, in Chinese, says what is wrong."""


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both counted."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise WrongPeriod(f"结束日期 {self.last} 早于开始日期 {self.first}，请重新选择。")
        if self.length > LONGEST_DAYS:
            raise WrongPeriod(f"最多统计 {LONGEST_DAYS} 天，所选为 {self.length} 天，请缩短时间段。")

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> Period:
        """As many days just before."""
        return Period(self.first - timedelta(days=self.length), self.first - timedelta(days=1))

    @property
    def days(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.length)]

    def holds(self) -> ColumnElement[bool]:
        """Whether a fact lies in it."""
        return and_(turn_facts.c.at >= midnight(self.first), turn_facts.c.at < midnight(self.last, 1))


def midnight(day: date, later: int = 0) -> datetime:
    """The moment at which `day`, or one some days later, begins in Chongqing."""
    return datetime.combine(day + timedelta(days=later), time(), LOCAL)


@dataclass(frozen=True, slots=True)
class Counts:
    """`other` are turns that were no question of policy; `conversations` those that began; `p50` and `p95`
    are milliseconds until a question had its answer, None where none was timed."""

    answered: int = 0
    clarified: int = 0
    abstained: int = 0
    other: int = 0
    useful: int = 0
    useless: int = 0
    conversations: int = 0
    p50: int | None = None
    p95: int | None = None

    @property
    def questions(self) -> int:
        return self.answered + self.clarified + self.abstained

    @property
    def rated(self) -> int:
        return self.useful + self.useless


@dataclass(frozen=True, slots=True)
class Share:
    """How often something was asked of, and how often that was answered."""

    name: str
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class Top:
    """An approved question, how often it was the answer, and what residents thought of that."""

    entry: str
    question: str
    asked: int
    useful: int
    useless: int


@dataclass(frozen=True, slots=True)
class Overview:
    """`before` are the counts of the period before; `topics` and `districts` come most asked first, and
    questions that name no district are in no district's share."""

    period: Period
    total: Counts
    before: Counts
    days: Mapping[date, Counts] = field(default_factory=dict)
    topics: tuple[Share, ...] = ()
    districts: tuple[Share, ...] = ()
    top: tuple[Top, ...] = ()


class Figures:
    def __init__(self, engine: Engine, *, clock: Clock, knowledge: Callable[[], Knowledge | None]) -> None:
        self._engine, self._clock, self._knowledge = engine, clock, knowledge

    def last_days(self, number: int) -> Period:
        """The last `number` days, today counted."""
        today = self._clock.today()
        return Period(today - timedelta(days=number - 1), today)

    def any(self) -> bool:
        """Whether anybody has asked anything yet."""
        with self._engine.connect() as connection:
            return connection.scalar(select(turn_facts.c.position).limit(1)) is not None

    def uses(self, since: datetime) -> dict[str, int]:
        """How often each entry was the answer since then."""
        counted = (
            select(turn_facts.c.entry, func.count())
            .where(turn_facts.c.at >= since, turn_facts.c.kind == "answer", turn_facts.c.entry.is_not(None))
            .group_by(turn_facts.c.entry)
        )
        with self._engine.connect() as connection:
            return {row[0]: row[1] for row in connection.execute(counted)}

    def over(self, period: Period, *, top: int = 10) -> Overview:
        """The figures of a period; each topic and district, and the `top` approved questions."""
        with self._engine.connect() as connection:
            days = _days(connection, period)
            return Overview(
                period=period,
                total=_total(connection, period, days.values()),
                before=_total(connection, period.before, _days(connection, period.before).values()),
                days=days,
                topics=_topics(connection, period, self._knowledge()),
                districts=_districts(connection, period),
                top=_top(connection, period, top),
            )


_IS_QUESTION = turn_facts.c.kind.in_(QUESTIONS)
_DAY = local_day(turn_facts.c.at)


def _one_where(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((and_(*conditions), 1), else_=0)), 0)


_COUNTED: dict[str, ColumnElement[int]] = {
    "answered": _one_where(turn_facts.c.kind == "answer"),
    "clarified": _one_where(turn_facts.c.kind == "clarify"),
    "abstained": _one_where(turn_facts.c.kind == "abstain"),
    "other": _one_where(~_IS_QUESTION),
    "useful": _one_where(turn_facts.c.rated.is_(True)),
    "useless": _one_where(turn_facts.c.rated.is_(False)),
    "conversations": _one_where(turn_facts.c.opened.is_(True)),
}


def _days(connection: Connection, period: Period) -> dict[date, Counts]:
    """Every day of the period, those without a turn too."""
    counted = select(_DAY, *(each.label(name) for name, each in _COUNTED.items()))
    rows = connection.execute(counted.where(period.holds()).group_by(_DAY)).all()
    times: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for day, ms, count in _times(connection, period):
        times[day].append((ms, count))
    found = {
        date.fromisoformat(row[0]): Counts(
            **{name: int(getattr(row, name)) for name in _COUNTED}, **_percentiles(times[row[0]])
        )
        for row in rows
    }
    return {day: found.get(day, Counts()) for day in period.days}


def _total(connection: Connection, period: Period, days: Collection[Counts]) -> Counts:
    """Sums of the days; percentiles don't add up, and are reckoned anew."""
    sums = {name: sum(getattr(day, name) for day in days) for name in _COUNTED}
    times: dict[int, int] = defaultdict(int)
    for _, ms, count in _times(connection, period):
        times[ms] += count
    return Counts(**sums, **_percentiles(sorted(times.items())))


def _times(connection: Connection, period: Period) -> list[tuple[str, int, int]]:
    """(day, milliseconds, how many), in order of the milliseconds: small beside the turns themselves."""
    timed = (
        select(_DAY, turn_facts.c.ms, func.count())
        .where(period.holds(), _IS_QUESTION, turn_facts.c.ms.is_not(None))
        .group_by(_DAY, turn_facts.c.ms)
        .order_by(turn_facts.c.ms)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(timed)]


def _percentiles(times: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """By nearest rank: the least time within which that share of the questions was answered."""
    return {"p50": _percentile(times, 0.5), "p95": _percentile(times, 0.95)}


def _percentile(times: Sequence[tuple[int, int]], share: float) -> int | None:
    rank = math.ceil(share * sum(count for _, count in times))
    for ms, count in times:
        rank -= count
        if rank <= 0:
            return ms
    return None


def _topics(connection: Connection, period: Period, knowledge: Knowledge | None) -> tuple[Share, ...]:
    counted = (
        select(turn_facts.c.document, turn_facts.c.clause, func.count(), _COUNTED["answered"])
        .where(period.holds(), _IS_QUESTION)
        .group_by(turn_facts.c.document, turn_facts.c.clause)
    )
    asked: dict[str, int] = defaultdict(int)
    answered: dict[str, int] = defaultdict(int)
    for document, clause, count, good in connection.execute(counted):
        name = topic_of(knowledge, document, clause)
        asked[name] += count
        answered[name] += int(good)
    return _most_first([Share(name, count, answered[name]) for name, count in asked.items()])


def _districts(connection: Connection, period: Period) -> tuple[Share, ...]:
    counted = (
        select(turn_facts.c.district, func.count(), _COUNTED["answered"])
        .where(period.holds(), _IS_QUESTION, turn_facts.c.district.is_not(None))
        .group_by(turn_facts.c.district)
    )
    rows = connection.execute(counted).all()
    return _most_first([Share(name, count, int(good)) for name, count, good in rows])


def _most_first(shares: list[Share]) -> tuple[Share, ...]:
    return tuple(sorted(shares, key=lambda share: (-share.asked, share.name)))


def _top(connection: Connection, period: Period, most: int) -> tuple[Top, ...]:
    often = func.count().label("often")
    counted = (
        select(turn_facts.c.entry, often, _COUNTED["useful"], _COUNTED["useless"])
        .where(period.holds(), turn_facts.c.kind == "answer", turn_facts.c.entry.is_not(None))
        .group_by(turn_facts.c.entry)
        .order_by(often.desc(), turn_facts.c.entry)
        .limit(most)
    )
    rows = connection.execute(counted).all()
    named = _questions(connection, [row.entry for row in rows])
    return tuple(
        Top(entry, named.get(entry, entry), count, int(good), int(bad)) for entry, count, good, bad in rows
    )


def _questions(connection: Connection, entries: Sequence[str]) -> dict[str, str]:
    """Approved questions by their ids, withdrawn ones too."""
    named: dict[str, str] = {}
    for start in range(0, len(entries), _AT_ONCE):
        some = EntryRow.id.in_(entries[start : start + _AT_ONCE])
        named |= {
            row.id: row.question
            for row in connection.execute(select(EntryRow.id, EntryRow.question).where(some))
        }
    return named
