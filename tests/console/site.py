"""The app with its console's entry, without NiceGUI, in this process: a clock that is set, a quick hasher."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from api.accounts.assembling import build_staff
from api.accounts.roles import Role
from api.app import create_app
from api.console.guard import COOKIE
from api.keys import load_keys
from api.migrations import upgrade
from api.services import Services
from api.settings import Settings
from knowledge.store import create_engine_for
from tests.accounts.conftest import PASSWORD, quick_passwords
from tests.api.kept import SetClock
from tests.api.parts import SentenceAnswerer, Shelf


@dataclass(frozen=True, slots=True)
class Site:
    app: FastAPI
    services: Services
    clock: SetClock

    def add(self, name: str, *roles: Role) -> None:
        self.services.staff.accounts.add(name, roles=roles, password=PASSWORD, by="root")

    def visitor(self, *, host: str = "127.0.0.1", scheme: str = "http") -> httpx.AsyncClient:
        """A browser as far as HTTP goes: it follows no redirect by itself."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(host, 40000))
        headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        return httpx.AsyncClient(transport=transport, base_url=f"{scheme}://app", headers=headers)


def make_site(folder: Path, **settings: Any) -> Site:
    chosen, clock, shelf = Settings(data_dir=folder, **settings), SetClock(), Shelf()
    upgrade(chosen.database)
    engine = create_engine_for(chosen.database)
    services = Services(
        settings=chosen,
        keys=load_keys(folder / "secrets"),
        engine=engine,
        library=shelf,
        answerer=SentenceAnswerer(shelf),
        clock=clock,
    )
    services.staff = build_staff(chosen, engine, clock, passwords=quick_passwords())
    services.audit = services.staff.audit
    return Site(create_app(services), services, clock)


async def sign_in(
    visitor: httpx.AsyncClient, name: str, password: str = PASSWORD, *, wanted: str = "", **headers: str
) -> httpx.Response:
    """Open the page, fill in its form, send it."""
    page = await visitor.get("/console/sign-in", params={"next": wanted} if wanted else {})
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))
    fields |= {"name": name, "password": password}
    return await visitor.post("/console/sign-in", data=fields, headers={"Origin": "http://app", **headers})


def session_of(visitor: httpx.AsyncClient) -> str | None:
    return visitor.cookies.get(COOKIE)
