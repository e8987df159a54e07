"""Apps in processes of their own that a test kills: `python -m tests.faults.app_processes`.

A line `PLAN.json PORT AHEAD_S` on standard input starts a whole app on the port, once the one before it there
has been killed, its clock so many seconds ahead, and its process id is printed when it answers. The plan names
the database, the data folder, the dialogue's address and settings. Every app is forked from this process, which
has imported what it needs and opened nothing.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import uvicorn

from api.app import create_app
from api.dialogue.client import DialogueClient
from api.keys import load_keys
from api.services import Services
from api.settings import Settings
from knowledge.store import create_engine_for
from tests.api.parts import DAY, SentenceAnswerer, Shelf

ROOT = Path(__file__).parents[2]
STARTS_WITHIN_S = 60.0


class Ahead:
    """Real time, some seconds ahead: what a dead process held is nobody's any more."""

    def __init__(self, ahead_s: float) -> None:
        self._ahead = timedelta(seconds=ahead_s)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def today(self) -> date:
        return DAY


@dataclass(frozen=True)
class Forker:
    """The forking process, seen from a test module."""

    process: Popen[str]

    def start(self, plan: Path, port: int, ahead_s: float) -> int:
        """An app's process id, once it answers; the test ends it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{plan} {port} {ahead_s}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "no app was started; why, it said on standard error"
        return int(line)


@dataclass(frozen=True)
class Apps:
    """What the apps of one test have in common; `database` is migrated."""

    forker: Forker
    plan: Path

    def start(self, port: int, *, ahead_s: float = 0.0) -> int:
        return self.forker.start(self.plan, port, ahead_s)


def plan_apps(forker: Forker, folder: Path, *, database: str, dialogue: str = "", **settings: object) -> Apps:
    """Apps over `database` that keep their files in `folder`, with a dialogue or without."""
    load_keys(folder / "secrets")  # made once, by nobody who is going to be killed
    plan = folder / "plan.json"
    given = {"database": database, "folder": str(folder), "dialogue": dialogue, "settings": settings}
    plan.write_text(json.dumps(given, default=str))
    return Apps(forker, plan)


@contextmanager
def forking() -> Iterator[Forker]:
    """Apps are killed at the end, those that a test has left as well."""
    process = Popen(
        [sys.executable, "-m", "tests.faults.app_processes"],
        cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True, env=os.environ | {"PYTHONPATH": "."},
    )  # fmt: skip
    try:
        yield Forker(process)
    finally:
        process.communicate(timeout=30)


def serve(plan: dict[str, Any], port: int, ahead_s: float) -> None:
    folder = Path(plan["folder"])
    shelf = Shelf()
    services = Services(
        settings=Settings(data_dir=folder, database_url=plan["database"], console=False, **plan["settings"]),
        keys=load_keys(folder / "secrets"),
        engine=create_engine_for(plan["database"]),
        library=shelf,
        answerer=SentenceAnswerer(shelf),
        dialogue=DialogueClient(plan["dialogue"], "token", timeout_s=5.0) if plan["dialogue"] else None,
        clock=Ahead(ahead_s),
    )
    uvicorn.run(create_app(services), host="127.0.0.1", port=port, log_level="warning")


def fork(plan: Path, port: int, ahead_s: float) -> int:
    pid = os.fork()
    if pid:
        return pid
    with suppress(BaseException):  # whatever it was, the forking process goes on
        os.dup2(2, 1)
        serve(json.loads(plan.read_text()), port, ahead_s)
    os._exit(0)


def await_port(port: int) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def main() -> None:
    serving: dict[int, int] = {}
    for line in sys.stdin:
        plan, port, ahead_s = line.rsplit(maxsplit=2)
        if int(port) in serving:
            os.waitpid(serving.pop(int(port)), 0)
        serving[int(port)] = fork(Path(plan), int(port), float(ahead_s))
        await_port(int(port))
        print(serving[int(port)], flush=True)
    for pid in serving.values():
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
