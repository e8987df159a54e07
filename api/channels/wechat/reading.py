"""What a message of WeChat's means to the desk, and an answer as WeChat's XML.

A message is known by its MsgId; an event has none, so by who did what when. An openid leaves this module as
the address of a chat alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

from wechatpy import parse_message
from wechatpy.replies import TextReply

from api.channels.protocol import Incoming, Kind
from api.channels.wechat import CHANNEL

OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MESSAGE, _EVENT = "m", "e"
_KINDS: dict[str, Kind] = {
    "image": "photo",
    "video": "file",
    "shortvideo": "file",
    "file": "file",
    "location": "unknown",
    "link": "unknown",
}
_STICKERS = ("[Unsupported Message]", "【收到不支持的消息类型，暂无法显示】")
"""What WeChat sends in the place of an animated sticker, as a text."""
_NO_SIGN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What no XML may hold."""


class Unreadable(Exception):
    """It is signed by WeChat, and yet no message."""


@dataclass(frozen=True, slots=True)
class MassResult:
    """How a mass send ended, as WeChat tells later."""

    msg_id: str
    status: str
    sent: int
    errors: int


@dataclass(frozen=True, slots=True)
class Received:
    """`account` and `person` are who wrote to whom, for the answer's XML."""

    what: Incoming | MassResult | None
    account: str
    person: str


def read(xml: str, *, name: Callable[..., str]) -> Received:
    """`name` makes a keyed name of words, for events. `what` is None for what needs no answer.

    Raises Unreadable.
    """
    try:
        message = parse_message(xml)
        if message is None:
            raise Unreadable("empty")
        person, account = str(message.source or ""), str(message.target or "")
        if OPENID.fullmatch(person) is None:
            raise Unreadable("no sender")
        return Received(_meaning(message, person, name), account, person)
    except (ExpatError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unreadable(type(error).__name__) from None


def opens_window(incoming: Incoming) -> bool:
    """Whether it lets the account write by itself for two days: a resident's own message does."""
    return incoming.update_id.startswith(_MESSAGE)


def answer_xml(received: Received, text: str) -> str:
    """A passive answer of plain words."""
    safe = plain(text).replace("]]>", "]]]]><![CDATA[>")
    return str(TextReply(source=received.account, target=received.person, content=safe).render())


def plain(text: str) -> str:
    """`text` without what XML cannot hold."""
    return _NO_SIGN.sub("", text)


def _meaning(message: Any, person: str, name: Callable[..., str]) -> Incoming | MassResult | None:
    data: dict[str, Any] = message._data
    at = datetime.fromtimestamp(int(data["CreateTime"]), UTC)
    if data["MsgType"].lower() == "event":
        return _event(data, person, name, at)
    msg_id = str(data.get("MsgId") or data.get("MsgID") or "")
    update_id = f"{_MESSAGE}{msg_id}" if msg_id.isascii() and msg_id.isdigit() else ""
    if not update_id:
        return None
    kind, text = _said(data)
    return Incoming(CHANNEL, person, update_id[:128], kind, text, at)


def _said(data: dict[str, Any]) -> tuple[Kind, str]:
    kind = data["MsgType"].lower()
    if kind == "text":
        text = data.get("Content") or ""
        return ("sticker", "") if text.strip() in _STICKERS else ("text", text)
    if kind == "voice":
        return "voice", data.get("Recognition") or ""
    return _KINDS.get(kind, "unknown"), ""


def _event(
    data: dict[str, Any], person: str, name: Callable[..., str], at: datetime
) -> Incoming | MassResult | None:
    event, key = str(data["Event"]).lower(), str(data.get("EventKey") or "")
    update_id = _EVENT + name("wechat-event", person, str(data["CreateTime"]), event, key)[:40]
    if event == "masssendjobfinish":
        return MassResult(
            str(data.get("MsgID") or data.get("MsgId") or ""),
            str(data.get("Status") or "")[:40],
            _number(data.get("SentCount")),
            _number(data.get("ErrorCount")),
        )
    if event == "unsubscribe":
        return Incoming(CHANNEL, person, update_id, "blocked", "", at)
    if event.startswith("subscribe") or event == "scan":
        scene = key.removeprefix("qrscene_")
        return Incoming(CHANNEL, person, update_id, "text", f"/start {scene}".strip(), at)
    if event == "click":
        return Incoming(CHANNEL, person, update_id, "text", key, at)
    return None


def _number(value: object) -> int:
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else 0
