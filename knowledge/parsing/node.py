"""A node of the tree while it is being built."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from knowledge.model import ClauseKind
from knowledge.parsing.numbering import Marker


@dataclass(eq=False)
class Node:
    """`path` and `label` are filled in last, when the tree stands; `lines` are those of the source.

    `ordinal` counts the 款 of an article; `paragraphs` is how many an article has.
    """

    kind: ClauseKind
    texts: list[str] = field(default_factory=list)
    marker: Marker | None = None
    heading: str = ""
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    path: str = ""
    label: str = ""
    departments: tuple[str, ...] = ()
    lead: tuple[str, ...] = ()
    due: str | None = None
    incomplete: bool = False
    ordinal: int = 0
    paragraphs: int = 0
    lines: list[int] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)

    def add(self, child: Node) -> Node:
        child.parent = self
        self.children.append(child)
        return child

    def walk(self) -> Iterator[Node]:
        """This node and all below it, in the order of the text."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))
