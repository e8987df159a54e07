"""How old a request of WeChat's is when it is read: it has waited before that, where the app is busy.

WeChat stamps each request with its second. Its clock and ours may differ, so what counts is how much longer
ago a stamp lies than that of the fastest request of the last minutes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

COMPARED_FOR_S = 600.0
"""How long a fastest request stands for how the clocks differ; after twice that it is forgotten."""
HALF_A_SECOND = 0.5
"""A stamp is its second's beginning: on average the request is so much younger."""


class Ages:
    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._began, self._least, self._least_before = -math.inf, math.inf, math.inf

    def age_s(self, stamp: int) -> float:
        """The likely age of a request stamped with that second, half a second more or less; never below 0."""
        now = self._now()
        if not 0 <= now - self._began < COMPARED_FOR_S:
            self._least_before = self._least if now - self._began < 2 * COMPARED_FOR_S else math.inf
            self._began, self._least = now, math.inf
        behind = now - stamp
        self._least = min(self._least, behind)
        return max(0.0, behind - min(self._least, self._least_before) - HALF_A_SECOND)
