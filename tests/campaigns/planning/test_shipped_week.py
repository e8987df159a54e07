"""The preset against the shipped knowledge: every quote verbatim, every clause there, every reply answered."""

from __future__ import annotations

import re
from datetime import date

import pytest

from api.campaigning.grounds import PublishedGrounds
from campaigns.content import DEFAULT
from campaigns.offer import load_offer
from campaigns.planning.checks import cited
from campaigns.planning.preset import PresetMessage, known_days, load_preset
from campaigns.rendering import problems
from knowledge.content_loader import load_shipped
from knowledge.model import Knowledge
from tests.campaigns.planning.world import WEB

PRESET = load_preset()
QUOTED = re.compile("“([^“”]{7,})”")


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_shipped()


def test_the_plan_names_five_days_and_the_other_two_say_that_they_are_ours(knowledge: Knowledge) -> None:
    named = knowledge.clause_by_id[PRESET.rests_on].text
    assert "节粮、节水、节电、绿色出行、绿色购物" in named
    for day in PRESET.days:
        assert day.ours is (day.name not in named), day.name
        assert ("我们加的" in day.message.versions[DEFAULT].text) is day.ours, day.name
    assert [day.name for day in PRESET.days if day.ours] == ["旧物回收", "绿色居家"]


@pytest.mark.parametrize("message", PRESET.messages, ids=lambda message: message.key)
def test_every_quote_stands_in_its_clause_word_for_word(knowledge: Knowledge, message: PresetMessage) -> None:
    content = message.message.versions[DEFAULT]
    for quote in message.quotes:
        assert quote.words in knowledge.clause_by_id[quote.clause_id].text
        assert f"“{quote.words}”" in content.text
        assert quote.clause_id in message.message.clause_ids
    texts = [content.text, content.quiz.explanation if content.quiz else ""]
    held = [knowledge.clause_by_id[clause].text for clause in cited(message.message)]
    for words in (words for text in texts for words in QUOTED.findall(text)):
        assert any(words in text for text in held), words


@pytest.mark.parametrize("message", PRESET.messages, ids=lambda message: message.key)
def test_every_clause_is_published_and_named_by_its_own_number(
    knowledge: Knowledge, message: PresetMessage
) -> None:
    assert PublishedGrounds(lambda: knowledge).problems(cited(message.message), date(2026, 11, 23)) == {}
    labels = {knowledge.clause_by_id[clause].label for clause in cited(message.message)}
    for said in re.findall("第.部分（.{1,3}）", message.message.versions[DEFAULT].text):
        assert any(label.startswith(said) for label in labels), said


@pytest.mark.parametrize("message", PRESET.messages, ids=lambda message: message.key)
def test_every_quick_reply_is_a_question_that_is_answered(
    knowledge: Knowledge, message: PresetMessage
) -> None:
    answered = {entry.question for entry in knowledge.entries}
    replies = message.message.versions[DEFAULT].quick_replies
    assert replies
    assert set(replies) <= answered


@pytest.mark.parametrize("message", PRESET.messages, ids=lambda message: message.key)
def test_every_message_passes_the_checks_and_has_a_pledge(message: PresetMessage) -> None:
    content = message.message.versions[DEFAULT]
    assert problems(message.message, {"web": WEB}) == []
    assert content.pledge
    assert len(content.text) <= 300
    assert set(message.topics) <= set(load_offer().topics.names)


def test_each_of_the_seven_days_has_a_quiz() -> None:
    assert all(day.message.versions[DEFAULT].quiz for day in PRESET.days)


def test_no_date_is_shipped() -> None:
    assert [day.name for day in known_days()] == ["全国节能宣传周", "全国低碳日", "六五环境日"]
    assert all("请填" in day.hint for day in known_days())
