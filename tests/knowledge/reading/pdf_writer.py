"""Small PDF files by hand: what no honest program writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def pdf_of(objects: Mapping[int, bytes], *, root: int = 1, end: bool = True) -> bytes:
    """A PDF of numbered objects, with its table of them."""
    out = bytearray(b"%PDF-1.7\n")
    places: dict[int, int] = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (max(objects) + 1)
    for number in range(1, max(objects) + 1):
        out += b"%010d 00000 n \n" % places.get(number, 0)
    out += b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n" % (max(objects) + 1, root, start)
    return bytes(out) + (b"%%EOF\n" if end else b"")


def stream(content: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s>>\nstream\n" % (len(content), extra) + content + b"\nendstream"


def page_tree(
    kids: bytes, count: int, more: Mapping[int, bytes] | None = None, catalog: bytes = b""
) -> bytes:
    """A PDF whose pages are what `kids` and `count` claim; object 3 is a page, 4 what it shows."""
    objects = {
        1: b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        2: b"<< /Type /Pages /Kids [" + kids + b"] /Count %d >>" % count,
        3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
        4: stream(b"BT /F 12 Tf 72 720 Td (Article 1 of the rules) Tj ET"),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    return pdf_of({**objects, **(more or {})})


def latin_pages(pages: Sequence[Sequence[tuple[float, float, str]]], catalog: bytes = b"") -> bytes:
    """Pages of Latin words at (x, y from below), in a built-in font."""
    objects: dict[int, bytes] = {
        1: b"<< /Type /Catalog /Pages 2 0 R " + catalog + b" >>",
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    kids = []
    for at, words in enumerate(pages):
        page, content = 10 + 2 * at, 11 + 2 * at
        kids.append(b"%d 0 R" % page)
        objects[page] = (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F 5 0 R >> >> >>" % content
        )
        drawn = b"\n".join(b"BT /F 12 Tf %g %g Td (%s) Tj ET" % (x, y, text.encode()) for x, y, text in words)
        objects[content] = stream(drawn)
    objects[2] = b"<< /Type /Pages /Kids [" + b" ".join(kids) + b"] /Count %d >>" % len(pages)
    return pdf_of(objects)
