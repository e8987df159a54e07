"""The web channel as campaigns see it: sending is keeping a notice in the resident's conversation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import OperationalError

from api.web_channel.notices import NoticeStore
from campaigns.delivery.senders import Capabilities, Outgoing, Refused, Sent

CHANNEL = "web"
LONGEST_TEXT = 1000
PER_SECOND = 375.0
"""The database takes more; a fifth of it is kept free, so that 300 a second go out beside residents' turns
(`python -m bench.replies` measures what that does to them)."""
RETRY_S = 5.0


class WebSender:
    """Idempotent by the delivery's key: whatever is sent twice is kept once, so a failure of the database is
    always safe to try again."""

    channel = CHANNEL
    capabilities = Capabilities(
        pictures=True,
        links=True,
        quick_replies=True,
        quiz=True,
        longest_text=LONGEST_TEXT,
        per_second=PER_SECOND,
        tells_opened=True,
        concurrency=16,
    )

    def __init__(self, notices: NoticeStore) -> None:
        self._notices = notices

    def send(self, delivery: Outgoing) -> Sent | Refused:
        return self.send_many([delivery])[0]

    def send_many(self, deliveries: Sequence[Outgoing]) -> list[Sent | Refused]:
        """In one transaction: a commit a notice would hold residents' turns up."""
        try:
            kept = self._notices.keep_all(deliveries)
        except OperationalError:
            return [Refused("retry", "database_busy", RETRY_S)] * len(deliveries)
        return [Refused("blocked", "conversation_gone") if one == "nobody" else Sent() for one in kept]
