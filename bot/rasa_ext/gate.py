"""Decides what is clearly small talk; everything else becomes the question intent.

The gate stands after the intent classifier. It owns that one decision and reads only its configuration, the
classifier's ranking, the entities found and the text's length. It must not know any reply or policy.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import (
    ENTITIES,
    ENTITY_ATTRIBUTE_TYPE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message


def has_words(text: Text) -> bool:
    """Whether a letter, a Chinese character or a number stands in the text: signs and emoji are no words."""
    return any(unicodedata.category(char)[0] in "LN" for char in text)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SmallTalkGate(GraphComponent, IntentClassifier):
    """Turns an uncertain small-talk intent, or one with question content, into `question_intent`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            # the intent that everything unclear becomes
            "question_intent": "ask_policy",
            # the intent of a message without a letter, character or number; never of one with words
            "signs_intent": "signs_only",
            # small talk must be at least so likely: its mass is spread over many intents
            "threshold": 0.2,
            # intent -> a threshold of its own
            "thresholds": {},
            # ... and so many times as likely as a question
            "question_ratio": 1.5,
            # ... while a question is at most so likely
            "question_limit": 0.3,
            # entity -> the threshold beside it; above 1 no small talk survives the entity
            "entity_thresholds": {},
            # intents that hold whatever entities stand beside them
            "keep_despite_entities": [],
            # intent -> an entity without which it never holds
            "required_entities": {},
            # a longer text is rarely small talk
            "max_length": 30,
            # intent -> a length of its own
            "max_lengths": {},
        }

    def __init__(self, config: Dict[Text, Any]) -> None:
        self._config = {**self.get_default_config(), **config}
        for intent, value in {"threshold": self._config["threshold"], **self._config["thresholds"]}.items():
            if not isinstance(value, (int, float)) or not 0 <= value <= 1:
                raise InvalidConfigException(
                    f"SmallTalkGate: the threshold '{intent}' is {value!r}, not within 0 and 1."
                )

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SmallTalkGate":
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            decided = self.decide(
                message.get(TEXT) or "",
                message.get(INTENT_RANKING_KEY) or [],
                [entity[ENTITY_ATTRIBUTE_TYPE] for entity in message.get(ENTITIES) or []],
            )
            self._set_intent(message, decided)
        return messages

    def decide(self, text: Text, ranking: List[Dict[Text, Any]], entities: List[Text]) -> Text:
        """The intent that holds, given the classifier's ranking (likeliest first) and the entities found."""
        if not has_words(text):
            return self._config["signs_intent"]
        question = self._config["question_intent"]
        if not ranking:
            return question
        name, likely = ranking[0][INTENT_NAME_KEY], float(ranking[0][PREDICTED_CONFIDENCE_KEY])
        # Words that the classifier takes for signs are words it knows nothing of.
        if name in (question, self._config["signs_intent"]):
            return question
        asked = sum(float(r[PREDICTED_CONFIDENCE_KEY]) for r in ranking if r[INTENT_NAME_KEY] == question)
        clear = (
            len(text) <= self._config["max_lengths"].get(name, self._config["max_length"])
            and self._config["required_entities"].get(name) in (None, *entities)
            and likely >= self._needed(name, entities)
            and likely >= self._config["question_ratio"] * asked
            and asked <= self._config["question_limit"]
        )
        return name if clear else question

    def _needed(self, name: Text, entities: List[Text]) -> float:
        needed = self._config["thresholds"].get(name, self._config["threshold"])
        if name in self._config["keep_despite_entities"]:
            return needed
        vetoes = self._config["entity_thresholds"]
        return max([needed, *(vetoes.get(entity, 0.0) for entity in entities)])

    @staticmethod
    def _set_intent(message: Message, name: Text) -> None:
        previous = message.get(INTENT) or {}
        if previous.get(INTENT_NAME_KEY) == name:
            return
        decided = {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: 1.0}
        ranking = [r for r in message.get(INTENT_RANKING_KEY) or [] if r.get(INTENT_NAME_KEY) != name]
        message.set(INTENT, decided, add_to_output=True)
        message.set(INTENT_RANKING_KEY, [decided, *ranking], add_to_output=True)
