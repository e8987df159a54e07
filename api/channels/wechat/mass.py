"""Mass sends by tag: one text of a run to everybody whom it reaches in no other way, once.

    first message of the run to somebody who can't be written to -> who else there is, from the outbox
    -> a tag for them, fifty at a time -> one mass send, named by a key that WeChat takes once

Each step is kept, so that whoever comes next goes on with it: another thread or process, or the next try of
the same delivery. By which way a person gets the run's message is decided once. All methods block.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy import Connection, Engine, and_, delete, func, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.channels.addresses import AddressBook
from api.channels.wechat import CHANNEL
from api.channels.wechat.account import Abilities
from api.channels.wechat.line import MOST_TAGGED, Failure, Line
from api.channels.wechat.reading import MassResult
from api.channels.wechat.recipients import also_waiting
from api.channels.wechat.tables import WAYS_KEPT_FOR, wechat_mass_sends, wechat_ways
from api.channels.wechat.words import say
from api.clock import Clock
from api.store.erasing import writing
from campaigns.delivery.quotas import period_start, put_off_to
from campaigns.planning.schedule import schedule_from
from campaigns.store.delivery_tables import runs

log = structlog.get_logger(__name__)

WORKS_S = 12.0
"""How long one delivery goes on with the whole mass send; its sender must answer within half a minute."""
HELD_FOR = timedelta(seconds=40)
CALL_S = 0.3
"""What one call takes, for telling when to ask again."""
TAG_KEPT_FOR = timedelta(days=1)
_M, _W = wechat_mass_sends.c, wechat_ways.c

State = Literal["tagging", "sending", "sent", "failed"]
Way = Literal["direct", "mass", "gone"]


@dataclass(frozen=True, slots=True)
class MassSend:
    id: str
    state: State
    tag_id: int | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Delayed:
    """Not yet: ask again after so many seconds."""

    reason: str
    after_s: float


class MassSends:
    def __init__(
        self,
        engine: Engine,
        line: Line,
        *,
        abilities: Abilities,
        addresses: AddressBook,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._line, self._abilities = engine, line, abilities
        self._addresses, self._clock, self._monotonic = addresses, clock, monotonic

    def way_of(self, run_id: str, person: str) -> tuple[Way, str | None] | None:
        """What was decided for the person, and the mass send; None for nothing yet."""
        found = select(_W.way, _W.mass_id).where(_W.run_id == run_id, _W.person == person)
        with self._engine.connect() as connection:
            row = connection.execute(found).one_or_none()
        return None if row is None else (row.way, row.mass_id)

    def claim_direct(self, run_id: str, person: str) -> bool:
        """Whether the person gets the run's message by customer service, from now on and no other way."""
        row: dict[str, object] = {
            "run_id": run_id,
            "person": person,
            "way": "direct",
            "mass_id": None,
            "tagged": False,
        }
        with writing(self._engine) as connection:
            _insert_new(connection, [row])
            decided = select(_W.way).where(_W.run_id == run_id, _W.person == person)
            return connection.scalar(decided) == "direct"

    def join(self, run_id: str, person: str, *, text: str, delivery_id: int) -> str | None:
        """The mass send that the person is now part of, made with all others who wait for the same text
        where there is none; None where it went out without them. Those who waited for the next period of
        their quota get one of their own."""
        now = self._clock.now()
        with writing(self._engine) as connection:
            put_off = self._put_off(connection, run_id, now)
            mass_id = hashlib.sha256(f"{run_id}\n{text}{put_off}".encode()).hexdigest()[:32]
            row = {"id": mass_id, "run_id": run_id, "state": "tagging", "created_at": now}
            dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
            made = dialect.insert(wechat_mass_sends).values(row).on_conflict_do_nothing().returning(_M.id)
            new = connection.scalar(made) is not None
            state = connection.scalar(select(_M.state).where(_M.id == mass_id).with_for_update())
            mine = and_(_W.run_id == run_id, _W.person == person)
            if state == "tagging":
                move = update(wechat_ways).where(mine, _W.way == "direct")
                connection.execute(move.values(way="mass", mass_id=mass_id))
                _insert_new(connection, [_member(run_id, person, mass_id)])
            if new:
                self._gather(connection, run_id, delivery_id, mass_id, now)
            return mass_id if connection.scalar(select(_W.mass_id).where(mine)) == mass_id else None

    def go_on(self, mass_id: str, text: str) -> MassSend | Delayed:
        """Bring it as far as a few seconds allow. How it stands: sent or failed, or when to ask again."""
        mass = self._read(mass_id)
        if mass.state in ("sent", "failed"):
            return mass
        if not self._hold(mass_id):
            return Delayed("mass_under_way", self._needs_s(mass_id))
        try:
            return self._work(mass, text)
        except Failure as failure:
            return self._stopped(mass, failure)
        finally:
            self._set(mass_id, held_until=None)

    def left_today(self, connection: Connection, at: datetime) -> bool:
        """Whether the account may make one more mass send on the day of `at`."""
        most = self._abilities.mass_per_day
        if not self._abilities.mass or most is None:
            return self._abilities.mass
        since = period_start(at, "day")
        sent = select(func.count()).where(_M.sent_at >= since, _M.sent_at < since + timedelta(days=1))
        return (connection.scalar(sent) or 0) < most

    def ended(self, result: MassResult) -> None:
        """WeChat tells how one ended; its tag is needed no more."""
        kept = {"status": result.status, "sent": result.sent, "errors": result.errors}
        mine = update(wechat_mass_sends).where(_M.message_id == result.msg_id, _M.message_id != "")
        with writing(self._engine) as connection:
            tags = list(connection.scalars(mine.values(result=kept).returning(_M.tag_id)))
        if result.status.replace(" ", "").lower() != "sendsuccess":
            log.error("mass_send_failed", status=result.status, errors=result.errors)
        for tag_id in tags:
            self._drop(tag_id)

    def sweep(self) -> None:
        """Drop tags that were used, and forget who got what by which way."""
        now = self._clock.now()
        used = select(_M.tag_id).where(_M.tag_id.is_not(None), _M.sent_at < now - TAG_KEPT_FOR).limit(20)
        with self._engine.connect() as connection:
            tags = list(connection.scalars(used))
        for tag_id in tags:
            self._drop(tag_id)
        old = select(_M.id).where(_M.created_at < now - WAYS_KEPT_FOR).scalar_subquery()
        runs = select(_M.run_id).where(_M.created_at < now - WAYS_KEPT_FOR).scalar_subquery()
        with writing(self._engine) as connection:
            connection.execute(delete(wechat_ways).where(or_(_W.mass_id.in_(old), _W.run_id.in_(runs))))

    def _put_off(self, connection: Connection, run_id: str, now: datetime) -> str:
        """The period for which those of the run who are left have waited, as part of the name of their mass
        send; "" while there is none."""
        row = connection.execute(select(runs.c.schedule, runs.c.due_at).where(runs.c.id == run_id)).first()
        if row is None or self._abilities.quota is None:
            return ""
        next_one = put_off_to(schedule_from(row.schedule), row.due_at, self._abilities.quota)
        return "" if next_one is None or now < next_one else f"\n{next_one.isoformat()}"

    def _gather(
        self, connection: Connection, run_id: str, delivery_id: int, mass_id: str, now: datetime
    ) -> None:
        """Everybody who still waits for this text and can't be written to becomes part of it."""
        wanted = also_waiting(connection, run_id, delivery_id, self._abilities, now)
        found = wanted.with_only_columns(
            literal(run_id), wanted.selected_columns.person, literal("mass"), literal(mass_id), literal(False)
        )
        names = ["run_id", "person", "way", "mass_id", "tagged"]
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        connection.execute(dialect.insert(wechat_ways).from_select(names, found).on_conflict_do_nothing())

    def _work(self, mass: MassSend, text: str) -> MassSend | Delayed:
        until = self._monotonic() + WORKS_S
        if mass.state == "tagging":
            tag_id = mass.tag_id
            if tag_id is None:
                with self._engine.connect() as connection:
                    if not self.left_today(connection, self._clock.now()):
                        raise Failure("quota", "mass_used_today")
                tag_id = self._line.make_tag(say("tag", id=mass.id[:12]))
                self._set(mass.id, tag_id=tag_id)
            while untagged := self._untagged(mass.id):
                if self._monotonic() >= until:
                    return Delayed("mass_preparing", self._needs_s(mass.id))
                self._hold(mass.id, again=True)
                self._tag(mass.id, tag_id, untagged)
            if not self._to_sending(mass.id):
                return Delayed("mass_preparing", 1.0)
        mass = self._read(mass.id)
        assert mass.tag_id is not None
        message_id = self._line.send_mass(mass.tag_id, text, client_id=mass.id)
        self._set(mass.id, state="sent", message_id=message_id, sent_at=self._clock.now(), reason=None)
        return self._read(mass.id)

    def _stopped(self, mass: MassSend, failure: Failure) -> MassSend | Delayed:
        """What a failed call means for everybody in it. A send of which nobody knows is made again under the
        same key, which WeChat takes once."""
        log.warning("mass_send_stopped", mass=mass.id, reason=failure.reason, kind=failure.kind)
        if failure.kind in ("again", "unknown"):
            return Delayed(failure.reason, failure.after_s or 60.0)
        if failure.kind == "quota":
            now = self._clock.now()
            tomorrow = period_start(now, "day") + timedelta(days=1, minutes=5)
            return Delayed(failure.reason, (tomorrow - now).total_seconds())
        self._set(mass.id, state="failed", reason=failure.reason)
        return self._read(mass.id)

    def _untagged(self, mass_id: str) -> list[str]:
        """People, the next that are to be tagged."""
        next_ones = select(_W.person).where(_W.mass_id == mass_id, _W.way == "mass", _W.tagged.is_(False))
        with self._engine.connect() as connection:
            return list(connection.scalars(next_ones.order_by(_W.person).limit(MOST_TAGGED)))

    def _tag(self, mass_id: str, tag_id: int, people: Sequence[str]) -> None:
        chats = {person: self._addresses.chat_of(CHANNEL, person) for person in people}
        there = {person: chat for person, chat in chats.items() if chat is not None}
        gone = [person for person in people if person not in there]
        try:
            if there:
                self._line.tag(tag_id, list(there.values()))
        except Failure as failure:
            if failure.kind != "gone":
                raise
            for person, chat in list(there.items()):  # one of them follows no more: find out who
                try:
                    self._line.tag(tag_id, [chat])
                except Failure as single:
                    if single.kind != "gone":
                        raise
                    gone.append(person)
        mine = update(wechat_ways).where(_W.mass_id == mass_id)
        with writing(self._engine) as connection:
            connection.execute(mine.where(_W.person.in_(people)).values(tagged=True))
            connection.execute(mine.where(_W.person.in_(gone)).values(way="gone"))

    def _to_sending(self, mass_id: str) -> bool:
        """From here on nobody joins. False: somebody has joined meanwhile who is not tagged."""
        with writing(self._engine) as connection:
            connection.execute(select(_M.id).where(_M.id == mass_id).with_for_update())
            left = select(func.count()).where(_W.mass_id == mass_id, _W.way == "mass", _W.tagged.is_(False))
            if connection.scalar(left):
                return False
            connection.execute(update(wechat_mass_sends).where(_M.id == mass_id).values(state="sending"))
            return True

    def _needs_s(self, mass_id: str) -> float:
        left = select(func.count()).where(_W.mass_id == mass_id, _W.tagged.is_(False))
        with self._engine.connect() as connection:
            calls = (connection.scalar(left) or 0) / MOST_TAGGED
        return max(5.0, calls * CALL_S)

    def _hold(self, mass_id: str, *, again: bool = False) -> bool:
        now = self._clock.now()
        mine = update(wechat_mass_sends).where(_M.id == mass_id)
        if not again:
            mine = mine.where(or_(_M.held_until.is_(None), _M.held_until <= now))
        with writing(self._engine) as connection:
            return bool(connection.execute(mine.values(held_until=now + HELD_FOR)).rowcount)

    def _read(self, mass_id: str) -> MassSend:
        found = select(_M.id, _M.state, _M.tag_id, _M.reason).where(_M.id == mass_id)
        with self._engine.connect() as connection:
            return MassSend(*connection.execute(found).one())

    def _set(self, mass_id: str, **values: object) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(wechat_mass_sends).where(_M.id == mass_id).values(**values))

    def _drop(self, tag_id: int | None) -> None:
        if tag_id is None:
            return
        try:
            self._line.drop_tag(tag_id)
        except Failure as failure:
            if failure.kind in ("again", "unknown"):
                return
            log.warning("tag_not_dropped", reason=failure.reason)
        with writing(self._engine) as connection:
            connection.execute(update(wechat_mass_sends).where(_M.tag_id == tag_id).values(tag_id=None))


def _member(run_id: str, person: str, mass_id: str) -> dict[str, object]:
    return {"run_id": run_id, "person": person, "way": "mass", "mass_id": mass_id, "tagged": False}


def _insert_new(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    connection.execute(dialect.insert(wechat_ways).values(list(rows)).on_conflict_do_nothing())
