"""The page of channels in a real browser: an administrator confirms Telegram, it runs, and is switched off."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bench.system import running
from tests.channels.fake_telegram import TOKEN, FakeTelegram
from tests.console.conftest import Console, SignedIn, staff_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def telegram() -> Iterator[FakeTelegram]:
    server = FakeTelegram().start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def console(
    installed: Path, tmp_path_factory: pytest.TempPathFactory, telegram: FakeTelegram
) -> Iterator[Console]:
    """A console beside a Telegram that is set up and not confirmed."""
    data_dir = tmp_path_factory.mktemp("channels") / "data"
    shutil.copytree(installed, data_dir)
    token = data_dir.parent / "telegram_token"
    token.write_text(TOKEN)
    engine, staff = staff_of(data_dir)
    with running(
        data_dir,
        LVXIAOYU_MANAGE_RASA="false",
        LVXIAOYU_TELEGRAM_TOKEN_FILE=str(token),
        LVXIAOYU_TELEGRAM_API_URL=telegram.url,
        LVXIAOYU_TELEGRAM_UPDATES="polling",
    ) as system:
        yield Console(system.url, data_dir, str(engine.url), staff)
    engine.dispose()


def card(page: Page, name: str) -> Locator:
    return page.locator(f'[data-channel="{name}"]')


def test_nothing_is_said_to_telegram_before_every_part_is_ticked(
    signed_in: SignedIn, telegram: FakeTelegram
) -> None:
    page = signed_in("administrator", at="/channels")
    expect(card(page, "web")).to_contain_text("运行中")
    expect(card(page, "wechat")).to_contain_text("没有设置")
    expect(card(page, "telegram")).to_contain_text("等待确认")
    expect(card(page, "telegram")).to_contain_text("服务器在境外")
    assert telegram.calls == []
    card(page, "telegram").get_by_role("button", name="确认启用").click()
    dialog = page.get_by_role("dialog")
    sure = dialog.get_by_role("button", name="确认启用")
    expect(dialog.get_by_role("checkbox").first).to_be_visible()
    for box in dialog.get_by_role("checkbox").all():
        expect(sure).to_be_disabled()
        box.click()
    expect(sure).to_be_enabled()
    sure.click()
    expect(card(page, "telegram")).to_contain_text("administrator 于")
    telegram.wait(lambda: any(method == "getUpdates" for method, _ in telegram.calls))


def test_the_last_success_and_the_last_error_stand_there(
    signed_in: SignedIn, telegram: FakeTelegram, console: Console
) -> None:
    telegram.push(telegram.said("你好"))
    telegram.wait(lambda: len(telegram.texts()) == 2)
    page = signed_in("administrator", width=390, at="/channels")
    expect(card(page, "telegram")).to_contain_text(re.compile(r"最近一次成功：20\d\d-\d\d-\d\d \d\d:\d\d"))
    telegram.fail("502", chat="42")
    telegram.push(telegram.said("你好"))
    telegram.wait(lambda: telegram.texts()[-1].startswith("刚才断线了"))
    page.reload()
    expect(card(page, "telegram")).to_contain_text("对方的网关出错（http_502）")
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_switched_off_it_waits_again_and_both_steps_are_in_the_log(
    signed_in: SignedIn, new_page: Callable[..., Page]
) -> None:
    page = signed_in("administrator", at="/channels")
    card(page, "telegram").get_by_role("button", name="关闭").click()
    page.get_by_role("dialog").get_by_role("button", name="关闭").click()
    expect(card(page, "telegram")).to_contain_text("等待确认")
    page.goto(page.url.replace("/channels", "/audit"))
    expect(page.get_by_text("确认启用渠道")).to_be_visible()
    expect(page.get_by_text("关闭渠道")).to_be_visible()
