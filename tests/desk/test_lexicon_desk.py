"""The lexicon's lines changed as drafts, checked and tried before they are saved."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from api.accounts.roles import Forbidden
from api.desk.lexicon import LexiconDesk, Line, Wording
from api.store.tables import conversations, messages
from api.trials.asked import latest_questions
from knowledge.editing.errors import DraftConflict
from knowledge.errors import InvalidContent
from knowledge.publishing.golden_store import GoldenQuestions
from tests.desk.trial_world import CAMPAIGNER, EDITOR, NOW, VIEWER, World, build


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = build(tmp_path)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(world: World) -> LexiconDesk:
    return LexiconDesk(world.services, EDITOR)


def line(desk: LexiconDesk, name: str, section: str = "synonyms") -> Line:
    return next(one for one in desk.lines(section) if one.name == name)


def test_lines_are_listed_and_found_by_any_word(desk: LexiconDesk) -> None:
    assert [one.name for one in desk.lines("synonyms")] == ["单车", "绿道"]
    assert [one.name for one in desk.lines("synonyms", "自行车道")] == ["绿道"]
    assert [one.name for one in desk.lines("items", "脚踏")] == ["自行车"]
    assert desk.lines("items", "火锅") == []
    assert desk.counts() == {"synonyms": 2, "items": 1, "districts": 1, "audiences": 2}


def test_a_new_line_is_a_draft_beside_what_is_published(world: World, desk: LexiconDesk) -> None:
    (draft,) = desk.save(Wording("synonyms", "铁驴", ("自行车",)), None)
    assert (draft.kind, draft.row_id, draft.state) == ("lexicon", "synonyms/铁驴", "draft")
    found = line(desk, "铁驴")
    assert (found.words, found.proposed) == (None, ("自行车",))
    assert [one.name for one in desk.lines("synonyms", drafts_only=True)] == ["铁驴"]
    assert "铁驴" not in world.services.knowledge().lexicon.synonyms


def test_a_changed_line_shows_both_and_can_be_given_back(desk: LexiconDesk) -> None:
    desk.save(Wording("synonyms", "单车", ("自行车", "脚踏车")), line(desk, "单车"))
    changed = line(desk, "单车")
    assert (changed.words, changed.proposed) == (("自行车",), ("自行车", "脚踏车"))
    assert changed.draft is not None
    desk.discard(changed.draft)
    assert line(desk, "单车").draft is None


def test_a_renamed_line_is_two_drafts(desk: LexiconDesk) -> None:
    desk.save(Wording("synonyms", "共享单车", ("自行车",), was="单车"), line(desk, "单车"))
    old, new = line(desk, "单车"), line(desk, "共享单车")
    assert old.draft is not None
    assert old.draft.withdraws
    assert (old.proposed, new.proposed) == (None, ("自行车",))


def test_a_line_is_removed_by_a_draft_with_a_reason_and_one_never_published_is_gone(
    desk: LexiconDesk,
) -> None:
    with pytest.raises(InvalidContent, match="为什么删除"):
        desk.remove(line(desk, "单车"), note=" ")
    (draft,) = desk.remove(line(desk, "单车"), note="没人这样说")
    assert draft.withdraws
    desk.save(Wording("synonyms", "铁驴", ("自行车",)), None)
    assert desk.remove(line(desk, "铁驴"), note="写错了") == []
    assert [one.name for one in desk.lines("synonyms")] == ["单车", "绿道"]


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(world: World, desk: LexiconDesk) -> None:
    seen = line(desk, "单车")
    LexiconDesk(world.services, EDITOR).save(Wording("synonyms", "单车", ("自行车道",)), seen)
    with pytest.raises(DraftConflict):
        desk.save(Wording("synonyms", "单车", ("自行车", "骑行")), seen)
    assert line(desk, "单车").proposed == ("自行车道",)


def test_a_line_with_an_error_is_refused_and_a_warning_is_not(desk: LexiconDesk) -> None:
    circle = Wording("synonyms", "自行车", ("单车",))
    assert next(remark.code for remark in desk.check(circle)) == "cycle"
    with pytest.raises(InvalidContent, match="绕成了一圈"):
        desk.save(circle, None)
    twice = Wording("items", "电驴", ("脚踏车",))
    with pytest.raises(InvalidContent, match="在两行里"):
        desk.save(twice, None)
    unknown = Wording("synonyms", "铁驴", ("火星车",))
    assert [remark.code for remark in desk.check(unknown)] == ["unknown_target"]
    desk.save(unknown, None)


def test_a_line_is_held_against_other_drafts_too(desk: LexiconDesk) -> None:
    desk.save(Wording("items", "电瓶车", ("电驴",)), None)
    assert [remark.code for remark in desk.check(Wording("items", "摩托", ("电驴",)))] == ["two_lines"]


def said(world: World, *texts: str) -> None:
    with world.services.engine.begin() as connection:
        connection.execute(
            insert(conversations).values(
                id="c", channel="web", token_hash="x", pseudonym=None, created_at=NOW, last_at=NOW
            )
        )
        for number, text in enumerate(texts):
            kind = "smalltalk" if text == "你好呀" else "answer"
            common = {
                "conversation_id": "c",
                "request_id": f"r{number}",
                "degraded": False,
                "created_at": NOW,
            }
            connection.execute(
                insert(messages),
                [
                    {
                        **common,
                        "id": f"q{number}",
                        "role": "resident",
                        "kind": None,
                        "text": text,
                        "reply": None,
                    },
                    {
                        **common,
                        "id": f"a{number}",
                        "role": "assistant",
                        "kind": kind,
                        "text": "…",
                        "reply": None,
                    },
                ],
            )


def test_a_sample_holds_different_questions_the_latest_first(world: World) -> None:
    said(world, "单车停哪儿", "你好呀", "哪里有厕所", "单车停哪儿", "嗯")
    assert latest_questions(world.services.engine) == ["单车停哪儿", "哪里有厕所"]
    assert latest_questions(world.services.engine, most=1) == ["单车停哪儿"]


def golden(world: World, question: str, clause: str) -> None:
    services = world.services
    questions = GoldenQuestions(services.engine, now=services.clock.now, journal=services.audit)
    questions.save(text=question, expects=[clause], by="test")


def test_the_effect_on_golden_and_logged_questions_is_shown_before_saving(
    world: World, desk: LexiconDesk
) -> None:
    golden(world, "铁驴停放点", "xx-2026-1#1.2")
    golden(world, "怎么借自行车？", "bike-service")
    said(world, "铁驴停哪里好", "自行车道要建多长？")
    told: list[tuple[int, int]] = []
    wanted = Wording("synonyms", "铁驴", ("自行车",))
    found = desk.effect(wanted, progress=lambda done, of: told.append((done, of)))
    assert found is not None
    assert (found.asked, found.touched, found.known) == (4, 2, 2)
    assert (found.right_before, found.right_after, found.broken, found.mended) == (1, 2, 0, 1)
    assert found.changes[0].probe.text == "铁驴停放点"
    assert found.changes[0].after.clause == "xx-2026-1#1.2"
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert desk.lines("synonyms", drafts_only=True) == [], "trying saves nothing"
    assert desk.effect(wanted, stopped=lambda: True) is None


def test_taking_a_line_away_can_be_tried_too(world: World, desk: LexiconDesk) -> None:
    golden(world, "哪里能停单车", "xx-2026-1#1.2")
    found = desk.effect(Wording("synonyms", "单车", None))
    assert found is not None
    assert (found.touched, found.known) == (1, 1)


def test_drafts_go_to_review(desk: LexiconDesk) -> None:
    (draft,) = desk.save(Wording("synonyms", "铁驴", ("自行车",)), None)
    assert desk.submit(draft).state == "in_review"


def test_rights_are_asked_of_every_call(world: World) -> None:
    nobody, viewer = LexiconDesk(world.services, CAMPAIGNER), LexiconDesk(world.services, VIEWER)
    wanted = Wording("synonyms", "铁驴", ("自行车",))
    for call in (
        lambda: nobody.lines("items"),
        nobody.counts,
        nobody.today,
        lambda: nobody.check(wanted),
        lambda: nobody.effect(wanted),
        lambda: viewer.save(wanted, None),
        lambda: viewer.remove(line(viewer, "单车"), note="试"),
    ):
        with pytest.raises(Forbidden):
            call()
