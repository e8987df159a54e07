"""The dashboard, the groups of missed questions and the inbox, in a real browser."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import Engine, delete, func, select

from api.clock import SystemClock
from api.insights.tables import turn_facts
from api.keys import load_keys
from api.settings import Settings
from api.store.tables import conversations, messages, tickets
from api.tickets.service import Tickets, build_tickets
from knowledge.content_loader import read_content
from knowledge.editing.service import Editing
from knowledge.journal import NoJournal
from knowledge.store import create_engine_for
from tests.api.kept import PHONE, tables_with
from tests.console.conftest import Console, SignedIn
from tests.insights.residents import UNANSWERED, fill

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("LVXIAOYU_TEST_SHOTS")
SLOW_MS = 60_000
EVIL = "<img src=x onerror=window.hit=1><script>window.hit=1</script>"


@pytest.fixture(scope="module")
def engine(console: Console) -> Iterator[Engine]:
    engine = create_engine_for(console.database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def nothing(engine: Engine) -> None:
    """Nobody has asked anything."""
    with engine.begin() as connection:
        for table in (turn_facts, tickets, conversations):
            connection.execute(delete(table))


@pytest.fixture(scope="module")
def weeks(engine: Engine, nothing: None) -> None:
    fill(engine, read_content().published(), last_day=SystemClock().today(), days=25, a_day=30, seed=7)


@pytest.fixture
def inbox(console: Console, engine: Engine, weeks: None) -> Tickets:
    """What a resident's side does: the app's own tickets, with its keys."""
    keys = load_keys(console.data_dir / "secrets")
    return build_tickets(Settings(data_dir=console.data_dir), keys, engine, SystemClock())


def shot(page: Page, name: str) -> None:
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/insights-{name}.png", full_page=True)


def no_wider(page: Page) -> None:
    """Nothing has to be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]


def region(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def table_of(page: Page, name: str) -> list[list[str]]:
    """The rows of the table below a chart."""
    card = region(page, name)
    card.get_by_text("查看数据表").click()
    rows = card.locator("tbody tr")
    expect(rows.first).to_be_visible()
    return [row.locator("td").all_inner_texts() for row in rows.all()]


def count(engine: Engine, *conditions: object) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(turn_facts).where(*conditions)) or 0  # type: ignore[arg-type]


def test_on_a_fresh_installation_the_dashboard_says_what_to_do_first(
    signed_in: SignedIn, nothing: None
) -> None:
    page = signed_in("editor")
    expect(page.get_by_text("还没有居民提问")).to_be_visible()
    expect(page.get_by_role("link", name="到问答页问一句")).to_have_attribute("href", "/chat")
    expect(page.get_by_text("没有等您处理的事")).to_be_visible()
    shot(page, "first-steps")
    page.get_by_role("link", name="导入一份新文件").click()
    page.wait_for_url("**/console/documents")


def test_the_dashboard_shows_what_the_database_counts(
    signed_in: SignedIn, engine: Engine, weeks: None
) -> None:
    page = signed_in("viewer")
    asked = turn_facts.c.kind.in_(("answer", "clarify", "abstain"))
    figure = page.locator(".console-figure").filter(has_text="提问").locator(".console-figure-value")
    expect(figure).to_have_text(f"{count(engine, asked):,}", timeout=SLOW_MS)
    expect(page.locator(".nicegui-echart svg").first).to_be_visible(timeout=SLOW_MS)
    assert page.locator(".nicegui-echart svg").count() == 6
    shot(page, "overview")
    outcomes = {row[0]: int(row[1]) for row in table_of(page, "回答情况")}
    kinds = {"已答": "answer", "反问": "clarify", "没答上": "abstain"}
    assert outcomes == {name: count(engine, turn_facts.c.kind == kind) for name, kind in kinds.items()}
    days = table_of(page, "每日提问")
    assert len(days) == 30
    assert sum(int(row[1]) for row in days) == count(engine, asked)
    districts = {row[0]: int(row[1]) for row in table_of(page, "按区县")}
    with engine.connect() as connection:
        named = select(turn_facts.c.district, func.count()).where(asked, turn_facts.c.district.is_not(None))
        assert districts == dict(connection.execute(named.group_by(turn_facts.c.district)).all())
    assert sum(int(row[1]) for row in table_of(page, "按主题")) == count(engine, asked)
    rated = table_of(page, "居民评价")
    assert [sum(int(row[column]) for row in rated) for column in (1, 2)] == [
        count(engine, turn_facts.c.rated.is_(True)),
        count(engine, turn_facts.c.rated.is_(False)),
    ]


