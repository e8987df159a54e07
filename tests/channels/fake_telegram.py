"""A Bot API server on loopback that behaves as documented, and as badly as it is told to.

It refuses what Telegram refuses: texts too long or without sense as HTML, buttons that carry too much, chats
that are unknown or have blocked the bot, and more messages than its limits allow.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Literal

from aiohttp import web

TOKEN = "7000001:AAF-fake-token-of-loopback-0123456789"
BOT_ID, USERNAME = 7000001, "lvxiaoyu_bot"
LONGEST, LONGEST_DATA = 4096, 64
TAGS = {"b", "i", "a", "blockquote", "code", "pre", "u", "s"}
Fault = Literal["429", "403", "500", "502", "503", "restart", "nonsense", "slow", "dropped"]
"""`restart` and 502 take the message and don't say so; 500 and 503 refuse it."""


@dataclass
class Message:
    """What a chat has been sent, as a reader sees it; `at` is the server's monotonic time."""

    chat: str
    message_id: int
    html: str
    text: str
    buttons: list[dict[str, Any]]
    at: float
    fields: dict[str, Any] = field(repr=False)


class _Reader(HTMLParser):
    """Telegram's HTML: few tags, each closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.open, self.wrong = "", list[str](), False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.wrong |= tag not in TAGS
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        self.wrong |= not self.open or self.open.pop() != tag

    def handle_data(self, data: str) -> None:
        self.text += data


class FakeTelegram:
    """Runs in a thread of its own. `per_second` limits the bot as a whole; 0 is no limit."""

    def __init__(self, *, per_second: int = 0, token: str = TOKEN) -> None:
        self.per_second, self.token = per_second, token
        self.sent: list[Message] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.refused: list[tuple[str, int]] = []
        self.blocked: set[str] = set()
        self.webhook: dict[str, Any] = {}
        self.slow_s = 0.5
        self.on_call: Callable[[str, dict[str, Any]], None] = lambda method, fields: None
        """Told of each request before it is answered, in the server's thread."""
        self.closed_until: dict[str, float] = {}
        self._faults: dict[str, deque[Fault]] = defaultdict(deque)
        self._updates: list[dict[str, Any]] = []
        self._news = asyncio.Event()
        self._window: deque[float] = deque()
        self._ids = itertools.count(1)
        self._update_ids = itertools.count(100)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fake-telegram", daemon=True)
        self.changed = threading.Condition()
        self.url = ""

    def start(self) -> FakeTelegram:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._serve(), self._loop).result(10)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._news.set)
        asyncio.run_coroutine_threadsafe(self._runner.cleanup(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def fail(self, *faults: Fault, chat: str = "", method: str = "") -> None:
        """What happens to the next requests of a chat, or of a method."""
        self._faults[chat or method].extend(faults)

    def update(self, **content: Any) -> dict[str, Any]:
        """An update with the next id, not delivered yet."""
        return {"update_id": next(self._update_ids), **content}

    def push(self, *updates: dict[str, Any]) -> None:
        """Have updates waiting for getUpdates, in this order; one can stand there twice."""

        def put() -> None:
            self._updates.extend(updates)
            self._news.set()

        self._loop.call_soon_threadsafe(put)

    def said(
        self, text: str | None, chat: int = 42, *, user: int | None = None, kind: str = "private", **more: Any
    ) -> dict[str, Any]:
        """A message of a resident as an update; `text` None for something else than words."""
        return self.update(message=self.message(text, chat, user=user, kind=kind, **more))

    def message(
        self, text: str | None, chat: int = 42, *, user: int | None = None, kind: str = "private", **more: Any
    ) -> dict[str, Any]:
        place: dict[str, Any] = {"id": chat, "type": kind}
        place |= {"title": "小区群"} if kind != "private" else {"first_name": "<b>张三</b>"}
        message = {
            "message_id": next(self._ids),
            "date": int(time.time()),
            "chat": place,
            "from": {"id": user or chat, "is_bot": False, "first_name": "<b>张三</b>"},
            **more,
        }
        if text is not None:
            message["text"] = text
            entities = []
            if f"@{USERNAME}" in text:
                before = text[: text.index(f"@{USERNAME}")]
                offset = len(before.encode("utf-16-le")) // 2
                entities = [{"type": "mention", "offset": offset, "length": len(USERNAME) + 1}]
            message["entities"] = entities
        return message

    def pressed(self, data: str, chat: int = 42, *, user: int | None = None, kind: str = "private") -> Any:
        message = self.message("…", chat, kind=kind)
        sender = {"id": user or chat, "is_bot": False, "first_name": "x"}
        query = {"id": f"q{next(self._ids)}", "from": sender, "chat_instance": "1", "data": data}
        return self.update(callback_query=query | {"message": message})

    def member(self, before: str, after: str, chat: int = 42, kind: str = "private") -> dict[str, Any]:
        me = {"id": BOT_ID, "is_bot": True, "first_name": "绿小渝", "username": USERNAME}

        def state(status: str) -> dict[str, Any]:
            return {"status": status, "user": me} | ({"until_date": 0} if status == "kicked" else {})

        change = {
            "chat": {"id": chat, "type": kind},
            "from": {"id": chat if chat > 0 else 9, "is_bot": False, "first_name": "x"},
            "date": int(time.time()),
            "old_chat_member": state(before),
            "new_chat_member": state(after),
        }
        return self.update(my_chat_member=change)

    def wait(self, met: Callable[[], bool], timeout_s: float = 15.0) -> None:
        """Until `met`, asked again whenever something came."""
        with self.changed:
            assert self.changed.wait_for(met, timeout_s), f"not met; sent {[m.text for m in self.sent[-5:]]}"

    async def until(self, met: Callable[[], bool], timeout_s: float = 15.0) -> None:
        await asyncio.to_thread(self.wait, met, timeout_s)

    def texts(self, chat: int | str = 42) -> list[str]:
        return [message.text for message in self.sent if message.chat == str(chat)]

    def buttons(self, chat: int | str = 42) -> dict[str, str]:
        """Label to data or address, of the chat's last message."""
        last = [message for message in self.sent if message.chat == str(chat)][-1]
        return {each["text"]: each.get("callback_data") or each.get("url", "") for each in last.buttons}

    async def _serve(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.2)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{port}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        if request.match_info["token"] != self.token:
            return _no(401, "Unauthorized")
        fields: dict[str, Any] = dict(request.query)
        fields |= dict(await request.post())
        for name in (
            "reply_markup",
            "link_preview_options",
            "reply_parameters",
            "allowed_updates",
            "commands",
        ):
            if name in fields:
                fields[name] = json.loads(fields[name])
        chat = str(fields.get("chat_id", ""))
        bad = await self._misbehave(chat, method, fields, request)
        with self.changed:
            self.calls.append((method, fields))
            self.on_call(method, fields)
            answer = bad or self._take(method, chat, fields)
            self.changed.notify_all()
        if answer is None:
            return await self._updates_from(int(fields.get("offset") or 0), float(fields.get("timeout") or 0))
        return answer

    async def _misbehave(
        self, chat: str, method: str, fields: dict[str, Any], request: web.Request
    ) -> web.Response | None:
        faults = (
            self._faults[chat] if method == "sendMessage" and self._faults[chat] else self._faults[method]
        )
        fault = faults.popleft() if faults else None
        if fault == "slow":
            await asyncio.sleep(self.slow_s)
        if fault == "429":
            self.closed_until[chat] = time.monotonic() + 1
        if fault == "403":
            return _no(403, "Forbidden: bot was blocked by the user")
        if fault == "500":
            return _no(500, "Internal Server Error")
        if fault == "503":
            return web.Response(status=503, text="<html>Service Unavailable", content_type="text/html")
        if fault in ("502", "restart"):
            with self.changed:
                self._take(method, chat, fields)
            return _no(502, "Bad Gateway") if fault == "502" else _no(500, "Internal Server Error: restart")
        if fault == "nonsense":
            return web.Response(text="<html>not JSON", content_type="text/html")
        if fault == "dropped":
            assert request.transport is not None
            request.transport.abort()
        return None

    def _take(self, method: str, chat: str, fields: dict[str, Any]) -> web.Response | None:
        """The answer; None for getUpdates, which waits."""
        if method == "getUpdates":
            return None
        if method == "getMe":
            return _yes({"id": BOT_ID, "is_bot": True, "first_name": "绿小渝", "username": USERNAME})
        if method == "setWebhook":
            self.webhook = fields
        if method == "sendMessage":
            return self._send(chat, fields)
        known = ("deleteWebhook", "setWebhook", "setMyCommands", "sendChatAction", "answerCallbackQuery")
        if method == "editMessageReplyMarkup" or method in known:
            return _yes(True)
        return _no(404, "Not Found: method not found")

    def _send(self, chat: str, fields: dict[str, Any]) -> web.Response:
        now = time.monotonic()
        if chat in self.blocked:
            return _no(403, "Forbidden: bot was blocked by the user")
        if chat == "404":
            return _no(400, "Bad Request: chat not found")
        if (left := self.closed_until.get(chat, 0.0) - now) > 0:
            return self._too_many(chat, int(left) + 1)
        while self._window and now - self._window[0] >= 1:
            self._window.popleft()
        if self.per_second and len(self._window) >= self.per_second:
            return self._too_many(chat, 1)
        text = fields.get("text", "")
        shown = text
        if fields.get("parse_mode") == "HTML":
            reader = _Reader()
            reader.feed(text)
            reader.close()
            if reader.wrong or reader.open:
                return _no(400, "Bad Request: can't parse entities")
            shown = reader.text
        if not shown.strip():
            return _no(400, "Bad Request: message text is empty")
        if len(shown.encode("utf-16-le")) // 2 > LONGEST:
            return _no(400, "Bad Request: message is too long")
        buttons = [each for row in fields.get("reply_markup", {}).get("inline_keyboard", []) for each in row]
        if any(len(each.get("callback_data", "").encode()) > LONGEST_DATA for each in buttons):
            return _no(400, "Bad Request: BUTTON_DATA_INVALID")
        self._window.append(now)
        message = Message(chat, next(self._ids), text, shown, buttons, now, fields)
        self.sent.append(message)
        place = {"id": int(chat), "type": "private" if int(chat) > 0 else "group"}
        return _yes(
            {"message_id": message.message_id, "date": int(time.time()), "chat": place, "text": shown}
        )

    def _too_many(self, chat: str, retry_after: int) -> web.Response:
        self.refused.append((chat, retry_after))
        return _no(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)

    async def _updates_from(self, offset: int, timeout_s: float) -> web.Response:
        """As documented: asking from `offset` on confirms all before it."""
        self._updates = [each for each in self._updates if each["update_id"] >= offset]
        if not self._updates:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), timeout_s)
            except TimeoutError:
                return _yes([])
        self.on_call("gaveUpdates", {"updates": self._updates})
        return _yes(self._updates)


def _yes(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _no(code: int, description: str, **parameters: Any) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=code)
