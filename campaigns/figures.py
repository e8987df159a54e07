"""What came of runs, in figures that add up: every recipient is in exactly one state, whatever happened.

Counts rows and sums; never lists a person. Groups small enough to point at somebody are the console's matter:
districts are shown there with the usual floor.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Integer, cast, extract, func, select

from campaigns.planning.schedule import local_day
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import deliveries, run_sums, runs

BLOCKED = "blocked"
_ROW = deliveries.c


@dataclass(frozen=True, slots=True)
class Figures:
    """One run. `waiting` is queued or leased; `failed`, `skipped` and `unknown` are by reason, and who
    blocked us is among the failed. `put_off` are those of the waiting who may not be sent to yet, by reason.

    The rest is what residents did, counted without persons: clicks by link, quiz answers by option, and
    `asked` the questions within a day after the message.
    """

    run_id: str
    campaign_id: str
    title: str
    due_at: datetime
    state: str
    recipients: int
    waiting: int = 0
    sending: int = 0
    sent: int = 0
    failed: Mapping[str, int] = field(default_factory=dict)
    skipped: Mapping[str, int] = field(default_factory=dict)
    unknown: Mapping[str, int] = field(default_factory=dict)
    opened: int = 0
    clicked: Mapping[str, int] = field(default_factory=dict)
    quiz: Mapping[str, int] = field(default_factory=dict)
    pledged: int = 0
    asked: int = 0
    unsubscribed: int = 0
    put_off: Mapping[str, int] = field(default_factory=dict)

    @property
    def blocked(self) -> int:
        return self.failed.get(BLOCKED, 0)

    @property
    def counted(self) -> int:
        """All states together: the recipients, or something is wrong with the store."""
        settled = (self.failed, self.skipped, self.unknown)
        return self.waiting + self.sending + self.sent + sum(sum(each.values()) for each in settled)

    @property
    def adds_up(self) -> bool:
        return self.counted == self.recipients


@dataclass(frozen=True, slots=True)
class Group:
    """What came of the recipients of one channel or one district; None is the whole city."""

    name: str | None
    states: Mapping[str, int]

    @property
    def recipients(self) -> int:
        return sum(self.states.values())


def of_runs(connection: Connection, run_ids: Collection[str]) -> list[Figures]:
    """In the order in which the runs were due. Unknown ids are left out."""
    wanted = (
        select(runs, campaigns.c.title)
        .join(campaigns, campaigns.c.id == runs.c.campaign_id)
        .where(runs.c.id.in_(list(run_ids)))
        .order_by(runs.c.due_at, runs.c.id)
    )
    return [_figures(connection, row) for row in connection.execute(wanted)]


def of_campaign(connection: Connection, campaign_id: str) -> list[Figures]:
    """Every run of a campaign, the first one first."""
    wanted = select(runs.c.id).where(runs.c.campaign_id == campaign_id)
    return of_runs(connection, connection.scalars(wanted).all())


def of_week(connection: Connection, week_id: str) -> list[Figures]:
    """Every run of a campaign week, for comparing its days."""
    wanted = select(runs.c.id).join(campaigns, campaigns.c.id == runs.c.campaign_id)
    return of_runs(connection, connection.scalars(wanted.where(campaigns.c.week_id == week_id)).all())


def by_channel(connection: Connection, run_id: str) -> list[Group]:
    return _groups(connection, run_id, _ROW.channel)


def by_district(connection: Connection, run_id: str) -> list[Group]:
    """The largest first."""
    return _groups(connection, run_id, _ROW.district)


def pace(connection: Connection, run_id: str, minutes: int = 1) -> list[tuple[datetime, int]]:
    """How many were sent in each stretch of so many minutes, in order; stretches without any are left out."""
    if connection.dialect.name == "sqlite":
        seconds: Any = cast(func.strftime("%s", _ROW.settled_at), Integer)
    else:
        seconds = cast(func.floor(extract("epoch", _ROW.settled_at)), Integer)
    stretch = seconds - seconds % (minutes * 60)
    wanted = select(stretch, func.count()).where(_ROW.run_id == run_id, _ROW.state == "sent")
    found = connection.execute(wanted.group_by(stretch).order_by(stretch))
    return [(datetime.fromtimestamp(at, UTC), number) for at, number in found]


def by_day(figures: Iterable[Figures]) -> dict[date, Counter[str]]:
    """The days of Chongqing compared: recipients and the states, runs of one day together."""
    found: defaultdict[date, Counter[str]] = defaultdict(Counter)
    for each in figures:
        found[local_day(each.due_at)].update(_plain(each))
    return dict(sorted(found.items()))


def as_csv(figures: Iterable[Figures]) -> str:
    """One line a run, reasons and numbers in columns of their own; opens in a spreadsheet as it is."""
    lines: list[dict[str, str | int]] = [
        {**_identity(each), **_plain(each), **_spread(each)} for each in figures
    ]
    columns = list(dict.fromkeys(name for line in lines for name in line))
    made = io.StringIO()
    writer = csv.DictWriter(made, columns, restval=0, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    return "\ufeff" + made.getvalue()


def _figures(connection: Connection, row: Any) -> Figures:
    reason = func.coalesce(_ROW.reason, "")
    counted = select(_ROW.state, reason, func.count()).where(_ROW.run_id == row.id)
    states: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for state, why, number in connection.execute(counted.group_by(_ROW.state, reason)):
        states[state][why] += number
    summed = select(run_sums.c.what, run_sums.c.which, func.sum(run_sums.c.count))
    sums: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for what, which, number in connection.execute(
        summed.where(run_sums.c.run_id == row.id).group_by(run_sums.c.what, run_sums.c.which)
    ):
        sums[what][which] = int(number)
    return Figures(
        run_id=row.id,
        campaign_id=row.campaign_id,
        title=row.title,
        due_at=row.due_at,
        state=row.state,
        recipients=row.recipients,
        waiting=(states["queued"] + states["leased"]).total(),
        sending=states["sending"].total(),
        sent=states["sent"].total(),
        failed=dict(states["failed"]),
        skipped=dict(states["skipped"]),
        unknown=dict(states["unknown"]),
        opened=sum(sums["opened"].values()),
        clicked=dict(sorted(sums["clicked"].items())),
        quiz=dict(sorted(sums["quiz"].items())),
        pledged=sum(sums["pledge"].values()),
        asked=sum(sums["asked"].values()),
        unsubscribed=sum(sums["unsubscribed"].values()),
        put_off={why: number for why, number in states["queued"].items() if why},
    )


def _groups(connection: Connection, run_id: str, column: Any) -> list[Group]:
    counted = select(column, _ROW.state, func.count()).where(_ROW.run_id == run_id)
    found: defaultdict[str | None, dict[str, int]] = defaultdict(dict)
    for name, state, number in connection.execute(counted.group_by(column, _ROW.state)):
        found[name][state] = number
    groups = [Group(name, dict(sorted(states.items()))) for name, states in found.items()]
    return sorted(groups, key=lambda each: (-each.recipients, each.name or ""))


def _identity(each: Figures) -> dict[str, str | int]:
    return {
        "run": each.run_id,
        "campaign": _inert(each.title),
        "due_at": each.due_at.isoformat(),
        "state": each.state,
    }


def _plain(each: Figures) -> dict[str, int]:
    return {
        "recipients": each.recipients,
        "waiting": each.waiting,
        "sending": each.sending,
        "sent": each.sent,
        "failed": sum(each.failed.values()),
        "skipped": sum(each.skipped.values()),
        "unknown": sum(each.unknown.values()),
        "blocked": each.blocked,
        "opened": each.opened,
        "clicked": sum(each.clicked.values()),
        "quiz": sum(each.quiz.values()),
        "pledged": each.pledged,
        "asked": each.asked,
        "unsubscribed": each.unsubscribed,
    }


def _spread(each: Figures) -> dict[str, int]:
    parts = {
        "failed": each.failed, "skipped": each.skipped, "unknown": each.unknown,
        "clicked": each.clicked, "quiz": each.quiz, "waiting": each.put_off,
    }  # fmt: skip
    return {f"{name}.{key}": number for name, part in parts.items() for key, number in sorted(part.items())}


def _inert(text: str) -> str:
    """No spreadsheet takes it for a formula."""
    return "'" + text if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
