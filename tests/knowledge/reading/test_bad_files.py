"""Files that are broken, hostile or something else: each is refused by name, with the remedy, in good time."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript

from knowledge.errors import UnreadableDocument
from knowledge.reading import Limits, read_file, read_pasted, read_source
from tests.knowledge.reading.ofd_writer import as_ofd
from tests.knowledge.reading.packages import W, bomb, docx_of, ole_of, p, zip_of
from tests.knowledge.reading.pdf_writer import latin_pages, page_tree, pdf_of
from tests.knowledge.reading.texts import as_docx

MEBI = 2**20
GOOD_PDF = latin_pages([[(72, 720, "Article 1 of the rules"), (72, 700, "Article 2 of the rules")]])
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


def picture(kind: str) -> bytes:
    out = io.BytesIO()
    Image.new("L", (400, 560), 200).save(out, kind)
    return out.getvalue()


def locked(password: str, owner: str | None = None) -> bytes:
    writer = PdfWriter(clone_from=io.BytesIO(GOOD_PDF))
    writer.encrypt(password, owner_password=owner)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_entity(entity: str, encoding: str = "utf-8") -> bytes:
    text = f'<?xml version="1.0" encoding="{encoding}"?>{entity}<w:document {W}><w:body>{p("&b;")}</w:body></w:document>'
    return docx_of("", raw=text.encode(encoding))


BAD: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "nothing": (lambda: b"", "a.pdf", "文件是空的"),
    "blanks": (lambda: b" \n\t ", "a.txt", "文件是空的"),
    "a picture": (lambda: picture("PNG"), "a.png", "这是图片"),
    "a photo called PDF": (lambda: picture("JPEG"), "a.pdf", "这是图片"),
    "a scan": (lambda: picture("PDF"), "a.pdf", "这是扫描件"),
    "a PDF without words": (lambda: latin_pages([[]]), "a.pdf", "页面上没有文字"),
    "a locked PDF": (lambda: locked("geheim"), "a.pdf", "设了打开密码"),
    "a PDF cut off": (lambda: GOOD_PDF[: len(GOOD_PDF) // 3], "a.pdf", "PDF 打不开"),
    "a page tree in a circle": (lambda: page_tree(b"2 0 R", 3), "a.pdf", "页面读不出来"),
    "a million pages claimed": (lambda: page_tree(b"3 0 R", 1_000_000), "a.pdf", "超过 3000 页的上限"),
    "two thousand pages claimed": (lambda: page_tree(b"3 0 R", 2000), "a.pdf", "页面读不出来"),
    "brackets without end": (lambda: page_tree(b"[" * 50_000 + b"]" * 50_000, 1), "a.pdf", "页面读不出来"),
    "a PDF without a catalog": (lambda: pdf_of({1: b"<< /Type /Nothing >>"}), "a.pdf", "PDF 打不开"),
    "a locked Word file": (lambda: ole_of("EncryptionInfo", "EncryptedPackage"), "a.docx", "设了打开密码"),
    "old Word": (lambda: ole_of("WordDocument", "1Table"), "a.doc", "另存为 .docx"),
    "old WPS": (lambda: ole_of("WordDocument", "WpsCustomData"), "a.wps", "另存为 .docx"),
    "an old sheet": (lambda: ole_of("Workbook"), "a.xls", "电子表格"),
    "an old show": (lambda: ole_of("PowerPoint Document"), "a.ppt", "演示文稿"),
    "other old office files": (lambda: ole_of("Contents"), "a.et", "旧版办公软件"),
    "a new sheet": (lambda: zip_of({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<w/>"}), "a.xlsx", "电子表格"),
    "an archive": (lambda: zip_of({"通知.txt": "一、甲"}), "a.zip", "这是压缩包"),
    "an OpenDocument": (lambda: zip_of({"content.xml": "<x/>"}), "a.odt", "OpenDocument"),
    "RTF": (lambda: b"{\\rtf1 text}", "a.doc", "RTF"),
    "a page in one file": (lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "a.mht", "单文件网页"),
    "Word 2003 XML": (lambda: b'<?xml version="1.0"?><w:wordDocument xmlns:w="x">', "a.xml", "XML 格式的 Word"),
    "a Word file cut off": (lambda: as_docx(["一、甲"])[:9000], "a.docx", "不完整或已损坏"),
    "a Word file without its text": (
        lambda: zip_of({"[Content_Types].xml": "wordprocessingml.document.main"}),
        "a.docx",
        "缺少必要的部分",
    ),
    "an empty Word file": (lambda: docx_of(p("")), "a.docx", "没有读到任何文字"),
    "broken XML": (lambda: docx_of("<w:p>"), "a.docx", "已损坏"),
    "XML a thousand deep": (
        lambda: docx_of("<w:sdt><w:sdtContent>" * 1000 + p("甲") + "</w:sdtContent></w:sdt>" * 1000),
        "a.docx",
        "嵌套过深",
    ),
    "an entity bomb": (lambda: with_entity(LAUGHS), "a.docx", "定义了 XML 实体"),
    "an entity bomb in UTF-16": (lambda: with_entity(LAUGHS, "utf-16"), "a.docx", "定义了 XML 实体"),
    "an external entity": (
        lambda: with_entity('<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'),
        "a.docx",
        "定义了 XML 实体",
    ),
    "a zip bomb": (lambda: bomb("word/document.xml", 80), "a.docx", "大得不合常理"),
    "a zip bomb beside the text": (lambda: bomb("word/media/image1.png", 80), "a.docx", "大得不合常理"),
    "an OFD cut off": (lambda: as_ofd(["一、甲"])[:-40], "a.ofd", "不完整或已损坏"),
    "an OFD without pages": (
        lambda: zip_of({"OFD.xml": "<OFD><DocBody><DocRoot>D.xml</DocRoot></DocBody></OFD>", "D.xml": "<Document/>"}),
        "a.ofd",
        "缺少必要的部分",
    ),
    "an OFD with entities": (lambda: zip_of({"OFD.xml": LAUGHS + "<OFD>&b;</OFD>"}), "a.ofd", "定义了 XML 实体"),
    "a page filled in by a script": (
        lambda: b"<!doctype html><body><div id=app></div><script>load()</script>",
        "a.html",
        "打开后才载入",
    ),
    "a page without words": (lambda: b"<!doctype html><body><p></p>", "a.html", "网页里没有文字"),
    "a page too deep": (lambda: b"<!doctype html>" + b"<div>" * 5000 + "一、甲".encode(), "a.html", "嵌套过深"),
}  # fmt: skip


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_policy_text_is_refused_by_name_with_the_remedy(what: str) -> None:
    make, name, reason = BAD[what]
    with pytest.raises(UnreadableDocument, match=reason) as caught:
        read_source(make(), name)
    assert str(caught.value).startswith(f"{name}：")
    assert "请" in str(caught.value)


def test_a_file_of_200_megabytes_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.pdf"
    with path.open("wb") as stream:
        os.truncate(stream.fileno(), 200 * MEBI)
    with pytest.raises(UnreadableDocument, match="文件有 200 MB，超过 64 MB 的上限"):
        read_file(path)
    with pytest.raises(UnreadableDocument, match="超过 1 MB 的上限"):
        read_source(b"a" * (MEBI + 1), "a.txt", limits=Limits(file_bytes=MEBI))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match=r"none\.docx：打不开"):
        read_file(tmp_path / "none.docx")


def test_what_a_package_unpacks_to_is_limited_while_it_is_unpacked() -> None:
    data = docx_of(p("一、甲") * 40_000)
    with pytest.raises(UnreadableDocument, match="大得不合常理"):
        read_source(data, "a.docx", limits=Limits(unpacked_bytes=MEBI))
    assert read_source(data, "a.docx").text.count("一、甲") == 40_000


def test_a_text_longer_than_the_limit_is_refused() -> None:
    with pytest.raises(UnreadableDocument, match="超过 100 字的上限"):
        read_source(docx_of(p("甲" * 101)), "a.docx", limits=Limits(text_chars=100))
    with pytest.raises(UnreadableDocument, match="超过 100 字的上限"):
        read_pasted("甲" * 101, limits=Limits(text_chars=100))


def test_a_pdf_with_scripts_is_read_and_the_scripts_are_told() -> None:
    writer = PdfWriter(clone_from=io.BytesIO(GOOD_PDF))
    writer.add_open_action(JavaScript("app.alert(1)"))
    out = io.BytesIO()
    writer.write(out)
    for data in (
        out.getvalue(),
        page_tree(b"3 0 R", 1, {6: b"<< /S /JavaScript /JS (x) >>"}, b"/OpenAction 6 0 R"),
    ):
        source = read_source(data, "a.pdf")
        assert "Article 1 of the rules" in source.text
        assert source.warnings == ("a.pdf：这份 PDF 带有脚本，没有运行。",)


def test_a_pdf_that_only_its_owner_may_change_is_read() -> None:
    assert read_source(locked("", "owner"), "a.pdf").text.startswith("Article 1 of the rules")
    assert len(PdfReader(io.BytesIO(locked("", "owner"))).pages) == 1


def test_pages_that_are_broken_among_good_ones_are_named() -> None:
    source = read_source(page_tree(b"3 0 R 2 0 R", 3), "a.pdf")
    assert source.text == "Article 1 of the rules"
    assert source.warnings == ("a.pdf：第2、3页已损坏，没有读入。请重新下载，或补上这几页的内容。",)


@pytest.mark.parametrize(
    ("data", "name", "kind", "words"),
    [
        (GOOD_PDF, "a.docx", "pdf", "PDF"),
        (docx_of(p("一、甲")), "a.pdf", "docx", "Word 文档"),
        ("<html><body><p>一、甲</p></body></html>".encode(), "a.doc", "html", "网页"),
        ("一、甲\n".encode(), "a.docx", "txt", "纯文本"),
        (as_ofd(["一、甲"]), "a.pdf", "ofd", "OFD"),
    ],
)
def test_a_wrong_extension_is_told_and_does_not_matter(data: bytes, name: str, kind: str, words: str) -> None:
    source = read_source(data, name)
    assert source.kind == kind
    assert source.warnings == (f"{name}：扩展名与内容不符，内容其实是 {words}，已按 {words} 读取。",)


def test_a_text_cut_within_a_character_is_read_and_told() -> None:
    whole = "一、节约用水。\n二、节约用电。"
    for encoding, cut in (("utf-8", 1), ("utf-8", 2), ("gb18030", 1)):
        source = read_source(whole.encode(encoding)[:-cut], "a.txt")
        assert source.text == whole[:-1]
        assert any("文件末尾缺了几个字节" in warning for warning in source.warnings)
    source = read_source(whole.encode("utf-16")[:-1], "a.txt")
    assert source.text == whole[:-1]


def test_macros_are_neither_run_nor_hidden() -> None:
    data = zip_of(
        {
            "[Content_Types].xml": "<Types/>",
            "word/document.xml": f"<w:document {W}><w:body>{p('一、甲')}</w:body></w:document>",
            "word/vbaProject.bin": b"\xd0\xcf\x11\xe0",
        }
    )
    assert read_source(data, "a.docm").warnings == ("a.docm：文件里有宏，没有运行，也没有读入。",)
