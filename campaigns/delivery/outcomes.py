"""What a channel's answer means for the row: total over everything a sender may return or raise."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from campaigns.delivery.senders import Refused, Sent
from campaigns.store.outbox import Outcome

MOST_ATTEMPTS = 8
FIRST_RETRY_S = 30.0
LONGEST_RETRY_S = 7 * 24 * 3600.0
_BACKOFF_AT_MOST_S = 3600.0
_LONGEST_REASON = 40


def outcome_of(answer: object, *, attempts: int, now: datetime) -> Outcome:
    """`attempts` includes the one that was answered. What is neither Sent nor Refused may have been taken."""
    if isinstance(answer, Sent):
        return Outcome("sent")
    if not isinstance(answer, Refused):
        return Outcome("unknown", "nonsense")
    reason = str(answer.reason)[:_LONGEST_REASON] or answer.kind
    if answer.kind == "blocked":
        return Outcome("failed", "blocked")
    if answer.kind == "permanent":
        return Outcome("failed", reason)
    if answer.kind == "retry":
        if attempts >= MOST_ATTEMPTS:
            return Outcome("failed", reason)
        return Outcome("queued", reason, now + timedelta(seconds=_retry_after_s(answer, attempts)))
    return Outcome("unknown", reason)


def _retry_after_s(answer: Refused, attempts: int) -> float:
    """What the channel asks for, within reason: from one second to a week; else longer after each attempt."""
    asked = answer.retry_after_s
    if isinstance(asked, int | float) and math.isfinite(asked) and asked > 0:
        return min(max(1.0, asked), LONGEST_RETRY_S)
    return min(FIRST_RETRY_S * 2.0 ** max(0, attempts - 1), _BACKOFF_AT_MOST_S)
