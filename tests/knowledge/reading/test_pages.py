"""Web pages: the article, the whole article, and nothing but the article."""

from __future__ import annotations

import html

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.reading import Limits, SourceText, read_source
from knowledge.reading.dispatching import read_bytes
from knowledge.reading.tidying import tidy

NOTICE = [
    "重庆市商务委员会关于做好家电以旧换新工作的通知",
    "渝商务发〔2026〕3号",
    "各区县商务委：",
    "为落实国家部署，现将有关事项通知如下。",
    "一、补贴标准。个人消费者购买2级能效家电的，补贴成交价格的15%，每件不超过1500元。",
    "二、办理流程。消费者在云闪付领取资格后，到参与门店购买。",
    "重庆市商务委员会",
    "2026年1月5日",
]


def read(page: str, name: str = "a.html") -> SourceText:
    """As `read_source` has a child do it, without the child: hundreds of pages are read here."""
    return read_bytes(page.encode(), name, Limits(), lambda progress: None)


def government_page(article: str) -> str:
    return f"""<!DOCTYPE html><html><head><meta charset="utf-8"><title>通知_重庆市商务委</title>
<meta name="ArticleTitle" content="{NOTICE[0]}"><script>var a = "<p>不要</p>";</script><style>p {{}}</style></head>
<body><div class="header"><a href="/">首页</a><a href="/zwgk">政务公开</a></div>
<nav>导航 <a href="/1">要闻</a></nav><div style="display: none">看不见的字</div>
<div class="wrap"><div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a>政策</a></div>
<table class="xxgk"><tr><td>索引号：11500000</td><td>发布机构：市商务委</td><td>成文日期：2026-01-05</td></tr></table>
<h1>{NOTICE[0]}</h1><p>发布时间：2026-01-06 来源：市商务委 浏览次数：33</p><p>字号：[大][中][小] 打印</p>
<div class="trs_editor_view TRS_UEDITOR trs_paper_default">{article}</div>
<div class="share">分享到：<a>微信</a></div><ul class="related"><li><a href="2">相关政策一</a></li></ul></div>
<footer>主办单位：重庆市商务委员会 渝ICP备12345号</footer><!-- 注释 --></body></html>"""


def test_the_article_is_picked_out_of_a_government_page() -> None:
    article = "\n".join(f"<p>{line}</p>" for line in NOTICE[1:])
    source = read_source(government_page(article).encode(), "a.html")
    assert [line for line in source.text.split("\n") if line] == NOTICE
    assert source.warnings == (f"a.html：正文里没有标题，已把网页的标题“{NOTICE[0]}”放在最前面，请核对。",)
    aside = "\n".join(item.text for item in source.furniture)
    for words in (
        "导航 要闻",
        "看不见的字",
        "当前位置",
        "索引号",
        "浏览次数",
        "字号",
        "渝ICP备12345号",
        "相关政策一",
    ):
        assert words in aside
    assert "注释" not in aside
    assert "不要" not in aside


def test_the_article_is_found_by_its_weight_where_nothing_names_it() -> None:
    article = "".join(f"<p>{line}</p>" for line in NOTICE)
    page = f"""<html><head><meta charset="gbk"></head><body><div id="a1"><ul><li><a>一</a></li><li><a>二</a></li></ul></div>
<div id="a2"><div id="a3"><a>要闻</a><a>公告</a></div><div id="a4">{article}</div></div>
<div class="foot">版权所有：重庆市商务委员会</div></body></html>"""
    source = read_source(page.encode("gb18030"), "a.html")
    assert source.text.split("\n") == NOTICE
    assert source.warnings == ()


def test_a_plain_page_is_read_whole() -> None:
    source = read("<meta charset=utf-8><h1>甲办法</h1><p>一、乙</p><div>二、丙<br>丁<br/>戊</div>己")
    assert source.text == "甲办法\n一、乙\n二、丙\n丁\n戊\n己"
    assert source.furniture == ()


