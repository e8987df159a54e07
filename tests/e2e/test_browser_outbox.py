"""Messages that do not get through, in a real Chromium: none lost, none twice, whatever breaks; two tabs; much."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e import widget_app
from tests.e2e.serving import free_port, serving
from tests.e2e.test_browser_widget import WATCH, ask, bubbles, field

pytestmark = pytest.mark.browser


@pytest.fixture
def app() -> FastAPI:
    return widget_app.build()


@pytest.fixture
def origin(app: FastAPI) -> Iterator[str]:
    with serving(app, free_port()) as origin:
        yield origin


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.add_init_script(WATCH)
    yield context
    context.close()


def opened(context: BrowserContext, origin: str) -> Page:
    page = context.new_page()
    page.goto(f"{origin}/chat")
    expect(field(page)).to_be_visible()
    return page


def test_an_answer_that_was_lost_on_the_way_is_fetched_and_nothing_asked_twice(
    context: BrowserContext, origin: str, app: FastAPI
) -> None:
    page = opened(context, origin)
    lost: list[str] = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.request.post_data or "")
        route.fetch()
        route.abort("connectionreset")

    page.route("**/api/v1/chat", lose)
    ask(page, "只问一次")
    expect(page.locator(".message.failed")).to_contain_text("等待网络恢复后发送")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：只问一次")
    expect(bubbles(page, "mine")).to_have_count(1)
    assert app.state.script.asked["只问一次"] == 1
    page.reload()
    expect(bubbles(page, "mine")).to_have_count(1)
    expect(bubbles(page, "theirs")).to_have_count(2)


def test_a_message_written_offline_is_sent_by_itself_after_a_reload(
    context: BrowserContext, origin: str, app: FastAPI
) -> None:
    page = opened(context, origin)
    page.route("**/api/v1/chat", lambda route: route.abort("internetdisconnected"))
    ask(page, "先写着")
    ask(page, "再写一条")
    expect(page.locator(".message.failed").first).to_contain_text("等待网络恢复后发送")
    page.unroute("**/api/v1/chat")
    page.reload()
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：再写一条")
    expect(bubbles(page, "mine")).to_have_count(2)
    assert (app.state.script.asked["先写着"], app.state.script.asked["再写一条"]) == (1, 1)
    assert "outbox" not in page.evaluate("Object.values(localStorage)[0]")


def test_messages_go_again_by_themselves_when_the_service_is_back(
    context: BrowserContext, origin: str
) -> None:
    page = opened(context, origin)
    page.route("**/api/v1/chat", lambda route: route.abort("connectionrefused"))
    ask(page, "服务停了一会儿")
    expect(page.locator(".message.failed")).to_be_visible()
    page.unroute("**/api/v1/chat")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：服务停了一会儿", timeout=15000)
    expect(page.locator(".message.failed")).to_have_count(0)


def test_a_message_that_is_refused_is_not_sent_again(context: BrowserContext, origin: str) -> None:
    page = opened(context, origin)
    page.route("**/api/v1/chat", lambda route: route.fulfill(status=422, body="{}"))
    ask(page, "不合格的话")
    expect(page.locator(".message.failed")).to_contain_text("这条消息没有被接受")
    assert "不合格的话" not in page.evaluate("Object.values(localStorage)[0]")


def test_two_tabs_hold_one_conversation(context: BrowserContext, origin: str, app: FastAPI) -> None:
    one = opened(context, origin)
    ask(one, "第一个标签页")
    expect(bubbles(one, "theirs").last).to_have_text("您说的是：第一个标签页")
    two = opened(context, origin)
    expect(bubbles(two, "theirs").last).to_have_text("您说的是：第一个标签页")
    ask(two, "第二个标签页")
    expect(bubbles(two, "theirs").last).to_have_text("您说的是：第二个标签页")
    one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(bubbles(one, "mine")).to_have_count(2)
    expect(bubbles(one, "theirs").last).to_have_text("您说的是：第二个标签页")
    assert len(app.state.history) == 1
    two.get_by_role("button", name="新对话").click()
    expect(bubbles(one, "mine")).to_have_count(0)


def test_both_tabs_send_what_waits_and_it_is_answered_once(
    context: BrowserContext, origin: str, app: FastAPI
) -> None:
    one = opened(context, origin)
    context.route("**/api/v1/chat", lambda route: route.abort("internetdisconnected"))
    ask(one, "两个标签页都有")
    expect(one.locator(".message.failed")).to_be_visible()
    two = opened(context, origin)
    expect(bubbles(two, "mine")).to_have_count(1)
    context.unroute("**/api/v1/chat")
    for page in (one, two):
        page.evaluate("window.dispatchEvent(new Event('online'))")
        expect(bubbles(page, "theirs").last).to_have_text("您说的是：两个标签页都有")
        expect(bubbles(page, "mine")).to_have_count(1)
    assert app.state.script.asked["两个标签页都有"] == 1


def test_five_hundred_messages_keep_the_document_small_and_all_of_them_at_hand(
    context: BrowserContext, origin: str, app: FastAPI
) -> None:
    page = opened(context, origin)
    ask(page, "开头")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：开头")
    said = next(iter(app.state.history.values()))
    pattern = said[1]
    for n in range(1, 250):
        said.append({"role": "resident", "id": f"q{n}", "client_id": None, "text": f"问{n}"})
        said.append({**pattern, "id": f"a{n}", "text": f"答{n}"})
    page.reload()
    expect(bubbles(page, "theirs").last).to_have_text("答249")
    count = "() => document.querySelector('lvxiaoyu-chat').shadowRoot.querySelectorAll('.log *').length"
    small = page.evaluate(count)
    assert page.locator(".log > .message").count() <= 80
    earlier = page.get_by_role("button", name="查看更早的消息")
    seen = set(bubbles(page, "mine").all_inner_texts())
    while earlier.is_visible():
        top = page.locator(".log > .message").first.locator(".bubble").inner_text()
        earlier.click()
        expect(page.locator(".log")).to_be_focused()
        assert page.get_by_text(top, exact=True).count() == 1
        assert page.locator(".log > .message").count() <= 80
        assert page.evaluate(count) < small * 1.5
        seen |= set(bubbles(page, "mine").all_inner_texts())
    assert len(seen) == 250
    page.get_by_role("button", name="回到最新的消息").click()
    expect(bubbles(page, "theirs").last).to_have_text("答249")
    expect(bubbles(page, "theirs").last).to_be_in_viewport()
    ask(page, "还在问")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：还在问")
    assert page.locator(".log > .message").count() <= 80
