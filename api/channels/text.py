"""Replies as plain words: split at sentences to a channel's length, choices with numbers.

Owns how long a text is where a channel counts it, and choosing by number. Knows no channel by name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from actions.replies import Reply
from api.channels.words import say

Measure = Callable[[str], int]

_BREAKS = (
    re.compile(r"\n\n+"),
    re.compile(r"\n"),
    re.compile(r"[。！？!?…]+[”’」』）)]*|[.](?=\s)"),
    re.compile(r"[；;]"),
    re.compile(r"[，、,：:]"),
    re.compile(r"\s+"),
)
"""Where a text may be parted, the best first; the part before keeps the sign."""
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}
_CHOICE = re.compile(r"(?:回复|选择|选|第|要)?\s*(\d{1,2})\s*(?:个|项|条|号)?[.。、)）]?")


def utf16(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le")) // 2


def utf8(text: str) -> int:
    """Length in bytes, as WeChat counts."""
    return len(text.encode())


def split(text: str, longest: int, measure: Measure = len) -> list[str]:
    """`text` in parts of at most `longest`, each as full as the best break allows; none is empty.

    Words are kept whole where they can be, and a sign that several code points make up always.
    """
    parts: list[str] = []
    left = text.strip()
    while left and measure(left) > longest:
        head = left[: _fitting(left, longest, measure)]
        at = _break_in(head)
        parts.append(left[:at].rstrip())
        left = left[at:].lstrip()
    if left:
        parts.append(left)
    return [part for part in parts if part]


def _fitting(text: str, longest: int, measure: Measure) -> int:
    """How many code points from the beginning fit; at least one whole sign."""
    low, high = 1, min(len(text), longest)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(text[:middle]) <= longest:
            low = middle
        else:
            high = middle - 1
    at = low
    while at > 1 and at < len(text) and _clings(text[at - 1], text[at]):
        at -= 1
    return at if at > 1 else low


def _clings(before: str, after: str) -> bool:
    return (
        after in _JOINERS
        or before == "\u200d"
        or bool(unicodedata.combining(after))
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )


def _break_in(head: str) -> int:
    """The best place to part, never leaving less than a third of what fits, unless there is no other."""
    for least in (len(head) // 3, 1):
        for pattern in _BREAKS:
            ends = [found.end() for found in pattern.finditer(head) if found.end() >= least]
            if ends:
                return ends[-1]
    return len(head)


def choices_of(replies: Sequence[Reply]) -> list[str]:
    """The messages behind the numbers that `in_words` shows, in order."""
    shown = _choosing(replies)
    return [] if shown is None else [each.message for each in shown.suggestions]


def in_words(replies: Sequence[Reply], *, site: str = "") -> list[str]:
    """One text a reply, complete without cards or buttons: the last choices numbered, sources' addresses
    after the text where `site`, the app's public address, is known."""
    shown = _choosing(replies)
    texts = []
    for reply in replies:
        words = [reply.text, *source_lines(reply, site)]
        if reply is shown:
            numbered = [f"{at}. {each.label}" for at, each in enumerate(reply.suggestions, 1)]
            words.append("\n".join([say("choose_by_number"), *numbered]))
        texts.append("\n\n".join(words))
    return texts


def source_lines(reply: Reply, site: str) -> list[str]:
    """Where each cited text can be read; nothing without a public address to lead to."""
    if not site:
        return []
    addresses = dict.fromkeys(absolute(citation.url, site) for citation in reply.citations)
    return [say("read_source", url=address) for address in addresses if address]


def absolute(url: str, site: str) -> str:
    """`url` as it opens from outside; empty where it would lead nowhere."""
    if url.startswith(("https://", "http://")):
        return url
    return f"{site.rstrip('/')}{url}" if site and url.startswith("/") else ""


def chosen(text: str, choices: Sequence[str]) -> str | None:
    """The choice that `text` names by its number (1, １, ①, 第1个, 回复1), None where it names none."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _CHOICE.fullmatch(plain)
    at = int(found[1]) if found else 0
    return choices[at - 1] if 1 <= at <= len(choices) else None


def _choosing(replies: Sequence[Reply]) -> Reply | None:
    """The reply whose choices count: the last that has any."""
    return next((reply for reply in reversed(replies) if reply.suggestions), None)
