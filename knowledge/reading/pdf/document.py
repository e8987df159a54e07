"""A PDF from its bytes to lines. Whatever a page could do besides being read is ignored: PDFium is built
without scripts, nothing is fetched, forms and annotations are not looked at."""

from __future__ import annotations

import re
import zlib

import pypdfium2 as pdfium
from pypdfium2 import raw

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.reading.layout import Flow
from knowledge.reading.pdf.pages import PageReader
from knowledge.reading.source import Draft, Limits, Progress, Report

_SCRIPT = re.compile(rb"/(?:JavaScript|JS)\b")
_OBJECT_STREAM = re.compile(rb"/Type\s*/ObjStm\b[^>]{0,300}>>\s*stream\r?\n")
_STREAM_LIMIT = 1024 * 1024
_STREAMS = 2000
_FEW = 8
_GARBLED = 0.2


def read_pdf(data: bytes, draft: Draft, limits: Limits, report: Report) -> None:
    """Adds the text of a PDF to `draft`. Raises UnreadableDocument: locked, broken, scanned, without
    characters, or with more pages than `limits.pages`."""
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY)
        raise UnreadableDocument(
            say("read.pdf_password" if locked else "read.pdf_broken", name=draft.name)
        ) from error
    with document:
        count = len(document)
        if count > limits.pages:
            raise UnreadableDocument(
                say("read.too_many_pages", name=draft.name, count=count, limit=limits.pages)
            )
        if count == 0:
            raise UnreadableDocument(say("read.pdf_broken", name=draft.name))
        if raw.FPDFDoc_GetJavaScriptActionCount(document.raw) > 0 or _has_script(data):
            draft.warn("read.pdf_script")
        draft.pages = count
        _read_pages(document, count, draft, limits, report)


def _read_pages(
    document: pdfium.PdfDocument, count: int, draft: Draft, limits: Limits, report: Report
) -> None:
    flow = Flow()
    reader = PageReader(document)
    unread: list[int] = []
    empty: list[int] = []
    scanned: list[int] = []
    chars = 0
    for number in range(1, count + 1):
        page = reader.read(number)
        if page is None:
            unread.append(number)
            if len(unread) > _FEW and len(unread) * 2 > number:
                raise UnreadableDocument(say("read.pdf_pages_broken", name=draft.name, count=count))
            continue
        chars += len(page.glyphs)
        if chars > limits.text_chars:
            raise UnreadableDocument(say("read.text_limit", name=draft.name, limit=limits.text_chars))
        if len(page.glyphs) < _FEW and page.pictures:
            scanned.append(number)
        elif not page.glyphs:
            empty.append(number)
        flow.add(page)
        report(Progress(number, count))
    _judge(reader, chars, count, unread, scanned, draft)
    flow.write(draft)


def _judge(
    reader: PageReader, chars: int, count: int, unread: list[int], scanned: list[int], draft: Draft
) -> None:
    """Refuses what holds no text, warns of what is doubtful."""
    if len(unread) == count:
        raise UnreadableDocument(say("read.pdf_pages_broken", name=draft.name, count=count))
    if chars < _FEW * max(1, len(scanned)) and (scanned or chars == 0):
        raise UnreadableDocument(say("read.scanned" if scanned else "read.pdf_no_text", name=draft.name))
    if chars and reader.unmapped > _GARBLED * chars:
        raise UnreadableDocument(say("read.pdf_garbled", name=draft.name))
    if reader.unmapped:
        draft.warn("read.lost_signs", count=reader.unmapped)
    if reader.invisible > chars // 2:
        draft.warn("read.recognised")
    if scanned:
        draft.warn("read.scanned_pages", pages="、".join(map(str, scanned[:12])))
    if unread:
        draft.warn("read.pages_unread", pages="、".join(map(str, unread[:12])))
    if reader.turned:
        draft.aside("turned", "".join(reader.turned))


def _has_script(data: bytes) -> bool:
    """Whether a script is named anywhere, in compressed object streams too."""
    if _SCRIPT.search(data):
        return True
    for count, match in enumerate(_OBJECT_STREAM.finditer(data)):
        if count >= _STREAMS:
            break
        try:
            text = zlib.decompressobj().decompress(
                data[match.end() : match.end() + _STREAM_LIMIT], _STREAM_LIMIT
            )
        except zlib.error:
            continue
        if _SCRIPT.search(text):
            return True
    return False
