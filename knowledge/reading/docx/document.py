"""A Word file from its package to lines.

What counts as text: paragraphs in their order with the numbers Word draws before them, tables a row a line,
text boxes behind the paragraph they hang on, what tracked changes inserted. What does not: what they
deleted, hidden words, headers, footers, notes, tables of contents, field codes, comments.
"""

from __future__ import annotations

from lxml import etree

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.reading.docx.body import Body
from knowledge.reading.docx.markup import children, value, word
from knowledge.reading.docx.numbering import Numbering
from knowledge.reading.packages import Package, resolve
from knowledge.reading.source import Draft, Progress, Report

_ASIDES = ("header", "footer", "footnotes", "endnotes")


def read_docx(package: Package, draft: Draft, report: Report) -> None:
    """Adds the text of a Word file to `draft`. Raises UnreadableDocument where the package is broken."""
    main = _main_part(package)
    root = package.xml(main)
    body = next((item for item in root if word(item) == "body"), None)
    if body is None:
        raise UnreadableDocument(say("read.part_missing", name=draft.name, part="w:body"))
    parts = _related(package, main)
    numbering = Numbering(_part(package, parts, "numbering"), _part(package, parts, "styles"))
    reader = Body(draft, numbering)
    reader.read(body)
    for kind in _ASIDES:
        for path in parts.get(kind, ()):
            _read_aside(package, path, kind, draft)
    if "comments" in parts:
        draft.warn("read.comments")
    if any("vbaproject" in path.lower() for path in package.paths()):
        draft.warn("read.macros")
    if reader.changes:
        draft.warn("read.tracked", count=reader.changes)
    if not any(line.strip() for line in draft.lines) and reader.pictures:
        raise UnreadableDocument(say("read.docx_pictures", name=draft.name))
    report(Progress(1, 1))


def _main_part(package: Package) -> str:
    if "_rels/.rels" in package:
        for item in package.xml("_rels/.rels"):
            if (item.get("Type") or "").endswith("/officeDocument"):
                return resolve("", item.get("Target") or "")
    return "word/document.xml"


def _related(package: Package, main: str) -> dict[str, list[str]]:
    """The parts that the document names, by the last word of their kind."""
    folder, _, name = main.rpartition("/")
    listing = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
    found: dict[str, list[str]] = {}
    if listing not in package:
        return found
    for item in package.xml(listing):
        if item.get("TargetMode") == "External":
            continue
        kind = (item.get("Type") or "").rpartition("/")[2]
        path = resolve(main, item.get("Target") or "")
        if path in package:
            found.setdefault(kind, []).append(path)
    return found


def _part(package: Package, parts: dict[str, list[str]], kind: str) -> etree._Element | None:
    return package.xml(parts[kind][0]) if kind in parts else None


def _read_aside(package: Package, path: str, kind: str, draft: Draft) -> None:
    """The words of a header, a footer or the notes, kept apart."""
    root = package.xml(path)
    groups = [root] if kind in ("header", "footer") else list(_notes(root, kind))
    for group in groups:
        apart = Draft(draft.name)
        Body(apart, Numbering(None, None)).read(group)
        words = " ".join(line for line in apart.lines if line.strip())
        if words and (kind, words) not in {(item.where, item.text) for item in draft.furniture}:
            draft.aside(kind, words)


def _notes(root: etree._Element, kind: str) -> list[etree._Element]:
    return [
        item
        for item in children(root, kind.removesuffix("s"))
        if value(item, "type") not in ("separator", "continuationSeparator", "continuationNotice")
    ]
