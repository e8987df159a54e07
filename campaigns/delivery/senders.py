"""What a channel is to campaigns: a sender with declared abilities, a rate and, for some, a quota.

The app hands the senders in. A sender blocks; it is called in worker threads, once a delivery, and is never
called again for a delivery whose outcome it could not tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from sqlalchemy import Connection, Select

from campaigns.content import Rendered

Period = Literal["day", "month"]
Refusal = Literal["permanent", "blocked", "retry", "unknown"]


@dataclass(frozen=True, slots=True)
class Quota:
    """At most `count` messages a person in each `period` (days and months of Asia/Shanghai)."""

    count: int
    period: Period


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can show, and how fast it takes messages. `per_second` is the channel's whole rate: a
    fifth of it is kept for replies to residents. `concurrency`: how many sends may be under way at once in
    one worker, and so how many a crash can leave `unknown`."""

    pictures: bool
    links: bool
    quick_replies: bool
    quiz: bool
    longest_text: int
    per_second: float
    quota: Quota | None = None
    tells_opened: bool = False
    concurrency: int = 8


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to one person. `idempotency_key` is the same for every attempt of one delivery."""

    delivery_id: int
    run_id: str
    person: str
    channel: str
    content: Rendered
    idempotency_key: str


@dataclass(frozen=True, slots=True)
class Sent:
    """The channel has taken it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It was not taken, or nobody can tell.

    `permanent`: this message will never go (bad content). `blocked`: this person can no longer be reached,
    so the subscription ends. `retry`: surely not taken, try again after `retry_after_s`. `unknown`: it may
    have been taken (time-out, nonsense), so never send it again by itself. `reason` is a code for figures.
    """

    kind: Refusal
    reason: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """So many of a message's people would get it in this way, or, without `reached`, not at all. `name` is
    what staff read."""

    name: str
    people: int
    reached: bool = True


@runtime_checkable
class Reaching(Protocol):
    """A sender that does not reach all its people alike, and can tell beforehand whom it reaches how."""

    def ways(self, connection: Connection, people: Select[Any], at: datetime) -> Sequence[Way]:
        """The ways of `people`, a SELECT of `person`, at that time; those with nobody are left out."""


@runtime_checkable
class TakingMany(Protocol):
    """A sender that takes as many as its `concurrency` in one call, for which that is cheaper."""

    def send_many(self, deliveries: Sequence[Outgoing]) -> Sequence[Sent | Refused]:
        """What came of each, in their order. An exception, or another count, is `unknown` for all of them."""


class Sender(Protocol):
    """A channel. An exception out of `send` counts as `unknown`."""

    @property
    def channel(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def send(self, delivery: Outgoing) -> Sent | Refused: ...
