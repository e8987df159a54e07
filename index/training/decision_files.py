"""The files that training leaves: weights, and beside them the questions without an answer, as vectors."""

from __future__ import annotations

from pathlib import Path

from index.encoder import Encoder
from index.precedents import save_vectors, vectors_file, vectors_of
from index.ranking import Ranking
from index.training.samples import unanswerable_questions


def save(ranking: Ranking, encoder: Encoder | None, path: Path) -> None:
    """`path` is that of the weights; its folder is made. `encoder` is the one that they were trained with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if encoder is not None:
        questions = [item.question for item in unanswerable_questions()]
        save_vectors(vectors_of(questions, encoder), vectors_file(path))
    ranking.save(path)
