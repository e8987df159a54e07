"""A real Rasa, a real action server and the client between, driven from plain test functions.

Everything asynchronous lives on one loop in a thread of its own, so that one Rasa can serve a whole session of tests.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from actions.context import Answered, Memory, TurnContext
from actions.replies import Reply
from actions.tasks.assembling import TaskServices
from actions.webhook import build_webhook
from api.dialogue.client import DialogueClient
from api.dialogue.process import RasaProcess, RasaSettings
from api.dialogue.training import ensure_model

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
CHANNEL_TOKEN, ACTIONS_TOKEN = "channel-token", "actions-token"
ACTION_TIMEOUT_S = 2.0

T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RecordingAnswers:
    """Repeats the question, remembers it, and fails or dawdles when told to."""

    asked: list[tuple[str, str, TurnContext | None]] = field(default_factory=list)
    error: Exception | None = None

    def turn(self, question: str, *, request_id: str, context: TurnContext | None = None) -> Answered:
        self.asked.append((question, request_id, context))
        if self.error is not None:
            raise self.error
        said = f"answer to {question}"
        reply = Reply(id="r", as_of=date(2026, 11, 21), snapshot=None, kind="answer", text=said)
        return Answered(reply, Memory(asked=question))


class World:
    """One Rasa with its action server. `turn` speaks to it; the public fields bend the action server."""

    def __init__(self, state_dir: Path, tasks: TaskServices | None = None) -> None:
        self.answers = RecordingAnswers()
        self._tasks = tasks
        self.action_status: int | None = None
        self.action_body: dict[str, Any] | None = None
        self.action_delay_s = 0.0
        self.tokens_seen: set[str | None] = set()
        self._requests = 0
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        model = ensure_model(
            ROOT, ROOT / "var" / "models", python=PYTHON, log_file=state_dir / "log" / "rasa-train.log"
        )
        port = free_port()
        self.settings = RasaSettings(
            root=ROOT,
            python=PYTHON,
            model=model,
            state_dir=state_dir,
            port=free_port(),
            channel_token=CHANNEL_TOKEN,
            actions_url=f"http://127.0.0.1:{port}/internal/actions",
            actions_token=ACTIONS_TOKEN,
            action_timeout_s=ACTION_TIMEOUT_S,
            health_every_s=0.5,
        )
        self._actions = uvicorn.Server(uvicorn.Config(self._action_app(), port=port, log_level="warning"))
        self._serving = asyncio.run_coroutine_threadsafe(self._actions.serve(), self._loop)
        self.states: list[str] = []
        self.process = RasaProcess(self.settings, self.states.append)
        self.client = self.run(self._connect())

    async def _connect(self) -> DialogueClient:
        await self.process.start()
        await self.process.wait_ready()
        return DialogueClient(self.settings.base_url, CHANNEL_TOKEN, timeout_s=10)

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 180) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def turn(self, message: str, *, sender: str | None = None) -> list[dict[str, Any]]:
        """One message of a resident, by default in a conversation of its own."""
        self._requests += 1
        number = self._requests
        return self.run(self.client.send(sender or f"resident-{number}", message, f"request-{number}"))

    def reset(self) -> None:
        self.answers.asked.clear()
        self.answers.error = None
        self.action_status, self.action_body, self.action_delay_s = None, None, 0.0

    def close(self) -> None:
        self.run(self.client.aclose())
        self.run(self.process.stop())
        self._actions.should_exit = True
        self._serving.result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def log(self) -> str:
        return self.settings.log_file.read_text("utf-8", "replace")

    def _action_app(self) -> FastAPI:
        app = FastAPI()
        webhook = build_webhook(self.answers, timeout_s=1.0, tasks=self._tasks)

        @app.post("/internal/actions")
        async def act(request: Request) -> Response:
            self.tokens_seen.add(request.headers.get("x-actions-token"))
            call = await request.json()
            if self.action_delay_s:
                await asyncio.sleep(self.action_delay_s)
            if self.action_status is not None:
                return Response(status_code=self.action_status)
            return JSONResponse(self.action_body or await webhook.run(call))

        return app


def wait_until(true: Callable[[], bool], timeout_s: float, what: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s} s"
        time.sleep(0.05)
