"""Rasa's SQL tracker store: conversations in use stay in memory, every turn is on disk before it is answered.

Stock Rasa reads the whole session back for each message, counts it before each save and lets SQLite wait
for the disk: 36 % of a message after the first speed-ups, growing with the conversation. Here a
conversation is read once and its new events are appended in one statement. Whatever is kept in memory is
used only if the database's last event of that conversation is still the one this process wrote, so that
another process may write too.

On SQLite the write-ahead log with `synchronous=NORMAL` means that a killed process loses nothing and a loss
of power the last turns, never the file. What residents said is kept by the app; here stands only what Rasa
needs to go on. The stored events are stock Rasa's: a stock Rasa goes on with this database and the other
way round. On another version of Rasa than the speed-ups are made for, this is the stock store with that
SQLite setting.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from itertools import islice
from typing import Any

import rasa
import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import Event, SessionStarted
from rasa.shared.core.trackers import DialogueStateTracker

from bot.rasa_ext.sessions import begun_again
from bot.rasa_ext.speedups import made_for
from bot.rasa_ext.speedups.trackers import forget_place

# How many events all conversations in memory may hold together: some 50 MB.
EVENTS_IN_MEMORY = 20_000


@dataclass
class _Stored:
    """What of a tracker is in the database: its first `events` events, the last of them in row `last_id`."""

    events: int
    last_id: int | None


class ConversationStore(SQLTrackerStore):
    """The stock store, faster; see the module."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.engine.dialect.name == "sqlite":
            url = self.engine.url
            self.engine.dispose()
            # Stock opens a connection for every access; closing the last one flushes the log to the disk.
            self.engine = sa.create_engine(
                url, poolclass=sa.pool.QueuePool, connect_args={"check_same_thread": False}
            )
            sa.event.listen(self.engine, "connect", _without_waiting)
            self.sessionmaker = sa.orm.session.sessionmaker(bind=self.engine)
        # With a broker stock Rasa compares with what is stored to see what is new; that is left to it.
        self._fast = made_for(rasa.__version__) and self.event_broker is None
        self._kept: OrderedDict[str, DialogueStateTracker] = OrderedDict()
        self._kept_events = 0
        self._table = self.SQLEvent.__table__
        sender, number = self._table.c.sender_id == sa.bindparam("sender"), self._table.c.id
        self._last_id = sa.select([sa.func.max(number)]).where(sender)
        self._written = sa.select([sa.func.count(number), sa.func.max(number)]).where(
            sender, number >= sa.bindparam("after")
        )

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation's present session. Whoever gets it has it alone until it is saved."""
        if not self._fast:
            return await super().retrieve(sender_id)
        kept = self._take(sender_id)
        with self.engine.connect() as connection:
            last_id = connection.execute(self._last_id, {"sender": sender_id}).scalar()
        if last_id is None:
            return None
        if kept is not None and kept.stored.last_id == last_id:
            return kept
        tracker = await super().retrieve(sender_id)
        if tracker is not None:
            tracker.stored = _Stored(len(tracker.events), last_id)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Appends what is new; a session grown long is followed by a short one that goes on from it."""
        stored: _Stored | None = tracker.__dict__.get("stored")
        if self._fast and stored is None and not tracker.events:
            tracker.stored = _Stored(0, None)  # just made: the conversation's first message
            return
        if not self._fast or stored is None or tracker.events.maxlen is not None:
            self._take(tracker.sender_id)
            await super().save(tracker)
            return
        fresh = list(islice(tracker.events, stored.events, None))
        if not fresh:
            if stored.last_id is not None:
                self._keep(tracker, stored.last_id)
            return
        follower = begun_again(tracker, self.domain)
        if follower is not None:
            fresh += follower.events
        with self.engine.begin() as connection:
            connection.execute(self._table.insert(), [_row(tracker.sender_id, event) for event in fresh])
            after = {"sender": tracker.sender_id, "after": stored.last_id or 0}
            written, last_id = connection.execute(self._written, after).one()
        # More, and another process wrote meanwhile; less, and the conversation was deleted.
        if written == len(fresh) + (stored.last_id is not None):
            self._keep(follower or tracker, last_id)

    def delete(self, sender_id: str) -> None:
        """Every event of a conversation, all its sessions; nothing where there is none."""
        self._take(sender_id)
        with self.engine.begin() as connection:
            connection.execute(self._table.delete().where(self._table.c.sender_id == sender_id))

    def _take(self, sender_id: str) -> DialogueStateTracker | None:
        tracker = self._kept.pop(sender_id, None)
        if tracker is not None:
            self._kept_events -= len(tracker.events)
        return tracker if tracker is not None and tracker.domain_seen is self.domain else None

    def _keep(self, tracker: DialogueStateTracker, last_id: int) -> None:
        _cut_to_session(tracker)
        tracker.stored = _Stored(len(tracker.events), last_id)
        tracker.domain_seen = self.domain
        self._take(tracker.sender_id)
        self._kept[tracker.sender_id] = tracker
        self._kept_events += len(tracker.events)
        while self._kept_events > EVENTS_IN_MEMORY:
            self._take(next(iter(self._kept)))


def _cut_to_session(tracker: DialogueStateTracker) -> None:
    """Leaves what would be read back: what follows the last session's start, before which nothing counts."""
    starts = [place for place, event in enumerate(tracker.events) if isinstance(event, SessionStarted)]
    for _ in range(starts[-1] if starts else 0):
        tracker.events.popleft()
    forget_place(tracker)


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _without_waiting(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
