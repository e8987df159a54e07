"""The reasons that residents may give for their judgement of an answer: codes and their words."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

_FILE = Path(__file__).with_name("feedback_reasons.yml")


@cache
def feedback_reasons() -> Mapping[str, str]:
    """Code to words, in the order in which they are offered."""
    words: dict[str, str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return MappingProxyType(words)
