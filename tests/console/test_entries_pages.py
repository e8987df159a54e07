"""Writing an entry and having it reviewed, in a real browser: what is marked is quoted, nobody reviews their
own work, two tabs don't overwrite each other, and nothing that somebody typed becomes markup."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, Page, expect

from knowledge.editing.model import Draft
from knowledge.editing.service import Editing
from tests.console.conftest import SignedIn

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("LVXIAOYU_TEST_SHOTS")
CLAUSE = "cq-2022-11#3.15"
SENTENCE = "支持推动废旧家电回收行业发展，加强废旧家电、消费电子等耐用消费品回收处理，鼓励家电生产企业开展回收目标责任制行动。"
EVIL = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>{{constructor.constructor('window.hit=1')()}}"
SLOW_MS = 60_000
"""The machine that runs the tests may be busy; nothing here waits that long by itself."""


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/entries-{name}.png")


def saved(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text=re.compile("^.*已保存"))).to_be_visible(timeout=SLOW_MS)


def drafted(editing: Editing, page: Page, kind: str = "entry") -> Draft:
    """The draft of the page's row, once the page has saved it."""
    saved(page)
    row_id = page.url.split("?")[0].rsplit("/", 1)[1]
    draft = editing.draft_of(kind, row_id)  # type: ignore[arg-type]
    assert draft is not None
    return draft


def mark(page: Page, words: str) -> None:
    """Drags the mouse from the beginning of `words`, which stand in one sentence, to their end."""
    page.wait_for_function(
        """() => [...document.querySelectorAll('.q-dialog')].every((dialog) =>
            dialog.getAnimations({subtree: true}).every((each) => each.playState !== 'running'))"""
    )
    ends = page.evaluate(
        """(words) => {
            for (const piece of document.querySelectorAll('.clause-piece')) {
                const node = piece.firstChild, at = node ? node.data.indexOf(words) : -1;
                if (at < 0) continue;
                piece.scrollIntoView({block: 'center'});
                const range = document.createRange();
                range.setStart(node, at); range.setEnd(node, at + words.length);
                const rects = Array.from(range.getClientRects());
                const first = rects[0], last = rects[rects.length - 1];
                return [[first.left + 1, first.top + first.height / 2],
                        [last.right - 1, last.top + last.height / 2]];
            }
            return null;
        }""",
        words,
    )
    assert ends is not None, words
    page.mouse.move(*ends[0])
    page.mouse.down()
    page.mouse.move(*ends[1], steps=8)
    page.mouse.up()


def open_clause(page: Page, words: str) -> None:
    page.get_by_role("button", name="从条款里选取").click()
    page.get_by_label("查找条款").fill(words)
    found = page.locator(".writing-clause")
    expect(found).to_have_count(1, timeout=SLOW_MS)
    found.click()
    expect(page.locator(".clause-text")).to_contain_text(words)


def choose(page: Page, label: str, option: str, within: Locator | None = None) -> None:
    (within or page).get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def card(page: Page) -> Locator:
    return page.locator("lvxiaoyu-card")


def reviewed(page: Page, title: str) -> Locator:
    """The draft's card on the review page, opened, once everything of it is there."""
    item = page.get_by_role("region", name="问答改动").filter(has_text=title)
    item.get_by_text("查看改动").click()
    expect(item.get_by_role("link", name="打开这一条")).to_be_visible(timeout=SLOW_MS)
    return item


