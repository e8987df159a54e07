"""Paths and labels of clauses: `2.6` and 第二部分（六）发展绿色交通消费. A path never changes once published."""

from __future__ import annotations

from knowledge.parsing.node import Node
from knowledge.parsing.numbering import Style, numeral

_SKIPPED_IN_ARTICLES = ("division",)


def name_all(root: Node, prefix: str, label: str, warnings: list[str]) -> None:
    """Gives every node below `root` its path and its label; paths are unique in the document."""
    taken: set[str] = set()
    for node in root.walk():
        if node is root:
            continue
        if not node.path:
            node.path = _path(node, root, prefix)
            node.label = label + _label(node, root)
        if node.path in taken:
            number = 2
            while f"{node.path}-{number}" in taken:
                number += 1
            warnings.append(f"编号“{node.label}”出现了不止一次，后一处的地址写作 {node.path}-{number}。")
            node.path = f"{node.path}-{number}"
        taken.add(node.path)


def _path(node: Node, root: Node, prefix: str) -> str:
    steps: list[str] = []
    up: Node | None = node
    while up is not None and up is not root:
        if up is node and up.kind == "division":
            steps.append(f"s{_step(up)}")
        elif up.kind not in _SKIPPED_IN_ARTICLES or not _under_article_rule(node):
            steps.append(f"s{_step(up)}" if up.kind == "division" else _step(up))
        up = up.parent
    return ".".join([*([prefix] if prefix else []), *reversed(steps)])


def _under_article_rule(node: Node) -> bool:
    up: Node | None = node
    while up is not None:
        if up.kind == "article":
            return True
        up = up.parent
    return False


def _step(node: Node) -> str:
    if node.marker is not None:
        return node.marker.step
    siblings = [child for child in node.parent.children if child.kind == "paragraph"] if node.parent else []
    return str(siblings.index(node) + 1)


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
        return f"第{numeral(int(_step(node)))}款"
    if marker.style is Style.PART and not (node.parent and node.parent.kind in ("article", "paragraph")):
        return f"第{numeral(marker.number)}部分"
    if marker.style is Style.SECTION:
        return f"第（{numeral(marker.number)}）项" if legal else f"（{numeral(marker.number)}）"
    return marker.text
