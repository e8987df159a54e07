"""What tests of the whole system share: its start with a trained model at hand, questions, conditions, its end."""

from __future__ import annotations

import os
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
import psutil

from api.dialogue.training import ensure_model
from bench.system import System, running

ROOT = Path(__file__).resolve().parents[2]
RASA_PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
LVXIAOYU = ROOT / ".venv" / "bin" / "lvxiaoyu"

T = TypeVar("T")


@contextmanager
def whole_system(data_dir: Path, **variables: str) -> Iterator[System]:
    """Dialogue and app in a data folder that has the trained model and nothing else."""
    lay_in_model(data_dir)
    with running(data_dir, timeout_s=300, **variables) as system:
        yield system


def lay_in_model(data_dir: Path) -> None:
    """Trained at most once for all tests: the shipped bot takes half a minute."""
    model = ensure_model(
        ROOT, ROOT / "var" / "models", python=RASA_PYTHON, log_file=ROOT / "var" / "log" / "rasa-train.log"
    )
    (data_dir / "models").mkdir(parents=True, exist_ok=True)
    shutil.copy2(model, data_dir / "models")


def post(system: System, message: str, conversation_id: str | None = None) -> httpx.Response:
    body = {"message": message} | ({"conversation_id": conversation_id} if conversation_id else {})
    return httpx.post(f"{system.url}/api/v1/chat", json=body, timeout=20, trust_env=False)


def chat(system: System, message: str, conversation_id: str | None = None) -> dict[str, Any]:
    response = post(system, message, conversation_id)
    assert response.status_code == 200, response.text
    return response.json()


def get(system: System, path: str, **headers: str) -> httpx.Response:
    return httpx.get(system.url + path, headers=headers, timeout=20, trust_env=False)


def rasa_of(system: System) -> psutil.Process | None:
    """The Rasa process that the app keeps, None while there is none."""
    for child in system.process.children():
        try:
            if "bot.rasa_ext.serve" in child.cmdline() and child.status() != psutil.STATUS_ZOMBIE:
                return child
        except psutil.NoSuchProcess:
            continue
    return None


def wait_for(condition: Callable[[], T], timeout_s: float, what: str) -> T:
    """The first true value of `condition`; an assertion that names `what` where there is none in time."""
    deadline = time.monotonic() + timeout_s
    while not (value := condition()):
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s, but not: {what}"
        time.sleep(0.1)
    return value


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """A command's environment with one data folder and none of the caller's own settings."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("LVXIAOYU_") and name not in {"PORT", "RASA_PORT"}
    }
    return {**inherited, "LVXIAOYU_DATA_DIR": str(data_dir), **variables}
