"""Importing a policy file: upload or paste, watch it, go to the draft that comes of it.

An import goes on when this page is closed; opened again, the page shows where it stands.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nicegui import events, ui

from api.accounts.roles import Right
from api.console.documents.elements import chip, load_styles, table, word
from api.console.frame import console_page
from api.console.parts import empty, failures_said, heading, in_thread, when
from api.console.uploading import file_field
from api.console.visit import Visit
from api.desk.document_imports import DocumentImportsDesk
from api.desk.documents import DocumentsDesk
from knowledge.importing import ImportJob, ImportRequest

ACCEPTED = ".txt,.md,.markdown,.docx,.pdf,.html,.htm,.ofd"
_MIB = 1024 * 1024
_FRESH = timedelta(days=7)


@console_page(
    "/documents/import", title="导入文件", group="知识", icon="upload_file", right=Right.edit, menu=False
)
async def import_page(visit: Visit) -> None:
    load_styles()
    heading("导入文件", "支持 PDF、Word（DOCX）、OFD、网页、Markdown 和纯文本；扫描件没有文字层，读不出来。")
    await _Import(visit).draw()


class _Import:
    """The page's state: what is chosen, and the jobs that it watches."""

    def __init__(self, visit: Visit) -> None:
        self._desk = DocumentImportsDesk(visit.services, visit.actor)
        self._documents = DocumentsDesk(visit.services, visit.actor)
        self._limit = visit.services.settings.max_document_bytes
        self._shown: list[ImportJob] = []

    async def draw(self) -> None:
        known = {
            line.id: f"{line.title}（{line.id}）"
            for line in await in_thread(self._documents.listed)
            if line.state is not None
        }
        with ui.card().classes("console-card"):
            ui.label("一、这是什么文件").classes("text-weight-medium")
            self._mode = ui.radio(table("modes"), value="new").classes("doc-choice")
            self._target = ui.select(known, label="是哪一份文件", with_input=True).classes("w-full")
            self._target.props("outlined dense").bind_visibility_from(
                self._mode, "value", backward=lambda mode: mode != "new"
            )
            with ui.expansion("更多选项").classes("w-full"):
                self._id = ui.input("指定编号（不填则按文号取）").props("outlined dense").classes("w-full")
                self._url = ui.input("原文网址").props("outlined dense").classes("w-full")
        with ui.card().classes("console-card"):
            ui.label("二、选择文件，或粘贴正文").classes("text-weight-medium")
            file_field(
                f"或拖到这里，最大 {self._limit // _MIB} MB",
                accepted=ACCEPTED,
                most_bytes=self._limit,
                on_upload=self._uploaded,
                refused=f"文件没有上传：超过 {self._limit // _MIB} MB，或者不是支持的格式。",
            )
            with ui.expansion("粘贴正文").classes("w-full"):
                self._name = (
                    ui.input("起个名字", value="粘贴的正文").props("outlined dense").classes("w-full")
                )
                self._text = ui.textarea("把文件全文粘贴到这里").props(
                    "outlined input-style=min-height:180px"
                )
                self._text.classes("w-full")
                ui.button("导入粘贴的正文", on_click=self._pasted)
        ui.label("最近的导入").classes("text-weight-medium")
        self._jobs = ui.column().classes("w-full gap-2")
        await self._refresh()
        self._timer = ui.timer(0.7, self._refresh)

    def _request(self) -> ImportRequest:
        mode = self._mode.value
        target = self._target.value if mode != "new" else None
        if mode != "new" and not target:
            raise ValueError("请先选择是哪一份文件。")
        return ImportRequest(
            mode, target, (self._id.value or "").strip() or None, (self._url.value or "").strip() or None
        )

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        with failures_said():
            request = self._request()
            data = await event.file.read()
            await in_thread(self._desk.upload, data, name=event.file.name, request=request)
            await self._refresh()

    async def _pasted(self) -> None:
        with failures_said():
            request = self._request()
            text, name = self._text.value or "", (self._name.value or "").strip() or "粘贴的正文"
            await in_thread(self._desk.paste, text, name=name, request=request)
            self._text.value = ""
            await self._refresh()

    async def _cancel(self, job_id: str) -> None:
        with failures_said():
            await in_thread(self._desk.cancel, job_id)
        await self._refresh()

    async def _refresh(self) -> None:
        """The latest jobs; drawn anew only where one moved, so that what is read stays in place."""
        jobs = await in_thread(self._desk.jobs, limit=10)
        since = datetime.now(UTC) - _FRESH
        jobs = [job for job in jobs if job.is_open or job.created_at >= since]
        if jobs == self._shown and self._jobs.default_slot.children:
            return
        self._shown = jobs
        self._jobs.clear()
        with self._jobs:
            if not jobs:
                empty("还没有导入过文件。", icon="upload_file")
            for job in jobs:
                self._job(job)

    def _job(self, job: ImportJob) -> None:
        with ui.card().classes("console-card"), ui.element("div").classes("doc-job"):
            with ui.row().classes("w-full items-center gap-2"):
                ui.label(job.name).classes("text-weight-medium")
                chip(word("kinds", job.kind))
                colour = {"done": "green", "failed": "red", "cancelled": "grey"}.get(job.state, "amber")
                chip(word("job_states", job.state), colour)
                ui.space()
                ui.label(f"{job.created_by} {when(job.created_at)}").classes("dim")
            if job.is_open:
                ui.linear_progress(job.progress / 100, show_value=False).props(
                    f'rounded size=10px aria-label="导入进度 {job.progress}%"'
                )
                with ui.row().classes("items-center gap-3"):
                    ui.label(f"{job.progress}%，可以关掉页面，导入会继续。").classes("dim")
                    ui.button("取消", on_click=lambda: self._cancel(job.id)).props("flat dense")
            if job.error:
                ui.label(job.error).classes("text-negative")
            for warning in job.warnings[:5]:
                ui.label(warning).classes("doc-warning")
            if job.state == "done" and job.document_id is not None:
                with ui.row():
                    ui.button(
                        "打开草稿",
                        icon="arrow_forward",
                        on_click=lambda: ui.navigate.to(f"/documents/{job.document_id}"),
                    )
