"""Groups of what was not answered well: how they form, what staff decide on them, when they are solved."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.feedback import Feedback
from api.insights import gaps as gaps_module
from api.insights.missed import key_of
from api.insights.model import Group, GroupChanged, InsightError, NothingToDraft, UnknownGroup
from api.insights.tables import question_groups, question_marks
from api.retention.erasure import Erasure
from index.encoder import load_encoder
from knowledge.shipped import ShippedEntry
from knowledge.store.rows import content_hash, fill_entry
from knowledge.store.tables import EntryRow
from tests.api.kept import KEYS, everything, tables_with
from tests.index.tiny import FOOD, entry, knowledge
from tests.insights.conftest import BIKES, DAYS, FRIDGE, NOON, Ask, World
from tests.insights.residents import UNANSWERED


def asked(group: Group) -> set[str]:
    return {wording.text for wording in group.wordings}


def test_questions_that_mean_the_same_are_one_group_the_most_missed_this_week_first(
    world: World, ask: Ask
) -> None:
    for text in BIKES:
        ask(text, at=NOON - 10 * DAYS, times=2)
    for text in FRIDGE:
        ask(text)
    groups = world.insights.gaps.groups()
    assert [asked(group) for group in groups] == [set(FRIDGE), set(BIKES)]
    assert [(group.count, group.this_week, group.week_before) for group in groups] == [(3, 3, 0), (4, 0, 4)]


def test_a_week_is_seven_days_of_chongqing_with_today(world: World, ask: Ask) -> None:
    midnight = datetime(2026, 11, 15, 0, 0, tzinfo=NOON.tzinfo) - timedelta(hours=8)
    for at in (
        midnight,
        midnight - timedelta(seconds=1),
        midnight - 7 * DAYS,
        midnight - 7 * DAYS - timedelta(seconds=1),
    ):
        ask("旧冰箱补贴多少钱", at=at)
    (group,) = world.insights.gaps.groups()
    assert (group.this_week, group.week_before, group.count) == (1, 2, 4)


def test_unanswered_clarified_and_badly_rated_questions_are_counted_each(world: World, ask: Ask) -> None:
    ask(FRIDGE[0], times=3)
    ask(FRIDGE[1], kind="clarify", times=2)
    feedback = Feedback(world.engine, clock=world.clock)
    feedback.judge(ask(FRIDGE[2], kind="answer"), useful=False, reason="outdated")
    feedback.judge(ask(FRIDGE[2], kind="answer"), useful=True)  # this one was of use
    ask(FRIDGE[2], kind="smalltalk")
    (group,) = world.insights.gaps.groups()
    assert group.counts == {"unanswered": 3, "clarified": 2, "disliked": 1}
    assert {(miss.reason, miss.rated_for) for miss in group.misses} == {
        ("not_in_library", None), (None, None), (None, "outdated"),
    }  # fmt: skip


def test_a_question_written_otherwise_is_the_same_wording(world: World, ask: Ask) -> None:
    for text in ("旧冰箱补贴多少？", "舊冰箱補貼多少", " 旧冰箱补贴多少。"):
        ask(text)
    (group,) = world.insights.gaps.groups()
    assert [(wording.text, len(wording.misses)) for wording in group.wordings] == [("旧冰箱补贴多少？", 3)]


def test_a_group_is_named_by_what_it_asks_most_and_by_its_districts(world: World, ask: Ask) -> None:
    ask(FRIDGE[0], district="渝北区")
    ask(FRIDGE[1], times=5, district="江北区")
    ask(FRIDGE[2])
    (group,) = world.insights.gaps.groups()
    assert (group.question, group.districts) == (FRIDGE[1], ("江北区", "渝北区"))
    assert [(wording.text, len(wording.misses)) for wording in group.wordings[:1]] == [(FRIDGE[1], 5)]


def test_what_has_nothing_to_do_with_the_library_says_so(world: World, ask: Ask) -> None:
    ask("今天重庆下雨不", reason="out_of_scope")
    disliked = ask("今天重庆下雨不", reason="out_of_scope")
    Feedback(world.engine, clock=world.clock).judge(disliked, useful=False, reason="other")
    ask("今天重庆下雨不？")
    assert [group.out_of_scope for group in world.insights.gaps.groups()] == [True]


def test_a_group_keeps_its_name_while_it_grows_and_is_found_by_any_of_its_wordings(
    world: World, ask: Ask
) -> None:
    ask(FRIDGE[0], at=NOON - 3 * DAYS)
    (before,) = world.insights.gaps.groups()
    ask(FRIDGE[1], times=4)
    (after,) = world.insights.gaps.groups()
    assert (before.id, after.id) == (key_of(FRIDGE[0]), key_of(FRIDGE[0]))
    assert world.insights.gaps.group(key_of(FRIDGE[1])).id == before.id
    with pytest.raises(UnknownGroup, match="已经不在了"):
        world.insights.gaps.group("nothing")


def test_a_decision_survives_regrouping_and_takes_new_questions_along(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask(FRIDGE[0])
    ask(BIKES[0])
    fridge = next(group for group in gaps.groups() if FRIDGE[0] in asked(group))
    gaps.set_aside(fridge.id, by="li", revision=0)
    ask(FRIDGE[1], times=9)  # becomes what is asked most; and joins
    ask(FRIDGE[2], at=NOON - 20 * DAYS)  # becomes the oldest; a group by itself would be named by it
    world.clock.later(minutes=1)
    group = gaps.group(fridge.id)
    assert (group.id, group.state, asked(group)) == (fridge.id, "set_aside", set(FRIDGE))
    assert [each.state for each in gaps.groups()] == ["set_aside", "open"]
    with world.engine.connect() as connection:
        marks = set(connection.execute(select(question_marks.c.question, question_marks.c.group_id)))
    assert marks == {(key_of(text), fridge.id) for text in FRIDGE}
    assert gaps.reopen(fridge.id, by="wang", revision=1).state == "open"


def test_a_decided_group_lives_on_in_its_newer_questions(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask(FRIDGE[0], at=NOON - 60 * DAYS)
    gaps.set_aside(gaps.groups()[0].id, by="li", revision=0)
    ask(FRIDGE[1], conversation="d")
    assert [group.state for group in gaps.groups()] == ["set_aside"]
    Erasure(world.engine, pseudonym=KEYS.pseudonym, clock=world.clock, keep_days=30).sweep()
    gaps.forget(30)
    ask(FRIDGE[2], conversation="d")
    (group,) = gaps.groups()
    assert (group.state, asked(group)) == ("set_aside", {FRIDGE[1], FRIDGE[2]})


def test_what_nobody_asks_any_more_is_forgotten_and_is_open_when_asked_again(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask(FRIDGE[0])
    gaps.set_aside(gaps.groups()[0].id, by="li", revision=0)
    world.clock.later(days=91)
    assert gaps.forget(90) == 1
    assert everything(world.engine)["question_groups"] == []
    assert [group.state for group in gaps.groups()] == ["open"]


def test_the_second_to_decide_is_told_and_changes_nothing(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask(FRIDGE[0])
    (group,) = gaps.groups()
    gaps.set_aside(group.id, by="li", revision=group.revision)
    with pytest.raises(GroupChanged, match=r"li 已在 11-21 12:00 处理过"):
        gaps.draft(group.id, by="wang", revision=group.revision)
    with pytest.raises(GroupChanged):
        gaps.reopen(group.id, by="wang", revision=5)
    assert gaps.group(group.id).decision == replace(gaps.group(group.id).decision, by="li", state="set_aside")  # type: ignore[type-var]
    assert everything(world.engine)["drafts"] == []


def test_every_decision_stands_in_the_journal_without_anybodys_words(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask(FRIDGE[0])
    (group,) = gaps.groups()
    gaps.set_aside(group.id, by="li", revision=0)
    gaps.reopen(group.id, by="wang", revision=1)
    lines = everything(world.engine)["audit_log"]
    assert [(line["by"], line["what"], line["kind"], line["subject"]) for line in lines] == [
        ("li", "group.set_aside", "question_group", group.id),
        ("wang", "group.open", "question_group", group.id),
    ]
    assert tables_with(world.engine, "冰箱") == ["messages"]


def test_the_likeliest_clause_is_suggested_from_the_live_snapshot(world: World, ask: Ask) -> None:
    ask("馆子有没有小份菜")
    (group,) = world.insights.gaps.groups()
    first = world.insights.gaps.suggested(group.id)[0]
    assert (first.clause, first.title, first.label) == (FOOD.id, "绿色消费试行方案", FOOD.label)
    assert FOOD.text[first.start : first.start + len(first.text)] == first.text
    assert (first.force, first.entry) == ("encouragement", None)


def test_one_step_makes_a_group_a_draft_with_its_questions_and_the_clause(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    for text, times in (("馆子有没有小份菜", 3), ("馆子有没有半份菜", 1)):
        ask(text, times=times)
    ask("馆子有没有小份菜〔电话号码〕")
    (group,) = gaps.groups()
    drafted = gaps.draft(group.id, by="li", revision=0)
    draft = world.editing.draft(drafted.draft)
    assert (draft.kind, draft.row_id, draft.state, draft.author) == (
        "entry",
        f"asked-{group.id[:12]}",
        "draft",
        "li",
    )
    assert draft.content["question"] == "馆子有没有小份菜"
    assert draft.content["variants"] == ["馆子有没有半份菜"]
    assert [quote["clause"] for quote in draft.content["quotes"]] == [FOOD.id]
    assert draft.content["force"] == "encouragement"
    assert drafted.left_out == 1  # the one with a masked number
    after = gaps.group(group.id)
    assert (after.state, after.decision.entry if after.decision else None) == ("drafted", drafted.entry)


def test_only_the_chosen_wordings_and_another_clause_go_into_the_draft(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask("鼓励捐赠旧衣物和小份菜", times=2)
    ask("鼓励捐赠旧衣物和半份菜")
    (group,) = gaps.groups()
    other = gaps.suggested(group.id)[1].clause
    with pytest.raises(NothingToDraft, match="至少保留一条"):
        gaps.draft(group.id, by="li", revision=0, keys=[])
    drafted = gaps.draft(group.id, by="li", revision=0, keys=[key_of("鼓励捐赠旧衣物和半份菜")], clause=other)
    content = world.editing.draft(drafted.draft).content
    assert (content["question"], content["variants"]) == ("鼓励捐赠旧衣物和半份菜", [])
    assert [quote["clause"] for quote in content["quotes"]] == [other]


def stored_entry(world: World) -> None:
    """The entry `food` in the store, as editors find it, and live."""
    food = entry("food", FOOD, "鼓励餐饮企业提供小份菜、半份菜。", "饭店有小份菜吗")
    world.shelf.publish(knowledge(entries=(*knowledge().entries, food)))
    with Session(world.engine) as session:
        item = ShippedEntry(food)
        row = EntryRow(
            shipped_hash=None, updated_at=NOON, updated_by="shipped", content_hash=content_hash(item)
        )
        fill_entry(row, item)
        session.add(row)
        session.commit()


def test_wordings_are_added_to_the_draft_of_an_entry_that_is_there(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    stored_entry(world)
    for text in (
        "馆子有没有小份菜",
        "馆子有没有半份菜",
        "饭店有小份菜吗",
        "馆子有没有小份菜，我的手机是〔已隐去〕",
    ):
        ask(text)
    group = next(group for group in gaps.groups() if "馆子有没有小份菜" in asked(group))
    assert "馆子有没有半份菜" in asked(group)
    assert len(group.wordings) == 3
    assert gaps.answering(group.id)[0].id == "food"
    assert [each.id for each in gaps.answering(group.id, "饭店有")] == ["food"]
    assert gaps.answering(group.id, "没有这样的字") == []
    drafted = gaps.extend(group.id, "food", by="li", revision=0)
    draft = world.editing.draft(drafted.draft)
    assert (draft.row_id, draft.state, draft.author) == ("food", "draft", "li")
    assert draft.content["question"] == "饭店有小份菜吗"
    assert sorted(draft.content["variants"]) == ["馆子有没有半份菜", "馆子有没有小份菜"]
    assert drafted.left_out == 1  # the one with a masked number
    after = gaps.group(group.id)
    assert (after.state, after.decision.entry if after.decision else None) == ("drafted", "food")


def test_a_group_whose_wordings_were_dropped_with_the_draft_is_open_again(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    stored_entry(world)
    ask("电瓶车上牌照去哪里")
    (group,) = gaps.groups()
    drafted = gaps.extend(group.id, "food", by="li", revision=0)
    assert gaps.settle() == []
    assert gaps.group(group.id).state == "drafted"
    world.editing.discard(drafted.draft, by="li", revision=drafted.revision)
    assert gaps.settle() == []
    assert gaps.group(group.id).state == "open"


def test_an_open_draft_is_added_to_and_one_under_review_is_left_alone(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    stored_entry(world)
    ask("馆子有没有半份菜")
    (group,) = gaps.groups()
    held = world.editing.current("entry", "food")
    assert held is not None
    draft = world.editing.save(
        kind="entry", row_id="food", content={**held, "variants": ["小份菜哪里有"]}, by="wang"
    )
    with pytest.raises(InsightError, match="nowhere"):
        gaps.extend(group.id, "nowhere", by="li", revision=0)
    gaps.extend(group.id, "food", by="li", revision=0)
    now = world.editing.draft(draft.id)
    assert now.content["variants"] == ["小份菜哪里有", "馆子有没有半份菜"]
    assert (now.author, now.edited_by) == ("wang", "li")
    with pytest.raises(GroupChanged, match="li"):
        gaps.extend(group.id, "food", by="zhao", revision=0)
    group = gaps.reopen(group.id, by="li", revision=gaps.group(group.id).revision)
    with pytest.raises(InsightError, match="没有可加的"):
        gaps.extend(group.id, "food", by="li", revision=group.revision)
    world.editing.discard(now.id, by="li", revision=now.revision)
    world.editing.propose_withdrawal(kind="entry", row_id="food", by="wang", note="过时")
    with pytest.raises(InsightError, match="提议撤回"):
        gaps.extend(group.id, "food", by="li", revision=group.revision)


def test_of_two_who_draft_at_once_one_is_told_and_no_draft_is_left_over(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask("馆子有没有小份菜")
    (group,) = gaps.groups()
    written = gaps._drafts.write

    def and_somebody_is_first(*given: object, **named: object) -> object:
        drafted = written(*given, **named)  # type: ignore[arg-type]
        gaps.set_aside(group.id, by="wang", revision=0)
        return drafted

    gaps._drafts.write = and_somebody_is_first  # type: ignore[method-assign,assignment]
    with pytest.raises(GroupChanged, match="wang"):
        gaps.draft(group.id, by="li", revision=0)
    assert everything(world.engine)["drafts"] == []
    assert gaps.group(group.id).state == "set_aside"


def test_erasing_a_conversation_takes_its_questions_out_of_every_group(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask(FRIDGE[0], conversation="mine")
    ask(FRIDGE[1], conversation="other")
    gaps.set_aside(gaps.groups()[0].id, by="li", revision=0)
    Erasure(world.engine, pseudonym=KEYS.pseudonym, clock=world.clock, keep_days=90).erase("mine")
    assert [asked(group) for group in gaps.groups()] == [{FRIDGE[1]}]
    assert tables_with(world.engine, FRIDGE[0] + "'") == []


def test_a_wording_that_only_adds_a_district_stays_out_of_a_draft(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    for text in ("渝北区馆子有没有小份菜", "馆子有没有小份菜", "渝北馆子有没有半份菜"):
        ask(text)
    (group,) = gaps.groups()
    drafted = gaps.draft(group.id, by="li", revision=0)
    content = world.editing.draft(drafted.draft).content
    assert (content["question"], content["variants"], drafted.left_out) == (
        "馆子有没有小份菜", ["渝北馆子有没有半份菜"], 1,
    )  # fmt: skip


def test_without_an_encoder_questions_are_grouped_by_their_words(world: World, ask: Ask) -> None:
    world.shelf.encoder = None
    for text in (*FRIDGE, *BIKES):
        ask(text)
    assert sorted(map(sorted, map(asked, world.insights.gaps.groups()))) == sorted(
        [sorted(FRIDGE), sorted(BIKES)]
    )


def test_each_wording_is_encoded_once(world: World, ask: Ask) -> None:
    encoded: list[str] = []
    encoder = world.shelf.encoder
    assert encoder is not None
    encode = encoder.encode
    encoder.encode = lambda texts: (encoded.extend(texts), encode(texts))[1]  # type: ignore[method-assign,func-returns-value]
    ask(FRIDGE[0], times=2)
    world.insights.gaps.groups()
    ask(FRIDGE[1])
    world.insights.gaps.groups()
    world.insights.gaps.groups()
    assert encoded == list(FRIDGE[:2])


def test_where_something_is_asked_does_not_part_a_group(world: World, ask: Ask) -> None:
    for text in ("冰箱", "渝北区冰箱", "渝北冰箱"):
        ask(text)
    ask("渝北")  # names nothing else, and stays what it is
    assert sorted(map(sorted, map(asked, world.insights.gaps.groups()))) == [
        ["冰箱", "渝北冰箱", "渝北区冰箱"],
        ["渝北"],
    ]


def test_of_too_many_misses_the_latest_are_grouped(
    world: World, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gaps_module, "MOST", 2)
    for number, text in enumerate(("旧冰箱补贴多少钱", "电瓶车上牌照去哪里", "馆子有没有小份菜")):
        ask(text, at=NOON - (3 - number) * DAYS)
    assert set().union(*map(asked, world.insights.gaps.groups())) == {
        "电瓶车上牌照去哪里",
        "馆子有没有小份菜",
    }


def test_the_shipped_encoder_groups_by_meaning(world: World, ask: Ask) -> None:
    world.shelf.encoder = load_encoder()
    for texts in UNANSWERED.values():
        for text in texts:
            ask(text)
    topic_of = {text: topic for topic, texts in UNANSWERED.items() for text in texts}
    groups = world.insights.gaps.groups()
    for group in groups:
        assert len({topic_of[text] for text in asked(group)}) == 1, asked(group)
    assert len(groups) < len(topic_of) / 2


def test_nothing_missed_makes_no_group_and_nothing_to_settle(world: World) -> None:
    assert world.insights.gaps.groups() == []
    assert world.insights.gaps.settle() == []


def test_a_group_row_is_one_however_often_it_is_decided(world: World, ask: Ask) -> None:
    gaps = world.insights.gaps
    ask(FRIDGE[0])
    name = gaps.groups()[0].id
    for revision in range(4):
        (gaps.set_aside if revision % 2 == 0 else gaps.reopen)(name, by="li", revision=revision)
    with world.engine.connect() as connection:
        assert connection.execute(select(question_groups.c.state, question_groups.c.revision)).all() == [
            ("open", 4)
        ]
