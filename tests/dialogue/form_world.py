"""A small bot with a form under the real launcher, once with our speed-ups and once as stock Rasa.

Its actions are answered here, by what a call carries of slots and the latest message.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from fastapi import FastAPI, Request

from api.dialogue.client import DialogueClient
from api.dialogue.process import RasaProcess, RasaSettings
from api.dialogue.training import ensure_model
from tests.dialogue.rasa_world import PYTHON, ROOT, free_port

T = TypeVar("T")
ALLOWED = {"order_size": "大中小", "order_colour": "红蓝"}
# Different for every turn and every process, whatever Rasa does.
PASSING = {"timestamp", "message_id"}


def act(call: dict[str, Any]) -> dict[str, Any]:
    """The action server: what it says shows what reached it."""
    name, tracker = call["next_action"], call["tracker"]
    message, slots = tracker["latest_message"], tracker["slots"]
    text, wanted = message["text"], slots.get("requested_slot")
    events: list[dict[str, Any]] = []
    said: str | None = None
    if name == "validate_order_form":
        if wanted and text in ALLOWED[wanted]:
            events = [slot_set(wanted, text)]
    elif name.startswith("action_ask_order_form_"):
        said = f"{name.removeprefix('action_ask_order_form_')}, {tracker['active_loop'].get('name')}?"
    elif name == "action_order":
        said = f"ordered: {slots['order_size']} {slots['order_colour']}, asked: {slots['asked']}"
        events = [slot_set(slot, None) for slot in ALLOWED]
    else:
        said = f"answer to {text}, before: {slots['asked']}, form: {tracker['active_loop'].get('name')}"
        events = [slot_set("asked", text)] + ([slot_set("guest", True)] if "贵客" in text else [])
    custom = {"kind": "answer", "text": said, "request_id": message["metadata"]["request_id"]}
    return {"events": events, "responses": [{"custom": custom}] if said else []}


def slot_set(name: str, value: Any) -> dict[str, Any]:
    return {"event": "slot", "name": name, "value": value}


def lay_out(root: Path) -> Path:
    """The bot's folder with our extension and settings of Rasa in it."""
    shutil.copytree(Path(__file__).parent / "form_bot", root)
    shutil.copytree(
        ROOT / "bot/rasa_ext", root / "bot/rasa_ext", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("endpoints.yml", "credentials.yml", "logging.yml"):
        shutil.copy(ROOT / "bot" / name, root / "bot")
    return root


class FormWorld:
    """The bot twice over one action server; `say` speaks to `ours` or to `stock`."""

    def __init__(self, folder: Path) -> None:
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        root = lay_out(folder / "root")
        model = ensure_model(root, folder / "models", python=PYTHON, log_file=folder / "train.log")
        port = free_port()
        self._server = uvicorn.Server(uvicorn.Config(self._app(), port=port, log_level="warning"))
        self._serving = asyncio.run_coroutine_threadsafe(self._server.serve(), self._loop)
        self.processes = {
            name: RasaProcess(
                RasaSettings(
                    root=root,
                    python=PYTHON,
                    model=model,
                    state_dir=folder / name,
                    port=free_port(),
                    channel_token="channel",
                    actions_url=f"http://127.0.0.1:{port}/internal/actions",
                    actions_token="actions",
                    action_timeout_s=5.0,
                    speedups=name == "ours",
                    first_wait_s=0.05,
                )
            )
            for name in ("ours", "stock")
        }
        self.clients = {
            name: DialogueClient(process.settings.base_url, "channel", timeout_s=20)
            for name, process in self.processes.items()
        }
        for process in self.processes.values():
            self.run(process.start())
        for process in self.processes.values():
            self.run(process.wait_ready())

    def run(self, work: Coroutine[Any, Any, T], timeout_s: float = 180) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def say(self, name: str, sender: str, messages: list[str]) -> list[list[str]]:
        """The texts of the replies to each message."""
        return [
            [
                reply["text"]
                for reply in self.run(self.clients[name].send(sender, message, f"{sender}-{number}"))
            ]
            for number, message in enumerate(messages)
        ]

    def events(self, name: str, sender: str) -> list[dict[str, Any]]:
        """What is stored of a conversation, but for what differs between any two runs."""
        with sqlite3.connect(self.processes[name].settings.tracker_db) as database:
            rows = database.execute(
                "SELECT type_name, action_name, intent_name, data FROM events WHERE sender_id = ? ORDER BY id",
                (sender,),
            ).fetchall()
        return [
            {"type": kind, "action": action, "intent": intent, "data": lasting(json.loads(data))}
            for kind, action, intent, data in rows
        ]

    def close(self) -> None:
        for name, process in self.processes.items():
            self.run(self.clients[name].aclose())
            self.run(process.stop())
        self._server.should_exit = True
        self._serving.result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)

    @staticmethod
    def _app() -> FastAPI:
        app = FastAPI()

        @app.post("/internal/actions")
        async def answer(request: Request) -> dict[str, Any]:
            return act(await request.json())

        return app


def lasting(value: Any) -> Any:
    """Probabilities to nine digits: the order of additions may differ in the last one."""
    if isinstance(value, dict):
        return {key: lasting(part) for key, part in value.items() if key not in PASSING}
    if isinstance(value, list):
        return [lasting(part) for part in value]
    return round(value, 9) if isinstance(value, float) else value
