"""The intent is found from the n-grams a message has, without sparse matrices of all that there are.

Stock Rasa counts each message's n-grams twice in two featurizers, once a token for features of a sequence
that only neural components read, and stacks the sparse rows anew for logistic regression: 18 % of a
message. Here the featurizers count once and the classifier adds up the coefficients of what was counted.

It holds only where no component of the model reads features but logistic regression, which is looked up
when the model is loaded, and only if the first message, which warms the server up, gets the same
probabilities both ways; else stock Rasa's own way is taken and a warning logged.
"""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.core.policies.ensemble import PolicyPredictionEnsemble
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.graph_components.converters.nlu_message_converter import NLUMessageConverter
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.graph_components.providers.rule_only_provider import RuleOnlyDataProvider
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier
from rasa.nlu.classifiers.regex_message_handler import RegexMessageHandler
from rasa.nlu.extractors.entity_synonyms import EntitySynonymMapper
from rasa.nlu.extractors.regex_entity_extractor import RegexEntityExtractor
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.rasa_ext.gate import SmallTalkGate

logger = logging.getLogger(__name__)

TOLERANCE = 1e-9
_COUNTS = "ngram_counts"
_READS_NO_FEATURES = (
    DomainProvider,
    EntitySynonymMapper,
    NLUMessageConverter,
    PolicyPredictionEnsemble,
    RegexEntityExtractor,
    RegexMessageHandler,
    RuleOnlyDataProvider,
    RulePolicy,
    SmallTalkGate,
    Tokenizer,
)

_stock_init = DaskGraphRunner.__init__
_stock_featurize = CountVectorsFeaturizer.process
_stock_classify = LogisticRegressionClassifier.process


def install() -> None:
    DaskGraphRunner.__init__ = _init
    CountVectorsFeaturizer.process = _featurize
    LogisticRegressionClassifier.process = _classify


class _Ngrams:
    """What one model's featurizers and classifier share. `checked` once both ways gave the same."""

    def __init__(self, featurizers: list[CountVectorsFeaturizer], classifier: Any) -> None:
        self.checked = False
        self.given_up = False
        self.classifier = classifier
        self.classes = [str(name) for name in classifier.clf.classes_]
        self.weights = np.ascontiguousarray(classifier.clf.coef_.T)
        self.offsets: dict[int, int] = {}
        self.analyzers: dict[int, Any] = {}
        columns = 0
        for featurizer in featurizers:
            vectorizer = featurizer.vectorizers[TEXT]
            self.offsets[id(featurizer)] = columns
            self.analyzers[id(featurizer)] = vectorizer.build_analyzer()
            columns += len(vectorizer.vocabulary_)
        if columns != len(self.weights):
            raise ValueError(f"{columns} n-grams for {len(self.weights)} coefficients")

    def count(self, featurizer: CountVectorsFeaturizer, message: Message) -> None:
        """Adds the numbers of the message's n-grams, repeats included, to what was counted so far."""
        tokens = featurizer._get_processed_message_tokens_by_attribute(message, TEXT)
        vocabulary, offset = featurizer.vectorizers[TEXT].vocabulary_, self.offsets[id(featurizer)]
        found = message.data.setdefault(_COUNTS, [])
        if not tokens:
            return
        for ngram in self.analyzers[id(featurizer)](" ".join(tokens)):
            number = vocabulary.get(ngram)
            if number is not None:
                found.append(offset + number)

    def probabilities(self, message: Message) -> NDArray[np.float64]:
        """As scikit-learn computes them, in the same order of additions."""
        numbers, times = np.unique(
            np.array(message.data.pop(_COUNTS, []), dtype=np.int64), return_counts=True
        )
        logits = self.classifier.clf.intercept_
        if len(numbers):
            logits = (self.weights[numbers] * times[:, None]).sum(axis=0) + logits
        likely = np.exp(logits - logits.max())
        return np.asarray(likely / likely.sum())


def _init(self: DaskGraphRunner, *arguments: Any, **named: Any) -> None:
    _stock_init(self, *arguments, **named)
    components = [node._component for node in self._instantiated_nodes.values()]
    featurizers = [part for part in components if type(part) is CountVectorsFeaturizer]
    classifiers = [part for part in components if isinstance(part, LogisticRegressionClassifier)]
    others = [part for part in components if part not in featurizers and part not in classifiers]
    if len(classifiers) != 1 or not all(isinstance(part, _READS_NO_FEATURES) for part in others):
        return
    if not all(_plain(featurizer) for featurizer in featurizers) or not _multinomial(classifiers[0].clf):
        return
    try:
        ngrams = _Ngrams(featurizers, classifiers[0])
    except (AttributeError, ValueError) as error:
        logger.warning("Intents are found in stock Rasa's way: %s.", error)
        return
    for part in (*featurizers, *classifiers):
        part.__dict__["_ngrams"] = ngrams


def _plain(featurizer: CountVectorsFeaturizer) -> bool:
    """Whether it counts n-grams of the text, each as often as it occurs."""
    vectorizers = getattr(featurizer, "vectorizers", None)
    vectorizer = vectorizers.get(TEXT) if vectorizers else None
    return vectorizer is not None and hasattr(vectorizer, "vocabulary_") and not vectorizer.binary


def _multinomial(model: Any) -> bool:
    return (
        hasattr(model, "coef_")
        and len(model.classes_) > 2
        and model.multi_class in ("auto", "multinomial")
        and model.solver != "liblinear"
    )


def _featurize(self: CountVectorsFeaturizer, messages: list[Message]) -> list[Message]:
    ngrams: _Ngrams | None = self.__dict__.get("_ngrams")
    if ngrams is None or ngrams.given_up:
        return _stock_featurize(self, messages)
    for message in messages:
        ngrams.count(self, message)
    return messages if ngrams.checked else _stock_featurize(self, messages)


def _classify(self: LogisticRegressionClassifier, messages: list[Message]) -> list[Message]:
    ngrams: _Ngrams | None = self.__dict__.get("_ngrams")
    if ngrams is None or ngrams.given_up:
        return _stock_classify(self, messages)
    if not ngrams.checked:
        return _checked(self, ngrams, messages)
    for message in messages:
        likely = ngrams.probabilities(message)
        ranking = [
            {"name": ngrams.classes[k], "confidence": float(likely[k])}
            for k in np.argsort(-likely, kind="stable")
        ]
        length = self.config["ranking_length"]
        message.set("intent", ranking[0], add_to_output=True)
        message.set("intent_ranking", ranking[:length] if length > 0 else ranking, add_to_output=True)
    return messages


def _checked(self: LogisticRegressionClassifier, ngrams: _Ngrams, messages: list[Message]) -> list[Message]:
    """The first messages are classified both ways."""
    ours = [ngrams.probabilities(message) for message in messages]
    done = _stock_classify(self, messages)
    theirs = self.clf.predict_proba(self._create_X(messages))
    if np.allclose(np.array(ours), theirs, rtol=0, atol=TOLERANCE):
        ngrams.checked = True
    else:
        ngrams.given_up = True
        logger.warning("Intents are found in stock Rasa's way: ours gives other probabilities.")
    return done
