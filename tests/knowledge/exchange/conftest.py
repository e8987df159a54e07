"""The small content of the editing tests, in databases of both kinds."""

from __future__ import annotations

from tests.knowledge.editing.conftest import approved, clock, current, editing, journal, publish, small

__all__ = ["approved", "clock", "current", "editing", "journal", "publish", "small"]
