"""From the files of a content folder to knowledge, without a database.

Owns the file formats under `knowledge/content/`. A quote is stored as its words alone; where it stands is
found here, and a quote that is not in its clause word for word stops the load.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from knowledge.clause_form import clause_from_plain
from knowledge.errors import InvalidContent
from knowledge.model import (
    LEXICON_TABLES,
    Amount,
    Document,
    Entry,
    Knowledge,
    Lexicon,
    Programme,
    Quote,
    Source,
)
from knowledge.parsing import Mending, parse, read_text
from knowledge.programme_text import Wording, render
from knowledge.rule_reading import read_rule
from knowledge.shipped import CheckedSource, Shipped, ShippedDocument, ShippedEntry, ShippedProgramme

CONTENT = Path(__file__).parent / "content"
_STATES = ("draft", "in_review", "published", "withdrawn")
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_shipped(content_dir: Path | str = CONTENT) -> Knowledge:
    """The published knowledge of a content folder. Raises KnowledgeError naming file and remedy."""
    return read_content(content_dir).published()


def read_content(content_dir: Path | str = CONTENT) -> Shipped:
    """Everything in a content folder, drafts included."""
    root = Path(content_dir)
    if not root.is_dir():
        raise InvalidContent(
            f"{root}: no such content folder; give the folder that holds policies/ and faq/."
        )
    documents = tuple(_document(path) for path in sorted((root / "policies").glob("*.yml")))
    wording = (
        _mapping(root / "wording.yml")
        if (root / "wording.yml").exists()
        else _mapping(CONTENT / "wording.yml")
    )
    programmes = tuple(_programme(path, wording) for path in sorted((root / "programmes").glob("*.yml")))
    texts = {clause.id: clause.text for item in documents for clause in item.clauses}
    texts |= {item.programme.id: item.programme.text for item in programmes}
    entries: list[ShippedEntry] = []
    for path in sorted((root / "faq").glob("*.yml")):
        entries.extend(_entry(raw, texts, path) for raw in _list(path))
    return Shipped(documents, tuple(entries), programmes, _lexicon(root / "lexicon.yml"))


def _document(path: Path) -> ShippedDocument:
    raw = _mapping(path)
    with _named(path):
        text, read_warnings = read_text(path.with_suffix(".txt"))
        mendings = tuple(Mending.from_plain(item) for item in raw.get("mendings") or ())
        parsed = parse(text, raw["id"], mendings)
        clauses, warnings = parsed.clauses, read_warnings + parsed.warnings
        if "clauses" in raw:  # read by an earlier parser, and kept as they were published
            clauses = tuple(
                clause_from_plain(item, raw["id"], position) for position, item in enumerate(raw["clauses"])
            )
        if "warnings" in raw:
            warnings = _names(raw, "warnings")
        document = Document(
            id=raw["id"],
            title=raw["title"],
            document_number=raw.get("document_number"),
            issuers=tuple(raw["issuers"]),
            issued_on=_date(raw.get("issued_on")),
            region=raw["region"],
            effective_from=_date(raw.get("effective_from")),
            effective_to=_date(raw.get("effective_to")),
            supersedes=tuple(raw.get("supersedes") or ()),
            superseded_by=raw.get("superseded_by"),
            source=raw.get("source") or "",
            source_url=raw.get("source_url"),
            warnings=warnings,
        )
        return ShippedDocument(document, clauses, text, _state(raw), mendings)


def _entry(raw: Mapping[str, Any], texts: Mapping[str, str], path: Path) -> ShippedEntry:
    with _named(path, raw.get("id")):
        quotes, also = (
            tuple(locate(item["clause"], item["text"], texts) for item in listed)
            for listed in (raw["quotes"], raw.get("also") or ())
        )
        entry = Entry(
            id=raw["id"],
            question=raw["question"],
            variants=tuple(raw.get("variants") or ()),
            quotes=quotes,
            plain=raw.get("plain"),
            force=raw.get("force"),
            valid_from=_date(raw.get("valid_from")),
            valid_to=_date(raw.get("valid_to")),
            tags=_names(raw, "tags"),
            programmes=_names(raw, "programmes"),
            also=also,
        )
        return ShippedEntry(entry, _state(raw))


def locate(clause_id: str, words: str, texts: Mapping[str, str]) -> Quote:
    """Where `words` stand in their clause. Raises InvalidContent if they don't stand there verbatim."""
    if clause_id not in texts:
        raise InvalidContent(f"quotes {clause_id}, which does not exist; correct the clause id.")
    start = texts[clause_id].find(words) if words else -1
    if start < 0:
        raise InvalidContent(
            f"quotes “{words[:40]}”, which is not in {clause_id} word for word; copy it from there."
        )
    return Quote(clause_id, start, start + len(words), words)


