"""A test send: what stands in a draft, through the real channel, to a conversation of the tester's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from api.campaigning.words import say
from campaigns.delivery.senders import Outgoing, Sender, Sent
from campaigns.errors import InvalidInput, NotAllowed, shown
from campaigns.planning.model import Campaign
from campaigns.planning.service import Campaigns
from campaigns.rendering import names_for, render

TEST_RUN = "test-"
"""How the run of a test send begins: there is no such run, so nothing of it is counted."""


class TestSends:
    """`pseudonym` turns a conversation's id into the person that channels know."""

    __test__ = False  # pytest takes the name for a test's otherwise

    def __init__(
        self, campaigns: Campaigns, senders: Mapping[str, Sender], *, pseudonym: Callable[[str], str]
    ) -> None:
        self._campaigns, self._senders, self._pseudonym = campaigns, senders, pseudonym

    def send(
        self, campaign_id: str, *, channel: str, conversation: str, district: str | None, by: str, key: str
    ) -> Campaign:
        """Send it, and note that what stands now was tested. The same key sends once.

        Raises InvalidInput for a channel that is not there, NotAllowed where the channel didn't take it.
        """
        sender = self._senders.get(channel)
        if sender is None:
            known = "、".join(sorted(self._senders)) or "—"
            raise InvalidInput(say("test_no_channel", channel=shown(channel), known=known))
        if not isinstance(conversation, str) or not conversation.strip():
            raise InvalidInput(say("test_no_conversation"))
        campaign = self._campaigns.read(campaign_id)
        content = render(campaign.message, channel, sender.capabilities, names_for(district))
        outcome = sender.send(
            Outgoing(
                delivery_id=0,
                run_id=f"{TEST_RUN}{campaign.id[:32]}",
                person=self._pseudonym(conversation.strip()),
                channel=channel,
                content=content,
                idempotency_key=f"test-{campaign.frozen_hash[:16]}-{key}"[:64],
            )
        )
        if not isinstance(outcome, Sent):
            raise NotAllowed(say("test_refused", channel=channel, reason=outcome.reason))
        return self._campaigns.tested(campaign_id, hash=campaign.frozen_hash, by=by, key=key, note=channel)
