"""What went out in the browser: runs, their figures, what a person decides, corrections."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, func, select, update

from api.clock import SystemClock
from campaigns.planning.service import Campaigns
from campaigns.store.delivery_tables import deliveries, runs
from tests.console.campaigns.parts import (
    CONTENT,
    SLOW_MS,
    TOPIC,
    approved,
    counted,
    dialog,
    events,
    no_wider,
    not_before,
    row_of,
    run_of,
    settle,
    shot,
    state,
    subscribe,
    sure,
    tab,
)
from tests.console.conftest import SignedIn

pytestmark = pytest.mark.browser


def test_what_is_scheduled_is_paused_resumed_and_cancelled(
    signed_in: SignedIn, planning: Campaigns, engine: Engine, subscribers: list[str]
) -> None:
    content = {**CONTENT, "versions": {"default": {"text": "停一停，再走。"}}}
    made = approved(planning, "停停走走", content=content, audience={"topics": [TOPIC, "绿色出行"]})
    page = signed_in("campaigner", at=f"/campaigns/{made.id}")
    page.get_by_role("button", name="定时").dblclick()
    state(page, "已排期")
    assert events(engine, made.id, "scheduled") == 1
    page.get_by_role("button", name="暂停").click()
    dialog(page).get_by_label("为什么（可不填）").fill("等通知")
    dialog(page).get_by_role("button", name="暂停").click()
    state(page, "已暂停")
    expect(page.get_by_text("已暂停：等通知")).to_be_visible()
    page.get_by_role("button", name="继续").click()
    state(page, "已排期")
    page.get_by_role("button", name="更多").click()
    page.get_by_role("menuitem", name="取消这条消息").click()
    dialog(page).get_by_role("button", name="取消消息").click()
    state(page, "已取消")
    expect(page.get_by_label("正文", exact=True)).to_be_disabled()


def test_a_run_shows_live_how_far_it_has_come_and_stops_with_its_last_message(
    signed_in: SignedIn, planning: Campaigns, engine: Engine
) -> None:
    made = approved(planning, "正在发", content={**CONTENT, "versions": {"default": {"text": "正在发。"}}})
    run_id = run_of(engine, made.id, {("sent", None): 1200, ("queued", None): 3800}, state="paused")
    page = signed_in("viewer", at=f"/campaigns/runs/{run_id}")
    expect(page.get_by_text("已处理 1,200 / 5,000（24%），已暂停")).to_be_visible()
    settle(engine, run_id, 1300)
    expect(page.get_by_text("已处理 2,500 / 5,000（50%），已暂停")).to_be_visible()
    expect(page.get_by_role("button", name="继续")).to_have_count(0)
    settle(engine, run_id, 5000)
    with engine.begin() as connection:
        ended = SystemClock().now()
        connection.execute(
            update(runs).where(runs.c.id == run_id).values(state="finished", finished_at=ended)
        )
    expect(page.get_by_text("已处理 5,000 / 5,000（100%），已发完")).to_be_visible()
    cards = page.get_by_role("group", name="收件人去向")
    expect(cards.locator(".console-figure").filter(has_text="已送达")).to_contain_text("5,000")


def test_a_held_run_is_let_go_paused_let_go_on_and_cancelled(
    signed_in: SignedIn, planning: Campaigns, engine: Engine, subscribers: list[str]
) -> None:
    text = {**CONTENT, "versions": {"default": {"text": "先等一等。"}}}
    made = approved(planning, "等人放行", content=text, audience={"topics": [TOPIC, "节能节水"]})
    planning.schedule(made.id, by="campaigner", key=uuid4().hex, confirm=sure(planning, made))
    run_id = run_of(engine, made.id, {("sent", None): 2, ("queued", None): 3}, state="held")
    not_before(engine, run_id, SystemClock().now() + timedelta(days=1))
    viewer = signed_in("viewer", at=f"/campaigns/runs/{run_id}")
    expect(viewer.get_by_text("已处理 2 / 5（40%）")).to_be_visible()
    expect(viewer.get_by_role("button", name="放行")).to_have_count(0)
    page = signed_in("campaigner", at=f"/campaigns/runs/{run_id}")
    page.get_by_role("button", name="放行").click()
    expect(dialog(page).get_by_text("还有 3 条没发。")).to_be_visible()
    dialog(page).get_by_role("button", name="发下去").click()
    expect(page.locator(".console-badge").first).to_have_text("正在发送")
    page.get_by_role("button", name="暂停").click()
    dialog(page).get_by_label("为什么（可不填）").fill("等科室确认")
    dialog(page).get_by_role("button", name="暂停").click()
    expect(page.get_by_role("alert").filter(has_text="等科室确认")).to_be_visible()
    page.get_by_role("button", name="继续").click()
    dialog(page).get_by_role("button", name="发下去").click()
    expect(page.locator(".console-badge").first).to_have_text("正在发送")
    page.get_by_role("button", name="取消这一批").click()
    dialog(page).get_by_role("button", name="取消这批").click()
    expect(page.get_by_role("button", name="取消这一批")).to_have_count(0)
    cards = page.get_by_role("group", name="收件人去向").locator(".console-figure")
    expect(cards.filter(has_text="已送达")).to_contain_text("2")
    expect(cards.filter(has_text="跳过没发")).to_contain_text("3", timeout=SLOW_MS)  # by the next sweep
    shot(page, "cancelled")
    for what in ("run_let_go", "run_paused", "run_cancelled"):
        assert events(engine, made.id, what) == (2 if what == "run_let_go" else 1)


STATES = {
    ("sent", None): 60,
    ("failed", "blocked"): 4,
    ("failed", "too_big"): 1,
    ("skipped", "no_consent"): 3,
    ("skipped", "quota"): 2,
    ("unknown", "timeout"): 5,
    ("unknown", "worker_lost"): 2,
}


def test_every_figure_of_a_run_adds_up_and_a_person_decides_what_nobody_knows(
    signed_in: SignedIn, planning: Campaigns, engine: Engine
) -> None:
    made = approved(planning, "数得清", content=CONTENT, audience={"topics": [TOPIC, "节能节水"]})
    run_id = run_of(engine, made.id, STATES, district="渝中区")
    sums = {("opened", "0"): 31, ("clicked", "0"): 7, ("quiz", "0"): 4, ("quiz", "1"): 11,
            ("pledge", "0"): 9, ("asked", "0"): 3, ("unsubscribed", "0"): 1}  # fmt: skip
    counted(engine, run_id, sums, SystemClock().today())
    page = signed_in("campaigner", at=f"/campaigns/runs/{run_id}")
    cards = page.get_by_role("group", name="收件人去向").locator(".console-figure")
    expect(cards.filter(has_text="合计")).to_contain_text("等于收件人 77")
    told = [int(text.replace(",", "")) for text in cards.locator(".console-figure-value").all_inner_texts()]
    assert sum(told[:-1]) == told[-1] == 77
    expect(page.get_by_text("对方收不到了（对话已删除或拉黑），订阅已停")).to_be_visible()
    answers = page.get_by_role("group", name="居民的反应").locator(".console-figure-value")
    assert answers.all_inner_texts() == ["31", "7", "15", "9", "3", "1"]
    expect(page.get_by_text("小份菜、半份菜（正确）")).to_be_visible()
    shot(page, "run")
    with page.expect_download() as download:
        page.get_by_role("button", name="导出表格").click()
    written = Path(download.value.path()).read_text("utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(written))
    assert (line["收件人"], line["已送达"], line["没发成"], line["说不清"]) == ("77", "60", "5", "7")
    assert line["状态"] == "已发完"
    expect(page.get_by_text("有 7 条说不清发到没有")).to_be_visible()
    page.get_by_role("button", name="算没发成").click()
    dialog(page).get_by_role("button", name="算没发成").click()
    expect(page.get_by_text("说不清发到没有")).to_have_count(0)
    expect(cards.filter(has_text="没发成")).to_contain_text("12")
    expect(cards.filter(has_text="合计")).to_contain_text("等于收件人 77")
    with engine.connect() as connection:
        unknown = select(func.count()).where(deliveries.c.run_id == run_id, deliveries.c.state == "unknown")
        assert connection.scalar(unknown) == 0
    phone = signed_in("viewer", width=390, at=f"/campaigns/runs/{run_id}")
    expect(phone.get_by_text("等于收件人 77")).to_be_visible()
    no_wider(phone)
    shot(phone, "run-390")


def test_a_correction_goes_to_exactly_those_who_received(
    signed_in: SignedIn, planning: Campaigns, engine: Engine
) -> None:
    made = approved(planning, "说错了", content=CONTENT, audience={"topics": [TOPIC, "垃圾分类"]})
    run_id = run_of(engine, made.id, {("sent", None): 6, ("failed", "blocked"): 2, ("unknown", "timeout"): 1})
    page = signed_in("campaigner", at=f"/campaigns/runs/{run_id}")
    page.get_by_role("button", name="发更正").click()
    dialog(page).get_by_role("button", name="起草更正").click()
    page.wait_for_url(re.compile(r"/campaigns/[0-9a-f]{32}$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("更正：说错了")
    tab(page, "对象")
    expect(page.get_by_text("只发给收到上一批消息的人")).to_be_visible()
    tab(page, "时间")
    expect(page.get_by_text("现在有 7 人")).to_be_visible()
    assert row_of(engine, page.url.rpartition("/")[2]).corrects == run_id


def test_days_and_campaigns_are_compared_and_exported(
    signed_in: SignedIn, planning: Campaigns, engine: Engine
) -> None:
    subscribe(engine, 1, topic="旧物回收")
    content = {**CONTENT, "versions": {"default": {"text": "比一比。"}}}
    made = approved(planning, "比一比", content=content, audience={"topics": ["旧物回收"]})
    now = SystemClock().now()
    for days, number in ((2, 40), (1, 25)):
        run_of(engine, made.id, {("sent", None): number, ("skipped", "quota"): 5},
               due_at=now - timedelta(days=days))  # fmt: skip
    page = signed_in("viewer", at=f"/campaign-figures?campaign={made.id}")
    total = page.get_by_role("group", name="合计").locator(".console-figure")
    expect(total.filter(has_text="收件人次")).to_contain_text("75")
    expect(total.filter(has_text="已送达")).to_contain_text("86.7%")
    expect(page.locator(".nicegui-echart svg")).to_have_count(2, timeout=SLOW_MS)
    card = page.get_by_role("region", name="各天比较", exact=True)
    card.get_by_text("查看数据表").click()
    rows = [row.locator("td").all_inner_texts() for row in card.locator("tbody tr").all()]
    assert [row[1:3] for row in rows] == [["45", "40"], ["30", "25"]]
    with page.expect_download() as download:
        page.get_by_role("button", name="导出表格").click()
    lines = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
    assert [(line["宣传消息"], line["已送达"]) for line in lines] == [("比一比", "40"), ("比一比", "25")]
    shot(page, "figures")
    phone = signed_in("viewer", width=390, at="/campaign-figures")
    expect(phone.get_by_role("list", name="各次发送")).to_be_visible()
    no_wider(phone)
    shot(phone, "figures-390")