def _programme(path: Path, wording: Wording) -> ShippedProgramme:
    raw = _mapping(path)
    with _named(path):
        amounts = tuple(
            Amount(
                what=item["what"],
                rate=_decimal(item.get("rate")),
                cap=_decimal(item.get("cap")),
                unit=item.get("unit"),
                valid_from=_date(item.get("valid_from")),
                valid_to=_date(item.get("valid_to")),
            )
            for item in raw.get("amounts") or ()
        )
        conditions = tuple(raw.get("conditions") or ())
        how_to_apply = raw.get("how_to_apply") or ""
        programme = Programme(
            id=raw["id"],
            title=raw["title"],
            kind=raw["kind"],
            summary=raw["summary"],
            text=render(
                kind=raw["kind"],
                summary=raw["summary"],
                amounts=amounts,
                conditions=conditions,
                how_to_apply=how_to_apply,
                wording=wording,
            ),
            amounts=amounts,
            conditions=conditions,
            how_to_apply=how_to_apply,
            region=raw["region"],
            issuer=raw["issuer"],
            document_number=raw.get("document_number"),
            sources=tuple(
                Source(item["title"], item["publisher"], item["url"], item["quote"])
                for item in raw.get("sources") or ()
            ),
            checked_on=_date(raw["checked_on"]) or date.min,
            force=raw["force"],
            valid_from=_date(raw.get("valid_from")),
            valid_to=_date(raw.get("valid_to")),
            rules=tuple(read_rule(item, day=_date) for item in raw.get("rules") or ()),
        )
        checked = tuple(
            CheckedSource(
                item["title"], item["publisher"], item.get("url"), item["quote"], bool(item.get("link_ok"))
            )
            for item in raw.get("checked_against") or ()
        )
        return ShippedProgramme(
            programme, _state(raw), raw.get("confidence") or "", raw.get("note") or "", checked
        )


def _lexicon(path: Path) -> Lexicon:
    if not path.exists():
        return Lexicon()
    raw = _mapping(path)
    tables = {}
    for name in LEXICON_TABLES:
        with _named(path, name):
            tables[name] = {
                str(key): tuple(map(str, value or ())) for key, value in (raw.get(name) or {}).items()
            }
    return Lexicon(**tables)


def _names(raw: Mapping[str, Any], field: str) -> tuple[str, ...]:
    value = raw.get(field) or ()
    if not isinstance(value, (list, tuple)):
        raise InvalidContent(f"{field} is {value!r}; write a list: [{value}].")
    return tuple(map(str, value))


def _state(raw: Mapping[str, Any]) -> Any:
    state = raw.get("state", "published")
    if state not in _STATES:
        raise InvalidContent(f"state is {state!r}; use one of {', '.join(_STATES)}.")
    return state


def _date(value: object) -> date | None:
    if value is None or isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise InvalidContent(f"{value!r} is not a date; write it as 2026-01-31.") from error


def _decimal(value: object) -> str | None:
    if value is None:
        return None
    try:
        return f"{Decimal(str(value)):f}"
    except InvalidOperation as error:
        raise InvalidContent(f"{value!r} is not a decimal number; write 0.12 or 15000.") from error


def _mapping(path: Path) -> Mapping[str, Any]:
    raw = _yaml(path)
    if not isinstance(raw, dict):
        raise InvalidContent(
            f"{path}: holds {type(raw).__name__}, not fields; see the other files beside it."
        )
    return raw


def _list(path: Path) -> list[Mapping[str, Any]]:
    raw = _yaml(path)
    if raw is None:
        return []
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise InvalidContent(f"{path}: must be a list of entries, each with id, question and quotes.")
    return raw


def _yaml(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506 - a safe loader
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InvalidContent(f"{path}: cannot be read as YAML ({error}).") from error


class _named:
    """Puts file and id before the message of what goes wrong inside."""

    def __init__(self, path: Path, name: object = None) -> None:
        self.where = f"{path.name} {name}" if name else path.name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, InvalidContent):
            raise InvalidContent(f"{self.where}: {error}") from error
        if isinstance(error, KeyError):
            raise InvalidContent(f"{self.where}: field {error} is missing; add it.") from error
        if isinstance(error, (TypeError, AttributeError)):
            raise InvalidContent(f"{self.where}: a field has the wrong shape ({error}).") from error
