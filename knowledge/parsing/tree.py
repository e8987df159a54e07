"""Which clause holds which: paragraphs with markers become a tree.

The default order is 编 > 章 > 节 > 条 > 一、 > （一） > 1. > （1） > 1） > ①. Where a text shows another
order - a heading 一、 with 第一条 right under it - the first meeting of the two styles decides for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.messages import say
from knowledge.model import ClauseKind
from knowledge.parsing.cleaning import Paragraph
from knowledge.parsing.departments import duty_of
from knowledge.parsing.node import Node
from knowledge.parsing.numbering import FORMAL, Marker, Style, is_heading
from knowledge.parsing.remarks import Remark, RemarkKind

_KINDS: dict[Style, ClauseKind] = {
    Style.BOOK: "book",
    Style.CHAPTER: "chapter",
    Style.DIVISION: "division",
    Style.ARTICLE: "article",
    Style.PART: "part",
    Style.SECTION: "section",
    Style.ITEM: "item",
    Style.SUBITEM: "subitem",
    Style.BRACKET: "subitem",
    Style.CIRCLED: "subitem",
}
_LEGAL_KINDS: dict[Style, ClauseKind] = {Style.SECTION: "item", Style.ITEM: "subitem"}
_LONGEST_JUMP = 30
_HEADING_SENTENCE = 30


def build(paragraphs: Sequence[Paragraph], remarks: list[Remark]) -> Node:
    """The paragraphs of a body as the children of a root without text."""
    builder = _Builder(remarks)
    for paragraph in paragraphs:
        builder.take(paragraph)
    _settle_paragraphs(builder.root)
    for node in builder.root.walk():
        duty = duty_of(node.text)
        node.departments, node.lead = duty.departments, duty.lead
    return builder.root


class _Builder:
    def __init__(self, remarks: list[Remark]) -> None:
        self.root = Node("preamble")
        self.last = self.root
        self.stack: list[Node] = []
        self.holds: dict[tuple[Style, Style], bool] = {}
        self.latest: dict[Style, int] = {}
        self.remarks = remarks

    def take(self, paragraph: Paragraph) -> None:
        marker = paragraph.marker
        if marker is not None and not self._plausible(marker, paragraph):
            marker = None
        if marker is None:
            self._text(paragraph.text, paragraph.lines)
        else:
            self._open(marker, paragraph)

    def _plausible(self, marker: Marker, paragraph: Paragraph) -> bool:
        """Whether a marker goes on with a count: words that only look like one stay text."""
        if marker.forced:
            return True
        before = self._sibling_number(marker)
        known = self.latest.get(marker.style)
        expected = {1, *(n + 1 for n in (before, known) if n is not None)}
        if marker.number in expected or (marker.suffix and marker.number in (before, known)):
            return True
        reference = before if before is not None else (known or 0)
        if marker.certain and reference < marker.number <= reference + _LONGEST_JUMP:
            self._remark("jump", paragraph, before=reference)
            return True
        self._remark("implausible", paragraph)
        return False

    def _remark(self, kind: RemarkKind, paragraph: Paragraph, **values: object) -> None:
        words = say(f"parse.{kind}", line=paragraph.line + 1, words=paragraph.text[:16], **values)
        self.remarks.append(Remark(kind, words, paragraph.line))

    def _sibling_number(self, marker: Marker) -> int | None:
        for node in reversed(self.stack):
            if node.marker is not None and node.marker.style is marker.style:
                return node.marker.number
        return None

    def _open(self, marker: Marker, paragraph: Paragraph) -> None:
        parent, text = self._parent_for(marker), paragraph.text
        node = parent.add(Node(self._kind(marker), [text], marker, _heading(marker, text)))
        node.lines = list(paragraph.lines)
        self.latest[marker.style] = marker.number
        self.stack.append(node)
        self.last = node
        if marker.style is Style.ARTICLE:
            head = _article_head(marker, text)
            node.heading = head.removeprefix(marker.text).strip("【】[]")
            node.texts = [head]
            if rest := text[len(head) :].strip():
                self._text(rest, paragraph.lines)

    def _kind(self, marker: Marker) -> ClauseKind:
        """（一） is a section of a plan, but an item 项 of an article."""
        if any(node.kind == "article" for node in self.stack):
            return _LEGAL_KINDS.get(marker.style, _KINDS[marker.style])
        return _KINDS[marker.style]

    def _parent_for(self, marker: Marker) -> Node:
        """Closes what the marker closes; what stays open on top is its parent."""
        same = next(
            (i for i, node in enumerate(self.stack) if node.marker and node.marker.style is marker.style),
            None,
        )
        if same is not None:
            del self.stack[same:]
        else:
            while self.stack and not self._holds(self.stack[-1], marker):
                self.stack.pop()
        return self.stack[-1] if self.stack else self.root

    def _holds(self, node: Node, marker: Marker) -> bool:
        if node.marker is None:  # a paragraph of an article
            return marker.style > Style.ARTICLE
        outer, inner = node.marker.style, marker.style
        default = outer < inner
        if default or (outer in FORMAL and inner in FORMAL):
            return default
        pair = (outer, inner)
        if pair not in self.holds:
            introduces = node is self.last and (is_heading(node.text) or node.text[-1] in "：:")
            self.holds[pair] = introduces and marker.number == 1
        return self.holds[pair]

    def _text(self, text: str, lines: Sequence[int]) -> None:
        """An unnumbered paragraph: the next 款 of an open article, else more of the last clause."""
        article = next((i for i, node in enumerate(self.stack) if node.kind == "article"), None)
        if article is None or any(node.kind == "part" for node in self.stack[article + 1 :]):
            self.last.texts.append(text)
            self.last.lines.extend(lines)
            return
        del self.stack[article + 1 :]
        holder = self.stack[article]
        holder.paragraphs += 1
        self.last = holder.add(Node("paragraph", [text], ordinal=holder.paragraphs, lines=list(lines)))
        self.stack.append(self.last)


def _settle_paragraphs(root: Node) -> None:
    """An article with one 款 has none: its words and items are the article's own."""
    for node in list(root.walk()):
        if node.kind != "article":
            continue
        if node.paragraphs == 1 and node.children[0].kind == "paragraph":
            only = node.children.pop(0)
            node.texts = [node.text + only.text]
            node.lines += only.lines
            for child in only.children:
                node.add(child)


def _article_head(marker: Marker, text: str) -> str:
    """`第三条【立法目的】` of `第三条【立法目的】为了…`; without brackets the marker alone."""
    rest = text[len(marker.text) :]
    if rest[:1] in ("【", "[") and (end := rest.find("】" if rest[0] == "【" else "]")) > 0:
        return text[: len(marker.text) + end + 1]
    return marker.text


def _heading(marker: Marker, text: str) -> str:
    rest = text[len(marker.text) :].strip()
    if marker.style in FORMAL[:3] or (marker.style is not Style.ARTICLE and is_heading(rest)):
        return rest
    first, stop, _ = rest.partition("。")
    if (
        stop
        and len(first) <= _HEADING_SENTENCE
        and not any(sign in first for sign in "，；：？！,;:")
        and rest != first + stop
    ):
        return first
    return ""
