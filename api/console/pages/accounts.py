"""Accounts, for administrators: who there is, making, changing, closing, unlocking, resetting passwords."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from nicegui import ui

from api.accounts.model import Account
from api.accounts.roles import Right, Role
from api.console.frame import console_page
from api.console.parts import confirm, done, empty, failures_said, heading, in_thread, when
from api.console.visit import Visit
from api.console.words import words
from api.desk.accounts import AccountsDesk

Changed = Callable[[], Awaitable[None]]


@console_page(
    "/accounts", title="账号与角色", group="管理", icon="manage_accounts", right=Right.administer, order=900
)
async def accounts_page(visit: Visit) -> None:
    desk = AccountsDesk(visit.services, visit.actor)
    with ui.row().classes("w-full items-center justify-between"):
        heading("账号与角色", "每个人用自己的账号；审核人和作者不能是同一个人。")
        ui.button("新建账号", icon="person_add", on_click=lambda: _invite(desk, refresh))
    listing = ui.column().classes("w-full gap-3")

    async def refresh() -> None:
        accounts = await in_thread(desk.listed)
        listing.clear()
        with listing:
            if not accounts:
                empty("还没有账号", icon="group")
            for account in accounts:
                _card(desk, account, own=account.name == visit.actor.name, changed=refresh)

    await refresh()


def _card(desk: AccountsDesk, account: Account, *, own: bool, changed: Changed) -> None:
    card = ui.card().classes("console-card").props(f'data-account="{account.name}"')
    with card, ui.row().classes("w-full items-center justify-between gap-3"):
        with ui.column().classes("gap-1"):
            with ui.row().classes("items-center gap-2"):
                ui.label(account.display_name or account.name).classes("text-base text-weight-medium")
                ui.label(account.name).classes("dim")
                _marks(account, own=own)
            with ui.row().classes("gap-2"):
                for role in Role:
                    if role in account.roles:
                        ui.badge(words("roles")[role.value]).props("outline").classes("console-badge")
            ui.label(_history(account)).classes("dim")
        with ui.row().classes("gap-1"):
            _actions(desk, account, own=own, changed=changed)


def _marks(account: Account, *, own: bool) -> None:
    if own:
        ui.badge("自己", color="blue-grey-8").classes("console-badge")
    if not account.active:
        ui.badge("已停用", color="grey-8").classes("console-badge")
    if account.external:
        ui.badge("单位认证", color="teal-9").classes("console-badge")
    if account.locked_until:
        ui.badge(f"登录锁定至 {when(account.locked_until)}", color="negative").classes("console-badge")
    if account.must_change:
        ui.badge("待改初始密码", color="warning").classes("console-badge")


def _history(account: Account) -> str:
    last = f"最近登录 {when(account.signed_in_at, year=True)}" if account.signed_in_at else "还没有登录过"
    return f"{last} · {account.created_by} 创建于 {when(account.created_at, year=True)}"


def _actions(desk: AccountsDesk, account: Account, *, own: bool, changed: Changed) -> None:
    async def close() -> None:
        sure = await confirm(
            f"停用“{account.name}”？", detail="停用后立即退出登录，历史记录保留。", action="停用", danger=True
        )
        if sure:
            with failures_said():
                await in_thread(desk.close, account.name)
                done("已停用")
            await changed()

    async def reopen() -> None:
        with failures_said():
            await in_thread(desk.reopen, account.name)
            done("已重新启用")
        await changed()

    async def unlock() -> None:
        with failures_said():
            await in_thread(desk.unlock, account.name)
            done("已解锁")
        await changed()

    async def reset() -> None:
        detail = "会生成一个只显示一次的初始密码，对方下次登录时必须修改。"
        if await confirm(f"重置“{account.name}”的密码？", detail=detail, action="重置"):
            with failures_said():
                password = await in_thread(desk.reset_password, account.name)
                await _show_once(account.name, password)
            await changed()

    ui.button("修改", icon="edit", on_click=lambda: _edit(desk, account, changed)).props("flat dense")
    if account.locked_until:
        ui.button("解锁", icon="lock_open", on_click=unlock).props("flat dense")
    if not own:
        ui.button("重置密码", icon="key", on_click=reset).props("flat dense")
        if account.active:
            ui.button("停用", icon="block", on_click=close).props("flat dense color=negative")
        else:
            ui.button("启用", icon="check_circle", on_click=reopen).props("flat dense")


async def _invite(desk: AccountsDesk, changed: Changed) -> None:
    with ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label("新建账号").classes("console-dialog-title")
        name = ui.input("账号名").props("outlined maxlength=64 autocomplete=off").classes("w-full")
        shown = ui.input("姓名").props("outlined maxlength=64 autocomplete=off").classes("w-full")
        roles = _role_boxes(frozenset({Role.viewer}))

        async def make() -> None:
            with failures_said():
                password = await in_thread(
                    desk.invite, name.value or "", roles=_chosen(roles), display_name=shown.value or ""
                )
                dialog.submit(password)

        with ui.row().classes("console-actions"):
            ui.button("取消", on_click=dialog.close).props("flat")
            ui.button("创建", on_click=make)
    password = await dialog
    made = name.value or ""
    dialog.delete()
    if password:
        await changed()
        await _show_once(made, password)


async def _edit(desk: AccountsDesk, account: Account, changed: Changed) -> None:
    with ui.dialog() as dialog, ui.card().classes("console-dialog"):
        ui.label(f"修改“{account.name}”").classes("console-dialog-title")
        shown = ui.input("姓名", value=account.display_name).props("outlined maxlength=64").classes("w-full")
        roles = _role_boxes(account.roles)
        if account.external:
            ui.label("角色由单位认证决定，下次登录时会按单位的设置更新。").classes("dim")
        ui.label("改变角色后，对方要重新登录。").classes("dim")

        async def save() -> None:
            with failures_said():
                await in_thread(
                    desk.change, account.name, roles=_chosen(roles), display_name=shown.value or ""
                )
                dialog.submit(True)

        with ui.row().classes("console-actions"):
            ui.button("取消", on_click=dialog.close).props("flat")
            ui.button("保存", on_click=save)
    saved = await dialog
    dialog.delete()
    if saved:
        done("已保存")
        await changed()


def _role_boxes(chosen: frozenset[Role]) -> dict[Role, ui.checkbox]:
    said, may = words("roles"), words("role_rights")
    boxes = {}
    with ui.column().classes("gap-0"):
        for role in Role:
            with ui.row().classes("items-center gap-2"):
                boxes[role] = ui.checkbox(said[role.value], value=role in chosen)
                ui.label(may[role.value]).classes("dim")
    return boxes


def _chosen(boxes: dict[Role, ui.checkbox]) -> list[Role]:
    return [role for role, box in boxes.items() if box.value]


async def _show_once(name: str, password: str) -> None:
    with ui.dialog().props("persistent") as dialog, ui.card().classes("console-dialog"):
        ui.label(f"“{name}”的初始密码").classes("console-dialog-title")
        ui.label(password).classes("console-secret")
        ui.label("只显示这一次。请当面或用可靠的方式交给本人，对方首次登录时必须修改。").classes("dim")
        with ui.row().classes("console-actions"):
            ui.button("我已记下", on_click=dialog.close)
    await dialog
    dialog.delete()
