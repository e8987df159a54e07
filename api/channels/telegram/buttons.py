"""What a pressed button means: a thumb, a quiz, a pledge, or words as if they had been typed.

Each press is bound to the conversation of whom pressed it: a button below somebody else's message opens
nothing of theirs. Pressed twice, a thumb, a quiz or a pledge counts once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from telegram import InlineKeyboardMarkup
from telegram.error import TelegramError

from api.channels.addresses import Address
from api.channels.protocol import Incoming
from api.channels.telegram import CHANNEL
from api.channels.telegram.line import Bot, Line
from api.channels.telegram.reading import Pressed, group_of
from api.channels.telegram.showing import LONGEST, reasons
from api.channels.text import split, utf16
from api.channels.words import say
from api.feedback import UnknownReason
from api.services import Services
from api.store.tables import messages
from api.web_channel.notices import NoSuchOption

LONGEST_TOAST = 200
"""Signs of the small note that answers a press; longer ones are sent as a message."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`said` is words to be answered; `toast` is shown at once; `buttons` replace those that were pressed."""

    said: str | None = None
    toast: str = ""
    buttons: InlineKeyboardMarkup | None = None


class Buttons:
    def __init__(self, services: Services, line: Line) -> None:
        self._services, self._line = services, line

    def said(self, pressed: Pressed, outcome: Outcome) -> Incoming | None:
        """What the press says to the dialogue, None where it says nothing."""
        if outcome.said is None:
            return None
        now = self._services.clock.now()
        return Incoming(CHANNEL, pressed.chat, pressed.update_id, "text", outcome.said, now)

    async def answer(self, pressed: Pressed, outcome: Outcome) -> None:
        """Best effort: a press can be answered for some seconds only, and once."""
        long = len(outcome.toast) > LONGEST_TOAST
        place, _ = group_of(pressed.chat)

        async def answer(bot: Bot) -> None:
            await bot.answer_callback_query(pressed.answer_id, None if long else outcome.toast or None)

        async def say_it(bot: Bot) -> None:
            for part in split(outcome.toast, LONGEST, utf16):
                await bot.send_message(int(place), part)

        async def replace_buttons(bot: Bot) -> None:
            await bot.edit_message_reply_markup(int(place), pressed.message_id, reply_markup=outcome.buttons)

        asked = [answer]
        if long:
            asked.append(say_it)
        if outcome.buttons is not None and pressed.message_id is not None:
            asked.append(replace_buttons)
        for ask in asked:
            try:
                await self._line.do(ask)
            except TelegramError:
                continue

    def outcome(self, pressed: Pressed) -> Outcome:
        """What the press comes to; what it changes is changed. Blocks."""
        kind, _, rest = pressed.data.partition(":")
        if kind == "t" and rest:
            return Outcome(said=rest)
        address = self._services.channels.addresses.find(CHANNEL, pressed.chat)
        parts = rest.split(":")
        if address is not None and parts[0]:
            match kind, parts:
                case "r", [reply_id, at] if at.isdecimal():
                    return self._choice(address, reply_id, int(at))
                case "f", [reply_id, ("0" | "1") as useful]:
                    return self._judge(address, reply_id, useful == "1", None)
                case "f", [reply_id, "0", reason]:
                    return self._judge(address, reply_id, False, reason)
                case "n", [notice_id, at] if at.isdecimal():
                    return self._quick_reply(address, notice_id, int(at))
                case "q", [notice_id, at] if at.isdecimal():
                    return self._quiz(address, notice_id, int(at))
                case "p", [notice_id]:
                    return self._pledge(address, notice_id)
        return Outcome(toast=say("choice_gone"))

    def _reply(self, address: Address, reply_id: str) -> dict[str, object] | None:
        found = select(messages.c.reply).where(
            messages.c.id == reply_id,
            messages.c.conversation_id == address.conversation_id,
            messages.c.role == "assistant",
        )
        with self._services.engine.connect() as connection:
            reply: dict[str, object] | None = connection.scalar(found)
        return reply

    def _choice(self, address: Address, reply_id: str, at: int) -> Outcome:
        choices = (self._reply(address, reply_id) or {}).get("suggestions")
        if not isinstance(choices, list) or at >= len(choices):
            return Outcome(toast=say("choice_gone"))
        return Outcome(said=str(choices[at]["message"]))

    def _judge(self, address: Address, reply_id: str, useful: bool, reason: str | None) -> Outcome:
        if self._reply(address, reply_id) is None:
            return Outcome(toast=say("judged_before"))
        try:
            self._services.feedback.judge(reply_id, useful=useful, reason=reason)
        except UnknownReason:
            return Outcome(toast=say("choice_gone"))
        if useful:
            return Outcome(toast=say("thanks_useful"))
        if reason is None:
            return Outcome(toast=say("thanks_not_useful"), buttons=reasons(reply_id))
        return Outcome(toast=say("thanks_reason"), buttons=InlineKeyboardMarkup(()))

    def _quick_reply(self, address: Address, notice_id: str, at: int) -> Outcome:
        notice = self._services.web_channel.notices.one(address.conversation_id, notice_id)
        if notice is None or at >= len(notice.content.quick_replies):
            return Outcome(toast=say("choice_gone"))
        return Outcome(said=notice.content.quick_replies[at])

    def _quiz(self, address: Address, notice_id: str, option: int) -> Outcome:
        try:
            notice = self._services.web_channel.notices.answer(address.conversation_id, notice_id, option)
        except NoSuchOption:
            notice = None
        if notice is None or notice.content.quiz is None:
            return Outcome(toast=say("choice_gone"))
        quiz = notice.content.quiz
        key = "quiz_right" if notice.chosen == quiz.right else "quiz_wrong"
        return Outcome(toast=say(key, explanation=quiz.explanation, answer=quiz.options[quiz.right]))

    def _pledge(self, address: Address, notice_id: str) -> Outcome:
        notice = self._services.web_channel.notices.pledge(address.conversation_id, notice_id)
        return Outcome(toast=say("choice_gone" if notice is None else "pledged"))
