"""Supervision, with small stand-ins for Rasa's Python where Rasa itself would add nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from api.dialogue.errors import DialogueError, PortInUse, StartFailed
from api.dialogue.process import RasaProcess, RasaSettings
from tests.dialogue.rasa_world import PYTHON, ROOT, free_port, wait_until


def settings(state_dir: Path, **changes: object) -> RasaSettings:
    values: dict[str, object] = {
        "root": ROOT,
        "python": PYTHON,
        "model": state_dir / "no-model.tar.gz",
        "state_dir": state_dir,
        "port": free_port(),
        "channel_token": "a",
        "actions_url": "http://127.0.0.1:9",
        "actions_token": "b",
        "action_timeout_s": 1.0,
        "first_wait_s": 0.01,
        "longest_wait_s": 0.05,
        **changes,
    }
    return RasaSettings(**values)  # type: ignore[arg-type]


def script(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


async def test_a_port_in_use_is_one_sentence_with_the_port_and_the_variable(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = RasaProcess(settings(tmp_path, port=port))
        with pytest.raises(PortInUse) as failure:
            await process.start()
    assert str(failure.value) == (
        f"Port {port} on 127.0.0.1 is in use: stop what holds it or choose another with RASA_PORT."
    )
    assert process.pid is None


async def test_a_rasa_that_dies_at_once_is_tried_again_and_its_log_is_named(tmp_path: Path) -> None:
    python = script(tmp_path / "python", "echo no such model; exit 3")
    process = RasaProcess(settings(tmp_path / "state", python=python))
    await process.start()
    with pytest.raises(StartFailed, match=r"rasa\.log"):
        await process.wait_ready(1.0)
    await process.stop()
    assert process.restarts >= 2
    assert process.state == "stopped"
    assert (tmp_path / "state/log/rasa.log").read_text().count("no such model") >= 2


async def test_a_missing_python_is_told_in_the_log(tmp_path: Path) -> None:
    process = RasaProcess(settings(tmp_path, python=tmp_path / "nowhere"))
    await process.start()
    with pytest.raises(StartFailed):
        await process.wait_ready(0.3)
    await process.stop()
    assert "could not be started" in (tmp_path / "log/rasa.log").read_text()


async def test_stopping_ends_the_whole_process_group(tmp_path: Path) -> None:
    children = tmp_path / "children"
    python = script(tmp_path / "python", f"trap '' TERM; sleep 300 & echo $! > {children}; wait; sleep 300")
    process = RasaProcess(settings(tmp_path / "state", python=python, stop_timeout_s=0.3))
    await process.start()
    await asyncio.to_thread(
        wait_until, lambda: children.exists() and bool(children.read_text().strip()), 5, "a child is there"
    )
    child = int(children.read_text())
    await process.stop()
    wait_until(lambda: not _alive(child), 5, "the child of the child is gone")


async def test_a_rasa_needs_tokens(tmp_path: Path) -> None:
    with pytest.raises(DialogueError, match="must not be empty"):
        settings(tmp_path, channel_token="")


@pytest.mark.rasa
def test_rasa_ends_when_the_app_is_killed(tmp_path: Path) -> None:
    keeper = tmp_path / "keeper.py"
    keeper.write_text(
        "import asyncio, sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "from pathlib import Path\n"
        "from tests.dialogue.test_process import settings\n"
        "from api.dialogue.process import RasaProcess\n"
        "async def main():\n"
        f"    process = RasaProcess(settings(Path({str(tmp_path)!r})))\n"
        "    await process.start()\n"
        "    while process.pid is None: await asyncio.sleep(0.01)\n"
        "    print(process.pid, flush=True)\n"
        "    await asyncio.sleep(300)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, keeper], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        rasa = int(app.stdout.readline())
        assert _alive(rasa)
        os.kill(app.pid, signal.SIGKILL)
    wait_until(lambda: not _alive(rasa), 15, "Rasa is gone")


def _alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
