"""Subscriptions and consents as plain immutable data.

Owns the words of this package and the shape of each value. Knows nothing of databases, of which districts
there are, or of how a person is reached: `person` is the pseudonym that the app gives.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, Literal, get_args

from campaigns.errors import InvalidInput, shown

Frequency = Literal["daily", "digest"]
State = Literal["active", "ended"]
EndReason = Literal["asked", "unreachable"]
ConsentKind = Literal["given", "changed", "withdrawn"]

PERSON = re.compile(r"[A-Za-z0-9_-]{1,64}")
CHANNEL = re.compile(r"[a-z0-9_-]{1,32}")
DISTRICT = re.compile(r"[\u4e00-\u9fff]{1,15}[区县]")
MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,64}")
VERSION = re.compile(r"[A-Za-z0-9._-]{1,32}")
UNREADABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
"""What no screen shows and PostgreSQL refuses: control signs but tab and line feed, lone surrogates."""
LONGEST_WORDING = 4000


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
"""Says nothing, where None already says something: a district of None is the whole city."""


def matching(pattern: re.Pattern[str], value: object, name: str, remedy: str) -> str:
    """`value` if it has the shape; InvalidInput naming it otherwise."""
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise InvalidInput(f"{name} is {shown(value)}; {remedy}")
    return value


def check_district(value: object) -> str | None:
    """A district's full name, or None for the whole city; whether there is such a one the caller knows."""
    if value is None:
        return None
    remedy = "give a district's full name ending in 区 or 县, or None for the whole city."
    return matching(DISTRICT, value, "The district", remedy)


def check_channel(value: object) -> str:
    return matching(CHANNEL, value, "The channel", "use 1 to 32 of a-z, 0-9, _ and -.")


def check_person(value: object) -> str:
    return matching(PERSON, value, "The person", "give a pseudonym of 1 to 64 of A-Z, a-z, 0-9, _ and -.")


def check_message_id(value: object) -> str:
    return matching(MESSAGE_ID, value, "The message id", "give 1 to 64 printable ASCII signs.")


def check_frequency(value: object) -> Frequency:
    for known in get_args(Frequency):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise InvalidInput(f"The frequency is {shown(value)}; choose one of {', '.join(get_args(Frequency))}.")


@dataclass(frozen=True, slots=True)
class Subscriber:
    """One person on one channel; the same person on two channels subscribes twice."""

    person: str
    channel: str

    def __post_init__(self) -> None:
        check_person(self.person)
        check_channel(self.channel)


@dataclass(frozen=True, slots=True)
class Wording:
    """What a person reads before consenting, exactly as shown."""

    version: str
    text: str

    def __post_init__(self) -> None:
        matching(VERSION, self.version, "The wording's version", "use 1 to 32 of A-Z, a-z, 0-9, ., _ and -.")
        text = self.text
        if (
            not isinstance(text, str)
            or not text.strip()
            or len(text) > LONGEST_WORDING
            or UNREADABLE.search(text)
        ):
            raise InvalidInput(
                f"The wording's text is {shown(text)}; give the words shown, at most {LONGEST_WORDING} signs "
                "without control signs."
            )

    @property
    def hash(self) -> str:
        """SHA-256 over version and text: two wordings are one only if both agree."""
        return hashlib.sha256(f"{self.version}\n{self.text}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one subscriber gets. `district` None is the whole city; `setting` is their own word for where they
    are, if they gave one. An ended subscription names the topics that it ended with."""

    id: str
    subscriber: Subscriber
    district: str | None
    topics: tuple[str, ...]
    setting: str | None
    frequency: Frequency
    state: State
    consented_at: datetime
    ended_at: datetime | None = None
    end_reason: EndReason | None = None

    @property
    def channel(self) -> str:
        return self.subscriber.channel


@dataclass(frozen=True, slots=True)
class Consent:
    """One event in the life of a subscription; events are only ever added.

    `wording` is what was shown (given) or what still held (changed, withdrawn); `topics` are those that were
    consented to, kept, or withdrawn; the choices are those that held after the event.
    """

    subscription_id: str
    subscriber: Subscriber
    kind: ConsentKind
    wording: Wording
    at: datetime
    message_id: str | None
    topics: tuple[str, ...]
    district: str | None
    setting: str | None
    frequency: Frequency

    @property
    def channel(self) -> str:
        return self.subscriber.channel
