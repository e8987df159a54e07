"""What staff hand in, checked and in the form in which it is stored, with the hash that an approval binds."""

from __future__ import annotations

from typing import Any

from campaigns.audience import audience_from
from campaigns.content import message_from
from campaigns.errors import InvalidInput, shown
from campaigns.offer import Offer
from campaigns.planning.model import frozen
from campaigns.planning.schedule import schedule_from
from campaigns.words import say

LONGEST_TITLE = 120


def checked(
    title: object, content: object, audience: object, schedule: object, offer: Offer
) -> dict[str, Any]:
    """The columns of a campaign from its forms. Raises InvalidInput naming the field that is wrong."""
    if not isinstance(title, str) or not title.strip() or len(title) > LONGEST_TITLE:
        raise InvalidInput(say("title_shape", value=shown(title), most=LONGEST_TITLE))
    message, whom, when = message_from(content), audience_from(audience, offer), schedule_from(schedule)
    return {
        "title": title.strip(),
        "content": message.as_json(),
        "audience": whom.as_json(),
        "schedule": when.as_json(),
        "frozen_hash": frozen(message, whom, when),
    }
