"""Somebody who never saw the console makes answers, ready for review, of a notice of two printed pages.

Every click, choice and typing counts as a step. With LVXIAOYU_TEST_SHOTS each screen is kept to be looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pypdf import PdfReader

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("LVXIAOYU_TEST_SHOTS")
MOST_STEPS = 40
SECTIONS = (
    ("补贴范围", ("居民购买1级能效热水器的，每台补贴{}元。", "每人每类只补一台，旧机须交售回收企业。")),
    ("申请办法", ("申请人在示例市商务委员会网站提交购机发票。", "商务部门应当在15个工作日内完成审核。")),
    ("商家责任", ("禁止商家先涨价再打折。", "参加活动的商家应当明码标价。")),
    ("组织实施", ("鼓励有条件的区县增加补贴资金。", "本办法自2026年12月1日起施行，有效期至2027年11月30日。")),
)
PADDING = "各有关单位要切实加强宣传，落实责任，并按照职责分工抓好工作推进。"


def notice() -> str:
    """A notice as an office prints it: long enough for two pages of A4."""
    parts = []
    for number, (heading, sentences) in zip("一二三四", SECTIONS, strict=True):
        parts.append(f"<p>{number}、{heading}</p>")
        for place, sentence in zip("一二", sentences, strict=True):
            parts.append(f"<p class='i'>（{place}）{sentence.format(500)}{PADDING}</p>")
    return (
        "<meta charset='utf-8'><style>@page {size: A4; margin: 3cm} body {font: 21px/2.1 'Noto Serif CJK SC',"
        "'Noto Sans CJK SC'} h1, .c {text-align: center; font-size: 26px} p {margin: 0; text-indent: 2em}"
        ".c, .l {text-indent: 0} .r {text-align: right}</style>"
        "<p class='c'>示例市商务委员会</p><p class='c'>关于印发热水器以旧换新补贴办法的通知</p>"
        "<p class='c'>示商务〔2026〕45号</p><p class='l'>各有关单位：</p><p>现将办法印发给你们，请遵照执行。</p>"
        "<p class='r'>示例市商务委员会</p><p class='r'>2026年11月18日</p>"
        f"<h1>热水器以旧换新补贴办法</h1>{''.join(parts)}"
    )


@dataclass
class Walk:
    """What the newcomer does, counted."""

    page: Page
    steps: int = 0

    def click(self, target: Locator) -> None:
        self.steps += 1
        target.click()

    def shot(self, name: str) -> None:
        if SHOTS:
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{SHOTS}/newcomer-{name}.png", full_page=True)


@pytest.fixture
def printed(browser: Browser, tmp_path: Path) -> Path:
    page = browser.new_page()
    page.set_content(notice())
    path = tmp_path / "热水器补贴办法.pdf"
    page.pdf(path=path, prefer_css_page_size=True)
    page.close()
    assert len(PdfReader(path).pages) == 2
    return path


def test_a_newcomer_gets_from_two_printed_pages_to_answers_ready_for_review(
    signed_in: Callable[..., Page], printed: Path
) -> None:
    page = signed_in("editor")
    walk = Walk(page, steps=3)  # name, password, sign in
    walk.click(page.get_by_role("link", name="政策文件"))
    walk.click(page.get_by_role("button", name="导入文件"))
    walk.steps += 1
    page.set_input_files("input[type=file]", str(printed))
    job = page.locator(".doc-job").filter(has_text=printed.name)
    expect(job.get_by_text("已完成")).to_be_visible(timeout=120_000)
    walk.shot("imported")
    walk.click(job.get_by_role("button", name="打开草稿"))
    expect(page.get_by_text("识别没有发现问题")).to_be_visible()
    walk.shot("clauses")

    walk.click(page.get_by_role("tab", name="文件信息"))
    expect(page.get_by_label("文号")).to_have_value("示商务〔2026〕45号")
    walk.click(page.get_by_role("button", name="全部勾选"))
    walk.click(page.get_by_role("button", name="保存并确认勾选的信息"))
    expect(page.get_by_text("都核对过了")).to_be_visible()
    walk.shot("facts")

    walk.click(page.get_by_role("tab", name="问答建议"))
    walk.click(page.get_by_role("button", name="生成建议"))
    cards = page.get_by_role("group", name="问答建议")
    expect(cards.filter(has_text="每台补贴500元")).to_be_visible(timeout=60_000)
    walk.shot("proposals")
    wanted = [sentence.format(500).rstrip("。") for _, sentences in SECTIONS for sentence in sentences]
    accepted = 0
    for words in wanted:
        card = cards.filter(has=page.locator(".doc-quote", has_text=words)).first
        if card.count():
            open_ones = cards.count()
            walk.click(card.get_by_role("button", name="采纳", exact=True))
            expect(cards).to_have_count(open_ones - 1)
            accepted += 1
    assert accepted >= 6, f"only {accepted} of {len(wanted)} facts of the notice were proposed"

    walk.click(page.get_by_role("button", name="提交审核"))
    expect(page.get_by_text("已提交审核，采纳的问答也一并提交了。")).to_be_visible()
    walk.shot("submitted")
    assert walk.steps < MOST_STEPS, f"{walk.steps} steps"

    reviewer = signed_in("reviewer", at="/review")
    expect(reviewer.get_by_text(re.compile("热水器以旧换新补贴办法")).first).to_be_visible()
