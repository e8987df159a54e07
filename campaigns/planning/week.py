"""Campaign weeks and the days to hang a campaign on: their dates, typed by staff with a source.

A week lays its preset out as drafts, one a message, which are then edited, tested and approved like any other
campaign. Nothing here reckons when a movable day is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, delete, insert, select

from campaigns.delivery.senders import Capabilities
from campaigns.errors import InvalidInput, NotAllowed, UnknownCampaign, shown
from campaigns.journal import Journal
from campaigns.planning import keys
from campaigns.planning.forms import LONGEST_TITLE
from campaigns.planning.model import Campaign
from campaigns.planning.preset import Preset, at_on, known_days, lay_out, load_preset
from campaigns.planning.rows import campaign_from
from campaigns.planning.schedule import LOCAL, local_day
from campaigns.planning.service import Campaigns
from campaigns.store.campaign_tables import campaign_days, campaign_weeks, campaigns
from campaigns.store.transactions import writing
from campaigns.words import say

LONGEST_SOURCE = 500
LONGEST_NAME = 60
LONGEST_DAY = timedelta(days=31)

__all__ = ["Day", "Preset", "Week", "Weeks", "known_days", "load_preset"]


@dataclass(frozen=True, slots=True)
class Week:
    """`source` says where staff have the dates from."""

    id: str
    title: str
    preset: str | None
    starts_on: date
    ends_on: date
    source: str
    copied_from: str | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """A day, or a few, to hang a campaign on."""

    id: str
    name: str
    starts_on: date
    ends_on: date
    source: str
    typed_by: str
    typed_at: datetime


class Weeks:
    """`capabilities`: channels with a monthly quota get the short form of a preset."""

    def __init__(
        self,
        engine: Engine,
        campaigns: Campaigns,
        *,
        now: Callable[[], datetime],
        journal: Journal,
        capabilities: Mapping[str, Capabilities] | None = None,
    ) -> None:
        self._engine, self._campaigns, self._now, self._journal = engine, campaigns, now, journal
        self._capabilities = {} if capabilities is None else capabilities

    def create(
        self,
        *,
        starts_on: object,
        source: str,
        by: str,
        key: str,
        title: str | None = None,
        preset: str = "green_week",
        short_only: bool = False,
    ) -> Week:
        """Lay the preset out from `starts_on` as drafts.

        Raises InvalidInput for a day that is over, and where no source is given. Channels with a monthly
        quota get three messages, the others seven and a digest; `short_only`: three to everybody.
        """
        chosen, day = load_preset(preset), self._day(starts_on)
        if day < local_day(self._now()):
            raise InvalidInput(say("week_over", day=day))
        name, said = self._title(title or chosen.title), self._source(source)
        limited = tuple(
            sorted(
                channel
                for channel, able in self._capabilities.items()
                if able.quota is not None and able.quota.period == "month"
            )
        )
        free = tuple(sorted(set(self._capabilities) - set(limited))) if limited else ()
        planned = lay_out(
            chosen, day, title=name, full=not short_only, channels=free,
            short_channels=() if short_only else limited,
        )  # fmt: skip
        with writing(self._engine) as connection:
            at = self._now()
            first = keys.claim(connection, key, what="created", subject="week", by=by, at=at)
            if first is not None:
                return self._read(connection, first["id"])
            week = self._add(
                connection, name, day, day + timedelta(days=len(chosen.days) - 1), said, by=by, preset=preset
            )
            for each in planned:
                self._campaigns.add(
                    connection, title=each.title[:LONGEST_TITLE], content=each.message.as_json(),
                    audience=each.audience.as_json(), schedule=each.schedule.as_json(), by=by,
                    week_id=week.id,
                )  # fmt: skip
            keys.keep(connection, key, {"id": week.id})
            return week

    def copy(
        self, week_id: str, *, starts_on: object, source: str, by: str, key: str, title: str | None = None
    ) -> Week:
        """Last year's week anew: its messages as drafts, as many days later as it starts later."""
        day, said = self._day(starts_on), self._source(source)
        if day < local_day(self._now()):
            raise InvalidInput(say("week_over", day=day))
        with writing(self._engine) as connection:
            at = self._now()
            first = keys.claim(connection, key, what="copied", subject=week_id, by=by, at=at)
            if first is not None:
                return self._read(connection, first["id"])
            old = self._read(connection, week_id)
            later = day - old.starts_on
            week = self._add(
                connection, self._title(title or old.title), day, old.ends_on + later, said, by=by,
                preset=old.preset, copied_from=old.id,
            )  # fmt: skip
            for each in self._of(connection, week_id):
                if each.state == "cancelled" or each.corrects is not None:
                    continue
                when = each.schedule.as_json()
                if each.schedule.first_at is not None:
                    local = each.schedule.first_at.astimezone(LOCAL)
                    when["first_at"] = at_on(local.date() + later, local.time()).isoformat()
                if each.schedule.ends_on is not None:
                    when["ends_on"] = (each.schedule.ends_on + later).isoformat()
                self._campaigns.add(
                    connection, title=each.title.replace(old.title, week.title, 1)[:LONGEST_TITLE],
                    content=each.message.as_json() | {"activity_id": None}, audience=each.audience.as_json(),
                    schedule=when, by=by, week_id=week.id, copied_from=each.id,
                )  # fmt: skip
            keys.keep(connection, key, {"id": week.id})
            return week

    def read(self, week_id: str) -> Week:
        """Raises UnknownCampaign."""
        with self._engine.connect() as connection:
            return self._read(connection, week_id)

    def list(self) -> Sequence[Week]:
        """The latest first."""
        wanted = select(campaign_weeks).order_by(campaign_weeks.c.starts_on.desc(), campaign_weeks.c.id)
        with self._engine.connect() as connection:
            return [_week(row) for row in connection.execute(wanted)]

    def messages(self, week_id: str) -> Sequence[Campaign]:
        """The week's campaigns in the order in which they go out; those without a time last."""
        with self._engine.connect() as connection:
            self._read(connection, week_id)
            return self._of(connection, week_id)

    def type_day(
        self, *, name: str, starts_on: object, source: str, by: str, key: str, ends_on: object = None
    ) -> Day:
        """Keep when a day is, this year; typed again for the same start it is corrected."""
        label = name.strip() if isinstance(name, str) else ""
        if not label or len(label) > LONGEST_NAME:
            raise InvalidInput(say("day_name", value=shown(name), most=LONGEST_NAME))
        first_day = self._day(starts_on)
        last_day = first_day if ends_on in (None, "") else self._day(ends_on)
        if not first_day <= last_day <= first_day + LONGEST_DAY:
            raise InvalidInput(say("day_order", starts=first_day, ends=last_day))
        said = self._source(source)
        with writing(self._engine) as connection:
            at = self._now()
            earlier = keys.claim(connection, key, what="typed", subject="day", by=by, at=at)
            if earlier is not None:
                return self._read_day(connection, earlier["id"])
            columns = campaign_days.c
            same = (columns.name == label) & (columns.starts_on == first_day)
            connection.execute(delete(campaign_days).where(same))
            day_id = uuid4().hex
            connection.execute(
                insert(campaign_days).values(
                    id=day_id, name=label, starts_on=first_day, ends_on=last_day, source=said,
                    typed_by=by, typed_at=at,
                )
            )  # fmt: skip
            made = self._read_day(connection, day_id)
            self._journal.record(
                connection, by=by, what="day.typed", kind="day", subject=label,
                after={"starts_on": first_day, "ends_on": last_day, "source": said},
            )  # fmt: skip
            keys.keep(connection, key, {"id": day_id})
            return made

    def remove_day(self, day_id: str, *, by: str) -> None:
        """Nothing happens where it is gone already."""
        with writing(self._engine) as connection:
            row = connection.execute(
                select(campaign_days).where(campaign_days.c.id == day_id)
            ).one_or_none()  # fmt: skip
            if row is None:
                return
            connection.execute(delete(campaign_days).where(campaign_days.c.id == day_id))
            self._journal.record(
                connection, by=by, what="day.removed", kind="day", subject=row.name,
                before={"starts_on": row.starts_on, "source": row.source},
            )  # fmt: skip

    def days(self, *, since: date | None = None) -> Sequence[Day]:
        """The earliest first."""
        wanted = select(campaign_days).order_by(campaign_days.c.starts_on, campaign_days.c.name)
        if since is not None:
            wanted = wanted.where(campaign_days.c.ends_on >= since)
        with self._engine.connect() as connection:
            return [_typed_day(row) for row in connection.execute(wanted)]

    def _add(
        self,
        connection: Connection,
        title: str,
        starts_on: date,
        ends_on: date,
        source: str,
        *,
        by: str,
        preset: str | None,
        copied_from: str | None = None,
    ) -> Week:
        week_id = uuid4().hex
        connection.execute(
            insert(campaign_weeks).values(
                id=week_id, title=title, preset=preset, starts_on=starts_on, ends_on=ends_on, source=source,
                copied_from=copied_from, created_by=by, created_at=self._now(),
            )
        )  # fmt: skip
        self._journal.record(
            connection, by=by, what="week.created", kind="week", subject=week_id,
            after={"title": title, "starts_on": starts_on, "source": source, "copied_from": copied_from},
        )  # fmt: skip
        return self._read(connection, week_id)

    def _read(self, connection: Connection, week_id: str) -> Week:
        row = connection.execute(
            select(campaign_weeks).where(campaign_weeks.c.id == week_id)
        ).one_or_none()  # fmt: skip
        if row is None:
            raise UnknownCampaign(say("week_unknown", id=str(week_id)[:40]))
        return _week(row)

    def _read_day(self, connection: Connection, day_id: str) -> Day:
        row = connection.execute(select(campaign_days).where(campaign_days.c.id == day_id)).one_or_none()
        if row is None:
            raise NotAllowed(say("day_gone"))
        return _typed_day(row)

    def _of(self, connection: Connection, week_id: str) -> Sequence[Campaign]:
        rows = connection.execute(select(campaigns).where(campaigns.c.week_id == week_id)).mappings()
        found = [campaign_from(dict(row)) for row in rows]
        return sorted(
            found,
            key=lambda each: (
                each.schedule.first_at is None,
                each.schedule.first_at or each.created_at,
                each.created_at,
                each.title,
            ),
        )

    def _title(self, raw: str) -> str:
        if not isinstance(raw, str) or not raw.strip() or len(raw) > LONGEST_TITLE - 20:
            raise InvalidInput(say("title_shape", value=shown(raw), most=LONGEST_TITLE - 20))
        return raw.strip()

    def _source(self, raw: object) -> str:
        if not isinstance(raw, str) or not raw.strip() or len(raw) > LONGEST_SOURCE:
            raise InvalidInput(say("date_source", most=LONGEST_SOURCE))
        return raw.strip()

    def _day(self, raw: object) -> date:
        if type(raw) is date:
            return raw
        try:
            return date.fromisoformat(str(raw))
        except ValueError:
            raise InvalidInput(say("date_shape", value=shown(raw))) from None


def _week(row: Row[Any]) -> Week:
    return Week(**{name: getattr(row, name) for name in Week.__dataclass_fields__})


def _typed_day(row: Row[Any]) -> Day:
    return Day(**{name: getattr(row, name) for name in Day.__dataclass_fields__})
