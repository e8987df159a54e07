"""One policy file from bytes to clauses.

Owns the order of the steps and what a reader of the result is told; the steps live beside it. Nothing that
is not white space is lost: it is either in one clause's text or in the furniture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import UnreadableDocument
from knowledge.model import Clause, ClauseKind
from knowledge.parsing.annex import read_annex
from knowledge.parsing.cleaning import Furniture, Paragraph, paragraphs_of
from knowledge.parsing.labels import name_all
from knowledge.parsing.node import Node
from knowledge.parsing.sections import Sections, split
from knowledge.parsing.tree import build

_LABELS = {"notice": "印发通知", "title": "标题", "contents": "目录", "preamble": "前言", "signature": "落款"}
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
        raise UnreadableDocument(f"{path}：打不开（{error.strerror}）。请检查路径和权限。") from error
    return decode(data, str(path))


def decode(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """UTF-8 (with or without a mark) or, with a warning, GB18030."""
    if not data.strip():
        raise UnreadableDocument(f"{name}：文件是空的。请重新导出为 UTF-8 纯文本后再导入。")
    if b"\x00" in data:
        raise UnreadableDocument(f"{name}：这是二进制文件，不是文本。请另存为 UTF-8 纯文本（.txt）后再导入。")
    warnings: tuple[str, ...] = ()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = data.decode("gb18030")
        except UnicodeDecodeError as error:
            raise UnreadableDocument(
                f"{name}：既不是 UTF-8 也不是 GB18030 编码的文本。请另存为 UTF-8 纯文本（.txt）后再导入。"
            ) from error
        warnings = (f"{name}：文件不是 UTF-8，已按 GB18030 读取，请核对文字是否正确。",)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\v", "\n")
    if not text.strip():
        raise UnreadableDocument(f"{name}：文件里只有空白。请重新导出为 UTF-8 纯文本后再导入。")
    if sum(sign in _CONTROL for sign in text) > len(text) // 100:
        raise UnreadableDocument(f"{name}：控制字符太多，不像文本。请另存为 UTF-8 纯文本（.txt）后再导入。")
    return text, warnings


def parse(text: str, document_id: str) -> ParsedDocument:
    """The clauses of `text`; total for any text that `decode` lets through, linear in its length."""
    warnings: list[str] = []
    paragraphs, furniture = paragraphs_of(text)
    sections = split(paragraphs)
    nodes: list[Node] = []
    _flat(nodes, "notice", "notice", [item.text for item in sections.notice])
    _flat(nodes, "title", "title", ["".join(item.text for item in sections.title)] if sections.title else [])
    _flat(nodes, "contents", "title", [item.text for item in sections.contents])
    _flat(nodes, "preamble", "preamble", [item.text for item in sections.preamble])
    if not sections.body:
        warnings.append("没有找到“一、”“（一）”“第一条”一类的编号，全文按一段处理，请检查是否导出完整。")
    body = build(sections.body, warnings)
    name_all(body, "", "", warnings)
    nodes.extend(_body_nodes(body))
    _flat(nodes, "signature", "paragraph", [item.text for item in sections.signature])
    nodes.extend(_annex_nodes(sections, warnings))
    return ParsedDocument(_clauses(nodes, document_id), tuple(furniture), tuple(warnings))


def _flat(nodes: list[Node], path: str, kind: ClauseKind, texts: list[str]) -> None:
    if texts:
        nodes.append(Node(kind, texts, path=path, label=_LABELS[path]))


def _body_nodes(root: Node) -> list[Node]:
    nodes = [node for node in root.walk() if node is not root]
    for child in root.children:
        child.parent = None
    if root.texts:
        nodes.insert(0, Node("preamble", root.texts, path="preamble-2", label=_LABELS["preamble"]))
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
