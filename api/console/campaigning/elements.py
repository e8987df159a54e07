"""Small pieces of the campaign pages: badges, keys of buttons, choices of days and hours, questions asked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import date, datetime, time, timedelta
from uuid import uuid4

from nicegui import ui

from api.clock import LOCAL
from api.console.campaigning.words import word
from api.console.guard import PREFIX
from api.console.parts import failures_said
from campaigns.finding import Finding
from campaigns.planning.model import InTheWay

WEEKDAYS = "一二三四五六日"
_COLOURS = {  # each dark enough for white words: 4.5 to 1 and more
    "draft": "blue-grey-8",
    "in_review": "warning",
    "approved": "teal-9",
    "scheduled": "cyan-10",
    "running": "primary",
    "finished": "grey-8",
    "paused": "deep-orange-10",
    "held": "deep-orange-10",
    "writing": "primary",
    "cancelled": "grey-8",
}


def load_campaigning() -> None:
    """Lets the page in use draw these parts; call it once in a page."""
    ui.add_head_html(
        f'<link rel="stylesheet" href="{PREFIX}/static/writing.css">'
        f'<link rel="stylesheet" href="{PREFIX}/static/campaigns.css">'
        '<script defer src="/static/card.js"></script>'
    )


def new_key() -> str:
    """What makes a button's step happen once, however often it is pressed."""
    return uuid4().hex


def badge(state: str, kind: str = "state") -> ui.badge:
    """A state in its colour; `kind` is the table of words: state, run or activity_state."""
    return ui.badge(word(kind, state), color=_COLOURS.get(state, "grey-8")).classes("console-badge")


def day_said(day: date) -> str:
    return f"{day.month}月{day.day}日 周{WEEKDAYS[day.weekday()]}"


def moment_said(moment: datetime) -> str:
    local = moment.astimezone(LOCAL)
    return f"{day_said(local.date())} {local:%H:%M}"


def span_said(span: timedelta) -> str:
    """How long something takes, as people say it."""
    seconds = max(0, round(span.total_seconds()))
    if seconds < 60:
        return f"{seconds} 秒" if seconds else "不到 1 秒"
    minutes = round(seconds / 60)
    if minutes < 60:
        return f"{minutes} 分钟"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} 小时" + (f" {minutes} 分" if minutes else "")
    return f"{hours // 24} 天 {hours % 24} 小时"


def section(title: str, lead: str = "") -> ui.card:
    """A card with its title; further elements are put into it."""
    with ui.card().classes("console-card") as card:
        ui.label(title).classes("writing-section").props("role=heading aria-level=2")
        if lead:
            ui.label(lead).classes("dim")
    return card


def named(element: ui.element, label: str) -> ui.element:
    """Give an element the name that screen readers say, whatever stands in it."""
    element.props["aria-label"] = label
    return element


def clock_input(label: str, value: str, on_time: Callable[[str], None]) -> ui.input:
    """A clock time that is typed as 09:30 or picked; `on_time` hears of whole times, and of an empty one."""
    box = ui.input(label, value=value, validation={"写作 09:30": _is_clock})
    box.props('outlined dense mask="##:##" hide-bottom-space')
    named(box, label)
    with box.add_slot("append"), ui.button(icon="schedule").props("flat round dense color=grey-7") as opener:
        opener.props(f'aria-label="{label}：打开时钟"')
        with ui.menu():
            picked = ui.time(on_change=lambda event: box.set_value(event.value or ""))
            picked.props("format24h")
    box.on_value_change(lambda event: on_time(event.value or "") if _is_clock(event.value) else None)
    return box


def _is_clock(value: str | None) -> bool:
    try:
        return not value or (len(value) == 5 and time.fromisoformat(value) is not None)
    except ValueError:
        return False


async def ask_words(
    title: str, *, label: str, detail: str = "", action: str, needed: bool, danger: bool = False
) -> str | None:
    """Ask for a sentence; None if the question is closed without one."""
    with ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label(title).classes("console-dialog-title")
        if detail:
            ui.label(detail).classes("dim")
        words = ui.textarea(label).props("outlined autogrow maxlength=500").classes("full-width")
        named(words, label)
        with ui.row().classes("console-actions"):
            ui.button("返回", on_click=lambda: dialog.submit(None)).props("flat")
            sure = ui.button(action, on_click=lambda: dialog.submit(words.value or ""))
            if needed:
                sure.bind_enabled_from(words, "value", backward=lambda value: bool((value or "").strip()))
            if danger:
                sure.props("color=negative")
    try:
        said: str | None = await dialog
        return said
    finally:
        dialog.delete()


async def ask_findings(found: Iterable[Finding], *, action: str) -> bool:
    """Put the questions of a check to the person, each in words."""
    with ui.dialog() as dialog, ui.card().classes("console-dialog camp-questions"):
        ui.label("请先想一想").classes("console-dialog-title")
        for each in found:
            with ui.row().classes("camp-finding asks"):
                ui.icon("help_outline", size="20px")
                ui.label(each.text).classes("writing-grow")
        with ui.row().classes("console-actions"):
            ui.button("再看看", on_click=lambda: dialog.submit(False)).props("flat")
            ui.button(f"确定，{action}", on_click=lambda: dialog.submit(True))
    try:
        return bool(await dialog)
    finally:
        dialog.delete()


async def show_faults(found: Iterable[Finding], *, title: str) -> None:
    """What must be mended first."""
    with ui.dialog() as dialog, ui.card().classes("console-dialog camp-questions"):
        ui.label(title).classes("console-dialog-title")
        for each in found:
            with ui.row().classes("camp-finding"):
                ui.icon("error_outline", size="20px")
                ui.label(each.text).classes("writing-grow")
        with ui.row().classes("console-actions"):
            ui.button("知道了", on_click=lambda: dialog.submit(True))
    try:
        await dialog
    finally:
        dialog.delete()


async def confirmed(step: Callable[[frozenset[str]], Awaitable[None]], *, action: str) -> bool:
    """Take a step that checks first: what must be mended is said, what only asks is asked, and then taken
    with the answer. Whether it was taken."""
    sure: frozenset[str] = frozenset()
    while True:
        standing: tuple[Finding, ...] = ()
        with failures_said():
            try:
                await step(sure)
            except InTheWay as error:
                standing = error.findings
            else:
                return True
        if not standing:
            return False  # refused, and said
        if faults := [each for each in standing if not each.asks]:
            await show_faults(faults, title=f"还不能{action}")
            return False
        if not await ask_findings(standing, action=action):
            return False
        sure |= {each.code for each in standing}


def picture_shown(url: str, alternative: str) -> None:
    """A message's picture. Not as ui.image, which puts the console's path before the site's addresses."""
    picture = ui.element("img").classes("camp-picture")
    picture.props["src"], picture.props["alt"] = url, alternative
