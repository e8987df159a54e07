"""Which part of a page is the article.

First where publishing systems say so (their containers have known names), then by weight: from the body
down, as long as one block holds nearly all the words and what stands beside it is links or the site's own.
What is left behind is set aside; where that is more than links, a person is told.
"""

from __future__ import annotations

import re

from bs4 import Tag
from bs4.element import NavigableString

from knowledge.reading.source import Draft

_CONTAINERS = re.compile(
    r"^(?:ucap-content|zoom|trs_editor|trs_ueditor|trs_paper_default|view|pages_content|pages-content|"
    r"article[-_]?(?:content|body|con|text|main)|content[-_]?(?:article|text|body|main)|con[-_]?text|"
    r"xxgk[-_]?content|detail[-_]?content|news[-_]?content|zwxl[-_]?content|main[-_]?text|text[-_]?content|"
    r"custom_unionstyle|easysite-news-text|wp_articlecontent|vsb_content(?:_\d+)?|arti?cle)$",
    re.IGNORECASE,
)
_NOISE = re.compile(
    r"(?:^|[-_\s])(?:nav|menu|head|header|foot|footer|side|sidebar|crumbs?|breadcrumbs?|share|toolbar|related|"
    r"recommend|hot|links?|friend|copyright|search|login|banner|logo|qrcode|ewm|print|pagebar|paging)"
    r"(?:$|[-_\s\d])",
    re.IGNORECASE,
)
_HOLDERS = {
    "body",
    "div",
    "section",
    "article",
    "main",
    "form",
    "center",
    "td",
    "table",
    "tbody",
    "tr",
    "[document]",
    "html",
}
_KNOWN_SHARE = 0.5
_WEIGHT_SHARE = 0.6
_SHORT = 30


def article_of(root: Tag, draft: Draft) -> Tag:
    weights = _weights(root)
    whole = weights[id(root)]
    known = [
        tag
        for tag in root.find_all(True)
        if _is_container(tag) and weights[id(tag)] >= max(1, _KNOWN_SHARE * whole)
    ]
    if known:  # the innermost that still holds what the outermost of them does
        best = known[0]
        for tag in known:
            if best in tag.parents and weights[id(tag)] >= 0.95 * weights[id(best)]:
                best = tag
        _leave_behind(root, best, draft, weights, told=True)
        return best
    node = root
    while (inner := _inner(node, weights)) is not None:
        _leave_behind(node, inner, draft, weights, told=False)
        node = inner
    return node


def _inner(node: Tag, weights: dict[int, int]) -> Tag | None:
    """The child to go down to: it holds most of the words, and its siblings are nothing to read."""
    blocks = [child for child in node.children if isinstance(child, Tag) and weights[id(child)] > 0]
    bare = sum(len("".join(child.split())) for child in node.children if isinstance(child, NavigableString))
    if bare or not blocks:
        return None
    best = max(blocks, key=lambda tag: weights[id(tag)])
    if best.name not in _HOLDERS or weights[id(best)] < _WEIGHT_SHARE * weights[id(node)]:
        return None
    others = [child for child in node.children if isinstance(child, Tag) and child is not best]
    return best if all(_is_chrome(tag, weights) for tag in others) else None


def _is_chrome(tag: Tag, weights: dict[int, int]) -> bool:
    words = _letters(tag)
    if words == 0:
        return True
    names = " ".join([str(tag.get("id") or ""), *(tag.get("class") or [])])
    return weights[id(tag)] * 2 <= words or (bool(_NOISE.search(names)) and words <= 1000)


def _is_container(tag: Tag) -> bool:
    if tag.name in ("article", "main") or str(tag.get("itemprop", "")).lower() == "articlebody":
        return True
    names = [str(tag.get("id") or ""), *(tag.get("class") or [])]
    return any(_CONTAINERS.match(name) for name in names if name)


def _leave_behind(root: Tag, chosen: Tag, draft: Draft, weights: dict[int, int], *, told: bool) -> None:
    """Sets aside the words of `root` outside `chosen`, and says so where they are not mere links."""
    node: Tag = chosen
    left = 0
    while node is not root and node.parent is not None:
        for sibling in node.parent.children:
            if sibling is node:
                continue
            text = sibling.get_text(" ") if isinstance(sibling, Tag) else str(sibling)
            draft.aside("chrome", text)
            if isinstance(sibling, Tag) and not _is_chrome(sibling, weights):
                left += weights[id(sibling)]
        node = node.parent
    if told and left > _SHORT:
        draft.warn("read.html_left", count=left)


def _weights(root: Tag) -> dict[int, int]:
    """For each element the number of characters in it that are no link's."""
    weights: dict[int, int] = {id(root): 0}
    order: list[tuple[Tag, bool]] = [(root, False)]
    seen: list[Tag] = []
    linked: dict[int, bool] = {}
    while order:
        tag, inside = order.pop()
        inside = inside or tag.name == "a"
        linked[id(tag)] = inside
        seen.append(tag)
        for child in tag.children:
            if isinstance(child, Tag):
                order.append((child, inside))
    for tag in reversed(seen):
        own = (
            0
            if linked[id(tag)]
            else sum(
                len("".join(child.split())) for child in tag.children if isinstance(child, NavigableString)
            )
        )
        weights[id(tag)] = own + sum(weights[id(child)] for child in tag.children if isinstance(child, Tag))
    return weights


def _letters(tag: Tag) -> int:
    return sum(len("".join(text.split())) for text in tag.strings)
