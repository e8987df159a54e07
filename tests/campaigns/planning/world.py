"""A planning service over a real database, subscribers of a known number, and forms that pass every check."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Engine, insert

from campaigns.delivery.senders import Capabilities, Quota
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.planning.model import Campaign
from campaigns.planning.service import Campaigns
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.store.tables import subscription_topics, subscriptions

NOW = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""A Friday, 12:00 in Chongqing."""
TOPIC = "绿色消费活动周"
WEB = Capabilities(
    pictures=True, links=True, quick_replies=True, quiz=True, longest_text=1000, per_second=375.0
)
PLAIN = Capabilities(
    pictures=False, links=False, quick_replies=False, quiz=False, longest_text=300, per_second=10.0,
    quota=Quota(4, "month"),
)  # fmt: skip
CONTENT: dict[str, Any] = {
    "versions": {"default": {"text": "{district}的街坊，今天碗里不剩。"}},
    "clause_ids": ["cq-2022-11#2.3"],
}
AUDIENCE: dict[str, Any] = {"topics": [TOPIC]}
SCHEDULE: dict[str, Any] = {"first_at": "2026-11-25T09:30+08:00"}


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Grounds:
    """Every clause holds but those named here."""

    gone: dict[str, str] = field(default_factory=dict)
    asked: list[date] = field(default_factory=list)

    def problems(self, clause_ids: Collection[str], on: date) -> Mapping[str, str]:
        self.asked.append(on)
        return {clause: self.gone[clause] for clause in clause_ids if clause in self.gone}


@dataclass
class Runs:
    """What planning told the runs of a campaign, and how many it is told are open."""

    open: int = 0
    told: list[str] = field(default_factory=list)

    def open_runs(self, connection: Connection, campaign_id: str) -> int:
        return self.open

    def pause_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        self.told.append("pause")

    def resume_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        self.told.append("resume")

    def cancel_all(self, connection: Connection, campaign_id: str, *, by: str, at: datetime) -> None:
        self.told.append("cancel")


@dataclass
class World:
    engine: Engine
    clock: Clock = field(default_factory=Clock)
    grounds: Grounds = field(default_factory=Grounds)
    runs: Runs = field(default_factory=Runs)
    capabilities: dict[str, Capabilities] = field(default_factory=lambda: {"web": WEB})

    def __post_init__(self) -> None:
        self.campaigns = Campaigns(
            self.engine, now=self.clock, journal=NoJournal(), grounds=self.grounds, offer=load_offer(),
            capabilities=self.capabilities, runs=self.runs,
        )  # fmt: skip

    def draft(self, **given: Any) -> Campaign:
        filled = {
            "title": "节粮", "content": CONTENT, "audience": AUDIENCE, "schedule": SCHEDULE, "by": "lan", "key": key(),
        } | given  # fmt: skip
        return self.campaigns.create(**filled)

    def save(self, campaign: Campaign, **given: Any) -> Campaign:
        filled = {
            "revision": campaign.revision, "title": campaign.title, "content": campaign.message.as_json(),
            "audience": campaign.audience.as_json(), "schedule": campaign.schedule.as_json(), "by": "lan",
            "key": key(),
        } | given  # fmt: skip
        return self.campaigns.save(campaign.id, **filled)

    def reviewed(self, **given: Any) -> Campaign:
        """In review, tested by its author."""
        made = self.draft(**given)
        tested = self.campaigns.tested(made.id, hash=made.frozen_hash, by="lan", key=key())
        confirm = {each.code for each in self.campaigns.problems(tested) if each.asks}
        return self.campaigns.submit(
            made.id, revision=tested.revision, by="lan", key=key(), confirm=confirm
        )  # fmt: skip

    def approved(self, **given: Any) -> Campaign:
        made = self.reviewed(**given)
        confirm = {each.code for each in self.campaigns.problems(made) if each.asks}
        return self.campaigns.approve(made.id, revision=made.revision, by="mei", key=key(), confirm=confirm)

    def scheduled(self, **given: Any) -> Campaign:
        made = self.approved(**given)
        confirm = {each.code for each in self.campaigns.problems(made) if each.asks}
        return self.campaigns.schedule(made.id, by="lan", key=key(), confirm=confirm)

    def codes(self, campaign: Campaign) -> list[str]:
        return [each.code for each in self.campaigns.problems(campaign)]


def key() -> str:
    return uuid4().hex


def subscribers(
    engine: Engine,
    count: int,
    *,
    channel: str = "web",
    district: str | None = None,
    topic: str = TOPIC,
    setting: str | None = None,
    frequency: str = "daily",
    state: str = "active",
    since: datetime = NOW - timedelta(days=9),
) -> list[str]:
    """So many new subscriptions; who they are."""
    people = [uuid4().hex for _ in range(count)]
    ended = None if state == "active" else since
    with engine.begin() as connection:
        connection.execute(
            insert(subscriptions),
            [
                {
                    "id": uuid4().hex, "person": person, "channel": channel, "district": district,
                    "setting": setting, "frequency": frequency, "state": state, "consented_at": since,
                    "ended_at": ended, "end_reason": ended and "asked",
                }
                for person in people
            ],
        )  # fmt: skip
        ids = connection.execute(
            subscriptions.select().where(subscriptions.c.person.in_(people))
        ).all()  # fmt: skip
        connection.execute(
            insert(subscription_topics),
            [{"subscription_id": row.id, "topic": topic, "since": since, "ended_at": ended} for row in ids],
        )
    return people


def received(
    engine: Engine,
    campaign: Campaign,
    people: list[str],
    at: datetime,
    *,
    state: str = "sent",
    channel: str = "web",
    waits_until: datetime | None = None,
) -> str:
    """A run of the campaign that reached these people then, or where they wait still; its id."""
    over = waits_until is None
    run_id = uuid4().hex
    with engine.begin() as connection:
        connection.execute(
            insert(runs).values(
                id=run_id, campaign_id=campaign.id, due_at=at, state="finished" if over else "running",
                content=campaign.message.as_json(), audience=campaign.audience.as_json(),
                schedule=campaign.schedule.as_json(), frozen_hash=campaign.frozen_hash,
                recipients=len(people), created_at=at, started_at=at, finished_at=at if over else None,
            )
        )  # fmt: skip
        connection.execute(
            insert(deliveries),
            [
                {
                    "run_id": run_id, "person": person, "channel": channel, "attempts": 1,
                    "state": state if over else "queued", "settled_at": at if over else None,
                    "not_before": waits_until,
                }
                for person in people
            ],
        )  # fmt: skip
    return run_id
