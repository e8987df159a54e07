"""Log lines that are thrown away no longer cost a deep copy of what they would have shown.

Rasa copies the events of every action, replies included, for debug lines that the level drops: 1 % of a
message.
"""

from __future__ import annotations

import copy
import logging
from types import SimpleNamespace
from typing import Any

import rasa.core.actions.forms
import rasa.core.policies.rule_policy
import rasa.core.processor


def install() -> None:
    """Does nothing while debug lines are wanted: they may be written after what they show has changed."""
    if logging.getLogger("rasa").isEnabledFor(logging.DEBUG):
        return
    for module in (rasa.core.processor, rasa.core.policies.rule_policy, rasa.core.actions.forms):
        # In these three modules `copy` serves nothing but arguments of debug lines.
        module.copy = SimpleNamespace(deepcopy=_itself, copy=copy.copy)


def _itself(value: Any) -> Any:
    return value
