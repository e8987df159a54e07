"""The whole system for a benchmark: `lvxiaoyu serve` on free ports, its processes' memory, its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil


@dataclass(frozen=True, slots=True)
class System:
    url: str
    process: psutil.Process
    ready_s: float

    def memory_bytes(self) -> dict[str, int]:
        """Resident memory of the app and of the processes it started."""
        children = self.process.children(recursive=True)
        return {
            "app": self.process.memory_info().rss,
            "rasa": sum(child.memory_info().rss for child in children),
        }


@contextmanager
def running(
    data_dir: Path, timeout_s: float = 300.0, *, status: str = "ready", **variables: str
) -> Iterator[System]:
    """The system, once `/readyz` tells `status`; "ready" is every part. It writes to `data_dir`/serve.log."""
    data_dir.mkdir(parents=True, exist_ok=True)
    port, rasa_port = free_port(), free_port()
    environment = {
        **os.environ,
        "PORT": str(port),
        "RASA_PORT": str(rasa_port),
        "LVXIAOYU_DATA_DIR": str(data_dir),
        **variables,
    }
    command = [str(Path(sys.executable).with_name("lvxiaoyu")), "serve"]
    started = time.perf_counter()
    with (data_dir / "serve.log").open("wb") as log:
        child = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(status, url, child, timeout_s, data_dir / "serve.log")
        yield System(url, psutil.Process(child.pid), time.perf_counter() - started)
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(status: str, url: str, child: subprocess.Popen[bytes], timeout_s: float, log: Path) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise RuntimeError(f"the system ended with status {child.returncode}; see {log}")
        try:
            if httpx.get(f"{url}/readyz", timeout=2).json().get("status") == status:
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.1)
    raise RuntimeError(f"the system was not {status} in {timeout_s:.0f} s; see {log}")
