"""What a campaign message says: a default version, and others for channels that can show more or less.

Plain immutable data with one canonical JSON form; approval and the runs are bound to the hash of that form.
Knows nothing of how a channel sends, and nothing of whether a cited clause is in force.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from campaigns.errors import InvalidInput, shown
from campaigns.model import CHANNEL, UNREADABLE
from campaigns.words import given, say

DEFAULT = "default"
LONGEST_TEXT = 4000
MOST_LINKS, MOST_QUICK_REPLIES, MOST_OPTIONS = 5, 4, 4
NAMES: Mapping[str, str] = {"district": "区县（没选区县的人看到“重庆”）"}
"""What `{…}` in a text may name, and what stands for it."""
OWN_PICTURE = re.compile(r"/media/[0-9a-f]{64}")
"""The address of a picture that the app itself keeps: what the web channel shows without asking elsewhere."""
CLAUSE = re.compile(r"[A-Za-z0-9._-]{1,64}(#[A-Za-z0-9._-]{1,64})?")


@dataclass(frozen=True, slots=True)
class Picture:
    """`alternative` is what somebody reads who cannot see it."""

    url: str
    alternative: str


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Quiz:
    """One question; `right` is the number of the right option, from 0. The explanation cites `clause_id`."""

    question: str
    options: tuple[str, ...]
    right: int
    explanation: str
    clause_id: str


@dataclass(frozen=True, slots=True)
class Content:
    """One version. `pledge` is a sentence that a resident can take on; `quick_replies` are sent as words."""

    text: str
    picture: Picture | None = None
    links: tuple[Link, ...] = ()
    quick_replies: tuple[str, ...] = ()
    quiz: Quiz | None = None
    pledge: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: `versions` by channel, `default` for the channels not named.

    `clause_ids` are the clauses or programmes that it rests on, the best first; a reply to the message starts
    from the first of them and from `activity_id`.
    """

    versions: Mapping[str, Content]
    clause_ids: tuple[str, ...] = ()
    activity_id: str | None = None

    def version_for(self, channel: str) -> Content:
        """Raises InvalidInput where there is neither a version for the channel nor a default one."""
        found = self.versions.get(channel) or self.versions.get(DEFAULT)
        if found is None:
            raise InvalidInput(say("content_no_version_for", channel=channel))
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "versions": {name: asdict(content) for name, content in sorted(self.versions.items())},
            "clause_ids": list(self.clause_ids),
            "activity_id": self.activity_id,
        }

    @property
    def hash(self) -> str:
        return hash_of(self.as_json())


@dataclass(frozen=True, slots=True)
class Rendered:
    """A version as one channel shows it to one person: names filled in, what it cannot show left out or
    turned into words. `left_out` says what, for the preview."""

    text: str
    picture: Picture | None = None
    links: tuple[Link, ...] = ()
    quick_replies: tuple[str, ...] = ()
    quiz: Quiz | None = None
    pledge: str | None = None
    clause_ids: tuple[str, ...] = ()
    activity_id: str | None = None
    left_out: tuple[str, ...] = field(default=())


def hash_of(value: Mapping[str, Any]) -> str:
    """SHA-256 over the value's canonical JSON: sorted names, no blanks, UTF-8."""
    form = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(form.encode()).hexdigest()


def message_from(raw: object) -> Message:
    """A message from its JSON form. Raises InvalidInput naming the field that is wrong."""
    table = _table(raw, "消息", {"versions", "clause_ids", "activity_id"})
    versions = _table(table.get("versions"), "版本（versions）", None)
    if not versions:
        raise InvalidInput(say("content_no_version", default=DEFAULT))
    for channel in versions:
        _matching(CHANNEL, channel, "版本的渠道", say("content_channel"))
    clauses = _words(table.get("clause_ids"), "依据条款（clause_ids）")
    for clause in clauses:
        check_clause(clause, "依据条款")
    activity = table.get("activity_id")
    return Message(
        {channel: _content(content, channel) for channel, content in versions.items()},
        clauses,
        None if activity is None else _text(activity, "活动（activity_id）", 40),
    )


