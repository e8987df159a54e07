"""The figures are those of the database: each is reckoned here once more, by other means."""

from __future__ import annotations

import sqlite3
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from actions.finding import Finding
from actions.replies import Reply
from api.clock import LOCAL
from api.insights.facts import facts_of
from api.insights.figures import Counts, Period, Share, WrongPeriod
from api.insights.tables import turn_facts
from api.migrations import upgrade
from api.store.conversations import ConversationStore, Turn
from knowledge.content_loader import read_content
from knowledge.model import Knowledge
from knowledge.store import create_engine_for, seed
from tests.insights.conftest import NOON, MakeWorld, World
from tests.insights.residents import fill

TODAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    return read_content().published()


@pytest.fixture
def weeks(world_over: MakeWorld, shipped: Knowledge, database: Engine) -> World:
    fill(database, shipped, last_day=TODAY, days=20, a_day=25)
    return world_over(database, shipped)


def one(engine: Engine, number: int, at: datetime, *, kind: str = "answer", ms: int | None = 20) -> None:
    said = Reply.model_validate(
        {"id": f"r{number}", "as_of": TODAY, "snapshot": None, "kind": kind, "text": "答"}
    )
    facts = facts_of("问", [said], finding=Finding(), knowledge=None, ms=ms)
    ConversationStore(engine).record(
        Turn(f"c{number}", "p", "web", f"q{number}", f"m{number}", "问", at, [said], at, False, facts)
    )


def test_every_figure_is_what_plain_sql_counts(
    tmp_path: Path, world_over: MakeWorld, shipped: Knowledge
) -> None:
    file = tmp_path / "app.db"
    upgrade(f"sqlite:///{file}")
    engine = create_engine_for(f"sqlite:///{file}")
    with Session(engine) as session:
        seed(session)
    fill(engine, shipped, last_day=TODAY, days=20, a_day=40)
    period = Period(TODAY - timedelta(days=13), TODAY)
    overview = world_over(engine, shipped).insights.figures.over(period)
    plain = sqlite3.connect(file)
    start, end = "2026-11-07 16:00:00.000000", "2026-11-21 16:00:00.000000"  # midnights in Chongqing
    within = f"at >= '{start}' AND at < '{end}'"

    def number(condition: str) -> int:
        return int(
            plain.execute(f"SELECT count(*) FROM turn_facts WHERE {within} AND {condition}").fetchone()[0]
        )

    asked = "kind IN ('answer', 'clarify', 'abstain')"
    assert overview.total.answered == number("kind = 'answer'")
    assert overview.total.clarified == number("kind = 'clarify'")
    assert overview.total.abstained == number("kind = 'abstain'")
    assert overview.total.other == number(f"NOT {asked}")
    assert overview.total.useful == number("rated = 1")
    assert overview.total.useless == number("rated = 0")
    assert overview.total.conversations == number("opened = 1")
    assert overview.total.questions == number(asked) > 300
    assert {share.name: share.asked for share in overview.districts} == dict(
        plain.execute(
            f"SELECT district, count(*) FROM turn_facts WHERE {within} AND {asked} AND district IS NOT NULL GROUP BY 1"
        ).fetchall()
    )
    assert [(top.entry, top.asked) for top in overview.top] == plain.execute(
        f"SELECT entry, count(*) FROM turn_facts WHERE {within} AND kind = 'answer' AND entry IS NOT NULL"
        " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"
    ).fetchall()
    assert {top.entry: top.question for top in overview.top} == {
        top.entry: shipped.entry_by_id[top.entry].question for top in overview.top
    }
    # The residents' side of the same turns: what was stored of replies and judgements.
    assert (
        overview.total.answered
        == plain.execute(
            f"SELECT count(*) FROM messages WHERE role = 'assistant' AND kind = 'answer' AND id IN"
            f" (SELECT message_id FROM turn_facts WHERE {within})"
        ).fetchone()[0]
    )
    assert (
        overview.total.rated
        == plain.execute(
            f"SELECT count(*) FROM feedback JOIN turn_facts USING (message_id) WHERE {within}"
        ).fetchone()[0]
    )


