"""The held-out dialogues over the whole system: real Rasa, real index, the public API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.dialogues import OWN, figures, hold, judge, read
from bench.system import System
from tests.e2e.system import whole_system

DUE = 0.84
"""A floor under what was measured (0.87), not the aim: nine in ten."""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with whole_system(
        tmp_path_factory.mktemp("dialogues"), LVXIAOYU_RATE_LIMIT_LOOPBACK="100000/second"
    ) as running:
        yield running


@pytest.mark.rasa
def test_the_held_out_dialogues_stay_as_right_as_they_were(system: System) -> None:
    held = list(hold(system.url, read(OWN)))
    missed = [
        f"{one.dialogue} [{one.verdict}] {one.said}: {one.why}" for one in held if one.verdict != "right"
    ]
    assert figures(held)["right"] >= DUE, "\n".join(missed)


def test_there_are_sixty_dialogues_of_their_own_words() -> None:
    dialogues = read(OWN)
    assert len(dialogues) >= 60
    said = [turn["user"] for dialogue in dialogues for turn in dialogue["turns"]]
    examples = "\n".join(path.read_text("utf-8") for path in Path("intents").glob("*.yml"))
    long = [words for words in said if len(words) > 8]
    assert [words for words in long if f"- {words}\n" in examples] == []


def test_an_answer_from_another_clause_is_wrong() -> None:
    reply = [{"kind": "answer", "text": "x", "citations": [{"clause_id": "a#1"}]}]
    assert judge({"expect": "answer", "clauses": ["a#1"]}, reply)[0] == "right"
    assert judge({"expect": "answer", "clauses": ["a#2"]}, reply)[0] == "wrong"
    assert judge({"expect": "abstain"}, reply)[0] == "unsafe"
    assert judge({"expect": "form"}, [{"kind": "form", "text": "x", "citations": []}])[0] == "right"
