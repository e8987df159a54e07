"""Word files: the text as Word shows it, with the numbers that it counts itself."""

from __future__ import annotations

import io

import pytest
from docx import Document

from knowledge.parsing import parse
from knowledge.reading import SetAside, SourceText, read_source
from knowledge.reading.numbers import written
from tests.knowledge.reading.packages import W, docx_of, p
from tests.knowledge.reading.texts import element, saved


def read(body: str, **parts: str) -> SourceText:
    return read_source(docx_of(body, parts), "通知.docx")


def level(depth: int, style: str, text: str, more: str = "") -> str:
    return f'<w:lvl w:ilvl="{depth}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>{more}<w:lvlText w:val="{text}"/></w:lvl>'


def numbered(words: str, depth: int = 0, number: int = 1) -> str:
    return p(words, properties=f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="{number}"/></w:numPr>')


PLAN = (
    f'<w:numbering {W}><w:abstractNum w:abstractNumId="0">'
    + level(0, "chineseCounting", "%1、", '<w:suff w:val="nothing"/>')
    + level(1, "chineseCountingThousand", "（%2）")
    + level(2, "decimal", "%3.")
    + '</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
    + '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="2"><w:startOverride w:val="5"/></w:lvlOverride></w:num>'
    + "</w:numbering>"
)


def test_numbers_that_word_counts_come_out_as_text() -> None:
    body = (
        p("方案")
        + numbered("总体要求")
        + numbered("目标。到2025年。", 1)
        + numbered("原则。", 1)
        + numbered("主要任务")
        + numbered("家电。", 1)
        + numbered("甲。", 2)
        + numbered("乙。", 2)
        + numbered("汽车。", 1)
        + numbered("丙。", 2)
        + numbered("丁。", 2, number=2)
    )
    source = read(body, numbering=PLAN)
    assert source.text.split("\n") == [
        "方案",
        "一、总体要求",
        "（一） 目标。到2025年。",
        "（二） 原则。",
        "二、主要任务",
        "（一） 家电。",
        "1. 甲。",
        "2. 乙。",
        "（二） 汽车。",
        "1. 丙。",
        "5. 丁。",
    ]
    assert [clause.path for clause in parse(source.text, "d").clauses] == [
        "title", "1", "1.1", "1.2", "2", "2.1", "2.1.1", "2.1.2", "2.2", "2.2.1", "2.2.5",
    ]  # fmt: skip


def test_numbers_of_a_style_and_of_the_style_it_is_based_on_come_out() -> None:
    numbering = (
        f'<w:numbering {W}><w:abstractNum w:abstractNumId="7">'
        '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="chineseCounting"/><w:pStyle w:val="Article"/>'
        '<w:lvlText w:val="第%1条"/></w:lvl></w:abstractNum><w:num w:numId="3"><w:abstractNumId w:val="7"/></w:num></w:numbering>'
    )
    styles = (
        f'<w:styles {W}><w:style w:styleId="Article"><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr></w:pPr></w:style>'
        '<w:style w:styleId="Special"><w:basedOn w:val="Article"/></w:style></w:styles>'
    )
    body = "".join(
        p(f"内容{at}。", properties=f'<w:pStyle w:val="{style}"/>')
        for at, style in enumerate(["Article", "Special"])
    )
    none = p("没有编号。", properties='<w:pStyle w:val="Article"/><w:numPr><w:numId w:val="0"/></w:numPr>')
    source = read(body + none, numbering=numbering, styles=styles)
    assert source.text == "第一条 内容0。\n第二条 内容1。\n没有编号。"


def test_lists_of_python_docx_come_out_numbered() -> None:
    document = Document()
    for words in ("甲", "乙"):
        document.add_paragraph(words, style="List Number")
    document.add_paragraph("丙", style="List Bullet")
    assert read_source(saved(document), "a.docx").text == "1. 甲\n2. 乙\n丙"


@pytest.mark.parametrize(
    ("number", "style", "text"),
    [
        (12, "chineseCounting", "十二"),
        (105, "chineseCountingThousand", "一百零五"),
        (3, "chineseLegalSimplified", "叁"),
        (20, "ideographDigital", "二〇"),
        (3, "decimalFullWidth", "３"),
        (7, "decimalZero", "07"),
        (2, "decimalEnclosedCircle", "②"),
        (28, "lowerLetter", "bb"),
        (4, "upperRoman", "IV"),
        (3, "ideographTraditional", "丙"),
        (2, "ideographZodiac", "丑"),
        (5, "bullet", ""),
        (5, "some new format", "5"),
    ],
)
def test_numbers_are_written_as_word_writes_them(number: int, style: str, text: str) -> None:
    assert written(number, style) == text


def test_tracked_changes_are_read_as_accepted() -> None:
    body = (
        p(
            "补贴",
            '<w:del w:id="1"><w:r><w:delText>500</w:delText></w:r></w:del>',
            '<w:ins w:id="2"><w:r><w:t>800</w:t></w:r></w:ins>',
            "元。",
        )
        + p("前半句", properties='<w:rPr><w:del w:id="3"/></w:rPr>')
        + p("后半句。")
        + '<w:p><w:pPr><w:rPr><w:del w:id="4"/></w:rPr></w:pPr><w:del w:id="5"><w:r><w:delText>整段删去。</w:delText></w:r></w:del></w:p>'
        + '<w:tbl><w:tr><w:tc><w:p/></w:tc><w:trPr><w:del w:id="6"/></w:trPr></w:tr></w:tbl>'
        + p(
            '<w:moveFrom w:id="7"><w:r><w:t>搬走</w:t></w:r></w:moveFrom>',
            '<w:moveTo w:id="8"><w:r><w:t>搬来。</w:t></w:r></w:moveTo>',
        )
    )
    source = read(body)
    assert source.text == "补贴800元。\n前半句后半句。\n搬来。"
    assert source.warnings == ("通知.docx：文件里有6处修订痕迹，已按“接受全部修订”读取，请核对是否为定稿。",)


def test_headers_notes_and_hidden_words_are_set_aside() -> None:
    body = p(
        "一、甲",
        '<w:r><w:footnoteReference w:id="2"/></w:r>',
        "<w:r><w:rPr><w:vanish/></w:rPr><w:t>秘密</w:t></w:r>",
        "。",
    )
    source = read(
        body,
        header=f"<w:hdr {W}>{p('市发展改革委')}</w:hdr>",
        footer=f"<w:ftr {W}>{p('第1页')}</w:ftr>",
        footnotes=f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0">{p("-")}</w:footnote>'
        f'<w:footnote w:id="2">{p("见附件。")}</w:footnote></w:footnotes>',
        comments=f"<w:comments {W}/>",
    )
    assert source.text == "一、甲。"
    assert source.furniture == (
        SetAside("隐藏文字", "秘密"),
        SetAside("页眉", "市发展改革委"),
        SetAside("页脚", "第1页"),
        SetAside("脚注", "见附件。"),
    )
    assert source.warnings == ("通知.docx：文件里有批注，批注没有读入。",)


def test_fields_show_their_results_and_contents_are_set_aside() -> None:
    field = (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DATE</w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>2026年1月5日</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )
    contents = p("一、甲", "<w:r><w:tab/></w:r>", "3", properties='<w:pStyle w:val="TOC1"/>')
    source = read(contents + p("印发日期：", field))
    assert source.text == "印发日期：2026年1月5日"
    assert source.furniture == (SetAside("目录", "一、甲 3"),)


def test_a_text_box_stands_behind_its_paragraph_once() -> None:
    box = f"<w:txbxContent>{p('框里的话。')}</w:txbxContent>"
    drawing = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        f'<mc:Choice Requires="wps"><w:drawing><wps:txbx xmlns:wps="urn:wps">{box}</wps:txbx></w:drawing></mc:Choice>'
        f'<mc:Fallback><w:pict><v:textbox xmlns:v="urn:v">{box}</v:textbox></w:pict></mc:Fallback>'
        "</mc:AlternateContent></w:r>"
    )
    assert read(p("一、甲", drawing) + p("二、乙")).text == "一、甲\n框里的话。\n二、乙"


