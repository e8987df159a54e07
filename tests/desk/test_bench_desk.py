"""Questions asked of what is live, what is drafted and what was live before."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.accounts.roles import Actor, Forbidden, Role
from api.desk.bench import BenchDesk, clause_name
from api.desk.golden import GoldenDesk
from api.trials.sources import Source
from index.errors import IndexFault
from index.live import LiveIndex
from knowledge.errors import InvalidContent
from knowledge.publishing.withheld import Withheld
from tests.desk.trial_world import CAMPAIGNER, EDITOR, TODAY, VIEWER, World, build

QUESTION = "哪里可以停自行车？"
STOP = "xx-2026-1#1.2"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = build(tmp_path)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(world: World) -> BenchDesk:
    return BenchDesk(world.services, EDITOR)


def draft_of(world: World, plain: str, row_id: str = "ride-01") -> int:
    content = world.services.editing.current("entry", row_id)
    assert content is not None
    return world.services.editing.save(
        kind="entry", row_id=row_id, content={**content, "plain": plain}, by="author"
    ).id


def test_live_and_draft_stand_side_by_side_and_differ_where_the_draft_does(
    world: World, desk: BenchDesk
) -> None:
    draft_of(world, "公园周边都能停。")
    before = world.live.snapshot
    opened = desk.open([Source("live"), Source("draft")])
    assert [one.label for one in opened] == ["现在的回答", "改稿（1 处改动）"]
    line = desk.ask(QUESTION, opened, TODAY, {})
    live, draft = line.told
    assert (live.verdict, live.clause_id, live.quote) == ("answer", STOP, "公园周边设置自行车停放点。")
    assert live.clause_name == "《某区绿色出行办法》第一部分（二）骑行"
    assert "公园周边有自行车停放点" in live.text
    assert "公园周边都能停" in draft.text
    assert line.differing == {"text"}
    assert line.differs
    other = desk.ask("自行车道要建多长？", opened, TODAY, {})
    assert not other.differs
    assert (
        other.told[0].probability
        == world.live.searcher().search("自行车道要建多长？", as_of=TODAY).probability
    )
    assert world.live.snapshot == before, "nothing went live"


def test_only_the_chosen_drafts_are_laid_over(world: World, desk: BenchDesk) -> None:
    first = draft_of(world, "公园周边都能停。")
    draft_of(world, "要建一百公里。", "ride-02")
    (chosen,) = desk.open([Source("draft", drafts=(first,))])
    assert "公园周边都能停" in desk.ask(QUESTION, [chosen], TODAY, {}).told[0].text
    assert "要建一百公里" not in desk.ask("自行车道要建多长？", [chosen], TODAY, {}).told[0].text
    with pytest.raises(InvalidContent, match="已经发布或丢弃"):
        desk.open([Source("draft", drafts=(first, 99))])


def test_a_draft_that_was_saved_again_is_assembled_again(world: World, desk: BenchDesk) -> None:
    number = draft_of(world, "第一稿。")
    (one,) = desk.open([Source("draft")])
    (same,) = desk.open([Source("draft")])
    assert one is same
    draft = world.services.editing.draft(number)
    world.services.editing.save(
        kind="entry", row_id="ride-01", content={**draft.content, "plain": "第二稿。"}, by="author",
        revision=draft.revision,
    )  # fmt: skip
    (again,) = desk.open([Source("draft")])
    assert "第二稿" in desk.ask(QUESTION, [again], TODAY, {}).told[0].text
    assert "第一稿" in desk.ask(QUESTION, [one], TODAY, {}).told[0].text, "a run goes on as it began"


def test_an_earlier_snapshot_answers_as_it_did(world: World, desk: BenchDesk) -> None:
    first = world.live.snapshot
    assert desk.snapshots() == []
    with world.services.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE entries SET plain = '改过了。' WHERE id = 'ride-01'")
    world.republish()
    ((name, label),) = desk.snapshots()
    assert name == first
    assert first is not None
    assert first[:8] in label
    opened = desk.open([Source("live"), Source("snapshot", first)])
    line = desk.ask(QUESTION, opened, TODAY, {})
    assert "改过了" in line.told[0].text
    assert "改过了" not in line.told[1].text
    with pytest.raises(IndexFault, match="请选另一个"):
        desk.open([Source("snapshot", "nothing")])


def test_no_draft_is_said_before_anything_is_assembled(desk: BenchDesk) -> None:
    with pytest.raises(InvalidContent, match="没有未发布的改稿"):
        desk.open([Source("draft")])


def test_what_was_taken_back_at_once_is_not_told_by_a_draft_either(world: World, desk: BenchDesk) -> None:
    draft_of(world, "要建一百公里。", "ride-02")
    world.live.withhold(Withheld(entries=frozenset({"ride-01"}), clauses=frozenset({STOP})))
    opened = desk.open([Source("live"), Source("draft")])
    assert STOP not in {told.clause_id for told in desk.ask(QUESTION, opened, TODAY, {}).told}


def test_the_evidence_of_a_draft_is_its_own(world: World, desk: BenchDesk) -> None:
    world.services.editing.save(
        kind="lexicon", row_id="synonyms/铁驴", by="author",
        content={"section": "synonyms", "name": "铁驴", "words": ["自行车"]},
    )  # fmt: skip
    live, draft = desk.open([Source("live"), Source("draft")])
    assert desk.explain("铁驴停哪里", live, TODAY).widened == {}
    assert desk.explain("铁驴停哪里", draft, TODAY).widened == {"铁驴": ("自行车",)}


def test_a_question_kept_as_golden_is_judged_once_a_reviewer_agreed(world: World, desk: BenchDesk) -> None:
    reviewing = GoldenDesk(world.services, Actor("reviewer", frozenset({Role.reviewer})))
    opened = desk.open([Source("live")])
    kept = desk.keep(QUESTION, [STOP], note="试验台")
    assert desk.ask(QUESTION, opened, TODAY, desk.golden()).told[0].expected is None
    assert (kept.wanted.text, kept.wanted.expects) == (QUESTION, frozenset({STOP}))
    assert reviewing.waiting() == [kept]
    assert GoldenDesk(world.services, EDITOR).waiting() == []
    reviewing.approve(kept)
    assert desk.ask(" 哪里可以停自行车? ", opened, TODAY, desk.golden()).told[0].expected is True
    reviewing.approve(desk.keep("怎么借自行车？", None))
    assert desk.ask("怎么借自行车？", opened, TODAY, desk.golden()).told[0].expected is False
    with pytest.raises(InvalidContent):
        desk.keep("别的问题", ["xx#9"])


def test_nobody_asks_without_the_right_and_a_viewer_keeps_nothing(world: World) -> None:
    nobody, viewer = BenchDesk(world.services, CAMPAIGNER), BenchDesk(world.services, VIEWER)
    for call in (nobody.snapshots, nobody.drafts, nobody.golden, nobody.today, lambda: nobody.open([])):
        with pytest.raises(Forbidden):
            call()
    opened = viewer.open([Source("live")])
    with pytest.raises(Forbidden):
        nobody.ask(QUESTION, opened, TODAY, {})
    with pytest.raises(Forbidden):
        nobody.explain(QUESTION, opened[0], TODAY)
    with pytest.raises(Forbidden):
        viewer.keep(QUESTION, [STOP])


def test_a_clause_is_called_as_people_call_it(world: World) -> None:
    knowledge = world.live.knowledge
    assert clause_name(knowledge, STOP) == "《某区绿色出行办法》第一部分（二）骑行"
    assert clause_name(knowledge, "bike-service") == "《自行车借用》"
    assert clause_name(knowledge, "gone#1") == "gone#1"


def test_without_an_index_the_reason_is_said(world: World) -> None:
    assert isinstance(world.services.library, LiveIndex)
    world.services.trials._library = object()
    with pytest.raises(IndexFault, match="检索还没有准备好"):
        BenchDesk(world.services, VIEWER).open([Source("live")])
