"""Small talk against questions, cross-validated. Runs on Rasa's Python, prints one JSON object.

Trains the classifier of config.yml (words and character n-grams of jieba's tokens, logistic regression) on the
examples of intents/ without each fold in turn, puts the real gate of bot/rasa_ext behind it, and compares with
what each example was written as. No Rasa graph is built: that costs ten times as long and says the same.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jieba
import numpy as np
import yaml
from scipy.sparse import hstack
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bot.rasa_ext.gate import SmallTalkGate  # noqa: E402

QUESTION = "ask_policy"
FOLDS = 5


def blocks(kind: str) -> Iterator[tuple[str, list[str]]]:
    for path in sorted((ROOT / "intents").glob("*.yml")):
        for block in yaml.safe_load(path.read_text("utf-8"))["nlu"]:
            if kind in block:
                yield block[kind], [line[2:] for line in block["examples"].splitlines()]


def plain(example: str) -> str:
    return re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", example)


def settings_of(component: str) -> dict[str, Any]:
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    step = next(step for step in pipeline if step["name"].endswith(component))
    return {key: value for key, value in step.items() if key != "name"}


def gate() -> SmallTalkGate:
    return SmallTalkGate(settings_of("SmallTalkGate"))


def entities(text: str, lookups: dict[str, list[str]], regexes: dict[str, list[str]]) -> list[str]:
    named = [kind for kind, words in lookups.items() if any(word.lower() in text.lower() for word in words)]
    cues = [kind for kind, patterns in regexes.items() if any(re.search(p, text) for p in patterns)]
    return named + cues


def features(texts: list[str], vectorizers: list[CountVectorizer], fit: bool) -> Any:
    return hstack([v.fit_transform(texts) if fit else v.transform(texts) for v in vectorizers]).tocsr()


def main() -> None:
    examples = [(plain(e), intent) for intent, lines in blocks("intent") for e in lines]
    texts = [text for text, _ in examples]
    tokens = [" ".join(token for token in jieba.cut(text)) for text in texts]
    intents = np.array([intent for _, intent in examples])
    lookups, regexes = dict(blocks("lookup")), dict(blocks("regex"))
    decider = gate()
    decided = np.empty(len(intents), dtype=object)
    sure = np.zeros(len(intents))
    for train, test in StratifiedKFold(FOLDS, shuffle=True, random_state=7).split(texts, intents):
        vectorizers = [
            CountVectorizer(token_pattern=r"(?u)\b\w+\b"),
            CountVectorizer(analyzer="char", ngram_range=(1, 3)),
        ]
        model = LogisticRegression(
            class_weight="balanced",
            C=settings_of("RegularisedClassifier")["C"],
            max_iter=100,
            random_state=42,
        )
        model.fit(features([tokens[i] for i in train], vectorizers, fit=True), intents[train])
        ranked = model.predict_proba(features([tokens[i] for i in test], vectorizers, fit=False))
        for i, row in zip(test, ranked, strict=True):
            order = row.argsort()[::-1]
            ranking = [{"name": model.classes_[k], "confidence": float(row[k])} for k in order]
            sure[i] = ranking[0]["confidence"]
            decided[i] = decider.decide(texts[i], ranking, entities(texts[i], lookups, regexes))
    talk, said = intents != QUESTION, decided != QUESTION
    both = int((talk & said).sum())
    precision, recall = both / int(said.sum()), both / int(talk.sum())
    wrong = [
        f"{intents[i]}>{decided[i]} {sure[i]:.2f} {texts[i]}" for i in np.flatnonzero(intents != decided)
    ]
    report = {
        "examples": len(texts),
        "smalltalk_precision": round(precision, 4),
        "smalltalk_recall": round(recall, 4),
        "smalltalk_f1": round(2 * precision * recall / (precision + recall), 4),
        "questions_kept": round(float((~talk & ~said).sum() / (~talk).sum()), 4),
        "intent_accuracy": round(float((intents == decided).mean()), 4),
        "confused": Counter(line.split(" ")[0] for line in wrong).most_common(12),
    }
    print(json.dumps(report, ensure_ascii=False))
    if "-v" in sys.argv:
        print("\n".join(wrong))


if __name__ == "__main__":
    main()
