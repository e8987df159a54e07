"""Several questions in one: what is cut and what stays whole, and the reply to each part in its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.answer import Answerer
from actions.parts import split
from actions.replies import Reply
from index.search import Outcome, Searcher
from index.snapshot import Ingredients, assemble
from tests.actions.test_answer import DISCLAIMER, TARGET, WORK_PLAN
from tests.index import tiny


def readings(question: str) -> list[str]:
    return [part.reading for part in split(question)]


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("税、限行、充电桩都说一哈", ["税", "限行", "充电桩"]),
        ("税 限行 充电桩都给我说一哈嘛", ["税", "限行", "充电桩"]),
        ("请问，买电车的税、限行都讲一下", ["买电车的税", "买电车的限行"]),
        ("旧衣服和旧手机分别咋处理", ["旧衣服咋处理", "旧手机咋处理"]),
        ("旧衣服、旧手机、电池各咋个处理", ["旧衣服咋个处理", "旧手机咋个处理", "电池咋个处理"]),
        ("空调和冰箱都有补贴吗", ["空调有补贴吗", "冰箱有补贴吗"]),
        (
            "买电车免不免税，还有充电桩装不装得成，垃圾费咋收",
            ["买电车免不免税", "充电桩装不装得成", "垃圾费咋收"],
        ),
        ("電車免不免稅？充電樁怎麼裝", ["电车免不免税", "充电桩怎么装"]),
    ],
)
def test_each_part_is_a_question_of_its_own(question: str, parts: list[str]) -> None:
    assert readings(question) == parts


def test_a_part_without_a_subject_is_read_with_the_one_before() -> None:
    assert readings("买绿牌车上不上税 限不限行") == ["买绿牌车上不上税", "买绿牌车限不限行"]
    assert readings("哪个厂收旧衣服，电话有没得") == ["哪个厂收旧衣服", "哪个厂收旧衣服电话有没得"]


@pytest.mark.parametrize(
    "question",
    [
        "我家冰箱用了十年，想换个新的，有没有补贴，咋申请",
        "空调和冰箱都买了，补贴咋领",
        "都说电车好，补贴好多",
        "快递包装有哪些要求",
        "这个补贴个人和企业都能领吗",
        "新能源汽车和充电桩",
        "请问，旧衣服捐给哪个",
        "碳惠通和别个省的能通用不",
        "LED 灯 怎么回收",
        "",
    ],
)
def test_a_story_and_a_single_question_stay_whole(question: str) -> None:
    assert split(question) == ()


class Scripted(Searcher):
    """Finds what a question is scripted to find, over the tiny knowledge; nothing else."""

    def __init__(self, script: dict[str, str]) -> None:
        made = assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking()))
        super().__init__(made.knowledge, made.evidence, made.ranking, "snapshot-1")
        self._script = script

    def search(self, question: str, *, as_of: date, hidden: object = ()) -> Outcome:
        if question not in self._script:
            return Outcome("abstain", "nothing", 0.0, ())
        return super().search(self._script[question], as_of=as_of)


def ask(question: str, **script: str) -> Reply:
    searcher = Scripted(script)
    return Answerer(lambda: searcher, lambda: tiny.DAY).reply(question, request_id="r1")


CLOTHES, CARS, FRIDGE = "不要的衣裳捐给哪个", "电车占好多", "买冰箱补15%"


def test_every_part_gets_its_quote_in_the_order_asked() -> None:
    reply = ask("电车占好多，旧衣服捐给哪个", 电车占好多=CARS, 旧衣服捐给哪个=CLOTHES)
    assert (reply.kind, reply.force) == ("answer", "target")
    assert [c.clause_id for c in reply.citations] == [tiny.CARS.id, tiny.CLOTHES.id]
    places = [
        reply.text.index(words)
        for words in (
            "关于“电车占好多”：",
            reply.citations[0].quote,
            TARGET,
            "关于“旧衣服捐给哪个”：",
            reply.citations[1].quote,
            WORK_PLAN,
        )
    ]
    assert places == sorted(places)


def test_a_part_without_an_answer_is_named_where_it_was_asked() -> None:
    reply = ask("公积金咋个提，电车占好多", 电车占好多=CARS)
    assert [c.clause_id for c in reply.citations] == [tiny.CARS.id]
    assert reply.text.startswith("关于“公积金咋个提”：我收录的文件里没有找到能确定的答案。")
    assert reply.text.index("公积金") < reply.text.index(reply.citations[0].quote)
    assert "12345" in reply.text
    assert reply.plain is not None
    assert "公积金" in reply.plain


def test_what_a_part_lacks_is_named() -> None:
    reply = ask(
        "电车占好多，捐衣服的门店地址在哪", 电车占好多=CARS, 捐衣服的门店地址在哪="捐赠旧衣物的门店地址"
    )
    assert "关于“捐衣服的门店地址在哪”：" in reply.text
    assert "没有写明您问的地点" in reply.text


def test_parts_of_one_sentence_get_the_ordinary_answer() -> None:
    question = "电车占好多，新能源占几成"
    reply = ask(question, **{question: CARS, "电车占好多": CARS, "新能源占几成": CARS})
    assert reply == ask("电车占好多", 电车占好多=CARS).model_copy(update={"id": reply.id})


def test_a_whole_that_is_sure_of_another_sentence_is_not_replaced_by_one_part() -> None:
    question = "电车占好多，公积金咋个提"
    reply = ask(question, **{question: CLOTHES, "电车占好多": CARS})
    assert [c.clause_id for c in reply.citations] == [tiny.CLOTHES.id]
    assert "关于" not in reply.text


def test_more_asked_of_the_same_thing_does_not_turn_an_abstention_into_an_answer() -> None:
    reply = ask(
        "旧衣服捐给哪个，地址在哪",
        旧衣服捐给哪个=CLOTHES,
        **{"旧衣服捐给哪个，地址在哪": "捐赠旧衣物的门店地址"},
    )
    assert (reply.kind, reply.reason) == ("abstain", "text_is_silent")


def test_one_question_of_two_things_keeps_its_own_answer() -> None:
    question = "电车和旧衣服都补不补"
    script = {question: FRIDGE, "电车补不补": CARS, "旧衣服补不补": CLOTHES}
    assert [c.clause_id for c in ask(question, **script).citations] == ["fridge"]
    del script[question]
    assert [c.clause_id for c in ask(question, **script).citations] == [tiny.CARS.id, tiny.CLOTHES.id]


def test_a_question_of_parts_without_any_answer_is_an_ordinary_abstention() -> None:
    reply = ask("公积金咋个提，护照咋个办")
    assert (reply.kind, reply.citations) == ("abstain", [])
    assert "关于“" not in reply.text


def test_the_words_of_programmes_are_disclaimed_once_for_all_parts() -> None:
    reply = ask("冰箱补好多，电车占好多", 冰箱补好多=FRIDGE, 电车占好多=CARS)
    assert [c.source_kind for c in reply.citations] == ["programme", "clause"]
    assert reply.text.count(f"{DISCLAIMER}。") == 1


def test_no_more_than_four_parts_are_answered_at_once() -> None:
    asked = ["电车占好多", "衣裳捐哪个", "冰箱补好多", "护照咋个办", "公积金咋个提"]
    reply = ask("，".join(asked), 电车占好多=CARS, 衣裳捐哪个=CLOTHES, 冰箱补好多=FRIDGE)
    assert [c.clause_id for c in reply.citations] == [tiny.CARS.id, tiny.CLOTHES.id, "fridge"]
    assert "护照" in reply.text
    assert "公积金" not in reply.text
    assert "其余的请再问我一次" in reply.text


def test_a_figure_of_one_part_is_not_held_against_another() -> None:
    said, other = "新能源汽车新车销售量要占50%对不对", "冰箱补好多"
    reply = ask(f"{said}，{other}", **{said: CARS, other: FRIDGE})
    assert [c.clause_id for c in reply.citations] == [tiny.CARS.id, "fridge"]
    assert reply.text.count("不一样") == 1
    assert reply.text.index("“50%”和原文不一样") < reply.text.index("关于“冰箱补好多”")


def test_a_word_of_which_one_clause_alone_speaks_is_answered() -> None:
    known = tiny.knowledge()
    made = assemble(known, Ingredients(tiny.BigramEncoder(), tiny.ranking(0.1)))
    lone = made.search("半份菜", as_of=tiny.DAY)
    vague = replace(lone, verdict="clarify", why="vague", candidates=lone.candidates[:1])

    class Vague(Searcher):
        def search(self, question: str, *, as_of: date, hidden: object = ()) -> Outcome:
            if question == "半份菜":
                return vague
            return super().search(question, as_of=as_of)

    searcher = Vague(known, made.evidence, made.ranking, "snapshot-1")
    reply = Answerer(lambda: searcher, lambda: tiny.DAY).reply("半份菜、捐赠旧衣物都说一哈", request_id="r1")
    assert [c.clause_id for c in reply.citations] == [tiny.FOOD.id, tiny.CLOTHES.id]