def test_an_entry_is_written_by_marking_its_citation_and_approved_by_somebody_else(
    signed_in: SignedIn, editing: Editing
) -> None:
    page = signed_in("editor", at="/entries/new")
    question = "厂家收旧家电是不是一定要做到？"
    page.get_by_label("问题", exact=True).fill(question)
    open_clause(page, "废旧家电")
    mark(page, "鼓励家电生产企业开展回收")
    expect(page.get_by_text("已选 12 字")).to_be_visible()
    page.get_by_role("button", name="引用所选文字").click()
    expect(card(page).locator("blockquote")).to_have_text("鼓励家电生产企业开展回收", timeout=SLOW_MS)

    page.get_by_role("button", name="删去依据1").click()
    open_clause(page, "废旧家电")
    piece = page.locator(".clause-piece").filter(has_text="支持推动废旧家电回收行业发展")
    piece.focus()
    piece.press("Enter")
    page.get_by_role("button", name="引用所选文字").click()
    page.get_by_label("白话", exact=True).fill("文件是鼓励厂家回收，没有写成必须。")
    choose(page, "约束力", "鼓励倡导")
    expect(card(page).locator("blockquote")).to_have_text(SENTENCE, timeout=SLOW_MS)
    expect(card(page).locator(".bubble")).to_have_text("文件是鼓励厂家回收，没有写成必须。", timeout=SLOW_MS)
    shot(page, "written")

    page.get_by_role("tab", name="试问").click()
    page.get_by_label("试问", exact=True).fill(question)
    page.get_by_label("试问", exact=True).press("Enter")
    expect(page.get_by_text("（这一条）").first).to_be_visible(timeout=SLOW_MS)
    shot(page, "tried")

    draft = drafted(editing, page)
    assert draft.content["quotes"] == [
        {"clause": CLAUSE, "text": SENTENCE, "start": draft.content["quotes"][0]["start"]}
    ]
    assert (draft.content["question"], draft.content["force"]) == (question, "encouragement")

    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核（editor")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_label("问题", exact=True)).to_be_disabled()

    other = signed_in("reviewer", at="/review")
    item = reviewed(other, question)
    expect(item.locator("ins").filter(has_text=SENTENCE)).to_be_visible()
    expect(item.locator("lvxiaoyu-card blockquote")).to_have_text(SENTENCE)
    shot(other, "review")
    item.get_by_role("button", name="批准").click()
    expect(other.get_by_text("已批准，可以去发布")).to_be_visible(timeout=SLOW_MS)
    approved = editing.draft(draft.id)
    assert (approved.state, approved.reviewer, approved.author) == ("approved", "reviewer", "editor")


def submitted(editing: Editing, row_id: str, question: str, by: str) -> Draft:
    """A draft of a new entry that waits for review."""
    text = next(c.text for d in editing.content().documents for c in d.clauses if c.id == CLAUSE)
    quote = {"clause": CLAUSE, "text": SENTENCE, "start": text.index(SENTENCE)}
    content = {"id": row_id, "question": question, "quotes": [quote], "force": "encouragement"}
    begun = editing.save(kind="entry", row_id=row_id, content=content, by=by)
    return editing.submit(begun.id, by=by, revision=begun.revision)


def test_a_reviewer_sets_the_time_of_publication(signed_in: SignedIn, editing: Editing) -> None:
    draft = submitted(editing, "timed-1", "定好时间再发布行不行？", by="editor")
    page = signed_in("reviewer", at="/review")
    item = reviewed(page, "定好时间再发布行不行？")
    item.get_by_role("button", name="定时发布").click()
    page.get_by_label("发布时间").fill("2020-01-01T08:00")
    page.get_by_role("button", name="批准并定时").click()
    expect(page.get_by_text("已经过去")).to_be_visible(timeout=SLOW_MS)
    item = reviewed(page, "定好时间再发布行不行？")
    item.get_by_role("button", name="定时发布").click()
    page.get_by_label("发布时间").fill("2099-01-01T08:00")
    page.get_by_role("button", name="批准并定时").click()
    expect(page.get_by_text("已定于 2099-01-01 08:00 发布")).to_be_visible(timeout=SLOW_MS)
    approved = editing.draft(draft.id)
    assert approved.publish_at == datetime(2099, 1, 1, tzinfo=UTC)
    assert (approved.state, approved.reviewer) == ("approved", "reviewer")


def test_an_author_is_told_that_somebody_else_must_review(signed_in: SignedIn, editing: Editing) -> None:
    begun = submitted(editing, "own-1", "自己写的能自己批吗？", by="reviewer")
    page = signed_in("reviewer", at="/review")
    item = reviewed(page, "自己写的能自己批吗？")
    expect(item.get_by_text("这是你写的，要请另一位审核人来看。")).to_be_visible()
    expect(item.get_by_role("button", name="批准")).to_have_count(0)

    second = signed_in("reviewer2", at="/review")
    item = reviewed(second, "自己写的能自己批吗？")
    item.get_by_role("button", name="退回").click()
    second.get_by_label("退回的原因").fill("请写上白话。")
    second.get_by_role("dialog").get_by_role("button", name="退回").click()
    expect(second.get_by_text("已退回，原因写进了评论")).to_be_visible(timeout=SLOW_MS)
    assert editing.draft(begun.id).state == "draft"
    assert [comment.text for comment in editing.comments("entry", "own-1")] == ["请写上白话。"]


