"""The search's own sentence encoder as a Rasa featurizer, read from its files with numpy alone.

A text's vector is the normalised sum of the int8 rows of its words, characters and bigrams: what
index/encoder.py computes, without torch, Sentence-Transformers or OpenCC, none of which runs beside Rasa
3.6. What the search's normal form does beyond a text's width and case is left out: traditional characters
are not turned into simplified ones, signs and spaces are not features anyway. It is not in config.yml: by
`python -m bench.intents` it tells small talk from questions hardly better than the n-grams alone (F1 0.952
against 0.949, intents 0.791 against 0.768) and turns their speed-up off.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import Any, Dict, List, Text

import jieba
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

MANIFEST = "static_features.json"
MADE_FOR = (1, 1)
SHIPPED = Path(__file__).resolve().parents[2] / "index" / "model"

_CJK = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3007\U00020000-\U0003ffff"
_RUN = re.compile(f"[{_CJK}a-z0-9]+")
_KEPT = re.compile(f"[{_CJK}a-z0-9]")
_SPACE_IN_CHINESE = re.compile(f"(?<=[{_CJK}])\\s+(?=[{_CJK}])")
_REPEATED = re.compile(f"(?![〇零一二三四五六七八九十百千万亿])([{_CJK}])\\1{{2,}}")


class StaticVectors:
    """The model's files; `vector` gives a text's row: of length 1, or 0 where it knows nothing of it."""

    def __init__(self, folder: Path) -> None:
        try:
            manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
            names = {part: f"{part}.{kind}" for part, kind in _FILES}
            for name in names.values():
                digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
                if digest != manifest["files"][name]:
                    raise InvalidConfigException(
                        f"{folder / name} is damaged: its digest is not the manifest's."
                    )
            made_for = (manifest["format"], manifest["recipe"])
            words = (folder / names["vocabulary"]).read_text("utf-8").split("\n")[:-1]
            self.rows = np.load(folder / names["rows"], mmap_mode="r")
            self.scales = np.load(folder / names["scales"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise InvalidConfigException(f"No encoder in {folder}: {error}") from error
        if made_for != MADE_FOR:
            raise InvalidConfigException(
                f"{folder} has format and feature recipe {made_for}, not {MADE_FOR}: "
                "bot/rasa_ext/static_encoder.py must follow index/features.py."
            )
        self.number_of = {word: number for number, word in enumerate(words)}
        self.dimension = int(self.rows.shape[1])

    def vector(self, text: str) -> np.ndarray:
        numbers = [self.number_of[f] for f in features(text) if f in self.number_of]
        total = self.scales[numbers] @ self.rows[numbers].astype(np.float32)
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), dtype=np.float32)


_FILES = (("vocabulary", "txt"), ("rows", "npy"), ("scales", "npy"))


def features(text: str) -> List[Text]:
    """What index/features.py sees of a text, repeats included."""
    normal = normalised(text)
    found = [w for w in jieba.cut_for_search(normal) if len(w) >= 2 and _KEPT.search(w)]
    for run in _RUN.findall(normal):
        found.extend(run)
        found.extend(map("".join, pairwise(run)))
    return found


def normalised(text: str) -> str:
    """Half width and lower case; no spaces within Chinese, no character three times in a row."""
    folded = unicodedata.normalize("NFKC", text).lower()
    shown = "".join(" " if c.isspace() or unicodedata.category(c) in ("Cc", "So") else c for c in folded)
    shown = "".join(c for c in shown if unicodedata.category(c) not in ("Cf", "Cs", "Co", "Cn", "Me"))
    return _REPEATED.sub(r"\1", _SPACE_IN_CHINESE.sub("", shown).strip())


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class StaticEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Gives a message its sentence vector, and each token its own."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        # None: the encoder that ships; otherwise a folder as index/train.py writes it
        return {**DenseFeaturizer.get_default_config(), "folder": None}

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        super().__init__(name, config)
        self._vectors = StaticVectors(Path(config["folder"] or SHIPPED))

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "StaticEncoderFeaturizer":
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        """Nothing but the folder to check, which `create` reads."""

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT)
            if not text:
                continue
            tokens = [token.text for token in message.get("text_tokens") or []]
            sequence = np.stack([self._vectors.vector(token) for token in tokens or [text]])
            for rows, kind in (
                (sequence, FEATURE_TYPE_SEQUENCE),
                (self._vectors.vector(text)[None], FEATURE_TYPE_SENTENCE),
            ):
                message.add_features(Features(rows, kind, TEXT, self._config["alias"]))
        return messages
