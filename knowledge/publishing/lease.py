"""One publisher at a time, whichever process it is in: a row that is held, renewed and given back.

Every step is one guarded UPDATE. A holder that dies loses the row at once to another process of its machine,
which sees that it is gone, and else when its time is over; one that was too slow finds out before it commits,
in the transaction of the commit.
"""

from __future__ import annotations

import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, Engine, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from knowledge.publishing.errors import Busy
from knowledge.publishing.wording import say
from knowledge.store.publishing_tables import LeaseRow

NAME = "publishing"
HELD_FOR = timedelta(seconds=60)
SYSTEM = "system"
"""Whoever no person is: upkeep, and what was scheduled."""
PATIENCE_S = 15.0
LOOK_EVERY_S = 0.1
_THIS = secrets.token_hex(8)
"""Tells this process from an earlier one that had the same number."""


class Lease:
    def __init__(self, engine: Engine, *, now: Callable[[], datetime]) -> None:
        self._engine, self._now = engine, now

    @contextmanager
    def held(self, by: str) -> Iterator[Hold]:
        """Raises Busy, which names the holder. Upkeep is waited for: it takes seconds and nobody asked it."""
        holder = f"{socket.gethostname()[:80]} {os.getpid()} {_THIS} {secrets.token_hex(8)}"
        hold = Hold(self._engine, holder, self._now)
        waited_until = time.monotonic() + (0 if by == SYSTEM else PATIENCE_S)
        while not self._take(hold.holder, by):
            other = self.holder() or ""
            if other != SYSTEM or time.monotonic() > waited_until:
                raise Busy(say("busy", by=other))
            time.sleep(LOOK_EVERY_S)
        try:
            yield hold
        finally:
            hold.give_back()

    def holder(self) -> str | None:
        """Who publishes at this moment."""
        with Session(self._engine) as session:
            row = session.get(LeaseRow, NAME)
            held = row is not None and row.until > self._now() and not _is_gone(row.holder)
            return row.by if row is not None and held else None

    def _take(self, holder: str, by: str) -> bool:
        now = self._now()
        try:
            with Session(self._engine) as session:
                session.connection(execution_options={"immediate": True})
                if session.get(LeaseRow, NAME) is None:
                    session.execute(
                        insert(LeaseRow).values(name=NAME, holder="", by="", until=now - HELD_FOR)
                    )
                    session.commit()
        except IntegrityError:
            pass  # another process made the row; whose turn it is is decided below
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            seen = session.scalar(select(LeaseRow.holder).where(LeaseRow.name == NAME)) or ""
            over = LeaseRow.until <= now
            taken = session.execute(
                update(LeaseRow)
                .where(LeaseRow.name == NAME, or_(over, LeaseRow.holder == seen) if _is_gone(seen) else over)
                .values(holder=holder, by=by, until=now + HELD_FOR)
            )
            session.commit()
            assert isinstance(taken, CursorResult)
            return taken.rowcount == 1


class Hold:
    """The lease in one holder's hands."""

    def __init__(self, engine: Engine, holder: str, now: Callable[[], datetime]) -> None:
        self._engine, self.holder, self._now = engine, holder, now

    def renew(self) -> None:
        """Raises Busy where somebody else has taken over."""
        with Session(self._engine) as session:
            self.check(session)
            session.commit()

    def check(self, session: Session) -> None:
        """Renew within a transaction: what it commits is ours alone. Raises Busy."""
        renewed = session.execute(
            update(LeaseRow)
            .where(LeaseRow.name == NAME, LeaseRow.holder == self.holder)
            .values(until=self._now() + HELD_FOR)
        )
        assert isinstance(renewed, CursorResult)
        if renewed.rowcount != 1:
            raise Busy(say("lease_lost"))

    def give_back(self) -> None:
        with Session(self._engine) as session:
            session.execute(
                update(LeaseRow)
                .where(LeaseRow.name == NAME, LeaseRow.holder == self.holder)
                .values(holder="", until=self._now() - timedelta(seconds=1))
            )
            session.commit()


def _is_gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that is no more."""
    host, _, rest = holder.partition(" ")
    number, _, rest = rest.partition(" ")
    if host != socket.gethostname()[:80] or not number.isdecimal():
        return False
    if int(number) == os.getpid():
        return rest.partition(" ")[0] != _THIS
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
