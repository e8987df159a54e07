"""What an update of Telegram's says: a message, a button that was pressed, or nothing for the assistant.

In a group somebody must mean the bot: by its name, a command, or in reply to it. There each person has a chat
of their own, `group/person`, so that nobody goes on with another's conversation. Reads no names of people.
"""

from __future__ import annotations

from dataclasses import dataclass

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update

from api.channels.protocol import Incoming, Kind
from api.channels.telegram import CHANNEL
from api.clock import Clock

COMMANDS = frozenset({"start", "help", "subscribe", "unsubscribe", "topics", "privacy", "export"})
_OUT = frozenset({"left", "kicked"})


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself; `username` without the @."""

    id: int
    username: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button below a message. `answer_id` answers the press itself; `message_id` is the message's."""

    update_id: str
    chat: str
    answer_id: str
    data: str
    message_id: int | None


def read(update: Update, me: Me, clock: Clock) -> Incoming | Pressed | None:
    """None for what is not for the assistant: an unknown type, talk in a group, a change of the group."""
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _membership(update.update_id, update.my_chat_member)
    message = update.message or update.edited_message
    if message is None:
        return None
    return _message(update.update_id, message, me, clock, edited=update.edited_message is not None)


def group_of(chat: str) -> tuple[str, str]:
    """Where to send for `chat`, and whom it belongs to: the same in private."""
    place, _, person = chat.partition("/")
    return place, person or place


def _pressed(update_id: int, query: CallbackQuery) -> Pressed | None:
    if query.message is None or not query.data:
        return None
    private = query.message.chat.type == "private"
    chat = str(query.message.chat.id) if private else f"{query.message.chat.id}/{query.from_user.id}"
    return Pressed(str(update_id), chat, query.id, query.data, query.message.message_id)


def _membership(update_id: int, change: ChatMemberUpdated) -> Incoming | None:
    before, after = change.old_chat_member.status, change.new_chat_member.status
    kind: Kind
    if after in _OUT:
        kind = "blocked"
    elif before not in _OUT:
        return None
    else:
        kind = "unblocked" if change.chat.type == "private" else "joined"
    if kind == "unblocked" and before != "kicked":
        return None
    return Incoming(CHANNEL, str(change.chat.id), str(update_id), kind, "", change.date)


def _message(update_id: int, message: Message, me: Me, clock: Clock, *, edited: bool) -> Incoming | None:
    if message.from_user is None or message.from_user.is_bot:
        return None
    kind = _kind(message)
    if kind is None:
        return None
    text = message.text or message.caption or ""
    private = message.chat.type == "private"
    chat = str(message.chat.id)
    if not private:
        if not _means_me(message, text, me):
            return None
        chat = f"{chat}/{message.from_user.id}"
    return Incoming(
        channel=CHANNEL,
        chat=chat,
        update_id=str(update_id),
        kind="edited" if edited else kind,
        text=_plain(text, me),
        received_at=message.edit_date or message.date or clock.now(),
        reply_to="" if private and not edited else str(message.message_id),
    )


def _kind(message: Message) -> Kind | None:
    if message.text is not None:
        return "text"
    if message.sticker or message.animation or message.dice:
        return "sticker"
    if message.voice or message.audio or message.video_note:
        return "voice"
    if message.photo or message.video:
        return "photo"
    if message.document:
        return "file"
    if message.contact or message.location or message.poll or message.venue or message.story:
        return "unknown"
    return None if _is_of_the_chat(message) else "unknown"


def _is_of_the_chat(message: Message) -> bool:
    """Whether Telegram itself tells of a change of the chat: nobody has said anything."""
    return bool(
        message.new_chat_members
        or message.left_chat_member
        or message.new_chat_title
        or message.new_chat_photo
        or message.delete_chat_photo
        or message.group_chat_created
        or message.supergroup_chat_created
        or message.channel_chat_created
        or message.migrate_to_chat_id
        or message.migrate_from_chat_id
        or message.pinned_message
        or message.message_auto_delete_timer_changed
        or message.forum_topic_created
        or message.forum_topic_edited
        or message.forum_topic_closed
        or message.video_chat_started
        or message.video_chat_ended
    )


def _means_me(message: Message, text: str, me: Me) -> bool:
    replied = message.reply_to_message
    if replied is not None and replied.from_user is not None and replied.from_user.id == me.id:
        return True
    name = f"@{me.username}".lower()
    if text.startswith("/"):
        command, _, addressee = (
            text[1:].split(maxsplit=1)[0].partition("@") if text[1:].strip() else ("",) * 3
        )
        return f"@{addressee}".lower() == name if addressee else command.lower() in COMMANDS
    entities = message.parse_entities(["mention"]) or message.parse_caption_entities(["mention"])
    return any(mention.lower() == name for mention in entities.values())


def _plain(text: str, me: Me) -> str:
    """Without the bot's name, wherever it stands."""
    name, found = f"@{me.username}".lower(), text.lower()
    while me.username and (at := found.find(name)) >= 0:
        text = text[:at] + text[at + len(name) :]
        found = text.lower()
    return text.strip()
