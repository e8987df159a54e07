"""A reply to a campaign message: read with its clause, or told what the message rests on."""

from __future__ import annotations

from datetime import UTC, datetime

from actions.activities import Activities
from actions.answer import Answerer
from actions.context import Memory, Prompt, TurnContext
from actions.prompted import taken_up
from actions.quoting import citations_for
from actions.turns import prompt_of
from index.snapshot import Ingredients, assemble
from knowledge.model import Knowledge
from tests.actions.test_activities import RIDING, Wall
from tests.index import tiny

KNOWN: Knowledge = tiny.knowledge()
ENTRY = next(entry for entry in KNOWN.entries if entry.quotes)
CLAUSE = KNOWN.clause_by_id[ENTRY.quotes[0].clause_id]
PROMPT = Prompt(f"今天的消息：“{ENTRY.quotes[0].text}”", (CLAUSE.id,), None)


def answerer() -> Answerer:
    searcher = assemble(KNOWN, Ingredients(tiny.BigramEncoder(), tiny.ranking(0.5)), "snapshot-1")
    made = Answerer(lambda: searcher, lambda: tiny.DAY)
    made.tell_of(Activities(Wall([RIDING]), now=lambda: datetime(2026, 11, 21, 4, 0, tzinfo=UTC)))
    return made


def test_the_memory_starts_from_the_question_that_the_messages_clause_answers() -> None:
    before = Memory(asked="别的事", cited=("x",), item="冰箱", district="江北区", role="居民", misses=2)
    assert taken_up(KNOWN, PROMPT, before) == Memory(
        asked=ENTRY.question, cited=(CLAUSE.id,), district="江北区", role="居民"
    )


def test_a_reply_that_names_nothing_is_told_what_the_message_rests_on() -> None:
    reply = answerer().reply("具体咋个的嘛", request_id="r1", context=TurnContext(prompt=PROMPT))
    assert reply.kind in {"answer", "notice"}
    assert reply.citations[0].clause_id == CLAUSE.id
    assert reply.citations[0].quote in CLAUSE.text


def test_what_the_message_rests_on_comes_with_its_activity() -> None:
    prompt = Prompt("周四骑车去。", (), RIDING.id)
    reply = answerer().reply("具体咋个的嘛", request_id="r1", context=TurnContext(prompt=prompt))
    assert reply.kind == "notice"
    assert reply.text.startswith("绿色出行骑行日\n时间：")


def test_a_question_about_something_else_is_answered_as_always() -> None:
    alone = answerer().reply("解放碑停车难不难", request_id="r1")
    prompted = answerer().reply("解放碑停车难不难", request_id="r1", context=TurnContext(prompt=PROMPT))
    assert (prompted.kind, prompted.text) == (alone.kind, alone.text)


def test_a_clause_is_quoted_with_the_words_that_the_message_quotes() -> None:
    words = CLAUSE.text[2:9]
    (cited,) = citations_for(KNOWN, [CLAUSE.id, CLAUSE.id, "gone#1"], f"文件说“{words}”", tiny.DAY)
    assert (cited.quote, cited.start, cited.end) == (words, 2, 9)


def test_a_prompt_travels_to_rasa_and_back_whole() -> None:
    class Call:
        def __init__(self) -> None:
            self.latest_message = {"metadata": {"prompt": PROMPT.as_json()}}

    assert prompt_of(Call()) == PROMPT  # type: ignore[arg-type]
    for broken in (None, "x", {}, {"text": 1}):
        assert Prompt.of_json(broken) is None
    assert Prompt.of_json({"text": "t", "clause_ids": "no", "activity_id": 3}) == Prompt("t")
