"""WeChat on loopback: its API as documented, and the server that posts residents' messages and waits 5 s.

The API can be told to be slow, to answer with a status, an error code or nonsense. It keeps WeChat's own rules:
a token that is known, two days and five messages for customer service, tags of fifty people a call, one mass send
for a `clientmsgid`, a quota of mass sends.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import xmltodict
from wechatpy.crypto import WeChatCrypto

APP_ID, SECRET, TOKEN = "wx0123456789abcdef", "s3cret", "token123"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_account"
WAITS_S = 5.0


@dataclass(frozen=True)
class Fault:
    """What one call meets: a wait, then a status, a code of WeChat's, or these bytes; `does`: the call is
    carried out all the same."""

    wait_s: float = 0.0
    status: int = 0
    code: int = 0
    nonsense: bytes = b""
    does: bool = False


@dataclass
class FakeWeChat:
    """`sent` are customer-service messages as (chat, text), `mass` the sends to tags as (chats, text).

    `on_call` is told of each request before it is answered, in a thread of the server's.
    """

    mass_quota: int = 100
    sent: list[tuple[str, str]] = field(default_factory=list)
    previews: list[tuple[str, str]] = field(default_factory=list)
    mass: list[tuple[list[str], str]] = field(default_factory=list)
    tags: dict[int, list[str]] = field(default_factory=dict)
    menu: Any = None
    tokens_given: int = 0
    calls: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    windows: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    keeps_windows: bool = False
    on_call: Callable[[str], None] = lambda path: None
    _faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    _token: str = ""
    _mass_ids: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length) if length else b""
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, body = fake.answer(parts.path.removeprefix("/cgi-bin/"), query, raw)
                try:
                    self.send_response(status)
                    self.send_header("Content-Type", "application/json; encoding=utf-8")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, path: str, *faults: Fault) -> None:
        """The next calls of `path` meet these, one each."""
        self._faults[path].extend(faults)

    def forget_token(self) -> None:
        self._token = secrets.token_hex(8)

    def answer(self, path: str, query: dict[str, str], raw: bytes) -> tuple[int, bytes]:
        with self._lock:
            self.calls.append(path)
            self.on_call(path)
            fault = self._faults[path].popleft() if self._faults[path] else Fault()
        if fault.wait_s:
            time.sleep(fault.wait_s)
        if fault.status and not fault.does:
            return fault.status, b"<html>busy</html>"
        if fault.nonsense and not fault.does:
            return 200, fault.nonsense
        if fault.code:
            return 200, _json({"errcode": fault.code, "errmsg": "told to"})
        with self._lock:
            answered = self._carried_out(path, query, json.loads(raw) if raw else {})
        if fault.does:
            return (fault.status, b"") if fault.status else (200, fault.nonsense or _json(answered))
        return 200, _json(answered)

    def _carried_out(self, path: str, query: dict[str, str], body: Any) -> dict[str, Any]:
        if path == "stable_token":
            if (body.get("appid"), body.get("secret")) != (APP_ID, SECRET):
                return {"errcode": 40125, "errmsg": "invalid appsecret"}
            self.tokens_given += 1
            if not self._token or body.get("force_refresh"):
                self._token = secrets.token_hex(8)
            return {"access_token": self._token, "expires_in": 7200}
        if query.get("access_token") != self._token:
            return {"errcode": 40001, "errmsg": "invalid credential, access_token is invalid or not latest"}
        return self._called(path, body)

    def _called(self, path: str, body: Any) -> dict[str, Any]:
        done = {"errcode": 0, "errmsg": "ok"}
        if path == "message/custom/send":
            return self._custom(body["touser"], body["text"]["content"]) or done
        if path == "message/mass/preview":
            self.previews.append((body["touser"], body["text"]["content"]))
            return done
        if path == "tags/create":
            number = 100 + len(self.tags)
            self.tags[number] = []
            return {"tag": {"id": number, "name": body["tag"]["name"]}}
        if path == "tags/members/batchtagging":
            chats = body["openid_list"]
            if len(chats) > 50:
                return {"errcode": 40032, "errmsg": "invalid openid list size"}
            if set(chats) & self.gone:
                return {"errcode": 40003, "errmsg": "invalid openid"}
            self.tags[body["tagid"]] += [chat for chat in chats if chat not in self.tags[body["tagid"]]]
            return done
        if path == "tags/delete":
            self.tags.pop(body["tag"]["id"], None)
            return done
        if path == "message/mass/sendall":
            return self._mass(body)
        if path == "menu/create":
            self.menu = body
            return done
        return {"errcode": 40066, "errmsg": "invalid url"}

    def _custom(self, chat: str, text: str) -> dict[str, Any] | None:
        if len(text.encode()) > 2048:
            return {"errcode": 45002, "errmsg": "content size out of limit"}
        if chat in self.gone:
            return {"errcode": 43004, "errmsg": "require subscribe"}
        if self.keeps_windows and not self.windows[chat]:
            return {"errcode": 45015, "errmsg": "response out of time limit"}
        self.windows[chat] -= 1
        self.sent.append((chat, text))
        return None

    def _mass(self, body: Any) -> dict[str, Any]:
        client_id = body["clientmsgid"]
        if client_id in self._mass_ids:
            return {"errcode": 45065, "errmsg": "clientmsgid exist", "msg_id": self._mass_ids[client_id]}
        if len(self.mass) >= self.mass_quota:
            return {"errcode": 45028, "errmsg": "has no masssend quota"}
        self._mass_ids[client_id] = 1000 + len(self.mass)
        self.mass.append((list(self.tags[body["filter"]["tag_id"]]), body["text"]["content"]))
        return {"errcode": 0, "errmsg": "send job submission success", "msg_id": self._mass_ids[client_id]}


@dataclass
class Phone:
    """WeChat's servers as the app meets them: posts what residents say, signed, and reads the answer.

    `key` for the encrypted mode. `answers` are the texts that arrived in a response, by MsgId.
    """

    client: httpx.AsyncClient
    key: str | None = None
    path: str = "/channels/wechat"
    answers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _number: int = 0

    def next_id(self) -> str:
        self._number += 1
        return str(24000000000000000 + self._number)

    async def says(self, text: str, *, who: str = "oAlice", msg_id: str = "", **fields: str) -> str | None:
        """One text message, asked once; the text of the answer, None for none."""
        return await self.posts(
            {
                "FromUserName": who,
                "MsgType": "text",
                "Content": text,
                "MsgId": msg_id or self.next_id(),
                **fields,
            }
        )

    async def event(self, event: str, *, who: str = "oAlice", **fields: str) -> str | None:
        return await self.posts({"FromUserName": who, "MsgType": "event", "Event": event, **fields})

    async def posts(self, fields: dict[str, str]) -> str | None:
        response = await self.post(self.xml(fields))
        assert response.status_code == 200, response.text
        text = self.read(response)
        if text is not None:
            self.answers[fields.get("MsgId", "")].append(text)
        return text

    async def insists(
        self, text: str, *, who: str, msg_id: str, took: list[float] | None = None
    ) -> str | None:
        """As WeChat does: five seconds, then again, three times at most; `took` gets the seconds of each."""
        for _ in range(3):
            began = time.perf_counter()
            try:
                async with asyncio.timeout(WAITS_S):
                    return await self.says(text, who=who, msg_id=msg_id)
            except TimeoutError:
                continue
            finally:
                if took is not None:
                    took.append(time.perf_counter() - began)
        return None

    def xml(self, fields: dict[str, str]) -> str:
        told = {"ToUserName": ACCOUNT, "CreateTime": str(int(time.time())), **fields}
        return str(xmltodict.unparse({"xml": told}, full_document=False))

    async def post(self, xml: str, *, waits_s: float = 30.0, **query: str) -> httpx.Response:
        body, signed = self.signed(xml)
        return await self.client.post(self.path, params={**signed, **query}, content=body, timeout=waits_s)

    def signed(self, xml: str, *, at: str = "", nonce: str = "") -> tuple[bytes, dict[str, str]]:
        """Body and query as WeChat sends them."""
        at, nonce = at or str(int(time.time())), nonce or secrets.token_hex(5)
        query = {"timestamp": at, "nonce": nonce, "signature": sign(TOKEN, at, nonce)}
        if self.key is None:
            return xml.encode(), query
        sealed = WeChatCrypto(TOKEN, self.key, APP_ID).encrypt_message(xml, nonce, at)
        encrypt = xmltodict.parse(sealed)["xml"]["Encrypt"]
        query |= {"encrypt_type": "aes", "msg_signature": sign(TOKEN, at, nonce, encrypt)}
        return sealed.encode(), query

    def read(self, response: httpx.Response) -> str | None:
        """The answer's text; None for `success`."""
        if response.text in ("success", ""):
            return None
        xml = response.text
        if self.key is not None:
            fields = xmltodict.parse(xml)["xml"]
            crypto = WeChatCrypto(TOKEN, self.key, APP_ID)
            xml = crypto.decrypt_message(
                response.text, fields["MsgSignature"], fields["TimeStamp"], fields["Nonce"]
            )
        return str(xmltodict.parse(xml)["xml"]["Content"])


def sign(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
