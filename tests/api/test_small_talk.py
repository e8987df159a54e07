from __future__ import annotations

from pathlib import Path

import pytest

from api.small_talk import SmallTalk

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shipped() -> SmallTalk:
    return SmallTalk.load(ROOT)


@pytest.mark.parametrize("message", ["你好", "你好！！", " 你 好 ", "谢谢", "再见"])
def test_the_shipped_examples_are_known_word_for_word(shipped: SmallTalk, message: str) -> None:
    payload = shipped.find(message)
    assert payload is not None
    assert payload["kind"] == "smalltalk"
    assert payload["text"]


@pytest.mark.parametrize("message", ["你好，2025年新能源车占比", "旧家电怎么回收", "", "？"])
def test_what_is_no_example_is_left_to_the_index(shipped: SmallTalk, message: str) -> None:
    assert shipped.find(message) is None


def test_signs_alone_have_words_of_their_own(shipped: SmallTalk) -> None:
    payload = shipped.say("signs_only")
    assert payload is not None
    assert payload["kind"] == "smalltalk"


def test_missing_and_broken_files_are_left_out(tmp_path: Path) -> None:
    assert SmallTalk.load(tmp_path).examples == {}
    (tmp_path / "intents").mkdir()
    (tmp_path / "bot").mkdir()
    (tmp_path / "intents" / "broken.yml").write_text("nlu: [", encoding="utf-8")
    (tmp_path / "intents" / "greet.yml").write_text("nlu:\n- intent: greet\n  examples: |\n    - 你好\n")
    (tmp_path / "bot" / "rules.yml").write_text(
        "rules:\n- rule: r\n  steps:\n  - intent: greet\n  - action: utter_greet\n"
        "responses:\n  utter_greet:\n  - custom: {kind: smalltalk, text: 好}\n"
    )
    assert SmallTalk.load(tmp_path).find("你好！") == {"kind": "smalltalk", "text": "好"}
