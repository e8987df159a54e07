"""What residents ask and don't get answered well: groups, what is done about them, and when they are solved.

Owns a group's way from open to drafted to solved, or aside. Groups are reckoned anew whenever something was
asked, rated or decided since; nothing but decisions is stored. Drafts are written through the port of
editing, golden questions through another; neither knows of groups. All methods block.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from sqlalchemy import Engine, func, select

from api.clock import Clock
from api.insights.clustering import SAME_MEANING
from api.insights.decisions import Decisions
from api.insights.districts import Districts
from api.insights.drafting import Drafted, Drafts, Editor
from api.insights.figures import midnight
from api.insights.golden import Golden
from api.insights.grouping import grouped
from api.insights.meaning import WORDS_ALIKE, Meaning
from api.insights.missed import missed, wordings
from api.insights.model import Group, GroupChanged, GroupState, InsightError, NothingToDraft, UnknownGroup
from api.insights.suggesting import Suggested, Suggestions, Tried
from api.insights.tables import turn_facts
from knowledge.journal import Journal
from knowledge.model import Entry, Knowledge, Lexicon
from knowledge.wordings import same_form

MOST = 20_000
"""Misses that are grouped, the latest: all of these in a few seconds, and only those not seen before are
encoded."""
WEEK = 7
SYSTEM = "app"
_TRIED = 50
"""Wordings of a group that are tried to see whether it is solved, the most asked first."""
_ANSWERED = 0.8
"""Share of them that must be answered: the last rare wording need not hold a solved group up."""
_OFFERED = 8
"""Entries that a group's wordings are offered to be added to."""
_GOLDEN = 5
"""Wordings of a solved group that become golden questions: each is asked before every publication."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What the groups were reckoned from; any change of it makes them stale."""

    last: int
    kept: int
    disliked: int
    decided: int
    today: date


