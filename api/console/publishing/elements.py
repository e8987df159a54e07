"""Pieces of the publishing pages: a release, a changed answer, what an answer rests on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import quote

from nicegui import ui

from api.console.guard import PREFIX
from api.console.parts import when
from knowledge.publishing.due import Overdue
from knowledge.publishing.golden import Changed, Given
from knowledge.publishing.model import Release, Row

KINDS = {"document": "文件", "entry": "问答", "programme": "项目", "lexicon": "词表"}
OPENED = {
    "entry": "/entries/{}",
    "programme": "/programmes/{}",
    "document": "/documents/{}",
    "lexicon": "/lexicon",
}
"""The page on which each kind is written."""
TARGETS = {
    "entry": "问答",
    "clause": "条款",
    "document": "文件",
    "programme": "项目",
    "tag": "对象",
    "item": "物品",
}
RELEASES = {
    "start": "初始版本",
    "publication": "发布",
    "scheduled": "定时发布",
    "rollback": "回退",
    "withdrawal": "紧急撤回",
    "upkeep": "更新",
}
REPLIES = {
    "answer": "回答",
    "clarify": "反问",
    "abstain": "不答",
    "refuse": "拒绝",
    "notice": "通知",
    "smalltalk": "闲聊",
    "form": "办理",
    "handoff": "转人工",
}
SYSTEM = {"system": "系统", "shipped": "随程序提供"}
_SHOWN_ROWS = 6


def load_publishing() -> None:
    """Lets the page in use draw these parts; call it once in a page."""
    ui.add_head_html(f'<link rel="stylesheet" href="{PREFIX}/static/publishing.css">')


def person(name: str | None) -> str:
    return SYSTEM.get(name or "", name or "")


def kind_badge(kind: str) -> None:
    ui.badge(KINDS.get(kind, kind), color="blue-grey-8").props("outline").classes("console-badge")


def draw_rows(rows: tuple[Row, ...]) -> None:
    """What a release changes, in one line each."""
    for row in rows[:_SHOWN_ROWS]:
        mark = "撤回" if row.becomes == "withdrawn" else "发布"
        ui.label(f"{mark}{KINDS.get(row.kind, row.kind)}：{row.title}").classes("dim")
    if len(rows) > _SHOWN_ROWS:
        ui.label(f"等 {len(rows)} 项").classes("dim")


def draw_overdue(late: Sequence[Overdue]) -> None:
    """Scheduled drafts that were not published in time, each with the reason and where to act; nothing where
    there is none."""
    if not late:
        return
    with ui.card().classes("console-card pub-danger").props('role=alert aria-label="定时发布没有成功"'):
        ui.label(f"定时发布没有成功：{len(late)} 项").classes("pub-title")
        with ui.column().classes("pub-list"):
            for item in late:
                draft = item.draft
                with ui.element("div").classes("pub-row"):
                    with ui.element("div").classes("pub-row-text"):
                        ui.label(draft.title).classes("pub-row-title")
                        tried = f"，{when(item.tried_at)} 试过" if item.tried_at else ""
                        ui.label(f"{draft.row_id} · 定于 {when(draft.publish_at)}{tried}").classes("dim")
                        ui.label(item.why).style("white-space: pre-wrap")
                        with ui.row().classes("pub-actions"):
                            ui.link("打开改正", OPENED[draft.kind].format(draft.row_id))
                            ui.link("改时间、取消定时或退回", f"/review?kind={draft.kind}&row={draft.row_id}")
                    kind_badge(draft.kind)


def draw_change(change: Changed) -> None:
    """One golden question whose answer would be another, both answers side by side."""
    tone = "broken" if change.broken else "mended" if change.mended else ""
    with ui.column().classes(f"pub-change {tone}"):
        with ui.row().classes("pub-actions"):
            ui.link(change.question, f"/golden?words={quote(change.question)}").classes("pub-row-title")
            if change.broken:
                ui.badge("由对变错", color="negative").classes("console-badge")
            elif change.mended:
                ui.badge("由错变对", color="positive").classes("console-badge")
        with ui.element("div").classes("pub-sides"):
            _draw_given("线上", change.before, change.before_right)
            _draw_given("发布后", change.after, change.after_right)


def _draw_given(title: str, given: Given, right: bool) -> None:
    with ui.column().classes("pub-side"):
        with ui.row().classes("pub-side-head"):
            ui.label(title)
            ui.label(REPLIES.get(given.kind, given.kind))
            ui.badge("对" if right else "错", color="positive" if right else "negative").props("outline")
        ui.label(given.plain)
        if given.quote:
            ui.label(given.quote).classes("pub-quote")
        if given.clause:
            ui.label(given.clause).classes("dim")


def draw_release(release: Release, *, live: bool, back: Callable[[], Awaitable[None]] | None) -> None:
    """One line of the history. `back`, where it may be used, answers as this release did again."""
    with ui.element("div").classes("pub-row"):
        with ui.element("div").classes("pub-row-text"):
            with ui.row().classes("pub-side-head"):
                ui.label(RELEASES.get(release.kind, release.kind)).classes("pub-row-title")
                if live:
                    ui.badge("线上", color="primary").classes("console-badge")
                ui.label(when(release.committed_at, year=True)).classes("tabular")
                ui.label(person(release.published_by or release.by))
            draw_rows(release.rows)
            if release.reason:
                ui.label(f"理由：{release.reason}").classes("dim")
            if release.kept:
                ui.label(f"之后另有改动、保持原样：{'、'.join(release.kept)}").classes("dim")
            with ui.row().classes("pub-side-head"):
                ui.label(f"版本 {release.snapshot}").classes("tabular")
                if release.comparison is not None:
                    compared = release.comparison
                    ui.link(f"黄金题 {compared.right_after}/{compared.asked}", "/golden?show=wrong").classes(
                        "tabular"
                    )
        if back is not None:
            ui.button("回到这一版", icon="history", on_click=back).props("outline dense no-caps")


async def ask_reason(title: str, *, detail: str, action: str, danger: bool = False) -> str | None:
    """Ask for a typed reason; None if the question is closed without one."""
    with ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label(title).classes("console-dialog-title")
        ui.label(detail).classes("dim")
        words = ui.textarea("理由").props('outlined autogrow maxlength=500 aria-label="理由"')
        words.classes("full-width").style("width: 100%")
        with ui.row().classes("console-actions"):
            ui.button("取消", on_click=lambda: dialog.submit(None)).props("flat")
            sure = ui.button(action, on_click=lambda: dialog.submit(words.value))
            sure.bind_enabled_from(words, "value", backward=lambda value: bool((value or "").strip()))
            if danger:
                sure.props("color=negative")
    try:
        reason: str | None = await dialog
        return reason
    finally:
        dialog.delete()
