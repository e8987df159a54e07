"""One import, step by step: read, parse, save the draft. Each step may be done again after a process ended.

Nothing of a document is in the store before the one call that saves its draft; a job that had come to saving
looks whether that call was done before it saves once more.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from knowledge.editing import Editing
from knowledge.editing.forms import from_plain, to_plain
from knowledge.errors import Conflict, InvalidContent, KnowledgeError
from knowledge.importing.jobs import ImportJob, ImportJobs, ImportState
from knowledge.importing.naming import free_id, is_id, proposed_id, renamed
from knowledge.messages import say
from knowledge.model import Document
from knowledge.parsing import Metadata, ParsedDocument, detect_metadata, find_metadata, parse
from knowledge.reading import Cancelled, Progress, SourceText, read_pasted, read_source
from knowledge.shipped import ShippedDocument
from knowledge.store.tables import DocumentRow
from knowledge.store.version_tables import DocumentWorkRow

log = logging.getLogger(__name__)
_READ_UNTIL, _PARSED_AT, _SAVING_AT = 60, 80, 90
_REGION = "重庆"


@dataclass(frozen=True, slots=True)
class ImportRun:
    """What a job needs to be run; `today` is the day people have."""

    engine: Engine
    jobs: ImportJobs
    editing: Editing
    now: Callable[[], datetime]
    today: Callable[[], date]

    def run(self, job_id: str) -> None:
        """Takes a job to its end. What goes wrong with the file is told in the job, nothing is raised."""
        job = self.jobs.begin(job_id)
        if job is None:
            return
        try:
            self._run(job)
        except (Cancelled, Conflict) as stopped:
            if not self.jobs.is_cancelled(job.id):
                self.jobs.fail(job, str(stopped))
        except KnowledgeError as error:
            self.jobs.fail(job, str(error))
        except MemoryError:
            self.jobs.fail(job, say("import.failed", name=job.name))
        except Exception:
            log.exception("import failed", extra={"job": job.id})
            self.jobs.fail(job, say("import.failed", name=job.name))

    def _run(self, job: ImportJob) -> None:
        if job.state == "saving" and job.document_id is not None and self._is_saved(job, job.document_id):
            self.jobs.finish(job, document_id=job.document_id, warnings=job.warnings)
            return
        data = self.jobs.data(job)
        job = self.jobs.advance(job, "reading", 2)
        source = self._read(job, data)
        if not source.text.strip():
            raise InvalidContent(say("import.no_text", name=job.name))
        job = self.jobs.advance(job, "parsing", _READ_UNTIL, kind=source.kind)
        parsed = parse(source.text, "new")
        job = self.jobs.advance(job, "parsing", _PARSED_AT)
        item, notes = self._item(job, source, parsed)
        warnings = (*source.warnings, *notes)
        job = self.jobs.advance(
            job, "saving", _SAVING_AT, document_id=item.document.id, warnings=list(warnings)
        )
        self._save(job, item)
        self.jobs.finish(job, document_id=item.document.id, warnings=warnings)

    def _read(self, job: ImportJob, data: bytes) -> SourceText:
        if job.kind == "pasted":
            return read_pasted(data.decode("utf-8"))

        told = 2

        def report(progress: Progress) -> None:
            nonlocal told
            share = 2 + (_READ_UNTIL - 2) * progress.page // max(progress.pages, 1)
            if share > told:
                told = share
                self._advance(job, "reading", share)

        return read_source(data, job.name, progress=report, cancelled=lambda: self.jobs.is_cancelled(job.id))

    def _advance(self, job: ImportJob, state: ImportState, progress: int) -> None:
        self.jobs.advance(job, state, progress)

    def _item(
        self, job: ImportJob, source: SourceText, parsed: ParsedDocument
    ) -> tuple[ShippedDocument, list[str]]:
        """The document as it is to be drafted, and what the importer should know of it."""
        detected, request, notes = detect_metadata(parsed.clauses), job.request, list[str]()
        target = self._target(request.target) if request.mode != "new" else None
        if request.mode == "version" and target is not None:
            document_id = target.document.id
            self._refuse_drafted(document_id)
        else:
            document_id = self._new_id(job, detected, notes)
        document = _document(document_id, job, detected, parsed)
        if target is not None and request.mode == "version":
            document = _over(target.document, document)
        elif target is not None:
            document = replace(
                document,
                supersedes=(target.document.id,),
                region=target.document.region,
                issuers=document.issuers or target.document.issuers,
            )
        document = replace(document, warnings=(*source.warnings, *parsed.warnings))
        clauses = renamed(parsed.clauses, document_id)
        return ShippedDocument(document, clauses, source.text, "published"), notes

    def _new_id(self, job: ImportJob, detected: Metadata, notes: list[str]) -> str:
        wanted = job.request.id or proposed_id(
            detected.document_number, issued_on=detected.issued_on, today=self.today()
        )
        if not is_id(wanted):
            raise InvalidContent(say("check.id", where=say("where.document", id=wanted)))
        found = free_id(wanted, self._taken(job))
        if found != wanted:
            same = detected.document_number is not None and job.request.id is None
            number = detected.document_number
            key = "import.same_number" if same else "import.id_taken"
            notes.append(say(key, number=number, id=wanted, new=found))
        return found

    def _taken(self, job: ImportJob) -> Collection[str]:
        with Session(self.engine) as session:
            rows = set(session.scalars(select(DocumentRow.id)))
        return rows | {draft.row_id for draft in self.editing.drafts(kind="document")}

    def _target(self, document_id: str | None) -> ShippedDocument:
        content = self.editing.current("document", document_id or "")
        if content is None:
            raise InvalidContent(say("import.no_target", id=document_id or "—"))
        item = from_plain("document", content)
        assert isinstance(item, ShippedDocument)
        return item

    def _refuse_drafted(self, document_id: str) -> None:
        draft = self.editing.draft_of("document", document_id)
        if draft is not None:
            at = f"{draft.updated_at:%Y-%m-%d}"
            raise InvalidContent(say("import.drafted", id=document_id, who=draft.updated_by, when=at))

    def _save(self, job: ImportJob, item: ShippedDocument) -> None:
        self.editing.save(
            kind="document",
            row_id=item.document.id,
            content=to_plain(item),
            by=job.created_by,
        )
        with Session(self.engine) as session:
            session.merge(
                DocumentWorkRow(
                    document_id=item.document.id, job_id=job.id, confirmed={}, updated_at=self.now()
                )
            )
            session.commit()

    def _is_saved(self, job: ImportJob, document_id: str) -> bool:
        """Whether the draft was saved by this job before its process ended."""
        draft = self.editing.draft_of("document", document_id)
        return draft is not None and draft.author == job.created_by and draft.created_at >= job.created_at


def _document(document_id: str, job: ImportJob, detected: Metadata, parsed: ParsedDocument) -> Document:
    found = {item.field: item.value for item in reversed(find_metadata(parsed.clauses))}
    return Document(
        id=document_id,
        title=detected.title or job.name.rpartition(".")[0] or job.name,
        document_number=detected.document_number,
        issuers=detected.issuers,
        issued_on=detected.issued_on,
        region=_REGION,
        effective_from=_day(found.get("effective_from")) or detected.issued_on,
        effective_to=_day(found.get("effective_to")),
        source=job.name,
        source_url=job.request.source_url,
    )


def _over(older: Document, newer: Document) -> Document:
    """The newer text's metadata, the older's where the text says nothing."""
    return replace(
        newer,
        title=newer.title or older.title,
        document_number=newer.document_number or older.document_number,
        issuers=newer.issuers or older.issuers,
        issued_on=newer.issued_on or older.issued_on,
        region=older.region,
        effective_from=newer.effective_from or older.effective_from,
        supersedes=older.supersedes,
        superseded_by=older.superseded_by,
        source_url=newer.source_url or older.source_url,
    )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
