"""Our Rasa against stock Rasa: the same bot, model, channel and action server, with our speed-ups or not.

Both processes run at the same time and are asked in turns, so that whatever else the machine does falls on
both. `p50` and `p95` are of one message at a time in conversations of ten turns, `rate` of sixteen such
conversations at once, `turn_200` compares one conversation's turns around the 200th with those around its
fifth. The load generator and the action server share the machine with them.
"""

from __future__ import annotations

import asyncio
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import psutil
import uvicorn
from fastapi import FastAPI, Request

from actions.context import Answered, Memory, TurnContext
from actions.replies import Reply
from actions.webhook import build_webhook
from api.dialogue.client import DialogueClient
from api.dialogue.process import RasaProcess, RasaSettings
from api.dialogue.training import ensure_model
from bench.report import Report

ROOT = Path(__file__).resolve().parents[1]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
TURNS = ("旧冰箱哪里回收", "那渝北呢", "谢谢", "到2025年新能源车要卖到几成", "充电桩怎么装") * 2
ROUNDS = 4
CONVERSATIONS_A_ROUND = 2
AT_ONCE = 16
# Turns 3 to 7 and 198 to 202, of several conversations: one turn alone says nothing.
EARLY, LATE = range(2, 7), range(197, 202)
LONG_CONVERSATIONS = 2


class Echo:
    """Answers at once: what is measured is Rasa."""

    def turn(self, question: str, *, request_id: str, context: TurnContext | None = None) -> Answered:
        reply = Reply(id="x", as_of=date.today(), snapshot=None, kind="answer", text=question)
        return Answered(reply, Memory(asked=question))


class Side:
    """One Rasa and what was measured of it."""

    def __init__(self, name: str, process: RasaProcess, client: DialogueClient, ids: Iterator[int]) -> None:
        self.name, self.process, self._client, self._ids = name, process, client, ids
        self.seconds: list[float] = []
        self.rates: list[float] = []
        self.ready_s = 0.0
        self.early: list[float] = []
        self.late: list[float] = []

    async def converse(self) -> None:
        sender = f"bench-{next(self._ids)}"
        for turn, message in enumerate(TURNS):
            started = time.perf_counter()
            await self._client.send(sender, message, f"{sender}-{turn}")
            self.seconds.append(time.perf_counter() - started)

    async def together(self) -> None:
        alone = list(self.seconds)
        started = time.perf_counter()
        await asyncio.gather(*(self.converse() for _ in range(AT_ONCE)))
        self.rates.append(AT_ONCE * len(TURNS) / (time.perf_counter() - started))
        self.seconds = alone

    async def go_on_for_long(self) -> None:
        sender = f"bench-long-{next(self._ids)}"
        for turn in range(LATE.stop):
            started = time.perf_counter()
            await self._client.send(sender, TURNS[turn % len(TURNS)], f"{sender}-{turn}")
            seconds = time.perf_counter() - started
            if turn in EARLY:
                self.early.append(seconds)
            elif turn in LATE:
                self.late.append(seconds)

    def tell(self, report: Report) -> None:
        memory = psutil.Process(self.process.pid).memory_info().rss if self.process.pid else 0
        report.latencies(self.name, self.seconds)
        report.figure(f"{self.name}.rate", statistics.median(self.rates), "messages/s")
        growth = statistics.median(self.late) / statistics.median(self.early)
        report.figure(f"{self.name}.turn_200", growth, "times turn 5")
        report.figure(f"{self.name}.start_to_ready", self.ready_s, "s")
        report.figure(f"{self.name}.resident", memory / 1e6, "MB")


async def measure(report: Report) -> None:
    model = ensure_model(
        ROOT, ROOT / "var" / "models", python=PYTHON, log_file=ROOT / "var" / "log" / "rasa-train.log"
    )
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        actions_url = await _serve_actions(stack)
        ids = count()
        sides = [
            await _start(stack, name, folder / name, model, actions_url, ids) for name in ("ours", "stock")
        ]
        for side in sides:
            await side.converse()
            side.seconds.clear()
        for number in range(ROUNDS):
            for side in sides if number % 2 else reversed(sides):
                for _ in range(CONVERSATIONS_A_ROUND):
                    await side.converse()
                await side.together()
        for side in sides:
            for _ in range(LONG_CONVERSATIONS):
                await side.go_on_for_long()
            side.tell(report)
    ours, stock = sides
    report.figure("p50_ratio", statistics.median(stock.seconds) / statistics.median(ours.seconds), "times")
    report.figure("rate_ratio", statistics.median(ours.rates) / statistics.median(stock.rates), "times")


async def _start(
    stack: AsyncExitStack, name: str, state_dir: Path, model: Path, actions_url: str, ids: Iterator[int]
) -> Side:
    settings = RasaSettings(
        root=ROOT,
        python=PYTHON,
        model=model,
        state_dir=state_dir,
        port=_free_port(),
        channel_token="bench",
        actions_url=actions_url,
        actions_token="bench",
        action_timeout_s=10,
        speedups=name == "ours",
    )
    process = RasaProcess(settings)
    client = DialogueClient(process.settings.base_url, "bench", timeout_s=20)
    side = Side(name, process, client, ids)
    started = time.perf_counter()
    await process.start()
    stack.push_async_callback(process.stop)
    stack.push_async_callback(client.aclose)
    await process.wait_ready()
    side.ready_s = time.perf_counter() - started
    return side


async def _serve_actions(stack: AsyncExitStack) -> str:
    app, webhook, port = FastAPI(), build_webhook(Echo(), timeout_s=5), _free_port()

    @app.post("/internal/actions")
    async def act(request: Request) -> dict[str, Any]:
        return await webhook.run(await request.json())

    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
    serving = asyncio.create_task(server.serve())

    async def stop() -> None:
        server.should_exit = True
        await serving

    stack.push_async_callback(stop)
    return f"http://127.0.0.1:{port}/internal/actions"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    report = Report(__doc__)
    arguments = report.parser.parse_args()
    asyncio.run(measure(report))
    report.close(arguments.json)


if __name__ == "__main__":
    main()
