"""Stands before everything below `/console`, its socket included: nobody passes who is not signed in.

Plain ASGI. A person without a session is sent to the sign-in page, a script gets a 401, a socket is refused
before it is accepted. Whatever changes something must come from one of the console's own pages. An open
socket closes when its session ends, and only the session that a page was made for may speak through it.
"""

from __future__ import annotations

import asyncio
import re
import sys
from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.accounts.sessions import SignedIn
from api.console.origin import is_own
from api.console.sockets import LiveSockets
from api.console.visit import SCOPE_KEY, Visit
from api.problems import Problem, render
from api.services import Services

if TYPE_CHECKING:
    from nicegui import Client

PREFIX = "/console"
SIGN_IN = f"{PREFIX}/sign-in"
PASSWORD = f"{PREFIX}/password"
COOKIE = "lvxiaoyu_console"
OPEN = (SIGN_IN, f"{PREFIX}/oidc/", f"{PREFIX}/static/")
"""What is there for those who are not signed in."""
ALWAYS = (*OPEN, f"{PREFIX}/session", f"{PREFIX}/sign-out")
PLAIN = (*ALWAYS, f"{PREFIX}/audit/export", f"{PREFIX}/api/")
"""Answered without NiceGUI: the public pages' content policy holds there."""
SOCKET = f"{PREFIX}/_nicegui_ws/"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""NiceGUI starts from an inline script and evaluates what the server sends; nothing comes from elsewhere."""
ENDED = 4401
_CLIENT = re.compile(rf"{PREFIX}/_nicegui/client/([0-9a-f-]+)/")
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_AGAIN = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>绿小渝</title>
<meta http-equiv="refresh" content="0; url={url}"></html>"""


class Guard:
    def __init__(self, app: ASGIApp, *, services: Services, sockets: LiveSockets) -> None:
        self._app, self._services, self._sockets = app, services, sockets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] == "lifespan" or not (path == PREFIX or path.startswith(f"{PREFIX}/")):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if scope["method"] in _UNSAFE and not is_own(scope, self._services.settings):
            await _refuse("foreign_origin", scope, receive, send)
            return
        if path.startswith(SOCKET):  # a long poll would outlive the session's end
            await _refuse("not_found", scope, receive, send)
            return
        found = await self._signed_in(scope)
        if found is not None:
            scope[SCOPE_KEY] = Visit(self._services, found)
        if not path.startswith(OPEN):
            if found is None:
                await _to_sign_in(scope)(scope, receive, send)
                return
            client = _CLIENT.match(path)
            if client and not _is_of(client[1], found):
                await _refuse("forbidden", scope, receive, send)
                return
            if found.must_change and _waits(path):
                await RedirectResponse(PASSWORD, 303)(scope, receive, send)
                return
        await self._app(scope, receive, send if path.startswith(PLAIN) else _with_policy(send, path))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = None
        if scope["path"].startswith(SOCKET) and is_own(scope, self._services.settings):
            found = await self._signed_in(scope)
        client = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("client_id", [""])[0]
        if found is None or not _is_of(client, found):
            await receive()
            await send({"type": "websocket.close", "code": ENDED})
            return
        with self._sockets.registered(found.session) as over:
            await _until(over, self._touching(found, receive), send, self._app, scope)

    def _touching(self, found: SignedIn, receive: Receive) -> Receive:
        """What a person does on the page keeps the session in use; the browser's heartbeat does not."""

        async def touched() -> Message:
            message = await receive()
            if (message.get("text") or "").startswith('42["event"'):
                await run_in_threadpool(self._services.staff.sessions.touch, found.session)
            return message

        return touched

    async def _signed_in(self, scope: Scope) -> SignedIn | None:
        token = HTTPConnection(scope).cookies.get(COOKIE)
        return await run_in_threadpool(self._services.staff.sessions.find, token) if token else None


async def _until(over: asyncio.Event, receive: Receive, send: Send, app: ASGIApp, scope: Scope) -> None:
    """Run a socket until either side ends it or `over` is set."""
    ending = asyncio.create_task(over.wait())

    async def interrupted() -> Message:
        if not over.is_set():
            coming = asyncio.ensure_future(receive())
            await asyncio.wait({coming, ending}, return_when=asyncio.FIRST_COMPLETED)
            if coming.done():
                return coming.result()
            coming.cancel()
            await send({"type": "websocket.close", "code": ENDED})
        return {"type": "websocket.disconnect", "code": ENDED}

    async def unless_over(message: Message) -> None:
        if not over.is_set():
            await send(message)

    try:
        await app(scope, interrupted, unless_over)
    finally:
        ending.cancel()


def _is_of(client_id: str, found: SignedIn) -> bool:
    """Whether the page that the browser holds was made for this session."""
    module = sys.modules.get("nicegui")
    client: Client | None = module.Client.instances.get(client_id) if module else None
    if client is None:
        return True  # gone, after a restart or a long sleep: the page is told to load itself anew
    visit = client.request.scope.get(SCOPE_KEY)
    return isinstance(visit, Visit) and visit.signed_in.session == found.session


def _waits(path: str) -> bool:
    """Whether this has to wait until a first password was changed."""
    return path != PASSWORD and not path.startswith((*ALWAYS, f"{PREFIX}/_nicegui"))


def _to_sign_in(scope: Scope) -> Response:
    headers = Headers(scope=scope)
    if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
        return render(Problem("signed_out"), request_id=scope.get("request_id"), path=scope["path"])
    query = scope.get("query_string", b"").decode("latin-1")
    wanted = scope["path"] + (f"?{query}" if query else "")
    ended = "&note=ended" if f"{COOKIE}=" in headers.get("cookie", "") else ""
    url = f"{SIGN_IN}?next={quote(wanted)}{ended}"
    if headers.get("sec-fetch-site") == "cross-site":
        # The cookie stays away from a link on another site. Going on from a page of ours brings it along.
        return HTMLResponse(_AGAIN.format(url=escape(url)), headers={"Cache-Control": "no-store"})
    return RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})


async def _refuse(name: str, scope: Scope, receive: Receive, send: Send) -> None:
    problem = render(Problem(name), request_id=scope.get("request_id"), path=scope["path"])
    await problem(scope, receive, send)


def _with_policy(send: Send, path: str) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["Content-Security-Policy"] = POLICY
            if not path.startswith(f"{PREFIX}/_nicegui/"):
                headers["Cache-Control"] = "no-store"
        await send(message)

    return guarded
