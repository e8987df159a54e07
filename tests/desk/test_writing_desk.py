"""What an editor is shown while writing: what may be cited, which wordings are taken, what questions find."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.accounts.roles import Forbidden
from api.desk.entry_list import Wanted
from api.desk.programmes import ProgrammeDesk
from api.desk.trying import TryingDesk
from api.desk.writing import Clash, WritingDesk
from knowledge.errors import InvalidContent, UnknownRow
from tests.desk.trial_world import CAMPAIGNER, EDITOR, VIEWER, World, build
from tests.knowledge.editing.conftest import TEXT

RIDING = "xx-2026-1#1.2"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = build(tmp_path_factory.mktemp("writing"))
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(world: World) -> Iterator[WritingDesk]:
    yield WritingDesk(world.services, EDITOR)
    for draft in world.services.editing.drafts():
        world.services.editing.discard(draft.id, by="editor", revision=draft.revision)


def test_documents_and_cards_can_be_cited(desk: WritingDesk) -> None:
    assert [(item.id, item.programme) for item in desk.citable()] == [
        ("xx-2026-1", False),
        ("bike-service", True),
    ]
    assert [clause.id for clause in desk.clauses("xx-2026-1")][-2:] == ["xx-2026-1#1.1", RIDING]


def test_a_clause_is_shown_sentence_by_sentence_with_what_is_quoted(desk: WritingDesk) -> None:
    pieces = desk.pieces(RIDING, ["设置自行车停放点"])
    assert pieces == [
        (0, "（二）骑行。", False),
        (6, "公园周边", False),
        (10, "设置自行车停放点", True),
        (18, "。", False),
        (19, "每五百米一处。", False),
    ]


def test_marked_words_are_checked_against_the_clause(desk: WritingDesk) -> None:
    assert desk.cite(RIDING, 6, 19, "公园周边设置自行车停放点。") == {
        "clause": RIDING,
        "text": "公园周边设置自行车停放点。",
        "start": 6,
    }
    with pytest.raises(InvalidContent, match="对不上"):
        desk.cite(RIDING, 5, 18, "公园周边设置自行车停放点。")
    with pytest.raises(InvalidContent, match="对不上"):
        desk.cite(RIDING, 6, 400, "公园周边")
    with pytest.raises(UnknownRow, match="xx-2026-1#9"):
        desk.cite("xx-2026-1#9", 0, 1, "公")


def test_white_space_at_the_ends_of_what_is_marked_is_left_off(desk: WritingDesk) -> None:
    text = "".join(words for _, words, _ in desk.pieces("bike-service"))
    end = text.index("\n")
    assert desk.cite("bike-service", 0, end + 1, text[: end + 1])["text"] == text[:end]
    with pytest.raises(InvalidContent, match="没有选中文字"):
        desk.cite("bike-service", end, end + 1, "\n")


def test_pasted_words_are_found_or_refused(desk: WritingDesk) -> None:
    assert desk.find(RIDING, " 每五百米一处。\n") == {"clause": RIDING, "text": "每五百米一处。", "start": 19}
    with pytest.raises(InvalidContent, match="没有“每六百米一处”"):
        desk.find(RIDING, "每六百米一处")


def test_a_document_that_is_only_a_draft_can_be_cited_and_previewed(world: World, desk: WritingDesk) -> None:
    content = {
        "id": "xx-2027-2",
        "title": "某区绿色出行新办法",
        "issuers": ["某区发展改革委"],
        "region": "某区",
    }
    text = TEXT.replace("五百米", "三百米")
    world.services.editing.save(
        kind="document", row_id="xx-2027-2", content={**content, "text": text}, by="editor"
    )
    assert [item.id for item in desk.citable()] == ["xx-2026-1", "xx-2027-2", "bike-service"]
    quote = desk.find("xx-2027-2#1.2", "每三百米一处。")
    card = desk.entry_card({"id": "x", "question": "多远一处", "quotes": [quote]})
    assert card is not None
    assert card["citations"][0]["quote"] == "每三百米一处。"
    assert card["citations"][0]["document_title"] == "某区绿色出行新办法"
    assert desk.places([quote])[0].stands


def test_a_wording_that_another_entry_has_is_told_whichever_way_it_is_written(
    world: World, desk: WritingDesk
) -> None:
    world.services.editing.save(
        kind="entry", row_id="draft-1", content={"id": "draft-1", "question": "绿道有多长"}, by="editor"
    )
    content = {"id": "new", "question": "哪里可以停自行車", "variants": ["綠道有多長？", "没人写过的"]}
    assert desk.clashes(content) == [
        Clash("哪里可以停自行車", "ride-01", "哪里可以停自行车？", False),
        Clash("綠道有多長？", "draft-1", "绿道有多长", True),
    ]
    assert desk.clashes({"id": "ride-01", "question": "哪里可以停自行车？"}) == []


def test_what_a_draft_no_longer_says_is_free_for_others(world: World, desk: WritingDesk) -> None:
    editing = world.services.editing
    held = editing.current("entry", "ride-01")
    assert held is not None
    editing.save(kind="entry", row_id="ride-01", content={**held, "variants": []}, by="editor")
    assert desk.clashes({"id": "new", "question": "单车停哪儿"}) == []


def test_a_new_entry_without_a_citation_is_numbered_by_the_day(world: World, desk: WritingDesk) -> None:
    assert desk.new_id() == "q-20261121-01"
    world.services.editing.save(
        kind="entry", row_id="q-20261121-01", content={"id": "q-20261121-01"}, by="editor"
    )
    assert desk.new_id() == "q-20261121-02"


def test_the_list_shows_rows_and_drafts_and_finds_words_in_variants(world: World, desk: WritingDesk) -> None:
    world.services.editing.save(
        kind="entry", row_id="draft-1", content={"id": "draft-1", "question": "桥上能骑车吗"}, by="editor"
    )
    everything = desk.lines(Wanted())
    assert [line.id for line in everything.lines] == ["draft-1", "loan-01", "ride-01", "ride-02"]
    assert [line.id for line in desk.lines(Wanted(words="单车停哪儿")).lines] == ["ride-01"]
    assert [line.id for line in desk.lines(Wanted(words="骑车")).lines] == ["draft-1"]
    assert [line.id for line in desk.lines(Wanted(words="%")).lines] == []
    assert [line.id for line in desk.lines(Wanted(document="bike-service")).lines] == ["loan-01"]
    assert [line.id for line in desk.lines(Wanted(force="target")).lines] == ["ride-02"]
    assert [line.id for line in desk.lines(Wanted(tag="居民")).lines] == ["ride-01"]
    assert [line.id for line in desk.lines(Wanted(state="draft")).lines] == ["draft-1"]
    assert [line.id for line in desk.lines(Wanted(special="drafted")).lines] == ["draft-1"]


def test_a_list_is_paged_and_never_beyond_its_end(desk: WritingDesk) -> None:
    second = desk.lines(Wanted(page=2, size=2))
    assert ([line.id for line in second.lines], second.page, second.pages, second.total) == (
        ["ride-02"],
        2,
        2,
        3,
    )
    assert desk.lines(Wanted(page=99, size=2)) == second


def test_a_question_is_tried_against_the_live_snapshot_and_the_draft(world: World) -> None:
    desk = TryingDesk(world.services, EDITOR)
    quote = {"clause": RIDING, "text": "每五百米一处。", "start": 19}
    content = {"id": "new", "question": "停放点隔好远有一个", "quotes": [quote]}
    tried = desk.ask("停放点隔好远有一个", content)
    assert tried.draft is not None
    assert tried.draft.verdict == "answer"
    assert tried.draft.candidates[0].own
    assert tried.draft.candidates[0].quote == "每五百米一处。"
    assert tried.live.probability < tried.draft.probability
    assert all(not candidate.own for candidate in tried.live.candidates)
    assert desk.ask("停放点隔好远有一个", {"id": "new", "question": "停放点"}).draft is None
    assert desk.ask("停放点隔好远有一个", None).draft is None


def test_the_draft_tried_is_the_one_as_it_stands_now(world: World) -> None:
    desk = TryingDesk(world.services, EDITOR)
    quote = {"clause": RIDING, "text": "每五百米一处。", "start": 19}
    first = desk.ask("水上巴士几点开", {"id": "new", "question": "停放点隔好远", "quotes": [quote]})
    second = desk.ask("水上巴士几点开", {"id": "new", "question": "水上巴士几点开", "quotes": [quote]})
    assert first.draft is not None
    assert second.draft is not None
    assert second.draft.candidates[0].own
    assert second.draft.candidates[0].question == "水上巴士几点开"
    assert first.draft.probability < second.draft.probability


def test_a_question_is_tried_against_a_programme_that_is_being_written(world: World) -> None:
    desk = TryingDesk(world.services, EDITOR)
    cards = ProgrammeDesk(world.services, EDITOR)
    summary = "在江边坐水上巴士每人补贴三元。"
    content = {**cards.blank(), "id": "water-bus", "title": "水上巴士补贴", "summary": summary}
    asked = "坐水上巴士补贴好多"
    tried = desk.ask_of_programme(asked, content)
    assert tried.draft is not None
    assert tried.draft.candidates[0].own
    assert tried.draft.candidates[0].label == "水上巴士补贴"
    assert tried.live.probability < tried.draft.probability
    assert all(not candidate.own for candidate in tried.live.candidates)
    changed = desk.ask_of_programme(asked, {**content, "title": "轮渡说明", "summary": "轮渡每天开。"})
    assert changed.draft is not None
    assert changed.draft.probability < tried.draft.probability
    assert desk.ask_of_programme(asked, cards.blank()).draft is None
    assert world.services.knowledge().programme_by_id.keys() == {"bike-service"}, "nothing went live"


def test_entries_on_a_card_that_no_longer_says_their_words_fall_silent_in_the_trial(world: World) -> None:
    desk = TryingDesk(world.services, EDITOR)
    programme = world.services.editing.current("programme", "bike-service")
    resting = next(
        entry
        for entry in world.services.knowledge().entries
        if any(quote.clause_id == "bike-service" for quote in entry.quotes)
    )
    assert programme is not None
    kept = desk.ask_of_programme(resting.question, programme)
    assert kept.draft is not None
    assert resting.id in {candidate.entry_id for candidate in kept.draft.candidates}
    gone = {
        **programme,
        "title": "别的服务",
        "summary": "别的话。",
        "how_to_apply": "到服务点办。",
        "conditions": [],
        "amounts": [],
    }
    silent = desk.ask_of_programme(resting.question, gone)
    assert silent.draft is not None
    assert resting.id not in {candidate.entry_id for candidate in silent.draft.candidates}


def test_a_programmes_rules_are_reckoned_as_they_are_being_written(world: World) -> None:
    desk = ProgrammeDesk(world.services, EDITOR)
    amount = {"what": "买新能源乘用车", "rate": "0.1", "cap": "8000", "unit": "元/辆"}
    rule = {
        "id": "buy",
        "tasks": ["car"],
        "amount": "买新能源乘用车",
        "applies": {"new_energy": ["nev"]},
        "base": "按新车价格的比例计算",
        "per": "vehicle",
    }
    content = {
        **desk.blank(),
        "id": "car-1",
        "title": "购车补贴",
        "summary": "买车有补贴。",
        "amounts": [amount],
        "conditions": ["按新车价格的比例计算"],
        "rules": [rule],
    }
    told = {"task": "car", "new_energy": "nev", "price": "60000"}
    said = "\n".join(desk.reckon(content, told))
    assert "6000元" in said
    assert "60000 × 10% = 6000" in said
    with pytest.raises(InvalidContent, match="没有的原话"):
        desk.reckon({**content, "rules": [{**rule, "base": "没有的原话"}]}, told)
    with pytest.raises(ValueError, match="写成数字"):
        desk.reckon(content, {**told, "price": "六万"})


def test_programmes_are_listed_with_their_drafts(world: World, desk: WritingDesk) -> None:
    cards = ProgrammeDesk(world.services, EDITOR)
    begun = {**cards.blank(), "id": "bulb", "title": "节能灯"}
    world.services.editing.save(kind="programme", row_id="bulb", content=begun, by="editor")
    assert [(line.id, line.state, line.draft) for line in cards.lines()] == [
        ("bike-service", "published", None),
        ("bulb", None, "draft"),
    ]


def test_who_may_only_read_cites_nothing_and_who_may_not_read_sees_nothing(world: World) -> None:
    with pytest.raises(Forbidden):
        WritingDesk(world.services, VIEWER).cite(RIDING, 6, 19, "公园周边设置自行车停放点。")
    with pytest.raises(Forbidden):
        WritingDesk(world.services, VIEWER).new_id()
    nobody = WritingDesk(world.services, CAMPAIGNER)
    for refused in (nobody.citable, nobody.audiences, lambda: nobody.lines(Wanted())):
        with pytest.raises(Forbidden):
            refused()
    with pytest.raises(Forbidden):
        TryingDesk(world.services, CAMPAIGNER).ask("什么", None)
    with pytest.raises(Forbidden):
        ProgrammeDesk(world.services, CAMPAIGNER).lines()
