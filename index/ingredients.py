"""What a process needs to build and read snapshots: its encoder, and the weights that go with it.

Weights are calibrated for one encoder: another one's cosines mean something else. Those of the shipped
encoder, and those for search without any, ship too; for any other they are trained once, on the
shipped questions, and kept in the data folder.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

from index.encoder import Encoder, load_encoder
from index.errors import EncoderError
from index.precedents import load_vectors, vectors_file
from index.ranking import NO_ENCODER, Ranking, weights_file
from index.snapshot import Ingredients
from knowledge.model import Knowledge

Progress = Callable[[str], None]


def gather_ingredients(
    encoder: str,
    *,
    trust_remote_code: bool,
    knowledge: Knowledge,
    data_dir: Path,
    today: date,
    progress: Progress,
) -> tuple[Ingredients, tuple[str, ...]]:
    """The ingredients, and the warnings to show: an encoder that cannot be loaded leaves search lexical."""
    try:
        loaded = load_encoder(encoder, trust_remote_code=trust_remote_code, cache_dir=data_dir / "models")
    except EncoderError as error:
        lexical = Ranking.load(weights_file(NO_ENCODER))
        return Ingredients(None, lexical), (f"searching by words only: {error}",)
    weights = _weights(loaded, knowledge, data_dir, today, progress)
    return Ingredients(loaded, Ranking.load(weights), load_vectors(vectors_file(weights), loaded)), ()


def _weights(encoder: Encoder, knowledge: Knowledge, data_dir: Path, today: date, progress: Progress) -> Path:
    """The file of the weights that belong to `encoder`, trained first where there is none."""
    shipped = weights_file(encoder.fingerprint)
    if shipped.is_file():
        return shipped
    own = weights_file(encoder.fingerprint, data_dir / "weights")
    if not own.is_file():
        # Imported here: its libraries are heavy, and an installation with shipped weights never needs them.
        from index.training.decision import train
        from index.training.decision_files import save

        progress("calibrating the ranking for this encoder, once")
        save(train(knowledge, encoder, as_of=today), encoder, own)
    return own
