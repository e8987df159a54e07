"""Every state of the widget and every page before axe-core, light, dark, large, high contrast, from 1280 to 320 px wide."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import widget_app
from tests.e2e.serving import free_port, serving
from tests.e2e.test_browser_widget import ask, bubbles, field

pytestmark = pytest.mark.browser

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
LOOKS = [
    ("light", "normal", 1280),
    ("dark", "normal", 1280),
    ("contrast", "largest", 1280),
    ("light", "normal", 768),
    ("dark", "largest", 768),
    ("dark", "normal", 390),
    ("light", "largest", 320),
]


def violations(page: Page) -> list[tuple[str, list[Any]]]:
    """Each broken rule and where. Colours that are still fading are none of its business: motion is reduced."""
    page.evaluate(AXE)
    found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]


def answered(page: Page) -> None:
    ask(page, widget_app.TARGET)
    expect(page.locator(".card")).to_have_count(1)


def unfolded(page: Page) -> None:
    answered(page)
    page.get_by_text("展开原文").click()
    page.get_by_text("延伸阅读（不是答案）").click()


def reading(page: Page) -> None:
    answered(page)
    page.get_by_role("button", name="查看原文").click()
    expect(page.locator("mark")).to_be_visible()


def settings(page: Page) -> None:
    answered(page)
    page.get_by_role("button", name="字号与设置").click()
    page.get_by_role("button", name="删除我的记录").click()


def judging(page: Page) -> None:
    answered(page)
    page.get_by_role("button", name="没用").click()
    expect(page.get_by_role("group", name="哪里不好？")).to_be_visible()


def choosing(page: Page) -> None:
    ask(page, widget_app.VAGUE)
    expect(page.get_by_role("group", name="请选择")).to_be_visible()


def abstaining(page: Page) -> None:
    ask(page, widget_app.UNKNOWN)
    expect(page.get_by_role("region", name="可以问这里")).to_be_visible()


def filling(page: Page) -> None:
    ask(page, widget_app.FORM)
    expect(page.get_by_role("button", name=widget_app.HANDED)).to_be_visible()


def handed_over(page: Page) -> None:
    filling(page)
    page.get_by_role("button", name=widget_app.HANDED).click()
    expect(page.get_by_role("region", name="可以问这里")).to_be_visible()


def programme(page: Page) -> None:
    ask(page, widget_app.PROGRAMME)
    expect(page.locator(".card")).to_have_count(1)


def failing(page: Page) -> None:
    ask(page, widget_app.TOO_FAST)
    expect(page.locator(".message.failed")).to_be_visible()


def offline(page: Page) -> None:
    page.context.set_offline(True)
    ask(page, "断网时写的")
    expect(page.locator(".message.failed")).to_be_visible()


def offering(page: Page) -> None:
    field(page).fill("购置税")
    expect(page.get_by_role("group", name="大家常问")).to_be_visible()


def typing(page: Page) -> None:
    ask(page, widget_app.SLOW)
    expect(page.locator(".typing")).to_be_visible()


def counting(page: Page) -> None:
    field(page).fill("绿" * 1001)
    expect(page.locator(".counter.over")).to_be_visible()


def reloaded(page: Page) -> None:
    answered(page)
    page.reload()
    expect(bubbles(page, "mine")).to_have_count(1)


def welcoming(page: Page) -> None:
    expect(field(page)).to_be_visible()


STATES: list[Callable[[Page], None]] = [
    welcoming, answered, unfolded, reading, settings, judging, choosing, abstaining,
    filling, handed_over, programme, failing, offline, offering, typing, counting, reloaded,
]  # fmt: skip


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with serving(widget_app.build(), free_port()) as origin:
        yield origin


def visit(browser: Browser, origin: str, look: tuple[str, str, int], path: str) -> Page:
    theme, size, width = look
    scheme: Any = "dark" if theme == "dark" else "light"
    viewport: Any = {"width": width, "height": 844}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    context.add_init_script(
        "if (!localStorage.length) localStorage.setItem('lvxiaoyu:' + location.origin + '/',"
        f" JSON.stringify({{theme: '{theme}', size: '{size}'}}))"
    )
    page = context.new_page()
    page.goto(origin + path)
    return page


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_no_state_breaks_a_rule_of_axe(browser: Browser, origin: str, look: tuple[str, str, int]) -> None:
    broken = {}
    for state in STATES:
        page = visit(browser, origin, look, "/chat")
        state(page)
        broken[state.__name__] = violations(page)
        wide = page.locator("lvxiaoyu-chat").evaluate(
            "host => [...host.shadowRoot.querySelectorAll('.log, .reader-body, .panel')]"
            ".map(node => node.scrollWidth - node.clientWidth)"
        )
        assert (state.__name__, max(wide)) == (state.__name__, 0)
        page.context.close()
    assert {name: found for name, found in broken.items() if found} == {}


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: "-".join(map(str, look)))
def test_no_page_breaks_a_rule_of_axe(browser: Browser, origin: str, look: tuple[str, str, int]) -> None:
    broken = {}
    for path in ("/", "/policies", "/policies/cq-2022-11?span=2.6:12-40#2.6", "/policies/nev-purchase-tax"):
        page = visit(browser, origin, look, path)
        broken[path] = violations(page)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (path, wider) == (path, 0)
        page.context.close()
    assert {path: found for path, found in broken.items() if found} == {}
