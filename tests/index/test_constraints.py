"""What questions insist on, told from what passages hold."""

from __future__ import annotations

import pytest

from index.constraints import asked, holds
from index.text import normalise


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("换台洗衣机补好多钱", "money"),
        ("乱丢垃圾罚好多", "money"),
        ("绿色工厂要建几个", "number"),
        ("南岸区哪里有充电桩", "address"),
        ("离我最近的旧衣回收点", "address"),
        ("街道办电话好多", "phone"),
        ("补贴怎么申请", "procedure"),
        ("消费券好久发", "date"),
        ("帮我查一下进度", "personal"),
        ("300个优质农产品完成没", "result"),
        ("今年已经减了好多", "result"),
        ("现在建了几个", "result"),
        ("哪款冰箱划算", "compare"),
        ("300个优质农产品做到没得嘛", "result"),
        ("绿色饭店名单在哪点看", "names"),
        ("评上绿色园区的有哪些园区", "names"),
        ("装桩的公司找哪家", "names"),
        ("碳捕集是啥子原理", "explained"),
        ("节能标识真假咋看", "explained"),
        ("坐轻轨有什么优惠", "benefit"),
        ("逛公园免不免费", "benefit"),
    ],
)
def test_a_question_insists_on_a_kind(question: str, kind: str) -> None:
    assert kind in asked(normalise(question)).kinds


@pytest.mark.parametrize(
    "question",
    ["旧衣服可以捐吗", "什么是绿色消费", "哪个部门负责", "在哪些领域推广绿色消费"],
)
def test_a_question_that_insists_on_nothing(question: str) -> None:
    assert not asked(normalise(question)).kinds & {"money", "address", "phone", "date", "personal", "result"}


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("我有几大包旧衣裳想捐", "number"),
        ("好多件棉衣都不穿了", "number"),
        ("展台用啥子材料环保", "procedure"),
        ("工业清洁生产的责任部门名单", "names"),
        ("想反映绿色旅游该找哪家", "names"),
        ("减排量在哪里交易", "address"),
        ("见到打折就买衣服", "benefit"),
        ("绿色家电优惠券怎么来的", "benefit"),
    ],
)
def test_words_that_only_look_like_insisting(question: str, kind: str) -> None:
    assert kind not in asked(normalise(question)).kinds


@pytest.mark.parametrize("question", ["购置税今年减多少", "补贴比例今年是多少"])
def test_what_holds_this_year_is_no_result(question: str) -> None:
    assert "result" not in asked(normalise(question)).kinds


def test_years_are_told_from_other_numbers() -> None:
    found = asked(normalise("２０２５年要达到20%吗"))
    assert (found.years, found.numbers) == (frozenset({"2025"}), frozenset({"20"}))


@pytest.mark.parametrize(
    ("kind", "passage", "expected"),
    [
        ("money", "每件最多补贴1500元", True),
        ("money", "鼓励开展以旧换新", False),
        ("number", "占比达到20%以上", True),
        ("address", "鼓励合理布局", False),
        ("phone", "拨打12345", True),
        ("phone", "2022年10月8日", False),
        ("date", "到2025年", True),
        ("personal", "每人1件", False),
        ("benefit", "全面落实购置税减免", True),
        ("benefit", "促进公共交通优先发展的停车收费政策", False),
    ],
)
def test_a_passage_holds_or_lacks_what_is_asked(kind: str, passage: str, expected: bool) -> None:
    assert holds(kind, passage) is expected
