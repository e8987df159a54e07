"""The page of one campaign."""

from __future__ import annotations

from api.accounts.roles import Right
from api.console.campaigning.page import CampaignPage
from api.console.frame import console_page
from api.console.visit import Visit


@console_page(
    "/campaigns/{campaign_id}", title="宣传消息", group="宣传", icon="campaign", right=Right.read,
    menu=False, order=12,
)  # fmt: skip
async def campaign_page(visit: Visit, campaign_id: str, tab: str = "content") -> None:
    await CampaignPage(visit, campaign_id).open(tab)
