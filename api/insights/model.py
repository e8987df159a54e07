"""Groups of questions that were not answered well, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from api.clock import LOCAL
from api.insights.missed import WHYS, Miss, Why, Wording

GroupState = Literal["open", "drafted", "solved", "set_aside"]
STATES: tuple[GroupState, ...] = ("open", "drafted", "solved", "set_aside")


class InsightError(ValueError):
    """Root of this package's errors; the messages are Chinese, for the staff who read them."""


class UnknownGroup(InsightError):
    def __init__(self) -> None:
        super().__init__("这组问题已经不在了：原来的对话可能已按保存期限或居民要求删除。请刷新页面。")


class GroupChanged(InsightError):
    """Somebody else was first; nothing was changed."""

    def __init__(self, by: str, when: str) -> None:
        super().__init__(f"{by} 已在 {when} 处理过这组问题，没有覆盖。请刷新后再看。")

    @classmethod
    def of(cls, now: Decision | None) -> GroupChanged:
        """For the decision that stands now; None where it was forgotten meanwhile."""
        if now is None:
            return cls("系统", "刚才")
        return cls(now.by, f"{now.at.astimezone(LOCAL):%m-%d %H:%M}")


class NothingToDraft(InsightError):
    def __init__(self) -> None:
        super().__init__("没有选中任何问法，请至少保留一条。")


@dataclass(frozen=True, slots=True)
class Decision:
    """What staff decided on a group. `entry` is the draft or entry that answers it; `revision` counts the
    decisions."""

    group: str
    state: GroupState
    entry: str | None
    by: str
    at: datetime
    revision: int


@dataclass(frozen=True)
class Group:
    """Wordings that mean the same, the most asked first. `decision` is None while nobody has decided.

    `this_week` and `week_before` count the misses of the last seven days and of the seven before.
    """

    id: str
    question: str
    wordings: tuple[Wording, ...]
    this_week: int
    week_before: int
    decision: Decision | None = None

    @property
    def state(self) -> GroupState:
        return self.decision.state if self.decision else "open"

    @property
    def revision(self) -> int:
        return self.decision.revision if self.decision else 0

    @cached_property
    def misses(self) -> tuple[Miss, ...]:
        """The oldest first."""
        return tuple(sorted(_all(self.wordings), key=lambda miss: miss.at))

    @property
    def count(self) -> int:
        return len(self.misses)

    @cached_property
    def counts(self) -> dict[Why, int]:
        return {why: sum(miss.why == why for miss in self.misses) for why in WHYS}

    @property
    def first_at(self) -> datetime:
        return self.misses[0].at

    @property
    def last_at(self) -> datetime:
        return self.misses[-1].at

    @property
    def out_of_scope(self) -> bool:
        """Whether most of it has nothing to do with what the library is about."""
        return 2 * sum(miss.reason == "out_of_scope" for miss in self.misses) > self.count

    @cached_property
    def since_decided(self) -> int:
        """How often it was missed after the decision: a solved group should have none."""
        if self.decision is None:
            return 0
        decided_at = self.decision.at
        return sum(miss.at > decided_at for miss in self.misses)

    @cached_property
    def districts(self) -> tuple[str, ...]:
        """Those named in it, the most named first."""
        named = [miss.district for miss in self.misses if miss.district]
        return tuple(sorted(set(named), key=lambda name: (-named.count(name), name)))


def _all(wordings: Iterable[Wording]) -> list[Miss]:
    return [miss for wording in wordings for miss in wording.misses]
