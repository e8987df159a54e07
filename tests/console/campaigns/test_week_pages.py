"""The campaign staff's pages of a week, of days to hang a campaign on and of activities."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine, func, select

from api.clock import SystemClock
from campaigns.activities import Activities
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.store.campaign_tables import activities, campaign_weeks
from tests.console.campaigns.parts import (
    SLOW_MS,
    dialog,
    no_wider,
    shot,
    tab,
)
from tests.console.conftest import SignedIn

pytestmark = pytest.mark.browser


def test_a_week_is_laid_out_from_the_preset_on_days_that_staff_type(
    signed_in: SignedIn, engine: Engine, subscribers: list[str]
) -> None:
    page = signed_in("campaigner", at="/campaigns")
    first = SystemClock().today() + timedelta(days=30)
    page.get_by_role("button", name="新建活动周").click()
    box = dialog(page)
    expect(box.get_by_text("旧物回收（我们加的）")).to_be_visible()
    box.get_by_role("button", name="排出一周").click()
    expect(page.get_by_text("请填写第一天是哪天")).to_be_visible()
    box.get_by_label("第一天", exact=True).fill(first.isoformat())
    box.get_by_role("button", name="排出一周").click()
    expect(page.get_by_text("请写明日期是从哪里来的")).to_be_visible()
    box.get_by_label("日期的来源").fill("渝发改〔2026〕1号通知")
    shot(page, "begin")
    box.get_by_role("button", name="排出一周").dblclick()
    page.wait_for_url("**/campaigns?week=*")
    days = page.locator(".camp-day")
    expect(days).to_have_count(7)
    expect(days.first).to_have_attribute("aria-label", f"{first.month}月{first.day}日")
    expect(page.locator(".camp-card")).to_have_count(8)
    assert [day.locator(".camp-card").count() >= 1 for day in days.all()] == [True] * 7
    expect(page.get_by_text("日期来源：渝发改〔2026〕1号通知")).to_be_visible()
    expect(page.locator(".camp-card").filter(has_text="节粮")).to_contain_text("42 人", timeout=SLOW_MS)
    expect(page.locator(".camp-card").filter(has_text="汇总")).to_contain_text("0 人")
    shot(page, "week")
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(campaign_weeks)) == 1
    page.get_by_role("button", name="后一周").click()
    expect(page.locator(".camp-card")).to_have_count(0)
    phone = signed_in("viewer", width=390, at=f"/campaigns?since={first.isoformat()}")
    expect(phone.locator(".camp-card")).to_have_count(8)
    expect(phone.get_by_role("button", name="新建活动周")).to_have_count(0)
    no_wider(phone)
    shot(phone, "week-390")


def test_last_years_week_is_copied_as_many_days_later(signed_in: SignedIn, engine: Engine) -> None:
    page = signed_in("campaigner", at="/campaigns")
    start = SystemClock().today() + timedelta(days=395)
    page.get_by_role("button", name="新建活动周").click()
    box = dialog(page)
    box.get_by_role("combobox", name="从哪里来").click()
    page.get_by_role("option", name=re.compile("照搬")).first.click()
    box.get_by_label("第一天", exact=True).fill(start.isoformat())
    box.get_by_label("日期的来源").fill("明年的通知")
    box.get_by_role("button", name="排出一周").click()
    page.wait_for_url("**/campaigns?week=*")
    expect(page.locator(".camp-card")).to_have_count(8)
    with engine.connect() as connection:
        found = connection.execute(select(campaign_weeks).order_by(campaign_weeks.c.starts_on)).all()
    assert [(week.starts_on, week.copied_from) for week in found][1] == (start, found[0].id)


def test_a_day_to_hang_a_campaign_on_is_typed_with_its_source_and_stands_in_the_calendar(
    signed_in: SignedIn,
) -> None:
    page = signed_in("campaigner", at="/campaigns?tab=days")
    today = SystemClock().today()
    page.get_by_role("button", name="记一个日子").click()
    box = dialog(page)
    box.get_by_role("combobox", name="哪个日子").click()
    page.get_by_role("option", name="全国低碳日").click()
    box.get_by_label("从哪天", exact=True).fill(today.isoformat())
    box.get_by_label("日期的来源").fill("生态环境部公告")
    box.get_by_role("button", name="记下").click()
    listed = page.get_by_role("list", name="可挂靠的日子")
    expect(listed.get_by_text("来源：生态环境部公告（campaigner 填）")).to_be_visible()
    shot(page, "days")
    tab(page, "一周")
    expect(page.locator(".camp-day.today .camp-mark")).to_have_text("全国低碳日")


def test_an_activity_is_written_submitted_and_approved_by_somebody_else(
    signed_in: SignedIn, engine: Engine
) -> None:
    page = signed_in("campaigner", at="/activities")
    expect(page.get_by_text("没有活动。")).to_be_visible()
    page.get_by_role("button", name="新建活动").click()
    page.wait_for_url("**/activities/new")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("请填写地点。")).to_be_visible()
    for label, words in {
        "活动名称": "旧衣换绿植", "活动内容": "带一件旧衣服，换一盆绿萝。", "主办单位": "渝中区发改委",
        "消息来源": "渝中区发改委通知", "地点": "解放碑步行街",
    }.items():  # fmt: skip
        page.get_by_label(label, exact=True).fill(words)
    page.get_by_label("结束钟点", exact=True).fill("08:00")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("结束要在开始以后。").first).to_be_visible()
    page.get_by_label("结束钟点", exact=True).fill("17:00")
    shot(page, "activity-new")
    page.get_by_role("button", name="保存").dblclick()
    page.wait_for_url(re.compile(r"/activities/[0-9a-f]{32}$"))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(activities)) == 1
    page.get_by_role("button", name="送审").click()
    expect(page.locator(".console-badge", has_text="待审批")).to_be_visible()
    approver = signed_in("approver", width=390, at=page.url.partition("/console")[2])
    no_wider(approver)
    shot(approver, "activity-390")
    approver.get_by_role("button", name="批准").click()
    expect(approver.locator(".console-badge", has_text="已批准")).to_be_visible()
    told = Activities(
        engine, now=SystemClock().now, journal=NoJournal(), grounds=AllHold(), offer=load_offer()
    )
    assert [each.title for each in told.coming()] == ["旧衣换绿植"]
    page.goto(page.url.partition("/activities")[0] + "/activities")
    expect(page.get_by_role("list", name="活动")).to_contain_text("解放碑步行街")
    shot(page, "activities")
