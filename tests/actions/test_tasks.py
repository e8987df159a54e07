"""Guided tasks, step by step: answers, corrections, leaving, questions in the middle, and nonsense."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine

from actions.answer import Answerer
from actions.context import Answered, Memory, TurnContext
from actions.replies import Reply
from actions.tasks.assembling import TASK_OF_INTENT
from actions.tasks.eligible import Eligibility
from actions.tasks.erasing import Erase
from actions.tasks.handing_over import HandOver
from actions.tasks.judging import Judge
from actions.tasks.model import Progress, Task, Turn
from actions.tasks.runner import Runner, Step
from actions.tasks.subscribing import MySubscriptions, Subscribe, Unsubscribe
from campaigns.consent import load_terms
from campaigns.model import Subscriber
from campaigns.store.tables import metadata
from campaigns.subscriptions import Subscriptions
from index.encoder import BUILTIN, load_encoder
from index.ranking import Ranking, weights_file
from index.snapshot import Ingredients, assemble
from knowledge.content_loader import load_shipped

DAY = date(2026, 11, 21)
NOON = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ME = Subscriber("resident", "web")


@dataclass
class KeptInbox:
    opened: list[dict[str, Any]] = field(default_factory=list)

    def open(self, **said: Any) -> str:
        self.opened.append(said)
        return "受理编号 K7MQ2P。工作人员会在周一17:30前回复。"


@dataclass
class KeptOpinions:
    judged: list[dict[str, Any]] = field(default_factory=list)

    def judge_last(self, **said: Any) -> bool:
        self.judged.append(said)
        return True


class Courtesy:
    def say(self, intent: str) -> Mapping[str, Any] | None:
        return {"kind": "smalltalk", "text": "不客气！"} if intent == "thank" else None


@dataclass
class Questions:
    answerer: Answerer

    def turn(self, question: str, *, request_id: str, memory: Memory) -> Answered:
        return self.answerer.turn(question, request_id=request_id, context=TurnContext(memory=memory))


def make(**fields: Any) -> Reply:
    return Reply.model_validate({"id": "r", "as_of": DAY, "snapshot": "s", **fields})


class Talk:
    """One resident in conversation with a runner: keeps progress, memory and clock as the tracker does."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.progress: Progress | None = None
        self.memory = Memory()
        self.now = NOON
        self.step: Step | None = None

    def begin(self, task: str, message: str) -> str:
        return self._took(self._runner.begin(task, self._stored(), self._turn(message, "")))

    def say(self, message: str, intent: str = "ask_policy") -> str:
        stored = self._stored()
        assert stored is not None, "no task is under way"
        return self._took(self._runner.advance(stored, self._turn(message, intent)))

    @property
    def kinds(self) -> list[str]:
        assert self.step is not None
        return [reply.kind for reply in self.step.replies]

    def _stored(self) -> Progress | None:
        return Progress.of_slot(self.progress.to_slot()) if self.progress else None

    def _turn(self, message: str, intent: str) -> Turn:
        return Turn("resident", "web", "request-1", message, DAY, self.now, intent, self.memory)

    def _took(self, step: Step) -> str:
        self.step, self.progress = step, step.progress
        self.memory = step.memory or self.memory
        return "\n".join(reply.text for reply in step.replies)


@pytest.fixture(scope="module")
def answerer() -> Answerer:
    encoder = load_encoder(BUILTIN)
    weights = Ranking.load(weights_file(encoder.fingerprint))
    searcher = assemble(load_shipped(), Ingredients(encoder, weights), "snapshot-1")
    return Answerer(lambda: searcher, lambda: DAY)


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def subscriptions(engine: Engine) -> Subscriptions:
    return Subscriptions(engine, now=lambda: NOON)


@pytest.fixture
def inbox() -> KeptInbox:
    return KeptInbox()


@pytest.fixture
def opinions() -> KeptOpinions:
    return KeptOpinions()


@pytest.fixture
def talk(answerer: Answerer, subscriptions: Subscriptions, inbox: KeptInbox, opinions: KeptOpinions) -> Talk:
    tasks: list[Task] = [
        Subscribe(subscriptions, load_terms(), lambda: answerer.mentions),
        Unsubscribe(subscriptions),
        Eligibility(lambda: answerer.knowledge),
        HandOver(inbox),
        Judge(opinions),
        Erase(),
    ]
    return Talk(
        Runner(
            {task.name: task for task in tasks},
            answers=Questions(answerer), small_talk=Courtesy(), make=make, task_of_intent=TASK_OF_INTENT,
        )
    )  # fmt: skip


