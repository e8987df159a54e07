"""One text in six formats gives one tree: the same ids, labels, texts, dates and departments."""

from __future__ import annotations

import html

import pytest
from docx import Document

from knowledge.reading import Kind, SourceText, read_source
from tests.knowledge.reading.conftest import Print
from tests.knowledge.reading.ofd_writer import as_ofd
from tests.knowledge.reading.texts import (
    SEEDS,
    as_docx,
    as_html,
    as_markdown,
    blocks_of,
    saved,
    seed_text,
    tree,
)

OFFICIAL = """@page { size: A4; margin: 37mm 26mm 35mm 28mm } body { margin: 0; font: 16pt/28pt 'Noto Serif CJK SC' }
p { margin: 0; text-indent: 2em; text-align: justify } p.centre { text-indent: 0; text-align: center }
table { border-collapse: collapse; font-size: 12pt } td, th { border: 1px solid black; padding: 2pt }"""
WEB = """@page { size: A4; margin: 15mm } body { font: 14px/1.8 'Noto Sans CJK SC' }
table { border-collapse: collapse } td, th { border: 1px solid #999; padding: 6px }"""
SMALL = """@page { size: A5; margin: 12mm } body { font: 12px/1.5 'Noto Sans CJK SC' }
p { text-indent: 2em; margin: .4em 0 }"""
FRAME = {
    "display_header_footer": True,
    "header_template": "<div style='font-size:9px;width:100%;text-align:center'>重庆市行政规范性文件</div>",
    "footer_template": "<div style='font-size:9px;width:100%;text-align:center'>- <span class=pageNumber></span> -</div>",
}


def check(source: SourceText, document_id: str, kind: Kind) -> None:
    assert source.kind == kind
    assert tree(source.text, document_id) == tree(seed_text(document_id), document_id)


@pytest.mark.parametrize("document_id", SEEDS)
def test_word_gives_the_tree_of_the_plain_text(document_id: str) -> None:
    source = read_source(as_docx(blocks_of(seed_text(document_id))), "通知.docx")
    check(source, document_id, "docx")
    assert source.warnings == ()
    assert [(item.where, item.text) for item in source.furniture] == [
        ("页眉", "重庆市行政规范性文件"),
        ("页脚", "— 1 —"),
    ]


@pytest.mark.parametrize("document_id", SEEDS)
def test_a_page_gives_the_tree_of_the_plain_text(document_id: str) -> None:
    body = as_html(blocks_of(seed_text(document_id)))
    page = f'<!doctype html><html><head><meta charset="gb2312"><title>重庆市发改委</title></head><body>{body}</body></html>'
    source = read_source(page.encode("gb18030"), "通知.html")
    check(source, document_id, "html")
    assert source.warnings == ()


@pytest.mark.parametrize("document_id", SEEDS)
def test_markdown_gives_the_tree_of_the_plain_text(document_id: str) -> None:
    source = read_source(as_markdown(blocks_of(seed_text(document_id))).encode(), "通知.md")
    check(source, document_id, "markdown")


@pytest.mark.parametrize("document_id", SEEDS)
def test_ofd_gives_the_tree_of_the_plain_text(document_id: str) -> None:
    source = read_source(as_ofd(blocks_of(seed_text(document_id)), header="重庆市文件"), "通知.ofd")
    check(source, document_id, "ofd")
    assert [item.text for item in source.furniture] == [
        words for page in range(1, source.pages + 1) for words in ("重庆市文件", f"— {page} —")
    ]


@pytest.mark.browser
@pytest.mark.parametrize("css", ["", OFFICIAL, WEB, SMALL], ids=["plain", "official", "web", "small"])
@pytest.mark.parametrize("document_id", SEEDS)
def test_pdf_gives_the_tree_of_the_plain_text(document_id: str, css: str, print_pdf: Print) -> None:
    source = read_source(print_pdf(as_html(blocks_of(seed_text(document_id))), css), "通知.pdf")
    check(source, document_id, "pdf")
    assert {item.where for item in source.furniture} <= {"跨页重复的表头"}


@pytest.mark.browser
@pytest.mark.parametrize("document_id", SEEDS)
def test_a_pdf_with_headers_and_page_numbers_gives_the_same_tree(document_id: str, print_pdf: Print) -> None:
    margin = {"top": "20mm", "bottom": "20mm", "left": "20mm", "right": "20mm"}
    body = as_html(blocks_of(seed_text(document_id)))
    source = read_source(print_pdf(body, "p { text-indent: 2em }", margin=margin, **FRAME), "通知.pdf")
    check(source, document_id, "pdf")
    frame = [item.text for item in source.furniture if item.where == "页眉页脚"]
    assert frame == [
        words for page in range(1, source.pages + 1) for words in ("重庆市行政规范性文件", f"- {page} -")
    ]


@pytest.mark.parametrize("document_id", SEEDS)
def test_hard_wrapped_lines_pasted_into_word_give_the_same_tree(document_id: str) -> None:
    document = Document()
    for line in seed_text(document_id).split("\n"):
        document.add_paragraph(line)
    check(read_source(saved(document), "通知.docx"), document_id, "docx")


@pytest.mark.parametrize("document_id", SEEDS)
def test_a_preformatted_page_gives_the_same_tree(document_id: str) -> None:
    page = f'<meta charset="utf-8"><pre>{html.escape(seed_text(document_id))}</pre>'
    check(read_source(page.encode(), "通知.htm"), document_id, "html")


@pytest.mark.browser
def test_a_hard_wrapped_text_printed_line_by_line_gives_the_same_tree(print_pdf: Print) -> None:
    lines = "".join(f"<p>{html.escape(line)}</p>" for line in seed_text("cq-2022-11").split("\n"))
    check(read_source(print_pdf(lines), "通知.pdf"), "cq-2022-11", "pdf")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_gives_its_tree_in_every_encoding(encoding: str) -> None:
    source = read_source(seed_text("cq-2022-11").encode(encoding), "通知.txt")
    check(source, "cq-2022-11", "txt")
    assert [warning for warning in source.warnings if "GB18030" not in warning] == []
    assert bool(source.warnings) == (encoding == "gb18030")
