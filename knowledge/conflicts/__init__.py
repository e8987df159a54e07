"""What in the published knowledge does not go together, and what staff decided to live with.

Owns the findings, their identity and the decisions to set one aside. It knows no search and no encoder: what
needs those (`index.newer_texts`) makes findings of the same form.
"""

from __future__ import annotations

from knowledge.conflicts.checks import find_plain
from knowledge.conflicts.model import KINDS, Finding, FindingKind, Side
from knowledge.conflicts.setting_aside import AsideRow, SetAside, SettingAside

__all__ = [
    "KINDS",
    "AsideRow",
    "Finding",
    "FindingKind",
    "SetAside",
    "SettingAside",
    "Side",
    "find_plain",
]
