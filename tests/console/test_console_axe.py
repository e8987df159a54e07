"""Every page of the console before axe-core, signed in as somebody who may open it, and the larger dialogs."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest
from playwright.sync_api import expect

import api.console.pages
from api.accounts.roles import RIGHTS, Right
from api.clock import SystemClock
from api.console.frame import MENU
from knowledge.editing.service import Editing
from knowledge.journal import NoJournal
from knowledge.store import create_engine_for
from tests.console.axe import violations
from tests.console.conftest import ACCOUNTS, Console, SignedIn

for _module in pkgutil.iter_modules(api.console.pages.__path__):
    importlib.import_module(f"api.console.pages.{_module.name}")

pytestmark = pytest.mark.browser
LOOKERS = ("reviewer", "administrator", "campaigner", "approver")
"""Between them they may open everything."""
FURTHER = {
    "/documents/cq-2022-11": Right.read,
    "/documents/import": Right.edit,
    "/entries/cq-2022-11-2.4-01": Right.read,
    "/entries/new": Right.edit,
    "/programmes/nev-purchase-tax": Right.read,
    "/programmes/new": Right.edit,
    "/test-bench?ask=馆子里有小份菜没得": Right.read,
    "/password": Right.read,
}
"""Pages that stand in no menu."""
PAGES = {item.path: item.right for item in MENU} | FURTHER


@pytest.fixture(scope="module", autouse=True)
def drafted(console: Console) -> None:
    """Drafts in each state, so that lists hold something and badges are seen."""
    engine = create_engine_for(console.database_url)
    editing = Editing(engine, now=SystemClock().now, journal=NoJournal())
    for number, name in enumerate(("cq-2022-11-2.4-01", "cq-2022-11-2.4-02", "cq-2022-11-2.4-03")):
        content = {**(editing.current("entry", name) or {})}
        content["plain"] = f"{content['plain']}（核对过）"
        draft = editing.save(kind="entry", row_id=name, content=content, by="editor")
        if number > 0:
            draft = editing.submit(draft.id, by="editor", revision=draft.revision)
        if number > 1:
            editing.approve(draft.id, by="reviewer", revision=draft.revision)
    engine.dispose()


@pytest.mark.parametrize("name", LOOKERS)
def test_no_page_breaks_a_rule_of_axe(console: Console, signed_in: SignedIn, name: str) -> None:
    before: set[Right] = set()
    for earlier in LOOKERS[: LOOKERS.index(name)]:
        before |= RIGHTS[ACCOUNTS[earlier]]
    own = [path for path, right in PAGES.items() if right in RIGHTS[ACCOUNTS[name]] and right not in before]
    page, broken = signed_in(name), {}
    for path in own:
        page.goto(f"{console.url}/console{path}")
        expect(page.locator(".console-page > :not(.hidden)").first).to_be_visible()
        if found := violations(page):
            broken[path] = found
    assert broken == {}


def test_everybody_together_looks_at_every_page() -> None:
    rights = {right for name in LOOKERS for right in RIGHTS[ACCOUNTS[name]]}
    assert set(PAGES.values()) <= rights


def test_no_dialog_breaks_a_rule_of_axe(console: Console, signed_in: SignedIn) -> None:
    page, broken = signed_in("reviewer", at="/golden"), {}
    page.get_by_role("button", name="新增黄金题").click()
    page.get_by_label("按名称、编号或原文找条款和项目").fill("旧衣")
    page.get_by_role("button", name=re.compile("^选上")).first.click()
    broken["golden"] = violations(page, dialog=True)
    page.goto(f"{console.url}/console/emergency")
    page.get_by_label("撤回什么").click()
    page.get_by_role("option", name="条款").click()
    page.get_by_label("按名称或编号查找").fill("cq-2022-11#2.4")
    page.get_by_role("button", name="立即撤回").first.click()
    expect(page.get_by_role("list", name="停用的问答")).to_be_visible()
    broken["withdrawing"] = violations(page, dialog=True)
    page.goto(f"{console.url}/console/lexicon")
    page.get_by_role("button", name="新增一行").click()
    expect(page.get_by_label("居民的说法")).to_be_visible()
    broken["lexicon"] = violations(page, dialog=True)
    assert {name: found for name, found in broken.items() if found} == {}
