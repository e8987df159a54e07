"""Campaign messages in a real Chromium: they come while the page is open, and everything in them works."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect

from api.app import create_app
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from campaigns.content import Picture
from campaigns.delivery.senders import Outgoing
from knowledge.store import create_engine_for
from tests.api.parts import SentenceAnswerer, Shelf, SteppingClock
from tests.e2e import widget_app
from tests.e2e.conftest import browser
from tests.e2e.pictures import png
from tests.e2e.serving import free_port, serving
from tests.e2e.test_browser_widget import WATCH
from tests.web_channel.conftest import CONTENT, QUIZ, RENDERED, RUN, a_run, sums_of

__all__ = ["browser"]

pytestmark = pytest.mark.browser


@dataclass
class Site:
    services: Services
    app: FastAPI
    origin: str = ""
    other: str = ""
    sent: int = 0

    def notify(self, page: Page, **changes: object) -> None:
        """A notice for the conversation that the page holds."""
        held = page.evaluate("JSON.parse(Object.values(localStorage)[0]).id")
        self.sent += 1
        self.services.web_channel.sender.send(
            Outgoing(
                delivery_id=self.sent,
                run_id=RUN,
                person=self.services.keys.pseudonym(held),
                channel="web",
                content=replace(RENDERED, **changes),  # type: ignore[arg-type]
                idempotency_key=f"{RUN}:{self.sent}",
            )
        )


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Our site, and another's page that embeds the widget."""
    ours, theirs = free_port(), free_port()
    address = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(address)
    engine = create_engine_for(address)
    a_run(engine)
    shelf = Shelf()
    services = Services(
        settings=Settings(data_dir=tmp_path, console=False, allow_origins=(f"http://127.0.0.1:{theirs}",)),
        keys=load_keys(tmp_path / "secrets"),
        engine=engine,
        library=shelf,
        answerer=SentenceAnswerer(shelf),
        clock=SteppingClock(),
    )
    app = create_app(services)
    host = widget_app.build_host(f"http://127.0.0.1:{ours}")
    with serving(app, ours) as origin, serving(host, theirs) as other:
        yield Site(services, app, origin, other)
        app.state.streams.close()
    engine.dispose()


@pytest.fixture(params=[1280, 390])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": request.param, "height": 844}, reduced_motion="reduce")
    context.add_init_script(WATCH)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Page:
    page = context.new_page()
    page.goto(f"{site.origin}/chat")
    ask(page, "自行车")
    expect(page.locator(".kind-answer")).to_have_count(1)
    return page


def ask(page: Page, words: str) -> None:
    field = page.get_by_role("textbox", name="输入您的问题")
    field.fill(words)
    field.press("Enter")


def notice(page: Page):
    return page.get_by_role("article", name="活动消息")


def test_a_message_comes_to_an_open_page_with_all_that_it_holds(
    page: Page, context: BrowserContext, site: Site
) -> None:
    picture = site.services.web_channel.pictures.keep(png(600, 200), by="li")
    site.notify(page, picture=Picture(picture, "一辆停在公园门口的自行车"))
    expect(notice(page).locator(".bubble")).to_have_text(CONTENT.text)
    shown = notice(page).get_by_role("img", name="一辆停在公园门口的自行车")
    expect(shown).to_be_visible()
    assert shown.evaluate("node => node.decode().then(() => node.naturalWidth)") == 600
    expect(page.get_by_role("status").first).to_contain_text(CONTENT.text)
    links = notice(page).get_by_role("list", name="相关链接").get_by_role("link")
    assert [link.get_attribute("href") for link in links.all()] == [
        f"{site.origin}/r/{RUN}/0",
        f"{site.origin}/r/{RUN}/1",
    ]
    notice(page).get_by_text("这条消息的依据").click()
    expect(notice(page).locator(".more blockquote")).to_have_text("公园周边设置自行车停放点。")
    sideways = page.evaluate(
        "() => [document.documentElement, document.querySelector('lvxiaoyu-chat').shadowRoot"
        ".querySelector('.log')].map(n => n.scrollWidth - n.clientWidth)"
    )
    assert sideways == [0, 0]
    assert page.evaluate("window.violations") == []


