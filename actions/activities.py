"""Questions for what is on: whether a message asks for it, and what is told.

Only activities that staff approved and that are not over are told of, each with place, time, organiser and
source; none is made up, and none known is said plainly. The patterns and words stand in `activities.yml`. A
question that names anything besides an activity, a place and a time is none of these: the texts answer it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Protocol
from zoneinfo import ZoneInfo

from actions.composing import Held, make_reply
from actions.mentions import Mentions
from actions.quoting import citations_for
from actions.replies import Reply, Suggestion
from actions.spoken import hotline
from actions.wording import load, pattern
from campaigns.activities import Activity
from index.terms import telling_terms
from index.text import normalise

SHANGHAI = ZoneInfo("Asia/Shanghai")
MOST_TOLD = 5
_WEEKDAYS = "一二三四五六日"
_LIKE = 0.5
"""Share of the words left over that an activity's title or place must have to be the one that is meant."""


class Board(Protocol):
    """What residents may be told of at this moment."""

    def coming(self, district: str | None = None, setting: str | None = None) -> Sequence[Activity]: ...

    def current(self, activity_id: str) -> Activity | None: ...


@dataclass(frozen=True, slots=True)
class Sought:
    """`rest` is what the question names besides an activity, a place and a time; `bare` where it names no
    activity at all and means the one just spoken of; `texts_first` where the texts may hold the answer.
    `asked` is the question by which a conversation remembers it."""

    asked: str

    district: str | None = None
    setting: str | None = None
    rest: tuple[str, ...] = ()
    bare: bool = False
    texts_first: bool = False


def sought(question: str, mentions: Mentions) -> Sought | None:
    """What activities a message asks for; None where it asks for none."""
    text = normalise(question).strip("?!。,. ~")
    district = next((one.name for one in mentions.find(text) if one.kind == "district"), None)
    if pattern("activities", "bare").search(text):
        return Sought(question, district, bare=True)
    where_when, what_on = pattern("activities", "where_when"), pattern("activities", "what_on")
    particular = where_when.search(text) is not None
    if not (particular or what_on.search(text)) or not pattern("activities", "noun").search(text):
        return None
    left = text
    for mention in sorted(mentions.find(text), key=lambda one: -one.start):
        if mention.kind in ("district", "year"):
            left = f"{left[: mention.start]} {left[mention.end :]}"
    setting = next((name for name, words in _settings() if words.search(left)), None)
    for words in (words for _, words in _settings()):
        left = words.sub(" ", left)
    for words in (what_on, where_when, pattern("activities", "noun"), _idle()):
        left = words.sub(" ", left)
    rest = telling_terms(left)
    first = bool(rest) or pattern("activities", "texts_first").search(text) is not None
    return Sought(question, district, setting, rest, texts_first=first and not particular)


def followed(asked: Sought | None, before: Sought, elsewhere: str | None) -> Sought:
    """What 好久开始 or 那渝中呢 asks after `before`."""
    district = elsewhere or (asked and asked.district) or before.district
    words = load("activities")["again"]
    again = before.asked if before.rest else words["everything"].format(district=district or "")
    return replace(before, district=district, asked=again)


def about(activity: Activity) -> str:
    """The question that asks for this activity alone."""
    return str(load("activities")["again"]["one"].format(title=activity.title))


def elsewhere(said: str, mentions: Mentions) -> str | None:
    """The district, where `said` names one and nothing else: 那渝中呢 asks the same of another place."""
    found = mentions.find(normalise(said))
    districts = [one.name for one in found if one.kind == "district"]
    return (
        districts[0] if len(found) == 1 and districts and not mentions.rest(normalise(said), found) else None
    )


def without_idle(text: str) -> str:
    """Normalised `text` without what says nothing of its own in a reply: 具体, 请问, 到底."""
    return _idle().sub(" ", text)


def named(found: Sequence[Activity], rest: Sequence[str]) -> list[Activity]:
    """Those of `found` whose title or place has the words of `rest`; all where nothing is left over."""
    if not rest:
        return list(found)
    kept = []
    for activity in found:
        terms = set(telling_terms(normalise(f"{activity.title} {activity.place} {activity.about}")))
        if len(terms & set(rest)) >= _LIKE * len(rest):
            kept.append(activity)
    return kept