def test_another_period_has_other_figures_and_can_be_taken_home(
    signed_in: SignedIn, engine: Engine, weeks: None, tmp_path: Path
) -> None:
    page = signed_in("viewer")
    figure = page.locator(".console-figure").filter(has_text="提问").locator(".console-figure-value")
    expect(figure).to_be_visible(timeout=SLOW_MS)
    page.get_by_role("button", name="自选").click()
    today = SystemClock().today()
    page.get_by_label("从").fill(str(today - timedelta(days=1)))
    page.get_by_label("到").fill(str(today - timedelta(days=1)))
    days = region(page, "每日提问")
    days.get_by_text("查看数据表").click()
    expect(days.locator("tbody tr")).to_have_count(1, timeout=SLOW_MS)
    shown = int(figure.inner_text())
    with page.expect_download() as downloading:
        page.get_by_role("button", name="导出数据").click()
    file = tmp_path / "figures.csv"
    downloading.value.save_as(file)
    rows = list(csv.reader(file.read_text("utf-8-sig").splitlines()))
    assert ["合计", "所选时段", "提问", str(shown)] in rows
    page.get_by_label("到").fill("2020-01-01")
    expect(page.get_by_text("早于开始日期")).to_be_visible(timeout=SLOW_MS)


def test_the_dashboard_fits_a_phone(signed_in: SignedIn, weeks: None) -> None:
    page = signed_in("editor", width=390)
    expect(page.locator(".nicegui-echart svg").first).to_be_visible(timeout=SLOW_MS)
    no_wider(page)
    shot(page, "overview-390")


def test_a_group_of_questions_becomes_a_draft_in_one_step(
    signed_in: SignedIn, console: Console, engine: Engine, weeks: None
) -> None:
    page = signed_in("editor", at="/questions")
    texts = UNANSWERED["空调清洗"]
    card = page.locator(".insights-group").filter(has_text="空调").first
    expect(card).to_be_visible(timeout=SLOW_MS)
    shot(page, "questions")
    card.get_by_role("button", name="问法和条款").click()
    expect(card.locator(".insights-wording").first).to_be_visible(timeout=SLOW_MS)
    expect(card.locator(".insights-says")).to_be_visible()
    shot(page, "group")
    card.get_by_role("button", name="起草问答").click()
    page.wait_for_url("**/console/entries/asked-*", timeout=SLOW_MS)
    name = page.url.rsplit("/", 1)[1]
    draft = Editing(engine, now=SystemClock().now, journal=NoJournal()).draft_of("entry", name)
    assert draft is not None
    assert {draft.content["question"], *draft.content["variants"]} & set(texts)
    assert draft.content["quotes"]
    page.goto(f"{console.url}/console/questions?state=drafted")
    drafted = page.locator(".insights-group").filter(has_text=draft.content["question"])
    expect(drafted.get_by_text("已起草").first).to_be_visible(timeout=SLOW_MS)
    expect(drafted.get_by_role("link", name="打开这条问答")).to_have_attribute("href", re.compile(name))


def test_a_groups_wordings_are_added_to_an_entry_that_is_there(
    signed_in: SignedIn, console: Console, engine: Engine, weeks: None
) -> None:
    page = signed_in("editor", at="/questions")
    card = page.locator(".insights-group").filter(has_text="药").first
    question = card.locator(".insights-question").inner_text(timeout=SLOW_MS)
    card.get_by_role("button", name="加到已有问答").click()
    dialog = page.locator(".console-dialog")
    dialog.get_by_label("按编号、问题或问法找").fill("cq-2022-11-2.4")
    add = dialog.get_by_role("button", name=re.compile("加进 cq-2022-11-2.4")).first
    name = str(add.get_attribute("aria-label", timeout=SLOW_MS)).split()[1]
    add.click()
    page.wait_for_url(f"**/console/entries/{name}", timeout=SLOW_MS)
    draft = Editing(engine, now=SystemClock().now, journal=NoJournal()).draft_of("entry", name)
    assert draft is not None
    assert question in draft.content["variants"]
    shot(page, "extended")
    page.goto(f"{console.url}/console/questions?state=drafted")
    group = page.locator(".insights-group").filter(has_text=question)
    expect(group.get_by_role("link", name="打开这条问答")).to_have_attribute("href", re.compile(name))
    group.get_by_role("button", name="重新打开").click()
    expect(group).to_have_count(0, timeout=SLOW_MS)


