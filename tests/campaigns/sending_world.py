"""Subscribers, an approved campaign and everything that sends it: shared by the tests of delivery.

Imports neither the app nor anything of the index, so that a process that is going to be killed starts fast.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, func, insert, select, update

from campaigns.audience import Audience
from campaigns.content import Content, Message
from campaigns.delivery.dispatching import Dispatcher, Limits
from campaigns.delivery.null_sender import NullSender
from campaigns.delivery.runs import Runs
from campaigns.delivery.scheduling import Scheduler
from campaigns.delivery.senders import Capabilities, Outgoing, Quota, Refused, Sender, Sent
from campaigns.delivery.starting import Started
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.planning.model import frozen
from campaigns.planning.schedule import Schedule
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import deliveries, runs
from campaigns.store.tables import consents, subscription_topics, subscriptions
from campaigns.store.writing import keep_wording
from tests.campaigns.parts import FIRST, NOON

Answer = Callable[[Outgoing], object]
TOPIC = load_offer().topics.names[0]
OTHER_TOPIC = load_offer().topics.names[1]
HOUR = timedelta(hours=1)


def person(number: int) -> str:
    return f"p{number:07d}"


def subscribe_many(
    engine: Engine, count: int, *, channel: str = "null", topic: str = TOPIC, first: int = 0
) -> None:
    numbers = range(first, first + count)
    with engine.begin() as connection:
        keep_wording(connection, FIRST, NOON)
        connection.execute(
            insert(subscriptions),
            [
                {
                    "id": f"{channel}-{person(n)}", "person": person(n), "channel": channel,
                    "district": "渝中区" if n % 2 else None, "setting": None, "frequency": "daily",
                    "state": "active", "consented_at": NOON,
                }
                for n in numbers
            ],
        )  # fmt: skip
        connection.execute(
            insert(subscription_topics),
            [{"subscription_id": f"{channel}-{person(n)}", "topic": topic, "since": NOON} for n in numbers],
        )
        connection.execute(
            insert(consents),
            [
                {
                    "subscription_id": f"{channel}-{person(n)}", "kind": "given", "wording_hash": FIRST.hash,
                    "at": NOON, "message_id": "m-1", "topics": [topic], "frequency": "daily",
                }
                for n in numbers
            ],
        )  # fmt: skip


def plan(
    engine: Engine,
    *,
    due: datetime = NOON,
    schedule: Schedule | None = None,
    audience: Audience | None = None,
    message: Message | None = None,
    state: str = "scheduled",
    **given: Any,
) -> str:
    """An approved campaign that is due; its id."""
    message = message or Message({"default": Content("今天少开一盏灯。")}, ("cq-2022-11#2.6",))
    audience, schedule = audience or Audience(topics=(TOPIC,)), schedule or Schedule(first_at=due, quiet=None)
    campaign_id, stamp = uuid4().hex, frozen(message, audience, schedule)
    with engine.begin() as connection:
        connection.execute(
            insert(campaigns).values(
                {
                    "id": campaign_id, "title": "节电日", "state": state, "revision": 1,
                    "content": message.as_json(), "audience": audience.as_json(),
                    "schedule": schedule.as_json(), "frozen_hash": stamp, "tested_hash": stamp,
                    "approved_hash": stamp, "approved_by": "approver", "approved_at": NOON,
                    "next_due_at": due, "created_by": "author", "created_at": NOON,
                    "updated_by": "author", "updated_at": NOON,
                }
                | given
            )
        )  # fmt: skip
    return campaign_id


class Clock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def ahead(self, **by: float) -> None:
        self.at += timedelta(**by)


class Scripted:
    """A channel that answers what it is told to, and remembers what it was given."""

    def __init__(
        self,
        answer: Answer = lambda _: Sent(),
        *,
        channel: str = "null",
        concurrency: int = 4,
        per_second: float = 1e6,
        quota: Quota | None = None,
        longest_text: int = 500,
    ) -> None:
        self.channel, self.answer = channel, answer
        self.capabilities = Capabilities(
            True, True, True, True, longest_text, per_second, quota, concurrency=concurrency
        )
        self.got: list[Outgoing] = []
        self._lock = threading.Lock()

    def send(self, delivery: Outgoing) -> Sent | Refused:
        with self._lock:
            self.got.append(delivery)
        return self.answer(delivery)  # type: ignore[return-value]

    @property
    def persons(self) -> list[str]:
        return sorted(each.person for each in self.got)


class ScriptedMany(Scripted):
    """The same, of the kind that takes several in one call; `answers_to` may answer the whole call."""

    def __init__(
        self,
        answer: Answer = lambda _: Sent(),
        *,
        answers_to: Callable[[Sequence[Outgoing]], object] | None = None,
        **given: Any,
    ) -> None:
        super().__init__(answer, **given)
        self.answers_to = answers_to
        self.calls: list[int] = []

    def send_many(self, deliveries: Sequence[Outgoing]) -> Sequence[Sent | Refused]:
        self.calls.append(len(deliveries))
        if self.answers_to is not None:
            self.got.extend(deliveries)
            return self.answers_to(deliveries)  # type: ignore[return-value]
        return [self.send(one) for one in deliveries]


class InHand:
    """A queue that only remembers what it was offered."""

    def __init__(self) -> None:
        self.offered: list[tuple[str, str]] = []

    def offer(self, run_id: str, channel: str) -> None:
        self.offered.append((run_id, channel))

    def waiting(self) -> int:
        return len(self.offered)


class Grounds:
    def __init__(self) -> None:
        self.fallen: dict[str, str] = {}

    def problems(self, clause_ids: Collection[str], on: date) -> Mapping[str, str]:
        return {clause: why for clause, why in self.fallen.items() if clause in clause_ids}


@dataclass
class World:
    """All that sends, over one database."""

    engine: Engine
    sender: Any = field(default_factory=Scripted)
    clock: Clock = field(default_factory=Clock)
    grounds: Grounds = field(default_factory=Grounds)
    limits: Limits = field(default_factory=lambda: Limits(batch=8))
    others: tuple[Sender, ...] = ()

    def __post_init__(self) -> None:
        senders: dict[str, Sender] = {each.channel: each for each in (self.sender, *self.others)}
        self.moments = iter(range(1_000_000))
        self.queue = InHand()
        self.runs = Runs(
            self.engine, now=self.clock, journal=NoJournal(), grounds=self.grounds, offer=load_offer(),
            senders=senders,
        )  # fmt: skip
        self.scheduler = Scheduler(
            self.engine, self.runs.starter, self.queue, now=self.clock, channels=senders.keys,
            lease=self.limits.lease,
        )  # fmt: skip
        self.dispatcher = self.another_dispatcher(senders)

    def another_dispatcher(self, senders: Mapping[str, Sender] | None = None) -> Dispatcher:
        return Dispatcher(
            self.engine, senders or {self.sender.channel: self.sender}, now=self.clock, grounds=self.grounds,
            limits=self.limits,
        )  # fmt: skip

    def started(self, campaign_id: str) -> Started:
        ((due, at),) = [each for each in self.runs.starter.due() if each[0] == campaign_id]
        found = self.runs.starter.start(due, at)
        assert found is not None
        return found

    def work(self) -> None:
        """One sweep, and all that it offers."""
        self.queue.offered.clear()
        self.scheduler.sweep()
        for run_id, channel in self.queue.offered:
            self.dispatcher.work(run_id, channel)

    def states(self, run_id: str | None = None) -> dict[str, int]:
        """Deliveries by state and reason."""
        wanted = select(deliveries.c.state, deliveries.c.reason)
        if run_id is not None:
            wanted = wanted.where(deliveries.c.run_id == run_id)
        with self.engine.connect() as connection:
            found = Counter(":".join(filter(None, row)) for row in connection.execute(wanted))
        return dict(found)

    def run(self, run_id: str) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(select(runs).where(runs.c.id == run_id)).one()

    def campaign(self, campaign_id: str) -> Any:
        with self.engine.connect() as connection:
            return connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).one()

    def set_campaign(self, campaign_id: str, **values: Any) -> None:
        with self.engine.begin() as connection:
            connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(**values))

    def count(self) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(deliveries)) or 0


def running(
    engine: Engine,
    people: int,
    answer: Answer = lambda _: Sent(),
    *,
    sender: type[Scripted] = Scripted,
    **given: Any,
) -> tuple[World, str]:
    """A run of so many people, written and not yet sent."""
    subscribe_many(engine, people)
    world = World(engine, sender(answer, **given))
    return world, world.started(plan(engine)).run_id


def all_hold() -> AllHold:
    return AllHold()


def null_sender(**given: Any) -> NullSender:
    return NullSender(**given)
