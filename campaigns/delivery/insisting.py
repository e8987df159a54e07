"""Doing a piece of database work until it is done, through a database that is gone for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

log = structlog.get_logger(__name__)

DATABASE_GONE = (OperationalError, InterfaceError, NoConnection)
_WAITS_S = (0.1, 0.3, 1.0, 2.0, 5.0)
T = TypeVar("T")


class Stop(Protocol):
    """A request to stop, as `threading.Event` is one."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float | None = None) -> bool: ...


def insist(work: Callable[[], T], stop: Stop, *, patience_s: float) -> T:
    """The result of `work`, which must be safe to do twice. Raises what it raised last, `patience_s` after
    `stop` was set; without that it goes on for as long as the database is gone."""
    attempt, give_up_at = 0, float("inf")
    while True:
        try:
            return work()
        except DATABASE_GONE as error:
            if stop.is_set():
                give_up_at = min(give_up_at, time.monotonic() + patience_s)
            if time.monotonic() >= give_up_at:
                raise
            wait_s = _WAITS_S[min(attempt, len(_WAITS_S) - 1)]
            attempt += 1
            log.warning("database_gone", exc_type=type(error).__name__, wait_s=wait_s)
            (threading.Event() if stop.is_set() else stop).wait(wait_s)
