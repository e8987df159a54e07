"""When to leave a part that fails alone, so that its slowness does not become everybody's.

A time-out opens the breaker at once, quick failures only in a row: they cost nobody time. While it is open
callers go elsewhere; after `retry_s` one caller may probe. Knows nothing of what it guards.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

Permit = Literal["go", "probe", "no"]

QUICK_FAILURES = 3
LONGEST_RETRY_S = 30.0


class Breaker:
    """`slow_s`: a failure that took longer opens at once. The wait doubles with each failed probe."""

    def __init__(
        self, *, retry_s: float, slow_s: float = 0.5, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._retry_s, self._slow_s, self._monotonic = retry_s, slow_s, monotonic
        self._failures = 0
        self._wait_s = retry_s
        self._closed_until: float | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        return self._closed_until is not None

    def permit(self) -> Permit:
        """Whether to call now. Who gets "probe" must report `succeeded` or `failed`."""
        if self._closed_until is None:
            return "go"
        if self._probing or self._monotonic() < self._closed_until:
            return "no"
        self._probing = True
        return "probe"

    def succeeded(self) -> None:
        self._failures = 0
        self._wait_s = self._retry_s
        self._closed_until = None
        self._probing = False

    def failed(self, took_s: float) -> None:
        self._failures += 1
        if self._probing:
            self._probing = False
            self._wait_s = min(self._wait_s * 2, max(LONGEST_RETRY_S, self._retry_s))
        elif took_s < self._slow_s and self._failures < QUICK_FAILURES:
            return
        self._closed_until = self._monotonic() + self._wait_s
