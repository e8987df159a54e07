"""Activities: what is on, where, when, by whom and for whom; approved like a message, and gone when over.

One transaction a step, each with its line in the journal. Residents are told only of what is approved and not
yet over. Knows nothing of the chat that answers with them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import Connection, Engine, Row, insert, or_, select, update

from campaigns.content import check_clause, hash_of
from campaigns.errors import ChangedMeanwhile, InvalidInput, NotAllowed, UnknownCampaign, shown
from campaigns.finding import Finding, finding
from campaigns.grounds import Grounds
from campaigns.journal import Journal
from campaigns.model import UNREADABLE, check_district
from campaigns.offer import Offer
from campaigns.planning import keys
from campaigns.planning.model import InTheWay
from campaigns.planning.schedule import LOCAL, local_day
from campaigns.store.campaign_tables import activities
from campaigns.store.transactions import writing
from campaigns.words import say

State = Literal["draft", "in_review", "approved", "cancelled"]
LENGTHS = {"title": 120, "place": 200, "organiser": 120, "about": 1000, "source": 500}
LONGEST = timedelta(days=366)
_MOST_LISTED = 500
_FIELDS = (*LENGTHS, "district", "settings", "starts_at", "ends_at", "clause_ids")


@dataclass(frozen=True, slots=True)
class Activity:
    """`district` None is the whole city, no `settings` is for everybody; `source` says where staff have it
    from. `editors` wrote any of it since it was last approved."""

    id: str
    title: str
    place: str
    district: str | None
    settings: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime
    organiser: str
    about: str
    source: str
    clause_ids: tuple[str, ...]
    state: State
    revision: int
    frozen_hash: str
    approved_hash: str | None
    approved_by: str | None
    approved_at: datetime | None
    editors: tuple[str, ...]
    created_by: str
    created_at: datetime
    updated_by: str
    updated_at: datetime

    @property
    def approved(self) -> bool:
        """Whether what stands now is what was approved."""
        return self.state == "approved" and self.approved_hash == self.frozen_hash

    def as_json(self) -> dict[str, Any]:
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        moments = {name: value.isoformat() for name, value in plain.items() if isinstance(value, datetime)}
        lists = {name: list(value) for name, value in plain.items() if isinstance(value, tuple)}
        return plain | moments | lists


class Activities:
    def __init__(
        self,
        engine: Engine,
        *,
        now: Callable[[], datetime],
        journal: Journal,
        grounds: Grounds,
        offer: Offer,
    ) -> None:
        self._engine, self._now, self._journal = engine, now, journal
        self._grounds, self._offer = grounds, offer

    def create(self, *, by: str, key: str, **fields: object) -> Activity:
        """A new draft of title, place, district, settings, starts_at, ends_at, organiser, about, source and
        clause_ids. Raises InvalidInput naming the field."""
        values = self._checked(fields)
        with writing(self._engine) as connection:
            at = self._now()
            first = keys.claim(connection, key, what="created", subject="activity", by=by, at=at)
            if first is not None:
                return _from_json(first)
            activity_id = uuid4().hex
            connection.execute(
                insert(activities).values(
                    id=activity_id, state="draft", revision=1, editors=[by], created_by=by, created_at=at,
                    updated_by=by, updated_at=at, **values,
                )
            )  # fmt: skip
            made = _read(connection, activity_id)
            self._told(connection, made, by=by, what="created")
            keys.keep(connection, key, made.as_json())
            return made

    def save(self, activity_id: str, *, revision: int, by: str, key: str, **fields: object) -> Activity:
        """Write it anew; a change takes an approval back to draft. Raises ChangedMeanwhile, InvalidInput."""
        values = self._checked(fields)

        def step(activity: Activity, at: datetime) -> Mapping[str, Any]:
            _at(activity, revision)
            if values["frozen_hash"] == activity.frozen_hash:
                return {}
            editors = () if activity.state == "approved" else activity.editors
            return values | {
                "state": "draft", "approved_hash": None, "approved_by": None, "approved_at": None,
                "editors": sorted({*editors, by}), "updated_by": by, "updated_at": at,
            }  # fmt: skip

        return self._step("saved", ("draft", "in_review", "approved"), activity_id, by=by, key=key, step=step)

    def submit(self, activity_id: str, *, revision: int, by: str, key: str) -> Activity:
        """Raises InTheWay with what must be mended."""

        def step(activity: Activity, at: datetime) -> Mapping[str, Any]:
            _at(activity, revision)
            self._sound(activity, at)
            return {"state": "in_review"}

        return self._step("submitted", ("draft",), activity_id, by=by, key=key, step=step)

    def approve(self, activity_id: str, *, revision: int, by: str, key: str) -> Activity:
        """From now on residents are told of it. Raises NotAllowed where `by` wrote any of it,
        ChangedMeanwhile, InTheWay."""

        def step(activity: Activity, at: datetime) -> Mapping[str, Any]:
            _at(activity, revision)
            if by in activity.editors:
                raise NotAllowed(say("approve_own", title=activity.title, by=by))
            self._sound(activity, at)
            return {
                "state": "approved", "approved_hash": activity.frozen_hash,
                "approved_by": by, "approved_at": at,
            }  # fmt: skip

        return self._step("approved", ("in_review",), activity_id, by=by, key=key, step=step)

    def send_back(self, activity_id: str, *, by: str, key: str, note: str) -> Activity:
        if not note.strip():
            raise InvalidInput(say("send_back_note"))
        return self._step(
            "sent_back", ("in_review",), activity_id, by=by, key=key, note=note.strip(),
            step=lambda activity, at: {"state": "draft"},
        )  # fmt: skip

    def cancel(self, activity_id: str, *, by: str, key: str, reason: str = "") -> Activity:
        """For good; residents are no longer told of it."""
        return self._step(
            "cancelled", ("draft", "in_review", "approved"), activity_id, by=by, key=key,
            note=reason.strip() or None, step=lambda activity, at: {"state": "cancelled"},
        )  # fmt: skip

    def read(self, activity_id: str) -> Activity:
        """Raises UnknownCampaign."""
        with self._engine.connect() as connection:
            return _read(connection, activity_id)

    def list(self, *, states: Collection[str] | None = None, over: bool = True) -> Sequence[Activity]:
        """Those that begin last first; without `over` only those that are not."""
        wanted = (
            select(activities).order_by(activities.c.starts_at.desc(), activities.c.id).limit(_MOST_LISTED)
        )
        if states is not None:
            wanted = wanted.where(activities.c.state.in_(sorted(states)))
        if not over:
            wanted = wanted.where(activities.c.ends_at > self._now())
        with self._engine.connect() as connection:
            return [_activity(row) for row in connection.execute(wanted)]

    def problems(self, activity: Activity) -> tuple[Finding, ...]:
        """What must be mended before residents are told of it."""
        now = self._now()
        found = [] if activity.ends_at > now else [finding("activity_over", title=activity.title)]
        day = local_day(activity.starts_at)
        for clause, reason in self._grounds.problems(activity.clause_ids, day).items():
            found.append(finding("clause_not_in_force", where=clause, clause=clause, reason=reason, day=day))
        return tuple(found)

    def current(self, activity_id: str) -> Activity | None:
        """The activity if residents may be told of it now: approved and not over."""
        with self._engine.connect() as connection:
            row = connection.execute(
                select(activities).where(activities.c.id == activity_id, *self._tellable())
            ).one_or_none()
        return None if row is None else _activity(row)

    def on(self, day: date, district: str | None = None, setting: str | None = None) -> Sequence[Activity]:
        """What residents may be told of on that day (Asia/Shanghai), the earliest first; nothing that is over
        by now. `district`: there or in the whole city; None is every district. `setting`: for it or for all.
        """
        begins = datetime.combine(day, time(0), LOCAL)
        return self._told_of(
            activities.c.starts_at < begins + timedelta(days=1), activities.c.ends_at > begins,
            district=district, setting=setting,
        )  # fmt: skip

    def coming(
        self, district: str | None = None, setting: str | None = None, *, days: int = 60
    ) -> Sequence[Activity]:
        """What is on now or begins within so many days, the earliest first; filters as for `on`."""
        return self._told_of(
            activities.c.starts_at < self._now() + timedelta(days=days), district=district, setting=setting
        )

    def _told_of(self, *when: Any, district: str | None, setting: str | None) -> Sequence[Activity]:
        wanted = select(activities).where(*self._tellable(), *when)
        if district is not None:
            wanted = wanted.where(or_(activities.c.district == district, activities.c.district.is_(None)))
        with self._engine.connect() as connection:
            rows = connection.execute(wanted.order_by(activities.c.starts_at, activities.c.id))
            found = [_activity(row) for row in rows]
        return [each for each in found if setting is None or not each.settings or setting in each.settings]

    def _tellable(self) -> tuple[Any, ...]:
        columns = activities.c
        return (
            columns.state == "approved",
            columns.approved_hash == columns.frozen_hash,
            columns.ends_at > self._now(),
        )

    def _sound(self, activity: Activity, at: datetime) -> None:
        if found := self.problems(activity):
            raise InTheWay(found)

    def _step(
        self,
        what: str,
        states: Collection[str],
        activity_id: str,
        *,
        by: str,
        key: str,
        step: Callable[[Activity, datetime], Mapping[str, Any]],
        note: str | None = None,
    ) -> Activity:
        with writing(self._engine) as connection:
            at = self._now()
            first = keys.claim(connection, key, what=what, subject=activity_id, by=by, at=at)
            if first is not None:
                return _from_json(first)
            activity = _read(connection, activity_id, lock=True)
            if activity.state not in states:
                state = say(f"state_{activity.state}")
                raise NotAllowed(
                    say("step_not_now", title=activity.title, state=state, step=say(f"step_{what}"))
                )
            after, values = activity, step(activity, at)
            if values:
                connection.execute(
                    update(activities)
                    .where(activities.c.id == activity_id)
                    .values(revision=activity.revision + 1, **values)
                )
                after = _read(connection, activity_id)
                self._told(connection, after, by=by, what=what, before=activity, note=note)
            keys.keep(connection, key, after.as_json())
            return after

    def _told(
        self,
        connection: Connection,
        activity: Activity,
        *,
        by: str,
        what: str,
        before: Activity | None = None,
        note: str | None = None,
    ) -> None:
        """The whole activity stands in the journal: its history is there."""
        after = {name: value for name, value in activity.as_json().items() if name in (*_FIELDS, "state")}
        self._journal.record(
            connection, by=by, what=f"activity.{what}", kind="activity", subject=activity.id,
            before=None if before is None else {"state": before.state, "hash": before.frozen_hash},
            after=after | ({"note": note} if note else {}),
        )  # fmt: skip

    def _checked(self, fields: Mapping[str, object]) -> dict[str, Any]:
        """The fields in the form in which they are stored. Raises InvalidInput naming the wrong one."""
        if unknown := sorted(set(fields) - set(_FIELDS)):
            raise InvalidInput(say("activity_field", field=unknown[0], known="、".join(_FIELDS)))
        values: dict[str, Any] = {}
        for name, most in LENGTHS.items():
            text = fields.get(name)
            if not isinstance(text, str) or not text.strip() or len(text) > most or UNREADABLE.search(text):
                raise InvalidInput(
                    say("activity_text", name=say(f"activity_{name}"), value=shown(text), most=most)
                )
            values[name] = text.strip()
        starts, ends = (_moment(fields.get(name), name) for name in ("starts_at", "ends_at"))
        if not starts < ends <= starts + LONGEST:
            raise InvalidInput(say("activity_times"))
        settings = [
            str(self._offer.check_setting(each)) for each in _names(fields.get("settings"), "settings")
        ]
        clauses = _names(fields.get("clause_ids"), "clause_ids")
        for clause in clauses:
            check_clause(clause, "依据条款")
        values |= {
            "district": check_district(fields.get("district")), "settings": settings, "clause_ids": clauses,
        }  # fmt: skip
        said = values | {"starts_at": starts.isoformat(), "ends_at": ends.isoformat()}
        return values | {"starts_at": starts, "ends_at": ends, "frozen_hash": hash_of(said)}


def _at(activity: Activity, revision: int) -> None:
    if activity.revision != revision:
        raise ChangedMeanwhile(say("campaign_changed", title=activity.title))


def _read(connection: Connection, activity_id: str, *, lock: bool = False) -> Activity:
    wanted = select(activities).where(activities.c.id == activity_id)
    row = connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
    if row is None:
        raise UnknownCampaign(say("activity_unknown", id=str(activity_id)[:40]))
    return _activity(row)


def _activity(row: Row[Any]) -> Activity:
    values = {name: getattr(row, name) for name in Activity.__dataclass_fields__}
    return Activity(**values | {name: tuple(values[name]) for name in ("settings", "clause_ids", "editors")})


def _from_json(raw: Mapping[str, Any]) -> Activity:
    moments = ("starts_at", "ends_at", "approved_at", "created_at", "updated_at")
    lists = ("settings", "clause_ids", "editors")
    return Activity(
        **dict(raw)
        | {name: datetime.fromisoformat(raw[name]) for name in moments if raw[name] is not None}
        | {name: tuple(raw[name]) for name in lists}
    )


def _names(raw: object, name: str) -> list[str]:
    if raw is None:
        return []
    if not isinstance(raw, list | tuple) or len(raw) > 20 or not all(isinstance(each, str) for each in raw):
        raise InvalidInput(say("activity_list", name=say(f"activity_{name}"), value=shown(raw)))
    return list(dict.fromkeys(raw))


def _moment(raw: object, name: str) -> datetime:
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(str(raw))
        if moment.tzinfo is None:
            raise ValueError
    except ValueError:
        raise InvalidInput(say("activity_moment", name=say(f"activity_{name}"), value=shown(raw))) from None
    return moment.astimezone(UTC)
