"""Imports as rows: what was uploaded, how far it is, what came of it. The bytes lie beside until then.

A job's state is only ever changed by a guarded UPDATE; whoever finds it changed stops. Knows nothing of
formats or of documents: `running` takes a job through its steps.
"""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, cast

from sqlalchemy import CursorResult, Engine, select, update
from sqlalchemy.orm import Session

from knowledge.errors import Conflict, InvalidContent, UnknownRow
from knowledge.journal import Journal
from knowledge.messages import say
from knowledge.store.version_tables import ImportJobRow

ImportState = Literal["waiting", "reading", "parsing", "saving", "done", "failed", "cancelled"]
Mode = Literal["new", "version", "supersedes"]
OPEN: tuple[ImportState, ...] = ("waiting", "reading", "parsing", "saving")
LARGEST_BYTES = 64 * 1024 * 1024
MOST_ATTEMPTS = 3
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What the importer says of a text: something new, a new version of `target` under its id, or a text that
    supersedes `target`. `id` is the one wanted; None leaves it to the 文号."""

    mode: Mode = "new"
    target: str | None = None
    id: str | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True)
class ImportJob:
    """`progress` is 0 to 100; `error` is what went wrong, in words; `document_id` is what it became."""

    id: str
    state: ImportState
    progress: int
    kind: str
    name: str
    size: int
    request: ImportRequest
    attempts: int
    document_id: str | None
    error: str | None
    warnings: tuple[str, ...]
    created_at: datetime
    created_by: str
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class ImportJobs:
    """The jobs of one store, with the folder in which uploads wait."""

    def __init__(
        self, engine: Engine, folder: Path, *, now: Callable[[], datetime], journal: Journal
    ) -> None:
        self._engine, self._folder, self._now, self._journal = engine, folder, now, journal

    def add(
        self, data: bytes, *, name: str, by: str, request: ImportRequest | None = None, kind: str = "file"
    ) -> ImportJob:
        """Keeps the bytes, then the row. Raises InvalidContent for nothing, too much, or a full disk."""
        if not data.strip():
            raise InvalidContent(say("import.empty", name=name))
        if len(data) > LARGEST_BYTES:
            size, limit = len(data) // _MIB, LARGEST_BYTES // _MIB
            raise InvalidContent(say("import.large", name=name, size=size, limit=limit))
        job_id, at = uuid.uuid4().hex, self._now()
        self._keep(job_id, data, name)
        row = ImportJobRow(
            id=job_id,
            state="waiting",
            progress=0,
            kind=kind,
            name=name,
            size=len(data),
            request=asdict(request or ImportRequest()),
            attempts=0,
            document_id=None,
            error=None,
            warnings=[],
            created_at=at,
            created_by=by,
            updated_at=at,
        )
        with self._writing() as session:
            session.add(row)
            session.flush()
            self._journal.record(
                session.connection(),
                by=by,
                what="import.begun",
                kind="import",
                subject=job_id,
                after={"name": name, "size": len(data), **row.request},
            )
            session.commit()
            return _job(row)

    def job(self, job_id: str) -> ImportJob:
        """Raises UnknownRow."""
        with Session(self._engine) as session:
            row = session.get(ImportJobRow, job_id)
            if row is None:
                raise UnknownRow(say("import.unknown", id=job_id))
            return _job(row)

    def jobs(self, *, limit: int = 20) -> list[ImportJob]:
        """The latest first."""
        query = select(ImportJobRow).order_by(ImportJobRow.created_at.desc(), ImportJobRow.id).limit(limit)
        with Session(self._engine) as session:
            return [_job(row) for row in session.scalars(query)]

    def open_jobs(self) -> list[ImportJob]:
        """What is still to do, the oldest first: after the end of a process, too."""
        query = select(ImportJobRow).where(ImportJobRow.state.in_(OPEN)).order_by(ImportJobRow.created_at)
        with Session(self._engine) as session:
            return [_job(row) for row in session.scalars(query)]

    def data(self, job: ImportJob) -> bytes:
        """What was uploaded. Raises InvalidContent where it is gone."""
        try:
            return self._path(job.id).read_bytes()
        except OSError as error:
            raise InvalidContent(say("import.gone", name=job.name)) from error

    def begin(self, job_id: str) -> ImportJob | None:
        """Takes an open job up, again if need be; None where it is over, or was begun too often to go on."""
        job = self.job(job_id)
        if not job.is_open:
            return None
        if job.attempts >= MOST_ATTEMPTS:
            self.fail(job, say("import.broken_off", name=job.name, count=job.attempts))
            return None
        changed = self._change(job, attempts=job.attempts + 1, error=None)
        return self.job(job_id) if changed else None

    def advance(self, job: ImportJob, state: ImportState, progress: int, **values: Any) -> ImportJob:
        """Says how far a job is. Raises Conflict where it was cancelled, or taken up by somebody else."""
        if not self._change(job, state=state, progress=progress, **values):
            raise Conflict(say("import.cancelled", name=job.name))
        return self.job(job.id)

    def finish(self, job: ImportJob, *, document_id: str, warnings: Sequence[str]) -> ImportJob:
        done = self.advance(job, "done", 100, document_id=document_id, warnings=list(warnings), error=None)
        self._drop(job.id)
        return done

    def fail(self, job: ImportJob, why: str) -> None:
        self._change(job, state="failed", error=why)
        self._drop(job.id)

    def cancel(self, job_id: str, *, by: str) -> ImportJob:
        """Raises Conflict where it is over."""
        job = self.job(job_id)
        if not job.is_open or not self._change(
            job, state="cancelled", error=say("import.cancelled", name=job.name)
        ):
            raise Conflict(say("import.over"))
        with self._writing() as session:
            self._journal.record(
                session.connection(), by=by, what="import.cancelled", kind="import", subject=job_id
            )
            session.commit()
        self._drop(job_id)
        return self.job(job_id)

    def is_cancelled(self, job_id: str) -> bool:
        return self.job(job_id).state == "cancelled"

    def sweep(self) -> int:
        """Deletes uploads that no open job needs, such as those of a process that ended between the two
        steps of `add`; their number."""
        needed = {job.id for job in self.open_jobs()}
        gone = 0
        for path in self._folder.glob("*") if self._folder.is_dir() else ():
            if path.stem not in needed:
                path.unlink(missing_ok=True)
                gone += 1
        return gone

    def _change(self, job: ImportJob, **values: Any) -> bool:
        """Whether the job was still the one seen: open, and begun as often."""
        with self._writing() as session:
            result = session.execute(
                update(ImportJobRow)
                .where(
                    ImportJobRow.id == job.id,
                    ImportJobRow.state.in_(OPEN),
                    ImportJobRow.attempts == job.attempts,
                )
                .values(updated_at=self._now(), **values)
            )
            session.commit()
        assert isinstance(result, CursorResult)
        return bool(result.rowcount == 1)

    def _writing(self) -> Session:
        session = Session(self._engine)
        session.connection(execution_options={"immediate": True})
        return session

    def _path(self, job_id: str) -> Path:
        return self._folder / f"{job_id}.upload"

    def _keep(self, job_id: str, data: bytes, name: str) -> None:
        """On the disk for good, or not at all."""
        path, part = self._path(job_id), self._folder / f"{job_id}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise InvalidContent(say("import.full", name=name)) from error
            raise

    def _drop(self, job_id: str) -> None:
        with suppress(OSError):
            self._path(job_id).unlink(missing_ok=True)


def _job(row: ImportJobRow) -> ImportJob:
    return ImportJob(
        id=row.id,
        state=cast(ImportState, row.state),
        progress=row.progress,
        kind=row.kind,
        name=row.name,
        size=row.size,
        request=ImportRequest(**row.request),
        attempts=row.attempts,
        document_id=row.document_id,
        error=row.error,
        warnings=tuple(row.warnings),
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
    )
