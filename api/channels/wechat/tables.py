"""The tables of WeChat: until when each chat may be written to, answers that wait, and mass sends.

No openid stands here: chats by the keyed hash of `channel_addresses`, people by their pseudonym.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKeyConstraint,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from api.store.tables import UtcDateTime, metadata

WAYS_KEPT_FOR = timedelta(days=7)
"""How long it is known by which way somebody got a run's message."""

wechat_windows = Table(
    "wechat_windows",
    metadata,
    Column("channel", String(32), nullable=False),
    Column("chat_key", String(64), nullable=False),
    Column("open_until", UtcDateTime, nullable=False),
    Column("messages_left", Integer, nullable=False),
    PrimaryKeyConstraint("channel", "chat_key"),
    ForeignKeyConstraint(
        ["channel", "chat_key"],
        ["channel_addresses.channel", "channel_addresses.chat_key"],
        ondelete="CASCADE",
    ),
)
"""Until when customer-service messages go to a chat, and how many. Gone with the chat's address."""

wechat_waiting = Table(
    "wechat_waiting",
    metadata,
    Column("chat_key", String(64), primary_key=True),
    Column("sealed", Text, nullable=True),
    Column("promised_at", UtcDateTime, nullable=False, index=True),
    Column("keep_until", UtcDateTime, nullable=True),
)
"""What a chat may fetch with 1: texts, sealed; none yet where an answer was promised and is not there.
`keep_until` where that is longer than a day."""

wechat_mass_sends = Table(
    "wechat_mass_sends",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("run_id", String(40), nullable=False),
    Column("state", String(16), nullable=False),
    Column("tag_id", Integer, nullable=True),
    Column("message_id", String(64), nullable=True, index=True),
    Column("reason", String(40), nullable=True),
    Column("result", JSON(none_as_null=True), nullable=True),
    Column("held_until", UtcDateTime, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime, nullable=True, index=True),
)
"""One text of one run to everybody with one tag. `state` is tagging, sending, sent or failed."""

wechat_ways = Table(
    "wechat_ways",
    metadata,
    Column("run_id", String(40), nullable=False),
    Column("person", String(64), nullable=False),
    Column("way", String(16), nullable=False),
    Column("mass_id", String(32), nullable=True, index=True),
    Column("tagged", Boolean, nullable=False),
    PrimaryKeyConstraint("run_id", "person"),
)
"""By which way a person gets a run's message, decided once: direct, mass, or gone."""
