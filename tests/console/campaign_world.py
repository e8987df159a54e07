"""Subscribers and runs in the console's database, as residents and the sender leave them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Engine, insert, select, update

from api.clock import SystemClock
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import deliveries, run_sums, runs
from campaigns.store.tables import subscription_topics, subscriptions

TOPIC = "绿色消费活动周"


def subscribe(engine: Engine, count: int, *, topic: str = TOPIC, district: str | None = None) -> list[str]:
    """So many new daily subscribers of the web pages; their pseudonyms."""
    people = [f"person-{uuid4().hex}" for _ in range(count)]
    since = SystemClock().now() - timedelta(days=9)
    rows = [
        {
            "id": uuid4().hex, "person": person, "channel": "web", "district": district, "setting": None,
            "frequency": "daily", "state": "active", "consented_at": since,
        }
        for person in people
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(subscriptions), rows)
        topics = [{"subscription_id": row["id"], "topic": topic, "since": since} for row in rows]
        connection.execute(insert(subscription_topics), topics)
    return people


def run_of(
    engine: Engine,
    campaign_id: str,
    states: Mapping[tuple[str, str | None], int],
    *,
    state: str = "finished",
    due_at: datetime | None = None,
    district: str | None = None,
) -> str:
    """A run of the campaign with so many deliveries in each state and reason; its id."""
    due = due_at or SystemClock().now() - timedelta(hours=1)
    run_id = uuid4().hex
    with engine.begin() as connection:
        row = connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).one()
        connection.execute(
            insert(runs).values(
                id=run_id, campaign_id=campaign_id, due_at=due, state=state, held_for=None,
                content=row.content, audience=row.audience, schedule=row.schedule,
                frozen_hash=row.frozen_hash, recipients=sum(states.values()), corrects=None, created_at=due,
                started_at=due, finished_at=due if state == "finished" else None,
            )
        )  # fmt: skip
        connection.execute(
            insert(deliveries),
            [
                {
                    "run_id": run_id, "person": uuid4().hex, "channel": "web", "district": district,
                    "state": name, "reason": reason, "attempts": 1,
                    "settled_at": None if name in ("queued", "leased", "sending") else due,
                }
                for (name, reason), number in states.items()
                for _ in range(number)
            ],
        )  # fmt: skip
    return run_id


def counted(engine: Engine, run_id: str, sums: Mapping[tuple[str, str], int], day: date) -> None:
    """What residents did after it."""
    rows = [
        {"run_id": run_id, "what": what, "which": which, "day": day, "count": number}
        for (what, which), number in sums.items()
    ]
    with engine.begin() as connection:
        connection.execute(insert(run_sums), rows)


def settle(engine: Engine, run_id: str, number: int) -> None:
    """So many of the run's queued deliveries went out."""
    chosen = select(deliveries.c.id).where(deliveries.c.run_id == run_id, deliveries.c.state == "queued")
    with engine.begin() as connection:
        ids = list(connection.scalars(chosen.limit(number)))
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(state="sent", settled_at=SystemClock().now())
        )
