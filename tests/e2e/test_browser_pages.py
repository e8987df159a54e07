"""The pages in a real Chromium: readable at every width, marked where cited, within their own policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import widget_app
from tests.e2e.serving import free_port, serving

pytestmark = pytest.mark.browser

PATHS = [
    "/",
    "/chat",
    "/policies",
    "/policies/cq-2022-11",
    "/policies/cq-2020-1891",
    "/policies/nev-purchase-tax",
    "/policies/x",
]


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with serving(widget_app.build(), free_port()) as origin:
        yield origin


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(
        "window.violations = []; document.addEventListener('securitypolicyviolation',"
        " e => window.violations.push(e.violatedDirective))"
    )
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_no_page_scrolls_sideways_or_breaks_its_policy(page: Page, origin: str, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    for path in PATHS:
        page.goto(origin + path)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (path, over) == (path, 0)
        assert (path, page.evaluate("window.violations")) == (path, [])


def letters(page: Page, selector: str) -> float:
    """The size of the letters there, in pixels."""
    size = page.locator(selector).first.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    return float(size)


def test_the_size_chosen_in_the_chat_holds_for_the_pages_around_it(page: Page, origin: str):
    page.goto(f"{origin}/chat")
    asides, aside, top = page.locator(".chat-aside"), ".chat-aside p", ".top nav a"
    expect(asides).to_be_visible()
    before = {selector: letters(page, selector) for selector in (aside, top)}
    page.get_by_role("button", name="字号与设置").click()
    page.get_by_role("radio", name="特大字").check()
    assert {selector: letters(page, selector) for selector in (aside, top)} == {
        selector: size * 1.5 for selector, size in before.items()
    }
    page.goto(f"{origin}/policies/cq-2022-11")
    assert letters(page, ".policy") == 18 * 1.5
    other = page.context.new_page()
    other.goto(f"{origin}/policies")
    assert letters(other, "body") == 17 * 1.5
    page.go_back()
    page.get_by_role("button", name="字号与设置").click()
    page.get_by_role("radio", name="标准").check()
    expect(other.locator("html[data-size=normal]")).to_be_attached()
    assert letters(other, "body") == 17


@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_the_largest_letters_keep_every_page_within_its_width_and_the_head_in_one_line(
    page: Page, origin: str, width: int
):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{origin}/chat")
    page.get_by_role("button", name="字号与设置").click()
    page.get_by_role("radio", name="特大字").check()
    for path in PATHS[1:]:
        page.goto(origin + path)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (path, over) == (path, 0)
        head = page.locator(".top").bounding_box()
        assert head is not None
        assert (path, head["height"] <= 86) == (path, True)
    page.goto(f"{origin}/chat")
    expect(page.get_by_role("textbox", name="输入您的问题")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_cited_words_are_in_sight(page: Page, origin: str, width: int):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{origin}/policies/cq-2020-1891?span=annex.6:2-10#annex.6")
    expect(page.locator("mark")).to_be_in_viewport()
    top = page.locator("mark").bounding_box()
    head = page.locator(".top").bounding_box()
    assert top is not None
    assert head is not None
    assert top["y"] >= head["y"] + head["height"]


def test_an_annex_is_a_table_on_a_desk_and_cards_on_a_phone(page: Page, origin: str):
    page.goto(f"{origin}/policies/cq-2020-1891")
    row = page.locator("[id='annex.7']")
    expect(page.get_by_role("columnheader", name="完成时限")).to_be_visible()
    expect(row.locator(".row-task")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 800})
    expect(row.locator(".row-task")).to_be_visible()
    expect(row).to_contain_text("三、发展工业循环经济")


def test_the_contents_lead_to_their_clause(page: Page, origin: str):
    page.goto(f"{origin}/policies/cq-2022-11")
    page.get_by_role("navigation", name="目录").get_by_role("link", name="（六）发展绿色交通消费").click()
    expect(page.get_by_role("heading", name="（六）发展绿色交通消费")).to_be_in_viewport()


def test_a_reader_without_scripts_is_shown_the_way(browser: Browser, origin: str):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{origin}/chat")
    expect(page.get_by_role("link", name="全部政策文件")).to_be_visible()
    expect(page.locator("main").get_by_role("link", name="12345")).to_have_attribute("href", "tel:12345")
    context.close()
