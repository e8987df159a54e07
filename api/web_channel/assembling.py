"""Puts the web channel together from what the app has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine

from api.clock import Clock
from api.web_channel.aftermath import Aftermath
from api.web_channel.links import Links
from api.web_channel.notices import NoticeStore
from api.web_channel.pictures import Pictures
from api.web_channel.sender import WebSender
from api.web_channel.showing import Showing
from knowledge.model import Knowledge


@dataclass(frozen=True, slots=True)
class WebChannel:
    notices: NoticeStore
    sender: WebSender
    links: Links
    pictures: Pictures
    showing: Showing
    aftermath: Aftermath


def build_web_channel(
    engine: Engine, *, clock: Clock, knowledge: Callable[[], Knowledge | None]
) -> WebChannel:
    """`knowledge` gives what is published at this moment, None while there is no snapshot."""
    notices, links = NoticeStore(engine, clock=clock), Links(engine, clock=clock)
    return WebChannel(
        notices=notices,
        sender=WebSender(notices),
        links=links,
        pictures=Pictures(engine, clock=clock),
        showing=Showing(links, knowledge=knowledge, clock=clock),
        aftermath=Aftermath(notices, engine, clock=clock),
    )
