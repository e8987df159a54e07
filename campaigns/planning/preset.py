"""The preset of a campaign week, read from `week.yml`: what each day says, and what it rests on.

Immutable. Knows no date: when a week is, staff say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from campaigns.audience import Audience
from campaigns.content import DEFAULT, Message, message_from
from campaigns.errors import InvalidFile, InvalidInput
from campaigns.planning.schedule import LOCAL, Schedule

WEEK_FILE = Path(__file__).with_name("week.yml")
NOT_TWICE_A_DAY_H = 12
NOT_TWICE_A_WEEK_H = 6 * 24
"""What residents chose when they subscribed: at most one message a day, or one digest a week."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words of the text that stand in the clause, word for word."""

    clause_id: str
    words: str


@dataclass(frozen=True, slots=True)
class PresetMessage:
    """`day` is the day of the week that it goes out, from 1; `ours`: the city's plan does not name it."""

    key: str
    name: str
    day: int
    ours: bool
    topics: tuple[str, ...]
    message: Message
    quotes: tuple[Quoted, ...]


@dataclass(frozen=True, slots=True)
class KnownDay:
    """A day to hang a campaign on; `hint` says where staff find its date."""

    name: str
    hint: str


@dataclass(frozen=True, slots=True)
class Preset:
    """`days` are for those who chose daily, `digest` for those who chose a digest, `short` for channels
    with a monthly quota."""

    name: str
    title: str
    about: str
    rests_on: str
    at: time
    topic: str
    days: tuple[PresetMessage, ...]
    short: tuple[PresetMessage, ...]
    digest: PresetMessage

    @property
    def messages(self) -> tuple[PresetMessage, ...]:
        return (*self.days, *self.short, self.digest)


@dataclass(frozen=True, slots=True)
class Planned:
    """A message of a week with its day: ready to become a draft."""

    title: str
    message: Message
    audience: Audience
    schedule: Schedule


@cache
def load_preset(name: str = "green_week", path: Path = WEEK_FILE) -> Preset:
    """Raises InvalidFile naming the file and its fault."""
    raw = _read(path).get(name)
    if not isinstance(raw, Mapping):
        raise InvalidFile(f"{path} has no preset {name}; restore it from the release.")
    try:
        return Preset(
            name=name,
            title=raw["title"],
            about=raw["about"],
            rests_on=raw["rests_on"],
            at=time.fromisoformat(raw["at"]),
            topic=raw["topic"],
            days=tuple(_message(each, at + 1) for at, each in enumerate(raw["days"])),
            short=tuple(_message(each, each["day"]) for each in raw["short"]),
            digest=_message(raw["digest"], raw["digest"]["day"]),
        )
    except KeyError as error:
        raise InvalidFile(f"{path}: {name} lacks {error}; restore it from the release.") from error
    except (InvalidInput, TypeError, ValueError) as error:
        raise InvalidFile(f"{path}: {name}: {error}") from error


@cache
def known_days(path: Path = WEEK_FILE) -> tuple[KnownDay, ...]:
    """The days that staff may type the dates of; others can be typed too."""
    return tuple(KnownDay(each["name"], each["hint"]) for each in _read(path)["days"])


def at_on(day: date, clock: time) -> datetime:
    """The moment at which it is `clock` in Chongqing on that day."""
    return datetime.combine(day, clock, LOCAL)


def lay_out(
    preset: Preset,
    starts_on: date,
    *,
    title: str,
    full: bool = True,
    channels: tuple[str, ...] = (),
    short_channels: tuple[str, ...] = (),
) -> list[Planned]:
    """The week's messages in the order in which they go out.

    `full`: seven days and the digest to `channels` (none named: all). `short_channels` get the three of the
    short form; without `full` it goes to all of them where none is named.
    """
    found: list[tuple[PresetMessage, Audience]] = []
    if full:
        for each in preset.days:
            found.append((each, _daily(preset, each, channels)))
        digest = Audience(
            topics=(preset.topic,), channels=channels, frequency="digest", exclude_recent_h=NOT_TWICE_A_WEEK_H
        )
        found.append((preset.digest, digest))
    if short_channels or not full:
        topics = (preset.topic,)
        whom = Audience(topics=topics, channels=short_channels, exclude_recent_h=NOT_TWICE_A_DAY_H)
        found += [(each, whom) for each in preset.short]
    found.sort(key=lambda pair: pair[0].day)
    return [
        Planned(
            title=f"{title} · {each.name}",
            message=each.message,
            audience=audience,
            schedule=Schedule(first_at=at_on(starts_on + timedelta(days=each.day - 1), preset.at)),
        )
        for each, audience in found
    ]


def _daily(preset: Preset, each: PresetMessage, channels: tuple[str, ...]) -> Audience:
    return Audience(
        topics=(preset.topic, *each.topics),
        channels=channels,
        frequency="daily",
        exclude_recent_h=NOT_TWICE_A_DAY_H,
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidFile(f"{path} cannot be read ({error}); restore it from the release.") from error
    if not isinstance(found, Mapping):
        raise InvalidFile(f"{path} holds no table; restore it from the release.")
    return found


def _message(raw: Mapping[str, Any], day: int) -> PresetMessage:
    shown = {name: raw[name] for name in ("text", "quick_replies", "quiz", "pledge") if name in raw}
    return PresetMessage(
        key=raw["key"],
        name=raw["name"],
        day=day,
        ours=raw.get("ours", False),
        topics=tuple(raw.get("topics", ())),
        message=message_from({"versions": {DEFAULT: shown}, "clause_ids": raw["clause_ids"]}),
        quotes=tuple(Quoted(each["clause_id"], each["words"]) for each in raw["quotes"]),
    )
