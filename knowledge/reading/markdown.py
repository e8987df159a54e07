"""Markdown: its marks go, its words stay, a line of the source a line of the text.

Lines are not joined: Chinese policy texts have one paragraph a line, and hard-wrapped ones are the parser's
business. Numbers of lists are text already.
"""

from __future__ import annotations

import html
import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.reading.rows import as_line
from knowledge.reading.source import Draft

_HEADING = re.compile(r"^ {0,3}#{1,6}(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(?:=+|-{3,})[ \t]*$")
_RULE = re.compile(r"^ {0,3}(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$")
_QUOTE = re.compile(r"^ {0,3}(?:>[ \t]?)+")
_BULLET = re.compile(r"^[ \t]*[-*+][ \t]+(?:\[[ xX]\][ \t]+)?")
_PAGE = re.compile(r"^\s*-\s*\d{1,4}\s*-\s*$")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:[ \t]*\S+")
_NOTE = re.compile(r"^\[\^([^\]]+)\]:[ \t]*(.*)$")
_TABLE_RULE = re.compile(
    r"^[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?$|^[ \t]*\|[ \t]*:?-+:?[ \t]*\|?$"
)
_CELL_END = re.compile(r"(?<!\\)\|")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_NOTE_MARK = re.compile(r"\[\^[^\]]+\]")


def read_markdown(text: str, draft: Draft) -> None:
    """Adds the words of a Markdown text to `draft`; front matter and footnotes are set aside."""
    inline = MarkdownIt("commonmark").enable("strikethrough")
    lines = _COMMENT.sub("", text).split("\n")
    lines = _without_front_matter(lines, draft)
    fence = ""
    for at, line in enumerate(lines):
        if fence:
            if line.strip().startswith(fence):
                fence = ""
            else:
                draft.lines.append(line)
        elif match := _FENCE.match(line):
            fence = match[1]
        elif match := _NOTE.match(line):
            draft.aside("footnotes", _words(match[2], inline))
        elif _is_mark(lines, at):
            continue
        elif _in_table(lines, at):
            draft.lines.append(as_line([_words(cell, inline) for cell in _cells(line)]))
        else:
            draft.lines.extend(_line(line, inline))


def _line(line: str, inline: MarkdownIt) -> list[str]:
    line = _QUOTE.sub("", line)
    if match := _HEADING.match(line):
        line = match[1] or ""
    elif not _PAGE.match(line):
        line = _BULLET.sub("", line)
    indent = line[: len(line) - len(line.lstrip())]
    return [indent + piece for piece in _words(line.lstrip(), inline).split("\n")]


def _is_mark(lines: list[str], at: int) -> bool:
    """A line that draws and says nothing: a rule, a heading's underline, a table's, a link's definition."""
    line = lines[at]
    if _RULE.match(line) or _REFERENCE.match(line):
        return True
    if _TABLE_RULE.match(line) and at and "|" in lines[at - 1]:
        return True
    return bool(_UNDERLINE.match(line)) and at > 0 and bool(lines[at - 1].strip())


def _in_table(lines: list[str], at: int) -> bool:
    """A line between bars: of a table that a rule below its first line declares."""
    if "|" not in lines[at]:
        return False
    if at + 1 < len(lines) and _TABLE_RULE.match(lines[at + 1]):
        return True
    return (
        lines[at].strip().startswith("|") and lines[at].strip().endswith("|") and len(lines[at].strip()) > 2
    )


def _cells(line: str) -> list[str]:
    body = line.strip().removeprefix("|")
    if body.endswith("|") and not body.endswith("\\|"):
        body = body[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _CELL_END.split(body)]


def _words(line: str, inline: MarkdownIt) -> str:
    line = _BREAK.sub("\n", _NOTE_MARK.sub("", line))
    if not any(sign in line for sign in "*_`[]<>&\\~!"):
        return line
    out: list[str] = []
    for piece in line.split("\n"):
        tokens = inline.parseInline(piece)
        out.append("".join(_text(token) for token in (tokens[0].children or [])) if tokens else "")
    return "\n".join(out)


def _text(token: Token) -> str:
    if token.type in ("text", "code_inline", "text_special"):
        return token.content
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "html_inline" and not re.match(r"</?[a-zA-Z!?]", token.content):
        return html.unescape(token.content)
    return ""


def _without_front_matter(lines: list[str], draft: Draft) -> list[str]:
    if lines and lines[0].strip() == "---":
        for at in range(1, min(len(lines), 60)):
            if lines[at].strip() == "---" and all(":" in line or not line.strip() for line in lines[1:at]):
                draft.aside("front_matter", " ".join(lines[1:at]))
                return lines[at + 1 :]
    return lines
