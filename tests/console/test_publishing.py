"""Publishing, rolling back and taking back at once, in a browser against the real app."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import expect
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.clock import SystemClock
from knowledge.editing.model import Draft
from knowledge.editing.service import Editing
from knowledge.store import create_engine_for
from knowledge.store.draft_tables import DraftRow
from knowledge.store.tables import EntryRow
from tests.console.conftest import Console, SignedIn

pytestmark = pytest.mark.browser

LONG_MS = 60_000
"""Building and asking takes seconds, on a busy machine many."""


@pytest.fixture
def engine(console: Console) -> Iterator[Engine]:
    engine = create_engine_for(console.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def editing(console: Console, engine: Engine) -> Editing:
    return Editing(engine, now=SystemClock().now, journal=console.staff.audit)


def approved(editing: Editing, name: str, **changes: object) -> Draft:
    content = {**(editing.current("entry", name) or {}), **changes}
    draft = editing.save(kind="entry", row_id=name, content=content, by="editor")
    draft = editing.submit(draft.id, by="editor", revision=draft.revision)
    return editing.approve(draft.id, by="reviewer", revision=draft.revision)


def an_entry(console: Console, engine: Engine) -> tuple[str, str, str]:
    """Id, question and approved sentence of a published entry that is answered with it."""
    with Session(engine) as session:
        rows = session.query(EntryRow).filter(EntryRow.state == "published", EntryRow.plain.is_not(None))
        for row in rows.filter(EntryRow.id.like("cq-2022-11-2.4%")).order_by(EntryRow.id):
            if answered_with(console, row.question, str(row.plain)):
                return row.id, row.question, str(row.plain)
    raise AssertionError("no entry is answered with its sentence")


def said(console: Console, question: str) -> dict[str, object]:
    """The reply that a resident gets."""
    reply = httpx.post(f"{console.url}/api/v1/chat", json={"message": question}, timeout=30)
    reply.raise_for_status()
    message: dict[str, object] = reply.json()["messages"][-1]
    return message


def answered_with(console: Console, question: str, words: str) -> bool:
    return words in str(said(console, question)["text"])


def test_a_draft_is_previewed_published_and_rolled_back(
    console: Console, engine: Engine, editing: Editing, signed_in: SignedIn
) -> None:
    name, question, plain = an_entry(console, engine)
    approved(editing, name, plain=f"{plain}（核对过）")
    page = signed_in("reviewer", at="/publishing")
    page.get_by_label(f"选择 {name}").click()
    page.get_by_role("button", name="预览所选").click()
    expect(page.get_by_text("预览结果")).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".pub-scores")).to_contain_text("224")
    assert not answered_with(console, question, "（核对过）")

    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("button", name="确认发布").click()
    expect(page.get_by_text("已发布，线上版本")).to_be_visible(timeout=LONG_MS)
    assert answered_with(console, question, "（核对过）")
    expect(page.get_by_text("没有等待发布的内容")).to_be_visible()

    older = page.locator(".pub-row", has=page.get_by_role("button", name="回到这一版")).first
    older.get_by_role("button", name="回到这一版").click()
    back = page.get_by_role("button", name="回退", exact=True)
    expect(back).to_be_disabled()
    page.get_by_label("理由").fill("说法有误")
    back.click()
    expect(page.get_by_text("已回退，线上版本")).to_be_visible(timeout=LONG_MS)
    assert not answered_with(console, question, "（核对过）")
    expect(page.get_by_text("理由：说法有误")).to_be_visible()


def test_what_breaks_golden_questions_is_published_only_with_a_reason(
    console: Console, engine: Engine, editing: Editing, signed_in: SignedIn
) -> None:
    draft = editing.propose_withdrawal(kind="programme", row_id="env-day-0605", by="editor", note="重新核对")
    draft = editing.submit(draft.id, by="editor", revision=draft.revision)
    editing.approve(draft.id, by="reviewer", revision=draft.revision)
    page = signed_in("reviewer", at="/publishing")
    page.get_by_label("选择 env-day-0605").click()
    page.get_by_role("button", name="预览所选").click()
    expect(page.get_by_text("由对变错").first).to_be_visible(timeout=LONG_MS)
    expect(page.locator(".pub-change.broken").first).to_contain_text("六五环境日")
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_label("理由").fill("来源失效，先撤下")
    page.locator(".console-dialog").get_by_role("button", name="发布").click()
    expect(page.get_by_text("已发布，线上版本")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_text("理由：来源失效，先撤下")).to_be_visible()
    assert said(console, "六五环境日是几月几号？")["kind"] != "answer"


def test_an_answer_is_taken_back_traced_corrected_and_reviewed(
    console: Console, engine: Engine, signed_in: SignedIn
) -> None:
    question = "轨道站旁边的公交接驳率要到多少？"
    opened = httpx.post(f"{console.url}/api/v1/chat", json={"message": question}, timeout=30).json()
    reply = opened["messages"][-1]
    assert reply["kind"] == "answer"
    clause = reply["citations"][0]["clause_id"]

    page = signed_in("reviewer", at=f"/emergency?message={reply['id']}")
    expect(page.locator(".pub-said")).to_contain_text(reply["citations"][0]["quote"][:10])
    expect(page.locator(".pub-fields")).to_contain_text(reply["snapshot"])
    page.get_by_label("撤回什么").click()
    page.get_by_role("option", name="条款").click()
    page.get_by_label("按名称或编号查找").fill(clause)
    row = page.locator(".pub-row", has_text=re.compile(rf"{re.escape(clause)} ·"))
    row.get_by_role("button", name="立即撤回").click()
    silenced = page.get_by_role("dialog").get_by_role("list", name="停用的问答")
    first = silenced.get_by_role("link").first.inner_text()
    page.get_by_label("理由").fill("数字要核对")
    page.locator(".console-dialog").get_by_role("button", name="立即撤回").click()
    expect(page.get_by_text("已撤回，从下一个问题起生效")).to_be_visible(timeout=LONG_MS)
    after = said(console, question)
    assert all(c["clause_id"] != clause for c in [*after["citations"], *after["related"]])  # type: ignore[misc]
    expect(page.get_by_text("等另一位审核人复核")).to_be_visible()
    expect(page.get_by_text("停用中：由另一位审核人点“恢复”才会再用")).to_be_visible()
    page.get_by_text("停用了哪些问答").click()
    expect(page.get_by_role("list", name="停用的问答").get_by_text(first)).to_be_visible(timeout=LONG_MS)

    page.get_by_label("更正说明").fill("刚才的数字还在核对，请以官方通知为准。")
    page.get_by_role("button", name="发送更正").click()
    page.locator(".console-dialog").get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_text("已发到 1 个会话")).to_be_visible(timeout=LONG_MS)
    told = httpx.get(
        f"{console.url}/api/v1/conversations/{opened['conversation_id']}",
        headers={"Authorization": f"Bearer {opened['token']}"},
        timeout=30,
    ).json()
    assert told["messages"][-1]["text"] == "更正：刚才的数字还在核对，请以官方通知为准。"

    other = signed_in("reviewer2", at="/emergency")
    waiting = other.locator(".pub-row", has_text="数字要核对")
    waiting.get_by_role("button", name="恢复").click()
    other.get_by_label("理由").fill("核对无误")
    other.locator(".console-dialog").get_by_role("button", name="恢复").click()
    expect(other.get_by_text("已恢复", exact=True).first).to_be_visible(timeout=LONG_MS)
    back = time.monotonic() + LONG_MS / 1000  # the snapshot with it is built first
    while said(console, question)["kind"] != "answer":
        assert time.monotonic() < back


def test_a_scheduled_draft_that_became_invalid_is_shown_with_the_remedy(
    console: Console, engine: Engine, editing: Editing, signed_in: SignedIn
) -> None:
    name, _, plain = an_entry(console, engine)
    content = {**(editing.current("entry", name) or {}), "plain": f"{plain}（再核对）"}
    draft = editing.save(kind="entry", row_id=name, content=content, by="editor")
    draft = editing.submit(draft.id, by="editor", revision=draft.revision)
    at = SystemClock().now() + timedelta(seconds=4)
    draft = editing.approve(draft.id, by="reviewer", revision=draft.revision, publish_at=at)
    with Session(engine) as session:  # as if the clause had lost the words since
        row = session.get(DraftRow, draft.id)
        assert row is not None
        row.content = {**row.content, "quotes": [{**row.content["quotes"][0], "text": "文件里没有的话。"}]}
        session.commit()
    page = signed_in("reviewer")
    waits = page.get_by_role("link", name="定时发布没有成功")
    while not waits.count():
        assert SystemClock().now() < at + timedelta(milliseconds=LONG_MS)
        page.wait_for_timeout(1000)
        page.reload()
        expect(page.get_by_text("等我处理")).to_be_visible()
    waits.click()
    late = page.get_by_role("alert", name="定时发布没有成功")
    expect(late.get_by_text("文件里没有的话。")).to_be_visible()
    expect(late.get_by_role("link", name="打开改正")).to_be_visible()
    late.get_by_role("link", name="改时间、取消定时或退回").click()
    page.get_by_role("button", name="退回").click()
    page.get_by_label("退回的原因").fill("引文要改")
    page.get_by_role("dialog").get_by_role("button", name="退回").click()
    expect(page.get_by_text("已退回")).to_be_visible()
    page.goto(f"{console.url}/console/publishing")
    expect(page.get_by_text("没有等待发布的内容")).to_be_visible()
    expect(late).to_have_count(0)


def test_a_viewer_sees_and_does_nothing(console: Console, signed_in: SignedIn) -> None:
    page = signed_in("viewer", at="/publishing", width=390)
    expect(page.get_by_text("发布记录")).to_be_visible()
    expect(page.get_by_role("button", name="回到这一版")).to_have_count(0)
    page.goto(f"{console.url}/console/emergency")
    expect(page.get_by_text("撤回记录")).to_be_visible()
    expect(page.get_by_role("button", name="立即撤回")).to_have_count(0)
