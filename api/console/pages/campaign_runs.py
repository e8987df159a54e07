"""The page of one run: how far it has come, what became of its recipients, and what people did with it."""

from __future__ import annotations

from api.accounts.roles import Right
from api.console.campaigning.run_page import RunPage
from api.console.frame import console_page
from api.console.visit import Visit


@console_page(
    "/campaigns/runs/{run_id}", title="发送情况", group="宣传", icon="campaign", right=Right.read,
    menu=False, order=13,
)  # fmt: skip
async def run_page(visit: Visit, run_id: str) -> None:
    await RunPage(visit, run_id).open()
