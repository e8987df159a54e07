"""Puts the channels together that this installation has: what Services, a worker and the command line need.

The libraries of a chat app load only where the channel is set up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from api.channels.addresses import AddressBook
from api.channels.confirming import Confirmations
from api.channels.health import ChannelHealth
from api.channels.updates import Updates
from api.clock import Clock
from api.keys import Keys
from api.settings import Settings
from api.web_channel.notices import NoticeStore
from campaigns.delivery.senders import Sender
from knowledge.journal import Journal

if TYPE_CHECKING:
    from api.channels.telegram.line import Line
    from api.channels.webhook import WebhookChannel
    from api.channels.wechat.assembling import WeChat


@dataclass(slots=True)
class ChannelParts:
    """`senders` are the channels that campaigns can use, by name; `telegram`, `wechat` and `webhook` are
    None where they are not set up."""

    addresses: AddressBook
    updates: Updates
    confirmations: Confirmations
    health: ChannelHealth
    senders: dict[str, Sender] = field(default_factory=dict)
    telegram: Line | None = None
    wechat: WeChat | None = None
    webhook: WebhookChannel | None = None
    closing: list[Callable[[], None]] = field(default_factory=list)

    def sweep(self, keep_days: int) -> None:
        """Forget what is kept no longer. Blocks."""
        self.addresses.sweep(keep_days)
        self.updates.sweep()
        if self.wechat is not None:
            self.wechat.sweep()

    def close(self) -> None:
        """Close connections. Blocks for a moment."""
        for close in self.closing:
            close()


def build_channels(
    settings: Settings, keys: Keys, engine: Engine, *, clock: Clock, journal: Journal, notices: NoticeStore
) -> ChannelParts:
    """Raises SettingsError where a channel's secret cannot be read."""
    parts = ChannelParts(
        addresses=AddressBook(engine, keys=keys, clock=clock),
        updates=Updates(engine, keys=keys, clock=clock),
        confirmations=Confirmations(engine, journal=journal, clock=clock),
        health=ChannelHealth(engine, clock=clock),
    )
    if settings.telegram_token_file is not None:
        from api.channels.telegram import CHANNEL
        from api.channels.telegram.line import Line, read_token
        from api.channels.telegram.sender import TelegramSender

        line = Line(read_token(settings.telegram_token_file), api_url=settings.telegram_api_url)
        parts.telegram = line
        parts.closing.append(line.stop)
        parts.senders[CHANNEL] = TelegramSender(
            line,
            addresses=parts.addresses,
            notices=notices,
            allowed=lambda: parts.confirmations.of(CHANNEL) is not None,
            site=settings.public_url,
        )
    if settings.wechat_keys_file is not None:
        from api.channels.wechat.assembling import build_wechat

        wechat = build_wechat(settings, keys, engine, addresses=parts.addresses, clock=clock, notices=notices)
        parts.wechat = wechat
        parts.closing.append(wechat.line.close)
        parts.senders[wechat.sender.channel] = wechat.sender
    if settings.webhook_url and settings.webhook_secret_file is not None:
        from api.channels.webhook import WebhookChannel, read_secret

        channel = WebhookChannel(
            settings.webhook_url,
            read_secret(settings.webhook_secret_file),
            site=settings.public_url,
            chat_of=parts.addresses.chat_of,
        )
        parts.webhook = channel
        parts.senders[channel.name] = channel
    return parts
