"""One's own password: the old one, the new one twice. Changing it ends all of one's sessions."""

from __future__ import annotations

from nicegui import ui

from api.accounts.errors import AccountError
from api.accounts.passwords import LEAST_LENGTH
from api.accounts.roles import Right
from api.console.frame import console_page
from api.console.guard import SIGN_IN
from api.console.parts import failures_said, heading, in_thread
from api.console.visit import Visit
from api.desk.accounts import OwnDesk


@console_page("/password", title="修改密码", group="管理", icon="key", right=Right.read, menu=False)
async def password_page(visit: Visit) -> None:
    lead = (
        "首次登录请先设置自己的密码。"
        if visit.signed_in.must_change
        else "修改后，所有已登录的设备都要重新登录。"
    )
    heading("修改密码", lead)
    desk = OwnDesk(visit.services, visit.actor)
    address = ui.context.client.ip
    with ui.card().classes("console-card").style("max-width: 480px"):
        old = _field("原密码", "current-password")
        new = _field(f"新密码（至少 {LEAST_LENGTH} 个字符）", "new-password")
        again = _field("再输一次新密码", "new-password")

        async def change() -> None:
            with failures_said():
                if new.value != again.value:
                    raise ValueError("两次输入的新密码不一样。")
                # The change ends this session too: the page is told before where it goes then.
                await ui.run_javascript(f"return window.consoleGoesTo = '{SIGN_IN}?note=changed'")
                try:
                    await in_thread(desk.change_password, old=old.value, new=new.value, address=address)
                except AccountError:
                    ui.run_javascript("window.consoleGoesTo = null")
                    raise

        again.on("keydown.enter", change)
        with ui.row().classes("console-actions"):
            ui.button("修改密码", on_click=change)


def _field(label: str, autocomplete: str) -> ui.input:
    field = ui.input(label, password=True, password_toggle_button=True)
    return field.props(f"outlined autocomplete={autocomplete} maxlength=128").classes("w-full")