def test_subscribing_asks_where_and_what_and_shows_the_wording_before_it_keeps_anything(
    talk: Talk, subscriptions: Subscriptions
) -> None:
    assert "哪个区县" in talk.begin("subscribe", "我要订阅消息")
    assert "主题" in talk.say("渝北")
    assert "渝北区；垃圾分类" in talk.say("垃圾分类")
    shown = talk.say("换成旧物回收和节能节水")
    assert load_terms().wording.text in shown
    assert "渝北区；旧物回收、节能节水" in shown
    assert subscriptions.subscriptions_of(subscriber=ME) == ()
    assert "订好了" in talk.say("同意")
    (kept,) = subscriptions.subscriptions_of(subscriber=ME)
    assert (kept.district, kept.topics) == ("渝北区", ("旧物回收", "节能节水"))
    (consent,) = subscriptions.consents_of(subscriber=ME)
    assert (consent.wording, consent.message_id) == (load_terms().wording, "request-1")
    assert talk.step is not None
    assert talk.step.ended


def test_who_does_not_agree_is_not_subscribed(talk: Talk, subscriptions: Subscriptions) -> None:
    talk.begin("subscribe", "订阅全市的活动周消息")
    assert "没有订阅" in talk.say("不同意")
    assert subscriptions.subscriptions_of(subscriber=ME, include_ended=True) == ()


def test_an_answer_given_before_can_be_corrected(talk: Talk, subscriptions: Subscriptions) -> None:
    talk.begin("subscribe", "订阅活动周")
    talk.say("渝北区")
    assert "万州区；" in talk.say("不对，区县改成万州区")
    talk.say("同意")
    assert subscriptions.subscriptions_of(subscriber=ME)[0].district == "万州区"


def test_one_step_back_asks_again(talk: Talk) -> None:
    talk.begin("subscribe", "我要订阅")
    talk.say("渝北区")
    assert "哪个区县" in talk.say("上一步")
    assert "第一步" in talk.say("上一步")


@pytest.mark.parametrize("words", ["算了", "不订了 退订", "退出", "不弄了", "取消"])
def test_a_task_can_be_left_and_taken_up_where_it_was(talk: Talk, words: str) -> None:
    talk.begin("subscribe", "我要订阅")
    talk.say("渝北区")
    talk.say(words)
    assert talk.step is not None
    assert (talk.kinds, talk.step.ended) == (["form"], True)
    assert talk.progress is not None
    assert talk.progress.left
    resumed = talk.begin("subscribe", "继续订阅")
    assert "接着来" in resumed
    assert "主题" in resumed


def test_a_question_in_the_middle_is_answered_and_the_thread_goes_on(talk: Talk) -> None:
    talk.begin("subscribe", "我要订阅")
    said = talk.say("餐馆可以点小份菜吗")
    assert talk.kinds == ["answer", "form"]
    assert "小份菜" in said
    assert "哪个区县" in said
    assert talk.memory.asked == "餐馆可以点小份菜吗"
    assert "主题" in talk.say("渝北区")


def test_thanks_in_the_middle_are_met_and_the_thread_goes_on(talk: Talk) -> None:
    talk.begin("handoff", "转人工")
    talk.say("渝北的旧沙发没人收")
    talk.say("谢谢", intent="thank")
    assert talk.kinds == ["smalltalk", "form"]


def test_nonsense_is_asked_again_and_then_shown_the_way_out(talk: Talk) -> None:
    talk.begin("eligibility", "我能领好多")
    for _ in range(3):
        said = talk.say("咕噜咕噜")
    assert "转人工" in said
    assert talk.step is not None
    assert "算了" in [choice.message for choice in talk.step.replies[-1].suggestions]


def test_another_task_takes_over_and_the_first_one_waits(talk: Talk) -> None:
    talk.begin("eligibility", "我能领好多")
    talk.say("我要订阅消息", intent="subscribe")
    assert talk.step is not None
    assert (talk.step.replies, talk.step.follow, talk.step.ended) == ((), "subscribe", True)
    assert talk.progress is not None
    assert (talk.progress.task, talk.progress.left) == ("eligibility", True)


def test_after_a_day_of_silence_an_answer_still_counts(talk: Talk) -> None:
    talk.begin("subscribe", "我要订阅")
    talk.now += timedelta(days=1)
    assert "主题" in talk.say("渝北区")


def test_after_a_day_of_silence_a_question_is_a_question(talk: Talk) -> None:
    talk.begin("subscribe", "我要订阅")
    talk.now += timedelta(days=1)
    talk.say("餐馆可以点小份菜吗")
    assert talk.step is not None
    assert (talk.kinds, talk.step.ended) == (["answer"], True)


def test_unsubscribing_from_one_of_two_topics_keeps_the_other(
    talk: Talk, subscriptions: Subscriptions
) -> None:
    wording = load_terms().wording
    subscriptions.subscribe(subscriber=ME, topics=["旧物回收", "节能节水"], wording=wording, message_id="m-1")
    assert "要退哪些" in talk.begin("unsubscribe", "退订")
    said = talk.say("旧物回收")
    assert "已退订：旧物回收" in said
    assert "节能节水" in said
    assert subscriptions.subscriptions_of(subscriber=ME)[0].topics == ("节能节水",)


