"""What residents can set and do in the widget, in a real Chromium: sizes, themes, languages, aloud, judged."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import widget_app
from tests.e2e.serving import free_port, serving
from tests.e2e.test_browser_widget import WATCH, ask, bubbles, field

pytestmark = pytest.mark.browser

SPEECH = """
window.spoken = [];
window.printed = [];
Object.defineProperty(window, 'speechSynthesis', {value: {
  speak: speech => { window.spoken.push(speech.text); window.last = speech; }, cancel: () => {} }});
window.SpeechRecognition = class {
  start() { window.hearing = this; }
  stop() { this.onend(); }
};
"""


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return widget_app.build()


@pytest.fixture(scope="module")
def origin(app: FastAPI) -> Iterator[str]:
    with serving(app, free_port()) as origin:
        yield origin


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.add_init_script(WATCH + SPEECH)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, origin: str) -> Page:
    page = context.new_page()
    page.goto(f"{origin}/chat")
    return page


def kept(page: Page) -> dict[str, object]:
    return json.loads(page.evaluate("Object.values(localStorage)[0]"))


def test_a_question_that_others_ask_is_offered_while_typing(page: Page) -> None:
    field(page).fill("购置税")
    offers = page.get_by_role("group", name="大家常问").get_by_role("button")
    expect(offers.first).to_be_visible()
    field(page).press("ArrowUp")
    expect(offers.last).to_be_focused()
    words = offers.last.inner_text()
    page.keyboard.press("Enter")
    expect(bubbles(page, "mine").last).to_contain_text(words)
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_value("")
    expect(offers).to_have_count(0)


def test_escape_puts_the_offers_away_and_keeps_what_was_typed(page: Page) -> None:
    field(page).fill("购置税")
    offers = page.get_by_role("group", name="大家常问")
    expect(offers).to_be_visible()
    field(page).press("Escape")
    expect(offers).to_be_hidden()
    expect(field(page)).to_have_value("购置税")


def test_an_answer_is_judged_with_a_reason(page: Page, app: FastAPI) -> None:
    app.state.judged.clear()
    ask(page, widget_app.TARGET)
    page.get_by_role("button", name="没用").click()
    page.get_by_role("button", name="答非所问").click()
    page.get_by_role("textbox", name="想补充几句吗").fill("想问的是摩托车")
    with page.expect_response("**/feedback"):
        page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("谢谢您的意见。")).to_be_visible()
    expect(page.get_by_role("button", name="没用")).to_have_attribute("aria-pressed", "true")
    assert [
        {key: value for key, value in one.items() if key != "message_id"} for one in app.state.judged
    ] == [
        {"useful": False},
        {"useful": False, "reason": "not_my_question", "comment": "想问的是摩托车"},
    ]


def test_an_answer_is_read_aloud_and_stopped(page: Page) -> None:
    ask(page, widget_app.TARGET)
    page.get_by_role("button", name="朗读").click()
    assert page.evaluate("window.spoken")[0].startswith("文件定下了占比目标。")
    stop = page.get_by_role("button", name="停止")
    expect(stop).to_have_attribute("aria-pressed", "true")
    stop.click()
    expect(page.get_by_role("button", name="朗读")).to_have_attribute("aria-pressed", "false")
    assert len(page.evaluate("window.spoken")) == 1


def test_what_is_said_stands_in_the_field(page: Page) -> None:
    page.get_by_role("button", name="语音输入").click()
    page.evaluate(
        "window.hearing.onresult({results: [[{transcript: '旧家电'}], [{transcript: '怎么回收'}]]})"
    )
    expect(field(page)).to_have_value("旧家电怎么回收")
    page.evaluate("window.hearing.onerror({error: 'not-allowed'})")
    expect(page.locator(".panel > [role=status]")).to_have_text("浏览器没有允许使用麦克风。")


def test_one_answer_is_printed_with_its_quote_unfolded(page: Page) -> None:
    ask(page, widget_app.TARGET)
    expect(page.locator(".card")).to_have_count(1)
    page.evaluate(
        "() => { const root = document.querySelector('lvxiaoyu-chat').shadowRoot;"
        " new MutationObserver(records => records.forEach(record => record.addedNodes.forEach(node => {"
        "  if (node.tagName === 'IFRAME') node.contentWindow.print = () => window.printed.push("
        "    node.contentDocument.querySelector('details').open + node.contentDocument.body.innerText); })))"
        " .observe(root, {childList: true}); }"
    )
    page.get_by_role("button", name="打印").click()
    page.wait_for_function("window.printed.length === 1")
    printed = page.evaluate("window.printed[0]")
    assert printed.startswith("true")
    assert "20%以上" in printed
    assert "没用" not in printed
    assert page.evaluate("window.violations") == []


def test_an_answer_is_shared_with_its_source(page: Page, context: BrowserContext, origin: str) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.evaluate("Object.defineProperty(navigator, 'share', {value: undefined})")
    ask(page, widget_app.TARGET)
    page.get_by_role("button", name="分享").click()
    expect(page.locator(".panel > [role=status]")).to_have_text("已复制，可以粘贴给别人。")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("文件定下了占比目标。")
    assert f"{origin}/policies/cq-2022-11?span=2.6:" in copied


def test_large_type_and_high_contrast_are_chosen_and_stay(page: Page) -> None:
    page.get_by_role("button", name="字号与设置").click()
    sheet = page.get_by_role("dialog", name="字号与设置")
    sheet.get_by_role("radio", name="特大字").check()
    sheet.get_by_role("radio", name="高对比").check()
    shell = page.locator(".shell")
    expect(shell).to_have_attribute("data-theme", "contrast")
    size = "node => getComputedStyle(node).fontSize"
    assert page.locator(".bubble").first.evaluate(size) == "24px"
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="字号与设置")).to_be_focused()
    page.reload()
    expect(shell).to_have_attribute("data-theme", "contrast")
    assert page.locator(".bubble").first.evaluate(size) == "24px"


def test_the_surface_speaks_english_and_keeps_what_is_there(page: Page) -> None:
    ask(page, widget_app.TARGET)
    expect(page.locator(".card")).to_have_count(1)
    field(page).fill("还没发")
    page.get_by_role("button", name="字号与设置").click()
    page.get_by_role("radio", name="English").check()
    expect(page.get_by_role("dialog", name="Text size and settings")).to_be_visible()
    expect(page.get_by_role("button", name="View source")).to_have_count(1)
    expect(page.get_by_role("textbox", name="Your question")).to_have_value("还没发")
    page.reload()
    expect(page.get_by_role("region", name="Chat with Lüxiaoyu")).to_be_visible()
    expect(page.get_by_role("button", name="View source")).to_be_visible()
    ask_in_english = page.get_by_role("textbox", name="Your question")
    ask_in_english.fill("你好")
    ask_in_english.press("Enter")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：你好")


def test_the_records_are_taken_and_then_deleted(page: Page) -> None:
    ask(page, widget_app.TARGET)
    expect(page.locator(".card")).to_have_count(1)
    page.get_by_role("button", name="字号与设置").click()
    with page.expect_download() as got:
        page.get_by_role("button", name="下载我的记录").click()
    content = json.loads(got.value.path().read_text("utf-8"))
    assert content["messages"][0]["text"] == widget_app.TARGET
    page.get_by_role("button", name="删除我的记录").click()
    page.get_by_role("button", name="确定删除").click()
    expect(page.locator(".card")).to_have_count(0)
    assert "id" not in kept(page)
    page.reload()
    expect(bubbles(page, "mine")).to_have_count(0)


def test_a_programme_opens_beside_the_chat(page: Page) -> None:
    ask(page, widget_app.PROGRAMME)
    page.get_by_role("button", name="查看整理说明").click()
    reader = page.get_by_role("dialog", name="原文对照")
    expect(reader.locator("mark")).not_to_be_empty()
    expect(reader).to_contain_text("据公开报道整理")


def test_on_a_phone_the_text_covers_the_chat_and_gives_the_focus_back(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    ask(page, widget_app.TARGET)
    page.get_by_role("button", name="查看原文").click()
    reader = page.get_by_role("dialog", name="原文对照")
    expect(reader.locator("mark")).to_be_in_viewport()
    expect(field(page)).to_be_hidden()
    page.get_by_role("button", name="关上原文").click()
    expect(field(page)).to_be_visible()
    expect(page.get_by_role("button", name="查看原文")).to_be_focused()


@pytest.mark.parametrize("colour", ["#ffe600", "#1a56a0", "#ff5a5a", "#000000"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_sites_colour_is_kept_readable(
    context: BrowserContext, origin: str, colour: str, scheme: str
) -> None:
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{origin}/policies")
    page.evaluate(
        "([src, colour]) => { const s = document.createElement('script'); s.src = src;"
        " s.dataset.colour = colour; document.body.appendChild(s); }",
        [f"{origin}/static/widget.js", colour],
    )
    launcher = page.locator(".launcher")
    expect(launcher).to_be_visible()
    ratio = launcher.evaluate(
        "node => { const l = c => { const v = c.match(/\\d+/g).slice(0, 3).map(x => x / 255)"
        ".map(x => x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);"
        " return 0.2126 * v[0] + 0.7152 * v[1] + 0.0722 * v[2] + 0.05; };"
        " const s = getComputedStyle(node); const p = [l(s.color), l(s.backgroundColor)].sort((a, b) => b - a);"
        " return p[0] / p[1]; }"
    )
    assert ratio >= 4.5
