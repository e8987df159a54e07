"""The static encoder: a text's vector is the mean of its features' vectors, normalised.

Owns the module and its folder on disk: a manifest, the vocabulary, one int8 row and one float32 scale a
feature. Rows are mapped, not read, and are no torch parameters: a model costs the memory of the rows in
use. It must not know how the vectors came about or what they are used for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from sentence_transformers.base.modules import InputModule

from index.errors import EncoderError
from index.features import RECIPE, features

MANIFEST = "static_features.json"
_VOCABULARY, _ROWS, _SCALES = "vocabulary.txt", "rows.npy", "scales.npy"
_FORMAT = 1
_REMEDY = "restore the folder from the release, or train it with `python -m index.train encoder`"


class StaticFeatures(InputModule):  # type: ignore[misc]
    """A Sentence-Transformers module without weights of torch's own.

    `rows` is int8 (features, dimension), `scales` float32 (features,): feature i's vector is
    `rows[i] * scales[i]`. A text without a known feature has the zero vector.
    """

    config_file_name = MANIFEST

    def __init__(
        self, vocabulary: Sequence[str], rows: NDArray[np.int8], scales: NDArray[np.float32]
    ) -> None:
        super().__init__()
        if rows.dtype != np.int8 or rows.ndim != 2 or not len(rows):
            raise ValueError(f"rows are {rows.dtype} of shape {rows.shape}, not int8 (features, dimension)")
        if scales.dtype != np.float32 or scales.shape != (len(rows),):
            raise ValueError(f"scales are {scales.dtype} of shape {scales.shape}, not float32 ({len(rows)},)")
        if len(set(vocabulary)) != len(rows):
            raise ValueError(f"{len(set(vocabulary))} different features for {len(rows)} rows")
        self.rows = rows
        self.scales = scales
        self.number_of = {feature: number for number, feature in enumerate(vocabulary)}

    @classmethod
    def quantised(cls, vocabulary: Sequence[str], vectors: NDArray[np.float32]) -> Self:
        """From float vectors: each row's largest component becomes 127."""
        peaks = np.abs(vectors).max(axis=1, keepdims=True)
        scales = np.where(peaks > 0, peaks / 127, 1).astype(np.float32)
        return cls(vocabulary, np.rint(vectors / scales).astype(np.int8), scales[:, 0])

    def get_embedding_dimension(self) -> int:
        return int(self.rows.shape[1])

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """The numbers of the known features of each text, end to end, and where each text starts."""
        runs = [self.numbers((prompt or "") + text) for text in inputs]
        starts = np.cumsum([0, *map(len, runs)])
        numbers = np.fromiter((number for run in runs for number in run), dtype=np.int64, count=starts[-1])
        return {"input_ids": torch.from_numpy(numbers), "starts": torch.from_numpy(starts)}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        numbers, starts = features["input_ids"].cpu().numpy(), features["starts"].cpu().numpy()
        vectors = np.stack([self.sum(numbers[a:b]) for a, b in pairwise(starts)])
        features["sentence_embedding"] = torch.from_numpy(vectors).to(features["input_ids"].device)
        return features

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """What `SentenceTransformer.encode(texts, normalize_embeddings=True)` gives, without its overhead."""
        vectors = np.empty((len(texts), self.get_embedding_dimension()), dtype=np.float32)
        for place, text in enumerate(texts):
            vectors[place] = self.sum(np.array(self.numbers(text), dtype=np.int64))
        norms = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return np.asarray(vectors / norms, dtype=np.float32)

    def numbers(self, text: str) -> list[int]:
        number_of = self.number_of
        return [number_of[feature] for feature in features(text) if feature in number_of]

    def sum(self, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """The mean but for its length, which normalising takes away."""
        return np.asarray(self.scales[numbers] @ self.rows[numbers].astype(np.float32), dtype=np.float32)

    def get_config_dict(self) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "recipe": RECIPE,
            "features": len(self.rows),
            "dimension": self.get_embedding_dimension(),
        }

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Write the folder; the manifest last, with the digest of every file."""
        folder = Path(output_path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _VOCABULARY).write_text("\n".join(self.number_of) + "\n", encoding="utf-8")
        np.save(folder / _ROWS, np.ascontiguousarray(self.rows))
        np.save(folder / _SCALES, self.scales)
        files = {name: _digest(folder / name) for name in (_VOCABULARY, _ROWS, _SCALES)}
        manifest = json.dumps({**self.get_config_dict(), "files": files}, indent=2)
        (folder / MANIFEST).write_text(manifest + "\n", encoding="utf-8")

    @classmethod
    def load(cls, model_name_or_path: str | Path, subfolder: str = "", **kwargs: Any) -> Self:
        """Read the folder; EncoderError when it is missing, damaged or made for other features."""
        folder = Path(model_name_or_path) / subfolder
        try:
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            files = dict(manifest["files"])
            made_for = (manifest["format"], manifest["recipe"])
        except FileNotFoundError as error:
            raise EncoderError(f"No encoder in {folder}: {error.filename} is missing; {_REMEDY}") from error
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EncoderError(f"{folder / MANIFEST} cannot be read ({error}); {_REMEDY}") from error
        if made_for != (_FORMAT, RECIPE):
            raise EncoderError(
                f"{folder} has format and feature recipe {made_for}, not {(_FORMAT, RECIPE)}; {_REMEDY}"
            )
        for name in (_VOCABULARY, _ROWS, _SCALES):
            path = folder / name
            if not path.is_file():
                raise EncoderError(f"No encoder in {folder}: {path} is missing; {_REMEDY}")
            if _digest(path) != files.get(name):
                raise EncoderError(f"{path} is damaged: its digest is not the manifest's; {_REMEDY}")
        try:
            vocabulary = (folder / _VOCABULARY).read_text(encoding="utf-8").split("\n")[:-1]
            return cls(vocabulary, np.load(folder / _ROWS, mmap_mode="r"), np.load(folder / _SCALES))
        except ValueError as error:
            raise EncoderError(f"{folder} does not fit together ({error}); {_REMEDY}") from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