def test_a_group_is_set_aside_and_the_second_person_is_told(
    signed_in: SignedIn, console: Console, weeks: None
) -> None:
    first, second = signed_in("editor", at="/questions"), signed_in("reviewer", at="/questions")
    cards = [page.locator(".insights-group").filter(has_text="药").first for page in (first, second)]
    for card in cards:
        expect(card).to_be_visible(timeout=SLOW_MS)
    cards[0].get_by_role("button", name="搁置").click()
    first.get_by_role("dialog").get_by_role("button", name="搁置").click()
    expect(first.get_by_text("已搁置").last).to_be_visible(timeout=SLOW_MS)
    cards[1].get_by_role("button", name="起草问答").click()
    expect(second.get_by_text("editor 已在")).to_be_visible(timeout=SLOW_MS)
    shot(second, "second-is-told")


def test_whoever_may_only_look_gets_no_buttons_and_no_inbox(signed_in: SignedIn, weeks: None) -> None:
    page = signed_in("viewer", at="/questions")
    expect(page.locator(".insights-group").first).to_be_visible(timeout=SLOW_MS)
    assert page.get_by_role("button", name="起草问答").count() == 0
    assert page.get_by_role("link", name="转人工").count() == 0


def test_groups_fit_a_phone(signed_in: SignedIn, weeks: None) -> None:
    page = signed_in("editor", width=390, at="/questions")
    expect(page.locator(".insights-group").first).to_be_visible(timeout=SLOW_MS)
    no_wider(page)
    shot(page, "questions-390")


def test_a_resident_s_markup_stays_text_on_every_page(
    console: Console, signed_in: SignedIn, inbox: Tickets, engine: Engine
) -> None:
    asked = httpx.post(
        f"{console.url}/api/v1/chat", json={"message": EVIL}, timeout=60, trust_env=False
    ).json()
    with engine.connect() as connection:
        stored = connection.scalar(select(messages.c.text).where(messages.c.text.contains("onerror")))
    assert stored
    ticket = inbox.open(
        conversation_id=asked["conversation_id"], channel="web", question=EVIL, contact=f"{EVIL[:60]}"
    )
    page = signed_in("editor", at="/inbox")
    expect(page.get_by_text("<img src=x").first).to_be_visible(timeout=SLOW_MS)
    page.goto(f"{console.url}/console/inbox/{ticket.id}")
    expect(page.locator(".inbox-line").first).to_contain_text("<script>", timeout=SLOW_MS)
    page.get_by_role("button", name="查看联系方式").click()
    page.get_by_role("dialog").get_by_role("button", name="查看").click()
    expect(page.locator(".inbox-contact")).to_contain_text("<img", timeout=SLOW_MS)
    page.goto(f"{console.url}/console/questions?state=all")
    expect(page.locator(".insights-group").first).to_be_visible(timeout=SLOW_MS)
    assert page.evaluate("window.hit") is None
    inbox.close(ticket.id, by="test")


