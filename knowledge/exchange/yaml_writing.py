"""Knowledge as the files of a content folder: the same content always gives the same bytes.

Owns which file an item goes into and how fields are written. A folder that is there already keeps its order
of entries and every file whose content stays the same, comments included, so that a repository sees only
what changed.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from knowledge.content_loader import CONTENT
from knowledge.editing.forms import Plain, to_plain
from knowledge.errors import InvalidContent
from knowledge.exchange.wording import say
from knowledge.model import LEXICON_TABLES
from knowledge.parsing import parse
from knowledge.shipped import Shipped, ShippedDocument, ShippedEntry, ShippedProgramme

Files = Mapping[str, bytes]

_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_WIDTH = 10**6
_DAYS = ("issued_on", "effective_from", "effective_to")
_OPTIONAL = ("mendings", "warnings", "clauses")
_HEADS = {
    "faq/programmes.yml": (
        "# Approved questions on the programmes, each with the words of the programme's card that "
        "answer it.\n"
        "# The card's words are ours and are no official text; `plain` says no more than the card.\n"
    ),
    "faq": "# Approved questions on this document, each with the words of the clause that answers it.\n",
    "programmes": (
        "# `state: published` is answered from; sources are shown. What follows checked_against is for "
        "editors.\n"
    ),
}
_KNOWN = re.compile(r"policies/[^/]+\.(yml|txt)|(programmes|faq)/[^/]+\.yml|[^/]+\.yml")
_STAMP = (1980, 1, 1, 0, 0, 0)


def content_files(content: Shipped, *, like: Path = CONTENT, lexicon: bool = True) -> dict[str, bytes]:
    """The files of `content` by their path in a content folder. Entries that the folder `like` has stay in
    their file and order there; others follow by clause and id."""
    files: dict[str, bytes] = {}
    for item in content.documents:
        files |= _document(item)
    for programme in content.programmes:
        plain = _programme(programme)
        files[f"programmes/{plain['id']}.yml"] = _dump(plain, _HEADS["programmes"])
    files |= _entries(content, _layout(like))
    if lexicon:
        tables = {
            name: {word: list(words) for word, words in sorted(getattr(content.lexicon, name).items())}
            for name in LEXICON_TABLES
        }
        files["lexicon.yml"] = _dump(tables, "", flow=None)
    return dict(sorted(files.items()))


def zipped(files: Files) -> bytes:
    """The files in one archive, the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(path, _STAMP), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def write_folder(files: Files, folder: Path, *, replace: bool = False) -> list[str]:
    """Writes the files below `folder`; the paths that were written or removed.

    The folder must be empty or, with `replace`, a content folder: then items that are no longer in `files`
    are removed and what says the same stays as it is. Raises InvalidContent.
    """
    present = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if not path.is_dir()}
    if present and not replace:
        raise InvalidContent(say("not_empty", path=folder))
    for name in present:
        if not _KNOWN.fullmatch(name):
            raise InvalidContent(say("not_content", path=folder, name=name))
    changed = [name for name, data in files.items() if not _same(present.get(name), data)]
    gone = [name for name in present if name not in files and "/" in name]
    for name in changed:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(files[name])
        fresh.replace(path)
    for name in gone:
        present[name].unlink()
    return sorted([*changed, *gone])


def _same(path: Path | None, data: bytes) -> bool:
    """Whether a file says what `data` says, however it is written."""
    if path is None:
        return False
    held = path.read_bytes()
    if held == data or path.suffix != ".yml":
        return held == data
    try:
        return bool(_levelled(held) == _levelled(data))
    except (yaml.YAMLError, UnicodeDecodeError):
        return False


def _levelled(data: bytes) -> Any:
    """What a YAML file says; dates as text, what is empty left out."""
    return _bare(yaml.load(data.decode("utf-8"), Loader=_LOADER))  # noqa: S506 - a safe loader


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _bare(v) for k, v in value.items() if v not in (None, [], {}, "")}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _document(item: ShippedDocument) -> dict[str, bytes]:
    plain = to_plain(item)
    text = str(plain.pop("text"))
    parsed = parse(text, item.document.id, item.mendings)
    if parsed.clauses == item.clauses:
        plain["clauses"] = []
    if parsed.warnings == item.document.warnings:
        del plain["warnings"]
    for name in _OPTIONAL:
        if name != "warnings" and not plain[name]:
            del plain[name]
    for name in _DAYS:
        if plain[name] is not None:
            plain[name] = date.fromisoformat(plain[name])
    stem = f"policies/{item.document.id}"
    encoding = "utf-8-sig" if text.startswith("\ufeff") else "utf-8"
    return {f"{stem}.yml": _dump(plain, ""), f"{stem}.txt": text.encode(encoding)}


def _programme(item: ShippedProgramme) -> Plain:
    plain = to_plain(item)
    if not plain["rules"]:
        del plain["rules"]
    return plain


def _entries(content: Shipped, layout: Mapping[str, tuple[str, int]]) -> dict[str, bytes]:
    position = {
        clause.id: place
        for place, clause in enumerate(clause for item in content.documents for clause in item.clauses)
    }
    documents = {item.document.id for item in content.documents}

    def place(item: ShippedEntry) -> tuple[str, int, int, list[object]]:
        clause = item.entry.quotes[0].clause_id if item.entry.quotes else ""
        if found := layout.get(item.entry.id):
            return (found[0], 0, found[1], [])
        document = clause.partition("#")[0] if "#" in clause else ""
        name = document if document in documents or document else "programmes"
        return (name, 1, position.get(clause, len(position)), _natural(item.entry.id))

    files: dict[str, list[Plain]] = {}
    for item in sorted(content.entries, key=place):
        files.setdefault(f"faq/{place(item)[0]}.yml", []).append(_entry(item))
    return {name: _dump(items, _HEADS.get(name, _HEADS["faq"])) for name, items in files.items()}


def _entry(item: ShippedEntry) -> Plain:
    plain = to_plain(item)
    state = plain.pop("state")
    out = {"id": plain.pop("id")} | ({"state": state} if state != "published" else {})
    for name, value in plain.items():
        if name in ("quotes", "also"):
            value = [{"clause": quote["clause"], "text": quote["text"]} for quote in value]
        if value not in (None, []) or name in ("question", "quotes"):
            out[name] = value
    return out


def _layout(folder: Path) -> dict[str, tuple[str, int]]:
    """Where the entries of a folder stand: file and place in it."""
    found: dict[str, tuple[str, int]] = {}
    for path in sorted((folder / "faq").glob("*.yml")):
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
        for place, item in enumerate(raw or ()):
            found[str(item["id"])] = (PurePosixPath(path.name).stem, place)
    return found


def _natural(name: str) -> list[object]:
    """Sorts x-2 before x-10."""
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name)]


def _dump(value: object, head: str, *, flow: bool | None = False) -> bytes:
    text = yaml.dump(
        value, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=_WIDTH, default_flow_style=flow
    )
    return f"{head}{text}".encode()
