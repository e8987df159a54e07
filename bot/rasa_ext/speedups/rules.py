"""The rule policy looks at as much of a conversation as its longest rule, and at the rules that can match.

Stock Rasa turns the whole conversation into states, three times a message, and checks every rule against
them although no rule looks further back than its own length. 13 % of a message of the first ten turns, more
later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Any

from rasa.core.policies.rule_policy import (
    RULES,
    RULES_FOR_LOOP_UNHAPPY_PATH,
    RulePolicy,
)
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from bot.rasa_ext.speedups.trackers import copied_slot

_stock_states = RulePolicy._prediction_states
_stock_key = RulePolicy._create_feature_key
_stock_keys = RulePolicy._get_possible_keys


def install() -> None:
    RulePolicy._prediction_states = _prediction_states
    RulePolicy._create_feature_key = _create_feature_key
    RulePolicy._get_possible_keys = _get_possible_keys
    # Only ever shown in a debug line, which NoMessageText drops.
    RulePolicy.format_tracker_states = staticmethod(lambda states: states)


class RecentStates(list):  # type: ignore[type-arg]
    """The last states of a conversation; knows how to find all of them.

    `whole` is None where nobody asks: the first of the policy's two looks, at the message's text.
    """

    def __init__(self, states: list[State], whole: Callable[[], list[State]] | None) -> None:
        super().__init__(states)
        self.whole = whole


class _Replay(DialogueStateTracker):
    """A tracker for going through events again: only slots that a policy can see."""

    def __init__(self, tracker: DialogueStateTracker) -> None:
        slots = [copied_slot(slot) for slot in tracker.slots.values() if slot.influence_conversation]
        super().__init__(tracker.sender_id, [], is_rule_tracker=tracker.is_rule_tracker)
        self.slots = {slot.name: slot for slot in slots}
        self._reset_slots()

    def _set_slot(self, key: str, value: Any) -> None:
        if key in self.slots:
            self.slots[key].value = value


def _prediction_states(
    self: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    use_text_for_last_user_input: bool = False,
    rule_only_data: dict[str, Any] | None = None,
) -> list[State]:
    def whole() -> list[State]:
        return _stock_states(self, tracker, domain, use_text_for_last_user_input, rule_only_data)

    if type(tracker) is not DialogueStateTracker or type(tracker.slots) is not dict:
        return whole()
    # The featurizer takes parts out of the states it is given.
    states = [
        {**state, USER: dict(state[USER])} if USER in state else dict(state)
        for state in _recent(tracker, domain, _longest(self))
    ]
    self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
    return RecentStates(states, None if use_text_for_last_user_input else whole)


def _recent(tracker: DialogueStateTracker, domain: Domain, width: int) -> list[State]:
    """The last `width` states that `tracker.past_states(domain)` ends with."""
    last = tracker.events[-1] if tracker.events else None
    size = (len(tracker.events), width)
    known = tracker.__dict__.get("_recent")
    if known is not None and known[0] == size and known[1] is last and known[2] is domain:
        return known[3]
    events = tracker.applied_events()
    actions = deque((i for i, event in enumerate(events) if isinstance(event, ActionExecuted)), width - 1)
    replay, states = _Replay(tracker), []
    wanted = set(actions)
    for i, event in enumerate(events):
        if i in wanted:
            states.append(domain.get_active_state(replay))
        event.apply_to(replay)
    states.append(domain.get_active_state(replay))
    tracker.__dict__["_recent"] = (size, last, domain, states)
    return states


def _create_feature_key(self: RulePolicy, states: list[State]) -> str | None:
    """Names a state for which there is no rule; the policy drops the name where it looked at the text."""
    if not isinstance(states, RecentStates):
        return _stock_key(self, states)
    return None if states.whole is None else _stock_key(self, states.whole())


class _Rules:
    """One lookup of rules, each as its states from the last one back, found by what the last one asks for."""

    def __init__(self, lookup: dict[str, Any]) -> None:
        self.lookup = lookup
        self.size = len(lookup)
        self.by_last: dict[tuple[Any, Any], list[tuple[str, list[State]]]] = {}
        self.longest = 1
        for key in lookup:
            states = list(reversed(RulePolicy._rule_key_to_state(key)))
            self.longest = max(self.longest, len(states))
            self.by_last.setdefault(_asked(states[0]), []).append((key, states))

    def matching(self, states: list[State]) -> set[str]:
        last = states[-1]
        before, intent = last.get(PREVIOUS_ACTION), last.get(USER, {}).get(INTENT)
        action = before.get(ACTION_NAME) if before else None
        found: set[str] = set()
        for asked in {(action, intent), (action, None), (None, intent), (None, None)}:
            for key, rule in self.by_last.get(asked, ()):
                if _matches(rule, states):
                    found.add(key)
        return found


def _asked(state: State) -> tuple[Any, Any]:
    """The action and the intent that a state must have; None where it does not insist."""
    if not state.get(PREVIOUS_ACTION):
        return None, None  # a conversation's first state, which matches any other first state
    action = state[PREVIOUS_ACTION].get(ACTION_NAME)
    intent = state.get(USER, {}).get(INTENT)
    return (
        None if action == SHOULD_NOT_BE_SET else action or None,
        None if intent == SHOULD_NOT_BE_SET else intent or None,
    )


def _matches(rule: list[State], states: list[State]) -> bool:
    """`RulePolicy._is_rule_applicable` over all turns that both have."""
    for wanted, state in zip(rule, islice(reversed(states), len(rule)), strict=False):
        wanted_before, before = wanted.get(PREVIOUS_ACTION), state.get(PREVIOUS_ACTION)
        if not wanted_before and not before:
            continue
        if not wanted_before or not before or not RulePolicy._does_rule_match_state(wanted, state):
            return False
    return True


def _get_possible_keys(self: RulePolicy, lookup: dict[str, str], states: list[State]) -> set[str]:
    if not states:
        return _stock_keys(self, lookup, states)
    return _rules(self, lookup).matching(states)


def _rules(policy: RulePolicy, lookup: dict[str, Any]) -> _Rules:
    known: dict[int, _Rules] = policy.__dict__.setdefault("_rules_by_last", {})
    rules = known.get(id(lookup))
    if rules is None or rules.lookup is not lookup or rules.size != len(lookup):
        rules = known[id(lookup)] = _Rules(lookup)
    return rules


def _longest(policy: RulePolicy) -> int:
    return max(
        _rules(policy, policy.lookup[name]).longest
        for name in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)
        if name in policy.lookup
    )
