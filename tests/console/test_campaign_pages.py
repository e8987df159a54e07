"""The campaign staff's pages in a real browser: a week, one message from draft to its time, runs, figures."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, func, select, update

from api.clock import LOCAL, SystemClock
from api.web_channel.sender import WebSender
from campaigns.activities import Activities
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.planning.model import Campaign
from campaigns.planning.service import Campaigns
from campaigns.store.campaign_tables import activities, campaign_history, campaign_weeks, campaigns
from campaigns.store.delivery_tables import deliveries, runs
from knowledge.store import create_engine_for
from tests.console.campaign_world import TOPIC, counted, run_of, settle, subscribe
from tests.console.conftest import Console, SignedIn

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("LVXIAOYU_TEST_SHOTS")
SLOW_MS = 60_000
GRAIN = "cq-2022-11#2.3"
QUIZ = {
    "question": "食堂怎么供餐？",
    "options": ["只供大份", "小份菜、半份菜"],
    "right": 1,
    "explanation": "方案鼓励小份菜、半份菜。",
    "clause_id": GRAIN,
}
CONTENT: dict[str, Any] = {
    "versions": {
        "default": {
            "text": "{district}的街坊，今天碗里不剩。",
            "links": [{"label": "看方案", "url": "https://www.cq.gov.cn/"}],
            "quick_replies": ["食堂可以提供小份菜、半份菜吗？"],
            "quiz": QUIZ,
            "pledge": "今天三顿饭，碗里不剩。",
        }
    },
    "clause_ids": [GRAIN],
}


@pytest.fixture(scope="module")
def engine(console: Console) -> Iterator[Engine]:
    engine = create_engine_for(console.database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def subscribers(engine: Engine) -> list[str]:
    return subscribe(engine, 12) + subscribe(engine, 30, district="渝中区")


@pytest.fixture
def planning(engine: Engine) -> Campaigns:
    """The service over the same database, as the command line uses it."""
    return Campaigns(
        engine, now=SystemClock().now, journal=NoJournal(), grounds=AllHold(), offer=load_offer(),
        capabilities={"web": WebSender.capabilities},
    )  # fmt: skip


def draft(planning: Campaigns, title: str, **given: Any) -> Campaign:
    first = datetime.combine(SystemClock().today() + timedelta(days=3), datetime.min.time(), LOCAL)
    values = {
        "content": CONTENT,
        "audience": {"topics": [TOPIC]},
        "schedule": {"first_at": first.replace(hour=9, minute=30).isoformat()},
    } | given
    return planning.create(title=title, by="campaigner", key=uuid4().hex, **values)


def reviewed(planning: Campaigns, title: str, **given: Any) -> Campaign:
    made = draft(planning, title, **given)
    tested = planning.tested(made.id, hash=made.frozen_hash, by="campaigner", key=uuid4().hex)
    sure = {found.code for found in planning.problems(tested) if found.asks}
    return planning.submit(made.id, revision=tested.revision, by="campaigner", key=uuid4().hex, confirm=sure)


def approved(planning: Campaigns, title: str, **given: Any) -> Campaign:
    made = reviewed(planning, title, **given)
    sure = {found.code for found in planning.problems(made) if found.asks}
    return planning.approve(made.id, revision=made.revision, by="approver", key=uuid4().hex, confirm=sure)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/camp-{name}.png", full_page=True)


def no_wider(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def state(page: Page, name: str) -> None:
    expect(page.locator(".camp-badges .console-badge").first).to_have_text(name)


def dialog(page: Page) -> Locator:
    return page.get_by_role("dialog")


def row_of(engine: Engine, campaign_id: str) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(campaigns).where(campaigns.c.id == campaign_id)).one()


def events(engine: Engine, campaign_id: str, what: str) -> int:
    table = campaign_history.c
    wanted = select(func.count()).where(table.campaign_id == campaign_id, table.what == what)
    with engine.connect() as connection:
        return connection.scalar(wanted) or 0


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


def test_a_message_goes_from_its_first_words_to_its_time_by_two_people(
    signed_in: SignedIn, console: Console, engine: Engine, subscribers: list[str]
) -> None:
    page = signed_in("campaigner", at="/campaigns")
    page.get_by_role("button", name="单写一条").click()
    page.wait_for_url(re.compile(r"/campaigns/[0-9a-f]{32}$"))
    campaign_id = page.url.rpartition("/")[2]
    page.get_by_label("标题", exact=True).fill("节粮日")
    page.get_by_label("正文", exact=True).fill("{district}的街坊，今天吃多少点多少。")
    page.get_by_role("button", name="加快捷回复").click()
    page.get_by_label("快捷回复1", exact=True).fill("食堂可以提供小份菜、半份菜吗？")
    page.get_by_role("button", name="加小承诺").click()
    page.get_by_label("一句居民可以答应做到的话").fill("今天碗里不剩。")
    page.get_by_role("button", name="加依据条款").click()
    chooser = dialog(page)
    chooser.get_by_role("combobox", name="文件或项目").click()
    page.get_by_role("option", name="文件：重庆市促进绿色消费实施方案").click()
    chooser.get_by_label("查找条款").fill("小份菜")
    expect(chooser.locator(".writing-clause")).to_have_count(1)
    chooser.locator(".writing-clause").click()
    expect(chooser.locator(".camp-clause")).to_contain_text("小份菜")
    chooser.get_by_role("button", name="就用这一条").click()
    expect(page.locator(".camp-ground")).to_have_count(1)
    preview = page.get_by_role("region", name="预览：网页对话")
    expect(preview.get_by_text("重庆的街坊，今天吃多少点多少。")).to_be_visible()
    expect(preview.get_by_role("button", name="食堂可以提供小份菜、半份菜吗？")).to_be_visible()
    tab(page, "时间")
    page.get_by_role("radio", name="定一个时间").click()
    expect(page.get_by_label("钟点", exact=True)).to_have_value("09:30")
    tab(page, "内容")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("节粮日")
    # A test send goes to the conversation that this browser has on the residents' page.
    residents = page.context.new_page()
    residents.goto(f"{console.url}/chat")
    residents.get_by_role("textbox", name="输入您的问题").fill("食堂要节约粮食吗")
    residents.keyboard.press("Enter")
    residents.wait_for_function("() => Object.keys(localStorage).some((k) => k.startsWith('lvxiaoyu:'))")
    page.get_by_role("button", name="试发").click()
    expect(dialog(page).get_by_text("已经填好这个浏览器在问答页的对话")).to_be_visible()
    shot(page, "test-send")
    dialog(page).get_by_role("button", name="发一条").click()
    expect(page.get_by_text("已试发", exact=True)).to_be_visible()
    expect(residents.get_by_text("重庆的街坊，今天吃多少点多少。").first).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="送审").dblclick()
    state(page, "待审批")
    assert events(engine, campaign_id, "submitted") == 1
    expect(page.get_by_role("button", name="批准")).to_have_count(0)
    approver = signed_in("approver", at=f"/campaigns/{campaign_id}")
    expect(approver.get_by_label("正文", exact=True)).to_be_disabled()
    approver.get_by_role("button", name="批准").dblclick()
    state(approver, "已批准")
    assert events(engine, campaign_id, "approved") == 1
    shot(approver, "approved")
    state(page, "已批准")  # the other page hears of it by itself
    tab(page, "历史")
    expect(page.get_by_role("list", name="历史").get_by_role("listitem").first).to_contain_text("approver")
    shot(page, "history")
    page.get_by_role("button", name="定时").click()
    state(page, "已排期")


def test_approving_takes_another_person_and_a_reason_to_send_back(
    signed_in: SignedIn, planning: Campaigns, engine: Engine, subscribers: list[str]
) -> None:
    made = reviewed(planning, "要退回的")
    page = signed_in("approver", at=f"/campaigns/{made.id}")
    page.get_by_role("button", name="退回").click()
    box = dialog(page)
    expect(box.get_by_role("button", name="退回")).to_be_disabled()
    box.get_by_label("要改哪里").fill("第一句太长")
    box.get_by_role("button", name="退回").click()
    state(page, "草稿")
    tab(page, "历史")
    expect(page.get_by_text("第一句太长")).to_be_visible()


def test_what_is_wrong_is_said_beside_the_field_that_it_is_about(
    signed_in: SignedIn, planning: Campaigns, subscribers: list[str]
) -> None:
    content = {
        "versions": {
            "default": {
                "text": "{name}，你好。",
                "picture": {"url": "https://x.cn/a.png", "alternative": ""},
                "links": [{"label": "看", "url": "http://x.cn/"}],
            }
        },
        "clause_ids": ["nothing#1"],
    }
    made = draft(planning, "有错的", content=content)
    page = signed_in("campaigner", at=f"/campaigns/{made.id}")
    expect(page.get_by_role("button", name="内容：4 处要改")).to_be_visible()
    version = page.locator(".camp-version")
    expect(version.locator("> .camp-notes")).to_contain_text("{name} 不认识")
    expect(page.get_by_role("group", name="链接")).to_contain_text("不是 https 网址")
    expect(page.get_by_role("group", name="图片")).to_contain_text("图片没有替代文字")
    expect(page.get_by_text("nothing#1 在")).to_contain_text("没有发布，或者已经撤回")
    shot(page, "problems")
    page.get_by_role("button", name="送审").click()
    box = dialog(page)
    expect(box.get_by_text("还不能送审")).to_be_visible()
    box.get_by_role("button", name="知道了").click()
    state(page, "草稿")
    page.get_by_role("button", name="加小测验").click()
    page.get_by_label("题目").fill("猜一猜")
    page.get_by_label("正文", exact=True).fill("街坊，你好。")
    expect(page.get_by_role("group", name="小测验")).to_contain_text("请选一条条款")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("小测验至少要有两个选项。").first).to_be_visible()
    assert planning.read(made.id).revision == made.revision
    no_wider(page)


def test_the_preview_is_the_widgets_own_and_follows_the_words(
    signed_in: SignedIn, planning: Campaigns, subscribers: list[str]
) -> None:
    made = draft(planning, "看预览")
    page = signed_in("campaigner", at=f"/campaigns/{made.id}")
    preview = page.get_by_role("region", name="预览：网页对话")
    expect(preview.get_by_text("重庆的街坊，今天碗里不剩。")).to_be_visible()
    for words in ("食堂怎么供餐？", "小份菜、半份菜", "今天三顿饭，碗里不剩。", "看方案"):
        expect(preview.get_by_text(words, exact=True).first).to_be_visible()
    page.get_by_role("combobox", name="换成谁来看").click()
    page.get_by_role("option", name="渝中区").click()
    expect(preview.get_by_text("渝中区的街坊，今天碗里不剩。")).to_be_visible()
    page.get_by_label("正文", exact=True).fill("长" * 1001)
    expect(preview.get_by_text("1001 / 1000 字")).to_be_visible()
    expect(page.locator(".camp-version > .camp-notes")).to_contain_text("超过它能显示的1000字")
    page.get_by_label("正文", exact=True).fill("{district}，好。")
    page.get_by_role("button", name="给某个渠道单写").click()
    page.get_by_role("menuitem", name="网页对话").click()
    expect(page.get_by_role("tab", name="网页对话")).to_have_attribute("aria-selected", "true")
    page.get_by_label("正文", exact=True).fill("给网页的话。")
    expect(preview.get_by_text("给网页的话。")).to_be_visible()
    shot(page, "editor")
    phone = signed_in("campaigner", width=390, at=f"/campaigns/{made.id}")
    expect(phone.get_by_role("region", name="预览：网页对话")).to_contain_text("看方案")
    no_wider(phone)
    shot(phone, "editor-390")


def test_the_audience_is_counted_and_sampled_before_anything_is_sent_and_names_nobody(
    signed_in: SignedIn, planning: Campaigns, subscribers: list[str]
) -> None:
    made = draft(planning, "数人")
    page = signed_in("campaigner", at=f"/campaigns/{made.id}?tab=audience")
    total = page.locator(".console-figure").filter(has_text="会收到").locator(".console-figure-value")
    expect(total).to_have_text("42 人")
    page.get_by_role("combobox", name="区县").click()
    page.get_by_role("option", name="渝中区").click()
    page.keyboard.press("Escape")
    expect(total).to_have_text("30 人")
    sampled = page.get_by_role("list", name="抽样").get_by_role("listitem")
    expect(sampled).to_have_count(8)
    assert all("渝中区" in text for text in sampled.all_inner_texts())
    shown = page.content()
    assert not [person for person in subscribers if person in shown]
    shot(page, "audience")
    page.get_by_role("combobox", name="想怎么收").click()
    page.get_by_role("option", name="汇总发").click()
    expect(page.get_by_text("现在一个人也没有。")).to_be_visible()
    expect(page.get_by_text("这样选下来一个人也没有。请放宽条件。")).to_be_visible()


def test_the_schedule_says_when_it_would_be_through(
    signed_in: SignedIn, planning: Campaigns, subscribers: list[str]
) -> None:
    made = draft(planning, "什么时候", schedule={})
    page = signed_in("campaigner", at=f"/campaigns/{made.id}?tab=schedule")
    expect(page.get_by_text("第一条发出：有人点“开始”的时候")).to_be_visible()
    page.get_by_role("radio", name="重复发送").click()
    day = SystemClock().today() + timedelta(days=7)
    page.get_by_label("第一次：日期", exact=True).fill(day.isoformat())
    page.get_by_label("钟点", exact=True).fill("22:30")
    for box in page.get_by_role("group", name="星期").get_by_role("checkbox").all():
        if box.get_attribute("aria-checked") == "false":
            box.click()
    expect(page.get_by_text("在发送时段以外")).to_be_visible()
    page.get_by_label("钟点", exact=True).fill("10:00")
    expect(page.get_by_text("第一条发出：")).to_contain_text(f"{day.month}月{day.day}日")
    expect(page.get_by_text("接下来：")).to_be_visible()
    expect(page.get_by_text("同样的话会反复发给同一批人")).to_be_visible()
    shot(page, "schedule")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("没保存的改动")).to_have_count(0)
    kept = planning.read(made.id).schedule
    assert kept.recurrence == {"day_of_week": "mon,tue,wed,thu,fri,sat,sun"}
    assert kept.first_at is not None
    assert f"{kept.first_at.astimezone(LOCAL):%Y-%m-%d %H:%M}" == f"{day.isoformat()} 10:00"
    phone = signed_in("viewer", width=390, at=f"/campaigns/{made.id}?tab=schedule")
    expect(phone.get_by_text("第一条发出：")).to_be_visible()
    no_wider(phone)
    shot(phone, "schedule-390")


def test_the_same_words_within_48_hours_are_asked_about_and_the_answer_is_kept(
    signed_in: SignedIn, planning: Campaigns, engine: Engine, subscribers: list[str]
) -> None:
    audience = {"topics": [TOPIC], "districts": ["渝中区"]}
    content = {**CONTENT, "versions": {"default": {"text": "两天内说两遍。"}}}
    first = approved(planning, "说第一遍", content=content, audience=audience)
    planning.schedule(first.id, by="campaigner", key=uuid4().hex)
    made = draft(planning, "说第二遍", content=content, audience=audience)
    page = signed_in("campaigner", at=f"/campaigns/{made.id}")
    page.get_by_role("button", name="送审").click()
    box = dialog(page)
    expect(box).to_contain_text("说第一遍")
    expect(box).to_contain_text("相隔不到48小时")
    shot(page, "question")
    box.get_by_role("button", name="再看看").click()
    state(page, "草稿")
    page.get_by_role("button", name="送审").click()
    dialog(page).get_by_role("button", name="确定，送审").click()
    state(page, "待审批")
    tab(page, "历史")
    expect(page.get_by_text("确认过：48 小时内同样的话再发一次")).to_be_visible()


def test_of_two_who_save_the_second_is_asked_and_nothing_is_overwritten(
    signed_in: SignedIn, planning: Campaigns, subscribers: list[str]
) -> None:
    made = draft(planning, "两个人写")
    page = signed_in("campaigner", at=f"/campaigns/{made.id}")
    text = page.get_by_label("正文", exact=True)
    text.fill("我写的正文。")
    theirs = {"versions": {"default": {**CONTENT["versions"]["default"], "pledge": "别人写的承诺。"}}}
    planning.save(
        made.id, revision=made.revision, title="别人的标题", content={**CONTENT, **theirs},
        audience=made.audience.as_json(), schedule=made.schedule.as_json(), by="lan", key=uuid4().hex,
    )  # fmt: skip
    page.get_by_role("button", name="保存").click()
    box = dialog(page)
    expect(box).to_contain_text("有人先改了这条消息")
    expect(box).to_contain_text("lan")
    expect(box.get_by_role("radio", name="通用版本：正文：用我的")).to_be_checked()
    expect(box.get_by_role("radio", name="标题：用对方的")).to_be_checked()
    shot(page, "conflict")
    box.get_by_role("button", name="按所选合并并保存").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("别人的标题")
    kept = planning.read(made.id)
    assert (kept.title, kept.message.versions["default"].text, kept.message.versions["default"].pledge) == (
        "别人的标题", "我写的正文。", "别人写的承诺。",
    )  # fmt: skip


def test_saving_what_is_approved_is_asked_first_and_takes_it_back_to_draft(
    signed_in: SignedIn, planning: Campaigns, subscribers: list[str]
) -> None:
    made = approved(planning, "已经批准", content={**CONTENT, "versions": {"default": {"text": "批准过。"}}})
    page = signed_in("campaigner", at=f"/campaigns/{made.id}")
    expect(page.get_by_text("保存改动会让它回到草稿")).to_be_visible()
    page.get_by_label("正文", exact=True).fill("改过。")
    page.get_by_role("button", name="定时").click()
    expect(page.get_by_text("请先保存改动。")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    dialog(page).get_by_role("button", name="保存").click()
    state(page, "草稿")
    assert planning.read(made.id).approved_by is None


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
