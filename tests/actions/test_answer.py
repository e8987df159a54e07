"""Replies composed over a tiny knowledge: what is quoted, what is said around it, and what is not claimed."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date

import pytest

from actions.answer import Answerer
from actions.citations import cite
from actions.composing import answer_reply
from actions.context import Memory, TurnContext
from actions.replies import Reply
from index.search import Candidate, Outcome, Searcher, Why
from index.snapshot import Ingredients, assemble
from knowledge.content_loader import load_shipped
from knowledge.model import Clause, Knowledge, Quote, Source
from tests.index import tiny

Ask = Callable[..., Reply]
WORK_PLAN = "这是工作安排，文件没有给出金额或办理方式。"
TARGET = "这是文件定下的目标，不代表已经完成。"
DISCLAIMER = "据公开报道整理，以官方最新通知为准"
DENIALS = ("没有这项规定", "没有这个规定", "没有相关规定", "没有规定", "不存在")
FOUR = tuple(
    tiny.clause(str(number), f"{place}用水", f"推广{place}节水器具。")
    for number, place in enumerate(("家庭", "工厂", "学校", "农田", "医院"), 1)
)


def asking(knowledge: Knowledge, *, answer_at: float = 0.5, today: date = tiny.DAY) -> Ask:
    searcher: Searcher = assemble(
        knowledge, Ingredients(tiny.BigramEncoder(), tiny.ranking(answer_at)), "snapshot-1"
    )
    answerer = Answerer(lambda: searcher, lambda: today)

    def ask(question: str, **fields: object) -> Reply:
        return answerer.reply(question, request_id="r1", **fields)  # type: ignore[arg-type]

    return ask


def with_entry(number: int, **changes: object) -> Knowledge:
    known = tiny.knowledge()
    entries = list(known.entries)
    entries[number] = replace(entries[number], **changes)  # type: ignore[arg-type]
    return replace(known, entries=tuple(entries))


def saving_water(entries: int) -> Knowledge:
    """Five clauses that speak of 节水 alike, the first so many of them with an approved question."""
    asked = tuple(
        tiny.entry(f"water-{c.path}", c, c.text[c.text.index("推广") :], f"{c.heading}怎么推广器具？")
        for c in FOUR[:entries]
    )
    return tiny.knowledge(clauses=FOUR, entries=asked, programmes=())


@pytest.fixture
def ask() -> Ask:
    return asking(tiny.knowledge())


@pytest.mark.parametrize(
    ("question", "clause"),
    [("电车占好多", tiny.CARS), ("不要的衣裳捐给哪个", tiny.CLOTHES), ("半份菜", tiny.FOOD)],
)
def test_an_answer_cites_its_clause_first_and_word_for_word(ask: Ask, question: str, clause: Clause) -> None:
    reply = ask(question)
    first = reply.citations[0]
    assert reply.kind == "answer"
    assert (first.clause_id, first.source_kind, first.clause_label) == (clause.id, "clause", clause.label)
    assert first.quote == clause.text[first.start : first.end] != ""
    assert first.quote in reply.text


def test_a_citation_carries_the_document_and_a_link_to_the_marked_words(ask: Ask) -> None:
    first = ask("电车占好多").citations[0]
    document = tiny.document()
    assert (first.document_id, first.document_title) == ("plan", document.title)
    assert (first.document_number, first.issuers) == (document.document_number, list(document.issuers))
    assert (first.issued_on, first.status, first.checked_on) == (document.issued_on, "unstated", None)
    assert first.url == f"/policies/plan?span=2:{first.start}-{first.end}#2"


def test_every_shipped_quote_is_found_verbatim_at_its_offsets() -> None:
    knowledge = load_shipped()
    assert knowledge.entries
    for entry in knowledge.entries:
        for quote in entry.quotes:
            citation = cite(knowledge, quote.clause_id, quote.start, quote.end, tiny.DAY)
            clause = knowledge.clause_by_id.get(quote.clause_id)
            whole = clause.text if clause else knowledge.programme_by_id[quote.clause_id].text
            assert citation.quote == quote.text == whole[citation.start : citation.end] != "", entry.id
            if clause:
                span = f"{clause.path}:{quote.start}-{quote.end}"
                assert citation.url == f"/policies/{clause.document_id}?span={span}#{clause.path}"


def test_an_approved_plain_sentence_comes_before_the_quote() -> None:
    reply = asking(with_entry(1, plain="2025年的目标是新车两成以上为新能源车。"))("电车占好多")
    assert reply.plain == "2025年的目标是新车两成以上为新能源车。"
    assert reply.text.startswith(reply.plain)
    assert reply.text.index(reply.citations[0].quote) > len(reply.plain)
    assert "《绿色消费试行方案》渝试〔2024〕1号" in reply.text


def test_without_a_plain_sentence_the_text_leads_with_where_it_stands(ask: Ask) -> None:
    reply = ask("电车占好多")
    assert reply.plain is None
    assert reply.text.startswith(f"《绿色消费试行方案》第2条交通消费写的是：“{reply.citations[0].quote}”")


def test_further_quotes_of_an_entry_follow_in_order() -> None:
    known = tiny.knowledge()
    more = Quote(tiny.FOOD.id, 0, len(tiny.FOOD.text), tiny.FOOD.text)
    reply = asking(with_entry(1, quotes=(*known.entries[1].quotes, more)))("电车占好多")
    assert [citation.clause_id for citation in reply.citations] == ["plan#2", "plan#3"]
    assert reply.text.index(reply.citations[0].quote) < reply.text.index(tiny.FOOD.text)


@pytest.mark.parametrize(
    ("force", "caveat"),
    [("target", TARGET), ("encouragement", WORK_PLAN), ("work_plan", WORK_PLAN), ("right", ""), ("duty", ""), ("price", "")],
)  # fmt: skip
def test_what_nobody_can_claim_says_so(force: str, caveat: str) -> None:
    reply = asking(with_entry(1, force=force))("电车占好多")
    assert reply.force == force
    assert [words for words in (TARGET, WORK_PLAN) if words in reply.text] == ([caveat] if caveat else [])


def test_without_an_approved_force_the_words_of_the_clause_give_it(ask: Ask) -> None:
    assert ask("电车占好多").force == "target"
    assert ask("不要的衣裳捐给哪个").force == "encouragement"


def test_a_programme_says_that_its_words_are_ours_and_shows_only_what_opens() -> None:
    known = tiny.knowledge()
    closed = Source("镜像", "某站", None, "补贴")
    fridge = replace(known.programmes[0], sources=(*known.programmes[0].sources, closed))
    reply = asking(replace(known, programmes=(fridge,)))("买冰箱补15%")
    first = reply.citations[0]
    assert (reply.kind, reply.force) == ("answer", "right")
    assert DISCLAIMER in reply.text
    assert "2026-11-01" in reply.text
    assert (first.source_kind, first.clause_id, first.document_id) == ("programme", "fridge", "fridge")
    assert (first.checked_on, first.status) == (date(2026, 11, 1), "in_force")
    assert [source.url for source in first.sources] == ["https://example.org/a"]
    assert first.quote == fridge.text[first.start : first.end]


def test_a_clause_answer_that_also_rests_on_a_programme_says_whose_words_those_are() -> None:
    known = tiny.knowledge()
    card = known.programmes[0]
    more = Quote(card.id, 0, len(card.text), card.text)
    reply = asking(with_entry(1, quotes=(*known.entries[1].quotes, more)))("电车占好多")
    assert [citation.source_kind for citation in reply.citations] == ["clause", "programme"]
    assert DISCLAIMER in reply.text


def test_an_abstention_speaks_of_the_library_and_gives_a_person_to_ask(ask: Ask) -> None:
    reply = ask("公积金提取")
    assert (reply.kind, reply.citations, reply.force) == ("abstain", [], None)
    assert reply.reason in {"out_of_scope", "not_in_library"}
    assert reply.text.startswith("我收录的文件里没有")
    assert [contact.phone for contact in reply.contacts] == ["12345"]
    assert "12345" in reply.text


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("捐赠旧衣物的门店地址", "地点"),
        ("餐饮企业提供小份菜罚多少钱", "金额或费用"),
        ("综合能源站电话号码", "联系方式"),
    ],
)
def test_a_text_that_is_silent_is_named_with_what_it_lacks(question: str, lacking: str) -> None:
    reply = asking(tiny.knowledge(), answer_at=0.1)(question)
    assert (reply.kind, reply.reason) == ("abstain", "text_is_silent")
    assert f"没有写明您问的{lacking}" in reply.text
    assert "我收录的文件里" in reply.text


@pytest.mark.parametrize(
    "question", ["公积金提取", "捐赠旧衣物的门店地址", "冰箱换新电话号码", "👍", "", "天气"]
)
def test_an_abstention_never_says_that_there_is_no_rule(ask: Ask, question: str) -> None:
    reply = ask(question)
    assert reply.kind == "abstain"
    assert not [words for words in DENIALS if words in reply.text]
    assert [contact.phone for contact in reply.contacts] == ["12345"]


def test_further_reading_of_an_abstention_is_not_called_an_answer(ask: Ask) -> None:
    reply = ask("捐赠旧衣物的门店地址")
    assert [citation.clause_id for citation in reply.related][:1] == ["plan#1"]
    assert reply.citations == []
    assert "但它不是答案" in reply.text
    assert all(citation.quote in reply.text for citation in reply.related)


def test_an_expired_programme_is_named_with_the_day_it_ended(ask: Ask) -> None:
    reply = ask("买冰箱补15%", as_of=date(2027, 1, 1))
    assert (reply.kind, reply.reason, reply.as_of) == ("abstain", "expired", date(2027, 1, 1))
    assert "《冰箱换新补贴》只管到2026-12-31，您问的日子已过期" in reply.text


def test_a_programme_that_has_not_begun_is_not_called_expired(ask: Ask) -> None:
    reply = ask("买冰箱补15%", as_of=date(2025, 12, 31))
    assert (reply.kind, reply.reason) == ("abstain", "not_in_library")
    assert "《冰箱换新补贴》从2026-01-01起才施行" in reply.text
    assert "到期" not in reply.text


def test_a_superseded_document_is_named_as_replaced() -> None:
    old = replace(tiny.document(), superseded_by="plan-2")
    reply = asking(tiny.knowledge(documents=(old,)))("电车占好多")
    assert (reply.kind, reply.reason) == ("abstain", "expired")
    assert "《绿色消费试行方案》已被新的文件取代" in reply.text


def test_a_line_that_nobody_has_verified_is_never_an_answer() -> None:
    card = tiny.programme("bike", "自行车租借押金本次未核实")
    reply = asking(tiny.knowledge(programmes=(card,)))("自行车租借押金")
    assert (reply.kind, reply.reason) == ("abstain", "unverified")
    assert "还没有核实" in reply.text


def test_a_broad_question_is_asked_back_with_approved_questions() -> None:
    knowledge = saving_water(entries=5)
    reply = asking(knowledge)("节水")
    assert reply.kind == "clarify"
    assert reply.reason is None
    assert 2 <= len(reply.suggestions) <= 4
    approved = {entry.question for entry in knowledge.entries}
    assert {choice.message for choice in reply.suggestions} <= approved
    assert all(choice.label in reply.text for choice in reply.suggestions)


def test_every_choice_that_was_offered_is_answered_when_pressed() -> None:
    ask = asking(saving_water(entries=5))
    for choice in ask("节水").suggestions:
        assert ask(choice.message).kind == "answer"


@pytest.mark.parametrize("entries", [0, 1])
def test_without_two_choices_it_abstains_instead(entries: int) -> None:
    reply = asking(saving_water(entries))("节水")
    assert (reply.kind, reply.reason) == ("abstain", "not_in_library")
    assert reply.text.startswith("我收录的文件里没有")


@pytest.mark.parametrize(
    ("question", "joined"),
    [
        ("那冰箱呢", "冰箱换新补好多"),
        ("那么冰箱呢？", "冰箱换新补好多"),
        ("要是冰箱喃", "冰箱换新补好多"),
        ("冰箱", "冰箱换新补好多"),
    ],
)
def test_a_follow_up_is_read_with_the_question_before(question: str, joined: str) -> None:
    sure = assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    answered = sure.search("买冰箱补15%", as_of=tiny.DAY)
    asked: list[str] = []

    class OnlyJoined(Searcher):
        """Finds nothing in an elliptic question, and the programme in the one it stands for."""

        def search(self, question: str, *, as_of: date, hidden: Collection[str] = ()) -> Outcome:
            asked.append(question)
            return answered if question == joined else Outcome("abstain", "nothing", 0.0, ())

    searcher = OnlyJoined(sure.knowledge, sure.evidence, sure.ranking, "snapshot-1")
    answerer = Answerer(lambda: searcher, lambda: tiny.DAY)
    context = TurnContext(entities=(("item", "冰箱"),), memory=Memory(asked="换新补好多"))
    reply = answerer.reply(question, request_id="r1", context=context)
    assert asked == [question, joined]
    assert (reply.kind, reply.citations[0].clause_id) == ("answer", "fridge")


@pytest.mark.parametrize("message", ["/greet", "asdf", "红烧肉怎么做才好吃", "我想办护照"])
def test_what_names_nothing_known_is_not_answered_from_the_question_before(message: str) -> None:
    sure = assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    answered = sure.search("买冰箱补15%", as_of=tiny.DAY)

    class TakesAnyWordBeside(Searcher):
        """Answers whatever holds the question before, and finds nothing in the message alone."""

        def search(self, question: str, *, as_of: date, hidden: Collection[str] = ()) -> Outcome:
            return answered if "换新补好多" in question else Outcome("abstain", "nothing", 0.0, ())

    searcher = TakesAnyWordBeside(sure.knowledge, sure.evidence, sure.ranking, "snapshot-1")
    answerer = Answerer(lambda: searcher, lambda: tiny.DAY)
    reply = answerer.reply(message, request_id="r1", context=TurnContext(memory=Memory(asked="换新补好多")))
    assert (reply.kind, reply.reason) == ("abstain", "out_of_scope")


def test_a_question_that_stands_alone_ignores_the_one_before(ask: Ask) -> None:
    alone = ask("电车占好多")
    after = ask("电车占好多", context=TurnContext(memory=Memory(asked="不要的衣裳捐给哪个")))
    assert after.citations == alone.citations


@pytest.mark.parametrize("question", ["电车占好多", "公积金提取", "捐赠旧衣物的门店地址", ""])
def test_every_reply_names_its_snapshot_and_its_day(ask: Ask, question: str) -> None:
    assert (ask(question).snapshot, ask(question).as_of) == ("snapshot-1", tiny.DAY)
    assert ask(question, as_of=date(2026, 3, 1)).as_of == date(2026, 3, 1)
    assert ask(question).id != ask(question).id


def test_further_reading_never_repeats_the_cited_clause() -> None:
    reply = asking(saving_water(entries=5))("推广节水器具")
    assert reply.kind == "answer"
    cited = {citation.clause_id for citation in reply.citations}
    related = {citation.clause_id for citation in reply.related}
    assert len(reply.related) == len(related) == 2
    assert not cited & related


def test_suggestions_are_other_approved_questions() -> None:
    knowledge = saving_water(entries=5)
    reply = asking(knowledge)("推广节水器具")
    others = {e.question for e in knowledge.entries if e.quotes[0].clause_id != reply.citations[0].clause_id}
    assert 1 <= len(reply.suggestions) <= 3
    assert {suggestion.message for suggestion in reply.suggestions} <= others
    assert [s.label for s in reply.suggestions] == [s.message for s in reply.suggestions]


@pytest.mark.parametrize(
    ("behind", "why", "shown"), [(0.5, "sure", True), (1.5, "sure", False), (0.5, "worded", False)]
)
def test_what_search_hardly_tells_from_the_answer_is_quoted_with_it(
    behind: float, why: Why, shown: bool
) -> None:
    searcher = assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    target, stations = (p for p in searcher.evidence.passages.passages if p.clause_id == tiny.CARS.id)
    best = Candidate(target, 5.0, None, "in_force")
    found = (best, Candidate(stations, 5.0 - behind, None, "in_force"))
    reply = answer_reply(searcher, Outcome("answer", why, 0.9, found), "电车占好多", tiny.DAY)
    assert [c.quote for c in reply.citations] == [target.text, *([stations.text] if shown else [])]
    assert (f"同一处还写明：“{stations.text}”" in reply.text) == shown


def test_another_clause_is_never_quoted_with_the_answer_however_near() -> None:
    searcher = assemble(tiny.knowledge(), Ingredients(tiny.BigramEncoder(), tiny.ranking()))
    passages = searcher.evidence.passages.passages
    found = tuple(Candidate(p, 5.0, None, "in_force") for p in (passages[0], passages[-1]))
    assert passages[0].clause_id != passages[-1].clause_id
    reply = answer_reply(searcher, Outcome("answer", "sure", 0.9, found), "旧衣服", tiny.DAY)
    assert [c.quote for c in reply.citations] == [passages[0].text]
