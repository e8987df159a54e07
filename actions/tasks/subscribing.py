"""Subscribing to campaign messages, ending that, and seeing what is subscribed to.

Owns the questions and how their answers are read; consent, its wording and every rule about subscriptions
are `campaigns`' own. Nothing is kept before the resident has read the wording and agreed to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from actions.mentions import Mentions
from actions.replies import Suggestion
from actions.tasks.model import Ask, End, Problem, Turn, Values
from actions.wording import load
from campaigns.consent import ConsentTerms
from campaigns.model import Subscriber, Subscription
from campaigns.subscriptions import Subscriptions
from index.text import normalise

SHANGHAI = ZoneInfo("Asia/Shanghai")
_EVERYWHERE = "全市"
_SHOWN_TOPICS = 4


class Subscribe:
    """District, topics, consent; then the subscription stands."""

    name = "subscribe"
    correctable = False
    labels: Mapping[str, Sequence[str]] = {
        "district": ("区县", "地区", "哪个区"),
        "topics": ("主题", "内容", "哪些消息"),
    }

    def __init__(
        self, subscriptions: Subscriptions, terms: ConsentTerms, mentions: Callable[[], Mentions]
    ) -> None:
        self._subscriptions, self._terms, self._mentions = subscriptions, terms, mentions

    def begin(self, turn: Turn) -> Values | End:
        known: dict[str, Any] = {}
        if district := self._district(turn.message):
            known["district"] = district
        if topics := self._subscriptions.offer.topics.named_in(turn.message):
            known["topics"] = list(topics)
        return known

    def next_field(self, values: Values, turn: Turn) -> str | None:
        return next((name for name in ("district", "topics", "consent") if name not in values), None)

    def ask(self, name: str, values: Values, turn: Turn) -> Ask:
        words = load("tasks/subscribing")["subscribe"]
        if name == "district":
            return Ask(words["district"], [Suggestion(**choice) for choice in words["districts"]])
        if name == "topics":
            offered = self._subscriptions.offer.topics.all
            listed = "、".join(topic.label for topic in offered)
            shown = [Suggestion(label=topic.label, message=topic.label) for topic in offered[:_SHOWN_TOPICS]]
            return Ask(words["topics"].format(topics=listed), [*shown, Suggestion(**words["all_topics"])])
        chosen = words["chosen"].format(where=values["district"], topics="、".join(values["topics"]))
        return Ask(
            f"{chosen}\n{self._terms.wording.text}", [Suggestion(**choice) for choice in words["answers"]]
        )

    def read(self, name: str, turn: Turn, values: Values) -> Values | Problem | None:
        words = load("tasks/subscribing")["subscribe"]
        if name == "district":
            district = self._district(turn.message)
            return {"district": district} if district else Problem(words["which_district"])
        if name == "topics":
            topics = self._subscriptions.offer.topics_in(turn.message)
            return {"topics": list(topics)} if topics else Problem(words["which_topic"])
        text, flow = normalise(turn.message), load("tasks/tasks")["flow"]
        if re.search(flow["agree"], text):
            return {"consent": turn.request_id}
        if re.search(flow["refuse"], text):
            return {"consent": ""}
        others = self._subscriptions.offer.topics.named_in(turn.message)
        return {"topics": list(others)} if others else None

    def finish(self, values: Values, turn: Turn) -> End:
        words = load("tasks/subscribing")["subscribe"]
        if not values["consent"]:
            return End(words["declined"])
        done = self._subscriptions.subscribe(
            subscriber=_subscriber(turn),
            topics=values["topics"],
            wording=self._terms.wording,
            message_id=values["consent"],
            district=None if values["district"] == _EVERYWHERE else values["district"],
        )
        words_of = words["done"] if done.changed else words["stood"]
        return End(words_of.format(what=told(done.subscription)), suggestions=[Suggestion(**words["see"])])

    def _district(self, message: str) -> str | None:
        text = normalise(message)
        if re.search(load("tasks/subscribing")["everywhere"], text):
            return _EVERYWHERE
        return next(
            (mention.name for mention in self._mentions().find(text) if mention.kind == "district"), None
        )


class Unsubscribe:
    """Which topics end; all of them where none is named or there is but one."""

    name = "unsubscribe"
    correctable = False
    labels: Mapping[str, Sequence[str]] = {}

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    def begin(self, turn: Turn) -> Values | End:
        words = load("tasks/subscribing")["unsubscribe"]
        active = self._subscriptions.subscriptions_of(subscriber=_subscriber(turn))
        if not active:
            return End(words["none"])
        named = [
            topic for topic in self._subscriptions.offer.topics_in(turn.message) if topic in active[0].topics
        ]
        if named or len(active[0].topics) == 1:
            return self._ended(turn, tuple(named) or active[0].topics)
        return {}

    def next_field(self, values: Values, turn: Turn) -> str | None:
        return None if "topics" in values else "topics"

    def ask(self, name: str, values: Values, turn: Turn) -> Ask:
        words = load("tasks/subscribing")["unsubscribe"]
        active = self._subscriptions.subscriptions_of(subscriber=_subscriber(turn))
        topics = active[0].topics if active else ()
        shown = [Suggestion(label=topic, message=topic) for topic in topics[: _SHOWN_TOPICS - 1]]
        return Ask(words["which"].format(topics="、".join(topics)), [Suggestion(**words["all"]), *shown])

    def read(self, name: str, turn: Turn, values: Values) -> Values | Problem | None:
        words = load("tasks/subscribing")["unsubscribe"]
        topics = self._subscriptions.offer.topics_in(turn.message)
        everything = re.search(load("tasks/subscribing")["all_of_it"], normalise(turn.message))
        if everything or re.search(load("tasks/tasks")["flow"]["agree"], normalise(turn.message)):
            return {"topics": []}
        return {"topics": list(topics)} if topics else Problem(words["not_read"])

    def finish(self, values: Values, turn: Turn) -> End:
        return self._ended(turn, tuple(values["topics"]) or None)

    def _ended(self, turn: Turn, topics: tuple[str, ...] | None) -> End:
        """`topics` None ends everything, also what is offered no more."""
        words = load("tasks/subscribing")["unsubscribe"]
        ended = self._subscriptions.unsubscribe(
            subscriber=_subscriber(turn), topics=topics, message_id=turn.request_id
        )
        if not ended.ended:
            return End(words["not_among"])
        rest = words["rest"].format(what=told(ended.remaining)) if ended.remaining else words["nothing_left"]
        return End(words["done"].format(topics="、".join(ended.ended)) + rest)


class MySubscriptions:
    """What is subscribed to, told at once: no task, since nothing is asked."""

    def __init__(self, subscriptions: Subscriptions) -> None:
        self._subscriptions = subscriptions

    def tell(self, turn: Turn) -> End:
        words = load("tasks/subscribing")["subscriptions"]
        active = self._subscriptions.subscriptions_of(subscriber=_subscriber(turn))
        if not active:
            return End(words["none"], suggestions=[Suggestion(**words["begin"])])
        since = active[0].consented_at.astimezone(SHANGHAI).date().isoformat()
        have = words["have"].format(what=told(active[0]), since=since)
        return End(have, suggestions=[Suggestion(**words["end"])])


def told(subscription: Subscription) -> str:
    """A subscription in words."""
    words = load("tasks/subscribing")
    return str(
        words["subscription"].format(
            where=subscription.district or _EVERYWHERE,
            topics="、".join(subscription.topics),
            frequency=words["frequencies"][subscription.frequency],
        )
    )


def _subscriber(turn: Turn) -> Subscriber:
    return Subscriber(turn.person, turn.channel)
