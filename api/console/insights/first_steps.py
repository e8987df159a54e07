"""What to do first, where nobody has asked anything yet."""

from __future__ import annotations

from nicegui import ui

from api.accounts.roles import Actor, Right
from api.desk.insights import Library


def draw_first_steps(actor: Actor, library: Library) -> None:
    """The way from a fresh installation to the first answered question; only what `actor` may do."""
    with ui.column().classes("insights-steps"):
        ui.label("还没有居民提问。可以从这几步开始：").classes("text-weight-medium")
        _step(
            "chat",
            "到问答页问一句",
            f"现在收录 {library.documents} 份文件、{library.entries} 个问答、{library.programmes} 个项目，"
            "问过之后这里就有数据。",
            "/chat",
            outside=True,
        )
        if actor.may(Right.edit):
            _step(
                "upload_file",
                "导入一份新文件",
                "支持 Word、PDF、网页和纯文本，系统会拆成条款。",
                "/documents",
            )
        _step("quiz", "看看已有的问答", "核对问法、引文和有效期，需要的话改成草稿再送审。", "/entries")
        if actor.may(Right.administer):
            _step("manage_accounts", "给同事开账号", "起草和审核要由两个人完成。", "/accounts")


def _step(icon: str, title: str, detail: str, target: str, *, outside: bool = False) -> None:
    if outside:  # NiceGUI's own links stay below the console
        link = ui.element("a").props(f'href="{target}" target=_blank rel=noopener').classes("insights-step")
    else:
        link = ui.link(target=target).classes("insights-step")
    with link:
        ui.icon(icon, size="28px")
        with ui.column().classes("gap-0"):
            ui.label(title).classes("text-weight-medium")
            ui.label(detail).classes("dim")