def test_the_second_of_two_tabs_is_told_and_both_texts_are_kept(
    signed_in: SignedIn, editing: Editing
) -> None:
    address = "/entries/cq-2022-11-preamble-01"
    first = signed_in("editor", at=address)
    second = signed_in("reviewer2", at=address)
    expect(first.get_by_label("白话", exact=True)).to_be_visible()
    expect(second.get_by_label("白话", exact=True)).to_be_visible()
    expect(first.get_by_text("reviewer2 用户 也打开了这一页")).to_be_visible(timeout=SLOW_MS)

    first.get_by_label("白话", exact=True).fill("第一个人写的白话。")
    theirs = drafted(editing, first)
    second.get_by_label("白话", exact=True).fill("第二个人写的白话。")
    choose(second, "约束力", "应当遵守")
    dialog = second.get_by_role("dialog").filter(has_text="有人先改了这份草稿")
    expect(dialog).to_be_visible(timeout=SLOW_MS)
    expect(dialog.get_by_text("第一个人写的白话。")).to_be_visible()
    expect(dialog.get_by_text("第二个人写的白话。")).to_be_visible()
    shot(second, "conflict")
    now = editing.draft(theirs.id)
    assert now.content["plain"] == "第一个人写的白话。"

    dialog.get_by_role("button", name="按所选合并并保存").click()
    expect(second.get_by_text("双方都改过的要选定用谁的")).to_be_visible()
    dialog.get_by_role("radio", name="白话：用我的").click()
    dialog.get_by_role("button", name="按所选合并并保存").click()
    expect(second.get_by_text("已合并并保存")).to_be_visible(timeout=SLOW_MS)
    merged = editing.draft(theirs.id)
    assert (merged.content["plain"], merged.content["force"]) == ("第二个人写的白话。", "duty")
    assert merged.edited_by == "reviewer2"

    first.get_by_label("白话", exact=True).fill("第一个人又改。")
    told = first.get_by_role("dialog").filter(has_text="有人先改了这份草稿")
    expect(told).to_be_visible(timeout=SLOW_MS)
    told.get_by_role("button", name="先不处理").click()
    expect(first.get_by_role("button", name="看双方的修改")).to_be_visible()
    expect(first.get_by_label("白话", exact=True)).to_have_value("第一个人又改。")
    assert editing.draft(theirs.id).content["plain"] == "第二个人写的白话。"


def test_what_is_not_saved_warns_before_the_page_is_left(signed_in: SignedIn) -> None:
    page = signed_in("editor", at="/entries/cq-2022-11-preamble-02")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    box = page.get_by_label("白话", exact=True)
    box.fill("还没有保存的话。")
    page.evaluate("() => { setTimeout(() => { location.href = '/console/entries'; }, 0); }")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(box).to_have_value("还没有保存的话。")
    saved(page)
    page.goto(page.url.rsplit("/", 1)[0])
    assert asked == ["beforeunload"]


def test_what_people_type_is_shown_as_plain_text_everywhere(signed_in: SignedIn, editing: Editing) -> None:
    page = signed_in("editor", at="/entries/new")
    page.get_by_label("问题", exact=True).fill(EVIL)
    page.get_by_role("button", name="添加问法").click()
    page.get_by_label("问法1", exact=True).fill(f"{EVIL}变体")
    page.get_by_label("白话", exact=True).fill(f"{EVIL}白话")
    open_clause(page, "废旧家电")
    page.get_by_text("或者粘贴原文里的一句话").click()
    page.get_by_label("原文里的话", exact=True).fill(SENTENCE)
    page.get_by_role("button", name="引用这句话").click()
    choose(page, "约束力", "鼓励倡导")
    expect(card(page).locator(".bubble")).to_have_text(f"{EVIL}白话", timeout=SLOW_MS)
    page.get_by_role("tab", name="评论").click()
    page.get_by_label("评论", exact=True).fill(f"{EVIL}评论")
    page.get_by_role("button", name="发表评论").click()
    expect(page.get_by_text(f"{EVIL}评论")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("tab", name="改动").click()
    expect(page.locator("ins").filter(has_text=f"{EVIL}变体")).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("tab", name="试问").click()
    page.get_by_label("试问", exact=True).fill(EVIL)
    page.get_by_label("试问", exact=True).press("Enter")
    expect(page.get_by_text("用这份草稿")).to_be_visible(timeout=SLOW_MS)
    draft = drafted(editing, page)
    assert draft.content["variants"] == [f"{EVIL}变体"]
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核（editor")).to_be_visible(timeout=SLOW_MS)

    page.goto(page.url.rsplit("/", 1)[0] + "?state=in_review")
    expect(page.get_by_role("list", name="问答").get_by_text(EVIL)).to_be_visible(timeout=SLOW_MS)
    other = signed_in("reviewer", at=f"/review?kind=entry&row={draft.row_id}")
    expect(other.get_by_role("region", name="问答改动").get_by_role("link", name="打开这一条")).to_be_visible(
        timeout=SLOW_MS
    )
    expect(other.get_by_text(EVIL).first).to_be_visible()
    for each in (page, other):
        assert each.evaluate("() => window.hit === undefined && !document.querySelector('img[src=x]')")


def test_the_list_is_searched_filtered_and_paged(signed_in: SignedIn) -> None:
    page = signed_in("viewer", at="/entries")
    lines = page.get_by_role("list", name="问答").get_by_role("listitem")
    expect(lines).to_have_count(20, timeout=SLOW_MS)
    first = lines.first.inner_text()
    page.get_by_role("button", name="2", exact=True).click()
    expect(lines.first).not_to_have_text(first, timeout=SLOW_MS)
    page.get_by_label("搜索", exact=True).fill("老听人讲绿色消费")
    expect(lines).to_have_count(1, timeout=SLOW_MS)
    expect(lines.first).to_contain_text("绿色消费到底是什么意思")
    page.get_by_label("搜索", exact=True).fill("没有这样的问法一二三")
    expect(page.get_by_text("没有符合条件的问答")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("button", name="新建问答")).to_have_count(0)


def test_a_viewer_reads_an_entry_and_can_change_nothing(signed_in: SignedIn) -> None:
    page = signed_in("viewer", at="/entries/cq-2022-11-preamble-03")
    expect(page.get_by_label("问题", exact=True)).to_be_disabled()
    expect(page.get_by_text("只能查看")).to_be_visible()
    expect(card(page).get_by_text("展开原文").first).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("button", name="提交审核")).to_have_count(0)


