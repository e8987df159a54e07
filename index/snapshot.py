"""Immutable snapshots of the index on disk, one pointer to the live one, and the way back.

A snapshot is a folder named by the fingerprint of what it was built from: the knowledge, the encoder
and the ranking weights. It is written beside the live one, checked by its manifest of SHA-256 sums,
and goes live by replacing one small file. Nothing in a snapshot is ever changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from index.encoder import Encoder
from index.errors import SnapshotFault
from index.evidence import Evidence
from index.expansion import Expansion
from index.lexical import LexicalIndex
from index.passages import Passages, collect
from index.ranking import NO_ENCODER, Ranking
from index.search import Searcher
from index.signals import UnitIndex
from index.vectors import VectorIndex
from knowledge.model import Knowledge

FORMAT = 1
_KINDS = ("sentences", "questions")
_POINTER, _MANIFEST = "CURRENT", "manifest.json"


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a snapshot is made with besides the knowledge. No encoder: search is lexical only."""

    encoder: Encoder | None
    ranking: Ranking

    @property
    def encoder_name(self) -> str:
        return self.encoder.fingerprint if self.encoder else NO_ENCODER


@dataclass(frozen=True, slots=True)
class Pointer:
    """The live snapshot, and the fingerprint of the store's knowledge when it was made live."""

    snapshot: str
    source: str


def fingerprint(knowledge: Knowledge, ingredients: Ingredients) -> str:
    parts = json.dumps(
        [
            FORMAT,
            knowledge.fingerprint,
            ingredients.encoder_name,
            ingredients.ranking.to_json(),
        ]
    )
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


class SnapshotStore:
    """The snapshots under one folder. Builders may run beside each other: the last rename wins whole."""

    def __init__(self, folder: Path, keep: int = 5) -> None:
        self.folder = folder
        self._keep = keep

    def pointer(self) -> Pointer | None:
        """What is live; None before the first publication, or where the pointer cannot be read."""
        try:
            return Pointer(**json.loads((self.folder / _POINTER).read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None

    def knowledge_of(self, name: str) -> str | None:
        """The fingerprint of the knowledge that a snapshot holds."""
        try:
            return str(json.loads((self.folder / name / _MANIFEST).read_text(encoding="utf-8"))["knowledge"])
        except (OSError, ValueError, KeyError):
            return None

    def newest_first(self) -> list[str]:
        """Ids of complete snapshots by the time they were built."""
        built = [(self._built_at(name), name) for name in self._names()]
        return [name for _, name in sorted(built, reverse=True)]

    def build(self, knowledge: Knowledge, ingredients: Ingredients) -> str:
        """Write the snapshot of `knowledge` unless it is there and whole already; returns its id."""
        name = fingerprint(knowledge, ingredients)
        target = self.folder / name
        if target.exists():
            try:
                _verify(target)
            except SnapshotFault:
                shutil.rmtree(target)
            else:
                return name
        self.folder.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=".building-", dir=self.folder))
        try:
            _write(beside, name, knowledge, ingredients)
            os.replace(beside, target)
        except OSError as error:
            if not target.exists():  # else somebody else built the same
                raise SnapshotFault(
                    f"snapshot {name} could not be written to {self.folder}: {error}"
                ) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return name

    def publish(self, name: str, *, source: str) -> None:
        """Make `name` the live snapshot: one atomic rename of the pointer.

        `source` is the fingerprint of the store's knowledge at this moment. After a rollback it differs
        from the snapshot's own, and so a restart knows that the older snapshot was meant."""
        if not (self.folder / name / _MANIFEST).is_file():
            raise SnapshotFault(f"snapshot {name!r} does not exist in {self.folder}; build it first")
        descriptor, path = tempfile.mkstemp(prefix=".pointer-", dir=self.folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(Pointer(name, source)), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path, self.folder / _POINTER)
        self._discard_old(name)

    def open(self, name: str, ingredients: Ingredients) -> Searcher:
        """Load a snapshot after checking every file of it; raises SnapshotFault."""
        folder = self.folder / name
        manifest = _verify(folder)
        if manifest["encoder"] != ingredients.encoder_name:
            raise SnapshotFault(
                f"snapshot {name} was built with encoder {manifest['encoder']}, "
                f"but {ingredients.encoder_name} is loaded; build it again"
            )
        return _read(folder, name, ingredients)

    def open_latest(
        self, ingredients: Ingredients, report: Callable[[str], None], *, skip: str = ""
    ) -> Searcher | None:
        """The newest snapshot, other than `skip`, that is whole; None if there is none.

        Each snapshot passed over is reported with its fault."""
        for name in self.newest_first():
            if name == skip:
                continue
            try:
                return self.open(name, ingredients)
            except SnapshotFault as fault:
                report(str(fault))
        return None

    def _names(self) -> Iterator[str]:
        if self.folder.is_dir():
            for path in self.folder.iterdir():
                if not path.name.startswith(".") and (path / _MANIFEST).is_file():
                    yield path.name

    def _built_at(self, name: str) -> str:
        try:
            return str(json.loads((self.folder / name / _MANIFEST).read_text())["built_at"])
        except (OSError, ValueError, KeyError):
            return ""

    def _discard_old(self, live: str) -> None:
        for name in [n for n in self.newest_first() if n != live][self._keep :]:
            shutil.rmtree(self.folder / name, ignore_errors=True)


