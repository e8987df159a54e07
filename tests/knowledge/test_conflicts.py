"""What does not go together in published knowledge, and what staff decided to live with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from knowledge.conflicts import Finding, SettingAside, Side, find_plain
from knowledge.conflicts.model import from_json, to_json
from knowledge.errors import Conflict, InvalidContent
from knowledge.journal import NoJournal
from knowledge.model import Clause, Document, Entry, Quote
from knowledge.shipped import Shipped, ShippedDocument, ShippedEntry
from knowledge.stated_days import stated_days

TODAY = date(2026, 11, 21)
TEXT = "（一）换新补贴。购买冰箱补贴15%，每台最多1500元。二手冰箱每台最多800元。"
DOCUMENT = Document("plan", "试行方案", None, ("委员会",), date(2024, 1, 1), "重庆")
CLAUSE = Clause("plan#1", "plan", "1", "section", "（一）换新补贴", TEXT, 1)


def entry(name: str, question: str, words: str, *variants: str, **changes: Any) -> Entry:
    start = max(TEXT.find(words), 0)
    quote = Quote("plan#1", start, start + len(words), words)
    return replace(Entry(name, question, variants, (quote,), force="price"), **changes)


FRIDGE = entry("fridge-01", "买冰箱补多少钱？", "购买冰箱补贴15%，每台最多1500元。")


def content(*entries: Entry, state: Any = "published", **changes: Any) -> Shipped:
    document = ShippedDocument(replace(DOCUMENT, **changes), (CLAUSE,), TEXT, state)
    return Shipped((document,), tuple(ShippedEntry(item) for item in entries))


def found(shipped: Shipped) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.kind, finding.subjects) for finding in find_plain(shipped, TODAY)]


def test_knowledge_in_order_has_no_findings() -> None:
    assert found(content(FRIDGE)) == []


def test_two_answers_with_different_numbers_stand_side_by_side() -> None:
    other = entry("fridge-02", "请问买冰箱补贴多少钱", "二手冰箱每台最多800元。", "买冰箱补多少钱")
    findings = find_plain(content(FRIDGE, other), TODAY)
    assert [finding.kind for finding in findings] == ["contradiction", "duplicate"]
    first = findings[0]
    assert first.first == Side(
        "entry", "fridge-01", "买冰箱补多少钱？", "购买冰箱补贴15%，每台最多1500元。", ("1500元",)
    )
    assert first.second is not None
    assert first.second.marked == ("800元",)
    assert "1500元" in first.said
    assert "800元" in first.said


def test_nearly_the_same_wording_in_two_entries_is_a_duplicate_told_once() -> None:
    other = entry("fridge-02", "冰箱怎么丢？", "购买冰箱补贴15%", "买冰箱补多少钱呢", "买冰箱到底补多少钱")
    (only,) = find_plain(content(FRIDGE, other), TODAY)
    assert (only.kind, only.subjects) == ("duplicate", ("fridge-01", "fridge-02"))
    assert only.second is not None
    assert only.second.marked == ("买冰箱补多少钱呢", "买冰箱到底补多少钱")
    assert only.said.startswith("两条问答有 2 组几乎一样的问法：“买冰箱补多少钱？”和“买冰箱补多少钱呢”；")


@pytest.mark.parametrize(
    ("changes", "state", "words"),
    [
        ({"effective_to": date(2025, 12, 31)}, "published", "《试行方案》已于 2025-12-31 到期"),
        ({"superseded_by": "cq-2027-1"}, "published", "《试行方案》已被 cq-2027-1 取代"),
        ({}, "withdrawn", "《试行方案》已撤回"),
        ({}, "draft", "《试行方案》还是草稿"),
        ({}, "in_review", "《试行方案》还在审核"),
    ],
)
def test_an_entry_that_rests_on_a_text_without_force_is_named(
    changes: dict[str, Any], state: str, words: str
) -> None:
    (only,) = find_plain(content(FRIDGE, state=state, **changes), TODAY)
    assert (only.kind, only.subjects) == ("ended", ("fridge-01", "plan#1"))
    assert only.said.startswith(words)
    assert only.second == Side("clause", "plan#1", "试行方案 （一）换新补贴", TEXT, (FRIDGE.quotes[0].text,))


def test_an_entry_that_ended_itself_rests_on_what_it_likes() -> None:
    ended = replace(FRIDGE, valid_to=date(2025, 12, 31))
    assert found(content(ended, effective_to=date(2025, 12, 31))) == []
    assert found(content(FRIDGE, effective_to=TODAY)) == []


def test_a_quote_that_no_longer_stands_and_a_clause_that_is_gone_are_named() -> None:
    lost = entry("lost-01", "旧电视补多少？", "旧电视每台100元")
    nowhere = replace(lost, id="lost-02", question="电风扇？", quotes=(Quote("plan#9", 0, 2, "风扇"),))
    first, second = find_plain(content(lost, nowhere), TODAY)
    assert (first.kind, first.subjects) == ("gone", ("lost-01", "plan#1"))
    assert (
        first.said == "引文“旧电视每台100元”在“试行方案 （一）换新补贴”里已经没有了，居民现在得不到这条回答。"
    )
    assert (second.subjects, second.second) == (("lost-02",), None)
    assert second.said == "引用的 plan#9 已经不存在，居民现在得不到这条回答（引文：“风扇”）。"


def test_drafts_and_withdrawn_entries_are_nobodys_conflict() -> None:
    shipped = content(FRIDGE)
    other = replace(shipped.entries[0], entry=replace(FRIDGE, id="b-01"), state="draft")
    assert find_plain(replace(shipped, entries=(*shipped.entries, other)), TODAY) == []


def test_a_finding_keeps_its_key_until_one_of_its_texts_changes() -> None:
    (before,) = find_plain(content(FRIDGE, state="withdrawn"), TODAY)
    (again,) = find_plain(content(FRIDGE, state="withdrawn"), TODAY)
    (reworded,) = find_plain(content(replace(FRIDGE, plain="补15%"), state="withdrawn"), TODAY)
    assert before.key == again.key
    assert before.key != reworded.key
    assert from_json(to_json([before, reworded])) == (before, reworded)


def test_days_are_told_as_far_as_the_text_tells_them() -> None:
    text = "2025年起，至2026年6月30日；１９９９年１２月；2026-01-31。12026年不算，2100年也不算。"
    assert stated_days(text) == {
        "2025": "2025年",
        "2026-06-30": "2026年6月30日",
        "1999-12": "1999年12月",
        "2026-01-31": "2026-01-31",
    }


FINDING = Finding("gone", Side("entry", "a-01", "甲？", "甲"), None, "引文没有了。")
NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


class Remembering(NoJournal):
    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []

    def record(self, connection: Connection, **line: Any) -> None:
        self.lines.append(line)


def test_a_finding_is_set_aside_with_a_reason_and_taken_back(engine: Engine) -> None:
    journal = Remembering()
    service = SettingAside(engine, now=lambda: NOW, journal=journal)
    service.set_aside(FINDING, by="editor", reason=" 两年不同 ")
    kept = service.standing()[FINDING.key]
    assert (kept.kind, kept.subjects, kept.said) == ("gone", ("a-01",), "引文没有了。")
    assert (kept.reason, kept.by, kept.at) == ("两年不同", "editor", NOW)
    with pytest.raises(Conflict, match="editor 已经搁置了这一条"):
        service.set_aside(FINDING, by="reviewer", reason="也是")
    service.take_back(FINDING.key, by="reviewer")
    assert service.standing() == {}
    with pytest.raises(Conflict, match="没有被搁置"):
        service.take_back(FINDING.key, by="reviewer")
    service.set_aside(FINDING, by="reviewer", reason="还是搁置")
    assert service.standing()[FINDING.key].reason == "还是搁置"
    assert [(line["what"], line["by"], line["subject"]) for line in journal.lines] == [
        ("conflict.set_aside", "editor", FINDING.key),
        ("conflict.taken_back", "reviewer", FINDING.key),
        ("conflict.set_aside", "reviewer", FINDING.key),
    ]
    assert journal.lines[1]["before"] == {"reason": "两年不同"}


def test_a_decision_needs_a_reason_of_a_readable_length(engine: Engine) -> None:
    service = SettingAside(engine, now=lambda: NOW, journal=NoJournal())
    with pytest.raises(InvalidContent, match="请写明搁置的理由"):
        service.set_aside(FINDING, by="editor", reason="  ")
    with pytest.raises(InvalidContent, match="501"):
        service.set_aside(FINDING, by="editor", reason="长" * 501)
    assert service.standing() == {}
