"""Entries proposed from a text: which sentences, which questions, what an older text had."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from knowledge.content_loader import read_content
from knowledge.model import Clause, Entry, Lexicon, Quote
from knowledge.parsing import parse
from knowledge.proposing import FigureChange, NearQuestion, ProposedEntry, changed_figures, propose
from knowledge.validation import check_entry, ground_of
from knowledge.versions import compare, resting_on

LEXICON = Lexicon(
    synonyms={"冰柜柜": ("电冰箱",)},
    items={"洗衣机": ("洗衣裳的机器",)},
    audiences={"居民": ("市民", "家庭"), "餐饮": ("餐馆",)},
)
TEXT = """示例办法
一、补贴
（一）家电。居民购买洗衣机的，每台补贴200元。到2027年，节水家电市场占有率达到60%以上。（市商务委牵头，市财政局配合）
（二）餐饮。禁止餐馆主动提供一次性筷子。鼓励餐馆提供小份菜。
二、组织
（三）总体。各单位要高度重视。
"""


def clauses(text: str) -> tuple[Clause, ...]:
    return parse(text, "d").clauses


def proposed(text: str = TEXT, **given: object) -> list[ProposedEntry]:
    return propose(clauses(text), title="示例办法", lexicon=LEXICON, **given)  # type: ignore[arg-type]


def test_each_sentence_with_a_fact_gets_its_question() -> None:
    found = {item.entry.quotes[0].text: item for item in proposed()}
    assert {words: (item.fact, item.entry.question, item.entry.force) for words, item in found.items()} == {
        "居民购买洗衣机的，每台补贴200元。": ("amount", "家电能补多少钱？", "price"),
        "到2027年，节水家电市场占有率达到60%以上。": (
            "target", "到2027年，节水家电市场占有率要占多少？", "target",
        ),
        "（市商务委牵头，市财政局配合）": ("departments", "家电由哪些部门负责？", "duty"),
        "禁止餐馆主动提供一次性筷子。": ("prohibition", "餐馆主动提供一次性筷子可以吗？", "duty"),
        "鼓励餐馆提供小份菜。": ("encouragement", "鼓励餐馆提供小份菜吗？", "encouragement"),
    }  # fmt: skip
    assert found["居民购买洗衣机的，每台补贴200元。"].entry.tags == ("居民",)
    assert found["禁止餐馆主动提供一次性筷子。"].entry.tags == ("餐饮",)
    assert found["（市商务委牵头，市财政局配合）"].departments == ("市商务委", "市财政局")


def test_proposals_can_be_published_as_they_are() -> None:
    content = read_content()
    ground = ground_of(content)
    for document in content.documents:
        found = propose(document.clauses, title=document.document.title, lexicon=content.lexicon)
        assert len(found) > 50
        problems = [problem for item in found for problem in check_entry(item.entry, ground, published=True)]
        assert problems == []
        assert len({item.entry.id for item in found}) == len(found)
        assert len({item.id for item in found}) == len(found)


def test_proposing_again_gives_the_same_ids() -> None:
    assert [item.id for item in proposed()] == [item.id for item in proposed()]


def test_what_an_entry_quotes_already_is_not_proposed_again() -> None:
    clause = next(clause for clause in clauses(TEXT) if clause.path == "1.2")
    words = "鼓励餐馆提供小份菜。"
    start = clause.text.index(words)
    held = Entry("x", "小份菜鼓励不？", (), (Quote(clause.id, start, start + len(words), words),))
    assert words not in {item.entry.quotes[0].text for item in proposed(entries=[held])}


class Asked:
    def near(self, texts: Sequence[str]) -> Sequence[Sequence[NearQuestion]]:
        return [
            (NearQuestion("买洗衣机国家给好多钱", 0.8, 4),) if "补多少钱" in text else () for text in texts
        ]


def test_variants_come_from_residents_the_lexicon_and_the_way_people_speak() -> None:
    amount = next(item for item in proposed(nearby=Asked()) if item.fact == "amount")
    assert amount.entry.variants[0] == "买洗衣机国家给好多钱"
    assert amount.asked == (NearQuestion("买洗衣机国家给好多钱", 0.8, 4),)
    assert "家电能补好多钱？" in amount.entry.variants
    text = "一、补贴\n（一）洗衣机。购买的居民，每台补贴200元。\n"
    (item,) = proposed(text)
    assert "洗衣裳的机器能补多少钱？" in item.entry.variants
    assert len(item.entry.variants) <= 10


NEWER = TEXT.replace("每台补贴200元", "每台补贴150元").replace("2027年", "2028年")


def test_a_new_version_proposes_what_changed_with_the_figures_that_did() -> None:
    old, new = clauses(TEXT), clauses(NEWER)
    comparison = compare(old, new)
    clause = next(clause for clause in old if clause.path == "1.1")
    words = "居民购买洗衣机的，每台补贴200元。"
    start = clause.text.index(words)
    held = [
        Entry(
            "d-1.1-01",
            "洗衣机补多少？",
            ("洗衣机补好多",),
            (Quote(clause.id, start, start + len(words), words),),
        )
    ]
    found = propose(
        new,
        title="示例办法",
        lexicon=LEXICON,
        entries=held,
        comparison=comparison,
        resting=resting_on(comparison, "d", new, held),
    )
    changed = {item.entry.quotes[0].text: item for item in found}
    assert set(changed) == {
        "居民购买洗衣机的，每台补贴150元。",
        "到2028年，节水家电市场占有率达到60%以上。",
        "（市商务委牵头，市财政局配合）",
    }
    update = changed["居民购买洗衣机的，每台补贴150元。"]
    assert (update.updates, update.entry.id, update.entry.question) == (
        "d-1.1-01",
        "d-1.1-01",
        "洗衣机补多少？",
    )
    assert update.entry.variants == ("洗衣机补好多",)
    assert update.figures == (FigureChange("money", ("200元",), ("150元",)),)
    target = changed["到2028年，节水家电市场占有率达到60%以上。"]
    assert target.figures == (FigureChange("date", ("2027年",), ("2028年",)),)
    assert target.updates is None


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("补贴300元，限两台。", "补贴300元，限三台。", (FigureChange("pieces", ("两台",), ("三台",)),)),
        ("下降10%。", "下降百分之十。", ()),
        ("加强管理。", "加强管理，2026年建成5座。", (
            FigureChange("places", (), ("5座",)), FigureChange("date", (), ("2026年",)),
        )),
    ],
)  # fmt: skip
def test_figures_are_compared_by_value(before: str, after: str, changes: tuple[FigureChange, ...]) -> None:
    assert changed_figures(before, after) == changes


def test_a_first_sentence_behind_a_number_is_a_fact_and_no_subject() -> None:
    text = "热水器补贴办法\n一、商家责任\n（一）参加活动的商家应当明码标价。违者退出。\n（二）禁止商家先涨价再打折。市民可以向商务部门投诉。\n"
    proposed = propose(parse(text, "doc-2026-9").clauses, title="热水器补贴办法", lexicon=Lexicon())
    quotes = [item.entry.quotes[0].text for item in proposed]
    assert "（一）参加活动的商家应当明码标价。" in quotes
    assert "（二）禁止商家先涨价再打折。" in quotes
    assert not any("明码标价怎么" in item.entry.question for item in proposed)
