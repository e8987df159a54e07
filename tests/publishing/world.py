"""A small installation that can publish: real SQLite or PostgreSQL, real drafts, and an index of plain files.

The index keeps each snapshot's knowledge as one JSON file and the live one's name in another, so that a process
can be killed at any point and another one can look at what is left, all without loading a model.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.accounts.audit import AuditLog, Sought
from knowledge.editing.model import Draft
from knowledge.editing.service import Editing
from knowledge.model import Clause, Document, Entry, Knowledge, Quote
from knowledge.publishing.errors import CannotBuild
from knowledge.publishing.golden import Given, GoldenQuestion
from knowledge.publishing.planning import publishable
from knowledge.publishing.publisher import Publisher
from knowledge.publishing.withheld import NOTHING_WITHHELD, Withheld
from knowledge.shipped import ShippedDocument, ShippedEntry
from knowledge.store import rows
from knowledge.store.tables import DocumentRow, EntryRow, LexiconRow

DAY = date(2026, 11, 21)
CLOTHES = "鼓励居民通过慈善组织捐赠旧衣物。"
FOOD = "鼓励餐饮企业提供小份菜、半份菜。"
DOCUMENT = Document(
    id="plan",
    title="绿色消费试行方案",
    document_number="渝试〔2024〕1号",
    issuers=("试行委员会",),
    issued_on=date(2024, 1, 1),
    region="重庆",
)


def clause(path: str, text: str) -> Clause:
    return Clause(f"plan#{path}", "plan", path, "section", f"第{path}条", text, int(path))


CLAUSES = (clause("1", CLOTHES), clause("2", FOOD))


def entry(name: str, on: Clause, question: str, plain: str) -> Entry:
    quote = Quote(on.id, 0, len(on.text), on.text)
    return Entry(name, question, (), (quote,), plain=plain, force="encouragement", tags=("居民",))


CLOTHES_ENTRY = entry("clothes", CLAUSES[0], "旧衣服可以捐吗？", "鼓励捐赠旧衣物。")
FOOD_ENTRY = entry("food", CLAUSES[1], "能点小份菜吗？", "鼓励提供小份菜。")


class Clock:
    """Each look is a second later."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def today(self) -> date:
        return DAY


