"""What runs in the app for its channels: the desk, what receives updates, what takes up those left behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from fastapi import FastAPI

from api.channels.desk import ChannelDesk
from api.channels.protocol import Channel
from api.channels.staff_replies import InChat
from api.conversation import Conversations
from api.services import Services

log = structlog.get_logger(__name__)
Loop = Callable[[], Coroutine[Any, Any, None]]


class Running:
    """Made with the app, so that its routes are there; runs while the app does."""

    def __init__(self, app: FastAPI, services: Services, conversations: Conversations) -> None:
        self.desk = ChannelDesk(services, conversations)
        self._services = services
        self._loops: list[Loop] = []
        self._closing: list[Loop] = []
        app.state.channel_desk = self.desk
        if services.channels.telegram is not None:
            self._loops += self._telegram(app)
        if services.channels.wechat is not None:
            self._loops += self._wechat(app)
        if services.channels.webhook is not None:
            self._loops += self._webhook(app)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(loop(), name="channel") for loop in self._loops]
        for task in tasks:
            task.add_done_callback(_log_end)
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for close in self._closing:
                await close()
            await self.desk.close()
            await asyncio.to_thread(self._services.channels.close)

    def _join(self, channel: Channel, allowed: Callable[[], bool] = lambda: True) -> list[Loop]:
        """Have the desk know the channel, and staff's replies reach it."""
        self.desk.join(channel)
        in_chat = InChat(channel.name, self.desk, self._services.channels.addresses, allowed)
        self._services.tickets.deliveries[channel.name] = in_chat
        return [partial(self.desk.watch, channel), partial(in_chat.post, self._services.tickets)]

    def _telegram(self, app: FastAPI) -> list[Loop]:
        from api.channels.telegram import CHANNEL
        from api.channels.telegram.buttons import Buttons
        from api.channels.telegram.channel import TelegramChannel
        from api.channels.telegram.receiving import TelegramReceiver, router

        services, line = self._services, self._services.channels.telegram
        assert line is not None
        channel = TelegramChannel(line, site=services.settings.public_url)
        confirmations = services.channels.confirmations
        loops = self._join(channel, allowed=lambda: confirmations.of(CHANNEL) is not None)
        receiver = TelegramReceiver(
            line,
            self.desk,
            channel=channel,
            buttons=Buttons(services, line),
            confirmations=confirmations,
            health=services.channels.health,
            clock=services.clock,
            secret=services.keys.derived("webhook", CHANNEL),
        )
        app.state.telegram = receiver
        if services.settings.telegram_updates == "webhook":
            app.include_router(router)
            loops.append(partial(receiver.announce, services.settings.public_url))
        elif services.settings.telegram_updates == "polling":
            loops.append(receiver.poll)
        return loops

    def _wechat(self, app: FastAPI) -> list[Loop]:
        from api.channels.wechat.channel import WeChatChannel
        from api.channels.wechat.envelope import Envelope
        from api.channels.wechat.receiving import WeChatReceiver, router

        services, wechat = self._services, self._services.channels.wechat
        assert wechat is not None
        addresses, updates = services.channels.addresses, services.channels.updates
        channel = WeChatChannel(
            wechat.line,
            abilities=wechat.abilities,
            addresses=addresses,
            windows=wechat.windows,
            waiting=wechat.waiting,
            site=services.settings.public_url,
        )
        loops = self._join(channel)
        receiver = WeChatReceiver(
            self.desk,
            channel=channel,
            envelope=Envelope(
                app_id=services.settings.wechat_app_id,
                token=wechat.credentials.token,
                aes_key=wechat.credentials.aes_key,
            ),
            abilities=wechat.abilities,
            addresses=addresses,
            updates=updates,
            waiting=wechat.waiting,
            mass=wechat.mass,
            keys=services.keys,
        )
        app.state.wechat = receiver
        app.include_router(router)
        self._closing.append(receiver.close)
        return loops

    def _webhook(self, app: FastAPI) -> list[Loop]:
        from api.channels.webhook import router

        channel = self._services.channels.webhook
        assert channel is not None
        app.include_router(router)
        return self._join(channel)


def _log_end(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("channel_stopped", loop=task.get_name(), exc_type=type(error).__name__)
