"""All that is kept of a chat, as words: the copy that a resident gets where no file can be downloaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from actions.feedback_reasons import feedback_reasons
from api.channels.words import say, table
from api.clock import LOCAL
from campaigns.offer import Choices, Offer


def in_words(kept: dict[str, Any], offer: Offer) -> str:
    """`kept` is what `own_data` gives; each thing is one line, with when it was."""
    lines = [*_talk(kept), *_judgements(kept), *_tickets(kept), *_subscriptions(kept, offer)]
    if not lines:
        return say("export_empty")
    return say("export", lines="\n".join(lines), days=kept["kept_days"])


def _talk(kept: dict[str, Any]) -> Iterator[str]:
    """What was said and what campaigns sent, in the order of the chat."""
    said = sorted([*kept["messages"], *kept["notices"]], key=lambda item: str(item["created_at"]))
    for message in said:
        asked = message.get("role") == "resident"
        key = "export_asked" if asked else "export_sent" if "campaign" in message else "export_said"
        yield say(key, at=_at(message["created_at"]), text=message["text"])


def _judgements(kept: dict[str, Any]) -> Iterator[str]:
    texts = {message["id"]: str(message["text"]) for message in kept["messages"]}
    for given in kept["feedback"]:
        yield say(
            "export_judged",
            at=_at(given["given_at"]),
            useful=say("useful" if given["useful"] else "not_useful"),
            why="；".join(filter(None, (feedback_reasons().get(given["reason"] or ""), given["comment"]))),
            text=texts.get(given["message_id"], "")[:20],
        )


def _tickets(kept: dict[str, Any]) -> Iterator[str]:
    for ticket in kept["handed_to_staff"]:
        yield say(
            "export_ticket",
            at=_at(ticket["created_at"]),
            id=ticket["id"],
            state=table("ticket_states")[ticket["state"]],
            question=ticket["question"] or "",
            district=ticket["district"] or say("district_unsaid"),
            contact=say("contact_kept" if ticket["contact"] else "contact_none"),
        )


def _subscriptions(kept: dict[str, Any], offer: Offer) -> Iterator[str]:
    for one in kept["subscriptions"]:
        yield say(
            "export_subscription",
            at=_at(one["consented_at"]),
            topics=_labels(one["topics"], offer.topics),
            district=one["district"] or say("district_all"),
            setting=_labels([one["setting"]], offer.settings) if one["setting"] else say("setting_unsaid"),
            frequency=_labels([one["frequency"]], offer.frequencies),
            state=say("subscription_ended", at=_at(one["ended_at"]))
            if one["ended_at"]
            else say("subscribed"),
        )
    for consent in kept["consents"]:
        what = table("consent_kinds")[consent["kind"]]
        topics = _labels(consent["topics"], offer.topics)
        yield say("export_consent", at=_at(consent["at"]), what=what, topics=topics)


def _labels(names: Sequence[str], choices: Choices) -> str:
    """The words that residents know `names` by; one that is offered no more as it is."""
    known = {choice.name: choice.label for choice in choices.all}
    return "、".join(known.get(name, name) for name in names)


def _at(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
