"""In which encoding a page's bytes are: its mark, what it declares, what fits."""

from __future__ import annotations

import codecs
import re

from knowledge.reading.source import Draft

_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:-]{2,40})""", re.IGNORECASE)
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "euc-cn": "gb18030", "latin-1": "cp1252"}


def decode_page(data: bytes, draft: Draft) -> str:
    """The page's characters; those that no encoding explains are replaced, with a warning."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    match = _DECLARED.search(data[:4096])
    declared = match[1].decode("ascii").lower() if match else ""
    candidates = [_WIDER.get(declared, declared), "utf-8", "gb18030"]
    for encoding in candidates:
        try:
            codecs.lookup(encoding)
            text = data.decode(encoding)
        except (LookupError, UnicodeDecodeError, ValueError):
            continue
        if encoding == "gb18030" and declared not in _WIDER and declared != "gb18030":
            draft.warn("read.gb18030")
        return text
    encoding = candidates[0] if declared and _known(candidates[0]) else "utf-8"
    text = data.decode(encoding, errors="replace")
    draft.warn("read.lost_signs", count=text.count("\ufffd"))
    return text


def _known(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding) is not None
    except LookupError:
        return False
