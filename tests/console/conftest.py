"""The real app with its console in a process of its own, an account for each role, and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from sqlalchemy import Engine

from api.accounts.assembling import Staff, build_staff
from api.accounts.roles import Role
from api.clock import SystemClock
from api.settings import Settings
from bench.system import running
from knowledge.editing.service import Editing
from knowledge.journal import NoJournal
from knowledge.store import create_engine_for

PASSWORD = "春风-gentle-7788"
ACCOUNTS = {
    "viewer": Role.viewer,
    "editor": Role.editor,
    "reviewer": Role.reviewer,
    "reviewer2": Role.reviewer,
    "campaigner": Role.campaigner,
    "approver": Role.approver,
    "administrator": Role.administrator,
}


@dataclass(frozen=True, slots=True)
class Console:
    """`url` is the site's origin, without a slash at the end; the console is at `url` + `/console/`. `staff`
    writes to the same database from outside the app's process, as the command line does."""

    url: str
    data_dir: Path
    database_url: str
    staff: Staff
    password: str = PASSWORD


SignedIn = Callable[..., Page]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of an installation that was started once and has an account for each role."""
    data_dir = tmp_path_factory.mktemp("installed") / "data"
    with running(data_dir, timeout_s=300, LVXIAOYU_MANAGE_RASA="false"):
        pass
    engine, staff = staff_of(data_dir)
    for name, role in ACCOUNTS.items():
        staff.accounts.add(name, roles=[role], password=PASSWORD, by="test", display_name=f"{name} 用户")
    engine.dispose()
    return data_dir


@pytest.fixture(scope="module")
def console(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """One a module, over data of its own: what one module publishes, another need not know."""
    data_dir = tmp_path_factory.mktemp("console") / "data"
    shutil.copytree(installed, data_dir)
    engine, staff = staff_of(data_dir)
    with running(data_dir, timeout_s=300, LVXIAOYU_MANAGE_RASA="false") as system:
        yield Console(system.url, data_dir, str(engine.url), staff)
    engine.dispose()


def staff_of(data_dir: Path) -> tuple[Engine, Staff]:
    settings = Settings(data_dir=data_dir)
    engine = create_engine_for(settings.database)
    return engine, build_staff(settings, engine, SystemClock())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One a module: while it is open, no test of the same process can run a loop of its own."""
    expect.set_options(timeout=15_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """A page of a browser that knows nothing yet: `new_page(width=390)`."""
    contexts = []

    def make(*, width: int = 1280, height: int = 800) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def signed_in(console: Console, new_page: Callable[..., Page]) -> SignedIn:
    """A page on which an account is signed in, on the console's first page: `signed_in("editor", width=390)`;
    with `at="/entries"` on that page."""

    def sign_in(name: str, *, width: int = 1280, height: int = 800, at: str = "/") -> Page:
        page = new_page(width=width, height=height)
        page.goto(f"{console.url}/console{at}")
        page.fill("#name", name)
        page.fill("#password", console.password)
        page.click("button[type=submit]")
        page.wait_for_url(lambda url: "/sign-in" not in url)
        page.wait_for_function("() => window.did_handshake === true || !window.io")
        return page

    return sign_in


@pytest.fixture
def editing(console: Console) -> Iterator[Editing]:
    """Writes drafts into the console's database from outside its process."""
    engine = create_engine_for(console.database_url)
    yield Editing(engine, now=SystemClock().now, journal=NoJournal())
    engine.dispose()