def check_clause(raw: object, name: str) -> str:
    """The id of a clause or programme. Raises InvalidInput naming the field `name`."""
    return _matching(CLAUSE, raw, name, say("content_clause"))


def _content(raw: object, channel: str) -> Content:
    where = say("content_default") if channel == DEFAULT else say("content_version", channel=channel)
    table = _table(raw, where, {"text", "picture", "links", "quick_replies", "quiz", "pledge"})
    pledge = table.get("pledge")
    return Content(
        text=_text(table.get("text"), f"{where}的正文", LONGEST_TEXT),
        picture=_picture(table.get("picture"), where),
        links=tuple(_link(link, where) for link in _list(table.get("links"), f"{where}的链接", MOST_LINKS)),
        quick_replies=_words(table.get("quick_replies"), f"{where}的快捷回复", MOST_QUICK_REPLIES),
        quiz=_quiz(table.get("quiz"), where),
        pledge=None if pledge is None else _text(pledge, f"{where}的小约定", 200),
    )


def _picture(raw: object, where: str) -> Picture | None:
    if raw is None:
        return None
    table = _table(raw, f"{where}的图片", {"url", "alternative"})
    return Picture(
        _text(table.get("url"), f"{where}的图片地址", 500),
        _text(table.get("alternative"), f"{where}的图片替代文字", 200, empty=True),
    )


def _link(raw: object, where: str) -> Link:
    table = _table(raw, f"{where}的链接", {"label", "url"})
    return Link(
        _text(table.get("label"), f"{where}的链接文字", 60),
        _text(table.get("url"), f"{where}的链接网址", 500),
    )


def _quiz(raw: object, where: str) -> Quiz | None:
    if raw is None:
        return None
    table = _table(raw, f"{where}的小测验", {"question", "options", "right", "explanation", "clause_id"})
    options = _words(table.get("options"), f"{where}的小测验选项", MOST_OPTIONS)
    right = table.get("right")
    if len(options) < 2 or type(right) is not int or not 0 <= right < len(options):
        raise InvalidInput(say("content_quiz", where=where, options=len(options), most=MOST_OPTIONS))
    return Quiz(
        _text(table.get("question"), f"{where}的小测验题目", 200),
        options,
        right,
        _text(table.get("explanation"), f"{where}的小测验讲解", 500),
        check_clause(table.get("clause_id"), f"{where}的小测验依据"),
    )


def _table(raw: object, name: str, known: set[str] | None) -> dict[str, Any]:
    if not isinstance(raw, Mapping):
        raise InvalidInput(say("content_object", name=name, value=given(raw)))
    if known is not None and (unknown := sorted(set(map(str, raw)) - known)):
        raise InvalidInput(
            say("content_field", name=name, field=shown(unknown[0]), known="、".join(sorted(known)))
        )
    return {str(key): value for key, value in raw.items()}


def _list(raw: object, name: str, most: int) -> list[object]:
    if raw is None:
        return []
    if not isinstance(raw, list | tuple) or len(raw) > most:
        raise InvalidInput(say("content_list", name=name, value=_counted(raw), most=most))
    return list(raw)


def _words(raw: object, name: str, most: int = 20) -> tuple[str, ...]:
    return tuple(_text(word, name, 120) for word in _list(raw, name, most))


def _text(raw: object, name: str, longest: int, *, empty: bool = False) -> str:
    if not isinstance(raw, str) or not (raw.strip() or empty) or len(raw) > longest or UNREADABLE.search(raw):
        raise InvalidInput(say("content_text", name=name, value=given(raw), longest=longest))
    return raw


def _matching(pattern: re.Pattern[str], raw: object, name: str, remedy: str) -> str:
    if not isinstance(raw, str) or not pattern.fullmatch(raw):
        raise InvalidInput(say("content_matching", name=name, value=given(raw), remedy=remedy))
    return raw


def _counted(raw: object) -> str:
    return say("content_so_many", count=len(raw)) if isinstance(raw, list | tuple) else given(raw)
