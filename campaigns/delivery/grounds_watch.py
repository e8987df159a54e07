"""Whether what a message rests on still holds, asked often enough to matter and not at every batch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from campaigns.content import Message
from campaigns.grounds import Grounds
from campaigns.planning.checks import cited
from campaigns.planning.schedule import local_day
from campaigns.words import say

ASKED_EVERY_S = 5.0


class GroundsWatch:
    def __init__(
        self, grounds: Grounds, *, now: Callable[[], datetime], monotonic: Callable[[], float]
    ) -> None:
        self._grounds, self._now, self._monotonic = grounds, now, monotonic
        self._good_until: dict[str, float] = {}

    def problem(self, message: Message, *, fresh: bool = False) -> str | None:
        """Why the message may not go out today, in words; None while all it cites is in force."""
        key, moment = message.hash, self._monotonic()
        if not fresh and self._good_until.get(key, moment) > moment:
            return None
        found = self._grounds.problems(cited(message), local_day(self._now()))
        if found:
            self._good_until.pop(key, None)
            return "；".join(say("run_grounds", clause=clause, why=why) for clause, why in found.items())
        self._good_until = {k: at for k, at in self._good_until.items() if at > moment}
        self._good_until[key] = moment + ASKED_EVERY_S
        return None
