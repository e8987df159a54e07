"""The frame around each page of the console, and how a page enters it.

A page says its address below `/console`, its place in the menu and the right it needs; the frame lets in who
has the right, draws head and menu, and says in words what went wrong.
"""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from nicegui import ui

from api.accounts.roles import Actor, Forbidden, Right
from api.console.guard import PREFIX
from api.console.parts import KNOWN, words_of
from api.console.visit import SCOPE_KEY, Visit
from api.console.words import words

log = logging.getLogger(__name__)
BUILT_WITHIN_S = 30.0
GREEN = "#0a6640"
Page = Callable[..., Awaitable[None]]


@dataclass(frozen=True, slots=True)
class MenuItem:
    path: str
    title: str
    group: str
    icon: str
    right: Right
    order: int


MENU: list[MenuItem] = []
"""What stands in the menu; each page adds itself when its module is imported."""


def menu_of(actor: Actor) -> dict[str, list[MenuItem]]:
    """The pages that `actor` may open, by group in the menu's order."""
    groups = list(words("groups").values())
    allowed = sorted((item for item in MENU if actor.may(item.right)), key=lambda item: item.order)
    by_group = {group: [item for item in allowed if item.group == group] for group in groups}
    return {group: items for group, items in by_group.items() if items}


def console_page(
    path: str,
    *,
    title: str,
    group: str,
    icon: str,
    right: Right,
    order: int = 100,
    menu: bool = True,
) -> Callable[[Page], Page]:
    """Make `async def page(visit, …)` the page at `/console` + `path`. Parts of the path in braces and query
    parameters are further arguments. `group` is a title of the menu (`words.yml`), `icon` a Material icon."""
    if group not in words("groups").values():
        raise ValueError(f"The menu has no group {group!r}; words.yml names them.")

    def register(page: Page) -> Page:
        if menu:
            MENU[:] = [item for item in MENU if item.path != path]
            MENU.append(MenuItem(path, title, group, icon, right, order))

        @functools.wraps(page)
        async def framed(request: Request, **given: Any) -> None:
            visit = request.scope[SCOPE_KEY]
            draw_frame(visit, path, title)
            with ui.column().classes("console-page"):
                await _inside(page, visit, right, given)

        taken = list(inspect.signature(page, eval_str=True).parameters.values())[1:]
        asked = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
        framed.__signature__ = inspect.Signature([asked, *taken])  # type: ignore[attr-defined]
        shown = f"{title} · {words('frame')['title']}"
        ui.page(path, title=shown, response_timeout=BUILT_WITHIN_S)(framed)
        return page

    return register


async def _inside(page: Page, visit: Visit, right: Right, given: dict[str, Any]) -> None:
    ui.on_exception(_on_failed_handler)
    try:
        visit.actor.require(right)
        await page(visit, **given)
    except Forbidden as error:
        ui.context.client.status_code = 403
        draw_message("lock", words("frame")["forbidden"], str(error))
    except KNOWN as error:
        draw_message("error_outline", words("frame")["failed"], words_of(error))
    except Exception:
        log.exception("console page failed")
        ui.context.client.status_code = 500
        draw_message("error_outline", words("frame")["failed"], words("frame")["failed_detail"])


def _on_failed_handler(error: Exception) -> None:
    """What a page's own code did not expect: said, and logged by NiceGUI's own handler."""
    known = isinstance(error, KNOWN)
    ui.notify(
        words_of(error) if known else words("frame")["handler_failed"], type="negative", close_button=True
    )


def draw_message(icon: str, title: str, detail: str) -> None:
    """A page that holds nothing but a message."""
    with ui.column().classes("console-message"):
        ui.icon(icon, size="48px")
        ui.label(title).classes("console-title")
        ui.label(detail)
        ui.link(words("frame")["back"], "/")


def draw_frame(visit: Visit, path: str, title: str) -> None:
    said = words("frame")
    ui.colors(primary=GREEN, secondary="#4d5f55", positive="#1b7f4b", negative="#9c1c1c", warning="#8a3b00")
    with ui.header(elevated=False).classes("console-head"):
        toggle = ui.button(icon="menu").props(f'flat round color=white aria-label="{said["menu"]}"')
        ui.label(title).classes("console-head-title")
        ui.space()
        with ui.button(icon="account_circle").props("flat no-caps color=white") as person:
            ui.label(visit.shown_name).classes("console-person")
            with ui.menu(), ui.column().classes("console-person-menu"):
                ui.label(visit.shown_name).classes("text-weight-medium")
                roles = words("roles")
                ui.label("、".join(roles[role] for role in roles if role in visit.actor.roles)).classes("dim")
                ui.link(said["password"], "/password")
                with ui.element("a").props('href="/chat" target=_blank').classes("nicegui-link"):
                    ui.label(said["site"])
                with ui.element("form").props(f'method=post action="{PREFIX}/sign-out"'):
                    token = visit.signed_in.csrf
                    ui.element("input").props(f'type=hidden name=token value="{token}"')
                    ui.button(said["sign_out"], icon="logout").props("type=submit outline no-caps")
        person.props(f'aria-label="{visit.shown_name}"')
    asked_on_connect = ui.context.client.connect_handlers
    before = len(asked_on_connect)
    drawer = ui.left_drawer(value=None, bordered=True).props("width=216 breakpoint=1023")
    # NiceGUI would ask the browser within a second whether it stands open, and fail on a slow one. Nobody
    # needs to know: while its value is None, the browser itself toggles it.
    del asked_on_connect[before:]
    with drawer:
        drawer.classes("console-drawer")
        with ui.row().classes("console-brand"):
            ui.element("img").props('src="/static/leaf.svg" alt="" width=30 height=30')
            ui.label(said["title"])
        for group, items in menu_of(visit.actor).items():
            ui.label(group).classes("console-group")
            for item in items:
                current = item.path == path or (item.path != "/" and path.startswith(f"{item.path}/"))
                with ui.link(target=item.path).classes("console-link" + (" current" if current else "")):
                    ui.icon(item.icon, size="20px")
                    ui.label(item.title)
    toggle.on_click(drawer.toggle)
