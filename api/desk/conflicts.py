"""What in the published knowledge does not go together, and the decisions to live with some of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from api.accounts.roles import Actor, Right
from api.services import Services
from knowledge.conflicts import KINDS, Finding, FindingKind, SetAside
from knowledge.errors import UnknownRow


@dataclass(frozen=True, slots=True)
class Listed:
    """The findings that stand, and those set aside with their decision. `findings` None: not known yet.
    `current` False: they are of an earlier state, and a new check is running."""

    findings: tuple[Finding, ...] | None
    aside: tuple[tuple[Finding, SetAside], ...]
    checked_at: datetime | None
    current: bool
    failed: bool
    without_encoder: bool

    @property
    def counts(self) -> Mapping[FindingKind, int]:
        counted = Counter(finding.kind for finding in self.findings or ())
        return {kind: counted[kind] for kind in KINDS}


class ConflictsDesk:
    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor = actor
        self._watch, self._setting_aside = services.conflicts, services.setting_aside

    def listed(self) -> Listed:
        """At once; a check that is missing begins."""
        self._actor.require(Right.read)
        watched, standing = self._watch.look(), self._setting_aside.standing()
        found = watched.findings
        return Listed(
            None if found is None else tuple(one for one in found if one.key not in standing),
            tuple((one, standing[one.key]) for one in found or () if one.key in standing),
            watched.checked_at,
            watched.current,
            watched.failed,
            watched.without_encoder,
        )

    def check_again(self) -> None:
        self._actor.require(Right.read)
        self._watch.again()

    def set_aside(self, key: str, *, reason: str) -> None:
        """Raises UnknownRow for a finding that is no longer there, InvalidContent without a reason, Conflict
        where somebody was first."""
        self._actor.require(Right.edit)
        finding = next((one for one in self._watch.look().findings or () if one.key == key), None)
        if finding is None:
            raise UnknownRow("这一条已经不在列表里了（文字改过或已解决），请刷新页面。")
        self._setting_aside.set_aside(finding, by=self._actor.name, reason=reason)

    def take_back(self, key: str) -> None:
        """Raises Conflict where it was not set aside."""
        self._actor.require(Right.edit)
        self._setting_aside.take_back(key, by=self._actor.name)
