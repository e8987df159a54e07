"""The files that Rasa reads, checked as data."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
CUSTOM_KEYS = {"kind", "text", "suggestions"}
DISTRICTS_AND_COUNTIES = 38
NEW_AREAS = {"两江新区", "重庆高新区", "万盛经开区"}


def loaded(*patterns: str) -> list[dict[str, Any]]:
    return [
        yaml.safe_load(path.read_text("utf-8")) for pattern in patterns for path in sorted(ROOT.glob(pattern))
    ]


def examples() -> dict[str, list[str]]:
    blocks = [block for file in loaded("intents/*.yml") for block in file["nlu"] if "intent" in block]
    return {block["intent"]: [line[2:] for line in block["examples"].splitlines()] for block in blocks}


def lookup(name: str) -> list[str]:
    """The words of a lookup, or the patterns of a regex."""
    blocks = [
        block
        for file in loaded("intents/*.yml")
        for block in file["nlu"]
        if name in (block.get("lookup"), block.get("regex"))
    ]
    return [line[2:] for block in blocks for line in block["examples"].splitlines()]


def domain(key: str) -> Any:
    """A list of the domain, from all the files that have a part of it."""
    return [name for file in loaded("bot/domain/*.yml") for name in file.get(key, [])]


def responses() -> dict[str, list[dict[str, Any]]]:
    return {
        name: said for file in loaded("bot/domain/*.yml") for name, said in file.get("responses", {}).items()
    }


def rules() -> dict[str, str]:
    """What each intent leads to first."""
    steps = [rule["steps"] for file in loaded("bot/data/*.yml") for rule in file["rules"]]
    return {first["intent"]: second["action"] for first, second, *_ in steps if "intent" in first}


def test_every_intent_has_examples_and_a_rule_and_none_is_forgotten_in_the_domain() -> None:
    assert set(domain("intents")) == set(examples()) == set(rules())


def test_every_rule_leads_to_an_action_or_a_response_that_exists_and_no_response_is_idle() -> None:
    led = {f"validate_{form}" for form in domain("forms")}
    known = {*domain("actions"), *domain("forms"), *responses()}
    assert set(rules().values()) == known - led
    assert led <= set(domain("actions"))


def test_every_form_begins_ends_and_may_end_at_once() -> None:
    said = [rule["rule"] for file in loaded("bot/data/*.yml") for rule in file["rules"]]
    for form in domain("forms"):
        task = form.removesuffix("_form")
        assert {f"Begin {task}", f"End {task}", f"End {task} at once"} <= set(said)


def test_questions_and_low_confidence_go_to_the_same_action() -> None:
    (config,) = loaded("config.yml")
    assert rules()["ask_policy"] == config["policies"][0]["core_fallback_action_name"] == "action_answer"


@pytest.mark.parametrize("name", sorted(responses()))
def test_a_response_is_custom_alone_with_kind_text_and_suggestions(name: str) -> None:
    for said in responses()[name]:
        assert set(said) == {"custom"}, "text beside custom would become a second message"
        assert set(said["custom"]) == CUSTOM_KEYS
        assert said["custom"]["kind"] in {"smalltalk", "refuse"}
        assert len(said["custom"]["text"]) > 5
        for suggestion in said["custom"]["suggestions"]:
            assert set(suggestion) == {"label", "message"}


def test_small_talk_has_variants() -> None:
    assert {name for name, said in responses().items() if len(said) < 2} == set()


def test_nothing_said_has_a_slot_to_fill() -> None:
    """Rasa would take `{…}` in a text for a slot."""
    assert not re.search(
        r"[{}]", "".join(said["custom"]["text"] for all_ in responses().values() for said in all_)
    )


def test_an_example_stands_under_one_intent_and_once() -> None:
    plain = Counter(
        re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", example) for lines in examples().values() for example in lines
    )
    assert [example for example, times in plain.items() if times > 1] == []


def test_intents_are_rich_and_questions_the_richest() -> None:
    counts = {intent: len(lines) for intent, lines in examples().items()}
    assert {intent for intent, count in counts.items() if count < 30} == set()
    assert counts["ask_policy"] > 400


def test_the_districts_are_all_there() -> None:
    full = {name for name in lookup("district") if re.search("(区|县)$", name)}
    synonyms = {
        block["synonym"]
        for file in loaded("intents/lookups_districts.yml")
        for block in file["nlu"]
        if "synonym" in block
    }
    official = (synonyms | {"忠县"}) - NEW_AREAS
    assert len(official) == DISTRICTS_AND_COUNTIES
    assert official | NEW_AREAS <= full


def test_every_lookup_is_an_entity_that_an_example_shows() -> None:
    """Rasa's extractor reads only lookups whose entity occurs in an example."""
    shown = {
        kind for lines in examples().values() for line in lines for kind in re.findall(r"\]\((\w+)\)", line)
    }
    assert set(domain("entities")) == shown
    assert all(lookup(entity) for entity in domain("entities"))


def test_the_gate_names_only_what_exists() -> None:
    (config,) = loaded("config.yml")
    gate = next(step for step in config["pipeline"] if step["name"].endswith("SmallTalkGate"))
    named = {
        gate["question_intent"],
        gate["signs_intent"],
        *gate["thresholds"],
        *gate["keep_despite_entities"],
        *gate["required_entities"],
        *gate["max_lengths"],
    }
    assert named <= set(domain("intents"))
    assert {*gate["entity_thresholds"], *gate["required_entities"].values()} <= set(domain("entities"))
