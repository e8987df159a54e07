"""What on a page is never its article: scripts, navigation, forms, hidden words, the site's own lines."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, Comment, Tag
from bs4.element import Declaration, Doctype, ProcessingInstruction

from knowledge.reading.source import Draft

_SILENT = [
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas", "audio", "video",
    "map", "input", "select", "textarea", "button", "datalist", "head", "rt", "rp", "math",
]  # fmt: skip
_AROUND = ["nav", "footer", "aside", "menu", "dialog"]
_ROLES = {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar", "toolbar"}
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d])", re.I
)
_LINES = re.compile(
    r"(?:当前|现在|您(?:的|现在的|当前的)?)?(?:所在)?位置\s*[:：].{0,120}"
    r"|(?:【\s*)?(?:字号|字体|字体大小)\s*[:：]?[\s\[【(（]*(?:特大|大|中|小|默认|超大)[\s\S]{0,40}"
    r"|[\[【(（]?\s*(?:打印|关闭|打印本页|关闭窗口|关闭本页|我要纠错|收藏|返回顶部|分享到?|下载)\s*[\]】)）]?(?:\s*[\[【(（]?\s*(?:打印|关闭|打印本页|关闭窗口|收藏|分享)\s*[\]】)）]?)*[:：]?"
    r"|扫一扫在?手机(?:上)?(?:打开|查看|阅读)?(?:当前)?(?:页|页面)?"
    r"|(?:上|下)一[篇条页]\s*[:：].{0,120}"
    r"|(?:主办|承办|技术支持|版权所有)(?:单位)?\s*[:：].{0,200}"
    r"|.{0,40}(?:ICP备|公网安备|网站标识码).{0,160}"
    r"|(?:发布|发表|更新)?(?:日期|时间)\s*[:：]\s*\d{4}[-年/.]\d{1,2}[-月/.]\d{1,2}[\s\S]{0,80}?(?:来源|浏览|点击|阅读|字号|字体)[\s\S]{0,80}"
    r"|(?:浏览|点击|阅读)(?:次数|量)\s*[:：]?\s*\d*\s*次?"
)
_RECORD = ("索引号", "索 引 号")
_RECORD_FIELDS = (
    "发布机构",
    "发文机关",
    "成文日期",
    "发文字号",
    "主题分类",
    "公文种类",
    "发布日期",
    "主题词",
)


def clear(page: BeautifulSoup, draft: Draft) -> None:
    """Takes out of the page what is no text to read; visible words among it are set aside."""
    for note in page.find_all(
        string=lambda text: isinstance(text, Comment | Declaration | Doctype | ProcessingInstruction)
    ):
        note.extract()
    for tag in page.find_all(_SILENT):
        tag.extract()
    for tag in page.find_all(_is_hidden):
        if not tag.decomposed and tag.parent is not None:
            draft.aside("hidden", tag.get_text(" "))
            tag.extract()
    for tag in page.find_all(_is_around):
        if tag.parent is not None:
            draft.aside("chrome", tag.get_text(" "))
            tag.extract()
    if page.body is not None:
        _clear_lines(page.body, draft)


def _clear_lines(body: Tag, draft: Draft) -> None:
    """Short blocks that hold a line of the site: where you are, text size, print, counters, the record."""
    for tag in body.find_all(
        ["div", "p", "span", "ul", "ol", "li", "table", "tr", "td", "section", "dl", "center"]
    ):
        if tag.parent is None or (
            tag.find(["p", "div", "table"]) and tag.name not in ("table", "div", "ul", "dl")
        ):
            continue
        words = _short_text(tag)
        if not words:
            continue
        if (len(words) <= 260 and _LINES.fullmatch(words)) or _is_record(words):
            draft.aside("chrome", words)
            tag.extract()


def _short_text(tag: Tag) -> str:
    """The words of a block, or nothing where there are many."""
    pieces: list[str] = []
    size = 0
    for text in tag.strings:
        size += len(text)
        if size > 4000:
            return ""
        pieces.append(text)
    words = " ".join("".join(pieces).split())
    return words if len(words) <= 800 else ""


def _is_record(words: str) -> bool:
    """The box 索引号 / 发文字号 / 成文日期 that government pages put above a document."""
    return words.startswith(_RECORD) and sum(name in words.replace(" ", "") for name in _RECORD_FIELDS) >= 2


def _is_hidden(tag: Tag) -> bool:
    style = tag.get("style")
    return tag.has_attr("hidden") or (isinstance(style, str) and _HIDDEN.search(style) is not None)


def _is_around(tag: Tag) -> bool:
    if tag.name in _AROUND or (tag.name == "header" and tag.find_parent(["article", "main"]) is None):
        return not (tag.name == "header" and tag.find("h1") is not None and not tag.find("a"))
    return str(tag.get("role", "")).lower() in _ROLES
