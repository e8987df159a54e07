"""A tracker is copied, and its applied events are found, without going through the whole conversation again.

Stock Rasa makes a copy before each action by replaying every event, and works out which events still apply
from the first one on, five times a message: 5 % of a message of the first ten turns. With the rules' states
and the store's reading this is why its 200th turn takes almost five times its fifth.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import deque
from typing import Any

from rasa.shared.constants import DEFAULT_SENDER_ID
from rasa.shared.core.events import (
    ActionExecuted,
    ActionReverted,
    ActiveLoop,
    Event,
    FollowupAction,
    Restarted,
    SessionStarted,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

_stock_copy = DialogueStateTracker.copy
_stock_applied_events = DialogueStateTracker.applied_events

_NEW_START, _UNDO_ACTION, _UNDO_USER, _ACTION, _LOOP, _OTHER = range(6)
_KINDS = (
    ((Restarted, SessionStarted), _NEW_START),
    (ActionReverted, _UNDO_ACTION),
    (UserUtteranceReverted, _UNDO_USER),
    (ActionExecuted, _ACTION),
    (ActiveLoop, _LOOP),
    (Event, _OTHER),
)
_kind_of: dict[type, int] = {}


def install() -> None:
    DialogueStateTracker.copy = _copy
    DialogueStateTracker.applied_events = _applied_events


def copied_slot(slot: Slot) -> Slot:
    """`copy.copy` of a slot, which has nothing but a `__dict__`, at a fifth of the price."""
    twin = object.__new__(type(slot))
    twin.__dict__.update(slot.__dict__)
    return twin


def forget_place(tracker: DialogueStateTracker) -> None:
    """To be called where events are taken from a tracker: how far it was gone through no longer holds."""
    tracker.__dict__.pop("_applied", None)


def _copy(self: DialogueStateTracker) -> DialogueStateTracker:
    """What a replay of all events gives, taken from the state they led to."""
    if type(self) is not DialogueStateTracker or type(self.slots) is not dict:
        return _stock_copy(self)
    pending = _pending_action(self)
    if pending is _UNKNOWN:
        return _stock_copy(self)
    twin = copy.copy(self)
    forget_place(twin)
    twin.__dict__.pop("stored", None)
    twin.sender_id = self.sender_id or DEFAULT_SENDER_ID
    twin.sender_source = twin.model_id = twin.assistant_id = None
    twin.events = deque(self.events, self._max_event_history)
    twin.slots = {name: copied_slot(slot) for name, slot in self.slots.items()}
    twin.active_loop = dataclasses.replace(self.active_loop) if self.active_loop else None
    twin.followup_action = pending
    return twin


_UNKNOWN = object()


def _pending_action(tracker: DialogueStateTracker) -> Any:
    """The follow-up action that a replay ends with, or _UNKNOWN where only a replay can tell.

    The live tracker may have dropped it already: Rasa clears it by hand once it is predicted.
    """
    for event in reversed(tracker.events):
        if isinstance(event, (ActionExecuted, UserUttered)):
            return None
        if isinstance(event, FollowupAction):
            return event.action_name
        if _kind(event) in (_NEW_START, _UNDO_ACTION, _UNDO_USER):
            return _UNKNOWN
    return _UNKNOWN


class _Applied:
    """How far a tracker's events have been gone through, and which of them still apply."""

    __slots__ = ("events", "last", "loops", "seen")

    def __init__(self) -> None:
        self.seen = 0
        self.last: Event | None = None
        self.loops: set[str] = set()
        self.events: list[Event] = []


def _applied_events(self: DialogueStateTracker) -> list[Event]:
    """Goes on from where the last call ended; the rules are those of stock Rasa."""
    events = self.events
    if events.maxlen is not None:
        return _stock_applied_events(self)
    known: _Applied | None = self.__dict__.get("_applied")
    count = len(events)
    if known is None or known.seen > count or (known.seen and events[known.seen - 1] is not known.last):
        known = _Applied()
    fresh = [events[i] for i in range(known.seen, count)]
    loops = {event.name for event in fresh if _kind(event) == _LOOP and event.name}
    if not loops <= known.loops:
        # A loop's name changes what earlier actions of that name meant.
        loops |= known.loops
        known, fresh = _Applied(), list(events)
        known.loops = loops
    for event in fresh:
        _apply(self, known, event)
    known.seen, known.last = count, events[-1] if count else None
    self.__dict__["_applied"] = known
    return list(known.events)


def _apply(tracker: DialogueStateTracker, known: _Applied, event: Event) -> None:
    kind, applied = _kind(event), known.events
    if kind == _NEW_START:
        applied.clear()
    elif kind == _UNDO_ACTION:
        tracker._undo_till_previous(ActionExecuted, applied)
    elif kind == _UNDO_USER:
        tracker._undo_till_previous(UserUttered, applied)
        tracker._undo_till_previous(ActionExecuted, applied)
    elif (
        kind == _ACTION
        and event.action_name in known.loops
        and not tracker._first_loop_execution_or_unhappy_path(event.action_name, applied)
    ):
        tracker._undo_till_previous_loop_execution(event.action_name, applied)
    else:
        applied.append(event)


def _kind(event: Event) -> int:
    kind = _kind_of.get(type(event))
    if kind is None:
        kind = _kind_of[type(event)] = next(number for base, number in _KINDS if isinstance(event, base))
    return kind
