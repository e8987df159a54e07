"""Our replacements in Rasa, function by function; whole conversations are compared in tests/dialogue."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.dialogue.environment import rasa_environment
from index.encoder import load_encoder

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.rasa


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = subprocess.run(
        [ROOT / ".venv-rasa/bin/python", Path(__file__).with_name("rasa_speed.py")],
        env=rasa_environment(tmp_path_factory.mktemp("rasa")),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    report = json.loads(done.stdout.splitlines()[-1])
    assert isinstance(report, dict)
    return report


def test_a_copy_and_the_applied_events_are_what_a_replay_of_any_events_gives(
    measured: dict[str, Any],
) -> None:
    assert measured["trackers_differ"] == []


def test_the_store_keeps_a_conversation_only_as_long_as_nobody_else_writes_it(
    measured: dict[str, Any],
) -> None:
    assert measured["stores"] == {
        "unknown": None,
        "had_from_memory": True,
        "as_stock_reads_it": True,
        "kept": True,
        "after_another_wrote": True,
        "after_stock_wrote": True,
        "kept_although_another_wrote_meanwhile": False,
        "nothing_is_lost": True,
        "kept_although_deleted": False,
        "long": {"in_memory": True, "as_stock_reads_it": True, "asked": "message 199", "rows_a_turn": True},
    }


def test_a_session_begins_again_only_between_turns_with_slots_and_form(measured: dict[str, Any]) -> None:
    assert measured["sessions"] == {
        "short": True,
        "in_mid_turn": True,
        "undone": True,
        "slots": {
            "asked": "message 39",
            "guest": True,
            "order_size": "大",
            "order_colour": None,
            "requested_slot": None,
            "session_started_metadata": None,
        },
        "loop": "order_form",
        "last": "message 39",
    }


def test_an_action_gets_events_without_analyses_and_cards(measured: dict[str, Any]) -> None:
    policy = {"policy": None, "confidence": None, "action_text": None, "hide_rule_turn": False}
    assert measured["sent"] == [
        {"event": "user", "text": "message 1", "metadata": {"request_id": "request-1"}},
        None,
        {"event": "action", "name": "action_answer", **policy},
        {"event": "slot", "name": "asked", "value": "message 1"},
        {"event": "bot", "text": "said"},
        {"event": "action", "name": "action_listen", **policy},
    ]


def test_the_encoder_in_rasa_gives_the_vectors_of_search(measured: dict[str, Any]) -> None:
    texts, vectors = zip(*measured["vectors"], strict=True)
    np.testing.assert_allclose(np.array(vectors), load_encoder().encode(texts), rtol=0, atol=1e-3)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1.0, abs=1e-5)
