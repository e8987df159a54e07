"""One message in the browser: from its first words to its time, by two people."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine

from api.clock import LOCAL, SystemClock
from api.web_channel.pictures import LARGEST_BYTES
from campaigns.planning.service import Campaigns
from tests.console.axe import violations
from tests.console.campaigns.parts import (
    CONTENT,
    SLOW_MS,
    TOPIC,
    approved,
    dialog,
    draft,
    events,
    no_wider,
    reviewed,
    row_of,
    shot,
    state,
    tab,
)
from tests.console.conftest import Console, SignedIn
from tests.e2e.pictures import png

pytestmark = pytest.mark.browser


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
    residents.wait_for_function(
        "() => Object.entries(localStorage).some(([k, v]) => k.startsWith('lvxiaoyu:') && JSON.parse(v).id)"
    )
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
    weekdays = page.get_by_role("group", name="星期").get_by_role("checkbox")
    expect(weekdays).to_have_count(7)
    for box in weekdays.all():
        if box.get_attribute("aria-checked") == "false":
            box.click()
    expect(page.get_by_text("在发送时段以外")).to_be_visible()
    page.get_by_label("钟点", exact=True).fill("10:00")
    expect(page.get_by_text("第一条发出：")).to_contain_text(f"{day.month}月{day.day}日")
    expect(page.get_by_text("接下来：")).to_be_visible()
    expect(page.get_by_text("同样的话会反复发给同一批人")).to_be_visible()
    over_quota = page.get_by_role("radiogroup", name="额度用完的人")
    expect(over_quota.get_by_role("radio", name="这次跳过，不发了")).to_be_checked()
    over_quota.get_by_role("radio", name="等下一个额度周期再发").click()
    shot(page, "schedule")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("没保存的改动")).to_have_count(0)
    kept = planning.read(made.id).schedule
    assert (kept.recurrence, kept.over_quota) == ({"day_of_week": "mon,tue,wed,thu,fri,sat,sun"}, "wait")
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


def test_a_picture_is_uploaded_and_one_that_is_none_is_refused(
    signed_in: SignedIn, planning: Campaigns, engine: Engine, tmp_path: Path
) -> None:
    made = draft(planning, "有图", content={**CONTENT, "versions": {"default": {"text": "看图。"}}})
    (tmp_path / "leaf.png").write_bytes(png(640, 320))
    (tmp_path / "leaf.jpg").write_bytes(b"<svg onload=alert(1)>")
    (tmp_path / "big.png").write_bytes(png(640, 320) + b"\0" * LARGEST_BYTES)
    page = signed_in("campaigner", at=f"/campaigns/{made.id}")
    page.get_by_role("button", name="加图片").click()
    expect(page.get_by_role("button", name="选择文件")).to_be_visible()
    assert violations(page) == []
    chooser = page.locator(".camp-upload input[type=file]")
    chooser.set_input_files(tmp_path / "big.png")
    expect(page.get_by_text("图片没有上传：太大")).to_be_visible()
    chooser.set_input_files(tmp_path / "leaf.jpg")
    expect(page.get_by_role("alert").filter(has_text="不是 PNG、JPEG 或 WebP")).to_be_visible()
    assert page.get_by_label("图片地址").input_value() == ""
    chooser.set_input_files(tmp_path / "leaf.png")
    expect(page.get_by_label("图片地址")).to_have_value(re.compile(r"^/media/[0-9a-f]+"))
    page.get_by_label("替代文字").fill("一片绿叶")
    shown = page.get_by_role("img", name="上传的图片")
    expect(shown).to_be_visible()
    page.wait_for_function("(image) => image.naturalWidth === 640", arg=shown.element_handle())
    preview = page.get_by_role("region", name="预览：网页对话")
    expect(preview.get_by_role("img", name="一片绿叶")).to_be_visible()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存").first).to_be_visible()
    kept = row_of(engine, made.id).content["versions"]["default"]["picture"]
    assert kept["alternative"] == "一片绿叶"
    assert page.request.get(page.url.split("/console")[0] + kept["url"]).status == 200
    shot(page, "picture")
    phone = signed_in("campaigner", width=390, at=f"/campaigns/{made.id}")
    expect(phone.get_by_role("img", name="上传的图片")).to_be_visible()
    no_wider(phone)
    shot(phone, "picture-390")
