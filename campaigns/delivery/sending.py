"""One message to each of a few people at once, through a sender that may do anything: what came of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

import structlog

from campaigns.content import Rendered
from campaigns.delivery.model import Run
from campaigns.delivery.outcomes import outcome_of
from campaigns.delivery.senders import Outgoing, Refused, Sender
from campaigns.errors import InvalidInput
from campaigns.rendering import names_for, render
from campaigns.store.outbox import Leased, Outcome

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ended:
    """A row and how it goes on. `slowed`: the channel named a time to wait, which is no fault of the run."""

    row: Leased
    outcome: Outcome
    slowed: bool = False


class Post:
    """One run on one channel. Rendered messages are kept by district: memory doesn't grow with recipients."""

    def __init__(self, run: Run, sender: Sender, *, timeout_s: float, now: Callable[[], datetime]) -> None:
        self.run, self.sender = run, sender
        self.at_once = max(1, sender.capabilities.concurrency)
        self._timeout_s, self._now = timeout_s, now
        self._rendered: dict[str | None, Rendered | None] = {}
        self._pool = ThreadPoolExecutor(self.at_once, thread_name_prefix="send")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def send(self, rows: Sequence[Leased]) -> list[Ended]:
        """At most `at_once` rows, all marked and committed. Never raises."""
        ended, sending = list[Ended](), dict[Future[object], Leased]()
        for row in rows:
            content = self._content(row.district)
            if content is None:
                ended.append(Ended(row, Outcome("failed", "content")))
            else:
                sending[self._pool.submit(self._one, row, content)] = row
        over, late = wait(sending, timeout=self._timeout_s)
        if late:  # their threads are lost to us; what they still do must not hold up the others
            log.error("sends_timed_out", channel=self.sender.channel, run=self.run.id, sends=len(late))
            self.close()
            self._pool = ThreadPoolExecutor(self.at_once, thread_name_prefix="send")
        answers = [(sending[one], one.result()) for one in over]
        answers += [(sending[one], Refused("unknown", "timeout")) for one in late]
        now = self._now()
        return ended + [
            Ended(row, outcome_of(answer, attempts=row.attempts + 1, now=now), _slowed(answer))
            for row, answer in answers
        ]

    def _one(self, row: Leased, content: Rendered) -> object:
        outgoing = Outgoing(
            delivery_id=row.id,
            run_id=self.run.id,
            person=row.person,
            channel=self.sender.channel,
            content=content,
            idempotency_key=f"{self.run.id}:{row.id}",
        )
        try:
            return self.sender.send(outgoing)
        except Exception as error:  # noqa: BLE001 - whatever a channel's library raises: nobody knows what it did
            log.warning("send_raised", channel=self.sender.channel, exc_type=type(error).__name__)
            return Refused("unknown", type(error).__name__)

    def _content(self, district: str | None) -> Rendered | None:
        """None where the channel's version cannot be made: nobody gets half a message."""
        if district not in self._rendered:
            able = self.sender.capabilities
            try:
                content = render(self.run.message, self.sender.channel, able, names_for(district))
                self._rendered[district] = content if len(content.text) <= able.longest_text else None
            except InvalidInput as error:
                log.error("not_rendered", run=self.run.id, channel=self.sender.channel, why=str(error))
                self._rendered[district] = None
        return self._rendered[district]


def _slowed(answer: object) -> bool:
    return isinstance(answer, Refused) and answer.kind == "retry" and answer.retry_after_s is not None


def persons_blocked(ended: Collection[Ended]) -> list[str]:
    """Who can no longer be reached on this channel."""
    return [each.row.person for each in ended if each.outcome == Outcome("failed", "blocked")]
