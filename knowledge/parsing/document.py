"""One policy file from bytes to clauses.

Owns the order of the steps and what a reader of the result is told; the steps live beside it. Nothing that
is not white space is lost: it is either in one clause's text or in the furniture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.model import Clause, ClauseKind
from knowledge.parsing.annex import read_annex
from knowledge.parsing.cleaning import Furniture, Paragraph, paragraphs_of
from knowledge.parsing.labels import name_all
from knowledge.parsing.node import Node
from knowledge.parsing.sections import Sections, split, title_lines
from knowledge.parsing.tree import build

_WARNING_LIMIT = 50
_CONTROL = {chr(code) for code in range(32)} - {"\t", "\n"}


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document's clauses in the order of its text, what was left out, and what a person should look at."""

    clauses: tuple[Clause, ...]
    furniture: tuple[Furniture, ...]
    warnings: tuple[str, ...]


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a policy file, and warnings. Raises UnreadableDocument naming the file and the remedy."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(say("read.unopened", name=path, reason=error.strerror)) from error
    return decode(data, str(path))


def decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """UTF-8 (with or without a mark) or, with a warning, GB18030."""
    if not data.strip():
        raise UnreadableDocument(say("read.empty", name=name))
    if b"\x00" in data:
        raise UnreadableDocument(say("read.binary", name=name))
    warnings: tuple[str, ...] = ()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise UnreadableDocument(say("read.encoding", name=name)) from error
        warnings = (say("read.gb18030", name=name),)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    if not text.strip():
        raise UnreadableDocument(say("read.blank", name=name))
    if sum(sign in _CONTROL for sign in text) > len(text) // 100:
        raise UnreadableDocument(say("read.control", name=name))
    return text, warnings


def parse(text: str, document_id: str) -> ParsedDocument:
    """The clauses of `text`; total for any text that `decode` lets through, linear in its length."""
    warnings: list[str] = []
    paragraphs, furniture = paragraphs_of(text)
    sections = split(paragraphs)
    nodes: list[Node] = []
    _flat(nodes, "notice", "notice", [item.text for item in sections.notice])
    _flat(nodes, "title", "title", title_lines([item.text for item in sections.title]))
    _flat(nodes, "contents", "title", [item.text for item in sections.contents])
    _flat(nodes, "preamble", "preamble", [item.text for item in sections.preamble])
    if not sections.body:
        warnings.append(say("parse.unstructured"))
    body = build(sections.body, warnings)
    name_all(body, "", "", warnings)
    nodes.extend(_body_nodes(body))
    _flat(nodes, "signature", "paragraph", [item.text for item in sections.signature])
    nodes.extend(_annex_nodes(sections, warnings))
    more = len(warnings) - _WARNING_LIMIT
    if more > 0:
        warnings[_WARNING_LIMIT:] = [say("parse.more", count=more)]
    return ParsedDocument(_clauses(nodes, document_id), tuple(furniture), tuple(warnings))


def _flat(nodes: list[Node], path: str, kind: ClauseKind, texts: list[str]) -> None:
    if texts:
        nodes.append(Node(kind, texts, path=path, label=say(f"label.{path}")))


def _body_nodes(root: Node) -> list[Node]:
    nodes = [node for node in root.walk() if node is not root]
    for child in root.children:
        child.parent = None
    if root.texts:
        nodes.insert(0, Node("preamble", root.texts, path="preamble-2", label=say("label.preamble")))
    return nodes


def _annex_nodes(sections: Sections, warnings: list[str]) -> list[Node]:
    nodes: list[Node] = []
    for number, paragraphs in enumerate(sections.annexes, 1):
        annex = read_annex(list[Paragraph](paragraphs), number, warnings)
        name_all(annex, annex.path, annex.label, warnings)
        nodes.extend(annex.walk())
    return nodes


def _clauses(nodes: list[Node], document_id: str) -> tuple[Clause, ...]:
    return tuple(
        Clause(
            id=f"{document_id}#{node.path}",
            document_id=document_id,
            path=node.path,
            kind=node.kind,
            label=node.label,
            text=node.text,
            position=position,
            parent=f"{document_id}#{node.parent.path}" if node.parent is not None else None,
            marker=node.marker.text if node.marker else "",
            heading=node.heading,
            departments=node.departments,
            lead_departments=node.lead,
            due=node.due,
            incomplete=node.incomplete,
        )
        for position, node in enumerate(nodes)
    )
