"""Knowledge out to files and back in: what an import would do is shown before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nicegui import events, ui

from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.parts import done, failures_said, heading, in_thread
from api.console.uploading import file_field
from api.console.visit import Visit
from api.console.writing.changes import show_changes
from api.console.writing.elements import load_writing
from api.console.writing.words import word
from api.desk.entries import EntryDesk, Exported
from knowledge.exchange import LARGEST, ImportPlan, ImportRefused, Planned, RowProblem

_LISTED = 100
_MIB = 1024 * 1024


@console_page("/exchange", title="导入导出", group="知识", icon="import_export", right=Right.read, order=45)
async def exchange(visit: Visit) -> None:
    load_writing()
    heading("导入导出", "用表格或内容文件成批修改问答；导入的都先成为草稿，照样要审核。")
    desk = EntryDesk(visit.services, visit.actor)
    _draw_export(desk)
    if visit.actor.may(Right.edit):
        _Import(desk)


def _draw_export(desk: EntryDesk) -> None:
    with ui.card().classes("console-card"):
        ui.label("导出").classes("writing-section")
        ui.label("内容文件包含文件、问答、项目和词表，可以放进代码仓库；表格只有问答。").classes("dim")
        with ui.element("div").classes("writing-head"):
            _download("内容文件（YAML 压缩包）", lambda: desk.export("yaml"))
            _download("表格（XLSX）", lambda: desk.export("xlsx"))
            _download("表格（CSV）", lambda: desk.export("csv"))
        ui.label("空白模板").classes("text-weight-medium")
        with ui.element("div").classes("writing-head"):
            _download("XLSX 模板", lambda: desk.template("xlsx"))
            _download("CSV 模板", lambda: desk.template("csv"))


def _download(label: str, make: Callable[[], Exported]) -> None:
    async def fetch() -> None:
        with failures_said():
            made = await in_thread(make)
            ui.download.content(made.data, made.name, made.media_type)

    ui.button(label, icon="download", on_click=fetch).props("outline")


class _Import:
    def __init__(self, desk: EntryDesk) -> None:
        self._desk = desk
        self._planned: ImportPlan | None = None
        with ui.card().classes("console-card"):
            ui.label("导入").classes("writing-section")
            ui.label("先检查，不会马上改动任何内容；有一行不对就一行也不导入。").classes("dim")
            self._upload = file_field(
                f"XLSX、CSV、YAML 或 ZIP，也可以拖到这里，最大 {LARGEST // _MIB} MB",
                accepted=".xlsx,.csv,.tsv,.yml,.yaml,.zip",
                most_bytes=LARGEST,
                on_upload=self._uploaded,
                refused="文件没有上传：太大，或者不是支持的格式。",
            )
            self._result = ui.column().classes("full-width").props("aria-live=polite")

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        self._planned = None
        self._result.clear()
        with self._result:
            ui.spinner(size="24px")
        with failures_said():
            data = await event.file.read()
            try:
                self._planned = await in_thread(self._desk.plan_import, data, event.file.name)
                problems: Sequence[RowProblem] = self._planned.problems
            except ImportRefused as refused:
                problems = refused.problems
        self._upload.reset()
        self._result.clear()
        with self._result:
            self._show(event.file.name, problems)

    def _show(self, name: str, problems: Sequence[RowProblem]) -> None:
        ui.label(f"检查结果：{name}").classes("text-weight-medium")
        if problems:
            with ui.column().classes("writing-problems").props("role=alert"):
                ui.label(f"有 {len(problems)} 处要先改好，什么都没有导入：").classes("text-weight-medium")
                for problem in problems[:_LISTED]:
                    ui.label(f"· {problem}")
                if len(problems) > _LISTED:
                    ui.label(f"还有 {len(problems) - _LISTED} 处没有列出")
        planned = self._planned
        if planned is None:
            return
        for title, rows in (
            ("新增", planned.new),
            ("改动", planned.changed),
            ("有人正在改，挡住了导入", planned.conflicts),
            ("已经撤回，略过", planned.skipped),
        ):
            if rows:
                _rows(title, rows)
        ui.label(f"没有变化 {len(planned.unchanged)} 条").classes("dim")
        count = len(planned.new) + len(planned.changed)
        if planned.ready and count:
            self._note = ui.input("说明（可以不填）").props('outlined dense aria-label="导入的说明"')
            self._note.classes("full-width")
            ui.button(f"导入 {count} 条，存为草稿", icon="upload", on_click=self._carry_out)
        elif planned.ready:
            ui.label("没有要导入的内容。").classes("dim")

    async def _carry_out(self) -> None:
        if self._planned is None:
            return
        with failures_said():
            made = await in_thread(self._desk.carry_out_import, self._planned, note=self._note.value or "")
            self._planned = None
            self._result.clear()
            with self._result:
                ui.label(f"已存为 {len(made)} 份草稿，还没有发布。").classes("text-weight-medium")
                ui.link("去看这些草稿", "/entries?show=drafted")
            done(f"已导入 {len(made)} 条")


def _rows(title: str, rows: Sequence[Planned]) -> None:
    with ui.expansion(f"{title} {len(rows)} 条", value=len(rows) <= 5).classes("full-width"):
        for row in rows[:_LISTED]:
            with ui.column().classes("writing-block"):
                place = f"{row.incoming.sheet} 第 {row.incoming.row} 行"
                ui.label(f"{word('kind', row.proposal.kind)} {row.row_id} · {place}").classes("dim")
                ui.label(row.title).classes("writing-item-question")
                if row.draft is not None:
                    ui.label(f"{row.draft.updated_by} 的草稿还开着，请先处理它。").classes("writing-note")
                elif row.changes:
                    show_changes(row.changes)
        if len(rows) > _LISTED:
            ui.label(f"还有 {len(rows) - _LISTED} 条没有列出").classes("dim")
