"""The staff's side of imports: upload or paste a text, see how far it is, stop it."""

from __future__ import annotations

from api.accounts.roles import Actor, Right
from api.services import Services
from knowledge.importing import ImportJob, ImportRequest


class DocumentImportsDesk:
    """Everything raises Forbidden without the right, and KnowledgeError in words for the person."""

    def __init__(self, services: Services, actor: Actor) -> None:
        self._actor, self._importing = actor, services.importing

    def upload(self, data: bytes, *, name: str, request: ImportRequest | None = None) -> ImportJob:
        """Keeps the file and has it read; the job tells how far it is."""
        self._actor.require(Right.edit)
        return self._importing.add(data, name=_plain(name), by=self._actor.name, request=request)

    def paste(self, text: str, *, name: str, request: ImportRequest | None = None) -> ImportJob:
        self._actor.require(Right.edit)
        return self._importing.add(
            text.encode(), name=_plain(name), by=self._actor.name, request=request, kind="pasted"
        )

    def job(self, job_id: str) -> ImportJob:
        """Raises UnknownRow."""
        self._actor.require(Right.edit)
        return self._importing.jobs.job(job_id)

    def jobs(self, *, limit: int = 20) -> list[ImportJob]:
        """The latest first, everybody's."""
        self._actor.require(Right.edit)
        return self._importing.jobs.jobs(limit=limit)

    def cancel(self, job_id: str) -> ImportJob:
        self._actor.require(Right.edit)
        return self._importing.jobs.cancel(job_id, by=self._actor.name)


def _plain(name: str) -> str:
    """A file's name without folders and control signs, short enough to be shown."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[:120] or "未命名"
