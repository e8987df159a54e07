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
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
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


@dataclass(frozen=True)
class Ingredients:
    """What a snapshot is made with besides the knowledge. No encoder: search is lexical only.
    `unanswered` are questions known to have no answer, which the ranking was calibrated on."""

    encoder: Encoder | None
    ranking: Ranking
    unanswered: VectorIndex | None = None

    @property
    def encoder_name(self) -> str:
        return self.encoder.fingerprint if self.encoder else NO_ENCODER

    @cached_property
    def weights(self) -> str:
        """The ranking's JSON, made once: it takes a second."""
        return self.ranking.to_json()


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
            ingredients.weights,
        ]
    )
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


class SnapshotStore:
    """The snapshots under one folder. Builders may run beside each other: the last rename wins whole."""

    def __init__(self, folder: Path, keep: int = 20) -> None:
        """`keep` snapshots besides the live one stay on disk, the newest; any other can be built again."""
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

    def built(self) -> list[tuple[str, datetime]]:
        """Ids of complete snapshots with when they were built, the newest first."""
        return [
            (name, datetime.fromisoformat(at)) for name in self.newest_first() if (at := self._built_at(name))
        ]

    def build(self, knowledge: Knowledge, ingredients: Ingredients) -> str:
        """Write the snapshot of `knowledge` unless it is there and whole already; returns its id."""
        name = fingerprint(knowledge, ingredients)
        if not self._whole(name):
            self._put(assemble(knowledge, ingredients, name), ingredients)
        return name

    def prepare(self, knowledge: Knowledge, ingredients: Ingredients, like: Searcher | None) -> Searcher:
        """The searcher of `knowledge`, whole on disk as well.

        What was worked out for `like`, made with the same encoder, is taken from there for every text that
        did not change."""
        name = fingerprint(knowledge, ingredients)
        if self._whole(name):
            return self.open(name, ingredients, like, knowledge)
        searcher = assemble(knowledge, ingredients, name, like)
        self._put(searcher, ingredients)
        return searcher

    def publish(self, name: str, *, source: str) -> None:
        """Make `name` the live snapshot: one atomic rename of the pointer.

        `source` is the fingerprint of the store's knowledge at this moment. After a rollback it differs
        from the snapshot's own, and so a restart knows that the older snapshot was meant."""
        self.stage(name, source=source).place()

    def stage(self, name: str, *, source: str) -> StagedPointer:
        """The pointer to `name`, written and synced beside the live one, so that what is left is a rename:
        a full disk shows here, not after somebody has committed to the change. Raises SnapshotFault."""
        if not (self.folder / name / _MANIFEST).is_file():
            raise SnapshotFault(f"snapshot {name!r} does not exist in {self.folder}; build it first")
        try:
            descriptor, path = tempfile.mkstemp(prefix=".pointer-", dir=self.folder)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(Pointer(name, source)), file)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SnapshotFault(f"the pointer to {name} could not be written: {error}") from error
        return StagedPointer(self, Path(path), name)

    def pointer_stamp(self) -> tuple[int, int]:
        """Changes whenever another pointer is put in place; costs one look at the file."""
        try:
            facts = os.stat(self.folder / _POINTER)
        except OSError:
            return (0, 0)
        return facts.st_mtime_ns, facts.st_ino

    def open(
        self,
        name: str,
        ingredients: Ingredients,
        like: Searcher | None = None,
        knowledge: Knowledge | None = None,
    ) -> Searcher:
        """Load a snapshot after checking every file of it; raises SnapshotFault. `knowledge` is what it is
        known to hold; for `like` see `prepare`."""
        folder = self.folder / name
        manifest = _verify(folder)
        if manifest["encoder"] != ingredients.encoder_name:
            raise SnapshotFault(
                f"snapshot {name} was built with encoder {manifest['encoder']}, "
                f"but {ingredients.encoder_name} is loaded; build it again"
            )
        return _read(folder, name, ingredients, like, knowledge)

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

    def _whole(self, name: str) -> bool:
        """Whether `name` is there; a damaged one is taken away."""
        if not (self.folder / name).exists():
            return False
        try:
            _verify(self.folder / name)
        except SnapshotFault:
            shutil.rmtree(self.folder / name)
            return False
        return True

    def _put(self, searcher: Searcher, ingredients: Ingredients) -> None:
        """Write a whole snapshot beside the others, then give it its name."""
        name, target = searcher.snapshot_id, self.folder / searcher.snapshot_id
        beside = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".building-", dir=self.folder))
            _write(beside, searcher, ingredients)
            os.replace(beside, target)
        except (OSError, RuntimeError) as error:  # FAISS raises RuntimeError where a file cannot be written
            if not target.exists():  # else somebody else built the same
                raise SnapshotFault(
                    f"snapshot {name} could not be written to {self.folder}: {error}"
                ) from error
        finally:
            if beside is not None:
                shutil.rmtree(beside, ignore_errors=True)

    def _discard_old(self, live: str) -> None:
        for name in [n for n in self.newest_first() if n != live][self._keep :]:
            shutil.rmtree(self.folder / name, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class StagedPointer:
    """A pointer ready to be put in place; whichever of the two is called, it is used up."""

    _store: SnapshotStore
    _path: Path
    _name: str

    def place(self) -> None:
        os.replace(self._path, self._store.folder / _POINTER)
        self._store._discard_old(self._name)

    def drop(self) -> None:
        self._path.unlink(missing_ok=True)


def _write(folder: Path, searcher: Searcher, ingredients: Ingredients) -> None:
    knowledge, passages = searcher.knowledge, searcher.evidence.passages
    (folder / "knowledge.json").write_text(knowledge.to_json(), encoding="utf-8")
    units = (searcher.evidence.sentences, searcher.evidence.questions)
    for kind, index in zip(_KINDS, units, strict=True):
        index.words.save(folder / kind)
        index.vectors.save(folder / kind / "vectors.faiss")
    (folder / "ranking.json").write_text(ingredients.weights, encoding="utf-8")
    manifest = {
        "format": FORMAT,
        "id": searcher.snapshot_id,
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


def _read(
    folder: Path, name: str, ingredients: Ingredients, like: Searcher | None, known: Knowledge | None
) -> Searcher:
    knowledge = known or Knowledge.from_json((folder / "knowledge.json").read_text(encoding="utf-8"))
    passages = collect(knowledge)
    sentences, questions = (
        UnitIndex(LexicalIndex.load(folder / kind), VectorIndex.load(folder / kind / "vectors.faiss"))
        for kind in _KINDS
    )
    earlier = _evidence(like, ingredients)
    evidence = _new_evidence(knowledge, passages, sentences, questions, ingredients, earlier)
    same = (folder / "ranking.json").read_text(encoding="utf-8") == ingredients.weights
    ranking = ingredients.ranking if same else Ranking.load(folder / "ranking.json")
    return Searcher(knowledge, evidence, ranking, name)


def _new_evidence(
    knowledge: Knowledge,
    passages: Passages,
    sentences: UnitIndex,
    questions: UnitIndex,
    ingredients: Ingredients,
    earlier: Evidence | None,
) -> Evidence:
    lexicon, unanswered = Expansion(knowledge.lexicon), ingredients.unanswered
    return Evidence(passages, sentences, questions, ingredients.encoder, lexicon, earlier, unanswered)


def assemble(
    knowledge: Knowledge, ingredients: Ingredients, name: str = "memory", like: Searcher | None = None
) -> Searcher:
    """A searcher straight from knowledge, nothing written. `like` is a searcher over other knowledge made
    with the same encoder, whose work is used again for every text that did not change."""
    passages: Passages = collect(knowledge)
    earlier = _evidence(like, ingredients)
    known: tuple[_Known | None, ...] = (None, None)
    if earlier is not None:
        held = earlier.passages
        known = (
            _known(earlier.sentences, held.sentences.texts),
            _known(earlier.questions, held.questions.texts),
        )
    sentences, questions = (
        UnitIndex(_words(texts, index), _vectors(texts, ingredients.encoder, index))
        for (_, texts), index in zip(_units(passages), known, strict=True)
    )
    evidence = _new_evidence(knowledge, passages, sentences, questions, ingredients, earlier)
    return Searcher(knowledge, evidence, ingredients.ranking, name)


def _evidence(like: Searcher | None, ingredients: Ingredients) -> Evidence | None:
    """What can be used again of `like`: nothing where its vectors are another encoder's."""
    return like.evidence if like is not None and like.evidence.encoder is ingredients.encoder else None


@dataclass(frozen=True, slots=True)
class _Known:
    """An index with the row of each text in it."""

    index: UnitIndex
    row_of: Mapping[str, int]


def _known(index: UnitIndex, texts: tuple[str, ...]) -> _Known:
    return _Known(index, {text: row for row, text in enumerate(texts)})


def _units(passages: Passages) -> list[tuple[str, tuple[str, ...]]]:
    return list(zip(_KINDS, (passages.sentences.texts, passages.questions.texts), strict=True))


def _words(texts: tuple[str, ...], known: _Known | None) -> LexicalIndex:
    return LexicalIndex.build(texts, known.index.words, known.row_of) if known else LexicalIndex.build(texts)


def _vectors(texts: tuple[str, ...], encoder: Encoder | None, known: _Known | None) -> VectorIndex:
    if encoder is None or not texts:
        return VectorIndex.build(np.zeros((0, encoder.dimension if encoder else 1), dtype=np.float32))
    if known is None:
        return VectorIndex.build(encoder.encode(texts))
    vectors = np.empty((len(texts), encoder.dimension), dtype=np.float32)
    rows = np.asarray([known.row_of.get(text, -1) for text in texts], dtype=np.int64)
    vectors[rows >= 0] = known.index.vectors.rows(rows[rows >= 0])
    fresh = np.flatnonzero(rows < 0)
    if len(fresh):
        vectors[fresh] = encoder.encode([texts[row] for row in fresh])
    return VectorIndex.build(vectors)


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
