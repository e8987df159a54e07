"""Runs imports one after another, beside the event loop, and takes up those that an earlier process left.

The rows say what is to do; the queue in memory only says what to look at next. Ending the process at any
moment is safe: the next one starts the job again, or finds that it was done.
"""

from __future__ import annotations

import logging
import queue
import threading

from sqlalchemy import Engine

from api.clock import Clock
from api.settings import Settings
from knowledge.editing import Editing
from knowledge.importing import ImportJob, ImportJobs, ImportRequest, ImportRun
from knowledge.journal import Journal

log = logging.getLogger(__name__)
FOLDER = "imports"


class Importing:
    """The jobs, and the one thread that runs them."""

    def __init__(
        self, settings: Settings, engine: Engine, *, clock: Clock, journal: Journal, editing: Editing
    ) -> None:
        self.jobs = ImportJobs(engine, settings.data_dir / FOLDER, now=clock.now, journal=journal)
        self._run = ImportRun(engine, self.jobs, editing, now=clock.now, today=clock.today)
        self._queue: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def add(
        self, data: bytes, *, name: str, by: str, request: ImportRequest | None = None, kind: str = "file"
    ) -> ImportJob:
        """Keeps what was uploaded and has it run."""
        job = self.jobs.add(data, name=name, by=by, request=request, kind=kind)
        self._put(job.id)
        return job

    def resume(self) -> int:
        """Takes up every job that is not over, at the start of a process; how many those are."""
        self.jobs.sweep()
        left = self.jobs.open_jobs()
        for job in left:
            log.info("import taken up again", extra={"job": job.id, "state": job.state})
            self._put(job.id)
        return len(left)

    def run_now(self, job_id: str) -> ImportJob:
        """Runs one job to its end in this thread: for the command line and tests."""
        self._run.run(job_id)
        return self.jobs.job(job_id)

    def _put(self, job_id: str) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="imports", daemon=True)
                self._thread.start()
        self._queue.put(job_id)

    def _work(self) -> None:
        while True:
            job_id = self._queue.get()
            try:
                self._run.run(job_id)
            except Exception:  # the edge of the worker: the row says that the job is still to do
                log.exception("import stopped", extra={"job": job_id})
