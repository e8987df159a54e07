"""Our replacements beside what they replace, call by call. Runs on Rasa's Python, prints one JSON object."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

warnings.simplefilter("ignore")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402
from rasa.core.tracker_store import SQLTrackerStore  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import (  # noqa: E402
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402

from bot.rasa_ext import sessions  # noqa: E402
from bot.rasa_ext.speedups import calls, trackers  # noqa: E402
from bot.rasa_ext.static_encoder import StaticVectors  # noqa: E402
from bot.rasa_ext.store import ConversationStore  # noqa: E402

DOMAIN = Domain.load(str(ROOT / "tests/dialogue/form_bot/bot/domain"))
TEXTS = [
    "旧冰箱哪里回收",
    "ＡＢＣ 2025年",
    "要卖到  几成？？",
    "你好啊啊啊啊",
    "谢谢😂",
    "第 12 条 讲 的 啥子",
    "。。。",
]


def some_events(chance: random.Random, count: int) -> list[Event]:
    """Anything in any order: what a replay makes of it is what counts."""
    makers = [
        lambda: UserUttered(
            chance.choice("abc"), {"name": chance.choice(["greet", "order"]), "confidence": 1.0}
        ),
        lambda: ActionExecuted(chance.choice(["action_listen", "action_answer", "order_form"])),
        lambda: ActionExecuted("action_listen"),
        lambda: ActionExecuted("order_form"),
        lambda: DefinePrevUserUtteredFeaturization(chance.random() < 0.5),
        lambda: SlotSet(chance.choice(["asked", "guest", "order_size"]), chance.choice([None, True, "x"])),
        lambda: ActiveLoop(chance.choice(["order_form", None])),
        lambda: ActionExecutionRejected("order_form"),
        lambda: LoopInterrupted(chance.random() < 0.5),
        lambda: FollowupAction(chance.choice(["action_answer", "action_order"])),
        lambda: BotUttered("said", {"custom": {"text": "said"}}),
    ]
    rare = [UserUtteranceReverted, ActionReverted, SessionStarted, Restarted, AllSlotsReset]
    return [
        chance.choice(rare)() if chance.random() < 0.06 else chance.choice(makers)() for _ in range(count)
    ]


def state(tracker: DialogueStateTracker) -> dict[str, Any]:
    return sessions._state(tracker) | {
        "events": [id(event) for event in tracker.events],
        "bot": id(tracker.latest_bot_utterance) if tracker.latest_bot_utterance.text else None,
        "ids": [tracker.sender_id, tracker.model_id, tracker.assistant_id, tracker.sender_source],
    }


def trackers_differ() -> list[int]:
    """The seeds of the event sequences where a copy, or what is applied, is not what a replay gives."""
    wrong = []
    for seed in range(300):
        chance = random.Random(seed)
        tracker = DialogueStateTracker("resident", DOMAIN.slots)
        tracker.model_id = tracker.assistant_id = "model"
        for event in some_events(chance, 60):
            tracker.update(event)
            if chance.random() < 0.4:
                applied, theirs = trackers._applied_events(tracker), trackers._stock_applied_events(tracker)
                copies = state(trackers._copy(tracker)), state(trackers._stock_copy(tracker))
                if [*map(id, applied)] != [*map(id, theirs)] or copies[0] != copies[1]:
                    wrong.append(seed)
                    break
    return wrong


def turn(number: int) -> list[Event]:
    intent = {"name": "ask_policy", "confidence": 0.5}
    return [
        UserUttered(f"message {number}", intent, parse_data={"intent": intent, "text": f"message {number}"}),
        DefinePrevUserUtteredFeaturization(False),
        ActionExecuted("action_answer"),
        SlotSet("asked", f"message {number}"),
        BotUttered("said", {"custom": {"text": "said"}}),
        ActionExecuted("action_listen"),
    ]


async def speak(store: Any, sender: str, numbers: range) -> DialogueStateTracker:
    for number in numbers:
        tracker = await store.retrieve(sender)
        if tracker is None:
            tracker = store.init_tracker(sender)
            await store.save(tracker)
            tracker.update(ActionExecuted("action_session_start"))
            tracker.update(SessionStarted())
            tracker.update(ActionExecuted("action_listen"))
        tracker.update_with_events(turn(number), DOMAIN)
        await store.save(tracker)
    return await store.retrieve(sender)


def told(tracker: DialogueStateTracker | None) -> list[dict[str, Any]] | None:
    return None if tracker is None else [event.as_dict() for event in tracker.events]


async def stores(folder: Path) -> dict[str, Any]:
    """The same file seen by our store, a second one of ours and stock Rasa's."""
    db = str(folder / "dialogue.db")
    ours, other, stock = (
        kind(DOMAIN, db=db) for kind in (ConversationStore, ConversationStore, SQLTrackerStore)
    )
    report: dict[str, Any] = {"unknown": told(await ours.retrieve("nobody"))}
    first = await speak(ours, "resident", range(3))
    await ours.save(first)
    report["had_from_memory"] = await ours.retrieve("resident") is first
    await ours.save(first)
    report["as_stock_reads_it"] = told(first) == told(await stock.retrieve("resident"))
    report["kept"] = sender_is_kept(ours, "resident")

    await speak(other, "resident", range(3, 5))
    report["after_another_wrote"] = told(await ours.retrieve("resident")) == told(
        await stock.retrieve("resident")
    )
    await speak(stock, "resident", range(5, 7))
    report["after_stock_wrote"] = told(await ours.retrieve("resident")) == told(
        await stock.retrieve("resident")
    )

    mine = await ours.retrieve("resident")
    await speak(other, "resident", range(7, 8))
    mine.update_with_events(turn(8), DOMAIN)
    await ours.save(mine)
    report["kept_although_another_wrote_meanwhile"] = sender_is_kept(ours, "resident")
    texts = [e.text for e in (await ours.retrieve("resident")).events if isinstance(e, UserUttered)]
    report["nothing_is_lost"] = texts == [f"message {number}" for number in range(9)]

    gone = await ours.retrieve("resident")
    ours.delete("resident")
    gone.update_with_events(turn(9), DOMAIN)
    await ours.save(gone)
    report["kept_although_deleted"] = sender_is_kept(ours, "resident")

    long = await speak(ours, "long", range(200))
    with ours.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT count(*) FROM events WHERE sender_id = 'long'")).scalar()
    read = await stock.retrieve("long")
    report["long"] = {
        "in_memory": len(long.events) <= sessions.LONG + 6,
        "as_stock_reads_it": told(long) == told(read),
        "asked": read.get_slot("asked"),
        "rows_a_turn": rows / 200 < 10,
    }
    return report