def _write(folder: Path, name: str, knowledge: Knowledge, ingredients: Ingredients) -> None:
    passages = collect(knowledge)
    (folder / "knowledge.json").write_text(knowledge.to_json(), encoding="utf-8")
    for kind, texts in _units(passages):
        LexicalIndex.build(texts).save(folder / kind)
        _vectors(texts, ingredients.encoder).save(folder / kind / "vectors.faiss")
    ingredients.ranking.save(folder / "ranking.json")
    manifest = {
        "format": FORMAT,
        "id": name,
        "built_at": datetime.now(UTC).isoformat(),
        "knowledge": knowledge.fingerprint,
        "encoder": ingredients.encoder_name,
        "counts": {
            "documents": len(knowledge.documents),
            "clauses": len(knowledge.clauses),
            "entries": len(knowledge.entries),
            "programmes": len(knowledge.programmes),
            "passages": len(passages.passages),
        },
        "files": {str(path.relative_to(folder)): _digest(path) for path in _files(folder)},
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")


def _read(folder: Path, name: str, ingredients: Ingredients) -> Searcher:
    knowledge = Knowledge.from_json((folder / "knowledge.json").read_text(encoding="utf-8"))
    passages = collect(knowledge)
    sentences, questions = (
        UnitIndex(LexicalIndex.load(folder / kind), VectorIndex.load(folder / kind / "vectors.faiss"))
        for kind in _KINDS
    )
    evidence = Evidence(passages, sentences, questions, ingredients.encoder, Expansion(knowledge.lexicon))
    return Searcher(knowledge, evidence, Ranking.load(folder / "ranking.json"), name)


def assemble(knowledge: Knowledge, ingredients: Ingredients, name: str = "memory") -> Searcher:
    """A searcher straight from knowledge, nothing written: for training, tests and comparisons."""
    passages: Passages = collect(knowledge)
    sentences, questions = (
        UnitIndex(LexicalIndex.build(texts), _vectors(texts, ingredients.encoder))
        for _, texts in _units(passages)
    )
    evidence = Evidence(passages, sentences, questions, ingredients.encoder, Expansion(knowledge.lexicon))
    return Searcher(knowledge, evidence, ingredients.ranking, name)


def _units(passages: Passages) -> list[tuple[str, tuple[str, ...]]]:
    return list(zip(_KINDS, (passages.sentences.texts, passages.questions.texts), strict=True))


def _vectors(texts: tuple[str, ...], encoder: Encoder | None) -> VectorIndex:
    if encoder is None or not texts:
        return VectorIndex.build(np.zeros((0, encoder.dimension if encoder else 1), dtype=np.float32))
    return VectorIndex.build(encoder.encode(texts))


def _verify(folder: Path) -> dict[str, object]:
    """The manifest of a whole snapshot; raises SnapshotFault naming the file that is not as written."""
    try:
        manifest: dict[str, object] = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        if manifest["format"] != FORMAT or not isinstance(files, dict):
            raise SnapshotFault(
                f"snapshot {folder.name} has format {manifest['format']}, not {FORMAT}; build it again"
            )
        for relative, digest in files.items():
            if _digest(folder / relative) != digest:
                raise SnapshotFault(f"snapshot {folder.name} is damaged: {relative} is not as it was written")
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotFault(f"snapshot {folder.name} cannot be read: {error}") from error
    return manifest


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
