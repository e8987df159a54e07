"""Word and other zip files by hand: what python-docx does not write."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zip_of(parts: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def docx_of(body: str, parts: Mapping[str, str] | None = None, *, raw: str | bytes | None = None) -> bytes:
    """A Word file with `body` inside w:body; `parts` are further members of word/, by their kind."""
    more = parts or {}
    related = "".join(
        f'<Relationship Id="r{at}" Type="{_RELATIONS}/{kind}" Target="{kind}.xml"/>'
        for at, kind in enumerate(more)
    )
    document = f"<w:document {W}><w:body>{body}</w:body></w:document>" if raw is None else raw
    return zip_of(
        {
            "[Content_Types].xml": _TYPES,
            "word/document.xml": document,
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{related}</Relationships>',
            **{f"word/{kind}.xml": text for kind, text in more.items()},
        }
    )


def p(*runs: str, properties: str = "") -> str:
    inner = "".join(
        run if run.startswith("<") else f'<w:r><w:t xml:space="preserve">{run}</w:t></w:r>' for run in runs
    )
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}</w:p>"


def bomb(part: str, mebibytes: int) -> bytes:
    """A zip whose member `part` unpacks to so many MiB of spaces."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        with archive.open(part, "w") as stream:
            for _ in range(mebibytes):
                stream.write(b" " * 2**20)
    return out.getvalue()


def ole_of(*names: str) -> bytes:
    """The head and the directory of a compound file with streams of these names."""
    directory = b"".join(
        name.encode("utf-16-le").ljust(64, b"\0") + b"\0" * 64 for name in ("Root Entry", *names)
    )
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + directory.ljust(2048, b"\0")
