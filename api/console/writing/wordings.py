"""The question and its other wordings: a line each, counted, with what other entries say already."""

from __future__ import annotations

from typing import Any

from nicegui import events, ui

from api.console.parts import in_thread
from api.console.writing.form import Form
from api.desk.writing import Clash, WritingDesk
from knowledge.errors import KnowledgeError

_LONGEST = 200


class Wordings:
    def __init__(self, form: Form, desk: WritingDesk) -> None:
        self._form, self._desk = form, desk
        self._clashes: dict[str, list[Clash]] = {}
        with ui.card().classes("console-card"):
            ui.label("问题与问法").classes("writing-section")
            self._question = ui.input("居民会怎么问", on_change=lambda e: form.put("question", e.value or ""))
            self._question.props('outlined autogrow counter maxlength=200 aria-label="问题"')
            self._question.classes("full-width")
            self._question_note = ui.label().classes("writing-note")
            with ui.row().classes("writing-row"):
                self._count = ui.label().classes("text-weight-medium")
                ui.space()
                self._paste = ui.button("成批粘贴", icon="content_paste", on_click=self._paste_many)
                self._paste.props("flat dense")
            self._rows = ui.column().classes("writing-variants")
            self._add = ui.button("添加问法", icon="add", on_click=lambda: self._append(""))
            self._add.props("outline dense")
        form.on_redraw(self._draw)
        form.watch(self._check, delay_s=0.6)
        self._inputs: list[ui.input] = []
        self._notes: list[ui.label] = []
        self._draw()

    @property
    def _variants(self) -> list[str]:
        variants: list[str] = self._form.content.setdefault("variants", [])
        return variants

    def _draw(self) -> None:
        self._question.value = self._form.content.get("question") or ""
        self._question.enabled = self._form.editable
        self._add.set_visibility(self._form.editable)
        self._paste.set_visibility(self._form.editable)
        self._rows.clear()
        self._inputs, self._notes = [], []
        with self._rows:
            for text in self._variants:
                self._row(text)
        self._counted()

    def _row(self, text: str) -> None:
        place = len(self._inputs)
        with ui.row().classes("writing-variant") as row:
            box: ui.input = ui.input(value=text)
            box.on_value_change(lambda e: self._change(box, e))
            box.props(f'outlined dense hide-bottom-space maxlength={_LONGEST} aria-label="问法{place + 1}"')
            box.on("keydown.enter", lambda: self._append("") if self._form.editable else None)
            box.enabled = self._form.editable
            if self._form.editable:
                ui.button(icon="close", on_click=lambda: self._remove(box)).props(
                    f'flat round dense color=grey-7 aria-label="删去问法{place + 1}"'
                )
            note = ui.label().classes("writing-note")
        row.mark("variant")
        self._inputs.append(box)
        self._notes.append(note)

    def _change(self, box: ui.input, event: events.ValueChangeEventArguments[Any]) -> None:
        self._variants[self._inputs.index(box)] = event.value or ""
        self._form.touch()
        self._counted()

    def _append(self, text: str) -> None:
        if "" in self._variants and not text:  # one empty line is enough
            self._inputs[self._variants.index("")].run_method("focus")
            return
        self._variants.append(text)
        with self._rows:
            self._row(text)
        self._inputs[-1].run_method("focus")
        self._counted()

    def _remove(self, box: ui.input) -> None:
        del self._variants[self._inputs.index(box)]
        self._form.touch()
        self._draw()

    def _counted(self) -> None:
        filled = sum(1 for text in self._variants if text.strip())
        self._count.set_text(f"其他问法 {filled} 条")

    async def _paste_many(self) -> None:
        with ui.dialog() as dialog, ui.card().classes("console-dialog"):
            ui.label("成批粘贴问法").classes("console-dialog-title")
            ui.label("一行一条；和已有的一样的会略去。").classes("dim")
            area = ui.textarea().props('outlined autogrow aria-label="成批问法"').classes("full-width")
            with ui.row().classes("console-actions"):
                ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
                ui.button("加入", on_click=lambda: dialog.submit(area.value))
        pasted = await dialog
        dialog.delete()
        if not pasted:
            return
        known = {*self._variants, self._form.content.get("question")}
        lines = [line.strip()[:_LONGEST] for line in str(pasted).splitlines()]
        fresh = [line for line in dict.fromkeys(lines) if line and line not in known]
        self._variants[:] = [text for text in self._variants if text] + fresh
        self._form.touch()
        self._draw()
        ui.notify(f"加入了 {len(fresh)} 条问法", type="positive")

    async def _check(self) -> None:
        """Says at each line which other entry has it already, and what stands here twice."""
        try:
            found: list[Clash] = await in_thread(self._desk.clashes, {**self._form.content})
        except KnowledgeError:
            return  # what is wrong with a field is told where it is saved
        by_text: dict[str, list[Clash]] = {}
        for clash in found:
            by_text.setdefault(clash.text, []).append(clash)
        seen = {(self._form.content.get("question") or "").strip()}
        _tell(self._question_note, by_text.get(self._form.content.get("question") or "", []), False)
        for text, note in zip(self._variants, self._notes, strict=False):
            twice = bool(text.strip()) and text.strip() in seen
            seen.add(text.strip())
            _tell(note, by_text.get(text, []), twice)


def _tell(note: ui.label, clashes: list[Clash], twice: bool) -> None:
    said = ["这里已经写过一遍"] if twice else []
    for clash in clashes[:2]:
        whose = "草稿" if clash.draft else "问答"
        said.append(f"和{whose} {clash.entry_id} 的“{clash.theirs}”相同")
    note.set_text("；".join(said))
    note.set_visibility(bool(said))


def without_blanks(content: dict[str, Any]) -> dict[str, Any]:
    """The content as it is saved: empty lines are no wordings."""
    kept = [text.strip() for text in content.get("variants") or () if text.strip()]
    return {**content, "variants": kept}
