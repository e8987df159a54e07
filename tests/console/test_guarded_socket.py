"""The guard before a socket, with a small app behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.accounts.roles import Role
from api.console.guard import Guard
from api.console.sockets import LiveSockets
from tests.accounts.conftest import PASSWORD
from tests.console.site import Site, make_site

PATH = "/console/_nicegui_ws/socket.io/?client_id=gone&EIO=4&transport=websocket"


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    try:
        while True:
            await socket.send_text(await socket.receive_text())
    except WebSocketDisconnect:
        return


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = make_site(tmp_path, session_idle_minutes=10)
    site.add("li-lei", Role.editor)
    return site


@pytest.fixture
def sockets(site: Site) -> LiveSockets:
    return LiveSockets(site.services.staff.sessions, swept_every_s=0.05)


@pytest.fixture
def client(site: Site, sockets: LiveSockets) -> Iterator[TestClient]:
    app = Starlette(routes=[WebSocketRoute("/{path:path}", echo)])
    guarded = Guard(app, services=site.services, sockets=sockets)
    with TestClient(guarded) as client:
        assert client.portal is not None
        with client.portal.wrap_async_context_manager(sockets.watching()):
            yield client


def headers(site: Site, **more: str) -> dict[str, str]:
    token = site.services.staff.sign_in.by_password("li-lei", PASSWORD, address="a")
    return {"Cookie": f"lvxiaoyu_console={token}", "Origin": "http://testserver", **more}


def token_in(given: dict[str, str]) -> str:
    return given["Cookie"].partition("=")[2]


def test_who_is_signed_in_speaks_through_the_socket(site: Site, client: TestClient) -> None:
    with client.websocket_connect(PATH, headers=headers(site)) as socket:
        socket.send_text("2probe")
        assert socket.receive_text() == "2probe"


def test_a_socket_without_a_session_is_refused(site: Site, client: TestClient) -> None:
    signed_in = headers(site)
    for given in (
        {"Origin": "http://testserver"},
        {"Origin": "http://testserver", "Cookie": "lvxiaoyu_console=made-up"},
        {**signed_in, "Origin": "https://evil.example"},
        {"Cookie": signed_in["Cookie"]},
    ):
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(PATH, headers=given):
            pass
        assert refused.value.code == 4401


def test_a_socket_elsewhere_below_the_console_is_refused(site: Site, client: TestClient) -> None:
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/console/entries", headers=headers(site)),
    ):
        pass


def test_ending_the_session_closes_its_socket_and_no_other(
    site: Site, client: TestClient, sockets: LiveSockets
) -> None:
    mine, other = headers(site), headers(site)
    with (
        client.websocket_connect(PATH, headers=mine) as socket,
        client.websocket_connect(PATH, headers=other) as stays,
    ):
        socket.send_text("here")
        assert socket.receive_text() == "here"
        assert sockets.count() == 2
        site.services.staff.sessions.end(token_in(mine))
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert closed.value.code == 4401
        stays.send_text("still here")
        assert stays.receive_text() == "still here"


@pytest.mark.parametrize("change", ["close", "roles", "password"])
def test_what_takes_rights_away_closes_the_socket(site: Site, client: TestClient, change: str) -> None:
    accounts = site.services.staff.accounts
    with client.websocket_connect(PATH, headers=headers(site)) as socket:
        if change == "close":
            accounts.close("li-lei", by="root")
        elif change == "roles":
            accounts.change("li-lei", roles=[Role.viewer], by="root")
        else:
            accounts.reset_password("li-lei", by="root")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


def test_a_session_ended_by_another_process_closes_the_socket(site: Site, client: TestClient) -> None:
    with client.websocket_connect(PATH, headers=headers(site)) as socket:
        with site.services.engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM staff_sessions")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()


def test_only_what_a_person_does_keeps_a_session_in_use(site: Site, client: TestClient) -> None:
    given = headers(site)
    with client.websocket_connect(PATH, headers=given) as socket:
        site.clock.later(minutes=9)
        socket.send_text('42["event",{}]')
        assert socket.receive_text() == '42["event",{}]'
        site.clock.later(minutes=9)
        socket.send_text("3")  # a heartbeat
        assert socket.receive_text() == "3"
        site.clock.later(minutes=1)
        with pytest.raises(WebSocketDisconnect):
            socket.receive_text()
