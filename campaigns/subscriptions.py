"""Subscribing, changing, ending and erasing: the one way to a subscription.

Each call is one short transaction that holds the subscriber's row, so that two devices at once leave one
subscription, and a process killed in the middle leaves nothing. Each change adds a consent event; a call that
changes nothing adds none. All functions block; the app calls them in a worker thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, and_

from campaigns import sums
from campaigns.errors import Contended, InvalidInput, NotSubscribed, shown
from campaigns.model import (
    UNSET,
    Consent,
    EndReason,
    Frequency,
    Subscriber,
    Subscription,
    Unset,
    Wording,
    check_channel,
    check_district,
    check_frequency,
    check_message_id,
    check_person,
)
from campaigns.offer import Offer, load_offer
from campaigns.outcomes import Erased, Subscribed, Unsubscribed
from campaigns.store import counting, reading, writing
from campaigns.store.tables import subscriptions

DEFAULTS: dict[str, Any] = {"district": None, "setting": None, "frequency": "digest"}
LONGEST_KEPT_DAYS = 3650
_TRIES = 5


def utc_now() -> datetime:
    return datetime.now(UTC)


class Subscriptions:
    def __init__(
        self, engine: Engine, *, offer: Offer | None = None, now: Callable[[], datetime] = utc_now
    ) -> None:
        """`now` gives the aware present moment; `offer` is that of `topics.yml` unless given."""
        self._engine = engine
        self.offer = offer or load_offer()
        self._now = now

    def subscribe(
        self,
        *,
        subscriber: Subscriber,
        topics: Iterable[str],
        wording: Wording,
        message_id: str,
        district: str | Unset | None = UNSET,
        setting: str | Unset | None = UNSET,
        frequency: Frequency | Unset = UNSET,
    ) -> Subscribed:
        """Add topics to the subscriber's one active subscription, opening it where there is none.

        `wording` is what was shown, `message_id` the message that consented. Choices left out stay as they
        are; a new subscription starts with the whole city, no setting and a digest. Raises InvalidInput.
        """
        wanted = self.offer.check_topics(topics)
        choices = self._checked(district, setting, frequency)
        check_message_id(message_id)
        now = self._now()
        with self._engine.begin() as connection:
            writing.keep_wording(connection, wording, now)
            row = _hold_or_open(connection, subscriber, now, choices)
            holding, consented = reading.wordings_consented_to(connection, row.id)
            running = reading.running_topics(connection, row.id)
            added = tuple(topic for topic in wanted if topic not in running)
            writing.add_topics(connection, row.id, added, now)
            differing = _differing(row, choices)
            if differing:
                row = writing.choose(connection, row.id, **differing)
            given = bool(added) or any(consented.get(topic) != wording.hash for topic in wanted)
            if given or differing:
                writing.append(
                    connection,
                    row,
                    kind="given" if given else "changed",
                    wording_hash=wording.hash if given else holding,
                    topics=wanted if given else running,
                    message_id=message_id,
                    at=now,
                )
            subscription = reading.subscription_from(connection, row)
        return Subscribed(subscription, added, changed=given or bool(differing))

    def change(
        self,
        *,
        subscriber: Subscriber,
        message_id: str,
        district: str | Unset | None = UNSET,
        setting: str | Unset | None = UNSET,
        frequency: Frequency | Unset = UNSET,
    ) -> Subscription:
        """Set the choices that are given. Raises NotSubscribed where nothing is active, InvalidInput."""
        choices = self._checked(district, setting, frequency)
        check_message_id(message_id)
        with self._engine.begin() as connection:
            row = writing.hold(connection, subscriber)
            if row is None:
                raise NotSubscribed(
                    f"{subscriber.person} has no active subscription on {subscriber.channel}; "
                    "subscribe first."
                )
            differing = _differing(row, choices)
            if differing:
                row = writing.choose(connection, row.id, **differing)
                holding, _ = reading.wordings_consented_to(connection, row.id)
                writing.append(
                    connection,
                    row,
                    kind="changed",
                    wording_hash=holding,
                    topics=reading.running_topics(connection, row.id),
                    message_id=message_id,
                    at=self._now(),
                )
            return reading.subscription_from(connection, row)

    def unsubscribe(
        self,
        *,
        subscriber: Subscriber,
        topics: Iterable[str] | None = None,
        message_id: str | None = None,
        reason: EndReason = "asked",
    ) -> Unsubscribed:
        """End the given topics, or all where `topics` is None; with the last one the subscription ends.

        Never fails for a topic that does not run, offered or not: such a one is simply not among `ended`.
        `message_id` is None where no message asked for it (a channel that can no longer be reached).
        """
        if isinstance(topics, str):
            raise InvalidInput(
                f"The topics are {shown(topics)}; give a list of topic names, or None for all."
            )
        named = None if topics is None else {topic for topic in topics if isinstance(topic, str)}
        if message_id is not None:
            check_message_id(message_id)
        with self._engine.begin() as connection:
            row = writing.hold(connection, subscriber)
            if row is None:
                return Unsubscribed((), None)
            running = reading.running_topics(connection, row.id)
            ending = tuple(topic for topic in running if named is None or topic in named)
            if not ending:
                return Unsubscribed((), reading.subscription_from(connection, row))
            now = self._now()
            writing.end_topics(connection, row.id, ending, now)
            ended = writing.end_if_empty(connection, row.id, reason, now)
            holding, _ = reading.wordings_consented_to(connection, row.id)
            writing.append(
                connection,
                row,
                kind="withdrawn",
                wording_hash=holding,
                topics=ending,
                message_id=message_id,
                at=now,
            )
            return Unsubscribed(ending, None if ended else reading.subscription_from(connection, row))

    def subscriptions_of(
        self, *, subscriber: Subscriber, include_ended: bool = False
    ) -> tuple[Subscription, ...]:
        """The active subscription, if any; with `include_ended` those before it, the oldest first."""
        with self._engine.connect() as connection:
            return tuple(reading.subscriptions_of(connection, subscriber, ended=include_ended))

    def consents_of(self, *, subscriber: Subscriber) -> tuple[Consent, ...]:
        """Every event in order, each with the wording as it was shown, until the person is erased."""
        with self._engine.connect() as connection:
            return tuple(reading.consents_of(connection, subscriber))

    def erase(self, *, person: str, after_run: str | None = None) -> Erased:
        """Delete all that a person left on every channel; one row of figures stays, which names nobody.

        `after_run`: the run whose message came before the request. Whoever was subscribed until now counts
        among those who unsubscribed after it, in sum.
        """
        check_person(person)
        theirs, now = subscriptions.c.person == person, self._now()
        with self._engine.begin() as connection:
            gone = writing.erase_where(connection, theirs, cause="asked", now=now)
            if gone.active and after_run is not None:
                sums.add(connection, after_run, "unsubscribed", now)
        return Erased(gone.subscriptions, gone.consents)

    def delete_ended(self, *, kept_days: int) -> Erased:
        """Delete what ended more than `kept_days` ago, as the wording promises; meant to run once a day."""
        if not 0 <= kept_days <= LONGEST_KEPT_DAYS:
            raise InvalidInput(
                f"kept_days is {kept_days}; give the terms' kept_days_after_end, 0 to {LONGEST_KEPT_DAYS}."
            )
        now = self._now()
        over = and_(
            subscriptions.c.state == "ended", subscriptions.c.ended_at < now - timedelta(days=kept_days)
        )
        with self._engine.begin() as connection:
            gone = writing.erase_where(connection, over, cause="expired", now=now)
        return Erased(gone.subscriptions, gone.consents)

    def count(
        self,
        *,
        topic: str | None = None,
        channel: str | None = None,
        setting: str | None = None,
        district: str | Unset | None = UNSET,
    ) -> int:
        """Active subscriptions. A district of None counts those who chose the whole city; left out, all."""
        self._check_filter(topic, channel, setting)
        if district is not UNSET:
            check_district(district)
        with self._engine.connect() as connection:
            return counting.count(
                connection, topic=topic, channel=channel, setting=setting, district=district
            )

    def count_by_district(
        self, *, topic: str | None = None, channel: str | None = None, setting: str | None = None
    ) -> dict[str | None, int]:
        """Active subscriptions a district, those of the whole city under None; no zeros."""
        self._check_filter(topic, channel, setting)
        with self._engine.connect() as connection:
            return counting.count_by_district(connection, topic=topic, channel=channel, setting=setting)

    def _check_filter(self, topic: str | None, channel: str | None, setting: str | None) -> None:
        self.offer.check_setting(setting)
        if topic is not None:
            self.offer.check_topics([topic])
        if channel is not None:
            check_channel(channel)

    def _checked(
        self, district: str | Unset | None, setting: str | Unset | None, frequency: Frequency | Unset
    ) -> dict[str, Any]:
        """The choices that are given, each of the right shape."""
        choices: dict[str, Any] = {}
        if district is not UNSET:
            choices["district"] = check_district(district)
        if setting is not UNSET:
            choices["setting"] = self.offer.check_setting(setting)
        if frequency is not UNSET:
            choices["frequency"] = check_frequency(frequency)
        return choices


def _hold_or_open(
    connection: Connection, subscriber: Subscriber, now: datetime, choices: dict[str, Any]
) -> Row[Any]:
    for _ in range(_TRIES):
        row = writing.hold(connection, subscriber)
        if row is not None:
            return row
        writing.open_new(connection, subscriber, now, **(DEFAULTS | choices))
    raise Contended(
        f"The subscription of {subscriber.person} on {subscriber.channel} was opened and ended by others "
        f"{_TRIES} times; try again."
    )


def _differing(row: Row[Any], choices: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in choices.items() if getattr(row, name) != value}
