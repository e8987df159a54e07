"""Small real parts that the app is tested with: a tiny knowledge, an answerer over it, a Rasa on loopback."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from actions.replies import Citation, Reply, SourceLink
from knowledge.model import Clause, Document, Knowledge, Programme, Source

DAY = date(2026, 11, 20)

DOCUMENT = Document(
    id="xx-2024-1",
    title="某区绿色出行办法",
    document_number="某发〔2024〕1号",
    issuers=("某区发展改革委",),
    issued_on=date(2024, 5, 1),
    region="某区",
)
CLAUSE = Clause(
    id="xx-2024-1#1.2",
    document_id="xx-2024-1",
    path="1.2",
    kind="section",
    label="第一部分（二）骑行",
    text="（二）骑行。公园周边设置自行车停放点。每五百米一处。",
    position=0,
)
PROGRAMME = Programme(
    id="bike-service",
    title="自行车借用",
    kind="service",
    summary="区内公园可借自行车。",
    text="自行车借用。区内公园可借自行车。",
    amounts=(),
    conditions=(),
    how_to_apply="到公园服务台。",
    region="某区",
    issuer="某区公园中心",
    document_number=None,
    sources=(Source("借车启用", "某报", "https://example.org/bike", "可借自行车"),),
    checked_on=DAY,
    force="right",
)
KNOWLEDGE = Knowledge(documents=(DOCUMENT,), clauses=(CLAUSE,), programmes=(PROGRAMME,))


class Shelf:
    """A library that never changes."""

    def __init__(self, knowledge: Knowledge | None = KNOWLEDGE, warnings: tuple[str, ...] = ()) -> None:
        self._knowledge, self.warnings = knowledge, warnings

    @property
    def snapshot(self) -> str | None:
        return self._knowledge.fingerprint if self._knowledge else None

    @property
    def knowledge(self) -> Knowledge:
        assert self._knowledge is not None
        return self._knowledge


class SentenceAnswerer:
    """Quotes the first sentence that shares two characters in a row with the question."""

    def __init__(self, shelf: Shelf, delay_s: float = 0.0, fault: Exception | None = None) -> None:
        self._shelf, self.delay_s, self.fault = shelf, delay_s, fault
        self.asked: list[str] = []
        self._stop = threading.Event()

    def reply(
        self, question: str, *, request_id: str, as_of: date | None = None, context: object = None
    ) -> Reply:
        self.asked.append(question)
        if self.fault:
            raise self.fault
        if self.delay_s:
            self._stop.wait(self.delay_s)
        common: dict[str, Any] = {"id": "x", "as_of": as_of or DAY, "snapshot": self._shelf.snapshot}
        pairs = {question[i : i + 2] for i in range(len(question) - 1)}
        for clause in self._shelf.knowledge.clauses:
            for sentence in clause.text.split("。"):
                if any(pair in sentence for pair in pairs):
                    return Reply(
                        **common,
                        kind="answer",
                        text=sentence,
                        force="duty",
                        citations=[cite(clause, sentence)],
                    )
        if "借" in question:
            return Reply(
                **common, kind="answer", text=PROGRAMME.summary, force="right", citations=[cite_card()]
            )
        return Reply(**common, kind="abstain", text="我收录的文件里没有", reason="not_in_library")

    def release(self) -> None:
        self._stop.set()


def cite(clause: Clause, sentence: str) -> Citation:
    start = clause.text.index(sentence)
    end = start + len(sentence)
    return Citation(
        clause_id=clause.id,
        document_id=clause.document_id,
        document_title=DOCUMENT.title,
        document_number=DOCUMENT.document_number,
        issuers=list(DOCUMENT.issuers),
        issued_on=DOCUMENT.issued_on,
        clause_label=clause.label,
        quote=sentence,
        start=start,
        end=end,
        url=f"/policies/{DOCUMENT.id}?span={clause.path}:{start}-{end}#{clause.path}",
    )


def cite_card() -> Citation:
    return Citation(
        clause_id=PROGRAMME.id,
        document_id=PROGRAMME.id,
        document_title=PROGRAMME.title,
        issuers=[PROGRAMME.issuer],
        clause_label=PROGRAMME.title,
        quote=PROGRAMME.summary,
        start=6,
        end=16,
        url=f"/policies/{PROGRAMME.id}",
        source_kind="programme",
        checked_on=PROGRAMME.checked_on,
        sources=[SourceLink(title="借车启用", publisher="某报", url="https://example.org/bike")],
    )


class SteppingClock:
    """Each look is a second later, so that what is stored has an order."""

    def __init__(self) -> None:
        self._now = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now

    def today(self) -> date:
        return DAY


Handler = Callable[[dict[str, Any]], Awaitable[tuple[int, Any]]]


async def smalltalk(body: dict[str, Any]) -> tuple[int, Any]:
    """What a healthy Rasa answers: it repeats the message, stamped with the request id."""
    request_id = body["metadata"]["request_id"]
    return 200, [{"custom": {"kind": "smalltalk", "text": body["message"], "request_id": request_id}}]


@dataclass
class LoopbackRasa:
    """A real HTTP server in Rasa's place; `handler` decides what it answers, `seen` keeps what it got."""

    handler: Handler = smalltalk
    seen: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    _server: asyncio.Server | None = None
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = next(
                    int(line.split(b":")[1])
                    for line in head.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                body = json.loads(await reader.readexactly(length))
                self.seen.append(body)
                status, content = await self.handler(body)
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                writer.write(
                    f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n"
                    f"content-length: {len(raw)}\r\n\r\n".encode()
                    + raw
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
