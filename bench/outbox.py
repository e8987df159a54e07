"""Writing and dispatching a campaign's run to the null channel, with what stands in the store afterwards.

    python -m bench.outbox [--json FILE] [--database URL --redis URL] [--rows N] [--dispatch N] [--million]

By default on SQLite, one process with two threads. With --database (PostgreSQL) and --redis: two worker
processes that take their work from Redis. Every row is marked and committed before its send and settled after
it; afterwards it is checked that each was sent once. --million adds a run of 1,000,000 and its memory.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import Engine, delete, func, insert, select, text

from api.migrations import upgrade
from bench.report import Report
from campaigns.audience import Audience
from campaigns.content import Content, Message
from campaigns.delivery.dispatching import Dispatcher
from campaigns.delivery.null_sender import CHANNEL, NullSender
from campaigns.delivery.queue import Queue, open_huey
from campaigns.delivery.runs import Runs
from campaigns.delivery.scheduling import Scheduler
from campaigns.grounds import AllHold
from campaigns.journal import NoJournal
from campaigns.offer import load_offer
from campaigns.planning.model import frozen
from campaigns.planning.schedule import Schedule
from campaigns.store.campaign_tables import campaigns
from campaigns.store.delivery_tables import channel_rates, deliveries, runs
from campaigns.store.tables import metadata, subscription_topics, subscriptions
from campaigns.store.transactions import writing
from knowledge.store import create_engine_for

TOPIC = load_offer().topics.names[0]
AT_ONCE = 20_000
WORKERS = 2


def now() -> datetime:
    return datetime.now(UTC)


def fill(engine: Engine, count: int) -> None:
    """So many subscribers with random pseudonyms, half of them in a district."""
    began = now()
    for start in range(0, count, AT_ONCE):
        ids = [uuid4().hex for _ in range(min(AT_ONCE, count - start))]
        with engine.begin() as connection:
            connection.execute(
                insert(subscriptions),
                [
                    {
                        "id": one, "person": uuid4().hex[:24], "channel": CHANNEL, "setting": None,
                        "district": "渝中区" if at % 2 else None, "frequency": "daily", "state": "active",
                        "consented_at": began,
                    }
                    for at, one in enumerate(ids)
                ],
            )  # fmt: skip
            topics = [{"subscription_id": one, "topic": TOPIC, "since": began} for one in ids]
            connection.execute(insert(subscription_topics), topics)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def plan(engine: Engine) -> str:
    message = Message({"default": Content("今天少开一盏灯，{district}一起来。")})
    audience, schedule = Audience(topics=(TOPIC,)), Schedule(quiet=None)
    stamp, campaign_id, moment = frozen(message, audience, schedule), uuid4().hex, now()
    row = {
        "id": campaign_id, "title": "bench", "state": "scheduled", "revision": 1,
        "content": message.as_json(), "audience": audience.as_json(), "schedule": schedule.as_json(),
        "frozen_hash": stamp, "approved_hash": stamp, "next_due_at": moment, "created_by": "bench",
        "created_at": moment, "updated_by": "bench", "updated_at": moment,
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(campaigns).values(row))
    return campaign_id


def empty(engine: Engine) -> None:
    with engine.begin() as connection:
        for table in (deliveries, runs, channel_rates, *reversed(metadata.sorted_tables)):
            connection.execute(delete(table))


class Sending:
    """What a process needs to send: a dispatcher behind a queue."""

    def __init__(self, url: str, redis: str, folder: Path) -> None:
        self.engine = create_engine_for(url)
        self.sender = NullSender()
        senders = {CHANNEL: self.sender}
        self.dispatcher = Dispatcher(self.engine, senders, now=now, grounds=AllHold())
        self.queue = Queue(open_huey(redis, folder / "queue.db"), self.dispatcher.work)
        self.runs = Runs(
            self.engine, now=now, journal=NoJournal(), grounds=AllHold(), offer=load_offer(), senders=senders
        )
        self.scheduler = Scheduler(
            self.engine,
            self.runs.starter,
            self.queue,
            now=now,
            channels=senders.keys,
            lease=self.dispatcher.limits.lease,
            every_s=1.0,
        )


def worker(url: str, redis: str, folder: Path, ready: Any, over: Any, sent: Any) -> None:
    """A worker process: what it sent goes into `sent`."""
    sending = Sending(url, redis, folder)
    sending.queue.start(1)
    ready.release()
    over.wait()
    sending.queue.stop()
    with sent.get_lock():
        sent.value += sending.sender.sent


def memory_mb() -> float:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class OtherWriter:
    """Writes a row now and then, as a resident's turn does: `longest_s` is the longest that it waited."""

    def __init__(self, engine: Engine) -> None:
        self.longest_s, self._engine, self._over = 0.0, engine, threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> OtherWriter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _write(self) -> None:
        row = {"channel": "other", "tokens": 1.0, "filled_at": now()}
        while not self._over.wait(0.01):
            began = time.perf_counter()
            with writing(self._engine) as connection:
                connection.execute(delete(channel_rates).where(channel_rates.c.channel == "other"))
                connection.execute(insert(channel_rates).values(row))
            self.longest_s = max(self.longest_s, time.perf_counter() - began)