class Activities:
    """Tells of activities. `board` is asked anew for each question: what is over is gone."""

    def __init__(self, board: Board, *, now: Callable[[], datetime]) -> None:
        self._board, self._now = board, now

    def known(self, asked: Sought, district: str | None) -> list[Activity]:
        """The activities that are meant, the earliest first; `district` is that of the conversation."""
        where = asked.district or district
        return named(self._board.coming(where, asked.setting), asked.rest)

    def one(self, activity_id: str | None) -> Activity | None:
        return self._board.current(activity_id) if activity_id else None

    def told(
        self, held: Held, found: Sequence[Activity], asked: Sought, district: str | None, day: date
    ) -> Reply:
        """The reply that tells of `found`; says plainly that none is known where it is empty."""
        words = load("activities")["told"]
        where = asked.district or district
        if not found:
            key = "none_like" if asked.rest else "none_in" if where else "none"
            return make_reply(
                "notice", day, held, words[key].format(district=where), contacts=[hotline()],
                suggestions=[Suggestion(**words["subscribe"])],
            )  # fmt: skip
        shown = list(found)[:MOST_TOLD]
        if len(found) == 1 and (asked.rest or asked.bare):
            head = words["one"]
        else:
            head = words["head_in" if where else "head"].format(count=len(found), district=where)
        lines = [head]
        for number, activity in enumerate(shown, 1):
            lines += self.lines(activity, number if len(shown) > 1 else None)
        if len(found) > MOST_TOLD:
            lines.append(words["rest"].format(count=len(found) - MOST_TOLD))
        elif not where and len({activity.district for activity in found}) > 1:
            lines.append(words["district"])
        lines.append(words["check"])
        basis = [clause for activity in shown for clause in activity.clause_ids]
        about = " ".join(f"{activity.title} {activity.about}" for activity in shown)
        return make_reply(
            "notice", day, held, "\n".join(lines),
            related=citations_for(held.knowledge, basis, about, day)[:2],
            suggestions=[Suggestion(**words["subscribe"])],
        )  # fmt: skip

    def lines(self, activity: Activity, number: int | None) -> list[str]:
        """An activity, a line each for what it is, when, where, by whom and from where that is known."""
        words = load("activities")["told"]
        title = words["title"].format(number=number, title=activity.title) if number else activity.title
        place = f"{activity.district or words['whole_city']}，{activity.place}"
        lines = [
            title + (words["on_now"] if activity.starts_at <= self._now() else ""),
            words["when"].format(when=when(activity.starts_at, activity.ends_at)),
            words["place"].format(place=place),
            words["organiser"].format(organiser=activity.organiser),
        ]
        if activity.settings:
            lines.append(words["for_whom"].format(settings="、".join(activity.settings)))
        lines.append(words["about"].format(about=activity.about))
        lines.append(words["source"].format(source=activity.source))
        return lines


def when(starts_at: datetime, ends_at: datetime) -> str:
    """A span of time in Chongqing as people say it: one day once."""
    start, end = starts_at.astimezone(SHANGHAI), ends_at.astimezone(SHANGHAI)
    if start.date() == end.date():
        return f"{_day(start)}{start:%H:%M}—{end:%H:%M}"
    return f"{_day(start)}{start:%H:%M}—{_day(end)}{end:%H:%M}"


def _day(moment: datetime) -> str:
    return f"{moment.year}年{moment.month}月{moment.day}日（周{_WEEKDAYS[moment.weekday()]}）"


@cache
def _settings() -> tuple[tuple[str, re.Pattern[str]], ...]:
    table = load("activities")["setting"]
    return tuple((name, re.compile("|".join(words))) for name, words in table.items())


@cache
def _idle() -> re.Pattern[str]:
    """The words listed, the longest first: 活动 must not leave 周 of 活动周."""
    words = (word for row in load("activities")["idle"] for word in row.split("|"))
    return re.compile("|".join(sorted(words, key=len, reverse=True)))
