"""Each role on each page of the menu: let in where the page's right is the role's, refused in words else."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

import api.console.pages
from api.accounts.roles import RIGHTS, Actor, Right
from api.console.frame import MENU, menu_of
from tests.console.conftest import ACCOUNTS, Console

for _module in pkgutil.iter_modules(api.console.pages.__path__):
    importlib.import_module(f"api.console.pages.{_module.name}")
PAGES = {item.path: item.right for item in MENU} | {"/password": Right.read}


@contextmanager
def visitor(console: Console, name: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=console.url, trust_env=False, timeout=60) as client:
        form = client.get("/console/sign-in").text
        token = re.findall(r'name="token" value="([^"]+)"', form)[0]
        fields = {"name": name, "password": console.password, "token": token}
        response = client.post("/console/sign-in", data=fields, headers={"Origin": console.url})
        assert response.status_code == 303
        yield client


@pytest.mark.parametrize("name", list(ACCOUNTS))
def test_each_page_opens_for_those_who_have_its_right_and_for_no_other(console: Console, name: str) -> None:
    rights = RIGHTS[ACCOUNTS[name]]
    with visitor(console, name) as client:
        got = {path: client.get(f"/console{path}", headers={"Accept": "text/html"}) for path in PAGES}
    expected = {path: 200 if right in rights else 403 for path, right in PAGES.items()}
    assert {path: response.status_code for path, response in got.items()} == expected
    for path, response in got.items():
        assert ("没有权限" in response.text) == (expected[path] == 403), path


@pytest.mark.parametrize("name", list(ACCOUNTS))
def test_the_menu_shows_what_may_be_opened(name: str) -> None:
    role = ACCOUNTS[name]
    shown = {item.path for items in menu_of(Actor(name, frozenset({role}))).values() for item in items}
    assert shown == {item.path for item in MENU if item.right in RIGHTS[role]}
    assert ("/accounts" in shown) == (name == "administrator")
