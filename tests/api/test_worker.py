"""`lvxiaoyu worker`: a process beside the app that sends what is due, and stops when it is asked to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from api.migrations import upgrade
from campaigns.content import Content, Message
from campaigns.planning.schedule import Schedule
from campaigns.store.delivery_tables import deliveries, runs
from knowledge.store import create_engine_for
from tests.campaigns.sending_world import plan, subscribe_many

ROOT = Path(__file__).parents[2]
WORKER = "import sys\nfrom api.cli import main\nsys.argv[0] = 'lvxiaoyu'\ntry:\n    main()\nfinally:\n    print('torch' in sys.modules)\n"


def environment(folder: Path, **given: str) -> dict[str, str]:
    return os.environ | {"LVXIAOYU_DATA_DIR": str(folder), "PYTHONPATH": str(ROOT)} | given


def test_a_worker_settles_what_is_due_and_stops_on_request(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'lvxiaoyu.db'}"
    upgrade(address)
    engine = create_engine_for(address)
    subscribe_many(engine, 30, channel="web")
    at = datetime.now(UTC) - timedelta(seconds=1)
    plan(
        engine, due=at, schedule=Schedule(first_at=at, quiet=None),
        message=Message({"default": Content("今天少开一盏灯。")}),
    )  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, "worker", "--threads", "1"],
        cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        until = time.monotonic() + 60
        states: list[str] = []
        while states != ["finished"] and time.monotonic() < until:
            assert worker.poll() is None, worker.communicate()
            time.sleep(0.1)
            with engine.connect() as connection:
                states = list(connection.scalars(select(runs.c.state)))
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=60)
    finally:
        worker.kill()
    with engine.connect() as connection:
        settled = connection.scalars(select(deliveries.c.settled_at)).all()
    assert (states, worker.returncode, out) == (["finished"], 0, "False\n"), err
    assert len(settled) == 30
    assert None not in settled
    assert "sending on web, 1 threads" in err


def test_a_queue_that_cannot_be_reached_is_told_in_a_sentence(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, "worker"], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env=environment(tmp_path, LVXIAOYU_QUEUE_URL="redis://127.0.0.1:1/0"), check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "The queue cannot be reached (ConnectionError). Check LVXIAOYU_QUEUE_URL and Redis." in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_no_redis_is_refused_by_name(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORKER, "worker"], cwd=tmp_path, capture_output=True, text=True, timeout=60,
        env=environment(tmp_path, LVXIAOYU_QUEUE_URL="localhost:6379"), check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "LVXIAOYU_QUEUE_URL" in done.stderr
    assert "redis://127.0.0.1:6379/0" in done.stderr
