"""Where a trial question is asked: the live snapshot, a draft of the next one, or an earlier one.

A draft snapshot is assembled in memory from the store with drafts laid over it; the last few are kept, since
one takes seconds. A snapshot once opened stays as it is, so that a long list is asked of one state.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from actions.answer import Answerer
from actions.replies import Citation, Reply
from api.clock import LOCAL
from index.comparing import Told
from index.errors import IndexFault, SnapshotFault
from index.live import LiveIndex
from index.search import Searcher
from knowledge.editing.model import Draft
from knowledge.editing.service import Editing
from knowledge.errors import InvalidContent
from knowledge.model import Lexicon
from knowledge.publishing.golden import Answered, Given, GoldenQuestion

SourceKind = Literal["live", "draft", "snapshot"]
_REMEMBERED = 5_000
KEPT = 3
"""Opened snapshots that stay in memory: a few tens of megabytes each at the size of the shipped knowledge."""


@dataclass(frozen=True, slots=True)
class Source:
    """`snapshot` names an earlier one; `drafts` are the ids laid over the store, None for every open one."""

    kind: SourceKind
    snapshot: str = ""
    drafts: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A source ready to be asked; `label` is what people call it."""

    source: Source
    label: str
    searcher: Searcher
    answerer: Answerer

    def ask(self, question: str, on: date) -> Given:
        """What a resident would be told on that day."""
        return given_of(self.reply(question, on))

    def tell(self, question: str, on: date, golden: GoldenQuestion | None = None) -> Told:
        """The same with the probability, and whether it is what a golden question expects."""
        reply = self.reply(question, on)
        given = given_of(reply)
        first = reply.citations[0] if reply.citations else None
        return Told(
            verdict=reply.kind,
            clause_id=given.clause,
            clause_name=_called(first) if first else "",
            quote=given.quote,
            probability=self.searcher.search(question, as_of=on).probability,
            text=reply.text,
            expected=Answered(golden, given).right if golden else None,
        )

    def reply(self, question: str, on: date) -> Reply:
        return self.answerer.reply(question, request_id="trial", as_of=on)


class Trials:
    """Opens sources; safe to share between threads."""

    def __init__(self, library: object, editing: Editing, *, today: Callable[[], date]) -> None:
        """`library` is the live index; anything else can be asked nothing."""
        self._library, self._editing, self._today = library, editing, today
        self._opened: OrderedDict[tuple[object, ...], Opened] = OrderedDict()
        self._one_at_a_time = threading.Lock()
        self._asked_of: tuple[Searcher, date, dict[str, Given], Opened] | None = None

    def snapshots(self) -> list[tuple[str, str]]:
        """Earlier snapshots by name with their labels, the newest first; the live one is not among them."""
        live = self._live()
        return [(name, _label(name, at)) for name, at in live.kept() if name != live.snapshot]

    def open(self, source: Source) -> Opened:
        """Ready to be asked; may take seconds. Raises InvalidContent for drafts that are gone or cannot be
        read, IndexFault for a snapshot that cannot be opened."""
        live = self._live()
        if source.kind == "live":
            return self._made(source, "现在的回答", live.searcher())
        drafts = self._drafts(source) if source.kind == "draft" else []
        key = (source, live.snapshot, live.withheld, tuple((draft.id, draft.revision) for draft in drafts))
        with self._one_at_a_time:
            if key not in self._opened:
                self._opened[key] = self._opening(live, source, drafts)
                while len(self._opened) > KEPT:
                    self._opened.popitem(last=False)
            self._opened.move_to_end(key)
            return self._opened[key]

    def ask_live(self, question: str) -> Given:
        """What a resident is told today; asked once for each state of what is live."""
        live, today = self._live(), self._today()
        searcher = live.searcher()
        asked = self._asked_of
        if asked is None or asked[0] is not searcher or asked[1] != today:
            asked = self._asked_of = (searcher, today, {}, self._made(Source("live"), "", searcher))
        _, _, known, opened = asked
        if question not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[question] = opened.ask(question, today)
        return known[question]

    def with_lexicon(self, lexicon: Lexicon) -> Opened:
        """The live snapshot under another lexicon."""
        searcher = self._live().searcher()
        return self._made(Source("live"), "改动以后", searcher.with_lexicon(lexicon, "lexicon"))

    def _opening(self, live: LiveIndex, source: Source, drafts: Sequence[Draft]) -> Opened:
        if source.kind == "draft":
            content = self._editing.overlay(self._editing.content(), drafts)
            knowledge = content.published()
            searcher = live.try_out(knowledge, "draft").without(live.withheld)
            return self._made(source, f"改稿（{len(drafts)} 处改动）", searcher)
        built = dict(live.kept()).get(source.snapshot)
        try:
            return self._made(source, _label(source.snapshot, built), live.earlier(source.snapshot))
        except SnapshotFault as fault:
            raise IndexFault(
                f"快照 {source.snapshot[:8]} 打不开（文件损坏、已清理，或是用别的编码器建的），请选另一个。"
            ) from fault

    def _drafts(self, source: Source) -> list[Draft]:
        drafts = self._editing.drafts()
        if source.drafts is None:
            if not drafts:
                raise InvalidContent("现在没有未发布的改稿，请先写一份，或改选别的快照。")
            return drafts
        chosen = [draft for draft in drafts if draft.id in source.drafts]
        if not chosen or len(chosen) < len(source.drafts):
            raise InvalidContent("选中的改稿里有的已经发布或丢弃，请重新选择。")
        return chosen

    def _made(self, source: Source, label: str, searcher: Searcher) -> Opened:
        return Opened(source, label, searcher, Answerer(lambda: searcher, self._today))

    def _live(self) -> LiveIndex:
        if not isinstance(self._library, LiveIndex):
            raise IndexFault("检索还没有准备好，请稍后再试。")
        return self._library


def given_of(reply: Reply) -> Given:
    """What of a reply a golden question is judged by."""
    first = reply.citations[0] if reply.citations else None
    return Given(
        reply.kind, first.clause_id if first else "", first.quote if first else "", reply.plain or ""
    )


def _called(citation: Citation) -> str:
    """A programme's label is its title again."""
    label = citation.clause_label if citation.clause_label != citation.document_title else ""
    return f"《{citation.document_title}》{label}"


def _label(name: str, at: datetime | None) -> str:
    built = f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M} 的快照" if at else "快照"
    return f"{built}（{name[:8]}）"