def test_breaks_tabs_hyphens_and_symbols_are_kept() -> None:
    body = p(
        "甲", "<w:r><w:br/></w:r>", "乙", "<w:r><w:tab/></w:r>", "丙", "<w:r><w:noBreakHyphen/></w:r>", "丁",
        '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>', '<w:r><w:sym w:font="Custom" w:char="F123"/></w:r>',
    )  # fmt: skip
    source = read(body)
    assert source.text == "甲\n乙\t丙-丁√□"
    assert source.warnings == ("通知.docx：有1个特殊符号只有原字体能显示，暂写作“□”，请核对。",)


def test_cells_that_are_spanned_are_empty_and_cells_are_one_line() -> None:
    document = Document()
    table = document.add_table(rows=3, cols=3)
    for at, row in enumerate(
        [("任务", "", "部门"), ("一、家电", "1.补贴", "市商务委"), ("", "2.回收", "市城管局")]
    ):
        for column, words in enumerate(row):
            table.cell(at, column).text = words
    table.cell(0, 0).merge(table.cell(0, 1))
    table.cell(1, 0).merge(table.cell(2, 0))
    table.cell(1, 2).text = "市商务委\n市财政局"
    assert read_source(saved(document), "a.docx").text.split("\n") == [
        "任务\t\t部门",
        "一、家电\t1.补贴\t市商务委 市财政局",
        "\t2.回收\t市城管局",
    ]


