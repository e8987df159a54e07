"""Small pieces that pages of the console share: messages, questions, badges, figures, times."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import ParamSpec, TypeVar

from nicegui import ui

from api.accounts.errors import AccountError
from api.accounts.roles import Forbidden
from api.clock import LOCAL
from api.console.words import words
from api.tickets.errors import TicketError
from campaigns.errors import CampaignError
from index.errors import IndexFault
from knowledge.errors import KnowledgeError

KNOWN = (Forbidden, AccountError, KnowledgeError, CampaignError, TicketError, IndexFault, ValueError)
"""What services raise on purpose: the message is for the person."""
P = ParamSpec("P")
R = TypeVar("R")
_COLOURS = {
    "draft": "blue-grey-8",
    "in_review": "warning",
    "approved": "teal-9",
    "published": "primary",
    "withdrawn": "grey-8",
    "open": "warning",
    "taken": "teal-9",
    "answered": "primary",
    "closed": "grey-8",
}


def words_of(error: BaseException) -> str:
    return str(error) or words("frame")["handler_failed"]


async def in_thread(method: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call what blocks without holding up the other pages; as `nicegui.run.io_bound`, with its type."""
    return await asyncio.to_thread(method, *args, **kwargs)


@contextmanager
def failures_said() -> Iterator[None]:
    """Within it, and as a decorator of a plain function, a service's refusal becomes a notice. `async def`
    handlers use it as a `with` inside. Anything else goes on: the frame says that it failed, and logs it."""
    try:
        yield
    except KNOWN as error:
        ui.notify(words_of(error), type="negative", multi_line=True, close_button=True, timeout=8000)


def done(text: str) -> None:
    """Say that something worked."""
    ui.notify(text, type="positive")


async def confirm(text: str, *, detail: str = "", action: str = "", danger: bool = False) -> bool:
    """Ask before something is done; False too if the question is closed without an answer."""
    said = words("parts")
    with ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label(text).classes("console-dialog-title")
        if detail:
            ui.label(detail).classes("dim")
        with ui.row().classes("console-actions"):
            ui.button(said["cancel"], on_click=lambda: dialog.submit(False)).props("flat")
            sure = ui.button(action or said["confirm"], on_click=lambda: dialog.submit(True))
            if danger:
                sure.props("color=negative")
    try:
        return bool(await dialog)
    finally:
        dialog.delete()


def state_badge(state: str) -> ui.badge:
    """A state of a draft, an entry or a ticket, in its colour."""
    said: dict[str, str] = words("parts")["states"]
    return ui.badge(said.get(state, state), color=_COLOURS.get(state, "grey-8")).classes("console-badge")


def empty(text: str, *, icon: str = "inbox") -> ui.column:
    """What stands where a list has nothing in it; further elements may be put into it."""
    with ui.column().classes("console-empty") as column:
        ui.icon(icon, size="40px")
        ui.label(text)
    return column


def heading(text: str, lead: str = "") -> None:
    """The title of a page, and in one line what it is for."""
    with ui.column().classes("console-heading"):
        ui.label(text).classes("console-title").props("role=heading aria-level=1")
        if lead:
            ui.label(lead).classes("dim")


def figure_card(label: str, value: str, *, note: str = "", icon: str = "") -> ui.card:
    """One figure with what it counts."""
    with ui.card().props("flat bordered").classes("console-figure") as card:
        with ui.row().classes("console-figure-label"):
            if icon:
                ui.icon(icon, size="18px")
            ui.label(label)
        ui.label(value).classes("console-figure-value")
        if note:
            ui.label(note).classes("dim")
    return card


def when(moment: datetime | None, *, year: bool = False) -> str:
    """A moment as people here read it: `11-21 15:04`; an empty text for none."""
    if moment is None:
        return ""
    return f"{moment.astimezone(LOCAL):{'%Y-%m-%d %H:%M' if year else '%m-%d %H:%M'}}"
