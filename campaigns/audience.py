"""Whom a message is for: a question put to the subscriptions, never a list of people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from campaigns.content import hash_of
from campaigns.errors import InvalidInput, shown
from campaigns.model import Frequency, check_channel, check_district, check_frequency
from campaigns.offer import Offer
from campaigns.words import given, say

WHOLE_CITY = "全市"
"""In `districts`: those who chose no district. They are always among the readers of a message for a district
only if this is named too."""
MOST_HOURS = 24 * 60


@dataclass(frozen=True, slots=True)
class Audience:
    """Active subscribers of any of `topics`, narrowed by what else is given; an empty tuple narrows nothing.

    `since`: subscribed on that day (Asia/Shanghai) or later. `exclude_recent_h`: without those whom any
    campaign reached in so many hours before.
    """

    topics: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    frequency: Frequency | None = None
    since: date | None = None
    exclude_recent_h: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {
            "topics": sorted(self.topics),
            "districts": sorted(self.districts),
            "channels": sorted(self.channels),
            "settings": sorted(self.settings),
            "since": None if self.since is None else self.since.isoformat(),
        }

    @property
    def hash(self) -> str:
        return hash_of(self.as_json())

    @property
    def everybody(self) -> bool:
        """Whether nothing narrows it: staff are asked before such a message goes to all subscribers."""
        return self == Audience(exclude_recent_h=self.exclude_recent_h)


def audience_from(raw: object, offer: Offer) -> Audience:
    """An audience from its JSON form. Raises InvalidInput naming what is wrong."""
    if not isinstance(raw, Mapping):
        raise InvalidInput(say("audience_shape"))
    known = set(Audience.__dataclass_fields__)
    if unknown := sorted(set(map(str, raw)) - known):
        raise InvalidInput(say("audience_field", field=shown(unknown[0]), known="、".join(sorted(known))))
    topics = _names(raw.get("topics"), "主题（topics）")
    districts = _names(raw.get("districts"), "区县（districts）")
    channels = _names(raw.get("channels"), "渠道（channels）")
    settings = _names(raw.get("settings"), "场景（settings）")
    hours = raw.get("exclude_recent_h", 0)
    if type(hours) is not int or not 0 <= hours <= MOST_HOURS:
        raise InvalidInput(say("audience_hours", value=given(hours), most=MOST_HOURS))
    frequency = raw.get("frequency")
    return Audience(
        topics=tuple(offer.check_topics(topics)) if topics else (),
        districts=tuple(name if name == WHOLE_CITY else str(check_district(name)) for name in districts),
        channels=tuple(check_channel(name) for name in channels),
        settings=tuple(str(offer.check_setting(name)) for name in settings),
        frequency=None if frequency is None else check_frequency(frequency),
        since=_day(raw.get("since")),
        exclude_recent_h=hours,
    )


def _names(raw: object, name: str) -> list[str]:
    if raw is None:
        return []
    if not isinstance(raw, list | tuple) or not all(isinstance(item, str) for item in raw):
        raise InvalidInput(say("audience_names", name=name, value=given(raw)))
    return list(dict.fromkeys(raw))


def _day(raw: object) -> date | None:
    if raw is None or type(raw) is date:
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise InvalidInput(say("audience_since", value=given(raw))) from None
