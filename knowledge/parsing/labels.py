"""Paths and labels: `2.6` and 第二部分（六）发展绿色交通消费. A path never changes once published."""

from __future__ import annotations

from collections import defaultdict

from knowledge.messages import say
from knowledge.parsing.node import Node
from knowledge.parsing.numbering import Style, numeral
from knowledge.parsing.remarks import Remark


def name_all(root: Node, prefix: str, label: str, remarks: list[Remark]) -> None:
    """Gives every node below `root` its path and its label; paths are unique in the document."""
    taken: set[str] = set()
    repeats: defaultdict[str, int] = defaultdict(lambda: 1)
    for node in root.walk():
        if node is root:
            continue
        if not node.path:
            node.path = _path(node, root, prefix)
            node.label = label + _label(node, root)
        wanted = node.path
        while node.path in taken:
            repeats[wanted] += 1
            node.path = f"{wanted}-{repeats[wanted]}"
        if node.path != wanted:
            words = say("parse.repeated", label=node.label, path=node.path)
            remarks.append(Remark("repeated", words, min(node.lines, default=None), node.path))
        taken.add(node.path)


def _path(node: Node, root: Node, prefix: str) -> str:
    """The parent's path and the node's own number; articles count through the 节 of a chapter."""
    up = node.parent
    if node.kind == "article":
        while up is not None and up.kind == "division":
            up = up.parent
    base = prefix if up is None or up is root else up.path
    step = f"s{_step(node)}" if node.kind == "division" else _step(node)
    return f"{base}.{step}" if base else step


def _step(node: Node) -> str:
    return node.marker.step if node.marker is not None else str(node.ordinal)


def _label(node: Node, root: Node) -> str:
    chain: list[Node] = []
    up: Node | None = node
    while up is not None and up is not root:
        chain.append(up)
        up = up.parent
    chain.reverse()
    legal = any(step.kind == "article" for step in chain)
    words = "".join(_piece(step, legal=legal) for step in chain if not (legal and step.kind == "division"))
    if not node.heading:
        return words
    gap = "" if words.endswith(("）", ".")) else " "
    return f"{words}{gap}{node.heading}"


def _piece(node: Node, *, legal: bool) -> str:
    marker = node.marker
    if marker is None:
        return say("label.paragraph", number=numeral(node.ordinal))
    if marker.style is Style.PART and not (node.parent and node.parent.kind in ("article", "paragraph")):
        return say("label.part", number=numeral(marker.number))
    if marker.style is Style.SECTION:
        return say("label.item" if legal else "label.section", number=numeral(marker.number))
    return marker.written
