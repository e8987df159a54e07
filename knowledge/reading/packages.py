"""Opening what is a zip of XML: DOCX and OFD. Every size is checked before and while it is unpacked, and
XML is read without entities, without a DTD and without the network."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.reading.source import Limits

_ENTRIES = 20_000
_RATIO = 200
_RATIO_FROM = 32 * 1024 * 1024
_CHUNK = 1024 * 1024
_DTD = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class Package:
    """A zip file whose members are read one at a time, all together up to `limits.unpacked_bytes`."""

    def __init__(self, data: bytes, name: str, limits: Limits) -> None:
        self.name = name
        self._left = limits.unpacked_bytes
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise UnreadableDocument(say("read.broken_zip", name=name)) from error
        members = self._zip.infolist()
        if len(members) > _ENTRIES:
            raise UnreadableDocument(say("read.zip_bomb", name=name))
        size = sum(member.file_size for member in members)
        packed = max(1, min(len(data), sum(member.compress_size for member in members)))
        if size > 4 * limits.unpacked_bytes or (size > _RATIO_FROM and size > _RATIO * packed):
            raise UnreadableDocument(say("read.zip_bomb", name=name))
        self._members = {_plain(member.filename): member for member in members}

    def __contains__(self, path: str) -> bool:
        return _plain(path) in self._members

    def paths(self) -> Iterator[str]:
        yield from (member.filename for member in self._members.values())

    def read(self, path: str) -> bytes:
        """One member, unpacked. Raises UnreadableDocument: missing, broken, locked, too large."""
        member = self._members.get(_plain(path))
        if member is None:
            raise UnreadableDocument(say("read.part_missing", name=self.name, part=path))
        if member.flag_bits & 1:
            raise UnreadableDocument(say("read.zip_password", name=self.name))
        pieces: list[bytes] = []
        try:
            with self._zip.open(member) as stream:
                while piece := stream.read(_CHUNK):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise UnreadableDocument(say("read.zip_bomb", name=self.name))
                    pieces.append(piece)
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            OSError,
            NotImplementedError,
            RuntimeError,
        ) as error:
            raise UnreadableDocument(say("read.broken_zip", name=self.name)) from error
        return b"".join(pieces)

    def xml(self, path: str) -> etree._Element:
        """The root of an XML member. A DTD is refused: no office file has one, attacks do."""
        data = self.read(path)
        if _DTD.search(data):
            raise UnreadableDocument(say("read.xml_entities", name=self.name, part=path))
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
        )
        try:
            root = etree.fromstring(data, parser)
        except (etree.XMLSyntaxError, ValueError) as error:
            if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
                raise MemoryError from error
            raise UnreadableDocument(say("read.broken_xml", name=self.name, part=path)) from error
        if root is None:
            raise UnreadableDocument(say("read.broken_xml", name=self.name, part=path))
        if root.getroottree().docinfo.internalDTD is not None:
            raise UnreadableDocument(say("read.xml_entities", name=self.name, part=path))
        return root


def resolve(base: str, target: str) -> str:
    """The path in the package that `target`, named in the member `base`, means."""
    if target.startswith("/"):
        return posixpath.normpath(target).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target)).lstrip("/")


def _plain(path: str) -> str:
    return path.replace("\\", "/").lstrip("/").lower()
