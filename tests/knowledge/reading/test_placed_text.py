"""PDF and OFD: frames of pages, columns, tables over pages, and what must not be taken for them."""

from __future__ import annotations

import pytest

from knowledge.reading import SetAside, read_source
from knowledge.reading.tidying import tidy
from tests.knowledge.reading.conftest import Print
from tests.knowledge.reading.ofd_writer import as_ofd, package
from tests.knowledge.reading.pdf_writer import latin_pages
from tests.knowledge.reading.texts import Table, as_html

A4 = "@page { size: A4; margin: 20mm } body { margin: 0; font: 12pt/1.6 'Noto Serif CJK SC' } p { margin: 0 }"


@pytest.mark.browser
def test_a_paragraph_goes_on_over_lines_and_pages(print_pdf: Print) -> None:
    words = "".join(f"第{at}句话说明绿色消费的一项要求，" for at in range(400)) + "完。"
    body = f"<p style='text-indent:2em'>{words}</p><p style='text-indent:2em'>下一段。</p>"
    source = read_source(print_pdf(body, A4), "a.pdf")
    assert source.pages > 2
    assert source.text == f"{words}\n下一段。"


@pytest.mark.browser
def test_lines_that_repeat_on_every_page_are_text_where_nothing_parts_them_from_it(print_pdf: Print) -> None:
    source = read_source(print_pdf("<p>每页都一样的一行。</p>" * 200, A4), "a.pdf")
    assert source.pages > 3
    assert source.text.split("\n") == ["每页都一样的一行。"] * 200
    assert source.furniture == ()


@pytest.mark.browser
def test_two_columns_are_read_one_after_the_other_and_told(print_pdf: Print) -> None:
    lines = [f"第{at}项要求是节约用水用电用气，反对浪费。" for at in range(100)]
    css = A4 + " div { columns: 2; column-gap: 3em }"
    source = read_source(
        print_pdf("<div>" + "".join(f"<p>{line}</p>" for line in lines) + "</div>", css), "a.pdf"
    )
    assert source.text.split("\n") == lines
    pages = "、".join(str(page) for page in range(1, source.pages + 1))
    assert source.warnings == (f"a.pdf：第{pages}页像是分两栏排的，已按先左后右读取，请核对次序。",)


@pytest.mark.browser
@pytest.mark.parametrize("borders", ["collapse", "separate"])
def test_a_table_over_three_pages_is_one_table(print_pdf: Print, borders: str) -> None:
    rows = [("任务", "", "时限", "部门")] + [
        (f"{'一二三四五六'[at // 20]}、第{at // 20 + 1}组" if at % 20 == 0 else "", f"{at + 1}.落实第{at + 1}项要求，" + "细节" * (at % 9 * 4), f"{2020 + at % 9}年", "市商务委")
        for at in range(120)
    ]  # fmt: skip
    body = "<p>附件</p>" + as_html([Table(tuple(rows))])
    css = (
        A4
        + f" table {{ border-collapse: {borders}; width: 100% }} td, th {{ border: 1px solid; padding: 2pt }}"
    )
    source = read_source(print_pdf(body, css), "a.pdf")
    assert source.pages >= 3
    head, *lines = source.text.split("\n")
    assert head == "附件"
    assert [tuple("".join(cell.split()) for cell in line.split("\t")) for line in lines] == rows
    assert {item.where for item in source.furniture} == {"跨页重复的表头"}


@pytest.mark.browser
def test_a_watermark_is_set_aside(print_pdf: Print) -> None:
    body = "<div style='position:fixed;top:200px;left:100px;transform:rotate(-30deg)'>内部资料</div><p>一、节约用水。</p>"
    source = read_source(print_pdf(body, A4), "a.pdf")
    assert source.text == "一、节约用水。"
    assert source.furniture == (SetAside("斜排文字（水印）", "内部资料"),)


