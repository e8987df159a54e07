"""Keeps a conversation's present session short: it ends where it has grown long and begins again from its
state.

Everything Rasa does for a message grows with its session. A session of more than LONG events is followed by
a new one, in stock Rasa's own events: the slots and the active form as they were, then the last turns once
more, so that rules, forms and actions look back as before. Nothing is begun again unless the new session
leads to exactly the state of the old one.
"""

from __future__ import annotations

import copy
import dataclasses
import time
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

LONG = 160
# More than any rule or form looks back.
REPEATED = 40
STEP_S = 1e-6


def begun_again(tracker: DialogueStateTracker, domain: Domain) -> DialogueStateTracker | None:
    """The session to go on with, all of its events new; None where the present one is to stay."""
    if len(tracker.events) <= LONG or tracker.latest_action_name != ACTION_LISTEN_NAME:
        return None
    events = list(tracker.events)
    start = _turn_before(events, len(events) - REPEATED)
    if start is None:
        return None
    before = DialogueStateTracker.from_events(tracker.sender_id, events[:start], domain.slots)
    opening: list[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    opening += [SlotSet(name, slot.value) for name, slot in before.slots.items() if slot.has_been_set]
    opening.append(ActionExecuted(ACTION_LISTEN_NAME))
    if before.active_loop_name:
        opening.append(ActiveLoop(before.active_loop_name))
    for event in opening:
        event.metadata = {**events[-1].metadata, **event.metadata}
    follower = DialogueStateTracker.from_events(
        tracker.sender_id,
        _timed([*opening, *map(copy.copy, events[start:])]),
        domain.slots,
    )
    follower.model_id, follower.assistant_id = tracker.model_id, tracker.assistant_id
    return follower if _state(follower) == _state(tracker) else None


def _turn_before(events: list[Event], place: int) -> int | None:
    """Where the turn begins that holds `place`, or the one before it; None if that is the first."""
    for start in range(place, 1, -1):
        if isinstance(events[start], UserUttered) and isinstance(events[start - 1], ActionExecuted):
            return start
    return None


def _timed(events: list[Event]) -> list[Event]:
    """In order from now on: stock Rasa tells sessions apart by time. A step is above a float's precision."""
    now = time.time()
    for number, event in enumerate(events):
        event.timestamp = now + number * STEP_S
    return events


def _state(tracker: DialogueStateTracker) -> dict[str, Any]:
    message = tracker.latest_message
    loop = dataclasses.asdict(tracker.active_loop) if tracker.active_loop else {}
    loop.pop("trigger_message", None)  # of the message that began the form; nothing reads it
    return {
        "slots": {name: (slot.value, slot.has_been_set) for name, slot in tracker.slots.items()},
        "loop": loop,
        "message": message.as_dict() | {"timestamp": 0} if message else None,
        "text_counts": message.use_text_for_featurization if message else None,
        "latest_action": tracker.latest_action,
        "followup": tracker.followup_action,
        "paused": tracker.is_paused(),
    }
