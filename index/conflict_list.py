"""Everything in the published knowledge that does not go together, from plain reading and from vectors."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from index.encoder import Encoder
from index.newer_texts import newer_texts
from knowledge.conflicts import KINDS, Finding, find_plain
from knowledge.shipped import Shipped


def find_conflicts(
    content: Shipped,
    encoder: Encoder | None,
    today: date,
    step: Callable[[], None] = lambda: None,
) -> tuple[Finding, ...]:
    """The findings, the weightiest kind first. Without an encoder newer texts are not looked for. `step` is
    called between the parts, for whoever may stop the work by raising."""
    found = find_plain(content, today)
    step()
    if encoder is not None:
        found += newer_texts(content.published(), encoder, today)
    step()
    return tuple(sorted(found, key=lambda finding: KINDS.index(finding.kind)))