def test_unsubscribing_without_a_subscription_says_so_at_once(talk: Talk) -> None:
    assert "没有订阅" in talk.begin("unsubscribe", "退订")
    assert talk.step is not None
    assert talk.step.ended


def test_what_is_subscribed_to_is_told(subscriptions: Subscriptions) -> None:
    turn = Turn("resident", "web", "r", "我订了什么", DAY, NOON)
    assert "还没有订阅" in MySubscriptions(subscriptions).tell(turn).text
    subscriptions.subscribe(
        subscriber=ME, topics=["绿色出行"], wording=load_terms().wording, message_id="m-1", district="渝中区"
    )
    told = MySubscriptions(subscriptions).tell(turn).text
    assert "渝中区；绿色出行" in told
    assert "2026-11-21" in told


def test_a_ticket_takes_the_question_before_and_the_contact_that_the_app_kept(
    talk: Talk, inbox: KeptInbox
) -> None:
    talk.memory = Memory(asked="旧沙发哪个来拉", district="渝北区")
    assert "旧沙发哪个来拉" in talk.begin("handoff", "转人工")
    assert "电话或邮箱" in talk.say("是的")
    assert "没认出" in talk.say("微信上找我")
    said = talk.say("〔电话号码〕")
    assert "K7MQ2P" in said
    assert "12345" in said
    assert inbox.opened == [
        {
            "person": "resident", "channel": "web", "question": "旧沙发哪个来拉", "district": "渝北区",
            "with_contact": True,
        }
    ]  # fmt: skip


def test_a_ticket_needs_no_contact(talk: Talk, inbox: KeptInbox) -> None:
    talk.begin("handoff", "我要找真人")
    talk.say("收荒匠不准进小区我找哪个")
    talk.say("不留")
    assert [(one["question"], one["with_contact"]) for one in inbox.opened] == [
        ("收荒匠不准进小区我找哪个", False)
    ]


def test_an_opinion_is_kept_with_its_reason(talk: Talk, opinions: KeptOpinions) -> None:
    assert "还没有给过" in talk.begin("feedback", "没用")
    talk.memory = Memory(asked="x", cited=("cq-2022-11#2.4",))
    assert "哪里不好" in talk.begin("feedback", "刚才那个没用")
    talk.say("没答我问的")
    assert opinions.judged == [
        {"person": "resident", "useful": False, "reason": "not_my_question", "comment": None}
    ]


def test_records_are_deleted_only_after_a_second_word(talk: Talk) -> None:
    assert "确定要删吗" in talk.begin("erase", "删除我的记录")
    talk.say("确定删除")
    assert talk.step is not None
    form = talk.step.replies[-1].form
    assert form is not None
    assert (form.done, form.outcome) == (True, "erased")


def test_keeping_the_records_deletes_nothing(talk: Talk) -> None:
    talk.begin("erase", "删除我的记录")
    talk.say("不删")
    assert talk.step is not None
    form = talk.step.replies[-1].form
    assert form is not None
    assert (form.done, form.outcome) == (True, None)


def test_a_calculation_asks_what_matters_and_tells_the_rule(talk: Talk) -> None:
    said = talk.begin("eligibility", "我报废旧车买个15万的电车能领多少")
    for answer in ("2012年5月1日", "汽油"):
        assert talk.step is not None
        if talk.step.ended:
            break
        said = talk.say(answer)
    assert talk.step is not None
    assert talk.step.ended, said
    reply = talk.step.replies[-1]
    assert "18000" in said.replace(",", "")
    assert {citation.document_id for citation in reply.citations} >= {"national-car-scrappage-2026"}
    assert all(citation.quote in said or citation.quote for citation in reply.citations)


def test_a_price_can_be_corrected_after_the_end_of_a_calculation(talk: Talk) -> None:
    talk.begin("eligibility", "我买5000块的一级能效冰箱能领多少")
    assert talk.step is not None
    assert talk.step.ended
    assert "750" in talk.step.replies[-1].text
    said = talk.begin("eligibility", "打错了，是八千二百块")
    assert talk.step.ended
    assert "1230" in said
    assert "750" in talk.begin("eligibility", "看错标签了，是五千块")
    assert talk.progress is not None
    assert talk.progress.done
    talk.now += timedelta(minutes=11)
    assert "1230" not in talk.begin("eligibility", "打错了，是六千块")


@pytest.mark.parametrize(
    "slot", [None, 7, "x", {}, {"task": "subscribe"}, {"task": "t", "field": None, "values": [], "at": "x"}]
)
def test_a_slot_that_is_no_progress_counts_as_none(slot: object) -> None:
    assert Progress.of_slot(slot) is None
