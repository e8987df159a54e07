"""Golden questions in the database: those that ship, and those that editors add or change.

A shipped question that nobody changed follows the shipped file; one that an editor changed or switched off
stays theirs.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import yaml
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from knowledge.errors import InvalidContent
from knowledge.journal import Journal
from knowledge.publishing.golden import GoldenQuestion, Origin
from knowledge.publishing.wording import say
from knowledge.store.publishing_tables import GoldenRow
from knowledge.store.tables import ClauseRow, ProgrammeRow

SHIPPED = Path(__file__).parents[1] / "content" / "golden.yml"
SHIPPED_BY = "shipped"


def read_shipped(path: Path = SHIPPED) -> list[GoldenQuestion]:
    """The shipped questions. Their ids are hashes of their words, so that the file needs none."""
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        GoldenQuestion(
            id=f"shipped-{hashlib.sha256(item['question'].encode()).hexdigest()[:12]}",
            text=item["question"],
            expects=frozenset(item["expects"]) if item.get("expects") else None,
            origin="shipped",
            note=item.get("note", ""),
        )
        for item in raw
    ]


class GoldenQuestions:
    def __init__(self, engine: Engine, *, now: Callable[[], datetime], journal: Journal) -> None:
        self._engine, self._now, self._journal = engine, now, journal

    def seed(self, shipped: Sequence[GoldenQuestion] | None = None) -> int:
        """Bring in what ships; returns how many rows changed. Safe to run at every start and from several
        processes at once."""
        items = {item.id: item for item in (read_shipped() if shipped is None else shipped)}
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            known = {row.id: row for row in session.scalars(select(GoldenRow))}
            changed = 0
            for item in items.values():
                row, fresh = known.get(item.id), _hash(item)
                if row is None:
                    row = GoldenRow(id=item.id)
                    session.add(row)
                elif row.content_hash != row.shipped_hash or row.content_hash == fresh:
                    continue
                self._fill(row, item, SHIPPED_BY)
                row.shipped_hash = fresh
                changed += 1
            for row in known.values():
                if row.origin == "shipped" and row.id not in items and row.content_hash == row.shipped_hash:
                    session.delete(row)
                    changed += 1
            session.commit()
            return changed

    def all(self) -> list[GoldenQuestion]:
        """In a fixed order: those with an answer by what they expect, then those without."""
        with Session(self._engine) as session:
            found = [question_of(row) for row in session.scalars(select(GoldenRow))]
        return sorted(found, key=lambda item: (item.expects is None, sorted(item.expects or ()), item.id))

    def save(
        self,
        *,
        text: str,
        expects: Collection[str] | None,
        by: str,
        question_id: str | None = None,
        note: str = "",
        active: bool = True,
        origin: Origin = "editor",
    ) -> GoldenQuestion:
        """Add a question, or change one, with nobody else's word: for what the system itself learns. Raises
        InvalidContent: no words, an id that is not there, words that another question has."""
        with Session(self._engine) as session:
            session.connection(execution_options={"immediate": True})
            wanted = checked(session, text, expects, question_id=question_id, note=note, active=active)
            item = self.write(session, replace(wanted, origin=origin), by=by)
            session.commit()
            return item

    def write(
        self, session: Session, wanted: GoldenQuestion, *, by: str, approved_by: str | None = None
    ) -> GoldenQuestion:
        """Put what `checked` gave into its row; the caller commits. An empty id makes a new question; the
        origin of one that is there stays. `approved_by` is whoever agreed to it."""
        row = session.get(GoldenRow, wanted.id) if wanted.id else None
        if row is None:
            stem = wanted.origin.partition("_")[0]
            item = replace(wanted, id=wanted.id or f"{stem}-{secrets.token_hex(6)}")
            before, row = None, GoldenRow(id=item.id, shipped_hash=None)
            session.add(row)
        else:
            item, before = replace(wanted, origin=cast(Any, row.origin)), plain_of(question_of(row))
        self._fill(row, item, by)
        session.flush()
        agreed = {"author": by} if approved_by else {}
        self._journal.record(
            session.connection(), by=approved_by or by, what="golden.saved", kind="golden", subject=item.id,
            before=before, after={**plain_of(item), **agreed},
        )  # fmt: skip
        return item

    def changed_at(self) -> dict[str, datetime]:
        """When each question was changed last, by its id."""
        with Session(self._engine) as session:
            rows = session.execute(select(GoldenRow.id, GoldenRow.updated_at))
            return {row.id: row.updated_at for row in rows}

    def _fill(self, row: GoldenRow, item: GoldenQuestion, by: str) -> None:
        row.text, row.origin, row.note, row.active = item.text, item.origin, item.note, item.active
        row.expects = sorted(item.expects) if item.expects is not None else None
        row.content_hash, row.updated_at, row.updated_by = _hash(item), self._now(), by


def checked(
    session: Session,
    text: str,
    expects: Collection[str] | None,
    *,
    question_id: str | None,
    note: str,
    active: bool,
) -> GoldenQuestion:
    """What is wanted, in the form that is kept. Raises InvalidContent: see `GoldenQuestions.save`."""
    words = re.sub(r"\s+", " ", text).strip()
    if not words:
        raise InvalidContent(say("golden.empty"))
    if question_id and session.get(GoldenRow, question_id) is None:
        raise InvalidContent(say("golden.unknown", id=question_id))
    twice = select(GoldenRow.text).where(GoldenRow.text == words, GoldenRow.id != (question_id or ""))
    if session.scalar(twice) is not None:
        raise InvalidContent(say("golden.twice", text=words))
    for name in sorted(expects or ()):
        if session.get(ClauseRow, name) is None and session.get(ProgrammeRow, name) is None:
            raise InvalidContent(say("golden.expects", text=words, id=name))
    wanted = frozenset(expects) if expects else None
    return GoldenQuestion(question_id or "", words, wanted, "editor", note.strip(), active)


def question_of(row: GoldenRow) -> GoldenQuestion:
    expects = frozenset(row.expects) if row.expects is not None else None
    return GoldenQuestion(row.id, row.text, expects, cast(Any, row.origin), row.note, row.active)


def plain_of(item: GoldenQuestion) -> dict[str, Any]:
    expects = sorted(item.expects) if item.expects is not None else None
    return {"text": item.text, "expects": expects, "note": item.note, "active": item.active}


def _hash(item: GoldenQuestion) -> str:
    plain = json.dumps(plain_of(item), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()
