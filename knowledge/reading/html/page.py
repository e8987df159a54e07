"""A page from bytes to lines."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

from knowledge.errors import UnreadableDocument
from knowledge.messages import say
from knowledge.reading.html.article import article_of
from knowledge.reading.html.blocks import lines_of
from knowledge.reading.html.charset import decode_page
from knowledge.reading.html.chrome import clear
from knowledge.reading.source import Draft, Progress, Report

_DEEPEST = 1000


def read_html(data: bytes, draft: Draft, report: Report) -> None:
    """Adds the article of a page to `draft`; what surrounds it is set aside."""
    text = decode_page(data, draft)
    page = BeautifulSoup(text.replace("\x00", ""), "lxml")
    if _is_deeper(page, _DEEPEST):
        raise UnreadableDocument(say("read.too_deep", name=draft.name))
    title = _title(page)
    clear(page, draft)
    root = page.body or page
    article = article_of(root, draft)
    draft.lines.extend(lines_of(article))
    words = "".join("".join(line.split()) for line in draft.lines)
    if not words:
        scripted = "<script" in text[:200_000].lower()
        raise UnreadableDocument(say("read.html_script" if scripted else "read.html_empty", name=draft.name))
    if title and "".join(title.split()) not in words:
        draft.lines[:0] = [title, ""]
        draft.warn("read.html_title", title=title)
    report(Progress(1, 1))


def _is_deeper(root: Tag, most: int) -> bool:
    """Whether elements stand in each other more than `most` deep: no page that people read does."""
    level: list[Tag] = [root]
    for _ in range(most):
        level = [child for tag in level for child in tag.children if isinstance(child, Tag)]
        if not level:
            return False
    return True


def _title(page: BeautifulSoup) -> str:
    """The article's title as the page itself gives it: its metadata's, or its only first heading."""
    for tag in page.find_all("meta"):
        if str(tag.get("name", "")).lower() == "articletitle" and tag.get("content"):
            return " ".join(str(tag["content"]).split())
    headings = [tag for tag in page.find_all("h1") if isinstance(tag, Tag) and tag.get_text(strip=True)]
    return " ".join(headings[0].get_text(" ").split()) if len(headings) == 1 else ""
