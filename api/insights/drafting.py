"""From a group to a draft entry: its question, its wordings as variants, the likeliest span as the quote.

Owns what becomes of residents' wordings there: those with a masked number in them, those that only add a
district, and those that an entry has already stay out. What a draft is, and who reviews it, is editing's
business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy import Engine, select

from api.insights.districts import Districts
from api.insights.missed import Wording
from api.insights.model import Group, InsightError, NothingToDraft
from api.insights.suggesting import Suggested
from knowledge.model import Knowledge
from knowledge.store.draft_tables import DraftRow
from knowledge.store.tables import EntryRow
from knowledge.wordings import same_form

MASK = "〔"
"""With what the mask of a personal number begins."""
LONGEST = 80
"""Characters of a wording that still says one thing in one way; a longer message tells a story."""


class Written(Protocol):
    @property
    def id(self) -> int: ...

    @property
    def revision(self) -> int: ...

    @property
    def state(self) -> str: ...

    @property
    def content(self) -> Mapping[str, Any]: ...

    @property
    def withdraws(self) -> bool: ...


class Editor(Protocol):
    """Editing, as far as drafts are begun and dropped."""

    def save(
        self,
        *,
        kind: Literal["entry"],
        row_id: str,
        content: Mapping[str, Any],
        by: str,
        revision: int | None = None,
        note: str = "",
    ) -> Written: ...

    def discard(self, draft_id: int, *, by: str, revision: int) -> None: ...

    def draft_of(self, kind: Literal["entry"], row_id: str) -> Written | None: ...

    def current(self, kind: Literal["entry"], row_id: str) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Drafted:
    """`left_out` counts wordings that an entry has already or that are no plain question. `before` is what
    the entry's open draft held, None where the draft was begun by this."""

    draft: int
    revision: int
    entry: str
    left_out: int
    before: Mapping[str, Any] | None = None


class Drafts:
    def __init__(self, engine: Engine, *, editor: Editor | None) -> None:
        self._engine, self._editor = engine, editor

    def write(
        self,
        group: Group,
        chosen: Sequence[Wording],
        quoted: Suggested | None,
        knowledge: Knowledge | None,
        *,
        by: str,
    ) -> Drafted:
        """Raises NothingToDraft, and what editing raises."""
        if self._editor is None:
            raise InsightError("当前没有启用编辑功能，不能建立草稿。")
        if not chosen:
            raise NothingToDraft
        texts = _anywhere(_usable([each.text for each in chosen], knowledge), knowledge)
        question = group.question if group.question in texts else (texts or [group.question])[0]
        quote = {"clause": quoted.clause, "text": quoted.text, "start": quoted.start} if quoted else None
        content: dict[str, Any] = {
            "id": self._free_id(group.id),
            "question": question,
            "variants": [text for text in texts if text != question],
            "quotes": [quote] if quote else [],
            "force": quoted.force if quoted else None,
        }
        draft = self._editor.save(kind="entry", row_id=content["id"], content=content, by=by)
        return Drafted(draft.id, draft.revision, content["id"], len(chosen) - len({question, *texts}))

    def extend(
        self, entry: str, chosen: Sequence[Wording], knowledge: Knowledge | None, *, by: str
    ) -> Drafted:
        """Wordings as further variants in the draft of an entry that is there, begun where it has none.
        Raises InsightError where the entry is not there, its draft is with a reviewer or takes it back, or
        no wording is left; and what editing raises."""
        if self._editor is None:
            raise InsightError("当前没有启用编辑功能，不能建立草稿。")
        draft, current = self._editor.draft_of("entry", entry), self._editor.current("entry", entry)
        held = draft.content if draft is not None else current
        if held is None:
            raise InsightError(f"没有编号为 {entry} 的问答，请刷新后重新选择。")
        if draft is not None and (draft.withdraws or draft.state != "draft"):
            doing = "有人提议撤回" if draft.withdraws else "草稿正在审核或等待发布"
            raise InsightError(f"“{held['question']}”{doing}，现在不能加问法。请先处理那份草稿，再来加。")
        own = {same_form(text) for text in (held["question"], *held["variants"])}
        texts = _anywhere(_usable([each.text for each in chosen], knowledge), knowledge)
        fresh = [text for text in texts if same_form(text) not in own]
        if not fresh:
            raise InsightError("选中的问法，问答里都已经有了，或不是一句完整的问题，没有可加的。")
        saved = self._editor.save(
            kind="entry",
            row_id=entry,
            content={**held, "variants": [*held["variants"], *fresh]},
            by=by,
            revision=draft.revision if draft is not None else None,
        )
        before = draft.content if draft is not None else None
        return Drafted(saved.id, saved.revision, entry, len(chosen) - len(fresh), before)

    def drop(self, drafted: Drafted, *, by: str) -> None:
        """Somebody else decided on the group in the same moment."""
        if self._editor is None:
            return
        if drafted.before is None:
            self._editor.discard(drafted.draft, by=by, revision=drafted.revision)
            return
        self._editor.save(
            kind="entry", row_id=drafted.entry, content=drafted.before, by=by, revision=drafted.revision
        )

    def pending(self, entry: str) -> bool:
        """Whether there is a draft of the entry."""
        return self._editor is not None and self._editor.draft_of("entry", entry) is not None

    def exists(self, entry: str | None) -> bool:
        """Whether there is an entry of that id or a draft for one."""
        with self._engine.connect() as connection:
            drafts = select(DraftRow.id).where(DraftRow.kind == "entry", DraftRow.row_id == entry)
            rows = select(EntryRow.id).where(EntryRow.id == entry)
            return connection.scalar(drafts) is not None or connection.scalar(rows) is not None

    def _free_id(self, group: str) -> str:
        """`asked-` and the group's name: of two who draft the same group at once, only one gets the draft.
        Where an entry of that id is there already, the next number."""
        name = f"asked-{group[:12]}"
        with self._engine.connect() as connection:
            taken = set(connection.scalars(select(EntryRow.id).where(EntryRow.id.startswith(name))))
        number = 1
        while (wanted := name if number == 1 else f"{name}-{number}") in taken:
            number += 1
        return wanted


def _anywhere(texts: Sequence[str], knowledge: Knowledge | None) -> list[str]:
    """Without those that only add a district to another: 渝北区冰箱 beside 冰箱."""
    if knowledge is None:
        return list(texts)
    districts, forms = Districts.of(knowledge.lexicon), {same_form(text) for text in texts}
    return [
        text
        for text in texts
        if districts.named_in(text) is None or same_form(districts.left_out_of(text)) not in forms
    ]


def _usable(texts: Sequence[str], knowledge: Knowledge | None) -> list[str]:
    """Plain questions, each once, that no published entry has."""
    entries = knowledge.entries if knowledge else ()
    known = {same_form(text) for entry in entries for text in (entry.question, *entry.variants)}
    found: dict[str, str] = {}
    for text in texts:
        plain = " ".join(text.split())
        form = same_form(plain)
        if form and form not in known and MASK not in plain and len(plain) <= LONGEST:
            found.setdefault(form, plain)
    return list(found.values())
