"""Backing up and restoring a store with a run of many deliveries, with every row compared afterwards.

    python -m bench.backup [--json FILE] [--rows N] [--database URL --into URL]

By default 1,000,000 deliveries on SQLite, restored beside it. --database and --into name two empty databases
of one PostgreSQL. Beside the times stands that of copying the archive's bytes from one file to another.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, insert, select

from api.backup import service
from api.keys import load_keys
from api.migrations import upgrade
from bench.outbox import AT_ONCE, now, plan
from bench.report import Report
from campaigns.delivery.null_sender import CHANNEL
from campaigns.store.delivery_tables import deliveries, runs
from knowledge.store import create_engine_for


def fill(engine: Engine, count: int) -> None:
    """A campaign with a finished run of so many deliveries."""
    campaign_id, at = plan(engine), now()
    with engine.begin() as connection:
        connection.execute(
            insert(runs).values(
                id="run", campaign_id=campaign_id, due_at=at, state="finished", held_for=None, content={},
                audience={}, schedule={}, frozen_hash="", recipients=count, corrects=None, created_at=at,
                started_at=at, finished_at=at,
            )
        )  # fmt: skip
    for start in range(0, count, AT_ONCE):
        with engine.begin() as connection:
            connection.execute(
                insert(deliveries),
                [
                    {
                        "run_id": "run", "person": uuid4().hex, "channel": CHANNEL, "district": "渝中区",
                        "state": "sent", "reason": None, "attempts": 1, "settled_at": at,
                    }
                    for _ in range(min(AT_ONCE, count - start))
                ],
            )  # fmt: skip


def digest(engine: Engine) -> str:
    """Of every delivery, in order."""
    digest = hashlib.sha256()
    with engine.connect().execution_options(stream_results=True) as connection:
        for row in connection.execute(select(deliveries).order_by(deliveries.c.id)):
            digest.update(repr(tuple(row)).encode())
    return digest.hexdigest()


def seconds(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def copied(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def main() -> None:
    report = Report(__doc__)
    report.parser.add_argument("--rows", type=int, default=1_000_000)
    report.parser.add_argument("--database", metavar="URL")
    report.parser.add_argument("--into", metavar="URL")
    options = report.parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here, there, file = folder / "here", folder / "there", folder / "backup.tgz"
        database = options.database or f"sqlite:///{here / 'lvxiaoyu.db'}"
        into = options.into or f"sqlite:///{there / 'lvxiaoyu.db'}"
        load_keys(here / "secrets")
        upgrade(database)
        engine = create_engine_for(database)
        fill(engine, options.rows)
        before = digest(engine)
        report.figure("rows", options.rows, "rows")
        took = seconds(lambda: service.back_up(here, database, file, lambda line: None))
        report.figure("backup", took, "s")
        report.figure("archive", file.stat().st_size / 1e6, "MB")
        report.figure("restore", seconds(lambda: service.restore(file, there, into, lambda line: None)), "s")
        report.figure("copy", seconds(lambda: copied(file, folder / "copy")), "s")
        restored = create_engine_for(into)
        same = digest(restored) == before
        report.figure("identical", same, "yes")
        engine.dispose()
        restored.dispose()
    report.close(options.json)
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
