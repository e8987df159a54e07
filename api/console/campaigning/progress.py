"""How far a run has come: a bar, and the time that is left in words."""

from __future__ import annotations

from datetime import UTC, datetime

from nicegui import ui

from api.console.campaigning.elements import moment_said, span_said
from api.console.campaigning.words import word
from campaigns.delivery.model import Progress


class Bar:
    def __init__(self) -> None:
        with ui.column().classes("camp-progress"):
            self._bar = ui.linear_progress(value=0.0, show_value=False)
            self._bar.props('rounded size=14px aria-label="发送进度"')
            self._said = ui.label().classes("dim tabular").props("role=status")

    def show(self, progress: Progress) -> None:
        share = progress.done / progress.recipients if progress.recipients else 0.0
        if progress.state == "finished":
            share = 1.0
        self._bar.value = round(share, 4)
        self._bar.props(f"color={'primary' if progress.state in ('running', 'finished') else 'grey-7'}")
        self._said.text = said(progress, datetime.now(UTC))


def said(progress: Progress, now: datetime) -> str:
    """Such as: 已处理 1,200 / 5,000（24%），还要 12 分钟，预计 11月25日 周三 09:42 发完."""
    share = 100 * progress.done // progress.recipients if progress.recipients else 0
    text = f"已处理 {progress.done:,} / {progress.recipients:,}（{share}%）"
    if progress.state == "running" and progress.ends_at is not None:
        left = span_said(progress.ends_at - now)
        return f"{text}，还要 {left}，预计 {moment_said(progress.ends_at)} 发完"
    return f"{text}，{word('run', progress.state)}"
