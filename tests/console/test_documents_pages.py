"""The pages of documents in a real browser: a notice goes from upload to review."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("LVXIAOYU_TEST_SHOTS")
NOTICE = """示例市商务委员会
关于印发家电补贴办法的通知
示商务〔2026〕31号
各有关单位：
现将办法印发给你们，请遵照执行。
示例市商务委员会
2026年10月8日
家电补贴办法
一、补贴对象
（一）居民。购买一级能效冰箱的居民，每台补贴{amount}元。
（二）商家。禁止商家先涨价再打折。
三、组织实施
（三）时间。申请截止到2026年12月31日。（市商务委牵头，市财政局配合）
"""


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/documents-{name}.png", full_page=True)


def upload(page: Page, text: str, name: str = "notice.txt") -> None:
    page.set_input_files(
        "input[type=file]", {"name": name, "mimeType": "text/plain", "buffer": text.encode()}
    )


def open_draft(page: Page) -> None:
    page.get_by_role("button", name="打开草稿").first.click()
    page.wait_for_url(re.compile(r"/documents/[a-z0-9.-]+$"))


def tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def test_a_notice_goes_from_upload_to_review(signed_in: Callable[..., Page]) -> None:
    page = signed_in("editor", at="/documents/import")
    shot(page, "import")
    upload(page, NOTICE.format(amount=300))
    expect(page.get_by_text("已完成").first).to_be_visible(timeout=60_000)
    shot(page, "imported")
    open_draft(page)

    warnings = page.get_by_role("list", name="需要核对的地方")
    expect(warnings.get_by_role("listitem")).to_have_count(1)
    warnings.get_by_role("button", name="跳到原文").click()
    expect(page.locator(".doc-line.at")).to_contain_text("三、组织实施")
    expect(page.locator(".doc-clause.at").first).to_be_visible()
    shot(page, "warning")

    page.locator(".doc-line.at").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("修正第 12 行")).to_be_visible()
    dialog.get_by_label("第几号").fill("2")
    shot(page, "mending")
    dialog.get_by_role("button", name="保存修正").click()
    expect(page.get_by_text("识别没有发现问题")).to_be_visible()
    expect(page.get_by_text("手工修正（1）")).to_be_visible()

    tab(page, "文件信息")
    expect(page.get_by_label("文号")).to_have_value("示商务〔2026〕31号")
    expect(page.get_by_text("还要核对：编号、标题、文号、发文机关、印发日期")).to_be_visible()
    shot(page, "fields")
    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("还有没有核对的信息")).to_be_visible()
    page.get_by_role("button", name="全部勾选").click()
    page.get_by_role("button", name="保存并确认勾选的信息").click()
    expect(page.get_by_text("都核对过了")).to_be_visible()

    tab(page, "问答建议")
    page.get_by_role("button", name="生成建议").click()
    cards = page.get_by_role("group", name="问答建议")
    expect(cards).to_have_count(4)
    expect(cards.filter(has_text="每台补贴300元")).to_contain_text("金额")
    shot(page, "proposals")
    cards.filter(has_text="每台补贴300元").get_by_role("button", name="修改后采纳").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("问题", exact=True).fill("示例市买一级能效冰箱能补好多钱？")
    dialog.get_by_role("button", name="采纳").click()
    expect(cards).to_have_count(3)
    cards.filter(has_text="禁止商家").get_by_role("button", name="删去").click()
    expect(cards).to_have_count(2)
    page.get_by_role("button", name=re.compile("已采纳")).click()
    expect(page.get_by_role("link", name=re.compile("打开问答草稿"))).to_have_count(1)

    page.get_by_role("button", name="提交审核").click()
    expect(page.get_by_text("已提交审核，采纳的问答也一并提交了。")).to_be_visible()
    expect(page.get_by_text("待审核").first).to_be_visible()
    shot(page, "submitted")
    page.get_by_role("link", name="← 全部文件").click()
    line = page.get_by_role("link").filter(has_text="示商务〔2026〕31号")
    expect(line).to_contain_text("待审核")
    shot(page, "list")


def test_a_file_that_cannot_be_read_says_why(signed_in: Callable[..., Page]) -> None:
    page = signed_in("editor", at="/documents/import")
    page.set_input_files(
        "input[type=file]",
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%broken\n"},
    )
    failed = page.locator(".doc-job").filter(has_text="scan.pdf")
    expect(failed).to_contain_text("没有成功", timeout=60_000)
    expect(failed.locator(".text-negative")).to_contain_text("scan.pdf")


def test_a_pasted_text_with_markup_is_shown_as_words(signed_in: Callable[..., Page]) -> None:
    page = signed_in("editor", at="/documents/import")
    page.get_by_text("粘贴正文", exact=True).click()
    page.get_by_label("起个名字").fill("贴来的办法")
    bad = "<img src=x onerror=document.title='broken'>"
    page.get_by_label("把文件全文粘贴到这里").fill(f"贴来的办法\n一、甲\n（一）{bad}。居民可以申请。\n")
    page.get_by_label("把文件全文粘贴到这里").press("Tab")
    page.get_by_role("button", name="导入粘贴的正文").click()
    job = page.locator(".doc-job").filter(has_text="贴来的办法")
    expect(job.get_by_text("已完成")).to_be_visible(timeout=60_000)
    job.get_by_role("button", name="打开草稿").click()
    expect(page.locator(".doc-line-text").filter(has_text=bad)).to_be_visible()
    expect(page.locator(".doc-source img, .doc-tree img")).to_have_count(0)
    assert "broken" not in page.title()


def test_a_new_version_shows_what_changed_and_moves_on_a_phone(signed_in: Callable[..., Page]) -> None:
    page = signed_in("editor", at="/documents/cq-2020-1891", width=390)
    expect(page.get_by_text("要修正正文，请先点右上角“开始修改”")).to_be_visible()
    page.get_by_role("button", name="开始修改").click()
    expect(page.get_by_role("button", name="提交审核")).to_be_visible()
    source, tree = page.locator(".doc-source"), page.locator(".doc-tree")
    expect(source).to_be_visible()
    expect(tree).to_be_hidden()
    page.get_by_role("button", name="条款", exact=True).click()
    expect(tree).to_be_visible()
    expect(source).to_be_hidden()
    shot(page, "phone-tree")
    page.get_by_role("button", name="原文", exact=True).click()
    row = page.locator(".doc-line").filter(has_text="坚持").first
    row.click()
    page.get_by_role("dialog").get_by_text("改文字", exact=True).click()
    text = page.get_by_role("dialog").get_by_label("改成")
    text.fill(text.input_value().replace("坚持", "始终坚持", 1))
    page.get_by_role("dialog").get_by_role("button", name="保存修正").click()
    expect(page.get_by_text("必须写明理由")).to_be_visible()
    page.get_by_role("dialog").get_by_label("说明（改文字时必填）").fill("照印发件改")
    page.get_by_role("dialog").get_by_role("button", name="保存修正").click()
    expect(page.get_by_text("手工修正（1）")).to_be_visible()
    tab(page, "与旧版对照")
    expect(page.locator(".doc-runs .added").first).to_contain_text("始终")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    shot(page, "phone-diff")
    page.get_by_role("button", name="放弃草稿").click()
    page.get_by_role("dialog").get_by_role("button", name="放弃").click()
    page.wait_for_url(re.compile(r"/console/documents$"))


def test_a_viewer_looks_and_cannot_change(signed_in: Callable[..., Page]) -> None:
    page = signed_in("viewer", at="/documents")
    expect(page.get_by_role("link").filter(has_text="cq-2022-11").first).to_be_visible()
    expect(page.get_by_role("button", name="导入文件")).to_have_count(0)
    page.goto(page.url.replace("/documents", "/documents/cq-2022-11"))
    expect(page.get_by_role("tab", name="正文与条款")).to_be_visible()
    expect(page.get_by_role("button", name="开始修改")).to_have_count(0)
    shot(page, "viewer")
    page.goto(page.url.replace("/documents/cq-2022-11", "/documents/import"))
    expect(page.get_by_text("没有权限").first).to_be_visible()
