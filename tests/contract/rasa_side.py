"""Rasa's side of the action contract. Runs on Rasa's Python; reads the golden response, prints one JSON object.

`call` is what our Rasa sends for a fixed conversation, `stock_call` what stock Rasa would, `messages` what a channel gets when the golden response comes
back, `accepted` the verdicts of stock validation and of ours.
"""

from __future__ import annotations

import asyncio
import copy
import json
import sys
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rasa.core.actions.action import RemoteAction  # noqa: E402
from rasa.core.channels.channel import CollectingOutputChannel  # noqa: E402
from rasa.shared.core.domain import Domain  # noqa: E402
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet, UserUttered  # noqa: E402
from rasa.shared.core.trackers import DialogueStateTracker  # noqa: E402
from rasa.utils.endpoints import EndpointConfig  # noqa: E402

from bot.rasa_ext import speedups  # noqa: E402
from bot.rasa_ext.nlg import StampedResponses  # noqa: E402

START = 1_790_000_000.0


def conversation(domain: Domain) -> DialogueStateTracker:
    def heard(text: str, request_id: str, at: float) -> UserUttered:
        intent = {"name": "ask_policy", "confidence": 1.0}
        found = {
            "entity": "item",
            "start": 0,
            "end": 4,
            "value": "绿色建材",
            "extractor": "RegexEntityExtractor",
        }
        entities = [found] if text.startswith("绿色建材") else []
        parsed = {"intent": intent, "entities": entities, "text": text, "intent_ranking": [intent]}
        return UserUttered(
            text, intent, entities, parse_data=parsed, timestamp=at, input_channel="lvxiaoyu",
            message_id=request_id, metadata={"request_id": request_id},
        )  # fmt: skip

    events = [
        ActionExecuted("action_session_start", timestamp=START),
        SessionStarted(timestamp=START + 1),
        ActionExecuted("action_listen", timestamp=START + 2),
        heard("哪年开始用绿色建材", "request-1", START + 3),
        ActionExecuted("action_answer", timestamp=START + 4),
        SlotSet("asked", "哪年开始用绿色建材", timestamp=START + 4),
        ActionExecuted("action_listen", timestamp=START + 5),
        heard("绿色建材要占多少", "request-2", START + 6),
    ]
    return DialogueStateTracker.from_events("resident", events, slots=domain.slots)


async def messages(response: dict, tracker: DialogueStateTracker) -> list:
    channel = CollectingOutputChannel()
    spoken = await RemoteAction._utter_responses(
        copy.deepcopy(response["responses"]), channel, StampedResponses(), tracker
    )
    for event in spoken:
        await channel.send_response(tracker.sender_id, event.message())
    return channel.messages


def main() -> None:
    response = json.loads((Path(__file__).parent / "action_response.json").read_text("utf-8"))
    domain = Domain.load(str(ROOT / "bot" / "domain"))
    tracker = conversation(domain)
    action = RemoteAction("action_answer", EndpointConfig("http://127.0.0.1", enable_selective_domain=True))
    stock_call = action._action_call_format(tracker, domain)
    stock = action._validate_action_result(response)
    installed = speedups.install()
    call = action._action_call_format(tracker, domain)
    ours = action._validate_action_result(response)
    try:
        action._validate_action_result({"events": [{"event": 7}], "responses": "none"})
        refused = False
    except Exception as error:  # noqa: BLE001
        refused = type(error).__name__ == "ValidationError"
    report = {
        "call": call,
        "stock_call": stock_call,
        "messages": asyncio.run(messages(response, tracker)),
        "accepted": {
            "stock": stock,
            "ours": ours,
            "ours_refuses_a_broken_one": refused,
            "installed": installed,
        },
        "other_version_installed": speedups.install("3.7.0"),
    }
    print(json.dumps(report, ensure_ascii=False, default=str))


if __name__ == "__main__":
    main()
