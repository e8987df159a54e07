"""Rasa's own reader of commands against the channel's escape; the whole process is in tests/dialogue."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from api.dialogue.client import escape_command
from api.dialogue.environment import rasa_environment

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.rasa

SPACES = [chr(code) for code in range(sys.maxunicode + 1) if chr(code).isspace()]
COMMANDS = [
    "/greet",
    "/restart",
    "/back",
    "/session_start",
    '/ask_policy{"item": "冰箱"}',
    "/ask_policy@1.0",
    '/ask_policy@1.0{"item": ["冰箱", "空调"]}',
    "  \n/greet",
    *(f"{space}/restart" for space in SPACES),
    *(f"{space}{space}/restart{space}" for space in SPACES),
]
HARMLESS = [
    "／restart",
    "//restart",
    "/ restart me",
    "\ufeff/restart",
    "\u200b/restart",
    "EXTERNAL: greet",
    "greet@1.0",
    "@greet",
    "[冰箱](item)",
    '{"intent": "greet"}',
    "{{7*7}}",
    "${jndi:ldap://x}",
    "<script>",
    "utter_greet",
    "action_restart",
]


def report(tmp_path: Path, texts: list[str]) -> dict[str, list[str]]:
    done = subprocess.run(
        [str(ROOT / ".venv-rasa/bin/python"), "tests/bot/typed_commands.py"],
        cwd=ROOT,
        env=rasa_environment(tmp_path / "private"),
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    result: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_no_typed_text_is_a_command_once_it_is_escaped(tmp_path: Path) -> None:
    found = report(tmp_path, [*COMMANDS, *HARMLESS])
    # That Rasa would have obeyed these shows that the test looks at what matters.
    assert found["raw"] == COMMANDS
    assert found["escaped"] == []


def test_the_client_leaves_nothing_for_the_channel_to_escape(tmp_path: Path) -> None:
    assert report(tmp_path, [escape_command(text) for text in [*COMMANDS, *HARMLESS]]) == {
        "raw": [],
        "escaped": [],
    }
