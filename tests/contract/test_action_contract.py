"""Both readers of the action contract against the same golden JSON."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from actions.context import Memory, TurnContext
from actions.webhook import build_webhook
from api.dialogue.environment import rasa_environment
from tests.contract.golden import HERE, OneAnswer, golden

ROOT = HERE.parents[1]


async def test_the_app_answers_the_golden_call_with_the_golden_response() -> None:
    answers = OneAnswer()
    webhook = build_webhook(answers, timeout_s=5)
    assert await webhook.run(golden("action_call")) == golden("action_response")
    context = TurnContext(entities=(("item", "绿色建材"),), memory=Memory(asked="哪年开始用绿色建材"))
    assert answers.asked == [("绿色建材要占多少", "request-2", context)]
    webhook.close()


@pytest.fixture(scope="module")
def rasa_side(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = subprocess.run(
        [ROOT / ".venv-rasa/bin/python", Path(__file__).with_name("rasa_side.py")],
        env=rasa_environment(tmp_path_factory.mktemp("rasa")),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(report, dict)
    return report


@pytest.mark.rasa
def test_rasa_sends_the_golden_call(rasa_side: dict[str, Any]) -> None:
    assert rasa_side["call"] == golden("action_call")


@pytest.mark.rasa
def test_our_call_is_stock_rasas_with_its_events_shortened(rasa_side: dict[str, Any]) -> None:
    ours, stock = rasa_side["call"], rasa_side["stock_call"]
    shortened = ours["tracker"]["events"]
    assert ours == {**stock, "tracker": {**stock["tracker"], "events": shortened}}
    kinds = [event["event"] for event in stock["tracker"]["events"]]
    assert [event["event"] for event in shortened] == kinds
    assert [set(event) for event in shortened if event["event"] == "user"] == [
        {"event", "timestamp", "text", "metadata"}
    ] * 2


@pytest.mark.rasa
def test_rasa_takes_the_golden_response_with_stock_validation_and_with_ours(
    rasa_side: dict[str, Any],
) -> None:
    assert rasa_side["accepted"] == {
        "stock": True,
        "ours": True,
        "ours_refuses_a_broken_one": True,
        "installed": True,
    }


@pytest.mark.rasa
def test_rasa_hands_the_channel_one_message_with_the_reply_in_custom(rasa_side: dict[str, Any]) -> None:
    reply = golden("action_response")["responses"][0]["custom"]
    assert rasa_side["messages"] == [{"recipient_id": "resident", "custom": reply}]


@pytest.mark.rasa
def test_the_speed_ups_stay_off_on_another_version_of_rasa(rasa_side: dict[str, Any]) -> None:
    assert rasa_side["other_version_installed"] is False
