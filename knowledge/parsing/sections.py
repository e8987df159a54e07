"""The large parts of a policy file: covering notice, title, contents, preamble, body, signature, annexes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from knowledge.parsing.annex import is_annex_heading
from knowledge.parsing.cleaning import Paragraph
from knowledge.parsing.numbering import Marker, Style

DATE = re.compile(r"([12]\d{3})年(\d{1,2})月(\d{1,2})日")
DOCUMENT_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,14}[〔\[﹝（(【][12]\d{3}[〕\]﹞）)】]\s*\d{1,5}\s*号")
_ADOPTION = re.compile(r"[（(].{4,400}(?:通过|公布|修订|修正|施行|批准|发布).*[）)]")
_TITLE_LINES = 6
_TITLE_LENGTH = 60
_HEADINGS = (Style.BOOK, Style.CHAPTER, Style.DIVISION)


@dataclass
class Sections:
    """Paragraphs by the part of the file that they stand in, each paragraph in one part."""

    notice: list[Paragraph] = field(default_factory=list)
    title: list[Paragraph] = field(default_factory=list)
    contents: list[Paragraph] = field(default_factory=list)
    preamble: list[Paragraph] = field(default_factory=list)
    body: list[Paragraph] = field(default_factory=list)
    signature: list[Paragraph] = field(default_factory=list)
    annexes: list[list[Paragraph]] = field(default_factory=list)


def split(paragraphs: Sequence[Paragraph]) -> Sections:
    out = Sections()
    markers = [item.marker for item in paragraphs]
    filled = [bool(item.text) for item in paragraphs]
    start = _notice_end(paragraphs, markers)
    out.notice = [item for item in paragraphs[:start] if item.text]
    annexes = _annex_starts(paragraphs, markers, start)
    end = annexes[0] if annexes else len(paragraphs)
    first = next((i for i in range(start, end) if markers[i]), end)
    title_end = _title_end(paragraphs, start, first, whole=first == end)
    out.title = [item for item in paragraphs[start:title_end] if item.text]
    after_contents = _contents_end(paragraphs, markers, title_end, end)
    out.contents = [item for item in paragraphs[title_end:after_contents] if item.text]
    first = next((i for i in range(after_contents, end) if markers[i]), end)
    out.preamble = [
        item for i, item in enumerate(paragraphs[after_contents:first], after_contents) if filled[i]
    ]
    body = [item for item in paragraphs[first:end] if item.text]
    cut = _signature_start(body)
    out.body, out.signature = body[:cut], body[cut:]
    for i, begin in enumerate(annexes):
        out.annexes.append(
            list(paragraphs[begin : annexes[i + 1] if i + 1 < len(annexes) else len(paragraphs)])
        )
    return out


def _notice_end(paragraphs: Sequence[Paragraph], markers: Sequence[Marker | None]) -> int:
    """Behind the date of the notice that covers a text of its own; 0 where there is none."""
    addressed = False
    for i, item in enumerate(paragraphs):
        if item.text.endswith(("：", ":")) and len(item.text) <= 300 and markers[i] is None:
            addressed = True
        if is_annex_heading(item.text):
            return 0
        if addressed and DATE.fullmatch(item.text):
            for following in range(i + 1, len(paragraphs)):
                marker = markers[following]
                if is_annex_heading(paragraphs[following].text):
                    return 0
                if marker is not None:
                    return i + 1 if marker.number == 1 else 0
            return 0
    return 0


def _annex_starts(paragraphs: Sequence[Paragraph], markers: Sequence[Marker | None], start: int) -> list[int]:
    """Where annexes begin; a list `附件：…` directly before the first annex belongs to it."""
    headings: list[int] = []
    following: dict[int, int] = {}  # an annex heading -> the next paragraph with words
    seen_body, last = False, -1
    for i in range(start, len(paragraphs)):
        text = paragraphs[i].text
        if not text:
            continue
        if last in headings[-1:]:
            following[last] = i
        last = i
        seen_body = seen_body or markers[i] is not None or len(text) > _TITLE_LENGTH
        if seen_body and is_annex_heading(text):
            headings.append(i)
    if len(headings) > 1 and _lists_annexes(paragraphs[headings[0]].text):
        if following.get(headings[0]) != headings[1]:
            return headings[1:]  # the list stands above the signature, the annexes below it
        del headings[1]
    return headings


def _lists_annexes(text: str) -> bool:
    return bool(re.search(r"[：:].", text))


def _title_end(paragraphs: Sequence[Paragraph], start: int, first: int, *, whole: bool) -> int:
    """Behind the short lines without a sentence that head a text."""
    end = count = start
    for i in range(start, first):
        text = paragraphs[i].text
        if not text:
            continue
        plain = len(text) <= _TITLE_LENGTH and not any(sign in text for sign in "。；：？！")
        contents = re.fullmatch(r"目\s*录", text)
        if contents or not (plain or _ADOPTION.fullmatch(text)) or count - start >= _TITLE_LINES:
            break
        count += 1
        end = i + 1
    rest = any(item.text for item in paragraphs[end:first])
    return start if whole and not rest else end


def title_lines(texts: Sequence[str]) -> list[str]:
    """A title broken over lines is one line again; document number and adoption note keep their own."""
    lines: list[str] = []
    joining = False
    for text in texts:
        apart = is_title_note(text)
        if joining and not apart:
            lines[-1] += text
        else:
            lines.append(text)
        joining = not apart
    return lines


def is_title_note(text: str) -> bool:
    return bool(DOCUMENT_NUMBER.fullmatch(text) or _ADOPTION.fullmatch(text))


def _contents_end(
    paragraphs: Sequence[Paragraph], markers: Sequence[Marker | None], start: int, end: int
) -> int:
    """Behind a table of contents, which repeats the headings that follow."""
    begin = next((i for i in range(start, end) if paragraphs[i].text), end)
    if begin == end or not re.fullmatch(r"目\s*录", paragraphs[begin].text):
        return start
    listed: set[str] = set()
    for i in range(begin + 1, end):
        marker, text = markers[i], paragraphs[i].text
        if not text:
            continue
        if text in listed or marker is None or marker.style not in _HEADINGS:
            return i
        listed.add(text)
    return end


def _signature_start(body: Sequence[Paragraph]) -> int:
    """Where the names and the date under a text begin."""
    if len(body) < 2 or not DATE.fullmatch(body[-1].text):
        return len(body)
    start = len(body) - 1
    while start > 1 and len(body) - start < 12:
        text = body[start - 1].text
        if len(text) > 30 or any(sign in text for sign in "。；：，、") or body[start - 1].marker:
            break
        start -= 1
    return start
