"""Stamps the request id onto every `utter_*` reply: by it the app tells a complete turn from a broken one.

Owns nothing but the stamp: wording stands in bot/domain, and replies of actions carry their own.
"""

from __future__ import annotations

from typing import Any, Dict, Optional, Text

from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig


class StampedResponses(TemplatedNaturalLanguageGenerator):
    """Domain responses whose `custom` carries the request id of the message they answer."""

    def __init__(
        self, endpoint_config: Optional[EndpointConfig] = None, domain: Optional[Domain] = None
    ) -> None:
        super().__init__(domain.responses if domain else {})

    async def generate(
        self, utter_action: Text, tracker: DialogueStateTracker, output_channel: Text, **kwargs: Any
    ) -> Optional[Dict[Text, Any]]:
        response = await super().generate(utter_action, tracker, output_channel, **kwargs)
        request_id = request_id_of(tracker)
        if response is not None and request_id is not None and isinstance(response.get("custom"), dict):
            response["custom"]["request_id"] = request_id
        return response


def request_id_of(tracker: DialogueStateTracker) -> Optional[Text]:
    """The id that came with the latest message, or None (a message of the shell, say)."""
    message = tracker.latest_message
    return ((message.metadata if message is not None else None) or {}).get("request_id")
