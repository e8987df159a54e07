"""A small app around the real pages and the real knowledge, whose chat replies a test can choose.

It exists for the widget's states (slow, failing, asking back, abstaining, hostile text), which the whole
system shows only by accident. Citations are made from the real clauses by the real code.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.middleware.cors import CORSMiddleware

from actions.citations import cite
from actions.replies import Citation, Contact, Reply, Suggestion
from api import web
from api.middleware import SecurityHeaders
from api.suggesting import Suggester
from knowledge.content_loader import load_shipped
from knowledge.model import Knowledge

DAY = date(2026, 11, 20)
TARGET = "2025年新能源汽车要占多少？"
VAGUE = "补贴"
UNKNOWN = "解放碑今天停车难不难？"
PROGRAMME = "今年买新能源车购置税减多少？"
FORM = "我想找工作人员"
HANDED = "渝中区"
SLOW = "慢一点回答"
FAILS_ONCE = "先坏一次"
TOO_FAST = "问得太快"
BAD_LINK = "链接有问题"
DEGRADED = "对话停了还能答吗"
MARKUP = "<img src=x onerror=\"document.title='broken'\"><script>document.title='broken'</script>"


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 20, 4, 0, tzinfo=UTC)

    def today(self) -> date:
        return DAY


@dataclass
class WidgetServices:
    known: Knowledge = field(default_factory=load_shipped)
    clock: FixedClock = field(default_factory=FixedClock)

    def knowledge(self) -> Knowledge:
        return self.known


def citation(known: Knowledge, clause_id: str, words: str) -> Citation:
    """The real citation of `words` in a clause or programme."""
    clause = known.clause_by_id.get(clause_id)
    text = clause.text if clause else known.programme_by_id[clause_id].text
    start = text.index(words)
    return cite(known, clause_id, start, start + len(words), DAY)


def sentence(known: Knowledge, clause_id: str, part: str) -> str:
    """The sentence of a clause that holds `part`."""
    text = known.clause_by_id[clause_id].text
    at = text.index(part)
    return text[text.rfind("。", 0, at) + 1 : text.index("。", at) + 1]


class Script:
    """What is answered to which message, and how often each was asked."""

    def __init__(self, known: Knowledge) -> None:
        self.known = known
        self.asked: Counter[str] = Counter()

    def reply(self, message: str) -> Reply:
        make = {
            TARGET: self._target,
            VAGUE: self._vague,
            UNKNOWN: self._unknown,
            PROGRAMME: self._programme,
            BAD_LINK: self._bad_link,
            FORM: self._form,
            HANDED: self._handed,
        }.get(message)
        return make() if make else self._say("smalltalk", text=f"您说的是：{message}")

    def _say(self, kind: Any, **fields: Any) -> Reply:
        return Reply(id=f"m{self.asked.total()}", as_of=DAY, snapshot="s", kind=kind, **fields)

    def _target(self) -> Reply:
        words = sentence(self.known, "cq-2022-11#2.6", "20%以上")
        cited = citation(self.known, "cq-2022-11#2.6", words)
        return self._say(
            "answer",
            text=f"文件定下了占比目标。\n原文：“{words}”",
            plain="文件定下了新能源汽车的占比目标，原文如下。",
            force="target",
            citations=[cited],
            related=[citation(self.known, "cq-2022-11#2.6", "鼓励共享单车规范发展。")],
            suggestions=[Suggestion(label="充电桩要建多少？", message="充电桩要建多少？")],
        )

    def _vague(self) -> Reply:
        choices = ["以旧换新补贴有多少？", "新能源汽车购置税怎么减免？", "旧家电怎么回收？"]
        return self._say(
            "clarify",
            text="您的问题有点宽，想问的是哪一个呢？也可以直接换个说法告诉我。",
            suggestions=[Suggestion(label=choice, message=choice) for choice in choices],
        )

    def _unknown(self) -> Reply:
        words = sentence(self.known, "cq-2022-11#2.6", "换电模式")
        return self._say(
            "abstain",
            text="我收录的文件里没有找到能回答这个问题的内容。",
            reason="not_in_library",
            contacts=[Contact(name="重庆12345政务服务热线", phone="12345", hours="全天", checked_on=DAY)],
            related=[citation(self.known, "cq-2022-11#2.6", words)],
        )

    def _bad_link(self) -> Reply:
        cited = citation(self.known, "cq-2022-11#2.6", "鼓励共享单车规范发展。")
        hostile = cited.model_copy(update={"url": "javascript:document.title='broken'"})
        return self._say("answer", text="有问题的链接", force="encouragement", citations=[hostile])

    def _form(self) -> Reply:
        return self._say(
            "form",
            text="请问您在哪个区县？不想说可以跳过。",
            suggestions=[Suggestion(label=choice, message=choice) for choice in (HANDED, "跳过", "不办了")],
        )

    def _handed(self) -> Reply:
        return self._say(
            "handoff",
            text="您的问题已经转给工作人员，受理编号 7K2M9P。",
            contacts=[Contact(name="重庆12345政务服务热线", phone="12345", hours="全天", checked_on=DAY)],
        )

    def _programme(self) -> Reply:
        programme = self.known.programme_by_id["nev-purchase-tax"]
        cited = citation(self.known, programme.id, programme.summary)
        return self._say("answer", text=programme.summary, force="right", citations=[cited])


def build(allow_origins: tuple[str, ...] = ()) -> FastAPI:
    app = FastAPI()
    app.state.services = services = WidgetServices()
    app.state.script = script = Script(services.known)
    app.state.history = history = {}
    suggester = Suggester()
    app.include_router(web.router)
    app.add_middleware(SecurityHeaders, frame_ancestors=["'self'"])
    app.add_middleware(
        CORSMiddleware, allow_origins=list(allow_origins), allow_methods=["*"], allow_headers=["*"]
    )

    answered: dict[str, dict[str, Any]] = {}
    app.state.judged = judged = []

    @app.post("/api/v1/chat")
    async def chat(request: Request) -> Response:
        body = await request.json()
        message, client_id = body["message"], body["client_id"]
        if client_id in answered:
            return JSONResponse(answered[client_id])
        script.asked[message] += 1
        if message == TOO_FAST:
            return Response(status_code=429, headers={"Retry-After": "7"})
        if message == FAILS_ONCE and script.asked[message] == 1:
            return Response(status_code=500)
        if message == SLOW:
            await asyncio.sleep(1)
        conversation = body.get("conversation_id") or f"c{len(history) + 1}"
        opened = conversation not in history
        reply = script.reply(message).model_dump(mode="json")
        history.setdefault(conversation, []).extend(
            [
                {"role": "resident", "id": f"q-{client_id}", "client_id": client_id, "text": message},
                {"role": "assistant", **reply},
            ]
        )
        answered[client_id] = {
            "conversation_id": conversation,
            "token": f"token-{conversation}" if opened else None,
            "request_id": "r",
            "degraded": message == DEGRADED,
            "messages": [reply],
        }
        return JSONResponse(answered[client_id])

    def held(request: Request, conversation: str) -> bool:
        given = request.headers.get("authorization")
        return conversation in history and given == f"Bearer token-{conversation}"

    @app.get("/api/v1/conversations/{conversation}")
    @app.get("/api/v1/conversations/{conversation}/export")
    async def earlier(request: Request, conversation: str) -> Response:
        if not held(request, conversation):
            return Response(status_code=404)
        return JSONResponse({"conversation_id": conversation, "messages": history[conversation]})

    @app.delete("/api/v1/conversations/{conversation}")
    async def erase(request: Request, conversation: str) -> Response:
        if not held(request, conversation):
            return Response(status_code=404)
        del history[conversation]
        return Response(status_code=204)

    @app.get("/api/v1/conversations/{conversation}/notices/stream")
    async def stream(conversation: str) -> Response:
        return Response(": nothing comes here\n\n", media_type="text/event-stream")

    @app.post("/api/v1/feedback")
    async def feedback(request: Request) -> Response:
        judged.append(await request.json())
        return Response(status_code=204)

    @app.get("/api/v1/suggestions")
    async def suggestions(q: str) -> Response:
        found = suggester.suggest(services.known, q, today=DAY)
        return JSONResponse({"suggestions": [{"label": one, "message": one} for one in found]})

    @app.get("/api/v1/clauses")
    async def clauses(id: str) -> Response:
        known = services.known
        found = known.clause_by_id.get(id) or known.programme_by_id[id]
        return JSONResponse({"clause_id": id, "text": found.text})

    return app


def build_host(origin: str, attributes: str = "") -> FastAPI:
    """Another site's page, with a strict policy and a stylesheet that would spoil a careless widget."""
    app = FastAPI()
    policy = f"default-src 'none'; script-src {origin}; style-src 'self' {origin}; connect-src {origin}; img-src {origin}"

    @app.get("/")
    def page() -> Response:
        html = (
            "<!doctype html><html lang=zh-CN><head><meta charset=utf-8><title>某区政府</title>"
            "<meta name=viewport content='width=device-width, initial-scale=1'>"
            "<link rel=stylesheet href=/hostile.css></head><body><h1>某区政府网站</h1><p>办事指南</p>"
            f'<script src="{origin}/static/widget.js" {attributes} async></script></body></html>'
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    @app.get("/hostile.css")
    def hostile() -> Response:
        css = "* { font: 40px serif !important; color: red !important; display: none }"
        css += " html, body, h1, p { display: block }"
        return Response(css, media_type="text/css")

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status_code=204)

    return app
