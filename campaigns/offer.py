"""What can be subscribed to and chosen, read from `topics.yml`, and finding it in a resident's words.

`Offer` is immutable. It reads plain words only: negation, dialect and districts are for the caller.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args

import yaml

from campaigns.errors import InvalidFile, InvalidInput, UnknownTopic, shown
from campaigns.model import Frequency

TOPICS_FILE = Path(__file__).with_name("topics.yml")
LONGEST_NAME = 16


@dataclass(frozen=True, slots=True)
class Choice:
    """`name` is stored, `label` and `about` are read, `words` are how residents say it."""

    name: str
    label: str
    about: str
    words: tuple[str, ...]


class Choices:
    """Things to choose from, in the order in which they are offered."""

    def __init__(self, choices: Iterable[Choice]) -> None:
        self.all = tuple(choices)
        self.names = tuple(choice.name for choice in self.all)
        self._owner: dict[str, str] = {}
        for choice in self.all:
            for word in {choice.name, choice.label, *choice.words}:
                other = self._owner.setdefault(_plain(word), choice.name)
                if other != choice.name:
                    raise InvalidInput(f"{shown(word)} stands under {other} and {choice.name}; keep one.")
        longest_first = sorted(self._owner, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def named_in(self, text: str) -> tuple[str, ...]:
        """The choices that `text` names; where two words overlap, the longer one at the same place counts."""
        found = {self._owner[match.group()] for match in self._pattern.finditer(_plain(text))}
        return tuple(name for name in self.names if name in found)


class Offer:
    """`topics`, `settings` and `frequencies`, each with the words residents use."""

    def __init__(
        self, *, topics: Choices, settings: Choices, frequencies: Choices, everything: Iterable[str]
    ) -> None:
        self.topics = topics
        self.settings = settings
        self.frequencies = frequencies
        self._everything = tuple(_plain(word) for word in everything)

    def topics_in(self, text: str) -> tuple[str, ...]:
        """The topics that a resident names; all of them for 全部 and the like, where none is named."""
        named = self.topics.named_in(text)
        if not named and any(word in _plain(text) for word in self._everything):
            return self.topics.names
        return named

    def check_topics(self, topics: object) -> tuple[str, ...]:
        """Each topic once, in the order of the offer. Raises UnknownTopic for one not offered, InvalidInput
        where there is none or no list of names."""
        if isinstance(topics, str) or not isinstance(topics, Iterable):
            raise InvalidInput(f"The topics are {shown(topics)}; give a list of topic names.")
        wanted = set()
        for topic in topics:
            if not isinstance(topic, str) or topic not in self.topics:
                raise UnknownTopic(f"The topic {shown(topic)} is not offered; choose from {self._names()}.")
            wanted.add(topic)
        if not wanted:
            raise InvalidInput(f"There is no topic; choose from {self._names()}.")
        return tuple(name for name in self.topics.names if name in wanted)

    def check_setting(self, setting: object) -> str | None:
        if setting is None or (isinstance(setting, str) and setting in self.settings):
            return setting
        known = "、".join(self.settings.names)
        raise InvalidInput(f"The setting is {shown(setting)}; choose from {known}, or None.")

    def _names(self) -> str:
        return "、".join(self.topics.names)


@cache
def load_offer(path: Path = TOPICS_FILE) -> Offer:
    """The offer of this release. Raises InvalidFile naming the file and what is wrong with it."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        return _offer_from(found)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidFile(f"{path} cannot be read ({error}); restore it from the release.") from error
    except InvalidInput as error:
        raise InvalidFile(f"{path}: {error}") from error


def _offer_from(found: object) -> Offer:
    table = _table(found, "The file")
    frequencies = _choices(table.get("frequencies"), "frequencies")
    if set(frequencies.names) != set(get_args(Frequency)):
        raise InvalidInput(f"frequencies must be {' and '.join(get_args(Frequency))}, no others.")
    return Offer(
        topics=_choices(table.get("topics"), "topics"),
        settings=_choices(table.get("settings"), "settings"),
        frequencies=frequencies,
        everything=_words(table.get("everything"), "everything"),
    )


def _choices(found: object, where: str) -> Choices:
    return Choices(_choice(name, entry, where) for name, entry in _table(found, where).items())


def _choice(name: object, entry: object, where: str) -> Choice:
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInput(f"{where} holds the name {shown(name)}; use 1 to {LONGEST_NAME} signs.")
    if isinstance(entry, list):
        return Choice(name, name, "", _words(entry, name))
    table = _table(entry, name)
    label, about = table.get("label", name), table.get("about")
    if not isinstance(label, str) or not isinstance(about, str) or not about:
        raise InvalidInput(f"{name} has no about; say in a few words what comes under it.")
    return Choice(name, label, about, _words(table.get("words"), name))


def _table(found: object, where: str) -> Mapping[Any, Any]:
    if not isinstance(found, dict) or not found:
        raise InvalidInput(f"{where} holds {shown(found)}; write a table of names.")
    return found


def _words(found: object, where: str) -> tuple[str, ...]:
    if not isinstance(found, list) or not all(isinstance(word, str) and word.strip() for word in found):
        raise InvalidInput(f"{where} needs a list of words; none may be empty.")
    return tuple(found)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
