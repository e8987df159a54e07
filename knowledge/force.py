"""What a sentence binds to: a right, a duty, a target, an encouragement or a plan of work.

Policy plans say 鼓励, 推动, 探索 and 到2025年 far more often than 可以领. Where nobody has stated the
force of a span, its own words do; what is not plainly more is a plan of work.
"""

from __future__ import annotations

import re

from knowledge.model import Force

_TARGET = re.compile(r"(?<!止)到20\d\d年.*(\d|基本|初步|普遍|全面)")
_DUTY = re.compile(r"禁止|不得|严禁|杜绝|必须|应当|要建立|严格执行|依法查处|严厉打击|依法处罚")
_ENCOURAGEMENT = re.compile(r"鼓励|倡导|引导|支持|提倡|可对|允许")


def force_of(sentence: str) -> Force:
    """The force that a sentence's own words state, never more than they do."""
    if _TARGET.search(sentence):
        return "target"
    if _DUTY.search(sentence):
        return "duty"
    if _ENCOURAGEMENT.search(sentence):
        return "encouragement"
    return "work_plan"
