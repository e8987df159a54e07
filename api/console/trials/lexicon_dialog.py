"""The dialog in which a line of the lexicon is written or taken away, with its effect before it is saved."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from nicegui import ui

from api.console.parts import done, failures_said, in_thread
from api.console.trials.effects import draw_effect, draw_remarks
from api.console.visit import Visit
from api.desk.lexicon import LexiconDesk, Line, Wording
from index.lexicon_checks import said

_BETWEEN = re.compile(r"[\n、，,;；]+")
_TICK_S = 0.3


class LexiconDialog:
    """`line` None: a new one. `taking_away`: only the reason is asked for. `saved` is called after saving."""

    def __init__(
        self,
        visit: Visit,
        desk: LexiconDesk,
        section: str,
        line: Line | None,
        saved: Callable[[], Awaitable[None]],
        *,
        taking_away: bool = False,
    ) -> None:
        self._visit, self._desk, self._section, self._line = visit, desk, section, line
        self._saved, self._taking_away = saved, taking_away
        self._closed = False
        self._tried: Wording | None = None
        self._done_of = (0, 0)

    def open(self) -> None:
        with (
            ui.dialog().props("persistent") as self._dialog,
            ui.card().classes("console-dialog trials-editor"),
        ):
            ui.label(self._title()).classes("console-dialog-title")
            self._fields()
            self._result = ui.column().classes("full-width")
            self._doing = ui.label().classes("dim").props("role=status")
            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=self._close).props("flat")
                self._try = ui.button("看看影响", icon="science", on_click=self._show_effect).props("outline")
                self._save = ui.button("提议删除" if self._taking_away else "存为改稿", on_click=self._keep)
                if self._taking_away:
                    self._save.props("color=negative")
                self._save.set_enabled(False)
        self._ticking = ui.timer(_TICK_S, self._tick, active=False)
        self._dialog.open()

    def _title(self) -> str:
        section = said(f"section.{self._section}")
        if self._taking_away and self._line is not None:
            return f"删除“{self._line.name}”（{section}）"
        return f"修改“{self._line.name}”（{section}）" if self._line else f"新增一行（{section}）"

    def _fields(self) -> None:
        line = self._line
        if self._taking_away:
            self._note = ui.input("为什么删除").props("outlined dense maxlength=200").classes("full-width")
            self._note.on_value_change(self._changed)
            return
        named = "居民的说法" if self._section == "synonyms" else "名称"
        other = (
            "文件里的说法（一行一个，或用顿号分开）"
            if self._section == "synonyms"
            else "别的叫法（一行一个）"
        )
        self._name = ui.input(named, value=line.name if line else "")
        self._name.props("outlined dense maxlength=40").classes("full-width")
        self._words = ui.textarea(other, value="\n".join(line.shown) if line else "")
        self._words.props("outlined autogrow maxlength=2000").classes("full-width")
        for field in (self._name, self._words):
            field.on_value_change(self._changed)

    def _wanted(self) -> Wording:
        was = self._line.name if self._line else None
        if self._taking_away and self._line is not None:
            return Wording(self._section, self._line.name, None)
        words = tuple(
            dict.fromkeys(word for part in _BETWEEN.split(self._words.value or "") if (word := part.strip()))
        )
        return Wording(self._section, (self._name.value or "").strip(), words, was)

    def _changed(self) -> None:
        self._save.set_enabled(self._tried is not None and self._tried == self._wanted())

    async def _show_effect(self) -> None:
        with failures_said():
            wanted = self._wanted()
            remarks = await in_thread(self._desk.check, wanted)
            self._result.clear()
            with self._result:
                draw_remarks(remarks)
            if any(remark.severity == "error" for remark in remarks):
                self._doing.text = "请先改正上面的问题。"
                return
            self._try.set_enabled(False)
            self._doing.text, self._done_of = "正在用黄金题和居民问过的问题试…", (0, 0)
            self._ticking.activate()
            try:
                found = await in_thread(
                    self._desk.effect, wanted, progress=self._progress, stopped=lambda: self._closed
                )
            finally:
                self._ticking.deactivate()
                self._try.set_enabled(True)
                self._doing.text = ""
            if found is None:
                return
            with self._result:
                draw_effect(found, self._visit.services.knowledge())
            self._tried = wanted
            self._changed()

    def _progress(self, number: int, of: int) -> None:
        """From the worker thread: only remembered here."""
        self._done_of = (number, of)

    def _tick(self) -> None:
        number, of = self._done_of
        if of:
            self._doing.text = f"已试 {number} / {of}"

    async def _keep(self) -> None:
        with failures_said():
            if self._taking_away and self._line is not None:
                await in_thread(self._desk.remove, self._line, note=self._note.value or "")
                done("已提议删除，审核发布后生效" if self._line.words is not None else "已删除改稿")
            else:
                await in_thread(self._desk.save, self._wanted(), self._line)
                done("已存为改稿，提交审核并发布后生效")
            self._close()
            await self._saved()

    def _close(self) -> None:
        self._closed = True
        self._dialog.close()
        self._dialog.delete()
