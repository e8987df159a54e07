"""Telegram as the desk sees it: delivering replies to a chat."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from telegram import LinkPreviewOptions, ReplyParameters
from telegram.error import TelegramError

from actions.replies import Reply
from api.channels.protocol import Incoming, Undelivered, Unreachable
from api.channels.telegram import CHANNEL
from api.channels.telegram.line import Bot, Line, Urgency, failure_of
from api.channels.telegram.reading import group_of
from api.channels.telegram.showing import Shown, show
from campaigns.delivery.senders import Capabilities

LONGEST_TEXT = 3000
"""Of a campaign's text: what quiz, pledge and links add must fit beside it."""
PER_SECOND = 25.0
"""Below the 30 a second that Telegram takes from a bot; a fifth is kept for replies."""
AGAIN_S = (0.5, 2.0)
"""When a message that was surely not taken is tried again."""

CAPABILITIES = Capabilities(
    pictures=True,
    links=True,
    quick_replies=True,
    quiz=True,
    longest_text=LONGEST_TEXT,
    per_second=PER_SECOND,
    concurrency=8,
)


class TelegramChannel:
    name = CHANNEL
    capabilities = CAPABILITIES

    def __init__(self, line: Line, *, site: str) -> None:
        """`site` is the app's public address, which citations lead to; empty for none."""
        self._line, self._site = line, site

    async def deliver(self, chat: str, replies: Sequence[Reply], *, in_reply_to: Incoming | None) -> None:
        """Raises Unreachable, Undelivered; what follows a message that did not arrive is not sent."""
        answers = in_reply_to.reply_to if in_reply_to else ""
        for reply in replies:
            for shown in show(reply, site=self._site):
                await self._send(chat, shown, answers)
                answers = ""

    async def typing(self, chat: str) -> None:
        """Shows that an answer is being written; where that fails, nobody misses it."""
        place, _ = group_of(chat)
        try:
            await self._line.do(lambda bot: bot.send_chat_action(int(place), "typing"))
        except TelegramError:
            return

    async def _send(self, chat: str, shown: Shown, answers: str) -> None:
        place, _ = group_of(chat)
        for again_s in (*AGAIN_S, None):
            try:
                await self._line.do(lambda bot: send(bot, int(place), shown, answers=answers))
                return
            except TelegramError as error:
                failure = failure_of(error)
            if failure.kind != "unsent" or again_s is None:
                break
            await asyncio.sleep(again_s)
        if failure.kind == "gone":
            raise Unreachable(failure.reason)
        raise Undelivered(failure.reason)


async def send(bot: Bot, place: int, shown: Shown, *, answers: str = "", urgency: Urgency = "reply") -> None:
    """One message; a picture stands above it as the preview of its address. Raises TelegramError."""
    if shown.picture:
        preview = LinkPreviewOptions(url=shown.picture, show_above_text=True, prefer_large_media=True)
    else:
        preview = LinkPreviewOptions(is_disabled=True)
    behind = ReplyParameters(int(answers), allow_sending_without_reply=True) if answers else None
    with suppress(TypeError, ValueError, KeyError, OverflowError):  # taken, and then described unreadably
        await bot.send_message(
            place,
            shown.html,
            parse_mode="HTML",
            link_preview_options=preview,
            reply_markup=shown.buttons,
            reply_parameters=behind,
            rate_limit_args=urgency,
        )
