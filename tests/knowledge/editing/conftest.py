"""A small content of its own, seeded into databases of both kinds, and editing over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy.orm import Session

from knowledge.editing import Draft, Editing
from knowledge.store import seed

Current = Callable[..., dict[str, Any]]
NOW = datetime(2026, 11, 21, 7, 4, tzinfo=UTC)  # 15:04 in Chongqing
TEXT = """某区绿色出行办法

一、总体要求
（一）目标。到2027年建成自行车道一百公里。
（二）骑行。公园周边设置自行车停放点。每五百米一处。
"""
DOCUMENT = """id: xx-2026-1
title: 某区绿色出行办法
document_number: 某发〔2026〕1号
issuers: [某区发展改革委]
issued_on: 2026-05-01
region: 某区
"""
FAQ = """- id: ride-01
  question: 哪里可以停自行车？
  variants: [单车停哪儿, 自行车停放点在哪]
  quotes:
  - {clause: xx-2026-1#1.2, text: 公园周边设置自行车停放点。}
  plain: 公园周边有自行车停放点。
  force: work_plan
  tags: [居民]
  programmes: [bike-service]
- id: ride-02
  question: 自行车道要建多长？
  quotes:
  - {clause: xx-2026-1#1.1, text: 到2027年建成自行车道一百公里。}
  force: target
- id: loan-01
  question: 怎么借自行车？
  quotes:
  - {clause: bike-service, text: 区内公园可借自行车。}
  force: right
"""
PROGRAMME = """id: bike-service
state: published
title: 自行车借用
kind: service
force: right
summary: 区内公园可借自行车。
amounts: []
conditions: [年满十二周岁]
how_to_apply: 到公园服务台。
region: 某区
issuer: 某区公园中心
checked_on: 2026-11-01
sources:
- {title: 借车启用, publisher: 某报, url: 'https://example.org/bike', quote: 可借自行车}
"""
LEXICON = "synonyms: {单车: [自行车]}\nitems: {}\ndistricts: {}\naudiences: {居民: [市民], 游客: [旅客]}\n"


@dataclass
class Lines:
    """A journal in memory."""

    kept: list[tuple[str, str, str, str]] = field(default_factory=list)
    values: list[tuple[Any, Any]] = field(default_factory=list)

    def record(
        self,
        connection: Connection,
        *,
        by: str,
        what: str,
        kind: str,
        subject: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
    ) -> None:
        assert connection.in_transaction()
        self.kept.append((by, what, kind, subject))
        self.values.append((before, after))


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


def write_content(folder: Path) -> Path:
    for name, text in {
        "policies/xx-2026-1.txt": TEXT,
        "policies/xx-2026-1.yml": DOCUMENT,
        "faq/xx-2026-1.yml": FAQ,
        "programmes/bike-service.yml": PROGRAMME,
        "lexicon.yml": LEXICON,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def journal() -> Lines:
    return Lines()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_content(tmp_path / "small")


@pytest.fixture
def editing(engine: Engine, small: Path, clock: Clock, journal: Lines) -> Editing:
    with Session(engine) as session:
        seed(session, small, now=NOW - timedelta(days=400))
    return Editing(engine, now=clock, journal=journal)


@pytest.fixture
def current(editing: Editing) -> Callable[..., dict[str, Any]]:
    """The plain form of a row with some fields changed."""

    def changed(kind: Any, row_id: str, **fields: Any) -> dict[str, Any]:
        plain = editing.current(kind, row_id)
        assert plain is not None
        return {**plain, **fields}

    return changed


@pytest.fixture
def approved(editing: Editing) -> Callable[..., Draft]:
    """A draft written by li and approved by wang."""

    def make(kind: Any, row_id: str, content: Mapping[str, Any], **options: Any) -> Draft:
        draft = editing.save(kind=kind, row_id=row_id, content=content, by="li")
        draft = editing.submit(draft.id, by="li", revision=draft.revision)
        return editing.approve(draft.id, by="wang", revision=draft.revision, **options)

    return make


@pytest.fixture
def publish(engine: Engine, editing: Editing) -> Callable[..., None]:
    """What a publisher does: one transaction, all drafts or none."""

    def apply(*drafts: Draft, by: str = "wang", snapshot: str = "s-1") -> None:
        with Session(engine) as session:
            session.connection(execution_options={"immediate": True})
            editing.apply(session, drafts, by=by, snapshot=snapshot)
            session.commit()

    return apply


def saved_entry(editing: Editing, current: Current, by: str = "li", **fields: Any) -> Draft:
    content = current("entry", "ride-01", **(fields or {"question": "自行车停在哪里？"}))
    return editing.save(kind="entry", row_id="ride-01", content=content, by=by, note="改问题")


def submitted_entry(editing: Editing, current: Current, **fields: Any) -> Draft:
    draft = saved_entry(editing, current, **fields)
    return editing.submit(draft.id, by="li", revision=draft.revision)