class RealClock:
    """For processes that are killed: what one leaves must be earlier than what the next finds."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def today(self) -> date:
        return DAY


@dataclass
class FileSnapshot:
    id: str
    knowledge: Knowledge
    withheld: Callable[[], Withheld] = lambda: NOTHING_WITHHELD

    def ask(self, question: str) -> Given:
        """Answers what an entry asks word for word."""
        for item in self.withheld().left_of(self.knowledge).entries:
            if question in (item.question, *item.variants):
                return Given("answer", item.quotes[0].clause_id, item.quotes[0].text, item.plain or "")
        return Given("abstain")


@dataclass
class FileIndex:
    """`knowledge.publishing.ports.Index`. `before_build` and `before_swap` are called where a test may fail or
    die; `built` counts what was really built."""

    folder: Path
    before_build: Callable[[], None] = lambda: None
    before_swap: Callable[[], None] = lambda: None
    after_swap: Callable[[], None] = lambda: None
    built: list[str] = field(default_factory=list)
    withheld: Withheld = NOTHING_WITHHELD

    def start(self, knowledge: Knowledge) -> None:
        """What the app does at its start: serve what the database holds."""
        self._place(self.prepare(knowledge).id)

    @property
    def pointer(self) -> str:
        return (self.folder / "CURRENT").read_text()

    def live(self) -> FileSnapshot:
        return FileSnapshot(self.pointer, self._read(self.pointer), lambda: self.withheld)

    def prepare(self, knowledge: Knowledge) -> FileSnapshot:
        self.before_build()
        path = self.folder / f"{knowledge.fingerprint}.json"
        if not path.exists():
            self.built.append(knowledge.fingerprint)
            beside = path.with_suffix(".building")
            beside.write_text(knowledge.to_json())
            beside.rename(path)
        return FileSnapshot(knowledge.fingerprint, knowledge)

    def go_live(self, snapshot: FileSnapshot, commit: Callable[[], None]) -> None:
        commit()
        self.before_swap()
        self._place(snapshot.id)
        self.after_swap()

    def withhold(self, withheld: Withheld) -> None:
        self.withheld = withheld

    def settle(self) -> None:
        return None

    def follow(self) -> bool:
        return False

    def _read(self, name: str) -> Knowledge:
        return Knowledge.from_json((self.folder / f"{name}.json").read_text())

    def _place(self, name: str) -> None:
        beside = self.folder / f".pointer-{os.getpid()}"
        beside.write_text(name)
        beside.rename(self.folder / "CURRENT")


@dataclass
class Questions:
    items: list[GoldenQuestion] = field(default_factory=list)

    def all(self) -> list[GoldenQuestion]:
        return self.items


GOLDEN = [
    GoldenQuestion("g1", CLOTHES_ENTRY.question, frozenset({"plan#1"})),
    GoldenQuestion("g2", FOOD_ENTRY.question, frozenset({"plan#2"})),
    GoldenQuestion("g3", "明天下雨吗？", None),
]


@dataclass
class World:
    engine: Engine
    index: FileIndex
    clock: Clock | RealClock
    editing: Editing
    publisher: Publisher
    questions: Questions

    def approved(self, name: str, *, publish_at: datetime | None = None, **changes: object) -> Draft:
        """An approved draft of an entry: of the one that is there with these changes, or of a new one."""
        content = self.editing.current("entry", name) or self.new(name)
        return self.approve("entry", name, {**content, **changes}, publish_at)

    def approve(
        self, kind: str, name: str, content: dict[str, object], publish_at: datetime | None = None
    ) -> Draft:
        draft = self.editing.save(kind=kind, row_id=name, content=content, by="editor")  # type: ignore[arg-type]
        draft = self.editing.submit(draft.id, by="editor", revision=draft.revision)
        return self.editing.approve(draft.id, by="reviewer", revision=draft.revision, publish_at=publish_at)

    def new(self, name: str) -> dict[str, object]:
        held = dict(self.editing.current("entry", "clothes") or {})
        return {**held, "id": name, "question": f"{name} 是什么？", "variants": []}

    def published(self, draft: Draft, reason: str = "") -> str:
        """The id of the release that published it."""
        ready = self.publisher.preview([draft.id], by="reviewer")
        return self.publisher.publish(ready.id, by="reviewer", reason=reason).id

    def said(self, question: str) -> str:
        return self.index.live().ask(question).plain

    def row(self, name: str) -> tuple[str, str | None]:
        """State and approved sentence of an entry in the database."""
        with Session(self.engine) as session:
            row = session.get(EntryRow, name)
            assert row is not None
            return row.state, row.plain

    def agrees(self) -> bool:
        """Whether what is answered from is what the database says."""
        with Session(self.engine) as session:
            return self.index.live().knowledge == publishable(session)

    def journal(self, what: str) -> list[str]:
        log = AuditLog(self.engine, clock=self.clock)
        return [line.subject for line in log.every_line(Sought()) if line.what == what]


def fill(engine: Engine) -> None:
    """The world's content, as if it had shipped."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    with Session(engine) as session:
        document = ShippedDocument(DOCUMENT, CLAUSES, "\n".join(c.text for c in CLAUSES))
        row = DocumentRow()
        rows.fill_document(row, document)
        _seal(row, document, now)
        session.add(row)
        for item in (CLOTHES_ENTRY, FOOD_ENTRY):
            shipped, entry_row = ShippedEntry(item), EntryRow()
            rows.fill_entry(entry_row, shipped)
            _seal(entry_row, shipped, now)
            session.add(entry_row)
        for section, name, words in (("audiences", "居民", ["我"]), ("items", "冰箱", ["冰柜"])):
            line = LexiconRow(section=section, name=name, words=words, state="published")
            plain = {"section": section, "name": name, "words": words, "state": "published"}
            _seal(line, plain, now)
            session.add(line)
        session.commit()


def _seal(row: object, item: object, now: datetime) -> None:
    row.content_hash = row.shipped_hash = rows.content_hash(item)  # type: ignore[attr-defined]
    row.updated_at, row.updated_by = now, "shipped"  # type: ignore[attr-defined]


def open_world(engine: Engine, folder: Path, clock: Clock | RealClock | None = None) -> World:
    """As the app starts: the index serves what the database holds, then what was left is finished."""
    clock = clock or Clock()
    folder.mkdir(parents=True, exist_ok=True)
    index, questions = FileIndex(folder), Questions(list(GOLDEN))
    journal = AuditLog(engine, clock=clock)
    editing = Editing(engine, now=clock.now, journal=journal)
    with Session(engine) as session:
        if not (folder / "CURRENT").exists():
            index.start(publishable(session))
    publisher = Publisher(
        engine,
        drafts=editing,
        index=index,
        questions=questions,
        journal=journal,
        now=clock.now,
        today=clock.today,
    )
    publisher.begin()
    return World(engine, index, clock, editing, publisher, questions)


class NoSpace(CannotBuild):
    """What a full disk looks like to the publisher."""


def full_disk() -> None:
    raise NoSpace("快照写不下去（No space left on device）")
