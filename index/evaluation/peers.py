"""What a user would pick instead, over the same texts: plain BM25 and plain TF-IDF.

Each peer has one threshold on its own score, chosen on the questions without an answer that training uses, so
that it answers as many held-out ones by mistake as we do: then what it answers rightly can be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import bm25s
import jieba
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from index.evaluation.cases import Case
from index.evaluation.figures import Share
from index.evaluation.judging import Judgement, shares
from index.evaluation.texts import Texts
from index.text import private_folder


@dataclass(frozen=True, slots=True)
class Offer:
    """The clause that a peer puts first ("" for none) and how sure it is, on its own scale."""

    clause: str
    score: float


class Peer(Protocol):
    """Something that answers questions from the same knowledge."""

    @property
    def name(self) -> str: ...

    def offer(self, questions: Sequence[str]) -> list[Offer]: ...


@dataclass(frozen=True, slots=True)
class Compared:
    """One system on held-out wordings and near misses. A peer's `threshold` is chosen in advance;
    `with_hindsight` is what it would get right with the one that makes it as unsafe as we are on the very
    near misses that are measured: the most that choosing could do for it."""

    first: Share
    right: Share
    wrong: Share
    missed: Share
    unsafe: Share
    threshold: float | None = None
    with_hindsight: Share | None = None

    @property
    def shares(self) -> dict[str, Share]:
        named = {name: getattr(self, name) for name in ("first", "right", "wrong", "missed", "unsafe")}
        return named | ({"right_with_hindsight": self.with_hindsight} if self.with_hindsight else {})


class Bm25Jieba:
    """bm25s as it comes, over the words that jieba cuts for search engines."""

    name = "bm25s_jieba"

    def __init__(self, texts: Texts) -> None:
        self._clauses = texts.clauses
        self._jieba = jieba.Tokenizer()
        self._jieba.tmp_dir = str(private_folder())
        self._engine = bm25s.BM25()
        self._engine.index([self._cut(text) for text in texts.texts], show_progress=False)

    def offer(self, questions: Sequence[str]) -> list[Offer]:
        return [self._first(self._cut(question)) for question in questions]

    def _first(self, tokens: list[str]) -> Offer:
        known = [token for token in tokens if token in self._engine.vocab_dict]
        return _best(self._engine.get_scores(known), self._clauses) if known else Offer("", 0.0)

    def _cut(self, text: str) -> list[str]:
        return [word for word in self._jieba.lcut_for_search(text) if word.isalnum()]


class TfidfCharacters:
    """scikit-learn's TF-IDF over runs of one to three characters, by cosine."""

    name = "tfidf_characters"

    def __init__(self, texts: Texts) -> None:
        self._clauses = texts.clauses
        self._vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True)
        self._rows = self._vectorizer.fit_transform(texts.texts)

    def offer(self, questions: Sequence[str]) -> list[Offer]:
        scores = self._vectorizer.transform(questions) @ self._rows.T
        return [_best(scores[row].toarray()[0], self._clauses) for row in range(len(questions))]


def matching_threshold(scores: Sequence[float], share: float) -> float:
    """The score from which on nearest to `share` of `scores` lie; the lower one of two as near."""
    ordered = np.unique(np.asarray([0.0, *scores], dtype=np.float64))
    edges = [*((ordered[:-1] + ordered[1:]) / 2), float(ordered[-1]) + 1.0]
    reached = [float(np.mean(np.asarray(scores) >= edge)) for edge in edges]
    return float(min(zip(edges, reached, strict=True), key=lambda pair: (abs(pair[1] - share), pair[0]))[0])


def compare(
    peer: Peer,
    wordings: Sequence[Case],
    near_misses: Sequence[Case],
    *,
    practice: Sequence[str],
    unsafe: float,
) -> Compared:
    """`practice` are questions without an answer that are not measured on; `unsafe` is our own share."""
    questions = [*practice, *(case.question for case in (*wordings, *near_misses))]
    offers = peer.offer(questions)
    measured = offers[len(practice) :]
    threshold = matching_threshold([offer.score for offer in offers[: len(practice)]], unsafe)
    hindsight = matching_threshold([offer.score for offer in measured[len(wordings) :]], unsafe)

    def judged(cases: Sequence[Case], given: Sequence[Offer], at: float) -> dict[str, Share]:
        return shares([_judge(case, offer, at) for case, offer in zip(cases, given, strict=True)])

    on_wordings = measured[: len(wordings)]
    first = sum(offer.clause in case.due for case, offer in zip(wordings, on_wordings, strict=True))
    return Compared(
        first=Share(first, len(wordings)),
        threshold=threshold,
        with_hindsight=judged(wordings, on_wordings, hindsight)["right"],
        **judged(wordings, on_wordings, threshold),
        **judged(near_misses, measured[len(wordings) :], threshold),
    )


def _judge(case: Case, offer: Offer, threshold: float) -> Judgement:
    if not offer.clause or offer.score < threshold:
        return "missed" if case.due else "safe"
    if offer.clause in case.due | case.allowed:
        return "right" if case.due else "safe"
    return "wrong" if case.due else "unsafe"


def _best(scores: np.ndarray, clauses: Sequence[str]) -> Offer:
    first = int(np.argmax(scores))
    return Offer(clauses[first], float(scores[first])) if scores[first] > 0 else Offer("", 0.0)
