"""Sends a due campaign in processes of its own and kills them: `python -m tests.faults.killed_senders …`.

Every child is a whole sender (scheduler, queue, dispatcher), forked from this process, which has imported what
they need and opened nothing. What the channel took stands in a file that outlives the child, one line a
message. The last children are left alone until the run is through.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from campaigns.delivery import starting
from campaigns.delivery.batching import Limits
from campaigns.delivery.dispatching import Dispatcher
from campaigns.delivery.queue import Queue, open_huey
from campaigns.delivery.runs import Runs
from campaigns.delivery.scheduling import Scheduler
from campaigns.delivery.senders import Capabilities, Outgoing, Refused, Sender, Sent
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.store.delivery_tables import runs
from knowledge.store import create_engine_for

CONCURRENCY = 4
THREADS = 2
IN_FLIGHT = CONCURRENCY * THREADS
"""How many messages one process may have under way at once."""
PATIENCE_S = 90.0


class Writing:
    """Takes a message by adding a line to a file, in one system call."""

    channel = "null"
    capabilities = Capabilities(True, True, True, True, 500, 1e6, concurrency=CONCURRENCY)

    def __init__(self, file: Path) -> None:
        self._file = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def send(self, delivery: Outgoing) -> Sent | Refused:
        os.write(self._file, f"{delivery.run_id} {delivery.person}\n".encode())
        return Sent()


def serve(options: argparse.Namespace, back: timedelta) -> None:
    """A whole sender, until it is killed or nothing is left to send."""

    def now() -> datetime:
        return datetime.now(UTC) - back

    engine = create_engine_for(options.database)
    senders: dict[str, Sender] = {"null": Writing(options.folder / "taken")}
    limits = Limits(batch=50, lease=timedelta(seconds=1), slice_s=2.0)
    dispatcher = Dispatcher(engine, senders, now=now, grounds=AllHold(), limits=limits)
    queue = Queue(open_huey(options.redis, options.folder / "queue.db"), dispatcher.work)
    steps = Runs(engine, now=now, journal=NoJournal(), grounds=AllHold(), offer=load_offer(), senders=senders)
    scheduler = Scheduler(
        engine, steps.starter, queue, now=now, channels=senders.keys, lease=limits.lease, every_s=0.05
    )
    queue.start(THREADS)
    stop = threading.Event()
    sweeping = threading.Thread(target=scheduler.run, args=(stop,), daemon=True)
    sweeping.start()
    give_up = time.monotonic() + PATIENCE_S
    while not through(engine) and time.monotonic() < give_up:
        time.sleep(0.05)
    stop.set()
    sweeping.join()
    queue.stop()


def through(engine: object) -> bool:
    with engine.connect() as connection:  # type: ignore[attr-defined]
        states = set(connection.scalars(select(runs.c.state)))
    return bool(states) and states <= {"finished", "held"}


def fork(options: argparse.Namespace, back: timedelta) -> int:
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        serve(options, back)
        status = 0
    finally:
        os._exit(status)


def lines(file: Path) -> int:
    return file.read_bytes().count(b"\n") if file.exists() else 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("database")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--redis", default="")
    parser.add_argument("--side-by-side", type=int, default=1)
    parser.add_argument("--set-back", action="store_true", help="an hour, after half of the kills")
    options = parser.parse_args()
    assert "torch" not in sys.modules
    assert not any(name == "api" or name.startswith("api.") for name in sys.modules)
    starting.WRITTEN_AT_ONCE = 100  # so that some are killed between two of these
    chance, taken = random.Random(options.seed), options.folder / "taken"
    # Some moments count from the child's start (also before the first message), some lie within the sending.
    moments = sorted(chance.randrange(options.rows * 9 // 10) for _ in range(options.kills))
    alive: list[int] = []
    killed = 0
    for number, moment in enumerate(moments):
        back = timedelta(hours=1) if options.set_back and number >= options.kills // 2 else timedelta()
        while len(alive) < options.side_by_side:
            alive.append(fork(options, back))
        if number % 5 == 0:
            time.sleep(chance.uniform(0.0, 0.15))
        else:
            give_up = time.monotonic() + 20
            while lines(taken) < moment and time.monotonic() < give_up:
                time.sleep(0.002)
            time.sleep(chance.uniform(0.0, 0.01))
        victim = alive.pop(chance.randrange(len(alive)))
        os.kill(victim, signal.SIGKILL)
        _, status = os.waitpid(victim, 0)
        killed += os.WIFSIGNALED(status)
    last = timedelta(hours=1) if options.set_back else timedelta()
    alive += [fork(options, last) for _ in range(options.side_by_side - len(alive))]
    for pid in alive:
        os.waitpid(pid, 0)
    print(killed)


if __name__ == "__main__":
    main()