@pytest.mark.browser
def test_a_page_on_its_side_is_read_as_it_is_seen(print_pdf: Print) -> None:
    import io

    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(
        clone_from=PdfReader(io.BytesIO(print_pdf("<p>一、节约用水。</p><p>二、节约用电。</p>", A4)))
    )
    for turn in (90, 180, 270):
        writer.pages[0].rotate(90)
        writer.pages[0].transfer_rotation_to_content()
        writer.pages[0].rotate(-90)
        out = io.BytesIO()
        writer.write(out)
        assert read_source(out.getvalue(), "a.pdf").text.split("\n") == [
            "一、节约用水。",
            "二、节约用电。",
        ], turn


def test_words_between_pages_numbers_and_a_running_head_in_a_pdf() -> None:
    pages = [
        [(200, 810, "Rules of the city"), *[(72, 720 - 16 * row, f"Line {row} of part {page} speaks of saving.") for row in range(12)], (290, 30, str(page))]
        for page in (1, 2, 3)
    ]  # fmt: skip
    source = read_source(latin_pages(pages), "a.pdf")
    assert source.text.split("\n") == [
        f"Line {row} of part {page} speaks of saving." for page in (1, 2, 3) for row in range(12)
    ]
    assert [item.text for item in source.furniture] == [
        words for page in (1, 2, 3) for words in ("Rules of the city", str(page))
    ]


def test_radicals_and_invisible_signs_become_what_they_stand_for() -> None:
    assert tidy("⼀、⻛电\u200b与⻋⽤\ufeff电\r\n⼆、\u2028三") == "一、风电与车用电\n二、\n三"


def test_ofd_places_characters_by_their_steps_and_matrices() -> None:
    def text(words: str, more: str, box: str = "20 40 150 8") -> str:
        return f'<ofd:TextObject ID="1" Boundary="{box}" Font="1" Size="5" {more[1:] if more.startswith("@") else ""}><ofd:TextCode X="0" Y="5" {"" if more.startswith("@") else more}>{words}</ofd:TextCode></ofd:TextObject>'

    page = [
        text("二、乙", 'DeltaX="5 5"', "20 60 150 8"),
        text("一、甲", 'DeltaX="g 2 5"'),
        text("水印", "@CTM='0.7 0.7 -0.7 0.7 0 0'"),
        text("三、大", "@CTM='2 0 0 2 0 0'", "20 80 150 16"),
        text("看不见", "@Visible='false'", "20 90 150 8"),
    ]
    source = read_source(package([page]), "a.ofd")
    assert source.text.split("\n") == ["一、甲", "二、乙", "三、大"]
    assert source.furniture == (SetAside("斜排文字（水印）", "水印"),)


def test_ofd_blocks_in_layers_are_read_and_pictures_alone_are_a_scan() -> None:
    block = '<ofd:PageBlock ID="9"><ofd:TextObject ID="8" Boundary="20 40 100 8" Font="1" Size="5"><ofd:TextCode X="0" Y="5" DeltaX="g 2 5">一、甲</ofd:TextCode></ofd:TextObject></ofd:PageBlock>'
    assert read_source(package([[block]]), "a.ofd").text == "一、甲"
    with pytest.raises(Exception, match="这是扫描件"):
        read_source(package([['<ofd:ImageObject ID="7" Boundary="0 0 210 297" ResourceID="3"/>']]), "a.ofd")


def test_a_row_that_a_page_cuts_in_an_ofd_stays_one_row_a_line() -> None:
    rows = (("任务", "", "时限", "部门"), *((f"{'一二三'[at // 10]}、组" if at % 10 == 0 else "", f"{at + 1}.落实要求" + "细" * 30, "2026年", "市商务委") for at in range(30)))  # fmt: skip
    source = read_source(as_ofd(["附件", Table(rows)]), "a.ofd")
    assert source.pages > 1
    assert [
        tuple("".join(cell.split()) for cell in line.split("\t")) for line in source.text.split("\n")[1:]
    ] == list(rows)
