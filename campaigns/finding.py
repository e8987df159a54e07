"""What a check found: one fault or one question, in words that staff read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from campaigns.words import say


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is for machines and for `confirm=`, `text` is the sentence. With `asks` a person may go on after
    confirming that code; without, it must be mended first. `where` names the version or field, if any."""

    code: str
    text: str
    asks: bool = False
    where: str | None = None


def finding(code: str, *, asks: bool = False, where: str | None = None, **values: object) -> Finding:
    """A finding with the sentence of its code."""
    return Finding(code, say(code, **values), asks, where)


def open_findings(found: Iterable[Finding], confirm: Iterable[str] = ()) -> tuple[Finding, ...]:
    """Those that stand in the way: faults, and questions that nobody has confirmed."""
    confirmed = set(confirm)
    return tuple(each for each in found if not (each.asks and each.code in confirmed))
