"""One message to each of a few people at once, through a sender that may do anything: what came of each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

import structlog

from campaigns.content import Rendered
from campaigns.delivery.model import Run
from campaigns.delivery.outcomes import outcome_of
from campaigns.delivery.senders import Outgoing, Refused, Sender, TakingMany
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
        ended, going = list[Ended](), list[tuple[Leased, Outgoing]]()
        for row in rows:
            content = self._content(row.district)
            if content is None:
                ended.append(Ended(row, Outcome("failed", "content")))
            else:
                going.append((row, self._outgoing(row, content)))
        calls = [going] if isinstance(self.sender, TakingMany) else [[one] for one in going]
        sending = {self._pool.submit(self._call, [out for _, out in call]): call for call in calls if call}
        over, late = wait(sending, timeout=self._timeout_s)
        if late:  # their threads are lost to us; what they still do must not hold up the others
            lost = sum(len(sending[call]) for call in late)
            log.error("sends_timed_out", channel=self.sender.channel, run=self.run.id, sends=lost)
            self.close()
            self._pool = ThreadPoolExecutor(self.at_once, thread_name_prefix="send")
        now, timeout = self._now(), Refused("unknown", "timeout")
        for call, made in sending.items():
            answers = call.result() if call in over else [timeout] * len(made)
            for (row, _), answer in zip(made, answers, strict=True):
                outcome = outcome_of(answer, attempts=row.attempts + 1, now=now)
                ended.append(Ended(row, outcome, _slowed(answer)))
        return ended

    def _outgoing(self, row: Leased, content: Rendered) -> Outgoing:
        return Outgoing(
            delivery_id=row.id,
            run_id=self.run.id,
            person=row.person,
            channel=self.sender.channel,
            content=content,
            idempotency_key=f"{self.run.id}:{row.id}",
        )

    def _call(self, deliveries: Sequence[Outgoing]) -> Sequence[object]:
        """One call of the sender: an answer for each, whatever a channel's library does."""
        try:
            if not isinstance(self.sender, TakingMany):
                return [self.sender.send(one) for one in deliveries]
            answers = list(self.sender.send_many(deliveries))
            if len(answers) == len(deliveries):
                return answers
            why = "nonsense"
        except Exception as error:  # noqa: BLE001 - nobody knows what it did
            why = type(error).__name__
        log.warning("send_failed", channel=self.sender.channel, why=why, sends=len(deliveries))
        return [Refused("unknown", why)] * len(deliveries)

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
