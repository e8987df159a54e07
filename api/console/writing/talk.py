"""Comments on a row, and its history: what it was at each publication, and who changed its drafts."""

from __future__ import annotations

from nicegui import ui

from api.console.parts import empty, failures_said, in_thread, state_badge, when
from api.console.writing.changes import show_changes
from api.desk.entries import EntryDesk
from knowledge.editing.differences import changes
from knowledge.editing.model import Comment, Event, Kind, Revision
from knowledge.editing.wording import field_labels
from knowledge.editing.wording import word as edit_word


class Comments:
    def __init__(self, desk: EntryDesk, kind: Kind, row_id: str | None, *, writable: bool) -> None:
        self._desk, self._kind, self.row_id = desk, kind, row_id
        self._list = ui.column().classes("writing-comments")
        if writable:
            self._box = ui.textarea(placeholder="写给同事：哪里要改、为什么").props(
                'outlined autogrow dense maxlength=4000 aria-label="评论"'
            )
            self._box.classes("full-width")
            ui.button("发表评论", icon="send", on_click=self._send).props("outline dense")

    async def show(self) -> None:
        if self.row_id is None:
            found: list[Comment] = []
        else:
            found = await in_thread(self._desk.comments, self._kind, self.row_id)
        self._list.clear()
        with self._list:
            if not found:
                ui.label("还没有评论。").classes("dim")
            for comment in found:
                with ui.column().classes("writing-comment"):
                    ui.label(f"{comment.by} · {when(comment.at)}").classes("dim")
                    ui.label(comment.text).classes("writing-pre")

    async def _send(self) -> None:
        if self.row_id is None:
            ui.notify("先写下问题，保存成草稿后才能评论。", type="warning")
            return
        with failures_said():
            await in_thread(self._desk.comment, self._kind, self.row_id, self._box.value or "")
            self._box.value = ""
            await self.show()


class History:
    def __init__(self, desk: EntryDesk, kind: Kind, row_id: str) -> None:
        self._desk, self._kind, self._row_id = desk, kind, row_id
        self._list = ui.column().classes("writing-history")

    async def show(self) -> None:
        revisions: list[Revision] = await in_thread(self._desk.revisions, self._kind, self._row_id)
        events: list[Event] = await in_thread(self._desk.events, self._kind, self._row_id)
        self._list.clear()
        with self._list:
            if not revisions and not events:
                empty("还没有在这里改动过；现在的内容随系统发布。", icon="history")
            for place, revision in enumerate(revisions):
                earlier = revisions[place + 1].content if place + 1 < len(revisions) else None
                self._revision(revision, earlier is None)
                if earlier is not None:
                    with ui.expansion("和上一版比").props("dense").classes("full-width"):
                        show_changes(changes(self._kind, earlier, revision.content))
            if events:
                with ui.expansion(f"草稿经过（{len(events)} 步）").props("dense").classes("full-width"):
                    for event in reversed(events):
                        fields = f"：{field_labels(event.fields)}" if event.fields else ""
                        said = f"{when(event.at)} {event.by}{edit_word('done', event.what)}{fields}"
                        ui.label(said).classes("dim")

    def _revision(self, revision: Revision, first: bool) -> None:
        with ui.row().classes("writing-row full-width"):
            state_badge(revision.state)
            if first and revision.number == 0:
                ui.label(f"最初的内容 · {when(revision.at, year=True)}")
            else:
                ui.label(f"第 {revision.number} 版 · {when(revision.at, year=True)}")
        people = [f"{revision.author} 写"] if revision.author else []
        if revision.reviewer:
            people.append(f"{revision.reviewer} 审核")
        people.append(f"{revision.by} 发布")
        ui.label("，".join(people)).classes("dim")
        if revision.reason:
            ui.label(f"说明：{revision.reason}").classes("dim writing-pre")