def test_a_table_inside_a_cell_keeps_its_rows() -> None:
    inner = f"<w:tbl><w:tr><w:tc>{p('甲')}</w:tc><w:tc>{p('乙')}</w:tc></w:tr></w:tbl>"
    body = f"<w:tbl><w:tr><w:tc>{p('外')}{inner}{p('')}</w:tc><w:tc>{p('旁')}</w:tc></w:tr></w:tbl>"
    assert read(body).text == "外\t旁\n甲\t乙"


def test_content_controls_and_strict_files_are_read() -> None:
    body = f"<w:sdt><w:sdtContent>{p('一、甲')}</w:sdtContent></w:sdt>"
    strict = docx_of(
        "",
        raw=f'<w:document xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"><w:body>{body}</w:body></w:document>',
    )
    assert read_source(strict, "a.docx").text == "一、甲"


def test_a_file_of_pictures_says_so() -> None:
    body = p('<w:r><w:drawing><pic xmlns="urn:pic"/></w:drawing></w:r>')
    with pytest.raises(Exception, match="只有图片，没有文字"):
        read(body)


def test_a_document_of_python_docx_with_a_numbering_part_of_its_own() -> None:
    document = Document()
    numbering = document.part.numbering_part.element
    numbering.insert(
        0,
        element(
            "abstractNum",
            element(
                "lvl",
                element("start", val=1),
                element("numFmt", val="chineseCounting"),
                element("lvlText", val="第%1条"),
                ilvl=0,
            ),
            abstractNumId=90,
        ),
    )
    numbering.append(element("num", element("abstractNumId", val=90), numId=91))
    for words in ("为了节约，制定本办法。", "本办法自公布之日起施行。"):
        paragraph = document.add_paragraph(words)
        paragraph._p.get_or_add_pPr().append(
            element("numPr", element("ilvl", val=0), element("numId", val=91))
        )
    out = io.BytesIO()
    document.save(out)
    clauses = parse(read_source(out.getvalue(), "a.docx").text, "d").clauses
    assert [(clause.path, clause.text) for clause in clauses] == [
        ("1", "第一条为了节约，制定本办法。"),
        ("2", "第二条本办法自公布之日起施行。"),
    ]
