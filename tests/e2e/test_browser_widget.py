"""The widget in a real Chromium: every state a resident can meet, on our page and on another site's."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e import widget_app
from tests.e2e.serving import free_port, serving

pytestmark = pytest.mark.browser

WATCH = """
window.violations = [];
document.addEventListener('securitypolicyviolation', e => window.violations.push(e.violatedDirective));
"""


@pytest.fixture(scope="module")
def sites() -> Iterator[tuple[str, str]]:
    """Our origin, and another site's that embeds the widget."""
    ours, theirs = free_port(), free_port()
    app = widget_app.build(allow_origins=(f"http://127.0.0.1:{theirs}",))
    host = widget_app.build_host(f"http://127.0.0.1:{ours}", 'data-topics="旧衣服怎么捐？"')
    with serving(app, ours) as origin, serving(host, theirs) as other:
        app.state.origin = origin
        yield origin, other


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.add_init_script(WATCH)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, sites: tuple[str, str]) -> Page:
    page = context.new_page()
    page.goto(f"{sites[0]}/chat")
    return page


def field(page: Page):
    return page.get_by_role("textbox", name="输入您的问题")


def ask(page: Page, words: str) -> None:
    field(page).fill(words)
    field(page).press("Enter")


def bubbles(page: Page, whose: str):
    return page.locator(f".message.{whose} .bubble")


def test_a_question_gets_a_card_whose_link_opens_the_marked_words(page: Page, context: BrowserContext):
    ask(page, widget_app.TARGET)
    card = page.get_by_role("region", name=re.compile("依据：第二部分（六）"))
    quote = card.locator("blockquote")
    expect(quote).to_be_hidden()
    card.get_by_text("展开原文").click()
    expect(quote).to_be_visible()
    words = quote.inner_text()
    expect(card).to_contain_text("渝发改规范〔2022〕11号")
    expect(card).to_contain_text("未注明有效期")
    card.get_by_role("button", name="查看原文").click()
    reader = page.get_by_role("dialog", name="原文对照")
    expect(reader.locator("mark")).to_have_text(words)
    expect(reader.locator("mark")).to_be_in_viewport()
    expect(card).to_be_visible()
    with context.expect_page() as opened:
        reader.get_by_role("link", name="打开全文").click()
    text = opened.value
    expect(text.locator("mark")).to_have_text(words)
    expect(text.locator("mark")).to_be_in_viewport()
    assert "20%以上" in words
    page.bring_to_front()
    page.keyboard.press("Escape")
    expect(reader).to_be_hidden()
    expect(card.get_by_role("button", name="查看原文")).to_be_focused()


def test_further_reading_beneath_an_answer_is_folded_and_named_as_no_answer(page: Page):
    ask(page, widget_app.TARGET)
    related = page.get_by_role("link", name="鼓励共享单车规范发展。")
    expect(related).to_be_hidden()
    page.get_by_text("延伸阅读（不是答案）").click()
    expect(related).to_be_visible()
    expect(page.locator(".card")).to_have_count(1)


def test_a_programmes_card_says_whose_words_it_gives(page: Page):
    ask(page, widget_app.PROGRAMME)
    card = page.get_by_role("region", name=re.compile("依据：新能源汽车"))
    expect(card).to_contain_text("据公开报道整理，以官方最新通知为准")
    expect(card).to_contain_text("核对日期：2026年11月21日")
    source = card.locator(".sources a").first
    assert source.get_attribute("target") == "_blank"
    assert (source.get_attribute("href") or "").startswith("http")


def test_the_keyboard_alone_is_enough(page: Page):
    field(page).focus()
    page.keyboard.type(widget_app.VAGUE)
    page.keyboard.press("Enter")
    choice = page.get_by_role("group", name="请选择").get_by_role("button").first
    expect(choice).to_be_visible()
    expect(field(page)).to_be_focused()
    for _ in range(20):
        page.keyboard.press("Shift+Tab")
        if choice.evaluate("node => node.getRootNode().activeElement === node"):
            break
    expect(choice).to_be_focused()
    page.keyboard.press("Enter")
    expect(bubbles(page, "mine").last).to_contain_text("以旧换新补贴有多少？")
    expect(choice).to_be_focused()


def test_shift_enter_makes_a_line_and_enter_sends(page: Page):
    field(page).focus()
    page.keyboard.type("第一行")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("第二行")
    assert field(page).input_value() == "第一行\n第二行"
    page.keyboard.press("Enter")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：第一行\n第二行", use_inner_text=True)
    expect(field(page)).to_have_value("")


