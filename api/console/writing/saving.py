"""Saving a draft by itself while somebody writes, and saying so; what happens when somebody else was first.

Nothing is ever overwritten: a save names the revision that this page has seen. After a conflict saving stops
until the person has decided, and what they wrote stays in the page.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Protocol

from nicegui import ui

from api.console.parts import done, in_thread, when, words_of
from api.console.writing.conflict import settle
from api.console.writing.elements import Leaving
from api.console.writing.form import Form
from knowledge.editing.errors import DraftConflict
from knowledge.editing.model import Draft
from knowledge.errors import KnowledgeError

SAVE_AFTER_S = 1.2


class Save(Protocol):
    """Writes a draft; blocks. `revision` is the one that was seen, None to begin a draft."""

    def __call__(self, content: dict[str, Any], revision: int | None) -> Draft: ...


class Saver:
    """`draft` is how the page knows the draft; None before there is one."""

    def __init__(
        self,
        form: Form,
        save: Save,
        *,
        draft: Draft | None,
        leaving: Leaving,
        on_saved: Callable[[Draft], None],
    ) -> None:
        self.draft, self.form = draft, form
        self._save, self._leaving, self._on_saved = save, leaving, on_saved
        self._base = deepcopy(form.content)
        self._saved_version = form.version
        self._conflict: DraftConflict | None = None
        self._busy = False
        with ui.row().classes("writing-saved").props("role=status aria-live=polite"):
            self._icon = ui.icon("cloud_done", size="18px")
            self._label = ui.label()
            self._decide = ui.button("看双方的修改", on_click=self.decide).props(
                "dense outline color=negative"
            )
        self._say("cloud_done", f"已保存 {when(draft.updated_at)}" if draft else "还没有改动")
        form.watch(self._changed, delay_s=0, shows=False)

    @property
    def unsaved(self) -> bool:
        return self.form.version != self._saved_version

    async def save(self) -> bool:
        """Writes what is not saved yet; False where it could not be."""
        if not self.unsaved:
            return True
        if self._conflict is not None or self._busy or not self.form.editable:
            return False
        self._busy = True
        version, content = self.form.version, deepcopy(self.form.content)
        self._say("cloud_sync", "正在保存……")
        try:
            revision = self.draft.revision if self.draft else None
            draft = await in_thread(self._save, content, revision)
        except DraftConflict as conflict:
            self._conflict = conflict
        except (KnowledgeError, ValueError, PermissionError) as error:
            self._say("error_outline", f"没有保存：{words_of(error)}", trouble=True)
            return False
        finally:
            self._busy = False
        if self._conflict is not None:
            self._say("sync_problem", words_of(self._conflict), trouble=True)
            await self.decide()
            return not self.unsaved
        self.draft, self._base, self._saved_version = draft, content, version
        if self.form.version == version:
            self._say("cloud_done", f"已保存 {when(draft.updated_at)}")
        self._leaving.remember(self.unsaved)
        self._on_saved(draft)
        return not self.unsaved

    async def _changed(self) -> None:
        """Nothing says "saved" over words that are not."""
        if self.unsaved and self.form.editable and self._conflict is None:
            self._say("edit", "有改动，马上保存……")

    def seen(self, draft: Draft | None) -> None:
        """The draft went on by a step of this page itself, such as submitting."""
        self.draft = draft

    async def decide(self) -> None:
        """Shows both texts, and saves what the person makes of them."""
        conflict = self._conflict
        if conflict is None:
            return
        theirs = conflict.draft
        outcome = await settle(conflict, base=self._base, mine=self.form.content)
        if outcome is None:
            return
        self._conflict = None
        self.draft = theirs
        self._base = deepcopy(dict(theirs.content)) if theirs else {}
        self.form.replace(outcome)
        if theirs is not None and outcome == theirs.content:
            self._saved_version = self.form.version
            self._say("cloud_done", f"已换成对方的文字，{when(theirs.updated_at)}保存")
            self._leaving.remember(False)
            self._on_saved(theirs)
        elif await self.save():
            done("已合并并保存")

    def _say(self, icon: str, text: str, *, trouble: bool = False) -> None:
        self._icon.props(f"name={icon}")
        self._label.set_text(text)
        self._decide.set_visibility(self._conflict is not None)
        for element in (self._icon, self._label):
            element.classes(**{"add" if trouble else "remove": "writing-trouble"})