def write(sending: Sending) -> tuple[str, int, float]:
    """Start one run: its id, how many rows, and the seconds that took."""
    plan(sending.engine)
    ((campaign_id, due_at),) = sending.runs.starter.due()
    began = time.perf_counter()
    started = sending.runs.starter.start(campaign_id, due_at)
    if started is None or started.held_for is not None:
        raise SystemExit(f"the run was not started: {started}")
    return started.run_id, started.recipients, time.perf_counter() - began


def dispatch(sending: Sending, run_id: str, *, watch: Callable[[], None] = lambda: None) -> float:
    """Seconds until the run is through, with the sweep going in this process."""
    stop = threading.Event()
    sweeping = threading.Thread(target=sending.scheduler.run, args=(stop,))
    began = time.perf_counter()
    sweeping.start()
    while sending.runs.progress(run_id).done < sending.runs.read(run_id).recipients:
        time.sleep(0.25)
        watch()
    took = time.perf_counter() - began
    stop.set()
    sweeping.join()
    return took


def check(sending: Sending, run_id: str, people: int, sent: int) -> None:
    counted = select(deliveries.c.state, func.count().label("rows")).where(deliveries.c.run_id == run_id)
    with sending.engine.connect() as connection:
        rows = connection.execute(counted.group_by(deliveries.c.state)).all()
    found = {row.state: row.rows for row in rows}
    if found != {"sent": people} or sent != people:
        raise SystemExit(f"the store says {found}, the channel took {sent}, of {people} recipients")


def in_process(report: Report, sending: Sending, rows: int, name: str) -> None:
    empty(sending.engine)
    fill(sending.engine, rows)
    run_id, people, _ = write(sending)
    sending.sender.sent = 0
    seen: list[float] = []
    sending.queue.start(WORKERS)
    took = dispatch(sending, run_id, watch=lambda: seen.append(memory_mb()))
    sending.queue.stop()
    check(sending, run_id, people, sending.sender.sent)
    report.figure(f"{name}.dispatch", people / took, "rows/s")
    tenth = max(1, len(seen) // 10)
    report.figure(f"{name}.memory.first_tenth", max(seen[:tenth]), "MB")
    report.figure(f"{name}.memory.most", max(seen), "MB")


def by_workers(report: Report, sending: Sending, rows: int, name: str, options: Any, folder: Path) -> None:
    empty(sending.engine)
    fill(sending.engine, rows)
    run_id, people, _ = write(sending)
    make = multiprocessing.get_context("spawn")
    ready, over, sent = make.Semaphore(0), make.Event(), make.Value("i", 0)
    given = (options.database, options.redis, folder, ready, over, sent)
    processes = [make.Process(target=worker, args=given) for _ in range(WORKERS)]
    for process in processes:
        process.start()
    for _ in processes:
        ready.acquire()
    took = dispatch(sending, run_id)
    over.set()
    for process in processes:
        process.join()
    check(sending, run_id, people, sent.value)
    report.figure(f"{name}.dispatch", people / took, "rows/s")


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--database", default="", metavar="URL")
    report.parser.add_argument("--redis", default="", metavar="URL")
    report.parser.add_argument("--rows", type=int, default=200_000)
    report.parser.add_argument("--dispatch", type=int, default=20_000)
    report.parser.add_argument("--million", action="store_true")
    options = report.parser.parse_args()
    if options.redis and not options.database:
        report.parser.error("--redis needs --database: SQLite has one machine only")
    with tempfile.TemporaryDirectory(dir=os.environ.get("LVXIAOYU_BENCH_DIR")) as made:
        folder = Path(made)
        url = options.database or f"sqlite:///{folder / 'bench.db'}"
        name = "postgresql" if options.database else "sqlite"
        upgrade(url)
        sending = Sending(url, options.redis, folder)
        report.figure("load", os.getloadavg()[0], "processes")
        empty(sending.engine)
        fill(sending.engine, options.rows)
        with OtherWriter(sending.engine) as other:
            _, people, took = write(sending)
        report.figure(f"{name}.written", people, "rows")
        report.figure(f"{name}.writing", took, "s")
        report.figure(f"{name}.longest_wait_of_another_writer", other.longest_s * 1000, "ms")
        if options.redis:
            by_workers(report, sending, options.dispatch, f"{name}_redis", options, folder)
        else:
            in_process(report, sending, options.dispatch, name)
        if options.million:
            in_process(report, sending, 1_000_000, f"{name}.million")
        empty(sending.engine)
        sending.engine.dispose()
    report.close(options.json)


if __name__ == "__main__":
    main()
