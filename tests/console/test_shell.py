"""The console's shell in a real browser: signing in and out, live sockets, accounts, the audit log."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Page, expect

from api.accounts.roles import Role
from tests.console.conftest import Console, SignedIn

pytestmark = pytest.mark.browser

LIVE = "() => window.did_handshake === true"


def fill_in(page: Page, name: str, password: str) -> None:
    page.fill("#name", name)
    page.fill("#password", password)
    page.click("button[type=submit]")


def tick(page: Page, label: str) -> None:
    """A box of NiceGUI is ticked once the server has said so."""
    box = page.get_by_role("checkbox", name=label)
    box.click()
    expect(box).to_be_checked()


def test_who_signs_in_reaches_the_page_asked_for(signed_in: SignedIn) -> None:
    page = signed_in("editor", at="/password")
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    assert page.url.endswith("/console/password")


def test_a_wrong_password_is_said_and_the_name_stays(console: Console, new_page: Callable[..., Page]) -> None:
    page = new_page(width=390)
    page.goto(f"{console.url}/console/password")
    fill_in(page, "viewer", "wrong-wrong-1")
    expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
    assert page.input_value("#name") == "viewer"
    fill_in(page, "viewer", console.password)
    page.wait_for_function(LIVE)


def test_nothing_is_asked_of_the_network_and_nothing_kept_in_the_browser(
    console: Console, signed_in: SignedIn
) -> None:
    page = signed_in("administrator", at="/password")
    asked: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(f"{console.url}/console/accounts")
    page.wait_for_function(LIVE)
    expect(page.locator('[data-account="editor"]')).to_be_visible()
    assert page.evaluate("() => document.fonts.ready.then(() => document.fonts.size > 0)")
    ours = (console.url, "data:", "blob:")
    assert [url for url in asked if not url.startswith(ours)] == []
    assert len(asked) > 10
    nicegui = [url for url in asked if "nicegui" in url]
    assert all(url.startswith(f"{console.url}/console/_nicegui") for url in nicegui)
    assert errors == []
    kept = page.evaluate("() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]")
    assert kept == [[], ["__nicegui_tab_closed", "__nicegui_tab_id"], ""]
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == (
        "lvxiaoyu_console",
        "/console",
        True,
        "Strict",
    )


def test_signing_out_in_one_tab_closes_the_other(console: Console, signed_in: SignedIn) -> None:
    page = signed_in("editor", at="/password")
    other = page.context.new_page()
    other.goto(f"{console.url}/console/password")
    other.wait_for_function(LIVE)
    page.get_by_role("button", name="editor 用户").click()
    page.get_by_role("button", name="退出登录").click()
    expect(page.get_by_role("status")).to_have_text("已退出登录。")
    other.wait_for_url(re.compile(r"/console/sign-in\?next="))
    page.goto(f"{console.url}/console/password")
    assert "/sign-in" in page.url


def test_a_closed_account_loses_its_page_at_once(console: Console, new_page: Callable[..., Page]) -> None:
    console.staff.accounts.add("leaver", roles=[Role.viewer], password=console.password, by="test")
    page = new_page()
    page.goto(f"{console.url}/console/password")
    fill_in(page, "leaver", console.password)
    page.wait_for_function(LIVE)
    console.staff.accounts.close("leaver", by="test")
    page.wait_for_url(re.compile(r"/console/sign-in\?next="))


def test_a_socket_taken_to_another_session_is_refused(console: Console, signed_in: SignedIn) -> None:
    """A page belongs to the session that it was made for, even among those who are signed in."""
    theirs = signed_in("reviewer", at="/password")
    client_id = theirs.evaluate("() => window.clientId")
    mine = signed_in("viewer", at="/password")
    mine.evaluate("() => window.socket.disconnect()")
    outcome = mine.evaluate(
        """id => new Promise(done => {
             const socket = new WebSocket(`ws://${location.host}/console/_nicegui_ws/socket.io/`
               + `?client_id=${id}&EIO=4&transport=websocket`);
             socket.onopen = () => done("open"); socket.onerror = () => done("refused"); })""",
        client_id,
    )
    assert outcome == "refused"
    own = mine.evaluate("() => window.clientId")
    upload = mine.evaluate(
        """async ([mine, theirs]) => {
             const send = id => fetch(`/console/_nicegui/client/${id}/upload/1`, {method: "POST", body: "x"});
             return [(await send(theirs)).status, (await send(mine)).status]; }""",
        [own, client_id],
    )
    assert upload == [403, 404]


def test_an_administrator_makes_an_account_whose_holder_sets_a_password(
    console: Console, signed_in: SignedIn, new_page: Callable[..., Page]
) -> None:
    page = signed_in("administrator", at="/accounts")
    page.get_by_role("button", name="新建账号").click()
    page.get_by_label("账号名").fill("zhang.san")
    page.get_by_label("姓名").fill("张三")
    tick(page, "编辑")
    page.get_by_role("button", name="创建").click()
    secret = page.locator(".console-secret")
    expect(secret).to_have_text(re.compile(r"^(\w{4}-){3}\w{4}$"))
    first = secret.inner_text()
    page.get_by_role("button", name="我已记下").click()
    expect(page.locator('[data-account="zhang.san"]')).to_contain_text("待改初始密码")
    assert first not in page.content()

    theirs = new_page(width=390)
    theirs.goto(f"{console.url}/console/")
    fill_in(theirs, "zhang.san", first)
    theirs.wait_for_url("**/console/password")
    theirs.wait_for_function(LIVE)
    theirs.get_by_label("原密码").fill(first)
    theirs.get_by_label("新密码（至少 10 个字符）").fill("短")
    theirs.get_by_label("再输一次新密码").fill("短")
    theirs.get_by_role("button", name="修改密码", exact=True).click()
    expect(theirs.get_by_role("alert")).to_contain_text("密码长度")
    theirs.get_by_label("新密码（至少 10 个字符）").fill("新的-password-42")
    theirs.get_by_label("再输一次新密码").fill("新的-password-42")
    theirs.get_by_role("button", name="修改密码", exact=True).click()
    theirs.wait_for_url(re.compile(r"/console/sign-in\?note=changed"))
    fill_in(theirs, "zhang.san", "新的-password-42")
    theirs.wait_for_url(lambda url: "/sign-in" not in url and "/password" not in url)


def test_an_administrator_changes_closes_and_unlocks(console: Console, signed_in: SignedIn) -> None:
    console.staff.accounts.add("li.si", roles=[Role.viewer], password=console.password, by="test")
    for _ in range(5):
        with httpx.Client(base_url=console.url, trust_env=False) as visitor:
            form = visitor.get("/console/sign-in").text
            token = re.findall(r'name="token" value="([^"]+)"', form)[0]
            fields = {"name": "li.si", "password": "wrong", "token": token}
            visitor.post("/console/sign-in", data=fields, headers={"Origin": console.url})
    page = signed_in("administrator", at="/accounts")
    card = page.locator('[data-account="li.si"]')
    expect(card).to_contain_text("登录锁定至")
    card.get_by_role("button", name="解锁").click()
    expect(card).not_to_contain_text("登录锁定至")
    card.get_by_role("button", name="修改").click()
    tick(page, "审核人")
    page.get_by_role("button", name="保存").click()
    expect(card).to_contain_text("审核人")
    card.get_by_role("button", name="停用").click()
    page.get_by_role("dialog").get_by_role("button", name="停用").click()
    expect(card).to_contain_text("已停用")
    card.get_by_role("button", name="启用").click()
    expect(card).not_to_contain_text("已停用")
    own = page.locator('[data-account="administrator"]')
    expect(own.get_by_role("button", name="停用")).to_have_count(0)


def test_the_audit_log_is_filtered_read_and_exported(console: Console, signed_in: SignedIn) -> None:
    console.staff.accounts.add("cmd.x-wang", roles=[Role.viewer], password=console.password, by="=cmd()")
    page = signed_in("administrator", at="/audit")
    page.get_by_label("对象包含").fill("cmd.x-wang")
    expect(page.locator(".console-line")).to_have_count(1)
    line = page.locator(".console-line")
    expect(line).to_contain_text("新建账号")
    line.locator("summary").click()
    expect(line).to_contain_text('["viewer"]')
    with page.expect_download() as started:
        page.get_by_role("button", name="导出表格").click()
    written = started.value.path().read_text("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(written))
    assert (row["by"], row["what"], row["subject"]) == ("'=cmd()", "account.added", "cmd.x-wang")
    page.get_by_label("对象包含").fill("没有这样的对象")
    expect(page.get_by_text("没有符合条件的记录")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_frame_fits_and_its_menu_opens(signed_in: SignedIn, width: int) -> None:
    page = signed_in("administrator", width=width, at="/accounts")
    menu = page.get_by_role("link", name="账号与角色")
    if width == 390:
        expect(menu).not_to_be_in_viewport()
        page.get_by_role("button", name="菜单").click()
    expect(menu).to_be_in_viewport()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    page.get_by_role("link", name="操作记录").click()
    page.wait_for_url("**/console/audit")


def test_an_address_that_leads_nowhere_says_so_in_chinese(console: Console, signed_in: SignedIn) -> None:
    page = signed_in("viewer", at="/password")
    response = page.goto(f"{console.url}/console/nothing/here")
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading")).to_have_text("没有这个页面")


def test_the_public_pages_are_as_they_were(console: Console, new_page: Callable[..., Page]) -> None:
    page = new_page()
    response = page.goto(console.url)
    assert response is not None
    assert "unsafe" not in response.headers["content-security-policy"]
    assert "nicegui" not in page.content().lower()
