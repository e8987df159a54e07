"""One policy file from bytes to clauses.

Owns the order of the steps and what a reader of the result is told; the steps live beside it. Nothing that
is not white space is lost: it is either in one clause's text or in the furniture.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.model import Clause, ClauseKind
from knowledge.parsing.annex import read_annex
from knowledge.parsing.cleaning import Furniture, Paragraph, paragraphs_of
from knowledge.parsing.encoding import decode
from knowledge.parsing.labels import name_all
from knowledge.parsing.mending import Mending
from knowledge.parsing.node import Node
from knowledge.parsing.remarks import Remark, in_words
from knowledge.parsing.sections import Sections, split, title_lines
from knowledge.parsing.tree import build


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """A document's clauses in the order of its text, what was left out, and what a person should look at.

    `lines` tells which lines of the source, counted from 0, a clause (by its path) was read from.
    """

    clauses: tuple[Clause, ...]
    furniture: tuple[Furniture, ...]
    remarks: tuple[Remark, ...]
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def warnings(self) -> tuple[str, ...]:
        """The remarks as sentences, the first fifty of them."""
        return in_words(self.remarks)


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a policy file, and warnings. Raises UnreadableDocument naming the file and the remedy."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnreadableDocument(say("read.unopened", name=path, reason=error.strerror)) from error
    return decode(data, str(path))


def parse(text: str, document_id: str, mendings: Sequence[Mending] = ()) -> ParsedDocument:
    """The clauses of `text`, mended as a person said; total for any text that `decode` lets through, linear
    in its length. Raises InvalidContent for a mending of a place that the text has not."""
    remarks: list[Remark] = []
    paragraphs, furniture = paragraphs_of(text, mendings)
    sections = split(paragraphs)
    nodes: list[Node] = []
    _flat(nodes, "notice", "notice", sections.notice)
    _flat(nodes, "title", "title", sections.title)
    _flat(nodes, "contents", "title", sections.contents)
    _flat(nodes, "preamble", "preamble", sections.preamble)
    if not sections.body:
        remarks.append(Remark("unstructured", say("parse.unstructured")))
    body = build(sections.body, remarks)
    name_all(body, "", "", remarks)
    nodes.extend(_body_nodes(body))
    _flat(nodes, "signature", "paragraph", sections.signature)
    nodes.extend(_annex_nodes(sections, remarks))
    lines = {node.path: tuple(dict.fromkeys(node.lines)) for node in nodes}
    return ParsedDocument(
        _clauses(nodes, document_id), tuple(furniture), _at_their_clauses(remarks, lines), lines
    )


def _flat(nodes: list[Node], path: str, kind: ClauseKind, paragraphs: Sequence[Paragraph]) -> None:
    texts = [item.text for item in paragraphs]
    if texts:
        lines = [line for item in paragraphs for line in item.lines]
        joined = title_lines(texts) if path == "title" else texts
        nodes.append(Node(kind, joined, path=path, label=say(f"label.{path}"), lines=lines))


def _at_their_clauses(remarks: Sequence[Remark], lines: Mapping[str, tuple[int, ...]]) -> tuple[Remark, ...]:
    """The remarks with the clause that their line is in, the innermost."""
    if not remarks:
        return ()
    owners: dict[int, str] = {}
    for path, own in lines.items():
        for line in own:
            owners[line] = path
    return tuple(
        replace(remark, path=owners[remark.line]) if remark.line in owners else remark for remark in remarks
    )


def _body_nodes(root: Node) -> list[Node]:
    nodes = [node for node in root.walk() if node is not root]
    for child in root.children:
        child.parent = None
    if root.texts:
        extra = Node("preamble", root.texts, path="preamble-2", label=say("label.preamble"))
        extra.lines = root.lines
        nodes.insert(0, extra)
    return nodes


def _annex_nodes(sections: Sections, remarks: list[Remark]) -> list[Node]:
    nodes: list[Node] = []
    for number, paragraphs in enumerate(sections.annexes, 1):
        annex = read_annex(list[Paragraph](paragraphs), number, remarks)
        name_all(annex, annex.path, annex.label, remarks)
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