def test_a_ticket_is_answered_and_the_resident_reads_it(
    console: Console, signed_in: SignedIn, inbox: Tickets, engine: Engine
) -> None:
    chat = {"message": "电瓶车上牌我的发票掉了怎么办"}
    asked = httpx.post(f"{console.url}/api/v1/chat", json=chat, timeout=60, trust_env=False).json()
    page = signed_in("editor", at="/inbox")
    expect(page.get_by_role("region", name="工单")).to_be_visible(timeout=SLOW_MS)
    ticket = inbox.open(
        conversation_id=asked["conversation_id"], channel="web", question=chat["message"], contact=PHONE
    )
    line = page.locator(".insights-item").filter(has_text=ticket.id)
    expect(line).to_be_visible(timeout=SLOW_MS)  # by itself: the list looks again and again
    shot(page, "inbox")
    line.click()
    page.wait_for_url(f"**/inbox/{ticket.id}")
    expect(page.locator(".inbox-line").first).to_contain_text(chat["message"], timeout=SLOW_MS)
    assert PHONE not in page.content()
    page.get_by_role("button", name="查看联系方式").click()
    page.get_by_role("dialog").get_by_role("button", name="查看").click()
    expect(page.locator(".inbox-contact")).to_have_text(PHONE, timeout=SLOW_MS)
    expect(page.get_by_text("editor 查看了联系方式")).to_be_visible()
    page.get_by_role("button", name="接手").click()
    expect(page.get_by_text("由我处理")).to_be_visible(timeout=SLOW_MS)
    page.get_by_label("写给居民的答复").fill("凭购车时的付款记录也可以上牌。")
    shot(page, "ticket")
    page.get_by_role("button", name="发送答复").click()
    expect(page.get_by_text("答复已送到居民的对话里")).to_be_visible(timeout=SLOW_MS)
    history = httpx.get(
        f"{console.url}/api/v1/conversations/{asked['conversation_id']}",
        headers={"Authorization": f"Bearer {asked['token']}"},
        timeout=60,
        trust_env=False,
    ).json()
    assert "凭购车时的付款记录也可以上牌。" in history["messages"][-1]["text"]
    page.get_by_role("button", name="关闭工单").click()
    page.get_by_role("dialog").get_by_role("button", name="关闭工单").click()
    expect(page.get_by_text("editor 关闭工单")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("region", name="答复")).to_be_hidden()
    assert tables_with(engine, PHONE) == []


def test_what_somebody_else_does_is_seen_and_takes_no_words_away(signed_in: SignedIn, inbox: Tickets) -> None:
    name = inbox.open(conversation_id="seed7-c3", channel="web", question="旧小区充电桩物业不同意").id
    page = signed_in("editor", at=f"/inbox/{name}")
    page.get_by_label("写给居民的答复").fill("写到一半")
    inbox.take(name, by="reviewer")
    expect(page.get_by_text("reviewer 正在处理")).to_be_visible(timeout=SLOW_MS)
    expect(page.get_by_role("button", name="发送答复")).to_be_disabled()
    assert page.get_by_label("写给居民的答复").input_value() == "写到一半"
    page.get_by_role("button", name="从 reviewer 接手").click()
    page.get_by_role("dialog").get_by_role("button", name="接手").click()
    expect(page.get_by_text("由我处理")).to_be_visible(timeout=SLOW_MS)
    assert inbox.get(name).held_by == "editor"
    inbox.close(name, by="editor")


def test_a_ticket_past_its_time_is_marked_and_fits_a_phone(
    signed_in: SignedIn, inbox: Tickets, engine: Engine
) -> None:
    name = inbox.open(conversation_id="seed7-c3", channel="web", question="早就该答的问题").id
    with engine.begin() as connection:
        late = SystemClock().now() - timedelta(days=3)
        connection.execute(tickets.update().where(tickets.c.id == name).values(expected_at=late))
    page = signed_in("editor", width=390, at="/inbox")
    line = page.locator(".insights-item.late").filter(has_text=name)
    expect(line.get_by_text("已超时")).to_be_visible(timeout=SLOW_MS)
    no_wider(page)
    shot(page, "inbox-390")
    line.click()
    expect(page.get_by_text("已超时")).to_be_visible(timeout=SLOW_MS)
    no_wider(page)
    shot(page, "ticket-390")
    page.goto(page.url.split("/inbox")[0] + "/")
    expect(page.get_by_text("件已超时")).to_be_visible(timeout=SLOW_MS)
    inbox.close(name, by="editor")


def test_a_ticket_that_is_not_there_is_said_in_words(signed_in: SignedIn, weeks: None) -> None:
    page = signed_in("editor", at="/inbox/NOSUCH")
    expect(page.get_by_text("没有这张工单")).to_be_visible(timeout=SLOW_MS)
