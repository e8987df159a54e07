"""The reading itself, in whatever process: bytes of a file in, its text out.

Each reader is imported where it is called: the app, which reads plain text alone, never loads the others.
"""

from __future__ import annotations

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.parsing.encoding import decode
from knowledge.reading.detecting import container_of, looks_like_html, looks_like_markdown, name_disagrees
from knowledge.reading.source import Draft, Kind, Limits, Progress, Report, SourceText
from knowledge.reading.tidying import tidy


def read_bytes(data: bytes, name: str, limits: Limits, report: Report) -> SourceText:
    """The text of a file. Raises UnreadableDocument naming the file and the remedy."""
    draft = Draft(name)
    container = container_of(data, name)
    kind: Kind
    if container == "pdf":
        from knowledge.reading.pdf import read_pdf

        kind = "pdf"
        read_pdf(data, draft, limits, report)
    elif container == "zip":
        kind = _read_package(data, draft, limits, report)
    elif looks_like_html(data, name):
        from knowledge.reading.html import read_html

        kind = "html"
        read_html(data, draft, report)
    else:
        kind = _read_text(data, draft, report)
    return finished(draft, kind, limits)


def finished(draft: Draft, kind: Kind, limits: Limits) -> SourceText:
    """The draft as a text, with what can be said of it only now."""
    text = tidy("\n".join(draft.lines))
    if not text.strip():
        raise UnreadableDocument(say("read.no_words", name=draft.name))
    if len(text) > limits.text_chars:
        raise UnreadableDocument(say("read.text_limit", name=draft.name, limit=limits.text_chars))
    if kind != "pasted" and name_disagrees(draft.name, kind):
        draft.warnings.insert(0, say("read.other_kind", name=draft.name, kind=say(f"kind.{kind}")))
    return SourceText(text, kind, tuple(draft.warnings), tuple(draft.furniture), draft.pages)


def _read_text(data: bytes, draft: Draft, report: Report) -> Kind:
    text, warnings = decode(data, draft.name)
    draft.warnings.extend(warnings)
    kind: Kind = "markdown" if looks_like_markdown(text, draft.name) else "txt"
    if kind == "markdown":
        from knowledge.reading.markdown import read_markdown

        read_markdown(text, draft)
    else:
        draft.lines = text.split("\n")
    report(Progress(1, 1))
    return kind


def _read_package(data: bytes, draft: Draft, limits: Limits, report: Report) -> Kind:
    from knowledge.reading.packages import Package

    package = Package(data, draft.name, limits)
    if "ofd.xml" in package:
        from knowledge.reading.ofd import read_ofd

        read_ofd(package, draft, limits, report)
        return "ofd"
    if "[content_types].xml" in package:
        types = package.read("[Content_Types].xml")
        if "word/document.xml" in package or b"wordprocessingml.document.main" in types:
            from knowledge.reading.docx import read_docx

            read_docx(package, draft, report)
            return "docx"
    for part, what in (
        ("xl/workbook.xml", "sheet"),
        ("ppt/presentation.xml", "slides"),
        ("content.xml", "odt"),
    ):
        if part in package:
            raise UnreadableDocument(say(f"read.{what}", name=draft.name))
    raise UnreadableDocument(say("read.archive", name=draft.name))
