"""The statements over `deliveries`: every step of a row is one guarded UPDATE in the caller's transaction.

    queued -> leased -> sending -> sent | failed | skipped | unknown

A lease is named by a token that no other lease ever has: whoever holds it may take its rows further, nobody
else. A row is open while it has no `settled_at`; what is looked for says so, what is named by id must not, or
PostgreSQL takes the wrong index. Nothing here sends, and nothing here looks at a clock.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    Update,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from campaigns.delivery.senders import Quota
from campaigns.store import run_steps
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.store.tables import UtcDateTime, subscription_topics, subscriptions

_ROW = deliveries.c
OPEN = _ROW.settled_at.is_(None)
REACHED = ("sent", "unknown")
"""Settled states in which a person has, or may have, had the message."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A row that this worker holds."""

    id: int
    person: str
    district: str | None
    attempts: int


@dataclass(frozen=True, slots=True)
class Marking:
    """What must hold of a row's person at the moment of sending.

    `topics`: one of them still runs; empty for any. `quota`: no more than its count since `quota_since`;
    whoever is over it waits until `quota_until`, or is skipped where that is None.
    """

    topics: tuple[str, ...] = ()
    quota: Quota | None = None
    quota_since: datetime | None = None
    quota_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a row goes on: a settled state with its reason, or `queued` again not before a moment."""

    state: str
    reason: str | None = None
    not_before: datetime | None = None


def due(connection: Connection, run_id: str, channel: str, now: datetime, most: int) -> list[Leased]:
    """Rows that may go out now, locked until the transaction ends; others pass over them."""
    wanted = (
        select(_ROW.id, _ROW.person, _ROW.district, _ROW.attempts)
        .where(_ROW.run_id == run_id, _ROW.channel == channel, _ROW.state == "queued", OPEN)
        .with_for_update(skip_locked=True)
    )
    first = connection.execute(wanted.where(_ROW.not_before.is_(None)).limit(most)).all()
    again: Sequence[Any] = ()
    if len(first) < most:
        waited = wanted.where(_ROW.not_before <= now).order_by(_ROW.not_before)
        again = connection.execute(waited.limit(most - len(first))).all()
    return [Leased(*row) for row in (*first, *again)]


def lease(connection: Connection, ids: Collection[int], *, token: str, until: datetime) -> None:
    connection.execute(
        update(deliveries)
        .where(_ROW.id.in_(ids), _ROW.state == "queued")
        .values(state="leased", leased_by=token, lease_until=until)
    )


def release(connection: Connection, token: str, ids: Collection[int]) -> int:
    """Give back what was leased and not marked."""
    return connection.execute(
        update(deliveries)
        .where(_ROW.id.in_(ids), _ROW.state == "leased", _ROW.leased_by == token)
        .values(state="queued", leased_by=None, lease_until=None)
    ).rowcount


def mark_sending(
    connection: Connection,
    ids: Collection[int],
    *,
    run_id: str,
    token: str,
    until: datetime,
    marking: Marking,
    now: datetime,
) -> set[int] | None:
    """Mark `ids` as being sent, those whose person may have the message; the others are skipped for good, or
    queued again where they only wait for the next period of the quota.

    Returns whom to send to once this transaction is committed; None where the run no longer goes, and then
    nothing was changed. May be called again for the same rows if the commit failed and nothing was sent: only
    their holder marks them.
    """
    if marking.quota is not None:
        _hold_subscriptions(connection, ids)
    given: dict[str, Any] = {"ids": list(ids), "token": token, "until": until, "of_run": run_id}
    if marking.quota is not None:
        given |= {"quota_since": marking.quota_since}
    marked = connection.scalars(_marking(marking.topics, marking.quota), given).all()
    if len(marked) < len(ids):
        if not run_steps.is_going(connection, run_id):
            return None if not marked else set(marked)
        _put_by(connection, ids, token=token, marking=marking, now=now)
    return set(marked)


def _put_by(
    connection: Connection, ids: Collection[int], *, token: str, marking: Marking, now: datetime
) -> None:
    """Those of a lease that were not marked: without consent, else over the quota."""
    rest = and_(_ROW.id.in_(ids), _ROW.leased_by == token, _ROW.state == "leased")
    skipped: dict[str, Any] = {"state": "skipped", "settled_at": now}
    waits: dict[str, Any] = {"state": "queued", "not_before": marking.quota_until}
    consent = _consented(marking.topics)
    over_quota = skipped if marking.quota_until is None else waits
    for condition, reason, values in ((~consent, "no_consent", skipped), (consent, "quota", over_quota)):
        put_by = update(deliveries).where(rest, condition)
        connection.execute(put_by.values(reason=reason, leased_by=None, lease_until=None, **values))


@cache
def _marking(topics: tuple[str, ...], quota: Quota | None) -> ReturningUpdate[Any]:
    """Built once: what goes into it is bound at each use."""
    return (
        update(deliveries)
        .where(
            _ROW.id.in_(bindparam("ids", expanding=True)),
            _ROW.leased_by == bindparam("token"),
            _ROW.state.in_(("leased", "sending")),
            run_steps.going(bindparam("of_run")),
            _consented(topics),
            *_within_quota(quota),
        )
        .values(state="sending", attempts=_ROW.attempts + 1, lease_until=bindparam("until"))
        .returning(_ROW.id)
    )


def settle(
    connection: Connection, ids: Collection[int], *, token: str, outcome: Outcome, now: datetime
) -> int:
    """Write down how rows of one lease ended. Returns how many were still waiting for that.

    Also those that were given up as `unknown` meanwhile, as long as nobody decided on them: the truth came.
    """
    open_again, lost = outcome.state == "queued", outcome.state == "unknown"
    return connection.execute(
        _settling(keeps_lease=lost),
        {
            "ids": list(ids),
            "token": token,
            "to_state": outcome.state,
            "to_reason": outcome.reason,
            "to_not_before": outcome.not_before,
            "at": None if open_again else now,
        },
    ).rowcount


@cache
def _settling(*, keeps_lease: bool) -> Update:
    freed: dict[str, Any] = {} if keeps_lease else {"leased_by": None, "lease_until": None}
    return (
        update(deliveries)
        .where(
            _ROW.id.in_(bindparam("ids", expanding=True)),
            _ROW.leased_by == bindparam("token"),
            _ROW.state.in_(("sending", "unknown")),
        )
        .values(
            state=bindparam("to_state"),
            reason=bindparam("to_reason"),
            not_before=bindparam("to_not_before"),
            settled_at=bindparam("at"),
            **freed,
        )
    )


def recover(connection: Connection, run_id: str, now: datetime, lease_length: timedelta) -> tuple[int, int]:
    """Take back what expired leases hold. Returns how many rows are queued again, and how many unknown now.

    A lease that ends later than any lease given now could is from before the clock was set back: expired too.
    """
    expired = or_(_ROW.lease_until < now, _ROW.lease_until > now + 2 * lease_length)
    held = and_(_ROW.run_id == run_id, OPEN, expired)
    queued = connection.execute(
        update(deliveries)
        .where(held, _ROW.state == "leased")
        .values(state="queued", leased_by=None, lease_until=None)
    ).rowcount
    # The token stays: a worker that lives after all may still say how the send ended.
    lost = connection.execute(
        update(deliveries)
        .where(held, _ROW.state == "sending")
        .values(state="unknown", reason="worker_lost", settled_at=now)
    ).rowcount
    return queued, lost


def skip_queued(connection: Connection, run_id: str, *, reason: str, now: datetime, most: int) -> int:
    """Settle rows that nobody holds as skipped, at most so many in this transaction."""
    these = select(_ROW.id).where(_ROW.run_id == run_id, _ROW.state == "queued", OPEN).limit(most)
    return connection.execute(
        update(deliveries)
        .where(_ROW.id.in_(these.scalar_subquery()), _ROW.state == "queued", OPEN)
        .values(state="skipped", reason=reason, settled_at=now)
    ).rowcount


def decide_unknown(
    connection: Connection, run_id: str, outcome: Outcome, now: datetime, ids: Collection[int] | None
) -> int:
    """What a person made of rows whose outcome nobody knows; None for all of the run."""
    these = [_ROW.run_id == run_id, _ROW.state == "unknown"]
    if ids is not None:
        these.append(_ROW.id.in_(ids))
    settled_at = (
        None if outcome.state == "queued" else func.coalesce(_ROW.settled_at, literal(now, UtcDateTime))
    )
    return connection.execute(
        update(deliveries)
        .where(*these)
        .values(
            state=outcome.state,
            reason=outcome.reason,
            settled_at=settled_at,
            not_before=None,
            leased_by=None,
            lease_until=None,
        )
    ).rowcount


def forget_persons(connection: Connection, erased: ColumnElement[bool], now: datetime) -> int:
    """Put a random name in the place of those whose subscriptions are erased under this condition, so that
    the figures still add up and lead to nobody; what waits for them is skipped. Returns how many rows.

    Who keeps another subscription on the channel keeps the rows as well.
    """
    held, other = subscriptions.c, subscriptions.alias("kept")
    kept = exists().where(
        other.c.person == held.person, other.c.channel == held.channel, other.c.id != held.id
    )
    gone = select(held.person, held.channel).where(erased, ~kept.where(other.c.state == "active"))
    theirs = tuple_(_ROW.person, _ROW.channel).in_(gone)
    name = (
        func.replace(cast(func.gen_random_uuid(), String), "-", "")
        if connection.dialect.name == "postgresql"
        else func.lower(func.hex(func.randomblob(16)))
    )
    settled = connection.execute(
        update(deliveries).where(_ROW.settled_at.is_not(None), theirs).values(person=name)
    ).rowcount
    unfinished = select(runs.c.id).where(runs.c.state != "finished")
    waits = _ROW.state.in_(("queued", "leased"))
    open_rows = connection.execute(
        update(deliveries)
        .where(_ROW.run_id.in_(unfinished), OPEN, theirs)
        .values(
            person=name,
            state=case((waits, "skipped"), else_=_ROW.state),
            reason=case((waits, "erased"), else_=_ROW.reason),
            settled_at=case((waits, literal(now, UtcDateTime)), else_=null()),
        )
    ).rowcount
    return settled + open_rows


def any_due(connection: Connection, run_id: str, channel: str, now: datetime) -> bool:
    """Whether rows of the run may go out on the channel now."""
    waiting = (_ROW.run_id == run_id, _ROW.state == "queued", _ROW.channel == channel, OPEN)
    for due in (_ROW.not_before.is_(None), _ROW.not_before <= now):
        if connection.scalar(select(exists().where(*waiting, due))):
            return True
    return False


def _consented(topics: tuple[str, ...]) -> ColumnElement[bool]:
    held = subscriptions.c
    # Written out, not bound: both databases then use the unique index on active subscriptions.
    conditions: list[ColumnElement[bool]] = [
        held.person == _ROW.person,
        held.channel == _ROW.channel,
        held.state == literal_column("'active'"),
    ]
    if topics:
        topic = subscription_topics.c
        conditions.append(
            exists().where(
                topic.subscription_id == held.id, topic.topic.in_(topics), topic.ended_at.is_(None)
            )
        )
    return exists().where(*conditions).correlate(deliveries)


def _within_quota(quota: Quota | None) -> list[ColumnElement[bool]]:
    if quota is None:
        return []
    other = deliveries.alias("other")
    same = (other.c.person == _ROW.person, other.c.channel == _ROW.channel)
    reached = (
        select(func.count())
        .select_from(other)
        .where(*same, other.c.settled_at >= bindparam("quota_since"), other.c.state.in_(REACHED))
        .correlate(deliveries)
        .scalar_subquery()
    )
    unfinished = select(runs.c.id).where(runs.c.state != "finished")
    under_way = (
        select(func.count())
        .select_from(other)
        .where(*same, other.c.run_id.in_(unfinished), other.c.state == "sending", other.c.id != _ROW.id)
        .correlate(deliveries)
        .scalar_subquery()
    )
    return [reached + under_way < quota.count]


def _hold_subscriptions(connection: Connection, ids: Collection[int]) -> None:
    """Lock the persons' subscriptions, so that two runs that reach the same quota go one after the other."""
    held = subscriptions.c
    persons = select(_ROW.person).where(_ROW.id.in_(ids))
    connection.execute(
        select(held.id)
        .where(held.person.in_(persons), held.state == "active")
        .order_by(held.id)
        .with_for_update()
    )
