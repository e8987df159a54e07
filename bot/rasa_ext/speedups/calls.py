"""An action's call carries what is read, its connection stays open, its answer's validator is made once.

`RemoteAction._validate_action_result` checks the schema of the schema anew at every answer: 59 % of a
message in stock Rasa. A connection a call was 2 %. The whole conversation travelled to the action each
time, replies included: 51 kB after 15 turns; the app reads slots, the latest message and of the events at
most what `shortened` leaves.
"""

from __future__ import annotations

import asyncio
import weakref
from functools import lru_cache
from itertools import islice
from typing import Any

import aiohttp
import rasa
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import BotUttered, DefinePrevUserUtteredFeaturization, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

# More than a turn has: rasa_sdk's form validation looks back to the last action, ours don't at all.
EVENTS_SENT = 30
# Below the five seconds after which uvicorn closes an idle connection.
KEEP_ALIVE_S = 3.0

_stock_request = EndpointConfig.request
_stock_call_format = RemoteAction._action_call_format


def install() -> None:
    RemoteAction._validate_action_result = _validate_action_result
    RemoteAction._action_call_format = _action_call_format
    EndpointConfig.request = _request


@lru_cache(maxsize=1)
def _validator() -> Any:
    schema = RemoteAction.action_response_format_spec()
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    error = next(_validator().iter_errors(result), None)
    if error is not None:
        # Without the instance: it holds what the resident wrote, and the message ends in the log.
        raise ValidationError(
            f"The action server's response breaks the contract at {list(error.absolute_path)}."
        )
    return True


def _action_call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> dict[str, Any]:
    """Stock Rasa's call; of the events only the last, without what no action reads."""
    if not self._is_selective_domain_enabled() or domain.does_custom_action_explicitly_need_domain(
        self.name()
    ):
        return _stock_call_format(self, tracker, domain)
    state = tracker.current_state(EventVerbosity.NONE)
    events = tracker.events
    state["events"] = [
        short
        for event in islice(events, max(0, len(events) - EVENTS_SENT), None)
        if (short := shortened(event)) is not None
    ]
    return {
        "next_action": self._name,
        "sender_id": tracker.sender_id,
        "tracker": state,
        "version": rasa.__version__,
    }


def shortened(event: Event) -> dict[str, Any] | None:
    """An event as actions see it: messages without their analysis, replies without their cards.

    None for the policies' own bookkeeping.
    """
    if isinstance(event, DefinePrevUserUtteredFeaturization):
        return None
    if isinstance(event, UserUttered):
        return {
            "event": event.type_name,
            "timestamp": event.timestamp,
            "text": event.text,
            "metadata": event.metadata,
        }
    if isinstance(event, BotUttered):
        return {"event": event.type_name, "timestamp": event.timestamp, "text": event.text}
    return event.as_dict()


# One session a running loop; endpoints differ in headers alone, which travel with each request.
_sessions: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, aiohttp.ClientSession]" = (
    weakref.WeakKeyDictionary()
)


def _session() -> aiohttp.ClientSession:
    loop = asyncio.get_running_loop()
    session = _sessions.get(loop)
    if session is None or session.closed:
        session = _sessions[loop] = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_S),
            cookie_jar=aiohttp.DummyCookieJar(),
        )
    return session


async def close() -> None:
    """Closes what the running loop keeps open; called when the server stops."""
    session = _sessions.pop(asyncio.get_running_loop(), None)
    if session is not None:
        await session.close()


async def _request(
    self: EndpointConfig,
    method: str = "post",
    subpath: str | None = None,
    content_type: str | None = "application/json",
    compress: bool = False,
    **kwargs: Any,
) -> Any | None:
    """The stock request on a session that stays; anything but a plain one goes the stock way."""
    if subpath or compress or self.cafile or self.basic_auth or not content_type or not self.url:
        return await _stock_request(self, method, subpath, content_type, compress, **kwargs)
    headers = {"Content-Type": content_type, **kwargs.pop("headers", {}), **self.headers}
    params = self.combine_parameters(kwargs)
    async with _session().request(method, self.url, headers=headers, params=params, **kwargs) as response:
        if response.status >= 400:
            raise ClientResponseError(response.status, response.reason, await response.content.read())
        try:
            return await response.json()
        except aiohttp.ContentTypeError:
            return None
