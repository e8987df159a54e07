"""Questions known to have no answer, and what a question's nearness to them tells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.encoder import BUILTIN, load_encoder
from index.errors import IndexFault
from index.precedents import load_vectors, precedent, save_vectors, vectors_file, vectors_of
from index.ranking import weights_file
from index.snapshot import Ingredients, assemble
from tests.index import tiny

ENCODER = tiny.BigramEncoder()
UNANSWERED = ["补贴款打到哪张卡", "补贴好久到账", "充电桩哪家便宜"]


def test_the_three_nearest_of_each_kind_count() -> None:
    approved, unanswered = np.asarray([0.1, 0.9, 0.6, 0.3]), np.asarray([0.2, 0.5, 0.2, 0.0])
    assert precedent(approved, unanswered) == pytest.approx((0.9 + 0.6 + 0.3) / 3 - (0.5 + 0.2 + 0.2) / 3)


def test_fewer_than_three_are_all_there_are() -> None:
    assert precedent(np.asarray([0.8]), np.asarray([0.5, 0.1])) == pytest.approx(0.5)


@pytest.mark.parametrize(("approved", "unanswered"), [([], [0.4]), ([0.4], []), ([], [])])
def test_one_kind_alone_tells_nothing(approved: list[float], unanswered: list[float]) -> None:
    assert precedent(np.asarray(approved), np.asarray(unanswered)) == 0.0


def test_a_question_known_to_have_no_answer_stands_nearer_to_its_like() -> None:
    near = vectors_of(UNANSWERED, ENCODER)
    evidence = assemble(tiny.knowledge(), Ingredients(ENCODER, tiny.ranking(), near)).evidence
    approved = evidence.passages.questions.texts[0]
    found = {text: evidence.gather(evidence.prepare(text)).precedent for text in (UNANSWERED[0], approved)}
    assert found[UNANSWERED[0]] < 0 < found[approved]


def test_without_such_questions_or_without_an_encoder_nothing_is_told() -> None:
    for ingredients in (
        Ingredients(ENCODER, tiny.ranking()),
        Ingredients(None, tiny.ranking(), vectors_of(UNANSWERED, ENCODER)),
    ):
        evidence = assemble(tiny.knowledge(), ingredients).evidence
        assert evidence.gather(evidence.prepare(UNANSWERED[0])).precedent == 0.0


def test_vectors_are_kept_beside_the_weights(tmp_path: Path) -> None:
    path = vectors_file(tmp_path / "bigrams.json")
    assert path == tmp_path / "bigrams.unanswered.npy"
    assert load_vectors(path, ENCODER) is None
    near = vectors_of(UNANSWERED, ENCODER)
    save_vectors(near, path)
    loaded = load_vectors(path, ENCODER)
    assert loaded is not None
    assert loaded.rows(np.arange(3)) == pytest.approx(near.rows(np.arange(3)), abs=1e-3)


def test_a_file_that_is_not_this_encoders_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.unanswered.npy"
    np.save(path, np.zeros((2, 5), dtype=np.float16))
    with pytest.raises(IndexFault, match="not 64 columns"):
        load_vectors(path, ENCODER)
    path.write_bytes(b"no vectors")
    with pytest.raises(IndexFault, match="cannot be read"):
        load_vectors(path, ENCODER)


def test_the_shipped_vectors_belong_to_the_shipped_encoder() -> None:
    encoder = load_encoder(BUILTIN)
    shipped = load_vectors(vectors_file(weights_file(encoder.fingerprint)), encoder)
    assert shipped is not None
    assert shipped.size > 10_000
    lengths = np.linalg.norm(shipped.rows(np.arange(shipped.size)), axis=1)
    assert lengths == pytest.approx(np.ones(shipped.size), abs=2e-3)
