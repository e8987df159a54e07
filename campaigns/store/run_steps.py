"""The statements over `runs`, and what follows from them for their campaign. Each runs inside the caller's
transaction; each change of state is one guarded UPDATE, and says whether it was the one that changed it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from campaigns.store.campaign_tables import campaign_history, campaigns
from campaigns.store.delivery_tables import deliveries, job_guards, runs

_OPEN = ("held", "writing", "running", "paused")


def guard(connection: Connection, job: str, due_at: datetime, *, by: str, now: datetime) -> bool:
    """Whether this transaction does `job` of `due_at`: nobody did it before. Waits for one that is at it."""
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    values = {"job": job, "due_at": due_at, "taken_by": by, "taken_at": now}
    done = connection.execute(
        make(job_guards).values(values).on_conflict_do_nothing().returning(job_guards.c.job)
    )
    return done.first() is not None


def read(connection: Connection, run_id: str, *, lock: bool = False) -> Row[Any] | None:
    wanted = select(runs).where(runs.c.id == run_id)
    return connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()


def with_state(connection: Connection, states: Collection[str]) -> list[Row[Any]]:
    wanted = select(runs).where(runs.c.state.in_(list(states))).order_by(runs.c.due_at, runs.c.id)
    return list(connection.execute(wanted))


def to_tend(connection: Connection) -> list[Row[Any]]:
    """Runs that are not over, and cancelled ones of which something is open still."""
    left = (runs.c.state == "cancelled") & any_open(runs.c.id)
    wanted = select(runs).where(runs.c.state.in_(_OPEN) | left).order_by(runs.c.due_at, runs.c.id)
    return list(connection.execute(wanted))


def move(connection: Connection, run_id: str, *, before: Collection[str], state: str, **values: Any) -> bool:
    """From one of the states `before` to `state`; False where it was in none of them."""
    done = connection.execute(
        update(runs).where(runs.c.id == run_id, runs.c.state.in_(list(before))).values(state=state, **values)
    )
    return done.rowcount == 1


def going(run_id: Any) -> ColumnElement[bool]:
    """The condition that messages of the run may go out: it runs, and so does its campaign."""
    return exists().where(
        runs.c.id == run_id,
        runs.c.state == "running",
        campaigns.c.id == runs.c.campaign_id,
        campaigns.c.state == "running",
    )


def is_going(connection: Connection, run_id: str) -> bool:
    return bool(connection.scalar(select(going(run_id))))


def any_open(run_id: Any) -> ColumnElement[bool]:
    """The condition that a delivery of the run is not settled."""
    return exists().where(deliveries.c.run_id == run_id, deliveries.c.settled_at.is_(None))


def finish(connection: Connection, run_id: str, now: datetime) -> bool:
    """End a run of which nothing is open any more; its campaign ends with its last run."""
    done = connection.execute(
        update(runs)
        .where(runs.c.id == run_id, runs.c.state == "running", ~any_open(run_id))
        .values(state="finished", finished_at=now)
        .returning(runs.c.campaign_id)
    ).one_or_none()
    if done is None:
        return False
    campaign_rests(connection, done.campaign_id)
    return True


def campaign_rests(connection: Connection, campaign_id: str) -> None:
    """With its last open run a campaign is finished, or waits for its next due time."""
    others = exists().where(runs.c.campaign_id == campaign_id, runs.c.state.in_(_OPEN))
    if connection.scalar(select(others)):
        return
    planned = campaigns.c.next_due_at.is_not(None)
    for condition, state in ((planned, "scheduled"), (~planned, "finished")):
        campaign_to(
            connection,
            campaign_id,
            before=("scheduled", "running", "paused"),
            state=state,
            condition=condition,
            paused_for=None,
        )


def reopen(connection: Connection, run_id: str, campaign_id: str) -> None:
    """A finished run that has something to send again."""
    move(connection, run_id, before=("finished",), state="running", finished_at=None)
    campaign_to(connection, campaign_id, before=("finished", "scheduled"), state="running")


def campaign_to(
    connection: Connection,
    campaign_id: str,
    *,
    before: Collection[str],
    state: str,
    condition: Any = True,
    **values: Any,
) -> bool:
    done = connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign_id, campaigns.c.state.in_(list(before)), condition)
        .values(state=state, **values)
    )
    return done.rowcount == 1


def note_down(
    connection: Connection, campaign_id: str, *, at: datetime, by: str, what: str, note: str | None = None
) -> None:
    """One line in the campaign's history, with the state and hash it has now."""
    columns = ["campaign_id", "at", "by", "what", "state", "edited", "note", "hash"]
    row = connection.execute(
        select(campaigns.c.state, campaigns.c.frozen_hash).where(campaigns.c.id == campaign_id)
    ).one()
    values = (campaign_id, at, by, what, row.state, False, note, row.frozen_hash)
    connection.execute(insert(campaign_history).values(dict(zip(columns, values, strict=True))))


def stop_for(connection: Connection, run_id: str, *, state: str, why: str, now: datetime, by: str) -> bool:
    """Pause or hold a running run for a person, and its campaign with it; `why` is what staff read."""
    if not move(connection, run_id, before=("running",), state=state, held_for=why):
        return False
    row = read(connection, run_id)
    assert row is not None
    campaign_to(connection, row.campaign_id, before=("running",), state="paused", paused_for=why)
    note_down(connection, row.campaign_id, at=now, by=by, what=f"run_{state}", note=why)
    return True
