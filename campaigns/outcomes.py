"""What came of a call on `Subscriptions`, for the words that a resident then reads."""

from __future__ import annotations

from dataclasses import dataclass

from campaigns.model import Subscription


@dataclass(frozen=True, slots=True)
class Subscribed:
    """`added` are the topics that did not run before; `changed` is False where everything stood already."""

    subscription: Subscription
    added: tuple[str, ...]
    changed: bool


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """`ended` are the topics that ran and no longer do; `remaining` is what still runs, or None."""

    ended: tuple[str, ...]
    remaining: Subscription | None


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was deleted; zeros where there was nothing."""

    subscriptions: int
    consents: int