def test_entities_white_space_and_inline_tags_are_what_a_reader_sees() -> None:
    page = "<p>补贴&nbsp;15&#37;&lt;上限&gt;\n   <b>1500</b>\n<i>元</i>&mdash;<span>每件</span>\u200b</p><p>H<sub>2</sub>O</p>"
    assert read(page).text == "补贴\u00a015%<上限> 1500 元—每件\nH2O"


@pytest.mark.parametrize(
    ("page", "lines"),
    [
        ("<ol><li>甲<li><p>乙</p><li value=5>丙</ol>", ["1.甲", "2.乙", "5.丙"]),
        ("<ol type=a start=3><li>甲</ol>", ["c.甲"]),
        ('<ol style="list-style-type: cjk-ideographic"><li>甲<li>乙</ol>', ["一、甲", "二、乙"]),
        ("<ul><li>甲<li>乙</ul>", ["甲", "乙"]),
        ("<ol><li>甲<ol><li>乙</ol><li>丙</ol>", ["1.甲", "1.乙", "2.丙"]),
    ],
)
def test_lists_have_the_numbers_that_a_browser_draws(page: str, lines: list[str]) -> None:
    assert read(f"<body>{page}</body>").text.split("\n") == lines


def test_tables_of_data_are_rows_and_spans_are_empty_cells() -> None:
    page = """<table><caption>标准</caption><tr><th colspan=2>品类<th>上限</tr>
<tr><td rowspan=2>家电<td>冰箱<td>1500元</tr><tr><td>空调<td><p>1500</p><p>元</p></tr></table>"""
    assert read(page).text.split("\n") == ["标准", "品类\t\t上限", "家电\t冰箱\t1500元", "\t空调\t1500 元"]


def test_tables_that_lay_out_a_page_are_no_rows() -> None:
    page = "<table><tr><td><table><tr><td>一、甲</td></tr></table></td><td><p>二、乙</p></td></tr></table>"
    assert read(page).text == "一、甲\n二、乙"


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("gb2312", "gb18030"), ("GBK", "gb18030"), ("utf-8", "utf-8"), ("big5", "big5"), ("utf-16", "utf-16")],
)
def test_the_encoding_is_what_the_page_declares(declared: str, encoding: str) -> None:
    words = "一、補貼" if encoding == "big5" else "一、补贴㎡"
    page = f'<html><head><meta http-equiv="Content-Type" content="text/html; charset={declared}"></head><body>{words}</body></html>'
    source = read_source(page.encode(encoding), "a.html")
    assert source.text == words
    assert source.warnings == ()


def test_a_page_that_declares_the_wrong_encoding_is_read_all_the_same() -> None:
    source = read_source('<meta charset="utf-8"><p>一、补贴</p>'.encode("gb18030"), "a.html")
    assert source.text == "一、补贴"
    assert source.warnings == ("a.html：文件不是 UTF-8，已按 GB18030 读取，请核对文字是否正确。",)


_SIGNS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Cn", "Co"))
_LINES = st.lists(st.text(_SIGNS, max_size=60), min_size=1, max_size=12)


def squeezed(text: str) -> str:
    return "".join(tidy(text).split())


@settings(max_examples=300, deadline=None)
@given(
    lines=_LINES, tag=st.sampled_from(["p", "div", "li", "td", "h2", "section", "span", "pre", "blockquote"])
)
def test_no_character_is_lost_from_text_to_page_to_text(lines: list[str], tag: str) -> None:
    """What is no white space comes back in its order, whatever element holds it."""
    text = "一、甲\n" + "\n".join(lines)
    body = "\n".join(f"<{tag}>{html.escape(line)}</{tag}>" for line in text.split("\n"))
    body = f"<table><tr>{body}</tr></table>" if tag == "td" else body
    source = read(f'<!doctype html><html><head><meta charset="utf-8"></head><body>{body}</body></html>')
    aside = "".join(item.text for item in source.furniture)
    if not aside:
        assert squeezed(source.text) == squeezed(text)
    else:  # a line that is the site's own by its words
        assert sorted(squeezed(source.text) + squeezed(aside)) == sorted(squeezed(text))
