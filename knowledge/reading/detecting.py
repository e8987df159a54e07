"""Which format a file has, told by its bytes; its name only decides where the bytes leave it open.

What cannot be read is refused here, with what to do about it.
"""

from __future__ import annotations

import re
from typing import Literal

from knowledge.errors import UnreadableDocument
from knowledge.messages import say

Container = Literal["pdf", "zip", "text"]
_HTML = re.compile(
    rb"^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*"
    rb"<(?:!doctype\s+html|html|head|body|meta|title|div|p|table|article|section|span|h[1-6]|ul|ol|main)\b",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(rb"</(?:p|div|td|tr|span|li|table|body|html)\s*>", re.IGNORECASE)
_HEADING = re.compile(r"^#{1,6} +\S", re.MULTILINE)
_RULE = re.compile(r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+\s*:?-{3,}:?\s*\|?\s*$", re.MULTILINE)

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", "picture"),
    (b"\xff\xd8\xff", "picture"),
    (b"GIF8", "picture"),
    (b"BM", "picture"),
    (b"II*\x00", "picture"),
    (b"MM\x00*", "picture"),
    (b"Rar!", "archive"),
    (b"7z\xbc\xaf", "archive"),
    (b"\x1f\x8b", "archive"),
    (b"{\\rtf", "rtf"),
    (b"MIME-Version:", "mhtml"),
)
_EXTENSIONS = {
    "txt": {"txt", "text"},
    "markdown": {"md", "markdown", "txt"},
    "docx": {"docx", "docm", "dotx"},
    "html": {"html", "htm", "xhtml", "shtml"},
    "pdf": {"pdf"},
    "ofd": {"ofd"},
}
_KNOWN = set().union(*_EXTENSIONS.values()) | {"doc", "wps", "xls", "xlsx", "ppt", "pptx", "rtf", "odt"}


def container_of(data: bytes, name: str) -> Container:
    """The outermost shape of a file. Raises UnreadableDocument for what no reader takes."""
    head = data[:1024]
    if b"%PDF-" in head:
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise UnreadableDocument(say(f"read.{_ole(data)}", name=name))
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        raise UnreadableDocument(say("read.picture", name=name))
    for signature, what in _SIGNATURES:
        if head.startswith(signature) and (signature != b"BM" or b"\x00" in head):
            raise UnreadableDocument(say(f"read.{what}", name=name))
    if b"<w:wordDocument" in data[:4096] or b"<pkg:package" in data[:4096]:
        raise UnreadableDocument(say("read.word_xml", name=name))
    return "text"


def _ole(data: bytes) -> str:
    """What an OLE file holds, by the names in its directory."""

    def named(word: str) -> bool:
        return word.encode("utf-16-le") in data

    if named("EncryptedPackage"):
        return "docx_password"
    if named("WordDocument"):
        return "doc"
    if named("Workbook") or named("Book"):
        return "sheet"
    return "slides" if named("PowerPoint Document") else "ole"


def looks_like_html(data: bytes, name: str) -> bool:
    head = data[:65536]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="ignore").encode()
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(head):
        return True
    named = extension_of(name) in _EXTENSIONS["html"]
    return len(_TAG.findall(head)) >= (2 if named else 20)


def looks_like_markdown(text: str, name: str) -> bool:
    if extension_of(name) in ("md", "markdown"):
        return True
    head = text[:65536]
    return len(_HEADING.findall(head)) >= 2 or ("|" in head and _RULE.search(head) is not None)


def extension_of(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem and len(extension) <= 8 else ""


def name_disagrees(name: str, kind: str) -> bool:
    """Whether the extension promises another format than the bytes hold."""
    extension = extension_of(name)
    return extension in _KNOWN and extension not in _EXTENSIONS.get(kind, {extension})