def test_enter_that_ends_a_composition_does_not_send(page: Page):
    field(page).fill("新能源")
    for init in ("{key: 'Enter', isComposing: true}", "{key: 'Enter', keyCode: 229}"):
        field(page).evaluate(
            f"node => node.dispatchEvent(new KeyboardEvent('keydown', "
            f"Object.assign({{bubbles: true, cancelable: true}}, {init})))"
        )
    assert field(page).input_value() == "新能源"
    expect(bubbles(page, "mine")).to_have_count(0)


def test_two_quick_messages_are_answered_in_order_while_typing_goes_on(page: Page):
    ask(page, widget_app.SLOW)
    ask(page, "第二条")
    expect(page.locator(".typing")).to_be_visible()
    field(page).type("还在写")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：第二条")
    words = [text.strip() for text in page.locator(".message .bubble").all_inner_texts()][1:]
    assert [re.sub(r"\s*您说：\s*", "", text) for text in words] == [
        widget_app.SLOW,
        f"您说的是：{widget_app.SLOW}",
        "第二条",
        "您说的是：第二条",
    ]
    expect(field(page)).to_have_value("还在写")
    expect(field(page)).to_be_focused()
    expect(page.locator(".typing")).to_have_count(0)


def test_a_server_error_keeps_the_message_and_one_retry_sends_it(page: Page):
    ask(page, widget_app.FAILS_ONCE)
    retry = page.get_by_role("button", name="重试")
    expect(page.locator(".message.failed")).to_contain_text(widget_app.FAILS_ONCE)
    expect(page.get_by_role("status")).to_contain_text("没有发送成功")
    retry.click()
    expect(bubbles(page, "theirs").last).to_have_text(f"您说的是：{widget_app.FAILS_ONCE}")
    expect(retry).to_have_count(0)
    expect(bubbles(page, "mine")).to_have_count(1)
    expect(field(page)).to_be_focused()


def test_a_rate_limit_says_how_long_to_wait(page: Page):
    ask(page, widget_app.TOO_FAST)
    expect(page.locator(".message.failed")).to_contain_text("请 7 秒后再试")


def test_without_a_network_the_message_waits_and_goes_when_it_is_back(page: Page, context: BrowserContext):
    context.set_offline(True)
    expect(page.locator(".banner")).to_be_visible()
    ask(page, "断网时写的")
    expect(page.locator(".message.failed")).to_contain_text("等待网络恢复后发送")
    expect(field(page)).to_be_enabled()
    context.set_offline(False)
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：断网时写的")
    expect(page.locator(".banner")).to_be_hidden()


def test_reload_restores_the_conversation(page: Page):
    ask(page, widget_app.TARGET)
    expect(page.locator(".card")).to_have_count(1)
    page.reload()
    expect(bubbles(page, "mine")).to_have_text([re.compile(re.escape(widget_app.TARGET))])
    expect(page.locator(".card")).to_have_count(1)
    expect(page.locator(".divider")).to_have_text("以上是之前的对话")
    ask(page, "接着问")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：接着问")
    page.reload()
    expect(bubbles(page, "mine")).to_have_count(2)


def test_a_new_conversation_forgets_the_old_one(page: Page):
    ask(page, "第一次")
    expect(bubbles(page, "theirs")).to_have_count(2)
    page.get_by_role("button", name="新对话").click()
    expect(bubbles(page, "mine")).to_have_count(0)
    expect(field(page)).to_be_focused()
    page.reload()
    expect(field(page)).to_be_visible()
    expect(bubbles(page, "mine")).to_have_count(0)


def test_an_answer_still_under_way_does_not_enter_a_new_conversation(page: Page):
    ask(page, widget_app.SLOW)
    expect(page.locator(".typing")).to_be_visible()
    with page.expect_response("**/api/v1/chat"):
        page.get_by_role("button", name="新对话").click()
    ask(page, "新的问题")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：新的问题")
    expect(bubbles(page, "mine")).to_have_count(1)
    page.reload()
    expect(bubbles(page, "mine")).to_have_text([re.compile("新的问题")])


def test_a_link_that_is_no_web_address_is_not_offered(page: Page):
    ask(page, widget_app.BAD_LINK)
    expect(page.locator(".card")).to_contain_text("鼓励共享单车规范发展。")
    expect(page.locator(".card a")).to_have_count(0)


def test_a_conversation_that_the_service_forgot_starts_anew(page: Page):
    page.evaluate(
        "localStorage.setItem('lvxiaoyu:' + location.origin + '/', JSON.stringify({id: 'gone', token: 'x'}))"
    )
    page.reload()
    ask(page, "您好")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：您好")
    assert "gone" not in page.evaluate("JSON.stringify(localStorage)")