def sender_is_kept(store: ConversationStore, sender: str) -> bool:
    return sender in store._kept


def sessions_begun_again() -> dict[str, Any]:
    def follower(*more: Event, turns: int = 40) -> DialogueStateTracker | None:
        events = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
        events += [SlotSet("guest", True), ActionExecuted("order_form"), ActiveLoop("order_form")]
        events += [SlotSet("order_size", "大"), ActionExecuted("action_listen")]
        for number in range(turns):
            events += turn(number)
        tracker = DialogueStateTracker.from_events("resident", [*events, *more], DOMAIN.slots)
        return sessions.begun_again(tracker, DOMAIN)

    begun = follower()
    return {
        "short": follower(turns=3) is None,
        "in_mid_turn": follower(ActionExecuted("action_answer")) is None,
        "undone": follower(*[UserUtteranceReverted()] * 30, ActionExecuted("action_listen")) is None,
        "slots": begun.current_slot_values(),
        "loop": begun.active_loop_name,
        "last": begun.latest_message.text,
    }


def events_sent() -> list[Any]:
    user = turn(1)[0]
    user.metadata = {"request_id": "request-1"}
    short = [calls.shortened(event) for event in [user, *turn(1)[1:]]]
    return [{k: v for k, v in event.items() if k != "timestamp"} if event else None for event in short]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        stored = asyncio.run(stores(Path(folder)))
    encoder = StaticVectors(ROOT / "index/model")
    report = {
        "trackers_differ": trackers_differ(),
        "stores": stored,
        "sessions": sessions_begun_again(),
        "sent": events_sent(),
        "vectors": [[text, encoder.vector(text).tolist()] for text in TEXTS],
    }
    print(json.dumps(report, ensure_ascii=False))


if __name__ == "__main__":
    main()
