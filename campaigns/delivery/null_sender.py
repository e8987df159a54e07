"""A channel that takes everything and delivers it nowhere: for benchmarks, tests and rehearsals."""

from __future__ import annotations

from campaigns.delivery.senders import Capabilities, Outgoing, Refused, Sent

CHANNEL = "null"


class NullSender:
    """`sent` counts what it took."""

    def __init__(
        self, channel: str = CHANNEL, *, per_second: float = 1_000_000.0, concurrency: int = 16
    ) -> None:
        self._channel = channel
        self._capabilities = Capabilities(
            pictures=True,
            links=True,
            quick_replies=True,
            quiz=True,
            longest_text=4000,
            per_second=per_second,
            concurrency=concurrency,
        )
        self.sent = 0

    @property
    def channel(self) -> str:
        return self._channel

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    def send(self, delivery: Outgoing) -> Sent | Refused:
        self.sent += 1
        return Sent()
