"""From texts to vectors: the shipped encoder, or any Sentence-Transformers model that takes its place.

Owns the choice and the loading of a model. It must not know what is encoded or how vectors are searched.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sentence_transformers import SentenceTransformer

from index.errors import EncoderError
from index.static_features import MANIFEST, StaticFeatures

__all__ = ["BUILTIN", "BUILTIN_FOLDER", "Encoder", "EncoderError", "load_encoder"]

BUILTIN = "builtin"
BUILTIN_FOLDER = Path(__file__).parent / "model"
BATCH = 32


class Encoder(Protocol):
    """What search needs of a model."""

    @property
    def dimension(self) -> int: ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same text may get another vector."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, float32, of length 1; of length 0 for a text the model sees nothing of."""
        ...


class StaticEncoder:
    """A model of our own, asked directly: Sentence-Transformers' `encode` costs more than the vectors."""

    def __init__(self, model: SentenceTransformer, module: StaticFeatures, folder: Path) -> None:
        self.model = model
        self._module = module
        self.dimension = module.get_embedding_dimension()
        self.fingerprint = _short((folder / MANIFEST).read_bytes())

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._module.encode(texts)


class ModelEncoder:
    """Any other model, through Sentence-Transformers' own `encode`."""

    def __init__(self, model: SentenceTransformer, fingerprint: str) -> None:
        self.model = model
        self.fingerprint = fingerprint
        dimension = model.get_embedding_dimension()
        if dimension is None:
            raise EncoderError(
                "The model does not say its dimension: choose one that ends in a pooling layer"
            )
        self.dimension = int(dimension)

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        vectors = self.model.encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, dtype=np.float32)


def load_encoder(
    name_or_path: str | Path = BUILTIN,
    *,
    trust_remote_code: bool = False,
    cache_dir: str | Path | None = None,
) -> Encoder:
    """The encoder of that name: `builtin`, a folder, or a model of the hub.

    A folder is read as it is, without a look at the network. `cache_dir` is where models of the hub are
    kept. A model that brings code of its own is refused unless `trust_remote_code`. Raises EncoderError,
    which names the model and the remedy, for whatever keeps it from being loaded.
    """
    name = str(name_or_path).strip()
    if name == BUILTIN:
        return _static(BUILTIN_FOLDER)
    folder = Path(name).expanduser()
    if name and folder.is_dir():
        return (
            _static(folder) if (folder / MANIFEST).is_file() else _model(folder, trust_remote_code, cache_dir)
        )
    if not name or folder.is_absolute() or name.startswith((".", "~")) or name.count("/") != 1:
        raise EncoderError(
            f"The encoder's folder {name!r} does not exist: correct the setting, or set it to {BUILTIN!r}"
        )
    return _model(name, trust_remote_code, cache_dir)


def _static(folder: Path) -> StaticEncoder:
    module = StaticFeatures.load(folder)
    return StaticEncoder(SentenceTransformer(modules=[module], device="cpu"), module, folder)


def _model(source: Path | str, trust_remote_code: bool, cache_dir: str | Path | None) -> ModelEncoder:
    try:
        model = SentenceTransformer(
            str(source),
            trust_remote_code=trust_remote_code,
            local_files_only=isinstance(source, Path),
            cache_folder=None if cache_dir is None else str(cache_dir),
        )
    except Exception as error:
        raise EncoderError(
            f"The encoder {str(source)!r} cannot be loaded: {_remedy(error, trust_remote_code)}"
        ) from error
    return ModelEncoder(
        model, _folder_fingerprint(source) if isinstance(source, Path) else _hub_fingerprint(source, model)
    )


def _remedy(error: Exception, trusted: bool) -> str:
    reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if not trusted and "trust_remote_code" in str(error):
        return (
            "it brings code of its own, which is refused: choose another model, "
            "or let an administrator allow it with trust_remote_code"
        )
    return f"{reason}; is it a complete Sentence-Transformers model? {BUILTIN!r} is always there"


def _folder_fingerprint(folder: Path) -> str:
    """Over names, sizes and times of change: reading gigabytes at each start would take too long."""
    seen = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        facts = os.stat(path)
        seen.update(f"{path.relative_to(folder)}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()[:16]


def _hub_fingerprint(name: str, model: Any) -> str:
    return _short(f"{name}\0{getattr(model.model_card_data, 'base_model_revision', None)}".encode())


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