def test_the_figures_are_the_same_on_both_databases(weeks: World, shipped: Knowledge) -> None:
    period = Period(TODAY - timedelta(days=6), TODAY)
    overview = weeks.insights.figures.over(period)
    with weeks.engine.connect() as connection:
        facts = connection.execute(select(turn_facts)).mappings().all()
    asked = [row for row in facts if row["kind"] in ("answer", "clarify", "abstain")]
    day_of = {row["position"]: row["at"].astimezone(LOCAL).date() for row in facts}
    for day, counts in overview.days.items():
        kinds = Counter(row["kind"] for row in facts if day_of[row["position"]] == day)
        assert (counts.answered, counts.clarified, counts.abstained, counts.other) == (
            kinds["answer"], kinds["clarify"], kinds["abstain"], kinds["smalltalk"],
        )  # fmt: skip
        times = sorted(row["ms"] for row in asked if day_of[row["position"]] == day)
        assert counts.p50 == times[-(-len(times) // 2) - 1]
        assert counts.p95 == times[-(-len(times) * 95 // 100) - 1]
    assert list(overview.days) == period.days
    inside = [row for row in asked if period.first <= day_of[row["position"]] <= period.last]
    before = [row for row in asked if period.before.first <= day_of[row["position"]] <= period.before.last]
    assert (overview.total.questions, overview.before.questions) == (len(inside), len(before))
    assert sum(share.asked for share in overview.topics) == len(inside)
    assert sum(share.answered for share in overview.topics) == overview.total.answered
    since = NOON - timedelta(days=5)
    assert weeks.insights.figures.uses(since) == Counter(
        row["entry"] for row in facts if row["entry"] and row["at"] >= since
    )


def test_a_day_begins_at_midnight_in_chongqing(world: World) -> None:
    for number, at in enumerate(
        (datetime(2026, 11, 20, 15, 59, 59, tzinfo=UTC), datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
    ):
        one(world.engine, number, at)
    days = world.insights.figures.over(Period(date(2026, 11, 20), TODAY)).days
    assert {day: counts.answered for day, counts in days.items()} == {date(2026, 11, 20): 1, TODAY: 1}
    assert world.insights.figures.over(Period(TODAY, TODAY)).before.answered == 1


def test_percentiles_are_by_nearest_rank_and_leave_out_what_was_not_timed(world: World) -> None:
    for number, ms in enumerate((10, 20, 30, 40, None)):
        one(world.engine, number, NOON, ms=ms)
    one(world.engine, 9, NOON, kind="smalltalk", ms=9000)
    total = world.insights.figures.over(Period(TODAY, TODAY)).total
    assert (total.p50, total.p95) == (20, 40)


def test_topics_are_the_texts_own_headings(world: World, database: Engine) -> None:
    def ask(number: int, document: str | None, clause: str | None, kind: str = "answer") -> None:
        said = Reply.model_validate(
            {"id": f"t{number}", "as_of": TODAY, "snapshot": None, "kind": kind, "text": "答"}
        )
        found = Finding(0.5, clause=clause, document=document)
        facts = facts_of("问", [said], finding=found, knowledge=None, ms=1)
        ConversationStore(database).record(
            Turn(
                f"t{number}", "p", "web", f"tq{number}", f"tm{number}", "问", NOON, [said], NOON, False, facts
            )
        )

    places = [
        ("plan", "plan#1"),
        ("plan", "plan#1"),
        ("fridge", "fridge"),
        ("plan", "plan#9"),
        ("gone", "gone#1"),
    ]
    for number, (document, clause) in enumerate(places):
        ask(number, document, clause)
    ask(8, "plan", "plan#1", kind="clarify")
    ask(9, None, None, kind="abstain")
    assert world.insights.figures.over(Period(TODAY, TODAY)).topics == (
        Share("衣着消费", 3, 2),
        Share("冰箱换新补贴", 1, 1),
        Share("已下架的内容", 1, 1),
        Share("未找到相关内容", 1, 0),
        Share("绿色消费试行方案", 1, 1),
    )


def test_a_fresh_installation_has_figures_of_nothing(world: World) -> None:
    figures = world.insights.figures
    period = figures.last_days(7)
    assert period == Period(date(2026, 11, 15), TODAY)
    assert not figures.any()
    assert figures.over(period).total == Counts()
    assert list(figures.over(period).days.values()) == [Counts()] * 7
    one(world.engine, 1, NOON)
    assert figures.any()


def test_days_in_the_wrong_order_or_too_many_are_refused() -> None:
    with pytest.raises(WrongPeriod, match="结束日期 2026-11-20 早于开始日期 2026-11-21"):
        Period(TODAY, date(2026, 11, 20))
    with pytest.raises(WrongPeriod, match="最多统计 400 天，所选为 692 天"):
        Period(date(2024, 12, 30), TODAY)
