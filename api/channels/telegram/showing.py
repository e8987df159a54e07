"""Replies and campaign messages as Telegram shows them: HTML, its quotes and links, buttons below.

Nothing is cut: what is longer than a message is split at sentences, and no tag spans two messages. Every
text is escaped. A button carries what it says where that fits, else where it can be looked up.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from actions.feedback_reasons import feedback_reasons
from actions.replies import Citation, Reply
from api.channels.text import absolute, split, utf16
from api.channels.words import say
from campaigns.content import Rendered

LONGEST = 4096
"""UTF-16 code units of a message, counted without its tags."""
LONGEST_DATA = 64
"""Bytes that a button can carry."""
SHORT_LABEL = 8
JUDGED = frozenset({"answer", "abstain"})


@dataclass(frozen=True, slots=True)
class Block:
    text: str
    style: Literal["plain", "quote"] = "plain"
    href: str = ""

    def as_html(self, text: str) -> str:
        shown = html.escape(text, quote=False)
        if self.href:
            return f'<a href="{html.escape(self.href)}">{shown}</a>'
        return f"<blockquote>{shown}</blockquote>" if self.style == "quote" else shown


@dataclass(frozen=True, slots=True)
class Shown:
    """One message. `picture` is an address whose preview stands above the text."""

    html: str
    buttons: InlineKeyboardMarkup | None = None
    picture: str = ""


def show(reply: Reply, *, site: str) -> list[Shown]:
    """The reply as messages, its buttons below the last; `site` is the app's public address, or nothing."""
    texts = pack([*_with_quotes(reply), *_sources(reply, site)])
    rows = [[_choice(reply, at)] for at in range(len(reply.suggestions))]
    keyboard = _paired(rows)
    if reply.kind in JUDGED:
        keyboard.append(judging(reply.id))
    return _below([Shown(text) for text in texts], keyboard)


def show_notice(content: Rendered, notice_id: str, *, site: str) -> list[Shown]:
    """A campaign's message; more than one only where it is too long for Telegram."""
    blocks = [Block(content.text)]
    picture = absolute(content.picture.url, site) if content.picture else ""
    if content.picture and not picture:
        blocks.append(Block(content.picture.alternative))
    if content.quiz is not None:
        blocks.append(Block(content.quiz.question))
    if content.pledge:
        blocks.append(Block(content.pledge))
    rows = [[InlineKeyboardButton(link.label, url=link.url)] for link in content.links]
    if content.quiz is not None:
        rows += [
            [InlineKeyboardButton(option, callback_data=f"q:{notice_id}:{at}")]
            for at, option in enumerate(content.quiz.options)
        ]
    if content.pledge:
        rows.append([InlineKeyboardButton(say("pledge_label"), callback_data=f"p:{notice_id}")])
    rows += [
        [InlineKeyboardButton(words, callback_data=f"n:{notice_id}:{at}")]
        for at, words in enumerate(content.quick_replies)
    ]
    shown = [Shown(text, picture=picture if at == 0 else "") for at, text in enumerate(pack(blocks))]
    return _below(shown, rows)


def judging(reply_id: str) -> list[InlineKeyboardButton]:
    return [
        InlineKeyboardButton(f"👍 {say('useful')}", callback_data=f"f:{reply_id}:1"),
        InlineKeyboardButton(f"👎 {say('not_useful')}", callback_data=f"f:{reply_id}:0"),
    ]


def reasons(reply_id: str) -> InlineKeyboardMarkup:
    """Why a reply was of no use: one button a reason."""
    rows = [
        [InlineKeyboardButton(label, callback_data=f"f:{reply_id}:0:{code}")]
        for code, label in feedback_reasons().items()
    ]
    return InlineKeyboardMarkup(_paired(rows))


def pack(blocks: Sequence[Block], longest: int = LONGEST) -> list[str]:
    """The blocks as HTML in as few messages as hold them, each block on a line of its own."""
    messages: list[list[str]] = [[]]
    used = 0
    for block in blocks:
        for part in split(block.text, longest, utf16):
            length = utf16(part) + 1
            if used and used + length > longest:
                messages.append([])
                used = 0
            messages[-1].append(block.as_html(part))
            used += length
    return ["\n".join(parts) for parts in messages if parts]


def _with_quotes(reply: Reply) -> list[Block]:
    """The reply's own text, complete, the words of the law in it set off as quotes."""
    blocks: list[Block] = []
    left = reply.text
    quotes = {citation.quote for citation in reply.citations if citation.quote in reply.text}
    for quote in sorted(quotes - {""}, key=reply.text.find):
        before, found, after = left.partition(quote)
        if found:
            blocks += [Block(before.strip("“”\n ")), Block(quote, "quote")]
            left = after
    blocks.append(Block(left.lstrip("”\n ") if blocks else left))
    return [block for block in blocks if block.text.strip()]


def _sources(reply: Reply, site: str) -> list[Block]:
    links: dict[str, str] = {}
    for citation in reply.citations:
        for title, url in _addresses(citation, site):
            links.setdefault(url, title)
    return [Block(f"📄 {title}", href=url) for url, title in links.items()]


def _addresses(citation: Citation, site: str) -> list[tuple[str, str]]:
    if citation.source_kind == "programme":
        return [(each.title, each.url) for each in citation.sources if absolute(each.url, "")]
    url = absolute(citation.url, site)
    return [(f"《{citation.document_title}》{citation.clause_label}", url)] if url else []


def _choice(reply: Reply, at: int) -> InlineKeyboardButton:
    choice = reply.suggestions[at]
    said = f"t:{choice.message}"
    fits = len(said.encode()) <= LONGEST_DATA
    return InlineKeyboardButton(choice.label, callback_data=said if fits else f"r:{reply.id}:{at}")


def _paired(rows: list[list[InlineKeyboardButton]]) -> list[list[InlineKeyboardButton]]:
    """Short buttons two a row."""
    paired: list[list[InlineKeyboardButton]] = []
    for row in rows:
        short = len(row[0].text) <= SHORT_LABEL
        if short and paired and len(paired[-1]) == 1 and len(paired[-1][0].text) <= SHORT_LABEL:
            paired[-1].extend(row)
        else:
            paired.append(list(row))
    return paired


def _below(shown: list[Shown], rows: list[list[InlineKeyboardButton]]) -> list[Shown]:
    if not rows or not shown:
        return shown
    last = shown[-1]
    return [*shown[:-1], Shown(last.html, InlineKeyboardMarkup(rows), last.picture)]
