"""Small talk without the dialogue process: exact matches of the examples that Rasa is trained on.

While Rasa is down a greeting must still get its greeting. Owns reading the examples of `intents/` and the
`utter_*` payloads of `bot/`, and looking a message up among them. It guesses nothing: a message that is no
example, word for word, is none of its business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import structlog
import yaml

from index.text import normalise

log = structlog.get_logger(__name__)

Payload = Mapping[str, Any]
_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass
class SmallTalk:
    """Payloads in order of use: `examples` by normalised example, `intents` by the intent's name."""

    examples: Mapping[str, tuple[Payload, ...]] = field(default_factory=dict)
    intents: Mapping[str, tuple[Payload, ...]] = field(default_factory=dict)
    _turns: Iterator[int] = field(default_factory=count, repr=False)

    @classmethod
    def load(cls, project_dir: Path) -> SmallTalk:
        """Read `intents/` and `bot/`. A file that is missing or broken is left out, with a warning."""
        files = [
            *sorted((project_dir / "intents").rglob("*.yml")),
            *sorted((project_dir / "bot").rglob("*.yml")),
        ]
        contents = [content for content in map(_read, files) if content]
        payloads: dict[str, tuple[Payload, ...]] = {}
        utterances: dict[str, str] = {}
        for content in contents:
            for name, variants in (content.get("responses") or {}).items():
                payloads[name] = tuple(
                    variant["custom"] for variant in variants if (variant.get("custom") or {}).get("text")
                )
            for rule in content.get("rules") or []:
                utterances |= _single_step(rule)
        intents = {intent: payloads[name] for intent, name in utterances.items() if payloads.get(name)}
        examples: dict[str, tuple[Payload, ...]] = {}
        for content in contents:
            for item in content.get("nlu") or []:
                for example in _examples(item.get("examples")) if item.get("intent") in intents else ():
                    examples.setdefault(key(example), intents[item["intent"]])
        examples.pop("", None)
        if not examples:
            log.warning("small_talk_missing", folder=str(project_dir))
        return cls(examples, intents)

    def find(self, message: str) -> Payload | None:
        """The payload that answers `message`, or None where it is no small talk that we know."""
        return self._next(self.examples.get(key(message)))

    def say(self, intent: str) -> Payload | None:
        """The payload of an intent's response, None where the bot has no such intent."""
        return self._next(self.intents.get(intent))

    def is_example(self, message: str, intent: str) -> bool:
        """Whether `message` is, word for word, an example of `intent`."""
        spoken = self.intents.get(intent)
        return spoken is not None and self.examples.get(key(message)) is spoken

    def _next(self, spoken: tuple[Payload, ...] | None) -> Payload | None:
        return spoken[next(self._turns) % len(spoken)] if spoken else None


def key(message: str) -> str:
    """What counts of a message when it is looked up: its normal form without signs and spaces."""
    return "".join(letter for letter in normalise(message) if letter.isalnum())


def _single_step(rule: Any) -> dict[str, str]:
    """Intent and utterance of a rule that has nothing but the two."""
    steps = [step for step in rule.get("steps") or [] if isinstance(step, dict)]
    if len(steps) == 2 and "intent" in steps[0] and str(steps[1].get("action", "")).startswith("utter_"):
        return {str(steps[0]["intent"]): str(steps[1]["action"])}
    return {}


def _examples(block: Any) -> Iterator[str]:
    lines = block.splitlines() if isinstance(block, str) else []
    for line in lines:
        text = line.strip().removeprefix("- ").strip()
        if text:
            yield _ENTITY.sub(r"\1", text)


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        log.warning("small_talk_file_unreadable", path=str(path), error=type(error).__name__)
        return {}
    return content if isinstance(content, dict) else {}
