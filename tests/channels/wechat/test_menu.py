"""The account's menu, and the planner's question about whom a message does not reach."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Select
from typer.testing import CliRunner

from api.channels.wechat.menu import UnfitMenu, menu
from api.cli import app
from campaigns.audience import Audience
from campaigns.delivery.null_sender import NullSender
from campaigns.delivery.senders import Way
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.planning.service import Campaigns
from knowledge.store import create_engine_for
from tests.campaigns.sending_world import TOPIC, Clock, plan, subscribe_many
from tests.channels.fake_wechat import APP_ID, SECRET, TOKEN, FakeWeChat, Fault
from tests.channels.wechat.conftest import OpenWorld


def test_the_shipped_menu_is_one_that_wechat_takes() -> None:
    columns = menu()["button"]
    assert [column["name"] for column in columns] == ["问政策", "活动订阅", "帮助"]
    assert columns[1]["sub_button"][1] == {"type": "click", "name": "订阅提醒", "key": "/subscribe"}


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ([], "0列"),
        ([{"name": "一二三四五六", "buttons": [{"name": "a", "says": "b"}]}], "最多16字节"),
        ([{"name": "a", "buttons": []}], "0个按钮"),
        ([{"name": "a", "buttons": [{"name": "b", "says": "长" * 43}]}], "最多128字节"),
    ],
)
def test_a_menu_that_wechat_would_refuse_is_named(columns: list[dict[str, Any]], says: str) -> None:
    with pytest.raises(UnfitMenu, match=says):
        menu(columns)


async def test_a_button_says_its_words(open_world: OpenWorld) -> None:
    world = await open_world()
    text = await world.phone.event("CLICK", EventKey="/help")
    assert "直接用一句话问我" in (text or "")
    await world.phone.event("CLICK", EventKey="垃圾怎么分类？", CreateTime="1900000000")
    await world.at_rest()
    assert world.answerer.asked == ["垃圾怎么分类？"]


def test_the_command_puts_the_menu_and_names_what_went_wrong(
    wechat: FakeWeChat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "wechat.toml"
    keys.write_text(f'secret = "{SECRET}"\ntoken = "{TOKEN}"\n')
    missing = CliRunner().invoke(app, ["channel", "menu"])
    assert (missing.exit_code, "WeChat is not set up" in missing.output) == (1, True)
    for name, value in {"APP_ID": APP_ID, "KEYS_FILE": str(keys), "API_URL": wechat.url}.items():
        monkeypatch.setenv(f"LVXIAOYU_WECHAT_{name}", value)
    wechat.fail("stable_token", Fault(code=40164))
    refused = CliRunner().invoke(app, ["channel", "menu"])
    assert (refused.exit_code, "IP white list" in refused.output) == (1, True)
    put = CliRunner().invoke(app, ["channel", "menu"])
    assert (put.exit_code, wechat.menu) == (0, menu())


class HalfReaching(NullSender):
    """Reaches all but one of its people."""

    def ways(self, connection: Any, people: Select[Any], at: Any) -> list[Way]:
        number = len(connection.scalars(people).all())
        return [Way("群发", number - 1), Way("到不了", 1, reached=False)]


async def test_the_planner_asks_before_a_message_that_does_not_reach_everybody(open_world: OpenWorld) -> None:
    world = await open_world()
    engine, sender = create_engine_for(world.services.settings.database), HalfReaching("wechat")
    subscribe_many(engine, 3, channel="wechat")
    campaigns = Campaigns(
        engine, now=Clock(), journal=NoJournal(), grounds=AllHold(), offer=load_offer(),
        capabilities={"wechat": sender.capabilities}, reaching={"wechat": sender},
    )  # fmt: skip
    campaign = campaigns.read(plan(engine, audience=Audience(topics=(TOPIC,))))
    assert campaigns.ways(campaign) == {"wechat": (Way("群发", 2), Way("到不了", 1, reached=False))}
    (asked,) = [each for each in campaigns.problems(campaign) if each.code == "reach_not_all"]
    assert (asked.asks, asked.text) == (
        True,
        "渠道 wechat 有1人收不到（群发：2人；到不了：1人）。确定先不管他们吗？",
    )
    engine.dispose()


async def test_the_app_offers_the_account_to_campaigns_and_only_where_it_is_set_up(
    open_world: OpenWorld,
) -> None:
    world = await open_world()
    assert "wechat" in world.services.campaigning.senders
    campaigns = world.services.campaigning.campaigns
    campaign = campaigns.read(plan(world.services.engine))
    assert campaigns.ways(campaign) == {"wechat": ()}
    without = await open_world(wechat_app_id="", wechat_keys_file=None)
    assert "wechat" not in without.services.campaigning.senders
    assert (await without.phone.client.post("/channels/wechat")).status_code == 404