class Gaps:
    def __init__(
        self,
        engine: Engine,
        *,
        clock: Clock,
        meaning: Meaning,
        suggestions: Suggestions,
        knowledge: Callable[[], Knowledge | None],
        journal: Journal,
        editor: Editor | None,
        golden: Golden | None,
    ) -> None:
        self._engine, self._clock, self._meaning = engine, clock, meaning
        self._suggestions, self._knowledge, self._golden = suggestions, knowledge, golden
        self._decisions = Decisions(engine, journal=journal)
        self._drafts = Drafts(engine, editor=editor)
        self._lock = threading.Lock()
        self._known: tuple[_Stamp, list[Group]] | None = None

    def groups(self) -> list[Group]:
        """All groups, the most missed this week first."""
        with self._lock:
            stamp = self._stamp()
            if self._known is None or self._known[0] != stamp:
                self._known = (stamp, self._reckon())
                self._join(self._known[1])
            return self._known[1]

    def group(self, group_id: str) -> Group:
        """By its name, or by the key of one of its wordings: it may have grown since it was shown.
        Raises UnknownGroup."""
        groups = self.groups()
        for group in groups:
            if group.id == group_id:
                return group
        for group in groups:
            if any(wording.key == group_id for wording in group.wordings):
                return group
        raise UnknownGroup

    def suggested(self, group_id: str) -> list[Suggested]:
        """The clauses that come nearest to what the group asks, the likeliest first."""
        return self._suggestions.nearest(self.group(group_id).question)

    def tried(self, group_id: str) -> list[Tried]:
        """What the group's wordings get from the live snapshot now, the most asked first."""
        return self._suggestions.tried(each.text for each in self.group(group_id).wordings[:_TRIED])

    def set_aside(self, group_id: str, *, by: str, revision: int) -> Group:
        """Nothing will be written for it. Raises UnknownGroup, GroupChanged."""
        return self._decide(self.group(group_id), "set_aside", by=by, revision=revision)

    def reopen(self, group_id: str, *, by: str, revision: int) -> Group:
        """Raises UnknownGroup, GroupChanged."""
        return self._decide(self.group(group_id), "open", by=by, revision=revision)

    def draft(
        self,
        group_id: str,
        *,
        by: str,
        revision: int,
        keys: Collection[str] | None = None,
        clause: str | None = None,
    ) -> Drafted:
        """Make the group a draft entry: what it asks, its wordings as variants, the likeliest clause quoted.

        `keys` are the wordings to take, all by default; `clause` another of the suggested clauses. Raises
        UnknownGroup, GroupChanged, NothingToDraft and what editing raises; then nothing has changed.
        """
        group = self.group(group_id)
        if group.revision != revision:
            raise GroupChanged.of(group.decision)
        chosen = [each for each in group.wordings if keys is None or each.key in keys]
        found = self._suggestions.nearest(group.question)
        quoted = next((each for each in found if clause in (None, each.clause)), None)
        drafted = self._drafts.write(group, chosen, quoted, self._knowledge(), by=by)
        try:
            self._decide(group, "drafted", by=by, revision=revision, entry=drafted.entry)
        except GroupChanged:
            self._drafts.drop(drafted, by=by)
            raise
        return drafted

    def extend(
        self, group_id: str, entry: str, *, by: str, revision: int, keys: Collection[str] | None = None
    ) -> Drafted:
        """Add the group's wordings (`keys`, all by default) to an entry that is there, in its draft. Raises
        UnknownGroup, GroupChanged, NothingToDraft, InsightError and what editing raises; then nothing has
        changed."""
        group = self.group(group_id)
        if group.revision != revision:
            raise GroupChanged.of(group.decision)
        chosen = [each for each in group.wordings if keys is None or each.key in keys]
        if not chosen:
            raise NothingToDraft
        drafted = self._drafts.extend(entry, chosen, self._knowledge(), by=by)
        try:
            self._decide(group, "drafted", by=by, revision=revision, entry=entry)
        except GroupChanged:
            self._drafts.drop(drafted, by=by)
            raise
        return drafted

    def answering(self, group_id: str, words: str = "") -> list[Entry]:
        """Published entries that the group's wordings may belong to: those that hold `words`, or without
        words those that the wordings find now, the most often found first."""
        knowledge = self._knowledge()
        if knowledge is None:
            return []
        if sought := words.strip():
            held = (
                e
                for e in knowledge.entries
                if any(sought in text for text in (e.id, e.question, *e.variants))
            )
            return list(islice(held, _OFFERED))
        group = self.group(group_id)
        tried = self._suggestions.tried(each.text for each in group.wordings[:_TRIED])
        near = [each.entry for each in self._suggestions.nearest(group.question)]
        found = Counter(name for name in (*(each.entry for each in tried), *near) if name is not None)
        names = [name for name, _ in found.most_common(_OFFERED) if name in knowledge.entry_by_id]
        return [knowledge.entry_by_id[name] for name in names]

    def settle(self) -> list[str]:
        """Look after drafted groups: solved where the entry is published and the questions find it, open
        again where the draft is gone. Returns the names of the groups solved by this."""
        knowledge = self._knowledge()
        if knowledge is None:
            return []
        return [
            group.id
            for group in self.groups()
            if group.state == "drafted" and self._settle(group, knowledge) == "solved"
        ]

    def solve(self, group_id: str, *, by: str, revision: int) -> Group:
        """Close a group whose questions are answered now, by whichever entry. Raises InsightError where they
        are not."""
        group = self.group(group_id)
        answered = [tried for tried in self.tried(group.id) if tried.verdict == "answer"]
        if not _enough(len(answered), group):
            raise InsightError("这组问题现在还没有都答上，不能标为已解决。")
        solved = self._decide(group, "solved", by=by, revision=revision, entry=_one_entry(answered))
        self._learn(group, answered, by=by)
        return solved

    def forget(self, keep_days: int) -> int:
        """Delete what was kept of wordings that nobody has asked for `keep_days`."""
        return self._decisions.forget(self._clock.now() - timedelta(days=keep_days))

    def _settle(self, group: Group, knowledge: Knowledge) -> GroupState:
        entry = knowledge.entry_by_id.get((group.decision.entry if group.decision else None) or "")
        if entry is None:
            gone = group.decision is None or not self._drafts.exists(group.decision.entry)
            return self._as_app(group, "open") if gone else group.state
        tried = self._suggestions.tried(each.text for each in group.wordings[:_TRIED])
        answered = [each for each in tried if each.verdict == "answer" and _by(each, entry)]
        if not _enough(len(answered), group):
            if _has_any(entry, group) or self._drafts.pending(entry.id):
                return group.state
            return self._as_app(group, "open")  # the draft that was to bring its wordings was dropped
        state = self._as_app(group, "solved", entry=entry.id)
        if state == "solved":
            self._learn(group, answered, by=SYSTEM)
        return state

    def _as_app(self, group: Group, state: GroupState, entry: str | None = None) -> GroupState:
        try:
            return self._decide(group, state, by=SYSTEM, revision=group.revision, entry=entry).state
        except GroupChanged:  # somebody decided meanwhile, and that counts
            return group.state

    def _learn(self, group: Group, answered: Sequence[Tried], *, by: str) -> None:
        if self._golden is None:
            return
        for tried in answered[:_GOLDEN]:
            if clauses := self._answering(tried):
                self._golden.learn(tried.text, clauses=clauses, source=f"group:{group.id}", by=by)

    def _answering(self, tried: Tried) -> list[str]:
        """The clauses that answer it: all of the entry's own, where it was found through one."""
        knowledge = self._knowledge()
        entry = knowledge.entry_by_id.get(tried.entry or "") if knowledge is not None else None
        if entry is not None and tried.clause in entry.answered_by:
            return sorted(entry.answered_by)
        return [tried.clause] if tried.clause is not None else []

    def _decide(
        self, group: Group, state: GroupState, *, by: str, revision: int, entry: str | None = None
    ) -> Group:
        keys = [wording.key for wording in group.wordings]
        now = self._clock.now()
        self._decisions.decide(group.id, state, keys=keys, by=by, at=now, revision=revision, entry=entry)
        return self.group(group.id)

    def _stamp(self) -> _Stamp:
        with self._engine.connect() as connection:
            last, kept, disliked = connection.execute(
                select(
                    func.max(turn_facts.c.position),
                    func.count(turn_facts.c.question_id),
                    func.count().filter(turn_facts.c.rated.is_(False)),
                )
            ).one()
        return _Stamp(last or 0, kept, disliked, self._decisions.stamp(), self._clock.today())

    def _reckon(self) -> list[Group]:
        with self._engine.connect() as connection:
            asked = wordings(missed(connection, most=MOST))
        vectors, by_meaning = self._meaning.vectors(self._anywhere([each.text for each in asked]))
        today = self._clock.today()
        return grouped(
            asked,
            vectors,
            threshold=SAME_MEANING if by_meaning else WORDS_ALIKE,
            marks=self._decisions.marks(),
            decisions=self._decisions.all(),
            this_week=midnight(today, 1 - WEEK),
            week_before=midnight(today, 1 - 2 * WEEK),
        )

    def _anywhere(self, questions: Sequence[str]) -> list[str]:
        """As they would be asked in any district: what is asked makes a group, not where."""
        knowledge = self._knowledge()
        districts = Districts.of(knowledge.lexicon if knowledge is not None else Lexicon())
        return [districts.left_out_of(question) for question in questions]

    def _join(self, groups: Sequence[Group]) -> None:
        decided = {group.id: [each.key for each in group.wordings] for group in groups if group.decision}
        self._decisions.joined(dict(decided), self._clock.now())


def _by(tried: Tried, entry: Entry) -> bool:
    return tried.entry == entry.id or tried.clause in entry.answered_by


def _has_any(entry: Entry, group: Group) -> bool:
    """Whether any of the group's wordings stands in the entry."""
    known = {same_form(text) for text in (entry.question, *entry.variants)}
    return any(same_form(wording.text) in known for wording in group.wordings)


def _enough(answered: int, group: Group) -> bool:
    return answered >= _ANSWERED * min(len(group.wordings), _TRIED)


def _one_entry(answered: Sequence[Tried]) -> str | None:
    entries = {tried.entry for tried in answered}
    return entries.pop() if len(entries) == 1 else None
