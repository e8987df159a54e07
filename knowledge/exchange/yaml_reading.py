"""Files of a content folder as rows to import: one file, a folder's files, or an archive of them.

Reads shapes; what the fields hold is read by the forms. Aliases are refused: no file of ours has one, and a
few lines of them can stand for gigabytes.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from knowledge.errors import UnreadableDocument
from knowledge.exchange.model import ImportRefused, Incoming, Reading, RowProblem
from knowledge.exchange.wording import say
from knowledge.model import LEXICON_TABLES
from knowledge.parsing import parse
from knowledge.parsing.encoding import decode

MOST_FILES = 2_000
MOST_BYTES = 64 * 1024 * 1024

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
_IGNORED = re.compile(r"(?:.*/)?(?:wording|golden)\.yml|(?:.*/)?\.[^/]*|__MACOSX/.*|.*/")
_PLACE = re.compile(r"(?:.*/)?((?:policies|programmes|faq)/[^/]+\.(?:yml|txt)|lexicon\.yml)")


def read_yaml(data: bytes, name: str) -> Reading:
    """One file of entries, one programme or a lexicon. Raises ImportRefused."""
    return _reading({name: data}, single=True)


def read_zip(data: bytes, name: str) -> Reading:
    """An archive of a content folder. Raises ImportRefused."""
    files: dict[str, bytes] = {}
    left = MOST_BYTES
    too_large = say("zip_entry", files=MOST_FILES, limit=MOST_BYTES // 1024 // 1024)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [item for item in archive.infolist() if not _IGNORED.fullmatch(item.filename)]
            if len(members) > MOST_FILES or sum(item.file_size for item in members) > MOST_BYTES:
                raise _refused(name, too_large)
            for member in members:
                with archive.open(member) as stream:
                    files[member.filename] = stream.read(left + 1)
                left -= len(files[member.filename])
                if left < 0:
                    raise _refused(name, too_large)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _refused(name, say("zip_broken")) from error
    return read_files(files)


def read_folder(folder: Path) -> Reading:
    """A content folder. Raises ImportRefused."""
    paths = [path for path in sorted(folder.rglob("*")) if not path.is_dir()]
    if len(paths) > MOST_FILES or sum(path.stat().st_size for path in paths) > MOST_BYTES:
        raise _refused(folder.name, say("zip_entry", files=MOST_FILES, limit=MOST_BYTES // 1024 // 1024))
    return read_files({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})


def read_files(files: Mapping[str, bytes]) -> Reading:
    """The files of a content folder by their path. Raises ImportRefused."""
    placed: dict[str, bytes] = {}
    for path, data in files.items():
        if _IGNORED.fullmatch(path):
            continue
        match = _PLACE.fullmatch(path)
        if match is None:
            raise _refused(path, say("yaml_place", path=path))
        placed[match[1]] = data
    return _reading(placed, single=False)


def _reading(files: Mapping[str, bytes], *, single: bool) -> Reading:
    rows: list[Incoming] = []
    problems: list[RowProblem] = []
    for path, data in files.items():
        if path.endswith(".txt"):
            continue
        try:
            rows += _file(path, data, files, single=single)
        except ImportRefused as error:
            problems += error.problems
    if not rows and not problems:
        raise _refused(next(iter(files), "—"), say("yaml_shape"))
    return Reading(tuple(rows), tuple(problems))


def _file(path: str, data: bytes, files: Mapping[str, bytes], *, single: bool) -> list[Incoming]:
    raw, lines = _parsed(path, data)
    if isinstance(raw, list) and all(isinstance(item, dict) for item in raw):
        return [
            Incoming("entry", _name(item), {"state": "published", **item}, path, line)
            for item, line in zip(raw, lines, strict=True)
        ]
    if not isinstance(raw, dict):
        raise _refused(path, say("yaml_shape"))
    if raw and set(raw) <= set(LEXICON_TABLES):
        return _lexicon(raw, path)
    content = {"state": "published", **raw}
    if "issuers" in raw:
        if single:
            raise _refused(path, say("no_text", path=f"{raw.get('id')}.txt"))
        return [Incoming("document", _name(raw), _with_text(content, path, files), path, 1)]
    return [Incoming("programme", _name(raw), content, path, 1)]


def _lexicon(raw: Mapping[str, Any], path: str) -> list[Incoming]:
    rows = []
    for section, table in raw.items():
        if not isinstance(table or {}, dict):
            raise _refused(path, say("yaml_shape"))
        for name, words in (table or {}).items():
            content = {
                "section": section,
                "name": str(name),
                "words": [str(word) for word in words] if isinstance(words, list) else words,
                "state": "published",
            }
            rows.append(Incoming("lexicon", f"{section}/{name}", content, path, 1))
    return rows


def _with_text(content: dict[str, Any], path: str, files: Mapping[str, bytes]) -> dict[str, Any]:
    beside = path.removesuffix(".yml") + ".txt"
    if beside not in files:
        raise _refused(path, say("no_text", path=beside))
    try:
        text, warnings = decode(files[beside], beside)
    except UnreadableDocument as error:
        raise _refused(beside, str(error)) from error
    if warnings and "warnings" not in content:
        content["warnings"] = [*warnings, *parse(text, str(content.get("id"))).warnings]
    return {**content, "text": text}


def _parsed(path: str, data: bytes) -> tuple[Any, list[int]]:
    """What the file says, and, for a list, the line of each item."""
    try:
        text = data.decode("utf-8-sig")
        depth = 0
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _refused(path, say("yaml_aliases"))
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise _refused(path, say("yaml_shape"))
        loader = _LOADER(text)
        try:
            node = loader.get_single_node()
            raw = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except (UnicodeDecodeError, yaml.YAMLError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise _refused(path, say("yaml", reason=reason)) from error
    lines = [item.start_mark.line + 1 for item in node.value] if isinstance(raw, list) else []
    return raw, lines


def _name(raw: Mapping[str, Any]) -> str | None:
    name = raw.get("id")
    return name if isinstance(name, str) and name else None


def _refused(name: str, problem: str) -> ImportRefused:
    return ImportRefused([RowProblem(name, None, "", "", problem)])