def test_markup_in_a_message_stays_text(page: Page):
    title = page.title()
    ask(page, widget_app.MARKUP)
    expect(bubbles(page, "theirs").last).to_have_text(f"您说的是：{widget_app.MARKUP}")
    expect(page.locator(".log img, .log script")).to_have_count(0)
    page.reload()
    expect(bubbles(page, "mine")).to_have_text([re.compile(re.escape(widget_app.MARKUP))])
    assert page.title() == title


def test_a_thousand_characters_go_and_one_more_is_counted(page: Page):
    field(page).fill("绿" * 905)
    expect(page.locator(".counter")).to_have_text("还可以输入 95 字")
    field(page).fill("🌱" * 1001)
    expect(page.locator(".counter")).to_contain_text("超出 1 字")
    field(page).press("Enter")
    expect(bubbles(page, "mine")).to_have_count(0)
    assert field(page).input_value() == "🌱" * 1001
    field(page).fill("🌱" * 1000)
    field(page).press("Enter")
    expect(bubbles(page, "mine")).to_have_count(1)


def test_a_degraded_answer_says_so(page: Page):
    ask(page, widget_app.DEGRADED)
    expect(page.locator(".kind-smalltalk .hint").last).to_contain_text("由文件检索直接给出")


def test_an_abstention_names_whom_to_call_and_keeps_related_apart(page: Page):
    ask(page, widget_app.UNKNOWN)
    call = page.get_by_role("link", name="拨打 重庆12345政务服务热线：12345")
    expect(call).to_have_attribute("href", "tel:12345")
    expect(page.get_by_role("region", name="延伸阅读（不是答案）").get_by_role("link")).to_have_count(1)
    expect(page.locator(".card")).to_have_count(0)


def test_roles_and_names_for_screen_readers(page: Page):
    expect(page.get_by_role("log", name="对话记录")).to_be_visible()
    expect(page.get_by_role("region", name="与绿小渝对话")).to_be_visible()
    expect(page.get_by_role("button", name="发送")).to_be_visible()
    assert page.get_by_role("log").get_attribute("aria-live") == "off"
    ask(page, "您好")
    expect(page.get_by_role("status")).to_have_text("您说的是：您好")
    nameless = page.locator("lvxiaoyu-chat").evaluate(
        "host => [...host.shadowRoot.querySelectorAll('button, a, textarea')]"
        ".filter(n => !(n.getAttribute('aria-label') || n.textContent.trim())).map(n => n.outerHTML)"
    )
    assert nameless == []


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_nothing_scrolls_sideways(page: Page, width: int):
    page.set_viewport_size({"width": width, "height": 700})
    for question in (
        widget_app.TARGET,
        widget_app.VAGUE,
        widget_app.UNKNOWN,
        widget_app.PROGRAMME,
        "长" * 400,
    ):
        ask(page, question)
    expect(bubbles(page, "theirs").last).to_contain_text("长长长")
    wide = page.evaluate(
        "() => [document.documentElement, document.querySelector('lvxiaoyu-chat').shadowRoot"
        ".querySelector('.log')].map(n => n.scrollWidth - n.clientWidth)"
    )
    assert wide == [0, 0]


def test_another_site_embeds_it_under_a_strict_policy(context: BrowserContext, sites: tuple[str, str]):
    origin, other = sites
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{other}/hostile.css")
    before = set(page.evaluate("Object.getOwnPropertyNames(window)"))
    page.goto(other)
    launcher = page.get_by_role("button", name="打开绿小渝，问政策")
    launcher.click()
    expect(page.get_by_role("dialog", name="与绿小渝对话")).to_be_visible()
    expect(field(page)).to_be_focused()
    expect(page.get_by_role("button", name="旧衣服怎么捐？")).to_be_visible()
    ask(page, widget_app.TARGET)
    page.get_by_role("button", name="查看原文").click()
    link = page.get_by_role("link", name="打开全文")
    expect(link).to_be_visible()
    assert (link.get_attribute("href") or "").startswith(f"{origin}/policies/cq-2022-11?span=2.6:")
    size = page.locator(".card blockquote").evaluate("node => getComputedStyle(node).fontSize")
    assert size == "16px"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(launcher).to_be_focused()
    page.reload()
    launcher.click()
    expect(page.locator(".card")).to_have_count(1)
    assert page.evaluate("window.violations") == []
    assert errors == []
    assert set(page.evaluate("Object.getOwnPropertyNames(window)")) - before == set()


def test_it_works_where_storage_is_forbidden(context: BrowserContext, sites: tuple[str, str]):
    context.add_init_script(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError') }})"
    )
    page = context.new_page()
    page.goto(f"{sites[0]}/chat")
    ask(page, "您好")
    expect(bubbles(page, "theirs").last).to_have_text("您说的是：您好")