def test_the_quiz_says_what_is_right_and_shows_the_clause_and_keeps_the_choice(
    page: Page, site: Site
) -> None:
    site.notify(page)
    wrong = notice(page).get_by_role("button", name=QUIZ.options[0])
    wrong.click()
    outcome = notice(page).locator(".quiz-outcome")
    expect(outcome).to_contain_text("差一点，正确答案是“五百米”。")
    expect(outcome.locator("blockquote")).to_have_text("每五百米一处")
    expect(wrong).to_be_focused()
    expect(wrong).to_contain_text("您选的")
    notice(page).get_by_role("button", name="五百米").click(force=True)
    page.reload()
    expect(notice(page).locator(".wrong")).to_contain_text("您选的")
    expect(notice(page).locator(".right")).to_contain_text("正确答案")
    assert sums_of(site.services.engine) == {("opened", "0"): 1, ("quiz", "0"): 1}


def test_the_pledge_is_taken_once_and_stays(page: Page, site: Site) -> None:
    site.notify(page)
    expect(notice(page).locator(".pledge")).to_contain_text("这周骑车出门三次")
    with page.expect_response("**/pledge"):
        notice(page).get_by_role("button", name="我愿意").click()
    expect(notice(page).get_by_role("button", name="已承诺")).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(notice(page).get_by_role("button", name="已承诺")).to_be_visible()
    assert sums_of(site.services.engine)[("pledge", "0")] == 1


def test_a_message_sent_while_nobody_was_there_is_shown_on_the_next_visit(
    page: Page, context: BrowserContext, site: Site
) -> None:
    page.goto("about:blank")
    page.goto(f"{site.origin}/policies")
    held = "JSON.parse(Object.values(localStorage)[0]).id"
    assert page.evaluate(held)
    site.notify(page)
    assert sums_of(site.services.engine) == {}
    with page.expect_response("**/notices/opened"):
        page.goto(f"{site.origin}/chat")
    expect(notice(page)).to_have_count(1)
    expect(notice(page).locator(".bubble")).to_be_in_viewport()
    assert sums_of(site.services.engine) == {("opened", "0"): 1}
    ask(page, "停放点")
    expect(page.locator(".message.theirs").last).not_to_have_attribute("aria-label", "活动消息")
    page.reload()
    expect(notice(page)).to_have_count(1)


def test_a_quick_reply_and_the_way_out_are_sent_as_words(page: Page, site: Site) -> None:
    site.notify(page)
    notice(page).get_by_role("button", name="停放点在哪里").click()
    expect(page.locator(".message.mine .bubble").last).to_contain_text("停放点在哪里")
    notice(page).get_by_role("button", name="退订").click()
    expect(page.locator(".message.mine .bubble").last).to_contain_text("退订")


def test_a_picture_from_elsewhere_is_a_link_with_its_words(page: Page, site: Site) -> None:
    site.notify(page)
    link = notice(page).get_by_role("link", name="查看图片：一辆停在公园门口的自行车")
    expect(link).to_have_attribute("href", "https://example.org/bike.png")
    expect(notice(page).locator("img")).to_have_count(0)
    assert page.evaluate("window.violations") == []


def test_on_another_site_the_closed_widget_says_that_something_new_is_there(
    context: BrowserContext, site: Site
) -> None:
    page = context.new_page()
    page.goto(site.other)
    page.get_by_role("button", name="打开绿小渝，问政策").click()
    ask(page, "自行车")
    expect(page.locator(".kind-answer")).to_have_count(1)
    page.keyboard.press("Escape")
    site.notify(page)
    launcher = page.get_by_role("button", name="打开绿小渝，有 1 条新消息")
    expect(launcher).to_be_visible()
    assert sums_of(site.services.engine) == {}
    with page.expect_response("**/notices/opened"):
        launcher.click()
    expect(notice(page)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="打开绿小渝，问政策")).to_be_visible()
    assert page.evaluate("window.violations") == []


def test_a_new_conversation_has_none_of_the_old_ones_messages(page: Page, site: Site) -> None:
    site.notify(page)
    expect(notice(page)).to_have_count(1)
    page.get_by_role("button", name="新对话").click()
    expect(notice(page)).to_have_count(0)
    ask(page, "自行车")
    expect(page.locator(".kind-answer")).to_have_count(1)
    site.notify(page, text="给新对话的消息")
    expect(notice(page).locator(".bubble")).to_have_text("给新对话的消息")
