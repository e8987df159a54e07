"""Some weeks of residents' questions as the app would have stored them: for tests of figures and for looking at them.

What is answered comes from the approved wordings, what is not from the lists below. The same seed gives the same
weeks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Engine

from actions.citations import cite
from actions.finding import Finding
from actions.replies import Kind, Reason, Reply
from api.clock import LOCAL
from api.feedback import Feedback
from api.insights.facts import facts_of
from api.store.conversations import ConversationStore, Turn
from knowledge.model import Entry, Knowledge
from tests.api.kept import KEYS, SetClock

UNANSWERED: dict[str, tuple[str, ...]] = {
    "空调清洗": (
        "空调清洗有补贴吗",
        "洗空调政府补不补钱",
        "屋头空调清洗补贴好多",
        "空调清洗能不能领补贴",
        "清洗空调的补贴怎么申请",
    ),
    "扫地机器人": (
        "扫地机器人算不算以旧换新",
        "扫地机器人能不能参加以旧换新",
        "买扫地机器人补贴多少",
        "扫地机器人换新有补贴没得",
    ),
    "净水器": ("净水器有补贴吗", "换净水器补好多", "净水器能不能以旧换新", "买净水器国家补贴吗"),
    "电瓶车牌照": ("电瓶车怎么上牌照", "电瓶车上牌要什么材料", "电瓶车牌照去哪里办", "电瓶车不上牌会怎样"),
    "药品回收": ("过期药品怎么处理", "过期药丢哪里", "家里过期的药能回收吗", "过期药品回收点在哪里"),
    "屋顶光伏": (
        "自家屋顶装光伏补贴多少",
        "屋顶光伏发的电卖给谁",
        "农村屋顶装光伏要批准吗",
        "装光伏找哪个部门备案",
    ),
    "旧书": ("旧书哪里可以捐", "旧书回收多少钱一斤", "娃儿的旧课本能捐吗"),
    "天气": ("今天重庆热不热", "明天下雨不"),
}
CLARIFIED: dict[str, tuple[str, ...]] = {
    "补贴": ("补贴好多", "补贴怎么领", "有啥子补贴"),
    "冰箱": ("冰箱", "旧冰箱", "冰箱怎么弄"),
    "回收": ("怎么回收", "回收去哪里"),
}
RISING = "空调清洗"
"""Asked four times as often in the last week."""
DISTRICTS = (
    "渝北区",
    "江北区",
    "渝中区",
    "沙坪坝区",
    "九龙坡区",
    "万州区",
    "北碚区",
    "南岸区",
    "巴南区",
    "涪陵区",
)


@dataclass(frozen=True, slots=True)
class Weeks:
    """How much there was of what."""

    turns: int
    last_day: date


def fill(
    engine: Engine,
    knowledge: Knowledge,
    *,
    last_day: date,
    days: int = 28,
    a_day: int = 40,
    seed: int = 1,
) -> Weeks:
    """Store `days` days of about `a_day` turns, more of them on working days and towards the end."""
    chance, store = random.Random(seed), ConversationStore(engine)
    clock = SetClock()
    popular = chance.sample(knowledge.entries, min(60, len(knowledge.entries)))
    weights = [1 / (rank + 2) for rank in range(len(popular))]
    number = 0
    for back in range(days - 1, -1, -1):
        day = last_day - timedelta(days=back)
        growth = 0.6 + 0.4 * (days - back) / days
        turns = round(a_day * growth * (0.6 if day.weekday() > 4 else 1.0) * chance.uniform(0.8, 1.2))
        for _ in range(turns):
            number += 1
            at = _moment(chance, day)
            asked, reply, finding = _turn(chance, knowledge, popular, weights, day, rising=back < 7)
            if chance.random() < 0.25 and reply.kind != "smalltalk":
                asked = f"{chance.choices(DISTRICTS, range(len(DISTRICTS), 0, -1))[0]}{asked}"
            reply = reply.model_copy(update={"id": f"seed{seed}-r{number}"})
            conversation = f"seed{seed}-c{number - number % chance.choice((1, 2, 3))}"
            ms = round(chance.lognormvariate(3.4, 0.5))
            facts = facts_of(asked, [reply], finding=finding, knowledge=knowledge, ms=ms)
            store.record(
                Turn(
                    conversation_id=conversation,
                    pseudonym=KEYS.pseudonym(conversation),
                    channel="web",
                    request_id=f"seed{seed}-q{number}",
                    message_id=f"seed{seed}-m{number}",
                    asked=asked,
                    asked_at=at,
                    replies=[reply],
                    replied_at=at + timedelta(milliseconds=ms),
                    degraded=chance.random() < 0.01,
                    facts=facts,
                )
            )
            if reply.kind in ("answer", "abstain") and chance.random() < 0.2:
                clock.moment = at + timedelta(minutes=1)
                useful = chance.random() < (0.85 if reply.kind == "answer" else 0.2)
                reason = None if useful else chance.choice(("not_my_question", "outdated", "other"))
                Feedback(engine, clock=clock).judge(reply.id, useful=useful, reason=reason)
    return Weeks(number, last_day)


def _moment(chance: random.Random, day: date) -> datetime:
    hour = chance.choices(
        range(24), (1, 1, 0, 0, 0, 0, 2, 4, 8, 11, 12, 10, 8, 7, 9, 10, 10, 8, 6, 8, 10, 8, 5, 2)
    )[0]
    return datetime.combine(day, time(hour, chance.randrange(60), chance.randrange(60)), LOCAL)


def _turn(
    chance: random.Random,
    knowledge: Knowledge,
    popular: Sequence[Entry],
    weights: Sequence[float],
    day: date,
    *,
    rising: bool,
) -> tuple[str, Reply, Finding]:
    drawn = chance.random()
    if drawn < 0.66:
        entry = chance.choices(popular, weights)[0]
        quote = entry.quotes[0]
        reply = _reply(
            "answer", day, citations=[cite(knowledge, quote.clause_id, quote.start, quote.end, day)]
        )
        finding = Finding(probability=chance.uniform(0.6, 0.99), entry=entry.id)
        return chance.choice((entry.question, *entry.variants)), reply, finding
    if drawn < 0.78:
        asked = chance.choice(CLARIFIED[chance.choice(sorted(CLARIFIED))])
        return asked, _reply("clarify", day), Finding(probability=chance.uniform(0.2, 0.5))
    if drawn < 0.93:
        topics = sorted(UNANSWERED)
        topic = chance.choices(topics, [4 if rising and name == RISING else 1 for name in topics])[0]
        reason: Reason = "out_of_scope" if topic == "天气" else "not_in_library"
        reply = _reply("abstain", day, reason=reason)
        return chance.choice(UNANSWERED[topic]), reply, Finding(probability=chance.uniform(0.0, 0.2))
    return "你好", _reply("smalltalk", day), Finding()


def _reply(kind: Kind, day: date, **more: object) -> Reply:
    fields: dict[str, object] = {
        "id": "",
        "as_of": day,
        "snapshot": "snap-1",
        "kind": kind,
        "text": "答",
        **more,
    }
    return Reply.model_validate(fields)
