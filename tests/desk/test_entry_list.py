"""Filters and orders of the entries' list, over lines made by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from api.desk.entry_list import Facts, Wanted, page_of
from knowledge.editing.model import Draft
from knowledge.store.entry_lines import EntryLine

AT = datetime(2026, 11, 1, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def row(entry_id: str, **changes: object) -> EntryLine:
    line = EntryLine(
        entry_id, f"{entry_id}吗？", "published", "right", (), None, "doc#1", 3, False, AT, "seed"
    )
    return replace(line, **changes)  # type: ignore[arg-type]


def draft(row_id: str, **content: object) -> Draft:
    return Draft(
        1,
        "entry",
        row_id,
        {"id": row_id, **content},
        None,
        "in_review",
        "张",
        "张",
        None,
        None,
        2,
        "",
        AT,
        AT,
        "张",
    )


def ids(rows: list[EntryLine], wanted: Wanted, facts: Facts, drafts: tuple[Draft, ...] = ()) -> list[str]:
    return [line.id for line in page_of(rows, None, drafts, wanted, facts).lines]


def test_what_ends_within_thirty_days_by_itself_or_by_what_it_rests_on_is_listed_soonest_first() -> None:
    rows = [
        row("far", valid_to=date(2026, 12, 22)),
        row("own", valid_to=date(2026, 12, 21)),
        row("through", clause_id="card"),
        row("past", valid_to=date(2026, 11, 20)),
        row("today", valid_to=TODAY),
        row("gone", valid_to=TODAY, state="withdrawn"),
        row("never"),
    ]
    facts = Facts(TODAY, {"card": date(2026, 12, 1)})
    assert ids(rows, Wanted(special="expiring", sort="expiring"), facts) == ["today", "through", "own"]


def test_what_has_no_last_day_stands_behind_what_has_one() -> None:
    rows = [row("a"), row("b", valid_to=date(2027, 1, 1))]
    assert ids(rows, Wanted(sort="expiring"), Facts(TODAY, {})) == ["b", "a"]


def test_old_but_often_used_entries_are_listed_by_use() -> None:
    rows = [row("a"), row("b"), row("c")]
    facts = Facts(TODAY, {}, ageing=frozenset({"a", "b"}), uses={"a": 3, "b": 9})
    assert ids(rows, Wanted(special="ageing", sort="used"), facts) == ["b", "a"]
    assert page_of(rows, None, (), Wanted(), facts).lines[2].uses == 0


def test_a_row_with_a_draft_shows_what_the_draft_says() -> None:
    quotes = [{"clause": "other#2", "text": "…", "start": 0}]
    drafted = draft("a", question="新的问题", variants=["x", "y"], quotes=quotes, force="duty", tags=["居民"])
    line = page_of([row("a")], None, [drafted], Wanted(), Facts(TODAY, {})).lines[0]
    assert (line.question, line.wordings, line.document_id, line.force, line.tags) == (
        "新的问题",
        3,
        "other",
        "duty",
        ("居民",),
    )
    assert (line.state, line.draft, line.author) == ("published", "in_review", "张")


def test_an_entry_in_review_is_found_under_both_of_its_states() -> None:
    rows, drafts, facts = [row("a"), row("b")], (draft("a"),), Facts(TODAY, {})
    assert ids(rows, Wanted(state="in_review"), facts, drafts) == ["a"]
    assert ids(rows, Wanted(state="published"), facts, drafts) == ["a", "b"]


def test_what_was_edited_here_differs_from_what_shipped() -> None:
    assert ids([row("a", edited=True), row("b")], Wanted(special="edited"), Facts(TODAY, {})) == ["a"]


def test_five_hundred_entries_are_paged() -> None:
    rows = [row(f"e{number:03}") for number in range(500)]
    page = page_of(rows, None, (), Wanted(page=3, size=20), Facts(TODAY, {}))
    assert (page.lines[0].id, page.total, page.pages) == ("e040", 500, 25)
