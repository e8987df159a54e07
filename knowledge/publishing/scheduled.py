"""Publishing by itself what is due: all together where that answers the golden questions as well as before,
else those that do, and each of the others waits for a person with a preview of its own.

Which ones hold the rest up is found by trying: halves of the set, beside what is known to hold. Trying builds
a snapshot and asks the golden questions of it, and changes nothing.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from knowledge.editing.model import Draft
from knowledge.errors import InvalidContent
from knowledge.publishing import due, releases, row_images
from knowledge.publishing.core import SYSTEM, Core
from knowledge.publishing.lease import Hold
from knowledge.publishing.model import Release
from knowledge.publishing.wording import say

log = logging.getLogger(__name__)

Holds = Callable[[Sequence[Draft]], bool]


class Steps(Protocol):
    """The publisher, as far as it is needed here; the lease is held by the caller."""

    def preview_due(self, drafts: Sequence[Draft], hold: Hold) -> Release: ...

    def publish_ready(self, release: Release, hold: Hold) -> Release: ...

    def needs_reason(self, drafts: Sequence[Draft], hold: Hold) -> list[str]:
        """Why these could not be published together by themselves. Raises InvalidContent."""

    def claim(self, job: str, due: str) -> bool: ...

    def asked_now(self) -> str:
        """Stands for the golden questions, the day and what is withheld."""


@dataclass
class Scheduled:
    core: Core
    steps: Steps
    _seen: str = ""
    """What all that is due was last seen against, where it waits for a person."""

    def publish(self, drafts: Sequence[Draft], now: datetime) -> tuple[Release, ...]:
        """What was published, then the previews of what waits. They are looked at again every ten minutes,
        and tried again where anything is different from before."""
        if not drafts:
            return ()
        with self.core.lease.held(SYSTEM) as hold:
            if not self.steps.claim("scheduled", f"{_hash(drafts)} {now:%Y-%m-%dT%H:}{now.minute // 10}"):
                return ()
            seen = self._state(drafts)
            if seen == self._seen:
                return ()
            with Session(self.core.engine) as session:
                sound, blocked = due.separate(session, drafts, hold.renew)
            if blocked:
                due.keep(self.core, drafts, blocked)
                log.warning("scheduled drafts are left out", extra={"drafts": sorted(blocked)})
            found = self._together(sound, hold) if sound else ()
            out = {(row.kind, row.id) for release in found if release.state == "live" for row in release.rows}
            self._seen = self._state([draft for draft in drafts if (draft.kind, draft.row_id) not in out])
            return found

    def _together(self, drafts: Sequence[Draft], hold: Hold) -> tuple[Release, ...]:
        ready = self._preview(drafts, hold)
        if not ready.needs_reason:
            return (self.steps.publish_ready(ready, hold),)
        if len(drafts) == 1:
            log.warning("scheduled publication waits for a reason", extra={"release": ready.id})
            return (ready,)
        with Session(self.core.engine) as session:
            releases.move(session, ready.id, "ready", "failed", error=say("due.apart"))
            session.commit()
        return self._apart(drafts, hold)

    def _apart(self, drafts: Sequence[Draft], hold: Hold) -> tuple[Release, ...]:
        kept = holding(drafts, partial(self._holds, hold=hold))
        done, waits = [], []
        groups = [kept] if kept else []
        for group in [*groups, *([draft] for draft in drafts if draft not in kept)]:
            try:
                ready = self._preview(group, hold)
            except InvalidContent as error:  # it rests on one of the others
                why = say("due.invalid", problems=error)
                due.keep(self.core, group, {draft.id: why for draft in group})
                continue
            if ready.needs_reason:
                waits.append(ready)
            else:
                done.append(self.steps.publish_ready(ready, hold))
        log.warning("scheduled drafts wait for a reason", extra={"releases": [each.id for each in waits]})
        return (*done, *waits)

    def _preview(self, drafts: Sequence[Draft], hold: Hold) -> Release:
        """In the place of what waited before with any of these."""
        ids = {draft.id for draft in drafts}
        with Session(self.core.engine) as session:
            releases.close_waiting(session, "scheduled", ids, why=say("due.again"))
            session.commit()
        return self.steps.preview_due(drafts, hold)

    def _holds(self, drafts: Sequence[Draft], hold: Hold) -> bool:
        hold.renew()
        try:
            return not self.steps.needs_reason(drafts, hold)
        except InvalidContent:
            return False

    def _state(self, drafts: Sequence[Draft]) -> str:
        with Session(self.core.engine) as session:
            return f"{_hash(drafts)} {row_images.stamp(session)} {self.steps.asked_now()}"


def holding(drafts: Sequence[Draft], holds: Holds) -> list[Draft]:
    """As many of a set that does not hold as can go together; a single bad one of n is found in about
    2 log n tries. One that holds only beside another is tried again when that one is in, and those that do so
    mutually are found where a single one beside them is bad."""
    kept: list[Draft] = []
    left = list(drafts)
    while left:
        joined = _joined(kept, left, holds, whole=True)
        if len(joined) == len(kept):
            joined = _without_one(kept, left, holds)
        if len(joined) == len(kept):
            break
        kept = joined
        left = [draft for draft in left if draft not in kept]
    return [draft for draft in drafts if draft in kept]


def _without_one(kept: list[Draft], left: list[Draft], holds: Holds) -> list[Draft]:
    """`kept` with all of `left` but one; with two left, each was tried alone."""
    for bad in left if len(left) > 2 else ():
        others = [*kept, *(draft for draft in left if draft is not bad)]
        if holds(others):
            return others
    return kept


def _joined(kept: list[Draft], group: list[Draft], holds: Holds, *, whole: bool = False) -> list[Draft]:
    """`kept` with what of `group` holds beside it; `whole`: known not to, all of it."""
    if not whole and holds([*kept, *group]):
        return [*kept, *group]
    if len(group) == 1:
        return kept
    middle = len(group) // 2
    return _joined(_joined(kept, group[:middle], holds), group[middle:], holds)


def _hash(drafts: Sequence[Draft]) -> str:
    said = repr([(draft.id, draft.revision) for draft in drafts])
    return hashlib.sha256(said.encode()).hexdigest()[:16]
