"""The front page in a real Chromium, over the real app: a site on one origin, its widget on another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.app import create_app
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from knowledge.store import create_engine_for
from tests.api.parts import SentenceAnswerer, Shelf, SteppingClock
from tests.e2e.serving import free_port, serving
from tests.e2e.test_browser_widget import WATCH, ask, bubbles

pytestmark = pytest.mark.browser


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[str]:
    port, address = free_port(), f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(address)
    engine, shelf = create_engine_for(address), Shelf()
    services = Services(
        settings=Settings(data_dir=tmp_path, console=False, port=port),
        keys=load_keys(tmp_path / "secrets"),
        engine=engine,
        library=shelf,
        answerer=SentenceAnswerer(shelf),
        clock=SteppingClock(),
    )
    app = create_app(services)
    with serving(app, port) as origin:
        yield origin
        app.state.streams.close()
    engine.dispose()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.add_init_script(WATCH)
    yield context
    context.close()


def opened(context: BrowserContext, origin: str, asked: list[str]) -> Page:
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(origin)
    page.get_by_role("button", name="打开绿小渝，问政策").click()
    return page


def test_the_widget_answers_from_another_origin_with_one_request_for_script_and_style(
    context: BrowserContext, origin: str
) -> None:
    asked: list[str] = []
    page = opened(context, origin, asked)
    other = origin.replace("127.0.0.1", "localhost")
    ask(page, "公园附近停自行车")
    page.get_by_role("button", name="查看原文").click()
    expect(page.locator("mark")).to_have_text("公园周边设置自行车停放点")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="有用").click()
    expect(page.get_by_text("谢谢您的意见。")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="打开绿小渝，问政策").click()
    expect(bubbles(page, "mine")).to_have_count(1)
    first_visit = asked[: asked.index(f"{origin}/", 1)]
    assert [url for url in first_visit if "/static/widget" in url or "words" in url] == [
        f"{other}/static/widget.js",
        f"{other}/static/widget.css",
    ]
    assert {url.split("/api/")[0] for url in asked if "/api/" in url} == {other}
    assert page.evaluate("window.violations") == []


def test_records_are_deleted_across_origins(context: BrowserContext, origin: str) -> None:
    page = opened(context, origin, [])
    ask(page, "公园附近停自行车")
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("button", name="字号与设置").click()
    page.get_by_role("button", name="删除我的记录").click()
    page.get_by_role("button", name="确定删除").click()
    expect(page.locator(".card")).to_have_count(0)


def test_without_scripts_the_page_leads_to_a_form_that_answers(browser: Browser, origin: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(origin)
    page.get_by_role("link", name="打开提问表单").click()
    page.get_by_role("textbox", name="您的问题").fill("公园附近停自行车")
    page.get_by_role("button", name="提问").click()
    expect(page.get_by_text("公园周边设置自行车停放点").first).to_be_visible()
    context.close()