def test_an_entry_that_is_not_there_says_so(signed_in: SignedIn) -> None:
    page = signed_in("editor", at="/entries/no-such-entry")
    expect(page.get_by_text("没有编号为 no-such-entry 的问答")).to_be_visible()


@pytest.mark.parametrize(
    "address", ["/entries", "/entries/cq-2022-11-preamble-04", "/review", "/programmes", "/exchange"]
)
def test_the_pages_fit_a_phone(signed_in: SignedIn, address: str) -> None:
    page = signed_in("editor", at=address, width=390)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=SLOW_MS)
    page.wait_for_function("() => document.documentElement.scrollWidth <= 390")
    shot(page, f"phone-{address.strip('/').replace('/', '-')}")


def test_a_citation_is_picked_on_a_phone(signed_in: SignedIn) -> None:
    page = signed_in("editor", at="/entries/new?clause=cq-2022-11%233.15", width=390)
    page.get_by_role("button", name="从条款里选取").click()
    expect(page.locator(".clause-text")).to_contain_text("废旧家电", timeout=SLOW_MS)
    mark(page, "鼓励家电生产")
    expect(page.get_by_text("已选 6 字：“鼓励家电生产”")).to_be_visible(timeout=SLOW_MS)
    shot(page, "phone-picking")
    page.get_by_role("button", name="引用所选文字").click()
    expect(card(page).locator("blockquote")).to_have_text("鼓励家电生产", timeout=SLOW_MS)
    page.wait_for_function("() => document.documentElement.scrollWidth <= 390")


def test_a_programmes_rule_is_edited_and_tried(signed_in: SignedIn, editing: Editing) -> None:
    page = signed_in("editor", at="/programmes/nev-purchase-tax")
    expect(page.get_by_text("exempt（新能源乘用车免征车辆购置税）").first).to_be_visible(timeout=SLOW_MS)
    expect(card(page).locator("blockquote").first).to_contain_text("减半征收", timeout=SLOW_MS)
    page.get_by_label("上限", exact=True).nth(1).fill("16000")
    expect(card(page).locator("blockquote").first).to_contain_text("每辆最多16000元", timeout=SLOW_MS)
    page.get_by_role("tab", name="试算").click()
    trial = page.get_by_role("tabpanel")
    choose(page, "办什么", "车辆购置税", trial)
    choose(page, "新车的能源", "新能源", trial)
    page.get_by_role("button", name="算一算").click()
    expect(page.get_by_text("比例50%，每辆最多16000元").first).to_be_visible(timeout=SLOW_MS)
    page.get_by_label("试问", exact=True).fill("买电车购置税减好多")
    page.get_by_role("button", name="试问", exact=True).click()
    expect(trial.get_by_text("用这份草稿")).to_be_visible(timeout=SLOW_MS)
    expect(trial.get_by_text("（这个项目）").first).to_be_visible(timeout=SLOW_MS)
    shot(page, "programme")
    draft = drafted(editing, page, "programme")
    assert draft.content["amounts"][1]["cap"] == "16000"
    held = editing.current("programme", "nev-purchase-tax")
    assert held is not None
    assert draft.content["rules"] == held["rules"]
    editing.discard(draft.id, by="editor", revision=draft.revision)
