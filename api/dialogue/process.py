"""Keeps one Rasa alive: starts it, waits until it is ready, watches it, starts it again, and ends all of it.

Owns the child process and its back-off. It must not know what is asked of Rasa, nor what the app does
meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from api.dialogue.client import DialogueClient
from api.dialogue.environment import rasa_environment
from api.dialogue.errors import DialogueError, PortInUse, StartFailed

ProcessState = Literal["stopped", "starting", "ready", "waiting"]

LOG_LIMIT_BYTES = 5_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RasaSettings:
    """What a Rasa of ours needs. `state_dir` holds its tracker store, log and private temporary folder."""

    root: Path
    python: Path
    model: Path
    state_dir: Path
    port: int
    channel_token: str
    actions_url: str
    actions_token: str
    action_timeout_s: float
    host: str = "127.0.0.1"
    speedups: bool = True
    ready_timeout_s: float = 120.0
    health_every_s: float = 5.0
    health_timeout_s: float = 5.0
    failures_allowed: int = 3
    first_wait_s: float = 0.5
    longest_wait_s: float = 60.0
    stop_timeout_s: float = 8.0

    def __post_init__(self) -> None:
        if not self.channel_token or not self.actions_token:
            raise DialogueError(
                "channel_token and actions_token must not be empty: Rasa would take anyone's word."
            )
        if self.action_timeout_s <= 0:
            raise DialogueError(
                f"action_timeout_s is {self.action_timeout_s}: give a number of seconds above 0."
            )

    @property
    def base_url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def log_file(self) -> Path:
        return self.state_dir / "log" / "rasa.log"

    @property
    def tracker_db(self) -> Path:
        return self.state_dir / "dialogue.db"


class RasaProcess:
    """One supervised Rasa. `start` returns at once, `wait_ready` waits, `stop` ends the process group."""

    def __init__(
        self, settings: RasaSettings, on_change: Callable[[ProcessState], None] | None = None
    ) -> None:
        self.settings = settings
        self.state: ProcessState = "stopped"
        self.restarts = 0
        self._on_change = on_change or (lambda _: None)
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    @property
    def pid(self) -> int | None:
        """The process id of the running Rasa, also its process group."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    async def start(self) -> None:
        """Starts Rasa and its supervision; raises `PortInUse` before anything is started."""
        if self._keeper is not None:
            return
        check_port(self.settings.host, self.settings.port)
        self._keeper = asyncio.create_task(self._keep(), name="rasa-keeper")

    async def wait_ready(self, timeout_s: float | None = None) -> None:
        """Returns once Rasa answers; raises `StartFailed`, naming the log, when it does not in time."""
        timeout_s = timeout_s or self.settings.ready_timeout_s
        try:
            await asyncio.wait_for(self._ready.wait(), timeout_s)
        except TimeoutError:
            raise StartFailed(self.settings.log_file, f"waited {timeout_s:.0f} s") from None

    async def stop(self) -> None:
        """Ends supervision and Rasa. Safe to call again."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeper
        await self._end()
        self._change("stopped")

    async def _keep(self) -> None:
        """One run after another. A run that was ready for a while resets the back-off."""
        failures = 0
        client = DialogueClient(
            self.settings.base_url, self.settings.channel_token, timeout_s=self.settings.health_timeout_s
        )
        try:
            while True:
                lasted_s = await self._one_run(client)
                failures = 0 if lasted_s > self.settings.longest_wait_s else failures + 1
                self.restarts += 1
                self._change("waiting")
                await asyncio.sleep(self._wait_s(failures))
        finally:
            await client.aclose()

    def _wait_s(self, failures: int) -> float:
        """Doubles from `first_wait_s` to `longest_wait_s`, the last quarter by chance."""
        doubled_s = self.settings.first_wait_s * float(2 ** max(0, failures - 1))
        wait_s = min(doubled_s, self.settings.longest_wait_s)
        return wait_s * random.uniform(0.75, 1.0)  # noqa: S311

    async def _one_run(self, client: DialogueClient) -> float:
        """Starts Rasa and returns when it must be started again; the seconds it was ready."""
        self._change("starting")
        try:
            self._process = await self._spawn()
        except OSError as error:
            _append(self.settings.log_file, f"Rasa could not be started: {error}\n")
            return 0.0
        ready_since: float | None = None
        try:
            if await self._becomes_ready(client):
                ready_since = time.monotonic()
                self._change("ready")
                await self._until_it_fails(client)
            return time.monotonic() - ready_since if ready_since is not None else 0.0
        finally:
            await asyncio.shield(self._end())

    async def _becomes_ready(self, client: DialogueClient) -> bool:
        deadline = time.monotonic() + self.settings.ready_timeout_s
        while self.pid is not None and time.monotonic() < deadline:
            # The first answer pays for the dictionary; give it the time.
            if await client.ready(timeout_s=30.0):
                return True
            await asyncio.sleep(0.1)
        return False

    async def _until_it_fails(self, client: DialogueClient) -> None:
        """Returns when the process has ended, or did not answer `failures_allowed` times in a row."""
        assert self._process is not None
        ended = asyncio.ensure_future(self._process.wait())
        failures = 0
        try:
            while failures < self.settings.failures_allowed:
                done, _ = await asyncio.wait({ended}, timeout=self.settings.health_every_s)
                if done:
                    return
                failures = 0 if await client.ready(self.settings.health_timeout_s) else failures + 1
        finally:
            ended.cancel()

    async def _spawn(self) -> asyncio.subprocess.Process:
        settings = self.settings
        settings.state_dir.mkdir(parents=True, exist_ok=True)
        environment = rasa_environment(
            settings.state_dir / "tmp" / "rasa",
            ACTIONS_URL=settings.actions_url,
            ACTIONS_TOKEN=settings.actions_token,
            RASA_CHANNEL_TOKEN=settings.channel_token,
            RASA_ACTION_TIMEOUT_S=str(settings.action_timeout_s),
            RASA_SPEEDUPS="on" if settings.speedups else "off",
            RASA_TRACKER_STORE="bot.rasa_ext.store.ConversationStore" if settings.speedups else "SQL",
            RASA_TRACKER_DB=str(settings.tracker_db.resolve()),
            TICKET_LOCK_LIFETIME=str(max(1, round(settings.action_timeout_s * 2))),
        )
        with _opened_log(settings.log_file) as log:
            # Its standard input is ours: it ends itself when this end closes, even by our death.
            return await asyncio.create_subprocess_exec(
                str(settings.python), "-m", "bot.rasa_ext.serve", "--model", str(settings.model.resolve()),
                "--host", settings.host, "--port", str(settings.port),
                cwd=settings.root, env=environment, start_new_session=True,
                stdin=asyncio.subprocess.PIPE, stdout=log, stderr=log,
            )  # fmt: skip

    async def _end(self) -> None:
        """Ends the process group: politely, then not."""
        process = self._process
        if process is None:
            return
        self._ready.clear()
        if process.returncode is None:
            _signal_group(process.pid, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), self.settings.stop_timeout_s)
        _signal_group(process.pid, signal.SIGKILL)
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
        self._process = None

    def _change(self, state: ProcessState) -> None:
        if state == self.state:
            return
        self.state = state
        if state == "ready":
            self._ready.set()
        else:
            self._ready.clear()
        self._on_change(state)


def check_port(host: str, port: int) -> None:
    """Raises `PortInUse` where something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise PortInUse(host, port) from None


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _opened_log(path: Path) -> IO[bytes]:
    """Appends; what has grown past the limit is kept once, under `.1`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def _append(path: Path, line: str) -> None:
    with _opened_log(path) as log:
        log.write(line.encode())
