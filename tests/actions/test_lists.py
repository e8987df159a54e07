"""Lists: which questions ask for one, that it is complete, and what the reply says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from actions.answer import Answerer
from actions.context import Memory, TurnContext
from actions.listing import Listing
from actions.replies import Citation, Reply
from index.search import Outcome, Searcher
from index.snapshot import Ingredients, assemble
from knowledge.content_loader import load_shipped
from knowledge.model import Clause, Knowledge, Lexicon
from knowledge.sentences import sentences
from tests.actions.test_answer import DISCLAIMER, Ask, asking
from tests.index import tiny

SHIPPED = load_shipped()
DEPARTMENTS = sorted({n for c in SHIPPED.clauses for n in c.departments if n != "各有关部门"})
AUDIENCES = sorted(SHIPPED.lexicon.audiences)
TARGETS = "\n".join(f"{clause.text}\n到{clause.due}" for clause in SHIPPED.clauses)
YEARS = sorted(set(re.findall(r"到(20\d\d)年", TARGETS)))


class NeverSearched(Searcher):
    """A list of everything is taken from the texts, not from what a search happens to find."""

    def search(self, question: str, *, as_of: date, hidden: object = ()) -> Outcome:
        raise AssertionError(f"searched for {question}")


@pytest.fixture(scope="module")
def ask_shipped() -> Ask:
    made = assemble(replace(SHIPPED, entries=SHIPPED.entries[:1]), Ingredients(None, tiny.ranking()), "s")
    searcher = NeverSearched(SHIPPED, made.evidence, made.ranking, "s")
    answerer = Answerer(lambda: searcher, lambda: tiny.DAY)

    def ask(question: str, **fields: object) -> Reply:
        return answerer.reply(question, request_id="r1", **fields)  # type: ignore[arg-type]

    return ask


def spans(citations: list[Citation]) -> list[tuple[str, int, int]]:
    return [(c.clause_id, c.start, c.end) for c in citations]


def in_reading_order(clauses: list[Clause]) -> list[str]:
    newest_first = {"cq-2022-11": 0, "cq-2020-1891": 1}
    return [c.id for c in sorted(clauses, key=lambda c: (newest_first[c.document_id], c.position))]


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_a_department_has_exactly_the_clauses_that_name_it(ask_shipped: Ask, department: str) -> None:
    reply = ask_shipped(f"{department}负责哪些")
    same = {"市机关事务局", "市机关事务管理局"}  # one office, spelled in two ways
    names = same if department in same else {department}
    due = [clause for clause in SHIPPED.clauses if names & set(clause.departments)]
    assert reply.kind == "answer"
    assert [c.clause_id for c in reply.citations] == in_reading_order(due)
    assert all(names & {n for n in names if n in c.quote} for c in reply.citations)
    assert f"共有{len(due)}条" in reply.text


@pytest.mark.parametrize("year", YEARS)
def test_a_year_has_exactly_what_is_set_for_it(ask_shipped: Ask, year: str) -> None:
    due = [
        (clause.id, span.start, span.end)
        for clause in SHIPPED.clauses
        for span in sentences(clause)
        if clause.kind not in {"notice", "title"}
        and (f"到{year}年" in span.text or (clause.kind == "annex_row" and year in (clause.due or "")))
    ]
    reply = ask_shipped(f"{year}年都有哪些指标")
    cited = [c for c in reply.citations if c.source_kind == "clause"]
    assert sorted(spans(cited)) == sorted(due) != []
    assert reply.force == "target"


@pytest.mark.parametrize("audience", AUDIENCES)
def test_an_audience_has_every_answer_that_concerns_it(ask_shipped: Ask, audience: str) -> None:
    ended = {p.id for p in SHIPPED.programmes if p.status_on(tiny.DAY) not in {"in_force", "unstated"}}
    tagged = [entry.quotes[0] for entry in SHIPPED.entries if audience in entry.tags]
    due = [quote for quote in tagged if quote.clause_id not in ended]
    reply = ask_shipped(f"我们{audience}要遵守哪些规定")
    assert due
    for quote in due:
        assert any(
            c.clause_id == quote.clause_id and c.start <= quote.start and quote.end <= c.end
            for c in reply.citations
        ), quote.text
    tagged_spans = {(quote.clause_id, quote.start, quote.end) for quote in due}
    assert set(spans(reply.citations)) <= tagged_spans


@pytest.mark.parametrize(
    ("question", "audience"),
    [("我开小面馆，哪些归我管", "餐饮"), ("小区物业要做些啥", "社区物业"), ("我们学校要做哪些事", "学校")],
)
def test_residents_say_who_they_are_in_their_own_words(
    ask_shipped: Ask, question: str, audience: str
) -> None:
    reply = ask_shipped(question)
    assert spans(reply.citations) == spans(ask_shipped(f"{audience}要遵守哪些规定").citations) != []


def test_every_line_has_its_place_and_its_words(ask_shipped: Ask) -> None:
    reply = ask_shipped("教委管哪几样")
    assert [c.clause_id for c in reply.citations] == ["cq-2022-11#2.3", "cq-2022-11#2.4", "cq-2022-11#6.26"]
    for number, citation in enumerate(reply.citations, 1):
        clause = SHIPPED.clause_by_id[citation.clause_id]
        assert citation.quote == clause.text[citation.start : citation.end]
        assert citation.quote.startswith("市教委、")
        assert f"{number}. {citation.clause_label}：“{citation.quote}”" in reply.text
    assert "以上3条是我收录的文件里的全部" in reply.text
    assert reply.plain is not None
    assert "共有3条" in reply.plain


def test_a_long_list_names_every_clause_and_keeps_the_words_for_its_cards(ask_shipped: Ask) -> None:
    reply = ask_shipped("发改委负责哪些")
    assert len(reply.citations) > 20
    assert all(citation.clause_label in reply.text for citation in reply.citations)
    assert "按职责分工负责" not in reply.text


def test_a_leading_department_is_marked_and_can_be_asked_for(ask_shipped: Ask) -> None:
    assert "第五部分（二十二）发挥价格机制作用（牵头）" in ask_shipped("发改委负责哪些").text
    assert [c.clause_id for c in ask_shipped("发改委牵头哪些").citations] == ["cq-2022-11#5.22"]


def test_a_year_and_a_department_limit_a_list_together(ask_shipped: Ask) -> None:
    both = ask_shipped("商务委2025年有哪些指标")
    years = set(spans(ask_shipped("2025年都有哪些指标").citations))
    clauses = {c.clause_id for c in ask_shipped("商务委负责哪些").citations}
    assert set(spans(both.citations)) == {span for span in years if span[0] in clauses} != set()


@pytest.mark.parametrize(
    ("question", "before", "same_as"),
    [
        ("那教委呢", "商务委负责哪些", "教委负责哪些"),
        ("那住建委呢", "商务委2025年有哪些指标", "住建委2025年有哪些指标"),
        ("2030年呢", "2025年都有哪些指标", "2030年都有哪些指标"),
        ("那学校呢", "我开小面馆，哪些归我管", "学校要做哪些事"),
        ("那教委呢", "我开小面馆，哪些归我管", "教委负责哪些"),
    ],
)
def test_a_follow_up_asks_for_the_same_list_of_another(
    ask_shipped: Ask, question: str, before: str, same_as: str
) -> None:
    reply = ask_shipped(question, context=TurnContext(memory=Memory(asked=before)))
    assert spans(reply.citations) == spans(ask_shipped(same_as).citations) != []


@pytest.mark.parametrize(
    "question",
    [
        "快递包装有哪些要求",
        "哪些商场有补贴",
        "网约车公司有哪些",
        "哪些部门管快递",
        "渝北区商务委负责哪些",
        "旧衣服可以捐给哪些单位",
        "2026年有哪些补贴",
        "商务委电话",
        "2025年的目标完成了没",
        "我开小面馆",
    ],
)
def test_a_question_about_one_thing_is_no_list(question: str) -> None:
    wanted = Listing(SHIPPED).wanted(question)
    assert wanted is None or not wanted.whole


def test_further_words_limit_the_list_or_leave_it_to_search() -> None:
    listing = Listing(SHIPPED)
    wanted = listing.wanted("商务委在快递方面负责哪些")
    assert wanted is not None
    assert (wanted.departments, wanted.whole) == ((("市商务委",),), False)
    assert "快递" in wanted.rest
    cars = listing.wanted("2025年新能源车的目标有哪些")
    assert cars is not None
    assert (cars.years, cars.rest) == (("2025",), "新能源车")
    speaking = listing.items(wanted, tiny.DAY, lambda words, text: "快递" in text)
    due = [c.id for c in SHIPPED.clauses if "市商务委" in c.departments and "快递" in c.text]
    assert sorted(item.quote.clause_id for item in speaking) == sorted(due)
    assert len(due) > 1
    assert listing.items(wanted, tiny.DAY, lambda words, text: "电商快件" in text) == []


def audience_world() -> Knowledge:
    known = tiny.knowledge()
    lexicon = replace(known.lexicon, audiences={"居民": ("市民", "屋头")})
    entries = tuple(replace(entry, tags=("居民",)) for entry in known.entries)
    return replace(known, lexicon=lexicon, entries=entries)


def test_what_does_not_hold_on_the_day_is_on_no_list() -> None:
    known = audience_world()
    ask = asking(known)
    assert [c.clause_id for c in ask("市民要做哪些").citations] == ["plan#1", "plan#2"]
    ended = replace(known.entries[0], valid_to=date(2025, 1, 1))
    assert [
        c.clause_id
        for c in asking(replace(known, entries=(ended, known.entries[1])))("市民要做哪些").citations
    ] == ["plan#2"]
    expired = replace(known, documents=(replace(tiny.document(), effective_to=date(2025, 12, 31)),))
    assert asking(expired)("市民要做哪些").kind == "abstain"
    assert asking(expired)("市民要做哪些", as_of=date(2025, 12, 31)).kind == "answer"


def test_a_list_with_a_programme_says_whose_words_those_are() -> None:
    known = audience_world()
    card = known.programmes[0]
    fridge = replace(
        known.entries[0],
        id="fridge-1",
        question="冰箱换新补多少？",
        variants=(),
        quotes=(replace(known.entries[0].quotes[0], clause_id=card.id, start=0, end=9, text=card.text[:9]),),
    )
    reply = asking(replace(known, entries=(*known.entries, fridge)))("市民要做哪些")
    assert [c.source_kind for c in reply.citations] == ["clause", "clause", "programme"]
    assert DISCLAIMER in reply.text


def test_what_somebody_is_responsible_for_comes_before_aims_and_definitions() -> None:
    known = audience_world()
    bound = replace(tiny.CARS, departments=("市商务委",))
    ask = asking(replace(known, clauses=(tiny.CLOTHES, bound, tiny.FOOD)))
    assert [c.clause_id for c in ask("市民要做哪些").citations] == ["plan#2", "plan#1"]


def test_mixed_forces_are_never_given_as_something_one_can_claim() -> None:
    known = audience_world()
    entries = (replace(known.entries[0], force="right"), known.entries[1])
    reply = asking(replace(known, entries=entries))("市民要做哪些")
    assert reply.force == "work_plan"
    assert "不等于可以申领的权利" in reply.text


def test_without_audiences_and_departments_no_question_is_a_list() -> None:
    bare = Listing(tiny.knowledge(lexicon=Lexicon()))
    assert bare.wanted("我开小面馆，哪些归我管") is None
    assert bare.wanted("商务委负责哪些") is None
    assert bare.wanted("2025年都有哪些指标") is not None
